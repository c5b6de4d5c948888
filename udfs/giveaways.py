"""Were more giveaways given than earned, or at a price, or too early? (domain.md §4, Giveaways)."""

from __future__ import annotations

import numpy as np
import pandas as pd

from udfs import money
from udfs.duplicates import places
from udfs.findings import HOLD, Bools, Findings, Ints, found
from udfs.lookup import Floats, Tables
from workbooks.labels import labels
from workbooks.schema import Policy

_STEP = 1e-9  # quantities have at most six decimals: a quotient this close to a whole number is that number


def entitled(paid_quantity: Floats, buy_qty: Floats, free_qty: Floats) -> Floats:
    """Return the giveaways earned: floor(paid ÷ buy_qty) × free_qty; 0 without a buy_qty above zero.

    All in pieces; free_qty NaN counts as 0.
    """
    counts = buy_qty > 0
    bundles = np.floor(np.divide(paid_quantity, buy_qty, out=np.zeros(len(paid_quantity)), where=counts) + _STEP)
    return np.where(counts, bundles * np.nan_to_num(free_qty), 0.0)


def _gifts(lines: pd.DataFrame) -> Bools:
    gifts: Bools = lines["giveaway"].to_numpy(bool) & ~lines["aside"].to_numpy(bool)
    return gifts


def _groups(lines: pd.DataFrame) -> Ints:
    """Return an integer code for each order and valid campaign; -1 where the line has none."""
    valid = lines["campaign_valid"].to_numpy(bool) & ~lines["aside"].to_numpy(bool)
    policies = int(lines["policy"].max()) + 2 if len(lines) else 1
    return np.where(valid, lines["order"].to_numpy() * policies + lines["policy"].to_numpy(), -1).astype(np.int64)


def _summed(group: Ints, quantity: Floats, size: int) -> Floats:
    """Return for each line the quantity of its group; rounded, for float sums carry dust."""
    sums: Floats = np.round(np.bincount(group, quantity, size), 6)
    return sums[group]


def check_without_campaign(lines: pd.DataFrame, _tables: Tables, _policy: Policy) -> Findings:
    """Find giveaways that name no campaign."""
    return found("giveaway-without-campaign", _gifts(lines) & lines["campaign"].isna().to_numpy(), HOLD)


def check_priced(lines: pd.DataFrame, _tables: Tables, _policy: Policy) -> Findings:
    """Find giveaways whose unit price or amount is not zero."""
    unit_price = np.nan_to_num(lines["unit_price"].to_numpy(float))
    amount = np.nan_to_num(lines["amount"].to_numpy(float))
    headings = {name: words[0] for name, words in labels().kinds["orders"].headings.items()}
    return found(
        "giveaway-priced",
        _gifts(lines) & ((unit_price != 0) | (amount != 0)),
        HOLD,
        heading=np.where(unit_price != 0, headings["unit_price"], headings["amount"]).astype(object),
        actual=np.where(unit_price != 0, unit_price, amount),
        expected=0.0,
        money=lines["value"],
    )


def check_exceeded(lines: pd.DataFrame, tables: Tables, _policy: Policy) -> Findings:
    """Find every giveaway of an order and valid campaign that together exceed what its paid lines earn."""
    group, policies = _groups(lines), tables["policies"]
    quantity, gift = lines["quantity"].to_numpy(float), lines["giveaway"].to_numpy(bool)
    earns = ~gift & (lines["price_num"].to_numpy(float) != 0) & ~lines["discontinued"].to_numpy(bool)
    codes, index = np.unique(group, return_inverse=True)
    paid = _summed(index, np.where(earns, quantity, 0.0), len(codes))
    given = _summed(index, np.where(gift, quantity, 0.0), len(codes))
    policy = np.where(group >= 0, lines["policy"].to_numpy(), -1)
    buy = np.append(policies["buy_qty"].to_numpy(float), np.nan)[policy]
    free = np.append(policies["free_qty"].to_numpy(float), np.nan)[policy]
    earned = entitled(paid, buy, free)
    too_many = gift & (group >= 0) & (given > earned + _STEP)
    over = np.round(given - earned, 6)
    first = ~pd.Series(np.where(too_many, group, -1)).duplicated().to_numpy()
    worth = money.fen([(over, lines["list_price"].to_numpy(float))])
    return found(
        "giveaway-exceeded",
        too_many,
        HOLD,
        actual=given,
        expected=earned,
        over=over,
        campaign=lines["campaign"],
        money=np.where(first, worth, 0),
    )


def check_waits(lines: pd.DataFrame, _tables: Tables, _policy: Policy) -> Findings:
    """Find giveaways of an order and valid campaign of which a paid line is held or discontinued.

    lines: `effect` holds the gravest effect so far, releases counted.
    """
    group, gift = _groups(lines), lines["giveaway"].to_numpy(bool)
    stuck = ~gift & (group >= 0) & ((lines["effect"].to_numpy() >= HOLD) | lines["discontinued"].to_numpy(bool))
    first_stuck = pd.Series(np.flatnonzero(stuck), index=group[stuck]).groupby(level=0).first()
    cause = pd.Series(group).map(first_stuck).to_numpy(float)
    waits = gift & (group >= 0) & ~np.isnan(cause)
    other = np.full(len(lines), "", dtype=object)
    other[waits] = places(lines, cause[waits].astype(np.int64))
    return found("giveaway-waits", waits, HOLD, other=other, campaign=lines["campaign"])
