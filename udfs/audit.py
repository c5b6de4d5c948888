"""The whole audit of a day's lines: every rule in its turn, then each line's decision (domain.md §4)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
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


class _Turns:
    """The findings so far, while the families take their turns."""

    def __init__(self, tables: Tables, policy: Policy) -> None:
        self.tables = tables
        self.policy = policy
        self.batches: list[Findings] = []

    def run(self, family: Family, rows: pd.DataFrame) -> list[Findings]:
        """Return what the family's rules find in the rows (lines; for finance, orders)."""
        ready = [rule for rule in RULES if rule.family == family and can_run(rule, self.tables)]
        return [rule.check(rows, self.tables, self.policy) for rule in ready if rule.check is not None]

    def effect(self, lines: pd.DataFrame) -> Ints:
        """Return each line's gravest effect so far."""
        return gravest(self.batches, lines["order"].to_numpy())

    def aside(self, lines: pd.DataFrame) -> Bools:
        """Return which lines a rule has set aside, as far as no release lifted it."""
        aside = np.zeros(len(lines), dtype=bool)
        for batch in self.batches:
            if batch.rule in SETS_ASIDE:
                aside[batch.at[batch.effect >= HOLD]] = True
        return aside


def audit(lines: pd.DataFrame, tables: Tables, policy: Policy, today: date, progress: Progress | None = None) -> Audit:
    """Audit order lines in source order; see domain.md §4 for every rule.

    lines: accepted lines (columns of the kind orders, source_file, source_sheet, source_row, file).
    tables: the reference tables that were given, and what reading noted: `cleaned` and `totals` (may be absent).
    Rules whose table is missing do not run and are named in the answer.
    """
    step = progress or (lambda _family: None)
    tables = {**nothing_noted(), **tables}
    turns, releases = _Turns(tables, policy), Releases(tables, today)
    step("line")
    lines = look_up(lines, tables, today)
    turns.batches += turns.run("line", lines)
    step("duplicates")
    turns.batches += turns.run("duplicates", lines)
    lines["aside"] = turns.aside(lines)
    step("price")
    lines = prices.add_floors(campaigns.judge(lines, tables), tables)
    for family in ("campaign", "price", "giveaways"):
        turns.batches += turns.run(family, lines)
    turns.batches = releases.apply(turns.batches, lines)
    lines["aside"], lines["effect"] = turns.aside(lines), turns.effect(lines)
    turns.batches += releases.apply(turns.run("waits", lines), lines)
    step("finance")
    lines["effect"] = turns.effect(lines)
    orders = funds.judge_orders(lines, tables, policy)
    turns.batches += releases.apply(turns.run("finance", orders), lines)
    step("stock")
    lines["effect"] = _decided(turns.effect(lines), lines, policy)
    lines = stock.allocate(lines, tables, policy)
    turns.batches += turns.run("stock", lines)
    lines["effect"] = _decided(turns.effect(lines), lines, policy)
    if "releases" in tables:
        turns.batches.append(releases.unused(lines))
    orders["effect"] = gravest_of_order(lines["effect"].to_numpy(), lines["order"].to_numpy())[
        orders["first"].to_numpy()
    ]
    not_run = {rule.code: missing_tables(rule, tables) for rule in RULES if missing_tables(rule, tables)}
    place = {rule.code: turn for turn, rule in enumerate(RULES)}
    ordered = sorted(turns.batches, key=lambda batch: place[batch.rule])
    return Audit(lines, tuple(batch for batch in ordered if len(batch)), orders, not_run)


def _decided(effect: Ints, lines: pd.DataFrame, policy: Policy) -> Ints:
    """Return the lines' decisions; the policy `whole` gives each its order's."""
    return gravest_of_order(effect, lines["order"].to_numpy()) if policy.whole else effect


def nothing_noted() -> Tables:
    """Return the tables in which reading notes cleaned values and total rows, where it noted none."""
    columns = {
        "cleaned": ["line", "heading", "text", "value"],
        "totals": ["source_file", "source_sheet", "source_row", "word", "name", "heading", "stated", "sum"],
    }
    return {name: pd.DataFrame(columns=names) for name, names in columns.items()}
