"""A form of the tax bureau's, filled part by part: what is not filled in stays byte for byte what it was."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Collection, Mapping

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from workbooks.addresses import column_index
from workbooks.einvoice_xml import (
    HEADING_ROW,
    FormSheet,
    FormStyles,
    damaged,
    read_shared_strings,
    read_sheet,
    read_sheet_names,
    read_styles,
)
from workbooks.errors import UnreadableFileError, WorkbookError
from workbooks.reading.cells import ZIP_MAGIC
from workbooks.reading.cells_ole import OLE_MAGIC
from workbooks.reading.package import Package
from workbooks.reading.recognise import heading_key
from workbooks.writing.cell_text import in_memory, joined, string_items, text_array

MAX_UNPACKED_BYTES = 1 << 27  # the bureau's own form unpacks to 6 MB

_ENCRYPTED = "EncryptedPackage".encode("utf-16-le")
_TYPE = b"spreadsheetml.sheet.main+xml"  # templates and workbooks with macros have other types
_SAID = {"password": "einvoice-form-password", "too-large": "einvoice-form-too-large"}


class Form:
    """A blank form whose sheets can be filled below their headings, as often as one likes."""

    def __init__(self, content: bytes, names: Collection[str]) -> None:
        """Open a form. content: a whole file, of which nothing is believed; names: the sheets that must be blank.

        A sheet that is not there is blank. Raises WorkbookError: einvoice-form-not-a-workbook, -password, -damaged,
        -too-large, -not-blank.
        """
        try:
            self._package = _opened(content)
            self._contents = {name: self._package.read(name) for name in self._package.parts}  # all can be read
            self._read(names)
        except UnreadableFileError as error:
            if error.reason == "damaged":
                raise damaged(error.detail) from error
            raise WorkbookError(_SAID.get(error.reason, "einvoice-form-not-a-workbook")) from error
        for name, sheet in self._sheets.items():
            if sheet.occupied:
                raise WorkbookError("einvoice-form-not-blank", sheet=name, cell=sheet.occupied)

    def filled(self, tables: Mapping[str, pd.DataFrame]) -> bytes:
        """Return the form with rows of text below its headings, its other parts unchanged and in their order.

        tables: sheet name -> one row each, columns named by heading, str or None; a column without any text needs no
        heading. Raises WorkbookError where the form lacks the sheet or does not name the heading exactly once.
        """
        changed: dict[str, bytes] = {}
        plain = self._styles.plain
        for name, table in tables.items():
            if name not in self._sheets:
                raise WorkbookError("einvoice-form-sheet", sheet=name)
            sheet = self._sheets[name]
            columns = {}
            for heading in table.columns[table.notna().any()]:
                letters = _letters(name, sheet, heading)
                style = self._text_style(sheet, letters)
                if style is None:
                    if plain is None:
                        plain = self._styles.count
                        changed[self._styles_part] = _with_text_style(self._styles)
                    style = plain
                columns[letters] = (style, table[heading])
            changed[self._parts[name]] = _with_rows(sheet, columns, len(table))
        return self._packed(changed)

    def _read(self, names: Collection[str]) -> None:
        """Read what is to be known of the parts. Raises UnreadableFileError and WorkbookError."""
        package = self._package
        main = package.main_part()
        if _TYPE not in package.read("[Content_Types].xml") or any("vbaproject" in name for name in package.parts):
            raise UnreadableFileError(reason="not-a-workbook", detail="macros, or a type of its own")
        relations = package.relations(main)
        by_kind = dict(relations.values())
        self._styles_part = by_kind.get("styles", "").lower()
        self._styles: FormStyles = read_styles(package.read(self._styles_part))
        strings = by_kind.get("sharedstrings")
        shared = read_shared_strings(package.read(strings)) if strings else []
        found = {name: relations.get(relation, ("", "")) for name, relation in read_sheet_names(package.read(main))}
        self._parts = {name: found[name][1].lower() for name in names if name in found}
        self._sheets = {name: read_sheet(package.read(part), shared) for name, part in self._parts.items()}

    def _text_style(self, sheet: FormSheet, letters: str) -> int | None:
        """Return the style of a column where that is one for text, else None."""
        number = column_index(letters) + 1
        style = next((style for first, last, style in sheet.styles if first <= number <= last), 0)
        return style if style in self._styles.texts else None

    def _packed(self, changed: Mapping[str, bytes]) -> bytes:
        """Return the package with some parts changed; names, order and dates of all stay."""
        file = io.BytesIO()
        with zipfile.ZipFile(file, "w") as archive:
            for name, part in self._package.parts.items():
                entry = zipfile.ZipInfo(part.filename, part.date_time)
                entry.create_system = 0  # else the system's own: the same bytes on Windows and Linux
                stored = part.compress_type == zipfile.ZIP_STORED
                entry.compress_type = zipfile.ZIP_STORED if stored else zipfile.ZIP_DEFLATED
                archive.writestr(entry, changed.get(name, self._contents[name]))
        return file.getvalue()


def _opened(content: bytes) -> Package:
    """Open a form's package. Raises UnreadableFileError."""
    if content.startswith(OLE_MAGIC) and _ENCRYPTED in content:
        raise UnreadableFileError(reason="password", detail="encrypted workbook")
    if not content.startswith(ZIP_MAGIC):
        raise UnreadableFileError(reason="not-a-workbook", detail="no zip archive")
    package = Package(content)
    entries = package.archive.infolist()
    if len(entries) != len(package.parts):
        raise UnreadableFileError(reason="damaged", detail="two parts of one name")
    unpacked = sum(part.file_size for part in entries)
    if unpacked > MAX_UNPACKED_BYTES:
        raise UnreadableFileError(reason="too-large", detail=f"{unpacked} bytes unpacked")
    return package


