"""Sheets read as tables (domain.md §2, §3): what is accepted, what is rejected and why, and that nothing is lost."""

import random
from collections.abc import Sequence
from datetime import date

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.books import DAY, column, raw_sheet, read, sorted_rows, told
from workbooks.labels import labels
from workbooks.reading import values
from workbooks.reading.problems import sentence
from workbooks.reading.recognise import heading_key
from workbooks.reading.rows import total_word
from workbooks.reading.tables import Table, read_table
from workbooks.schema import KINDS

Rows = Sequence[Sequence[str | None]]
POLICIES = "活动编号 | 适用产品 | 开始日期 | 结束日期 | 最低折扣"
HEAD = "订单号 | 合作商编码 | 产品编码 | 数量 | 单价 | 折扣 | 金额 | 下单日期 | 单位 | 类型 | 活动编号"


def orders(*rows: str, head: str = HEAD) -> Table:
    return read("orders", "\n".join([head, *rows]))


def control(table: Table) -> dict[str, float]:
    """Return the control sums of the only sheet."""
    (row,) = table.control.to_dict("records")
    return {str(name): value for name, value in row.items() if not str(name).startswith("source")}


# ---------------------------------------------------------------- a line and its provenance


def test_a_line_is_read_whole() -> None:
    table = read(
        "orders",
        """
        区域|订单号|下单日期|合作商编码|合作商名称|产品编码|产品名称|单位|数量|单价|折扣|金额|类型|活动编号|备注|客服专员
        华东|00123|2026/11/20|p 01|雅姿|010001|爽肤水|瓶|24|83.3|8.5折|1999.2|正品|HD01|加急|陈晓燕
        """,
    )
    (row,) = table.frame[[spec.name for spec in KINDS["orders"].columns]].to_dict("records")
    assert row.pop("order_date").date() == date(2026, 11, 20)
    assert row == {
        "region": "华东", "order_no": "00123", "partner_code": "p01", "partner_name": "雅姿", "product_code": "010001",
        "product_name": "爽肤水", "unit": "瓶", "quantity": 24, "unit_price": 83.3, "discount": 0.85, "amount": 1999.2,
        "line_type": "paid", "campaign": "HD01", "remark": "加急", "clerk": "陈晓燕",
    }  # fmt: skip
    assert table.problems == ()


def test_every_line_keeps_its_file_sheet_and_row() -> None:
    table = read(
        "orders",
        {
            "华东/一.xlsx": raw_sheet(f"\n\n{HEAD}\nD1 | P1 | A1 | 1\n\nD2 | P1 | A1 | 1", "订单"),
            "二.csv": raw_sheet(f"{HEAD}\nD3 | P1 | A1 | 1", "CSV"),
        },
    )
    places = table.frame[["source_file", "source_sheet", "source_row", "sheet"]].to_numpy().tolist()
    assert places == [["华东/一.xlsx", "订单", 3, 0], ["华东/一.xlsx", "订单", 5, 0], ["二.csv", "CSV", 2, 1]]


def test_columns_a_sheet_lacks_are_blank() -> None:
    table = read(
        "orders",
        {
            "一.xlsx": "订单号 | 合作商编码 | 产品编码 | 数量\nD1 | P1 | A1 | 1",
            "二.xlsx": "数量 | 金额 | 产品编码 | 合作商编码 | 订单号\n2 | 9 | A2 | P2 | D2",
        },
    )
    assert column(table, "order_no") == ["D1", "D2"]
    assert column(table, "amount") == [None, 9]
    assert column(table, "campaign") == [None, None]
    assert list(table.frame.columns) == [
        *(spec.name for spec in KINDS["orders"].columns), "sheet", "source_row", "source_file", "source_sheet"
    ]  # fmt: skip


# ---------------------------------------------------------------- what stands in for a blank


def test_the_region_is_the_cells_else_the_files_name() -> None:
    regional = """
        区域 | 订单号 | 合作商编码 | 产品编码 | 数量
        华东 | D1     | P1         | A1       | 1
             | D2     | P1         | A1       | 1
    """
    table = read("orders", {"华东/苏皖-王丽娟.xlsx": regional, "西南订单.v2.ods": f"{HEAD}\nD3 | P1 | A1 | 1"})
    assert column(table, "region") == ["华东", "苏皖-王丽娟", "西南订单.v2"]


