"""Who may approve a discount under its floor (domain.md §2, approvals; §4, Price and Releases)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from udfs import money
from udfs.findings import Bools, Ints, Values
from udfs.lookup import Floats, Tables, word_key
from udfs.wording import phrase


@dataclass(frozen=True)
class Gap:
    """How far prices lie under their floor.

    floor_price − price, over list price, is the gap; all three multiplied by the price's divisor so that they
    stay exact. shortfall: fen.
    """

    floor_price: money.Product
    price: Floats
    list_price: money.Product
    shortfall: Ints


def covers(gap: Gap, max_gap: float, max_amount: float) -> Bools:
    """Tell where a limit covers gap and shortfall; max_amount (CNY) NaN is no limit."""
    within = ~money.exceeds([gap.floor_price, (-1.0, gap.price), (-max_gap, *gap.list_price)], 0.0)
    if np.isnan(max_amount):
        return within
    affordable: Bools = gap.shortfall <= money.fen([(np.array([max_amount]),)])[0]
    return within & affordable


def limits(tables: Tables) -> list[tuple[str, float, float]]:
    """Return the approval limits (role, max_gap, max_amount), smallest gap first."""
    table = tables.get("approvals")
    if table is None:
        return []
    order = np.argsort(table["max_gap"].to_numpy(float), kind="stable")
    roles, gaps, amounts = (table[name].to_numpy(object)[order] for name in ("role", "max_gap", "max_amount"))
    rows = zip(roles, gaps, amounts, strict=True)
    return [(str(role), float(max_gap), float(max_amount)) for role, max_gap, max_amount in rows]


def least_role(tables: Tables, gap: Gap) -> Values:
    """Return for each line the role with the smallest max_gap that covers it, or the word for nobody."""
    roles = np.full(len(gap.price), phrase("no_role"), dtype=object)
    for role, max_gap, max_amount in reversed(limits(tables)):
        roles[covers(gap, max_gap, max_amount)] = role
    return roles


def is_listed(tables: Tables, role: str) -> bool:
    """Tell whether the role stands in the approval limits."""
    return word_key(role) in {word_key(name) for name, _, _ in limits(tables)}


def role_covers(tables: Tables, role: str, gap: Gap) -> Bools:
    """Tell where any of the role's limits covers gap and shortfall."""
    answer = np.zeros(len(gap.price), dtype=bool)
    for name, max_gap, max_amount in limits(tables):
        if word_key(name) == word_key(role):
            answer |= covers(gap, max_gap, max_amount)
    return answer
