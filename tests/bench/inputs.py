"""Benchmark inputs: N order workbooks of M lines and 16 columns, about 5 % of them faulty, with tables to match.

`python -m tests.bench.inputs FOLDER WORKBOOKS LINES [DAYS]`: so many workbooks for each of so many days up to DAY.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from datetime import date, timedelta
from pathlib import Path
from random import Random
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from tests.bench.bare_book import write_bare
from workbooks.labels import labels, raw
from workbooks.schema import KINDS

DAY = date(2026, 11, 21)
PRODUCTS, PARTNERS, CAMPAIGNS = 500, 300, 10
LINES_PER_ORDER, FAULTY = 8, 0.05
LEVELS = ("VIP", "A", "A", "B", "B", "B", "C", "C")
Row = dict[str, Any]
Ints = npt.NDArray[np.int64]


def make_inputs(folder: Path, workbooks: int = 100, lines: int = 2000, seed: int = 7, days: int = 1) -> Path:
    """Write a team folder of so many workbooks a day of so many lines each, and return it; same seed, same bytes."""
    rng = Random(seed)  # noqa: S311 - a benchmark, not a secret
    products, partners, policies = _products(rng), _partners(rng), _policies()
    demand, worth = np.zeros(PRODUCTS, np.int64), np.zeros(PARTNERS, np.int64)
    regions, said = _regions(), labels()
    for number in range(1, workbooks * days + 1):
        day = DAY - timedelta(days=days - 1 - (number - 1) // workbooks)
        region = regions[number % len(regions)]
        columns, asked, fen = _orders((seed, number), lines, day, (products, partners, policies))
        demand += asked
        worth += fen
        _write(folder / said.folders["orders"] / f"{day}" / f"{region}-{number:03}.xlsx", "orders", columns)
    reference, stock = folder / said.folders["reference"], folder / said.folders["stock"]
    approvals = [{"role": "manager", "max_gap": 0.1, "max_amount": 50_000}]
    _write(reference / "products.xlsx", "products", _columns(products))
    _write(reference / "partners.xlsx", "partners", _columns(partners))
    _write(reference / "policies.xlsx", "policies", _columns(policies))
    _write(reference / "approvals.xlsx", "approvals", _columns(approvals))
    _write(stock / "stock.xlsx", "stock", _columns(_stock(products, demand)))
    _write(stock / "supply.xlsx", "supply", _columns(_supply(products, demand)))
    _write(folder / said.folders["finance"] / "finance.xlsx", "finance", _columns(_finance(partners, worth)))
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
            "start": date(2026, 1, 1),
            "end": date(2026, 12, 31),
            "min_discount": 0.6,
            "buy_qty": 10 if number % 2 else None,
            "free_qty": 1 if number % 2 else None,
        }
        for number in range(1, CAMPAIGNS + 1)
    ]


def _orders(
    seed: tuple[int, int], lines: int, day: date, tables: tuple[list[Row], ...]
) -> tuple[dict[str, pa.Array], Ints, Ints]:
    """Return the order lines of one workbook as columns, the quantity per product and the money per partner (fen).

    seed: the benchmark's and the workbook's number. Eight kinds of mistake, each on as many lines by chance.
    """
    products, partners, policies = tables
    rng, book, regions = np.random.default_rng(seed), seed[1], _regions()
    region = regions[book % len(regions)]
    own = np.flatnonzero([row["region"] == region for row in partners])
    number = np.arange(lines)
    order, place = np.divmod(number, LINES_PER_ORDER)
    partner, product = own[order % len(own)], rng.integers(PRODUCTS, size=lines)
    fault = np.where(rng.random(lines) < FAULTY, rng.integers(8, size=lines), -1)
    percent = _whole([row["contract_discount"] * 100 for row in partners])[partner]
    price = (_whole([row["list_price"] * 100 for row in products])[product] * percent + 50) // 100
    price = np.where(fault == 0, (price * 90 + 50) // 100, price)
    quantity = _whole([row["carton_qty"] for row in products])[product] * rng.integers(1, 5, size=lines)
    quantity = np.where(fault == 1, -quantity, quantity)
    amount = price * quantity
    known = fault != 2  # a price is given
    campaigns = {row["applies_to"]: place for place, row in enumerate(policies)}
    category = _whole([campaigns.get(row["category"], -1) for row in products])[product]
    campaign = np.where(place % 4 == 0, category, -1)
    names = [f"{book:03}-{place:05}" for place in range(order[-1] + 1)]
    same = np.zeros(lines, np.int64)
    columns = {
        "region": _picked([region], same),
        "order_no": _picked(names, order),
        "order_date": pa.array(np.where(fault == 3, np.datetime64("2020-01-01"), np.datetime64(day))),
        "partner_code": _picked([*_of(partners, "partner_code"), "C99999"], np.where(fault == 4, PARTNERS, partner)),
        "partner_name": _picked(_of(partners, "partner_name"), partner),
        "product_code": _picked([*_of(products, "product_code"), "999999"], np.where(fault == 5, PRODUCTS, product)),
        "product_name": _picked(_of(products, "product_name"), product),
        "unit": _picked(_of(products, "unit"), product),
        "quantity": pa.array(quantity),
        "unit_price": pa.array(price / 100, mask=~known),
        "discount": pa.array(percent / 100, mask=fault == 0),
        "amount": pa.array((amount + 1000 * (fault == 6)) / 100, mask=~known),
        "line_type": _picked([labels().words["line_type"]["paid"][0]], same),
        "campaign": _picked([*_of(policies, "campaign"), "K999"], np.where(fault == 7, CAMPAIGNS, campaign)),
        "clerk": _picked([f"clerk {book}"], same),
    }
    asked = np.bincount(product, np.maximum(quantity, 0), PRODUCTS)
    worth = np.bincount(partner, np.where(known, amount, 0), PARTNERS)
    return columns, asked.astype(np.int64), worth.astype(np.int64)


def _of(rows: Sequence[Row], name: str) -> list[str]:
    return [row[name] for row in rows]


def _whole(values: Sequence[float]) -> Ints:
    return np.rint(values).astype(np.int64)


def _picked(texts: Sequence[str], places: Ints) -> pa.Array:
    """Return the texts at these places, null at -1."""
    return pa.DictionaryArray.from_arrays(pa.array(places, pa.int32(), mask=places < 0), list(texts))


def _stock(products: list[Row], demand: Ints) -> list[Row]:
    """Return enough stock of nineteen products in twenty."""
    return [
        {
            "product_code": row["product_code"],
            "warehouse": "W1",
            "on_hand": int(demand[number]) * (80 if number % 20 == 0 else 120) // 100 + 50,
            "allocated": 20,
            "in_transit": 100,
        }
        for number, row in enumerate(products)
    ]


def _supply(products: list[Row], demand: Ints) -> list[Row]:
    return [
        {
            "product_code": row["product_code"],
            "eta": date(2026, 12, 1),
            "quantity": int(asked) * 30 // 100,
        }
        for row, asked in zip(products[::20], demand[::20], strict=True)
    ]


def _finance(partners: list[Row], worth: Ints) -> list[Row]:
    """Return enough money for nineteen partners in twenty."""
    return [
        {
            "partner_code": row["partner_code"],
            "partner_name": row["partner_name"],
            "balance": round(int(fen) * (0.9 if number % 20 == 0 else 1.2) / 100, 2),
            "deposit": 10_000,
            "as_of": DAY,
        }
        for number, (row, fen) in enumerate(zip(partners, worth, strict=True))
    ]


def _columns(rows: list[Row]) -> dict[str, pa.Array]:
    return {name: pa.array([row[name] for row in rows]) for name in rows[0]}


def _write(path: Path, kind: str, columns: dict[str, pa.Array]) -> None:
    """Write the columns as a workbook under the kind's main headings; one without values has its heading too."""
    path.parent.mkdir(parents=True, exist_ok=True)
    rows = len(next(iter(columns.values())))
    empty = pa.nulls(rows, pa.large_string())
    headings = labels().kinds[kind].headings
    write_bare(path, {headings[column.name][0]: columns.get(column.name, empty) for column in KINDS[kind].columns})


if __name__ == "__main__":
    [count, size, *span] = map(int, sys.argv[2:])
    make_inputs(Path(sys.argv[1]), count, size, days=span[0] if span else 1)
