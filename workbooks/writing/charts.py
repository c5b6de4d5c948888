"""The overview's charts: native ones, drawn from the cells of its own tables."""

from __future__ import annotations

from typing import TYPE_CHECKING

from workbooks import layout as looks

if TYPE_CHECKING:
    from collections.abc import Sequence

    from xlsxwriter.chart import Chart
    from xlsxwriter.workbook import Workbook

Range = list[str | int]
"""Sheet name, first row, first column, last row, last column."""

_FONT = {"name": looks.FONT, "size": 9, "color": "#3C4654"}
_FAINT = {"color": "#E3E7EC", "width": 0.75}


def stacked_bars(book: Workbook, title: str, bars: Range, series: Sequence[tuple[str, Range, str]]) -> Chart:
    """Return a bar per category, of several parts: (name, values, colour) each."""
    chart = _bar_chart(book, "stacked")
    for name, values, colour in series:
        chart.add_series(
            {
                "name": name,
                "categories": bars,
                "values": values,
                "fill": {"color": colour},
                "border": {"color": "#FFFFFF", "width": 0.75},
                "gap": _gap(bars),
                "overlap": 100,
            },
        )
    _finish(chart, title)
    chart.set_legend({"position": "bottom", "font": _FONT})
    return chart


def plain_bars(book: Workbook, title: str, bars: Range, values: Range, look: tuple[str, str]) -> Chart:
    """Return one bar per category with its value beside it; look: colour and number format."""
    colour, number = look
    chart = _bar_chart(book, "clustered")
    chart.add_series(
        {
            "name": title,
            "categories": bars,
            "values": values,
            "fill": {"color": colour},
            "gap": _gap(bars),
            "data_labels": {"value": True, "num_format": number, "font": _FONT, "position": "outside_end"},
        },
    )
    _finish(chart, title)
    chart.set_legend({"none": True})
    return chart


def _bar_chart(book: Workbook, subtype: str) -> Chart:
    chart = book.add_chart({"type": "bar", "subtype": subtype})
    if chart is None:  # XlsxWriter's answer to an unknown type
        raise ValueError(subtype)
    return chart


def _gap(bars: Range) -> int:
    """Return the gap between bars in percent of a bar: few bars must not grow into blocks."""
    count = int(bars[3]) - int(bars[1]) + 1
    return 60 if count > 3 else {1: 300, 2: 160, 3: 100}[count]


def _finish(chart: Chart, title: str) -> None:
    chart.set_title(
        {"name": title, "overlay": False, "name_font": {**_FONT, "size": 11, "bold": True, "color": "#22405F"}}
    )
    # XlsxWriter's y axis is the one at the left: the categories, first row on top, their scale below all the same.
    chart.set_y_axis({"reverse": True, "crossing": "max", "num_font": _FONT, "line": _FAINT, "major_tick_mark": "none"})
    chart.set_x_axis(
        {
            "num_font": _FONT,
            "num_format": "#,##0",
            "major_gridlines": {"visible": True, "line": _FAINT},
            "line": {"none": True},
            "major_tick_mark": "none",
            "min": 0,
        },
    )
    chart.set_chartarea({"border": {"color": "#DFE3E8"}, "fill": {"color": "#FFFFFF"}})
    chart.set_plotarea({"fill": {"none": True}})
