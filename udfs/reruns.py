"""What did running a day again change? Orders before and after, told apart by their decision and findings."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from udfs.findings import DECISIONS
from udfs.lookup import code_key
from udfs.wording import rule_names
from workbooks.labels import labels

ORDER = ("order_no", "partner_code")
KINDS = ("released", "returned", "held", "changed", "new", "gone")
"""How an order changed: its decision is less grave, it went back, it is held, it changed otherwise, it is here for the
first time, or no longer."""


def changed_orders(
    before: pd.DataFrame, after: pd.DataFrame, answers: Mapping[tuple[str, str], str] | None = None
) -> pd.DataFrame:
    """Return the orders that two runs of a day decide differently, or find other things of, in the order of `after`.

    before, after: merged order lines (ORDER, region, decision, rules: names of findings, joined). Returns ORDER,
    region, kind (of KINDS), before and after (the order's gravest decision, None where it is not there), the names of
    findings that are resolved and those that are new, joined, and what `answers` says of the order (by its codes as
    compared).
    """
    old, new = _orders(before), _orders(after)
    rows = []
    for key in [*new, *(key for key in old if key not in new)]:
        was, then = old.get(key, _ABSENT), new.get(key, _ABSENT)
        if (was.decisions, was.rules) == (then.decisions, then.rules):
            continue
        shown = new.get(key, was)
        rows.append(
            {
                "order_no": shown.order_no,
                "partner_code": shown.partner_code,
                "region": shown.region,
                "kind": _kind(was, then),
                "before": was.decision,
                "after": then.decision,
                "resolved": _joined(was.rules, then.rules),
                "found": _joined(then.rules, was.rules),
                "answers": (answers or {}).get(key, ""),
            }
        )
    names = [*ORDER, "region", "kind", "before", "after", "resolved", "found", "answers"]
    return pd.DataFrame(rows, columns=names, dtype=object)


@dataclass(frozen=True)
class _Order:
    """An order as a run left it: how many of its lines got each decision, and the names of its findings."""

    order_no: str = ""
    partner_code: str = ""
    region: str = ""
    decisions: tuple[int, ...] = ()
    rules: tuple[str, ...] = ()

    @property
    def decision(self) -> str | None:
        """Return the gravest decision of its lines, None where it is not there."""
        counts = dict(zip(DECISIONS, self.decisions, strict=False))
        return next((name for name in reversed(DECISIONS) if counts.get(name)), None)


_ABSENT = _Order()


def _orders(lines: pd.DataFrame) -> dict[tuple[str, str], _Order]:
    texts = lines[[*ORDER, "region", "decision", "rules"]].fillna("").astype(str)
    texts = texts[texts["decision"].isin(DECISIONS)].reset_index(drop=True)  # people write below and beside a result
    number = texts.groupby([texts[name].map(code_key) for name in ORDER], sort=False).ngroup().to_numpy()
    first = texts[~pd.Series(number).duplicated().to_numpy()]
    counts = np.zeros((len(first), len(DECISIONS)), dtype=np.int64)
    np.add.at(counts, (number, texts["decision"].map(DECISIONS.index).to_numpy(np.int64)), 1)
    rules: list[set[str]] = [set() for _ in range(len(first))]
    for order, names in set(zip(number.tolist(), texts["rules"], strict=True)):
        rules[order].update(rule_names(names))
    said = first[[*ORDER, "region"]].itertuples(index=False, name=None)
    orders = [
        _Order(order_no, partner, region, tuple(counted), tuple(sorted(names)))
        for (order_no, partner, region), counted, names in zip(said, counts.tolist(), rules, strict=True)
    ]
    return {(code_key(order.order_no), code_key(order.partner_code)): order for order in orders}


def _kind(was: _Order, then: _Order) -> str:
    """Return how an order changed (of KINDS)."""
    if was is _ABSENT or then is _ABSENT:
        return "new" if was is _ABSENT else "gone"
    grave = [DECISIONS.index(one.decision or DECISIONS[0]) for one in (was, then)]
    if grave[1] < grave[0]:
        return "released"
    worse = {"return": "returned", "hold": "held"} if grave[1] > grave[0] else {}
    return worse.get(str(then.decision), "changed")


def _joined(these: tuple[str, ...], without: tuple[str, ...]) -> str:
    return str(labels().words["list_joiner"].join(name for name in these if name not in without))
