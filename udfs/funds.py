"""Who has paid? Order amounts against each partner's funds, finance's word first (domain.md §4, Finance)."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd

from udfs import money
from udfs.findings import HOLD, INFO, RETURN, Findings, Ints, Values, found
from udfs.lookup import Floats, Tables, find, keyed
from udfs.order_lines import texts
from udfs.wording import Phrase, phrase
from workbooks.schema import Policy


def funds_of(finance: pd.DataFrame, credit_limit: Floats, rows: Ints) -> Ints:
    """Return balance + received + credit limit − debt in fen for finance rows (-1: nothing but credit); absent = 0."""
    columns = [np.append(finance[name].to_numpy(float), 0.0)[rows] for name in ("balance", "received", "debt")]
    balance, received, debt = (np.nan_to_num(column) for column in columns)
    return money.fen([(balance,), (received,), (np.nan_to_num(credit_limit),), (-1.0, debt)])


def is_indebted(funds: Ints, debt: Floats, overdue_days: Floats, max_overdue_days: int) -> Values:
    """Tell whether a partner owes too much: funds below zero, or a debt overdue longer than the policy allows."""
    overdue = (np.nan_to_num(debt) > 0) & (np.nan_to_num(overdue_days) > max_overdue_days)
    return (funds < 0) | overdue


def judgement(amount: int, left: int, *, in_finance: bool, indebted: bool) -> str:
    """Return what the system says of an order (fen) against what is left of its partner's funds.

    absent: the partner is not in finance; indebted: it owes too much; unpaid: the order exceeds the funds; else paid.
    """
    if not in_finance:
        return "absent"
    if indebted:
        return "indebted"
    return "unpaid" if amount > left else "paid"


def order_table(lines: pd.DataFrame) -> pd.DataFrame:
    """Return one row per order, by order code.

    first: its first line. held: one of its lines is. date: the earliest of its lines. amount (fen): Σ value over its
    paid lines of known products, not discontinued, not set aside. total: Σ amount over its partner's orders.
    """
    counts = ~(lines["giveaway"] | lines["discontinued"] | lines["aside"]).to_numpy(bool)
    counts &= lines["product"].to_numpy() >= 0
    order = lines["order"].to_numpy()
    first = np.unique(order, return_index=True)[1]
    amount = np.zeros(len(first), dtype=np.int64)
    np.add.at(amount, order[counts], lines["value"].to_numpy()[counts])
    held = np.zeros(len(first), dtype=bool)
    np.logical_or.at(held, order, lines["effect"].to_numpy() >= HOLD)
    earliest = pd.Series(lines["date"].to_numpy()).groupby(order).min().to_numpy("datetime64[D]")
    at_first = lines[["partner", "partner_key", "order_no", "partner_code"]].iloc[first]
    orders = pd.DataFrame(
        {
            "first": first,
            "partner": at_first["partner"].to_numpy(),
            "partner_key": at_first["partner_key"].to_numpy(),
            "order_no": at_first["order_no"].array,
            "partner_code": at_first["partner_code"].array,
            "amount": amount,
            "held": held,
            "date": earliest,
        }
    )
    return orders.assign(total=orders.groupby("partner_key")["amount"].transform("sum"))


def judge(orders: pd.DataFrame, tables: Tables, policy: Policy) -> pd.DataFrame:
    """Return the order table, or all rows of some partners in it, with what finance and the funds say.

    Adds finance (row, -1 absent), funds and left (fen; left: before this order), judgement (the system's: paid,
    unpaid, indebted, absent, unknown_partner, not_run), confirmation (finance's, "" none) and outcome (the
    confirmation, else the judgement). Orders with no held line go first, then by date and order number.
    """
    orders = orders.copy(deep=False)
    orders["judgement"] = np.where(orders["partner"].to_numpy() < 0, "unknown_partner", "not_run")
    orders = orders.assign(finance=-1, funds=0, left=0, confirmation="", outcome=orders["judgement"])
    if "finance" not in tables or "partners" not in tables:
        return orders
    finance = tables["finance"]
    row = find(orders["partner_code"], finance["partner_code"])
    credit = np.append(tables["partners"]["credit_limit"].to_numpy(float), 0.0)[orders["partner"].to_numpy()]
    debt, overdue = (np.append(finance[name].to_numpy(float), 0.0)[row] for name in ("debt", "overdue_days"))
    orders["finance"] = row
    orders["funds"] = funds_of(finance, credit, row)
    orders["confirmation"] = _confirmations(orders, tables, row)
    indebted = is_indebted(orders["funds"].to_numpy(), debt, overdue, policy.max_overdue_days)
    judged, left = _spend(orders, indebted, can_judge="products" in tables)
    orders["judgement"], orders["left"] = judged, left
    confirmed = orders["confirmation"].to_numpy(object)
    orders["outcome"] = np.where(confirmed != "", confirmed, judged)
    unknown = orders["partner"].to_numpy() < 0
    orders.loc[unknown, ["judgement", "outcome"]] = "unknown_partner"
    return orders


def _confirmations(orders: pd.DataFrame, tables: Tables, row: Ints) -> Values:
    """Return each order's confirmation: its own, else its partner's, else ""."""
    confirmation = texts(tables["finance"], "confirmation", row)
    own = tables.get("confirmations")
    if own is not None and len(own):
        spoken = own[own["confirmation"].notna()]
        at = find(_pairs(orders), _pairs(spoken))
        confirmation = np.where(at >= 0, texts(spoken, "confirmation", at), confirmation)
    return confirmation


def _pairs(table: pd.DataFrame) -> pd.Series:
    """Return each row's partner code and order number as one text."""
    return pd.Series(keyed(table["partner_code"]) + "\n" + keyed(table["order_no"]), dtype="str")


