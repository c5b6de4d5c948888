"""Order workbooks read in batches by several workers, of one day or of months, and put together as one input."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import date
from functools import partial
from types import MappingProxyType
from typing import Any

import pandas as pd

from macros.audit import Judge
from udfs.audit import Audit, Progress, audit, nothing_noted
from udfs.lookup import Tables
from udfs.partitions import Given, PartitionedAudit, Workers, unchanged
from workbooks.errors import UnreadableFileError, WorkbookError
from workbooks.reading.apart import read_apart
from workbooks.reading.batches import (
    Batch,
    batches_of,
    dated,
    dated_lines,
    later_corrections,
    lines_after,
    parts_on,
    problem_on,
    read_batch,
    settled_day,
    sheets_before,
    stacked,
    under_one_another,
    without_lines,
)
from workbooks.reading.day import TeamDay, no_orders, returned_of, same_names, tables_of, team_day
from workbooks.reading.files import Keep, Parts, ReadFiles, content_of, read_files
from workbooks.reading.problems import Problem
from workbooks.reading.tables import Table
from workbooks.schema import Policy
from workbooks.settings import Settings
from workbooks.team import TeamFile

BATCH_BYTES = 2_000_000  # of workbooks in one batch: some 20,000 lines
SLICE = 20_000  # lines of those that are here that are sent to a worker at once

Told = Callable[[int, int], None]
"""Told how many batches are read, and how many there are."""


class Threads:
    """Workers that read on this machine, where all lines are judged together.

    What is called begins in the order of the calls, so that none waits for a later one.
    """

    parts = 0
    facts: Mapping[str, object] = MappingProxyType({})

    def __init__(self, pool: ThreadPoolExecutor) -> None:
        """Call everything in the pool."""
        self.pool = pool

    def call(self, function: Callable[..., object], *arguments: object) -> object:
        """Return the function's answer as it will be; arguments may be such answers."""
        return self.pool.submit(lambda: function(*map(_here, arguments)))

    def fetch(self, answers: Sequence[object]) -> list[Any]:
        """Return the answers themselves."""
        return [_here(answer) for answer in answers]


def _here(argument: object) -> object:
    return argument.result() if isinstance(argument, Future) else argument


@dataclass(frozen=True)
class Read:
    """An input whose order lines are with the workers: the team's, without them, and what stands for their batches."""

    team: TeamDay
    batches: list[object]

    def whole(self, workers: Workers) -> TeamDay:
        """Return the input with its order lines."""
        orders = self.team.tables["orders"]
        orders = replace(orders, frame=under_one_another(workers.fetch(self.batches)))
        return replace(self.team, tables={**self.team.tables, "orders": orders})


@dataclass(frozen=True)
class _Day:
    """What a day's order workbooks gave: the table of their lines (None: there are none), and all else.

    batches: what stands for the lines, which are not in the table.
    """

    orders: Table | None
    batches: Sequence[object]
    parts: Sequence[Parts]
    notices: Sequence[Problem]


def read_days(  # noqa: PLR0913 - what an input is made of, one thing each
    days: Mapping[date, Sequence[TeamFile]],
    others: Sequence[TeamFile],
    settings: Settings,
    workers: Workers,
    *,
    today: date,
    of_span: bool = False,
    keep: Keep | None = None,
    told: Told | None = None,
) -> Read:
    """Read the order workbooks of some days on the workers, and here all other files, as they are today.

    of_span: the days are one input, so that what names a file names its day too. keep: gets every order workbook.
    Raises WorkbookError where no sheet holds orders, a worker does not see a file, or one has changed meanwhile.
    """
    here: ReadFiles = partial(read_apart, aliases=settings.aliases, limits=settings.limits)
    # a worker of a cluster is a process already, and must not have any of its own
    theirs = partial(read_files, aliases=settings.aliases, limits=settings.limits) if workers.parts else here
    under_way = {
        day: [workers.call(read_batch, batch, day, theirs) for batch in batches_of(files, BATCH_BYTES)]
        for day, files in days.items()
    }
    others_read = here(others)
    copies = {file.name: _kept(file, keep) for files in days.values() for file in files} if keep else {}
    known = _fetched_in_turn(under_way, workers, told)
    span = frozenset(days) if of_span else frozenset()
    read = [_day(day, files, under_way[day], known[day], workers, span) for day, files in days.items()]
    if of_span:
        read = [_of_span(one, day, workers) for day, one in zip(days, read, strict=True)]
    _check_copies(copies, read)
    tables = [one.orders for one in read if one.orders is not None]
    parts = [*(part for one in read for part in one.parts), *others_read]
    if not tables:
        raise no_orders(next(iter(days.values())), parts)
    notices = [notice for one in read for notice in one.notices]
    team = team_day(parts, {"orders": stacked(tables), **tables_of(parts, today)}, today, notices)
    return Read(team, [batch for one in read for batch in one.batches])


