"""How cells look, each a property of Range that is None where its cells differ."""

from __future__ import annotations

from typing import TYPE_CHECKING

from xl_addin.calc.engine.formats import (
    HORIZONTAL,
    VERTICAL,
    colour_number,
    colour_parts,
    horizontal_word,
    vertical_word,
)
from xl_addin.calc.engine.structs import common, enum

if TYPE_CHECKING:
    from xl_addin.calc.engine.ranges import Range

_PIXEL = 2540 / 96  # hundredths of a millimetre
_POINT = 2540 / 72
_FEW = 8  # areas
_DIGIT, _MARGIN = 7, 5  # pixels of a digit, and of the margins, in Excel's usual font
Colour = str | int | tuple[int, int, int] | None
"""#RRGGBB, Excel's number, red green and blue, or none."""


def _number_format(cells: Range) -> str | None:
    key = common(cells.xl, "NumberFormat")
    return None if key is None else cells.sheet.book.formats.code(key)


def _set_number_format(cells: Range, code: str) -> None:
    cells.xl.NumberFormat = cells.sheet.book.formats.key(code)


def _color(cells: Range) -> tuple[int, int, int] | None:
    return colour_parts(common(cells.xl, "CellBackColor"))


def _set_color(cells: Range, value: Colour) -> None:
    cells.xl.CellBackColor = colour_number(value)


def _wrap_text(cells: Range) -> bool | None:
    found: bool | None = common(cells.xl, "IsTextWrapped")
    return found


def _set_wrap_text(cells: Range, value: bool) -> None:  # noqa: FBT001 - what it is set to
    cells.xl.IsTextWrapped = bool(value)


def _horizontal(cells: Range) -> str | None:
    return horizontal_word(common(cells.xl, "HoriJustify"))


def _set_horizontal(cells: Range, value: str) -> None:
    cells.xl.HoriJustify = enum("table.CellHoriJustify", HORIZONTAL[value])


def _vertical(cells: Range) -> str | None:
    return vertical_word(common(cells.xl, "VertJustify"))


def _set_vertical(cells: Range, value: str) -> None:
    cells.xl.VertJustify = VERTICAL[value]


def _column_width(cells: Range) -> float:
    return float((cells.first.Columns.getByIndex(0).Width / _PIXEL - _MARGIN) / _DIGIT)


def _set_column_width(cells: Range, value: float) -> None:
    for part in cells.parts():
        part.Columns.Width = round((value * _DIGIT + _MARGIN) * _PIXEL)


def _row_height(cells: Range) -> float:
    return float(cells.first.Rows.getByIndex(0).Height / _POINT)


def _set_row_height(cells: Range, value: float) -> None:
    height = round(value * _POINT)
    if len(cells.areas) < _FEW or cells.sheet.book.xl.CurrentController is None:
        for part in cells.parts():
            part.Rows.Height = height
    else:  # each area would cost milliseconds, and tens of them on a full sheet
        cells.dispatch("RowHeight", RowHeight=height)


number_format = property(_number_format, _set_number_format, doc="The number format as Excel writes it.")
color = property(_color, _set_color, doc="The colour behind the text: red, green, blue; None for none.")
wrap_text = property(_wrap_text, _set_wrap_text, doc="Whether long texts go on in a new line.")
horizontal_alignment = property(_horizontal, _set_horizontal, doc="Where the text stands between left and right.")
vertical_alignment = property(_vertical, _set_vertical, doc="Where the text stands between top and bottom.")
column_width = property(_column_width, _set_column_width, doc="Width of the first column, in digits of Excel's font.")
row_height = property(_row_height, _set_row_height, doc="Height of the first row in points.")