def _spend(orders: pd.DataFrame, indebted: Values, *, can_judge: bool) -> tuple[Values, Ints]:
    """Return each order's judgement and what was left of its partner's funds when its turn came.

    Confirmed as paid takes its amount all the same; an order that is judged or confirmed otherwise takes nothing.
    """
    text = keyed(orders["order_no"])
    columns = (text, orders["date"].to_numpy(), orders["held"].to_numpy(), orders["partner_key"].to_numpy())
    queue = np.lexsort(columns)
    judged = np.full(len(orders), "paid", dtype=object)
    left_at = np.zeros(len(orders), dtype=np.int64)
    partner_key, amount = orders["partner_key"].to_list(), orders["amount"].to_list()
    funds, confirmation = orders["funds"].to_list(), orders["confirmation"].to_list()
    in_finance, owes = (orders["finance"] >= 0).to_list(), indebted.tolist()
    before, left = -1, 0
    for order in queue.tolist():
        if partner_key[order] != before:
            before, left = partner_key[order], funds[order]
        left_at[order] = left
        # without a products table no amount is known, and none can exceed the funds
        asks = amount[order] if can_judge else left
        judged[order] = judgement(asks, left, in_finance=in_finance[order], indebted=owes[order])
        if confirmation[order] == "paid" or (confirmation[order] == "" and judged[order] == "paid"):
            left -= amount[order]
    return judged, left_at


def _of_orders(rule: str, orders: pd.DataFrame, effect: int | Ints, **args: Values | list[Phrase] | str) -> Findings:
    """Return a finding on the first line of each of the orders, its effect on the whole order."""
    batch = found(rule, np.ones(len(orders), dtype=bool), effect, whole_order=True, **args)
    return replace(batch, at=orders["first"].to_numpy())


def _names(orders: pd.DataFrame, tables: Tables) -> Values:
    return texts(tables["partners"], "partner_name", orders["partner"].to_numpy())


