"""What fastexcel does not tell about a binary workbook (.xls, .xlsb), read from its records."""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING

from workbooks.errors import UnreadableFileError
from workbooks.reading.cells_ole import workbook_stream
from workbooks.reading.cells_xlsx import NO_WORKSHEETS, SheetFacts, Workbook, check_extent
from workbooks.reading.package import Package
from workbooks.schema import Limits

if TYPE_CHECKING:
    from collections.abc import Iterator

# .xls records
_FILEPASS, _DATEMODE, _CODEPAGE, _BOUNDSHEET, _BOF, _EOF, _MERGECELLS = 0x2F, 0x22, 0x42, 0x85, 0x809, 0x0A, 0xE5
_DIMENSIONS, _FORMULA_TEXT, _MULRK = 0x200, 0x207, 0xBD
_XLS_CELLS = {0x06, 0xBD, 0xD6, 0xFD, 0x203, 0x204, 0x205, 0x27E}
_CHART_DATA = {_EOF, _FORMULA_TEXT, *_XLS_CELLS}
_EXCEL_97, _UTF_16, _NOTHING = b"\0\x06", b"\xb0\x04", b"\0\0"

# .xlsb records
_ROW, _CELLS_WITH_VALUE, _ERRORS, _MERGED, _SHORT_CELLS = 0x00, range(0x02, 0x0C), (0x03, 0x0B), 0xB0, range(0x0C, 0x13)
_BOOK_SETTINGS, _SHEET = 0x99, 0x9C
_ERROR_CODES = {
    0x00: "#NULL!",
    0x07: "#DIV/0!",
    0x0F: "#VALUE!",
    0x17: "#REF!",
    0x1D: "#NAME?",
    0x24: "#NUM!",
    0x2A: "#N/A",
    0x2B: "#GETTING_DATA",
}


def read_xls(content: bytes, limits: Limits) -> Workbook:
    """Return the facts of an .xls workbook (an OLE file). Raises UnreadableFileError.

    Formula cells never calculated cannot be told from calculated ones: uncalculated is empty. The content is
    changed where the reader goes wrong: it takes a chart's numbers for cells, reads texts by a code page Excel ignores,
    and asks memory for every cell that a sheet declares.
    """
    try:
        stream = workbook_stream(content)
        records, starts, date1904 = stream.records, {}, False
        changes: list[tuple[int, bytes]] = []
        for kind, at, _ in _xls_records(records, 0):
            if kind == _FILEPASS:
                raise UnreadableFileError(reason="password", detail="encrypted .xls")
            if kind == _DATEMODE:
                date1904 = records[at] == 1
            elif kind == _CODEPAGE and records[4:6] == _EXCEL_97:
                changes.append((at, _UTF_16))
            elif kind == _BOUNDSHEET:
                starts[struct.unpack_from("<I", records, at)[0]] = records[at + 5] == 0
            elif kind == _EOF:
                break
        ends = {start: min((end for end in starts if end > start), default=len(records)) for start in starts}
        sheets = [_xls_facts(records[: ends[start]], start, changes, limits) for start in starts]
        for facts, is_worksheet in zip(sheets, starts.values(), strict=True):
            facts.is_worksheet = is_worksheet
        return Workbook(stream.changed(content, changes), sheets, date1904)
    except (struct.error, IndexError) as error:
        raise UnreadableFileError(reason="damaged", detail=f"records: {error}") from error


