"""What fastexcel does not tell about an .xlsx or .xlsm workbook, read from the parts of its zip package."""

from __future__ import annotations

import html
import re
from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np

from workbooks.errors import UnreadableFileError
from workbooks.reading.distinct import Cells, cells_of
from workbooks.reading.package import Package, attributes
from workbooks.schema import LIMITS, Limits

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator

Place = tuple[int, int]

_READABLE_ERRORS = {b"#DIV/0!", b"#N/A", b"#NAME?", b"#NULL!", b"#NUM!", b"#REF!", b"#VALUE!"}
NO_WORKSHEETS = {"chartsheet", "dialogsheet", "xlmacrosheet", "xlintlmacrosheet"}
# Areas inside the default limits: 26 columns, 47 of any length, 130, 702. To look for a cell outside takes one search.
_AREAS = (rb"[A-Z]\d{1,6}+", rb"(?:[A-Z]|A[A-U])(?:\d{1,6}+|10[0-4]\d{4})", rb"[A-D]?[A-Z]\d{1,5}+",
          rb"[A-Z]{1,2}+\d{1,4}+")  # fmt: skip
_REFERENCE = re.compile(rb"(?:^|\s)r\s*=\s*[\"']([A-Za-z]*)(\d{1,9})")


@dataclass
class SheetFacts:
    """What a file's parts say about one sheet; every place is (row0, col0).

    errors: error cells the reader may miss; merged: (row0, col0, last_row0, last_col0); part: its part; held: values.
    cells: where its cells stand, if the workbook holds each different one of them once.
    """

    is_worksheet: bool = True
    errors: dict[Place, str] = field(default_factory=dict)
    uncalculated: frozenset[Place] = frozenset()
    merged: tuple[tuple[int, int, int, int], ...] = ()
    part: str = ""
    held: int | None = None
    cells: Cells | None = None


@dataclass(frozen=True)
class Workbook:
    """A workbook's bytes, the facts of its sheets in the reader's order, and its date system.

    whole: the file as it is, where these are the bytes of one with fewer cells to read (workbooks.reading.distinct).
    """

    content: bytes
    sheets: list[SheetFacts]
    date1904: bool
    whole: Workbook | None = None


def check_extent(rows: int, columns: int, limits: Limits) -> None:
    """Raise UnreadableFileError where a sheet's cells reach further than they may."""
    for limit, found in (("rows", rows), ("columns", columns), ("cells", rows * columns)):
        if found > (most := getattr(limits, limit)):
            raise UnreadableFileError.beyond(limit, most, found)


def read_xlsx(package: Package, main: str, only: Collection[str] | None = None) -> Workbook:
    """Return the facts of an .xlsx or .xlsm workbook; main: the name of its workbook part.

    only: the names of the sheets that will be read, None: all; of the others nothing is looked up.
    uncalculated: formula cells without a value; `t="str"` with an empty <v> is a calculated empty text. Errors are
    left to the reader. Raises UnreadableFileError.
    """
    book = re.sub(rb"<!--.*?-->", b"", package.read(main), flags=re.DOTALL)
    if not re.search(rb"<(?:[\w.-]+:)?workbook\b", book):
        raise UnreadableFileError(reason="not-a-workbook", detail=f"{main} is no workbook")
    relations, sheets, fewer = package.relations(main), [], {}
    _check_shared_strings(package)
    for tag in re.findall(rb"<(?:[\w.-]+:)?sheet\b([^>]*)>", book):
        named = attributes(tag)
        relation = next((value for key, value in named.items() if key.endswith(":id")), "")
        kind, part = relations.get(relation, ("", ""))
        facts = SheetFacts(is_worksheet=kind not in NO_WORKSHEETS)
        is_wanted = facts.is_worksheet and (only is None or named.get("name") in only)
        if is_wanted:
            raw = package.read(part)
            facts = _facts(raw, part, package.limits)
            once = facts.cells.once(raw) if facts.cells else None
            if once is None:
                facts.cells = None
            else:
                fewer[part.lower()] = once
        sheets.append(facts)
    settings = re.search(rb"<(?:[\w.-]+:)?workbookPr\b([^>]*)>", book)
    date1904 = settings is not None and attributes(settings[1]).get("date1904", "").lower() in {"1", "true", "on"}
    whole = Workbook(package.content, [replace(facts, cells=None) for facts in sheets], date1904)
    return Workbook(package.rewritten(fewer), sheets, date1904, whole) if fewer else whole


