"""Cells: one area or several, their values and formulas in whole arrays, and how they look."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Any

from xlwings import base_classes as base

from workbooks.addresses import column_letters
from workbooks.live_cells import Area
from xl_addin.calc.engine import contents, looks
from xl_addin.calc.engine.fonts import Font
from xl_addin.calc.engine.notes import Note
from xl_addin.calc.engine.parts import Cleared
from xl_addin.calc.engine.structs import Uno, address_of, area_of

if TYPE_CHECKING:
    from xl_addin.calc.engine.sheets import Sheet
    from xl_addin.calc.engine.tables import Table


class Range(Cleared, base.Range):  # type: ignore[misc] # xlwings has no types
    """Cells of a sheet."""

    max_cells_per_read = max_cells_per_write = None  # all at once

    number_format = looks.number_format
    color = looks.color
    wrap_text = looks.wrap_text
    horizontal_alignment = looks.horizontal_alignment
    vertical_alignment = looks.vertical_alignment
    column_width = looks.column_width
    row_height = looks.row_height

    def __init__(self, sheet: Sheet, areas: Sequence[Area]) -> None:
        """Take areas of a sheet: first row, first column, last row, last column, from 0."""
        self.sheet, self.areas = sheet, list(areas)
        self.options: dict[str, Any] = {}

    @cached_property
    def xl(self) -> Uno:
        """Return UNO's cells: a range, or ranges where there are several areas."""
        if len(self.areas) == 1:
            return self._range(self.areas[0])
        ranges = self.sheet.book.xl.createInstance("com.sun.star.sheet.SheetCellRanges")
        place = self.sheet.index - 1
        ranges.addRangeAddresses(tuple(address_of(area, place) for area in self.areas), False)
        return ranges

    def _range(self, area: Area) -> Uno:
        top, left, bottom, right = area
        return self.sheet.xl.getCellRangeByPosition(left, top, right, bottom)

    @cached_property
    def first(self) -> Uno:
        """Return UNO's cells of the first area: what values and formulas are of."""
        return self.xl if len(self.areas) == 1 else self._range(self.areas[0])

    def parts(self) -> Iterator[Uno]:
        """Yield UNO's cells of each area."""
        yield from (self._range(area) for area in self.areas)

    @property
    def api(self) -> Uno:
        """Return UNO's cells."""
        return self.xl

    @property
    def row(self) -> int:
        """Return the first row, from 1."""
        return self.areas[0][0] + 1

    @property
    def column(self) -> int:
        """Return the first column, from 1."""
        return self.areas[0][1] + 1

    @property
    def shape(self) -> tuple[int, int]:
        """Return how many rows and columns the first area has."""
        top, left, bottom, right = self.areas[0]
        return bottom - top + 1, right - left + 1

    @property
    def coords(self) -> tuple[Uno, int, int, int, int]:
        """Return sheet, row, column, and how many of each."""
        return (self.sheet.xl, self.row, self.column, *self.shape)

    def __len__(self) -> int:
        """Return how many cells there are."""
        return sum((bottom - top + 1) * (right - left + 1) for top, left, bottom, right in self.areas)

    def __call__(self, row: int, column: int | None = None) -> Range:
        """Return a cell by row and column, or by its number row by row; from 1, within the first area."""
        if column is None:
            across = self.shape[1]
            row, column = (row - 1) // across + 1, (row - 1) % across + 1
        place = self.row + row - 2, self.column + column - 2
        return Range(self.sheet, [(*place, *place)])

    @property
    def raw_value(self) -> Any:
        """Return what Excel's Value would: rows of values, or the value of a single cell."""
        rows = contents.values(self.first, self.areas[0], self.sheet.book)
        return rows[0][0] if self.shape == (1, 1) else rows

    @raw_value.setter
    def raw_value(self, value: Any) -> None:
        """Set it: raw value."""
        contents.write_values(self.first, self.areas[0], self._rows(value), self.sheet.book)

    @property
    def formula(self) -> Any:
        """Return what Excel's Formula would: formulas in its grammar, and what the other cells hold as text."""
        rows = contents.formula_texts(self.first, self.areas[0], self.sheet.book)
        return rows[0][0] if self.shape == (1, 1) else rows

    @formula.setter
    def formula(self, value: Any) -> None:
        """Set it: formula."""
        contents.write_values(self.first, self.areas[0], self._rows(value), self.sheet.book)

    formula2 = formula

    @property
    def formula_array(self) -> str | None:
        """Return the array formula that the cells are; None where they are none."""
        tokens = self.first.getArrayTokens()
        return f"={contents.printed(self.first, tokens, self.sheet.book)}" if tokens else None

    @formula_array.setter
    def formula_array(self, value: str) -> None:
        """Set it: formula array."""
        self.first.setArrayTokens(contents.parsed(self.first, value, self.sheet.book))

    @property
    def has_array(self) -> bool:
        """Tell whether the cells are an array formula."""
        return bool(self.first.getArrayFormula())

    def _rows(self, value: Any) -> Sequence[Sequence[Any]]:
        if not isinstance(value, (list, tuple)):
            rows, columns = self.shape
            return [[value] * columns] * rows
        return value if value and isinstance(value[0], (list, tuple)) else [value]

    def end(self, direction: str) -> Range:
        """Return where Ctrl and an arrow lead to: up, down, left or right."""
        row, column = contents.end(self.sheet, self.areas[0][0], self.areas[0][1], direction)
        return Range(self.sheet, [(row, column, row, column)])

    @property
    def current_region(self) -> Range:
        """Return the cells around, up to blank rows and columns."""
        cursor = self.sheet.xl.createCursorByRange(self.first)
        cursor.collapseToCurrentRegion()
        return Range(self.sheet, [area_of(cursor.RangeAddress)])

    def get_address(self, row_absolute: bool, col_absolute: bool, external: bool) -> str:  # noqa: FBT001 - xlwings' own call
        """Return the address as Excel writes it."""
        rows, columns = "$" * bool(row_absolute), "$" * bool(col_absolute)

        def corner(row: int, column: int) -> str:
            return f"{columns}{column_letters(column)}{rows}{row + 1}"

        said = ",".join(
            corner(*area[:2]) if area[:2] == area[2:] else f"{corner(*area[:2])}:{corner(*area[2:])}"
            for area in self.areas
        )
        return f"[{self.sheet.book.name}]{self.sheet.name}!{said}" if external else said

    @property
    def address(self) -> str:
        """Return the address, absolute."""
        return self.get_address(row_absolute=True, col_absolute=True, external=False)

    @property
    def font(self) -> Font:
        """Return the font."""
        return Font(self)

    def autofit(self, axis: str | None = None) -> None:
        """Make columns, rows or both as large as what they hold."""
        if axis in {None, "columns", "c"}:
            self.first.Columns.OptimalWidth = True
        if axis in {None, "rows", "r"}:
            self.first.Rows.OptimalHeight = True

    @property
    def merge_cells(self) -> bool:
        """Tell whether any of the cells is merged with others."""
        return bool(self.first.getIsMerged()) or self.merge_area.areas != self.areas

    @property
    def merge_area(self) -> Range:
        """Return the merged cells that the first one belongs to."""
        cursor = self.sheet.xl.createCursorByRange(self(1).xl)
        cursor.collapseToMergedArea()
        return Range(self.sheet, [area_of(cursor.RangeAddress)])

    def merge(self, across: bool = False) -> None:  # noqa: FBT001, FBT002 - xlwings' own call
        """Make one cell of them, or of each row."""
        top, left, bottom, right = self.areas[0]
        rows = [(row, left, row, right) for row in range(top, bottom + 1)] if across else [self.areas[0]]
        for area in rows:
            self._range(area).merge(True)

    def unmerge(self) -> None:
        """Make cells of their own of them."""
        self.first.merge(False)

    def dispatch(self, command: str, **arguments: object) -> None:
        """Do to the cells what a menu does to a selection, and select again what was selected before."""
        document = self.sheet.book.xl
        controller, before = document.CurrentController, document.CurrentSelection
        controller.setActiveSheet(self.sheet.xl)
        own = document.CurrentSelection  # each sheet has one, and forgets it while another is in front
        controller.select(self.xl)
        self.sheet.book.dispatch(command, **arguments)
        for selection in (own, before):
            controller.select(selection)

    def select(self) -> None:
        """Select them."""
        self.sheet.activate()
        self.sheet.book.xl.CurrentController.select(self.xl)

    @property
    def table(self) -> Table | None:
        """Return the table that the first cell lies in; None where there is none."""
        row, column = self.areas[0][:2]
        for table in self.sheet.tables:
            top, left, bottom, right = table.range.areas[0]
            if top <= row <= bottom and left <= column <= right:
                return table
        return None

    @property
    def name(self) -> Any:
        """Return the name that stands for exactly these cells; None where there is none."""
        found = (name for _, name in self.sheet.book.names.snapshot())
        return next((name for name in found if name.refers_to == self._reference), None)

    @name.setter
    def name(self, value: str) -> None:
        """Set it: name."""
        self.sheet.book.names.add(value, self._reference)

    @property
    def _reference(self) -> str:
        start = self.first.getCellByPosition(0, 0).CellAddress
        quoted = self.sheet.name.replace("'", "''")
        parser = self.sheet.book.parser  # spells it as every formula: quotation marks only where they are needed
        tokens = parser.parseFormula(f"'{quoted}'!{self.address}", start)
        return f"={parser.printFormula(tokens, start)}"

    @property
    def note(self) -> Note | None:
        """Return the note on the first cell; None where there is none."""
        made = Note(self(1))
        return made if made.text else None

    def add_note(self, text: str) -> Note:
        """Put a note on the first cell."""
        self.sheet.xl.Annotations.insertNew(self.first.getCellByPosition(0, 0).CellAddress, text)
        return Note(self(1))

    @property
    def hyperlink(self) -> str:
        """Return where the first cell leads. Raises ValueError where it leads nowhere."""
        return contents.link(self.first.getCellByPosition(0, 0))

    def add_hyperlink(self, address: str, text_to_display: str | None = None, _tip: str | None = None) -> None:
        """Let the first cell lead to an address."""
        field = self.sheet.book.xl.createInstance("com.sun.star.text.TextField.URL")
        field.URL, field.Representation = address, text_to_display or address
        cell = self.first.getCellByPosition(0, 0)
        cell.String = ""
        cell.insertTextContent(cell.createTextCursor(), field, False)
