from collections import Counter
from dataclasses import replace
from functools import cache

import numpy as np
import pandas as pd
import pytest

from tests.frames import TODAY, DayRead, as_read, audited, decisions, found, marked, order_lines, table
from tests.random_days import random_day
from udfs.audit import Audit, audit
from udfs.findings import HOLD, RETURN, gravest, gravest_of_order
from udfs.lookup import code_key
from udfs.stock import SCALE, available, millionths
from workbooks.schema import Policy

SEEDS = range(1000, 1040)
PARTNERS = "partner_code  partner_name  level  contract_discount\n P1  Rose  A  0.9\n P2  Lily  A  0.9"
PRODUCTS = "product_code  product_name  list_price  status\n A  Mask  100  -\n E  Gone  100  停产"
TABLES = {"partners": PARTNERS, "products": PRODUCTS}


@cache
def random_audit(seed: int) -> tuple[DayRead, Audit]:
    """Return a random day and its audit."""
    day = as_read(*random_day(seed))
    return day, audit(day.lines, day.tables, day.policy, day.today)


def test_a_lines_decision_is_the_gravest_of_its_findings() -> None:
    lines = """
        order_no  product_code  unit_price  discount
        1         A             100         -
        2         A             110         -         <- price-above-list info
        3         E             100         -         <- product-discontinued transfer
        4         E             50          -         <- product-discontinued transfer, discount-below-floor hold
        5         A             50          0.9       <- price-mismatch hold, discount-below-floor return
    """
    releases = "order_no  rule  verdict  approver  role\n 5  discount-below-floor  refuse  Li  boss"
    result = audited(lines, **TABLES, releases=releases)
    assert found(result) == marked(lines)
    assert decisions(result) == ["pass", "pass", "transfer", "hold", "return"]


@pytest.mark.parametrize(
    ("whole", "expected"), [(False, ["pass", "hold", "transfer", "pass"]), (True, ["hold", "hold", "hold", "pass"])]
)
def test_whole_gives_each_line_its_orders_decision(expected: list[str], *, whole: bool) -> None:
    lines = """
        order_no  partner_code  product_code  unit_price
        1         P1            A             100
        1         P1            A             50          <- discount-below-floor hold
        1         P1            E             100         <- product-discontinued transfer
        2         P1            A             100
    """
    result = audited(lines, Policy(whole=whole), **TABLES)
    assert found(result) == marked(lines)
    assert decisions(result) == expected
    assert result.orders["effect"].tolist() == [HOLD, 0]


def test_set_aside_lines_keep_their_findings_and_decision() -> None:
    lines = """
        partner_code  product_code  quantity  order_date  unit_price
        P9            E             0         2019-01-01  -           <- unknown-partner hold, product-discontinued transfer
                                                          <- quantity-not-positive hold
    """  # noqa: E501 - the marks stand beside their row
    result = audited(lines, **TABLES)
    assert [rule for rule, _, _ in found(result)] == [
        "implausible-date", "product-discontinued", "quantity-not-positive", "unknown-partner",
    ]  # fmt: skip
    assert decisions(result) == ["hold"]


def test_no_lines_at_all() -> None:
    tables = {kind: table(kind, text) for kind, text in TABLES.items()}
    tables |= {
        "stock": table("stock", "product_code  on_hand\n A  5"),
        "finance": table("finance", "partner_code  balance\n P1  5"),
        "policies": table("policies", "campaign  applies_to  start  end\n H  A  2026-11-01  2026-11-30"),
        "confirmations": table("confirmations", "partner_code  order_no  confirmation"),
        "supply": table("supply", "product_code  eta  quantity"),
        "approvals": table("approvals", "role  max_gap"),
        "releases": table("releases", "order_no  rule  verdict  approver  role\n 5  unpaid  refuse  Li  boss"),
    }
    result = audit(order_lines([]), tables, Policy(), TODAY)
    assert found(result) == [("release-unused", "info", 0)]
    assert (len(result.lines), len(result.orders)) == (0, 0)


def test_empty_tables_are_given_tables() -> None:
    lines = """
        partner_code  campaign  unit_price
        P1            H         100         <- unknown-partner hold, unknown-product hold, campaign-unknown info
    """
    result = audited(
        lines,
        partners="partner_code",
        products="product_code",
        policies="campaign",
        finance="partner_code",
        stock="product_code",
        supply="product_code",
        approvals="role",
        confirmations="partner_code",
        releases="order_no",
    )
    assert found(result) == marked(lines)
    assert result.not_run == {}


def test_progress_is_told_each_step() -> None:
    steps: list[str] = []
    audit(order_lines([]), {}, Policy(), TODAY, steps.append)
    assert steps == ["line", "duplicates", "price", "finance", "stock"]


def test_the_input_tables_are_left_alone() -> None:
    day = as_read(*random_day(5))
    before = {kind: given.copy(deep=True) for kind, given in (*day.tables.items(), ("lines", day.lines))}
    audit(day.lines, day.tables, day.policy, day.today)
    for kind, given in (*day.tables.items(), ("lines", day.lines)):
        pd.testing.assert_frame_equal(given, before[kind])


def every_line_has_one_decision_the_gravest_of_its_findings(day: DayRead, result: Audit) -> None:
    orders = result.lines["order"].to_numpy()
    own = gravest(result.findings, orders)
    expected = gravest_of_order(own, orders) if day.policy.whole else own
    assert len(result.lines) == len(day.lines)
    assert result.lines["effect"].tolist() == expected.tolist()
    for name in ("source_file", "source_sheet", "source_row", "quantity", "amount"):
        pd.testing.assert_series_equal(result.lines[name], day.lines[name])


