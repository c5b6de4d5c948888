"""The table behind "three doors, one answer": for every rule an order line or a few that it speaks of, as files.

All cases stand in one region's sheet of one team folder, with partners and products of their own where the rule counts
stock or funds. What follows `<-` is what is to be found on the row; on a line alone it is found on no line.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any

import openpyxl

from tests.frames import NUMBERS, Finding, marked, text_rows
from tests.team_files import FOLDERS
from tests.team_files import KINDS as HEADINGS
from workbooks.schema import KINDS, Type

Row = Mapping[str, str | None]

REGION, OTHER_REGION, SHEET = "华东.xlsx", "华南.xlsx", "订单"
COLUMNS = (
    "order_no", "order_date", "partner_code", "partner_name", "product_code", "quantity", "unit_price", "discount",
    "amount", "line_type", "campaign", "region",
)  # fmt: skip
LINE = {"partner_code": "P1", "product_code": "A1", "quantity": "12", "unit_price": "100", "region": "华东"}
"""What a line says where its case has no such column; its order number is then its case's and row's own."""

BASE = {
    "partners": """
        partner_code  partner_name  region  level  status  contract_discount  credit_limit  required_deposit
        P1            晨曦美妆      华东    A      正常    0.9                90000000      -
        P2            云裳商贸      华东    B      停用    0.9                90000000      -
        P3            南风百货      华南    A      正常    -                  90000000      -
        P4            江城日化      华东    A      正常    0.9                90000000      -
        P5            小桥流水      华东    C      正常    0.9                100           -
        P6            未名商行      华东    C      正常    0.9                90000000      -
        P7            欠条商行      华东    C      正常    0.9                90000000      -
        P8            老赖商行      华东    C      正常    0.9                90000000      -
        P9            押金商行      华东    C      正常    0.9                90000000      5000
    """,
    "products": """
        product_code  product_name  category  list_price  carton_qty  status  replaced_by
        A1            玫瑰面膜      面部      100         12          在售    -
        A2            玫瑰精华      身体      200         1           在售    -
        B1            旧款面膜      面部      100         12          停产    A1
        S1            紧俏口红      彩妆      100         12          在售    -
        S2            更紧俏口红    彩妆      100         12          在售    -
    """,
    "policies": """
        campaign  applies_to  levels  start  end   min_discount  buy_qty  free_qty
        TEN       全部        -       d-20   d+20  -             10       1
        SALE      A1          -       d-20   d+20  0.8           -        -
        OLD       全部        -       d-60   d-30  0.5           -        -
        VIPS      全部        VIP     d-20   d+20  0.5           -        -
        BODY      身体        -       d-20   d+20  0.5           10       1
    """,
    "approvals": """
        role  max_gap  max_amount
        主管  0.02     50
        经理  0.05     1000
        总监  0.2      -
    """,
    "stock": """
        product_code  on_hand  allocated
        A1            90000    1000
        A2            90000    -
        S1            5        -
        S2            3        9
    """,
    "supply": """
        product_code  eta  quantity
        S1            d+3  20
        S1            d+8  400
        S2            d+4  1
    """,
    "finance": """
        partner_code  balance  received  debt  overdue_days  deposit  confirmation
        P1            5000     200       -     -             -        -
        P2            5000     -         -     -             -        -
        P3            5000     -         -     -             -        -
        P5            300      50        -     -             -        -
        P6            5000     -         -     -             -        没款
        P7            5000     -         500   60            -        -
        P8            5000     -         -     -             -        欠款
        P9            5000     -         -     -             100      -
    """,
    "confirmations": """
        partner_code  order_no  confirmation
        P1            CONF-1    没款
        P1            CONF-2    有款
    """,
    "releases": """
        order_no  product_code  rule                  verdict  approver  role  reason
        REL-1     -             discount-below-floor  放行     李总      总监  老客户
        REL-2     -             折扣低于下限          退回     李总      总监  不同意
        REL-3     -             discount-below-floor  放行     小王      主管  急单
        REL-4     -             price-missing         放行     小王      主管  已问过
    """,
}
"""The reference tables that all cases share; `d+3` is three days after the day."""


@dataclass(frozen=True)
class Case:
    """Order lines of a rule. elsewhere: lines in another region's file. unseen: the doors that cannot see it."""

    rule: str
    lines: str
    elsewhere: str = ""
    unseen: frozenset[str] = field(default_factory=frozenset)

    @property
    def found(self) -> list[Finding]:
        """Return what its own lines are marked with."""
        return marked(self.lines) if self.lines else []

    @property
    def found_elsewhere(self) -> list[Finding]:
        """Return what its lines in the other file are marked with."""
        return marked(self.elsewhere) if self.elsewhere else []


