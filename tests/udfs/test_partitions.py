"""Partitioned or not, here or elsewhere: an audit says the same."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from itertools import pairwise
from typing import Any

import numpy as np
import pandas as pd
import pytest

from tests.frames import DayRead, as_read, order_lines
from tests.random_days import random_day
from udfs.audit import Audit, audit
from udfs.findings import Findings
from udfs.partitions import Given, PartitionedAudit, buckets

SEEDS = range(2000, 2005)
BATCHES = 4


class Here:
    """Workers that do everything at once, and what they are told twice, as where an answer was lost."""

    called = 0

    def __init__(self, parts: int) -> None:
        """Judge in so many partitions."""
        self.parts = parts

    def call(self, function: Callable[..., Any], *arguments: object) -> object:
        self.called += 1
        if self.called % 3 == 0:
            function(*arguments)
        return function(*arguments)

    def fetch(self, answers: Sequence[object]) -> list[Any]:
        return list(answers)


def in_partitions(day: DayRead, parts: int) -> Audit:
    """Return the audit of a day whose lines come in batches and are judged in so many partitions."""
    noted = {kind: day.tables[kind] for kind in day.tables.keys() & {"cleaned", "totals"}}
    tables = {kind: table for kind, table in day.tables.items() if kind not in noted}
    edges = np.linspace(0, len(day.lines), BATCHES + 1).astype(int)
    raw = day.lines.drop(columns="file")
    batches = [raw.iloc[start:end].reset_index(drop=True) for start, end in pairwise(edges)]
    running = PartitionedAudit(batches, Given(tables, day.policy, day.today), Here(parts))
    return running.answer(day.lines, noted, lambda _step: None)


def as_table(batch: Findings) -> pd.DataFrame:
    """Return findings as a table, those of a line together, in the order in which they were found."""
    args = {name: list(np.asarray(values, dtype=object)) for name, values in batch.args.items()}
    release = [-1] * len(batch) if batch.release is None else batch.release
    table = pd.DataFrame({"at": batch.at, "effect": batch.effect, "release": release, **args})
    return table.astype(object).sort_values("at", kind="stable").reset_index(drop=True)


def assert_same(one: Audit, other: Audit) -> None:
    """Fail where two audits differ in anything: lines, orders, findings, what did not run."""
    pd.testing.assert_frame_equal(one.lines, other.lines)
    pd.testing.assert_frame_equal(one.orders, other.orders)
    assert [(batch.rule, batch.whole_order) for batch in one.findings] == [
        (batch.rule, batch.whole_order) for batch in other.findings
    ]
    for mine, theirs in zip(one.findings, other.findings, strict=True):
        pd.testing.assert_frame_equal(as_table(mine), as_table(theirs))
    assert one.not_run == other.not_run


def day_of(seed: int) -> DayRead:
    return as_read(*random_day(seed))


@pytest.mark.parametrize("parts", [1, 2, 5])
@pytest.mark.parametrize("seed", SEEDS)
def test_partitions_say_what_all_lines_together_say(seed: int, parts: int) -> None:
    day = day_of(seed)
    assert_same(in_partitions(day, parts), audit(day.lines, day.tables, day.policy, day.today))


@pytest.mark.parametrize("whole", [True, False])
@pytest.mark.parametrize("partial", [True, False])
def test_so_they_do_under_every_policy(*, whole: bool, partial: bool) -> None:
    rows, tables, settings, today = random_day(9, size=150)
    day = as_read(rows, tables, settings, today)
    day = replace(day, policy=replace(day.policy, whole=whole, partial=partial))
    assert_same(in_partitions(day, 3), audit(day.lines, day.tables, day.policy, day.today))


@pytest.mark.parametrize("kind", ["partners", "products", "policies", "approvals", "stock", "finance", "releases"])
def test_so_they_do_without_a_table(kind: str) -> None:
    day = as_read(*random_day(9, size=150))
    day = replace(day, tables={name: table for name, table in day.tables.items() if name != kind})
    assert_same(in_partitions(day, 3), audit(day.lines, day.tables, day.policy, day.today))


def test_so_they_do_without_any_line() -> None:
    day = replace(day_of(5), lines=order_lines([]))
    day.tables.pop("cleaned", None)
    assert_same(in_partitions(day, 3), audit(day.lines, day.tables, day.policy, day.today))


def test_codes_that_compare_alike_share_a_partition_on_every_machine() -> None:
    codes = pd.Series(["a1", "B2", "A1", "b2", "C3"], dtype="str")
    assert buckets(codes, 4).tolist() == [2, 1, 2, 1, 3]
