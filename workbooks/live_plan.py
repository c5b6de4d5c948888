"""What is to be done to an empty sheet to make it one of our tables: values, then paint by whole stretches.

Plain data from the layouts that the file writer draws from too; who carries it out is workbooks.live. A cell costs
nothing here, a stretch of cells that look alike costs one call.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from workbooks.addresses import column_letters
from workbooks.layout import LINE_POINTS, NUMBERS, ROW_POINTS, Column, Layout, Look
from workbooks.live_cells import Area
from workbooks.writing.book import Table
from workbooks.writing.cell_text import plain
from workbooks.writing.columns import Picks, columns_of, line_count, other_form
from workbooks.writing.style import HEADING_POINTS, Style, cell_styles, heading_style, kind_of, wraps

Bools = npt.NDArray[np.bool_]
Value = str | float
"""What a cell gets; "" is a blank one, for pywin32 would make Null of None."""
Lead = tuple[str, int]
"""Where a link leads inside the workbook: a sheet's name and a row of it."""
Paints = Mapping[tuple[str, Any], Sequence[Area]]
"""What to set (a field of Style, or "height" in points) and to what, with the areas to set it on; rows and columns
from 1."""

_Areas = dict[tuple[str, Any], list[Area]]

TEXT_FORMAT = "@"
DAYS_1904 = 1462  # between the two ways of counting days
_STARTS_FORMULA = frozenset("=+-@\t\r\uff1d\uff0b\uff0d\uff20")  # the full-width ones too: Excel reads them alike
_USUAL = {field.name: field.default for field in fields(Style) if field.name not in {"numbers", "rule"}}


@dataclass(frozen=True)
class Plan:
    """A sheet to be made.

    values: the headings, then the rows. formats: number formats of body and headings, and the rows' heights, set before
    the values go in, for at every paint Calc measures all rows anew but those that have their height. paints:
    everything else that differs from the house font on white. widths: per column, in characters.
    """

    layout: Layout
    values: list[list[Value]]
    formats: Paints
    paints: Paints
    widths: Paints

    @property
    def rows(self) -> int:
        """Return how many rows stand below the headings."""
        return len(self.values) - 1


def live_format(look: Look, numbers: str) -> str:
    """Return the number format of a cell whose layout says `numbers`: a column of words is text to Excel.

    Elsewhere Excel would make a date of 3-11, a number of 00123 and a formula of =1+1.
    """
    return numbers if look in NUMBERS or look is Look.DATE else TEXT_FORMAT


def escaped(text: str, numbers: str) -> str:
    """Return a text as it is to be handed to Excel for a cell with that number format, so that it stays this text.

    A text cell takes every text as it stands. Anywhere else one that begins like a formula, or with what is dropped
    in front of one, gets Excel's own mark of text, which does not show.
    """
    text = plain(text).replace("\x00", "")  # where COM's strings would end
    return f"'{text}" if numbers != TEXT_FORMAT and text[:1] in _STARTS_FORMULA else text


def plan(table: Table, links: Sequence[Lead | None] | None = None, *, date1904: bool = False) -> Plan:
    """Return what makes an empty sheet show the table; links: where each row leads (own_links).

    Raises KeyError where a frame lacks a column of its layout, ValueError where a number is infinite.
    """
    layout, frame = table.layout, table.frame
    lines = np.ones(len(frame))
    columns: list[list[Value]] = []
    looks: list[tuple[Picks, Sequence[Style]]] = []
    for column, body in zip(layout.columns, columns_of(layout, frame), strict=True):
        picks = body.picks
        if column.look is Look.LINK:
            picks = other_form(picks, np.array([lead is None for lead in links or [None] * len(frame)], bool))
        if column.look is Look.SENTENCE:
            lines = np.maximum(lines, line_count(body.data, column.width))
        looks.append((picks, cell_styles(kind_of(layout, column))))
        columns.append(_values(column, body.data, body.text, date1904=date1904))
    formats, paints = _painted(layout, looks)
    heights = ROW_POINTS + (lines - 1) * LINE_POINTS if wraps(layout) else np.full(len(frame), ROW_POINTS)
    for points in np.unique(heights).tolist():
        formats["height", points] = [(first + 2, 1, last + 2, 1) for first, last in _runs(heights == points)]
    formats["height", float(HEADING_POINTS)] = [(1, 1, 1, 1)]
    headings: list[Value] = [column.heading for column in layout.columns]
    body_rows = [list(row) for row in zip(*columns, strict=True)]
    return Plan(layout, [headings, *body_rows], formats, paints, _widths(layout))


def own_links(table: Table, own: Collection[str]) -> list[Lead | None] | None:
    """Return where each row's link leads among the workbook's own sheets; None where nothing does."""
    frame = table.frame
    column = next((column.name for column in table.layout.columns if column.look is Look.LINK), None)
    if column is None or "link_target" not in frame:
        return None
    here = (frame["link_target"] == "") & frame["link_sheet"].isin(own) & frame[column].notna()
    rows = zip(here, frame["link_sheet"], frame[column], strict=True)
    return [(str(sheet), int(row)) if leads else None for leads, sheet, row in rows] if here.any() else None


