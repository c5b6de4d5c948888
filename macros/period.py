"""Months of history audited as one input: the order workbooks of every day of a span, with or without a cluster.

What lives from day to day takes no part: no register goes on, nothing goes back to the regions, nothing is billed.
"""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from macros import audit
from macros.audited_day import published, record
from macros.batches import Threads, read_on
from macros.runs import SHARES, Clock, Outcome, Progress, program_version, workers_at
from macros.summary import overview
from workbooks.errors import WorkbookError
from workbooks.labels import labels
from workbooks.publish import Outputs
from workbooks.reading.day import TeamDay
from workbooks.reading.files import READERS
from workbooks.settings import read_settings
from workbooks.team import days_between, reference_files
from workbooks.writing.book import write_book

if TYPE_CHECKING:
    from macros.cluster import Cluster

UP = "../../"  # from a span's output folder to the team folder


KEPT = ("lines", "findings", "stock", "problems", "control", "approvals")
"""The sheets of a span: none that lives from day to day, none whose answers a day's run would follow."""
A_DAYS_OWN = frozenset({"packaging", "invoices"})  # kinds of tables


@dataclass(frozen=True)
class Span:
    """The days from first to last, both included; days: those that have orders, once they are looked up."""

    first: date
    last: date
    days: tuple[date, ...] = ()

    def __str__(self) -> str:
        """Return its name, which its output folder has too."""
        return f"{self.first}_{self.last}"

    @property
    def asked(self) -> int:
        """Return how many days it has, with orders and without."""
        return (self.last - self.first).days + 1

    @property
    def missing(self) -> list[date]:
        """Return the days without orders."""
        all_days = (self.first + timedelta(number) for number in range(self.asked))
        return [day for day in all_days if day not in self.days]


def run(folder: Path, span: Span, progress: Progress | None = None, *, cluster: str | None = None) -> Outcome:
    """Audit the order lines of all days of a span as one input, and publish the result; its last day is today.

    cluster: the address of the Dask scheduler whose workers read and judge.
    Raises WorkbookError where the run cannot be made; nothing is written then.
    """
    clock, said = Clock(progress), labels()
    if span.last < span.first:
        raise WorkbookError("span-reversed", first=span.first, last=span.last)
    here = folder.resolve() if cluster else folder
    days = days_between(here, span.first, span.last)
    span = replace(span, days=tuple(days))
    settings = read_settings(folder)
    with _workers(cluster, clock) as workers, Outputs(folder / said.folders["output"], f"{span}") as outputs:
        with clock.step("read"):
            others = reference_files(here)
            team, judge = read_on(workers, days, others, settings, today=span.last, of_span=True, told=clock.told)
            team = _without_a_days_own(team)
        with clock.step("audit", "line"):
            inbox = f"{UP}{said.folders['orders']}"
            files = team.tables["orders"].control["source_file"]
            report = audit.run(
                team.tables,
                team.problems,
                settings.policy,
                span.last,
                lambda name: clock.progress(name, SHARES[name]),
                links={str(file): f"{inbox}/{file}" for file in files},
                judge=judge,
                recounts=team.recounts,
            )
            sheets = [report.sheet(key) for key in KEPT]
            sheets = [sheet for sheet in sheets if sheet.layout.key != "approvals" or len(sheet.frame)]
        with clock.step("write"), outputs.writing():
            page = overview(report, team, settings, program_version(), span)
            write_book(outputs.path(said.files["result"].format(day=span)), page, sheets, span.last)
        with clock.step("publish"):
            facts = record(report, team, settings)
            facts |= {"from": f"{span.first}", "to": f"{span.last}", "days": [f"{day}" for day in span.days]}
            facts |= {"cluster": workers.facts} if workers.facts else {}
            kept = published(outputs, facts, clock)
        clock.progress("publish", 1.0)
    return Outcome(report, team, outputs.target, kept, clock.seconds, span=span, cluster=workers.facts)


def _without_a_days_own(team: TeamDay) -> TeamDay:
    """Return an input without the requests of KASP, which nobody asks of a span."""
    kinds = {source.name: {kind for _, kind in source.sheets if kind} for source in team.inputs}
    out = {name for name, of in kinds.items() if of and of <= A_DAYS_OWN}
    return replace(
        team,
        tables={kind: table for kind, table in team.tables.items() if kind not in A_DAYS_OWN},
        problems=tuple(problem for problem in team.problems if problem.source_file not in out),
        inputs=tuple(source for source in team.inputs if source.name not in out),
    )


@contextmanager
def _workers(cluster: str | None, clock: Clock) -> Iterator[Cluster | Threads]:
    with workers_at(cluster, clock) as workers:
        pool = ThreadPoolExecutor(READERS)
        try:
            yield workers or Threads(pool)
        finally:  # who stops a run of months does not wait until all of them are read
            pool.shutdown(cancel_futures=True)
