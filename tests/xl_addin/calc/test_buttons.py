"""Every button of the menu, pressed in a live Calc as the menu presses it: by dispatch, headless."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from macros.desk import BUTTONS
from tests.calc_desk import CalcDesk, Rows
from workbooks.labels import Lang, labels, raw
from workbooks.layout import INVOICE_LAYOUTS, LAYOUTS, PACKAGING_LAYOUTS, RETURN_LAYOUTS
from xl_addin.calc.engine.structs import properties
from xl_addin.calc.extension.addons import groups
from xl_addin.desk import desk_folder

REGION = "东北大区.xlsx"
LABEL, PANELS = 86, {17, 40}  # of AccessibleRole: a bar's text, and what it stands in
SETTINGS = ("folder", "refresh", "doctor", "log", "help")
LANGS: tuple[Lang, ...] = ("zh", "en")  # LibreOffice's own, English where its Chinese is not installed
WHOSE = ("check-alone", "desk-team-orders")  # what the bar says of orders: the workbook's own, the team folder's
DAY = date(2026, 11, 21)
DEMO_LINES = 555
OURS = {**LAYOUTS, **RETURN_LAYOUTS}
ORDERS = [button for button, keys in BUTTONS.items() if OURS.keys() >= {*keys}]  # KASP's have a test of theirs

each_button = pytest.mark.parametrize("button", ORDERS)


@pytest.fixture
def region(calc: CalcDesk, team: Path) -> Iterator[Any]:
    """Return a region's workbook of the demo day, open in Calc, and closed unsaved."""
    [path] = sorted((team / labels().folders["orders"]).rglob(REGION))
    document = calc.load(path.as_uri())
    yield document
    document.close(True)  # noqa: FBT003 - UNO takes no names of arguments


@pytest.fixture
def empty(calc: CalcDesk) -> Iterator[Any]:
    """Return a new, empty document."""
    document = calc.load()
    yield document
    document.close(True)  # noqa: FBT003 - the same


def names(document: Any) -> list[str]:
    """Return the names of a document's sheets."""
    return list(document.Sheets.ElementNames)


def look(document: Any) -> dict[str, Rows]:
    """Return what stands in the cells of all sheets, formulas as they are."""
    return {name: contents(document.Sheets.getByName(name)) for name in names(document)}


def contents(sheet: Any) -> Rows:
    """Return the used cells of a sheet; one blank cell where there are none."""
    cursor = sheet.createCursor()
    cursor.gotoEndOfUsedArea(False)  # noqa: FBT003 - UNO takes no names of arguments
    end = cursor.RangeAddress
    return tuple(sheet.getCellRangeByPosition(0, 0, end.EndColumn, end.EndRow).getFormulaArray())


def pressed(calc: CalcDesk, document: Any, button: str) -> tuple[list[str], str]:
    """Press a button and return the sheets that are new, and what was logged of it."""
    before, logged = names(document), calc.logged()
    calc.press(document, button)
    return [name for name in names(document) if name not in before], calc.logged().removeprefix(logged)


def said_above(document: Any, among: Iterable[str]) -> str | None:
    """Return with which of these texts a bar above the sheet begins; UNO gives it only to who cannot see it."""
    said = list(_labels(document.CurrentController.Frame.ContainerWindow.AccessibleContext))
    return next((text for text in among if any(one.startswith(text) for one in said)), None)


def _labels(context: Any) -> Iterator[str]:
    for place in range(context.getAccessibleChildCount()):
        part = context.getAccessibleChild(place)
        inner = part.getAccessibleContext() if part is not None else None
        if inner is None:
            continue
        if inner.getAccessibleRole() == LABEL:
            yield inner.getAccessibleName()
        elif inner.getAccessibleRole() in PANELS:  # not the cells, the menus and the sidebar: all that takes seconds
            yield from _labels(inner)


def has_bar(document: Any) -> bool:
    """Tell whether Order Desk's bar stands above the sheet."""
    return bool(document.CurrentController.hasInfobar("orderdesk"))