def read_xlsb(package: Package, main: str) -> Workbook:
    """Return the facts of an .xlsb workbook; main: the name of its workbook part. Raises UnreadableFileError.

    Formula cells never calculated cannot be told from calculated ones: uncalculated is empty.
    """
    book, relations = package.read(main), package.relations(main)
    date1904, sheets = False, []
    try:
        for kind, at, _ in _xlsb_records(book):
            if kind == _BOOK_SETTINGS:
                date1904 = bool(book[at] & 1)
            elif kind == _SHEET:
                length = struct.unpack_from("<I", book, at + 8)[0]
                relation = book[at + 12 : at + 12 + 2 * length].decode("utf-16-le", "replace")
                type_, part = relations.get(relation, ("", ""))
                facts = SheetFacts(is_worksheet=type_ not in NO_WORKSHEETS)
                sheets.append(_xlsb_facts(package.read(part), package.limits) if facts.is_worksheet else facts)
    except (struct.error, IndexError) as error:
        raise UnreadableFileError(reason="damaged", detail=f"records: {error}") from error
    return Workbook(package.content, sheets, date1904)


def _xls_records(stream: bytes, at: int) -> Iterator[tuple[int, int, int]]:
    """Yield (kind, offset of the data, length) of every record."""
    while at + 4 <= len(stream):
        kind, length = struct.unpack_from("<HH", stream, at)
        yield kind, at + 4, length
        at += 4 + length


def _xls_facts(records: bytes, start: int, changes: list[tuple[int, bytes]], limits: Limits) -> SheetFacts:
    """Return the facts of the sheet that begins here; changes: grows by the records to be hidden from the reader."""
    rows = columns = depth = 0
    merged: list[tuple[int, int, int, int]] = []
    for kind, at, length in _xls_records(records, start):
        if kind == _BOF:
            depth += 1
        elif kind == _DIMENSIONS or (depth > 1 and kind in _CHART_DATA):
            changes.append((at - 4, _NOTHING))
            depth -= kind == _EOF
        elif kind == _EOF:
            break
        elif kind in _XLS_CELLS:
            row, column = struct.unpack_from("<HH", records, at)
            if kind == _MULRK:
                column = struct.unpack_from("<H", records, at + length - 2)[0]
            rows, columns = max(rows, row + 1), max(columns, column + 1)
        elif kind == _MERGECELLS:
            ranges = records[at + 2 : at + 2 + (length - 2) // 8 * 8]
            merged += [(top, left, bottom, right) for top, bottom, left, right in struct.iter_unpack("<HHHH", ranges)]
    else:
        if depth > 1:
            raise UnreadableFileError(reason="damaged", detail="a chart that does not end")
    check_extent(rows, columns, limits)
    return SheetFacts(merged=tuple(merged))


def _xlsb_records(part: bytes) -> Iterator[tuple[int, int, int]]:
    """Yield (kind, offset of the data, length) of every record."""
    at = 0
    while at < len(part):
        kind, at = part[at], at + 1
        if kind & 0x80:
            kind, at = kind & 0x7F | part[at] << 7, at + 1
        length = shift = 0
        while True:
            byte, at = part[at], at + 1
            length |= (byte & 0x7F) << shift
            shift += 7
            if byte < 0x80 or shift == 28:
                break
        yield kind, at, length
        at += length


def _xlsb_facts(part: bytes, limits: Limits) -> SheetFacts:
    """Return the facts of a sheet; its errors too, for the reader takes a formula's error for a blank."""
    row = rows = columns = 0
    facts, merged = SheetFacts(), []
    for kind, at, _ in _xlsb_records(part):
        if kind == _ROW:
            row = struct.unpack_from("<I", part, at)[0]
        elif kind in _CELLS_WITH_VALUE:
            column = struct.unpack_from("<I", part, at)[0]
            rows, columns = max(rows, row + 1), max(columns, column + 1)
            if kind in _ERRORS:
                facts.errors[row, column] = _ERROR_CODES.get(part[at + 8], "#VALUE!")
        elif kind in _SHORT_CELLS:
            raise UnreadableFileError(reason="unsupported", detail="cells in short records, which the reader skips")
        elif kind == _MERGED:
            top, bottom, left, right = struct.unpack_from("<IIII", part, at)
            merged.append((top, left, bottom, right))
    check_extent(rows, columns, limits)
    facts.merged = tuple(merged)
    return facts