def _letters(name: str, sheet: FormSheet, heading: str) -> str:
    """Return the letters of the column with a heading. Raises WorkbookError where not exactly one has it."""
    key = heading_key(heading)
    found = [letters for known, letters in sheet.headings if known == key]
    if len(found) != 1:
        raise WorkbookError("einvoice-form-heading", sheet=name, heading=heading)
    return found[0]


def _with_text_style(styles: FormStyles) -> bytes:
    """Return the styles' part with a plain style for text after the others."""
    style = f'<{styles.prefix}xf numFmtId="49" fontId="0" fillId="0" borderId="0" xfId="0" applyNumberFormat="1"/>'
    before, known = styles.raw[: styles.opening], styles.raw[styles.opening : styles.closing]
    counted = re.sub(rb"(\bcount\s*=\s*[\"'])\d*", rb"\g<1>%d" % (styles.count + 1), known, count=1)
    return before + counted + style.encode() + styles.raw[styles.closing :]


def _with_rows(sheet: FormSheet, columns: Mapping[str, tuple[int, pd.Series]], rows: int) -> bytes:
    """Return a sheet's part with rows of text in place of those below its headings.

    columns: column letters -> (style id, texts, None where blank). Inline strings need no other part.
    """
    prefix, numbers = sheet.prefix, pa.array(np.arange(rows) + HEADING_ROW + 1).cast(pa.large_string())
    cells = []
    for letters in sorted(columns, key=column_index):
        style, texts = columns[letters]
        items = pc.utf8_slice_codeunits(string_items(text_array(texts)), len("<si>"), -len("</si>"))
        if prefix:  # a `<` in text is escaped, so this meets tags alone
            items = pc.replace_substring(pc.replace_substring(items, "<t", f"<{prefix}t"), "</t", f"</{prefix}t")
        cell = joined(
            f'<{prefix}c r="{letters}',
            numbers,
            f'" s="{style}" t="inlineStr"><{prefix}is>',
            items,
            f"</{prefix}is></{prefix}c>",
        )
        cells.append(pc.fill_null(cell, ""))
    body = in_memory(joined(f'<{prefix}row r="', numbers, '">', *cells, f"</{prefix}row>"))
    start, end = sheet.body
    head = sheet.raw[:start]
    if sheet.dimension >= 0:  # some readers stop at the last row that it names
        extent = rb"(\bref\s*=\s*[\"'][A-Z]+\d+:[A-Z]+)\d+"
        changed = re.sub(extent, rb"\g<1>%d" % (rows + HEADING_ROW), head[sheet.dimension :], count=1)
        head = head[: sheet.dimension] + changed
    return head + body + sheet.raw[end:]
