"""The open workbook: what is read of it equals the file, what is written is new sheets and nothing else."""

from __future__ import annotations

import io
import random
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

import numpy as np
import openpyxl
import pandas as pd
import pytest
from openpyxl.utils.datetime import CALENDAR_MAC_1904

from tests.fake_excel import AUTOMATIC, Application, Cell, Chart, ComError, Range, Workbook
from tests.live_hosts import live_in, open_book, texts
from tests.workbooks.test_book import returns
from workbooks.book import Cancelled
from workbooks.errors import WorkbookError
from workbooks.labels import labels
from workbooks.layout import INPUT_FILL, LAYOUTS, PALETTE, TOTAL_FILL, Look
from workbooks.live import at_work
from workbooks.live_cells import raw_sheet
from workbooks.live_plan import address, addresses, escaped, link_formula, live_format, plan
from workbooks.reading.cells import RawSheet, read_sheets
from workbooks.writing.book import Table

DAY = date(2026, 11, 21)
NOON = datetime(2026, 11, 21, 10, 30)  # noqa: DTZ001 - a cell has no zone
THE_DAY, AFTERNOON, EARLY = NOON.replace(hour=0, minute=0), NOON.replace(hour=16, minute=48), NOON.replace(1900, 1, 15)
EPOCH, EPOCH_1904, MARCH_1900 = (EARLY.replace(*day, 0, 0) for day in ((1899, 12, 30), (1904, 1, 1), (1900, 3, 1)))
HOSTILE = [
    "=cmd|' /C calc'!A0", "=1+1", "+1", "-1", "@x", "\t=1", "\r=1", "＝1+1", "00123", "3月11日", "1-2", "1e5", "TRUE",
    "'x", "{=1}", "100%", " =1",
]  # fmt: skip


def empty(key: str, rows: int) -> pd.DataFrame:
    """Return the rows of a layout with nothing in them."""
    layout = LAYOUTS[key]
    frame = {}
    for column in layout.columns:
        kinds = {Look.DATE: pd.NaT, Look.TEXT: None, Look.CODE: None, Look.SENTENCE: None}
        frame[column.name] = [kinds.get(column.look, None if column.words else np.nan)] * rows
    return pd.DataFrame(frame).astype(
        {column.name: "datetime64[s]" for column in layout.columns if column.look is Look.DATE}
    )


# ---------------------------------------------------------------------------------------------------------- reading


def com_value(cell: Any, epoch: datetime) -> Any:
    """Return what Excel hands over for a cell that openpyxl has read: the same file, seen through COM."""
    value = cell.value
    if cell.data_type == "e":
        return {"#N/A": -2146826246, "#DIV/0!": -2146826281, "#REF!": -2146826265, "#VALUE!": -2146826273}[value]
    if isinstance(value, bool) or value is None or isinstance(value, str):
        return value
    if isinstance(value, datetime):  # COM knows no 29 February 1900
        return (value - timedelta(days=value < MARCH_1900)).replace(tzinfo=UTC)
    if isinstance(value, time):
        return datetime.combine(epoch.date(), value, UTC)
    if "¥" in cell.number_format:
        return Decimal(repr(value))
    return float(value)


def both(book: Any, *, date1904: bool = False) -> tuple[list[RawSheet], list[RawSheet]]:
    """Return a workbook's sheets as the file readers give them, and as they are made of what Excel hands over."""
    content = io.BytesIO()
    book.save(content)
    again = openpyxl.load_workbook(content)
    live = []
    for index, page in enumerate(again):
        start = page.min_row, page.min_column
        epoch = EPOCH_1904 if date1904 else EPOCH
        values = [[com_value(cell, epoch) for cell in row] for row in page[page.dimensions]]
        merged = [
            (area.min_row - 1, area.min_col - 1, area.max_row - 1, area.max_col - 1)
            for area in page.merged_cells.ranges
        ]
        live.append(raw_sheet(page.title, index, values, start, merged, date1904=date1904))
    return read_sheets(content.getvalue(), ".xlsx"), live


def same(read: RawSheet, live: RawSheet) -> None:
    """Assert that two sheets say the same."""
    assert (live.name, live.index, live.date1904) == (read.name, read.index, read.date1904)
    assert live.errors == read.errors
    assert sorted(live.merged) == sorted(read.merged)
    assert texts(live) == texts(read)


