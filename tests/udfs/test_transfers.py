"""Is a transfer of an earlier day still open? Rows of an earlier register against a day, and what must always hold."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from udfs.findings import Bools
from udfs.transfers import CLOSED, KEY, OPEN, Today, carry, continued, still_open

EFFECTS = {"pass": 0, "transfer": 1, "hold": 2, "return": 3}


def register(text: str) -> pd.DataFrame:
    """Return an earlier register written out: order, partner, product, short, day of November, status."""
    rows = [line.split() for line in text.strip().splitlines()]
    frame = pd.DataFrame(rows, columns=["order_no", "partner_code", "product_code", "short", "registered", "status"])
    days = pd.to_datetime("2026-11-" + frame["registered"])
    return frame.astype({"short": float}).assign(registered=days, eta=days, source_day=days)


def lines(text: str) -> pd.DataFrame:
    """Return a day's lines written out: order, partner, product, decision."""
    rows = [line.split() for line in text.strip().splitlines()]
    frame = pd.DataFrame(rows, columns=[*KEY, "decision"], dtype=object)
    return frame.assign(effect=frame["decision"].map(EFFECTS).astype(np.int64))


def nothing(rows: pd.DataFrame) -> Bools:
    return np.zeros(len(rows), dtype=bool)


def today(text: str = "", **known: object) -> Today:
    """Return a day with those lines; what is decided as a transfer is among the day's transfers."""
    day = lines(text)
    moved = day[day["decision"] == "transfer"].reset_index(drop=True)
    plain = Today(day, moved, {}, {}, frozenset(), None, nothing)
    return replace(plain, **known)  # type: ignore[arg-type]


def fates(rows: pd.DataFrame) -> list[tuple[str, str]]:
    return list(zip(rows["order_no"], rows["status"].fillna(""), strict=True))


@pytest.mark.parametrize(
    ("day", "status"),
    [
        ("so1 P1 a hold", "held"),
        ("SO1 P1 A return", "returned"),
        ("SO1 P1 A pass", "covered"),
        ("SO1 P1 A pass\nSO1 P1 A hold", "held"),  # the gravest of the lines of that name
        ("SO1 P1 B pass", "withdrawn"),
        ("SO1 P2 A pass", "short"),  # another partner's order of that number
        ("SO2 P1 A pass", "short"),
    ],
)
def test_what_today_says_of_the_same_order_and_product(day: str, status: str) -> None:
    earlier = register("SO1 P1 A 20 16 new")
    assert fates(carry(earlier, today(day))) == [("SO1", status)]


def test_a_transfer_of_today_continues_the_earlier_one_of_its_name_the_first_the_first() -> None:
    earlier = register("""
        SO1 P1 A 20 16 new
        SO1 P1 A 3  16 new
        SO1 P1 A 1  16 new
    """)
    day = today("so1 p1 a transfer\nSO1 P1 A transfer\nSO1 P1 B transfer")
    assert continued(earlier, day.moved).tolist() == [0, 1, -1]
    assert carry(earlier, day)["short"].tolist() == [1]  # the third: today's lines of that name are two


def test_what_the_queue_leaves_covers_whole_transfers_the_oldest_first() -> None:
    earlier = still_open(
        register("""
        SO1 P1 A 20 18 short
        SO2 P1 A 30 16 short
        SO3 P1 A 25 17 new
        SO4 P1 B 1  17 new
        """)
    )
    rows = carry(earlier, today(left={"A": 51.0}))
    assert fates(rows) == [("SO2", "covered"), ("SO3", "short"), ("SO4", "short"), ("SO1", "covered")]


def test_a_discontinued_product_is_not_covered_by_its_rest() -> None:
    earlier = register("SO1 P1 A 20 16 new")
    assert fates(carry(earlier, today(left={"A": 99.0}, ended=frozenset({"A"})))) == [("SO1", "short")]


def test_an_unreadable_quantity_stays_open() -> None:
    earlier = register("SO1 P1 A nan 16 new")
    assert fates(carry(earlier, today(left={"A": 99.0}))) == [("SO1", "short")]


def test_arrivals_are_counted_behind_todays_shortage() -> None:
    supply = pd.DataFrame({"product_code": ["A", "A"], "eta": pd.to_datetime(["2026-11-20", "2026-11-27"])})
    supply["quantity"] = [50.0, 50.0]
    earlier = register("SO1 P1 A 20 16 new\nSO2 P1 A 40 16 new\nSO3 P1 A 40 16 new")
    rows = carry(earlier, today(short={"A": 10.0}, supply=supply))
    assert [f"{eta:%d}" if eta == eta else "-" for eta in pd.to_datetime(rows["eta"])] == ["20", "27", "-"]  # noqa: PLR0124


def test_an_order_that_its_region_took_out_is_withdrawn_and_only_absent_ones_are_asked_for() -> None:
    asked: list[str] = []

    def gone(rows: pd.DataFrame) -> Bools:
        asked.extend(rows["order_no"])
        return (rows["order_no"] == "SO2").to_numpy(bool)

    earlier = register("SO1 P1 A 20 16 new\nSO2 P1 A 20 16 new\nSO3 P1 A 20 16 new")
    rows = carry(earlier, today("SO3 P1 A hold", withdrawn=gone))
    assert fates(rows) == [("SO1", "short"), ("SO2", "withdrawn"), ("SO3", "held")]
    assert asked == ["SO1", "SO2"]


def test_closed_rows_and_rows_of_nothing_are_not_carried_a_tracker_s_own_row_is() -> None:
    earlier = register("SO1 P1 A 20 16 covered\nSO2 P1 A 20 16 withdrawn\nSO3 P1 A 20 16 等工厂\nSO4 P1 A 20 16 held")
    earlier.loc[4] = [None, None, None, 5.0, pd.NaT, None, pd.NaT, pd.NaT]
    earlier.loc[5] = ["SO6", None, None, 5.0, pd.NaT, None, pd.NaT, pd.NaT]
    assert fates(still_open(earlier)) == [("SO6", ""), ("SO3", "等工厂"), ("SO4", "held")]


codes = st.sampled_from(["1", "2"])
transfers = st.lists(st.tuples(codes, codes, codes, st.integers(1, 9), st.integers(16, 18)), max_size=8)
ordered = st.lists(st.tuples(codes, codes, codes, st.sampled_from(sorted(EFFECTS))), max_size=8)


@given(transfers, ordered, st.integers(0, 30), st.sampled_from([False, True]))
def test_no_open_transfer_is_lost_and_what_is_left_is_given_out_once(
    rows: list[tuple[str, str, str, int, int]], day: list[tuple[str, str, str, str]], left: int, gone: object
) -> None:
    earlier = still_open(register("\n".join(f"{o} {p} {c} {q} {d} new" for o, p, c, q, d in rows)))
    known = today(
        "\n".join(" ".join(line) for line in day),
        left={"1": float(left)},
        withdrawn=lambda absent: np.full(len(absent), gone, dtype=bool),
    )
    taken = continued(earlier, known.moved)
    carried = carry(earlier, known)
    assert len(carried) == len(earlier) - len(set(taken[taken >= 0].tolist()))
    assert set(carried["status"]) <= {*OPEN, *CLOSED} - {"new"}
    orders = {(order, partner) for order, partner, *_ in day}
    of_order = zip(carried["order_no"], carried["partner_code"], strict=True)
    absent = [key not in orders for key in of_order]
    given_out = carried[pd.Series(absent, dtype=bool) & (carried["status"] == "covered")]
    assert set(given_out["product_code"]) <= {"1"}
    assert given_out["short"].sum() <= left
