"""A range of order lines with its headings, as Excel hands it to a formula, read as a sheet of a file is read."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
import pandas as pd

from workbooks.labels import labels, raw
from workbooks.live_cells import raw_sheet
from workbooks.reading.problems import sentence
from workbooks.reading.recognise import Match, Recogniser, first_rows
from workbooks.reading.rows import sort_rows
from workbooks.reading.tables import read_table


@dataclass(frozen=True)
class RangeOrders:
    """The order lines of a range.

    lines: the accepted ones, source_row their row in the range, from 1. cleaned, totals: as workbooks.reading.tables.
    rejected: (row in the range, code of the problem, what is wrong, what to do).
    """

    lines: pd.DataFrame
    cleaned: pd.DataFrame
    totals: pd.DataFrame
    rejected: tuple[tuple[int, str, str, str], ...]


def read_range(cells: Sequence[Sequence[object]], recogniser: Recogniser, day: date) -> RangeOrders | str:
    """Return the order lines of a range, or in words the headings that it lacks to be a table of orders.

    cells: rows of values as Excel hands them over, an error cell as its number (see workbooks.live_cells).
    """
    said, words = labels(), raw()["formula_answers"]
    sheet = raw_sheet(words["sheet"], 0, cells, (1, 1))
    rows = first_rows(sheet)
    found = recogniser.recognise(rows)
    if not isinstance(found, Match) or found.kind != "orders":
        missing = recogniser.closest(rows, ("orders",)).missing
        return str(said.words["list_joiner"].join(missing)) or said.kinds["orders"].title
    table = read_table("orders", [sort_rows(words["file"], sheet, found)], day)
    # a file's name stands for a region that its lines do not name; a range has none
    region = table.frame["region"].mask(table.frame["region"] == words["file"])
    lines = table.frame.assign(region=region, file=np.zeros(len(table.frame), dtype=np.int64))
    rejected = tuple(
        (problem.source_row or 0, problem.code, sentence(problem), words["mend"]) for problem in table.problems
    )
    return RangeOrders(lines, table.cleaned, table.totals, rejected)