def test_a_blank_order_date_is_no_problem() -> None:
    table = orders("D1 | P1 | A1 | 1 ||||", "D2 | P1 | A1 | 1 |||| 3月11日")
    assert table.problems == ()
    assert table.frame["order_date"].isna().tolist() == [True, False]
    assert table.frame["order_date"].iloc[1].date() == date(2026, 3, 11)


# ---------------------------------------------------------------- rejected rows


@pytest.mark.parametrize(
    ("row", "problems"),
    [
        ("D1 | P1 | A1 | 5 | 9.9 | 0.85 | 49.5 | 2026-11-21", []),
        ("D1 | P1 | A1 | 5", []),
        # a required value is missing
        ("   | P1 | A1 | 5", [("missing-value", "A2", "")]),
        ("D1 |    | A1 | 5", [("missing-value", "B2", "")]),
        ("D1 | P1 | ␣␣ | 5", [("missing-value", "C2", "")]),
        ("D1 | P1 | A1 |  ", [("missing-value", "D2", "")]),
        # a number, rate or date cannot be read
        ("D1 | P1 | A1 | abc", [("not-a-number", "D2", "abc")]),
        ("D1 | P1 | A1 | —", [("not-a-number", "D2", "—")]),
        ("D1 | P1 | A1 | 12箱", [("not-a-number", "D2", "12箱")]),
        ("D1 | P1 | A1 | 12箱 ||||| 箱", []),
        ("D1 | P1 | A1 | 1,47", [("not-a-number", "D2", "1,47")]),
        ("D1 | P1 | A1 | 5 | 面议", [("not-a-number", "E2", "面议")]),
        ("D1 | P1 | A1 | 5 | 9.9 | 101%", [("not-a-rate", "F2", "101%")]),
        ("D1 | P1 | A1 | 5 | 9.9 | 0.85 | 待定", [("not-a-number", "G2", "待定")]),
        ("D1 | P1 | A1 | 5 |||| 31/12/2019", [("not-a-date", "H2", "31/12/2019")]),
        ("D1 | P1 | A1 | 5 |||| 2019-02-30", [("not-a-date", "H2", "2019-02-30")]),
        # an error, or a formula never calculated, is never a blank
        ("D1 | P1 | A1 | #N/A", [("error-cell", "D2", "#N/A")]),
        ("D1 | P1 | A1 | =?", [("uncalculated", "D2", "")]),
        ("#REF! | P1 | A1 | 5", [("error-cell", "A2", "#REF!")]),
        ("D1 | P1 | A1 | 5 | #DIV/0!", [("error-cell", "E2", "#DIV/0!")]),
        ("D1 | P1 | A1 | 5 || =?", [("uncalculated", "F2", "")]),
        ("D1 | P1 | A1 | 5 |||| #VALUE!", [("error-cell", "H2", "#VALUE!")]),
        ("D1 | P1 | A1 | 5 ||||| #N/A", [("error-cell", "I2", "#N/A")]),
        ("D1 | P1 | A1 | 5 |||||| #N/A", [("error-cell", "J2", "#N/A")]),
        ("D1 | P1 | A1 | 5 ||||||| =?", [("uncalculated", "K2", "")]),
        # several problems: all of them told, left to right, and one row rejected
        ("| P1 | | abc | =? | x | #N/A", [
            ("missing-value", "A2", ""), ("missing-value", "C2", ""), ("not-a-number", "D2", "abc"),
            ("uncalculated", "E2", ""), ("not-a-rate", "F2", "x"), ("error-cell", "G2", "#N/A"),
        ]),
    ],
)  # fmt: skip
def test_a_row_is_rejected_with_its_reason_and_address(row: str, problems: list[tuple[str, str, str]]) -> None:
    table = orders(f"{row}", "D9 | P9 | A9 | 9")
    assert told(table.problems) == problems
    assert column(table, "order_no") == (["D9"] if problems else ["D1", "D9"])
    assert {problem.source_row for problem in table.problems} == ({2} if problems else set())
    sums = control(table)
    assert (sums["rows"], sums["accepted"], sums["rejected"]) == (2, 1 if problems else 2, 1 if problems else 0)


