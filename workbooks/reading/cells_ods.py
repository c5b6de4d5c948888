"""What fastexcel does not tell about an .ods workbook, read from its content.xml."""

from __future__ import annotations

import html
import io
import re
from dataclasses import dataclass, field
from xml.parsers import expat

from workbooks.errors import UnreadableFileError
from workbooks.reading.cells_xlsx import SheetFacts, Workbook, check_extent
from workbooks.reading.package import Package, attributes
from workbooks.schema import Limits

MIME_TYPE = b"application/vnd.oasis.opendocument.spreadsheet"

_TOKEN = re.compile(
    rb"<table:(table|table-row|table-cell|covered-table-cell)(?=[\s/>])"
    rb"((?:[^>\"']++|\"[^\"]*+\"|'[^']*+')*+)>|</table:table>"
)
_TEXT = re.compile(rb"<text:p\b[^>]*>(.*?)</text:p>", re.DOTALL)
_ERROR_TEXT = re.compile(r"#(?:N/A|DIV/0!|NAME\?|NULL!|NUM!|REF!|VALUE!)|Err:\d+")


@dataclass
class _Sheet:
    """A sheet while it is walked: where the next cell lies, what was found, and how far its cells reach."""

    facts: SheetFacts = field(default_factory=SheetFacts)
    uncalculated: set[tuple[int, int]] = field(default_factory=set)
    merged: list[tuple[int, int, int, int]] = field(default_factory=list)
    row: int = 0
    next_row: int = 0
    column: int = 0
    rows: int = 0
    columns: int = 0


def read_ods(package: Package) -> Workbook:
    """Return the facts of an .ods workbook. Raises UnreadableFileError.

    The reader takes errors for empty texts; here they are the cells marked as errors, and formulas that show one, in
    LibreOffice's spelling (Err:502 among them).
    """
    if not package.read("mimetype").startswith(MIME_TYPE):
        raise UnreadableFileError(reason="not-a-workbook", detail="an OpenDocument file, but no workbook")
    if "encrypted-package" in package.parts or b"encryption-data" in package.read("META-INF/manifest.xml"):
        raise UnreadableFileError(reason="password", detail="encrypted .ods")
    raw = package.read("content.xml")
    try:
        expat.ParserCreate().ParseFile(io.BytesIO(raw))  # where a table is not closed, the reader never ends
    except (expat.ExpatError, LookupError, ValueError) as error:  # the last two: an encoding it does not know
        raise UnreadableFileError(reason="damaged", detail=f"content.xml: {error}") from error
    null_date = re.search(rb"<table:null-date\b([^>]*)>", raw)
    date1904 = null_date is not None and attributes(null_date[1]).get("table:date-value", "").startswith("1904")
    return Workbook(package.content, _sheets(raw, package.limits), date1904)


def _sheets(raw: bytes, limits: Limits) -> list[SheetFacts]:
    sheets: list[SheetFacts] = []
    sheet: _Sheet | None = None
    for match in _TOKEN.finditer(raw):
        if match[1] == b"table" and b"table:name" in match[2]:
            sheet = _Sheet()
        elif sheet and match[1] is None:
            check_extent(sheet.rows, sheet.columns, limits)
            sheet.facts.uncalculated, sheet.facts.merged = frozenset(sheet.uncalculated), tuple(sheet.merged)
            sheets.append(sheet.facts)
            sheet = None
        elif sheet and match[1] == b"table-row":
            sheet.row, sheet.column = sheet.next_row, 0
            sheet.next_row += _times(match[2], b"rows-repeated")
        elif sheet:
            _read_cell(sheet, match[2], raw, match.end(), limits)
    return sheets


def _read_cell(sheet: _Sheet, tag: bytes, raw: bytes, end: int, limits: Limits) -> None:
    column, repeated = sheet.column, _times(tag, b"columns-repeated")
    sheet.column += repeated
    is_formula, is_valued = b"table:formula" in tag, b"office:value-type" in tag
    if b"-spanned" in tag:
        last = sheet.row + _times(tag, b"rows-spanned") - 1, column + _times(tag, b"columns-spanned") - 1
        if last != (sheet.row, column):
            sheet.merged.append((sheet.row, column, *last))
    if not (is_formula or is_valued):
        return
    sheet.rows, sheet.columns = max(sheet.rows, sheet.next_row), max(sheet.columns, sheet.column)
    check_extent(sheet.rows, sheet.columns, limits)
    is_error = b'calcext:value-type="error"' in tag
    if not (is_error or is_formula):
        return
    places = [(row, at) for row in range(sheet.row, sheet.next_row) for at in range(column, sheet.column)]
    inner = b"" if tag.endswith(b"/") else raw[end : raw.find(b"</table:table-cell>", end)]
    text = _TEXT.search(inner)
    shown = html.unescape(re.sub(rb"<[^>]*>", b"", text[1]).decode("utf-8", "replace")) if text else ""
    if is_error or _ERROR_TEXT.fullmatch(shown):
        sheet.facts.errors.update(dict.fromkeys(places, shown or "#VALUE!"))
    elif not is_valued and b"<text:p" not in inner:  # a calculated empty text has no type either, but a paragraph
        sheet.uncalculated.update(places)


def _times(tag: bytes, name: bytes) -> int:
    number = re.search(rb"table:number-" + name + rb"=[\"'](\d{1,9})", tag) if name in tag else None
    return max(int(number[1]), 1) if number else 1
