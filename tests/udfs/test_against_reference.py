"""The rules against the slow, obvious reference in tests/reference.py, on random days dense in trouble."""

from __future__ import annotations

from collections import Counter
from datetime import date
from decimal import Decimal
from typing import Any

import numpy as np
import pandas as pd
import pytest

from tests import reference
from tests.frames import as_read
from tests.random_days import random_day
from udfs.audit import Audit, audit
from udfs.findings import DECISIONS, EFFECTS

DAYS_PER_TEST = 25
SEEDS = range(0, 200, DAYS_PER_TEST)


def audited(seed: int) -> tuple[reference.Result, Audit, list[int]]:
    """Return the reference's result, ours, and for each of our lines its place in the reference."""
    expected = reference.audit(*random_day(seed))
    day = as_read(*random_day(seed))
    return expected, audit(day.lines, day.tables, day.policy, day.today), day.order


def found_in(result: Audit, order: list[int]) -> Counter[tuple[Any, ...]]:
    """Return our findings as (rule, effect, line, figures)."""
    seen: Counter[tuple[Any, ...]] = Counter()
    for batch in result.findings:
        for place, (at, effect) in enumerate(zip(batch.at.tolist(), batch.effect.tolist(), strict=True)):
            args = {name: np.asarray(values)[place] for name, values in batch.args.items()}
            figures: tuple[Any, ...] = ()
            if batch.rule == "discount-below-floor":
                role = args["role"] if isinstance(args["role"], str) else None
                figures = (f"{args['expected']:.4f}", f"{args['money'] / 100:.2f}", role)
            elif batch.rule == "giveaway-exceeded":
                figures = (f"{args['actual']:.4f}", f"{args['expected']:.4f}")
            elif batch.rule == "short-stock":
                eta = args["eta"] if isinstance(args["eta"], str) else None
                figures = (f"{args['expected']:.4f}", eta)
            seen[batch.rule, EFFECTS[effect], None if at < 0 else order[at], figures] += 1
    return seen


def found_by_reference(result: reference.Result) -> Counter[tuple[Any, ...]]:
    """Return the reference's findings in the same form."""
    seen: Counter[tuple[Any, ...]] = Counter()
    for finding in result.findings:
        extra = finding.extra
        figures: tuple[Any, ...] = ()
        if finding.rule == "discount-below-floor":
            figures = (f"{float(extra['floor']):.4f}", f"{extra['shortfall']:.2f}", extra["role"])
        elif finding.rule == "giveaway-exceeded":
            figures = (f"{float(extra['given']):.4f}", f"{float(extra['entitled']):.4f}")
        elif finding.rule == "short-stock":
            figures = (f"{float(extra['short']):.4f}", None if extra["eta"] is None else str(extra["eta"]))
        seen[finding.rule, finding.effect, finding.line, figures] += 1
    return seen


def day_of(value: Any) -> date | None:
    return None if pd.isna(value) else pd.Timestamp(value).date()


def lines_of(result: Audit) -> list[dict[str, Any]]:
    """Return what we say of each line: decision, quantities and arrival."""
    rows = result.lines[["effect", "ship", "reserved", "short", "eta"]].to_dict("records")
    return [
        {
            "decision": DECISIONS[row["effect"]],
            **{name: Decimal(str(row[name])) for name in ("ship", "reserved", "short")},
            "eta": day_of(row["eta"]),
        }
        for row in rows
    ]


def orders_of(result: Audit) -> dict[tuple[str, str], tuple[Decimal, str]]:
    """Return each order's amount (CNY) and decision."""
    orders = zip(*(result.orders[name] for name in ("order_no", "partner_code", "amount", "effect")), strict=True)
    return {
        (order_no.upper(), partner_code.upper()): (Decimal(amount) / 100, DECISIONS[effect])
        for order_no, partner_code, amount, effect in orders
    }


@pytest.mark.parametrize("first", SEEDS)
def test_an_audit_equals_the_reference(first: int) -> None:
    for seed in range(first, first + DAYS_PER_TEST):
        expected, result, order = audited(seed)
        assert found_in(result, order) == found_by_reference(expected), f"seed {seed}"
        assert set(result.not_run) == expected.not_run, f"seed {seed}"
        for place, mine in enumerate(lines_of(result)):
            theirs = expected.lines[order[place]]
            assert mine == {name: theirs[name] for name in mine}, f"seed {seed}, line {order[place]}"
        orders = {
            (row["order_no"].upper(), row["partner_code"].upper()): (row["amount"], row["decision"])
            for row in expected.orders
        }
        assert orders_of(result) == orders, f"seed {seed}"
