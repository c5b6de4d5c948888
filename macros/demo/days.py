"""The demo's second and third day: regions correct and hand back, stock arrives, partners pay, new orders come in."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import openpyxl

from macros.demo.answers import give_answers, note_remarks
from macros.demo.day import Day
from macros.demo.make import MARKER, demo_day, table_sheet
from macros.demo.orders import new_line
from macros.demo.reference import DAY, Row, discounted, words
from macros.demo.sheets import book_bytes, write
from udfs.lookup import code_key
from workbooks.earlier import read_result, result_path
from workbooks.labels import labels
from workbooks.layout import RETURN_LAYOUTS

ORDERS_A_REGION, LINES_AN_ORDER = 2, 3
LEFT_AS_IT_IS = 7  # every so many lines that go back are handed back uncorrected
PLENTY = 5000


@dataclass(frozen=True)
class Step:
    """A run to be made: what it shows (a message `demo-…`), its day, and whether it runs the day again."""

    name: str
    day: date
    rerun: bool = False


def steps(folder: Path) -> Iterator[Step]:
    """Yield the runs of three days, each to be made before the next is asked for; between them people do their work.

    folder: the demo's, with its first day made.
    """
    day = demo_day()
    yield Step("faults", DAY)
    give_answers(folder, DAY)
    yield Step("answers", DAY, rerun=True)
    note_remarks(folder, DAY)
    second, third = (DAY + timedelta(days=days) for days in (1, 2))
    _begin(folder, second, _arrived(folder, day))
    _hand_back(folder, day, second)
    _new_orders(folder, day, second)
    yield Step("resubmitted", second)
    _begin(folder, third, dict.fromkeys(_codes(day), PLENTY))
    _new_orders(folder, day, third)
    yield Step("clean", third)
    _mark(folder)


def _codes(day: Day) -> list[str]:
    return list(dict.fromkeys(row["product_code"] for row in day.tables["products"]))


def _arrived(folder: Path, day: Day) -> dict[str, int]:
    """Return what can be had of each product in the morning: what the first day left, and what has arrived."""
    root = folder / labels().folders["output"]
    stock = read_result(result_path(root, DAY), DAY, ("stock",))["stock"]
    free = {row["product_code"]: int(row["available"] - row["ship"]) for row in stock.to_dict("records")}
    soon = [row for row in day.tables["supply"] if row["eta"] <= DAY + timedelta(days=6)]
    for row in soon:
        free[row["product_code"]] += row["quantity"]
    return free


def _begin(folder: Path, today: date, free: dict[str, int]) -> None:
    """Put the morning's tables in place: stock and money as they are now; yesterday's answers are done with."""
    day, names = demo_day(), labels().folders
    said, files = words(), words()["files"]
    for kind in ("releases", "invoices"):
        for room in ("reference", "kasp"):
            (folder / names[room] / files[kind]).unlink(missing_ok=True)
    for path in folder.glob(f"*/*_{today - timedelta(days=1)}.xlsx"):
        path.unlink()
    stock = [
        {"product_code": code, "warehouse": said["stock"]["warehouses"][0], "on_hand": pieces}
        for code, pieces in free.items()
    ]
    write(folder / names["stock"] / files["stock"], book_bytes([table_sheet("stock", stock)]))
    waits = [row for row in day.tables["supply"] if row["eta"] > today + timedelta(days=5)]
    write(folder / names["stock"] / files["supply"], book_bytes([table_sheet("supply", waits)]))
    money = [
        {
            "partner_code": row["partner_code"],
            "partner_name": row["partner_name"],
            "balance": Decimal(2_000_000),
            "deposit": row["required_deposit"],
            "as_of": today,
        }
        for row in day.tables["partners"]
    ]
    write(folder / names["finance"] / files["finance"], book_bytes([table_sheet("finance", money)]))


def _new_orders(folder: Path, day: Day, today: date) -> None:
    """Put new, clean orders into the day's folder, a workbook per region."""
    products = [day.product(code) for code in _codes(day)]
    sold = [row for row in products if row["status"] == words()["words"]["on_sale"] and row["valid_from"] <= today]
    for region in words()["regions"]:
        own = [row for row in _open_partners(day).values() if row["region"] == region["name"]]
        rows = []
        for number, partner in enumerate(own[:ORDERS_A_REGION], 1):
            for product in day.rng.sample(sold, LINES_AN_ORDER):
                line = new_line(
                    f"{region['code']}{today:%m%d}{number:03}", partner, product, product["carton_qty"], _floor(partner)
                )
                rows.append({**line.values, "order_date": today, "region": region["name"], "clerk": partner["clerk"]})
        path = folder / labels().folders["orders"] / f"{today}" / f"{region['name']}{today:%m%d}.xlsx"
        write(path, book_bytes([table_sheet("orders", _worded(rows))]))


