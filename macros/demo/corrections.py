"""How the demo's regions correct what came back to them: only what has to change, in the file that came back."""

from __future__ import annotations

import io
from collections.abc import Callable, Mapping
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import openpyxl

from macros.demo.day import Day
from macros.demo.reference import DAY, FEN, Row, discounted, words
from macros.demo.sheets import write
from udfs.lookup import code_key
from udfs.wording import rule_names
from workbooks.labels import labels
from workbooks.layout import RETURN_LAYOUTS

LEFT_AS_IT_IS = 7  # every so many lines that go back are handed back uncorrected
TWICE = frozenset({"duplicate-line", "order-two-partners"})
PRICED = ("amount", "unit_price")
TOO_LOW = frozenset({"price-missing", "zero-price-not-giveaway", "discount-below-floor"})


def hand_back(folder: Path, day: Day, today: date, regions: Callable[[str], bool]) -> None:
    """Correct what the first day sent back to these regions, and put it into the orders of `today`."""
    names, layout = labels().folders, RETURN_LAYOUTS["sent_back"]
    for path in sorted((folder / names["output"] / f"{DAY}" / names["returns"]).glob("*.xlsx")):
        if not regions(path.name.partition("_")[0]):
            continue
        book = openpyxl.load_workbook(path)
        if layout.name in book.sheetnames:
            _correct(book[layout.name], [column.name for column in layout.columns], _corrections(day, today))
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


def open_partners(day: Day) -> dict[str, Row]:
    """Return the partners that may order, by code as it is compared."""
    open_now = words()["words"]["open"]
    return {code_key(row["partner_code"]): row for row in day.tables["partners"] if row["status"] == open_now}


def lowest(partner: Row) -> Decimal:
    """Return the lowest discount that a partner may buy at without a campaign."""
    return partner["contract_discount"] or Decimal(1)


def _corrections(day: Day, today: date) -> Callable[[Row], Row | None]:
    """Return what says the cells to change of a line that came back, None where its region withdraws it."""
    partners, said = open_partners(day), labels()
    giveaway, on_sale = said.words["line_type"]["giveaway"][0], words()["words"]["on_sale"]
    codes = {row["product_code"] for row in day.tables["products"]}
    sold = {code: day.product(code) for code in codes if day.product(code)["status"] == on_sale}
    codes_of = {rule.name: code for code, rule in said.rules.items()}

    def corrections(row: Row) -> Row | None:
        partner, product = partners.get(code_key(str(row["partner_code"]))), sold.get(str(row["product_code"]))
        found = {codes_of[name] for name in rule_names(row["rules"]) if name in codes_of}
        if partner is None or product is None or row["line_type"] == giveaway or found & TWICE:
            return None
        changed: Row = {"order_date": today} if "implausible-date" in found else {}
        if "name-mismatch" in found:
            changed |= {"partner_name": partner["partner_name"], "product_name": product["product_name"]}
        return changed | _money(row, found, lowest(partner), product)

    return corrections


def _money(row: Row, found: set[str], floor: Decimal, product: Mapping[str, Any]) -> Row:
    """Return what to change of a line's quantity, price, discount and amount; a blank one stays blank if it can."""
    changed: Row = {}
    was, amount, price = (None if row[name] is None else Decimal(str(row[name])) for name in ("quantity", *PRICED))
    if price is None and amount is not None and was:
        price = amount / was
    quantity = was
    if not was or was < 0:
        changed["quantity"], quantity = product["carton_qty"], Decimal(product["carton_qty"])
    rate = floor if found & TOO_LOW or price is None else None
    if rate is None and "price-mismatch" in found:
        rate = max(floor, Decimal(str(row["discount"])))
    if rate is not None:
        price = discounted(product["list_price"], rate)
        if row["discount"] is not None:
            changed["discount"] = float(rate)
        if row["unit_price"] is not None or amount is None:
            changed["unit_price"] = float(price)
    if amount is not None and price is not None and quantity and (changed or "amount-mismatch" in found):
        changed["amount"] = float((price * quantity).quantize(FEN))
    return changed