def select(document: Any, address: str) -> None:
    """Select cells of the first sheet."""
    sheet = document.Sheets.getByIndex(0)
    document.CurrentController.select(sheet.getCellRangeByName(address))


def kinds(new: list[str]) -> list[str]:
    """Return the kinds of the sheets of these names."""
    keys = {layout.name: key for key, layout in OURS.items()}
    return [keys[name.partition(" (")[0]] for name in new]


def test_the_buttons_are_those_of_the_ribbon() -> None:
    assert {button.name for group in groups() for button in group} == {*BUTTONS, *SETTINGS}


@each_button
def test_a_button_writes_its_sheets_and_leaves_the_teams(button: str, calc: CalcDesk, region: Any) -> None:
    before = look(region)
    select(region, "A4:C6")
    new, logged = pressed(calc, region, button)
    wanted = list(BUTTONS[button])
    assert kinds(new)[: len(wanted)] == wanted
    assert set(kinds(new)[len(wanted) :]) <= {"problems"}
    assert f"INFO [{logged.partition('[')[2].partition(']')[0]}] orderdesk: {button}: read " in logged
    assert "Traceback" not in logged
    assert has_bar(region)
    after = look(region)
    assert {name: after[name] for name in before} == before
    for name in new:
        headings, *_ = after[name]
        assert list(headings) == [column.heading for column in OURS[kinds([name])[0]].columns]
    written = len(region.Sheets.ElementNames) - len(new)
    assert names(region)[written:] == new  # behind all that was there


@pytest.mark.parametrize("button", ["packaging", "invoices"])
def test_the_requests_of_the_team_folder_are_summed_up(button: str, calc: CalcDesk, empty: Any) -> None:
    layouts = {**PACKAGING_LAYOUTS, **INVOICE_LAYOUTS}
    new, logged = pressed(calc, empty, button)
    assert new[: len(BUTTONS[button])] == [layouts[key].name for key in BUTTONS[button]]
    headings, *rows = look(empty)[new[0]]
    assert list(headings) == [column.heading for column in layouts[button].columns]
    assert rows
    assert "Traceback" not in logged
    assert has_bar(empty)


def test_a_button_pressed_where_no_line_is_selected_says_so_in_the_log(calc: CalcDesk, region: Any) -> None:
    select(region, "A1:C1")
    new, logged = pressed(calc, region, "line")
    assert new == []
    assert "WARNING" in logged
    assert f"line: no-line-selected: book={REGION}" in logged
    assert "nobody to tell: " in logged


@each_button
def test_an_empty_document_is_the_team_folders_day(button: str, calc: CalcDesk, empty: Any) -> None:
    new, logged = pressed(calc, empty, button)
    if button == "line":  # of a document without lines there is none to select
        assert (new, "no-line-selected" in logged) == ([], True)
        return
    assert kinds(new)[: len(BUTTONS[button])] == list(BUTTONS[button])
    sheets = look(empty)
    assert sheets[names(empty)[0]] == (("",),)  # its own sheet is as empty as before
    if "lines" in kinds(new):
        headings, *rows = sheets[LAYOUTS["lines"].name]
        assert len(rows) == DEMO_LINES
        assert {row[headings.index("来源文件")] for row in rows} > {REGION}


def test_the_bar_says_whose_orders_were_judged(calc: CalcDesk, region: Any, empty: Any) -> None:
    meant = {labels(lang).message(code, day=DAY): code for code in WHOSE for lang in LANGS}
    for document, code in ((region, WHOSE[0]), (empty, WHOSE[1])):
        calc.press(document, "finance")
        assert meant[said_above(document, meant) or ""] == code


def test_a_document_of_something_else_says_so(calc: CalcDesk, empty: Any) -> None:
    cells = empty.Sheets.getByIndex(0).getCellRangeByName("A1:D2")
    cells.setDataArray((("订单号", "合作商编码", "产品编码", "件数么"), ("A1", "HD-001", "010001", 24.0)))
    new, logged = pressed(calc, empty, "audit")
    assert new == []
    assert "audit: no-order-sheet" in logged
    assert "nobody to tell: " in logged


