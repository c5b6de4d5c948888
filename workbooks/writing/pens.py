"""Looks as XlsxWriter formats, made once each."""

from __future__ import annotations

from typing import TYPE_CHECKING

from workbooks import layout as looks
from workbooks.labels import labels
from workbooks.layout import BADGES, CENTRED, NUMBER_FORMATS, NUMBERS, PALETTE, Column, Layout, Look
from workbooks.writing.columns import TOTAL

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date

    from xlsxwriter.format import Format
    from xlsxwriter.workbook import Workbook
    from xlsxwriter.worksheet import Worksheet

_BASE: Mapping[str, object] = {
    "font_name": looks.FONT,
    "font_size": looks.FONT_SIZE,
    "font_color": looks.TEXT_INK,
    "valign": "vcenter",
}


class Pens:
    """The formats of one workbook."""

    def __init__(self, book: Workbook) -> None:
        """Make formats for this workbook."""
        self.book = book
        self.made: dict[tuple[tuple[str, object], ...], Format] = {}

    def pen(self, **properties: object) -> Format:
        """Return the format with these properties on top of the house font; the same one for the same properties."""
        key = tuple(sorted(properties.items()))
        if key not in self.made:
            self.made[key] = self.book.add_format({**_BASE, **properties})
        return self.made[key]

    def heading(self, *, filled_in: bool) -> Format:
        """Return the format of a column's heading; amber over cells that people fill in."""
        fill = PALETTE["hold"].ink if filled_in else looks.HEADING_FILL
        return self.pen(
            bold=True,
            font_color=looks.HEADING_INK,
            bg_color=fill,
            align="center",
            text_wrap=True,
            right=1,
            right_color=looks.HEADING_LINE,
            num_format="@",
        )

    def cell(self, layout: Layout, column: Column, tone: str, *, other: bool) -> Format:
        """Return the format of a body cell; other: its other form (see workbooks.writing.columns.SAMPLES)."""
        look = column.look
        fraction = other and look is Look.QUANTITY
        properties: dict[str, object] = {
            "bottom": 1,
            "bottom_color": looks.RULE_LINE,
            "num_format": looks.FRACTION_FORMAT if fraction else NUMBER_FORMATS[look],
        }
        if look in CENTRED or (column.name == layout.tone and look not in NUMBERS):
            properties["align"] = "center"
        elif look not in NUMBERS:
            properties["indent"] = 1
        if look is Look.SENTENCE:
            properties["text_wrap"] = True
        if look is Look.LINK and not other:
            properties |= {"font_color": looks.LINK_INK, "underline": 1}
        colour = PALETTE.get(tone)
        if colour and (look in BADGES or column.name == layout.tone):
            properties |= {"bg_color": colour.fill, "font_color": colour.ink, "bold": True}
        elif colour and colour.tint:
            properties["bg_color"] = colour.tint
        if column.name in layout.choices:
            properties |= {
                "indent": 0,
                "locked": False,
                "bg_color": looks.INPUT_FILL,
                "align": "center",
                "font_color": looks.TEXT_INK,
            }
        if tone == TOTAL:
            properties |= {"bold": True, "bg_color": looks.TOTAL_FILL, "top": 1, "top_color": looks.HEADING_FILL}
        return self.pen(**properties)


def set_up_page(sheet: Worksheet, day: date, *, landscape: bool = True) -> None:
    """Set a sheet up to print on A4, one page wide, with title and day above, its name and the page below."""
    words = labels().overview
    if landscape:
        sheet.set_landscape()
    sheet.set_paper(9)
    sheet.fit_to_pages(1, 0)
    sheet.center_horizontally()
    sheet.set_margins(left=0.4, right=0.4, top=0.7, bottom=0.6)
    sheet.set_header(f"&L&B{words['title']}&R{day}")
    sheet.set_footer(f"&L&A&R{words['page']}")
