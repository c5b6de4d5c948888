"""A form of our own with the sheets and headings of the tax bureau's, for a team that has given none."""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from functools import cache
from typing import Any

import xlsxwriter

from workbooks.labels import raw
from workbooks.layout import FONT, FONT_SIZE, HEADING_FILL, HEADING_INK, RULE_LINE

CREATED = datetime(2026, 1, 1, tzinfo=UTC)
LAST_CHOICE = 1000  # the bureau's drop-downs end with the sheet's row 1001
OPTIONAL_FILL = "#DDEBF7"
NARROWEST, WIDEST = 18, 30


@cache
def blank_form() -> bytes:
    """Return the form: notes in row 1, what a column needs in row 2, headings in row 3, columns formatted as text.

    It names no version of the bureau's (sheet excelVersion), for it is none of theirs. The same bytes every time.
    """
    file = io.BytesIO()
    said = raw()["einvoice"]
    with xlsxwriter.Workbook(file, {"in_memory": True, "strings_to_urls": False}) as book:
        book.set_properties({"created": CREATED})
        base = {"font_name": FONT, "font_size": FONT_SIZE, "valign": "vcenter", "num_format": "@"}
        framed = base | {"border": 1, "border_color": RULE_LINE, "text_wrap": True, "align": "center"}
        formats = {
            "text": book.add_format(base),
            "above": book.add_format(framed | {"align": "left"}),
            "optional": book.add_format(framed | {"bg_color": OPTIONAL_FILL}),
            "required": book.add_format(framed | {"bg_color": HEADING_FILL, "font_color": HEADING_INK, "bold": True}),
        }
        for sheet in said["sheets"]:
            _write_sheet(book.add_worksheet(sheet["name"]), sheet, formats, said["choices"])
    return file.getvalue()


def _write_sheet(
    sheet: Any,  # noqa: ANN401 - XlsxWriter has no types
    said: Mapping[str, Any],
    formats: Mapping[str, Any],
    choices: Mapping[str, Sequence[str]],
) -> None:
    """Draw one sheet."""
    headings, needed = said["headings"], said["needed"]
    required = [text.startswith(raw()["einvoice"]["required"]) for text in needed]
    for place, heading in enumerate(headings):
        width = min(max(2 * len(heading) + 3, NARROWEST), WIDEST)
        sheet.set_column(place, place, width, formats["text"])
        kind = formats["required" if required[place] else "optional"]
        sheet.write_string(1, place, needed[place], kind)
        sheet.write_string(2, place, heading, kind)
        if heading in choices:
            sheet.data_validation(3, place, LAST_CHOICE, place, {"validate": "list", "source": choices[heading]})
    for text, first, last in said["above"]:
        sheet.merge_range(0, first, 0, last, text, formats["above"])
    for row, texts in ((1, needed), (2, headings)):
        for first, last in _spans(texts):
            kind = formats["required" if required[first] else "optional"]
            sheet.merge_range(row, first, row, last, texts[first], kind)
    sheet.set_row(0, 48)
    sheet.set_row(1, 66)
    sheet.set_row(2, 30)
    sheet.freeze_panes(3, 1)


def _spans(texts: Sequence[str]) -> list[tuple[int, int]]:
    """Return (first, last) of each text that blanks follow: one cell on the bureau's form."""
    starts = [place for place, text in enumerate(texts) if text]
    return [(first, end - 1) for first, end in zip(starts, [*starts[1:], len(texts)], strict=True) if end - first > 1]
