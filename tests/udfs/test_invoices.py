"""Invoice requests: what may be invoiced, who has it, what is wrong, and that no fen is lost or counted twice."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from functools import cache
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.books import DAY, read
from udfs import invoices
from udfs.audit import audit
from udfs.findings import INFO, WRONG
from udfs.invoice_lines import form_details, in_form, is_tax_code
from udfs.invoice_requests import is_company
from udfs.invoice_serials import serials
from udfs.invoices import CHECKS, Given, join, judge
from udfs.money import fen_of_quotient
from udfs.wording import fill
from workbooks.labels import labels
from workbooks.schema import Policy

ORDER_HEADINGS = "订单号 | 合作商编码 | 产品编码 | 数量 | 单价 | 金额 | 类型 | 活动编号"
HEADINGS = "申请单号 | 合作商编码 | 订单号 | 开票金额 | 发票类型 | 开票名称 | 税号 | 地址 | 电话 | 开户行 | 账号 | 备注"
CODE = "1070223020000000000"
GOOD = "91350100M000100Y43"
TABLES = {
    "partners": f"""
合作商编码 | 合作商名称 | 级别 | 合同折扣 | 开票名称 | 税号 | 地址 | 电话 | 开户行 | 账号 | 发票类型
P1 | 甲商行   | A | 0.1 | 甲商贸公司 | {GOOD} | 福州路 1 号 | 0591-1 | 建行 | 622201 | 专票
P2 | 乙店     | A | 0.1 | 乙店       |        |             |        |      |        | 普票
P3 | 丙       | A | 0.1 | 王小明     |        |             |        |      |        | 普票
P4 | 丁公司   | A | 0.1 | 丁公司     | {GOOD} |             | 0591-4 |      | 622204 | 专票
""",
    "products": f"""
产品编码 | 产品名称 | 规格 | 单位 | 标准价 | 税收编码 | 税率
A | 面霜 | 50g   | 瓶 | 100  | {CODE} | 13%
B | 洗发水 | 400ml | 瓶 | 50 | {CODE} | 0.13
C | 礼盒 |       | 套 | 10   |        | 13%
D | 口红 | 3g    | 支 | 10   | 1070223000000000000 |
E | 精油 | 10ml  | 瓶 | 30   | 107022 | 0
""",
    "stock": "产品编码 | 现存量\nA | 100\nB | 10\nC | 100\nD | 100\nE | 100",
    "policies": "活动编号 | 适用产品 | 开始日期 | 结束日期 | 买 | 送\nH1 | 全部 | 2026-11-01 | 2026-11-30 | 1 | 10",
}
ORDERS = """
O1 | P1 | A | 10 | 80 |
O1 | P1 | A | 1  | 0  | 0   | 赠品 | H1   <- held: the campaign gives nothing to O1
O2 | P1 | B | 20 | 33.33 |                 <- 10 of them ship
O3 | P2 | A | 3  |    | 100                <- 33.333… each
O4 | P2 | A | 5  | 1  |                    <- held: below the floor
O5 | P4 | A | 2  | 80 | | 正品 | H1
O5 | P4 | A | 3  |    | | 赠品 | H1
"""


@cache
def table(kind: str, text: str) -> pd.DataFrame:
    """Return a reference table, read once."""
    return read(kind, text.strip()).frame


def joined(requests: str, orders: str = ORDERS, tables: Mapping[str, str] | None = None) -> Given:
    """Return requests joined with a day's audited lines; what follows `<-` is for people."""
    given = tuple({**TABLES, **(tables or {})}.items())
    asked = read("invoices", {"申请.xlsx": f"{HEADINGS}\n{requests.strip()}"})
    return join(asked.frame, audited(orders, given).copy(), frames(given), asked.cleaned)


def frames(tables: tuple[tuple[str, str], ...]) -> dict[str, pd.DataFrame]:
    return {kind: table(kind, text) for kind, text in tables if text}


@cache
def audited(orders: str, tables: tuple[tuple[str, str], ...]) -> pd.DataFrame:
    """Return a day's lines as the audit leaves them."""
    lines = read("orders", f"{ORDER_HEADINGS}\n{orders.strip()}").frame
    return audit(lines.assign(file=0), frames(tables), Policy(), DAY).lines


