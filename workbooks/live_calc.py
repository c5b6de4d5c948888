"""What LibreOffice Calc alone does, over UNO's own objects (`.api`): everything workbooks.live asks of a host."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from pathlib import PurePosixPath
from typing import Any
from urllib.parse import unquote, urlsplit

import xlwings as xw

from workbooks import layout as looks
from workbooks.book import Selection
from workbooks.errors import WorkbookError
from workbooks.live_cells import Area, number_text
from workbooks.live_plan import Lead, Plan, Value, address, link_formula
from workbooks.writing.style import note, prompt

_WORTH_A_LOOK = 2_000_000  # cells; formats alone may make a sheet look as large
_CONTENTS, _FORMULAS = 1 | 2 | 4 | 16, 16  # of CellFlags
_INDENT = 353  # hundredths of a millimetre: a step of Excel's, as Calc reads and writes it
_SINGLE = 1  # of FontUnderline
_LINE = 9  # hundredths of a millimetre: what is a thin line in an Excel file
_LISTED, _SORTED = 1, 2  # of TableValidationVisibility
_1904 = 1904
_A4 = 21000, 29700  # hundredths of a millimetre
_PAGES = {True: "Order Desk", False: "Order Desk, upright"}


class Calc:
    """Calc as host of a live book. An address of several areas costs one call, as in Excel, and may be long."""

    longest = 100_000

    def check(self, book: xw.Book, rows: int) -> None:
        """Raise WorkbookError where the document is protected, read-only or shared, or a sheet of it is too short.

        Of a shared document LibreOffice stores no new sheets: they would be gone when it is opened again.
        """
        if book.api.isProtected():
            raise WorkbookError("book-protected", book=book.name)
        if book.api.isReadonly():
            raise WorkbookError("book-read-only", book=book.name)
        if book.api.createInstance("com.sun.star.sheet.DocumentSettings").IsDocumentShared:
            raise WorkbookError("book-shared", book=book.name)
        most = book.sheets[0].api.Rows.Count
        if rows > most:
            raise WorkbookError("too-many-rows", sheet=book.name, rows=f"{rows:,}", most=f"{most:,}")

    def names(self, book: xw.Book) -> list[str]:
        """Return the names of all sheets; Calc has no others."""
        return list(book.api.Sheets.ElementNames)

    def folder(self, book: xw.Book) -> str:
        """Return the folder: a path, or an address where the document lies on a server."""
        url = str(book.api.URL)
        if not url:
            return ""
        if url.startswith("file:"):
            return str(_uno().fileUrlToSystemPath(url.rpartition("/")[0] + "/")).rstrip("/\\")
        parts = urlsplit(url)
        return f"{parts.scheme}://{parts.netloc}{PurePosixPath(unquote(parts.path)).parent}"

    def date1904(self, book: xw.Book) -> bool:
        """Tell whether the document counts from 1904."""
        return bool(book.api.NullDate.Year == _1904)

    def used(self, sheet: xw.Sheet) -> xw.Range:
        """Return the used range; where it is huge, only around the cells that hold anything."""
        cells = sheet.used_range
        rows, columns = cells.shape
        if rows * columns <= _WORTH_A_LOOK:
            return cells
        areas = [_area(part) for part in sheet.api.queryContentCells(_CONTENTS).RangeAddresses]
        if not areas:
            return sheet.range("A1")
        tops, lefts, bottoms, rights = zip(*areas, strict=True)
        return sheet.range(address((min(tops) + 1, min(lefts) + 1, max(bottoms) + 1, max(rights) + 1)))

    def exact(self, _cells: xw.Range, values: Sequence[Sequence[object]]) -> Sequence[Sequence[object]]:
        """Return the values as they are: Calc rounds none."""
        return values

    def merged(self, cells: xw.Range) -> list[Area]:
        """Return the merged areas.

        Calc keeps the size of a merged area in the format of its first cell, and tells in one call which cells have
        the same format: what is asked is one question a format, however many areas there are.
        """
        if not cells.api.getIsMerged():
            return []
        sheet, areas = cells.api.Spreadsheet, []
        for alike in cells.api.getUniqueCellFormatRanges():
            parts = [_area(part) for part in alike.RangeAddresses]
            first = sheet.getCellByPosition(parts[0][1], parts[0][0])
            if first.getIsMerged():  # not the cells that an area covers
                cursor = sheet.createCursorByRange(first)
                cursor.collapseToMergedArea()
                top, left, bottom, right = _area(cursor.RangeAddress)
                areas += [
                    (row, column, row + bottom - top, column + right - left)
                    for part in parts
                    for row in range(part[0], part[2] + 1)
                    for column in range(part[1], part[3] + 1)
                ]
        return sorted(areas)

    def selected(self, book: xw.Book) -> Selection | None:
        """Return the rows of the cells selected, within what the sheet uses; rows that a filter hides are not."""
        selection = book.api.CurrentSelection
        if selection is None or not hasattr(selection, "queryVisibleCells"):  # a shape, a chart
            return None
        if hasattr(selection, "RangeAddresses"):
            addresses = list(selection.RangeAddresses)
            if not addresses:
                return None
        else:
            addresses = [selection.RangeAddress]
        sheet = book.sheets[addresses[0].Sheet]
        row, column, shape = sheet.used_range.row, sheet.used_range.column, sheet.used_range.shape
        last, right = row + shape[0] - 2, column + shape[1] - 2
        stretches = [(part.StartRow, min(part.EndRow, last)) for part in addresses if part.StartRow <= last]
        rows = {row + 1 for top, bottom in stretches for row in range(top, bottom + 1)}
        if len(rows) > 1:  # a single row is meant even where it is out of view
            rows = {row + 1 for part in stretches for row in _in_view(sheet.api, *part, right)}
        return str(sheet.name), frozenset(rows)

    def add_sheet(self, book: xw.Book) -> xw.Sheet:
        """Add one sheet behind the last one in view."""
        return book.sheets.add(after=[sheet for sheet in book.sheets if sheet.visible][-1])

    def show(self, sheet: xw.Sheet) -> None:
        """Bring a sheet to the front; a document without a window has none."""
        controller = sheet.book.api.CurrentController
        if controller is not None:
            controller.setActiveSheet(sheet.api)

    def holds_formula(self, cells: xw.Range) -> bool:
        """Tell whether any cell holds a formula."""
        return bool(cells.api.queryContentCells(_FORMULAS).Count)

    def paint(self, cells: xw.Range, name: str, value: Any) -> None:  # noqa: ANN401 - as the field of Style
        """Set underline, indent, locked or top."""
        if name == "underline":
            cells.api.CharUnderline = _SINGLE if value else 0
        elif name == "indent":
            left = _uno().Enum("com.sun.star.table.CellHoriJustify", "LEFT")
            cells.api.setPropertyValues(("HoriJustify", "ParaIndent"), (left, _INDENT * value))
        elif name == "locked":
            protection = cells.api.CellProtection
            protection.IsLocked = value
            cells.api.CellProtection = protection
        elif name == "top":
            cells.api.TopBorder2 = _line(value)
        else:
            raise KeyError(name)

    def dress(self, sheet: xw.Sheet, made: Plan) -> None:
        """Add lines, filter, drop-downs, legend, frozen panes; take the gridlines away."""
        layout, rows = made.layout, made.rows
        across = len(layout.columns)
        _rule(sheet.range(address((1, 1, 1, across))), looks.HEADING_LINE, "Vertical", "Right")
        plain = max(rows - layout.total_row, 0)
        if plain:  # the line above a total row is its own
            sides = ("Horizontal",) if plain < rows else ("Horizontal", "Bottom")
            _rule(sheet.range(address((2, 1, plain + 1, across))), looks.RULE_LINE, *sides)
        if plain < rows:
            _rule(sheet.range(address((rows + 1, 1, rows + 1, across))), looks.RULE_LINE, "Bottom")
        _filter(sheet.range(address((1, 1, plain + 1, across))))
        for place, column in enumerate(layout.columns, start=1):
            if said := note(layout, column):
                sheet.api.Annotations.insertNew(sheet.api.getCellByPosition(place - 1, 0).CellAddress, said)
            if column.name in layout.choices and rows:
                _drop_down(sheet.range(address((2, place, rows + 1, place))), column, layout.choices[column.name])
        _set_page(sheet, landscape=layout.landscape)
        _set_window(sheet, layout.freeze)

    def link(self, cells: xw.Range, leads: Sequence[Lead | None], shown: Sequence[Value]) -> None:
        """Write one column of HYPERLINK formulas, which lead there in an Excel file too."""
        cells.api.setFormulaArray(
            tuple((_entry(value) if lead is None else _own(lead),) for lead, value in zip(leads, shown, strict=True))
        )


def _uno() -> Any:  # noqa: ANN401 - UNO's own module
    """Return the module uno; who handed us a document has loaded it, from where no import of ours would find it."""
    return sys.modules["uno"]


def _area(found: Any) -> Area:  # noqa: ANN401 - a UNO struct
    return found.StartRow, found.StartColumn, found.EndRow, found.EndColumn


def _in_view(sheet: Any, top: int, bottom: int, right: int) -> Iterator[int]:  # noqa: ANN401 - a UNO object
    """Yield the rows of a stretch that are not hidden; all from 0."""
    for part in sheet.getCellRangeByPosition(0, top, right, bottom).queryVisibleCells().RangeAddresses:
        yield from range(part.StartRow, part.EndRow + 1)


def _own(lead: Lead) -> str:
    """Return the formula of a link as Calc takes it; the two differ in what stands between arguments."""
    start, _, row = link_formula(*lead).rpartition(",")
    return f"{start};{row}"


def _entry(value: Value) -> str:
    """Return a value as Calc takes it among formulas: a text with the mark of texts, which does not show."""
    if isinstance(value, str):
        return value and f"'{value}"
    return number_text(value)


def _line(colour: str) -> Any:  # noqa: ANN401 - a UNO struct
    line = _uno().createUnoStruct("com.sun.star.table.BorderLine2")
    line.Color = int(colour[1:], 16)
    line.OuterLineWidth = line.LineWidth = _LINE
    return line


def _rule(cells: xw.Range, colour: str, *sides: str) -> None:
    """Draw lines of a range: Vertical and Horizontal are those between its cells."""
    border = _uno().createUnoStruct("com.sun.star.table.TableBorder2")
    for side in sides:
        setattr(border, f"{side}Line", _line(colour))
        setattr(border, f"Is{side}LineValid", True)
    cells.api.TableBorder2 = border


def _filter(cells: xw.Range) -> None:
    """Give headings their filter buttons, without a name for the range: an Excel file would call it a table."""
    area = cells.api.RangeAddress
    unnamed = cells.sheet.book.api.getPropertyValue("UnnamedDatabaseRanges")
    unnamed.setByTable(area)
    unnamed.getByTable(area.Sheet).AutoFilter = True


def _drop_down(cells: xw.Range, column: looks.Column, choices: Sequence[str]) -> None:
    rule = cells.api.Validation
    rule.Type = _uno().Enum("com.sun.star.sheet.ValidationType", "LIST")
    rule.setFormula1(";".join(f'"{choice}"' for choice in choices))
    rule.ShowList = _LISTED
    rule.IgnoreBlankCells = rule.ShowInputMessage = rule.ShowErrorMessage = True
    rule.ErrorAlertStyle = _uno().Enum("com.sun.star.sheet.ValidationAlertStyle", "STOP")
    title, rule.InputMessage, rule.ErrorMessage = prompt(column)
    rule.InputTitle = rule.ErrorTitle = title
    cells.api.Validation = rule


def _set_page(sheet: xw.Sheet, *, landscape: bool) -> None:
    """Let it print as the nightly file does: A4, one page wide, the headings on every page."""
    document = sheet.book.api
    styles, name = document.StyleFamilies.getByName("PageStyles"), _PAGES[landscape]
    if not styles.hasByName(name):
        styles.insertByName(name, document.createInstance("com.sun.star.style.PageStyle"))
        page = styles.getByName(name)
        page.IsLandscape = landscape
        page.Width, page.Height = _A4[::-1] if landscape else _A4
        page.ScaleToPagesX, page.ScaleToPagesY = 1, 0  # as many as it takes down
    sheet.api.PageStyle = name
    headings = sheet.api.getCellRangeByPosition(0, 0, 0, 0).RangeAddress
    sheet.api.setPrintTitleRows(True)
    sheet.api.setTitleRows(headings)


def _set_window(sheet: xw.Sheet, freeze: int) -> None:
    """Freeze the headings and the first columns and hide the gridlines: all that belongs to a window, not a sheet."""
    controller = sheet.book.api.CurrentController
    if controller is None:
        return
    controller.setActiveSheet(sheet.api)
    controller.freezeAtPosition(freeze, 1)
    sheet.book.impl.dispatch("ToggleSheetGrid")  # the controller's ShowGrid would be of all sheets