def read_on(  # noqa: PLR0913 - what an input is made of, one thing each
    workers: Workers,
    days: Mapping[date, Sequence[TeamFile]],
    others: Sequence[TeamFile],
    settings: Settings,
    *,
    today: date,
    of_span: bool = False,
    keep: Keep | None = None,
    told: Told | None = None,
) -> tuple[TeamDay, Judge]:
    """Read an input (see read_days) and have its order lines judged where they were read; return what audits them."""
    read = read_days(days, others, settings, workers, today=today, of_span=of_span, keep=keep, told=told)
    judge = _judged_on(workers, read, settings.policy) if workers.parts else audit
    return read.whole(workers), judge


def _judged_on(workers: Workers, read: Read, policy: Policy) -> Judge:
    tables = {kind: table.frame for kind, table in read.team.tables.items() if kind != "orders"}
    running = PartitionedAudit(read.batches, Given(tables, policy, read.team.day), workers)

    def judge(lines: pd.DataFrame, tables: Tables, _policy: Policy, _today: date, step: Progress | None) -> Audit:
        return running.answer(lines, {name: tables[name] for name in nothing_noted()}, step or (lambda _step: None))

    return judge


def _fetched_in_turn(
    under_way: Mapping[date, Sequence[object]], workers: Workers, told: Told | None
) -> dict[date, list[Batch]]:
    """Return what is known of every batch, without its lines."""
    asked = {day: [workers.call(_without_lines, batch) for batch in batches] for day, batches in under_way.items()}
    size, done = sum(map(len, asked.values())), 0
    known: dict[date, list[Batch]] = {day: [] for day in asked}
    for day, answers in asked.items():
        for answer in answers:
            known[day] += workers.fetch([answer])
            done += 1
            if told:
                told(done, size)
    return known


def _day(  # noqa: PLR0913, PLR0917 - what a day is made of, one thing each
    day: date,
    files: Sequence[TeamFile],
    under_way: Sequence[object],
    known: Sequence[Batch],
    workers: Workers,
    span: frozenset[date],
) -> _Day:
    """Put a day together. Lines that were handed back are settled here, and sent to the workers from here.

    span: the days that are one input with it.
    """
    parts = [part for batch in known for part in batch.parts]
    with_lines = [answer for answer, batch in zip(under_way, known, strict=True) if batch.orders is not None]
    if not with_lines:
        return _Day(None, (), parts, same_names(files))
    if not returned_of(parts):
        tables = [batch.orders for batch in known if batch.orders is not None]
        places = zip(with_lines, sheets_before(tables), strict=True)
        lines = [workers.call(_lines, batch, before) for batch, before in places]
        return _Day(stacked(tables), lines, parts, same_names(files))
    batches: list[Batch] = workers.fetch(with_lines)
    orders = settled_day([batch.orders for batch in batches if batch.orders is not None], parts, day)
    slices = [orders.frame.iloc[start : start + SLICE] for start in range(0, max(len(orders.frame), 1), SLICE)]
    notices = same_names(files) + later_corrections(orders.frame, span - {day})
    return _Day(without_lines(orders), [workers.call(unchanged, lines) for lines in slices], parts, notices)


def _of_span(one: _Day, day: date, workers: Workers) -> _Day:
    return _Day(
        None if one.orders is None else dated(one.orders, day),
        [workers.call(dated_lines, lines, day) for lines in one.batches],
        [parts_on(day, part) for part in one.parts],
        [problem_on(day, problem) for problem in one.notices],
    )


def _without_lines(batch: Batch) -> Batch:
    return replace(batch, orders=None if batch.orders is None else without_lines(batch.orders))


def _lines(batch: Batch, sheets: int) -> pd.DataFrame | None:
    return None if batch.orders is None else lines_after(batch.orders.frame, sheets)


def _kept(file: TeamFile, keep: Keep) -> str:
    """Keep a copy of a file and return its SHA-256; nothing of one that cannot be read."""
    if file.is_lock:
        return ""
    try:
        content = content_of(file)
    except UnreadableFileError:
        return ""
    keep(file.name, content)
    return hashlib.sha256(content).hexdigest()


def _check_copies(copies: Mapping[str, str], read: Sequence[_Day]) -> None:
    for one in read:
        for entry in (entry for part in one.parts for entry in part.inputs):
            if copies.get(entry.name, entry.sha256) != entry.sha256:
                raise WorkbookError("changed-meanwhile", path=entry.name)
