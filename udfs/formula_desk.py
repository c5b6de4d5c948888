"""What the formulas stand on: the desk that knows the team folder, and indexes of its tables, built once per table."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date
from functools import cached_property
from typing import Any, Protocol

import numpy as np
import pandas as pd

from udfs import funds, money
from udfs.campaigns import Campaigns
from udfs.findings import Bools, Ints
from udfs.lookup import CodeIndex, Days, Floats, PriceIndex, Tables, code_key, discontinued
from udfs.order_lines import texts
from udfs.stock import arrivals, available
from workbooks.schema import Policy

Rows = Sequence[Sequence[object]]


class OrderRange(Protocol):
    """The order lines of a range: accepted lines, what reading noted, and what was rejected.

    rejected: (row in the range, code of the problem, what is wrong, what to do).
    """

    @property
    def lines(self) -> pd.DataFrame:
        """The accepted lines, columns of the kind orders; source_row is the row in the range, from 1."""

    @property
    def cleaned(self) -> pd.DataFrame:
        """The numbers read through units and separators."""

    @property
    def totals(self) -> pd.DataFrame:
        """What total rows state."""

    @property
    def rejected(self) -> Sequence[tuple[int, str, str, str]]:
        """The rows that are in no calculation, and why."""


class Desk(Protocol):
    """What a formula may ask the world for: the team folder's tables, the day, and how a cell is read.

    Cells are values as Excel hands them over. Everything that reads the folder raises WorkbookError where there is
    none, or where its settings are wrong.
    """

    @property
    def policy(self) -> Policy:
        """The team's settings of the rules."""

    @property
    def today(self) -> date:
        """The day that stands where a formula names none."""

    def frames(self) -> Tables:
        """Return the reference tables by kind: the same object until one of them changes."""

    def code(self, cell: object) -> str | None:
        """Return the code in a cell; None where it is blank."""

    def number(self, cell: object) -> float | None:
        """Return the number in a cell; None where it holds none."""

    def day(self, cell: object) -> date | None:
        """Return the date in a cell; None where it holds none."""

    def column(self, kind: str, heading: str) -> str | None:
        """Return the column of a table kind that a heading, alias or English name means; None where none does."""

    def order_lines(self, cells: Rows) -> OrderRange | str:
        """Return the order lines of a range with its headings; in words, the headings that it lacks."""


class NotThereError(Exception):
    """A formula needs a reference table (named by its kind) or a team folder that is not there."""


class Known:
    """One set of reference tables as the formulas ask it; each index is made when first asked and then kept.

    Rows are rows of a table, -1 where there is none; columns have one more place, for -1.
    """

    def __init__(self, tables: Tables) -> None:
        """Keep the tables."""
        self.tables = tables
        self._indebted: tuple[Policy, list[bool]] | None = None

    def table(self, kind: str) -> pd.DataFrame:
        """Return a reference table; raises NotThereError where it was not given."""
        if kind not in self.tables:
            raise NotThereError(kind)
        return self.tables[kind]

    def numbers(self, kind: str, column: str) -> Floats:
        """Return a number column of a table and NaN."""
        return np.append(self.table(kind)[column].to_numpy(float), np.nan)

    @cached_property
    def partners(self) -> CodeIndex:
        """The rows of the partner table."""
        return CodeIndex(self.table("partners")["partner_code"])

    @cached_property
    def partner_values(self) -> dict[str, list[Any]]:
        """The partner table's columns; empty text where blank."""
        table = self.table("partners")
        return {name: ["" if pd.isna(cell) else cell for cell in table[name].to_list()] for name in table.columns}

    @cached_property
    def contract_discount(self) -> Floats:
        """Each partner's contract discount (0-1)."""
        return self.numbers("partners", "contract_discount")

    @cached_property
    def prices(self) -> PriceIndex:
        """The price rows of the products."""
        return PriceIndex(self.table("products"))

    @cached_property
    def list_price(self) -> Floats:
        """Each price row's list price (CNY)."""
        return self.numbers("products", "list_price")

    @cached_property
    def discontinued(self) -> Bools:
        """Which price rows are of a discontinued product."""
        return np.append(discontinued(self.table("products")), [False])

    @cached_property
    def campaigns(self) -> Campaigns:
        """The campaigns and what they cover."""
        return Campaigns(self.table("policies"), self.tables)

    @cached_property
    def min_discount(self) -> Floats:
        """Each campaign's least discount (0-1)."""
        return self.numbers("policies", "min_discount")

    @cached_property
    def bundle(self) -> tuple[Floats, Floats]:
        """How many pieces each campaign asks for, and how many it then gives."""
        return self.numbers("policies", "buy_qty"), self.numbers("policies", "free_qty")

    @cached_property
    def available(self) -> dict[str, int]:
        """What is free of each product, in millionths of a piece."""
        return available(self.table("stock"))

    @cached_property
    def arrivals(self) -> dict[str, tuple[Ints, Days]]:
        """When how much of each product arrives."""
        return arrivals(self.table("supply"))

    @cached_property
    def finance_rows(self) -> Ints:
        """Each partner's row of the finance table, -1 where it has none."""
        codes = self.table("partners")["partner_code"].to_list()
        index = CodeIndex(self.table("finance")["partner_code"])
        return np.append(index.rows([code_key(str(code)) for code in codes]), -1)

    @cached_property
    def funds(self) -> list[int]:
        """Each partner's funds in fen (udfs.funds.funds_of)."""
        credit = np.append(self.table("partners")["credit_limit"].to_numpy(float), 0.0)
        return [int(fen) for fen in funds.funds_of(self.table("finance"), credit, self.finance_rows)]

    @cached_property
    def funds_in_yuan(self) -> list[float]:
        """Each partner's funds in CNY."""
        return [float(amount) for amount in money.yuan(np.array(self.funds, dtype=np.int64))]

    def indebted(self, policy: Policy) -> list[bool]:
        """Return which partners owe too much (udfs.funds.is_indebted)."""
        if self._indebted is None or self._indebted[0] != policy:
            self._indebted = policy, self._judged(policy)
        return self._indebted[1]

    def _judged(self, policy: Policy) -> list[bool]:
        finance, rows = self.table("finance"), self.finance_rows
        debt, overdue = (np.append(finance[name].to_numpy(float), 0.0)[rows] for name in ("debt", "overdue_days"))
        owes = funds.is_indebted(np.array(self.funds), debt, overdue, policy.max_overdue_days)
        return [bool(answer) for answer in owes]

    @cached_property
    def confirmations(self) -> list[str]:
        """What finance has confirmed of each partner, "" where nothing."""
        return [str(word) for word in texts(self.table("finance"), "confirmation", self.finance_rows)]


class Connection:
    """The one desk of this process, and what was made of its tables."""

    def __init__(self) -> None:
        """Begin without a desk."""
        self._find: Callable[[], Desk] | None = None
        self._known: tuple[Desk, Known] | None = None

    def connect(self, find: Callable[[], Desk] | None) -> None:
        """Take who finds the desk, asked at every call: the team folder may be another from one to the next."""
        self._find = find

    def asked(self) -> tuple[Desk, Known]:
        """Return the desk and its tables as they are now.

        Raises NotThereError where nobody finds a desk, and whatever the finder raises.
        """
        if self._find is None:
            raise NotThereError("team-folder")
        desk = self._find()
        tables = desk.frames()
        if self._known is None or self._known[0] is not desk or self._known[1].tables is not tables:
            self._known = desk, Known(tables)
        return self._known


CONNECTION = Connection()
"""Kept here and not in formulas.py, which xlwings may load anew."""