def test_numbers_are_spelt_as_the_file_readers_spell_them() -> None:
    chance = random.Random(7)  # noqa: S311 - any numbers will do
    numbers = [chance.uniform(-1e6, 1e6) for _ in range(400)]
    numbers += [round(chance.uniform(0, 1e5), 2) for _ in range(400)]
    numbers += [chance.random() * 10 ** chance.randint(-12, 22) for _ in range(800)]
    numbers += [0.1 + 0.2, 1 / 3, 99999999.99, 1e15, 1e22, 5e-10, -1e-10, -0.0, 123.0, 12345678901234567]
    book = openpyxl.Workbook()
    for number in numbers:
        book.active.append([number])
    ((read,), (live,)) = both(book)
    same(read, live)


@pytest.mark.parametrize("date1904", [False, True])
def test_every_kind_of_cell_reads_as_in_the_file(date1904: bool) -> None:  # noqa: FBT001 - a case of the table
    book = openpyxl.Workbook()
    if date1904:
        book.epoch = CALENDAR_MAC_1904
    page = book.active
    page.title = "订单"
    rows: list[list[Any]] = [
        [None, None, None, None, None],
        [None, "订单号", "日期", "数量", "说明"],
        [None, "00123", THE_DAY, 12, True],
        [None, 123, NOON, 1234.5, False],
        [None, "A-1", time(10, 30), "#N/A", "两\n行"],
        [None, "", AFTERNOON, "#DIV/0!", " x "],
        [None, None, "2026/11/21", 0.85, "=not a formula"],
        [None, "B", "3月11日", 99.99, "#N/A"],
    ]
    if not date1904:
        rows.append([None, None, EARLY, None, None])
    for number, row in enumerate(rows, 1):
        for place, value in enumerate(row, 1):
            page.cell(number, place, value)
    page["E7"].data_type = page["E8"].data_type = "s"
    page["D4"].number_format, page["D7"].number_format, page["D8"].number_format = "#,##0.0", "0%", "¥#,##0.00"
    page["C12"] = None
    page.merge_cells("B3:B4")
    page.merge_cells("A10:E10")
    book.create_sheet("空")
    hidden = book.create_sheet("隐藏")
    hidden["C5"] = "x"
    hidden.sheet_state = "hidden"
    for read, live in zip(*both(book, date1904=date1904), strict=True):
        same(read, live)


def test_an_unknown_error_is_an_error_and_an_unknown_kind_of_value_a_bug() -> None:
    sheet = raw_sheet("x", 0, [[-2146826243, -2146826000, 1.0]], (3, 2))
    assert sheet.errors == {(2, 1): "#SPILL!", (2, 2): "#VALUE!"}
    assert texts(sheet)[2] == [None, "#SPILL!", "#VALUE!", "1"]
    with pytest.raises(TypeError):
        raw_sheet("x", 0, [[object()]], (1, 1))


@pytest.mark.parametrize(
    "text", ["true", "False", "2026-11-21T00:00:00", "2026-11-21 10:30:00.5", "-0", "0.12345678901"]
)
def test_a_text_that_looks_like_what_the_file_reader_writes_is_spelt_as_in_the_file(text: str) -> None:
    book = openpyxl.Workbook()
    book.active.append(["说明"])
    book.active["A2"], book.active["A2"].data_type = text, "s"
    ((read,), (live,)) = both(book)
    same(read, live)


def test_half_a_character_is_replaced_and_its_neighbours_stay() -> None:
    rows: list[list[object]] = [
        ["😀x"[:1], "\ud83d", "a"],
        [None, "x\ude00y", "\ud83d\ude00"],
        ["订单", "\ud83d\ud83d\ude00", 1.0],
    ]
    assert texts(raw_sheet("x", 0, rows, (1, 1))) == [
        ["😀", "\ufffd", "a"], [None, "x\ufffdy", "😀"], ["订单", "\ufffd😀", "1"],
    ]  # fmt: skip


def test_excel_is_asked_once_a_sheet_and_again_for_currency_and_merged_cells() -> None:
    excel = Application()
    book = excel.open({"订单": [["订单号", "单价"], ["A", Decimal("12.34567")], [None, 1.0]], "空": [[None]]})
    book.pages[0].merge([(2, 1, 3, 1)])
    live = live_in(excel)
    excel.calls.count.clear()
    first, second = live.sheets()
    assert texts(first) == [["订单号", "单价"], ["A", "12.34567"], [None, "1"]]
    assert first.merged == ((1, 0, 2, 0),)
    assert texts(second) == []
    assert excel.calls.count["Range.Value"] == 2
    assert excel.calls.count["Range.Value2"] == 1


