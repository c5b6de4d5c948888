"""Every sheet of a workbook file as columns of text, and what the text alone cannot tell."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from contextlib import suppress
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import fastexcel
import numpy as np
import pyarrow as pa

from workbooks.addresses import column_letters
from workbooks.errors import UnreadableFileError
from workbooks.reading.cells_csv import read_csv
from workbooks.reading.cells_ods import read_ods
from workbooks.reading.cells_ole import OLE_MAGIC
from workbooks.reading.cells_xls import read_xls, read_xlsb
from workbooks.reading.cells_xlsx import Place, Workbook, read_xlsx, with_readable_errors
from workbooks.reading.distinct import Cells
from workbooks.reading.package import Package
from workbooks.reading.texts import COLUMN, encoded, respelt
from workbooks.schema import LIMITS, Limits

ZIP_MAGIC = (b"PK\x03\x04", b"PK\x05\x06")
TEXT_SUFFIXES = {".csv", ".tsv", ".txt"}

_OLD_FORMATS = (b"\x09\x00\x04\x00", b"\x09\x02\x06\x00", b"\x09\x04\x06\x00", b"\x09\x08\x08\x00")
_XML_2003 = b"urn:schemas-microsoft-com:office:spreadsheet"
_SPELLED = {
    "Div0": "#DIV/0!",
    "NA": "#N/A",
    "Name": "#NAME?",
    "Null": "#NULL!",
    "Num": "#NUM!",
    "Ref": "#REF!",
    "Value": "#VALUE!",
    "GettingData": "#GETTING_DATA",
}
# Only these texts need a second look: see tidied.
_UNTIDY = r"^(?:|true|false|-0|-?\d+\.\d{6,}|\d{4}-\d\d-\d\d[T ]\d\d:\d\d[\d:.]*Z?)$"
_WHEN = re.compile(r"(\d{4}-\d\d-\d\d)[T ](\d\d:\d\d(?::\d\d)?)(?:\.\d+)?Z?")
_EXACT_DIGITS = 15


@dataclass(frozen=True)
class RawSheet:
    """One worksheet; row i of every column is Excel row i + 1, and column j Excel column j + 1, blank or not.

    name: as in the workbook; index: place among the worksheets, from 0, charts not counted.
    cells: one column of texts each (workbooks.reading.texts), named by Excel's letters; null = blank, an error, or
    never calculated. Numbers are plain decimals without exponent, as Excel shows them in full, to 9 decimals; dates
    `2026-11-21` or `2026-11-21 10:30:00`; times of day `10:30:00`; TRUE and FALSE.
    errors: (row0, col0) -> `#N/A`, `#DIV/0!`, ...; uncalculated: formula cells that hold no value (.xlsx, .xlsm and
    .ods; other formats cannot tell); merged: (row0, col0, last_row0, last_col0).
    date1904: whether plain numbers in a date column count from 1904; date cells are read already.
    held: how many cells with something in them the sheet's part (part) holds, at a glance (workbooks.reading.recount).
    """

    name: str
    index: int
    cells: pa.RecordBatch
    errors: dict[Place, str]
    uncalculated: frozenset[Place]
    merged: tuple[tuple[int, int, int, int], ...]
    date1904: bool
    held: int | None = None
    part: str = ""


def read_sheets(
    content: bytes, suffix: str, *, only: Collection[str] | None = None, limits: Limits = LIMITS
) -> list[RawSheet]:
    """Return the worksheets of a file in their order, hidden ones too.

    content: the whole file; suffix: its extension (`.csv`), which decides only where the content has no mark.
    only: the names of the worksheets wanted; None: all of them. limits: what the file may ask for.
    Raises UnreadableFileError: empty, password, damaged, not-a-workbook, unsupported, too-large.
    """
    if not content:
        raise UnreadableFileError(reason="empty")
    if content.startswith(ZIP_MAGIC):
        return _sheets(_read_package(Package(content, limits), only), limits, only)
    if content.startswith(OLE_MAGIC):
        return _sheets(read_xls(content, limits), limits)
    if content.startswith(_OLD_FORMATS) or _XML_2003 in content[:4096]:
        raise UnreadableFileError(reason="unsupported", detail="a format older than Excel 97, or an XML spreadsheet")
    if suffix.lower() not in TEXT_SUFFIXES:
        raise UnreadableFileError(reason="not-a-workbook", detail=f"the content is no {suffix} file")
    columns = read_csv(content, limits)
    return [RawSheet("CSV", 0, _batch(columns), {}, frozenset(), (), date1904=False)]


def _read_package(package: Package, only: Collection[str] | None) -> Workbook:
    if {"mimetype", "content.xml"} <= package.parts.keys():
        return read_ods(package)
    main = package.main_part()
    return read_xlsb(package, main) if main.lower().endswith(".bin") else read_xlsx(package, main, only)


def _sheets(workbook: Workbook, limits: Limits, only: Collection[str] | None = None) -> list[RawSheet]:
    if workbook.whole is not None:
        with suppress(fastexcel.FastExcelError, UnreadableFileError):  # then the whole file tells what is wrong
            return _loaded(workbook, only)
        workbook = workbook.whole
    try:
        return _loaded(workbook, only)
    except fastexcel.FastExcelError as error:
        if "Unsupported cell error value" not in str(error):
            raise UnreadableFileError(reason="damaged", detail=_first_line(error)) from error
    try:
        return _loaded(with_readable_errors(workbook, limits), only)
    except fastexcel.FastExcelError as error:
        raise UnreadableFileError(reason="damaged", detail=_first_line(error)) from error


def _loaded(workbook: Workbook, only: Collection[str] | None) -> list[RawSheet]:
    try:
        reader = fastexcel.read_excel(workbook.content)
        _check_names(reader.sheet_names, len(workbook.sheets))
        places = [place for place, facts in enumerate(workbook.sheets) if facts.is_worksheet]
        wanted = reader.sheet_names if only is None else only
        chosen = [(index, place) for index, place in enumerate(places) if reader.sheet_names[place] in wanted]
        return [_raw_sheet(reader, workbook, place, index) for index, place in chosen]
    except BaseException as error:
        # A panic of the Rust reader is no Exception, and its class cannot be imported.
        if type(error).__name__ == "PanicException":
            raise UnreadableFileError(reason="damaged", detail=_first_line(error)) from error
        raise


def _check_names(names: list[str], sheets: int) -> None:
    """Raise UnreadableFileError where the reader, which finds sheets by name, would give the wrong one."""
    if len(names) != sheets or len(set(names)) != len(names):
        raise UnreadableFileError(reason="damaged", detail=f"{sheets} sheets, named {names}")


def _raw_sheet(reader: fastexcel.ExcelReader, workbook: Workbook, place: int, index: int) -> RawSheet:
    facts, date1904 = workbook.sheets[place], workbook.date1904
    sheet = reader.load_sheet(place, header_row=None, skip_rows=0, dtypes="string")
    batch, cell_errors = sheet.to_arrow_with_errors()
    first = sheet.selected_columns[0].absolute_index if batch.num_columns else 0
    errors: dict[Place, str] = {}
    texts: dict[Place, str | None] = {}
    for cell in cell_errors.errors if cell_errors else ():
        row, column = cell.position
        text, is_error = _unread(cell.detail)
        (errors if is_error else texts)[row, column + first] = text
    columns = [pa.nulls(batch.num_rows, COLUMN)] * first + tidied(batch.columns, date1904=date1904)
    if facts.cells is not None:
        columns, errors = _spread(facts.cells, batch, columns, texts, errors)
        texts = {}
    errors.update(facts.errors)
    texts.update(dict.fromkeys(facts.errors))
    columns = _with_texts(columns, texts, {*errors, *facts.uncalculated})
    cells = _batch(columns)
    return RawSheet(
        sheet.name, index, cells, errors, facts.uncalculated, facts.merged, date1904, facts.held, facts.part
    )


def _spread(
    cells: Cells, read: pa.RecordBatch, columns: list[Any], texts: dict[Place, str | None], errors: dict[Place, str]
) -> tuple[list[Any], dict[Place, str]]:
    """Return a sheet's columns and errors, given those of the column in which each different cell stands once.

    read: that column as the reader gave it. A text that is empty is blank, but reaches as far as any other.
    """
    different = len(cells.sayings.dictionary)
    shown = np.zeros(different, dtype=bool)
    for column in read.columns:
        shown[: len(column)] = column.is_valid().to_numpy(zero_copy_only=False)
    shown[[row for row, _ in texts]] = True
    (column,) = _with_texts(columns, texts, {(different - 1, 0)})
    return cells.spread(column, shown), cells.spread_few({row: text for (row, _), text in errors.items()})


def _unread(detail: str) -> tuple[str, bool]:
    """Return what a cell holds that the reader made no text of, and whether it is an error."""
    if error := re.search(r"Error\((\w+)\)", detail):
        return _SPELLED.get(error[1], "#VALUE!"), True
    if duration := re.search(r"PT(\d+)H(\d+)M(\d+)", detail):
        return ":".join(duration.groups()), False
    if number := re.search(r"value: (-?[\d.]+(?:e-?\d+)?)", detail):
        return _number(number[1]), False
    return "#VALUE!", True


def tidied(columns: Sequence[pa.Array], *, date1904: bool) -> list[pa.DictionaryArray]:
    """Return string columns, all as long, with the reader's spellings changed to ours; each different text once.

    The reader does not tell a text cell from another: one that spells true or an ISO timestamp is re-spelt too. The
    open workbook's texts go through here as well, so that both read alike.
    """
    epoch = "1904-01-01" if date1904 else "1899-12-31"
    return respelt([encoded(column) for column in columns], lambda text: _tidy(text, epoch), _UNTIDY)


def _tidy(text: str, epoch: str) -> str | None:
    if not text:
        return None
    if text in ("true", "false"):
        return text.upper()
    when = _WHEN.fullmatch(text)
    if when:
        day, time = when.groups()
        if day == epoch:  # a time of day alone
            return time
        return day if time in ("00:00:00", "00:00") else f"{day} {time}"
    # The reader writes 9 decimals, of which those past the 15th digit are noise: 99999999.99 as 99999999.989999995.
    return text if text != "-0" and sum(map(str.isdigit, text)) <= _EXACT_DIGITS else _number(text)


def _number(text: str) -> str:
    number = float(text)
    return f"{Decimal(repr(number)):f}".removesuffix(".0") if number else "0"


def _with_texts(columns: list[Any], texts: dict[Place, str | None], inside: set[Place]) -> list[Any]:
    """Return the columns with single texts changed, and long and wide enough for every place to lie inside."""
    places = inside | texts.keys()
    if not places:
        return columns
    height = len(columns[0]) if columns else 0
    rows = max(height, *(row + 1 for row, _ in places))
    width = max(len(columns), *(column + 1 for _, column in places))
    if rows > height:
        columns = [pa.concat_arrays([column, pa.nulls(rows - height, column.type)]) for column in columns]
    columns = columns + [pa.nulls(rows, COLUMN)] * (width - len(columns))
    changed: dict[int, list[str | None]] = {}
    for (row, column), text in texts.items():
        changed.setdefault(column, columns[column].to_pylist())[row] = text
    for column, values in changed.items():
        columns[column] = pa.array(values, COLUMN)
    return columns


def _batch(columns: list[Any]) -> pa.RecordBatch:
    return pa.RecordBatch.from_arrays(columns, names=[column_letters(place) for place in range(len(columns))])


def _first_line(error: BaseException) -> str:
    return str(error).partition("\n")[0][:200]
