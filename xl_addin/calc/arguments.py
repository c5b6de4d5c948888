"""What a formula is given in a cell of Calc, made what Excel would give it; and its answer, made what Calc takes.

Basic hands over single values, constant arrays as rows, and references as LibreOffice's own VBA ranges.
"""

from __future__ import annotations

import struct
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from udfs.formula_cells import Answer, Cells
from xl_addin.calc.engine import contents
from xl_addin.calc.engine.books import Book
from xl_addin.calc.engine.structs import area_of
from xl_addin.calc.engine.values import calc_error

_EPOCH = datetime(1899, 12, 30)  # noqa: DTZ001 - a cell has no zone
_DAY = 86400  # seconds
_TALL = 100_000  # rows from which a reference is read only as far down as its sheet is used: most often a whole column
_LANGUAGE_BLOCK = 10_000  # numbers of formats that each language has for its own; the first of them is General
_NOT_A_NUMBER = 0x7FF8000000000000  # an error travels as a number that is none, with its own number in the low bits


def argument(given: Any, *, optional: bool) -> Cells:
    """Return an argument as Excel would send it.

    optional: the formula can do without. Then a plain 0 is one that was left out before others, which LibreOffice
    gives as 0; the 0 of a cell comes as a reference, and stays.
    """
    if given is None or isinstance(given, str):
        return given
    if isinstance(given, (bool, int, float)):
        return None if optional and given == 0 else float(given)
    if isinstance(given, tuple):
        return tuple(tuple(argument(cell, optional=False) for cell in row) for row in given)
    return _referenced(given.getCellRange())


def _referenced(cells: Any) -> Cells:
    """Return the values of the cells that an argument refers to; most often a single one without a format."""
    place = cells.RangeAddress
    if place.EndRow - place.StartRow >= _TALL:
        cells = _in_use(cells.getSpreadsheet(), place)
    rows = cells.getDataArray()
    single = len(rows) == len(rows[0]) == 1
    if single:
        value = rows[0][0]
        if isinstance(value, str):
            return value or None
        if value is not None and cells.NumberFormat % _LANGUAGE_BLOCK == 0:
            return float(value)
    rows = contents.values(cells, area_of(cells.RangeAddress), Book(_document(cells), None))
    return rows[0][0] if single else rows


def _in_use(sheet: Any, place: Any) -> Any:
    """Return the part of some columns down to the last row that the sheet uses."""
    cursor = sheet.createCursor()
    cursor.gotoEndOfUsedArea(False)
    last = max(place.StartRow, min(place.EndRow, cursor.RangeAddress.EndRow))
    return sheet.getCellRangeByPosition(place.StartColumn, place.StartRow, place.EndColumn, last)


def _document(cells: Any) -> Any:
    """Return the document that some cells are of."""
    return cells.getSpreadsheet().DrawPage.Forms.Parent


def error(code: int) -> float:
    """Return one of Calc's errors as the number that carries it."""
    [number] = struct.unpack("<d", struct.pack("<Q", _NOT_A_NUMBER | code))
    return float(number)


def reply(answer: Answer, given: Sequence[Any] = ()) -> tuple[tuple[Any, ...], ...]:
    """Return a formula's answer as Calc takes it: errors as errors, dates as day numbers, TRUE as 1.

    given: what the formula was given. Days are counted as the document of its first reference counts them.
    """
    dated = any(isinstance(value, datetime) for row in answer for value in row)
    epoch = _epoch(given) if dated else _EPOCH
    return tuple(tuple(_cell(value, epoch) for value in row) for row in answer)


def _epoch(given: Sequence[Any]) -> datetime:
    reference = next((one for one in given if hasattr(one, "getCellRange")), None)
    return _EPOCH if reference is None else Book(_document(reference.getCellRange()), None).epoch


def _cell(value: Any, epoch: datetime) -> Any:
    if isinstance(value, bool):  # before int, which it is too; Basic would make the text "True" of it
        return float(value)
    if isinstance(value, int):
        return error(calc_error(value))
    if isinstance(value, datetime):
        return (value.replace(tzinfo=None) - epoch).total_seconds() / _DAY
    return value


def arguments(given: Sequence[Any], required: int) -> list[Cells]:
    """Return all arguments of a call; required: how many of them the formula cannot do without."""
    return [argument(one, optional=place >= required) for place, one in enumerate(given)]
