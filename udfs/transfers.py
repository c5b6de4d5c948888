"""What could not be shipped stays in the register until it can: is a transfer of an earlier day still open?

How the open points of the contract were read is in docs/readings.md, "The living register".
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from udfs.findings import HOLD, RETURN, TRANSFER, Bools, Ints
from udfs.lookup import Days, code_key, keyed
from udfs.stock import arrivals, eta_of, millionths

KEY = ("order_no", "partner_code", "product_code")
"""What one transfer is known by; of several, the first of today continues the first of the earlier register."""
OPEN = ("new", "short", "held", "returned")
CLOSED = ("covered", "withdrawn")


@dataclass(frozen=True)
class Today:
    """What the day knows that decides over earlier transfers.

    lines: the audited lines (KEY, effect). moved: today's transfers (KEY). left, short: pieces of each product (code as
    compared) that today's queue leaves, and lacks. ended: products that are discontinued. supply: the planners'
    replies. withdrawn: tells of earlier transfers whose order is not among today's, which orders are gone.
    """

    lines: pd.DataFrame
    moved: pd.DataFrame
    left: Mapping[str, float]
    short: Mapping[str, float]
    ended: frozenset[str]
    supply: pd.DataFrame | None
    withdrawn: Callable[[pd.DataFrame], Bools]


def still_open(*registers: pd.DataFrame) -> pd.DataFrame:
    """Return the rows of earlier registers that were not closed, the longest open first.

    registers: of earlier days, the oldest first. What the last that names a transfer says of it counts.
    """
    register = registers[0] if registers else pd.DataFrame(columns=[*KEY, "status", "registered"])
    if len(registers) > 1:
        names = pd.Series([name for rows in registers for name in numbered_keys(rows)], dtype=object)
        typed = [rows.astype(registers[-1].dtypes.to_dict()) for rows in registers]
        register = pd.concat(typed, ignore_index=True)[~names.duplicated(keep="last").to_numpy()]
    rows = register[~register["status"].isin(CLOSED) & register[list(KEY)].notna().any(axis=1)]
    return rows.sort_values("registered", kind="stable", na_position="first").reset_index(drop=True)


def keys_of(rows: pd.DataFrame, names: tuple[str, ...] = KEY) -> pd.Series:
    """Return what each row is known by, as one text."""
    parts = (keyed(rows[name]).tolist() for name in names)
    return pd.Series(["\n".join(codes) for codes in zip(*parts, strict=True)], index=rows.index, dtype=object)


def continued(earlier: pd.DataFrame, moved: pd.DataFrame) -> Ints:
    """Return for each of today's transfers the row of the earlier register that it continues; -1: it is new."""
    known = {name: row for row, name in enumerate(numbered_keys(earlier))}
    return np.array([known.get(name, -1) for name in numbered_keys(moved)], dtype=np.int64)


def numbered_keys(rows: pd.DataFrame) -> list[tuple[str, int]]:
    """Return what each row is known by with its turn: the first of that name, the second."""
    names = keys_of(rows)
    turn = names.groupby(names, sort=False).cumcount()
    return list(zip(names, turn.tolist(), strict=True))


def carry(earlier: pd.DataFrame, today: Today) -> pd.DataFrame:
    """Return the earlier transfers that are none of today's, with today's status and eta.

    earlier: rows of still_open. Statuses: held, returned (the line is, today); covered (it passes, or today's queue
    leaves enough of its product: the oldest first); withdrawn (its order is here without it, or gone); short.
    """
    taken = continued(earlier, today.moved)
    rows = earlier[~np.isin(np.arange(len(earlier)), taken)].reset_index(drop=True)
    others = today.lines[today.lines["effect"] != TRANSFER]  # today's own transfers go on with earlier ones, or are new
    effects = pd.Series(others["effect"].to_numpy()).groupby(keys_of(others).to_numpy()).max().to_dict()
    orders = set(keys_of(today.lines, KEY[:2]))
    effect = np.array([effects.get(name, -1) for name in keys_of(rows)], dtype=np.int64)
    of_order = np.array([name in orders for name in keys_of(rows, KEY[:2])], dtype=bool)
    gone = of_order & (effect < 0)
    absent = ~of_order
    gone[absent] = today.withdrawn(rows[absent])
    waits = absent & ~gone
    covered, eta = _from_what_is_left(rows, waits, today)
    status = np.select(
        [effect == HOLD, effect == RETURN, effect >= 0, gone, covered],
        ["held", "returned", "covered", "withdrawn", "covered"],
        "short",
    )
    closed = np.isin(status, CLOSED)
    eta[closed] = np.datetime64("NaT", "D")
    carried: pd.DataFrame = rows.assign(status=status.astype(object), eta=eta)
    return carried


def _from_what_is_left(rows: pd.DataFrame, waits: Bools, today: Today) -> tuple[Bools, Days]:
    """Return which waiting transfers the stock left covers, whole ones only, and when the others are expected."""
    covered = np.zeros(len(rows), dtype=bool)
    eta = np.full(len(rows), np.datetime64("NaT", "D"))
    replies = arrivals(today.supply)
    short = millionths(rows["short"].to_numpy(float))
    left = {code: int(millionths(np.array([pieces]))[0]) for code, pieces in today.left.items()}
    lacking = {code: int(millionths(np.array([pieces]))[0]) for code, pieces in today.short.items()}
    for row in np.flatnonzero(waits & (short > 0)).tolist():
        code = code_key(str(rows["product_code"].iat[row]))
        free = left.get(code, 0)
        if code in today.ended:
            continue
        if short[row] <= free:
            covered[row], left[code] = True, free - int(short[row])
            continue
        lacking[code] = lacking.get(code, 0) + int(short[row])
        eta[row] = eta_of(np.array([lacking[code] - free]), replies.get(code))[0]
    return covered, eta
