"""What waits for an approver: one row per order, product and rule; and the record of what was given."""

from __future__ import annotations

from datetime import date

import pandas as pd

from macros.approvals import MOST_LISTED, pending_rows, pending_sheet, record_rows
from macros.results import finding_rows
from tests.frames import audited, table
from udfs.audit import Audit

DAY = date(2026, 11, 21)
PARTNERS = "partner_code  partner_name  level  contract_discount\n P1  Rose  A  0.9\n P2  Lily  A  0.9"
PRODUCTS = "product_code  product_name  list_price\n A  Mask  100\n B  Cream  100"
APPROVALS = "role  max_gap  max_amount\n clerk  0.02  50\n manager  0.05  1000\n director  0.1  -"
TABLES = {"partners": PARTNERS, "products": PRODUCTS, "approvals": APPROVALS}
NAMES = ["order_no", "product_code", "rule", "lines", "money", "may"]


def pending(result: Audit, **tables: str) -> list[list[object]]:
    """Return the list's rows, of some columns."""
    reference = {kind: table(kind, text) for kind, text in tables.items()}
    rows = pending_rows(result, reference, finding_rows(result, reference), DAY)
    assert rows[["verdict", "approver", "role", "approved_on", "reason"]].isna().all(axis=None)
    return [[None if pd.isna(value) else value for value in row] for row in rows[NAMES].to_numpy(object)]


def test_every_role_that_covers_a_discount_may_approve_it_and_nobody_a_larger_one() -> None:
    lines = """
        order_no  product_code  quantity  unit_price
        1         A             10        88
        2         A             10        85
        3         A             1         75
        4         A             10        90
    """
    assert pending(audited(lines, **TABLES), **TABLES) == [
        ["1", "A", "折扣低于下限", 1, 20.0, "clerk、manager、director"],
        ["2", "A", "折扣低于下限", 1, 50.0, "manager、director"],
        ["3", "A", "折扣低于下限", 1, 15.0, "无人可批"],
    ]


def test_lines_that_are_judged_alike_are_one_row() -> None:
    lines = """
        order_no  product_code  quantity  unit_price  amount
        SO1       A             10        88          -
        so1       a             10        88          880
        SO1       a             10        82          -
        SO1       B             10        88          -
    """
    assert pending(audited(lines, **TABLES), **TABLES) == [
        ["SO1", "A", "折扣低于下限", 2, 40.0, "clerk、manager、director"],
        ["SO1", "a", "折扣低于下限", 1, 80.0, "director"],
        ["SO1", "B", "折扣低于下限", 1, 20.0, "clerk、manager、director"],
    ]


def test_a_finding_on_the_whole_order_has_no_product_and_names_finance() -> None:
    lines = """
        order_no  product_code  quantity  unit_price
        1         A             10        90
        1         B             10        90
    """
    money = {**TABLES, "finance": "partner_code  balance\n P1  100"}
    assert pending(audited(lines, **money), **money) == [
        ["1", None, "没款", 1, 1800.0, "财务（财务查款表里确认）；或 clerk、manager、director"]
    ]


def test_what_a_role_could_not_release_is_listed_once_and_without_the_table_nobody_may() -> None:
    lines = """
        order_no  product_code  quantity  unit_price
        1         A             10        85
    """
    head = "order_no  product_code  rule  verdict  role  approver  reason"
    releases = f"{head}\n 1  A  discount-below-floor  release  clerk  Li  agreed"
    [row] = pending(audited(lines, **TABLES, releases=releases), **TABLES)
    assert row[2] == "折扣低于下限"
    without = {kind: text for kind, text in TABLES.items() if kind != "approvals"}
    assert [row[5] for row in pending(audited(lines, **without), **without)] == ["无人可批"]


def test_the_drop_down_offers_the_team_s_roles_where_excel_can_hold_them() -> None:
    def roles(text: str) -> tuple[str, ...] | None:
        rows = pending_rows(result, {}, finding_rows(result, {}), DAY)
        return pending_sheet(rows, {"approvals": table("approvals", text)}).layout.choices.get("role")

    result = audited("order_no\n 1")
    assert roles("role  max_gap\n clerk  0.02\n manager  0.05\n clerk  0.03") == ("clerk", "manager")
    # parted in two, obeyed (twice), spelt otherwise, broken
    for role in ("a,b", '"&WEBSERVICE(A1)&"', "=A1", "_x0041_", "a\x01"):
        assert roles(f"role  max_gap\n {role}  0.02") is None
    assert roles(f"role  max_gap\n {'x' * (MOST_LISTED + 1)}  0.02") is None


def test_the_record_keeps_what_was_given_once_and_what_it_did() -> None:
    lines = """
        order_no  product_code  quantity  unit_price
        1         A             10        85
        2         A             10        85
        3         A             10        85
    """
    head = "order_no  product_code  rule  verdict  role  approver  reason"
    given = f"""{head}
        1  A  discount-below-floor  release  manager  Li  agreed
        1  A  discount-below-floor  release  manager  Li  agreed
        2  -  discount-below-floor  refuse   manager  Li  agreed
        3  A  discount-below-floor  release  clerk    Li  agreed
        9  A  discount-below-floor  release  manager  Li  agreed
    """
    result = audited(lines, **TABLES, releases=given)
    first = record_rows(result, {"releases": table("releases", given)}, (), date(2026, 11, 20))
    assert first[["order_no", "rule", "outcome"]].to_numpy().tolist() == [
        ["1", "折扣低于下限", "released"],
        ["2", "折扣低于下限", "refused"],
        ["3", "折扣低于下限", "not_counted"],
        ["9", "折扣低于下限", "unused"],
    ]
    # the next day the orders are gone: what was released once stays said
    later = audited("order_no\n 7", **TABLES, releases=given)
    again = record_rows(later, {"releases": table("releases", given)}, (first,), DAY)
    assert again.equals(first)
    assert record_rows(audited("order_no\n 7"), {}, (first, first), DAY).equals(first)
