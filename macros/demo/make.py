"""The demo day: fills an empty team folder with a seeded, realistic day's workbooks, mistakes included."""

from __future__ import annotations

from datetime import date
from pathlib import Path

from macros.demo.backing import add_finance, add_stock, reserve_partners
from macros.demo.clerks import clerk_sheets
from macros.demo.day import Clerk, Day
from macros.demo.faults import plant_faults
from macros.demo.kasp import add_invoices, add_packaging
from macros.demo.ods import ods_bytes
from macros.demo.orders import make_day
from macros.demo.reference import DAY, words
from macros.demo.sheets import Sheet, as_macro_book, book_bytes, csv_bytes, lock_bytes, write
from workbooks.errors import WorkbookError
from workbooks.labels import labels
from workbooks.schema import KINDS, Column, Type
from workbooks.settings import FILE, settings_text

SEED = 20261121
MARKER = ".orderdesk-demo"  # lists what a demo made, so that it can be told from anything else
PLANTED = (
    "unknown-partner", "partner-closed", "unknown-product", "product-discontinued", "quantity-not-positive",
    "implausible-date", "name-mismatch", "region-mismatch", "cleaned-value", "not-full-carton", "duplicate-line",
    "order-in-two-files", "order-two-partners", "campaign-unknown", "campaign-not-valid", "price-missing",
    "price-mismatch", "amount-mismatch", "price-above-list", "zero-price-not-giveaway", "discount-below-floor",
    "giveaway-without-campaign", "giveaway-priced", "giveaway-exceeded", "giveaway-waits", "not-in-finance", "unpaid",
    "indebted", "deposit-short", "short-stock", "release-not-authorised", "release-unused", "total-mismatch",
)  # fmt: skip
"""The rules that find something in the demo: all of domain.md §4."""

REJECTED = ("missing-value", "not-a-number", "error-cell", "uncalculated", "not-a-date", "not-a-rate")
"""What the demo's rejected rows are rejected for."""

WIDTHS = {Type.CODE: 13, Type.DATE: 12, Type.NUMBER: 10, Type.MONEY: 13, Type.DISCOUNT: 10, Type.SHARE: 10}
WIDE = {
    "partner_name": 30, "product_name": 26, "invoice_title": 30, "address": 32, "bank": 26, "email": 24,
    "bank_account": 22, "tax_id": 22, "tax_code": 22, "reason": 28, "campaign_name": 18, "applies_to": 30, "rule": 24,
    "gifts": 14, "phone": 16, "order_no": 16, "material_name": 18, "remark": 18,
}  # fmt: skip
FORMATS = {Type.CODE: "@", Type.DATE: "yyyy-mm-dd", Type.NUMBER: "#,##0", Type.MONEY: "#,##0.00", Type.SHARE: "0%"}


def demo_day(seed: int = SEED) -> Day:
    """Return the day with its faults, before any file is written."""
    day = make_day(seed)
    reserve_partners(day)
    plant_faults(day)
    add_stock(day)
    add_finance(day)
    add_packaging(day)
    add_invoices(day)
    return day


def make_demo(folder: Path, seed: int = SEED) -> date:
    """Write the inputs of the demo day into an empty team folder and return the day.

    The same seed writes the same bytes. The settings file is not written; auditing is the nightly run's.
    """
    day, folders = demo_day(seed), labels().folders
    orders = folder / folders["orders"] / f"{DAY}"
    for clerk in day.clerks:
        write(orders / clerk.path, _clerk_file(day, clerk))
    open_now = next(clerk for clerk in day.clerks if clerk.clerk == words()["notes"]["lock_owner"])
    locked = orders / open_now.path
    write(locked.with_name(f"~${locked.name}"), lock_bytes(open_now.clerk))
    for room, name, sheets in _team_files(day):
        write(folder / folders[room] / words()["files"][name], book_bytes(sheets))
    return DAY


def _clerk_file(day: Day, clerk: Clerk) -> bytes:
    """Return the clerk's workbook in the format its name says."""
    sheets = clerk_sheets(day, clerk)
    suffix = Path(clerk.path).suffix
    if suffix == ".csv":
        return csv_bytes(sheets[0], clerk.encoding, clerk.separator)
    if suffix == ".ods":
        return ods_bytes(sheets)
    content = book_bytes(sheets, date_1904=clerk.date_1904)
    return as_macro_book(content) if suffix == ".xlsm" else content