def found(day: Given, code: str) -> list[tuple[int, str]]:
    """Return the findings of a code: the request, and what it says."""
    said = labels().invoices[code].says
    batches = [batch for batch in judge(day)[0] if batch.rule == code]
    return [
        one for batch in batches for one in zip(batch.at.tolist(), fill(said, batch, day.requests, "zh"), strict=True)
    ]


CLEAN = """
K1 | P1 | O1 |        |
   | P2 | O3 | 100    | 普票 | 乙店 | 91350100M000100Y43
"""


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.code)
def test_nothing_is_found_where_all_is_well_or_blank(check: invoices.Check) -> None:
    assert found(joined(CLEAN), check.code) == []
    assert found(joined("K1 | P1"), check.code) == []


def test_every_check_is_worded_and_every_wording_checked() -> None:
    assert {check.code for check in CHECKS} == set(labels().invoices)


# ------------------------------------------------------------------------------------------------ what may be invoiced


def test_what_may_be_invoiced_of_a_day() -> None:
    billed = joined("K1 | P1").billed
    columns = ["order_no", "product_code", "quantity", "price", "amount", "tax", "net"]
    assert billed[columns].round(6).to_numpy(object).tolist() == [
        ["O1", "A", 10, 80, 80000, 9204, 70796],
        ["O2", "B", 10, 33.33, 33330, 3834, 29496],  # only what ships
        ["O3", "A", 3, round(100 / 3, 6), 10000, 1150, 8850],  # the line's own amount
        ["O5", "A", 2, 80, 16000, 1841, 14159],
        ["O5", "A", 3, 0, 0, 0, 0],  # given away
    ]
    assert billed["list_amount"].to_list() == [0, 0, 0, 0, 30000]
    assert billed["request"].to_list() == [0, 0, -1, -1, -1]


def test_an_amount_that_was_let_pass_stands_and_the_price_follows() -> None:
    releases = "订单号 | 规则 | 审批结果 | 审批人 | 岗位\nO1 | amount-mismatch | 放行 | 张三 | 主管"
    approvals = "岗位 | 可批折扣差\n主管 | 0.5"
    given = {"releases": releases, "approvals": approvals}
    billed = joined("K1 | P1", "O1 | P1 | A | 10 | 80 | 790", given).billed
    assert billed[["amount", "price"]].to_numpy().tolist() == [[79000, 79]]


def test_without_stock_nothing_may_be_invoiced_and_amounts_are_not_judged() -> None:
    day = joined("K1 | P1 | O1 | 5000", tables={"stock": ""})
    assert len(day.billed) == 0
    batches, not_run = judge(day)
    assert batches == []
    assert not_run == dict.fromkeys(("over-billable", "under-billable", "nothing-billable"), ("stock",))


def test_without_partners_their_data_are_not_judged() -> None:
    not_run = judge(joined("K1 | P1 | O1", tables={"partners": ""}))[1]
    assert {"invoice-data-missing", "tax-id-invalid"} <= set(not_run)
    assert not_run["over-billable"] == ("partners",)


def test_giveaways_stand_in_the_form_with_all_their_price_as_discount_or_not_at_all() -> None:
    billed = joined("K1 | P4").billed.assign(serial="S")
    asked = (billed["request"] == 0).to_numpy()
    assert in_form(billed, asked, giveaways=False).tolist() == [False, False, False, True, False]
    details = form_details(billed[in_form(billed, asked, giveaways=True)])
    assert details[["quantity", "unit_price", "amount", "discount"]].to_numpy().tolist() == [
        [2, 80, 16000, 0],
        [3, 100, 30000, 30000],
    ]
    assert details[["item_name", "spec", "unit", "tax_code", "tax_rate"]].iloc[0].to_list() == [
        "面霜", "50g", "瓶", CODE, 0.13,
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("code", "good"),
    [
        (CODE, True),
        ("1070223060000000000", True),
        ("1070223000000000000", False),  # the cosmetics' own summary code, and those above it
        ("1070200000000000000", False),
        ("1000000000000000000", False),
        ("107022302000000000", False),
        ("10702230200000000000", False),
        ("10702230200000000OO", False),
        ("１070223020000000000", False),
        ("", False),
        ("3040101000000000000", True),
    ],
)
def test_tax_codes(code: str, *, good: bool) -> None:
    assert is_tax_code(code) is good


