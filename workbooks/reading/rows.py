"""The rows of a recognised sheet, told apart: order lines, blank rows, repeated headers and total rows."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from workbooks.labels import labels
from workbooks.reading.cells import RawSheet
from workbooks.reading.recognise import Match, heading_key
from workbooks.reading.texts import Bools, Ints, trimmed, where
from workbooks.schema import KINDS, Type

_GAP = r"[\s\p{Z}]*"  # Arrow's \s knows no full-width space
FILLED_DOWN = frozenset({Type.TEXT, Type.CODE, Type.DATE, Type.LINE_TYPE})  # a merged number stands once


@dataclass(frozen=True)
class Total:
    """A total row: Excel's row number, its word, its cells by column, and the data rows first..end-1 it closes."""

    number: int
    word: str
    cells: Mapping[str, str | None]
    first: int
    end: int


@dataclass(frozen=True)
class Rows:
    """The data rows of one sheet.

    columns: cell texts by column name, one per data row. numbers: Excel's row numbers. headings, indices: the
    sheet's own heading and column of each named column. bad_cells: (data row, column name, error text or "" for a
    formula never calculated).
    """

    source_file: str
    source_sheet: str
    columns: Mapping[str, pa.Array]
    numbers: Ints
    headings: Mapping[str, str]
    indices: Mapping[str, int]
    date1904: bool
    bad_cells: tuple[tuple[int, str, str], ...]
    totals: tuple[Total, ...]


@cache
def _total_words() -> tuple[re.Pattern[str], str]:
    """Return what finds a total word at an end of a cell's text, and the loose pattern for whole columns."""
    words = labels().words["total_words"]
    spaced = "|".join(_GAP.join(word) for word in words)
    either = "|".join(words)
    return re.compile(f"({either}).*|.*({either})"), spaced


def _may_be_total(texts: pa.Array) -> pa.Array:
    """Return which texts may hold a total word; the words are Chinese, most texts are not."""
    chinese = pc.invert(pc.string_is_ascii(texts))
    found = pc.match_substring_regex(texts.filter(chinese), _total_words()[1])
    return pc.replace_with_mask(chinese, chinese, found)


def total_word(text: str) -> str | None:
    """Return the total word that a cell begins or ends with, else None."""
    folded = "".join(unicodedata.normalize("NFKC", text).split()).rstrip(":")
    found = _total_words()[0].fullmatch(folded)
    return (found[1] or found[2]) if found else None


def sort_rows(source_file: str, sheet: RawSheet, match: Match) -> Rows:
    """Return the data rows of a recognised sheet, without blank rows, repeated headers and total rows."""
    first = match.header_row + 1
    cells = trimmed([column.slice(first) for column in sheet.cells])
    size = len(cells[0]) if cells else 0
    bad = {
        (row - first, column): text
        for (row, column), text in [*sheet.errors.items(), *((place, "") for place in sheet.uncalculated)]
        if row >= first
    }
    data = _not_blank(cells, bad)
    named: Mapping[str, pa.Array] = {name: cells[index] for name, index in match.columns.items()}
    headings = {
        name: " ".join(str(sheet.cells[index][match.header_row].as_py()).split())
        for name, index in match.columns.items()
    }
    data[_header_rows(match.kind, named, headings)] = False
    filled = _filled_down(match, named, sheet.merged, first, bad)
    found = _total_rows(match, cells, filled, data, bad)
    data[[row for row, _ in found]] = False
    kept = np.flatnonzero(data)
    place_of = {row: place for place, row in enumerate(kept.tolist())} if bad else {}
    by_index = {index: name for name, index in match.columns.items()}
    return Rows(
        source_file=source_file,
        source_sheet=sheet.name,
        columns={name: column if len(kept) == size else column.take(pa.array(kept)) for name, column in filled.items()},
        numbers=kept + first + 1,
        headings=headings,
        indices=match.columns,
        date1904=sheet.date1904,
        bad_cells=tuple(
            (place_of[row], by_index[column], text)
            for (row, column), text in sorted(bad.items())
            if row in place_of and column in by_index
        ),
        totals=tuple(_closing(found, named, kept, first)),
    )


