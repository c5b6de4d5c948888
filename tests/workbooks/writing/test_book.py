"""Result workbooks as people and machines read them back: openpyxl for looks, fastexcel for text."""

import re
import zipfile
from dataclasses import replace
from datetime import date, datetime
from pathlib import Path
from typing import Any

import fastexcel
import numpy as np
import openpyxl
import pandas as pd
import pytest

from workbooks.labels import labels
from workbooks.layout import LAYOUTS, NUMBER_FORMATS, PALETTE, Layout, Look
from workbooks.writing.book import Table, write_book

DAY = date(2026, 11, 21)
SAMPLES: dict[Look, list[Any]] = {
    Look.TEXT: ["华东", "=1+1", None],
    Look.CODE: ["00123", "123", None],
    Look.QUANTITY: [3.0, 2.5, np.nan],
    Look.MONEY: [1234567.89, 0.0, np.nan],
    Look.PRICE: [12.5, 12.3456, np.nan],
    Look.RATE: [0.85, 1.0, np.nan],
    Look.COUNT: [7, 0, 12],
    Look.DATE: pd.to_datetime(["2026-11-21", "2026-02-28", ""]).to_list(),
    Look.DECISION: ["pass", "return", None],
    Look.EFFECT: ["info", "hold", None],
    Look.LINK: [12, 13, 14],
    Look.SENTENCE: ["核对编码；确是新合作商的，请先建档。" * 5, "短", None],
}


def table(layout: Layout, rows: int = 3) -> Table:
    frame = pd.DataFrame({column.name: SAMPLES[column.look] for column in layout.columns}).head(rows)
    if any(column.look is Look.LINK for column in layout.columns):
        frame["link_target"] = pd.Series(["原始表格/华东/一号 表#1.xlsx", "原始表格/二.csv", None][:rows], dtype="str")
        frame["link_sheet"] = pd.Series(["O'Brien 表", None, None][:rows], dtype="str")
    return Table(layout, frame)


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = tmp_path_factory.mktemp("book") / "审单结果.xlsx"
    write_book(file, None, [table(layout) for layout in LAYOUTS.values()], DAY)
    return file


@pytest.fixture(scope="module")
def book(path: Path) -> openpyxl.Workbook:
    return openpyxl.load_workbook(path)


def column_of(book: openpyxl.Workbook, key: str, name: str) -> list[Any]:
    layout = LAYOUTS[key]
    place = [column.name for column in layout.columns].index(name) + 1
    return [row[0] for row in book[layout.name].iter_rows(min_row=2, min_col=place, max_col=place)]


def test_sheets_and_headings_read_back(book: openpyxl.Workbook, path: Path) -> None:
    assert book.sheetnames == [layout.name for layout in LAYOUTS.values()]
    reader = fastexcel.read_excel(path)
    assert reader.sheet_names == book.sheetnames
    for layout in LAYOUTS.values():
        headings = [column.heading for column in layout.columns]
        assert [cell.value for cell in book[layout.name][1]] == headings
        assert reader.load_sheet(layout.name, dtypes="string").to_arrow().schema.names == headings


@pytest.mark.parametrize("key", LAYOUTS)
def test_values_read_back(book: openpyxl.Workbook, key: str) -> None:
    for column in LAYOUTS[key].columns:
        cells = column_of(book, key, column.name)
        expected = [None if pd.isna(value) else column.words.get(value, value) for value in SAMPLES[column.look]]
        if column.look is Look.DATE:
            expected = [datetime(2026, 11, 21), datetime(2026, 2, 28), None]  # noqa: DTZ001  a cell has no zone
        assert [cell.value for cell in cells] == expected, column.name
        assert all(cell.data_type != "f" for cell in cells)


def test_codes_stay_text_and_numbers_have_their_formats(book: openpyxl.Workbook) -> None:
    code = column_of(book, "lines", "partner_code")[0]
    assert (code.value, code.data_type, code.number_format) == ("00123", "s", "@")
    assert column_of(book, "lines", "amount")[0].number_format == "#,##0.00"
    assert column_of(book, "lines", "order_date")[0].number_format == NUMBER_FORMATS[Look.DATE]
    whole, broken, empty = column_of(book, "lines", "quantity")
    assert (whole.number_format, broken.number_format, empty.number_format) == ("#,##0", "#,##0.0##", "#,##0")


def test_a_row_has_the_tone_of_its_decision(book: openpyxl.Workbook) -> None:
    def fill(cell: Any) -> str | None:
        return "#" + cell.fill.fgColor.rgb[2:] if cell.fill.fill_type else None

    assert [fill(cell) for cell in column_of(book, "lines", "decision")] == [
        PALETTE["pass"].fill,
        PALETTE["return"].fill,
        None,
    ]
    assert [fill(cell) for cell in column_of(book, "lines", "region")] == [None, PALETTE["return"].tint, None]


