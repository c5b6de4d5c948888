"""The nightly run: read the team folder, audit the day, write the results; headless, the same rules as the buttons."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import asdict, dataclass, field, replace
from datetime import date
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from macros import audit, invoices, packaging, returns
from macros.approvals import answers
from macros.audit import Judge, Report
from macros.batches import read_on
from macros.invoices import Billed
from macros.kasp_input import request_problems
from macros.packaging import Summed
from macros.registers import read_before
from macros.resubmitted import facts as compared
from macros.returns import Returned
from macros.summary import overview
from udfs.audit import audit as audit_lines
from udfs.reruns import changed_orders
from workbooks.earlier import read_result, result_path
from workbooks.errors import WorkbookError
from workbooks.labels import labels
from workbooks.layout import LAYOUTS
from workbooks.publish import Outputs
from workbooks.reading.day import TeamDay, read_team
from workbooks.settings import Settings, read_form, read_settings
from workbooks.team import team_files
from workbooks.writing.book import write_book

if TYPE_CHECKING:
    from macros.cluster import Cluster
    from macros.period import Span

Progress = Callable[[str, float], None]
"""Told the step that runs and how much of the run is done, 0 to 1."""

SHARES = {"connect": 0.0, "read": 0.0, "before": 0.48, "line": 0.5, "duplicates": 0.53, "price": 0.57, "finance": 0.62,
          "stock": 0.66, "sheets": 0.7, "write": 0.75, "publish": 0.97}  # fmt: skip


@dataclass(frozen=True)
class Outcome:
    """What a nightly run did: the report, where its outputs are, the files it could not read.

    packaging, invoices: the packaging and the invoice requests, None where the team has none. rerun: the orders that an
    earlier run of the day decided otherwise (udfs.reruns), None where nobody asked. regions: what goes back to
    each region. span: the days, where they were audited as one input. cluster: the address of the Dask scheduler and
    how many workers it had; empty without one.
    """

    report: Report
    team: TeamDay
    folder: Path
    kept: Path | None
    seconds: dict[str, float]
    packaging: Summed | None = None
    invoices: Billed | None = None
    rerun: pd.DataFrame | None = None
    regions: tuple[Returned, ...] = ()
    span: Span | None = None
    cluster: Mapping[str, object] = field(default_factory=dict)

    @property
    def result(self) -> Path:
        """Return where the result workbook is."""
        return self.folder / labels().files["result"].format(day=self.folder.name)

    @property
    def exit_code(self) -> int:
        """Return 0 where all files were read and the control totals pass, else 1 (domain.md §5)."""
        passed = all(one is None or one.passed for one in (self.report, self.packaging, self.invoices))
        return 0 if passed and not self.team.unreadable else 1


class Clock:
    """Seconds per step."""

    def __init__(self, progress: Progress | None) -> None:
        """Start none yet; progress is told each step that does."""
        self.seconds: dict[str, float] = {}
        self.progress = progress or (lambda _step, _share: None)

    @contextmanager
    def step(self, name: str, told: str = "") -> Iterator[None]:
        """Time a step; told: what it is called where somebody watches, and in SHARES."""
        self.progress(told or name, SHARES[told or name])
        start = time.perf_counter()
        yield
        self.seconds[name] = round(time.perf_counter() - start, 3)

    def told(self, done: int, of: int) -> None:
        """Tell how many files, or batches of them, are read."""
        self.progress("read", SHARES["before"] * done / of)


def run(
    folder: Path, day: date, progress: Progress | None = None, *, rerun: bool = False, cluster: str | None = None
) -> Outcome:
    """Audit the day of a team folder and publish its outputs.

    rerun: hold the orders against those of the day's earlier run, which then has to be there. cluster: the address of
    the Dask scheduler whose workers read and judge; the same comes of it.
    Raises WorkbookError where the run cannot be made (no folder, no orders, bad settings, unwritable output);
    nothing is written then.
    """
    clock = Clock(progress)
    files = team_files(folder.resolve() if cluster else folder, day)
    settings = read_settings(folder)
    form = read_form(folder, settings)
    with workers_at(cluster, clock) as workers, Outputs(folder / labels().folders["output"], day) as outputs:
        with clock.step("read"):
            if workers is None:
                judge: Judge = audit_lines
                team = read_team(files, day, settings.aliases, keep=outputs.keep, progress=clock.told)
            else:
                orders = [file for file in files if file.role == "orders"]
                others = [file for file in files if file.role != "orders"]
                team, judge = read_on(
                    workers, {day: orders}, others, settings, today=day, keep=outputs.keep, told=clock.told
                )
        with clock.step("before"):
            before = read_before(folder, day, settings.aliases)
            team = replace(team, problems=(*team.problems, *before.stale))
            last = _last_run(folder, day) if rerun else None
        with clock.step("audit", "line"):
            report = audit.run(
                team.tables,
                team.problems,
                settings.policy,
                day,
                lambda name: clock.progress(name, SHARES[name]),
                before=before,
                judge=judge,
            )
        changed = None if last is None else changed_orders(last, report.frame("lines"), answers(report.audit))
        with clock.step("write"), ThreadPoolExecutor(1) as beside:
            book = outputs.path(labels().files["result"].format(day=f"{day:%Y-%m-%d}"))
            page = overview(report, team, settings, program_version())
            result = beside.submit(write_book, book, page, report.sheets, day)
            summed, billed = _kasp(team, report, settings)
            if summed is not None:
                packaging.write(outputs.path(packaging.file_name(day)), summed)
            if billed is not None:
                for name, write in invoices.outputs(billed, form).items():
                    write(outputs.path(name))
            regions = returns.by_region(report, team.tables)
            returns.write(outputs.path(labels().folders["returns"]), regions, day)
            result.result()
        with clock.step("publish"):
            facts = record(report, team, settings)
            facts |= {} if summed is None else {"packaging": summed.facts}
            facts |= {} if billed is None else {"invoices": billed.facts}
            facts |= {"returns": returns.facts(regions), "before": dict(before.earlier.written)}
            facts |= {} if workers is None else {"cluster": workers.facts}
            kept = published(outputs, facts, clock)
        clock.progress("publish", 1.0)
    on = {} if workers is None else workers.facts
    return Outcome(report, team, outputs.target, kept, clock.seconds, summed, billed, changed, regions, cluster=on)


def workers_at(cluster: str | None, clock: Clock) -> AbstractContextManager[Cluster | None]:
    """Return the workers of a Dask cluster while they are needed; none where there is no address.

    Raises WorkbookError where Dask is not installed, and what macros.cluster.connected raises.
    """
    if cluster is None:
        return nullcontext()
    try:
        from macros.cluster import connected  # noqa: PLC0415 - only who names a cluster has to have Dask
    except ModuleNotFoundError as error:
        if error.name not in {"dask", "distributed"}:
            raise
        raise WorkbookError("no-dask") from error
    clock.progress("connect", SHARES["connect"])
    return connected(cluster)


def _last_run(folder: Path, day: date) -> pd.DataFrame:
    """Return the merged order lines of the day's earlier run."""
    path = result_path(folder / labels().folders["output"], day)
    if not path.is_file():
        raise WorkbookError("no-earlier-run", path=path)
    lines = read_result(path, day, ("lines",)).get("lines")
    if lines is None:
        raise WorkbookError("earlier-unreadable", path=path, detail=LAYOUTS["lines"].name)
    return lines