@settings(max_examples=100, derandomize=True, deadline=None)
@given(
    st.lists(
        st.tuples(st.integers(0, 10**9), st.sampled_from([0.13, 0.09, 0.06, 0.03, 0.01, 0.05, 0.16, 0.17, 0.005, 1.0])),
        min_size=1,
        max_size=8,
    )
)
def test_tax_is_the_exact_quotient_rounded_half_up(rows: list[tuple[int, float]]) -> None:
    amount, rate = (np.array(column, dtype=float) for column in zip(*rows, strict=True))
    got = fen_of_quotient((np.round(amount / 100, 2), rate), [(1.0,), (rate,)])
    for (fen, one), tax in zip(rows, got.tolist(), strict=True):
        share = Fraction(repr(one))
        exact = fen - Fraction(fen) / (1 + share)
        assert tax == int(exact + Fraction(1, 2))


def test_quotients_of_nothing() -> None:
    blank, one = np.array([np.nan, 1.0, -1.005]), np.array([1.0, 0.0, 1.0])
    assert fen_of_quotient((blank,), [(one,)]).tolist() == [0, 0, -101]
    assert fen_of_quotient((np.array([0.03, 8.07]), 0.5), [(np.array([1.0, 3.0]),)]).tolist() == [2, 135]


# -------------------------------------------------------------------------------------------------- who has which line


def test_a_line_belongs_to_the_first_request_that_covers_it() -> None:
    day = joined("""
    K1 | p1 | o1 |
    K2 | P1 |    |       <- the rest of P1
    K3 | P2 | O1 |       <- another partner's order
    """)
    assert day.billed["request"].to_list() == [0, 1, -1, -1, -1]
    assert day.requests["amount"].to_list() == [80000, 33330, 0]
    assert day.requests["asked"].to_list() == [80000, 33330, 0]
    assert found(day, "duplicate-request") == []
    [(at, says)] = found(day, "nothing-billable")
    assert (at, "订单 O1 是合作商 P1 的" in says) == (2, True)


def test_requests_that_repeat_another() -> None:
    day = joined("""
    K1 | P1 | O1 |
    K2 | P1 | O1 | 800   <- the same order
    K1 | P2 | O3 |       <- the same number
    K4 | P1 | O2 |
    K5 | P1 |    | 9999  <- both orders of P1 are taken
    K6 | P9 | X  |
    K7 | P9 | X  |       <- nobody knows it, but it was asked for
       | P4 |    |
       | P2 | O4 |       <- no number is no number twice
    """)
    said = found(day, "duplicate-request")
    assert [at for at, _ in said] == [1, 2, 4, 6]
    assert said[0][1] == "与 申请.xlsx·Sheet1第 2 行 重复：同样的行已经申请过了。"
    assert "申请单号 K1 已经用过" in said[1][1]
    assert "第 2 行" in said[2][1]
    assert not {1, 4, 6} & {at for code in ("over-billable", "nothing-billable") for at, _ in found(day, code)}


def test_an_issued_request_keeps_its_lines_and_has_nothing_to_be_done() -> None:
    day = joined("""
    K1 | P1 |    |      | | | | | | | |
    K2 | P1 | O1 | 9999 | | | 短 | | | | | 已开 24512000000012345678   <- too much, and no tax number
    K3 | P1 | o1 |      | | | | | | | | 请尽快
    k2 | P2 |    |      | | | | | | | |                              <- its number again
    K5 | P9 | X  | 很多 | | | | | | | | 已 开票                       <- not accepted
    K6 | P9 | X  |      | | | | | | | | 已 开票
    K7 | P4 |    |      | | | | | | | | 未开                         <- data missing
    """)
    assert day.requests["issued"].to_list() == [False, True, False, False, True, False]
    assert day.billed["request"].to_list() == [1, 0, 3, 5, 5]
    assert day.requests["amount"].to_list() == [33330, 80000, 0, 10000, 0, 16000]
    told = {at for batch in judge(day)[0] for at in batch.at.tolist()}
    assert told == {2, 3, 5}
    assert [at for at, _ in found(day, "duplicate-request")] == [2, 3]
    assert found(day, "duplicate-request")[0][1].startswith("与 申请.xlsx·Sheet1第 3 行 重复")


# ------------------------------------------------------------------------------------------------------------- serials


def numbered(requests: str) -> list[str]:
    """Return the serials of requests, which need not be found in any order."""
    return list(serials(read("invoices", f"{HEADINGS}\n{requests.strip()}").frame, DAY))


