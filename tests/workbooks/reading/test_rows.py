"""Which rows of a sheet are lines (domain.md §3): blank rows, repeated header rows and total rows are none."""

import pytest

from tests.books import raw_sheet, sorted_rows
from workbooks.reading.rows import Rows, Total, total_word

HEAD = "订单号 | 合作商编码 | 产品编码 | 数量 | 金额 | 备注"


def numbers(rows: Rows) -> list[int]:
    return [int(number) for number in rows.numbers]


def texts(rows: Rows, name: str) -> list[str | None]:
    found: list[str | None] = rows.columns[name].to_pylist()
    return found


def totals(rows: Rows) -> list[tuple[int, str, list[int]]]:
    """Return of each total row its number, its word and the row numbers it closes."""
    return [(total.number, total.word, rows.numbers[total.first : total.end].tolist()) for total in rows.totals]


def line(order_no: str, quantity: str = "1", remark: str = "") -> str:
    return f"{order_no} | P1 | A1 | {quantity} | | {remark}"


def sheet(*rows: str, head: str = HEAD) -> Rows:
    return sorted_rows("\n".join([head, *rows]))


# ---------------------------------------------------------------- row numbers


def test_every_line_keeps_excels_own_row_number() -> None:
    rows = sorted_rows("""

        华东大区日订单表

        订单号 | 合作商编码 | 产品编码 | 数量
        D1     | P1         | A1       | 5
               |            |          |           <- blank
        D2     | P1         | A2       | 6
        合计   |            |          | 11        <- total
        订单号 | 合作商编码 | 产品编码 | 数量      <- header
        D3     | P1         | A3       | 7
    """)
    assert numbers(rows) == [5, 7, 10]
    assert texts(rows, "order_no") == ["D1", "D2", "D3"]
    assert texts(rows, "quantity") == ["5", "6", "7"]
    assert (rows.source_file, rows.source_sheet) == ("订单.xlsx", "Sheet1")


def test_headings_are_kept_as_the_sheet_writes_them() -> None:
    rows = sheet("D1 | P1 | A1 | 5", head="单号 | 客户编码 | sku | 订购数量（支）")
    assert rows.headings == {
        "order_no": "单号", "partner_code": "客户编码", "product_code": "sku", "quantity": "订购数量（支）"
    }  # fmt: skip
    assert rows.indices == {"order_no": 0, "partner_code": 1, "product_code": 2, "quantity": 3}


def test_a_sheet_of_headings_alone_has_no_rows() -> None:
    rows = sheet()
    assert numbers(rows) == []
    assert rows.totals == ()


# ---------------------------------------------------------------- blank rows


@pytest.mark.parametrize("blank", ["", "|||", "␣|␣␣|\u3000|⏎|\u00a0|\t"])
def test_blank_rows_are_no_lines(blank: str) -> None:
    assert numbers(sheet(line("D1"), blank, line("D2"), blank, blank)) == [2, 4]


def test_a_row_that_holds_anything_is_a_line() -> None:
    assert numbers(sheet("||||| 加急", "| P1", "|||| 0.5", "- ||||")) == [2, 3, 4, 5]


def test_a_formula_filled_down_that_shows_zero_is_a_blank_row() -> None:
    assert numbers(sheet("|||| 0", line("D1"), "|||| 0.00")) == [3]


def test_a_row_whose_only_cell_is_outside_the_table_is_not_blank() -> None:
    assert numbers(sheet(line("D1"), "|||||| 经办人：王")) == [2, 3]


def test_an_error_is_never_a_blank() -> None:
    rows = sheet("||| #N/A ||", "|||=?||")
    assert numbers(rows) == [2, 3]
    assert rows.bad_cells == ((0, "quantity", "#N/A"), (1, "quantity", ""))


# ---------------------------------------------------------------- repeated header rows


@pytest.mark.parametrize(
    "repeated",
    [
        "订单号 | 合作商编码 | 产品编码 | 数量 | 金额 | 备注",
        "订单号 | 合作商编码 | 产品编码 | 数量",
        "␣订单号 | 合作商编码 | 产品编码 | 数量（支） | 金额⏎（元） | 备注",
        "订⏎单号 | 合作商⏎编码 | 产品 编码 | 数量 | 金额 | 备注",
        "订\u3000单\u3000号 | 合作商编码 | 产品编码 | 数量 | 金额 | 备注",
    ],
)
def test_repeated_header_rows_are_no_lines(repeated: str) -> None:
    assert numbers(sheet(line("D1"), repeated, line("D2"))) == [2, 4]


def test_a_repeated_header_is_compared_as_headings_are() -> None:
    rows = sheet("D1 | P1 | A1 | 5", "单号(必填) | 客户编码 | SKU | 数量", head="单⏎号 | 客户编码 | sku | 数量")
    assert numbers(rows) == [2]


def test_a_line_that_only_begins_like_a_header_is_a_line() -> None:
    assert numbers(sheet("订单号 | P1 | A1 | 5", "订单号 | | |")) == [2, 3]


