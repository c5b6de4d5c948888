import re
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from tests.frames import DayRead, as_read, found
from tests.random_days import KINDS, random_day
from udfs.audit import Audit, audit, nothing_noted
from udfs.findings import Findings
from udfs.rules import RULES, Rule, missing_tables
from workbooks.schema import Policy

CODES = [
    "unknown-partner", "partner-closed", "unknown-product", "product-discontinued", "quantity-not-positive",
    "implausible-date", "name-mismatch", "region-mismatch", "cleaned-value", "not-full-carton",
    "duplicate-line", "order-in-two-files", "order-two-partners",
    "campaign-unknown", "campaign-not-valid",
    "price-missing", "price-mismatch", "amount-mismatch", "price-above-list", "zero-price-not-giveaway",
    "discount-below-floor",
    "giveaway-without-campaign", "giveaway-priced", "giveaway-exceeded", "giveaway-waits",
    "not-in-finance", "unpaid", "indebted", "deposit-short",
    "short-stock",
    "release-not-authorised", "release-unused",
]  # fmt: skip
"""The codes of domain.md §4, in their order; §3 adds total-mismatch."""

OFF_THE_SHEET = ("cleaned-value", "total-mismatch")
"""Found by reading: their findings are of the tables `cleaned` and `totals`, not of the lines given."""


@pytest.fixture(scope="module")
def day() -> DayRead:
    """Return a day with all its tables and the default policy, big enough for every rule to find something."""
    rows, tables, _, today = random_day(9, size=150)
    assert all(tables.get(kind) is not None for kind in KINDS)
    return replace(as_read(rows, tables, {}, today), policy=Policy())


@pytest.fixture(scope="module")
def result(day: DayRead) -> Audit:
    return audit(day.lines, day.tables, day.policy, day.today)


def test_the_rules_are_the_contracts_in_its_order() -> None:
    codes = [rule.code for rule in RULES]
    assert [code for code in codes if code != "total-mismatch"] == CODES
    assert len(set(codes)) == len(codes)
    assert all(re.fullmatch(r"[a-z]+(-[a-z]+)*", code) for code in codes)


def test_every_rule_finds_something_on_the_day(result: Audit) -> None:
    assert {rule for rule, _, _ in found(result)} == set(CODES)
    assert result.not_run == {}


@pytest.mark.parametrize("kind", KINDS)
def test_a_rule_whose_table_is_missing_did_not_run_and_found_nothing(day: DayRead, kind: str) -> None:
    tables = {name: table for name, table in day.tables.items() if name != kind}
    without = audit(day.lines, tables, day.policy, day.today)
    assert without.not_run == {rule.code: (kind,) for rule in RULES if kind in (*rule.needs, *rule.partly)}
    silent = {rule.code for rule in RULES if kind in rule.needs}
    assert not {rule for rule, _, _ in found(without)} & silent
    assert len(without.lines) == len(day.lines)


def test_without_any_table_the_rules_of_the_line_alone_run(day: DayRead) -> None:
    alone = audit(day.lines, {}, day.policy, day.today)
    assert set(alone.not_run) == {rule.code for rule in RULES if rule.needs}
    assert {rule for rule, _, _ in found(alone)} == {
        "quantity-not-positive", "implausible-date", "duplicate-line", "order-in-two-files",
        "giveaway-without-campaign", "giveaway-priced",
    }  # fmt: skip


def test_without_prices_only_finances_own_word_calls_an_order_unpaid(day: DayRead) -> None:
    tables = {name: table for name, table in day.tables.items() if name != "products"}
    without = audit(day.lines, tables, day.policy, day.today)
    unpaid = without.orders[without.orders["outcome"] == "unpaid"]
    assert set(unpaid["confirmation"]) <= {"unpaid"}
    assert without.not_run["unpaid"] == ("products",)


def test_missing_tables_are_all_named() -> None:
    (rule,) = [rule for rule in RULES if rule.code == "short-stock"]
    assert missing_tables(rule, {"products": pd.DataFrame()}) == ("stock", "partners")
    assert missing_tables(rule, dict.fromkeys(rule.needs, pd.DataFrame())) == ()


def as_rows(batch: Findings, at: np.ndarray[tuple[int], np.dtype[np.int64]] | None = None) -> set[tuple[object, ...]]:
    """Return findings as rows, without the places in sentences; at: where the positions lie in the whole day."""
    where = batch.at if at is None else at[batch.at]
    shown = {name: values for name, values in batch.args.items() if name in {"actual", "expected", "money"}}
    columns = [[str(value) for value in np.asarray(values)] for values in shown.values()]
    return set(zip(where.tolist(), batch.effect.tolist(), *columns, strict=True))


@pytest.mark.parametrize("rule", [rule for rule in RULES if rule.check and rule.code not in OFF_THE_SHEET])
def test_a_rule_finds_the_same_on_any_partition_that_keeps_its_key_together(
    day: DayRead, result: Audit, rule: Rule
) -> None:
    assert rule.check is not None
    tables = {**nothing_noted(), **day.tables}
    rows = result.orders if rule.family == "finance" else result.lines
    key = {"order_no": "order_no_key", "partner": "partner_key"}.get(rule.key, rule.key)
    place = pd.Series(np.arange(len(rows)))
    if key == "product":
        place = pd.Series(pd.factorize(rows["product_code"].str.upper())[0])
    elif key != "line":
        place = rows[key].reset_index(drop=True)
    whole = as_rows(rule.check(rows, tables, day.policy))
    parts: set[tuple[object, ...]] = set()
    for part in range(3):
        mine = np.flatnonzero((place % 3 == part).to_numpy())
        batch = rule.check(rows.iloc[mine].reset_index(drop=True), tables, day.policy)
        parts |= as_rows(batch, None if rule.family == "finance" else mine)
    assert parts == whole
    assert whole
