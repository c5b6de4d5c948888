"""Each different cell of a sheet once, for a reader that takes its time for every cell.

Sheets of orders say the same codes, names, dates and prices over and over. What a cell shows is decided by what its
element says behind its reference: style, type and value. So each such saying is given to the reader once, all of them
under each other in column A, and what it makes of them is spread over the places where they stand. It still decides
what a cell means; here only the places are found, by columns of bytes, and only in a part written the plain way in
which Excel, WPS, LibreOffice and the libraries write. Of any other part cells_of returns None, and it is read whole.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from workbooks.reading.texts import Bools, places
from workbooks.schema import LIMITS

Bytes = npt.NDArray[np.uint8]
Numbers = npt.NDArray[np.intp]

WORTH = 2  # a sheet that says less than every second thing again is read whole
LONGEST = 1 << 26  # bytes of a part; finding its cells takes some times as many

_START, _END, _CELL = b"<sheetData>", b"</sheetData>", b'<c r="'

# How plain XML is spelt: what a cell says behind its reference, and what stands between two cells.
_ANY = r'(?:\s+[\w:.-]+="[^"<&]*")*\s*'
_HELD = rf"<v{_ANY}(?:/>|>[^<]*</v>)|<f{_ANY}(?:/>|>[^<]*</f>)|<is><t{_ANY}(?:/>|>[^<]*</t>)</is>"
_SAYING = rf'^(?:\s+(?:s|t|cm|vm|ph)="[^"<&]*")*\s*(?:/>|>(?:{_HELD})*</c>)$'
_ROW = r'<row(?:\s+r="[1-9]\d{0,5}")?(?:\s+(?:s|[\w:.-]{2,})="[^"<&]*")*\s*'
_BARE_ROWS = rf"\s*(?:{_ROW}(?:/>|>\s*</row>)\s*)*"
_BETWEEN = rf"^\s*(?:</row>{_BARE_ROWS}{_ROW}>\s*)?$"
_FIRST, _LAST = f"{_BARE_ROWS}{_ROW}>\\s*".encode(), f"\\s*</row>{_BARE_ROWS}".encode()


@dataclass(frozen=True)
class Cells:
    """The cells of a sheet, row by row.

    rows, columns: their places, from 0; filled: whether there is anything in their elements; sayings: what they say,
    the rest of the element behind the reference.
    """

    rows: Numbers
    columns: Numbers
    filled: Bools
    sayings: pa.DictionaryArray

    @property
    def formulas(self) -> bool:
        """Tell whether any cell has a formula."""
        return bool(pc.any(pc.match_substring(self.sayings.dictionary, "<f")).as_py())

    def extent(self) -> tuple[int, int]:
        """Return how many rows and columns the cells reach over that hold anything."""
        if not self.filled.any():
            return 0, 0
        return int(self.rows[self.filled][-1]) + 1, int(self.columns[self.filled].max()) + 1

    def once(self, raw: bytes) -> bytes | None:
        """Return the sheet's part with every saying once, the first in A1, the next in A2; None: not worth it."""
        different = self.sayings.dictionary
        if len(different) * WORTH > len(self.sayings) or len(different) > LIMITS.rows:
            return None
        rows = b"</row><row><c".join(different.to_pylist())  # cells that name no place stand one after the other
        start, end = _inside(raw)
        return b"".join((raw[:start], b"<row><c", rows, b"</row>", raw[end:]))

    def spread(self, texts: pa.DictionaryArray, shown: Bools) -> list[pa.DictionaryArray]:
        """Return the columns of the sheet, given the text of every saying, and which of them show anything at all."""
        sayings = self.sayings.indices.to_numpy()
        there = shown[sayings]
        rows, columns = self.rows[there], self.columns[there]
        if not len(rows):
            return []
        cells = np.full((columns.max() + 1, rows[-1] + 1), -1, np.int32)
        cells[columns, rows] = places(texts)[sayings[there]]
        return [_column(one, texts.dictionary) for one in cells]

    def spread_few(self, texts: Mapping[int, str]) -> dict[tuple[int, int], str]:
        """Return the cells, by row and column, of a few sayings, given a text for each of these."""
        sayings = self.sayings.indices.to_numpy()
        found = np.flatnonzero(np.isin(sayings, list(texts))) if texts else ()
        return {(int(self.rows[cell]), int(self.columns[cell])): texts[int(sayings[cell])] for cell in found}


def _column(cells: Numbers, texts: pa.Array) -> pa.DictionaryArray:
    """Return a column with no texts but its own; cells: the place of each one's text, -1 where it is blank."""
    used = np.zeros(len(texts) + 1, dtype=bool)
    used[cells] = True  # the last place is that of blanks
    own = np.cumsum(used, dtype=np.int32) - np.int32(1)
    own_texts = texts.take(pa.array(np.flatnonzero(used[:-1])))
    return pa.DictionaryArray.from_arrays(pa.array(own[cells], mask=cells < 0), own_texts)