def _kasp(team: TeamDay, report: Report, settings: Settings) -> tuple[Summed | None, Billed | None]:
    """Return the packaging requests summed up, and the invoice requests joined with the day, where there are any."""
    told = {kind: request_problems(kind, team.tables, team.problems) for kind in ("packaging", "invoices")
            if kind in team.tables}  # fmt: skip
    summed = billed = None
    if "packaging" in told:
        summed = packaging.run(team.tables, told["packaging"], settings.bases, team.day)
    if "invoices" in told:
        billed = invoices.run(team.tables, report, told["invoices"], settings)
    return summed, billed


def published(outputs: Outputs, facts: dict[str, Any], clock: Clock) -> Path | None:
    """Write the record with the outputs' hashes and the seconds of each step, and publish; see Outputs.publish."""
    text = json.dumps(facts | {"outputs": outputs.hashes(), "seconds": clock.seconds}, ensure_ascii=False, indent=1)
    outputs.path(labels().files["record"]).write_text(text + "\n", encoding="utf-8", newline="\n")
    return outputs.publish()


def program_version() -> str:
    """Return the installed version of Order Desk."""
    try:
        return version("orderdesk")
    except PackageNotFoundError:
        return "0"


def record(report: Report, team: TeamDay, settings: Settings) -> dict[str, Any]:
    """Return the machine-readable facts of a run; the same inputs give the same facts."""
    control = team.tables["orders"].control
    return {
        "program": "orderdesk",
        "version": program_version(),
        "day": f"{report.day:%Y-%m-%d}",
        "verdict": "PASS" if report.passed else "FAIL",
        "settings": asdict(settings.policy) | {"sha256": settings.sha256},
        "inputs": [asdict(source) for source in team.inputs],
        "lines": {name: int(control[name].sum()) for name in ("rows", "accepted", "rejected")},
        "sums": {name: round(float(control[name].sum()), 6) for name in ("quantity", "amount")},
        "orders": len(report.audit.orders),
        "decisions": report.decisions,
        "findings": report.counts,
        "not_run": {rule: list(missing) for rule, missing in report.audit.not_run.items()},
        "problems": len(team.problems),
        "resubmitted": compared(report.frame("resubmitted")),
    }
