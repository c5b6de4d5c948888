"""What a demo day consists of: clerks and their habits, orders, lines, and the day that holds them."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, fields
from random import Random

from macros.demo.reference import DAY, Row, Tables, Value, words


@dataclass(frozen=True)
class Formula:
    """A formula cell and the value Excel remembered; an empty one was never calculated."""

    text: str
    result: float | str


Cell = Value | float | Formula


@dataclass(frozen=True)
class Clerk:
    """One clerk's workbook and habits, as [[demo.clerks]] of the labels file describes them."""

    clerk: str
    region: str
    path: str
    cities: list[str]
    order: str
    title: list[str]
    headings: list[str]
    date: str
    discount: str
    amount: str
    types: list[str]
    totals: str
    sheets: list[str]
    color: str = "#DCE6F1"
    encoding: str = ""
    separator: str = ""
    repeat_header: int = 0
    blank_rows: bool = False
    date_1904: bool = False
    hidden: str = ""
    notes: str = ""
    receivers: list[str] = field(default_factory=list)

    @property
    def columns(self) -> list[str]:
        """Return the column behind each heading."""
        return [heading.rpartition("=")[2] for heading in self.headings]


@dataclass
class Line:
    """One order line: its values as they should be read, and the cells the clerk wrote in an odd way."""

    values: Row
    spelled: dict[str, Cell] = field(default_factory=dict)
    rejected: bool = False


@dataclass
class Order:
    """One order as one clerk submits it; planted: it carries a fault."""

    clerk: Clerk
    partner: Row
    lines: list[Line]
    planted: bool = False

    @property
    def number(self) -> str:
        """Return the order number of the first line."""
        return str(self.lines[0].values["order_no"])

    @property
    def campaigns(self) -> set[Value]:
        """Return the campaigns its lines name."""
        return {line.values["campaign"] for line in self.lines} - {None}


@dataclass
class Day:
    """The whole day: tables by kind, orders in the clerks' order, and the totals that will be stated wrongly."""

    rng: Random
    tables: Tables
    clerks: list[Clerk]
    orders: list[Order]
    stale_totals: set[str] = field(default_factory=set)
    reserved: dict[str, list[Order]] = field(default_factory=dict)  # orders that fail for money alone, by how

    def fitting(self, columns: Iterable[str] = (), where: Callable[[Order], bool] = lambda _: True) -> list[Order]:
        """Return the orders, of clerks who have those columns, that a fault may be planted in."""
        needed = set(columns)
        money = [id(order) for orders in self.reserved.values() for order in orders]
        return [
            order
            for order in self.orders
            if id(order) not in money and len(order.lines) > 2 and needed <= set(order.clerk.columns) and where(order)
        ]

    def take(self, columns: Iterable[str] = (), where: Callable[[Order], bool] = lambda _: True) -> Order:
        """Return such an order, a clean one if there is one, and mark it as used for a fault."""
        fitting = self.fitting(columns, where)
        order = self.rng.choice([order for order in fitting if not order.planted] or fitting)
        order.planted = True
        return order

    def product(self, code: Value) -> Row:
        """Return the last price row of a product: the one valid on the day, where there is one."""
        return [row for row in self.tables["products"] if row["product_code"] == code][-1]

    def released(self, line: Line, rule: str, verdict: str, role: str, reason: str) -> None:
        """Enter an approval record for a line (or its whole order where the rule stands on the order)."""
        self.tables["releases"].append(
            {
                "order_no": line.values["order_no"],
                "product_code": line.values["product_code"],
                "rule": rule,
                "verdict": words()["words"][verdict],
                "approver": self.rng.choice(words()["people"]["approvers"]),
                "role": words()["words"][role],
                "approved_on": DAY,
                "reason": words()["reasons"][reason],
            }
        )


def load_clerks() -> list[Clerk]:
    """Return the clerks of the labels file."""
    known = {entry.name for entry in fields(Clerk)}
    return [Clerk(**{name: value for name, value in entry.items() if name in known}) for entry in words()["clerks"]]
