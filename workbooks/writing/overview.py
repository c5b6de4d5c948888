"""What a day's run says on one page: the data of the overview sheet, which workbooks.writing.dashboard draws."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import date

    import pandas as pd


Figures = tuple[float, float, float]
"""Lines, orders and amount."""


@dataclass(frozen=True)
class RuleLine:
    """What one rule found.

    code: as in labels.rules. effect: a key of labels.effects. count: findings. money: CNY at stake in them.
    optional: its table is only given where there is something to say; then nobody need be warned.
    missing: names of the tables the rule had to do without, as people know them; not empty means it did not run.
    """

    code: str
    effect: str
    count: int
    money: float
    missing: str = ""
    optional: bool = False


@dataclass(frozen=True)
class Shortage:
    """One product that is short: eta is None where the planners gave none."""

    product_code: str
    product_name: str
    short: float
    eta: date | None = None


@dataclass(frozen=True)
class Input:
    """One file of the run; kind: a key of labels.kinds, or any word; sha256 in hex."""

    file: str
    kind: str
    rows: int
    sha256: str


@dataclass(frozen=True)
class Overview:
    """Everything the overview sheet shows, and nothing else.

    day: the day audited. period: the days, in words, where there are several.
    passed: the control totals' verdict, with a sentence that says why in `verdict_says`.
    lines, orders, amount: accepted order lines, distinct orders, CNY of the lines.
    rejected: rows that were not accepted. findings: how many of any effect. at_stake: CNY in findings.
    decisions: one row per decision: decision (key), lines, orders, amount. An order counts once, under its own decision
    (the gravest of its lines), so that orders add up to `orders`.
    regions: one row per region and decision: region, decision (key), lines, orders, amount; absent pairs are zero.
    rules: every rule, run or not, in the order they run.
    shortages: products that are short, in any order.
    facts: name and value; a name `x` is shown as labels.overview["fact_x"] where there is one.
    alerts: sentences that must not be overlooked; they stand under the title. remarks: what else to know before reading
    on; they stand below these.
    notices: sentences for the reader (files skipped, settings that differ from the default, ...).
    inputs: the files read.
    """

    day: date
    passed: bool
    verdict_says: str
    lines: int
    orders: int
    amount: float
    rejected: int
    findings: int
    at_stake: float
    decisions: pd.DataFrame
    regions: pd.DataFrame
    rules: tuple[RuleLine, ...] = ()
    shortages: tuple[Shortage, ...] = ()
    facts: tuple[tuple[str, str], ...] = ()
    alerts: tuple[str, ...] = ()
    notices: tuple[str, ...] = ()
    inputs: tuple[Input, ...] = ()
    period: str = ""
    remarks: tuple[str, ...] = ()

    def decided(self, decision: str) -> Figures:
        """Return lines, orders and amount of a decision over all regions; zeros where there is none."""
        rows = self.decisions[self.decisions["decision"] == decision]
        return float(rows["lines"].sum()), float(rows["orders"].sum()), float(rows["amount"].sum())

    def by_region(self) -> dict[str, dict[str, Figures]]:
        """Return region -> decision -> lines, orders and amount, in the order of the regions' rows."""
        sums: dict[str, dict[str, Figures]] = {}
        names = self.regions["region"].astype("object").where(self.regions["region"].notna(), "")
        columns = (self.regions[name].tolist() for name in ("decision", "lines", "orders", "amount"))
        for region, decision, lines, orders, amount in zip(names, *columns, strict=True):
            sums.setdefault(str(region), {})[str(decision)] = (float(lines), float(orders), float(amount))
        return sums
