"""A sheet whose different cells are read once each gives what reading it whole gives, or is read whole."""

from __future__ import annotations

import io
import zipfile
from operator import attrgetter
from pathlib import Path
from typing import Any

import pytest
import xlsxwriter
from hypothesis import given, settings
from hypothesis import strategies as st

from workbooks.errors import UnreadableFileError
from workbooks.reading import cells, cells_xlsx, distinct
from workbooks.reading.distinct import cells_of

CORPUS = Path(__file__).parents[3].parent / "shared" / "corpus"
FILES = sorted(path for path in CORPUS.rglob("*.xls[xm]") if path.is_file())
SHEET = "xl/worksheets/sheet1.xml"
PLAIN = (
    '<row r="1"><c r="A1"><v>1</v></c><c r="C1" s="1"/><c r="D1"></c></row>'
    '<row r="2"><c r="B2" t="e"><v>#N/A</v></c></row>'
)

# what stands behind a reference: every type, looks of dates and durations, blanks, formulas, and what no cell holds
SAYINGS = [
    "><v>1</v></c>", ' t="str"><v>1>2</v></c>',
    "><v>0.30000000000000004</v></c>", "><v>1E-3</v></c>", "><v>7</v><f>A1*2</f></c>",
    ' s="1"><v>46347</v></c>', ' s="2"><v>46347.4375</v></c>', ' s="3"><v>1.5</v></c>', ' s="1"><v>10000000000</v></c>',
    ' t="s"><v>0</v></c>', ' t="s"><v>1</v></c>', ' t="s"><v>2</v></c>', ' t="s" s="1"><v>0</v></c>',
    ' t="s"><v>99</v></c>', ' t="e"><v>#N/A</v></c>', ' t="e"><f>A1</f><v>#DIV/0!</v></c>', ' t="e"><v>#SPILL!</v></c>',
    ' t="b"><v>1</v></c>', ' t="str"><f>A9</f><v>00123</v></c>', ' t="str"><f>A9</f><v></v></c>', ' t="str"></c>',
    ' t="inlineStr"><is><t> x </t></is></c>', ' t="inlineStr"><is><t></t></is></c>', ' t="d"><v>2026-11-21</v></c>',
    ' s="1"/>', " />", "></c>", "><v></v></c>", "><f>A1</f></c>", '><f t="shared" si="0"/></c>', "><v>none</v></c>",
]  # fmt: skip


@pytest.mark.skipif(not FILES, reason="../shared/corpus is not there")
@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_real_files_read_alike_both_ways(path: Path) -> None:
    assert_read_alike(path.read_bytes())


@settings(max_examples=150, deadline=None)
@given(st.lists(st.lists(st.tuples(st.sampled_from(SAYINGS), st.integers(0, 2)), max_size=5), max_size=6), st.data())
def test_every_kind_of_cell_reads_alike_both_ways(table: list[list[tuple[str, int]]], data: st.DataObject) -> None:
    rows = []
    for number, row in enumerate(table, start=1):
        columns = iter("ABCDEFGHIJKLMNOPQRSTUVWXYZ")
        places = [[next(columns) for _ in range(gap + 1)][-1] for _, gap in row]
        of_row = [f'<c r="{column}{number}"{saying}' for column, (saying, _) in zip(places, row, strict=True)]
        rows.append(f'<row r="{number}">{"".join(of_row)}</row>')
    part = "".join(rows)
    if data.draw(st.booleans()) and part:  # a byte is gone, or another
        at = data.draw(st.integers(0, len(part) - 1))
        part = (
            part[:at]
            + data.draw(st.sampled_from(["", "<", ">", "/", "c", "r", " ", '"', "9", "<c", "</c>"]))
            + part[at + 1 :]
        )
    assert_read_alike(workbook(part))


@pytest.mark.parametrize(
    "part",
    [
        "<!-- no --><row/>",
        '<row><c r="A1"><v><![CDATA[1]]></v></c></row>',
        '<x:row r="1"><c r="A1"><v>1</v></c></x:row>',
        '<row><c r="A1"><v>1</v></c><row:c r="B1"/></row>',
        '<row a="<c r="A1"><v>9</v></c>"><c r="B1"><v>1</v></c></row>',
        '<row><c r="A1"><v>1</v></c></r:sheetData>',
        "<row><c r='A1'><v>1</v></c></row>",
        '<row><c s="0" r="A1"><v>1</v></c></row>',
        "<row><c><v>1</v></c></row>",
        '<row><c r="a1"><v>1</v></c></row>',
        '<row><c r="$A1"><v>1</v></c></row>',
        '<row><c r="A"><v>1</v></c></row>',
        '<row><c r="1"><v>1</v></c></row>',
        '<row><c r="A0"><v>1</v></c></row>',
        '<row><c r="A1048577"><v>1</v></c></row>',
        '<row><c r="XFE1"><v>1</v></c></row>',
        '<row><c r="AAAA1"><v>1</v></c></row>',
        '<row><c r="B1"><v>1</v></c><c r="A1"><v>1</v></c></row>',
        '<row><c r="A2"><v>1</v></c></row><row><c r="B1"><v>1</v></c></row>',
        '<row><c r="A1"><v>1</v></c><c r="A1"><v>2</v></c></row>',
        '<row><c r="A1"><v>1</v></c>word</row>',
        '<row><c r="A1"><v>1</v></c><v>2</v><c r="B1"><v>1</v></c></row>',
        '<row><c r="A1"><v>1</v></c></row></row>',
        '<row r"1"><c r="A1"><v>1</v></c></row>',
        '<row r="1><c r="A1"><v>1</v></c></row>',
        '<row r="0"><c r="A1"><v>1</v></c></row>',
        '<row r="1" r="2"><c r="A1"><v>1</v></c></row>',
        '<row><c r="A1" s="1/><c r="B1" s="1"><v>1</v></c></row>',
        '<row><c r="A1" s="0" r="B1"><v>1</v></c></row>',
        '<row><c r="A1"><v a=">1</v></c></row>',
        '<c r="A1"><v>1</v></c>',
        '<row><c r="A1"><v>1</v></c ></row>',
        '<row><c r="A1"><c r="B1"><v>1</v></c></c></row>',
        '<row><c r="A1"><v>1</v></row>',
        '<row></c><c r="A1"><v>1</v></row>',
        '<row><c r="A1"><c r="B1"/><v>1</v></c></row>',
        '<row><c r="A1" t="inlineStr"><is><r><t>rich</t></r></is></c></row>',
    ],
)
def test_what_is_not_written_plainly_is_read_whole(part: str) -> None:
    assert cells_of(f"<worksheet><sheetData>{part}</sheetData></worksheet>".encode()) is None
    assert_read_alike(workbook(part))


