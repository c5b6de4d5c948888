"""What the marks in a file that was handed back say: where each row stood, how it was judged, what it was as sent."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
import pandas as pd
import pyarrow as pa

from workbooks.labels import labels
from workbooks.reading import values
from workbooks.reading.handed_back import BEFORE, MARKS, Returned
from workbooks.reading.tables import read_table
from workbooks.reading.texts import respelt, trimmed
from workbooks.schema import Type

Place = tuple[str, str, int]
"""A file, a sheet and a row, as compared."""


def place_of(file: object, sheet: object, row: object) -> Place | None:
    """Return a place as compared, None where any part is missing; spaces around names and capitals do not count."""
    if not isinstance(file, str) or not isinstance(sheet, str):
        return None
    if isinstance(row, float) and not row.is_integer():  # NaN too
        return None
    return file.strip().casefold(), sheet.strip().casefold(), int(row)  # type: ignore[call-overload] # a number


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
