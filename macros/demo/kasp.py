"""The demo's KASP tables: packaging requests and invoice requests, most of them in order."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta

from macros.demo.backing import order_worth
from macros.demo.day import Day, Order
from macros.demo.reference import DAY, FEN, WRONG_TAX_ID, Row, words

REQUESTS = 34
INVOICES = 22
NOBODY = "XX-099"  # a partner code that the partner table does not have
SUMMARY_CODE = "1070223000000000000"


def add_packaging(day: Day) -> None:
    """Enter the packaging requests of the last two months; some carry a mistake."""
    kasp, partners = words()["kasp"], day.tables["partners"]
    rows: list[Row] = []
    for number in range(1, REQUESTS + 1):
        code, *name, spec = day.rng.choice(kasp["materials"]).split()
        partner = day.rng.choice(partners)
        asked = day.rng.choice((20, 50, 100, 200, 500))
        step = day.rng.choice((0, 1, 1, 2, 2, 3, 3))
        approved = None if step == 0 else asked * day.rng.choice((100, 100, 100, 80, 50)) // 100
        shipped = {0: None, 1: None, 2: (approved or 0) // 2, 3: approved}[step]
        rows.append(
            {
                "request_no": f"BC2611-{number:03}",
                "request_date": DAY - timedelta(days=60 - number * 60 // REQUESTS),
                "applicant": day.rng.choice(words()["people"]["marketing"]),
                "region": partner["region"],
                "partner_code": partner["partner_code"],
                "material_code": code,
                "material_name": " ".join(name),
                "spec": spec,
                "base": day.rng.choice(kasp["bases"]),
                "quantity": asked,
                "approved": approved,
                "shipped": shipped,
                "status": kasp["statuses"][step],
                "remark": day.rng.choice(kasp["remarks"]) or None,
            }
        )
    done = [row for row in rows if row["shipped"]]
    done[0]["shipped"] = done[0]["approved"] + 30
    done[1]["approved"] = done[1]["quantity"] + 50
    rows[5]["request_no"] = rows[4]["request_no"]
    rows[9]["partner_code"] = NOBODY
    rows[13]["base"], rows[20]["base"] = None, kasp["closed_base"]
    rows[16] |= {"quantity": 0, "approved": None, "shipped": None}
    day.tables["packaging"] = rows


def add_invoices(day: Day) -> None:
    """Ask for invoices of clean orders, some with the partner's data repeated; a few lack or contradict something."""
    orders = sorted(
        (order for order in day.orders if not order.planted), key=lambda order: (order.number, order.clerk.path)
    )
    orders = day.rng.sample(orders, INVOICES - 2)
    orders += [order for order in day.orders if order.partner["partner_code"] == WRONG_TAX_ID][:1]
    rows = [_asking(day, order) for order in orders]
    for row, order in list(zip(rows, orders, strict=True))[2::3]:
        row |= {name: order.partner[name] for name in ("invoice_title", "tax_id", "address", "phone", "bank")}
        row["bank_account"] = order.partner["bank_account"]
    _spoil_amounts(rows)
    _spoil_buyers(day, rows)
    _spoil_tax(day, orders[11:-1], orders)
    returned = day.reserved["unpaid"][0]
    rows += [
        dict(rows[3]),  # once more
        {**rows[4], "partner_code": NOBODY, "order_no": None},
        _asking(day, returned) | {"amount": None},
    ]
    for number, row in enumerate(rows, 1):
        row["request_no"] = f"KP2611-{number:03}"
    day.tables["invoices"] = rows


def _asking(day: Day, order: Order) -> Row:
    """Return a request for an invoice of the whole order."""
    return {
        "request_date": DAY - timedelta(days=day.rng.choice((0, 0, 1, 2))),
        "partner_code": order.partner["partner_code"],
        "order_no": order.number,
        "amount": order_worth(order).quantize(FEN),
        "invoice_type": order.partner["invoice_type"],
        "remark": None,
    }


def _spoil_amounts(rows: list[Row]) -> None:
    """Ask for too much, for too little, in a text, and for all there is."""
    rows[1]["amount"] += 100
    rows[6]["amount"] -= 50
    rows[7]["amount"] = f"{rows[7]['amount']:,}{words()['words']['yuan']}"
    rows[10]["amount"] = None


def _spoil_buyers(day: Day, rows: list[Row]) -> None:
    """Cut a tax number short; take the bank account from a partner that asks for a special invoice."""
    rows[5]["tax_id"] = str(rows[5]["tax_id"])[:-3]
    special = (row for row in rows if row["invoice_type"] == words()["words"]["special_invoice"] and "bank" not in row)
    poor = next(special)["partner_code"]
    next(row for row in day.tables["partners"] if row["partner_code"] == poor)["bank_account"] = None


def _spoil_tax(day: Day, orders: list[Order], requested: list[Order]) -> None:
    """Take the tax from products that one of the requested orders alone has: code, level of the code, rate."""
    codes = [{line.values["product_code"] for line in order.lines} for order in requested]
    often = Counter(code for of_order in codes for code in of_order)
    spoilt: list[Row] = [{"tax_code": None}, {"tax_code": SUMMARY_CODE}, {"tax_rate": None}]
    rare = [line.values["product_code"] for order in orders for line in order.lines]
    rare = [code for code in dict.fromkeys(rare) if often[code] == 1]
    for code, fault in zip(rare, spoilt, strict=False):
        for product in day.tables["products"]:
            product.update(fault if product["product_code"] == code else {})
