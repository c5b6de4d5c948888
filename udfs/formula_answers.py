"""What each formula answers: the rules' own functions over a formula's columns (domain.md §4, §6).

Each takes an Ask, whose arguments stand in the order of the formula's, and returns one answer per cell. A cell that
the Ask has answered already (an error, an unknown code) gets that answer, whatever stands here.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import numpy as np

from udfs import funds, giveaways, money, prices, stock
from udfs.findings import DECISIONS, HOLD, INFO, Bools, Ints
from udfs.formula_cells import NA, REF, VALUE, Ask, Told
from udfs.lookup import Days, Floats
from udfs.tax_ids import is_tax_id
from udfs.wording import plain
from workbooks.labels import labels, raw

MOST_DIGITS = 1e15  # of a number in a cell


def list_price(ask: Ask) -> Told:
    """Return list prices (CNY): product, on_date."""
    row = ask.products(0, ask.days(1))
    return ask.known.list_price[row]


def _floors(ask: Ask, partner: int, product: int, campaign: int, on_date: int) -> tuple[Floats, Ints]:
    """Return the floors (0-1) and the products' rows; the arguments are named by their places."""
    partners, days = ask.partners(partner), ask.days(on_date)
    products, policies = ask.products(product, days), ask.campaigns(campaign)
    contract = ask.known.contract_discount[partners]
    if policies.max() < 0:
        return prices.floor(contract, np.full(ask.size, np.nan)), products
    valid = _valid(ask, policies, products, days) & ask.known.campaigns.level_fits(policies, partners)
    return prices.floor(contract, ask.known.min_discount[np.where(valid, policies, -1)]), products


def _valid(ask: Ask, policies: Ints, products: Ints, days: Days) -> Bools:
    """Tell where a campaign runs on the day and applies to the product."""
    campaigns = ask.known.campaigns
    return (policies >= 0) & campaigns.on_time(policies, days) & campaigns.applies(policies, products)


def floor(ask: Ask) -> Told:
    """Return floors (0-1): partner, product, campaign, on_date."""
    return _floors(ask, 0, 1, 2, 3)[0]


def discount_check(ask: Ask) -> Told:
    """Return whether a price may stand: partner, product, unit_price, campaign, on_date."""
    floors, products = _floors(ask, 0, 1, 3, 4)
    price, one = ask.numbers(2), np.ones(ask.size)
    listed = ask.known.list_price[products]
    zero, below = prices.is_zero(price), prices.below_floor(price, one, listed, floors)
    words, decisions = raw()["formula_answers"], labels().decisions
    hold, answers = decisions[DECISIONS[HOLD]], np.full(ask.size, decisions[DECISIONS[INFO]], dtype=object)
    answers[zero] = words["price_zero"].format(hold=hold)
    answers[np.isnan(price)] = words["price_missing"].format(hold=hold)
    at = (below & ~zero).nonzero()[0]
    if len(at):
        least, actual = floors[at].tolist(), prices.effective_discount(price[at], listed[at]).round(4).tolist()
        written = {rate: plain(rate) for rate in {*actual, *least}}
        said = words["below_floor"]
        answers[at] = [
            said.format(hold=hold, actual=written[rate], floor=written[lowest])
            for rate, lowest in zip(actual, least, strict=True)
        ]
    return answers


def giveaway(ask: Ask) -> Told:
    """Return how many pieces are free: campaign, product, quantity, on_date."""
    days = ask.days(3)
    policies = ask.campaigns(0)
    products, quantity = ask.products(1, days), ask.numbers(2, blank=0.0)
    buy, free = ask.known.bundle
    earns = _valid(ask, policies, products, days) & (quantity > 0) & ~ask.known.discontinued[products]
    return giveaways.entitled(np.where(earns, quantity, 0.0), buy[policies], free[policies])


def available(ask: Ask) -> Told:
    """Return what is free of a product (pieces): product."""
    pieces = ask.known.available
    codes = ask.codes(0)
    answers: list[object] = []
    for place, code in enumerate(codes):
        if code in pieces:
            answers.append(pieces[code] / stock.SCALE)
        elif place in ask.answered:
            answers.append("")
        elif "products" not in ask.known.tables:
            answers.append(REF)
        else:
            answers.append(0.0 if code in ask.known.prices.place else NA)
    return answers


def eta(ask: Ask) -> Told:
    """Return when a shortage is covered: product, quantity (the short pieces)."""
    arrivals = ask.known.arrivals
    codes, short = ask.codes(0), stock.millionths(ask.numbers(1, blank=0.0))
    answers: list[object] = [NA] * ask.size
    places_of: dict[str, list[int]] = {}
    for place, code in enumerate(codes):
        if code in arrivals:
            places_of.setdefault(code, []).append(place)
    for code, places in places_of.items():
        found = stock.eta_of(short[places], arrivals[code])
        for place, day in zip(places, found.astype("datetime64[s]").tolist(), strict=True):
            # pywin32 takes a time without a zone as this machine's, and would send the day before from China
            answers[place] = day.replace(tzinfo=UTC) if isinstance(day, datetime) else NA
    ask.mark(short <= 0, "")
    return answers


def partner(ask: Ask) -> Told:
    """Return a field of the partner table: partner, field."""
    rows, values = ask.partners(0), ask.known.partner_values
    headings = ask.texts(1)
    meant = {heading: ask.desk.column("partners", heading) if heading else "partner_name" for heading in set(headings)}
    if None in meant.values():
        unknown = next(heading for heading in headings if meant[heading] is None)
        ask.mark(np.array([meant[heading] is None for heading in headings]), VALUE, f"no such field, first {unknown!r}")
    columns = {heading: values[name] if name else [] for heading, name in meant.items()}
    return [
        columns[heading][row] if row >= 0 and columns[heading] else ""
        for heading, row in zip(headings, rows.tolist(), strict=True)
    ]


def partner_funds(ask: Ask) -> Told:
    """Return funds (CNY): partner."""
    rows = _in_finance(ask)
    return np.append(ask.known.funds_in_yuan, np.nan)[rows]


def _in_finance(ask: Ask) -> Ints:
    rows = ask.partners(0)
    ask.mark(ask.known.finance_rows[rows] < 0, NA)
    return rows


def credit(ask: Ask) -> Told:
    """Return the word for an order of that amount on the whole funds: partner, amount."""
    rows, known = ask.partners(0), ask.known
    amounts = money.fen([(ask.numbers(1, blank=0.0),)])
    words: dict[str, Any] = labels().words["confirmation"]
    in_finance, confirmed, left = known.finance_rows >= 0, known.confirmations, known.funds
    owes = known.indebted(ask.desk.policy)
    return [
        words[confirmed[row] or funds.judgement(amount, left[row], in_finance=in_finance[row], indebted=owes[row])]
        for row, amount in zip(rows.tolist(), amounts.tolist(), strict=True)
    ]


def tax_id(ask: Ask) -> Told:
    """Return whether a text is a tax number: text. A number beyond 15 digits is #VALUE!: Excel has lost the others."""
    lost = [isinstance(cell, float) and abs(cell) >= MOST_DIGITS for cell in ask.cells[0]]
    ask.mark(np.array(lost), VALUE, "a number of more than 15 digits: Excel has lost the rest, the cell must be text")
    return is_tax_id(ask.texts(0))
