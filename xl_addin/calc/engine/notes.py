"""Notes on cells."""

from __future__ import annotations

from typing import TYPE_CHECKING

from xlwings import base_classes as base

from xl_addin.calc.engine.structs import Uno

if TYPE_CHECKING:
    from xl_addin.calc.engine.ranges import Range


class Note(base.Note):  # type: ignore[misc] # xlwings has no types
    """A note on a cell."""

    location: Range = None  # type: ignore[assignment] # in place of a property of xlwings', which cannot be set

    def __init__(self, cell: Range) -> None:
        """Take a cell."""
        self.location = cell
        self.xl = cell.first.getCellByPosition(0, 0).Annotation

    @property
    def api(self) -> Uno:
        """Return UNO's annotation."""
        return self.xl

    @property
    def text(self) -> str:
        """Return what it says."""
        return str(self.xl.String)

    @text.setter
    def text(self, value: str) -> None:
        """Set it: text."""
        self.xl.String = value

    @property
    def author(self) -> str:
        """Return who wrote it."""
        return str(self.xl.Author)

    def delete(self) -> None:
        """Take it away."""
        notes, place = self.location.sheet.xl.Annotations, self.xl.Position
        for index in range(notes.Count):
            at = notes.getByIndex(index).Position
            if (at.Row, at.Column) == (place.Row, place.Column):
                notes.removeByIndex(index)
                return
