"""A day's order workbooks in batches that are read apart, here or on other machines, and stacked; several days too."""

from __future__ import annotations

import socket
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from itertools import accumulate

import pandas as pd

from workbooks.errors import WorkbookError
from workbooks.labels import labels
from workbooks.reading.day import returned_of
from workbooks.reading.files import Parts, ReadFiles
from workbooks.reading.problems import Problem
from workbooks.reading.settled import settle
from workbooks.reading.tables import Table, read_table
from workbooks.schema import KINDS
from workbooks.team import TeamFile

PLACED = ("sheet", "source_row", "source_file", "source_sheet")


@dataclass(frozen=True)
class Batch:
    """What some of a day's order workbooks gave: their lines (None: no sheet holds any), and all else, per file."""

    orders: Table | None
    parts: tuple[Parts, ...]


def batches_of(files: Sequence[TeamFile], size: int) -> Iterator[list[TeamFile]]:
    """Yield the files in batches, in their order: each as many as come to about so many bytes."""
    batch: list[TeamFile] = []
    bytes_in = 0
    for file in files:
        batch.append(file)
        bytes_in += _size(file)
        if bytes_in >= size:
            yield batch
            batch, bytes_in = [], 0
    if batch:
        yield batch


def _size(file: TeamFile) -> int:
    try:
        return file.path.stat().st_size
    except OSError:  # reading it says what is wrong
        return 0


def read_batch(files: Sequence[TeamFile], day: date, read: ReadFiles) -> Batch:
    """Read some of a day's order workbooks, on whatever machine; read: reads them there.

    Raises WorkbookError where a file's folder is not there: it is not shared with that machine. Where only the file is
    gone, somebody has taken it away since; reading it says so.
    """
    for file in files:
        if not file.path.parent.is_dir():
            raise WorkbookError("not-shared", path=file.path, machine=socket.gethostname())
    parts = read(files)
    sheets = [rows for one in parts for kind, rows in one.rows if kind == "orders"]
    others = [replace(one, rows=[(kind, rows) for kind, rows in one.rows if kind != "orders"]) for one in parts]
    return Batch(read_table("orders", sheets, day) if sheets else None, tuple(others))


def without_lines(table: Table) -> Table:
    """Return what is known of order lines, without the lines themselves."""
    return replace(table, frame=table.frame.iloc[:0])


def stacked(tables: Sequence[Table]) -> Table:
    """Return order lines that were read apart as one table, as reading them together gives it.

    The lines may be elsewhere (without_lines): how many there are the control totals say.
    """
    if len(tables) == 1:
        return tables[0]
    frames, cleaned, first = [], [], 0
    for table, before in zip(tables, sheets_before(tables), strict=True):
        frames.append(lines_after(table.frame, before))
        cleaned.append(table.cleaned.assign(line=table.cleaned["line"] + first))
        first += int(table.control["accepted"].sum())
    return Table(
        under_one_another(frames),
        tuple(problem for table in tables for problem in table.problems),
        under_one_another(cleaned),
        under_one_another([table.totals for table in tables]),
        under_one_another([table.control for table in tables]),
    )


def sheets_before(tables: Sequence[Table]) -> list[int]:
    """Return how many sheets there are before those of each table."""
    return [0, *accumulate(len(table.control) for table in tables[:-1])]


def lines_after(lines: pd.DataFrame, sheets: int) -> pd.DataFrame:
    """Return order lines whose sheets come after so many others."""
    return lines.assign(sheet=lines["sheet"] + sheets)


def under_one_another(frames: Sequence[pd.DataFrame]) -> pd.DataFrame:
    """Return frames as one; empty ones have no types to speak of."""
    return pd.concat([frame for frame in frames if len(frame)] or frames[:1], ignore_index=True)


def settled_day(tables: Sequence[Table], parts: Sequence[Parts], day: date) -> Table:
    """Return a day's order lines, those that were handed back in place of what they correct."""
    back = returned_of(parts)
    orders = stacked(tables)
    return settle(orders, back, day) if back else orders


def later_corrections(lines: pd.DataFrame, days: Collection[date]) -> list[Problem]:
    """Return a notice per file of the lines in it that correct lines of one of these other days, which count too."""
    late = lines[lines["back_day"].isin([pd.Timestamp(day) for day in days])]
    joiner = labels().words["list_joiner"]
    return [
        Problem(
            "handed-back-later",
            str(file),
            fields={"count": f"{len(back)}", "days": joiner.join(f"{day:%Y-%m-%d}" for day in sorted({*back}))},
        )
        for file, back in late.groupby("source_file", sort=False)["back_day"]
    ]


def dated(table: Table, day: date) -> Table:
    """Return a day's order lines as some of those of several days: what names a file names the day's folder too."""
    return Table(
        dated_lines(table.frame, day),
        tuple(problem_on(day, problem) for problem in table.problems),
        table.cleaned,
        _with_day(table.totals, day),
        _with_day(table.control, day),
    )


def dated_lines(lines: pd.DataFrame, day: date) -> pd.DataFrame:
    """Return order lines of a day as some of those of several days.

    The day stands in for blank order dates, and by it a date is implausible: folder_day. Of lines handed back only the
    file that they count in is still said.
    """
    columns = [*(column.name for column in KINDS["orders"].columns), *PLACED]
    return _with_day(lines[columns], day).assign(
        order_date=lines["order_date"].fillna(pd.Timestamp(day)),
        folder_day=pd.Timestamp(day),
        stands_in=f"{day}/" + lines["stands_in" if "stands_in" in lines else "source_file"],
    )


def _with_day(frame: pd.DataFrame, day: date) -> pd.DataFrame:
    return frame.assign(source_file=f"{day}/" + frame["source_file"])


def parts_on(day: date, parts: Parts) -> Parts:
    """Return what a file of a day gave, besides order lines, as that of one of several days."""
    return Parts(
        [problem_on(day, problem) for problem in parts.problems],
        [replace(entry, name=f"{day}/{entry.name}") for entry in parts.inputs],
        [(kind, replace(rows, source_file=f"{day}/{rows.source_file}")) for kind, rows in parts.rows],
        recount=parts.recount.below(f"{day}"),
    )


def problem_on(day: date, problem: Problem) -> Problem:
    """Return a problem of a day's file as that of one of several days."""
    return replace(problem, source_file=f"{day}/{problem.source_file}")