@pytest.mark.parametrize("button", SETTINGS)
def test_settings_do_not_hang_where_there_is_nobody_to_see_them(button: str, calc: CalcDesk, empty: Any) -> None:
    new, logged = pressed(calc, empty, button)
    assert new == []
    assert "Traceback" not in logged
    assert ("nobody to tell: " in logged) == (button == "doctor" or (button in {"log", "help"} and bool(logged)))
    if button == "help":
        assert list(desk_folder().glob("*.html"))


def test_the_self_check_finds_nothing_wrong(calc: CalcDesk, empty: Any) -> None:
    _, logged = pressed(calc, empty, "doctor")
    assert any(raw()["doctor"]["box"]["good"][lang] in logged for lang in LANGS), logged


# ---------------------------------------------------------------------------------------------- what is left as it was


def orders_document(calc: CalcDesk) -> Any:
    """Open a new document with a line of orders, as its user has not changed it since."""
    document = calc.load()
    cells = document.Sheets.getByIndex(0).getCellRangeByName("A1:D2")
    cells.setDataArray((("订单号", "合作商编码", "产品编码", "数量"), ("A1", "HD-001", "010001", 24.0)))
    document.setModified(False)
    return document


def test_a_press_that_writes_nothing_changes_nothing_here_or_in_other_documents(calc: CalcDesk) -> None:
    other, document = orders_document(calc), orders_document(calc)
    document.Sheets.getByIndex(0).getCellRangeByName("H1").String = "mine"
    document.setModified(False)
    steps = document.UndoManager.getAllUndoActionTitles()
    document.CurrentController.select(document.Sheets.getByIndex(0).getCellRangeByName("J9"))
    new, logged = pressed(calc, document, "line")
    assert new == []
    assert "no-line-selected" in logged
    assert document.UndoManager.getAllUndoActionTitles() == steps != ()
    assert not document.isModified()
    assert not other.isModified()
    assert document.isAutomaticCalculationEnabled()
    for one in (document, other):
        one.close(True)  # noqa: FBT003 - the same


def test_where_sheets_were_written_there_is_nothing_to_undo_by_halves(calc: CalcDesk) -> None:
    other, document = orders_document(calc), orders_document(calc)
    assert document.UndoManager.isUndoPossible()
    new, _ = pressed(calc, document, "audit")
    assert new
    assert not document.UndoManager.isUndoPossible()
    assert not document.UndoManager.isLocked()
    assert document.isModified()
    assert not other.isModified()
    for one in (document, other):
        one.close(True)  # noqa: FBT003 - the same


@pytest.mark.parametrize("code", ["book-read-only", "book-shared"])
def test_a_document_that_keeps_no_new_sheets_is_refused(code: str, calc: CalcDesk, tmp_path: Path) -> None:
    document, path = orders_document(calc), tmp_path / "订单.ods"
    if code == "book-shared":
        document.createInstance("com.sun.star.sheet.DocumentSettings").IsDocumentShared = True
    document.storeToURL(path.as_uri(), properties(FilterName="calc8"))
    document.close(True)  # noqa: FBT003 - the same
    document = calc.load(path.as_uri(), ReadOnly=code == "book-read-only")
    new, logged = pressed(calc, document, "audit")
    assert new == []
    assert f"audit: {code}" in logged
    document.close(True)  # noqa: FBT003 - the same


def test_the_sheets_print_one_page_wide_with_their_headings(calc: CalcDesk) -> None:
    document = orders_document(calc)
    [name, *_], _ = pressed(calc, document, "audit")
    sheet = document.Sheets.getByName(name)
    page = document.StyleFamilies.getByName("PageStyles").getByName(sheet.PageStyle)
    assert (page.ScaleToPagesX, page.ScaleToPagesY, page.IsLandscape, page.Width) == (1, 0, True, 29700)
    assert sheet.getPrintTitleRows()
    document.close(True)  # noqa: FBT003 - the same