def test_a_problem_names_file_sheet_row_cell_heading_and_value() -> None:
    sheet = raw_sheet("\n\n序号 | 订单号 | 合作商编码 | SKU | 订购数量（支） \n1 | D1 | P1 | A1 | 约5", "订单")
    (problem,) = read("orders", {"华东/一.xlsx": sheet}).problems
    assert (problem.source_file, problem.source_sheet) == ("华东/一.xlsx", "订单")
    assert (problem.source_row, problem.cell, problem.value) == (3, "E3", "约5")
    assert problem.fields["heading"] == "订购数量（支）"
    assert "订购数量（支）" in sentence(problem)
    assert "约5" in sentence(problem)


def test_problems_stand_in_source_order() -> None:
    table = read(
        "orders",
        {
            "一.xlsx": "数量 | 订单号 | 合作商编码 | 产品编码\nx | D1 | P1 | A1\n1 | D2 | | \n#N/A | | P1 | A1",
            "二.xlsx": "订单号 | 合作商编码 | 产品编码 | 数量\nD4 | P1 | | 1",
        },
    )
    assert [problem.cell for problem in table.problems] == ["A2", "C3", "D3", "A4", "B4", "C2"]
    assert [problem.source_file for problem in table.problems] == ["一.xlsx"] * 5 + ["二.xlsx"]


def test_a_line_that_only_lacks_its_order_number_is_rejected_and_no_total() -> None:
    table = orders("D1 | P1 | A1 | 5", "   | P1 | A2 | 6 || 10折 |||| 合计")
    assert told(table.problems) == [("missing-value", "A3", "")]
    assert control(table)["rejected_quantity"] == 6


def test_a_merged_error_rejects_all_its_lines() -> None:
    sheet = raw_sheet(f"{HEAD}\nD1 | P1 | A1 | 5 |||| #REF!\nD1 | P1 | A2 | 6\nD2 | P1 | A3 | 7", merged=["H2:H3"])
    table = read("orders", sheet)
    assert told(table.problems) == [("error-cell", "H2", "#REF!"), ("error-cell", "H3", "#REF!")]
    assert column(table, "order_no") == ["D2"]


def test_a_rejected_row_is_in_no_other_table_either() -> None:
    table = read(
        "stock",
        """
        产品编码 | 现存量 | 已分配
        A1       | 5      | 1
        A2       | 很多   | 0       <- B3
        A3       | 7      | ?       <- C4
                 | 8      | 0       <- A5
        """,
    )
    assert column(table, "product_code") == ["A1"]
    assert told(table.problems) == [
        ("not-a-number", "B3", "很多"), ("not-a-number", "C4", "?"), ("missing-value", "A5", ""),
    ]  # fmt: skip


def test_other_kinds_name_their_own_rates_dates_and_choices() -> None:
    table = read("policies", f"{POLICIES}\nH1 | 全部 | 待定 | 2026-11-30 | 很低")
    assert told(table.problems) == [("not-a-date", "C2", "待定"), ("not-a-rate", "E2", "很低")]
    table = read(
        "releases",
        """
        订单号 | 规则   | 审批结果 | 审批人 | 岗位
        D1     | unpaid | 放行     | 周     | 总监
        D2     | unpaid | 再议     | 周     | 总监    <- C3
        """,
    )
    assert told(table.problems) == [("not-a-choice", "C3", "再议")]
    assert "放行" in sentence(table.problems[0])
    assert column(table, "verdict") == ["release"]


# ---------------------------------------------------------------- cleaned values


def test_a_number_read_through_units_is_reported_with_its_line() -> None:
    table = orders(
        "D1 | P1 | A1 | 5",
        "D2 | P1 | A1 | abc",
        "D3 | P1 | A1 | 1473个 | 86元/支 || ¥1,234.50 || 支",
        "D4 | P1 | A1 | 5个 | 面议             <- rejected: nothing of it is reported cleaned",
        "D5 | P1 | A1 | 12箱 ||||| 箱",
    )
    cleaned = table.cleaned.sort_values(["line", "heading"]).to_numpy().tolist()
    assert cleaned == [
        [1, "单价", "86元/支", 86], [1, "数量", "1473个", 1473], [1, "金额", "¥1,234.50", 1234.5],
        [2, "数量", "12箱", 12],
    ]  # fmt: skip
    assert column(table, "order_no") == ["D1", "D3", "D5"]