@pytest.mark.parametrize(
    ("number", "serial"),
    [
        ("KP2611-001", "KP2611001"),
        ("kp/26.11 (7)", "KP26117"),
        ("１２", "12"),
        ("12345678901234567890", "12345678901234567890"),
        ("123456789012345678901", "20261121310380747837"),  # too long
        ("KP2611-001补", "20261121389960270040"),  # without its last sign it would be another's
        ("--", "20261121983981102964"),
        ("", "20261121943759617722"),
    ],
)
def test_a_serial_is_the_requests_own_number_or_follows_from_what_it_asks_for(number: str, serial: str) -> None:
    assert numbered(f"{number} | P1 | O1") == [serial]
    assert numbered(f"K9 | P2 | O2\n{number.lower()} | p1 | o1\n | P1 |")[1] == serial


def test_numbers_that_come_to_the_same_are_told_apart_and_one_used_twice_is_the_firsts() -> None:
    first, second, third = numbered("K-1 | P1 | O1\nK1 | P1 | O2\nk1 | P1 | O3")
    assert first[:8] == second[:8] == third[:8] == "20261121"
    assert numbered("K1 | P1 | O2\nk1 | P1 | O3")[0] == "K1"
    assert len({first, second, third}) == 3


@settings(max_examples=30, derandomize=True, deadline=None)
@given(
    st.lists(
        st.tuples(
            st.sampled_from(["K1", "K-1", "k1", None, "20261121943759617722"]),
            st.sampled_from(["P1", "p1", "P2"]),
            st.sampled_from(["O1", None]),
        ),
        min_size=1,
        max_size=9,
    )
)
def test_no_two_serials_are_alike_and_all_fit_the_form(rows: list[tuple[str | None, ...]]) -> None:
    given = pd.DataFrame(rows, columns=["request_no", "partner_code", "order_no"], dtype=object)
    found = list(serials(given, DAY))
    assert len(set(found)) == len(rows)
    assert all(0 < len(serial) <= 20 and serial.isascii() and serial.isalnum() for serial in found)


def test_a_serial_stays_when_another_request_goes() -> None:
    rows = ["KP-1 | P1 | O1", " | P1 | O2", "第三张 | P2 |", " | P2 | O3"]
    all_of_them = numbered("\n".join(rows))
    for gone in range(len(rows)):
        left = [row for at, row in enumerate(rows) if at != gone]
        assert numbered("\n".join(left)) == [serial for at, serial in enumerate(all_of_them) if at != gone]


# ------------------------------------------------------------------------------------------------------------- amounts


def test_requests_for_more_than_may_be_invoiced() -> None:
    day = joined("""
    K1 | P1 | O1 | 800.01
    K2 | P1 | O2 | 666.60    <- only half of it ships
    K3 | P2 | O4 | 5         <- held
    K4 | P2 | O7 | 5         <- not today
    K5 | P9 |    | 5
    K6 | P2 | O3 | 100
    """)
    says = dict(found(day, "over-billable"))
    assert list(says) == [0, 1, 2, 3, 4]
    head = "申请 800.01 元，可开只有 800.00 元，多 0.01 元。"
    assert says[0] == f"{head}待批 1 行，还不能开。"
    assert says[1].endswith("缺货、停产或只发一部分 1 行，还不能开。")
    assert says[2].endswith("待批 1 行，还不能开。")
    assert says[3].endswith("今天的订单里没有 O7，是别的日子的（或者订单号不对），这里只开今天的订单。")
    assert says[4].endswith("合作商 P9 今天没有订单，这里只开今天的订单。")


def test_what_others_have_is_named() -> None:
    day = joined("K1 | P1 | O1 |\nK2 | P1 | | 1133.30")
    [(at, says)] = found(day, "over-billable")
    assert at == 1
    assert "多 800.00 元" in says
    day = joined("K1 | P1 | O1\nK2 | P1 | | 29", "O1 | P1 | A | 1 | 80\nO2 | P1 | A | 1 | 20")
    assert found(day, "over-billable") == [
        (1, "申请 29.00 元，可开只有 20.00 元，多 9.00 元。另外 80.00 元已由别的申请开了。")
    ]


def test_requests_for_less_than_may_be_invoiced() -> None:
    day = joined("""
    K1 | P1 | O1 | 799.99
    K2 | P1 | O2 | 333.30
    K3 | P2 | O3 | -100     <- money back is no part of an invoice
    K4 | P4 |    | 0
    """)
    assert [at for at, _ in found(day, "under-billable")] == [0, 2, 3]
    assert found(day, "under-billable")[0][1].startswith("申请 799.99 元，可开 800.00 元，少 0.01 元。")


