"""The demo's KASP tables: packaging requests and invoice requests, most of them in order."""

from __future__ import annotations

from datetime import timedelta

from macros.demo.backing import order_worth
from macros.demo.day import Day
from macros.demo.reference import DAY, FEN, WRONG_TAX_ID, Row, words

REQUESTS = 34
INVOICES = 22


def add_packaging(day: Day) -> None:
    """Enter the packaging requests of the last two months; four carry a mistake."""
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
    rows[9]["partner_code"] = "XX-099"
    day.tables["packaging"] = rows


def add_invoices(day: Day) -> None:
    """Ask for invoices of clean orders, some with the partner's data repeated; a few lack or contradict something."""
    rows: list[Row] = []
    orders = sorted(
        (order for order in day.orders if not order.planted), key=lambda order: (order.number, order.clerk.path)
    )
    orders = day.rng.sample(orders, INVOICES - 2)
    orders += [order for order in day.orders if order.partner["partner_code"] == WRONG_TAX_ID][:1]
    for number, order in enumerate(orders, 1):
        partner = order.partner
        row: Row = {
            "request_no": f"KP2611-{number:03}",
            "request_date": DAY - timedelta(days=day.rng.choice((0, 0, 1, 2))),
            "partner_code": partner["partner_code"],
            "order_no": order.number,
            "amount": order_worth(order).quantize(FEN),
            "invoice_type": partner["invoice_type"],
            "remark": None,
        }
        if number % 3 == 0:
            row |= {name: partner[name] for name in ("invoice_title", "tax_id", "address", "phone", "bank")}
            row["bank_account"] = partner["bank_account"]
        rows.append(row)
    rows[1]["amount"] += 100
    rows[5]["tax_id"] = str(rows[5]["tax_id"])[:-3]
    rows.append({**rows[3], "request_no": f"KP2611-{len(rows) + 1:03}"})
    rows.append({**rows[4], "request_no": f"KP2611-{len(rows) + 1:03}", "partner_code": "XX-099", "order_no": None})
    day.tables["invoices"] = rows
