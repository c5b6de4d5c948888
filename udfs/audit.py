"""The whole audit of a day's lines: every rule in its turn, then each line's decision (domain.md §4)."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
import pandas as pd

from udfs import campaigns, funds, prices, stock
from udfs.findings import HOLD, Bools, Findings, Ints, gravest, gravest_of_order
from udfs.lookup import Tables, look_up
from udfs.releases import Releases
from udfs.rules import RULES, Family, can_run, missing_tables
from workbooks.schema import Policy

SETS_ASIDE = ("quantity-not-positive", "duplicate-line")
Progress = Callable[[str], None]


@dataclass(frozen=True)
class Audit:
    """What an audit found.

    lines: the order lines in source order with all that was looked up and computed, `effect` the decision
    (0 pass .. 3 return). findings: batches in rule order. orders: one row per order (udfs.funds), with `effect`.
    not_run: the rules that did not run, and the kinds of table they lacked.
    """

    lines: pd.DataFrame
    findings: tuple[Findings, ...]
    orders: pd.DataFrame
    not_run: Mapping[str, tuple[str, ...]]

    @property
    def silent(self) -> dict[str, tuple[str, ...]]:
        """Return the rules that did not run for want of a table that every team has, and what they lacked."""
        optional = {rule.code for rule in RULES if rule.optional}
        return {code: kinds for code, kinds in self.not_run.items() if code not in optional}


def audit(lines: pd.DataFrame, tables: Tables, policy: Policy, today: date, progress: Progress | None = None) -> Audit:
    """Audit order lines in source order; see domain.md §4 for every rule.

    lines: accepted lines (columns of the kind orders, source_file, source_sheet, source_row, file).
    tables: the reference tables that were given, and what reading noted: `cleaned` and `totals` (may be absent).
    Rules whose table is missing do not run and are named in the answer.
    """
    step = progress or (lambda _family: None)
    tables = {**nothing_noted(), **tables}
    releases = Releases(tables, today)
    lines, findings = judge_lines(lines, tables, policy, releases, step)
    step("finance")
    orders, of_money = judge_funds(funds.order_table(lines), tables, policy)
    findings += releases.apply(of_money, lines)
    step("stock")
    lines, of_stock = judge_stock(lines.assign(effect=decided(findings, lines, policy)), tables, policy)
    return concluded(lines, [*findings, *of_stock], orders, releases, policy)


def judge_lines(
    lines: pd.DataFrame, tables: Tables, policy: Policy, releases: Releases, step: Progress
) -> tuple[pd.DataFrame, list[Findings]]:
    """Judge lines by all that asks for no more than the lines of their own order number.

    Returns them with what was looked up, `aside` and `effect` so far, and the findings as the releases leave them.
    """
    step("line")
    lines = look_up(lines, tables, releases.today)
    findings = checked("line", lines, tables, policy)
    step("duplicates")
    findings += checked("duplicates", lines, tables, policy)
    lines["aside"] = _aside(findings, len(lines))
    step("price")
    lines = prices.add_floors(campaigns.judge(lines, tables), tables)
    for family in ("campaign", "price", "giveaways"):
        findings += checked(family, lines, tables, policy)
    findings = releases.apply(findings, lines)
    order = lines["order"].to_numpy()
    lines["aside"], lines["effect"] = _aside(findings, len(lines)), gravest(findings, order)
    findings += releases.apply(checked("waits", lines, tables, policy), lines)
    lines["effect"] = gravest(findings, order)
    return lines, findings


def judge_funds(orders: pd.DataFrame, tables: Tables, policy: Policy) -> tuple[pd.DataFrame, list[Findings]]:
    """Judge orders (udfs.funds.order_table), all of some partners, by who has paid."""
    orders = funds.judge(orders, tables, policy)
    return orders, checked("finance", orders, tables, policy)


def judge_stock(lines: pd.DataFrame, tables: Tables, policy: Policy) -> tuple[pd.DataFrame, list[Findings]]:
    """Share out the stock among lines, all of some products; lines: judged, `effect` the decision so far."""
    lines = stock.allocate(lines, tables, policy)
    return lines, checked("stock", lines, tables, policy)


def checked(family: Family, rows: pd.DataFrame, tables: Tables, policy: Policy) -> list[Findings]:
    """Return what the rules of a family find in the rows (lines; for finance, orders)."""
    ready = [rule for rule in RULES if rule.family == family and can_run(rule, tables)]
    return [rule.check(rows, tables, policy) for rule in ready if rule.check is not None]


def _aside(findings: Sequence[Findings], size: int) -> Bools:
    """Return which lines a rule has set aside, as far as no release lifted it."""
    aside = np.zeros(size, dtype=bool)
    for batch in findings:
        if batch.rule in SETS_ASIDE:
            aside[batch.at[batch.effect >= HOLD]] = True
    return aside


def decided(findings: Sequence[Findings], lines: pd.DataFrame, policy: Policy) -> Ints:
    """Return the lines' decisions by these findings; the policy `whole` gives each line its order's."""
    order = lines["order"].to_numpy()
    effect = gravest(findings, order)
    return gravest_of_order(effect, order) if policy.whole else effect


def concluded(
    lines: pd.DataFrame, findings: list[Findings], orders: pd.DataFrame, releases: Releases, policy: Policy
) -> Audit:
    """Return the audit of lines when every family has had its turn: each line's and each order's decision."""
    lines["effect"] = decided(findings, lines, policy)
    if "releases" in releases.tables:
        findings.append(releases.unused(lines))
    of_order = gravest_of_order(lines["effect"].to_numpy(), lines["order"].to_numpy())
    orders["effect"] = of_order[orders["first"].to_numpy()]
    not_run = {rule.code: missing for rule in RULES if (missing := missing_tables(rule, releases.tables))}
    place = {rule.code: turn for turn, rule in enumerate(RULES)}
    ordered = sorted(findings, key=lambda batch: place[batch.rule])
    return Audit(lines, tuple(batch for batch in ordered if len(batch)), orders, not_run)


def nothing_noted() -> Tables:
    """Return the tables in which reading notes cleaned values and total rows, where it noted none."""
    columns = {
        "cleaned": ["line", "heading", "text", "value"],
        "totals": ["source_file", "source_sheet", "source_row", "word", "name", "heading", "stated", "sum"],
    }
    return {name: pd.DataFrame(columns=names) for name, names in columns.items()}
