"""The demo's second and third day: regions correct and hand back, stock arrives, partners pay, new orders come in."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path

from macros.demo.answers import give_answers, note_remarks
from macros.demo.corrections import hand_back, lowest, open_partners
from macros.demo.day import Day
from macros.demo.kasp import SUMMARY_CODE
from macros.demo.make import demo_day, mark, table_sheet
from macros.demo.orders import new_line
from macros.demo.reference import DAY, Row, words
from macros.demo.sheets import book_bytes, write
from udfs.lookup import code_key
from workbooks.earlier import read_result, result_path
from workbooks.labels import labels

ORDERS_A_REGION, LINES_AN_ORDER = 2, 3
INVOICED_REGIONS = 5  # of so many regions the first new order is to be invoiced
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
    early = set(words()["early_regions"])
    hand_back(folder, day, DAY, lambda region: region in early)
    yield Step("answers", DAY, rerun=True)
    note_remarks(folder, DAY)
    second, third = (DAY + timedelta(days=days) for days in (1, 2))
    _begin(folder, day, second, _arrived(folder, day))
    hand_back(folder, day, second, lambda region: region not in early)
    asked = _ask(folder, day, _new_orders(folder, day, second), second)
    yield Step("resubmitted", second)
    _begin(folder, day, third, dict.fromkeys(_codes(day), PLENTY))
    issued = [row | {"remark": words()["reasons"]["issued"].format(day=second)} for row in asked]
    _ask(folder, day, _new_orders(folder, day, third), third, issued)
    yield Step("clean", third)
    mark(folder)


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


def _begin(folder: Path, day: Day, today: date, free: dict[str, int]) -> None:
    """Put the morning's tables in place: stock and money as they are now; yesterday's answers are put by."""
    names = labels().folders
    said, files = words(), words()["files"]
    yesterday = today - timedelta(days=1)
    done = [folder / names[room] / files[kind] for room, kind in (("reference", "releases"), ("kasp", "invoices"))]
    done += sorted(folder.glob(f"*/*_{yesterday}.xlsx"))
    kept = kept_folder(folder) / f"{yesterday}"
    kept.mkdir(parents=True, exist_ok=True)
    for path in done:
        if path.is_file():
            path.replace(kept / path.name)
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


def kept_folder(folder: Path) -> Path:
    """Return where what people filled in on a day is put by when the next begins: no run reads it there."""
    return folder / labels().folders["templates"] / str(words()["kept"])


def _new_orders(folder: Path, day: Day, today: date) -> list[Row]:
    """Put new, clean orders into the day's folder, a workbook per region; return the first line of each region's."""
    first: list[Row] = []
    products = [day.product(code) for code in _codes(day)]
    sold = [row for row in products if row["status"] == words()["words"]["on_sale"] and row["valid_from"] <= today]
    sold = [row for row in sold if row["tax_rate"] and row["tax_code"] not in {None, SUMMARY_CODE}]
    for region in words()["regions"]:
        own = [row for row in open_partners(day).values() if row["region"] == region["name"]]
        rows = []
        for number, partner in enumerate(own[:ORDERS_A_REGION], 1):
            for product in day.rng.sample(sold, LINES_AN_ORDER):
                line = new_line(
                    f"{region['code']}{today:%m%d}{number:03}", partner, product, product["carton_qty"], lowest(partner)
                )
                rows.append({**line.values, "order_date": today, "region": region["name"], "clerk": partner["clerk"]})
        path = folder / labels().folders["orders"] / f"{today}" / f"{region['name']}{today:%m%d}.xlsx"
        write(path, book_bytes([table_sheet("orders", _worded(rows))]))
        first.append(rows[0])
    return first


def _ask(folder: Path, day: Day, orders: list[Row], today: date, earlier: Iterable[Row] = ()) -> list[Row]:
    """Ask for invoices of some new orders, below the requests of an earlier day; return the new ones."""
    partners = open_partners(day)
    asked: list[Row] = [
        {
            "request_no": f"KP{today:%m%d}-{number:03}",
            "request_date": today,
            "partner_code": row["partner_code"],
            "order_no": row["order_no"],
            "invoice_type": partners[code_key(row["partner_code"])]["invoice_type"],
        }
        for number, row in enumerate(orders[:INVOICED_REGIONS], 1)
    ]
    path = folder / labels().folders["kasp"] / words()["files"]["invoices"]
    write(path, book_bytes([table_sheet("invoices", [*earlier, *asked])]))
    return asked


def _worded(rows: Iterable[Row]) -> list[Row]:
    line_types = labels().words["line_type"]
    return [{**row, "line_type": line_types[row["line_type"]][0]} for row in rows]
