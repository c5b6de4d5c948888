"""What earlier results keep is read as people leave it: headings moved, columns shuffled, older versions."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pandas as pd
import pytest

from tests.books import write_xlsx
from workbooks.earlier import earlier_days, read_earlier, read_result, result_path
from workbooks.errors import WorkbookError

DAY = date(2026, 11, 21)
OLD = """
    登记日期 | 区域 | 订单号 | 合作商编码 | 产品编码 | 订货数量 | 可发数量 | 转出数量 | 预计到货日期 | 替代产品 | 备注
    2026-11-20 | 华东 | SO1 | P1 | 00123 | 50 | 30 | 20 | 2026-11-25 | | 缺货
"""
NEW = """
    转出登记（周五） | | | | | | | | |

    跟单备注 | 登记日期 | 订单号 | 合作商编码 | 产品编码 | 转出数量 | 今日状态 | 已挂天数 | 我的列 | 预计到货日期
    催工厂 | 2026/11/20 | SO1 | P1 | 00123 | 20件 | 仍缺货 | 1 | x | 未定
     | | | | | | | | 只有我的列 |
    | 11月19日 | SO2 | P1 | 00123 | ? | 等电话 | | | 2026-11-25
"""


def register(folder: Path, day: date, table: str) -> Path:
    """Write a result workbook with that register."""
    path = result_path(folder, day)
    return write_xlsx(path, {"转出登记": "\n".join(line.strip() for line in table.strip().splitlines())})


def test_days_with_a_result_before_the_day(tmp_path: Path) -> None:
    assert earlier_days(tmp_path, DAY) == []
    for day in (18, 20, 21, 22):
        register(tmp_path, date(2026, 11, day), OLD)
    (tmp_path / "2026-11-19_1").mkdir()
    (tmp_path / "2026-13-99").mkdir()
    assert earlier_days(tmp_path, DAY) == [date(2026, 11, 18), date(2026, 11, 20)]  # 19_1 is no day


def test_a_register_of_an_older_version_has_what_it_has(tmp_path: Path) -> None:
    register(tmp_path, date(2026, 11, 20), OLD)
    earlier = read_earlier(tmp_path, DAY)
    [row] = earlier.transfers.to_dict("records")
    assert (row["order_no"], row["product_code"], row["short"], row["eta"]) == (
        "SO1",
        "00123",
        20,
        pd.Timestamp(2026, 11, 25),
    )
    assert pd.isna(row["status"])
    assert pd.isna(row["tracker_remark"])
    assert earlier.day == date(2026, 11, 20)
    assert earlier.approvals.empty
    assert earlier.same_day.empty


LINES = """
订单号 | 合作商编码 | 产品编码 | 数量 | 单价 | 类型 | 下单日期 | 决定 | 异常 | 来源文件 | 来源工作表 | 来源行
SO1 | P1 | 00123 | 50 | 9.5 | 赠品 | 2026-11-20 | 通过 | | 华东.xlsx | Sheet1 | 2
SO1 | P1 | 00124 | 5 | 9 | 正品 | | 好的 | 缺货 | 华东.xlsx | Sheet1 | 3
 | P1 | 00124 | 5 | 9 | 正品 | | 通过 | | 华东.xlsx | Sheet1 | 4
"""


def test_the_last_days_lines_are_what_todays_are_compared_with(tmp_path: Path) -> None:
    path = result_path(tmp_path / "输出", date(2026, 11, 20))
    write_xlsx(path, {"转出登记": OLD.strip().splitlines()[0], "订单汇总": LINES})
    sent = read_earlier(tmp_path / "输出", DAY).sent
    names = ["order_no", "product_code", "quantity", "line_type", "before", "before_rules", "source_file", "source_row"]
    shown = [["-" if pd.isna(value) else str(value) for value in row] for row in sent[names].to_numpy(object)]
    file = "输出/2026-11-20/原始表格/华东.xlsx"
    assert shown == [
        ["SO1", "00123", "50.0", "giveaway", "pass", "-", file, "2.0"],
        ["SO1", "00124", "5.0", "paid", "-", "缺货", file, "3.0"],
    ]
    assert set(sent["back_day"]) == {pd.Timestamp(2026, 11, 20)}
    assert sent[["back_file", "back_sheet", "back_row", "back_round"]].isna().all(axis=None)
    assert read_earlier(tmp_path / "输出", DAY, lines=False).sent.empty
    write_xlsx(path, {"转出登记": OLD.strip().splitlines()[0]})
    assert read_earlier(tmp_path / "输出", DAY).sent.empty


def test_headings_may_have_moved_and_what_cannot_be_read_is_missing(tmp_path: Path) -> None:
    path = register(tmp_path, DAY, NEW)
    rows = read_result(path, DAY, ("transfers",))["transfers"]
    names = ["tracker_remark", "registered", "order_no", "short", "status", "eta"]
    shown = [["-" if pd.isna(value) else str(value)[:10] for value in row] for row in rows[names].to_numpy(object)]
    assert shown == [
        ["催工厂", "2026-11-20", "SO1", "20.0", "short", "-"],
        ["-", "2026-11-19", "SO2", "-", "等电话", "2026-11-25"],
    ]


@pytest.mark.parametrize("table", ["我的表 | 备注\n1 | 2", "订单号 | 产品编码\n1 | 2"])
def test_a_register_that_nobody_can_read_is_an_error_and_an_empty_one_is_none(tmp_path: Path, table: str) -> None:
    register(tmp_path, date(2026, 11, 20), table)
    with pytest.raises(WorkbookError, match="earlier-unreadable"):
        read_earlier(tmp_path, DAY)
    register(tmp_path, date(2026, 11, 20), OLD.strip().splitlines()[0])
    assert read_earlier(tmp_path, DAY).transfers.empty


def test_a_full_sheet_goes_on_in_the_next_and_a_copy_is_not_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = result_path(tmp_path, DAY)
    table = "\n".join(line.strip() for line in OLD.strip().splitlines())
    write_xlsx(path, dict.fromkeys(("转出登记", "转出登记 (2)", "转出登记 (3)"), table))
    assert len(read_result(path, DAY, ("transfers",))["transfers"]) == 1
    monkeypatch.setattr("workbooks.earlier.MOST_ROWS", 1)
    assert len(read_result(path, DAY, ("transfers",))["transfers"]) == 3