# ---------------------------------------------------------------- total rows


def stated(table: Table) -> list[list[object]]:
    names = ["source_row", "word", "name", "stated", "sum"]
    return [list(row) for row in table.totals[names].itertuples(index=False)]


def test_a_total_row_is_compared_with_what_it_closes() -> None:
    table = orders(
        "D1 | P1 | A1 | 5 | || 50",
        "D2 | P1 | A1 | 6 | || 60.10",
        "小计 |  |    | 11 | || 110.10",
        "D3 | P1 | A1 | 7 | || 70",
        "小计 |  |    | 8 | || 70          <- 7, not 8",
        "总计 |  |    | 18 | || 180.1",
    )
    assert stated(table) == [
        [4, "小计", "quantity", 11, 11], [4, "小计", "amount", 110.1, 110.1],
        [6, "小计", "quantity", 8, 7], [6, "小计", "amount", 70, 70],
        [7, "总计", "quantity", 18, 18], [7, "总计", "amount", 180.1, 180.1],
    ]  # fmt: skip
    assert (control(table)["stated_quantity"], control(table)["stated_amount"]) == (18, 180.1)
    assert table.totals["heading"].tolist() == ["数量", "金额"] * 3
    assert table.problems == ()


def test_a_total_closes_rejected_lines_too_where_they_can_be_read() -> None:
    table = orders(
        "D1   | P1 | A1 | 5   ||| 50",
        "D2   |    | A1 | 6   ||| 60",
        "D3   | P1 | A1 | abc ||| 70",
        "合计 |    |    | 18  ||| 180",
    )
    assert stated(table) == [[5, "合计", "quantity", 18, 11], [5, "合计", "amount", 180, 180]]


def test_a_total_that_states_no_number_is_compared_with_nothing() -> None:
    table = orders("D1 | P1 | A1 | 5 ||| 50", "合计 | | | |||", "总计 | | | #N/A ||| =?", "总计 | | | 见附表 ||| 50元")
    assert stated(table) == [[5, "总计", "amount", 50, 50]]


def test_each_sheet_has_its_own_totals() -> None:
    head = "订单号 | 合作商编码 | 产品编码 | 数量"
    table = read(
        "orders",
        {
            "一.xlsx": f"{head}\nD1 | P1 | A1 | 5\n合计 | | | 5",
            "二.xlsx": f"{head}\nD2 | P1 | A1 | 6\nD3 | P1 | A1 | 7\n合计 | | | 14",
            "三.xlsx": f"{head}\nD4 | P1 | A1 | 8",
        },
    )
    assert stated(table) == [[3, "合计", "quantity", 5, 5], [4, "合计", "quantity", 14, 13]]
    assert table.totals["source_file"].tolist() == ["一.xlsx", "二.xlsx"]
    np.testing.assert_array_equal(table.control["stated_quantity"], [5, 14, np.nan])


# ---------------------------------------------------------------- control sums


def test_control_sums_prove_that_in_is_out_and_rejected() -> None:
    table = orders(
        "D1 | P1 | A1 | 5 ||| 50",
        "D2 | P1 | A1 | 6个 ||| 60",
        "",
        "D3 |    | A1 | 7 ||| 70    <- rejected",
        "D4 | P1 | A1 | x ||| 80    <- rejected, its quantity unknown",
        "合计 |  |    | 18 ||| 260",
    )
    sums = control(table)
    assert (sums["rows"], sums["accepted"], sums["rejected"]) == (4, 2, 2)
    assert (sums["quantity"], sums["rejected_quantity"], sums["stated_quantity"]) == (11, 7, 18)
    assert (sums["amount"], sums["rejected_amount"], sums["stated_amount"]) == (110, 150, 260)


def test_every_sheet_has_a_control_row_even_without_lines() -> None:
    table = read("orders", {"一.xlsx": HEAD, "二.xlsx": f"{HEAD}\nD1 | P1 | A1 | 5"})
    counts = table.control[["source_file", "rows", "accepted"]].to_numpy().tolist()
    assert counts == [["一.xlsx", 0, 0], ["二.xlsx", 1, 1]]


