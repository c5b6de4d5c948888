"""What can be shipped? The queue for each product's stock, and when the rest arrives (domain.md §4, Stock)."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import numpy as np
import pandas as pd

from udfs.findings import HOLD, RETURN, TRANSFER, Bools, Findings, Ints, found
from udfs.lookup import Days, Floats, Tables, code_key, keys, ranks
from udfs.money import fen
from udfs.wording import phrase
from workbooks.schema import Policy

SCALE = 1_000_000  # quantities are shared out in millionths of a piece: whole numbers, no float dust


def millionths(quantity: Floats) -> Ints:
    """Return quantities as whole millionths; NaN counts as 0."""
    return np.round(np.nan_to_num(quantity) * SCALE).astype(np.int64)


def per_product(table: pd.DataFrame, columns: Sequence[str]) -> dict[str, dict[str, int]]:
    """Return by quantity column its Σ per product code (as compared), in millionths."""
    codes, names = keys(table["product_code"], code_key)
    summed = {}
    for column in columns:
        sums = np.zeros(len(names), dtype=np.int64)
        np.add.at(sums, codes, millionths(table[column].to_numpy(float)))
        summed[column] = dict(zip(names, sums.tolist(), strict=True))
    return summed


def available(stock: pd.DataFrame) -> dict[str, int]:
    """Return Σ(on_hand − allocated) per product code, never below 0, in millionths."""
    on_hand, allocated = per_product(stock, ("on_hand", "allocated")).values()
    return {code: max(0, pieces - allocated[code]) for code, pieces in on_hand.items()}


def share_out(product: Ints, demand: Ints, stock: Ints, *, partial: bool) -> Ints:
    """Return what each place of the queue takes.

    product, demand, stock: in queue order, products together; stock: what its product has in all, repeated.
    With `partial` a place takes what is left; without, all or nothing (a later, smaller one may still fit).
    """
    if not len(product):
        return demand
    total = np.cumsum(demand)
    starts = np.flatnonzero(np.append(True, product[1:] != product[:-1]))
    lengths = np.diff(np.append(starts, len(product)))
    before = total - demand - np.repeat(total[starts] - demand[starts], lengths)
    taken: Ints = np.clip(stock - before, 0, demand)
    if partial:
        return taken
    for start, length in zip(starts.tolist(), lengths.tolist(), strict=True):
        if before[start + length - 1] + demand[start + length - 1] > stock[start]:
            left = int(stock[start])
            for place in range(start, start + length):
                taken[place] = demand[place] if demand[place] <= left else 0
                left -= int(taken[place])
    return taken


def arrivals(supply: pd.DataFrame | None) -> dict[str, tuple[Ints, Days]]:
    """Return per product code the cumulative quantities (millionths) of its supply replies and their dates, by date."""
    if supply is None:
        return {}
    ordered = supply.sort_values("eta", kind="stable")
    codes, names = keys(ordered["product_code"], code_key)
    quantity, eta = millionths(ordered["quantity"].to_numpy(float)), ordered["eta"].to_numpy("datetime64[D]")
    return {name: (np.cumsum(quantity[codes == code]), eta[codes == code]) for code, name in enumerate(names)}


def eta_of(short: Ints, replies: tuple[Ints, Days] | None) -> Days:
    """Return the earliest date by which cumulative supply covers each cumulative shortage; NaT where none does."""
    dates = np.full(len(short), np.datetime64("NaT", "D"))
    if replies is None:
        return dates
    cumulative, eta = replies
    # a negative reply must not let a later, smaller total answer for an earlier date
    reached = np.searchsorted(np.maximum.accumulate(cumulative), short, side="left")
    covered = reached < len(cumulative)
    dates[covered] = eta[reached[covered]]
    return dates


def _demanding(lines: pd.DataFrame) -> Bools:
    """Tell which lines ask for stock: known product, known open partner, not returned, discontinued or set aside."""
    out = (lines["closed"] | lines["discontinued"] | lines["aside"]).to_numpy(bool)
    known = (lines["partner"].to_numpy() >= 0) & (lines["product"].to_numpy() >= 0)
    asking: Bools = known & ~out & (lines["effect"].to_numpy() != RETURN) & (lines["quantity"].to_numpy(float) > 0)
    return asking


def allocate(lines: pd.DataFrame, tables: Tables, policy: Policy) -> pd.DataFrame:
    """Add to the lines: ship, reserved, short (pieces) and eta.

    lines: with `effect` so far. The queue: passing lines, then held ones; within, by level, date, order number,
    source order. What a held line takes is reserved. A discontinued line is short by all its quantity unless
    returned or set aside.
    """
    quantity = lines["quantity"].to_numpy(float)
    ship, reserved, short = (np.zeros(len(lines), dtype=np.int64) for _ in range(3))
    eta = np.full(len(lines), np.datetime64("NaT", "D"))
    if "stock" in tables and "products" in tables and "partners" in tables:
        queue, codes = _queue(lines)
        stock = available(tables["stock"])
        product, names = keys(lines["product_code"].iloc[queue], code_key)
        demand = millionths(quantity[queue])
        of_product = np.array([stock.get(name, 0) for name in names], dtype=np.int64)
        taken = share_out(codes, demand, of_product[product], partial=policy.partial) if len(queue) else demand
        held = lines["effect"].to_numpy()[queue] >= HOLD
        ship[queue], reserved[queue] = np.where(held, 0, taken), np.where(held, taken, 0)
        short[queue] = demand - taken
        eta[queue] = _etas(product, names, demand - taken, tables)
    ended = (lines["discontinued"] & ~lines["aside"]).to_numpy(bool) & (lines["effect"].to_numpy() != RETURN)
    short[ended] = np.maximum(millionths(quantity[ended]), 0)
    return lines.assign(ship=ship / SCALE, reserved=reserved / SCALE, short=short / SCALE, eta=eta)


def _queue(lines: pd.DataFrame) -> tuple[Ints, Ints]:
    """Return the positions of the asking lines in queue order, products together, and their product codes."""
    product = lines["product_key"].to_numpy()
    asking = np.flatnonzero(_demanding(lines))
    held = lines["effect"].to_numpy() >= HOLD
    columns = [
        ranks(lines["order_no"]),
        lines["date"].to_numpy("datetime64[D]"),
        lines["level_rank"].to_numpy(),
        held,
        product,
    ]
    queue = asking[np.lexsort([asking, *(column[asking] for column in columns)])]
    return queue, product[queue]


def _etas(product: Ints, names: list[str], short: Ints, tables: Tables) -> Days:
    """Return for each place of the queue the date that covers the shortages up to and including it."""
    replies = arrivals(tables.get("supply"))
    eta = np.full(len(product), np.datetime64("NaT", "D"))
    edges = np.flatnonzero(np.concatenate([[True], product[1:] != product[:-1], [True]])) if len(product) else product
    for start, end in pairwise(edges.tolist()):
        eta[start:end] = eta_of(np.cumsum(short[start:end]), replies.get(names[product[start]]))
    eta[short <= 0] = np.datetime64("NaT", "D")
    return eta


def check_short_stock(lines: pd.DataFrame, _tables: Tables, _policy: Policy) -> Findings:
    """Find lines whose stock does not reach; names what is missing and when it is expected."""
    short = lines["short"].to_numpy(float)
    eta = lines["eta"].to_numpy("datetime64[D]")
    said = np.full(len(lines), phrase("no_eta"), dtype=object)
    said[~np.isnat(eta)] = np.datetime_as_string(eta[~np.isnat(eta)], "D").astype(object)
    return found(
        "short-stock",
        (short > 0) & ~lines["discontinued"].to_numpy(bool),
        TRANSFER,
        actual=lines["ship"].to_numpy(float) + lines["reserved"].to_numpy(float),
        expected=short,
        eta=said,
        money=fen([(short, np.nan_to_num(lines["price"].to_numpy(float)))]),
    )
