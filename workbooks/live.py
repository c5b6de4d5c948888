"""The workbook that is open: read and written through xlwings, in whole ranges.

What every spreadsheet program can do goes through xlwings' own names; the rest is asked of a host (Excel's is
workbooks.live_excel). The work on a sheet costs calls by its columns and by stretches of rows that look alike, never
by its cells.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import ExitStack
from datetime import date
from typing import Any, Protocol

import xlwings as xw

from workbooks import layout as looks
from workbooks.book import Selection
from workbooks.errors import WorkbookError
from workbooks.live_cells import Area, raw_sheet
from workbooks.live_plan import Lead, Paints, Plan, Value, address, addresses, own_links, plan
from workbooks.reading.cells import RawSheet
from workbooks.sheets import free_names
from workbooks.writing.book import Table

Rows = Sequence[Sequence[object]]

MOST_CELLS = 20_000_000  # of a sheet: some GB on their way from one program to the other


class Host(Protocol):
    """What a spreadsheet program does in its own way.

    longest: characters that an address of several areas may have; 0 where it knows none.
    """

    longest: int

    def check(self, book: xw.Book, rows: int) -> None:
        """Raise WorkbookError where the book takes no new sheets, or no sheet of so many rows."""

    def names(self, book: xw.Book) -> list[str]:
        """Return the names of all sheets, charts too."""

    def folder(self, book: xw.Book) -> str:
        """Return the folder the book lies in, as the program spells it."""

    def date1904(self, book: xw.Book) -> bool:
        """Tell whether the book counts its days from 1904."""

    def used(self, sheet: xw.Sheet) -> xw.Range:
        """Return the cells of a sheet that hold anything."""

    def exact(self, cells: xw.Range, values: Rows) -> Rows:
        """Return the cells' values in full where `values` has them rounded."""

    def merged(self, cells: xw.Range) -> list[Area]:
        """Return the merged areas, 0-based on the sheet."""

    def selected(self, book: xw.Book) -> Selection | None:
        """Return the rows selected, those out of view not counted."""

    def add_sheet(self, book: xw.Book) -> xw.Sheet:
        """Add one empty sheet behind the last one in view, and move none of the team's."""

    def show(self, sheet: xw.Sheet) -> None:
        """Bring a sheet of the book to the front; xlwings' own way looks for the program among all that run."""

    def holds_formula(self, cells: xw.Range) -> bool:
        """Tell whether any of the cells holds a formula."""

    def paint(self, cells: xw.Range, name: str, value: Any) -> None:  # noqa: ANN401 - as the field of Style
        """Set what xlwings has no name for: underline, indent, locked, top."""

    def dress(self, sheet: xw.Sheet, made: Plan) -> None:
        """Add what a sheet has beside its cells: lines, filter, frozen panes, drop-downs, notes, no gridlines."""

    def link(self, cells: xw.Range, leads: Sequence[Lead | None], shown: Sequence[Value]) -> None:
        """Link each cell of a column to a row of a sheet, and let it show what it showed; None: no link."""


