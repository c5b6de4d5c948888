"""What a file holds, counted again: what its rows say, and what had got lost of it before there were rows."""

from __future__ import annotations

import zipfile
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from tests.books import DAY, write_xlsx
from workbooks.reading.arrived import lying_in, unread
from workbooks.reading.cells import read_sheets
from workbooks.reading.files import Input, Parts, read_file
from workbooks.reading.problems import Problem
from workbooks.reading.recognise import Recogniser
from workbooks.reading.recount import LINE, NOT_COUNTED, NOTHING, SOMETHING, Counted, recount
from workbooks.reading.recount_cells import cells_differ, passed_over
from workbooks.schema import LIMITS
from workbooks.team import TeamFile

HEAD = "订单号 | 合作商编码 | 产品编码 | 数量 | 单价 | 金额 | 区域"


def parts_of(folder: Path, *rows: str, head: str = HEAD) -> Parts:
    """Return what an order file of such rows gave."""
    path = folder / "华东.xlsx"
    write_xlsx(path, {"Sheet1": "\n".join([head, *rows])})
    return read_file(TeamFile(path, path.name, "orders"), Recogniser({}))


def counted(folder: Path, *rows: str, head: str = HEAD) -> Counted:
    """Return the second count of a sheet of which all is well."""
    again = parts_of(folder, *rows, head=head).recount
    assert again.differs == ()
    [sheet] = again.sheets
    return sheet


@pytest.mark.parametrize(
    ("row", "says"),
    [
        ("A1 | C1 | P1 | 2 | 5 | 10 | 东区", LINE),
        ("A1 | C1 | P1 |   |   |    |", LINE),
        ("   |    |    | 2 |   |    |", LINE),  # whatever it is: it is not to go without a word
        ("   | C1 | 合计 | 2 |   | 10 |", SOMETHING),
        ("合 计 |  |    | 2 |   | 10 |", SOMETHING),
        ("合计包装 | C1 | P1 | 2 | 5 | 10 |", LINE),  # an order that is called so
        (HEAD, NOTHING),
        ("   |    |    | 0 |   | 0.00 |", NOTHING),
        ("␣  |    |    |   |   |    |", NOTHING),
        ("   |    |    | #N/A |  |  |", LINE),
    ],
)
def test_what_a_row_says(tmp_path: Path, row: str, says: int) -> None:
    sheet = counted(tmp_path, "A0 | C1 | P1 | 1 | 5 | 5 | 东区", row, "A9 | C1 | P1 | 1 | 5 | 5 | 东区")
    assert sheet.says.tolist() == [LINE, says, LINE]
    assert (sheet.source_file, sheet.source_sheet, sheet.first, sheet.stem) == ("华东.xlsx", "Sheet1", 2, "华东")


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("12", 12), ("12.50", 12.5), ("-3", -3), ("1,234.5", 1234.5), ("1 234", 1234), ("￥12.5", 12.5), ("１２", 12),
        ("12盒", 12), ("1.5E3", 1500), ("0", 0), ("", None), ("无", None), ("9999999999999", None),
    ],
)  # fmt: skip
def test_the_first_number_in_a_text(tmp_path: Path, text: str, number: float | None) -> None:
    sheet = counted(tmp_path, f"A1 | C1 | P1 | {text} | 5 | 10 | 东区", "A1 | C1 | P1 | 1 | 1 | 1 | 东区")
    np.testing.assert_equal(sheet.numbers["quantity"][0], np.nan if number is None else number)


def test_names_as_they_stand_and_what_is_broken(tmp_path: Path) -> None:
    rows = [
        "A1 | C1 | 00123 | 2 | 5 | 10 | 东区",
        "Ａ2 | C1 | P1 | #REF! | 5 | 10 |",
        "A3 | C1 | P1 | 1 | #N/A | 1 | 西区",
    ]
    sheet = counted(tmp_path, *rows)
    told = {name: column.to_pylist() for name, column in sheet.names.items()}
    assert told["product_code"] == ["00123", "P1", "P1"]
    assert told["order_no"] == ["A1", "", "A3"]  # one that may be kept in another spelling is not told
    assert told["region"] == ["东区", None, "西区"]
    assert sheet.broken.tolist() == [False, True, True]


def test_headings_of_a_teams_own_are_found_again_below_a_title(tmp_path: Path) -> None:
    rows = ["", HEAD, "A1 | C1 | P1 | 2 | 5 | 10 | 东区"]
    sheet = counted(tmp_path, *rows, head="十一月 订单")
    assert (sheet.first, sheet.says.tolist()) == (4, [LINE])


def test_headings_that_are_not_found_again_are_told(tmp_path: Path) -> None:
    path = tmp_path / "华东.xlsx"
    write_xlsx(path, {"Sheet1": f"{HEAD}\nA1 | C1 | P1 | 2 | 5 | 10 | 东区"})
    parts = read_file(TeamFile(path, path.name, "orders"), Recogniser({}))
    content = path.read_bytes()
    sheets = read_sheets(content, ".xlsx")
    [(_, rows)] = parts.rows
    lost = [replace(sheets[0], cells=sheets[0].cells.slice(1))]
    again = recount(path.name, content, LIMITS, lost, [rows])
    assert again.sheets == ()
    assert [(one.what, one.source_sheet) for one in again.differs] == [("headings", "Sheet1"), ("cells", "Sheet1")]