def _check_shared_strings(package: Package) -> None:
    """Raise UnreadableFileError where more texts are declared, for which the reader asks memory, than can be there."""
    for name in package.parts:
        if name.endswith("sharedstrings.xml"):
            root = re.search(rb"<(?:[\w.-]+:)?sst\b([^>]*)>", package.read(name))
            declared = attributes(root[1]).get("uniqueCount", "") if root else ""
            if declared.isdecimal() and float(declared) > package.limits.cells:
                raise UnreadableFileError.beyond("cells", package.limits.cells, int(declared[:20]))


def with_readable_errors(workbook: Workbook, limits: Limits) -> Workbook:
    """Return the workbook with the errors the reader does not know (#SPILL!, #GETTING_DATA, ...) written as #VALUE!.

    One such cell makes the reader lose its whole file. The true values go to the sheets' errors.
    """
    package = Package(workbook.content, limits)
    changed: dict[str, bytes] = {}
    for facts in workbook.sheets:
        if facts.part:
            raw = package.read(facts.part)
            changed[facts.part.lower()] = _with_readable_errors(raw, _patterns_of(raw), facts.errors)
    return Workbook(package.rewritten(changed), workbook.sheets, workbook.date1904)


@dataclass(frozen=True)
class _Patterns:
    cell: bytes
    value: bytes
    formula: bytes
    end: bytes
    row_or_cell: re.Pattern[bytes]
    uncalculated: re.Pattern[bytes]
    error: re.Pattern[bytes]
    merged: re.Pattern[bytes]
    outside: tuple[re.Pattern[bytes], ...]


def _patterns_of(raw: bytes) -> _Patterns:
    root = re.search(rb"<([\w.-]+:)?worksheet\b", raw[:4096])
    return _patterns(root[1] or b"" if root else b"")


@lru_cache(maxsize=16)
def _patterns(prefix: bytes) -> _Patterns:
    """Return the patterns for a sheet whose elements carry this namespace prefix (`x:`), mostly none."""

    def compiled(pattern: bytes) -> re.Pattern[bytes]:
        return re.compile(pattern.replace(b"~", prefix), re.DOTALL)

    return _Patterns(
        cell=b"<" + prefix + b"c",
        value=b"<" + prefix + b"v",
        formula=b"<" + prefix + b"f",
        end=b"</" + prefix + b"sheetData",
        row_or_cell=compiled(rb"<~(row|c)\b([^>]*)>"),
        # It begins at the formula's letter, which is rare, not at the cell: cells without one then cost nothing.
        uncalculated=compiled(
            rb"f(?<=<~f)\b(?:[^>]*/>|[^>]*>[^<]*</~f\s*>)\s*(<~v\b[^>]*/>\s*|<~v\b[^>]*>\s*</~v\s*>\s*)?</~c\s*>"
        ),
        error=compiled(rb"\st\s*=\s*[\"']e[\"'][^>]*>(?:(?!</~c\s*>).)*?<~v\b[^>]*>([^<]*)<"),
        merged=compiled(rb"<~mergeCell\b[^>]*?\bref\s*=\s*[\"']([A-Za-z]+)(\d{1,9})(?::([A-Za-z]+)(\d{1,9}))?[\"']"),
        outside=tuple(compiled(rb"<~c(?! r=\"" + area + rb"\")") for area in _AREAS),
    )


