"""The demo's faults: each function plants one rule's mistakes into clean orders, the way clerks make them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from functools import partial

from macros.demo.cells import odd_numbers, rejected_rows, stale_totals
from macros.demo.day import Day, Line, Order
from macros.demo.orders import PRICED, copy_line, give, new_line, recount, reprice
from macros.demo.reference import CLOSED_PARTNERS, discounted, words


def _plain(order: Order) -> bool:
    """Tell whether the order's price stands on the contract discount alone."""
    return not order.campaigns and order.partner["contract_discount"] is not None


def _with_giveaway(order: Order) -> bool:
    return any(line.values["line_type"] == "giveaway" for line in order.lines)


def _neighbour(order: Order, other: Order) -> bool:
    return other.clerk is order.clerk and other.partner is not order.partner


def _exchange(day: Day, line: Line, code: str) -> None:
    """Let the line order another product at the same discount."""
    product = day.product(code)
    line.values |= {name: product[name] for name in ("product_code", "product_name", "unit")}
    line.values["quantity"] = product["carton_qty"]
    reprice(line, product["list_price"], line.values["discount"])


def unknown_codes(day: Day) -> None:
    """A letter O in a partner code; a product code whose zeros a number cell lost; a product not yet sold."""
    for line in day.take(where=_plain).lines:
        line.values["partner_code"] = str(line.values["partner_code"]).replace("0", "O", 1)
    line = day.take(where=lambda order: _plain(order) and order.clerk.path.endswith(".xlsx")).lines[0]
    line.values["product_code"] = line.values["product_code"].lstrip("0")
    line.spelled["product_code"] = int(line.values["product_code"])
    _exchange(day, day.take(where=_plain).lines[0], words()["product_notes"]["not_yet"])


def closed_partners(day: Day) -> None:
    """An order of each closed partner, sent in by its region all the same."""
    for partner in (row for row in day.tables["partners"] if row["partner_code"] in CLOSED_PARTNERS):
        clerk = next(clerk for clerk in day.clerks if clerk.clerk == partner["clerk"])
        number, discount = clerk.order.format(n=901), partner["contract_discount"]
        products = [day.product(code) for code in ("010001", "020001", "040005")]
        lines = [new_line(number, partner, row, row["carton_qty"], discount) for row in products]
        day.orders.append(Order(clerk, partner, lines, planted=True))


def discontinued_products(day: Day) -> None:
    """A line of each discontinued product."""
    for entry in words()["product_notes"]["discontinued"]:
        _exchange(day, day.take(where=_plain).lines[1], entry.split()[0])


def quantities(day: Day) -> None:
    """A zero, a negative quantity, and two broken cartons."""
    recount(day.take(where=_plain).lines[0], 0)
    recount(day.take(where=_plain).lines[0], -24)
    for rest in (5, 7):
        line = day.take(where=_plain).lines[0]
        recount(line, line.values["quantity"] + rest)


def dates(day: Day) -> None:
    """Two years before, and twenty years after."""
    for year in (2024, 2046):
        order = day.take(["order_date"], lambda order: _plain(order) and order.clerk.date != "month_day")
        order.lines[0].values["order_date"] = date(year, 11, 21)


def names_and_regions(day: Day) -> None:
    """Names that belong to other codes, and an order sent in by another region."""
    day.take(["product_name"], _plain).lines[0].values["product_name"] = words()["words"]["wrong_product_name"]
    order = day.take(["partner_name"], _plain)
    city = next(city for city in order.clerk.cities if order.partner["partner_name"].startswith(city))
    order.lines[0].values["partner_name"] = words()["words"]["wrong_partner_name"].format(city=city)
    far, near = day.clerks[7], day.clerks[6]
    day.take(where=lambda order: _plain(order) and order.clerk is near).clerk = far


def duplicates(day: Day) -> None:
    """A line twice, one of them released; an order in two files; an order number of two partners."""
    for released in (False, True):
        order = day.take(where=_plain)
        order.lines.insert(2, copy_line(order.lines[0]))
        if released:
            day.released(order.lines[0], "duplicate-line", "release", "supervisor", "duplicate")
    shared = {clerk.region: clerk for clerk in day.clerks[:6]}  # the later clerk of the regions that have two
    order = day.take(
        where=lambda order: _plain(order) and order.clerk is not shared.get(order.clerk.region, order.clerk)
    )
    day.orders.append(Order(shared[order.clerk.region], order.partner, order.lines[2:], planted=True))
    del order.lines[2:]
    order = day.take(where=lambda order: _plain(order) and bool(day.fitting(where=partial(_neighbour, order))))
    for line in day.take(where=partial(_neighbour, order)).lines:
        line.values["order_no"] = order.number