class LiveBook:
    """The open workbook."""

    def __init__(self, book: xw.Book, host: Host, pulse: Callable[[], None] | None = None) -> None:
        """Take an open workbook; pulse is called between steps and raises Cancelled to stop."""
        self.book = book
        self.host = host
        self.pulse = pulse or (lambda: None)

    @property
    def name(self) -> str:
        """Return the workbook's file name, or what the program calls it while it was never saved."""
        return str(self.book.name)

    @property
    def folder(self) -> str:
        """Return the folder it lies in: a path, or an address where it lies on a server."""
        return self.host.folder(self.book)

    def sheets(self) -> list[RawSheet]:
        """Return the worksheets: one read of a sheet's used cells each, and another where it holds currency."""
        date1904, found = self.host.date1904(self.book), []
        for index, sheet in enumerate(self.book.sheets):
            self.pulse()
            cells = self.host.used(sheet)
            start, (rows, columns) = (cells.row, cells.column), cells.shape
            if rows * columns > MOST_CELLS:
                raise WorkbookError("sheet-too-large", sheet=sheet.name, rows=f"{rows:,}", columns=f"{columns:,}")
            values = cells.raw_value
            if (rows, columns) == (1, 1):
                values = ((values,),)
            values = self.host.exact(cells, values)
            merged = self.host.merged(cells)
            found.append(raw_sheet(sheet.name, index, values, start, merged, date1904=date1904))
        return found

    def selected_rows(self) -> Selection | None:
        """Return the rows selected in the active sheet; None where no cells are."""
        return self.host.selected(self.book)

    def write(self, tables: Sequence[Table], _day: date) -> list[str]:
        """Write the tables as new sheets behind the last one in view, and show the first of them; see Book.write."""
        self.host.check(self.book, 1 + max((len(table.frame) for table in tables), default=0))
        date1904, own = self.host.date1904(self.book), {sheet.name for sheet in self.book.sheets}
        names = free_names((table.layout.name for table in tables), self.host.names(self.book))
        with ExitStack() as undo:
            undo.callback(self.host.show, self.book.sheets.active)
            undo.callback(self._remove_all_but, own)
            made: list[xw.Sheet] = []
            for table, name in zip(tables, names, strict=True):
                self.pulse()
                links = own_links(table, own)
                ready = plan(table, links, date1904=date1904)
                made.append(self.host.add_sheet(self.book))
                made[-1].name = name
                self._draw(made[-1], ready)
                if links:
                    self._link(made[-1], ready, links)
            if made:
                self.host.show(made[0])
            undo.pop_all()
        return names

    def _remove_all_but(self, names: set[str]) -> None:
        """Delete the sheets that were not there before, also one whose making failed half-way."""
        for sheet in list(self.book.sheets):
            if sheet.name not in names:
                sheet.delete()

    def _draw(self, sheet: xw.Sheet, made: Plan) -> None:
        whole = sheet.range(address((1, 1, len(made.values), len(made.layout.columns))))
        whole.font.name = looks.FONT
        whole.font.size = looks.FONT_SIZE
        whole.font.color = looks.TEXT_INK
        whole.vertical_alignment = "center"
        self._paint(sheet, made.formats)
        whole.raw_value = made.values
        self.pulse()
        if self.host.holds_formula(whole):
            raise WorkbookError("formula-in-result", sheet=made.layout.name)
        self._paint(sheet, made.paints)
        self._paint(sheet, made.widths)
        self.host.dress(sheet, made)

    def _paint(self, sheet: xw.Sheet, paints: Paints) -> None:
        for (name, value), areas in paints.items():
            for together in addresses(areas, self.host.longest):
                cells = sheet.range(together)
                setting = _SETTINGS.get(name)
                if setting is not None:
                    setting(cells, value)
                else:
                    self.host.paint(cells, name, value)
            self.pulse()

    def _link(self, sheet: xw.Sheet, made: Plan, links: Sequence[Lead | None]) -> None:
        place = next(place for place, column in enumerate(made.layout.columns) if column.look is looks.Look.LINK)
        shown = [row[place] for row in made.values[1:]]
        self.host.link(sheet.range(address((2, place + 1, made.rows + 1, place + 1))), links, shown)


def _set_font(name: str) -> Callable[[xw.Range, Any], None]:
    return lambda cells, value: setattr(cells.font, name, value)


def _set(name: str, fixed: Any = None) -> Callable[[xw.Range, Any], None]:  # noqa: ANN401 - what the field holds
    return lambda cells, value: setattr(cells, name, value if fixed is None else fixed)


_SETTINGS: dict[str, Callable[[xw.Range, Any], None]] = {
    "numbers": _set("number_format"),
    "fill": _set("color"),
    "ink": _set_font("color"),
    "bold": _set_font("bold"),
    "wrap": _set("wrap_text"),
    "centred": _set("horizontal_alignment", "center"),
    "height": _set("row_height"),
    "width": _set("column_width"),
}


def at_work(app: xw.App) -> ExitStack:
    """Keep the program from redrawing, recalculating and telling macros of each step; leaving puts back what was there.

    No generator: UNO's exceptions cannot pass through one, for contextlib writes to them; through a stack they can,
    while nothing raises that is put back.
    """
    with ExitStack() as back:
        for name, value in (("screen_updating", False), ("enable_events", False), ("calculation", "manual")):
            back.callback(setattr, app, name, getattr(app, name))
            setattr(app, name, value)
        back.callback(setattr, app, "status_bar", False)  # noqa: FBT003 - Excel's own word for its own text
        return back.pop_all()