def _team_files(day: Day) -> list[tuple[str, str, list[Sheet]]]:
    """Return folder, file and sheets of every reference table."""
    tables, title = day.tables, words()["titles"]
    first = words()["categories"][2]["name"]
    skin = [row for row in tables["products"] if row["product_code"] < "03"]
    rest = [row for row in tables["products"] if row["product_code"] >= "03"]
    stock = [
        table_sheet(
            "stock", [row for row in tables["stock"] if row["warehouse"] == name], name, title["stock"], "product_name"
        )
        for name in words()["stock"]["warehouses"]
    ]
    parts = words()["categories"][0]["name"], first
    return [
        (
            "reference",
            "products",
            [
                table_sheet("products", rows, name, title["products"])
                for rows, name in zip((skin, rest), parts, strict=True)
            ],
        ),
        ("reference", "partners", [table_sheet("partners", tables["partners"])]),
        ("reference", "policies", [table_sheet(kind, tables[kind]) for kind in ("policies", "approvals")]),
        ("reference", "releases", [table_sheet("releases", tables["releases"])]),
        ("stock", "stock", stock),
        ("stock", "supply", [table_sheet("supply", tables["supply"])]),
        (
            "finance",
            "finance",
            [
                table_sheet("finance", tables["finance"], title=title["finance"]),
                table_sheet("confirmations", tables["confirmations"]),
            ],
        ),
        ("kasp", "packaging", [table_sheet("packaging", tables["packaging"], title=title["packaging"])]),
        ("kasp", "invoices", [table_sheet("invoices", tables["invoices"])]),
    ]


def table_sheet(kind: str, rows: list[dict[str, object]], name: str = "", title: str = "", extra: str = "") -> Sheet:
    """Return a sheet of a table kind under its main headings; extra: a column the kind does not know."""
    said = labels().kinds[kind]
    columns = list(KINDS[kind].asked)
    if extra:
        columns.insert(1, Column(extra))
        said_extra = labels().kinds["orders"].headings[extra]
    sheet = Sheet(name or said.title)
    if title:
        sheet.add("title", [title.format(date=DAY)])
    sheet.add("header", [(said.headings[c.name] if c.name != extra else said_extra)[0] for c in columns])
    sheet.freeze = len(sheet.rows)
    sheet.columns = [
        (WIDE.get(c.name, WIDTHS.get(c.type, 11)), "0.00" if c.type is Type.DISCOUNT else FORMATS.get(c.type, ""))
        for c in columns
    ]
    for row in rows:
        sheet.add("line", [row.get(c.name) for c in columns])  # type: ignore[misc]
    return sheet


def run(folder: Path) -> tuple[date, int]:
    """Make the demo's team folder, or make it anew; return its day and the number of input files.

    Raises WorkbookError where the folder holds anything that is not of an earlier demo, or cannot be written.
    """
    marker = folder / MARKER
    made = set(marker.read_text(encoding="utf-8").splitlines()) if marker.is_file() else set()
    output = labels().folders["output"]
    for path in sorted(folder.rglob("*")) if folder.exists() else ():
        name = path.relative_to(folder).as_posix()
        if path.is_file() and name not in made and not (made and name.startswith(f"{output}/")):
            raise WorkbookError("not-empty", path=folder, name=name)
    try:
        for name in made:
            (folder / name).unlink(missing_ok=True)
        folder.mkdir(parents=True, exist_ok=True)
        day = make_demo(folder)
        (folder / FILE).write_text(settings_text(words()["kasp"]["bases"]), encoding="utf-8", newline="\n")
        inputs = mark(folder)
    except OSError as error:
        raise WorkbookError("output-unwritable", path=folder, detail=error.strerror or error) from error
    return day, len(inputs)


def mark(folder: Path) -> list[str]:
    """Enter all there is besides outputs as the demo's own, so that it can be made anew; return it, by path."""
    output = labels().folders["output"]
    names = [path.relative_to(folder).as_posix() for path in sorted(folder.rglob("*")) if path.is_file()]
    inputs = [name for name in names if not name.startswith(f"{output}/") and name != MARKER]
    (folder / MARKER).write_text("\n".join([MARKER, *inputs]) + "\n", encoding="utf-8", newline="\n")
    return inputs