def campaigns(day: Day) -> None:
    """Campaigns that do not exist, are over, have not begun, or give another present."""
    known = [row["campaign"] for row in day.tables["policies"]]
    gift = day.product("010001")
    day.take(["campaign"], _plain).lines[0].values["campaign"] = f"{known[0][:-2]}99"
    order = day.take(["campaign"], _plain)
    order.lines.append(give(order.lines[0], gift, 2))
    order.lines[-1].values["campaign"] = f"{known[0][:-2]}98"
    day.take(["campaign"], _plain).lines[0].values["campaign"] = known[6]
    line = day.take(["campaign"], lambda order: _plain(order) and order.partner["level"] == "B").lines[0]
    line.values["campaign"] = known[6]
    reprice(line, day.product(line.values["product_code"])["list_price"], day.tables["policies"][6]["min_discount"])
    order = day.take(["campaign"], _plain)
    order.lines.append(give(order.lines[0], gift, 3))
    order.lines[-1].values["campaign"] = known[4]


def prices(day: Day) -> None:
    """Prices left out, contradicting the discount or the amount, above the list, or zero."""
    day.take(PRICED, _plain).lines[0].values |= {"unit_price": None, "amount": None, "discount": None}
    day.take(["discount", *PRICED], _plain).lines[0].values["discount"] -= Decimal("0.02")
    day.take(PRICED, _plain).lines[0].values["amount"] += 90
    line = day.take(PRICED, _plain).lines[0]
    line.values["unit_price"] = discounted(day.product(line.values["product_code"])["list_price"], Decimal("1.1"))
    line.values |= {"discount": None, "amount": line.values["unit_price"] * line.values["quantity"]}
    day.take(PRICED, _plain).lines[0].values |= {"unit_price": Decimal(0), "amount": Decimal(0), "discount": None}


def floors(day: Day) -> None:
    """Five discounts below the floor; one released by a role that covers it, one by a role that does not."""
    gaps = (("0.02", ""), ("0.06", "manager"), ("0.05", ""), ("0.12", "supervisor"), ("0.22", ""))
    for gap, role in gaps:
        order = day.take(PRICED, _plain)
        line = order.lines[0]
        product = day.product(line.values["product_code"])
        reprice(line, product["list_price"], order.partner["contract_discount"] - Decimal(gap))
        if role:
            reason = "floor" if role == "manager" else "too_deep"
            day.released(line, "discount-below-floor", "release", role, reason)


def giveaways(day: Day) -> None:
    """Giveaways without campaign, with a price, too many (one refused, one released by nobody), and waiting."""
    order = day.take(["campaign"], _plain)
    order.lines.append(give(order.lines[0], day.product("090001"), 5))
    line = day.take(PRICED, _with_giveaway).lines[-1]
    line.values |= {"unit_price": Decimal("9.90"), "amount": Decimal("9.90") * line.values["quantity"]}
    for verdict, role in (("", ""), ("refuse", "manager"), ("release", "clerk_role")):
        line = day.take(where=_with_giveaway).lines[-1]
        line.values["quantity"] += 6
        if verdict:
            reason = "refused" if verdict == "refuse" else "exceeded"
            day.released(line, "giveaway-exceeded", verdict, role, reason)
    order = day.take(PRICED, _with_giveaway)
    paid = next(line for line in order.lines if line.values["campaign"])
    paid.values["amount"] += 50


def releases(day: Day) -> None:
    """A release of something that is no longer wrong."""
    day.released(day.take(where=_plain).lines[0], "discount-below-floor", "release", "manager", "unused")


FAULTS: tuple[Callable[[Day], None], ...] = (  # the choosiest first, while there are orders to choose from
    giveaways,
    duplicates,
    rejected_rows,
    names_and_regions,
    odd_numbers,
    campaigns,
    dates,
    unknown_codes,
    closed_partners,
    discontinued_products,
    prices,
    floors,
    quantities,
    releases,
    stale_totals,
)


def plant_faults(day: Day) -> None:
    """Spoil the day: every rule about lines, orders, campaigns, prices, giveaways and releases finds something."""
    for plant in FAULTS:
        plant(day)
