"""What a formula is given in a cell of Calc, made what Excel would give it; and its answer, made what Calc takes.

Basic hands over single values, constant arrays as rows, and references as LibreOffice's own VBA ranges.
"""

from __future__ import annotations

import struct
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from udfs.formula_cells import Answer, Cells
from xl_addin.calc.engine import contents
from xl_addin.calc.engine.books import Book
from xl_addin.calc.engine.structs import area_of
from xl_addin.calc.engine.values import calc_error

_EPOCH = datetime(1899, 12, 30, tzinfo=UTC)
_DAY = 86400  # seconds
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
    rows = cells.getDataArray()
    single = len(rows) == len(rows[0]) == 1
    if single:
        value = rows[0][0]
        if isinstance(value, str):
            return value or None
        if value is not None and cells.NumberFormat % _LANGUAGE_BLOCK == 0:
            return float(value)
    document = cells.getSpreadsheet().DrawPage.Forms.Parent
    rows = contents.values(cells, area_of(cells.RangeAddress), Book(document, None))
    return rows[0][0] if single else rows


def error(code: int) -> float:
    """Return one of Calc's errors as the number that carries it."""
    [number] = struct.unpack("<d", struct.pack("<Q", _NOT_A_NUMBER | code))
    return float(number)


def reply(answer: Answer) -> tuple[tuple[Any, ...], ...]:
    """Return a formula's answer as Calc takes it: errors as errors, dates as day numbers, TRUE as 1."""
    return tuple(tuple(map(_cell, row)) for row in answer)


def _cell(value: Any) -> Any:
    if isinstance(value, bool):  # before int, which it is too; Basic would make the text "True" of it
        return float(value)
    if isinstance(value, int):
        return error(calc_error(value))
    if isinstance(value, datetime):
        return (value - _EPOCH).total_seconds() / _DAY
    return value


def arguments(given: Sequence[Any], required: int) -> list[Cells]:
    """Return all arguments of a call; required: how many of them the formula cannot do without."""
    return [argument(one, optional=place >= required) for place, one in enumerate(given)]
