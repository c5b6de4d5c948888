"""The overview page: what a day's run says at a glance."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from datetime import date
from typing import TYPE_CHECKING

import pandas as pd

from macros.audit import Report
from macros.results import decision_counts, kind_titles
from udfs.rules import RULES
from workbooks.labels import Lang, labels
from workbooks.reading.day import TeamDay
from workbooks.reading.problems import NOTICES, Problem, sentence
from workbooks.settings import Settings
from workbooks.writing.overview import Input, Overview, RuleLine, Shortage

if TYPE_CHECKING:
    from macros.period import Span


FEW = 3
"""So many of a kind are named where there may be hundreds; the others are counted."""


def overview(report: Report, team: TeamDay, settings: Settings, version: str, span: Span | None = None) -> Overview:
    """Return the data of the overview sheet; span: the days, where they were audited as one input."""
    lines = report.audit.lines
    control = team.tables["orders"].control
    rejected = int(control["rejected"].sum())
    said, decisions = labels(), decision_counts(report.audit, ["decision"])
    policy = settings.policy
    facts = [
        ("version", version),
        ("period", f"{span}") if span else ("day", f"{report.day:%Y-%m-%d}"),
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
        notices=tuple(notices(team.problems, most=FEW if span else None)),
        inputs=_inputs(team),
        period=said.overview["period"].format(first=span.first, last=span.last) if span else "",
        remarks=(said.overview["span_for"], *span_facts(span, team)) if span else (),
    )


def span_facts(span: Span, team: TeamDay, lang: Lang = "zh") -> tuple[str, ...]:
    """Return what a span is made of: how many of its days have orders, and what in it counts twice."""
    said = labels(lang)
    sentences = [said.message("span-days", asked=span.asked, found=len(span.days), first=span.first, last=span.last)]
    if span.missing:
        days = said.words["list_joiner"].join(f"{day}" for day in span.missing[:FEW])
        if len(span.missing) > FEW:
            days = said.message("span-many", days=days, count=len(span.missing))
        sentences[0] += said.message("span-missing", days=days)
    twice = sum(int(problem.fields["count"]) for problem in team.problems if problem.code == "handed-back-later")
    if twice:
        sentences.append(said.message("span-twice", count=twice))
    return tuple(sentences)


def notices(problems: Iterable[Problem], lang: Lang = "zh", most: int | None = None) -> list[str]:
    """Return what somebody should know, in the order of the problems; most: of one kind, the others are counted."""
    said, counts, sentences = labels(lang), Counter[str](), []
    for problem in problems:
        if problem.code in NOTICES:
            counts[problem.code] += 1
            if most is None or counts[problem.code] <= most:
                sentences.append(f"{problem.source_file}: {sentence(problem, lang)}")
    if most is not None:
        more = {code: count - most for code, count in counts.items() if count > most}
        sentences += [said.message("notices-more", name=said.problems[code].name, count=more[code]) for code in more]
    return sentences


def alerts(team: TeamDay, lang: Lang = "zh") -> tuple[str, ...]:
    """Return what nobody may overlook: files and sheets whose lines took no part, reference rows that do not count."""
    said = labels(lang)
    joiner = said.words["list_joiner"]
    sentences = []
    if team.unreadable:
        names = joiner.join(team.unreadable)
        sentences.append(said.message("done-unreadable", count=len(team.unreadable), names=names))
    used = {source.name for source in team.inputs if any(kind for _, kind in source.sheets)}  # orders, or answers alone
    ours = {problem.source_file for problem in team.problems if problem.code == "own-result"}
    silent = used | set(team.unreadable) | ours
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
