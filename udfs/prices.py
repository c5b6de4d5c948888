"""Is each paid line's price right, and not under its floor? (domain.md §4, Price).

All take paid lines of known products that are not set aside. A unit price is price_num ÷ price_den: where only
the amount is given it stays the exact quotient.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from udfs import money
from udfs.approvals import Gap, least_role
from udfs.findings import HOLD, INFO, Bools, Findings, Ints, Values, found
from udfs.lookup import Floats, Tables
from udfs.wording import phrase
from workbooks.schema import Policy

PRICE_TOLERANCE = 0.01  # a price or amount typed to the fen may be a fen off what it is computed from
LIST_TOLERANCE = 0.005  # half a fen: anything more shows in the price
FLOOR_TOLERANCE = 0.0005  # a discount typed with three decimals rounds by this much
NO_FLOOR = 1.0  # where neither contract nor campaign gives one, the list price is the floor


def floor(contract_discount: Floats, min_discount: Floats) -> Floats:
    """Return the least discount allowed: the lower of contract and campaign; 1.0 where neither exists.

    contract_discount, min_discount: rates 0-1, NaN where there is none (min_discount: of a valid campaign only).
    """
    neither = np.isnan(contract_discount) & np.isnan(min_discount)
    return np.where(neither, NO_FLOOR, np.fmin(contract_discount, min_discount)).astype(np.float64)


def effective_discount(price: Floats, list_price: Floats) -> Floats:
    """Return unit price ÷ list price; NaN where there is no price or the list price is not above zero."""
    nowhere: Floats = np.full(len(price), np.nan)
    return np.divide(price, list_price, out=nowhere, where=list_price > 0)


def below_floor(price_num: Floats, price_den: Floats, list_price: Floats, floors: Floats) -> Bools:
    """Tell where the effective discount lies more than the tolerance under the floor, exactly."""
    gap: list[money.Product] = [(floors, list_price, price_den), (-1.0, price_num)]
    return (list_price > 0) & money.exceeds([*gap, (-FLOOR_TOLERANCE, list_price, price_den)], 0.0)


def is_zero(price_num: Floats) -> Bools:
    """Tell where a price is zero: that is no low price but a giveaway not marked as one."""
    zero: Bools = price_num == 0
    return zero


def shortfall(lines: pd.DataFrame) -> Ints:
    """Return (floor × list price − unit price) × quantity in fen, for looked-up lines with `floor`."""
    number, divisor = lines["price_num"].to_numpy(float), lines["price_den"].to_numpy(float)
    # with a price derived from the amount, quantity ÷ price_den is one
    times = np.where(lines["given"].to_numpy(bool), lines["quantity"].to_numpy(float), 1.0)
    floors, list_price = lines["floor"].to_numpy(float), lines["list_price"].to_numpy(float)
    return money.fen([(floors, list_price, divisor, times), (-1.0, number, times)])


def floor_gap(lines: pd.DataFrame) -> Gap:
    """Return how far each line lies under its floor, as the approval limits ask it."""
    number, divisor = lines["price_num"].to_numpy(float), lines["price_den"].to_numpy(float)
    list_price = lines["list_price"].to_numpy(float)
    return Gap((lines["floor"].to_numpy(float), list_price, divisor), number, (list_price, divisor), shortfall(lines))


def add_floors(lines: pd.DataFrame, tables: Tables) -> pd.DataFrame:
    """Add to judged lines: min_discount (of a valid campaign), floor (known partners) and effective_discount."""
    policies = tables.get("policies")
    least = np.full(len(lines), np.nan)
    if policies is not None:
        valid = np.where(lines["campaign_valid"].to_numpy(bool), lines["policy"].to_numpy(), -1)
        least = np.append(policies["min_discount"].to_numpy(float), np.nan)[valid]
    floors = floor(lines["contract_discount"].to_numpy(float), least)
    paid = ~lines["giveaway"].to_numpy(bool)
    has_floor = paid & (lines["partner"].to_numpy() >= 0) & (lines["product"].to_numpy() >= 0)
    effective = effective_discount(lines["price"].to_numpy(float), lines["list_price"].to_numpy(float))
    return lines.assign(
        min_discount=least,
        floor=np.where(has_floor, floors, np.nan),
        effective_discount=np.where(paid, effective, np.nan),
    )


def _priced(lines: pd.DataFrame) -> Bools:
    priced: Bools = (
        ~lines["giveaway"].to_numpy(bool) & (lines["product"].to_numpy() >= 0) & ~lines["aside"].to_numpy(bool)
    )
    return priced


def _zero(lines: pd.DataFrame) -> Bools:
    return is_zero(lines["price_num"].to_numpy(float))


def check_price_missing(lines: pd.DataFrame, _tables: Tables, _policy: Policy) -> Findings:
    """Find paid lines with neither unit price nor amount."""
    return found("price-missing", _priced(lines) & np.isnan(lines["price_num"].to_numpy(float)), HOLD)


def check_price_mismatch(lines: pd.DataFrame, _tables: Tables, _policy: Policy) -> Findings:
    """Find unit prices that are not list price × the discount given (1 and 100% are given: none)."""
    unit_price, list_price = lines["unit_price"].to_numpy(float), lines["list_price"].to_numpy(float)
    discount = lines["discount"].to_numpy(float)
    differs = _priced(lines) & money.differs((unit_price,), (list_price, discount), PRICE_TOLERANCE)
    expected = list_price * discount
    at_stake = money.fen([(np.abs(unit_price - expected), lines["quantity"].to_numpy(float))])
    return found(
        "price-mismatch",
        differs,
        HOLD,
        actual=unit_price,
        expected=np.round(expected, 6),
        list_price=list_price,
        discount=discount,
        money=at_stake,
    )


def check_amount_mismatch(lines: pd.DataFrame, _tables: Tables, _policy: Policy) -> Findings:
    """Find amounts that are not quantity × unit price."""
    amount, quantity = lines["amount"].to_numpy(float), lines["quantity"].to_numpy(float)
    unit_price = lines["unit_price"].to_numpy(float)
    differs = _priced(lines) & money.differs((amount,), (quantity, unit_price), PRICE_TOLERANCE)
    expected = money.fen([(quantity, unit_price)])
    return found(
        "amount-mismatch",
        differs,
        HOLD,
        actual=amount,
        expected=money.yuan(expected),
        unit_price=unit_price,
        money=np.abs(money.fen([(amount,)]) - expected),
    )


def check_price_above_list(lines: pd.DataFrame, _tables: Tables, _policy: Policy) -> Findings:
    """Find unit prices above the list price."""
    number, divisor = lines["price_num"].to_numpy(float), lines["price_den"].to_numpy(float)
    list_price, price = lines["list_price"].to_numpy(float), lines["price"].to_numpy(float)
    over: list[money.Product] = [(number,), (-1.0, list_price, divisor), (-LIST_TOLERANCE, divisor)]
    at_stake = money.fen([(price - list_price, lines["quantity"].to_numpy(float))])
    return found(
        "price-above-list",
        _priced(lines) & money.exceeds(over, 0.0),
        INFO,
        actual=np.round(price, 6),
        expected=list_price,
        money=at_stake,
    )


def check_zero_price(lines: pd.DataFrame, _tables: Tables, _policy: Policy) -> Findings:
    """Find paid lines at price zero."""
    worth = money.fen([(lines["list_price"].to_numpy(float), lines["quantity"].to_numpy(float))])
    return found("zero-price-not-giveaway", _priced(lines) & _zero(lines), HOLD, actual=0.0, money=worth)


def check_discount_below_floor(lines: pd.DataFrame, tables: Tables, _policy: Policy) -> Findings:
    """Find prices under the floor; names the floor, its source, the shortfall and the role that may approve it."""
    columns = [lines[name].to_numpy(float) for name in ("price_num", "price_den", "list_price", "floor")]
    below = _priced(lines) & ~_zero(lines) & below_floor(*columns)
    at = lines[below]
    short = shortfall(at)
    return Findings(
        "discount-below-floor",
        np.flatnonzero(below),
        np.full(len(at), HOLD),
        {
            "actual": np.round(at["effective_discount"].to_numpy(float), 4),
            "expected": at["floor"].to_numpy(float),
            "money": short,
            "source": _sources(at),
            "floor_price": np.round(at["floor"].to_numpy(float) * at["list_price"].to_numpy(float), 4),
            "role": least_role(tables, floor_gap(at)),
        },
    )


def _sources(lines: pd.DataFrame) -> Values:
    """Return where each line's floor comes from, and which campaign did not count and why."""
    contract, least = lines["contract_discount"].to_numpy(float), lines["min_discount"].to_numpy(float)
    campaign, why = lines["campaign"].to_numpy(object), lines["campaign_why"].to_numpy(object)
    sources = np.full(len(lines), phrase("floor_none"), dtype=object)
    sources[~np.isnan(contract)] = phrase("floor_contract")
    for row in np.flatnonzero(~np.isnan(least) & ~(contract <= least)):
        sources[row] = phrase("floor_campaign", campaign=campaign[row])
    for row in np.flatnonzero(why != ""):
        sources[row] = phrase("floor_not_counted", source=sources[row], campaign=campaign[row], why=why[row])
    return sources