# ---------------------------------------------------------------- total rows


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("合计", "合计"),
        ("小计", "小计"),
        ("总计", "总计"),
        ("合 计", "合计"),
        ("合\u3000计", "合计"),
        ("合\n计", "合计"),
        (" 总  计 ", "总计"),
        ("合计：", "合计"),
        ("合计:", "合计"),
        ("合计（元）", "合计"),
        ("本页小计", "小计"),
        ("华东合计", "合计"),
        ("合计金额", "合计"),
        ("共计", None),
        ("D1", None),
        ("", None),
    ],
)
def test_words_of_total_rows(text: str, word: str | None) -> None:
    assert total_word(text) == word


@pytest.mark.parametrize("word", ["合计", "小计", "总计", "合 计", "合\u3000计", "合⏎计", "合计：", "本页合计"])
@pytest.mark.parametrize("place", range(6))
def test_a_total_row_is_told_by_its_word_in_any_column(word: str, place: int) -> None:
    cells = ["", "", "", "11", "110", ""]
    cells[place] = word
    rows = sheet(line("D1"), "|".join(cells), line("D2"))
    assert numbers(rows) == [2, 4]
    assert [(total.number, total.word) for total in rows.totals] == [(3, total_word(word.replace("⏎", "\n")))]


def test_the_word_may_stand_in_a_column_nobody_reads() -> None:
    rows = sheet("1 | D1 | P1 | A1 | 5", "合计 | | | | 5", head="序号 | 订单号 | 合作商编码 | 产品编码 | 数量")
    assert numbers(rows) == [2]
    assert totals(rows) == [(3, "合计", [2])]


def test_a_total_row_keeps_what_it_states() -> None:
    rows = sheet(line("D1"), "合计 | | | 1,473 | 86元 |")
    assert rows.totals == (Total(3, "合计", {"quantity": "1,473", "amount": "86元"}, 0, 1),)


@pytest.mark.parametrize("remark", ["合计3箱", "总计见附表", "与D2小计"])
def test_a_line_with_an_order_number_stays_a_line(remark: str) -> None:
    rows = sheet(f"D1 | P1 | A1 | 5 | | {remark}", f"D2 | | | | | {remark}")
    assert numbers(rows) == [2, 3]
    assert rows.totals == ()


@pytest.mark.parametrize("remark", ["合计3箱", "总计"])
def test_a_line_that_only_lacks_its_order_number_is_not_swallowed(remark: str) -> None:
    rows = sheet(line("D1"), f"     | P1 | A1 | 5 | | {remark}  <- no order number", line("D2"))
    assert numbers(rows) == [2, 3, 4]
    assert rows.totals == ()


def test_a_line_of_a_merged_order_with_such_a_remark_is_not_swallowed() -> None:
    rows = sorted_rows(
        raw_sheet(
            """
            订单号 | 合作商编码 | 产品编码 | 数量 | 备注
            D1     | P1         | A1       | 5    |
                   |            | A2       | 6    | 合计两箱
            合计   |            |          | 11   |
            """,
            merged=["A2:A3", "B2:B3"],
        )
    )
    assert numbers(rows) == [2, 3]
    assert texts(rows, "order_no") == ["D1", "D1"]
    assert [total.number for total in rows.totals] == [4]


@pytest.mark.parametrize("row", ["#REF! | P1 | A1 | 5 |", "=? | | | |", " | #N/A | A1 | 5 |", " | P1 | =? | 5 |"])
def test_an_error_is_no_blank(row: str) -> None:
    rows = sheet(line("D1"), f"{row} | 合计  <- in the remark")
    assert numbers(rows) == [2, 3]
    assert rows.totals == ()


def test_other_tables_have_total_rows_too() -> None:
    rows = sorted_rows(
        """
        产品编码 | 仓库 | 现存量
        A1       | 广州 | 5
        A2       | 合计 | 6          <- a warehouse of that name
                 | 合计 | 11
        """,
        kind="stock",
    )
    assert numbers(rows) == [2, 3]
    assert [total.number for total in rows.totals] == [4]


# ---------------------------------------------------------------- what a total row closes


def test_a_total_closes_all_lines_above() -> None:
    assert totals(sheet(line("D1"), line("D2"), "合计")) == [(4, "合计", [2, 3])]


def test_each_block_has_its_subtotal_and_the_grand_total_closes_all() -> None:
    rows = sheet(line("D1"), line("D2"), "小计", line("D3"), "小计", "", "总计")
    assert totals(rows) == [(4, "小计", [2, 3]), (6, "小计", [5]), (8, "总计", [2, 3, 5])]


def test_a_total_closes_its_subtotals_blocks() -> None:
    rows = sheet(line("D1"), "小计", line("D2"), "小计", "合计", line("D3"), "小计", "合计", "总计")
    assert totals(rows) == [
        (3, "小计", [2]),
        (5, "小计", [4]),
        (6, "合计", [2, 4]),
        (8, "小计", [7]),
        (9, "合计", [7]),
        (10, "总计", [2, 4, 7]),
    ]