class TestCells:
    def test_a_sheet_and_cells_that_were_not_read(self, tmp_path: Path) -> None:
        path = tmp_path / "东.xlsx"
        write_xlsx(path, {"一": f"{HEAD}\nA1 | C1 | P1 | 2 | 5 | 10 | 东区", "二": "甲\n乙"})
        content = path.read_bytes()
        sheets = read_sheets(content, ".xlsx")
        assert cells_differ("东.xlsx", content, LIMITS, sheets) == []
        [sheet] = cells_differ("东.xlsx", content, LIMITS, sheets[:1])
        assert (sheet.what, sheet.counted, sheet.found) == ("sheets", 2, 1)
        short = replace(sheets[0], cells=sheets[0].cells.slice(0, 1))
        [cells] = cells_differ("东.xlsx", content, LIMITS, [short, sheets[1]])
        assert (cells.source_sheet, cells.what, cells.counted, cells.found) == ("一", "cells", 14, 7)

    @pytest.mark.parametrize(
        ("cell", "filled"),
        [
            ('<c r="A1"><v>1</v></c>', 1),
            ('<c r="A1"/>', 0),
            ('<c r="A1"><v> </v></c>', 0),
            ('<c r="A1" t="inlineStr"><is><t>v</t><rPh sb="0" eb="1"><t>x</t></rPh></is></c>', 1),
            ('<c r="A1" t="inlineStr"><is><t> </t></is></c>', 0),
            ('<c r="A1"><f>1</f></c>', 0),
            ('<!-- <v>1</v> --><c r="A1"><v>vv</v></c>', 1),
        ],
    )
    def test_cells_one_by_one(self, tmp_path: Path, cell: str, filled: int) -> None:
        path = tmp_path / "东.xlsx"
        write_xlsx(path, {"一": "甲"})
        with zipfile.ZipFile(path) as package:
            parts = {name: package.read(name) for name in package.namelist()}
        name = "xl/worksheets/sheet1.xml"
        head, _, rest = parts[name].partition(b"<sheetData>")
        parts[name] = (
            head + f'<sheetData><row r="1">{cell}</row></sheetData>'.encode() + rest.partition(b"</sheetData>")[2]
        )
        with zipfile.ZipFile(path, "w") as package:
            for part, content in parts.items():
                package.writestr(part, content)
        [sheet] = read_sheets(path.read_bytes(), ".xlsx")
        empty = replace(sheet, held=99, cells=sheet.cells.slice(0, 0), errors={})
        found = cells_differ("东.xlsx", path.read_bytes(), LIMITS, [empty])
        assert [(one.what, one.counted, one.found) for one in found] == ([("cells", 1, 0)] if filled else [])

    def test_lines_of_a_text(self) -> None:
        content = "订单号,数量\nA1,1\nA2,2\n".encode()
        sheets = read_sheets(content, ".csv")
        assert cells_differ("东.csv", content, LIMITS, sheets) == []
        short = [replace(sheets[0], cells=sheets[0].cells.slice(1))]
        [lines] = cells_differ("东.csv", content, LIMITS, short)
        assert (lines.what, lines.counted, lines.found) == ("cells", 3, 2)
        assert cells_differ("东.csv", b'"' + content, LIMITS, short) == []  # a record may be several lines

    def test_a_sheet_that_nobody_tells_of(self, tmp_path: Path) -> None:
        path = tmp_path / "东.xlsx"
        write_xlsx(path, {"一": "甲\n乙", "二": "甲"})
        sheets = read_sheets(path.read_bytes(), ".xlsx")
        [one] = passed_over("东.xlsx", sheets, {"二"})
        assert (one.source_sheet, one.what, one.counted) == ("一", "sheet", 2)


class TestArrived:
    def test_files_that_were_neither_read_nor_told_of(self, tmp_path: Path) -> None:
        inbox = tmp_path / "区域订单" / f"{DAY}"
        for name in ("一.csv", "二.csv", "下/三.csv", ".hidden"):
            (inbox / name).parent.mkdir(parents=True, exist_ok=True)
            (inbox / name).write_bytes(b"12345")
        (tmp_path / "库存").mkdir()
        (tmp_path / "库存" / "表.csv").write_bytes(b"123")
        lying = lying_in(tmp_path, DAY)
        assert sorted(lying) == ["一.csv", "下/三.csv", "二.csv", "库存/表.csv"]
        read = [Input("一.csv", "orders", 5, "", ()), Input("库存/表.csv", "reference", 2, "", ())]
        again = unread(lying, read, [Problem("locked", "二.csv")])
        assert [(one.source_file, one.what, one.counted, one.found) for one in again.differs] == [
            ("下/三.csv", "file", 1, 0), ("库存/表.csv", "bytes", 3, 2),
        ]  # fmt: skip

    def test_a_file_that_has_changed_since_is_not_held_against_its_size(self, tmp_path: Path) -> None:
        inbox = tmp_path / "区域订单" / f"{DAY}"
        inbox.mkdir(parents=True)
        (inbox / "一.csv").write_bytes(b"12345")
        lying = lying_in(tmp_path, DAY)
        (inbox / "一.csv").write_bytes(b"123456")
        assert unread(lying, [Input("一.csv", "orders", 6, "", ())], []).differs == ()


def test_those_of_several_days_are_named_by_their_folder(tmp_path: Path) -> None:
    again = parts_of(tmp_path, "A1 | C1 | P1 | 2 | 5 | 10 | 东区").recount.below("2026-11-20")
    assert [one.source_file for one in again.sheets] == ["2026-11-20/华东.xlsx"]
    assert NOT_COUNTED.below("x") == NOT_COUNTED
