"""What Excel alone does, over its own objects (`.api`): everything workbooks.live asks of a host."""

from __future__ import annotations

import ctypes
from collections.abc import Sequence
from decimal import Decimal
from typing import Any

import xlwings as xw

from workbooks import layout as looks
from workbooks.book import Selection
from workbooks.errors import WorkbookError
from workbooks.live_cells import Area
from workbooks.live_merged import merged_areas
from workbooks.live_plan import Lead, Plan, Value, address, link_formula
from workbooks.writing.style import note, prompt

# Excel's own numbers for what is meant
_EDGE_TOP, _EDGE_BOTTOM, _INSIDE_ACROSS, _INSIDE_DOWN, _EDGE_RIGHT = 8, 9, 12, 11, 10
_LINE, _UNDERLINED, _LEFT = 1, 2, -4131
_FORMULAS, _PART, _BY_ROWS, _BY_COLUMNS, _BACKWARDS = -4123, 2, 1, 2, 2
_LIST, _STOP, _BETWEEN = 3, 1, 1
_ESCAPE, _DOWN = 0x1B, 0x8000
_WORTH_A_LOOK = 2_000_000  # cells; formats alone make a sheet look as large
_VISIBLE, _IN_VIEW = -1, 12  # a sheet that is not hidden; SpecialCells of rows that are not
_REFUSED = -2147352567  # what a COM error says where Excel itself refuses


class Excel:
    """Excel as host of a live book."""

    longest = 255

    def check(self, book: xw.Book, rows: int) -> None:
        """Raise WorkbookError where the workbook is protected or shared, or a sheet of it is too short.

        In one that is shared the old way Excel deletes no sheet and adds no drop-down: nothing could be taken back.
        """
        if book.api.ProtectStructure:
            raise WorkbookError("book-protected", book=book.name)
        if book.api.MultiUserEditing:
            raise WorkbookError("book-shared", book=book.name)
        most = book.sheets[0].api.Rows.Count
        if rows > most:
            raise WorkbookError("too-many-rows", sheet=book.name, rows=f"{rows:,}", most=f"{most:,}")

    def names(self, book: xw.Book) -> list[str]:
        """Return the names of all sheets, charts too."""
        return [str(sheet.Name) for sheet in book.api.Sheets]

    def folder(self, book: xw.Book) -> str:
        """Return the folder; xlwings' fullname would read a sheet of the workbook to find it."""
        return str(book.api.Path)

    def date1904(self, book: xw.Book) -> bool:
        """Tell whether the workbook counts from 1904."""
        return bool(book.api.Date1904)

    def used(self, sheet: xw.Sheet) -> xw.Range:
        """Return the used range; where formats make it huge, down to the last cell that holds anything."""
        cells = sheet.used_range
        rows, columns = cells.shape
        if rows * columns <= _WORTH_A_LOOK:
            return cells
        last = [_last(sheet, order) for order in (_BY_ROWS, _BY_COLUMNS)]
        if last[0] is None or last[1] is None:
            return sheet.range("A1")
        return sheet.range(address((1, 1, last[0].Row, last[1].Column)))

    def exact(self, cells: xw.Range, values: Sequence[Sequence[object]]) -> Sequence[Sequence[object]]:
        """Return the values with currency in full: Value rounds it to four places, Value2 knows no dates."""
        if not any(isinstance(value, Decimal) for row in values for value in row):
            return values
        full = cells.api.Value2
        full = full if isinstance(full, tuple) else ((full,),)
        return [
            [exact if isinstance(value, Decimal) else value for value, exact in zip(row, full_row, strict=True)]
            for row, full_row in zip(values, full, strict=True)
        ]

    def merged(self, cells: xw.Range) -> list[Area]:
        """Return the merged areas; see merged_areas for what it costs, and where it gives up."""
        return merged_areas(cells)

    def selected(self, book: xw.Book) -> Selection | None:
        """Return the rows of the cells selected, within what the sheet uses; rows that a filter hides are not.

        Not by xlwings' selection: it counts the cells, and Excel cannot count those of a whole sheet.
        """
        selection = book.app.api.Selection
        areas = getattr(selection, "Areas", None)
        if areas is None:  # a picture, a chart
            return None
        sheet = selection.Worksheet
        last = _area(sheet.UsedRange)[2] + 1
        rows = _rows(areas, last)
        if len(rows) > 1:  # of a single cell SpecialCells would give those of the whole sheet
            rows &= _rows_in_view(selection, rows, last)
        return str(sheet.Name), frozenset(rows)

    def add_sheet(self, book: xw.Book) -> xw.Sheet:
        """Add one sheet behind the last one in view, a chart or not.

        Not by xlwings' add: Excel adds as many as are selected where it is not told how many, and xlwings counts the
        charts on one side alone, and moves the team's last sheet, which Excel refuses where that is hidden.
        """
        tabs = list(book.api.Sheets)
        last = max(place for place, tab in enumerate(tabs) if tab.Visible == _VISIBLE)
        if last + 1 < len(tabs):
            made = book.api.Sheets.Add(Before=tabs[last + 1], Count=1)
        else:
            made = book.api.Sheets.Add(After=tabs[last], Count=1)
            if made.Index < tabs[last].Index:  # xlwings knows of machines where After does nothing
                made.Move(Before=tabs[last])
                tabs[last].Move(Before=made)
                made.Activate()
        return book.sheets[str(made.Name)]

    def show(self, sheet: xw.Sheet) -> None:
        """Bring a sheet to the front."""
        sheet.api.Activate()

    def holds_formula(self, cells: xw.Range) -> bool:
        """Tell whether any cell holds a formula; Excel answers nothing at all where some do."""
        return cells.api.HasFormula is not False

    def paint(self, cells: xw.Range, name: str, value: Any) -> None:  # noqa: ANN401 - as the field of Style
        """Set underline, indent, locked or top."""
        if name == "underline":
            cells.api.Font.Underline = _UNDERLINED
        elif name == "indent":
            cells.api.HorizontalAlignment = _LEFT
            cells.api.IndentLevel = value
        elif name == "locked":
            cells.api.Locked = value
        elif name == "top":
            _line(cells, _EDGE_TOP, value)
        else:
            raise KeyError(name)

    def dress(self, sheet: xw.Sheet, made: Plan) -> None:
        """Add lines, filter, drop-downs, legend, frozen panes; take the gridlines away."""
        layout, rows = made.layout, made.rows
        across = len(layout.columns)
        headings = sheet.range(address((1, 1, 1, across)))
        for side in (_INSIDE_DOWN, _EDGE_RIGHT):
            _line(headings, side, looks.HEADING_LINE)
        if rows:
            body = sheet.range(address((2, 1, rows + 1, across)))
            for side in (_INSIDE_ACROSS, _EDGE_BOTTOM)[rows == 1 :]:
                _line(body, side, looks.RULE_LINE)
        sheet.range(address((1, 1, max(rows - layout.total_row, 0) + 1, across))).api.AutoFilter(1)
        for place, column in enumerate(layout.columns, start=1):
            if said := note(layout, column):
                sheet.range(address((1, place, 1, place))).api.AddComment(said)
            if column.name in layout.choices and rows:
                _drop_down(sheet.range(address((2, place, rows + 1, place))), column, layout.choices[column.name])
        _set_window(sheet, layout.freeze)

    def link(self, cells: xw.Range, leads: Sequence[Lead | None], shown: Sequence[Value]) -> None:
        """Write one column of HYPERLINK formulas: a hyperlink of its own would cost a call per cell."""
        cells.api.Formula = tuple(
            (value if lead is None else link_formula(*lead),) for lead, value in zip(leads, shown, strict=True)
        )