def _facts(raw: bytes, part: str, limits: Limits) -> SheetFacts:
    patterns, cells = _patterns_of(raw), cells_of(raw)
    start, end = max(raw.find(b"sheetData"), 0), raw.rfind(patterns.end)
    tighter = limits.rows < LIMITS.rows or limits.columns < LIMITS.columns or limits.cells < LIMITS.cells
    if cells is not None:
        check_extent(*cells.extent(), limits)
    elif tighter or all(pattern.search(raw, start, end if end > 0 else len(raw)) for pattern in patterns.outside):
        filled = [(row + 1, column + 1) for _, row, column, is_filled in _cells(raw, patterns) if is_filled]
        check_extent(max((row for row, _ in filled), default=0), max((at for _, at in filled), default=0), limits)
    merged = []
    for column, row, last_column, last_row in patterns.merged.findall(raw, max(end, 0)):
        merged.append((int(row) - 1, _column(column), int(last_row or row) - 1, _column(last_column or column)))
    formulas = cells is None or cells.formulas
    uncalculated = frozenset(_places(raw, patterns, _uncalculated(raw, patterns))) if formulas else frozenset()
    held = int(np.count_nonzero(np.frombuffer(raw[start:end], np.uint8) == ord("v"))) // 2  # <v> and </v>, fast
    return SheetFacts(uncalculated=uncalculated, merged=tuple(merged), part=part, held=held, cells=cells)


def _uncalculated(raw: bytes, patterns: _Patterns) -> Iterator[int]:
    """Yield where the cells begin whose formula has no value."""
    if patterns.formula not in raw:
        return
    for match in patterns.uncalculated.finditer(raw):
        start = raw.rfind(patterns.cell, 0, match.start())
        tag, _, before = raw[start : match.start()].partition(b">")
        is_empty_text = match[1] and attributes(tag).get("t") == "str"
        if not is_empty_text and patterns.value not in before:
            yield start


def _with_readable_errors(raw: bytes, patterns: _Patterns, errors: dict[Place, str]) -> bytes:
    pieces, done = [], 0
    for match in patterns.error.finditer(raw):
        value = match[1].strip()
        if value not in _READABLE_ERRORS:
            places = _places(raw, patterns, [raw.rfind(patterns.cell, 0, match.start())])
            errors.update(dict.fromkeys(places, html.unescape(value.decode("utf-8", "replace"))))
            pieces += [raw[done : match.start(1)], b"#VALUE!"]
            done = match.end(1)
    return b"".join([*pieces, raw[done:]])


def _places(raw: bytes, patterns: _Patterns, starts: Iterable[int]) -> list[Place]:
    """Return the places of the cells that begin at these offsets."""
    places, unnamed = [], set()
    for start in starts:
        reference = _REFERENCE.search(raw[start : raw.find(b">", start)])
        if reference:
            places.append((int(reference[2]) - 1, _column(reference[1])))
        else:
            unnamed.add(start)
    if unnamed:
        places += [(row, column) for start, row, column, _ in _cells(raw, patterns) if start in unnamed]
    return places


def _cells(raw: bytes, patterns: _Patterns) -> Iterator[tuple[int, int, int, bool]]:
    """Yield every cell as (offset, row0, col0, holds anything), counting where rows and cells name no place."""
    row = column = -1
    for match in patterns.row_or_cell.finditer(raw):
        reference = _REFERENCE.search(match[2])
        if match[1] == b"row":
            row, column = int(reference[2]) - 1 if reference else row + 1, -1
            continue
        column = _column(reference[1]) if reference else column + 1
        is_filled = not match[2].endswith(b"/") and raw[match.end() : match.end() + 2] != b"</"
        yield match.start(), int(reference[2]) - 1 if reference else row, column, is_filled


def _column(letters: bytes) -> int:
    number = 0
    for letter in letters.upper():
        number = number * 26 + letter - 64
    return number - 1