def judged_orders_never_overspend_their_partners_funds(_day: DayRead, result: Audit) -> None:
    orders = result.orders
    judged = orders[(orders["outcome"] == "paid") & (orders["confirmation"] == "") & (orders["finance"] >= 0)]
    assert (judged["amount"] <= judged["left"]).all()
    taking = judged[judged["amount"] > 0].groupby("partner_key").agg({"amount": "sum", "funds": "first"})
    given_back = orders[orders["amount"] < 0].groupby("partner_key")["amount"].sum()
    allowed = taking["funds"] - given_back.reindex(taking.index, fill_value=0)
    assert (taking["amount"] <= allowed).all()


def stock_is_never_overspent_and_held_lines_never_ship(day: DayRead, result: Audit) -> None:
    lines = result.lines
    taken: Counter[str] = Counter()
    for code, ship, reserved in zip(lines["product_code"], lines["ship"], lines["reserved"], strict=True):
        taken[code_key(code)] += round((ship + reserved) * SCALE)
    there = available(day.tables["stock"]) if "stock" in day.tables else {}
    assert all(pieces <= there.get(code, 0) for code, pieces in taken.items())
    held = lines["effect"].to_numpy() >= HOLD
    assert (lines["ship"].to_numpy()[held] == 0).all()
    assert (lines["reserved"].to_numpy()[lines["effect"].to_numpy() < HOLD] == 0).all()


def what_is_ordered_ships_is_reserved_is_short_or_unscheduled(day: DayRead, result: Audit) -> None:
    lines = result.lines[~result.lines["aside"].to_numpy(bool)]
    parts = [millionths(lines[name].to_numpy(float)) for name in ("ship", "reserved", "short")]
    ordered = millionths(lines["quantity"].to_numpy(float))
    returned = lines["effect"].to_numpy() == RETURN
    nobody = ((lines["partner"] < 0) | lines["closed"]).to_numpy(bool)
    discontinued = lines["discontinued"].to_numpy(bool)
    stocked = {"stock", "products", "partners"} <= set(day.tables)
    unscheduled = ~discontinued & (nobody | (lines["product"] < 0).to_numpy() | (ordered <= 0) | (not stocked))
    unscheduled |= returned
    expected = np.where(unscheduled | (ordered <= 0), 0, ordered)
    assert sum(parts).tolist() == expected.tolist()  # type: ignore[union-attr]
    assert all((part >= 0).all() for part in parts)
    aside = result.lines[result.lines["aside"].to_numpy(bool)]
    assert (aside[["ship", "reserved", "short"]].to_numpy() == 0).all()


@pytest.mark.parametrize("seed", SEEDS)
def test_every_day_keeps_its_balances(seed: int) -> None:
    day, result = random_audit(seed)
    every_line_has_one_decision_the_gravest_of_its_findings(day, result)
    judged_orders_never_overspend_their_partners_funds(day, result)
    stock_is_never_overspent_and_held_lines_never_ship(day, result)
    what_is_ordered_ships_is_reserved_is_short_or_unscheduled(day, result)


def shown(result: Audit) -> tuple[list[tuple[str, str, int]], list[list[object]]]:
    """Return all that an audit says of the lines."""
    return found(result), result.lines[["effect", "ship", "reserved", "short", "eta"]].astype(str).to_numpy().tolist()


@pytest.mark.parametrize("seed", SEEDS[:15])
def test_the_order_of_rows_that_add_up_changes_nothing(seed: int) -> None:
    day, result = random_audit(seed)
    rng = np.random.default_rng(seed)
    tables = dict(day.tables)
    for kind in sorted({"stock", "supply", "finance"} & set(tables)):
        tables[kind] = tables[kind].iloc[rng.permutation(len(tables[kind]))].reset_index(drop=True)
    assert shown(audit(day.lines, tables, day.policy, day.today)) == shown(result)


def sums(result: Audit) -> tuple[object, ...]:
    """Return what an audit says of orders and products, whichever of equal lines it says it of."""
    lines = result.lines
    of_product: Counter[tuple[str, str]] = Counter()
    for name in ("ship", "reserved", "short"):
        for code, pieces in zip(lines["product_code"], millionths(lines[name].to_numpy(float)).tolist(), strict=True):
            of_product[code_key(code), name] += pieces
    rules = Counter((rule, effect) for rule, effect, _ in found(result) if rule != "short-stock")
    names = ["amount", "funds", "left", "held", "outcome"]
    orders = sorted(
        (code_key(row[0]), code_key(row[1]), *map(str, row[2:]))
        for row in result.orders[["order_no", "partner_code", *names]].itertuples(index=False)
    )
    return +of_product, rules, orders


@pytest.mark.parametrize("seed", SEEDS[:15])
def test_the_order_of_lines_of_equal_priority_changes_no_sum(seed: int) -> None:
    given = as_read(*random_day(seed))
    tables = {kind: rows for kind, rows in given.tables.items() if kind not in {"releases", "cleaned"}}
    policy = replace(given.policy, partial=True)
    shuffled = given.lines.sample(frac=1, random_state=seed).reset_index(drop=True)
    before = audit(given.lines, tables, policy, given.today)
    assert sums(audit(shuffled, tables, policy, given.today)) == sums(before)
