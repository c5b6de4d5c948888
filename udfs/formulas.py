"""The formulas of Excel's cells (domain.md §6): a thin window onto the rules.

Every argument is one cell or a range; single cells stand beside every cell of a range, and the answer has the range's
shape (two ranges of different shape: #VALUE!). An error that comes in goes out; a blank first argument gives nothing,
so that formulas filled down over empty rows stay clean; an unknown code is #N/A; a text where a number or date must
be is #VALUE!; a missing table or team folder is #REF!. What is wrong is in the log. None is volatile: what a formula
says holds until its cells change or the sheet is calculated anew.

Cells are read as in a file (domain.md §3): codes as text, numbers with units and separators, dates in all spellings.
"""

from __future__ import annotations

import inspect
import sys
from collections.abc import Callable

from udfs import formula_answers as answers
from udfs.formula_cells import Answer, Cells, answer
from udfs.formula_desk import CONNECTION, Desk
from udfs.range_audit import audited

Formula = Callable[..., Answer]


def formula(function: Formula) -> Formula:
    """Make a function one that Excel can call: cells and answers as they are, no conversion by xlwings."""
    if sys.platform != "win32":
        return function
    import xlwings as xw  # noqa: PLC0415 - there is no Excel to call it elsewhere

    for name in inspect.signature(function).parameters:
        function = xw.arg(name, "raw")(function)
    known: Formula = xw.func(xw.ret("raw")(function))
    return known


def connect(find: Callable[[], Desk] | None) -> None:
    """Take who finds the desk that answers; where that is nobody, or raises WorkbookError, the answers are #REF!.

    OD_TAX_ID asks no desk.
    """
    CONNECTION.connect(find)


@formula
def OD_LIST_PRICE(product: Cells, on_date: Cells = None) -> Answer:  # noqa: N802 - Excel's name
    """Return the list price (CNY per piece, tax included) valid on the date; without a date, today.

    A product without a price on that date is #N/A, as the rule unknown-product takes it.
    """
    return answer("OD_LIST_PRICE", (product, on_date), answers.list_price)


@formula
def OD_FLOOR(partner: Cells, product: Cells, campaign: Cells = None, on_date: Cells = None) -> Answer:  # noqa: N802 - Excel's name
    """Return the least discount allowed (0-1): the lower of contract and campaign, 1 where neither gives one.

    A campaign that is known but does not count (its dates, the partner's level, the product) gives no floor; an
    unknown one is #N/A. Source: domain.md §4, discount-below-floor.
    """
    return answer("OD_FLOOR", (partner, product, campaign, on_date), answers.floor)


@formula
def OD_DISCOUNT_CHECK(  # noqa: N802 - Excel's name
    partner: Cells, product: Cells, unit_price: Cells, campaign: Cells = None, on_date: Cells = None
) -> Answer:
    """Return the word for pass, or the word for hold with the reason, for a paid line at that unit price.

    Held: no price, a price of zero, a price more than the tolerance under the floor (floor and effective discount
    are named). Source: domain.md §4, price-missing, zero-price-not-giveaway, discount-below-floor.
    """
    return answer("OD_DISCOUNT_CHECK", (partner, product, unit_price, campaign, on_date), answers.discount_check)


@formula
def OD_GIVEAWAY(campaign: Cells, product: Cells, quantity: Cells, on_date: Cells = None) -> Answer:  # noqa: N802 - Excel's name
    """Return how many pieces are free with that paid quantity of the product: floor(quantity ÷ buy) × free.

    0 where the campaign does not run on the date or does not apply to the product, and for a discontinued product.
    The partner's level is not asked. Source: domain.md §4, giveaway-exceeded.
    """
    return answer("OD_GIVEAWAY", (campaign, product, quantity, on_date), answers.giveaway)


@formula
def OD_AVAILABLE(product: Cells) -> Answer:  # noqa: N802 - Excel's name
    """Return the stock free of a product before any order of the day (pieces): Σ(on hand − allocated), never below 0.

    0 for a product of the price table that has no stock row. Source: domain.md §4, Stock.
    """
    return answer("OD_AVAILABLE", (product,), answers.available)


@formula
def OD_ETA(product: Cells, quantity: Cells) -> Answer:  # noqa: N802 - Excel's name
    """Return the earliest date by which the supply replies, added up, cover the short quantity (pieces).

    #N/A where they never do; nothing where nothing is short. Source: domain.md §4, short-stock.
    """
    return answer("OD_ETA", (product, quantity), answers.eta)


@formula
def OD_PARTNER(partner: Cells, field: Cells = None) -> Answer:  # noqa: N802 - Excel's name
    """Return what the partner table says under a heading, an alias of it or its English column name; the name if none.

    An unknown field is #VALUE!, a blank cell nothing.
    """
    return answer("OD_PARTNER", (partner, field), answers.partner)


@formula
def OD_FUNDS(partner: Cells) -> Answer:  # noqa: N802 - Excel's name
    """Return a partner's funds (CNY) before any order: balance + received + credit limit − debt.

    #N/A where the finance table does not name the partner. Source: domain.md §4, Finance.
    """
    return answer("OD_FUNDS", (partner,), answers.partner_funds)


@formula
def OD_CREDIT(partner: Cells, amount: Cells = None) -> Answer:  # noqa: N802 - Excel's name
    """Return what an order of that amount (CNY, default 0) on the partner's whole funds would be judged.

    Finance's own confirmation goes first. Source: domain.md §4, not-in-finance, unpaid, indebted.
    """
    return answer("OD_CREDIT", (partner, amount), answers.credit)


@formula
def OD_TAX_ID(text: Cells) -> Answer:  # noqa: N802 - Excel's name
    """Return whether a text is a tax number: a unified social credit code with its check character, or an old one.

    Needs no team folder. Source: udfs.tax_ids.
    """
    return answer("OD_TAX_ID", (text,), answers.tax_id)


@formula
def OD_AUDIT(order_range: Cells) -> Answer:  # noqa: N802 - Excel's name
    """Return all that the audit finds in order lines: a table of row, rule, decision, what is wrong and what to do.

    order_range: the lines with their headings; rows count from 1, the range's first. Rows that cannot be read are in
    it too, and rules that could not run are named. #VALUE! without headings of an order table.
    """
    return audited(order_range)


FORMULAS: tuple[Formula, ...] = (
    OD_LIST_PRICE,
    OD_FLOOR,
    OD_DISCOUNT_CHECK,
    OD_GIVEAWAY,
    OD_AVAILABLE,
    OD_ETA,
    OD_PARTNER,
    OD_FUNDS,
    OD_CREDIT,
    OD_TAX_ID,
    OD_AUDIT,
)
"""Every formula, in the order of domain.md §6."""
