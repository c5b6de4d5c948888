"""The sheets of a book, and the notes on them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from xlwings import base_classes as base

from xl_addin.calc.engine.notes import Note
from xl_addin.calc.engine.parts import Cleared, Named
from xl_addin.calc.engine.ranges import Range
from xl_addin.calc.engine.structs import Uno, area_of, areas_in, bounds
from xl_addin.calc.engine.tables import Tables

if TYPE_CHECKING:
    from xl_addin.calc.engine.books import Book, Names


class Sheets(base.Sheets):  # type: ignore[misc] # xlwings has no types
    """The sheets of a book."""

    def __init__(self, book: Book) -> None:
        """Take a book."""
        self.book, self.xl = book, book.xl.Sheets

    @property
    def api(self) -> Uno:
        """Return UNO's sheets."""
        return self.xl

    @property
    def active(self) -> Sheet:
        """Return the sheet in front; the first one where the book has no window."""
        controller = self.book.xl.CurrentController
        return Sheet(self.xl.getByIndex(0) if controller is None else controller.ActiveSheet, self.book)

    def __call__(self, key: int | str) -> Sheet:
        """Return a sheet by its place, from 1, or its name. Raises KeyError where there is none."""
        if isinstance(key, int):
            if not 1 <= key <= len(self):
                raise KeyError(key)
            return Sheet(self.xl.getByIndex(key - 1), self.book)
        if not self.xl.hasByName(key):
            raise KeyError(key)
        return Sheet(self.xl.getByName(key), self.book)

    def __len__(self) -> int:
        """Return how many there are."""
        return int(self.xl.Count)

    def __iter__(self) -> Iterator[Sheet]:
        """Yield them in their order."""
        for place in range(len(self)):
            yield Sheet(self.xl.getByIndex(place), self.book)

    def add(self, before: Sheet | None = None, after: Sheet | None = None, name: str | None = None) -> Sheet:
        """Add an empty sheet; where it is not told where, before the active one, as Excel does."""
        place = after.index if after is not None else (before or self.active).index - 1
        taken = {used.casefold() for used in self.xl.ElementNames}
        free = (f"Sheet{number}" for number in range(1, len(taken) + 2))
        name = name or next(word for word in free if word.casefold() not in taken)
        self.xl.insertNewByName(name, place)
        made = self(name)
        made.activate()
        return made


class Sheet(Named, Cleared, base.Sheet):  # type: ignore[misc] # xlwings has no types
    """A sheet."""

    book: Book = None  # type: ignore[assignment] # in place of a property of xlwings', which cannot be set

    def __init__(self, sheet: Uno, book: Book) -> None:
        """Take a sheet and the book it is in."""
        self.xl, self.book = sheet, book

    @property
    def names(self) -> Names:
        """Return the names that are its own."""
        return self.book.names_in(self.xl.NamedRanges)

    @property
    def index(self) -> int:
        """Return its place, from 1."""
        return int(self.xl.RangeAddress.Sheet) + 1

    @property
    def visible(self) -> bool:
        """Tell whether it is in view."""
        return bool(self.xl.IsVisible)

    @visible.setter
    def visible(self, value: bool) -> None:
        """Set it: visible."""
        self.xl.IsVisible = bool(value)

    @property
    def tables(self) -> Tables:
        """Return the tables on it."""
        return Tables(self)

    @property
    def notes(self) -> list[Note]:
        """Return the notes on it."""
        found = self.xl.Annotations
        places = [found.getByIndex(place).Position for place in range(found.Count)]
        return [Note(Range(self, [(at.Row, at.Column, at.Row, at.Column)])) for at in places]

    @property
    def cells(self) -> Range:
        """Return all its cells."""
        return Range(self, [area_of(self.xl.RangeAddress)])

    @property
    def used_range(self) -> Range:
        """Return the cells around all that hold something."""
        cursor = self.xl.createCursor()
        cursor.gotoStartOfUsedArea(False)
        first = cursor.RangeAddress
        cursor.gotoEndOfUsedArea(False)
        last = cursor.RangeAddress
        return Range(self, [(first.StartRow, first.StartColumn, last.EndRow, last.EndColumn)])

    def range(self, first: Range | tuple[int, ...] | str | int, last: object = None) -> Range:
        """Return cells: by an address, of several areas too, by a name or by row and column; or from one to another.

        A tuple of four is row, column and how many of each.
        """
        if isinstance(first, int) and isinstance(last, int):
            first, last = (first, last), None
        found = self._cells(first)
        if last is None:
            return found
        return Range(found.sheet, [bounds([*found.areas, *self._cells(last).areas])])

    def _cells(self, where: object) -> Range:
        if isinstance(where, Range):
            return where
        if isinstance(where, tuple):
            row, column, height, width = (*where, 1, 1)[:4]
            if 0 in where[:2]:
                raise IndexError(where)
            return Range(self, [(row - 1, column - 1, row + height - 2, column + width - 2)])
        text = str(where)
        try:
            return Range(self, areas_in(text))
        except ValueError:
            found = self.xl.getCellRangeByName(text).RangeAddress  # a name, whole rows or columns
            sheet = self if found.Sheet + 1 == self.index else self.book.sheets(found.Sheet + 1)
            return Range(sheet, [area_of(found)])

    def activate(self) -> None:
        """Bring it to the front of its book."""
        if self.book.xl.CurrentController is not None:
            self.book.xl.CurrentController.setActiveSheet(self.xl)

    def select(self) -> None:
        """Bring it to the front of its book."""
        self.activate()

    def autofit(self, axis: str | None = None) -> None:
        """Make columns, rows or both as wide as what they hold."""
        self.used_range.autofit(axis)

    def delete(self) -> None:
        """Take it out of the book."""
        self.book.xl.Sheets.removeByName(self.name)
