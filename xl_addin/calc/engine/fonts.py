"""How the text of cells looks. Calc has two fonts in every cell, one for Chinese: both are set."""

from __future__ import annotations

from typing import TYPE_CHECKING

from xlwings import base_classes as base

from xl_addin.calc.engine.formats import colour_number, colour_parts
from xl_addin.calc.engine.structs import Uno, common, enum

if TYPE_CHECKING:
    from xl_addin.calc.engine.ranges import Range

_PLAIN, _BOLD = 100.0, 150.0


class Font(base.Font):  # type: ignore[misc] # xlwings has no types
    """The font of some cells; each property is None where they differ."""

    def __init__(self, cells: Range) -> None:
        """Take cells."""
        self.parent, self.xl = cells, cells.xl

    @property
    def api(self) -> Uno:
        """Return UNO's cells."""
        return self.xl

    @property
    def name(self) -> str | None:
        """Return the font's name."""
        found: str | None = common(self.xl, "CharFontName")
        return found

    @name.setter
    def name(self, value: str) -> None:
        """Set it: name."""
        self._set("CharFontName", value)

    @property
    def size(self) -> float | None:
        """Return its size in points."""
        found: float | None = common(self.xl, "CharHeight")
        return found

    @size.setter
    def size(self, value: float) -> None:
        """Set it: size."""
        self._set("CharHeight", float(value))

    @property
    def bold(self) -> bool | None:
        """Tell whether it is bold."""
        found = common(self.xl, "CharWeight")
        return None if found is None else found > _PLAIN

    @bold.setter
    def bold(self, value: bool) -> None:
        """Set it: bold."""
        self._set("CharWeight", _BOLD if value else _PLAIN)

    @property
    def italic(self) -> bool | None:
        """Tell whether it is italic."""
        found = common(self.xl, "CharPosture")
        return None if found is None else found.value != "NONE"

    @italic.setter
    def italic(self, value: bool) -> None:
        """Set it: italic."""
        self._set("CharPosture", enum("awt.FontSlant", "ITALIC" if value else "NONE"))

    @property
    def color(self) -> tuple[int, int, int] | None:
        """Return its colour; None for Calc's own choice."""
        return colour_parts(common(self.xl, "CharColor"))

    @color.setter
    def color(self, value: str | int | tuple[int, int, int] | None) -> None:
        """Set it: color."""
        self.xl.CharColor = colour_number(value)

    def _set(self, name: str, value: object) -> None:
        self.xl.setPropertyValues((name, f"{name}Asian"), (value, value))
