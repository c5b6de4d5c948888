"""What a run says on the console, in sentences."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import pandas as pd

from macros.resubmitted import facts
from macros.runs import Outcome
from macros.summary import FEW, alerts, notices, span_facts
from workbooks.labels import Lang, labels
from workbooks.reading.problems import SETTLED
from xl_addin.wording import visible


def say(text: str) -> None:
    """Print a sentence; what strangers wrote is in it."""
    print(visible(text))


def tell(outcome: Outcome, lang: Lang) -> int:
    """Print what a run found, what did not run and where the result is; return its exit code."""
    said, report = labels(lang), outcome.report
    joiner = said.words["list_joiner"]
    if outcome.cluster:
        say(said.message("done-cluster", **outcome.cluster))
    for fact in span_facts(outcome.span, outcome.team, lang) if outcome.span else ():
        say(fact)
    control = outcome.team.tables["orders"].control
    rejected, files = int(control["rejected"].sum()), control["source_file"].nunique()
    lines, orders = len(report.audit.lines), len(report.audit.orders)
    say(said.message("done-lines", lines=f"{lines:,}", orders=f"{orders:,}", rejected=rejected, files=files))
    replaced = sum(problem.code in SETTLED for problem in outcome.team.problems)
    if replaced:
        say(said.message("done-replaced", count=replaced))
    say(said.message("done-decisions", findings=len(report.findings), **report.decisions))
    not_run = report.audit.silent
    if not_run:
        missing = dict.fromkeys(said.kinds[kind].title for kinds in not_run.values() for kind in kinds)
        names = joiner.join(said.rules[rule].name for rule in not_run)
        say(said.message("done-not-run", rules=names, missing=joiner.join(missing)))
    for alert in alerts(outcome.team, lang):
        say(alert)
    tell_resubmitted(report.frame("resubmitted"), lang)
    if outcome.rerun is not None:
        from xl_addin.console import tell_changes  # noqa: PLC0415 - tables take Rich, which few runs need

        tell_changes(outcome.rerun, lang)
    kept = said.message("done-kept", path=outcome.kept) if outcome.kept else ""
    known = notices(outcome.team.problems, lang, FEW if outcome.span else None)
    tell_end(known, kept, outcome.result, lang, passed=report.passed)
    return outcome.exit_code


def tell_resubmitted(rows: pd.DataFrame, lang: Lang) -> None:
    """Print what has changed in orders that were sent back before; nothing where none came again."""
    said, counted = labels(lang), facts(rows)
    if counted["orders"]:
        say(said.message("resubmitted", **counted))
    if counted["again"]:
        say(said.message("resubmitted-again", count=counted["again"]))


def tell_end(known: Iterable[str], kept: str, result: Path, lang: Lang, *, passed: bool) -> None:
    """Print what every run ends with: what somebody should know, what was kept, the verdict and where the result is."""
    said = labels(lang)
    for notice in known:
        say(notice)
    if kept:
        say(kept)
    say(said.message("done-verdict", verdict="PASS" if passed else "FAIL"))
    say(said.message("done-result", path=result))