def test_no_sheets_at_all_are_an_empty_table() -> None:
    table = read_table("stock", [], DAY)
    assert len(table.frame) == len(table.control) == 0
    assert list(table.frame.columns[:2]) == ["product_code", "warehouse"]


# ---------------------------------------------------------------- reference tables


def test_two_sheets_of_a_reference_kind_are_stacked() -> None:
    table = read(
        "stock",
        {
            "库存/广州.xlsx": "产品编码 | 现存量 | 仓库\nA1 | 5 | 广州",
            "库存/武汉.xlsx": "现有库存 | SKU\n7 | A1\n8 | A2",
        },
    )
    assert table.frame[["product_code", "on_hand", "source_file"]].to_numpy().tolist() == [
        ["A1", 5, "库存/广州.xlsx"], ["A1", 7, "库存/武汉.xlsx"], ["A2", 8, "库存/武汉.xlsx"],
    ]  # fmt: skip
    assert table.problems == ()


def test_of_a_repeated_partner_the_first_row_counts() -> None:
    table = read(
        "partners",
        {
            "一.xlsx": "合作商编码 | 合作商名称 | 级别\nP1 | 雅姿 | A\np 1 | 雅姿二 | B   <- the same, by comparison",
            "二.xlsx": "合作商编码 | 合作商名称 | 级别\nP2 | 丽妍 | B\nP1 | 雅姿三 | C",
        },
    )
    assert column(table, "partner_name") == ["雅姿", "丽妍"]
    assert column(table, "partner_code") == ["P1", "P2"]
    assert [(p.code, p.source_file, p.cell, p.value) for p in table.problems] == [
        ("duplicate-key", "一.xlsx", "A3", "p1"), ("duplicate-key", "二.xlsx", "A3", "P1")
    ]  # fmt: skip
    assert all("一.xlsx" in sentence(problem) for problem in table.problems)
    assert table.control[["rows", "accepted", "rejected"]].to_numpy().tolist() == [[2, 1, 1], [2, 1, 1]]


def test_a_rejected_row_takes_no_key() -> None:
    table = read("partners", "合作商编码 | 合作商名称 | 级别 | 合同折扣\nP1 | 雅姿 | A | 很低\nP1 | 雅姿 | A | 0.85")
    assert told(table.problems) == [("not-a-rate", "D2", "很低")]
    assert column(table, "contract_discount") == [0.85]


def test_of_a_repeated_campaign_the_first_row_counts() -> None:
    rows = ["H1 | 全部 | 2026-11-01 | 2026-11-30 | 0.6", "h1 | 全部 | 2026-11-01 | 2026-12-30 | 0.5"]
    table = read("policies", "\n".join([POLICIES, *rows]))
    assert column(table, "min_discount") == [0.6]
    assert told(table.problems) == [("duplicate-key", "A3", "h1")]


@pytest.mark.parametrize("order", [[0, 1, 2], [2, 1, 0], [1, 2, 0]])
def test_of_a_repeated_partner_in_finance_the_latest_date_counts(order: Sequence[int]) -> None:
    rows = ["P1 | 1 | 2026-11-19", "P1 | 2 | 2026-11-21", "P1 | 3 |"]
    table = read("finance", "\n".join(["合作商编码 | 账户余额 | 截止日期", *(rows[place] for place in order)]))
    assert column(table, "balance") == [2]
    assert [problem.code for problem in table.problems] == ["duplicate-key"] * 2


def test_of_finance_rows_of_one_date_the_first_counts() -> None:
    table = read(
        "finance",
        """
        合作商编码 | 账户余额 | 截止日期
        P1         | 1        | 2026-11-21
        P1         | 2        | 2026-11-21
        P2         | 3        |
        P2         | 4        |
        """,
    )
    assert column(table, "balance") == [1, 3]


def test_finance_rows_stay_in_source_order() -> None:
    table = read("finance", "合作商编码 | 账户余额 | 截止日期\nP2 | 1 | 2026-11-20\nP1 | 2 | 2026-11-21")
    assert column(table, "partner_code") == ["P2", "P1"]


