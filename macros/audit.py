"""The button that audits: judge the tables of a book or a team folder and lay the result out as sheets."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

import numpy as np
import pandas as pd

from macros import approvals, registers, results
from macros.recounted import difference_rows, differences, findings_differ
from macros.registers import Before
from macros.resubmitted import earlier_links, resubmitted_rows
from udfs.audit import Audit, Progress, audit
from udfs.findings import DECISIONS
from udfs.lookup import Tables, with_files
from udfs.rules import RULES
from workbooks.labels import labels
from workbooks.layout import LAYOUTS
from workbooks.reading.problems import Problem
from workbooks.reading.recount import Recount
from workbooks.reading.tables import Table
from workbooks.schema import Policy
from workbooks.writing.book import Table as Sheet

Judge = Callable[[pd.DataFrame, Tables, Policy, date, Progress | None], Audit]
"""Audits order lines as udfs.audit.audit does."""


@dataclass(frozen=True)
class Report:
    """What an audit found, ready to be written: its sheets, and the verdict of the control totals."""

    day: date
    audit: Audit
    findings: pd.DataFrame
    sheets: tuple[Sheet, ...]
    passed: bool

    def sheet(self, key: str) -> Sheet:
        """Return a sheet (a key of layout.LAYOUTS)."""
        return next(sheet for sheet in self.sheets if sheet.layout.key == key)

    def frame(self, key: str) -> pd.DataFrame:
        """Return the rows of a sheet."""
        return self.sheet(key).frame

    @property
    def decisions(self) -> dict[str, int]:
        """Return how many lines got each decision."""
        counts = np.bincount(self.audit.lines["effect"].to_numpy(), minlength=len(DECISIONS))
        return dict(zip(DECISIONS, counts.tolist(), strict=True))

    @property
    def counts(self) -> dict[str, int]:
        """Return how many findings each rule has; a rule that did not run is not named."""
        found = self.findings["rule"].value_counts()
        return {rule.code: int(found.get(rule.code, 0)) for rule in RULES if rule.code not in self.audit.not_run}


def run(  # noqa: PLR0913 - what a day is judged by, one thing each
    tables: Mapping[str, Table],
    problems: Sequence[Problem],
    policy: Policy,
    today: date,
    progress: Progress | None = None,
    *,
    links: Mapping[str, str] | None = None,
    before: Before | None = None,
    judge: Judge = audit,
    recounts: Sequence[Recount] | None = None,
) -> Report:
    """Audit the order lines of `tables` and return the report (sheets of domain.md §5, without the overview).

    progress, judge: see begun; problems, links, before, recounts: see completed.
    """
    report = begun(tables, policy, today, progress, judge)
    return completed(report, tables, problems, links=links, before=before, recounts=recounts)


def begun(
    tables: Mapping[str, Table], policy: Policy, today: date, progress: Progress | None = None, judge: Judge = audit
) -> Report:
    """Audit the order lines of `tables`; of the report that is returned, what goes back to the regions can be made.

    It has the sheets of lines, findings and orders that wait, without links, and has not passed until it is completed.
    judge: what audits the lines, where that is not to be done here.
    """
    reference = _reference(tables)
    audited = judge(with_files(tables["orders"].frame), reference, policy, today, progress)
    if progress:
        progress("sheets")
    findings = results.finding_rows(audited, reference)
    sheets = (
        Sheet(LAYOUTS["lines"], results.line_rows(audited, reference, today)),
        Sheet(LAYOUTS["findings"], findings),
        approvals.pending_sheet(approvals.pending_rows(audited, reference, findings, today), reference),
    )
    return Report(today, audited, findings, sheets, passed=False)


def completed(  # noqa: PLR0913 - what a report tells of, one thing each
    report: Report,
    tables: Mapping[str, Table],
    problems: Sequence[Problem],
    *,
    links: Mapping[str, str] | None = None,
    before: Before | None = None,
    recounts: Sequence[Recount] | None = None,
) -> Report:
    """Return a report that was begun with all its sheets, the control totals among them, and whether it has passed.

    tables, problems: what was read. links: where the workbook of each source_file is for a result's links, "" the
    workbook that the result is written into; without it, the copies that a nightly run keeps beside its result. before:
    what earlier days left open. recounts: what the files hold, counted again; None: they are not read from files.
    """
    audited, findings, today = report.audit, report.findings, report.day
    orders, reference = tables["orders"], _reference(tables)
    before = before or Before()
    stock = results.stock_rows(audited, reference)
    missed = [sheets["approvals"] for sheets in before.earlier.missed if "approvals" in sheets]
    records = (*missed, before.earlier.approvals, before.earlier.same_day_approvals)
    rules = report.frame("lines")["rules"]
    frames = {sheet.layout.key: sheet.frame for sheet in report.sheets} | {
        "stock": stock,
        "transfers": registers.transfer_rows(audited, findings, stock, reference, before, today),
        "funds": results.funds_rows(audited, reference, today),
        "returns": results.return_rows(audited, reference, findings),
        "problems": results.problem_rows(problems),
        "approvals": approvals.record_rows(audited, reference, records, today),
        "resubmitted": resubmitted_rows(audited, rules, orders, before.earlier.sent, today),
    }
    if links is None:
        links = {file: f"{labels().folders['originals']}/{file}" for file in orders.control["source_file"]}
        links |= earlier_links(before.earlier.sent)
    for name in ("lines", "findings", "problems", "pending", "approvals", "resubmitted"):
        frames[name] = results.source_links(frames[name], links)
    frames["transfers"] = registers.register_links(frames["transfers"], links, today)
    frames["control"], passed = _control(audited, frames, orders, problems, recounts)
    layouts = {**LAYOUTS, "pending": report.sheet("pending").layout}
    sheets = tuple(Sheet(layouts[key], frames[key]) for key in LAYOUTS if key in frames)
    return replace(report, sheets=sheets, passed=passed)


def _reference(tables: Mapping[str, Table]) -> dict[str, pd.DataFrame]:
    """Return what lines are judged by: the tables beside the orders, and what reading these noted."""
    orders = tables["orders"]
    reference = {kind: table.frame for kind, table in tables.items() if kind != "orders"}
    return reference | {"cleaned": orders.cleaned, "totals": orders.totals}


def _control(
    audited: Audit,
    frames: Mapping[str, pd.DataFrame],
    orders: Table,
    problems: Sequence[Problem],
    recounts: Sequence[Recount] | None,
) -> tuple[pd.DataFrame, bool]:
    """Return the control totals of the sheets as they will be written, and whether all of them hold."""
    lines = frames["lines"]
    control, passed = results.control_rows(orders.control, lines, orders.totals)
    differs = findings_differ(audited, frames["findings"], lines)
    if recounts is not None:
        differs += differences(recounts, lines, orders.control, problems)
    if not differs:
        return control, passed
    *rows, total = control.to_dict("records")
    told = difference_rows(differs).to_dict("records")
    return pd.DataFrame([*rows, *told, {**total, "verdict": "FAIL"}], columns=control.columns), False
