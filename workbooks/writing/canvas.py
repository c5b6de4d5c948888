"""The page the overview is drawn on: a grid of sixteen equal columns (B to Q), filled block by block from the top."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from xlsxwriter.format import Format

from workbooks import layout as looks
from workbooks.layout import PALETTE
from workbooks.writing.cell_text import plain

if TYPE_CHECKING:
    from xlsxwriter.chart import Chart
    from xlsxwriter.worksheet import Worksheet

    from workbooks.writing.charts import Range
    from workbooks.writing.pens import Pens

GRID = 16
HALF = GRID // 2
SOFT, MUTED, WHITE, NAVY = "#F4F6F9", "#5B6776", "#FFFFFF", looks.HEADING_FILL
_COLUMN_WIDTH, _COLUMN_PIXELS = 11, 82
_CHART_ROW = 15  # points of a row behind a chart: 20 pixels

Part = tuple[int, str | float | None, Format]
"""How many columns wide, what, in which format."""


@dataclass
class Page:
    """The sheet being drawn; row: the next free one, counted from 0; breaks: rows that a printed page begins with."""

    sheet: Worksheet
    pens: Pens
    row: int = 1
    breaks: list[int] = field(default_factory=list)

    def __post_init__(self) -> None:
        """Lay out the grid."""
        self.sheet.set_column(0, 0, 1.5)
        self.sheet.set_column(1, GRID, _COLUMN_WIDTH)
        self.sheet.set_row(0, 8)

    def span(self, rows: range, column: int) -> Range:
        """Return the cells of a column of the sheet (counted from 0), for a chart to draw from."""
        return [str(self.sheet.name), rows[0], column, rows[-1], column]

    def put(self, row: int, place: int, part: Part) -> None:
        """Write one part into a row of the sheet, from a column of the grid on."""
        width, value, pen = part
        first = place + 1
        if width > 1:
            self.sheet.merge_range(row, first, row, first + width - 1, "", pen)
        if isinstance(value, str):
            self.sheet.write_string(row, first, _as_text(value), pen)
        elif value is None:
            self.sheet.write_blank(row, first, None, pen)
        else:
            self.sheet.write_number(row, first, value, pen)

    def line(self, points: float, *parts: Part) -> int:
        """Write parts side by side from the left, move on, and return the row they stand in."""
        self.sheet.set_row(self.row, points)
        place = 0
        for part in parts:
            self.put(self.row, place, part)
            place += part[0]
        self.row += 1
        return self.row - 1

    def gap(self, points: float) -> None:
        """Leave some air."""
        self.sheet.set_row(self.row, points)
        self.row += 1

    def height(self, text: str, columns: int, least: float) -> float:
        """Return the points that wrapped text of the usual size takes in so many columns."""
        units = sum(1 if sign.isascii() else 2 for sign in text)
        return least + 15 * int(units / (columns * _COLUMN_WIDTH * 0.95))

    def section(self, *titles: str) -> None:
        """Write the titles of blocks that stand side by side over the whole grid."""
        self.gap(12)
        pen = self.pens.pen(bold=True, font_size=12, font_color=NAVY, bottom=2, bottom_color=NAVY)
        self.line(22, *((GRID // len(titles), title, pen) for title in titles))
        self.gap(5)

    def room(self, pixels: int) -> int:
        """Set rows aside for a chart and return the first."""
        first = self.row
        for _ in range(-(-pixels // 20)):
            self.gap(_CHART_ROW)
        return first

    def chart(self, chart: Chart, row: int, place: int, pixels: int) -> None:
        """Put a chart half the grid wide into the rows set aside for it."""
        chart.set_size({"width": HALF * _COLUMN_PIXELS - 10, "height": pixels - 6})
        self.sheet.insert_chart(row, place + 1, chart, {"x_offset": 5, "y_offset": 3, "object_position": 1})

    def panel(self, text: str, row: int, place: int, pixels: int) -> None:
        """Say in a chart's place why there is none."""
        first, last = place + 1, place + HALF
        self.sheet.merge_range(row, first, row - 1 - -pixels // 20, last, "", self.note())
        self.sheet.write_string(row, first, text, self.note())

    def note(self, *, warns: bool = False) -> Format:
        """Return the format of a sentence that stands for a table or a chart."""
        if warns:
            colour = PALETTE["hold"]
            return self.pens.pen(bg_color=colour.fill, font_color=colour.ink, bold=True, align="center")
        return self.pens.pen(bg_color=SOFT, font_color=MUTED, align="center", border=1, border_color=WHITE)

    def heading(self, align: str = "center") -> Format:
        """Return the format of a table's heading."""
        indent = 1 if align == "left" else 0
        return self.pens.pen(bold=True, font_color=WHITE, bg_color=NAVY, align=align, indent=indent, text_wrap=True)

    def cell(self, **properties: object) -> Format:
        """Return the format of a table's cell; text stands off the edge."""
        if properties.get("num_format", "@") == "@" and "align" not in properties:
            properties["indent"] = 1
        return self.pens.pen(**{"bottom": 1, "bottom_color": looks.RULE_LINE, **properties})

    def badge(self, tone: str, **properties: object) -> Format:
        """Return the format of a coloured word."""
        colour = PALETTE[tone]
        return self.cell(
            bold=True,
            align="center",
            bg_color=colour.fill,
            font_color=colour.ink,
            **properties,
        )


def _as_text(value: str) -> str:
    """Return text that XlsxWriter writes as text: what looks like its own rich text it would copy into the XML."""
    text = plain(value)
    return f"{text} " if text.startswith("<r>") and text.endswith("</r>") else text