def test_requests_with_nothing_to_be_invoiced() -> None:
    orders = f"{ORDERS.strip()}\nO6 | P3 | A | 1 | | | 赠品 | H1\nO6 | P3 | A | 1 | 1 |"
    day = joined("K1 | P2 | O4 |\nK2 | P3 | O9 | 0", orders)
    assert [(at, says.removeprefix("今天没有可以开票的行。")) for at, says in found(day, "nothing-billable")] == [
        (0, "待批 1 行，还不能开。"),
        (1, "今天的订单里没有 O9，是别的日子的（或者订单号不对），这里只开今天的订单。"),
    ]


def test_what_is_longer_than_the_form_takes_keeps_a_request_out(monkeypatch: pytest.MonkeyPatch) -> None:
    assert found(joined("K1 | P1 | O1"), "text-too-long") == []
    monkeypatch.setattr(invoices, "LONGEST", {"address": 2, "phone": 50, "bank": 1})
    assert found(joined("K1 | P1 | O1"), "text-too-long") == [
        (0, "税局的导入表放不下：地址最多 2 个字、开户行最多 1 个字。")
    ]


def test_more_lines_than_an_invoice_takes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(invoices, "MOST_LINES", 1)
    assert found(joined("K1 | P4\nK2 | P1 | O1"), "too-many-lines") == [(0, "这张申请有 2 行，一张发票最多 1 行。")]


# ------------------------------------------------------------------------------------------------- buyers and products


@pytest.mark.parametrize(
    ("request_row", "says"),
    [
        ("K1 | P4 | O5", "开专票还缺地址、开户行。"),
        ("K1 | P4 | O5 | | | | | 古田路 4 号 | | 建行", ""),  # the request fills the gaps
        ("K1 | P4 | O5 | | 普票", ""),
        ("K1 | P2 | O3", "开普票还缺税号。"),  # a shop is no person
        ("K1 | P3 | O3", ""),
        ("K1 | P3 | O3 | | 专票", "开专票还缺税号、地址、电话、开户行、账号。"),
        ("K1 | P3 | O3 | | 增值税专用发票", "开专票还缺税号、地址、电话、开户行、账号。"),
        ("K1 | P3 | O3 | | 收据", "发票类型“收据”看不懂，应为专票或普票；还缺发票类型。"),
        (f"K1 | P3 | O3 | | | {'长' * 101}公司 | {GOOD}", "开普票还缺开票名称。"),
        ("K1 | X9 | O3 | | 普票 | 王小明", "合作商编码 X9 不在合作商档案里，不知道开给谁。"),
    ],
)
def test_data_of_the_buyer(request_row: str, says: str) -> None:
    assert [text for _, text in found(joined(request_row), "invoice-data-missing")] == (
        [f"资料不全：{says}"] if says else []
    )


def test_a_partner_without_an_invoice_type() -> None:
    partners = "合作商编码 | 合作商名称 | 级别 | 开票名称\nP1 | 甲 | A |"
    day = joined("K1 | P1 | O1", tables={"partners": partners + "甲公司"})
    assert found(day, "invoice-data-missing") == [(0, "资料不全：不知道开专票还是普票，还缺发票类型、税号。")]


@pytest.mark.parametrize(
    ("title", "company"),
    [
        ("王小明", False),
        ("欧阳 修文", False),
        ("买买提·吐尔逊", False),
        ("个人", False),
        ("丽人坊（个人）", False),
        ("乙店", True),
        ("广州北京路直营店", True),
        ("甲商贸公司", True),
        ("大庆油田采油六组", True),
    ],
)
def test_who_is_a_company(title: str, *, company: bool) -> None:
    assert is_company(title) is company


@pytest.mark.parametrize(
    ("number", "severity"),
    [
        (GOOD, None),
        ("91350100M000100Y4Z", WRONG),
        ("110108123456789", INFO),  # an old number of 15 places
        ("N2340100M000100Y4", WRONG),
        ("913501000001000", WRONG),  # cut short: no province begins with 91
    ],
)
def test_tax_numbers(number: str, severity: int | None) -> None:
    day = joined(f"K1 | P3 | O3 | | 普票 | 王小明 | {number}")
    batches = [batch for batch in judge(day)[0] if batch.rule == "tax-id-invalid"]
    assert [batch.effect.tolist() for batch in batches] == ([] if severity is None else [[severity]])


