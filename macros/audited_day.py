"""What a nightly run does once its files are read: audit the day, write the results and publish them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, replace
from datetime import date
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from macros import audit, invoices, packaging, returns
from macros.approvals import answers
from macros.audit import Judge, Report
from macros.invoices import Billed
from macros.kasp_input import request_problems
from macros.packaging import Summed
from macros.registers import read_before
from macros.resubmitted import facts as compared
from macros.runs import SHARES, Clock, Outcome, program_version
from macros.summary import overview
from udfs.reruns import changed_orders
from workbooks.earlier import read_result, result_path
from workbooks.errors import WorkbookError
from workbooks.labels import labels
from workbooks.layout import LAYOUTS
from workbooks.publish import Outputs
from workbooks.reading.apart import read_apart
from workbooks.reading.day import TeamDay
from workbooks.settings import Settings
from workbooks.writing.book import write_book

if TYPE_CHECKING:
    import pandas as pd


def finish(  # noqa: PLR0913 - what a run has by then, one thing each
    team: TeamDay,
    settings: Settings,
    outputs: Outputs,
    clock: Clock,
    *,
    folder: Path,
    form: bytes | None,
    judge: Judge,
    rerun: bool,
    cluster: Mapping[str, object],
) -> Outcome:
    """Audit a day that was read, and publish its outputs.

    folder: the team's; form: the tax bureau's (workbooks.settings.read_form); judge: see macros.audit.run; rerun and
    what is raised: see macros.nightly.run. cluster: what the record says of the workers, nothing without them.
    """
    day = team.day
    with clock.step("before"):
        before = read_before(folder, day, partial(read_apart, aliases=settings.aliases, limits=settings.limits))
        team = replace(team, problems=(*team.problems, *before.stale))
        last = _last_run(folder, day) if rerun else None
    with clock.step("audit", "line"):
        report = audit.begun(team.tables, settings.policy, day, lambda name: clock.progress(name, SHARES[name]), judge)
    changed = None if last is None else changed_orders(last, report.frame("lines"), answers(report.audit))
    with clock.step("write"), outputs.writing():
        folder_of_returns = outputs.path(labels().folders["returns"])
        with returns.beside(folder_of_returns, report, team.tables, day) as returns_made:
            report = audit.completed(report, team.tables, team.problems, before=before, recounts=team.recounts)
            book = outputs.path(labels().files["result"].format(day=f"{day:%Y-%m-%d}"))
            page = overview(report, team, settings, program_version())
            summed, billed = _kasp(team, report, settings)
            if summed is not None:
                packaging.write(outputs.path(packaging.file_name(day)), summed)
            if billed is not None:
                for name, write in invoices.outputs(billed, form).items():
                    write(outputs.path(name))
            write_book(book, page, report.sheets, day)
            regions = returns_made()
    with clock.step("publish"):
        facts = record(report, team, settings)
        facts |= {} if summed is None else {"packaging": summed.facts}
        facts |= {} if billed is None else {"invoices": billed.facts}
        facts |= {"returns": returns.facts(regions), "before": dict(before.earlier.written)}
        facts |= {"cluster": dict(cluster)} if cluster else {}
        kept = published(outputs, facts, clock)
    clock.progress("publish", 1.0)
    return Outcome(report, team, outputs.target, kept, clock.seconds, summed, billed, changed, regions, cluster=cluster)


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
    with outputs.writing():
        text = json.dumps(facts | {"outputs": outputs.hashes(), "seconds": clock.seconds}, ensure_ascii=False, indent=1)
        outputs.path(labels().files["record"]).write_text(text + "\n", encoding="utf-8", newline="\n")
    return outputs.publish()


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