def cells_of(raw: bytes) -> Cells | None:
    """Return the cells of a worksheet's part, None where it is not written plainly.

    Plainly: no prefixes, comments and the like; rows hold cells alone; a cell names its place first and in capitals,
    and places ascend; it holds a value, a formula, a text without looks of its own. Every byte is accounted for.
    """
    start, end = _inside(raw)
    if not 0 < start <= end or len(raw) > LONGEST or b"<!" in raw[:start]:
        return None
    body = np.frombuffer(raw, np.uint8)
    tags = np.append(np.flatnonzero(body[start:end] == ord("<")) + start, end)
    letter, after_letter = body[tags + 1], body[tags + 2]
    cells = np.flatnonzero((letter == ord("c")) & (after_letter == ord(" ")))
    closing = np.flatnonzero((letter == ord("/")) & (after_letter == ord("c")))
    begin, ends = tags[cells], tags[cells + 1]  # an element alone ends where the next tag begins
    is_open = body[ends - 2] != ord("/")
    found = _places(body, begin) if len(cells) and np.count_nonzero(is_open) == len(closing) else None
    if found is None:
        return None
    rows, columns, behind = found
    is_filled = is_open.copy()
    is_filled[is_open] = closing > cells[is_open] + 1
    ends[is_open] = tags[closing] + len("</c>")
    if (ends <= behind).any() or (ends[:-1] > begin[1:]).any():
        return None
    sayings = _different(raw, behind, ends)
    gap = np.flatnonzero(ends[:-1] < begin[1:])
    are_plain = (
        re.fullmatch(_FIRST, raw[start : begin[0]])
        and re.fullmatch(_LAST, raw[ends[-1] : end])
        and _all_spelt(sayings, _SAYING)
        and (not len(gap) or _all_spelt(_different(raw, ends[gap], begin[gap + 1]), _BETWEEN))
    )
    return Cells(rows, columns, is_filled, sayings) if are_plain else None


def _inside(raw: bytes) -> tuple[int, int]:
    """Return where the rows of a part begin, 0 where there are none, and where they end."""
    start = raw.find(_START)
    return start + len(_START) if start >= 0 else 0, raw.rfind(_END)


def _places(body: Bytes, begin: Numbers) -> tuple[Numbers, Numbers, Numbers] | None:
    """Return the rows and columns of cells, from 0, and what is behind their references; None: not plain, or in order.

    begin: where their elements do.
    """
    if not all((body[begin + place] == sign).all() for place, sign in enumerate(_CELL)):
        return None
    columns, at = _number(body, begin + len(_CELL), "A", 26, 3)
    rows, at = _number(body, at, "0", 10, 7)
    order = rows * (LIMITS.columns + 1) + columns
    if (body[at] != ord('"')).any() or not columns.all() or not rows.all() or (order[1:] <= order[:-1]).any():
        return None
    return (rows - 1, columns - 1, at + 1) if rows.max() <= LIMITS.rows and columns.max() <= LIMITS.columns else None


def _number(body: Bytes, at: Numbers, zero: str, base: int, most: int) -> tuple[Numbers, Numbers]:
    """Return the numbers that begin at some places, of so many signs at most, and where they end.

    zero: the first of the signs, as many as the base; letters count from 1.
    """
    first = 1 if zero.isalpha() else 0
    numbers = np.zeros(len(at), np.intp)
    for _ in range(most):
        signs = body[at] - np.uint8(ord(zero))  # a sign before the first becomes one far behind the last
        belongs = signs < base
        if not belongs.any():
            break
        numbers = np.where(belongs, numbers * base + signs + first, numbers)
        at = at + belongs
    return numbers, at


def _all_spelt(pieces: pa.DictionaryArray, pattern: str) -> bool:
    return bool(pc.all(pc.match_substring_regex(pieces.dictionary, pattern)).as_py())


def _different(raw: bytes, begin: Numbers, end: Numbers) -> pa.DictionaryArray:
    """Return pieces of a text with each different one held once; they are in order and do not overlap."""
    bounds = np.column_stack((begin, end)).astype(np.int32).ravel()
    is_piece = np.tile(np.array([True, False]), len(begin))  # what lies between them is no piece
    buffers = [pa.py_buffer(one) for one in (np.packbits(is_piece, bitorder="little"), bounds, raw)]
    held = pa.Array.from_buffers(pa.binary(), len(bounds) - 1, buffers).dictionary_encode()
    pieces = held.indices.to_numpy(zero_copy_only=False)[::2].astype(np.int32)
    return pa.DictionaryArray.from_arrays(pa.array(pieces), held.dictionary)
