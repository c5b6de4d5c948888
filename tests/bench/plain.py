"""What a department's own script does for a day: pandas with openpyxl, merges, and a loop over the rows.

It reads the same folder as the product and makes a fair part of the checks; it keeps no record of cells, totals or
hashes, writes one workbook, and knows only the headings of the template.
"""

from __future__ import annotations

import sys
import time
from pathlib import Path
from typing import Any

import pandas as pd

from tests.bench.inputs import DAY
from workbooks.labels import labels

CODES = ("order_no", "partner_code", "product_code")


def read(path: Path, kind: str) -> pd.DataFrame:
    """Return one workbook with the columns' English names; codes as text."""
    names = {headings[0]: column for column, headings in labels().kinds[kind].headings.items()}
    codes = {heading: str for heading, column in names.items() if column in CODES}
    return pd.read_excel(path, engine="openpyxl", dtype=codes).rename(columns=names)


def read_orders(folder: Path) -> pd.DataFrame:
    """Return all order lines of the day under each other, with their file."""
    frames = []
    for path in sorted((folder / labels().folders["orders"] / f"{DAY}").rglob("*.xlsx")):
        frame = read(path, "orders")
        frame["source_file"] = path.name
        frames.append(frame)
    return pd.concat(frames, ignore_index=True)


def joined(folder: Path) -> pd.DataFrame:
    """Return the order lines with what products, partners and campaigns say about them."""
    reference = folder / labels().folders["reference"]
    products = read(reference / "products.xlsx", "products")
    partners = read(reference / "partners.xlsx", "partners")
    policies = read(reference / "policies.xlsx", "policies")
    lines = read_orders(folder)
    lines["again"] = lines.duplicated(
        ["order_no", "partner_code", "product_code", "line_type", "quantity", "unit_price", "amount", "campaign"]
    )
    lines = lines.merge(products[["product_code", "list_price", "carton_qty", "status"]], on="product_code", how="left")
    lines = lines.merge(partners[["partner_code", "level", "contract_discount", "credit_limit"]], how="left")
    return lines.merge(policies[["campaign", "min_discount", "buy_qty"]], on="campaign", how="left")


def findings_of(row: Any) -> list[str]:
    """Return what is wrong with one line."""
    found = []
    if pd.isna(row["level"]):
        found.append("unknown-partner")
    if pd.isna(row["list_price"]):
        found.append("unknown-product")
    elif row["status"] != labels().words["product_status"]["on_sale"][0]:
        found.append("product-discontinued")
    if row["quantity"] <= 0:
        found.append("quantity-not-positive")
    elif row["quantity"] % (row["carton_qty"] or 1):
        found.append("not-full-carton")
    if abs((row["order_date"].date() - DAY).days) > 366:
        found.append("implausible-date")
    if row["again"]:
        found.append("duplicate-line")
    if pd.notna(row["campaign"]) and pd.isna(row["min_discount"]):
        found.append("campaign-unknown")
    return found + price_findings(row)


def price_findings(row: Any) -> list[str]:
    """Return what is wrong with one line's price."""
    found = []
    if pd.isna(row["unit_price"]):
        return ["price-missing"]
    if abs(row["amount"] - row["quantity"] * row["unit_price"]) > 0.01:
        found.append("amount-mismatch")
    if pd.notna(row["list_price"]) and pd.notna(row["contract_discount"]):
        floor = min(row["contract_discount"], row["min_discount"] if pd.notna(row["min_discount"]) else 1)
        if row["unit_price"] / row["list_price"] < floor - 0.0005:
            found.append("discount-below-floor")
    return found


def audit(folder: Path) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return the lines with their findings, and the findings one by one; stock and money are handed out in order."""
    said = labels().folders
    stock = read(folder / said["stock"] / "stock.xlsx", "stock")
    finance = read(folder / said["finance"] / "finance.xlsx", "finance")
    left = dict(zip(stock["product_code"], stock["on_hand"] - stock["allocated"], strict=True))
    funds = dict(zip(finance["partner_code"], finance["balance"], strict=True))
    lines, found, rules, ships = joined(folder), [], [], []
    for _, row in lines.iterrows():
        of_line = findings_of(row)
        amount = row["amount"] if pd.notna(row["amount"]) else 0
        if funds.get(row["partner_code"], 0) + (row["credit_limit"] or 0) < amount:
            of_line.append("unpaid")
        else:
            funds[row["partner_code"]] = funds.get(row["partner_code"], 0) - amount
        ship = max(0, min(row["quantity"], left.get(row["product_code"], 0)))
        left[row["product_code"]] = left.get(row["product_code"], 0) - ship
        if ship < row["quantity"]:
            of_line.append("short-stock")
        rules.append(", ".join(of_line))
        ships.append(ship)
        found += [{"rule": rule, "order_no": row["order_no"], "source_file": row["source_file"]} for rule in of_line]
    lines["rules"], lines["ship"] = rules, ships
    return lines, pd.DataFrame(found)


def main() -> None:
    """Audit the folder named first and write one workbook beside it."""
    folder, start = Path(sys.argv[1]), time.perf_counter()
    lines, found = audit(folder)
    with pd.ExcelWriter(folder.parent / "plain.xlsx", engine="openpyxl") as writer:
        lines.to_excel(writer, sheet_name="lines", index=False)
        found.to_excel(writer, sheet_name="findings", index=False)
    print(f"{len(lines)} lines, {len(found)} findings, {time.perf_counter() - start:.1f} s")


if __name__ == "__main__":
    main()
