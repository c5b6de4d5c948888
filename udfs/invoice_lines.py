"""What may be invoiced of a day's orders: the lines that pass and ship, each with its amount, tax and net, in fen.

How the open points of the contract were read is in docs/readings.md.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pandas as pd

from udfs.findings import TRANSFER, Bools, Ints
from udfs.lookup import Floats
from udfs.money import differs, fen, fen_of_quotient, yuan
from udfs.order_lines import texts
from workbooks.schema import DETAIL_LENGTHS

CODE_DIGITS = 19
COSMETICS = "1070223"
"""How the tax codes of cosmetics begin; what is no more than the beginning of it is a summary code."""

_CENT = 0.01  # CNY: what the bureau lets quantity × price differ from the amount


def billable(lines: pd.DataFrame, products: pd.DataFrame | None) -> pd.DataFrame:
    """Return the lines of an audit that may be invoiced, in source order.

    lines: udfs.audit.Audit.lines. Passed and moved lines count with what ships of them; held, returned and set aside
    ones do not. Columns: at (place in `lines`), what the line says, quantity (pieces that ship), price (CNY per unit,
    tax included), list_price, giveaway, tax_code ("" unknown), tax_rate (NaN unknown or 0), and in fen: amount (what
    the line itself says where all of it ships; 0 of a giveaway), tax (of an unknown rate 0), net (amount − tax) and
    list_amount (of what is given away: what it would cost).
    """
    ship = lines["ship"].to_numpy(float)
    passes = (lines["effect"].to_numpy() <= TRANSFER) & ~lines["aside"].to_numpy(bool) & (ship > 0)
    at = np.flatnonzero(passes)
    taken = lines.iloc[at].reset_index(drop=True)
    product, shipped = taken["product"].to_numpy(), ship[at]
    amount = _amounts(taken, shipped)
    rate = _numbers(products, "tax_rate", product)
    rate = np.where(rate > 0, rate, np.nan)
    tax = fen_of_quotient((yuan(amount), rate), [(1.0,), (rate,)])
    names = ("region", "order_no", "partner_code", "product_code", "source_file", "source_sheet", "source_row")
    billed = taken[list(names)].assign(
        at=at,
        partner=taken["partner"],
        product_name=_told(taken, products, "product_name", product),
        unit=_told(taken, products, "unit", product),
        spec=_from_table(products, "spec", product),
        quantity=shipped,
        list_price=taken["list_price"],
        giveaway=amount == 0,
        amount=amount,
        tax_code=_from_table(products, "tax_code", product),
        tax_rate=rate,
        tax=tax,
        net=amount - tax,
    )
    price = taken["price"].to_numpy(float)
    # an amount that somebody let pass all the same is what the customer pays; the price follows from it
    off = differs((shipped, np.nan_to_num(price)), (yuan(amount),), _CENT)
    price = np.where(off, yuan(amount) / shipped, price)
    billed["price"] = np.where(amount == 0, 0.0, price)
    billed["list_amount"] = np.where(amount == 0, fen([(shipped, billed["list_price"].to_numpy(float))]), 0)
    return billed[amount >= 0].reset_index(drop=True)  # a price below zero is a credit, not for this form


def _amounts(lines: pd.DataFrame, shipped: Floats) -> Ints:
    """Return what the customer pays for what ships, in fen: a giveaway is never paid for."""
    quantity, written = lines["quantity"].to_numpy(float), lines["amount"].to_numpy(float)
    # quantities are shared out in millionths; the rest of a float is noise
    whole = np.round(quantity - shipped, 6) <= 0
    own = whole & ~np.isnan(written)
    part = fen_of_quotient((shipped, lines["price_num"].to_numpy(float)), [(lines["price_den"].to_numpy(float),)])
    amount: Ints = np.where(own, fen([(written,)]), part)
    return np.where(lines["giveaway"].to_numpy(bool), 0, amount)


def _numbers(table: pd.DataFrame | None, name: str, rows: Ints) -> Floats:
    if table is None:
        return np.full(len(rows), np.nan)
    taken: Floats = np.append(table[name].to_numpy(float), np.nan)[rows]
    return taken


def _from_table(table: pd.DataFrame | None, name: str, rows: Ints) -> npt.NDArray[np.object_]:
    return np.full(len(rows), "", dtype=object) if table is None else texts(table, name, rows)


def _told(lines: pd.DataFrame, products: pd.DataFrame | None, name: str, rows: Ints) -> npt.NDArray[np.object_]:
    """Return a text of the lines and of the table: a name is the table's, a unit is what the line counts in."""
    own, theirs = lines[name].fillna("").to_numpy(object), _from_table(products, name, rows)
    first, second = (theirs, own) if name == "product_name" else (own, theirs)
    return np.where(first == "", second, first)


def is_tax_code(code: str) -> bool:
    """Tell whether an invoice line may carry the code: 19 digits, and no summary code of cosmetics."""
    digits = len(code) == CODE_DIGITS and code.isascii() and code.isdigit()
    return digits and not COSMETICS.startswith(code.rstrip("0"))


def in_form(billed: pd.DataFrame, asked: Bools, *, giveaways: bool) -> Bools:
    """Tell which billable lines go into the tax bureau's form.

    asked: which are of a request that goes in. giveaways: whether what is given away stands there at its list price
    with a discount of all of it; without a list price it cannot.
    """
    free = billed["giveaway"].to_numpy(bool)
    goes: Bools = asked & (~free | (giveaways & (billed["list_amount"].to_numpy() > 0)))
    return goes


def form_details(billed: pd.DataFrame) -> pd.DataFrame:
    """Return lines as the tax bureau's form lists them, by `serial`; see workbooks.einvoice_form.form_files.

    A giveaway stands at its list price, with a discount of all of it. Names that are longer than the form takes are
    cut: the product's tax code says what was sold.
    """
    free = billed["giveaway"].to_numpy(bool)
    listed = billed["list_amount"].to_numpy()
    most = DETAIL_LENGTHS
    return pd.DataFrame(
        {
            "serial": billed["serial"].to_numpy(object),
            "item_name": billed["product_name"].str[: most["item_name"]].to_numpy(object),
            "tax_code": billed["tax_code"].to_numpy(object),
            "spec": billed["spec"].str[: most["spec"]].replace("", None).to_numpy(object),
            "unit": billed["unit"].str[: most["unit"]].replace("", None).to_numpy(object),
            "quantity": billed["quantity"].to_numpy(float),
            "unit_price": np.where(free, billed["list_price"], billed["price"]).astype(float),
            "amount": np.where(free, listed, billed["amount"]).astype(np.int64),
            "discount": np.where(free, listed, 0).astype(np.int64),
            "tax_rate": billed["tax_rate"].to_numpy(float),
        }
    )
