"""What a file of orders holds, counted again by other means than those that read it, so that the totals cannot lie.

What is read goes through fastexcel, workbooks.reading.rows, .values and .tables, and then through the rules. Here the
cells are counted in the file's own XML, and the rows, numbers and names straight from the raw cells: what happens on
that long way cannot change both in the same manner. macros.recounted holds the one against the other.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from pathlib import PurePosixPath

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from workbooks.labels import labels
from workbooks.reading.cells import RawSheet
from workbooks.reading.recognise import HEADER_ROWS, heading_key
from workbooks.reading.recount_cells import Differs, cells_differ
from workbooks.reading.rows import Rows
from workbooks.reading.texts import Bools, encoded, places
from workbooks.schema import KINDS, Limits

NOTHING, SOMETHING, LINE = 0, 1, 2  # what a row says: a total row says something; a line is accepted or rejected
NUMBERS = ("quantity", "amount", "unit_price")
NAMES = ("order_no", "product_code", "region")
_LARGEST = 10**12
_NUMBER = re.compile(r"(?:\d[\d, ]*(?:\.\d*)?|\.\d+)(?:E[+-]?\d{1,3})?")


@dataclass(frozen=True)
class Counted:
    """One sheet of orders. first: Excel's number of the row below the headings, with which every column begins.

    says: NOTHING, SOMETHING or LINE. broken: a named column shows an error or holds no value. numbers: NaN where blank
    or no number. names: null where blank, empty where not told as they are kept. stem: the region where a row
    names none.
    """

    source_file: str
    source_sheet: str
    first: int
    says: npt.NDArray[np.int8]
    broken: Bools
    numbers: Mapping[str, npt.NDArray[np.float64]]
    names: Mapping[str, pa.Array]
    stem: str


@dataclass(frozen=True)
class Recount:
    """One file: its sheets of orders, and what had got lost of it before there were rows."""

    sheets: tuple[Counted, ...] = ()
    differs: tuple[Differs, ...] = ()

    def below(self, folder: str) -> Recount:
        """Return it as that of a file in a folder."""
        sheets, differs = (
            tuple(replace(one, source_file=f"{folder}/{one.source_file}") for one in all_of)
            for all_of in (self.sheets, self.differs)
        )
        return Recount(sheets, differs)  # type: ignore[arg-type]


NOT_COUNTED = Recount()


def recount(name: str, content: bytes, limits: Limits, sheets: Sequence[RawSheet], orders: Sequence[Rows]) -> Recount:
    """Count a file again. orders: its sheets that were read as orders."""
    raw = {sheet.name: sheet for sheet in sheets}
    counted = {rows.source_sheet: _counted(name, raw[rows.source_sheet], rows) for rows in orders}
    unfound = [Differs(name, sheet, "headings", 1, 0) for sheet, one in counted.items() if one is None]
    return Recount(
        tuple(one for one in counted.values() if one is not None),
        (*unfound, *cells_differ(name, content, limits, sheets)),
    )


# ---------------------------------------------------------------- rows


def _counted(name: str, sheet: RawSheet, rows: Rows) -> Counted | None:
    """Return what the rows of a sheet say, None where its headings are not found again."""
    columns = [encoded(column) for column in sheet.cells]
    header = _header_row(columns, rows)
    if header is None:
        return None
    indices = {**rows.indices, **_by_heading(columns, header)}
    headings = {n: heading_key(_text(columns[indices[n]], header)) for n in KINDS["orders"].required}
    columns = [column.slice(header + 1) for column in columns]
    broken_at = [(row - header - 1, column) for row, column in (*sheet.errors, *sheet.uncalculated) if row > header]
    size = len(columns[0])
    broken = np.zeros(size, dtype=bool)
    named = set(indices.values())
    broken[[row for row, column in broken_at if column in named]] = True
    numbers = {n: _numbers(columns[indices[n]]) if n in indices else np.full(size, np.nan) for n in NUMBERS}
    merged = {area[1] for area in sheet.merged}  # what a merged cell says is repeated, and blank is not blank
    names = {
        n: _names(columns[indices[n]], is_code=n != "region", is_merged=indices[n] in merged)
        for n in NAMES
        if n in indices
    }
    filled = _filled_rows(columns)
    filled[[row for row, _ in broken_at]] = True
    stem = PurePosixPath(name).stem
    return Counted(
        name, sheet.name, header + 2, _says(columns, headings, indices, filled), broken, numbers, names, stem
    )


def _text(column: pa.DictionaryArray, row: int) -> str:
    place = column.indices[row].as_py()
    return "" if place is None else str(column.dictionary[place])


def _header_row(columns: Sequence[pa.DictionaryArray], rows: Rows) -> int | None:
    """Return the first row that shows the required headings: those that were found, or others that we know."""
    required = [(columns[rows.indices[name]], rows.headings[name]) for name in KINDS["orders"].required]
    ours = [set(map(heading_key, labels().kinds["orders"].headings[name])) for name in KINDS["orders"].required]
    for row in range(min(HEADER_ROWS, len(columns[0]))):
        if all(" ".join(_text(column, row).split()) == heading for column, heading in required):
            return row
        there = {heading_key(_text(column, row)) for column in columns}
        if all(keys & there for keys in ours):
            return row
    return None


def _by_heading(columns: Sequence[pa.DictionaryArray], header: int) -> dict[str, int]:
    """Return where the columns stand whose headings are among our own; the main heading goes before others."""
    there: dict[str, int] = {}
    for index, column in enumerate(columns):
        there.setdefault(heading_key(_text(column, header)), index)
    found = {name: [there[key] for key in keys if key in there] for name, keys in _own_headings().items()}
    return {name: indices[0] for name, indices in found.items() if indices}


@cache
def _own_headings() -> dict[str, list[str]]:
    said = labels().kinds["orders"].headings
    return {name: [heading_key(heading) for heading in said[name]] for name in (*NUMBERS, *NAMES)}


def _filled_rows(columns: Sequence[pa.DictionaryArray]) -> Bools:
    """Return which rows show anything; zeros alone are a formula filled down too far."""
    filled = np.zeros(len(columns[0]), dtype=bool)
    for column in columns:
        if filled.all():
            break
        inner = pc.utf8_trim_whitespace(column.dictionary)
        nothing = pc.is_in(inner, value_set=pa.array(["", "0", "0.0", "0.00"]))
        filled |= np.append(~nothing.to_numpy(zero_copy_only=False), False)[places(column)]
    return filled


@cache
def _total_words() -> tuple[str, ...]:
    return tuple(labels().words["total_words"])


def _has_total_word(text: str) -> bool:
    folded = "".join(unicodedata.normalize("NFKC", text).split())
    return any(word in folded for word in _total_words())


def _says(
    columns: Sequence[pa.DictionaryArray], headings: Mapping[str, str], indices: Mapping[str, int], filled: Bools
) -> npt.NDArray[np.int8]:
    """Return what each row says: a line is what names its partner and product, and all else that is no total row."""
    keys = {indices[name]: heading for name, heading in headings.items()}
    sure = filled.copy()
    for name in ("partner_code", "product_code"):
        sure &= _names_one(columns[indices[name]], keys[indices[name]])
    says = np.where(sure, LINE, NOTHING).astype(np.int8)
    for row in np.flatnonzero(filled & ~sure).tolist():
        texts = [str(column[row].as_py() or "") for column in columns]
        if any(heading_key(texts[index]) != key for index, key in keys.items()):
            says[row] = SOMETHING if any(map(_has_total_word, texts)) else LINE
    return says


def _names_one(column: pa.DictionaryArray, heading: str) -> Bools:
    """Return where a code stands that is neither a heading nor a total word."""
    texts = column.dictionary
    doubtful = pc.or_(pc.invert(pc.string_is_ascii(texts)), pc.equal(pc.ascii_lower(texts), heading))
    sound = pc.invert(pc.utf8_is_space(texts)).to_numpy(zero_copy_only=False).copy()
    for place in np.flatnonzero(doubtful.to_numpy(zero_copy_only=False)).tolist():
        text = texts[place].as_py()
        sound[place] &= heading_key(text) != heading and not _has_total_word(text)
    return np.append(sound, False)[places(column)]


# ---------------------------------------------------------------- numbers and names


def _numbers(column: pa.DictionaryArray) -> npt.NDArray[np.float64]:
    texts = column.dictionary
    digits = pc.replace_substring(pc.ascii_ltrim(texts, characters="-"), ".", "", max_replacements=1)
    plain = pc.and_(pc.ascii_is_decimal(digits), pc.invert(pc.starts_with(texts, "--")))
    values = pc.cast(pc.if_else(plain, texts, None), pa.float64()).to_numpy(zero_copy_only=False).copy()
    for place in np.flatnonzero(~plain.to_numpy(zero_copy_only=False)).tolist():
        values[place] = _dressed(texts[place].as_py())
    values[np.abs(values) > _LARGEST] = np.nan
    return np.append(values, np.nan)[places(column)]


def _dressed(text: str) -> float:
    """Return the first number in a text: whether it is one to be accepted is for others to tell."""
    folded = unicodedata.normalize("NFKC", text).upper()
    found = _NUMBER.search(folded)
    if found is None:
        return float("nan")
    number = float(found[0].replace(",", "").replace(" ", ""))
    return -number if "-" in folded[: found.start()] else number


def _names(column: pa.DictionaryArray, *, is_code: bool, is_merged: bool) -> pa.DictionaryArray:
    texts = pc.utf8_trim_whitespace(column.dictionary)
    if is_code:  # a code that is kept as it stands
        kept = pc.match_substring_regex(texts, r"^[!-\-/-~]+$")
        texts = pc.if_else(kept, texts, "")
    indices = column.indices
    if is_merged:
        texts, indices = pa.concat_arrays([texts, pa.array([""])]), indices.fill_null(len(texts))
    return pa.DictionaryArray.from_arrays(indices, texts)
