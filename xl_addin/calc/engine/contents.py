"""What cells hold, read and written in whole arrays: a call for all values, and more only where there is more to it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from workbooks.live_cells import Area, number_text
from xl_addin.calc.engine.formats import DATE_OR_TIME, TEXT, TRUTH
from xl_addin.calc.engine.structs import Uno, area_of, common, struct
from xl_addin.calc.engine.values import Place, error_number, from_calc, lies_in, stretches, to_calc

if TYPE_CHECKING:
    from xl_addin.calc.engine.books import Book
    from xl_addin.calc.engine.sheets import Sheet

_ERRORS, _FORMULAS = 4, 16  # of FormulaResult, CellFlags
_NOT_AVAILABLE, _MANY = 32767, 20
_DAY, _MOMENT, _TRUTH = "yyyy-mm-dd", "yyyy-mm-dd hh:mm:ss", "BOOLEAN"
_STEPS = {"down": (1, 0), "up": (-1, 0), "right": (0, 1), "left": (0, -1)}
_SHORT = {word[0]: word for word in _STEPS}


def values(cells: Uno, area: Area, book: Book) -> tuple[tuple[Any, ...], ...]:
    """Return the cells' values as Excel would hand them over. area: where they lie on the sheet, from 0."""
    data = cells.getDataArray()
    dates, truths = [], []
    if any(type(value) is float for row in data for value in row):
        for shows, place in _formats(cells, area, book):
            if shows & DATE_OR_TIME:
                dates.append(place)
            elif shows & TRUTH:
                truths.append(place)
    errors: dict[Place, int] = {}
    if any(None in row for row in data):
        for part in _within(cells.queryFormulaCells(_ERRORS), area):
            errors |= _errors(cells, part, book)
    return from_calc(data, dates, truths, errors, book.epoch)


def _errors(cells: Uno, area: Area, book: Book) -> dict[Place, int]:
    """Return Excel's number of each error in an area of the cells.

    Calc tells it cell by cell; only which ones are #N/A, as lookups leave them in thousands, it tells of all at once.
    """
    top, left, bottom, right = area
    absent: Sequence[Sequence[Any]] = ()
    if bottom - top >= _MANY and book.app is not None:
        functions = book.app.service("sheet.FunctionAccess")
        absent = functions.callFunction("ISNA", (cells.getCellRangeByPosition(left, top, right, bottom),))
    found = {}
    for row in range(top, bottom + 1):
        for column in range(left, right + 1):
            missing = absent and absent[row - top][column - left]
            code = _NOT_AVAILABLE if missing else cells.getCellByPosition(column, row).getError()
            found[row, column] = error_number(code)
    return found


def write_values(cells: Uno, area: Area, rows: Sequence[Sequence[Any]], book: Book) -> None:
    """Write values as Excel would take them. Raises ValueError where there are not as many as cells."""
    height, width = area[2] - area[0] + 1, area[3] - area[1] + 1
    if len(rows) != height or any(len(row) != width for row in rows):
        raise ValueError(len(rows), height, width)
    made = to_calc(rows, book.epoch)
    texts: list[Area] = []
    if made.formulas or made.marked:
        texts = [place for shows, place in _formats(cells, area, book) if shows & TEXT]
    formulas = {place: text for place, text in made.formulas.items() if not lies_in(place, texts)}
    instead = {place: text for place, text in made.marked.items() if not lies_in(place, texts)}
    for (row, column), text in (dict.fromkeys(formulas, "") | instead).items():  # a formula's format follows no text
        line = made.data[row]
        made.data[row] = (*line[:column], text, *line[column + 1 :])
    cells.setDataArray(tuple(made.data))
    if formulas:
        _write_formulas(cells, area, formulas, book)
    for day_only in (True, False):
        places = [place for place, with_time in made.dates.items() if with_time is not day_only]
        _show(cells, places, _DAY if day_only else _MOMENT, DATE_OR_TIME, book)
    _show(cells, list(made.truths), _TRUTH, TRUTH, book)


def _write_formulas(cells: Uno, area: Area, formulas: Mapping[Place, str], book: Book) -> None:
    """Write formulas of Excel's grammar: in Calc's own, for only then it gives dates and truth values their format."""
    at, own = struct("table.CellAddress", Sheet=cells.RangeAddress.Sheet), {}
    for (row, column), formula in formulas.items():
        at.Row, at.Column = area[0] + row, area[1] + column
        own[row, column] = f"={book.own_parser.printFormula(book.parser.parseFormula(formula[1:], at), at)}"
    for top, left, bottom, right in stretches(own):
        part = cells.getCellRangeByPosition(left, top, right, bottom)
        part.setFormulaArray(tuple((own[row, left],) for row in range(top, bottom + 1)))


