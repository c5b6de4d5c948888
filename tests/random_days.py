"""Seeded random days, dense in trouble, in the form that `reference.audit` takes."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from random import Random
from typing import Any

WORDS = {
    "normal": "\u6b63\u5e38", "suspended": "\u505c\u7528", "terminated": "\u7ec8\u6b62",
    "on_sale": "\u5728\u552e", "stopped": "\u505c\u4ea7", "replaced": "\u6362\u4ee3", "all": "\u5168\u90e8",
    "has_money": "\u6709\u6b3e", "no_money": "\u6ca1\u6b3e", "owes": "\u6b20\u6b3e",
    "let_pass": "\u653e\u884c", "send_back": "\u9000\u56de", "comma": "\u3001",
    "open": "\uff08", "close": "\uff09", "left": "\u3010", "right": "\u3011",
}  # fmt: skip
Row = dict[str, Any]
Day = tuple[list[Row], dict[str, list[Row] | None], dict[str, Any], date]
D = Decimal
TODAY = date(2026, 11, 21)
PARTNERS = ["P01", "p02", "P03", "P04", "P05", "P06", "P07", "0008"]
PRODUCTS = ["A100", "b200", "C300", "D400", "E500", "F600", "G700", "0080"]
CATEGORIES = ["Mask", "Cream", "Serum"]
CAMPAIGNS = ["H1", "h2", "H3", "H4", "H5", "H6"]
FILES = ["East/a.xlsx", "East/b.xlsx", "West.xlsx", "south.csv"]
REGIONS = ["East", "West", "South"]
LIST_PRICES = ["100", "200", "50", "80", "19.9", "33.33", "1000"]
RATES = ["1", "0.9", "0.85", "0.8", "0.75"]
HOLDS = [
    "unknown-partner", "partner-closed", "unknown-product", "quantity-not-positive", "implausible-date",
    "duplicate-line", "order-two-partners", "campaign-unknown", "campaign-not-valid", "price-missing",
    "price-mismatch", "amount-mismatch", "zero-price-not-giveaway", "discount-below-floor",
    "giveaway-without-campaign", "giveaway-priced", "giveaway-exceeded", "giveaway-waits",
    "not-in-finance", "unpaid", "indebted",
]  # fmt: skip
KINDS = ["products", "partners", "policies", "approvals", "stock", "supply", "finance", "confirmations", "releases"]


def random_day(seed: int, size: int = 40) -> Day:
    """One day of about `size` lines with its tables and settings; the same seed gives the same day."""
    rng = Random(seed)
    calm = rng.choice([0.0, 0.7, 0.95])  # the share of clean lines, so that passing lines meet held ones
    products, partners, policies = _products(rng, calm), _partners(rng, calm), _policies(rng)
    lines = _lines(rng, size, products, calm)
    tables: dict[str, list[Row] | None] = {
        "products": products, "partners": partners, "policies": policies, "approvals": _approvals(rng),
        "stock": _stock(rng, lines), "supply": _supply(rng), "finance": _finance(rng, lines, calm),
        "confirmations": _confirmations(rng, lines), "releases": _releases(rng, lines),
    }  # fmt: skip
    if rng.random() < 0.2:
        for kind in rng.sample(KINDS, rng.choice([1, 1, 1, 2])):
            if rng.random() < 0.5:
                tables[kind] = None
            else:
                del tables[kind]
    settings = {
        "whole": rng.random() < 0.25, "partial": rng.random() < 0.75, "auto_return": rng.random() < 0.25,
        "max_overdue_days": rng.choice([30, 30, 0, 60]),
    }  # fmt: skip
    rng.shuffle(lines)
    return lines, tables, settings, TODAY


def _day(offset: int) -> date:
    """The day that many days from today."""
    return TODAY + timedelta(days=offset)


def _case(rng: Random, text: str) -> str:
    """The code in another case at times."""
    return rng.choice([text, text, text, text.upper(), text.lower()])


def _brackets(text: str) -> str:
    """The same name written with other brackets, spaces and case."""
    text = text.upper().replace(" ", "")
    return text.replace("(", WORDS["left"]).replace(")", WORDS["right"])


def _product_name(code: str) -> str:
    """A product's own name."""
    return f"Item {code.upper()} (50ml)"


def _partner_name(code: str) -> str:
    """A partner's own name."""
    return f"Trader {code.upper()} (Ltd)"


