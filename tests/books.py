"""Sheets and workbooks for tests, from tables written out as text.

A line is a row and `|` stands between its cells; nothing between two bars is a blank cell, an empty line a blank row.
What follows `<-` marks the row for people. `␣` is a space, `⏎` a line break; `#N/A` and its like are error cells, and
`=?` is a formula that was never calculated.
"""

from __future__ import annotations

import io
import re
from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path

import pyarrow as pa
import xlsxwriter

from workbooks.reading.cells import RawSheet
from workbooks.reading.problems import Problem
from workbooks.reading.recognise import Aliases, Closest, Match, Recogniser, first_rows
from workbooks.reading.rows import Rows, sort_rows
from workbooks.reading.tables import Table, read_table

DAY = date(2026, 11, 21)
ERRORS = frozenset({"#N/A", "#REF!", "#DIV/0!", "#VALUE!", "#NAME?", "#NUM!", "#NULL!"})
UNCALCULATED = "=?"
_RANGE = re.compile(r"([A-Z])(\d+):([A-Z])(\d+)")

Grid = list[list[str | None]]


def grid(text: str) -> Grid:
    """Return the cells of a table written out; all rows as wide as the widest."""
    lines = [
        line.partition("<-")[0].strip() for line in text.removeprefix("\n").rstrip(" ").removesuffix("\n").split("\n")
    ]
    rows = [[_cell(part) for part in line.split("|")] if line else [] for line in lines]
    return _squared(rows)


def _cell(part: str) -> str | None:
    return part.strip(" ").replace("␣", " ").replace("⏎", "\n") or None


def _squared(rows: Sequence[Sequence[str | None]]) -> Grid:
    width = max((len(row) for row in rows), default=0)
    return [[*row, *[None] * (width - len(row))] for row in rows]


def raw_sheet(
    table: str | Sequence[Sequence[str | None]],
    name: str = "Sheet1",
    *,
    merged: Sequence[str] = (),
    date1904: bool = False,
) -> RawSheet:
    """Return a table as reading a file gives it; merged: areas such as `A2:A4`, whose first cell holds the text."""
    rows = grid(table) if isinstance(table, str) else _squared(table)
    marked = {(i, j): text for i, row in enumerate(rows) for j, text in enumerate(row) if text in ERRORS}
    formulas = {(i, j) for i, row in enumerate(rows) for j, text in enumerate(row) if text == UNCALCULATED}
    texts = [
        [None if (i, j) in {*marked, *formulas} else text for j, text in enumerate(row)] for i, row in enumerate(rows)
    ]
    columns = [pa.array(column, pa.string()) for column in zip(*texts, strict=True)]
    return RawSheet(
        name=name,
        index=0,
        cells=pa.RecordBatch.from_arrays(columns, names=[str(place) for place in range(len(columns))]),
        errors={place: str(text) for place, text in marked.items()},
        uncalculated=frozenset(formulas),
        merged=tuple(_area(area) for area in merged),
        date1904=date1904,
    )


def _area(text: str) -> tuple[int, int, int, int]:
    found = _RANGE.fullmatch(text)
    assert found, text
    return int(found[2]) - 1, ord(found[1]) - ord("A"), int(found[4]) - 1, ord(found[3]) - ord("A")


def recognised(table: str | RawSheet, aliases: Aliases | None = None) -> Match | Closest:
    """Return what kind of table a sheet is taken for."""
    sheet = raw_sheet(table) if isinstance(table, str) else table
    return Recogniser(aliases).recognise(first_rows(sheet))


def sorted_rows(table: str | RawSheet, file: str = "订单.xlsx", kind: str = "orders") -> Rows:
    """Return the data rows of a sheet, which must be of that kind."""
    sheet = raw_sheet(table) if isinstance(table, str) else table
    found = recognised(sheet)
    assert isinstance(found, Match)
    assert found.kind == kind
    return sort_rows(file, sheet, found)


def read(kind: str, sheets: str | RawSheet | Mapping[str, str | RawSheet]) -> Table:
    """Return the table of one sheet, or of several by file name, each of that kind."""
    files = sheets if isinstance(sheets, Mapping) else {"订单.xlsx": sheets}
    return read_table(kind, [sorted_rows(sheet, file, kind) for file, sheet in files.items()], DAY)


def column(table: Table, name: str) -> list[object]:
    """Return a column's values, None where blank."""
    values = table.frame[name]
    return [None if blank else value for value, blank in zip(values.tolist(), values.isna(), strict=True)]


def told(problems: Sequence[Problem]) -> list[tuple[str, str, str]]:
    """Return of each problem its code, cell and value."""
    return [(problem.code, problem.cell, problem.value) for problem in problems]


def xlsx(sheets: str | Mapping[str, str]) -> bytes:
    """Return an .xlsx workbook of one sheet, or of several by name; every cell holds text, as clerks leave it."""
    content = io.BytesIO()
    with xlsxwriter.Workbook(content, {"strings_to_formulas": False, "in_memory": True}) as book:
        for name, table in (sheets if isinstance(sheets, Mapping) else {"Sheet1": sheets}).items():
            page = book.add_worksheet(name)
            for i, row in enumerate(grid(table)):
                for j, text in enumerate(row):
                    if text in ERRORS:
                        page.write_formula(i, j, "=NA()", None, text)
                    elif text is not None:
                        page.write_string(i, j, text)
    return content.getvalue()


def write_xlsx(path: Path, sheets: str | Mapping[str, str]) -> Path:
    """Write an .xlsx workbook (see xlsx), with the folders above it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(xlsx(sheets))
    return path


def encrypted(content: bytes) -> bytes:
    """Return a package whose parts say that they are encrypted."""
    flagged = bytearray(content)
    for mark, flags in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        place = content.find(mark)
        while place >= 0:
            flagged[place + flags] |= 1
            place = content.find(mark, place + 1)
    return bytes(flagged)
