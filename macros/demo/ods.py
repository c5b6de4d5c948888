"""The demo's OpenDocument workbook: a few parts of XML in a zip, written by hand."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Sequence
from datetime import date
from xml.sax.saxutils import escape, quoteattr

from macros.demo.day import Cell, Formula
from macros.demo.reference import words
from macros.demo.sheets import ZIP_TIME, Sheet

MEDIA_TYPE = "application/vnd.oasis.opendocument.spreadsheet"
NAMESPACES = " ".join(
    f'xmlns:{prefix}="urn:oasis:names:tc:opendocument:xmlns:{name}:1.0"'
    for prefix, name in (
        ("office", "office"),
        ("table", "table"),
        ("text", "text"),
        ("style", "style"),
        ("number", "datastyle"),
        ("fo", "xsl-fo-compatible"),
    )
)
MANIFEST = (
    '<?xml version="1.0" encoding="UTF-8"?>'
    '<manifest:manifest xmlns:manifest="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0" manifest:version="1.2">'
    f'<manifest:file-entry manifest:full-path="/" manifest:version="1.2" manifest:media-type="{MEDIA_TYPE}"/>'
    '<manifest:file-entry manifest:full-path="content.xml" manifest:media-type="text/xml"/></manifest:manifest>'
)
NUMBER_STYLES = (
    '<number:date-style style:name="ymd"><number:year number:style="long"/><number:text>-</number:text>'
    '<number:month number:style="long"/><number:text>-</number:text><number:day number:style="long"/>'
    "</number:date-style>"
    '<number:number-style style:name="money"><number:number number:decimal-places="2" '
    'number:min-integer-digits="1" number:grouping="true"/></number:number-style>'
)
BORDER = 'fo:border="0.5pt solid #BFBFBF"'
CELL_STYLES: tuple[tuple[str, str, str, str], ...] = (  # name, number style, cell and text properties
    ("title", "", "", 'fo:font-size="14pt" fo:font-weight="bold"'),
    ("header", "", f'{BORDER} fo:background-color="#E2EFDA"', 'fo:font-size="10pt" fo:font-weight="bold"'),
    ("line", "", BORDER, 'fo:font-size="10pt"'),
    ("date", "ymd", BORDER, 'fo:font-size="10pt"'),
    ("amount", "money", BORDER, 'fo:font-size="10pt"'),
)


def ods_bytes(sheets: Sequence[Sheet]) -> bytes:
    """Return an .ods workbook of the sheets."""
    body = "".join(_table(number, sheet) for number, sheet in enumerate(sheets))
    content = (
        f'<?xml version="1.0" encoding="UTF-8"?><office:document-content {NAMESPACES} office:version="1.2">'
        f"<office:automatic-styles>{NUMBER_STYLES}{_cell_styles()}{_column_styles(sheets)}</office:automatic-styles>"
        f"<office:body><office:spreadsheet>{body}</office:spreadsheet></office:body></office:document-content>"
    )
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as book:
        for name, text in (("mimetype", MEDIA_TYPE), ("META-INF/manifest.xml", MANIFEST), ("content.xml", content)):
            how = zipfile.ZIP_STORED if name == "mimetype" else zipfile.ZIP_DEFLATED
            book.writestr(zipfile.ZipInfo(name, ZIP_TIME), text.encode(), how)
    return target.getvalue()


def _cell_styles() -> str:
    font = f"style:font-family-asian={quoteattr(words()['font'])}"
    return "".join(
        f'<style:style style:name="{name}" style:family="table-cell"'
        + (f' style:data-style-name="{number}"' if number else "")
        + f"><style:table-cell-properties {cell}/><style:text-properties {text} "
        + f"{text.replace('fo:', 'style:').replace('size=', 'size-asian=').replace('weight=', 'weight-asian=')} "
        + f"{font}/></style:style>"
        for name, number, cell, text in CELL_STYLES
    )


def _column_styles(sheets: Sequence[Sheet]) -> str:
    return "".join(
        f'<style:style style:name="co{number}-{column}" style:family="table-column">'
        f'<style:table-column-properties style:column-width="{width * 2.1:.1f}mm"/></style:style>'
        for number, sheet in enumerate(sheets)
        for column, (width, _) in enumerate(sheet.columns)
    )


def _table(number: int, sheet: Sheet) -> str:
    columns = "".join(
        f'<table:table-column table:style-name="co{number}-{column}"/>' for column in range(len(sheet.columns))
    )
    rows = "".join(
        f"<table:table-row>{''.join(_cell(role, cell) for cell in cells) or '<table:table-cell/>'}</table:table-row>"
        for role, cells in sheet.rows
    )
    return f"<table:table table:name={quoteattr(sheet.name)}>{columns}{rows}</table:table>"


def _cell(role: str, cell: Cell) -> str:
    value = cell.result if isinstance(cell, Formula) else cell
    style = role if role in ("title", "header") else "line"
    if value is None:
        return f'<table:table-cell table:style-name="{style}"/>'
    if isinstance(value, date):
        kind, style = f'office:value-type="date" office:date-value="{value:%Y-%m-%d}"', "date"
    elif isinstance(value, str):
        kind = 'office:value-type="string"'
    else:
        kind = f'office:value-type="float" office:value="{value}"'
        style = style if isinstance(value, int) else "amount"
    shown = escape(f"{value:%Y-%m-%d}" if isinstance(value, date) else str(value))
    return f'<table:table-cell table:style-name="{style}" {kind}><text:p>{shown}</text:p></table:table-cell>'