def test_strings_are_no_formulas_links_or_numbers(tmp_path: Path) -> None:
    texts = [
        "=1+1",
        "+5",
        "-5",
        "@x",
        "http://x.cn",
        "123",
        "{=1}",
        "<r>x</r>",
        "_x0041_",
        " 两端 ",
        "a\nb",
        "TRUE",
        "#N/A",
    ]
    frame = pd.DataFrame({column.name: texts for column in LAYOUTS["problems"].columns if column.look is not Look.LINK})
    frame["source_row"] = range(len(texts))
    file = tmp_path / "texts.xlsx"
    write_book(file, None, [Table(LAYOUTS["problems"], frame)], DAY)
    cells = column_of(openpyxl.load_workbook(file), "problems", "value")
    assert [cell.value for cell in cells] == texts
    assert {cell.data_type for cell in cells} == {"s"}
    assert all(cell.hyperlink is None for cell in cells)
    read = fastexcel.read_excel(file).load_sheet(0, dtypes="string").to_arrow()
    assert read.column(LAYOUTS["problems"].column("value").heading).to_pylist() == texts


def test_a_title_of_strangers_is_no_code_in_the_header_and_a_long_path_no_link(tmp_path: Path) -> None:
    frame = table(LAYOUTS["problems"], 1).frame.assign(link_target="%" * 700 + ".xlsx", link_sheet="a")
    write_book(tmp_path / "odd.xlsx", None, [Table(LAYOUTS["problems"], frame)], DAY, "A&G\x01\u202e" + "x" * 40_000)
    book = openpyxl.load_workbook(tmp_path / "odd.xlsx")
    assert book.worksheets[0].oddHeader.left.text == f"&BA＆G{'x' * 77}"
    assert not any(cell.hyperlink for row in book.worksheets[0].iter_rows() for cell in row)


def test_control_characters_read_back(tmp_path: Path) -> None:
    frame = table(LAYOUTS["problems"], 1).frame.assign(value="a\x01b\rc\x0bd", says="_x000D_")
    write_book(tmp_path / "odd.xlsx", None, [Table(LAYOUTS["problems"], frame)], DAY)
    read = fastexcel.read_excel(tmp_path / "odd.xlsx").load_sheet(0, dtypes="string").to_arrow()
    headings = {name: LAYOUTS["problems"].column(name).heading for name in ("value", "says")}
    assert read.column(headings["says"]).to_pylist() == ["_x000D_"]
    assert read.column(headings["value"]).to_pylist() == ["a\x01b\rc\x0bd"]


def test_rows_link_to_their_source(path: Path, book: openpyxl.Workbook) -> None:
    linked, csv, alone = column_of(book, "lines", "source_row")
    assert linked.hyperlink.target == "原始表格/华东/一号%20表%231.xlsx"
    assert linked.hyperlink.location == "'O''Brien 表'!A12"
    assert (csv.hyperlink.target, csv.hyperlink.location) == ("原始表格/二.csv", None)
    assert alone.hyperlink is None
    assert linked.font.underline == csv.font.underline == "single"
    assert alone.font.underline is None
    with zipfile.ZipFile(path) as archive:
        xml = archive.read("xl/worksheets/sheet1.xml").decode()
    order = [
        xml.index(tag) for tag in ("</sheetData>", "<autoFilter", "<hyperlinks>", "<pageMargins", "<legacyDrawing")
    ]
    assert order == sorted(order)


def test_sheets_are_ready_for_reading_and_print(book: openpyxl.Workbook) -> None:
    sheet = book[LAYOUTS["lines"].name]
    assert sheet.freeze_panes == "C2"
    assert sheet.auto_filter.ref == "A1:AC4"
    assert book[LAYOUTS["control"].name].auto_filter.ref == "A1:M3"  # the last row is the total
    assert sheet.page_setup.orientation == "landscape"
    assert (sheet.page_setup.fitToWidth or 1, sheet.page_setup.fitToHeight) == (1, 0)
    assert sheet.print_title_rows == "$1:$1"
    assert "&P" in sheet.oddFooter.right.text + str(sheet.oddFooter)
    assert labels().decisions["hold"] in sheet["X1"].comment.text
    assert book[LAYOUTS["stock"].name].freeze_panes == "C2"