def test_tax_codes_and_rates_are_named_once_per_request_and_product() -> None:
    orders = "\n".join(f"{order} | P1 | {product} | 1 | 10" for order in ("O1", "O2") for product in "ACCDE")
    orders = orders.replace("C | 1 | 10\nO1 | P1 | C | 1", "C | 1 | 10\nO1 | P1 | c | 2", 1)
    day = joined("K1 | P1 | O1", orders)
    assert [says.removeprefix("产品 ") for _, says in found(day, "tax-code-missing")] == [
        "C 礼盒 没有税收编码。",
        "D 口红 的税收编码“1070223000000000000”是汇总编码，不能开票。",
        "E 精油 的税收编码“107022”不是 19 位数字。",
    ]
    assert [says[:7] for _, says in found(day, "tax-rate-missing")] == ["产品 D 口红", "产品 E 精油"]
    billed = day.billed[day.billed["request"] == 0]
    assert billed.loc[billed["tax_rate"].isna(), ["tax", "net"]].to_numpy().tolist() == [[0, 1000]] * 2


def test_cleaned_numbers_are_told() -> None:
    assert found(joined("K1 | P1 | O1 | ￥800元"), "cleaned-value") == [(0, "开票金额 写作“￥800元”，按 800 读取。")]


# ---------------------------------------------------------------------------------------------------------- properties

PRICE = st.decimals(10, 200, places=2).map(str)
LINE = st.tuples(
    st.sampled_from(["O1", "o1", "O2", "O3"]), st.sampled_from(["P1", "P2", "p2", "X"]), st.sampled_from("ABC"),
    st.integers(1, 9), PRICE,
)  # fmt: skip
REQUEST = st.tuples(
    st.sampled_from(["K1", "K2", "K3", ""]), st.sampled_from(["P1", "p1", "P2", "P3", "X"]),
    st.sampled_from(["", "O1", "O2", "o3", "O9"]), st.one_of(st.just(""), PRICE), *[st.just("")] * 7,
    st.sampled_from(["", "", "已开"]),
)  # fmt: skip


@settings(max_examples=14, derandomize=True, deadline=None)  # each reads and audits a day
@given(st.lists(LINE, min_size=4, max_size=15), st.lists(REQUEST, min_size=3, max_size=8))
def test_every_fen_is_asked_for_once_or_not_at_all(lines: list[tuple[Any, ...]], asked: list[tuple[str, ...]]) -> None:
    orders = "\n".join(
        f"{order} | {partner} | {product} | {pieces} | {price}" for order, partner, product, pieces, price in lines
    )
    day = joined("\n".join(" | ".join(row) for row in asked), orders)
    billed, requests = day.billed, day.requests
    assert (billed["tax"] + billed["net"] == billed["amount"]).all()
    of = billed["request"].to_numpy()
    for name in ("amount", "tax", "net"):
        assert requests[name].sum() == billed[name].to_numpy()[of >= 0].sum()
    assert requests["has"].sum() == (of >= 0).sum()
    keys = [(row[1].upper(), row[2].upper()) for row in asked]
    for place, line in enumerate(billed.to_dict("records")):
        own = (line["partner_code"].upper(), line["order_no"].upper())
        covering = [at for at, (partner, order) in enumerate(keys) if partner == own[0] and order in {"", own[1]}]
        covering.sort(key=lambda at: not asked[at][-1])  # what is issued comes first
        assert of[place] == (covering[0] if covering else -1)
    batches, _ = judge(day)
    issued = {at for at, row in enumerate(asked) if row[-1]}
    assert not issued & {at for batch in batches for at in batch.at.tolist()}
    repeated = next((set(batch.at.tolist()) for batch in batches if batch.rule == "duplicate-request"), set())
    amounts = [batch for batch in batches if batch.rule in {"over-billable", "under-billable", "nothing-billable"}]
    told = [at for batch in amounts for at in batch.at.tolist()]
    assert len(told) == len(set(told)), "one sentence on a request's amount is enough"
    for at in set(range(len(requests))) - issued - repeated - set(told):
        assert int(requests["asked"].to_numpy()[at]) == int(requests["amount"].to_numpy()[at])
