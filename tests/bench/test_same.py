"""Two runs compared: what is equal says nothing, and every kind of difference is named with file, sheet and cell."""

import json
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from openpyxl.comments import Comment
from openpyxl.styles import Font, PatternFill
from openpyxl.worksheet.datavalidation import DataValidation

from tests.bench.same import differences, main


def book(path: Path, edit: Callable[[Any], object] = lambda _: None) -> Path:
    """Write a small styled workbook, edited."""
    made = openpyxl.Workbook()
    sheet = made.active
    sheet.title = "订单"
    sheet.append(["订单号", "数量"])
    sheet.append(["00123", 3])
    sheet["B2"].number_format = "0.00"
    sheet["A2"].hyperlink = "a.xlsx"
    sheet.column_dimensions["A"].width = 20
    edit(sheet)
    path.parent.mkdir(parents=True, exist_ok=True)
    made.save(path)
    return path


def test_the_same_cells_packed_otherwise_are_the_same(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    one = book(tmp_path / "a" / "x.xlsx")
    (tmp_path / "b").mkdir()
    with zipfile.ZipFile(one) as source, zipfile.ZipFile(tmp_path / "b" / "x.xlsx", "w") as target:
        for name in reversed(source.namelist()):
            target.writestr(name, source.read(name).replace(b"<v>3</v>", b"<v>3.0</v>"))
    assert main(tmp_path / "a", tmp_path / "b") == 0
    assert capsys.readouterr().out == "the same: 1 files\n"


@pytest.mark.parametrize(
    ("edit", "told"),
    [
        (lambda sheet: sheet.cell(2, 2, 4), "订单 B2 value: 3 became 4"),
        (lambda sheet: sheet.cell(2, 2, "3"), "订单 B2 value: 3 became '3'"),
        (lambda sheet: setattr(sheet["B2"], "number_format", "0"), "订单 B2 number_format: '0.00' became '0'"),
        (lambda sheet: setattr(sheet["B2"], "font", Font(bold=True)), "订单 B2 font: "),
        (lambda sheet: setattr(sheet["B2"], "fill", PatternFill("solid", "FF0000")), "订单 B2 fill: "),
        (lambda sheet: setattr(sheet["B2"], "comment", Comment("?", "me")), "订单 B2 comment: '' became '?'"),
        (lambda sheet: setattr(sheet["A2"], "hyperlink", "b.xlsx"), "订单 A2 link: 'a.xlsx#' became 'b.xlsx#'"),
        (lambda sheet: sheet.cell(3, 1, "00124"), "订单 A3: None became Cell(value='00124'"),
        (lambda sheet: setattr(sheet.column_dimensions["A"], "width", 21), "订单 widths A: (20.0, False) became (21.0"),
        (lambda sheet: setattr(sheet.row_dimensions[2], "height", 30), "订单 heights 2: "),
        (lambda sheet: sheet.add_data_validation(DataValidation("list", "a,b", sqref="B2")), "订单 validations B2: "),
        (lambda sheet: sheet.merge_cells("A4:B4"), "订单 merged: [] became ['A4:B4']"),
        (lambda sheet: setattr(sheet, "freeze_panes", "A2"), "订单 panes: None became 'A2'"),
        (lambda sheet: setattr(sheet.auto_filter, "ref", "A1:B2"), "订单 filter: None became 'A1:B2'"),
        (lambda sheet: setattr(sheet, "title", "别的"), "sheets: ['订单'] became ['别的']"),
    ],
)  # fmt: skip
def test_a_difference_of_a_workbook_is_named(tmp_path: Path, edit: Callable[[Any], object], told: str) -> None:
    book(tmp_path / "a" / "x.xlsx")
    book(tmp_path / "b" / "x.xlsx", edit)
    found = list(differences(tmp_path / "a", tmp_path / "b"))
    assert any(line.startswith(f"x.xlsx: {told}") for line in found), found


def test_of_many_differences_the_first_are_named_and_the_rest_counted(tmp_path: Path) -> None:
    book(tmp_path / "a" / "x.xlsx")
    book(tmp_path / "b" / "x.xlsx", lambda sheet: [sheet.append(["more"]) for _ in range(100)])
    *_, last = differences(tmp_path / "a", tmp_path / "b")
    assert last.startswith("x.xlsx: and ")


def test_records_are_compared_without_the_clock_and_other_files_by_bytes(tmp_path: Path) -> None:
    for name, seconds, lines, text in (("a", 1, 5, "x"), ("b", 2, 6, "y")):
        folder = tmp_path / name
        (folder / "sub").mkdir(parents=True)
        record = {"lines": {"rows": lines}, "seconds": {"read": seconds}, "outputs": {"x": name}}
        (folder / "record.json").write_text(json.dumps(record), encoding="utf-8")
        (folder / "sub" / "copy.csv").write_text(text, encoding="utf-8")
        (folder / f"{name}.txt").touch()
    assert list(differences(tmp_path / "a", tmp_path / "b")) == [
        "a.txt: gone",
        "b.txt: new",
        "record.json: lines rows: 5 became 6",
        "sub/copy.csv: other bytes",
    ]
    assert main(tmp_path / "a", tmp_path / "b") == 1
