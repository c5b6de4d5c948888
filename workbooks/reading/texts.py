"""Columns of texts that hold each different text once: a question about texts is asked once a text, not once a cell.

Such a column is an Arrow dictionary array. Its indices say which of its texts a cell shows, null where it is blank;
its dictionary holds the texts, never a blank, and may hold some that no cell shows.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

Bools = npt.NDArray[np.bool_]
Ints = npt.NDArray[np.int64]

COLUMN = pa.dictionary(pa.int32(), pa.string())
"""The type of such a column."""


def encoded(column: pa.Array) -> pa.DictionaryArray:
    """Return a column of strings so that it holds each different text once."""
    return column if pa.types.is_dictionary(column.type) else column.dictionary_encode()


def places(column: pa.DictionaryArray) -> Ints:
    """Return for each cell the place of its text in the dictionary, -1 where it is blank."""
    found: Ints = column.indices.fill_null(-1).to_numpy(zero_copy_only=False)
    return found


def changed(columns: Sequence[pa.DictionaryArray], change: Callable[[pa.Array], pa.Array]) -> list[pa.DictionaryArray]:
    """Return columns with their texts changed, all by one call.

    change: gives for strings as many others, null where a cell is to be blank.
    """
    before = _texts(columns)
    after = change(before)
    if after.equals(before):
        return list(columns)
    done: list[pa.DictionaryArray] = []
    start = 0
    for column in columns:
        size = len(column.dictionary)
        texts = after.slice(start, size)
        same = texts.equals(column.dictionary)
        done.append(column if same else texts.take(column.indices).dictionary_encode())
        start += size
    return done


def respelt(
    columns: Sequence[pa.DictionaryArray], convert: Callable[[str], str | None], pattern: str = ""
) -> list[pa.DictionaryArray]:
    """Return columns with the texts that a regular expression finds something in converted one by one."""

    def change(texts: pa.Array) -> pa.Array:
        odd = pc.match_substring_regex(texts, pattern)
        return pc.replace_with_mask(texts, odd, pa.array(map(convert, texts.filter(odd).to_pylist()), pa.string()))

    return changed(columns, change)


def where(columns: Sequence[pa.DictionaryArray], holds: Callable[[pa.Array], pa.Array]) -> Bools:
    """Return of which cells something holds, a row per column; of a blank it does not.

    holds: gives for strings as many Booleans.
    """
    found = np.zeros((len(columns), len(columns[0]) if columns else 0), dtype=bool)
    answers: Bools = holds(_texts(columns)).to_numpy(zero_copy_only=False)
    start = 0
    for row, column in zip(found, columns, strict=True):
        own = answers[start : start + len(column.dictionary)]
        if own.any():
            row[:] = np.append(own, False)[places(column)]
        start += len(own)
    return found


def stacked(columns: Sequence[pa.Array]) -> pa.DictionaryArray:
    """Return columns one below the other."""
    chunks = pa.chunked_array([encoded(column) for column in columns], COLUMN)
    return chunks.unify_dictionaries().combine_chunks() if columns else pa.nulls(0, COLUMN)


def trimmed(columns: Sequence[pa.Array]) -> list[pa.DictionaryArray]:
    """Return columns of cell texts without the spaces around them; where nothing is left it is blank."""
    return changed([encoded(column) for column in columns], _trimmed)


def _trimmed(texts: pa.Array) -> pa.Array:
    inner = pc.utf8_trim_whitespace(texts)
    return pc.if_else(pc.equal(inner, ""), pa.scalar(None, inner.type), inner)


def _texts(columns: Sequence[pa.DictionaryArray]) -> pa.Array:
    return pa.concat_arrays([column.dictionary for column in columns]) if columns else pa.array([], pa.string())