def merged_by_threes(rows: int, columns: int) -> list[tuple[int, int, int, int]]:
    """Return the areas of columns in which every three rows below the headings are one."""
    return [(row, column, row + 2, column) for column in range(1, columns + 1) for row in range(2, rows - 1, 3)]


@pytest.mark.parametrize(
    ("merged", "most"),
    [
        ([], 1),
        (merged_by_threes(5000, 1), 1_800),
        (merged_by_threes(3000, 8), 8_200),
        ([(1, 1, 1, 12)], 80),  # a title
        ([(row, 1, row, 3) for row in range(21, 5000, 20)], 4_500),  # subtotals
        ([(4000, 7, 4003, 8), (4002, 5, 4002, 6), (1, 12, 5000, 12)], 160),
        ([(row, 2, row + 1 + row % 4, 2 + row % 3) for row in range(3, 4990, 11)], 9_000),
    ],
)
def test_every_merged_area_is_found_at_a_few_questions_each(merged: list[Any], most: int) -> None:
    excel = Application()
    page = excel.open({"订单": [["A"] * 12] * 5000}).pages[0]
    page.merge(merged)
    live = live_in(excel)
    excel.calls.count.clear()
    (sheet,) = live.sheets()
    assert sorted(sheet.merged) == sorted((a - 1, b - 1, c - 1, d - 1) for a, b, c, d in merged)
    assert excel.calls.count["Range.MergeCells"] + excel.calls.count["Range.MergeArea"] <= most


