"""Values as Excel hands them over, turned column by column into the texts that the file readers give.

A macro reads the open workbook and the same workbook on disk by the same rules; only here do the two differ.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from decimal import Decimal

import pyarrow as pa

from workbooks.addresses import column_letters
from workbooks.reading.cells import RawSheet, tidied

Area = tuple[int, int, int, int]
"""First row, first column, last row, last column."""

ERRORS = {
    2000: "#NULL!", 2007: "#DIV/0!", 2015: "#VALUE!", 2023: "#REF!", 2029: "#NAME?", 2036: "#NUM!", 2042: "#N/A",
    2043: "#GETTING_DATA", 2045: "#SPILL!", 2046: "#CONNECT!", 2047: "#BLOCKED!", 2048: "#UNKNOWN!", 2049: "#FIELD!",
    2050: "#CALC!",
}  # fmt: skip
ERROR_BASE = -0x7FF60000  # 0x800A0000 as a signed Long: what an error cell's number is counted from
_DUST = timedelta(microseconds=500)
_EXACT_DIGITS = 15  # more than these are noise of the binary fraction
_LONG = 6  # decimals from which a number is looked at again
_TIME_ONLY = datetime(1899, 12, 30).date()  # noqa: DTZ001 - a cell has no zone
_EPOCH_1904 = datetime(1904, 1, 1).date()  # noqa: DTZ001 - the same
_MARCH_1900 = datetime(1900, 3, 1).date()  # noqa: DTZ001 - the same; before it Excel counts a day that COM does not


def raw_sheet(  # noqa: PLR0913 - what a sheet is, one thing each
    name: str,
    index: int,
    values: Sequence[Sequence[object]],
    start: tuple[int, int],
    merged: Sequence[Area] = (),
    *,
    date1904: bool = False,
) -> RawSheet:
    """Return a sheet as the file readers would.

    values: its used cells, row by row, as `Range.Value` gives them: float, str, bool, datetime, Decimal (currency),
    None (blank), int (an error's number). start: row and column of their first cell, from 1. merged: 0-based.
    """
    top, left = start[0] - 1, start[1] - 1
    texts: list[list[str | None]] = []
    errors: dict[tuple[int, int], str] = {}
    for place, column in enumerate(zip(*values, strict=True)):
        column_texts, bad = column_text(column, date1904=date1904)
        texts.append(column_texts)
        errors |= {(top + row, left + place): text for row, text in bad.items()}
    height = max((_height(column) for column in texts), default=0)
    height = max([height, *(row - top + 1 for row, _ in errors)])
    while texts and not _height(texts[-1]) and not any(column == left + len(texts) - 1 for _, column in errors):
        texts.pop()
    rows = top + height if texts else 0
    blank = pa.nulls(rows, pa.string())
    columns = tidied([_strings([None] * top + column[:height]) for column in texts], date1904=date1904)
    columns = [blank] * (left if texts else 0) + columns
    cells = pa.RecordBatch.from_arrays(columns, names=[column_letters(place) for place in range(len(columns))])
    return RawSheet(name, index, cells, errors, frozenset(), tuple(merged), date1904)


def _strings(texts: Sequence[str | None]) -> pa.Array:
    """Return texts as a column; half a character, as LEFT cuts it out of an emoji, becomes a replacement character."""
    try:
        return pa.array(texts, pa.string())
    except UnicodeEncodeError:
        return pa.array([None if text is None else _whole(text) for text in texts], pa.string())


def _whole(text: str) -> str:
    return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")


def _height(column: Sequence[str | None]) -> int:
    return next((row for row in range(len(column), 0, -1) if column[row - 1] is not None), 0)


def column_text(values: Sequence[object], *, date1904: bool = False) -> tuple[list[str | None], dict[int, str]]:
    """Return the texts of one column (None: blank or an error), and its errors by row."""
    texts: list[str | None] = []
    errors: dict[int, str] = {}
    numbers: dict[float, str] = {}  # a column repeats its numbers
    for row, value in enumerate(values):
        text: str | None = None
        if value is None or isinstance(value, str):
            text = value or None
        elif isinstance(value, bool):
            text = "TRUE" if value else "FALSE"
        elif isinstance(value, float):
            text = numbers.get(value) or numbers.setdefault(value, number_text(value))
        elif isinstance(value, int):
            errors[row] = ERRORS.get(value - ERROR_BASE, "#VALUE!")
        elif isinstance(value, datetime):
            text = _when(value, date1904=date1904)
        elif isinstance(value, Decimal):
            text = number_text(float(value))
        else:
            raise TypeError(type(value))
        texts.append(text)
    return texts, errors


def number_text(number: float) -> str:
    """Return a number in full, without exponent, to 9 decimals and no more than 15 digits where it has that many."""
    text = f"{number:.9f}".rstrip("0").rstrip(".")
    if text in {"-0", ""}:
        return "0"
    if len(text.partition(".")[2]) < _LONG or sum(map(str.isdigit, text)) <= _EXACT_DIGITS:
        return text
    return f"{Decimal(repr(float(text))):f}".removesuffix(".0")


def settled(value: datetime) -> datetime:
    """Return a cell's date and time: whatever zone COM claims, a cell has none, and it sends binary fractions.

    10:30:00 may come as 10:29:59.9999, and midnight a moment early; so the answer may be half a millisecond late.
    """
    return value.replace(tzinfo=None) + _DUST


def _when(value: datetime, *, date1904: bool) -> str:
    """Return a date, with its time where it has one; a time of day alone where there is no date."""
    when = settled(value)
    if when.date() == (_EPOCH_1904 if date1904 else _TIME_ONLY):
        return f"{when:%H:%M:%S}"
    if when.date() < _MARCH_1900:
        when += timedelta(days=1)
    day = f"{when:%Y-%m-%d}"
    return f"{day} {when:%H:%M:%S}" if (when.hour, when.minute, when.second) != (0, 0, 0) else day
