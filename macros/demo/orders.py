"""The demo's clean orders: what eleven clerks' partners order on the day, before anything goes wrong."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from random import Random

from macros.demo.day import Clerk, Day, Line, Order, load_clerks
from macros.demo.reference import DAY, Row, Tables, discounted, reference_tables, words
from workbooks.labels import raw

PRICED = ("unit_price", "amount")


def reprice(line: Line, list_price: Decimal, discount: Decimal) -> None:
    """Set the line's discount, and its unit price and amount by it."""
    price = discounted(list_price, discount)
    line.values |= {"discount": discount, "unit_price": price, "amount": price * line.values["quantity"]}


def recount(line: Line, quantity: int) -> None:
    """Set the line's quantity, and its amount by it."""
    line.values |= {"quantity": quantity, "amount": line.values["unit_price"] * quantity}


def new_line(order_no: str, partner: Row, product: Row, quantity: int, discount: Decimal) -> Line:
    """Return a clean paid line without a campaign."""
    values: Row = {
        "order_no": order_no,
        "order_date": DAY,
        "partner_code": partner["partner_code"],
        "partner_name": partner["partner_name"],
        "product_code": product["product_code"],
        "product_name": product["product_name"],
        "unit": product["unit"],
        "quantity": quantity,
        "line_type": "paid",
        "campaign": None,
        "remark": None,
    }
    line = Line(values)
    reprice(line, product["list_price"], discount)
    return line


def give(line: Line, product: Row, quantity: int) -> Line:
    """Return a giveaway of the same order and campaign as a paid line."""
    free = {
        "product_code": product["product_code"],
        "product_name": product["product_name"],
        "unit": product["unit"],
        "quantity": quantity,
        "unit_price": Decimal(0),
        "amount": Decimal(0),
        "discount": None,
        "line_type": "giveaway",
    }
    return Line({**line.values, **free, "remark": None})


def listed(scope: str, product: Row) -> bool:
    """Return whether a campaign's list of codes and categories names the product."""
    separators = raw()["values"]["list_separators"]
    names = {name.strip() for name in re.split(f"[{separators}]", scope)}
    return bool(names & {words()["words"]["all_products"], product["product_code"], product["category"]})


def _contract(partner: Row) -> Decimal:
    return Decimal(partner["contract_discount"] or 1)


def _apply_campaign(rng: Random, tables: Tables, order: Order) -> None:
    """Sell part of the order under a campaign that holds for it, with the giveaways it earns."""
    level = order.partner["level"]
    sellable = {row["product_code"]: row for row in tables["products"]}
    fitting = []
    for policy in tables["policies"]:
        on_time = policy["start"] <= DAY - timedelta(days=2) and policy["end"] >= DAY
        lines = [line for line in order.lines if listed(policy["applies_to"], sellable[line.values["product_code"]])]
        if on_time and lines and level in (policy["levels"] or level):
            fitting.append((policy, lines))
    if not fitting:
        return
    policy, lines = rng.choice(fitting)
    for line in lines:
        line.values["campaign"] = policy["campaign"]
        least = min(policy["min_discount"] or Decimal(1), _contract(order.partner))
        reprice(line, sellable[line.values["product_code"]]["list_price"], least)
    if policy["buy_qty"]:
        bought = sum(line.values["quantity"] for line in lines)
        earned = bought // policy["buy_qty"] * policy["free_qty"]
        gifts = [
            row
            for row in tables["products"]
            if listed(policy["gifts"] or policy["applies_to"], row) and row["status"] == words()["words"]["on_sale"]
        ]
        if earned:
            order.lines.append(give(lines[-1], rng.choice(gifts), earned))


def _make_order(rng: Random, tables: Tables, clerk: Clerk, partner: Row, number: str) -> Order:
    """Return one clean order of three to six lines of full cartons."""
    on_sale, not_yet = words()["words"]["on_sale"], words()["product_notes"]["not_yet"]
    samples = words()["categories"][-1]["name"]
    choice = [
        row
        for row in tables["products"]
        if row["status"] == on_sale
        and row["category"] != samples
        and row["valid_to"] is None
        and row["product_code"] != not_yet
    ]
    lines = []
    for product in rng.sample(choice, rng.randint(3, 6)):
        cartons = rng.choice((1, 1, 1, 2, 2, 3, 5))
        lines.append(new_line(number, partner, product, product["carton_qty"] * cartons, _contract(partner)))
    order = Order(clerk, partner, lines)
    if "campaign" in clerk.columns and rng.random() < 0.4:
        _apply_campaign(rng, tables, order)
    when = DAY - timedelta(days=rng.choice((0, 0, 0, 0, 0, 0, 0, 1, 1, 2)))
    for line in order.lines:
        line.values["order_date"] = when
        if rng.random() < 0.06:
            line.values["remark"] = rng.choice(words()["remarks"])
    return order


def make_day(seed: int) -> Day:
    """Return the clean day of a seed: reference tables and some five hundred faultless order lines."""
    rng = Random(seed)  # noqa: S311 - a demo, not a secret
    tables = reference_tables(rng)
    tables["releases"] = []
    clerks, orders = load_clerks(), []
    for clerk in clerks:
        count = 0
        for partner in tables["partners"]:
            if partner["clerk"] != clerk.clerk or partner["status"] != words()["words"]["open"]:
                continue
            for _ in range(rng.choice((1, 2, 3, 3, 4))):
                count += 1
                orders.append(_make_order(rng, tables, clerk, partner, clerk.order.format(n=count)))
    return Day(rng, tables, clerks, orders)


def copy_line(line: Line) -> Line:
    """Return the same line once more."""
    return replace(line, values=dict(line.values), spelled=dict(line.spelled))