def _products(rng: Random, calm: float) -> list[Row]:
    """Products with one to three price rows: windows, gaps, ties, overlaps and discontinued ones."""
    windows: list[list[tuple[int | None, int | None]]] = [
        [(None, None)], [(None, None)], [(-400, 400)], [(-30, 30)],
        [(None, -3), (-2, None)], [(-60, -3), (0, 60)],  # a gap of two days
        [(-60, 60), (-5, 60)], [(-5, 60), (-60, 60)], [(-10, 10), (-10, 20)], [(None, None), (-3, 0)],
        [(-90, -20)], [(1, 90)], [(-60, -1), (-60, None), (None, None)],
    ]  # fmt: skip
    rows: list[Row] = []
    for code in PRODUCTS:
        category = rng.choice([*CATEGORIES, *CATEGORIES, None])
        gone = rng.random() < 0.15 - calm / 12
        for start, end in windows[0] if rng.random() < calm / 2 else rng.choice(windows):
            changes = gone or rng.random() < 0.05
            rows.append({
                "product_code": _case(rng, code), "product_name": _product_name(code), "category": category,
                "spec": None, "unit": "pc", "list_price": D(rng.choice(LIST_PRICES)),
                "carton_qty": rng.choice([None, D(0), D(6), D(10), D(12), D("2.5")]),
                "status": WORDS[rng.choice(["stopped", "replaced"])] if changes
                else rng.choice([WORDS["on_sale"], WORDS["on_sale"], None]),
                "replaced_by": rng.choice([None, rng.choice(PRODUCTS)]) if changes else None,
                "tax_code": None, "tax_rate": D("0.13"),
                "valid_from": None if start is None else _day(start), "valid_to": None if end is None else _day(end),
            })  # fmt: skip
    if rng.random() < 0.5:
        rng.shuffle(rows)
    return rows


def _partners(rng: Random, calm: float) -> list[Row]:
    """Partners of all levels, some closed, one twice; P99 and at times another one is in no table."""
    blank = dict.fromkeys([
        "clerk", "invoice_title", "tax_id", "address", "phone", "bank", "bank_account", "invoice_type", "email",
    ])  # fmt: skip
    levels = ["VIP", "A", "B", "C", "S", "VIP", "A", "D"]
    rng.shuffle(levels)
    rows: list[Row] = []
    for code, level in zip(PARTNERS, levels, strict=True):
        if rng.random() < 0.05:
            continue
        closed = rng.random() < 0.12 - calm / 12
        rows.append({
            "partner_code": _case(rng, code), "partner_name": _partner_name(code),
            "region": rng.choice([*REGIONS, None]), "level": level,
            "status": WORDS[rng.choice(["suspended", "terminated"])] if closed
            else rng.choice([WORDS["normal"], WORDS["normal"], None]),
            "contract_discount": rng.choice([None, D("0.9"), D("0.85"), D("0.8"), D(1)]),
            "credit_limit": rng.choice([None, None, D(0), D(500), D(3000)]),
            "required_deposit": rng.choice([None, D(0), D(1000)]), **blank,
        })  # fmt: skip
    twin = dict(rng.choice(rows))
    twin.update(level="VIP", status=WORDS["suspended"], contract_discount=D("0.5"), partner_name="Somebody else")
    rows.append(twin)
    return rows


def _policies(rng: Random) -> list[Row]:
    """Campaigns with their scopes, levels and windows; H9 is in no table."""
    rows: list[Row] = []
    scopes = [
        WORDS["all"], WORDS["all"], "Mask" + WORDS["comma"] + "Cream", "A100,B200;Serum", "c300; d400",
        "Mask" + "\uff0c" + "E500" + "\uff1b" + "0080", "Cream",
    ]  # fmt: skip
    windows = [(-30, 30), (-400, 400), (0, 0), (-1, 0), (-60, -2), (3, 30)]
    for code in [*CAMPAIGNS, rng.choice(CAMPAIGNS)]:
        start, end = rng.choices(windows, [6, 6, 1, 2, 1, 1])[0]
        rows.append({
            "campaign": _case(rng, code), "campaign_name": None, "applies_to": rng.choice(scopes),
            "levels": rng.choice([None, None, None, "", "VIP" + WORDS["comma"] + "A", "A,B;C", "B"]),
            "start": _day(start), "end": _day(end),
            "min_discount": rng.choice([None, D("0.75"), D("0.8"), D("0.95")]),
            "buy_qty": rng.choice([None, D(0), D(5), D(10), D(10), D("2.5")]),
            "free_qty": rng.choice([None, D(1), D(2), D(1)]),
            "gifts": rng.choice([None, None, "", WORDS["all"], "Serum", "A100;B200" + WORDS["comma"] + "C300"]),
        })  # fmt: skip
    return rows


