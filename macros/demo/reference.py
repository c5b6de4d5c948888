"""The demo's reference tables: products, partners, campaigns and approval limits, from the labels file."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from random import Random
from typing import Any

from workbooks.labels import raw
from workbooks.schema import KINDS

Value = str | int | Decimal | date | None
Row = dict[str, Any]
Tables = dict[str, list[Row]]

DAY = date(2026, 11, 21)
FEN = Decimal("0.01")
LEVELS: tuple[tuple[str, int, int, int, int], ...] = (
    ("VIP", 60, 65, 200_000, 100_000),  # level, contract discount from and to (percent), credit limit, deposit
    ("A", 66, 72, 100_000, 50_000),
    ("B", 73, 80, 50_000, 30_000),
    ("C", 82, 90, 0, 10_000),
)
PLACES_BY_LEVEL = (1, 2, 2, 3)  # one VIP, then the levels of a region's further partners repeat
CREDIT_ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"
CREDIT_WEIGHTS = (1, 3, 9, 27, 19, 26, 16, 17, 20, 29, 25, 13, 8, 24, 10, 30, 28)
BODY_WEIGHTS = (3, 7, 9, 10, 5, 8, 4, 2)
CLOSED_PARTNERS = ("HD-008", "DB-005")
WRONG_TAX_ID = "HZ-003"


def words() -> Mapping[str, Any]:
    """Return the [demo] section of the labels file."""
    section: Mapping[str, Any] = raw()["demo"]
    return section


def tax_id(area: str, body: str) -> str:
    """Return the valid 18-character tax id of a company (GB 32100-2015, its organisation code by GB 11714).

    area: six digits of the district; body: eight digits.
    """
    rest = 11 - sum(int(digit) * weight for digit, weight in zip(body, BODY_WEIGHTS, strict=True)) % 11
    front = f"91{area}{body}{'0123456789X0'[rest]}"
    total = sum(CREDIT_ALPHABET.index(sign) * weight for sign, weight in zip(front, CREDIT_WEIGHTS, strict=True))
    return front + CREDIT_ALPHABET[-total % 31]


def discounted(list_price: Decimal, discount: Decimal) -> Decimal:
    """Return the unit price at a discount, rounded half up to the fen."""
    return (list_price * discount).quantize(FEN, ROUND_HALF_UP)


def make_products() -> list[Row]:
    """Return the price table: about sixty products, some with two price rows, some discontinued, one not yet sold."""
    notes = words()["product_notes"]
    discontinued = {code: rest for code, *rest in (text.split() for text in notes["discontinued"])}
    rows: list[Row] = []
    for category in words()["categories"]:
        for number, item in enumerate(category["items"], 1):
            *name, spec, unit, price, carton = item.split()
            code = f"{category['digits']}{number:04}"
            status, *successor = discontinued.get(code, [words()["words"]["on_sale"]])
            row: Row = {
                "product_code": code,
                "product_name": " ".join(name),
                "category": category["name"],
                "spec": spec,
                "unit": unit,
                "list_price": Decimal(price).quantize(FEN),
                "carton_qty": int(carton),
                "status": status,
                "replaced_by": successor[0] if successor else None,
                "tax_code": category["tax_code"],
                "tax_rate": Decimal("0.13"),
                "valid_from": date(2027, 1, 1) if code == notes["not_yet"] else date(2026, 1, 1),
                "valid_to": None,
            }
            if code in notes["new_price"].split():
                old = discounted(Decimal(price), Decimal("0.95"))
                rows.append({**row, "list_price": old, "valid_to": date(2026, 10, 31)})
                row["valid_from"] = date(2026, 11, 1)
            rows.append(row)
    return rows


def make_partners(rng: Random) -> list[Row]:
    """Return the partner table: some forty-five partners of eight regions, two of them closed, one tax id wrong."""
    names = iter(rng.sample(words()["company_words"], len(words()["company_words"])))
    rows: list[Row] = []
    for region in words()["regions"]:
        for number, city in enumerate(region["cities"], 1):
            code = f"{region['code']}-{number:03}"
            rows.append(_partner(rng, code, region["name"], city.split(), (number, next(names))))
    without = [row for row in rows if row["level"] == "C"][: words()["no_floor_partners"]]
    for row in without:
        row["contract_discount"] = None
    for row, status in zip(
        (row for row in rows if row["partner_code"] in CLOSED_PARTNERS), words()["words"]["closed"], strict=True
    ):
        row["status"] = status
    return rows


def _partner(rng: Random, code: str, region: str, place: list[str], who: tuple[int, str]) -> Row:
    """Return one partner: place is city, district digits, dialling code and street; who is its number and word."""
    city, area, dial, street = place
    number, word = who
    stores = words()["regions"][-1]["name"]
    suffix = words()["store_suffix"] if region == stores else rng.choice(words()["company_suffixes"])
    name = f"{city}{street}{suffix}" if region == stores else f"{city}{word}{suffix}"
    place_in_order = 0 if number == 1 else PLACES_BY_LEVEL[(number - 2) % len(PLACES_BY_LEVEL)]
    level, low, high, credit, deposit = LEVELS[place_in_order]
    registered = tax_id(area, f"{rng.randrange(10**8):08}")
    if code == WRONG_TAX_ID:
        registered = registered[:-1] + ("0" if registered[-1] != "0" else "1")
    return {
        "partner_code": code,
        "partner_name": name,
        "region": region,
        "level": level,
        "status": words()["words"]["open"],
        "contract_discount": Decimal(rng.randint(low, high)) / 100,
        "credit_limit": Decimal(credit),
        "required_deposit": Decimal(deposit),
        "clerk": next(c["clerk"] for c in words()["clerks"] if c["region"] == region and city in c["cities"]),
        "invoice_title": name,
        "tax_id": registered,
        "address": words()["address"].format(city=city, street=street, number=rng.randint(2, 398)),
        "phone": f"{dial}-{rng.randrange(60_000_000, 89_999_999)}",
        "bank": rng.choice(words()["banks"]).format(city=city),
        "bank_account": f"6222{rng.randrange(10**15):015}",
        "invoice_type": words()["words"]["plain_invoice" if level == "C" else "special_invoice"],
        "email": words()["email"].format(code=code.lower()),
    }


def make_policies() -> list[Row]:
    """Return the campaigns."""
    columns = [column.name for column in KINDS["policies"].columns]
    rows: list[Row] = []
    for policy in words()["policies"]:
        row: Row = {column: text or None for column, text in zip(columns, policy["values"], strict=True)}
        for column in ("start", "end"):
            row[column] = date.fromisoformat(row[column])
        for column in ("buy_qty", "free_qty"):
            row[column] = int(row[column]) if row[column] else None
        row["min_discount"] = Decimal(row["min_discount"]) if row["min_discount"] else None
        rows.append(row)
    return rows


def make_approvals() -> list[Row]:
    """Return who may approve how far under the floor."""
    limits = (("supervisor", "0.03", 2_000), ("manager", "0.08", 20_000), ("director", "0.15", 100_000))
    return [
        {"role": words()["words"][role], "max_gap": Decimal(gap), "max_amount": Decimal(amount)}
        for role, gap, amount in limits
    ]


def reference_tables(rng: Random) -> Tables:
    """Return products, partners, policies and approvals by kind."""
    return {
        "products": make_products(),
        "partners": make_partners(rng),
        "policies": make_policies(),
        "approvals": make_approvals(),
    }