def test_blocks_closed_by_totals_and_a_last_one_of_all() -> None:
    rows = sheet(line("D1"), "合计", line("D2"), "合计", "合计")
    assert totals(rows) == [(3, "合计", [2]), (5, "合计", [4]), (6, "合计", [2, 4])]


def test_blank_and_header_rows_inside_a_block_close_nothing_more() -> None:
    rows = sheet(line("D1"), "", HEAD, line("D2"), "合计")
    assert totals(rows) == [(6, "合计", [2, 5])]


def test_a_total_without_lines_closes_none() -> None:
    assert totals(sheet("合计")) == [(2, "合计", [])]


# ---------------------------------------------------------------- merged cells


def merged(*areas: str) -> Rows:
    return sorted_rows(
        raw_sheet(
            """
            订单号 | 合作商编码 | 产品编码 | 数量 | 金额 | 下单日期   | 类型 | 备注
            D1     | P1         | A1       | 5    | 50   | 2026-11-20 | 赠品 | 加急
                   |            | A2       |      |      |            |      |
                   |            | A3       | 7    |      |            |      |
            D2     | P2         | A4       | 8    | 80   |            |      |
                   | P3         | A5       | 9    | 90   |            |      |
            """,
            merged=areas,
        )
    )


def test_a_merged_order_number_stands_on_all_its_rows() -> None:
    rows = merged("A2:A4", "B2:B4", "F2:F4", "G2:G4", "H2:H4")
    assert texts(rows, "order_no") == ["D1", "D1", "D1", "D2", None]
    assert texts(rows, "partner_code") == ["P1", "P1", "P1", "P2", "P3"]
    assert texts(rows, "order_date") == ["2026-11-20"] * 3 + [None] * 2
    assert texts(rows, "line_type") == ["赠品"] * 3 + [None] * 2
    assert texts(rows, "remark") == ["加急"] * 3 + [None] * 2


def test_a_merged_number_stands_once_and_is_not_multiplied() -> None:
    rows = merged("A2:A4", "D2:D3", "E2:E4")
    assert texts(rows, "quantity") == ["5", None, "7", "8", "9"]
    assert texts(rows, "amount") == ["50", None, None, "80", "90"]


def test_nothing_is_filled_down_without_a_merged_cell() -> None:
    assert texts(merged(), "order_no") == ["D1", None, None, "D2", None]


def test_a_merged_order_number_makes_no_lines_of_blank_rows() -> None:
    rows = sorted_rows(raw_sheet(f"{HEAD}\n{line('D1')}\n\n\n{line('D2')}", merged=["A2:A4"]))
    assert numbers(rows) == [2, 5]


def test_merged_cells_above_and_below_the_lines_do_not_matter() -> None:
    text = f"华东大区日订单表\n\n{HEAD}\n{line('D1')}\n{line('D2')}"
    rows = sorted_rows(raw_sheet(text, merged=["A1:F2", "A1:A3", "A5:A9", "B30:B40"]))
    assert texts(rows, "order_no") == ["D1", "D2"]
    assert numbers(rows) == [4, 5]


def test_a_merged_total_row_is_a_total_row() -> None:
    rows = sorted_rows(raw_sheet(f"{HEAD}\n{line('D1')}\n合计 | | | 1 | |", merged=["A3:C3"]))
    assert numbers(rows) == [2]
    assert totals(rows) == [(3, "合计", [2])]


def test_a_merged_error_is_an_error_on_all_its_rows() -> None:
    rows = sorted_rows(
        raw_sheet(
            """
            订单号 | 合作商编码 | 产品编码 | 数量 | 下单日期
            D1     | P1         | A1       | 5    | #REF!
            D1     | P1         | A2       | 6    |
            D2     | P1         | A3       | 7    |
            """,
            merged=["E2:E3"],
        )
    )
    assert rows.bad_cells == ((0, "order_date", "#REF!"), (1, "order_date", "#REF!"))


# ---------------------------------------------------------------- bad cells


def test_bad_cells_are_told_by_row_and_column() -> None:
    rows = sheet(
        line("D1"),
        "",
        "#REF! | P1 | A1 | 5 | =? |",
        "合计 | | | #N/A | |                <- a total row is no line",
        "D3 | P1 | #DIV/0! | #VALUE! | 1 |",
    )
    assert numbers(rows) == [2, 4, 6]
    assert rows.bad_cells == (
        (1, "order_no", "#REF!"), (1, "amount", ""), (2, "product_code", "#DIV/0!"), (2, "quantity", "#VALUE!"),
    )  # fmt: skip


def test_bad_cells_in_columns_nobody_reads_do_not_matter() -> None:
    rows = sheet("D1 | P1 | A1 | 5 | #N/A | =?", head="订单号 | 合作商编码 | 产品编码 | 数量 | 毛利 | 收货人")
    assert numbers(rows) == [2]
    assert rows.bad_cells == ()


def test_bad_cells_above_the_header_do_not_matter() -> None:
    rows = sorted_rows(f"#REF! | =?\n{HEAD}\n{line('D1')}")
    assert numbers(rows) == [3]
    assert rows.bad_cells == ()