def _open_partners(day: Day) -> dict[str, Row]:
    open_now = words()["words"]["open"]
    return {code_key(row["partner_code"]): row for row in day.tables["partners"] if row["status"] == open_now}


def _floor(partner: Row) -> Decimal:
    return partner["contract_discount"] or Decimal(1)


def _worded(rows: Iterable[Row]) -> list[Row]:
    line_types = labels().words["line_type"]
    return [{**row, "line_type": line_types[row["line_type"]][0]} for row in rows]


def _hand_back(folder: Path, day: Day, today: date) -> None:
    """Correct what the first day sent back, and put it into today's folder."""
    names = labels().folders
    for path in sorted((folder / names["output"] / f"{DAY}" / names["returns"]).glob("*.xlsx")):
        book = openpyxl.load_workbook(path)
        layout = RETURN_LAYOUTS["sent_back"]
        if layout.name in book.sheetnames:
            _correct(book[layout.name], [column.name for column in layout.columns], _corrected(day, today))
            target = io.BytesIO()
            book.save(target)
            write(folder / names["orders"] / f"{today}" / path.name, target.getvalue())


def _correct(sheet: Any, names: list[str], correct: Callable[[Row], Row | None]) -> None:  # noqa: ANN401 - openpyxl has no types
    """Correct a sheet's lines in place, from the last up, for a line without a correction is deleted."""
    for number in range(sheet.max_row, 1, -1):
        row = {name: sheet.cell(number, place).value for place, name in enumerate(names, 1)}
        if number % LEFT_AS_IT_IS == 0:
            continue
        corrected = correct(row)
        if corrected is None:
            sheet.delete_rows(number)
            continue
        for name, value in corrected.items():
            sheet.cell(number, names.index(name) + 1).value = value


def _corrected(day: Day, today: date) -> Callable[[Row], Row | None]:
    """Return what makes a clean line of one that came back, None where its region withdraws it."""
    partners, rules = _open_partners(day), labels().rules
    twice = {rules[code].name for code in ("duplicate-line", "order-two-partners")}
    giveaway, on_sale = labels().words["line_type"]["giveaway"][0], words()["words"]["on_sale"]
    sold = {code: day.product(code) for code in _codes(day) if day.product(code)["status"] == on_sale}

    def corrected(row: Row) -> Row | None:
        partner, product = partners.get(code_key(str(row["partner_code"]))), sold.get(str(row["product_code"]))
        found = set(str(row["rules"]).split(labels().words["list_joiner"]))
        if partner is None or product is None or row["line_type"] == giveaway or found & twice:
            return None
        quantity = row["quantity"] if row["quantity"] > 0 else product["carton_qty"]
        price = discounted(product["list_price"], _floor(partner))
        return {
            "order_date": today,
            "partner_name": partner["partner_name"],
            "product_name": product["product_name"],
            "quantity": quantity,
            "unit_price": float(price),
            "discount": None,
            "amount": None,
            "campaign": None,
        }

    return corrected


def _mark(folder: Path) -> None:
    """Enter all there is besides outputs as the demo's own, so that it can be made anew."""
    marker, output = folder / MARKER, labels().folders["output"]
    names = [path.relative_to(folder).as_posix() for path in sorted(folder.rglob("*")) if path.is_file()]
    made = [name for name in names if not name.startswith(f"{output}/") and name != MARKER]
    marker.write_text("\n".join([MARKER, *made]) + "\n", encoding="utf-8", newline="\n")
