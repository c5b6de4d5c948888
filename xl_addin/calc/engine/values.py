"""Cells' values on their way between Calc and Excel's types. Plain data in, plain data out; no UNO in here.

Calc knows numbers and texts; what is a date or a truth value its number formats say. An error is None to it, a blank
cell "". What comes out is what Excel's `Range.Value` gives: float, str, bool, datetime (without a zone), None for a
blank, int for an error.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from workbooks.live_cells import ERROR_BASE, Area

Place = tuple[int, int]
"""Row and column, from 0, within the cells that are read or written."""

_ERRORS = {32767: 2042, 519: 2015, 524: 2023, 532: 2007, 525: 2029, 503: 2036, 521: 2000}  # Calc's and Excel's
_CALC_VALUE = 519
_VALUE = 2015
_DAY = timedelta(days=1)


def error_number(code: int) -> int:
    """Return what Excel hands over for one of Calc's errors; one that Excel has not is #VALUE!."""
    return ERROR_BASE + _ERRORS.get(code, _VALUE)


def calc_error(number: int) -> int:
    """Return Calc's number of an error that Excel numbers so (2042 is #N/A); one that Calc has not is #VALUE!."""
    return next((code for code, excel in _ERRORS.items() if excel == number), _CALC_VALUE)


def from_calc(
    data: Sequence[Sequence[Any]],
    dates: Iterable[Area],
    truths: Iterable[Area],
    errors: Mapping[Place, int],
    epoch: datetime,
) -> tuple[tuple[Any, ...], ...]:
    """Return a data array as Excel would hand it over.

    dates, truths: the areas of cells whose number format shows dates or times, TRUE or FALSE. errors: Excel's number of
    each error. epoch: the day that counts as 0.
    """
    rows = [[None if value == "" else value for value in row] for row in data]
    for top, left, bottom, right in dates:
        for row in rows[top : bottom + 1]:
            for column in range(left, right + 1):
                if type(serial := row[column]) is float:
                    row[column] = _moment(serial, epoch)
    for top, left, bottom, right in truths:
        for row in rows[top : bottom + 1]:
            for column in range(left, right + 1):
                if type(row[column]) is float and row[column] in {0.0, 1.0}:
                    row[column] = bool(row[column])
    for (place, column), number in errors.items():
        rows[place][column] = number
    return tuple(map(tuple, rows))


def _moment(serial: float, epoch: datetime) -> datetime | float:
    """Return a serial number as date and time; one that no calendar holds stays a number."""
    try:
        return epoch + timedelta(days=serial)
    except OverflowError:
        return serial


@dataclass
class Entries:
    """What is to be written.

    data: floats and texts, "" for blank. formulas: texts that begin with "=". dates: where serial numbers of dates
    stand, and whether with a time. truths: where 1 and 0 stand for TRUE and FALSE. marked: texts without Excel's own
    mark of text, which they came with.
    """

    data: list[tuple[float | str, ...]]
    formulas: dict[Place, str] = field(default_factory=dict)
    dates: dict[Place, bool] = field(default_factory=dict)
    truths: dict[Place, bool] = field(default_factory=dict)
    marked: dict[Place, str] = field(default_factory=dict)


def to_calc(rows: Sequence[Sequence[Any]], epoch: datetime) -> Entries:
    """Return values as Calc takes them. Raises TypeError for a kind of value that Excel's cells do not take."""
    made = Entries([])
    for place, row in enumerate(rows):
        new: list[float | str] = []
        for column, value in enumerate(row):
            kind = type(value)
            if kind is str:
                if value[:1] == "=" and len(value) > 1:
                    made.formulas[place, column] = value
                elif value[:1] == "'":
                    made.marked[place, column] = value[1:]
                new.append(value)
            elif kind is float:
                new.append(value)
            elif value is None:
                new.append("")
            else:
                new.append(_other(value, (place, column), made, epoch))
        made.data.append(tuple(new))
    return made


def _other(value: Any, place: Place, made: Entries, epoch: datetime) -> float | str:
    if isinstance(value, bool):
        made.truths[place] = True
        return float(value)
    if isinstance(value, datetime):
        made.dates[place] = bool(value.hour or value.minute or value.second or value.microsecond)
        return (value.replace(tzinfo=None) - epoch) / _DAY
    if isinstance(value, date):
        made.dates[place] = False
        return float((datetime(value.year, value.month, value.day) - epoch).days)  # noqa: DTZ001 - a cell has no zone
    if isinstance(value, str):
        return value
    try:
        return float(value)
    except ValueError as error:  # an array, say
        raise TypeError(type(value)) from error


def stretches(places: Iterable[Place]) -> list[Area]:
    """Return the areas of one column each that cover the places."""
    areas: list[Area] = []
    for row, column in sorted(places, key=lambda place: (place[1], place[0])):
        if areas and areas[-1][1] == column and areas[-1][2] == row - 1:
            areas[-1] = (areas[-1][0], column, row, column)
        else:
            areas.append((row, column, row, column))
    return areas


def lies_in(place: Place, areas: Iterable[Area]) -> bool:
    """Tell whether a cell lies in one of the areas."""
    row, column = place
    return any(top <= row <= bottom and left <= column <= right for top, left, bottom, right in areas)