def _last(sheet: xw.Sheet, order: int) -> Any:  # noqa: ANN401 - a COM object
    first = sheet.api.Range("A1")
    return sheet.api.Cells.Find("*", first, _FORMULAS, _PART, order, _BACKWARDS)


def _area(area: Any) -> Area:  # noqa: ANN401 - a COM object
    row, column = area.Row - 1, area.Column - 1
    return row, column, row + area.Rows.Count - 1, column + area.Columns.Count - 1


def _rows(areas: Any, last: int) -> set[int]:  # noqa: ANN401 - a COM object
    """Return the rows of some areas, down to the last one used."""
    rows: set[int] = set()
    for area in areas:
        first = area.Row
        rows.update(range(first, min(first + area.Rows.Count - 1, last) + 1))
    return rows


def _rows_in_view(selection: Any, rows: set[int], last: int) -> set[int]:  # noqa: ANN401 - a COM object
    """Return the selected rows that are not hidden.

    SpecialCells fails where none is in view, and on a protected sheet: then Excel is asked stretch by stretch.
    """
    try:
        return _rows(selection.SpecialCells(_IN_VIEW).Areas, last)
    except Exception as error:
        if getattr(error, "hresult", None) != _REFUSED:  # pywin32's com_error, whose class there is on Windows alone
            raise
    parts, shown = [(min(rows), max(rows))], set[int]()
    while parts:
        first, end = parts.pop()
        hidden = selection.Worksheet.Range(f"A{first}:A{end}").EntireRow.Hidden
        if hidden is False or (hidden is None and first == end):
            shown.update(range(first, end + 1))
        elif hidden is None:  # some are
            middle = (first + end) // 2
            parts += [(first, middle), (middle + 1, end)]
    return shown


def _colour(colour: str) -> int:
    """Return a colour as Excel counts it: blue first."""
    red, green, blue = (int(colour[place : place + 2], 16) for place in (1, 3, 5))
    return red + (green << 8) + (blue << 16)


def _line(cells: xw.Range, side: int, colour: str) -> None:
    border = cells.api.Borders(side)
    border.LineStyle = _LINE
    border.Color = _colour(colour)


def _drop_down(cells: xw.Range, column: looks.Column, choices: Sequence[str]) -> None:
    rule = cells.api.Validation
    rule.Delete()
    rule.Add(_LIST, _STOP, _BETWEEN, ",".join(choices))
    rule.IgnoreBlank = True
    title, rule.InputMessage, rule.ErrorMessage = prompt(column)
    rule.InputTitle = rule.ErrorTitle = title


def _set_window(sheet: xw.Sheet, freeze: int) -> None:
    """Freeze the headings and the first columns and hide the gridlines: all that belongs to a window, not a sheet."""
    sheet.api.Activate()
    window = sheet.book.api.Windows(1)
    window.DisplayGridlines = False
    window.FreezePanes = False
    window.ScrollRow = window.ScrollColumn = 1
    window.SplitRow = 1
    window.SplitColumn = freeze
    window.FreezePanes = True


def escape_pressed(app: xw.App) -> bool:
    """Tell whether Esc is or was pressed since the last look, with Excel in front: Windows tells of any window."""
    user32 = getattr(ctypes, "windll").user32  # noqa: B009 - there on Windows alone, as the type checker knows
    pressed = user32.GetAsyncKeyState(_ESCAPE)
    if not pressed:
        return False
    front = ctypes.c_ulong()
    user32.GetWindowThreadProcessId(user32.GetForegroundWindow(), ctypes.byref(front))
    return bool(front.value == app.pid)
