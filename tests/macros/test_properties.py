"""What holds on every day: nothing appears or vanishes, nothing is spent twice, order of arrival means nothing."""

from __future__ import annotations

import random
import shutil
from datetime import date
from pathlib import Path

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from macros import nightly, results
from tests.frames import as_read
from tests.macros.conftest import Demo
from tests.random_days import random_day
from udfs.audit import audit
from udfs.findings import HOLD, RETURN

DAYS = st.integers(0, 10**6)
ENOUGH = settings(max_examples=12, derandomize=True, deadline=None)


@ENOUGH
@given(DAYS)
def test_stock_is_shared_out_once(seed: int) -> None:
    day = as_read(*random_day(seed))
    result = audit(day.lines, day.tables, day.policy, day.today)
    stock = results.stock_rows(result, day.tables)
    parts = stock["ship"] + stock["reserved"] + stock["short"] + stock["unscheduled"]
    assert np.allclose(stock["ordered"], parts)
    if "short-stock" not in result.not_run:
        assert (stock["ship"] + stock["reserved"] <= stock["available"] + 1e-9).all()
        assert np.allclose(stock["left"], stock["available"] - stock["ship"] - stock["reserved"])
    held = result.lines["effect"] >= HOLD
    assert not result.lines.loc[held, "ship"].any()
    assert not result.lines.loc[result.lines["effect"] == RETURN, ["ship", "reserved"]].to_numpy().any()


@ENOUGH
@given(DAYS)
def test_funds_are_spent_once(seed: int) -> None:
    day = as_read(*random_day(seed))
    orders = audit(day.lines, day.tables, day.policy, day.today).orders
    judged = orders[(orders["finance"] >= 0) & (orders["partner"] >= 0) & (orders["outcome"] == "paid")]
    for _, paid in judged.groupby("partner_key"):
        # what finance confirms is taken all the same; what the system passes never exceeds what is left
        by_system = paid[paid["confirmation"] == ""]
        assert (by_system["amount"] <= by_system["left"]).all()
        if (paid["confirmation"] == "").all() and "products" in day.tables:
            assert paid["amount"].sum() <= paid["funds"].max()


@ENOUGH
@given(DAYS)
def test_every_line_and_every_fen_comes_out(seed: int) -> None:
    day = as_read(*random_day(seed))
    result = audit(day.lines, day.tables, day.policy, day.today)
    rows = results.line_rows(result, day.tables, day.today)
    assert len(rows) == len(day.lines)
    for name in ("quantity", "amount"):
        assert np.isclose(rows[name].sum(), day.lines[name].sum())
    known = results.decision_counts(result, ["decision"])
    assert known["lines"].sum() == len(rows)
    assert known["orders"].sum() == len(result.orders)
    assert np.isclose(known["amount"].sum(), rows["value"].sum())


def test_the_order_in_which_files_arrive_changes_nothing(demo: Demo, tmp_path: Path) -> None:
    copy = tmp_path / "team"
    files = [path for path in demo.folder.rglob("*") if path.is_file() and "输出" not in path.parts]
    random.Random(7).shuffle(files)  # noqa: S311 - any order will do
    for path in files:
        target = copy / path.relative_to(demo.folder)
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(path, target)
    day = date(2026, 11, 21)
    assert nightly.run(copy, day).result.read_bytes() == demo.outcome.result.read_bytes()
