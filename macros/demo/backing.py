"""What stands behind the demo's orders: stock and supply replies, the partners' money and finance's word."""

from __future__ import annotations

from collections import Counter, defaultdict
from datetime import timedelta
from decimal import ROUND_CEILING, Decimal

from macros.demo.day import Day, Order
from macros.demo.reference import DAY, Row, words

SHORT_PRODUCTS = 5
ZERO = Decimal(0)


def _ordered(day: Day) -> Counter[str]:
    """Return the quantity ordered of each product, rejected rows aside."""
    ordered: Counter[str] = Counter()
    for order in day.orders:
        for line in order.lines:
            if not line.rejected:
                ordered[line.values["product_code"]] += max(line.values["quantity"], 0)
    return ordered


def add_stock(day: Day) -> None:
    """Put the day's stock into three warehouses: plenty of most products, too little of five."""
    ordered = _ordered(day)
    lines = Counter(line.values["product_code"] for order in day.orders for line in order.lines)
    codes = list(dict.fromkeys(row["product_code"] for row in day.tables["products"]))
    on_sale = [code for code in codes if day.product(code)["status"] == words()["words"]["on_sale"] and code < "09"]
    short = sorted(on_sale, key=lambda code: (-lines[code], code))[3 : 3 + SHORT_PRODUCTS]
    rows = day.tables["stock"] = []
    warehouses = words()["stock"]["warehouses"]
    for code in codes:
        carton = day.product(code)["carton_qty"]
        wanted = ordered[code] * (55 if code in short else day.rng.randint(120, 190)) // 100
        available = wanted if code in short else wanted + carton * day.rng.randint(2, 12)
        for warehouse, share in zip(warehouses, (50, 30, 20), strict=True):
            part = (
                available - available * 50 // 100 - available * 30 // 100 if share == 20 else available * share // 100
            )
            allocated = carton * day.rng.choice((0, 0, 1, 2))
            in_transit = carton * day.rng.choice((0, 0, 5, 10))
            rows.append(
                {
                    "product_code": code,
                    "product_name": day.product(code)["product_name"],
                    "warehouse": warehouse,
                    "on_hand": part + allocated,
                    "allocated": allocated or None,
                    "in_transit": in_transit or None,
                }
            )
    day.tables["supply"] = _supply(day, short, ordered)


def _supply(day: Day, short: list[str], ordered: Counter[str]) -> list[Row]:
    """Return the planners' replies: whole, in two parts, too little, none for the fourth, and for others too."""
    parts = {0: ((4, 100),), 1: ((3, 20), (9, 60)), 2: ((6, 10),), 4: ((12, 80),)}
    replies = [
        (short[place], days, ordered[short[place]] * share // 100)
        for place, answers in parts.items()
        for days, share in answers
    ]
    replies += [(code, day.rng.randint(2, 20), day.product(code)["carton_qty"] * 10) for code in ("010009", "030004")]
    return [
        {
            "product_code": code,
            "eta": DAY + timedelta(days=days),
            "quantity": quantity,
            "remark": day.rng.choice(words()["stock"]["supply_remarks"]),
        }
        for code, days, quantity in replies
    ]


def order_worth(order: Order) -> Decimal:
    """Return at least what the order amounts to: every paid line at the greater of its amount and price."""
    worth = ZERO
    for line in order.lines:
        if line.values["line_type"] == "paid" and not line.rejected:
            by_price = (line.values["unit_price"] or ZERO) * line.values["quantity"]
            worth += max(line.values["amount"] or ZERO, by_price, ZERO)
    return worth


def _thousand(amount: Decimal) -> Decimal:
    return (amount / 1000).quantize(Decimal(1), ROUND_CEILING) * 1000


def reserve_partners(day: Day) -> None:
    """Set aside, before other faults are planted, the partners whose orders shall fail for money alone."""
    own: defaultdict[str, list[Order]] = defaultdict(list)
    for order in day.orders:
        own[order.partner["partner_code"]].append(order)
    for part, least in (
        ("short", 2),
        ("refused", 2),
        ("absent", 1),
        ("unpaid", 1),
        ("late", 1),
        ("indebted", 1),
        ("trusted", 1),
    ):
        free = [code for code, orders in own.items() if len(orders) >= least and not orders[0].planted]
        code = day.rng.choice(sorted(free, key=lambda code: (len(own[code]), code))[:4])
        day.reserved[part] = own[code]
        for order in own[code]:
            order.planted = True


def add_finance(day: Day) -> None:
    """Give every partner the money its orders need, then take it from the reserved ones."""
    orders: defaultdict[str, list[Order]] = defaultdict(list)
    for order in day.orders:
        orders[order.partner["partner_code"]].append(order)
    rows = [_account(day, partner, orders[partner["partner_code"]]) for partner in day.tables["partners"]]
    day.tables["finance"], day.tables["confirmations"] = rows, []
    _spoil(day, {row["partner_code"]: row for row in rows})


def _account(day: Day, partner: Row, orders: list[Order]) -> Row:
    """Return a partner's row of the finance table, with funds for all its orders."""
    worth = sum((order_worth(order) for order in orders), ZERO)
    debt = Decimal(day.rng.choice((0, 0, 0, 0, 6_800, 12_500, 18_600)))
    received = Decimal(day.rng.choice((0, 0, 0, 10_000, 30_000)))
    balance = _thousand(worth * day.rng.randint(40, 130) / 100)
    lacking = worth * 2 + debt - received - partner["credit_limit"] - balance
    balance += _thousand(max(lacking, ZERO))
    return {
        "partner_code": partner["partner_code"],
        "partner_name": partner["partner_name"],
        "balance": balance + Decimal(day.rng.randrange(100_000)) / 100,
        "received": received or None,
        "debt": debt or None,
        "overdue_days": day.rng.randint(3, 28) if debt else None,
        "deposit": partner["required_deposit"],
        "as_of": DAY,
        "confirmation": words()["words"]["paid"] if day.rng.random() < 0.3 else None,
    }


def _spoil(day: Day, accounts: dict[str, Row]) -> None:
    """Plant the finance rules: not in the table, unpaid, indebted (each also by finance's own word), deposit short."""
    said, reserved = words()["words"], day.reserved
    account = {part: accounts[orders[0].partner["partner_code"]] for part, orders in reserved.items()}
    worth = {part: sum(map(order_worth, orders), ZERO) for part, orders in reserved.items()}

    def bare(part: str, means: Decimal, **others: object) -> None:
        """Leave a partner with so much to order for and no other means."""
        credit = reserved[part][0].partner["credit_limit"]
        row = account[part]
        row |= {"balance": means - credit, "received": None, "debt": None, "overdue_days": None, "confirmation": None}
        row |= others

    bare("short", worth["short"] - 500)
    bare("trusted", worth["trusted"] / 2)
    bare("late", worth["late"] * 3, debt=Decimal(36_800), overdue_days=47)
    account["unpaid"]["confirmation"] = said["unpaid"]
    account["indebted"]["confirmation"] = said["indebted"]
    day.tables["finance"].remove(account["absent"])
    answers = [(order, "paid") for order in reserved["trusted"]]
    answers += [(order, "unpaid" if order is reserved["refused"][0] else "paid") for order in reserved["refused"]]
    for order, answer in answers:
        day.tables["confirmations"].append(
            {
                "partner_code": order.partner["partner_code"],
                "order_no": order.number,
                "confirmation": said[answer],
            }
        )
    for row in day.rng.sample(day.tables["finance"], 2):
        row["deposit"] = row["deposit"] / 2
