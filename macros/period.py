"""Months of history audited as one input: the order workbooks of every day of a span, with or without a cluster.

What lives from day to day takes no part: no register goes on, nothing goes back to the regions, nothing is billed.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

from macros import audit
from macros.batches import Threads, read_on
from macros.nightly import SHARES, Clock, Outcome, Progress, program_version, record, workers_at
from macros.summary import overview
from udfs.partitions import Workers
from workbooks.errors import WorkbookError
from workbooks.labels import labels
from workbooks.publish import Outputs
from workbooks.reading.day import READERS
from workbooks.settings import read_settings
from workbooks.team import day_files, days_between, reference_files
from workbooks.writing.book import write_book

UP = "../../"  # from a span's output folder to the team folder


@dataclass(frozen=True)
class Span:
    """The days from first to last, both included."""

    first: date
    last: date

    def __str__(self) -> str:
        """Return its name, which its output folder has too."""
        return f"{self.first}_{self.last}"


def run(folder: Path, span: Span, progress: Progress | None = None, *, cluster: str | None = None) -> Outcome:
    """Audit the order lines of all days of a span as one input, and publish the result; its last day is today.

    cluster: the address of the Dask scheduler whose workers read and judge.
    Raises WorkbookError where the run cannot be made; nothing is written then.
    """
    clock, said = Clock(progress), labels()
    if span.last < span.first:
        raise WorkbookError("span-alone")
    here = folder.resolve() if cluster else folder
    days = {day: day_files(here, day) for day in days_between(here, span.first, span.last)}
    settings = read_settings(folder)
    with _workers(cluster, clock) as workers, Outputs(folder / said.folders["output"], f"{span}") as outputs:
        with clock.step("read"):
            others = reference_files(here)
            team, judge = read_on(workers, days, others, settings, today=span.last, of_span=True, told=clock.told)
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
            )
        with clock.step("write"):
            words = said.overview
            page = overview(report, team, settings, program_version())
            facts = tuple((name, f"{span}" if name == "day" else text) for name, text in page.facts)
            title = words["span_title"].format(title=words["title"], first=span.first)
            path = outputs.path(said.files["result"].format(day=span))
            write_book(path, replace(page, facts=facts), report.sheets, span.last, title)
        with clock.step("publish"):
            facts_of = record(report, team, settings) | {"from": f"{span.first}", "outputs": outputs.hashes()}
            text = json.dumps(facts_of | {"seconds": clock.seconds}, ensure_ascii=False, indent=1)
            outputs.path(said.files["record"]).write_text(text + "\n", encoding="utf-8", newline="\n")
            kept = outputs.publish()
        clock.progress("publish", 1.0)
    return Outcome(report, team, outputs.target, kept, clock.seconds)


@contextmanager
def _workers(cluster: str | None, clock: Clock) -> Iterator[Workers]:
    with workers_at(cluster, clock) as workers, ThreadPoolExecutor(READERS) as pool:
        yield workers or Threads(pool)
