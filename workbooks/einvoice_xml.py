"""Where the parts of the tax bureau's form can be changed: byte offsets, so that all else stays as it is."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import NoReturn
from xml.parsers import expat

from workbooks.addresses import column_index, column_letters
from workbooks.errors import WorkbookError
from workbooks.reading.recognise import heading_key

HEADING_ROW = 3
_TEXT_FORMAT = 49  # Excel's own number for `@`
_UTF_16 = (b"\xff\xfe", b"\xfe\xff")


@dataclass(frozen=True)
class FormSheet:
    """A sheet of a form and where its rows go.

    prefix: of its elements' names (`x:`), mostly none; headings: (as compared, column letters) of row 3.
    body: the stretch of bytes from the first row below the headings to the end of the rows.
    styles: (first column, last column, style id), columns counted from 1; dimension: where that element begins, or -1.
    occupied: the first cell below the headings that holds something, or is merged; empty where there is none.
    """

    raw: bytes
    prefix: str
    headings: tuple[tuple[str, str], ...]
    body: tuple[int, int]
    styles: tuple[tuple[int, int, int], ...]
    dimension: int
    occupied: str


@dataclass(frozen=True)
class FormStyles:
    """The cell styles of a form.

    texts: ids of the styles whose number format is text; plain: the first of them without font, fill and border, or
    None; count: how many styles there are; opening, closing: where the list's tags begin; prefix: as in FormSheet.
    """

    raw: bytes
    prefix: str
    texts: frozenset[int]
    plain: int | None
    count: int
    opening: int
    closing: int


def damaged(detail: str) -> WorkbookError:
    """Return the error that says that the form is damaged; detail: what was met."""
    return WorkbookError("einvoice-form-damaged", detail=detail)


def read_sheet(raw: bytes, shared: Sequence[str]) -> FormSheet:
    """Read a sheet's part. shared: the workbook's shared strings. Raises WorkbookError where it is damaged."""
    reader = _SheetReader(shared)
    prefix = _walk(raw, reader.begin, reader.end, reader.text)
    if reader.closing < 0:
        _refuse("no rows")
    return FormSheet(
        raw,
        prefix,
        tuple(reader.headings),
        (reader.closing if reader.first < 0 else reader.first, reader.closing),
        tuple(reader.styles),
        reader.dimension,
        reader.occupied,
    )


def read_shared_strings(raw: bytes) -> list[str]:
    """Return the shared strings, without their readings aloud. Raises WorkbookError where the part is damaged."""
    strings: list[str] = []
    aloud = inside = False

    def begin(name: str, _attributes: Mapping[str, str], _at: int) -> None:
        nonlocal aloud, inside
        aloud = aloud or name == "rPh"
        inside = name == "t" and not aloud
        if name == "si":
            strings.append("")

    def end(name: str, _at: int) -> None:
        nonlocal aloud, inside
        aloud, inside = aloud and name != "rPh", False

    def text(said: str) -> None:
        if inside:
            strings[-1] += said

    _walk(raw, begin, end, text)
    return strings


def read_styles(raw: bytes) -> FormStyles:
    """Read the styles part. Raises WorkbookError where it is damaged."""
    formats, texts, plain = {_TEXT_FORMAT}, set[int](), list[int]()
    count, opening, closing, within = 0, -1, -1, ""

    def begin(name: str, attributes: Mapping[str, str], at: int) -> None:
        nonlocal count, opening, within
        if name in ("numFmts", "cellXfs"):
            within = name
            opening = at if name == "cellXfs" else opening
        elif name == "numFmt" and within == "numFmts" and attributes.get("formatCode") == "@":
            formats.add(int(attributes["numFmtId"]))
        elif name == "xf" and within == "cellXfs":
            if int(attributes.get("numFmtId", 0)) in formats:
                texts.add(count)
                bare = all(attributes.get(key, "0") == "0" for key in ("fontId", "fillId", "borderId"))
                plain.extend([count] if bare else [])
            count += 1

    def end(name: str, at: int) -> None:
        nonlocal closing, within
        if name == within:
            closing, within = (at if name == "cellXfs" else closing), ""

    prefix = _walk(raw, begin, end, lambda _: None)
    if not 0 <= opening < closing:
        _refuse("no cell styles")
    return FormStyles(raw, prefix, frozenset(texts), plain[0] if plain else None, count, opening, closing)


def read_sheet_names(raw: bytes) -> list[tuple[str, str]]:
    """Return (name, relationship id) of a workbook's sheets. Raises WorkbookError where the part is damaged."""
    sheets: list[tuple[str, str]] = []

    def begin(name: str, attributes: Mapping[str, str], _at: int) -> None:
        if name == "sheet":
            relation = next((value for key, value in attributes.items() if key.endswith(":id")), "")
            sheets.append((attributes.get("name", ""), relation))

    _walk(raw, begin, lambda _name, _at: None, lambda _: None)
    return sheets