def test_prices_and_supply_replies_may_repeat() -> None:
    head = "产品编码 | 产品名称 | 标准价 | 生效日期"
    table = read("products", f"{head}\nA1 | 水 | 98 | 2026-01-01\nA1 | 水 | 108 | 2026-11-01")
    assert column(table, "list_price") == [98, 108]
    assert read("supply", "产品编码 | 预计到货日期 | 预计数量\nA1 | 2026-12-01 | 5\nA1 | 2026-12-01 | 5").problems == ()


CONFIRMATIONS = "合作商编码 | 合作商名称 | 订单号 | 订单金额 | 系统判断 | 财务确认"


def test_a_row_without_confirmation_says_nothing() -> None:
    table = read("confirmations", f"{CONFIRMATIONS}\nP1 | 雅姿 | D1 | 50 | 没款 |\nP1 | 雅姿 | D2 | 60 | 没款 | 有款")
    assert table.frame[["order_no", "confirmation"]].to_numpy().tolist() == [["D2", "paid"]]
    assert table.problems == ()


def test_a_row_without_confirmation_says_nothing_about_its_other_cells_either() -> None:
    assert read("confirmations", f"{CONFIRMATIONS}\nP1 | 雅姿 | | 50 | 没款 |").problems == ()


def test_a_row_without_confirmation_does_not_hide_a_later_one() -> None:
    table = read(
        "confirmations",
        {
            "财务/昨天.xlsx": f"{CONFIRMATIONS}\nP1 | 雅姿 | D1 | 50 | 没款 |",
            "财务/今天.xlsx": f"{CONFIRMATIONS}\nP1 | 雅姿 | D1 | 50 | 没款 | 有款",
        },
    )
    assert table.frame[["order_no", "confirmation"]].to_numpy().tolist() == [["D1", "paid"]]
    assert table.problems == ()


def test_of_two_confirmations_of_an_order_the_first_counts() -> None:
    table = read("confirmations", f"{CONFIRMATIONS}\nP1 | | D1 | | | 有款\np1 | | d1 | | | 没款\nP2 | | D1 | | | 欠款")
    assert column(table, "confirmation") == ["paid", "indebted"]
    assert [problem.source_row for problem in table.problems] == [3]


def test_a_confirmation_that_is_no_word_of_finances_is_rejected() -> None:
    table = read("confirmations", f"{CONFIRMATIONS}\nP1 | | D1 | | | 应该有\nP1 | | D2 | | | #N/A\n | | D3 | | | 有款")
    assert told(table.problems) == [
        ("not-a-choice", "F2", "应该有"), ("error-cell", "F3", "#N/A"), ("missing-value", "A4", ""),
    ]  # fmt: skip
    assert "有款" in sentence(table.problems[0])
    assert column(table, "order_no") == []


# ---------------------------------------------------------------- no row is ever lost

HEADINGS = ["订单号", "合作商编码", "产品编码", "数量", "单价", "折扣", "金额", "下单日期", "单位", "类型", "备注"]
DIRTY = [
    None, None, None, "", " ", "\u3000", "D1", "D2", "00123", "P1", "A1", "合计", "小计", "总计", "合 计", "合计3箱",
    "1", "5", "-2", "12.5", "1,473", "1473个", "86元", "12箱", "箱", "1,47", "abc", "—", "TRUE", "0.85", "8.5折",
    "101%", "2026-11-21", "11月21日", "45000", "31/12/2019", "#N/A", "#REF!", "=?", "订单号", "数量", "赠品", "是",
]  # fmt: skip
CELLS = st.sampled_from(DIRTY) | st.text(st.characters(exclude_categories=["Cs"]), max_size=8)
LINE = st.tuples(*(st.sampled_from(["D1", "D2"]), st.just("P1"), st.just("A1")), *[CELLS] * 8).map(list)
ROW: st.SearchStrategy[Sequence[str | None]] = (
    st.lists(CELLS, min_size=11, max_size=11) | LINE | st.just([None] * 11) | st.just(HEADINGS)
)
GRIDS = st.lists(ROW, max_size=15)
MERGED = st.lists(
    st.tuples(st.sampled_from("ABCDGHK"), st.integers(1, 18), st.integers(0, 6)).map(
        lambda area: f"{area[0]}{area[1]}:{area[0]}{area[1] + area[2]}"
    ),
    max_size=3,
)


