"""Cells as JSON, the same from both systems: an error is the number of an Excel error, a date its day and time."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime


def cells(answer: object) -> object:
    """Return an answer of CallUDF, or of a formula, as JSON can hold it.

    One cell stands alone and one row as a row, as xlwings hands them to Excel.
    """
    if isinstance(answer, datetime):
        return {"date": answer.replace(tzinfo=None).isoformat()}
    if isinstance(answer, bool) or answer is None or isinstance(answer, str):
        return answer
    if isinstance(answer, int):
        return {"error": answer}
    if isinstance(answer, float):
        return answer
    if isinstance(answer, Sequence):
        return [cells(part) for part in answer]
    return {"unknown": repr(type(answer))}


def squeezed(rows: Sequence[Sequence[object]]) -> object:
    """Return rows as xlwings' CallUDF does: one cell alone, one row as a row."""
    if len(rows) == 1:
        return rows[0][0] if len(rows[0]) == 1 else rows[0]
    return rows
