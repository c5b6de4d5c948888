"""xlwings over UNO in a real Calc: what goes in comes out as Excel gives it, saved and opened again too."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime
from pathlib import Path
from typing import Any

import numpy as np
import openpyxl
import pandas as pd
import pytest
import xlwings as xw
from openpyxl.utils.datetime import CALENDAR_MAC_1904

from tests import fake_excel
from tests.live_hosts import calc_app, windows_engine
from workbooks.live import at_work
from xl_addin.calc.engine.structs import areas_in, bounds
from xl_addin.calc.engine.values import from_calc, lies_in, stretches, to_calc

NOON = datetime(2026, 11, 21, 10, 30)  # noqa: DTZ001 - a cell has no zone
THE_DAY, EPOCH = NOON.replace(hour=0, minute=0), NOON.replace(1899, 12, 30, 0, 0)
BASE = -0x7FF60000


@pytest.fixture
def book() -> Iterator[xw.Book]:
    """Give an empty book in Calc."""
    made = calc_app().books.add()
    yield made
    made.close()


def reopened(book: xw.Book, path: Path) -> xw.Book:
    """Return a book that was saved, closed and opened again."""
    app = book.app
    book.save(path)
    twin = app.books.add()  # Calc would end with its last document
    book.close()
    again = app.books.open(path)
    twin.close()
    return again


# ----------------------------------------------------------------------------------------- what goes in and comes out


@pytest.mark.parametrize(
    ("number_format", "given", "got"),
    [
        ("General", 1.5, 1.5),
        ("General", 7, 7.0),
        ("General", True, True),
        ("General", False, False),
        ("General", "", None),
        ("General", None, None),
        ("General", "文本", "文本"),
        ("General", "x" * 32_767, "x" * 32_767),
        ("General", "两\n行", "两\n行"),
        ("General", " x ", " x "),
        ("General", "=1+1", 2.0),
        ("General", '="a"&"b"', "ab"),
        ("General", "=1=1", True),
        ("General", "=DATE(2026,11,21)", THE_DAY),
        ("General", "=", "="),
        ("General", "'=1+1", "=1+1"),
        ("General", "''", "'"),
        ("General", NOON, NOON),
        ("General", THE_DAY, THE_DAY),
        ("General", THE_DAY.date(), THE_DAY),
        ("yyyy-mm-dd", 46347.0, THE_DAY),
        ("h:mm", 0.4375, EPOCH.replace(hour=10, minute=30)),
        ("[h]:mm", 1.5, datetime(1899, 12, 31, 12)),  # noqa: DTZ001 - the same
        ("0%", 0.85, 0.85),
        ("#,##0.00", 1234.5, 1234.5),
        ("yyyy-mm-dd", 1e12, 1e12),  # no day of any calendar
        ("yyyy-mm-dd", "三月", "三月"),
        ("@", "=1+1", "=1+1"),
        ("@", "'x", "'x"),
        ("@", "00123", "00123"),
        ("@", 5.0, 5.0),
        ("@", "TRUE", "TRUE"),
    ],
)
def test_a_cell_gives_back_what_excel_would(book: xw.Book, number_format: str, given: Any, got: Any) -> None:
    cell = book.sheets[0]["B2"]
    cell.number_format = number_format
    cell.raw_value = given
    assert (type(cell.raw_value), cell.raw_value) == (type(got), got)


@pytest.mark.parametrize(
    ("given", "got"), [(1.5, 1.5), ("", None), ("文本", "文本"), ("'=1+1", "=1+1"), ("'x", "x"), ("＝1", "＝1")]
)
def test_the_made_up_excel_takes_the_same(book: xw.Book, given: Any, got: Any) -> None:
    excel = fake_excel.Application()
    excel.open({"x": [[None]]})
    for sheet in (book.sheets[0], xw.App(impl=windows_engine().App(xl=excel)).books.active.sheets[0]):
        sheet["A1"].raw_value = given
        assert sheet["A1"].raw_value == got
        sheet["A2"].number_format = "@"
        sheet["A2"].raw_value = given
        assert sheet["A2"].raw_value == (given or None)


@pytest.mark.parametrize("text", ["00123", "+1", "-1", "@x", "3-11", "1e5", "TRUE", "100%", "#N/A", "\t=1"])
def test_a_text_that_looks_like_something_else_stays_a_text_where_excel_would_not_leave_it(
    book: xw.Book, text: str
) -> None:
    book.sheets[0]["A1"].raw_value = text
    assert book.sheets[0]["A1"].raw_value == text


@pytest.mark.parametrize(
    ("formula", "number"),
    [
        ("=NA()", 2042), ("=1/0", 2007), ('="a"+1', 2015), ("=NICHT_DA(1)", 2029), ('=INDIRECT("x!y")', 2023),
        ("=10^400", 2036), ("=SQRT(-1)", 2015),
    ],
)  # fmt: skip
def test_errors_are_excels_numbers(book: xw.Book, formula: str, number: int) -> None:
    cell = book.sheets[0]["A1"]
    cell.formula = formula
    assert cell.raw_value == BASE + number
    assert cell.value is None
    assert str(cell.options(err_to_str=True).value).startswith("#")


def test_many_errors_are_found_and_keep_their_places(book: xw.Book) -> None:
    page = book.sheets[0]
    page["B2:B61"].formula = [["=NA()" if row % 3 else "=1/0"] for row in range(60)]
    page["C5"].raw_value = 1.0
    found = page["B2:C61"].raw_value
    assert [row[0] - BASE for row in found] == [2042 if row % 3 else 2007 for row in range(60)]
    assert [row[1] for row in found[:5]] == [None, None, None, 1.0, None]


def test_whole_ranges_both_ways(book: xw.Book) -> None:
    rows: list[list[Any]] = [
        ["订单号", "日期", "数量", "好"],
        ["00123", THE_DAY, 12.0, True],
        [None, NOON, "=D3*2", False],
    ]
    cells = book.sheets[0]["B2:E4"]
    cells.raw_value = rows
    expected: tuple[Any, ...] = (tuple(rows[0]), tuple(rows[1]), (None, NOON, 24.0, False))
    assert cells.raw_value == expected
    assert cells.formula[2] == ("", "46347.4375", "=D3*2", "0")
    assert book.sheets[0]["A1:F5"].raw_value[1] == (None, *expected[0], None)
    with pytest.raises(ValueError, match="3"):
        cells.raw_value = rows[:2]


def test_the_ordinary_ways_of_xlwings(book: xw.Book) -> None:
    page = book.sheets[0]
    frame = pd.DataFrame({"单号": ["A", None], "数": [1.5, np.nan], "日": [THE_DAY, pd.NaT]})
    page["A1"].options(index=False).value = frame
    assert page["A1"].expand().value == [["单号", "数", "日"], ["A", 1.5, THE_DAY]]
    again = page["A1:C3"].options(pd.DataFrame, index=False).value
    assert again["单号"].fillna("-").tolist() == ["A", "-"]
    page["F1"].value = [np.int64(3), np.float64(0.5), np.bool_(True), date(2026, 11, 21), pd.NaT]  # noqa: FBT003 - a cell
    assert page["F1:J1"].value == [3.0, 0.5, True, THE_DAY, None]
    assert page["F1"].options(numbers=int).value == 3
    assert page["J1"].options(empty="-").value == "-"
    assert page["C2"].options(dates=date).value == THE_DAY.date()
    assert page.range((1, 1), (2, 2)).address == "$A$1:$B$2"
    assert page[0, 1].get_address(row_absolute=False, column_absolute=False) == "B1"
    assert page["A1"].end("down").address == "$A$2"
    assert page["A1"].end("right").address == "$C$1"
    assert page["A9"].end("up").address == "$A$2"
    assert page["A2"].end("up").address == "$A$1"
    assert page["M1"].end("left").address == "$I$1"
    assert page["A5"].end("down").row == 1_048_576
    assert page["B2"].current_region.address == "$A$1:$C$2"
    assert page.used_range.address == "$A$1:$I$2"
    page.clear_contents()
    assert page["A1:J3"].raw_value == ((None,) * 10,) * 3


# --------------------------------------------------------------------------------------------------------- formulas


@pytest.mark.parametrize(
    "formula",
    [
        "=SUM(A1:B2,3)", '=IFERROR(A1,"x;y,z")', "=SUM('it''s'!A1:B2)", "='二'!$A$1+1", "=SUM({1,2;3,4})", "=A:A",
        '=HYPERLINK("#\'订单\'!A5",5)', "=IF(A1>=1,TRUE(),FALSE())", "=ERROR.TYPE(A1)", "=SUM(VOLUME)",
    ],
)  # fmt: skip
def test_formulas_are_written_and_read_in_excels_grammar(book: xw.Book, formula: str) -> None:
    book.sheets.add("it's", after=book.sheets[-1])
    book.sheets.add("二", after=book.sheets[-1])
    book.names.add("VOLUME", "='二'!$B$1:$B$9")
    cell = book.sheets[0]["D4"]
    cell.formula = formula
    assert cell.formula == formula or cell.formula == formula.replace("'二'", "二")


def test_an_array_formula(book: xw.Book) -> None:
    cells = book.sheets[0]["C1:D2"]
    cells.formula_array = "={1,2;3,4}*2"
    assert cells.raw_value == ((2.0, 4.0), (6.0, 8.0))
    assert cells.formula_array == "={1,2;3,4}*2"
    assert cells.impl.has_array


# --------------------------------------------------------------------------------------------------- books and sheets


def test_sheets(book: xw.Book) -> None:
    assert [sheet.name for sheet in book.sheets] == ["Sheet1"]
    third = book.sheets.add("三", after=book.sheets[0])
    book.sheets.add("二", before=third)
    assert book.sheets.active.name == "二"
    assert [sheet.name for sheet in book.sheets] == ["Sheet1", "二", "三"]
    assert book.sheets["三"].index == 3
    book.sheets["三"].visible = False
    assert not book.sheets["三"].visible
    book.sheets[0].activate()
    assert book.sheets.active.name == "Sheet1"
    book.sheets["二"].delete()
    book.sheets[0].name = "订单"
    assert [sheet.name for sheet in book.sheets] == ["订单", "三"]
    with pytest.raises(KeyError):
        book.sheets["四"].name  # noqa: B018 - it is looked up


def test_names_and_tables(book: xw.Book) -> None:
    page = book.sheets[0]
    page["A1:B3"].raw_value = [["品", "数"], ["a", 1.0], ["b", 2.0]]
    page["A1:B3"].name = "库存"
    assert book.names["库存"].refers_to == "=Sheet1!$A$1:$B$3"
    assert book.names["库存"].refers_to_range.address == "$A$1:$B$3"
    assert page["A1:B3"].name.name == "库存"
    assert page.range("库存").address == "$A$1:$B$3"
    assert "库存" in book.names
    book.names["库存"].delete()
    assert len(book.names) == 0
    table = page.tables.add(page["A1:B3"], name="表一")
    assert (table.range.address, table.header_row_range.address) == ("$A$1:$B$3", "$A$1:$B$1")
    assert table.data_body_range.address == "$A$2:$B$3"
    assert page["B2"].table.name == "表一"
    table.resize(page["A1:B2"])
    assert page.tables["表一"].range.address == "$A$1:$B$2"
    assert page["B3"].table is None


def test_notes_and_hyperlinks(book: xw.Book) -> None:
    page = book.sheets[0]
    assert page["A1"].note is None
    page["A1"].add_note("一\n二")
    page["C3"].add_note("x")
    assert [(note.location.address, note.text) for note in page.notes] == [("$A$1", "一\n二"), ("$C$3", "x")]
    page["A1"].impl.note.delete()
    assert [note.text for note in page.notes] == ["x"]
    page["B1"].add_hyperlink("https://example.com/", "去")
    assert (page["B1"].hyperlink, page["B1"].raw_value) == ("https://example.com/", "去")
    page["B2"].formula = "=HYPERLINK(\"#'x'!A1\",1)"
    assert page["B2"].impl.hyperlink == "#'x'!A1"


def test_looks(book: xw.Book) -> None:
    page = book.sheets[0]
    cells = page["A1:B2,D4"]
    cells.color, cells.font.color = "#FFF8D6", (31, 41, 51)
    cells.font.name, cells.font.size, cells.font.bold, cells.font.italic = "微软雅黑", 10, True, True
    cells.wrap_text, cells.horizontal_alignment, cells.vertical_alignment = True, "center", "center"
    cells.number_format = "#,##0.00"
    for place in ("A1", "B2", "D4"):
        cell = page[place]
        assert (cell.color, cell.font.color) == ((255, 248, 214), (31, 41, 51))
        assert (cell.font.name, cell.font.size, cell.font.bold, cell.font.italic) == ("微软雅黑", 10.0, True, True)
        assert (cell.wrap_text, cell.horizontal_alignment, cell.vertical_alignment) == (True, "center", "center")
        assert cell.number_format == "#,##0.00"
    assert page["C3"].color is page["A1:C3"].font.bold is None
    page["A1:C1"].column_width, page["A1:A9"].row_height = 18.5, 31
    assert page["C1"].column_width == pytest.approx(18.5, abs=0.05)
    assert page["A9"].row_height == pytest.approx(31, abs=0.05)
    page["A1:B2"].merge()
    assert page["B2"].merge_area.address == "$A$1:$B$2"
    assert page["B2"].merge_cells
    page["A1"].unmerge()
    assert page["B2"].merge_area.address == "$B$2"


@pytest.mark.parametrize(
    "code", ["General", "@", "0%", "0.00##", "#,##0.0##", "yyyy-mm-dd", "yyyy/m/d h:mm", '0"元"', "[Red]0;-0"]
)
def test_number_formats_are_spelt_as_in_excel(book: xw.Book, code: str) -> None:
    cell = book.sheets[0]["A1"]
    cell.number_format = code
    assert cell.number_format.upper() == code.upper()
    assert "y" not in code or cell.number_format == code


def test_rows_of_many_areas_get_their_height_and_the_selection_stays(book: xw.Book) -> None:
    page = book.sheets.add("二", after=book.sheets[0])
    book.sheets[0].activate()
    book.sheets[0]["C3:D4"].select()
    page[",".join(f"A{row}" for row in range(2, 42, 2))].row_height = 40
    assert [round(page[f"A{row}"].row_height) for row in (2, 3, 40, 42)] == [40, 13, 40, 13]
    assert book.sheets.active.name == "Sheet1"
    assert book.app.selection.address == "$C$3:$D$4"


# ------------------------------------------------------------------------------------------------------ saved and read


@pytest.mark.parametrize("ending", [".xlsx", ".ods"])
def test_saved_and_opened_again_it_holds_the_same(book: xw.Book, ending: str, tmp_path: Path) -> None:
    rows = [["00123", THE_DAY, 12.5, True, None], ["=x", NOON, "=C1*2", False, "=NA()"]]
    page = book.sheets[0]
    page["A1:A2"].number_format = "@"
    page["A1:E2"].raw_value = rows
    page["G1"].add_note("说明")
    book.names.add("总数", "=Sheet1!$C$2")
    again = reopened(book, tmp_path / f"书{ending}")
    try:
        assert again.name == f"书{ending}"
        assert Path(again.fullname) == tmp_path / f"书{ending}"
        assert again.sheets[0]["A1:E2"].raw_value == (
            ("00123", THE_DAY, 12.5, True, None),
            ("=x", NOON, 25.0, False, BASE + 2042),
        )
        assert again.sheets[0]["C2"].formula == "=C1*2"
        assert again.sheets[0]["G1"].note.text == "说明"
        assert again.names["总数"].refers_to_range.address == "$C$2"
    finally:
        again.close()
    book.app.books.add()


def test_days_are_counted_as_the_book_counts_them(book: xw.Book, tmp_path: Path) -> None:
    made = openpyxl.Workbook()
    made.epoch = CALENDAR_MAC_1904
    made.active["A1"] = THE_DAY
    made.save(tmp_path / "1904.xlsx")
    old = book.app.books.open(tmp_path / "1904.xlsx")
    try:
        assert old.sheets[0]["A1"].raw_value == THE_DAY
        old.sheets[0]["A2"].raw_value = NOON
        assert old.sheets[0]["A2"].raw_value == NOON
        assert old.sheets[0]["A1"].api.getDataArray() == ((46347.0 - 1462,),)
    finally:
        old.close()


def test_books_are_found_by_name_and_place(book: xw.Book, tmp_path: Path) -> None:
    app = book.app
    book.save(tmp_path / "订单.xlsx")
    assert app.books["订单.xlsx"].name == "订单.xlsx"
    assert app.books.open(tmp_path / "订单.xlsx").name == "订单.xlsx"  # it is open: no second one
    assert "订单.xlsx" in {found.name for found in app.books}
    with pytest.raises(KeyError):
        app.books["没有.xlsx"].name  # noqa: B018 - it is looked up


# ---------------------------------------------------------------------------------------------------------- the program


def test_the_program_at_work_and_afterwards(book: xw.Book) -> None:
    app = book.app
    with at_work(app):
        assert book.api.hasControllersLocked()
        assert not app.screen_updating
        assert app.calculation == "manual"
        app.status_bar = "审单"
        app.status_bar = "审单 2"
        assert app.status_bar == "审单 2"
        book.sheets[0]["A1"].raw_value = 1.0
    assert not book.api.hasControllersLocked()
    assert (app.screen_updating, app.enable_events, app.calculation, app.status_bar) == (True, True, "automatic", False)
    assert app.version.major >= 7
    assert app.engine.name == "libreoffice"


def test_a_book_that_its_user_calculates_by_hand_stays_so(book: xw.Book) -> None:
    other = book.app.books.add()
    other.api.enableAutomaticCalculation(False)  # noqa: FBT003 - UNO's own word
    with at_work(book.app):
        pass
    assert book.api.isAutomaticCalculationEnabled()
    assert not other.api.isAutomaticCalculationEnabled()
    other.close()


# -------------------------------------------------------------------------------------------------------- plain data


def test_values_on_their_way() -> None:
    rows = from_calc([("", 1.0, 46347.5), ("x", None, 0.5)], [(0, 2, 1, 2)], [(0, 1, 0, 1)], {(1, 1): 7}, EPOCH)
    assert rows == ((None, True, THE_DAY.replace(hour=12)), ("x", 7, EPOCH.replace(hour=12)))
    made = to_calc([[None, True, NOON], ["=1", "'x", 3]], EPOCH)
    assert made.data == [("", 1.0, 46347.4375), ("=1", "'x", 3.0)]
    assert (made.formulas, made.marked, made.dates) == ({(1, 0): "=1"}, {(1, 1): "x"}, {(0, 2): True})
    with pytest.raises(TypeError):
        to_calc([[object()]], EPOCH)
    assert stretches([(1, 0), (0, 0), (5, 0), (1, 2)]) == [(0, 0, 1, 0), (5, 0, 5, 0), (1, 2, 1, 2)]
    assert lies_in((1, 1), [(0, 0, 1, 1)])
    assert not lies_in((2, 1), [(0, 0, 1, 1)])
    assert areas_in("$A$1:B2,aa10") == [(0, 0, 1, 1), (9, 26, 9, 26)]
    assert bounds(areas_in("C3,A5:B9")) == (2, 0, 8, 2)
    with pytest.raises(ValueError, match="A:C"):
        areas_in("A:C")
