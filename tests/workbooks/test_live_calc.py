"""What Calc alone does for an open workbook, in a real Calc, and in the Excel file that it saves."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import openpyxl
import pandas as pd
import pytest

from tests.live_hosts import live_in_calc, select_rows, texts
from tests.workbooks.test_book import returns
from tests.workbooks.test_live import empty
from workbooks.book import Cancelled
from workbooks.errors import WorkbookError
from workbooks.layout import INPUT_FILL, LAYOUTS
from workbooks.writing.book import Table

DAY = date(2026, 11, 21)
ROWS = [["订单号"], *([f"A{row}"] for row in range(2, 11))]


def test_a_book_is_read_as_the_file_it_is_saved_as(tmp_path: Path) -> None:
    live = live_in_calc({"订单": [["订单号", "数量"], ["00123", 1.5], [None, True]], "空": [[None]]})
    page = live.book.sheets[0]
    page["C2"].formula = "=NA()"
    page["A2:A3"].merge()
    first, second = live.sheets()
    assert texts(first) == [["订单号", "数量", None], ["00123", "1.5", "#N/A"], [None, "TRUE", None]]
    assert first.merged == ((1, 0, 2, 0),)
    assert texts(second) == []
    assert live.folder == ""
    live.book.save(tmp_path / "订 单.xlsx")
    assert live.folder == str(tmp_path)
    assert live.name == "订 单.xlsx"


@pytest.mark.parametrize(
    "merged",
    [
        [],
        ["A1:L1"],
        [f"A{row}:A{row + 2}" for row in range(2, 299, 3)],
        ["B2:C2", "B3:C3", "B4:C4", "B6:D9", "G5:G6", "H5:H6"],
    ],
)
def test_every_merged_area_is_found(merged: list[str]) -> None:
    live = live_in_calc({"订单": [["A"] * 12] * 300})
    page = live.book.sheets[0]
    for place in merged:
        page[place].merge()
    wanted = [page[place].impl.areas[0] for place in merged]
    assert sorted(live.host.merged(page["A1:L300"])) == sorted(wanted)


def test_formats_down_to_the_last_row_are_not_read() -> None:
    live = live_in_calc({"订单": [["A", 1.0], ["B", 2.0]]})
    page = live.book.sheets[0]
    page["A1:C1048576"].color = "#FF0000"
    page["A1:C500000"].color = "#00FF00"
    assert live.host.used(page).address == "$A$1:$B$2"
    page["Z1000000"].raw_value = "x"
    assert live.host.used(page).shape == (1_000_000, 26)
    page.clear()
    page["A1:C900000"].color = "#00FF00"
    assert live.host.used(page).address == "$A$1"


@pytest.mark.parametrize(
    ("address", "rows"),
    [
        ("A2:C9", {2, 6, 7, 9}),
        ("A:A", {1, 2, 6, 7, 9, 10}),
        ("A1:AMJ1048576", {1, 2, 6, 7, 9, 10}),
        ("A2:A4,B7:B8", {2, 7}),
        ("A3:B5", set()),  # nothing in view
        ("B6", {6}),
        ("A40:A50", set()),  # below all that is used
    ],
)
def test_rows_that_are_hidden_are_not_selected(address: str, rows: set[int]) -> None:
    live = live_in_calc({"订单": ROWS})
    page = live.book.sheets[0]
    for row in (3, 4, 5, 8):
        page.api.Rows.getByIndex(row - 1).IsVisible = False
    page.range(address).select()
    assert live.selected_rows() == ("订单", frozenset(rows))


def test_a_selection_is_of_the_sheet_in_front() -> None:
    live = live_in_calc({"订单": ROWS, "备忘": [["x"], ["y"]]})
    select_rows(live.book, ("备忘", frozenset({2})))
    assert live.selected_rows() == ("备忘", frozenset({2}))


def test_new_sheets_stand_behind_the_last_in_view() -> None:
    live = live_in_calc({"订单": [["x"]], "Sheet1": [["y"]], "c": [["z"]]})
    live.book.sheets["c"].visible = False
    assert live.write([returns("A1"), returns("A2")], DAY) == ["退单清单", "退单清单 (2)"]
    assert live.host.names(live.book) == ["订单", "Sheet1", "退单清单", "退单清单 (2)", "c"]
    assert live.book.sheets.active.name == "退单清单"


@pytest.mark.parametrize("stop_at", [2, 3])
def test_stopped_half_way_nothing_is_left(stop_at: int) -> None:
    def pulse() -> None:
        if len(live.book.sheets) == stop_at:
            raise Cancelled

    live = live_in_calc({"订单": ROWS}, pulse)
    with pytest.raises(Cancelled):
        live.write([returns("A1"), returns("A2")], DAY)
    assert live.host.names(live.book) == ["订单"]
    assert live.book.sheets.active.name == "订单"


def test_a_protected_book_and_a_sheet_too_short_are_said_before_anything_is_written() -> None:
    live = live_in_calc({"订单": ROWS})
    live.book.api.protect("")
    with pytest.raises(WorkbookError) as told:
        live.write([returns("A1")], DAY)
    assert told.value.code == "book-protected"
    live.book.api.unprotect("")
    with pytest.raises(WorkbookError) as told:
        live.write([Table(LAYOUTS["problems"], pd.DataFrame(index=range(1_048_576)))], DAY)
    assert told.value.code == "too-many-rows"
    assert live.host.names(live.book) == ["订单"]


def saved(tmp_path: Path) -> Any:
    """Return an Excel file that Calc saved with our sheets in it, as openpyxl reads it."""
    live = live_in_calc({"it's 订单": [["x"]]})
    frame = empty("lines", 3).assign(
        decision="hold",
        source_row=[5.0, 6.0, np.nan],
        order_no="00123",
        quantity=[1.0, 2.5, 3.0],
        link_sheet="it's 订单",
        link_target=np.array(["", None, ""], object),
        order_date=np.array(["2026-11-21"] * 3, "datetime64[s]"),
    )
    funds = empty("funds", 2).assign(judgement="paid")
    control = empty("control", 3).assign(verdict="PASS")
    tables = [Table(LAYOUTS[key], rows) for key, rows in (("lines", frame), ("funds", funds), ("control", control))]
    live.write([*tables, Table(LAYOUTS["returns"], empty("returns", 0))], DAY)
    live.book.save(tmp_path / "saved.xlsx")
    return openpyxl.load_workbook(tmp_path / "saved.xlsx")


def test_what_calc_saves_is_in_excel_what_excel_itself_would_have_made(tmp_path: Path) -> None:
    book = saved(tmp_path)
    team, lines, funds, control, nothing = book.worksheets
    assert book.active.title == lines.title == "订单汇总"
    assert lines.freeze_panes == "C2"
    assert [page.sheet_view.showGridLines for page in book.worksheets] == [True, False, False, False, False]
    assert [page.auto_filter.ref for page in book.worksheets[1:]] == ["A1:AC4", "A1:K3", "A1:M3", "A1:H1"]
    assert not any(page.tables for page in book.worksheets)
    assert "待批: 待审批" in lines["X1"].comment.text
    assert [lines[f"AB{row}"].value for row in (2, 3, 4)] == ["=HYPERLINK(\"#'it''s 订单'!A5\",5)", 6, None]
    assert [lines[f"AB{row}"].font.underline for row in (2, 3)] == ["single", None]
    assert (lines["B2"].value, lines["B2"].number_format) == ("00123", "@")
    assert (f"{lines['C2'].value:%Y-%m-%d}", lines["C2"].number_format) == (f"{DAY}", "yyyy\\-mm\\-dd")
    assert [lines[f"I{row}"].number_format for row in (2, 3)] == ["#,##0", "#,##0.0##"]
    assert (lines["A1"].font.name, lines["A1"].font.sz, lines["A1"].font.b) == ("微软雅黑", 10, True)
    assert (lines["A1"].fill.fgColor.rgb, lines["A1"].font.color.rgb) == ("FF22405F", "FFFFFFFF")
    assert (lines["A1"].alignment.horizontal, lines["A1"].alignment.vertical) == ("center", "center")
    assert (lines["A2"].alignment.horizontal, lines["A2"].alignment.indent) == ("left", 1)
    assert lines["A2"].border.bottom.color.rgb == "FFDFE3E8"
    assert lines["A1"].border.right.color.rgb == "FF4A6580"
    assert lines.row_dimensions[1].height == pytest.approx(30, abs=0.1)
    assert lines.row_dimensions[2].height == pytest.approx(16.5, abs=0.1)
    [rule] = funds.data_validations.dataValidation
    assert (rule.type, rule.formula1, str(rule.sqref)) == ("list", '"有款,没款,欠款"', "J2:J3")
    assert (rule.showErrorMessage, rule.showInputMessage, rule.showDropDown) == (True, True, False)
    assert (funds["J2"].fill.fgColor.rgb, funds["J2"].protection.locked) == (f"FF{INPUT_FILL[1:]}", False)
    assert funds["I2"].protection.locked
    assert control["A4"].border.top.color.rgb == "FF22405F"
    assert nothing["A1"].value == "区域"
    assert team["A1"].value == "x"


def test_a_link_leads_to_its_row_in_calc_too() -> None:
    live = live_in_calc({"a": [["x"]], "it's 订单": [["y"]] * 9})
    cells = live.book.sheets[0]["B2:B4"]
    live.host.link(cells, [("it's 订单", 7), None, None], [7.0, 8.5, "=文本"])
    assert cells.raw_value == ((7.0,), (8.5,), ("=文本",))
    assert cells.formula[0] == ("=HYPERLINK(\"#'it''s 订单'!A7\",7)",)
    live.book.impl.dispatch("Open", URL=cells[0].impl.hyperlink, Referer="private:user")  # what a click does
    assert live.book.sheets.active.name == "it's 订单"
    assert live.book.app.selection.address == "$A$7"