def _values(column: Column, data: pa.Array, text: pa.Array | None, *, date1904: bool) -> list[Value]:
    """Return a column's cells as Excel is to get them: floats, texts, "" for blank; dates as serial numbers."""
    if pa.types.is_large_string(data.type):
        encoded = data.dictionary_encode()
        words = [escaped(word, TEXT_FORMAT) for word in encoded.dictionary.to_pylist()]
        return ["" if place is None else words[place] for place in encoded.indices.to_pylist()]
    shift = DAYS_1904 if column.look is Look.DATE and date1904 else 0
    numbers: list[Value] = ["" if number is None else float(number) - shift for number in data.to_pylist()]
    if text is None:
        return numbers
    said = [None if word is None else escaped(word, "General") for word in text.to_pylist()]
    return [word if word is not None else number for word, number in zip(said, numbers, strict=True)]


def _painted(layout: Layout, looks: Sequence[tuple[Picks, Sequence[Style]]]) -> tuple[_Areas, _Areas]:
    """Return the number formats to set beforehand, and what else differs from the usual, by the stretches it is on."""
    before, after = _headings(layout)
    alike: dict[tuple[str, Any], dict[bytes, tuple[list[tuple[int, int]], list[int]]]] = {}
    for place, (column, (picks, styles)) in enumerate(zip(layout.columns, looks, strict=True), start=1):
        numbers = live_format(column.look, styles[0].numbers)
        if len(picks):
            before.setdefault(("numbers", numbers), []).append((2, place, len(picks) + 1, place))
        for (name, value), where in _unusual(column, picks, styles, numbers):
            runs = alike.setdefault((name, value), {})
            runs.setdefault(where.tobytes(), (_runs(where), []))[1].append(place)
    for key, shapes in alike.items():
        for rows, columns in shapes.values():
            sides = list(_stretches(columns))
            areas = ((top + 2, left, end + 2, right) for top, end in rows for left, right in sides)
            after.setdefault(key, []).extend(areas)
    return _joined_all(before), _joined_all(after)


def _headings(layout: Layout) -> tuple[_Areas, _Areas]:
    before: _Areas = {}
    after: _Areas = {}
    for place, column in enumerate(layout.columns, start=1):
        style = heading_style(layout, column)
        before.setdefault(("numbers", TEXT_FORMAT), []).append((1, place, 1, place))
        for name, usual in _USUAL.items():
            if (value := getattr(style, name)) != usual:
                after.setdefault((name, value), []).append((1, place, 1, place))
    return before, after


def _unusual(
    column: Column, picks: Picks, styles: Sequence[Style], numbers: str
) -> Iterator[tuple[tuple[str, Any], Bools]]:
    """Yield what differs from the usual in a column's cells, and on which rows."""
    seen = np.unique(picks).tolist()
    for name, usual in (("numbers", numbers), *_USUAL.items()):
        values = {pick: getattr(styles[pick], name) for pick in seen}
        if name == "numbers":
            values = {pick: live_format(column.look, value) for pick, value in values.items()}
        for value in dict.fromkeys(values.values()):
            if value != usual:
                yield (name, value), np.isin(picks, [pick for pick in seen if values[pick] == value])


def _runs(where: Bools) -> list[tuple[int, int]]:
    """Return the stretches of True as first and last place."""
    edges = np.flatnonzero(np.diff(np.concatenate(([False], where, [False])).astype(np.int8)))
    return [(int(first), int(end) - 1) for first, end in zip(edges[::2], edges[1::2], strict=True)]


def _stretches(places: Sequence[int]) -> Iterator[tuple[int, int]]:
    """Yield the stretches of neighbours among ascending numbers."""
    first = previous = places[0]
    for place in [*places[1:], -1]:
        if place != previous + 1:
            yield first, previous
            first = place
        previous = place


def _joined_all(paints: _Areas) -> _Areas:
    return {key: _joined(areas) for key, areas in paints.items()}


def _joined(areas: Iterable[Area]) -> list[Area]:
    """Return the areas with those side by side on the same rows made one."""
    joined: list[Area] = []
    for top, left, bottom, right in sorted(areas, key=lambda area: (area[0], area[2], area[1])):
        if joined and joined[-1][:1] + joined[-1][2:] == (top, bottom, left - 1):
            joined[-1] = (*joined[-1][:3], right)
        else:
            joined.append((top, left, bottom, right))
    return joined


def _widths(layout: Layout) -> _Areas:
    widths: _Areas = {}
    for place, column in enumerate(layout.columns, start=1):
        widths.setdefault(("width", column.width), []).append((1, place, 1, place))
    return _joined_all(widths)


def address(area: Area) -> str:
    """Return an area as Excel writes it: A2:C9."""
    top, left, bottom, right = area
    first = f"{column_letters(left - 1)}{top}"
    last = f"{column_letters(right - 1)}{bottom}"
    return first if first == last else f"{first}:{last}"


def addresses(areas: Iterable[Area], longest: int) -> Iterator[str]:
    """Yield the areas' addresses, as many together as `longest` characters hold, commas between; 0: each alone."""
    together = ""
    for area in areas:
        alone = address(area)
        if together and len(together) + 1 + len(alone) <= longest:
            together += f",{alone}"
        else:
            if together:
                yield together
            together = alone
    if together:
        yield together


def link_formula(sheet: str, row: int) -> str:
    """Return the formula that shows a row number and leads to that row of a sheet of the same workbook.

    The sheet's name is the team's: inside the formula it is text, its quotation marks doubled.
    """
    name = sheet.replace("'", "''").replace('"', '""')
    return f"=HYPERLINK(\"#'{name}'!A{row}\",{row})"
