"""A table's columns as body cells: what each cell holds, and which of its column's sample styles it takes."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from workbooks.layout import BADGES, NUMBERS, PALETTE, TONES, Column, Layout, Look
from workbooks.writing.bulk import Cells
from workbooks.writing.cell_text import text_array

PLAIN, TOTAL = "plain", "total"
TONE_NAMES = (PLAIN, *PALETTE, TOTAL)
SAMPLES = tuple((tone, other) for other in (False, True) for tone in TONE_NAMES)
"""The styles of every column, in order. The other form: a quantity with a fraction, a row number without a link."""
OTHER_FORM = len(TONE_NAMES)
MOST_LINES = 12  # of a wrapped sentence; a taller row hides the table

Picks = npt.NDArray[np.int8]

_EPOCH = np.datetime64("1899-12-30", "s")
_FEBRUARY_29 = 61  # Excel counts a 1900-02-29
_EXACT = 2**53
_LAST_SERIAL = 2_958_466  # 9999-12-31 has begun


def tones(values: pd.Series) -> Picks:
    """Return the tone of each value as an index into TONE_NAMES; a number above zero has that of a transfer."""
    if pd.api.types.is_numeric_dtype(values):
        return np.where(_numbers(values) > 0, np.int8(TONE_NAMES.index("transfer")), np.int8(0))
    encoded = text_array(values).dictionary_encode()
    known = [TONE_NAMES.index(TONES.get(value, PLAIN)) for value in encoded.dictionary.to_pylist()]
    indices: npt.NDArray[np.int32] = pc.fill_null(encoded.indices, len(known)).to_numpy(zero_copy_only=False)
    return np.array([*known, 0], np.int8)[indices]


def tones_of_rows(layout: Layout, frame: pd.DataFrame) -> Picks:
    """Return the tone of each row of a sheet; a total row has its own."""
    rows = tones(frame[layout.tone]) if layout.tone else np.zeros(len(frame), np.int8)
    if layout.total_row:
        rows[-1:] = TONE_NAMES.index(TOTAL)
    return rows


def tones_of_cells(layout: Layout, column: Column, values: pd.Series, rows: Picks) -> Picks:
    """Return the tone of each cell of a column: its own in a coloured column, else its row's (a total's too)."""
    if column.look not in BADGES and column.name != layout.tone:
        return rows
    own = tones(values)
    if layout.total_row and not own[-1:].any():
        own[-1:] = rows[-1:]
    return own


def columns_of(layout: Layout, frame: pd.DataFrame) -> list[Cells]:
    """Return the cells of a table's rows, column by column. Raises KeyError where a column of the layout is missing."""
    missing = [column.name for column in layout.columns if column.name not in frame]
    if missing:
        raise KeyError(layout.name, missing)
    rows = tones_of_rows(layout, frame)
    values = [frame[column.name] for column in layout.columns]
    return [cells(column, of, tones_of_cells(layout, column, of, rows))
            for column, of in zip(layout.columns, values, strict=True)]  # fmt: skip


def cells(column: Column, values: pd.Series, tone: Picks) -> Cells:
    """Return a column's cells, which pick from SAMPLES; `tone` says which of TONE_NAMES each row has."""
    if column.look is Look.DATE:
        serials, text = _serials(values)
        return Cells(serials, tone, text)
    if column.look not in NUMBERS:
        return Cells(_shown(column, values), tone)
    numbers = _numbers(values)
    if np.isinf(numbers).any():
        raise ValueError(column.heading)
    if column.look is Look.QUANTITY:
        tone = other_form(tone, (numbers != np.rint(numbers)) & ~np.isnan(numbers))
    return Cells(_numeric(numbers), tone)


def other_form(tone: Picks, rows: npt.NDArray[np.bool_]) -> Picks:
    """Return the samples of these tones, in their other form for the rows that say so."""
    return tone + np.int8(OTHER_FORM) * rows.astype(np.int8)


def line_count(text: pa.Array, width: float) -> npt.NDArray[np.float64]:
    """Return how many lines each text takes, wrapped at `width` half-width characters: a Chinese one counts two."""
    # UTF-8 holds a Chinese character in three bytes, an ASCII one in one.
    units = pc.divide(pc.add(pc.binary_length(text), pc.utf8_length(text)).cast(pa.float64()), 2.0)
    lines = pc.add(pc.ceil(pc.divide(units, width - 2.5)), pc.count_substring(text, "\n").cast(pa.float64()))
    counted: npt.NDArray[np.float64] = pc.fill_null(lines, 1.0).to_numpy(zero_copy_only=False)
    return np.clip(counted, 1, MOST_LINES)


def _numbers(values: pd.Series) -> npt.NDArray[np.float64]:
    return values.to_numpy("float64", na_value=np.nan) + 0.0  # no negative zero


def _numeric(numbers: npt.NDArray[np.float64]) -> pa.Array:
    """Return numbers with empty cells as nulls; whole ones as integers, which are written four times as fast."""
    array = pa.array(numbers, from_pandas=True)
    whole = np.isnan(numbers) | ((numbers == np.rint(numbers)) & (np.abs(numbers) < _EXACT))
    return array.cast(pa.int64()) if whole.all() else array


def _shown(column: Column, values: pd.Series) -> pa.Array:
    """Return the text of a column, with words in place of keys."""
    text = text_array(values)
    blank = pc.equal(text, "")
    if pc.any(blank).as_py():  # an empty cell, not one that holds no character
        text = pc.if_else(blank, None, text)
    if not column.words:
        return text
    encoded = text.dictionary_encode()
    words = [column.words.get(key, key) for key in encoded.dictionary.to_pylist()]
    return pa.array(words, pa.large_string()).take(encoded.indices)


def _serials(values: pd.Series) -> tuple[pa.Array, pa.Array | None]:
    """Return dates as Excel's serial numbers; those it cannot show (before 1900) as ISO text beside them."""
    dates = values.to_numpy("datetime64[s]")
    serials = (dates - _EPOCH) / np.timedelta64(1, "D")
    serials = serials - (serials < _FEBRUARY_29)
    outside = (serials < 1) | (serials >= _LAST_SERIAL)
    if not outside.any():
        return _numeric(serials), None
    text = pa.array(np.where(outside, np.datetime_as_string(dates, unit="D"), ""), pa.large_string(), mask=~outside)
    return pa.array(np.where(outside, np.nan, serials), from_pandas=True), text