def is_blank(row: Sequence[str | None]) -> bool:
    return not any(cell and cell.strip() for cell in row)


def is_header(row: Sequence[str | None]) -> bool:
    return [heading_key(cell or "") for cell in row[:4]] == HEADINGS[:4]


def may_be_total(row: Sequence[str | None]) -> bool:
    """Tell whether a row has a total word in it and no order number."""
    order_no = (row[0] or "").strip()
    return any(cell and total_word(cell) for cell in row) and (not order_no or total_word(order_no) is not None)


@settings(derandomize=True, deadline=None, max_examples=15)
@given(rows=GRIDS, merged=MERGED, date1904=st.booleans())
def test_no_row_is_lost(rows: Rows, merged: Sequence[str], date1904: bool) -> None:  # noqa: FBT001 - hypothesis gives it
    sorted_out = sorted_rows(raw_sheet([HEADINGS, *rows], merged=merged, date1904=date1904))
    table = read_table("orders", [sorted_out], DAY)
    accepted = set(table.frame["source_row"].tolist())
    rejected = {problem.source_row for problem in table.problems}
    totals = {total.number for total in sorted_out.totals}
    assert len(accepted) == len(table.frame)
    assert not accepted & rejected
    assert not (accepted | rejected) & totals
    for number, row in enumerate(rows, start=2):
        if is_blank(row) or is_header(row):
            assert number not in accepted | rejected | totals
        else:
            assert number in accepted | rejected | totals
            assert number not in totals or may_be_total(row)
            if (row[0] or "").strip() in {"D1", "D2", "00123", "#N/A", "#REF!", "=?"}:
                assert number in accepted | rejected
    sums = control(table)
    assert sums["rows"] == sums["accepted"] + sums["rejected"]
    assert (sums["accepted"], sums["rejected"]) == (len(accepted), len(rejected))


@settings(derandomize=True, deadline=None, max_examples=15)
@given(rows=GRIDS)
def test_quantity_and_money_in_are_out_and_rejected(rows: Rows) -> None:
    sorted_out = sorted_rows(raw_sheet([HEADINGS, *rows]))
    table = read_table("orders", [sorted_out], DAY)
    lines = [rows[number - 2] for number in sorted_out.numbers.tolist()]
    sums = control(table)
    for name, place in (("quantity", 3), ("amount", 6)):
        came_in = [values.number(row[place] or "", row[8]) or 0.0 for row in lines]
        assert sums[name] + sums[f"rejected_{name}"] == pytest.approx(sum(came_in), abs=1e-5)
        assert sums[name] == pytest.approx(table.frame[name].sum(), abs=1e-5)


@settings(derandomize=True, deadline=None, max_examples=15)
@given(rows=GRIDS, chance=st.randoms(use_true_random=False))
def test_the_order_of_columns_changes_nothing(rows: Rows, chance: random.Random) -> None:
    order = chance.sample(range(11), 11)
    as_given, shuffled = (
        read("orders", raw_sheet([[row[place] for place in places] for row in [HEADINGS, *rows]]))
        for places in (range(11), order)
    )
    names = [spec.name for spec in KINDS["orders"].columns] + ["source_row"]
    assert as_given.frame[names].equals(shuffled.frame[names])
    assert as_given.control.equals(shuffled.control)
    assert {(problem.code, problem.source_row, problem.value) for problem in as_given.problems} == {
        (problem.code, problem.source_row, problem.value) for problem in shuffled.problems
    }


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_reads_arbitrary_cells(kind: str) -> None:
    headings = [words[0] for words in labels().kinds[kind].headings.values()]

    @settings(derandomize=True, deadline=None, max_examples=10)
    @given(rows=st.lists(st.lists(CELLS, min_size=len(headings), max_size=len(headings)), max_size=8))
    def reads(rows: Rows) -> None:
        sorted_out = sorted_rows(raw_sheet([headings, *rows]), kind=kind)
        table = read_table(kind, [sorted_out], DAY)
        told_of = {problem.source_row for problem in table.problems} | set(table.frame["source_row"].tolist())
        if kind != "confirmations":
            assert told_of == set(sorted_out.numbers.tolist())
        assert table.control["rows"].sum() == len(sorted_out.numbers)

    reads()