def test_finance_gets_a_drop_down(book: openpyxl.Workbook) -> None:
    (rule,) = book[LAYOUTS["funds"].name].data_validations.dataValidation
    assert rule.formula1 == '"有款,没款,欠款"'
    assert str(rule.sqref) == "J2:J4"
    assert rule.promptTitle == "财务确认"
    assert not column_of(book, "funds", "confirmation")[0].protection.locked
    assert column_of(book, "funds", "amount")[0].protection.locked


def test_wrapped_sentences_get_the_height_they_need(path: Path) -> None:
    with zipfile.ZipFile(path) as archive:
        xml = archive.read("xl/worksheets/sheet2.xml").decode()
    heights = [float(height) for height in re.findall(r'<row r="[234]" ht="([\d.]+)"', xml)]
    assert heights[0] > heights[1] == heights[2]


@pytest.mark.parametrize("key", LAYOUTS)
def test_an_empty_table_is_its_heading(tmp_path: Path, key: str) -> None:
    write_book(tmp_path / "empty.xlsx", None, [table(LAYOUTS[key], 0)], DAY)
    sheet = openpyxl.load_workbook(tmp_path / "empty.xlsx")[LAYOUTS[key].name]
    assert sheet.max_row == 1
    assert sheet.auto_filter.ref == sheet.dimensions


def test_the_same_input_gives_the_same_bytes(tmp_path: Path, path: Path, book: openpyxl.Workbook) -> None:
    write_book(tmp_path / "again.xlsx", None, [table(layout) for layout in LAYOUTS.values()], DAY)
    assert (tmp_path / "again.xlsx").read_bytes() == path.read_bytes()
    assert book.properties.creator == "Order Desk"
    assert book.properties.created == datetime(2026, 11, 21)  # noqa: DTZ001  a document property


def test_dates_excel_cannot_show_are_text(tmp_path: Path) -> None:
    frame = table(LAYOUTS["transfers"]).frame.assign(eta=np.array(["0202-11-21", "NaT", "2026-11-21"], "datetime64[s]"))
    write_book(tmp_path / "old.xlsx", None, [Table(LAYOUTS["transfers"], frame)], DAY)
    cells = column_of(openpyxl.load_workbook(tmp_path / "old.xlsx"), "transfers", "eta")
    assert [cell.value for cell in cells] == ["0202-11-21", None, datetime(2026, 11, 21)]  # noqa: DTZ001  a cell has no zone


def test_a_missing_column_is_named(tmp_path: Path) -> None:
    short = table(LAYOUTS["stock"])
    with pytest.raises(KeyError, match="on_hand"):
        write_book(tmp_path / "no.xlsx", None, [Table(short.layout, short.frame.drop(columns="on_hand"))], DAY)


def test_an_infinite_number_is_refused(tmp_path: Path) -> None:
    frame = table(LAYOUTS["stock"]).frame.assign(on_hand=np.inf)
    with pytest.raises(ValueError, match=LAYOUTS["stock"].column("on_hand").heading):
        write_book(tmp_path / "no.xlsx", None, [Table(LAYOUTS["stock"], frame)], DAY)


def test_a_table_longer_than_a_sheet_goes_on_in_further_ones(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("workbooks.writing.book.MOST_ROWS", 2)
    control, moved = LAYOUTS["control"], LAYOUTS["transfers"]
    rows = pd.DataFrame({column.name: [None] * 5 for column in moved.columns}).assign(order_no=list("abcde"))
    taken = Table(replace(LAYOUTS["returns"], name=f"{moved.name} (2)"), table(LAYOUTS["returns"], 2).frame)
    write_book(tmp_path / "x.xlsx", None, [table(control), Table(moved, rows), taken], DAY)
    book = openpyxl.load_workbook(tmp_path / "x.xlsx")
    names = [moved.name, f"{moved.name} (3)", f"{moved.name} (4)"]
    assert book.sheetnames == [control.name, f"{control.name} (2)", *names, taken.layout.name]
    place = [column.name for column in moved.columns].index("order_no")
    codes = [[row[place].value for row in book[name].iter_rows(min_row=2)] for name in names]
    assert codes == [["a", "b"], ["c", "d"], ["e"]]
    for name in names:
        assert [cell.value for cell in book[name][1]] == [column.heading for column in moved.columns]
        assert book[name].freeze_panes == book[names[0]].freeze_panes
        assert book[name].auto_filter.ref == book[name].dimensions
        assert book[name].column_dimensions["A"].width == book[names[0]].column_dimensions["A"].width
    bold = [[row[0].font.b for row in book[name].iter_rows(min_row=2)] for name in book.sheetnames[:2]]
    assert bold == [[False, False], [True]]  # the total row is the last of all
    assert [book[name].auto_filter.ref for name in book.sheetnames[:2]] == ["A1:M3", "A1:M1"]