# Doors: `nightly` the run; `day` the button on a workbook without orders, which judges the team folder's day;
# `button` the button on the region's own workbook; `range` OD_AUDIT over its cells.
CASES = (
    Case("unknown-partner", """
        partner_code
        P99           <- unknown-partner hold
        P 1
        ０P１         <- unknown-partner hold
    """),
    Case("partner-closed", """
        partner_code
        P2            <- partner-closed hold
        P1
    """),
    Case("unknown-product", """
        product_code
        Z9            <- unknown-product hold
        a1
    """),
    Case("product-discontinued", """
        product_code
        B1            <- product-discontinued transfer
    """),
    Case("quantity-not-positive", """
        quantity
        0         <- quantity-not-positive hold
        -12       <- quantity-not-positive hold
        12
    """),
    Case("implausible-date", """
        order_date
        d-400       <- implausible-date hold
        d+367       <- implausible-date hold
        d-366
        d-3
        -
    """),
    Case("name-mismatch", """
        partner_name
        张冠李戴      <- name-mismatch info
        晨曦（美妆）
    """),
    Case("region-mismatch", """
        partner_code  region
        P3            华东    <- region-mismatch info
        P3            华南
    """),
    Case("cleaned-value", """
        quantity  unit_price
        24支      100         <- cleaned-value info
        24        ￥95.00元   <- cleaned-value info
    """),
    Case("total-mismatch", """
        order_no  partner_code  product_code  quantity  unit_price
        TOTAL-1   P1            A1            24        100
        -         小计          -             1         -           <- total-mismatch info
    """),
    Case("not-full-carton", """
        quantity
        13        <- not-full-carton info
        0.5       <- not-full-carton info
    """),
    Case("duplicate-line", """
        order_no
        DUP-1
        DUP-1     <- duplicate-line hold
        DUP-2
    """),
    Case("order-in-two-files", """
        order_no
        TWICE-1
    """, elsewhere="""
        order_no  quantity
        TWICE-1   24        <- order-in-two-files info
    """, unseen=frozenset({"button", "range"})),
    Case("order-two-partners", """
        order_no  partner_code
        BOTH-1    P1            <- order-two-partners hold
        BOTH-1    P4            <- order-two-partners hold, not-in-finance hold
    """),
    Case("campaign-unknown", """
        campaign  line_type  unit_price
        NEVER     正品       95          <- campaign-unknown info
        NEVER     赠品       0           <- campaign-unknown hold
    """),
    Case("campaign-not-valid", """
        campaign  line_type  unit_price  product_code
        OLD       正品       95          A1            <- campaign-not-valid info
        VIPS      正品       95          A1            <- campaign-not-valid info
        BODY      正品       95          A1            <- campaign-not-valid info
        BODY      赠品       0           A1            <- campaign-not-valid hold
        BODY      正品       190         A2
    """),
    Case("price-missing", """
        unit_price  amount
        -           -       <- price-missing hold
        -           1200
    """),
    Case("price-mismatch", """
        unit_price  discount
        95          0.92      <- price-mismatch hold
        92          92%
    """),
    Case("amount-mismatch", """
        unit_price  amount
        100         1200.5  <- amount-mismatch hold
        100         1200.01
    """),
    Case("price-above-list", """
        unit_price
        100.01      <- price-above-list info
        100.005
    """),
    Case("zero-price-not-giveaway", """
        unit_price
        0           <- zero-price-not-giveaway hold
    """),
    Case("discount-below-floor", """
        order_no  unit_price  campaign
        FLOOR-1   85          -         <- discount-below-floor hold
        FLOOR-2   75          SALE      <- discount-below-floor hold
        FLOOR-3   80          SALE
        FLOOR-4   85          OLD       <- discount-below-floor hold, campaign-not-valid info
        REL-1     85          -         <- discount-below-floor info
        REL-2     85          -         <- discount-below-floor return
        FLOOR-5   20          -         <- discount-below-floor hold
    """),
    Case("giveaway-without-campaign", """
        line_type  unit_price
        赠品       0           <- giveaway-without-campaign hold
    """),
    Case("giveaway-priced", """
        order_no  line_type  unit_price  quantity  campaign
        PRICED-1  正品       100         12        TEN
        PRICED-1  赠品       5           1         TEN       <- giveaway-priced hold
    """),
    Case("giveaway-exceeded", """
        order_no  line_type  unit_price  quantity  campaign
        OVER-1    正品       100         24        TEN
        OVER-1    赠品       0           5         TEN       <- giveaway-exceeded hold
        OVER-2    正品       100         24        TEN
        OVER-2    赠品       0           2         TEN
    """),
    Case("giveaway-waits", """
        order_no  line_type  unit_price  quantity  campaign
        WAITS-1   正品       -           24        TEN       <- price-missing hold
        WAITS-1   赠品       0           2         TEN       <- giveaway-waits hold
    """),
    Case("not-in-finance", """
        partner_code
        P4            <- not-in-finance hold
    """),
    Case("unpaid", """
        order_no  partner_code  quantity
        POOR-1    P5            12        <- unpaid hold
        POOR-2    P6            12        <- unpaid return
        CONF-1    P1            12        <- unpaid return
        CONF-2    P1            12
    """),
    Case("indebted", """
        order_no  partner_code
        OWES-1    P7            <- indebted hold
        OWES-2    P8            <- indebted return
    """),
    Case("deposit-short", """
        partner_code
        P9            <- deposit-short info
        P9
    """),
    Case("short-stock", """
        order_no  product_code  quantity
        SHORT-1   S1            12        <- short-stock transfer
        SHORT-2   S1            240       <- short-stock transfer
        SHORT-3   S2            12        <- short-stock transfer
    """),
    Case("release-not-authorised", """
        order_no  unit_price
        REL-3     85          <- discount-below-floor hold, release-not-authorised hold
    """),
    Case("release-unused", """
        order_no
        REL-4
                  <- release-unused info
    """, unseen=frozenset({"range"})),
)  # fmt: skip
"""At least one case of every rule. What no door sees alone says so in `unseen`, and the others are asked for it."""