class _SheetReader:
    """Takes a sheet's elements one by one; what it has found stands in its fields, as in FormSheet."""

    def __init__(self, shared: Sequence[str]) -> None:
        self.shared = shared
        self.occupied = ""
        self.headings: list[tuple[str, str]] = []
        self.styles: list[tuple[int, int, int]] = []
        self.first = self.closing = self.dimension = -1
        self._row = self._column = 0
        self._kind = ""
        self._said: list[str] = []
        self._inside = self._aloud = self._formula = False

    def begin(self, name: str, attributes: Mapping[str, str], at: int) -> None:
        """Take an element's beginning."""
        if name == "row":
            self._begin_row(int(attributes.get("r", self._row + 1)), at)
        elif name == "c":
            self._begin_cell(attributes)
        elif name == "col":
            self.styles.append((int(attributes["min"]), int(attributes["max"]), int(attributes.get("style", 0))))
        elif name == "mergeCell":
            first, *last = re.findall(r"[A-Z]+(\d{1,7})", attributes["ref"])
            if int((last or [first])[0]) > HEADING_ROW:
                self.occupied = self.occupied or attributes["ref"]
        elif name == "dimension" and ":" in attributes.get("ref", ""):
            self.dimension = at
        self._formula = self._formula or name == "f"
        self._aloud = self._aloud or name == "rPh"
        self._inside = name in ("v", "t") and not self._aloud

    def end(self, name: str, at: int) -> None:
        """Take an element's end."""
        self._inside = False
        self._aloud = self._aloud and name != "rPh"
        if name == "c":
            self._end_cell()
        elif name == "sheetData":
            if self.closing >= 0:
                _refuse("rows twice")
            self.closing = at

    def text(self, said: str) -> None:
        """Take text."""
        if self._inside:
            self._said.append(said)

    def _begin_row(self, number: int, at: int) -> None:
        if number <= self._row:
            _refuse(f"row {number} after row {self._row}")
        self._row, self._column = number, 0
        if number > HEADING_ROW and self.first < 0:
            self.first = at

    def _begin_cell(self, attributes: Mapping[str, str]) -> None:
        letters = attributes.get("r", "").rstrip("0123456789")
        self._column = column_index(letters) + 1 if letters else self._column + 1
        self._kind, self._said, self._formula = attributes.get("t", ""), [], False

    def _end_cell(self) -> None:
        said, letters = "".join(self._said), column_letters(self._column - 1)
        if self._kind == "s" and said:
            said = self.shared[int(said)]
        if self._row == HEADING_ROW and said.strip():
            self.headings.append((heading_key(said), letters))
        elif self._row > HEADING_ROW and (said.strip() or self._formula):
            self.occupied = self.occupied or f"{letters}{self._row}"


def _refuse(detail: str) -> NoReturn:
    raise damaged(detail)


def _walk(
    raw: bytes,
    begin: Callable[[str, Mapping[str, str], int], None],
    end: Callable[[str, int], None],
    text: Callable[[str], None],
) -> str:
    """Give a part's elements to `begin` and `end`, without prefix and with the offset of their tag; return the prefix.

    A document type, where entities could be declared, is refused, and so is an encoding that offsets do not fit.
    """
    parser, prefixes = expat.ParserCreate(), list[str]()

    def encoded(_version: str, encoding: str | None, _standalone: int) -> None:
        if (encoding or "utf-8").lower() not in ("utf-8", "us-ascii"):
            _refuse(f"encoding {encoding}")

    def begun(name: str, attributes: Mapping[str, str]) -> None:
        before, colon, local = name.rpartition(":")
        prefixes.append(before + colon)
        begin(local, attributes, parser.CurrentByteIndex)

    parser.XmlDeclHandler = encoded
    parser.StartDoctypeDeclHandler = lambda *_: _refuse("a document type")
    parser.StartElementHandler = begun
    parser.EndElementHandler = lambda name: end(name.rpartition(":")[2], parser.CurrentByteIndex)
    parser.CharacterDataHandler = text
    if raw.startswith(_UTF_16):
        _refuse("encoding UTF-16")
    try:
        parser.Parse(raw, True)  # noqa: FBT003 - it takes no names
    except (expat.ExpatError, ValueError, KeyError, IndexError) as error:
        raise damaged(str(error)) from error
    return prefixes[0]