def _status(rule: str, orders: pd.DataFrame, policy: Policy, **figures: Values) -> tuple[Ints, list[Phrase]]:
    """Return effect and words: finance's own word or the auto_return policy return the order, else it waits.

    figures: what the words name of each order (CNY, or days).
    """
    confirmed = (orders["confirmation"] != "").to_numpy()
    effect = np.where(confirmed | policy.auto_return, RETURN, HOLD).astype(np.int64)
    judged = f"auto_{rule}" if policy.auto_return else f"waiting_{rule}"
    told = [
        dict(zip(figures, row, strict=True))
        for row in zip(*(column.tolist() for column in figures.values()), strict=True)
    ]
    return effect, [
        phrase(f"confirmed_{rule}") if said else phrase(judged, **named)
        for said, named in zip(confirmed.tolist(), told, strict=True)
    ]


def check_not_in_finance(orders: pd.DataFrame, tables: Tables, _policy: Policy) -> Findings:
    """Find orders of known partners that the finance table does not name."""
    orders = orders[(orders["partner"] >= 0) & (orders["finance"] < 0)]
    names = _names(orders, tables)
    return _of_orders("not-in-finance", orders, HOLD, name=names, actual="", money=orders["amount"].to_numpy())


def check_unpaid(orders: pd.DataFrame, _tables: Tables, policy: Policy) -> Findings:
    """Find orders that finance or the funds call unpaid."""
    orders = orders[orders["outcome"] == "unpaid"]
    left = money.yuan(orders["left"].to_numpy())
    effect, status = _status("unpaid", orders, policy, left=_money_texts(left))
    return _of_orders(
        "unpaid",
        orders,
        effect,
        actual=left,
        expected=money.yuan(orders["amount"].to_numpy()),
        status=status,
        money=orders["amount"].to_numpy(),
    )


def check_indebted(orders: pd.DataFrame, tables: Tables, policy: Policy) -> Findings:
    """Find orders of partners that finance or the table calls indebted."""
    orders = orders[orders["outcome"] == "indebted"]
    funds = money.yuan(orders["funds"].to_numpy())
    debt, overdue = (
        np.nan_to_num(np.append(tables["finance"][name].to_numpy(float), 0.0)[orders["finance"].to_numpy()])
        for name in ("debt", "overdue_days")
    )
    figures = {"debt": _money_texts(debt), "overdue": overdue, "left": _money_texts(funds)}
    effect, status = _status("indebted", orders, policy, **figures)
    return _of_orders(
        "indebted",
        orders,
        effect,
        name=_names(orders, tables),
        actual=funds,
        status=status,
        money=orders["amount"].to_numpy(),
    )


def _money_texts(amounts: Floats) -> Values:
    return np.array([f"{amount:,.2f}" for amount in amounts.tolist()], dtype=object)


def check_deposit_short(orders: pd.DataFrame, tables: Tables, _policy: Policy) -> Findings:
    """Find partners in finance whose deposit is below what is required; once, on the partner's first line."""
    # orders are numbered by their first line, so a partner's first order holds its first line
    orders = orders[(orders["partner"] >= 0) & (orders["finance"] >= 0) & ~orders["partner_key"].duplicated()]
    deposit, required = _deposits(orders, tables)
    short = money.fen([(required,)]) > money.fen([(deposit,)])
    orders, deposit, required = orders[short], deposit[short], required[short]
    return _of_orders(
        "deposit-short",
        orders,
        INFO,
        name=_names(orders, tables),
        actual=deposit,
        expected=required,
        money=money.fen([(required,), (-1.0, deposit)]),
    )


def _deposits(orders: pd.DataFrame, tables: Tables) -> tuple[Floats, Floats]:
    """Return what each order's partner has deposited, and what it is to have deposited; absent = 0."""
    deposit = np.append(tables["finance"]["deposit"].to_numpy(float), 0.0)[orders["finance"].to_numpy()]
    required = np.append(tables["partners"]["required_deposit"].to_numpy(float), 0.0)[orders["partner"].to_numpy()]
    return np.nan_to_num(deposit), np.nan_to_num(required)
