"""What a command says on the console in tables; in sentences alone: xl_addin/console_run.py."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import pandas as pd
from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from macros import invoices, packaging
from macros.check import Checked
from macros.summary import notices
from udfs.packaging import AGES
from udfs.reruns import KINDS
from workbooks.labels import Lang, Sentence, labels
from xl_addin.console_run import say, tell_end
from xl_addin.wording import visible

STYLES = {"hold": "yellow", "return": "red", "rejected": "red", "transfer": "cyan", "info": "dim"}

WIDE_ENOUGH = 120  # columns; in a narrower window a table of eight columns cannot be read

Entry = tuple[list[str], str]
"""A finding or rejected place: sheet, row, effect, rule, order, product, what is wrong, what to do; and its style."""


def shown(text: str, style: str = "") -> Text:
    """Return what strangers wrote as text that Rich takes no markup from, and a terminal no orders."""
    return Text(visible(text), style=style)


def tell_changes(orders: pd.DataFrame, lang: Lang) -> None:
    """Print the orders that running the day again has changed."""
    said, console = labels(lang), Console()
    counts = ((kind, int((orders["kind"] == kind).sum())) for kind in KINDS)
    told = [said.message(f"rerun-{kind}", count=count) for kind, count in counts if count]
    joiner = said.words["list_joiner"] if lang == "zh" else ", "
    say(said.message("rerun", changes=joiner.join(told) or said.message("rerun-nothing")))
    if orders.empty:
        return
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    for name in ("region", "order", "partner", "before", "after", "answers", "resolved", "found"):
        table.add_column(said.messages[f"column-{name}"], overflow="fold")
    for row in orders.to_dict("records"):
        decisions = [said.decisions.get(row[name], "-") for name in ("before", "after")]
        cells = [row["region"], row["order_no"], row["partner_code"], *decisions]
        cells += [row[name] for name in ("answers", "resolved", "found")]
        table.add_row(*map(shown, cells), style=STYLES.get(row["after"], ""))
    console.print(table)


def tell_packaging(outcome: packaging.Outcome, lang: Lang) -> int:
    """Print what is open per production site, what could not be read and where the result is; return the exit code."""
    said, summed, console = labels(lang), outcome.summed, Console()
    lines = summed.lines
    counts = {"lines": len(lines), "requests": packaging.requests(lines), "rejected": summed.rejected}
    pieces = {name: f"{lines[name].sum():,.6g}" for name in ("unshipped", "pending")}
    findings = sum(summed.counts.values())
    say(said.message("packaging-lines", **counts, **pieces, findings=findings))
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    names = ("unshipped", "pending", *AGES)
    table.add_column(said.message("packaging-base"), overflow="fold")
    for name in names:
        table.add_column(said.messages[f"packaging-{name}"], justify="right", no_wrap=True)
    for row in summed.bases.to_dict("records"):
        base = row["base"] if isinstance(row["base"], str) else "-"
        table.add_row(shown(base), *(f"{row[name]:,.12g}" for name in names))
    console.print(table)
    _tell_checks(summed.not_run, said.packaging, outcome.unreadable, lang)
    kept = said.message("packaging-kept", path=outcome.kept) if outcome.kept else ""
    tell_end(notices(outcome.problems, lang), kept, outcome.result, lang, passed=summed.passed)
    return outcome.exit_code


def tell_invoices(outcome: invoices.Outcome, lang: Lang) -> int:
    """Print what each partner is billed and lacks, what could not be read and where the files are; return the code."""
    said, billed, console = labels(lang), outcome.billed, Console()
    sums = billed.facts["fen"]
    counts = {name: billed.facts[name] for name in ("requests", "rejected", "invoices", "lines")}
    money = {name: f"{sums[name] / 100:,.2f}" for name in ("amount", "in_form", "issued", "held_back", "unasked")}
    say(said.message("invoices-lines", **counts, **money, findings=sum(billed.counts.values())))
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    wide = console.width >= WIDE_ENOUGH
    names = ("asked", "amount", "tax", "in_form") if wide else ("asked", "amount", "in_form")
    for name in ("partner", *names, "state", "base_data"):
        table.add_column(said.messages[f"invoices-{name}"], justify="right" if name in names else "left",
                         no_wrap=name in names, overflow="fold")  # fmt: skip
    rows = invoices.partners_in_yuan(billed)
    for row in rows[rows["requests"] > 0].to_dict("records"):
        partner = f"{row['partner_code']} {row['partner_name']}".strip() if wide else str(row["partner_code"])
        cells = [f"{row[name]:,.2f}" for name in names]
        state = said.messages[f"invoices-state-{row['state']}"]
        table.add_row(shown(partner), *cells, shown(state), shown(str(row["base_data"])))
    console.print(table)
    _tell_checks(billed.silent, said.rules, (), lang)
    _tell_checks(billed.not_run, said.invoices, outcome.unreadable, lang)
    if not outcome.forms:
        say(said.message("invoices-no-form"))
    for path in outcome.forms:
        say(said.message("invoices-form-at", path=path))
    kept = "\n".join(said.message("invoices-kept", path=path) for path in outcome.kept)
    tell_end(notices(outcome.problems, lang), kept, outcome.result, lang, passed=billed.passed)
    return outcome.exit_code


def _tell_checks(
    not_run: Mapping[str, Sequence[str]], names: Mapping[str, Sentence], unreadable: Sequence[str], lang: Lang
) -> None:
    """Print which checks did not run for want of a table, and which files could not be read."""
    said = labels(lang)
    joiner = said.words["list_joiner"]
    silent: dict[tuple[str, ...], list[str]] = {}
    for code, missing in not_run.items():
        silent.setdefault(tuple(missing), []).append(names[code].name)
    for missing, rules in silent.items():
        titles = joiner.join(said.kinds[kind].title for kind in missing)
        say(said.message("done-not-run", rules=joiner.join(rules), missing=titles))
    if unreadable:
        say(said.message("done-unreadable", count=len(unreadable), names=joiner.join(unreadable)))


def show(checked: Checked, path: Path, lang: Lang) -> None:
    """Print the findings and unread places of one workbook as a table, in the order of its rows."""
    said, console = labels(lang), Console()
    findings, problems = checked.findings, checked.problems
    counts = {"lines": len(checked.report.audit.lines), "findings": len(findings), "problems": len(problems)}
    console.print(shown(said.message("check-title", file=path.name, **counts)))
    rows = [(row, row["effect"], row["rule_name"], row["product_code"]) for row in findings.to_dict("records")]
    rows += [(row, "rejected", row["problem"], row["cell"]) for row in problems.to_dict("records")]
    effects = {**said.effects, "rejected": said.message("not-accepted")}
    sheets = list(dict.fromkeys(str(row["source_sheet"]) for row, *_ in rows))
    rows.sort(key=lambda entry: _place(entry[0], sheets))
    entries = []
    for row, effect, name, place in rows:
        number = f"{_place(row, sheets)[1]:.0f}".removeprefix("0")
        facts = (row["source_sheet"], number, effects[effect], name, row.get("order_no"), place)
        cells = [cell if isinstance(cell, str) else "" for cell in (*facts, row["says"], row.get("do"))]
        entries.append((cells, STYLES[effect]))
    if not entries:
        console.print(said.message("check-clean-alone" if checked.folder is None else "check-clean"))
    elif console.width < WIDE_ENOUGH:
        _list(console, entries)
    else:
        _tabulate(console, entries, lang)
    console.print(said.message("check-no-team" if checked.folder is None else "check-alone"), markup=False)


def _list(console: Console, entries: Sequence[Entry]) -> None:
    for cells, style in entries:
        console.print(shown(" · ".join(cell for cell in cells[:6] if cell), style))
        console.print(*(shown(f"    {cell}") for cell in cells[6:] if cell), sep="\n")


def _tabulate(console: Console, entries: Sequence[Entry], lang: Lang) -> None:
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    for name in ("sheet", "row", "effect", "rule", "order", "product", "says", "do"):
        table.add_column(labels(lang).messages[f"column-{name}"], no_wrap=name in {"row", "effect"}, overflow="fold")
    for cells, style in entries:
        table.add_row(*map(shown, cells), style=style)
    console.print(table)


def _place(row: dict[object, object], sheets: list[str]) -> tuple[int, float]:
    """Return where a row belongs: its sheet's place, then its number (0 where it is about the whole sheet)."""
    number, sheet = row["source_row"], sheets.index(str(row["source_sheet"]))
    return sheet, float(number) if isinstance(number, (int, float)) and number > 0 else 0
