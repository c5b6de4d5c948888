"""A region's workbook that went back to it and is handed back: its corrected lines, and the lines as they were sent.

Its lines to correct (`sent_back`) read as orders, its lines as they were sent (`as_sent`) never do.
Both say of every row where it stood when it was sent back: the marks. Somebody has worked in the file since, so
nothing in it is taken for granted.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import Literal

import numpy as np
import pandas as pd
import pyarrow as pa

from workbooks.labels import labels
from workbooks.layout import INVOICE_LAYOUTS, LAYOUTS, PACKAGING_LAYOUTS, RETURN_LAYOUTS
from workbooks.reading import values
from workbooks.reading.cells import RawSheet
from workbooks.reading.recognise import Match, heading_key
from workbooks.reading.rows import Rows
from workbooks.reading.tables import read_table
from workbooks.reading.texts import COLUMN, encoded, respelt, trimmed
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


Place = tuple[str, str, int]
"""A file, a sheet and a row, as compared."""


@dataclass(frozen=True)
class Returned:
    """A sheet that went back to its region: its order lines, and beside each what the marks say, as texts."""

    part: Part
    rows: Rows
    marks: Mapping[str, pa.Array]


def place_of(file: object, sheet: object, row: object) -> Place | None:
    """Return a place as compared, None where any part is missing; spaces around names and capitals do not count."""
    if not isinstance(file, str) or not isinstance(sheet, str):
        return None
    if isinstance(row, float) and not row.is_integer():  # NaN too
        return None
    return file.strip().casefold(), sheet.strip().casefold(), int(row)  # type: ignore[call-overload] # a number


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


def marks_of(sheet: Returned, day: date) -> pd.DataFrame:
    """Return what a sheet says of its rows, one row per data row, with source_file, source_sheet and source_row.

    back_day: a date; back_row, back_round: numbers; before: a decision's key. What cannot be read is blank.
    """
    date1904 = np.full(len(sheet.rows.numbers), sheet.rows.date1904)
    read = {name: values.read(kind, sheet.marks[name], day=day, date1904=date1904) for name, kind in MARKS.items()}
    keys = {word: key for key, word in labels().decisions.items()}
    (before,) = respelt(trimmed([sheet.marks["before"]]), keys.get)
    rules = values.read(Type.TEXT, sheet.marks["before_rules"], day=day, date1904=date1904).values
    return pd.DataFrame({name: reading.values for name, reading in read.items()}).assign(
        before=pd.array(before.cast(pa.large_string()), dtype="str"),
        before_rules=rules,
        source_file=sheet.rows.source_file,
        source_sheet=sheet.rows.source_sheet,
        source_row=sheet.rows.numbers,
    )


@dataclass(frozen=True)
class Said:
    """What rows say, one by one: where each stood, whether it went back this day, and how often by then, from 1."""

    places: list[Place | None]
    today: list[bool]
    rounds: list[int]


def said_by(marks: pd.DataFrame, day: date) -> Said:
    """Return what the rows of a frame that has the columns of MARKS say."""
    stood = zip(*(marks[name].tolist() for name in ("back_file", "back_sheet", "back_row")), strict=True)
    rounds = np.clip(marks["back_round"].to_numpy(float, na_value=1), 1, 1_000_000)  # whatever the file says
    today = marks["back_day"] == pd.Timestamp(day)
    return Said([place_of(*place) for place in stood], today.tolist(), rounds.astype(np.int64).tolist())


def unmarked(marks: pd.DataFrame) -> list[tuple[str, str, int]]:
    """Return the places of the rows of marks_of that were added by hand: nothing says where they stood."""
    rows = marks[marks[list(MARKS)].isna().all(axis=1)]
    return list(zip(rows["source_file"], rows["source_sheet"], rows["source_row"], strict=True))


def sent_lines(sheets: Sequence[Returned], day: date) -> pd.DataFrame:
    """Return the lines of all sheets as they were sent: the columns of orders as read, and what marks_of says.

    A row that cannot be read as an order line is left out: nothing can be compared with it.
    """
    frames = []
    for sheet in sheets:
        lines = read_table("orders", [sheet.rows], day).frame
        marks = marks_of(sheet, day).drop(columns=["source_file", "source_sheet"])
        frames.append(lines.merge(marks, on="source_row", how="left", sort=False))
    empty = pd.DataFrame(columns=["order_no", "partner_code", *MARKS, *BEFORE])
    return pd.concat(frames, ignore_index=True) if frames else empty