def _show(cells: Uno, places: Sequence[Place], code: str, kind: int, book: Book) -> None:
    """Give cells a number format where theirs does not show that kind of value."""
    for top, left, bottom, right in stretches(places):
        part = cells.getCellRangeByPosition(left, top, right, bottom)
        key = common(part, "NumberFormat")
        if key is None or not book.formats.shows(key) & kind:
            part.NumberFormat = book.formats.key(code)


def _formats(cells: Uno, area: Area, book: Book) -> Iterator[tuple[int, Area]]:
    """Yield what kinds of value each part of the cells shows; the parts lie within the cells, from 0."""
    for alike in cells.getUniqueCellFormatRanges():
        shows = book.formats.shows(alike.NumberFormat)  # of all of them: what a cell alone has costs another object
        for place in _within(alike, area):
            yield shows, place


def _within(ranges: Uno, area: Area) -> Iterator[Area]:
    """Yield areas of the sheet counted from the first of the cells that lie in `area`."""
    for address in ranges.RangeAddresses:
        top, left, bottom, right = area_of(address)
        yield top - area[0], left - area[1], bottom - area[0], right - area[1]


def formula_texts(cells: Uno, area: Area, book: Book) -> tuple[tuple[str, ...], ...]:
    """Return what Excel's Formula would: formulas in its grammar, numbers and texts as texts."""
    rows = [[_constant(value) for value in row] for row in cells.getDataArray()]
    for top, left, bottom, right in _within(cells.queryContentCells(_FORMULAS), area):
        for row in range(top, bottom + 1):
            for column in range(left, right + 1):
                cell = cells.getCellByPosition(column, row)
                rows[row][column] = f"={printed(cell, cell.getTokens(), book)}"
    return tuple(map(tuple, rows))


def _constant(value: str | float | None) -> str:
    if value is None:
        return ""
    return value if isinstance(value, str) else number_text(value)


def parsed(cell: Uno, formula: str, book: Book) -> Any:
    """Return the tokens of a formula in Excel's grammar, for that cell."""
    return book.parser.parseFormula(formula.removeprefix("="), cell.getCellByPosition(0, 0).CellAddress)


def printed(cell: Uno, tokens: Any, book: Book) -> str:
    """Return a cell's formula in Excel's grammar, without its =."""
    return str(book.parser.printFormula(tokens, cell.getCellByPosition(0, 0).CellAddress))


def end(sheet: Sheet, row: int, column: int, direction: str) -> Place:
    """Return where Ctrl and an arrow lead to from a cell; places from 0."""
    down, right = _STEPS[_SHORT.get(direction, direction)]
    top, left, bottom, far = sheet.used_range.areas[0]
    last_row, last_column = sheet.cells.areas[0][2:]
    first, last = (min(row, top), max(row, bottom)) if down else (min(column, left), max(column, far))
    area = (first, column, last, column) if down else (row, first, row, last)
    cells = sheet.xl.getCellRangeByPosition(area[1], area[0], area[3], area[2])
    filled = [text != "" for line in cells.getFormulaArray() for text in line]
    at, step = (row if down else column) - first, down + right
    ahead = filled[at + 1 :] if step > 0 else filled[:at][::-1]
    if filled[at] and ahead and ahead[0]:  # to the last of these
        steps = ahead.index(False) if False in ahead else len(ahead)
    elif True in ahead:  # to the next one
        steps = ahead.index(True) + 1
    else:  # to the edge of the sheet
        edge = (last_row if down else last_column) if step > 0 else 0
        steps = abs(edge - first - at)
    return row + down * steps, column + right * steps


def link(cell: Uno) -> str:
    """Return where a cell leads, by a link in its text or a formula. Raises ValueError where it leads nowhere."""
    fields = cell.getTextFields()
    if fields is not None and fields.Count:
        return str(fields.getByIndex(0).URL)
    text = str(cell.Formula)
    if not text.upper().startswith('=HYPERLINK("'):
        raise ValueError(text)
    said = text[len('=HYPERLINK("') :].replace('""', "\0").partition('"')[0]
    return said.replace("\0", '"')