@pytest.mark.parametrize(
    ("head", "tail"),
    [
        ("<worksheet><!-- <sheetData> -->", "</worksheet>"),
        ("<worksheet>", "</worksheet><!-- </sheetData> -->"),
        ("<worksheet><!-- ", " --><x:sheetData></x:sheetData></worksheet>"),
        ("<worksheet><sheetData></sheetData>", "</worksheet>"),
    ],
)
def test_rows_stand_in_one_place(head: str, tail: str) -> None:
    assert cells_of(f"{head}<sheetData>{PLAIN}</sheetData>{tail}".encode()) is None


def test_places_and_what_stands_there() -> None:
    raw = f"<worksheet><sheetData>{PLAIN}</sheetData></worksheet>".encode()
    found = cells_of(raw)
    assert found is not None
    places = list(zip(found.rows.tolist(), found.columns.tolist(), found.filled.tolist(), strict=True))
    assert places == [(0, 0, True), (0, 2, False), (0, 3, False), (1, 1, True)]
    assert found.sayings.to_pylist() == [b"><v>1</v></c>", b' s="1"/>', b"></c>", b' t="e"><v>#N/A</v></c>']
    assert (found.extent(), found.formulas) == ((2, 2), False)


@pytest.mark.parametrize(("different", "is_worth_it"), [(3, True), (4, False)])
def test_a_sheet_that_says_little_again_is_read_whole(*, different: int, is_worth_it: bool) -> None:
    of_row = [f'<c r="{column}1"><v>{place % different}</v></c>' for place, column in enumerate("ABCDEF")]
    raw = f"<worksheet><sheetData><row>{''.join(of_row)}</row></sheetData></worksheet>".encode()
    found = cells_of(raw)
    assert found is not None
    once = found.once(raw)
    assert (once is not None) is is_worth_it
    assert once is None or once.count(b"<c") == different


def assert_read_alike(content: bytes) -> None:
    """Hold a workbook read with each different cell once, whatever that is worth, against the same read whole."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(distinct, "WORTH", 0)
        once = read(content)
        patch.setattr(cells_xlsx, "cells_of", lambda _raw: None)
        assert once == read(content)


def read(content: bytes) -> list[Any]:
    """Return all that is read of a workbook, or why it is not."""
    try:
        sheets = cells.read_sheets(content, ".xlsx")
    except UnreadableFileError as error:
        return [error.reason, error.detail]
    for sheet in sheets:
        for column in sheet.cells:
            texts = column.dictionary.to_pylist()
            assert len(set(texts)) == len(texts)
            assert None not in texts
    facts = attrgetter("name", "index", "errors", "uncalculated", "merged", "date1904", "held")
    return [
        (*facts(sheet), sheet.cells.schema.names, [column.to_pylist() for column in sheet.cells]) for sheet in sheets
    ]


def workbook(rows: str) -> bytes:
    """Return a workbook of one sheet with these rows of raw XML; styles 1 to 3 are a date, a time and a duration."""
    drawn, content = io.BytesIO(), io.BytesIO()
    with xlsxwriter.Workbook(drawn) as book:
        sheet = book.add_worksheet()
        for row, text in enumerate(("word", " \uff11 ", "<&>")):
            sheet.write_string(row, 0, text)
        for row, pattern in enumerate(("yyyy-mm-dd", "yyyy-mm-dd hh:mm", "[h]:mm:ss")):
            sheet.write_number(row, 1, 1, book.add_format({"num_format": pattern}))
    with zipfile.ZipFile(drawn) as old, zipfile.ZipFile(content, "w") as new:
        for name in old.namelist():
            part = old.read(name).decode()
            if name == SHEET:
                before, _, rest = part.partition("<sheetData>")
                part = f"{before}<sheetData>{rows}</sheetData>{rest.partition('</sheetData>')[2]}"
            new.writestr(name, part)
    return content.getvalue()