def _approvals(rng: Random) -> list[Row]:
    """Roles with their limits, one of them twice, two with the same gap."""
    rows: list[Row] = [
        {"role": "clerk", "max_gap": D("0.02"), "max_amount": D(50)},
        {"role": "leader", "max_gap": D("0.05"), "max_amount": rng.choice([None, D(100)])},
        {"role": "manager", "max_gap": D("0.05"), "max_amount": D(1000)},
        {"role": "director", "max_gap": D("0.1"), "max_amount": rng.choice([None, D(200)])},
    ]
    rng.shuffle(rows)
    rows.append({"role": "clerk", "max_gap": D(1), "max_amount": None})
    return rows


def _price(rng: Random, row: Row, listed: Decimal, calm: float) -> None:
    """Give a paid line its price, discount and amount, often exactly on or just beside a tolerance."""
    if rng.random() < calm:
        row["unit_price"], row["discount"] = listed, rng.choice([None, D(1)])
        row["amount"] = rng.choice([None, listed * row["quantity"]])
        return
    rate = D(rng.choice(RATES))
    beside = [
        D(0), D("0.01"), D("-0.01"), D("0.0101"), D("-0.0101"), D("0.005"), D("0.0051"),
        listed * D("-0.0005"), listed * D("-0.00051"), listed * D("-0.02"), listed * D("-0.05"),
    ]  # fmt: skip
    price = listed * rate + rng.choices(beside, [30, 1, 1, 1, 1, 2, 2, 3, 3, 2, 2])[0]
    amount = row["quantity"] * price
    amount += D(rng.choices(["0", "0.01", "-0.01", "0.0101", "-0.0101", "3"], [20, 1, 1, 1, 1, 1])[0])
    kind = rng.choices(["price", "both", "amount", "none", "zero", "zero-amount", "odd"], [8, 10, 4, 1, 1, 1, 1])[0]
    if kind in ("price", "both"):
        row["unit_price"] = price
    if kind in ("both", "amount"):
        row["amount"] = amount
    if kind == "zero":
        row["unit_price"], row["amount"] = D(0), rng.choice([None, D(0), D(9)])
    if kind == "zero-amount":
        row["amount"] = D(0)
    if kind == "odd":
        row["unit_price"] = rng.choice([D("-1"), listed * 2, D("0.01")])
    row["discount"] = rng.choices([None, rate, D(1), D("0.88")], [10, 6, 1, 1])[0]


