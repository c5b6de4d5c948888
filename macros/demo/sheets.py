"""Sheets of the demo on paper: written as .xlsx, .xlsm, .ods or .csv, with the same bytes every time."""

from __future__ import annotations

import csv
import io
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import xlsxwriter

from macros.demo.day import Cell, Formula
from macros.demo.reference import DAY, words

CREATED = datetime(DAY.year, DAY.month, DAY.day, 12, tzinfo=UTC)
ZIP_TIME = (1980, 1, 1, 0, 0, 0)
PLAIN_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"
MACRO_TYPE = "application/vnd.ms-excel.sheet.macroEnabled.main+xml"
CENTRED = ("@", "yyyy-mm-dd")
LOCK_BYTES, LOCK_ANSI = 165, 54


@dataclass
class Sheet:
    """One sheet: rows with the part they play (title, subtitle, header, line, total, plain), and column formats."""

    name: str
    rows: list[tuple[str, list[Cell]]] = field(default_factory=list)
    columns: list[tuple[float, str]] = field(default_factory=list)  # width and number format
    color: str = "#DDEBF7"
    freeze: int = 0
    hidden: bool = False

    def add(self, role: str, cells: list[Cell]) -> None:
        """Add a row."""
        self.rows.append((role, cells))


def book_bytes(sheets: Sequence[Sheet], *, date_1904: bool = False) -> bytes:
    """Return an Excel workbook of the sheets."""
    target = io.BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "date_1904": date_1904}
    with xlsxwriter.Workbook(target, options) as book:
        book.set_properties({"created": CREATED, "author": words()["clerks"][0]["clerk"]})
        styles: dict[tuple[str, ...], Any] = {}

        def style(role: str, number_format: str, color: str) -> Any:  # noqa: ANN401 - XlsxWriter has no types
            key = (role, number_format, color)
            if key not in styles:
                styles[key] = book.add_format(_look(role, number_format, color))
            return styles[key]

        for sheet in sheets:
            page = book.add_worksheet(sheet.name)
            _set_up(page, sheet)
            for row, (role, cells) in enumerate(sheet.rows):
                _height(page, row, role, sheet)
                for column, cell in enumerate(cells):
                    number_format = sheet.columns[column][1] if column < len(sheet.columns) else ""
                    _write(page, row, column, cell, style(role, number_format, sheet.color))
    return target.getvalue()


def _look(role: str, number_format: str, color: str) -> dict[str, object]:
    """Return the XlsxWriter properties of a cell."""
    look: dict[str, object] = {"font_name": words()["font"], "font_size": 10, "valign": "vcenter"}
    if role in ("line", "total", "header"):
        look |= {"border": 1, "border_color": "#BFBFBF"}
    if role == "header":
        return look | {"bold": True, "bg_color": color, "align": "center", "text_wrap": True}
    if role == "title":
        return look | {"bold": True, "font_size": 14}
    if role == "subtitle":
        return look | {"font_color": "#595959", "font_size": 9}
    if role == "total":
        look |= {"bold": True, "top": 1, "bg_color": "#F2F2F2"}
    if number_format in CENTRED and role == "line":
        look |= {"align": "center"}
    return look | ({"num_format": number_format} if number_format else {})


def _set_up(page: Any, sheet: Sheet) -> None:  # noqa: ANN401 - XlsxWriter has no types
    for column, (width, _) in enumerate(sheet.columns):
        page.set_column(column, column, width)
    if sheet.freeze:
        page.freeze_panes(sheet.freeze, 0)
        page.repeat_rows(sheet.freeze - 1)
    page.set_landscape()
    page.set_paper(9)
    page.fit_to_pages(1, 0)
    page.set_margins(0.4, 0.4, 0.5, 0.5)
    if sheet.hidden:
        page.hide()


def _height(page: Any, row: int, role: str, sheet: Sheet) -> None:  # noqa: ANN401 - XlsxWriter has no types
    """Give titles room, and headings two lines where one is not enough."""
    if role == "title":
        page.set_row(row, 24)
    elif role == "header":
        texts = [str(cell) for cell in sheet.rows[row][1]]
        wraps = any(
            "\n" in text or 2 * len(text) > width + 2 for text, (width, _) in zip(texts, sheet.columns, strict=False)
        )
        page.set_row(row, 32 if wraps else 20)


def _write(page: Any, row: int, column: int, cell: Cell, style: Any) -> None:  # noqa: ANN401 - XlsxWriter has no types
    if isinstance(cell, Formula):
        page.write_formula(row, column, cell.text, style, cell.result)
    elif cell is None:
        page.write_blank(row, column, None, style)
    elif isinstance(cell, date):
        page.write_datetime(row, column, datetime(cell.year, cell.month, cell.day), style)  # noqa: DTZ001 - a cell has no zone
    elif isinstance(cell, str):
        page.write_string(row, column, cell, style)
    else:
        page.write_number(row, column, float(cell), style)


def as_macro_book(content: bytes) -> bytes:
    """Return the workbook with the content type of an .xlsm (it holds no macros)."""
    target = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as source, zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as book:
        for part in source.infolist():
            data = source.read(part)
            if part.filename == "[Content_Types].xml":
                data = data.replace(PLAIN_TYPE.encode(), MACRO_TYPE.encode())
            book.writestr(zipfile.ZipInfo(part.filename, ZIP_TIME), data, zipfile.ZIP_DEFLATED)
    return target.getvalue()


def _text(cell: Cell) -> str:
    value = cell.result if isinstance(cell, Formula) else cell
    return "" if value is None else str(value)


def csv_bytes(sheet: Sheet, encoding: str, separator: str) -> bytes:
    """Return the sheet's rows as a .csv."""
    text = io.StringIO()
    writer = csv.writer(text, delimiter=separator, lineterminator="\r\n")
    writer.writerows([_text(cell) for cell in cells] for _, cells in sheet.rows)
    return text.getvalue().encode(encoding)


def lock_bytes(owner: str) -> bytes:
    """Return what Excel writes into its ~$ file: the owner's name twice, each with its length, padded with spaces."""
    ansi = owner.encode("gb18030")
    head = bytes([len(ansi)]) + ansi.ljust(LOCK_ANSI, b" ")
    wide = len(owner).to_bytes(2, "little") + owner.encode("utf-16-le")
    room = (LOCK_BYTES - len(head) - len(wide)) // 2
    return head + wide + " ".encode("utf-16-le") * room


def write(path: Path, content: bytes) -> Path:
    """Write a file and the folders above it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    return path
