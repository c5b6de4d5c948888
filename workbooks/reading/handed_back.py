"""A region's workbook that went back to it and is handed back: its corrected lines, and the lines as they were sent.

Its lines to correct (`sent_back`) read as orders, its lines as they were sent (`as_sent`) never do.
Both say of every row where it stood when it was sent back: the marks. Somebody has worked in the file since, so
nothing in it is taken for granted.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Literal

import pyarrow as pa

from workbooks.labels import labels
from workbooks.layout import INVOICE_LAYOUTS, LAYOUTS, PACKAGING_LAYOUTS, RETURN_LAYOUTS
from workbooks.reading.cells import RawSheet
from workbooks.reading.recognise import Match, heading_key
from workbooks.reading.rows import Rows
from workbooks.reading.texts import COLUMN, encoded
from workbooks.schema import Type

Part = Literal["sent_back", "as_sent", "told"]
"""Lines to correct, lines as they were sent, or a sheet that only tells the region something."""
MARKS: Mapping[str, Type] = {
    "back_day": Type.DATE,
    "back_file": Type.TEXT,
    "back_sheet": Type.TEXT,
    "back_row": Type.NUMBER,
    "back_round": Type.NUMBER,
}
"""What a row that went back says of where it stood, and how it is read."""
BEFORE = ("before", "before_rules")
"""What a row as it was sent says of how it was judged."""


@dataclass(frozen=True)
class Returned:
    """A sheet that went back to its region: its order lines, and beside each what the marks say, as texts."""

    part: Part
    rows: Rows
    marks: Mapping[str, pa.Array]


def own_layout(rows: Sequence[Sequence[str | None]]) -> str | None:
    """Return which of our layouts a sheet was written in, told by the headings in its first row; else None."""
    headings = list(rows[0]) if rows else []
    return next((key for key, ours in _own_headings() if headings[: len(ours)] == ours), None)


@cache
def _own_headings() -> list[tuple[str, list[str]]]:
    layouts = {**LAYOUTS, **PACKAGING_LAYOUTS, **INVOICE_LAYOUTS, **RETURN_LAYOUTS}
    return [(key, [column.heading for column in layout.columns]) for key, layout in layouts.items()]


def part_of(rows: Sequence[Sequence[str | None]], found: object, name: str, names: Sequence[str]) -> Part | None:
    """Return which sheet of a file that went back this is, None where it is none.

    rows: its first rows; found: what it is recognised as; name, names: its own and all sheets' names. Headings may have
    been changed: one mark is enough for order lines, and a sheet as it was sent is known by any of what only it says,
    or by its name, for read as orders it would double every line.
    """
    if own_layout(rows) in {"moved", "unread"}:
        return "told"
    if not isinstance(found, Match) or found.kind != "orders":
        return None
    there = {heading_key(text) for text in rows[found.header_row] if text}
    sheets = labels().sheets
    sent = sheets["as_sent"]
    if there & {heading_key(sent.headings[column]) for column in BEFORE} or (
        name == sent.name and sheets["sent_back"].name in names
    ):
        return "as_sent"
    return "sent_back" if there & {heading_key(sent.headings[column]) for column in MARKS} else None


def returned(part: Part, sheet: RawSheet, rows: Rows, header_row: int) -> Returned:
    """Return a sheet's order lines with their marks. rows: its data rows, told apart."""
    headings = labels().sheets["as_sent"].headings
    heads = {column.slice(header_row, 1)[0].as_py(): column for column in reversed(sheet.cells.columns)}
    by_key = {heading_key(text): column for text, column in heads.items() if text}
    at = pa.array(rows.numbers - 1)
    marks = {}
    for name in (*MARKS, *BEFORE):
        column = by_key.get(heading_key(headings[name]))
        marks[name] = pa.nulls(len(at), COLUMN) if column is None else encoded(column).take(at)
    return Returned(part, rows, marks)
