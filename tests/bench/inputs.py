"""Benchmark inputs: N order workbooks of M lines and 16 columns, about 5 % of them faulty, with tables to match."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, date, datetime
from pathlib import Path
from random import Random
from typing import Any

import xlsxwriter

from workbooks.labels import labels, raw
from workbooks.schema import KINDS

DAY = date(2026, 11, 21)
PRODUCTS, PARTNERS, CAMPAIGNS = 500, 300, 10
LINES_PER_ORDER, FAULTY = 8, 0.05
CREATED = datetime(2026, 11, 21, tzinfo=UTC)
LEVELS = ("VIP", "A", "A", "B", "B", "B", "C", "C")
Row = dict[str, Any]


def make_inputs(folder: Path, workbooks: int = 100, lines: int = 2000, seed: int = 7) -> Path:
    """Write a team folder of so many workbooks of so many lines each, and return it; the same seed, the same bytes."""
    rng = Random(seed)  # noqa: S311 - a benchmark, not a secret
    products, partners, policies = _products(rng), _partners(rng), _policies()
    demand: Counter[str] = Counter()
    worth: Counter[str] = Counter()
    orders = folder / labels().folders["orders"] / f"{DAY}"
    for number in range(1, workbooks + 1):
        region = _regions()[number % len(_regions())]
        rows = _orders(rng, (number, lines), region, (products, partners, policies))
        for row in rows:
            demand[row["product_code"]] += max(row["quantity"], 0)
            worth[row["partner_code"]] += row["amount"] or 0
        _write(orders / f"{region}-{number:03}.xlsx", "orders", rows)
    said = labels()
    reference, stock = folder / said.folders["reference"], folder / said.folders["stock"]
    _write(reference / "products.xlsx", "products", products)
    _write(reference / "partners.xlsx", "partners", partners)
    _write(reference / "policies.xlsx", "policies", policies)
    _write(reference / "approvals.xlsx", "approvals", [{"role": "manager", "max_gap": 0.1, "max_amount": 50_000}])
    _write(stock / "stock.xlsx", "stock", _stock(products, demand))
    _write(stock / "supply.xlsx", "supply", _supply(products, demand))
    _write(folder / said.folders["finance"] / "finance.xlsx", "finance", _finance(partners, worth))
    return folder


def _regions() -> list[str]:
    return [region["name"] for region in raw()["demo"]["regions"]]


def _products(rng: Random) -> list[Row]:
    categories = raw()["demo"]["categories"]
    rows = []
    for number in range(1, PRODUCTS + 1):
        category = categories[number % len(categories)]
        name, *_ = category["items"][number % len(category["items"])].split()
        rows.append(
            {
                "product_code": f"{number:06}",
                "product_name": f"{name}{number}",
                "category": category["name"],
                "unit": labels().words["units"][1],
                "list_price": rng.randrange(2_000, 30_000, 10) / 100,
                "carton_qty": rng.choice((12, 24, 36, 48)),
                "status": labels().words["product_status"]["on_sale" if number % 50 else "discontinued"][0],
                "tax_rate": 0.13,
                "valid_from": date(2026, 1, 1),
            }
        )
    return rows


def _partners(rng: Random) -> list[Row]:
    words, regions = raw()["demo"]["company_words"], _regions()
    return [
        {
            "partner_code": f"C{number:05}",
            "partner_name": f"{words[number % len(words)]}{number}",
            "region": regions[number % len(regions)],
            "level": LEVELS[number % len(LEVELS)],
            "status": labels().words["partner_status"]["open"][0],
            "contract_discount": rng.randint(60, 90) / 100,
            "credit_limit": 100_000,
            "required_deposit": 10_000,
        }
        for number in range(1, PARTNERS + 1)
    ]


def _policies() -> list[Row]:
    categories = [category["name"] for category in raw()["demo"]["categories"]]
    return [
        {
            "campaign": f"K{number:03}",
            "campaign_name": f"K{number}",
            "applies_to": categories[number % len(categories)],
            "start": date(2026, 11, 1),
            "end": date(2026, 11, 30),
            "min_discount": 0.6,
            "buy_qty": 10 if number % 2 else None,
            "free_qty": 1 if number % 2 else None,
        }
        for number in range(1, CAMPAIGNS + 1)
    ]


def _orders(rng: Random, size: tuple[int, int], region: str, tables: tuple[list[Row], ...]) -> list[Row]:
    """Return the order lines of one workbook; size: its number and how many lines."""
    book, lines = size
    products, partners, policies = tables
    campaigns = {row["applies_to"]: row["campaign"] for row in policies}
    own = [row for row in partners if row["region"] == region]
    rows = []
    for number in range(lines):
        order, place = divmod(number, LINES_PER_ORDER)
        partner, product = own[order % len(own)], rng.choice(products)
        quantity = product["carton_qty"] * rng.randint(1, 4)
        price = round(product["list_price"] * partner["contract_discount"] + 1e-9, 2)
        row: Row = {
            "region": region,
            "order_no": f"{book:03}-{order:05}",
            "order_date": DAY,
            "partner_code": partner["partner_code"],
            "partner_name": partner["partner_name"],
            "product_code": product["product_code"],
            "product_name": product["product_name"],
            "unit": product["unit"],
            "quantity": quantity,
            "unit_price": price,
            "discount": partner["contract_discount"],
            "amount": round(price * quantity, 2),
            "line_type": labels().words["line_type"]["paid"][0],
            "campaign": campaigns.get(product["category"]) if place % 4 == 0 else None,
            "remark": None,
            "clerk": f"clerk {book}",
        }
        rows.append(_spoiled(rng, row) if rng.random() < FAULTY else row)
    return rows


def _spoiled(rng: Random, row: Row) -> Row:
    """Return the row with one of eight mistakes."""
    low = round(row["unit_price"] * 0.9, 2)
    faults: tuple[Row, ...] = (
        {"partner_code": "C99999"},
        {"product_code": "999999"},
        {"quantity": -row["quantity"], "amount": -row["amount"]},
        {"amount": row["amount"] + 10},
        {"unit_price": low, "amount": round(low * row["quantity"], 2), "discount": None},
        {"unit_price": None, "amount": None},
        {"campaign": "K999"},
        {"order_date": date(2020, 1, 1)},
    )
    return row | rng.choice(faults)


def _stock(products: list[Row], demand: Counter[str]) -> list[Row]:
    """Return enough stock of nineteen products in twenty."""
    return [
        {
            "product_code": row["product_code"],
            "warehouse": "W1",
            "on_hand": demand[row["product_code"]] * (80 if number % 20 == 0 else 120) // 100 + 50,
            "allocated": 20,
            "in_transit": 100,
        }
        for number, row in enumerate(products)
    ]


def _supply(products: list[Row], demand: Counter[str]) -> list[Row]:
    return [
        {
            "product_code": row["product_code"],
            "eta": date(2026, 12, 1),
            "quantity": demand[row["product_code"]] * 30 // 100,
        }
        for row in products[::20]
    ]


def _finance(partners: list[Row], worth: Counter[str]) -> list[Row]:
    """Return enough money for nineteen partners in twenty."""
    return [
        {
            "partner_code": row["partner_code"],
            "partner_name": row["partner_name"],
            "balance": round(worth[row["partner_code"]] * (0.9 if number % 20 == 0 else 1.2), 2),
            "deposit": 10_000,
            "as_of": DAY,
        }
        for number, row in enumerate(partners)
    ]


def _write(path: Path, kind: str, rows: list[Row]) -> None:
    """Write the rows as a workbook under the kind's main headings."""
    path.parent.mkdir(parents=True, exist_ok=True)
    names = [column.name for column in KINDS[kind].columns]
    with xlsxwriter.Workbook(path, {"strings_to_formulas": False, "in_memory": True}) as book:
        book.set_properties({"created": CREATED})
        day = book.add_format({"num_format": "yyyy-mm-dd"})
        sheet = book.add_worksheet()
        sheet.write_row(0, 0, [labels().kinds[kind].headings[name][0] for name in names])
        for place, row in enumerate(rows, 1):
            for column, name in enumerate(names):
                value = row.get(name)
                if isinstance(value, str):
                    sheet.write_string(place, column, value)
                elif isinstance(value, date):
                    sheet.write_datetime(place, column, datetime(value.year, value.month, value.day), day)  # noqa: DTZ001 - a cell has no zone
                elif value is not None:
                    sheet.write_number(place, column, value)


if __name__ == "__main__":
    import sys

    make_inputs(Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]))
