"""The merged cells of a sheet in Excel, found without asking of every cell."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import reduce

import xlwings as xw

from workbooks.errors import WorkbookError
from workbooks.live_cells import Area
from workbooks.live_plan import address

MOST_QUESTIONS = 100_000  # of one sheet, of two or three calls each: a minute at worst, where Excel is slow
_CORNER = re.compile(r"\$?([A-Z]+)\$?(\d+)")


def merged_areas(cells: xw.Range) -> list[Area]:
    """Return the merged areas, 0-based on the sheet, in their order.

    What it costs: one question where nothing is merged; else one more for every column, one for every stretch of a
    column that no area found before lies on, one for every merged area (a walk from one to the next), and where cells
    that are not merged lie between two areas, about twice the logarithm of how many they are. 5,000 rows whose order
    numbers are merged by threes are 1,667 questions. Raises WorkbookError (too-many-merged) past MOST_QUESTIONS: an
    area that is not found would make blank rows of merged ones.
    """
    return _Search(cells.sheet).areas(cells)


class _Search:
    def __init__(self, sheet: xw.Sheet) -> None:
        self.sheet = sheet
        self.questions = 0
        self.found: dict[int, dict[int, Area]] = {}  # by column, then by first row; both from 1

    def areas(self, cells: xw.Range) -> list[Area]:
        top, left, (rows, columns) = cells.row, cells.column, cells.shape
        bottom, right = top + rows - 1, left + columns - 1
        if self._none(top, left, bottom, right):
            return []
        for column in range(left, right + 1):
            for first, last in self._free(column, top, bottom):
                if not self._none(first, column, last, column):
                    self._walk(column, first, last)
        areas = {area for by_row in self.found.values() for area in by_row.values()}
        return sorted((area[0] - 1, area[1] - 1, area[2] - 1, area[3] - 1) for area in areas)

    def _free(self, column: int, top: int, bottom: int) -> Iterator[tuple[int, int]]:
        """Yield the stretches of a column that no area found so far lies on."""
        known = self.found.get(column, {})
        for first in sorted(known):
            if first > top:
                yield top, first - 1
            top = max(top, known[first][2] + 1)
        if top <= bottom:
            yield top, bottom

    def _walk(self, column: int, top: int, bottom: int) -> None:
        """Find the areas of a stretch: from each cell that is merged to the one below its area."""
        row = top
        while row <= bottom:
            area = self._area(row, column)
            if area[:2] == area[2:]:
                row = self._next(column, row + 1, bottom)
            else:
                for covered in range(area[1], area[3] + 1):
                    self.found.setdefault(covered, {})[area[0]] = area
                row = area[2] + 1

    def _next(self, column: int, row: int, bottom: int) -> int:
        """Return the first row from `row` on whose cell is merged: by strides that double, then by halving."""
        stride = 1
        while row <= bottom:
            last = min(row + stride - 1, bottom)
            if self._none(row, column, last, column):
                row, stride = last + 1, stride * 2
                continue
            while row < last:
                middle = (row + last) // 2
                if self._none(row, column, middle, column):
                    row = middle + 1
                else:
                    last = middle
            return row
        return row

    def _none(self, *area: int) -> bool:
        """Tell whether no cell of a part is merged; Excel says False for none, True for all, nothing for some."""
        return self._asked(area).api.MergeCells is False

    def _area(self, row: int, column: int) -> Area:
        """Return the merged area that a cell lies in, or the cell; from 1. Its address is one call, its sides six."""
        corners = _CORNER.findall(str(self._asked((row, column, row, column)).api.MergeArea.Address))
        (left, top), (right, bottom) = corners[0], corners[-1]
        return int(top), _number(left), int(bottom), _number(right)

    def _asked(self, area: tuple[int, ...]) -> xw.Range:
        self.questions += 1
        if self.questions > MOST_QUESTIONS:
            raise WorkbookError("too-many-merged", sheet=self.sheet.name)
        top, left, bottom, right = area
        return self.sheet.range(address((top, left, bottom, right)))


def _number(letters: str) -> int:
    """Return a column's number, from 1, of its letters."""
    return reduce(lambda number, letter: number * 26 + ord(letter) - ord("A") + 1, letters, 0)
