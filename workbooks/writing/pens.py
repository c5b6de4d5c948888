"""Looks as XlsxWriter formats, made once each."""

from __future__ import annotations

from typing import TYPE_CHECKING

from workbooks import layout as looks
from workbooks.labels import labels
from workbooks.layout import Column, Layout
from workbooks.writing.style import Style, cell_style, heading_style

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
        self.styled: dict[Style, Format] = {}

    def pen(self, **properties: object) -> Format:
        """Return the format with these properties on top of the house font; the same one for the same properties."""
        key = tuple(sorted(properties.items()))
        if key not in self.made:
            self.made[key] = self.book.add_format({**_BASE, **properties})
        return self.made[key]

    def heading(self, layout: Layout, column: Column) -> Format:
        """Return the format of a column's heading."""
        style = heading_style(layout, column)
        return self.pen(**_properties(style), right=1, right_color=looks.HEADING_LINE)

    def cell(self, layout: Layout, column: Column, tone: str, *, other: bool) -> Format:
        """Return the format of a body cell; other: its other form (see workbooks.writing.columns.SAMPLES)."""
        style = cell_style(layout, column, tone, other=other)
        if style not in self.styled:
            self.styled[style] = self.pen(**_properties(style))
        return self.styled[style]


def _properties(style: Style) -> dict[str, object]:
    """Return a look as XlsxWriter's properties, without those that stand at their default."""
    properties: dict[str, object] = {
        "num_format": style.numbers,
        "font_color": style.ink,
        "bg_color": style.fill,
        "bold": style.bold,
        "underline": int(style.underline),
        "align": "center" if style.centred else None,
        "indent": style.indent,
        "text_wrap": style.wrap,
        "bottom": int(style.rule is not None),
        "bottom_color": style.rule,
        "top": int(style.top is not None),
        "top_color": style.top,
    }
    given = {name: value for name, value in properties.items() if value}
    return given if style.locked else {**given, "locked": False}


def set_up_page(sheet: Worksheet, day: date, title: str, *, landscape: bool = True) -> None:
    """Set a sheet up to print on A4, one page wide, with title and day above, its name and the page below."""
    words = labels().overview
    if landscape:
        sheet.set_landscape()
    sheet.set_paper(9)
    sheet.fit_to_pages(1, 0)
    sheet.center_horizontally()
    sheet.set_margins(left=0.4, right=0.4, top=0.7, bottom=0.6)
    sheet.set_header(f"&L&B{title}&R{day}")
    sheet.set_footer(f"&L&A&R{words['page']}")
