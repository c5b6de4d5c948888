"""One cell of an open workbook as a value: the same readers as for a file's columns, for the formulas.

cell: as Excel hands it over, a text, float, Decimal (a currency cell), Boolean or datetime; None is a blank cell.
Errors are no values and are told apart before.
"""

from __future__ import annotations

from datetime import date, datetime

from workbooks.live_cells import column_text, number_text, settled
from workbooks.reading import values

_FIRST_YEAR = 1900  # before its March Excel counts a day that was not; a time of day alone is in 1899


def cell_text(cell: object) -> str | None:
    """Return a cell's value as the text that reading a file gives; None where it is blank."""
    if isinstance(cell, str):
        return cell.strip() or None
    texts, _ = column_text([cell])
    return texts[0]


def code_of(cell: object) -> str | None:
    """Return the code in a cell; None where it is blank."""
    text = cell if isinstance(cell, str) else cell_text(cell)
    return values.code(text) if text else None


def number_of(cell: object) -> float | None:
    """Return the number in a cell, None where it holds none (also where it is blank)."""
    if isinstance(cell, float):
        # to nine decimals, as number_text gives it
        return round(cell, 9) if abs(cell) <= values.LARGEST else None
    text = cell_text(cell)
    return values.number(text) if text else None


def day_of(cell: object, today: date) -> date | None:
    """Return the date in a cell, None where it holds none (also where it is blank); a time of day is no date."""
    if isinstance(cell, float):
        return values.day_of(number_text(cell), today, date1904=False)
    if isinstance(cell, datetime) and cell.year > _FIRST_YEAR:
        return settled(cell).date()
    text = cell_text(cell)
    return values.day_of(text, today, date1904=False) if text else None