UNREADABLE = """
    quantity  unit_price
    很多      100
    12        面议
"""
"""Rows that cannot be read: no rule speaks of them, but every door names them."""


def rows_of(text: str, name: str) -> Iterator[Row]:
    """Yield the lines of a text table in full."""
    for place, row in enumerate(text_rows(text) if text else [], start=1):
        yield {"order_no": f"{name}-{place}", **LINE, **row}


def region_rows() -> list[Row]:
    """Return all lines of the region's sheet; row 2 is the first."""
    return [row for case in CASES for row in rows_of(case.lines, case.rule)] + list(rows_of(UNREADABLE, "UNREAD"))


def write_team(folder: Path, day: date) -> None:
    """Write the cases as a team folder whose day it is."""
    inbox = folder / "区域订单" / f"{day}"
    _write(inbox / REGION, {SHEET: ("orders", region_rows())}, day)
    elsewhere = [row for case in CASES for row in rows_of(case.elsewhere, case.rule)]
    _write(inbox / OTHER_REGION, {SHEET: ("orders", elsewhere)}, day)
    for top, kinds in FOLDERS.items():
        sheets = {kind: (kind, text_rows(BASE[kind])) for kind in kinds}
        _write(folder / top / f"{top}.xlsx", sheets, day)


def _write(path: Path, sheets: Mapping[str, tuple[str, list[Any]]], day: date) -> None:
    book = openpyxl.Workbook()
    book.remove(book.active)
    for title, (kind, rows) in sheets.items():
        columns = COLUMNS if kind == "orders" else list(rows[0])
        page = book.create_sheet(title)
        page.append([HEADINGS[kind][name].split()[0] for name in columns])
        for row in rows:
            page.append([_cell(kind, name, row.get(name), day) for name in columns])
    path.parent.mkdir(parents=True, exist_ok=True)
    book.save(path)


def _cell(kind: str, name: str, text: str | None, day: date) -> Any:
    """Return a cell: dates by their distance from the day, numbers where the text is one, else the text."""
    if text is None:
        return None
    column = KINDS[kind].column(name)
    if column.type is Type.DATE:
        return datetime.combine(day + timedelta(days=int(text.removeprefix("d"))), time())
    return float(text) if column.type in NUMBERS and re.fullmatch(r"-?[\d.]+", text) else text
