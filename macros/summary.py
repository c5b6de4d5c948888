"""The overview page: what a day's run says at a glance."""

from __future__ import annotations

from datetime import date

import pandas as pd

from macros.audit import Report
from macros.results import decision_counts, kind_titles
from udfs.rules import RULES
from workbooks.labels import Lang, labels
from workbooks.reading.day import TeamDay
from workbooks.reading.problems import NOTICES, sentence
from workbooks.settings import Settings
from workbooks.writing.overview import Input, Overview, RuleLine, Shortage


def overview(report: Report, team: TeamDay, settings: Settings, version: str) -> Overview:
    """Return the data of the overview sheet."""
    lines = report.audit.lines
    control = team.tables["orders"].control
    rejected = int(control["rejected"].sum())
    said, decisions = labels(), decision_counts(report.audit, ["decision"])
    policy = settings.policy
    facts = [
        ("version", version),
        ("day", f"{report.day:%Y-%m-%d}"),
        ("settings", settings.sha256[:12] or said.overview["default"]),
    ]
    facts += [
        (name, str(getattr(policy, name)).lower()) for name in ("whole", "partial", "auto_return", "max_overdue_days")
    ]
    verdict = said.overview["verdict_passed" if report.passed else "verdict_failed"]
    return Overview(
        day=report.day,
        passed=report.passed,
        verdict_says=verdict.format(rows=len(lines) + rejected, lines=len(lines), rejected=rejected),
        lines=len(lines),
        orders=len(report.audit.orders),
        amount=round(float(decisions["amount"].sum()), 2),
        rejected=rejected,
        findings=len(report.findings),
        at_stake=round(float(report.findings["money"].sum()), 2),
        decisions=decisions,
        regions=decision_counts(report.audit, ["region", "decision"]),
        rules=_rules(report),
        shortages=_shortages(report),
        facts=tuple(facts),
        alerts=alerts(team),
        notices=tuple(
            f"{problem.source_file}: {sentence(problem)}" for problem in team.problems if problem.code in NOTICES
        ),
        inputs=_inputs(team),
    )


def alerts(team: TeamDay, lang: Lang = "zh") -> tuple[str, ...]:
    """Return what nobody may overlook: files and sheets whose lines took no part, reference rows that do not count."""
    said = labels(lang)
    joiner = said.words["list_joiner"]
    sentences = []
    if team.unreadable:
        names = joiner.join(team.unreadable)
        sentences.append(said.message("done-unreadable", count=len(team.unreadable), names=names))
    orders = set(team.tables["orders"].control["source_file"])
    ours = {problem.source_file for problem in team.problems if problem.code == "own-result"}
    silent = orders | set(team.unreadable) | ours
    idle = [source.name for source in team.inputs if source.role == "orders" and source.name not in silent]
    if idle:
        sentences.append(said.message("done-no-orders-in", count=len(idle), names=joiner.join(idle)))
    lost = {
        kind: len(
            {
                (problem.source_file, problem.source_sheet, problem.source_row)
                for problem in table.problems
                if problem.rejects
            }
        )
        for kind, table in team.tables.items()
        if kind != "orders"
    }
    if any(lost.values()):
        rows = joiner.join(f"{said.kinds[kind].title} {count}" for kind, count in lost.items() if count)
        sentences.append(said.message("done-reference-rows", rows=rows))
    return tuple(sentences)


def _rules(report: Report) -> tuple[RuleLine, ...]:
    money, counts = report.findings.groupby("rule")["money"].sum(), report.counts
    return tuple(
        RuleLine(
            rule.code,
            rule.effect,
            counts.get(rule.code, 0),
            round(float(money.get(rule.code, 0.0)), 2),
            kind_titles(report.audit.not_run.get(rule.code, ())),
            optional=rule.optional,
        )
        for rule in RULES
    )


def _shortages(report: Report) -> tuple[Shortage, ...]:
    frames = {sheet.layout.key: sheet.frame for sheet in report.sheets}
    stock = frames["stock"]
    short = stock[stock["short"] > 0]
    rows = zip(short["product_code"], short["product_name"], short["short"], short["eta"], strict=True)
    return tuple(Shortage(code, name or "", float(pieces), _day(eta)) for code, name, pieces, eta in rows)


def _day(value: pd.Timestamp) -> date | None:
    return None if pd.isna(value) else value.date()


def _inputs(team: TeamDay) -> tuple[Input, ...]:
    rows: dict[tuple[str, str], int] = {}
    for kind, table in team.tables.items():
        for file, count in table.control.groupby("source_file")["rows"].sum().items():
            rows[str(file), kind] = int(count)
    inputs = []
    for source in team.inputs:
        kinds = list(dict.fromkeys(kind for _, kind in source.sheets if kind))
        count = sum(rows.get((source.name, kind), 0) for kind in kinds)
        inputs.append(Input(source.name, kind_titles(kinds) or "—", count, source.sha256))
    return tuple(inputs)
