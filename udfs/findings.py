"""Findings: what a check found, as columns; one batch per rule and check."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]
Values = npt.NDArray[Any]

INFO, TRANSFER, HOLD, RETURN = 0, 1, 2, 3
EFFECTS = ("info", "transfer", "hold", "return")
DECISIONS = ("pass", "transfer", "hold", "return")  # what a line with no graver effect gets
WRONG = 1
SEVERITIES = ("info", "wrong")
"""How grave a finding of a KASP request is (INFO, WRONG): such a request holds no order."""


@dataclass(frozen=True)
class Findings:
    """Findings of one rule.

    rule: its code. at: positions of the lines they stand on (-1: on no line). effect: INFO .. RETURN, one each.
    args: what the sentence names, one value each. release: the row of the release table that decided (-1: none).
    whole_order: the effect is on every line of the order.
    """

    rule: str
    at: Ints
    effect: Ints
    args: Mapping[str, Values | Sequence[Any]] = field(default_factory=dict)
    release: Ints | None = None
    whole_order: bool = False

    def __len__(self) -> int:
        """Return how many there are."""
        return len(self.at)

    def saying(self, **args: Values) -> Findings:
        """Return them with more for their sentence to name, one value each."""
        return replace(self, args={**self.args, **args})

    def with_releases(self, effect: Ints, release: Ints) -> Findings:
        """Return them with other effects and the releases that caused these."""
        return replace(self, effect=effect, release=release)


def found(rule: str, where: Bools, effect: int | Ints, *, whole_order: bool = False, **args: object) -> Findings:
    """Return a finding of `rule` wherever `where` holds; effect and args are given for all lines and cut to those."""
    at = np.flatnonzero(where)
    effects = np.full(len(at), effect) if isinstance(effect, int) else effect[at]
    columns = {name: _at(values, at) for name, values in args.items()}
    return Findings(rule, at, effects.astype(np.int64), columns, whole_order=whole_order)


def _at(values: Any, at: Ints) -> Values:  # noqa: ANN401 - a column of any kind, or one value for all
    if np.isscalar(values):
        return np.full(len(at), values)
    if isinstance(values, pd.Series):  # few of many rows: cut first, then made objects of
        return np.asarray(values.array.take(at))
    return np.asarray(values)[at]


def joined(batches: Sequence[Findings]) -> Findings:
    """Return batches of one rule with the same args as one, one after the other."""
    released = [batch.release for batch in batches if batch.release is not None]
    columns = {name: [np.asarray(batch.args[name]) for batch in batches] for name in batches[0].args}
    return replace(
        batches[0],
        at=np.concatenate([batch.at for batch in batches]),
        effect=np.concatenate([batch.effect for batch in batches]),
        args={name: np.concatenate(values) for name, values in columns.items()},
        release=np.concatenate(released) if released else None,
    )


def gravest(batches: Sequence[Findings], orders: Ints) -> Ints:
    """Return each line's gravest effect.

    batches: findings so far; orders: each line's order number code (0..n-1). Effects of whole-order findings
    reach every line of the order. Source: domain.md §4, "A line's decision is the gravest of its findings".
    """
    effect = np.zeros(len(orders), dtype=np.int64)
    of_order = np.zeros(int(orders.max()) + 1 if len(orders) else 0, dtype=np.int64)
    for batch in batches:
        on_line = batch.at >= 0
        if batch.whole_order:
            np.maximum.at(of_order, orders[batch.at[on_line]], batch.effect[on_line])
        else:
            np.maximum.at(effect, batch.at[on_line], batch.effect[on_line])
    return np.maximum(effect, of_order[orders]) if len(orders) else effect


def gravest_of_order(effect: Ints, orders: Ints) -> Ints:
    """Return for each line the gravest effect within its order (the policy `whole`, and an order's decision)."""
    of_order = np.zeros(int(orders.max()) + 1 if len(orders) else 0, dtype=np.int64)
    np.maximum.at(of_order, orders, effect)
    return of_order[orders] if len(orders) else effect
