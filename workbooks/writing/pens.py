"""Looks as XlsxWriter formats, made once each."""

from __future__ import annotations

from typing import TYPE_CHECKING

from workbooks import layout as looks
from workbooks.addresses import column_letters
from workbooks.labels import labels
from workbooks.layout import Column, Layout
from workbooks.writing.columns import SAMPLES
from workbooks.writing.style import Kind, Style, cell_styles, heading_style

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from xlsxwriter.format import Format
    from xlsxwriter.workbook import Workbook
    from xlsxwriter.worksheet import Worksheet

_NO_CODE = "\uff06"  # in a header Excel takes & for the beginning of a code, and XlsxWriter even && with a G
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
        self.kinds: dict[tuple[Kind, int], Format] = {}
        self.samples: dict[Format, tuple[str, str]] = {}

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

    def cell(self, kind: Kind, sample: int) -> Format:
        """Return the format of the body cells of a kind; sample: which of workbooks.writing.columns.SAMPLES."""
        if (kind, sample) not in self.kinds:
            self.kinds[kind, sample] = self.pen(**_properties(cell_styles(kind)[sample]))
        return self.kinds[kind, sample]

    def write_samples(self, sheet: Worksheet, place: int, kind: Kind, samples: Iterable[int]) -> None:
        """Write a cell of a column below its heading in each of these formats that no cell has before."""
        for sample in samples:
            pen = self.cell(kind, sample)
            if pen not in self.samples:
                sheet.write_blank(1 + sample, place, None, pen)
                self.samples[pen] = part_name(sheet), f"{column_letters(place)}{2 + sample}"

    def style_ids(self, styles: Callable[[str], Mapping[str, int]]) -> Callable[[Kind], list[int]]:
        """Return a function from a kind of column to the style ids of its samples, 0 for one that was not written.

        styles: tells of a part of the finished workbook the style id of every cell, by its reference.
        """
        of_part = {part: styles(part) for part in {part for part, _ in self.samples.values()}}
        ids = {pen: of_part[part][ref] for pen, (part, ref) in self.samples.items()}
        drawn = {at: ids.get(pen, 0) for at, pen in self.kinds.items()}
        return lambda kind: [drawn.get((kind, sample), 0) for sample in range(len(SAMPLES))]


def part_name(sheet: Worksheet) -> str:
    """Return the name of a sheet's part in the workbook's package."""
    return f"xl/worksheets/sheet{sheet.index + 1}.xml"


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


def set_up_page(sheet: Worksheet, day: str, title: str, *, landscape: bool = True) -> None:
    """Set a sheet up to print on A4, one page wide, with title and day (or days) above, its name and the page below."""
    words = labels().overview
    if landscape:
        sheet.set_landscape()
    sheet.set_paper(9)
    sheet.fit_to_pages(1, 0)
    sheet.center_horizontally()
    sheet.set_margins(left=0.4, right=0.4, top=0.7, bottom=0.6)
    sheet.set_header(f"&L&B{title.replace('&', _NO_CODE)}&R{day}")
    sheet.set_footer(f"&L&A&R{words['page']}")