def test_too_many_merged_cells_are_said_and_none_is_lost(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("workbooks.live_merged.MOST_QUESTIONS", 100)
    excel = Application()
    excel.open({"订单": [["A"]] * 400}).pages[0].merge(merged_by_threes(400, 1))
    with pytest.raises(WorkbookError) as told:
        live_in(excel).sheets()
    assert (told.value.code, told.value.fields) == ("too-many-merged", {"sheet": "订单"})
    for lang in ("zh", "en"):
        assert "订单" in labels(lang).message(told.value.code, **told.value.fields)


@pytest.mark.parametrize("rows", [10, 1000])
def test_reading_costs_no_calls_by_the_row(rows: int) -> None:
    excel = Application()
    excel.open({"订单": [["A", 1.0]] * rows})
    live = live_in(excel)
    excel.calls.count.clear()
    live.sheets()
    assert sum(excel.calls.count.values()) < 40


def test_formats_down_to_the_last_row_are_not_read() -> None:
    excel = Application()
    page = excel.open({"订单": [["A", 1.0], ["B", 2.0]]}).pages[0]
    page.grid[1_048_576, 3] = Cell()
    (sheet,) = live_in(excel).sheets()
    assert texts(sheet) == [["A", "1"], ["B", "2"]]


def test_a_sheet_that_is_full_to_the_brim_is_refused() -> None:
    excel = Application()
    page = excel.open({"订单": [["A"]]}).pages[0]
    page.grid[1_048_576, 20] = Cell("x")
    with pytest.raises(WorkbookError) as told:
        live_in(excel).sheets()
    assert told.value.code == "sheet-too-large"


def test_what_is_selected() -> None:
    excel = Application()
    page = excel.open({"订单": [["A"]] * 5}).pages[0]
    live = live_in(excel)
    assert live.selected_rows() is None
    excel.Selection = Range(page, [(2, 1, 3, 4), (5, 1, 5, 1)])
    assert live.selected_rows() == ("订单", frozenset({2, 3, 5}))
    excel.Selection = Range(page, [(1, 1, 1_048_576, 1)])  # a whole column
    assert live.selected_rows() == ("订单", frozenset(range(1, 6)))


@pytest.mark.parametrize("guarded", [False, True])  # on a protected sheet SpecialCells fails
@pytest.mark.parametrize(
    ("areas", "rows"),
    [
        ([(2, 1, 9, 3)], {2, 6, 7, 9}),
        ([(1, 1, 1_048_576, 1)], {1, 2, 6, 7, 9, 10}),
        ([(2, 1, 4, 1), (7, 2, 8, 2)], {2, 7}),
        ([(2, 1, 2, 1), (6, 1, 6, 1)], {2, 6}),
        ([(3, 1, 5, 2)], set()),  # nothing in view
        ([(6, 1, 6, 1)], {6}),  # a single cell is no reason to take the whole sheet
    ],
)
def test_rows_that_a_filter_hides_are_not_selected(areas: list[Any], rows: set[int], guarded: bool) -> None:  # noqa: FBT001 - a case of the table
    excel = Application()
    page = excel.open({"订单": [["A"]] * 10}).pages[0]
    page.hidden, page.guarded = {3, 4, 5, 8}, guarded
    excel.Selection = Range(page, areas)
    assert live_in(excel).selected_rows() == ("订单", frozenset(rows))
    assert excel.calls.count["Range.SpecialCells"] == (areas != [(6, 1, 6, 1)])


def test_excel_out_of_reach_is_not_taken_for_nothing_in_view() -> None:
    excel = Application()
    page = excel.open({"订单": [["A"]] * 5}).pages[0]
    excel.Selection = Range(page, [(1, 1, 3, 1)])
    live = live_in(excel)

    def trip(name: str) -> None:
        if name == "Range.SpecialCells":
            raise ConnectionError

    excel.calls.trip = trip
    with pytest.raises(ConnectionError):
        live.selected_rows()


# --------------------------------------------------------------------------------------------------- what is planned


@pytest.mark.parametrize("text", HOSTILE)
def test_a_text_cell_takes_every_text_as_it_stands(text: str) -> None:
    assert escaped(text, "@") == text


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@x", "\t=1", "\r=1", "＝1", "＋1", "－1", "＠x"])
def test_elsewhere_what_begins_like_a_formula_is_marked_as_text(text: str) -> None:
    assert escaped(text, "yyyy-mm-dd") == f"'{text}"


def test_what_no_cell_can_hold_is_cut() -> None:
    assert escaped("a\x00b", "@") == "ab"
    assert len(escaped("x" * 40_000, "@")) == 32_767
    assert escaped("x=1", "General") == "x=1"


@pytest.mark.parametrize("layout", LAYOUTS.values(), ids=lambda layout: layout.key)
def test_every_column_of_words_is_text_and_every_other_keeps_its_format(layout: Any) -> None:
    for column in layout.columns:
        words = column.look not in {Look.QUANTITY, Look.MONEY, Look.PRICE, Look.RATE, Look.COUNT, Look.DATE, Look.LINK}
        assert live_format(column.look, "0.00") == ("@" if words else "0.00")


def test_addresses_are_short_enough_for_excel() -> None:
    areas = [(row, 1, row, 29) for row in range(2, 2000, 2)]
    together = list(addresses(areas, 255))
    assert max(map(len, together)) <= 255
    assert ",".join(together).split(",") == [address(area) for area in areas]
    assert list(addresses(areas[:3], 0)) == ["A2:AC2", "A4:AC4", "A6:AC6"]
    assert list(addresses([(1, 1, 1, 1)], 255)) == ["A1"]
    assert list(addresses([], 255)) == []


def test_the_plan_has_the_layouts_look() -> None:
    frame = empty("lines", 4).assign(decision=["pass", "hold", "hold", "return"], quantity=[1.0, 2.5, 3.0, 4.0])
    frame["order_date"] = np.array(["2026-11-21", "NaT", "1800-01-01", "1900-01-15"], "datetime64[s]")
    made = plan(Table(LAYOUTS["lines"], frame))
    assert made.values[0][:3] == ["区域", "订单号", "下单日期"]
    assert [row[2] for row in made.values[1:]] == [46347.0, "", "1800-01-01", 15.0]
    assert [row[23] for row in made.values[1:]] == ["通过", "待批", "待批", "退回"]
    assert made.paints["fill", PALETTE["hold"].tint] == [(3, 1, 4, 23), (3, 25, 4, 29)]
    assert made.paints["fill", PALETTE["hold"].fill] == [(3, 24, 4, 24)]
    assert made.paints["ink", PALETTE["return"].ink] == [(5, 24, 5, 24)]
    assert made.paints["numbers", "#,##0.0##"] == [(3, 9, 3, 9)]
    assert made.formats["numbers", "@"][0] == (1, 1, 1, 29)
    assert ("width", 16.5) in made.widths


def test_the_total_row_and_what_people_fill_in_stand_out() -> None:
    control = plan(Table(LAYOUTS["control"], empty("control", 3).assign(verdict="PASS")))
    assert control.paints["fill", TOTAL_FILL] == [(4, 1, 4, 8), (4, 10, 4, 13)]
    assert (4, 1, 4, 8) in control.paints["bold", True]
    funds = plan(Table(LAYOUTS["funds"], empty("funds", 2).assign(judgement="unpaid")))
    assert funds.paints["fill", INPUT_FILL] == [(2, 10, 3, 10)]
    assert funds.paints["locked", False] == [(2, 10, 3, 10)]


def test_dates_in_a_book_that_counts_from_1904_and_rows_as_high_as_their_sentences() -> None:
    frame = empty("transfers", 2).assign(remark=["短", "长" * 60])
    frame["registered"] = pd.to_datetime(["2026-11-21"] * 2).astype("datetime64[s]")
    made = plan(Table(LAYOUTS["transfers"], frame), date1904=True)
    assert made.values[1][0] == 46347.0 - 1462
    assert made.formats["height", 16.5] == [(2, 1, 2, 1)]
    assert made.formats["height", 16.5 + 2 * 14.5] == [(3, 1, 3, 1)]
    with pytest.raises(KeyError):
        plan(Table(LAYOUTS["transfers"], frame.drop(columns="remark")))


# ---------------------------------------------------------------------------------------------------------- writing


def state(book: Workbook) -> list[Any]:
    """Return all there is to see of a workbook."""
    return [
        (
            page.name,
            page.visible,
            {place: (cell.value, cell.formula, dict(cell.look)) for place, cell in page.grid.items()},
        )
        for page in book.pages
    ] + [book.shown.name]


def hostile() -> Table:
    """Return a sheet whose every text column holds what Excel would like to make something else of."""
    frame = empty("lines", len(HOSTILE)).assign(decision="hold", source_row=5.0)
    for column in LAYOUTS["lines"].columns:
        if column.look in {Look.TEXT, Look.CODE, Look.SENTENCE}:
            frame[column.name] = HOSTILE
    return Table(LAYOUTS["lines"], frame)


@pytest.mark.parametrize("kind", ["excel", "calc"])
def test_text_of_the_regions_stays_text(kind: str, tmp_path: Any) -> None:
    opened = open_book(kind, tmp_path, {"订单": [["x"]]})
    (name,) = opened.book.write([hostile()], DAY)
    rows = texts(opened.look()[name])[1:]
    said = [text.replace("\r", "\n") if kind == "calc" else text for text in HOSTILE]  # Calc has one kind of line break
    for place, column in enumerate(LAYOUTS["lines"].columns):
        if column.look in {Look.TEXT, Look.CODE}:
            assert [row[place] for row in rows] == said


def test_a_formula_that_came_in_all_the_same_is_taken_out_with_its_sheet(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("workbooks.live_plan.live_format", lambda _look, numbers: numbers)  # as if it were forgotten
    excel = Application()
    book = excel.open({"订单": [["x"]]})
    before = state(book)
    with pytest.raises(WorkbookError) as told:
        live_in(excel).write([returns("A1"), hostile()], DAY)
    assert told.value.code == "formula-in-result"
    assert state(book) == before


@pytest.mark.parametrize("kind", ["excel", "calc"])
def test_the_look_of_a_sheet(kind: str, tmp_path: Any) -> None:
    opened = open_book(kind, tmp_path, {"订单": [["x"]]})
    live: Any = opened.book
    frame = empty("funds", 2).assign(partner_code="00123", amount=1234.5, judgement=["paid", "unpaid"])
    (name,) = live.write([Table(LAYOUTS["funds"], frame)], DAY)
    page = live.book.sheets[name]
    assert page["A2"].number_format == "@"
    assert page["A2"].raw_value == "00123"
    assert page["E2"].number_format == "#,##0.00"
    assert page["A1"].font.bold
    assert page["A1"].font.name == "微软雅黑"
    colours = {place: "#{:02X}{:02X}{:02X}".format(*page[place].color) for place in ("A1", "A3", "I2", "I3", "J2")}
    assert colours == {
        "A1": "#22405F", "A3": PALETTE["hold"].tint, "I2": PALETTE["pass"].fill, "I3": PALETTE["hold"].fill,
        "J2": INPUT_FILL,
    }  # fmt: skip
    assert page["F1"].column_width == pytest.approx(18, rel=0.02)


def test_what_excel_alone_can_do() -> None:
    excel = Application()
    book = excel.open({"订单": [["x"]]})
    live = live_in(excel)
    frame = empty("lines", 3).assign(
        decision="hold", source_row=[5.0, 6.0, np.nan], link_target=np.array(["", None, ""], object), link_sheet="订单"
    )
    funds = empty("funds", 2).assign(judgement="paid")
    control = empty("control", 3).assign(verdict="PASS")
    tables = [Table(LAYOUTS[key], rows) for key, rows in (("lines", frame), ("funds", funds), ("control", control))]
    live.write([*tables, Table(LAYOUTS["returns"], empty("returns", 0))], DAY)
    lines, answers, totals, nothing = book.pages[1:]
    assert lines.extras["filter"] == "$A$1:$AC$4"
    assert "待批: 待审批" in lines.extras["notes"][1, 24]
    assert (lines.extras["SplitRow"], lines.extras["SplitColumn"], lines.extras["FreezePanes"]) == (1, 2, True)
    assert lines.extras["DisplayGridlines"] is False
    assert [lines.grid[row, 28].formula for row in (2, 3, 4)] == ["=HYPERLINK(\"#'订单'!A5\",5)", "", ""]
    assert [lines.grid[row, 28].value for row in (2, 3)] == [5.0, 6.0]
    assert [lines.grid[row, 28].look.get("Font.Underline") for row in (2, 3)] == [2, None]
    assert answers.extras["Validation.Add"] == ("$J$2:$J$3", (3, 1, 1, "有款,没款,欠款"))
    assert totals.extras["filter"] == "$A$1:$M$3"  # the total row stays out of it
    assert nothing.extras["filter"] == "$A$1:$H$1"
    assert book.shown is lines


@pytest.mark.parametrize(
    ("sheet", "formula"),
    [
        ("订单", "=HYPERLINK(\"#'订单'!A7\",7)"),
        ("it's", "=HYPERLINK(\"#'it''s'!A7\",7)"),
        ('a",cmd()&"', '=HYPERLINK("#\'a"",cmd()&""\'!A7",7)'),
    ],
)
def test_a_sheets_name_stays_text_in_a_link(sheet: str, formula: str) -> None:
    assert link_formula(sheet, 7) == formula


def test_what_the_team_made_is_not_touched_and_names_are_free() -> None:
    excel = Application()
    book = excel.open({"订单": [["=x", 1.0, "00123"]], "退单清单": [["mine"]], "选项": [["y"]], "密": [["z"]]})
    book.pages[2].visible, book.pages[3].visible = 0, 2  # hidden, and very hidden
    book.tabs.append(Chart(book, "退单清单 (2)"))
    before = state(book)[:-1]
    assert live_in(excel).write([returns("A1")], DAY) == ["退单清单 (3)"]
    assert [page for page in state(book)[:-1] if page[0] != "退单清单 (3)"] == before
    assert [tab.name for tab in book.tabs] == ["订单", "退单清单", "选项", "密", "退单清单 (2)", "退单清单 (3)"]


@pytest.mark.parametrize("deaf", [False, True])
@pytest.mark.parametrize(("hidden", "place"), [((), 3), ((2,), 2), ((1, 2), 1)])
def test_new_sheets_stand_behind_the_last_in_view_whatever_is_selected(
    hidden: tuple[int, ...],
    place: int,
    deaf: bool,  # noqa: FBT001 - a case of the table
) -> None:
    excel = Application()
    book = excel.open({"订单": [["x"]], "b": [["y"]], "c": [["z"]]})
    for number in hidden:
        book.pages[number].visible = 2
    book.tabs.insert(0, Chart(book, "图表"))
    book.grouped, book.deaf_to_after = 3, deaf
    assert live_in(excel).write([returns("A1"), returns("A2")], DAY) == ["退单清单", "退单清单 (2)"]
    left = ["图表", "订单", "b", "c"]
    assert [tab.name for tab in book.tabs] == [*left[: place + 1], "退单清单", "退单清单 (2)", *left[place + 1 :]]
    assert book.shown.name == "退单清单"


def test_the_team_sheets_in_calc_are_not_touched(tmp_path: Any) -> None:
    opened = open_book("calc", tmp_path, {"订单": [["x", 1.0, "00123"]], "退单清单": [["mine"]]})
    live: Any = opened.book
    before = [live.book.sheets[place].used_range.api.getFormulaArray() for place in (0, 1)]
    assert live.write([returns("A1")], DAY) == ["退单清单 (2)"]
    assert [live.book.sheets[place].used_range.api.getFormulaArray() for place in (0, 1)] == before


def test_whatever_call_fails_the_book_is_as_it_was() -> None:
    excel = Application()
    excel.open({"订单": [["x"]]})
    live_in(excel).write([returns("A1"), returns("A2")], DAY)
    calls = 0
    while True:
        calls += 3
        excel = Application()
        book = excel.open({"订单": [["x"]], "b": [["y"]]})
        live, before = live_in(excel), state(book)
        left = iter(range(calls, -1, -1))

        def trip(name: str, left: Any = left) -> None:
            if next(left, None) == 0:
                raise ComError(name)

        excel.calls.trip = trip
        try:
            live.write([returns("A1"), returns("A2")], DAY)
        except ComError:
            assert state(book) == before, calls
        else:
            break
    assert calls > 100


def test_stopped_between_two_sheets_nothing_is_left_of_either() -> None:
    excel = Application()
    book = excel.open({"订单": [["x"]]})
    before = state(book)

    def pulse() -> None:
        if len(book.pages) == 3:
            raise Cancelled

    with pytest.raises(Cancelled):
        live_in(excel, pulse).write([returns("A1"), returns("A2")], DAY)
    assert state(book) == before


def test_a_protected_or_shared_workbook_and_a_sheet_too_short_are_said_before_anything_is_written() -> None:
    excel = Application()
    book = excel.open({"订单": [["x"]]})
    book.guarded = True
    with pytest.raises(WorkbookError) as told:
        live_in(excel).write([returns("A1")], DAY)
    assert told.value.code == "book-protected"
    book.guarded = False
    book.shared = True
    with pytest.raises(WorkbookError) as told:
        live_in(excel).write([returns("A1")], DAY)
    assert told.value.code == "book-shared"
    book.shared = False
    many = Table(LAYOUTS["problems"], pd.DataFrame(index=range(1_048_576)))
    with pytest.raises(WorkbookError) as told:
        live_in(excel).write([many], DAY)
    assert told.value.code == "too-many-rows"
    assert len(book.pages) == 1


@pytest.mark.parametrize("key", list(LAYOUTS))
def test_writing_costs_no_calls_by_the_row(key: str) -> None:
    counts = []
    for rows in (3, 300):
        excel = Application()
        excel.open({"订单": [["x"]]})
        live = live_in(excel)
        excel.calls.count.clear()
        live.write([Table(LAYOUTS[key], empty(key, rows))], DAY)
        counts.append(sum(excel.calls.count.values()))
        assert excel.calls.count["Range.Value ="] == 1
    assert counts[0] == counts[1] < 220


# ------------------------------------------------------------------------------------------------------- at work


@pytest.mark.parametrize("error", [None, ComError, Cancelled, KeyboardInterrupt])
def test_settings_are_put_back_whatever_happens(error: type[BaseException] | None) -> None:
    excel = Application()
    excel.open({"订单": [["x"]]})
    excel.EnableEvents = False  # as the user had it
    app = live_in(excel).book.app

    def work() -> None:
        with at_work(app):
            assert (excel.ScreenUpdating, excel.EnableEvents, excel.Calculation) == (False, False, -4135)
            app.status_bar = "审单"
            if error is not None:
                raise error

    if error is None:
        work()
    else:
        with pytest.raises(error):
            work()
    assert (excel.ScreenUpdating, excel.EnableEvents, excel.Calculation) == (True, False, AUTOMATIC)
    assert excel.StatusBar is False


def test_one_setting_that_cannot_be_put_back_does_not_keep_the_others() -> None:
    excel = Application()
    excel.open({"订单": [["x"]]})
    app = live_in(excel).book.app

    def trip(name: str) -> None:
        if name == "Application.Calculation =":
            raise ComError(name)

    def work() -> None:
        with at_work(app):
            excel.calls.trip = trip

    with pytest.raises(ComError):
        work()
    assert (excel.ScreenUpdating, excel.EnableEvents, excel.StatusBar) == (True, True, False)