def _lines(rng: Random, size: int, products: list[Row], calm: float) -> list[Row]:
    """Order lines in orders of one to five, with copies, second files and second partners among them."""
    listed = {row["product_code"].upper(): row["list_price"] for row in reversed(products)}
    lines: list[Row] = []
    number = 0
    while len(lines) < size:
        number += 1
        order_no = _case(rng, f"so-{number:03d}")
        if number > 1 and rng.random() < 0.06:
            order_no = rng.choice(lines)["order_no"]
        partner = rng.choices([*PARTNERS, "P99"], [6, 5, 4, 3, 2, 2, 2, 2, 1])[0]
        place = (rng.choice(FILES), rng.choice([0, 0, 1]))
        offset = rng.choices([0, -1, -2, -5, 3, None, -366, -367, 400], [20, 5, 4, 3, 2, 3, 1, 1, 1])[0]
        if rng.random() < calm:
            offset = rng.choice([0, 0, -1])
        campaign = rng.choice([*[None] * (3 + int(calm * 10)), *CAMPAIGNS, *CAMPAIGNS])
        for _ in range(rng.randint(1, 5)):
            lines.append(_line(rng, order_no, partner, place, offset, campaign, listed, calm))
    for _ in range(max(1, size // 12)):
        copy = dict(rng.choice(lines))
        copy["product_code"] = _case(rng, copy["product_code"])
        change = rng.choice(["", "", "", "line_type", "campaign", "unit_price", "file"])
        if change == "line_type":  # blank and paid are different as read
            copy["line_type"] = {"paid": None, None: "paid"}.get(copy["line_type"], "giveaway")
        elif change == "campaign":
            copy["campaign"] = None
        elif change == "unit_price":
            copy["unit_price"] = None
        elif change == "file":
            copy["source_file"] = rng.choice(FILES)
        lines.append(copy)
    order = list(range(len(lines)))
    rng.shuffle(order)
    used: dict[tuple[str, int], int] = {}
    for index in order:  # each sheet's rows are counted from 2, with gaps
        line = lines[index]
        key = (line["source_file"], line["sheet_index"])
        used[key] = used.get(key, 1) + rng.choice([1, 1, 1, 4])
        line["source_row"], line["source_sheet"] = used[key], f"Sheet{line['sheet_index'] + 1}"
    return lines


def _line(
    rng: Random, order_no: str, partner: str, place: tuple[str, int], offset: int | None, campaign: str | None,
    listed: dict[str, Decimal], calm: float,
) -> Row:  # fmt: skip
    """One order line, paid or a giveaway."""
    product = rng.choices([*PRODUCTS, "Z999"], [6, 5, 4, 3, 3, 2, 2, 2, 1])[0]
    if rng.random() < 0.05:
        place = (rng.choice(FILES), 0)
    if rng.random() < 0.1:
        campaign = rng.choice([None, "H9", rng.choice(CAMPAIGNS)])
    if offset is not None and rng.random() < 0.1:
        offset += rng.choice([-2, -1, 1])
    quantity = D(rng.choice(["1", "2", "5", "6", "10", "10", "12", "20", "24", "30", "60", "2.5", "0.333", "7.25"]))
    if rng.random() >= calm:
        quantity = rng.choices([quantity, D(0), D(-3)], [30, 1, 1])[0]
    names = [
        (_partner_name(partner), _product_name(product)), (None, None),
        (_brackets(_partner_name(partner)), _brackets(_product_name(product))),
        ("Other", _product_name(product)), (_partner_name(partner), "Other"), ("Other", "Other"),
    ]  # fmt: skip
    partner_name, product_name = rng.choices(names, [10, 4, 4, 1, 1, 1])[0]
    row: Row = {
        "region": rng.choices([*REGIONS, None], [6, 2, 2, 1])[0], "order_no": _case(rng, order_no),
        "order_date": None if offset is None else _day(offset), "partner_code": _case(rng, partner),
        "partner_name": partner_name, "product_code": _case(rng, product), "product_name": product_name,
        "unit": "pc", "quantity": quantity, "unit_price": None, "discount": None, "amount": None,
        "line_type": rng.choice(["paid", "paid", None]), "campaign": campaign and _case(rng, campaign),
        "remark": None, "clerk": None, "source_file": place[0], "sheet_index": place[1], "source_sheet": "",
        "source_row": 0,
        "cleaned": rng.choices([[], ["quantity"], ["unit_price", "amount"]], [20, 1, 1])[0],
    }  # fmt: skip
    if rng.random() < (0.3 if campaign else 0.05):
        row["line_type"] = "giveaway"
        row["quantity"] = D(rng.choice(["1", "1", "2", "4", "0.5", "0"]))
        row["unit_price"] = rng.choices([None, D(0), D(5)], [4, 4, 1])[0]
        row["amount"] = rng.choices([None, D(0), D(5)], [4, 4, 1])[0]
    else:
        _price(rng, row, listed.get(product.upper(), D(100)), calm)
    return row


def _stock(rng: Random, lines: list[Row]) -> list[Row]:
    """Stock over up to three warehouses, around what is ordered, at times with more allocated than there is."""
    rows: list[Row] = []
    for code in [*PRODUCTS, "Z999", "X000"]:
        ordered = sum((x["quantity"] for x in lines if x["product_code"].upper() == code.upper()), D(0))
        for warehouse in range(rng.choice([0, 1, 1, 2, 3])):
            share = D(rng.choice(["0", "0.2", "0.4", "0.6", "1"]))
            rows.append({
                "product_code": _case(rng, code), "warehouse": f"W{warehouse + 1}",
                "on_hand": D(int(ordered * share)) + D(rng.choice(["0", "0.5"])),
                "allocated": rng.choice([None, D(0), D(0), D(5), D(30)]), "in_transit": rng.choice([None, D(40)]),
            })  # fmt: skip
    rng.shuffle(rows)
    return rows


def _supply(rng: Random) -> list[Row]:
    """Supply replies in pieces, unsorted, two at times on one day."""
    rows: list[Row] = []
    for code in PRODUCTS:
        for _ in range(rng.choice([0, 1, 2, 3, 4])):
            rows.append({
                "product_code": _case(rng, code), "eta": _day(rng.choice([1, 3, 3, 7, 14, 30])),
                "quantity": D(rng.choice(["5", "10", "20", "50", "7.5", "100"])), "remark": None,
            })  # fmt: skip
    rng.shuffle(rows)
    return rows


def _finance(rng: Random, lines: list[Row], calm: float) -> list[Row]:
    """Finance rows around what each partner orders, some absent, some twice with other dates."""
    rows: list[Row] = []
    for code in PARTNERS:
        worth = sum((x["quantity"] * (x["unit_price"] or 0) for x in lines
                     if x["partner_code"].upper() == code.upper()), D(0))  # fmt: skip
        for _ in range(rng.choices([0, 1, 2], [1, 8, 2])[0]):
            balance = (worth * D(rng.choice(["0.3", "0.6", "0.9", "1", "1.2", "2", "3"]))).quantize(D("0.01"))
            rows.append({
                "partner_code": _case(rng, code), "partner_name": None,
                "balance": balance if rng.random() < max(0.5, calm) else None,
                "received": rng.choice([None, D(0), D("250.5")]),
                "debt": rng.choice([None, None, D(0), D(100), D(5000)]) if rng.random() > calm else None,
                "overdue_days": rng.choice([None, D(0), D(30), D(31), D(90)]),
                "deposit": rng.choice([None, D(1000), D("999.99"), D(5000)]),
                "as_of": rng.choice([None, TODAY, TODAY, _day(-1)]),
                "confirmation": rng.choices(
                    [None, WORDS["has_money"], WORDS["no_money"], WORDS["owes"]], [20, 2, 1, 1])[0],
            })  # fmt: skip
    rng.shuffle(rows)
    return rows


def _confirmations(rng: Random, lines: list[Row]) -> list[Row]:
    """Confirmations of single orders, blank ones and repeated ones among them."""
    rows: list[Row] = []
    for _ in range(rng.choice([0, 2, 5])):
        line = rng.choice(lines)
        for _ in range(rng.choice([1, 1, 2])):
            rows.append({
                "partner_code": _case(rng, line["partner_code"]), "order_no": _case(rng, line["order_no"]),
                "confirmation": rng.choices(
                    [None, WORDS["has_money"], WORDS["no_money"], WORDS["owes"]], [2, 5, 1, 1])[0],
            })  # fmt: skip
    return rows


def _likely(rng: Random, line: Row) -> str:
    """A hold that this line may well have, so that many releases meet their finding."""
    rules = ["discount-below-floor", "order-two-partners", "unpaid", "indebted", "duplicate-line", "not-in-finance"]
    if line["line_type"] == "giveaway":
        rules = ["giveaway-waits", "giveaway-exceeded", "giveaway-priced", "campaign-not-valid", "giveaway-waits"]
        rules.append("giveaway-without-campaign" if line["campaign"] is None else "campaign-unknown")
    elif line["quantity"] <= 0:
        rules = ["quantity-not-positive"]
    elif line["unit_price"] is None and line["amount"] is None:
        rules.append("price-missing")
    elif line["unit_price"] == 0 or line["amount"] == 0:
        rules.append("zero-price-not-giveaway")
    elif line["discount"] is not None:
        rules.append("price-mismatch")
    if line["order_date"] is not None and abs((line["order_date"] - TODAY).days) > 366:
        rules.append("implausible-date")
    return rng.choice(rules)


def _releases(rng: Random, lines: list[Row]) -> list[Row]:
    """Approval records: covering, not covering, of nothing, sent back, of a product or of the whole order."""
    rows: list[Row] = []
    picked = rng.choices(lines, k=max(4, len(lines) // 2))
    picked += [line for line in lines if line["quantity"] <= 0 and rng.random() < 0.5]
    for line in picked:
        rule = _likely(rng, line) if rng.random() < 0.8 else rng.choice(HOLDS)
        for _ in range(rng.choices([1, 2], [6, 1])[0]):
            rows.append({
                "order_no": _case(rng, line["order_no"]),
                "product_code": rng.choice([None, _case(rng, line["product_code"]), rng.choice(PRODUCTS)]),
                "rule": rule,
                "verdict": rng.choices([WORDS["let_pass"], WORDS["send_back"]], [6, 1])[0],
                "approver": rng.choice(["Li", "Wang"]),
                "role": rng.choice(["clerk", "leader", "manager", "director", "director", "guest"]),
                "approved_on": TODAY, "reason": "agreed",
            })  # fmt: skip
    rows.append({
        "order_no": "SO-999", "product_code": None, "rule": rng.choice(HOLDS), "verdict": WORDS["let_pass"],
        "approver": "Li", "role": "director", "approved_on": TODAY, "reason": None,
    })  # fmt: skip
    rng.shuffle(rows)
    for number, row in enumerate(rows):
        row.update(source_file="releases.xlsx", source_sheet="Sheet1", source_row=number + 2)
    return rows