def _not_blank(cells: Sequence[pa.Array], bad: Mapping[tuple[int, int], str]) -> Bools:
    """Return which rows say anything; a formula filled down beyond the last line shows 0 and says nothing."""
    zeros = pa.array(["0", "0.0", "0.00"])
    filled = np.zeros(len(cells[0]) if cells else 0, dtype=bool)
    for column in cells:
        if filled.all():  # mostly after the first column
            break
        filled |= where([column], lambda texts: pc.invert(pc.is_in(texts, value_set=zeros)))[0]
    filled[[row for row, _ in bad]] = True
    return filled


def _header_rows(kind: str, named: Mapping[str, pa.Array], headings: Mapping[str, str]) -> list[int]:
    """Return the rows that repeat the headings in every required column."""
    required = KINDS[kind].required
    wanted = {name: heading_key(headings[name]) for name in required}
    pattern = f"(?i){_GAP.join(map(re.escape, wanted[required[0]]))}"
    likely = where([named[required[0]]], lambda texts: pc.match_substring_regex(texts, pattern))[0]
    return [
        row
        for row in np.flatnonzero(likely).tolist()
        if all(heading_key(named[name][row].as_py() or "") == key for name, key in wanted.items())
    ]


def _total_rows(
    match: Match,
    cells: Sequence[pa.Array],
    filled: Mapping[str, pa.Array],
    data: Bools,
    bad: Mapping[tuple[int, int], str],
) -> list[tuple[int, str]]:
    """Return the total rows and their words: the word at an end of any cell, and no number in the first code column.

    An order row that names its product, and its partner or by a merged cell its order, is a line, whatever its remark
    says. An error is no blank, so that such a row is a line and rejected. filled: the columns, merged cells repeated.
    """
    words: dict[int, str] = {}
    likely = where(cells, _may_be_total)
    for place, row in np.argwhere(likely & data).tolist():
        word = total_word(cells[place][row].as_py())
        if word:
            words.setdefault(row, word)
    anchor = KINDS[match.kind].required[0]

    def says(name: str, column: pa.Array, row: int) -> bool:
        text = column[row].as_py()
        return total_word(text) is None if text is not None else (row, match.columns[name]) in bad

    def is_line(row: int) -> bool:
        if says(anchor, cells[match.columns[anchor]], row):
            return True
        if match.kind != "orders" or not says("product_code", filled["product_code"], row):
            return False
        return any(says(name, filled[name], row) for name in (anchor, "partner_code"))

    return [(row, word) for row, word in sorted(words.items()) if not is_line(row)]


def _closing(found: Sequence[tuple[int, str]], named: Mapping[str, pa.Array], kept: Ints, first: int) -> list[Total]:
    """Return the total rows with the data rows each closes: all since the last total row as grave or graver.

    A total row right under another one that would close nothing closes the whole sheet so far.
    """
    words = labels().words
    grave = {words["subtotal"]: 1, words["total"]: 2, words["grand_total"]: 3}
    totals: list[Total] = []
    closed: list[tuple[int, int]] = []  # (gravity, data rows before it)
    for row, word in found:
        end = int(np.searchsorted(kept, row))
        since = max((before for gravity, before in closed if gravity >= grave[word]), default=0)
        since = 0 if since == end else since
        cells = {name: named[name][row].as_py() for name in ("quantity", "amount") if name in named}
        totals.append(Total(first + row + 1, word, cells, since, end))
        closed.append((grave[word], end))
    return totals


def _filled_down(
    match: Match,
    named: Mapping[str, pa.Array],
    merged: Sequence[tuple[int, int, int, int]],
    first: int,
    bad: dict[tuple[int, int], str],
) -> Mapping[str, pa.Array]:
    """Return the columns with what a merged cell says repeated on all its rows: one order number for several lines.

    A merged cell that cannot be read is bad on all its rows too.
    """
    kind = KINDS[match.kind]
    by_index = {index: name for name, index in match.columns.items() if kind.column(name).type in FILLED_DOWN}
    down = [
        area for area in merged if area[0] >= first and area[1] == area[3] and area[1] in by_index and area[2] > area[0]
    ]
    if not down:
        return named
    texts = {name: named[name].to_pylist() for name in {by_index[area[1]] for area in down}}
    for top, column, bottom, _ in down:
        column_texts, error = texts[by_index[column]], bad.get((top - first, column))
        for row in range(top - first + 1, min(bottom - first + 1, len(column_texts))):
            column_texts[row] = column_texts[row] or column_texts[top - first]
            if error is not None:
                bad[row, column] = error
    return {**named, **{name: pa.array(column, pa.string()) for name, column in texts.items()}}
