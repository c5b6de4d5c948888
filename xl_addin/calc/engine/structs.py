"""What UNO wants its words said in: structs, enums, named properties; and areas of cells as plain numbers."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any, TypeAlias

from workbooks.live_cells import Area
from xl_addin.calc.office import load_uno

Uno: TypeAlias = Any
"""An object of UNO; they are made while it runs, so no type says what they can do."""

_COLUMN, _ROW = r"\$?([A-Za-z]{1,3})", r"\$?(\d+)"
_AREA = re.compile(rf"{_COLUMN}{_ROW}(?::{_COLUMN}{_ROW})?")
_LETTERS = 26


def struct(name: str, **fields: object) -> Uno:
    """Return a new struct com.sun.star.<name> with these fields set."""
    made = load_uno().createUnoStruct(f"com.sun.star.{name}")
    for field, value in fields.items():
        setattr(made, field, value)
    return made


def enum(name: str, word: str) -> Uno:
    """Return a word of the enum com.sun.star.<name>."""
    return load_uno().Enum(f"com.sun.star.{name}", word)


def common(cells: Uno, name: str) -> Any:
    """Return a property that cells have in common; None where they differ: Calc would give the usual value then."""
    if cells.getPropertyState(name).value == "AMBIGUOUS_VALUE":
        return None
    return cells.getPropertyValue(name)


def properties(**values: object) -> tuple[Uno, ...]:
    """Return named values, as loading, saving and dispatching take them."""
    return tuple(struct("beans.PropertyValue", Name=name, Value=value) for name, value in values.items())


def area_of(address: Uno) -> Area:
    """Return a CellRangeAddress as first row, first column, last row, last column, from 0."""
    return address.StartRow, address.StartColumn, address.EndRow, address.EndColumn


def address_of(area: Area, sheet: int) -> Uno:
    """Return the CellRangeAddress of an area; rows, columns and the sheet's place from 0."""
    made = load_uno().createUnoStruct("com.sun.star.table.CellRangeAddress")
    made.Sheet = sheet
    made.StartRow, made.StartColumn, made.EndRow, made.EndColumn = area
    return made


def areas_in(text: str) -> list[Area]:
    """Return the areas, from 0, of an address such as A1:B2,D4. Raises ValueError where it is none."""
    areas = []
    for part in text.split(","):
        found = _AREA.fullmatch(part.strip())
        if found is None:
            raise ValueError(text)
        left, top, right, bottom = found.groups()
        row, column = int(top) - 1, _number(left) - 1
        areas.append((row, column, int(bottom) - 1, _number(right) - 1) if bottom else (row, column, row, column))
    return areas


def bounds(areas: Iterable[Area]) -> Area:
    """Return the smallest area around all of them."""
    tops, lefts, bottoms, rights = zip(*areas, strict=True)
    return min(tops), min(lefts), max(bottoms), max(rights)


def _number(letters: str) -> int:
    number = 0
    for letter in letters.upper():
        number = number * _LETTERS + ord(letter) - ord("A") + 1
    return number
