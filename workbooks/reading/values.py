"""Cells as values: codes, numbers, rates, dates and choices out of text (domain.md §3, Reading values).

Every reader takes a column of cell texts (workbooks.reading.texts) and answers in one array; a value that cannot be
read is told apart from a blank. Each different text is read once.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from workbooks.labels import labels
from workbooks.reading.texts import Bools, places, respelt, trimmed
from workbooks.schema import Type

Floats = npt.NDArray[np.float64]

LARGEST = 1e12  # beyond any quantity or sum of this trade; keeps what is computed from it inside 64 bits
_PLAIN_NUMBER = r"^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d{1,3})?$"
_GROUPED = re.compile(r"([+-]?)(\d{1,3}(?:[, ]\d{3})+|\d+)?(\.\d*)?(?:[eE]([+-]?\d{1,3}))?")
_ODD_CODE = r"[^!-\-/-~]"  # a full stop too: see code
_SHOWN = re.compile(r"[!-~]+")
_WHOLE_FLOAT = re.compile(r"(\d+)\.0+")
_EPOCH_1900, _EPOCH_1904 = date(1899, 12, 30), date(1904, 1, 1)
_LAST_SERIAL = 2_958_465  # 9999-12-31, the last day Excel knows
_YEAR_FIRST = re.compile(r"(\d{4})(?:-|/|\.|#)(\d{1,2})(?:-|/|\.|#)(\d{1,2})(?:[T ]+\d{1,2}:\d{2}.*)?")


@dataclass(frozen=True)
class Reading:
    """A column read: its values (blank where there is none), where it could not be read, where it was cleaned."""

    values: pd.Series
    unreadable: Bools
    cleaned: Bools


def read(kind: Type, raw: pa.Array, *, day: date, date1904: Bools, unit: pa.Array | None = None) -> Reading:
    """Read a column of cell texts as `kind`.

    day: gives a date without a year its year. date1904: per row, whether its workbook counts days from 1904.
    unit: the lines' own unit: a number may be followed by it even where it is the word for a carton.
    """
    (texts,) = trimmed([raw])
    if kind in {Type.NUMBER, Type.MONEY}:
        return _numbers(texts, unit)
    if kind is Type.DATE:
        return _dates(texts, day, date1904)
    if kind is Type.CODE:
        return _strings(*respelt([texts], code, _ODD_CODE))
    if kind is Type.TEXT:
        return _strings(texts)
    if kind in {Type.DISCOUNT, Type.SHARE}:
        return _rates(texts, discount if kind is Type.DISCOUNT else share)
    return _choices(texts, kind)


def _nothing(size: int) -> Bools:
    return np.zeros(size, dtype=bool)


def _strings(texts: pa.DictionaryArray) -> Reading:
    values = pd.Series(pd.array(texts.cast(pa.large_string()), dtype="str"))
    return Reading(values, _nothing(len(texts)), _nothing(len(texts)))


# ---------------------------------------------------------------- codes


def code(text: str) -> str | None:
    """Return a code as kept: NFKC, without spaces and invisible characters, 123.0 as 123; None for nothing."""
    if "." not in text and _SHOWN.fullmatch(text):  # as nearly all are: nothing to change
        return text
    folded = unicodedata.normalize("NFKC", text)
    shown = "".join(sign for sign in folded if not sign.isspace() and unicodedata.category(sign) not in {"Cf", "Cc"})
    whole = _WHOLE_FLOAT.fullmatch(shown)
    return (whole[1] if whole else shown) or None


# ---------------------------------------------------------------- numbers


@cache
def _units() -> tuple[frozenset[str], frozenset[str], tuple[str, ...], str]:
    words = labels().words
    folded = [unicodedata.normalize("NFKC", unit).upper() for unit in words["units"]]
    prefixes = tuple(unicodedata.normalize("NFKC", word).upper() for word in words["money_prefixes"])
    return frozenset(folded), frozenset(words["pack_units"]), prefixes, words["price_per"]


def number(text: str, unit: str | None = None) -> float | None:
    """Return the number a dirty text shows: full width, separators, ¥ and trailing units aside; None where none.

    Twelve cartons are a number only where the carton is the line's own unit.
    """
    units, packs, prefixes, price_per = _units()
    rest = unicodedata.normalize("NFKC", text).strip().upper()
    sign = rest[:1] if rest[:1] in {"-", "+"} else ""
    rest = rest.removeprefix(sign).lstrip()
    for prefix in prefixes:
        if rest.startswith(prefix):
            rest = rest.removeprefix(prefix).lstrip()
            break
    found = _GROUPED.match(rest)
    if found is None or not (found[2] or (found[3] and len(found[3]) > 1)):
        return None
    suffix = rest[found.end() :].strip()
    if re.fullmatch(r"\(.+\)", suffix):
        suffix = suffix[1:-1].strip()
    own = unicodedata.normalize("NFKC", unit).strip().upper() if unit else ""
    known = suffix in units and suffix not in packs
    if suffix and not (known or suffix == own or suffix.startswith(price_per)):
        return None
    if sign and found[1]:
        return None
    digits = f"{(found[2] or '0').replace(',', '').replace(' ', '')}{found[3] or ''}e{found[4] or 0}"
    value = float(f"{sign or found[1]}{digits}")
    return value if abs(value) <= LARGEST else None


def _numbers(texts: pa.DictionaryArray, unit: pa.Array | None) -> Reading:
    plain = pc.match_substring_regex(texts.dictionary, _PLAIN_NUMBER)
    # a leading + is no number to Arrow
    clean = pc.if_else(plain, pc.ascii_ltrim(texts.dictionary, characters="+"), pa.scalar(None, pa.string()))
    index, numbers = places(texts), pc.cast(clean, pa.float64()).to_numpy(zero_copy_only=False)
    values: Floats = np.append(numbers, np.nan)[index]
    odd = np.append(~plain.to_numpy(zero_copy_only=False), False)[index]
    unreadable = (index >= 0) & ~odd & ~(np.abs(values) <= LARGEST)
    values[unreadable] = np.nan
    cleaned = _nothing(len(values))
    rows = np.flatnonzero(odd)
    if len(rows):
        written = texts.take(pa.array(rows)).to_pylist()
        units = unit.take(pa.array(rows)).to_pylist() if unit is not None else [None] * len(rows)
        seen: dict[tuple[str, str | None], float | None] = {}
        for row, pair in zip(rows.tolist(), zip(written, units, strict=True), strict=True):
            if pair not in seen:
                seen[pair] = number(*pair)
            value = seen[pair]
            unreadable[row], cleaned[row] = value is None, value is not None
            values[row] = np.nan if value is None else value
    return Reading(pd.Series(values), unreadable, cleaned)


# ---------------------------------------------------------------- rates


def _rate(text: str) -> tuple[float, str] | None:
    """Return the number and what follows it ('', '%' or the word for tenths)."""
    folded = "".join(unicodedata.normalize("NFKC", text).split())
    tenths = labels().words["discount_suffix"]
    mark = next((sign for sign in ("%", tenths) if folded.endswith(sign)), "")
    digits = folded.removesuffix(mark)
    return (float(digits), mark) if re.fullmatch(_PLAIN_NUMBER, digits) else None


def discount(text: str) -> float | None:
    """Return a discount as a rate: 0.85, 85%, 85 and 8.5 (also in tenths, by the word) are 0.85; 1 and 100% are 1."""
    read_as = _rate(text)
    if read_as is None:
        return None
    value, mark = read_as
    if mark == "%":
        rate = value / 100
    elif mark and value < 1:  # 0.85 tenths: nobody can tell whether 0.85 or 0.085 is meant
        return None
    elif mark or value > 1:
        rate = value / 10 if value <= 10 else value / 100
    else:
        rate = value
    return round(rate, 10) if 0 <= rate <= 1 else None


def share(text: str) -> float | None:
    """Return a share of one: 0.13, 13% and 13 are 0.13."""
    read_as = _rate(text)
    if read_as is None:
        return None
    value, mark = read_as
    rate = value / 100 if mark == "%" or value > 1 else value
    return round(rate, 10) if 0 <= rate <= 1 and mark in {"", "%"} else None


def _rates(texts: pa.DictionaryArray, convert: Callable[[str], float | None]) -> Reading:
    index, rates = places(texts), [convert(text) for text in texts.dictionary.to_pylist()]
    values: Floats = np.array([*rates, None], dtype=float)[index]
    return Reading(pd.Series(values), (index >= 0) & np.isnan(values), _nothing(len(values)))


# ---------------------------------------------------------------- dates


def day_of(text: str, today: date, *, date1904: bool) -> date | None:
    """Return the date a text shows: a serial number, 20190311, year first with - / . # or in Chinese; None where none.

    A Chinese date without a year takes the year of `today`.
    """
    folded = unicodedata.normalize("NFKC", text).strip()
    if re.fullmatch(r"(19|20)\d{6}", folded):
        return _date(folded[:4], folded[4:6], folded[6:])
    if re.fullmatch(r"\d{1,7}(\.\d*)?", folded):
        return _serial(int(float(folded)), date1904=date1904)
    found = _YEAR_FIRST.fullmatch(folded) or re.fullmatch(labels().words["date_pattern"], "".join(folded.split()))
    return _date(found[1] or str(today.year), found[2], found[3]) if found else None


def _date(year: str, month: str, day: str) -> date | None:
    try:
        return date(int(year), int(month), int(day))
    except ValueError:
        return None


def _serial(days: int, *, date1904: bool) -> date | None:
    if date1904:
        return _EPOCH_1904 + timedelta(days) if days <= _LAST_SERIAL - 1462 else None
    if not 1 <= days <= _LAST_SERIAL:
        return None
    # Excel counts a 29 February 1900 that never was
    return _EPOCH_1900 + timedelta(days + 1 if days < 60 else days)


def _dates(texts: pa.DictionaryArray, day: date, date1904: Bools) -> Reading:
    index, values = places(texts), np.full(len(texts), np.datetime64("NaT", "s"))
    for system in np.unique(date1904).tolist():
        days = [day_of(text, day, date1904=system) for text in texts.dictionary.to_pylist()]
        rows = date1904 == system
        values[rows] = np.array([*days, None], dtype="datetime64[s]")[index[rows]]
    return Reading(pd.Series(values), (index >= 0) & np.isnat(values), _nothing(len(values)))


# ---------------------------------------------------------------- choices


def _meanings(kind: Type) -> Mapping[str, str]:
    """Return what the words of a choice mean, by the word in upper case."""
    words = labels().words
    if kind is Type.LINE_TYPE:
        return {word: meaning for meaning, several in words["line_type"].items() for word in several}
    if kind is Type.VERDICT:
        return {word: meaning for meaning, word in words["verdict"].items()}
    return {words["confirmation"][meaning]: meaning for meaning in ("paid", "unpaid", "indebted")}


def _choices(texts: pa.Array, kind: Type) -> Reading:
    """Read a choice; a line type that is no word of the list counts as paid, so that its price is checked."""
    meanings = _meanings(kind)
    otherwise = "paid" if kind is Type.LINE_TYPE else None
    (chosen,) = respelt([texts], lambda text: meanings.get((code(text) or "").upper(), otherwise))
    unreadable = (places(texts) >= 0) & (places(chosen) < 0)
    return Reading(_strings(chosen).values, unreadable, _nothing(len(texts)))
