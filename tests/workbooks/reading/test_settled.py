"""A region's workbook handed back: what stands in place of what, and that no row is ever lost."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.books import write_xlsx
from workbooks.layout import RETURN_LAYOUTS
from workbooks.reading.day import TeamDay, read_team
from workbooks.reading.problems import NOTICES, sentence
from workbooks.team import team_files

DAY = date(2026, 11, 21)
INBOX = "区域订单/2026-11-21"
MARKS = "退回日期 | 退回文件 | 退回工作表 | 退回行 | 退回次数"
ORDERS = """
订单号 | 合作商编码 | 产品编码 | 数量 | 单价 | 金额
A1 | P1 | 01 | 10 | 5 | 50
A1 | P1 | 02 | 20 | 9 | 180      <- sent back
A2 | P1 | 03 | 30 | 1 | 30       <- sent back
A3 | P2 | 01 | 40 | 5 | 200
"""
SENT = f"""
订单号 | 合作商编码 | 产品编码 | 数量 | 单价 | 金额 | 原决定 | 原异常 | {MARKS}
A1 | P1 | 01 | 10 | 5 | 50  | 通过 |            | 2026-11-21 | 华东.xlsx | Sheet1 | 2 | 1
A1 | P1 | 02 | 20 | 9 | 180 | 待批 | 折扣低于下限 | 2026-11-21 | 华东.xlsx | Sheet1 | 3 | 1
A2 | P1 | 03 | 30 | 1 | 30  | 退回 | 没款        | 2026-11-21 | 华东.xlsx | Sheet1 | 4 | 1
"""
HEAD = f"订单号 | 合作商编码 | 产品编码 | 数量 | 单价 | 金额 | {MARKS}\n"
SECOND = "A1 | P1 | 02 | 20 | 10 | 200 | 2026-11-21 | 华东.xlsx | Sheet1 | 3 | 1\n"  # at another price
THIRD = "A2 | P1 | 03 | 30 | 1 | 30 | 2026-11-21 | 华东.xlsx | Sheet1 | 4 | 1\n"  # as it was

Books = Mapping[str, Mapping[str, str]]


def read(folder: Path, books: Books, day: date = DAY) -> TeamDay:
    """Write workbooks (sheets by name) beside the day's orders and read the day."""
    for name, sheets in books.items():
        write_xlsx(folder / f"区域订单/{day}" / name, sheets)
    return read_team(team_files(folder, day), day, {})


def handed(rows: str, sent: str = SENT) -> dict[str, str]:
    """Return a workbook that is handed back."""
    return {"待改": HEAD + rows, "原样": sent}


def lines(team: TeamDay) -> list[str]:
    """Return the lines that count: order, product, quantity, price, file and row, in source order."""
    frame = team.tables["orders"].frame
    names = ["order_no", "product_code", "quantity", "unit_price", "source_file", "source_row"]
    return [" ".join(str(cell).removesuffix(".0") for cell in row) for row in frame[names].itertuples(index=False)]


def told(team: TeamDay) -> list[str]:
    """Return what was not accepted, and notices: code, file and row."""
    return sorted(f"{one.code} {one.source_file} {one.source_row or ''}".strip() for one in team.problems)


def check_nothing_is_lost(team: TeamDay) -> None:
    """Every row that came in is a line or stands among the problems, with its pieces and its money."""
    orders = team.tables["orders"]
    control, frame = orders.control, orders.frame
    rejected = {(one.source_file, one.source_sheet, one.source_row) for one in orders.problems if one.rejects}
    assert control["rows"].sum() == len(frame) + len(rejected)
    assert (control["rows"] == control["accepted"] + control["rejected"]).all()
    assert control["accepted"].sum() == len(frame)
    for name in ("quantity", "amount"):
        assert control[name].sum() == pytest.approx(frame[name].sum())
    assert all(sentence(one) for one in team.problems)


def test_a_corrected_row_stands_where_the_row_stood_that_it_corrects(tmp_path: Path) -> None:
    team = read(tmp_path, {"华东.xlsx": {"Sheet1": ORDERS}, "交回.xlsx": handed(SECOND + THIRD)})
    assert lines(team) == [
        "A1 01 10 5 华东.xlsx 2",
        "A1 02 20 10 交回.xlsx 2",
        "A2 03 30 1 交回.xlsx 3",
        "A3 01 40 5 华东.xlsx 5",
    ]
    assert told(team) == ["superseded 华东.xlsx 3", "superseded 华东.xlsx 4"]
    assert "交回.xlsx·待改第 2 行" in sentence(team.problems[0])
    check_nothing_is_lost(team)
    names = ["source_file", "rows", "accepted", "rejected", "quantity", "amount", "rejected_amount"]
    assert team.tables["orders"].control[names].to_numpy().tolist() == [
        ["交回.xlsx", 2, 2, 0, 50, 230, 0], ["华东.xlsx", 4, 2, 2, 50, 250, 210],
    ]  # fmt: skip


def test_a_deleted_row_is_withdrawn_and_an_added_one_is_new(tmp_path: Path) -> None:
    added = "A1 | P1 | 07 | 5 | 2 | 10 | | | | |\n"
    team = read(tmp_path, {"华东.xlsx": {"Sheet1": ORDERS}, "交回.xlsx": handed(SECOND + added)})
    assert lines(team) == [
        "A1 07 5 2 交回.xlsx 3", "A1 01 10 5 华东.xlsx 2", "A1 02 20 10 交回.xlsx 2", "A3 01 40 5 华东.xlsx 5",
    ]  # fmt: skip
    assert told(team) == ["superseded 华东.xlsx 3", "withdrawn 华东.xlsx 4"]
    check_nothing_is_lost(team)


def test_a_row_added_by_hand_stands_in_the_file_of_the_order_that_it_is_added_to(tmp_path: Path) -> None:
    added = (
        "a1 | p1 | 07 | 5 | 2 | 10 | | | | |\n"  # the order is sent back
        "A3 | P2 | 07 | 5 | 2 | 10 | | | | |\n"  # this one is not
        "A3 | P1 | 07 | 5 | 2 | 10 | | | | |\n"  # another partner's: a new order
    )
    team = read(tmp_path, {"华东.xlsx": {"Sheet1": ORDERS}, "交回.xlsx": handed(SECOND + THIRD + added)})
    frame = team.tables["orders"].frame
    by_hand = frame[frame["product_code"] == "07"]
    assert by_hand["stands_in"].tolist() == ["华东.xlsx", "华东.xlsx", "交回.xlsx"]
    assert set(frame["stands_in"][frame["product_code"] != "07"]) == {"华东.xlsx"}
    check_nothing_is_lost(team)


@pytest.mark.parametrize("sent", [None, SENT.strip().splitlines()[0]])
def test_without_the_lines_as_they_were_sent_nothing_is_withdrawn_and_that_is_said(
    sent: str | None, tmp_path: Path
) -> None:
    book = {"待改": HEAD + SECOND} | ({} if sent is None else {"原样": sent})  # A2 is deleted
    team = read(tmp_path, {"华东.xlsx": {"Sheet1": ORDERS}, "交回.xlsx": book})
    assert told(team) == ["as-sent-gone 交回.xlsx", "superseded 华东.xlsx 3"]
    assert "A2 03 30 1 华东.xlsx 4" in lines(team)
    notice = team.problems[-1]
    assert (notice.code in NOTICES, notice.source_sheet) == (True, "待改")
    assert "原来的行照旧计入" in sentence(notice)
    check_nothing_is_lost(team)


def test_all_rows_deleted_is_all_withdrawn_and_no_sheet_at_all_withdraws_nothing(tmp_path: Path) -> None:
    team = read(tmp_path / "all", {"华东.xlsx": {"Sheet1": ORDERS}, "交回.xlsx": handed("")})
    assert told(team) == ["withdrawn 华东.xlsx 3", "withdrawn 华东.xlsx 4"]
    check_nothing_is_lost(team)
    lost = {"待改": HEAD.replace("数量", "件儿") + SECOND, "原样": SENT}  # a heading that orders must have is gone
    team = read(tmp_path / "none", {"华东.xlsx": {"Sheet1": ORDERS}, "交回.xlsx": lost})
    assert len(lines(team)) == 4
    assert told(team) == ["not-recognised 交回.xlsx"]


def test_a_row_that_cannot_be_read_leaves_the_original(tmp_path: Path) -> None:
    rows = SECOND.replace("| 20 |", "| 很多 |") + THIRD
    team = read(tmp_path, {"华东.xlsx": {"Sheet1": ORDERS}, "交回.xlsx": handed(rows)})
    assert lines(team)[1] == "A1 02 20 9 华东.xlsx 3"
    assert told(team) == ["not-a-number 交回.xlsx 2", "superseded 华东.xlsx 4"]
    check_nothing_is_lost(team)


def test_one_line_made_two_stands_twice_for_it(tmp_path: Path) -> None:
    rows = SECOND.replace("| 20 |", "| 12 |") + SECOND.replace("| 20 |", "| 8 |") + THIRD
    team = read(tmp_path, {"华东.xlsx": {"Sheet1": ORDERS}, "交回.xlsx": handed(rows)})
    assert lines(team)[1:3] == ["A1 02 12 10 交回.xlsx 2", "A1 02 8 10 交回.xlsx 3"]
    assert told(team) == ["superseded 华东.xlsx 3", "superseded 华东.xlsx 4"]
    check_nothing_is_lost(team)


def test_of_two_files_on_one_line_the_first_counts_and_the_other_is_told(tmp_path: Path) -> None:
    books = {
        "华东.xlsx": {"Sheet1": ORDERS},
        "交回1.xlsx": handed(SECOND),  # withdraws A2
        "交回2.xlsx": handed(THIRD),  # withdraws A1 02
    }
    team = read(tmp_path, books)
    assert lines(team) == ["A1 01 10 5 华东.xlsx 2", "A1 02 20 10 交回1.xlsx 2", "A3 01 40 5 华东.xlsx 5"]
    assert told(team) == [
        "handed-back-twice 交回2.xlsx 2", "not-withdrawn 交回2.xlsx", "superseded 华东.xlsx 3", "withdrawn 华东.xlsx 4",
    ]  # fmt: skip
    assert team.problems[-1].code in NOTICES
    assert all("交回1.xlsx" in sentence(one) for one in team.problems if one.source_file == "交回2.xlsx")
    check_nothing_is_lost(team)


@pytest.mark.parametrize("copy", ["复件/交回.xlsx", "交回 (2).xlsx"])
def test_the_same_file_twice_counts_once(copy: str, tmp_path: Path) -> None:
    books = {"华东.xlsx": {"Sheet1": ORDERS}, "交回.xlsx": handed(SECOND + THIRD), copy: handed(SECOND + THIRD)}
    team = read(tmp_path, books)
    assert len(lines(team)) == 4
    assert [one.split()[0] for one in told(team)].count("handed-back-twice") == 2
    check_nothing_is_lost(team)


def test_a_copied_sheet_counts_once(tmp_path: Path) -> None:
    twice = {**handed(SECOND + THIRD), "待改 (2)": HEAD + SECOND.replace("| 10 |", "| 11 |")}
    team = read(tmp_path, {"华东.xlsx": {"Sheet1": ORDERS}, "交回.xlsx": twice})
    assert len(lines(team)) == 4
    assert "handed-back-twice 交回.xlsx 2" in told(team)
    check_nothing_is_lost(team)


def test_of_what_was_sent_back_again_the_later_round_counts(tmp_path: Path) -> None:
    sent = f"""
订单号 | 合作商编码 | 产品编码 | 数量 | 单价 | 金额 | 原决定 | 原异常 | {MARKS}
A1 | P1 | 02 | 20 | 10 | 200 | 待批 | 折扣低于下限 | 2026-11-21 | 华东.xlsx | Sheet1 | 3 | 2
"""
    again = "A1 | P1 | 02 | 20 | 12 | 240 | 2026-11-21 | 华东.xlsx | Sheet1 | 3 | 2\n"
    books = {"华东.xlsx": {"Sheet1": ORDERS}, "交回.xlsx": handed(SECOND + THIRD), "交回_2.xlsx": handed(again, sent)}
    team = read(tmp_path, books)
    assert lines(team)[1] == "A1 02 20 12 交回_2.xlsx 2"
    assert told(team) == ["superseded 交回.xlsx 2", "superseded 华东.xlsx 3", "superseded 华东.xlsx 4"]
    check_nothing_is_lost(team)
    frame = team.tables["orders"].frame
    assert frame[["origin_file", "origin_row", "origin_round"]].values.tolist()[1:3] == [
        ["华东.xlsx", 3, 2], ["华东.xlsx", 4, 1],
    ]  # fmt: skip


def test_an_original_that_has_changed_since_counts_and_the_other_is_told(tmp_path: Path) -> None:
    shifted = ORDERS.replace("A1 | P1 | 01 |", "A9 | P9 | 09 | 1 | 1 | 1\nA1 | P1 | 01 |")  # a row inserted above
    team = read(tmp_path, {"华东.xlsx": {"Sheet1": shifted}, "交回.xlsx": handed(SECOND)})
    assert [line for line in lines(team) if "交回" in line] == []
    assert told(team) == ["not-withdrawn 交回.xlsx", "original-changed 交回.xlsx 2"]
    check_nothing_is_lost(team)


def test_where_the_original_is_gone_the_row_is_a_line(tmp_path: Path) -> None:
    team = read(tmp_path, {"交回.xlsx": handed(SECOND + THIRD)})
    assert lines(team) == ["A1 02 20 10 交回.xlsx 2", "A2 03 30 1 交回.xlsx 3"]
    assert told(team) == []


def test_on_another_day_it_is_that_days_orders(tmp_path: Path) -> None:
    day = date(2026, 11, 22)
    team = read(tmp_path, {"华东.xlsx": {"Sheet1": ORDERS}, "交回.xlsx": handed(SECOND)}, day)
    assert len(lines(team)) == 5
    assert told(team) == []
    sent = team.tables["orders"].sent
    assert sent is not None
    assert sent["before"].tolist() == ["pass", "hold", "return"]


def test_without_the_lines_as_they_were_sent_the_order_and_product_must_agree(tmp_path: Path) -> None:
    rows = SECOND + THIRD.replace("| 03 |", "| 04 |")
    team = read(tmp_path, {"华东.xlsx": {"Sheet1": ORDERS}, "交回.xlsx": {"待改": HEAD + rows}})
    assert told(team) == ["as-sent-gone 交回.xlsx", "superseded 华东.xlsx 3"]
    assert "A2 03 30 1 华东.xlsx 4" in lines(team)
    assert "A2 04 30 1 交回.xlsx 3" in lines(team)
    check_nothing_is_lost(team)


@pytest.mark.parametrize("mark", ["退回日期", "退回文件", "退回工作表", "退回行", "退回次数"])
def test_a_mark_whose_heading_is_gone_loses_no_line(mark: str, tmp_path: Path) -> None:
    book = {"待改": (HEAD + SECOND + THIRD).replace(mark, "备注2"), "原样": SENT}
    team = read(tmp_path, {"华东.xlsx": {"Sheet1": ORDERS}, "交回.xlsx": book})
    assert len(lines(team)) == 4
    assert {line.split()[4] for line in lines(team) if " 02 " in line or " 03 " in line} == {"交回.xlsx"}
    check_nothing_is_lost(team)


@pytest.mark.parametrize(("heading", "other"), [("原决定", "决定"), ("原异常", "异常"), ("退回行", "行")])
def test_the_lines_as_they_were_sent_are_never_orders(heading: str, other: str, tmp_path: Path) -> None:
    book = {"待改": HEAD + SECOND + THIRD, "原样": SENT.replace(heading, other)}
    team = read(tmp_path, {"华东.xlsx": {"Sheet1": ORDERS}, "交回.xlsx": book})
    assert set(team.tables["orders"].frame["source_sheet"]) == {"Sheet1", "待改"}
    assert "not-recognised" not in " ".join(told(team))
    check_nothing_is_lost(team)


def test_a_file_cannot_correct_itself(tmp_path: Path) -> None:
    sent = SENT.replace("华东.xlsx", "交回.xlsx").replace("Sheet1", "待改")
    rows = (SECOND + THIRD).replace("华东.xlsx", "交回.xlsx").replace("Sheet1", "待改")
    team = read(tmp_path, {"华东.xlsx": {"Sheet1": ORDERS}, "交回.xlsx": handed(rows, sent)})
    assert len(lines(team)) == 6
    check_nothing_is_lost(team)


def test_what_has_moved_is_read_nowhere(tmp_path: Path) -> None:
    moved = "|".join(column.heading for column in RETURN_LAYOUTS["moved"].columns) + "\n华东|A|P|||||||||"
    unread = "|".join(column.heading for column in RETURN_LAYOUTS["unread"].columns) + "\n华东|华东.xlsx|S|2||||"
    books = {"华东.xlsx": {"Sheet1": ORDERS}, "交回.xlsx": {**handed(SECOND + THIRD), "转出": moved, "未接收": unread}}
    assert "not-recognised" not in " ".join(told(read(tmp_path, books)))
    write_xlsx(tmp_path / "财务" / "交回.xlsx", {**handed(SECOND), "转出": moved})
    write_xlsx(tmp_path / "审批" / "交回.xlsx", {**handed(SECOND), "转出": moved})
    assert len(lines(read(tmp_path, {}))) == 4
    elsewhere = [one for one in read(tmp_path, {}).problems if one.source_file.startswith(("财务", "审批"))]
    assert [(one.code, one.source_sheet) for one in elsewhere] == [("not-used-here", "待改")] * 2


CELLS = st.sampled_from(
    [
        "2026-11-21",
        "2026-11-20",
        "华东.xlsx",
        "交回.xlsx",
        "Sheet1",
        "待改",
        "2",
        "3",
        "4",
        "99",
        "2.5",
        "-1",
        "",
        "坏",
        "#N/A",
    ]
)


@settings(max_examples=6, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    marks=st.lists(st.tuples(*[CELLS] * 5), min_size=1, max_size=4),
    sent_marks=st.lists(st.tuples(st.sampled_from(["待批", "退回", "通过", "?"]), *[CELLS] * 5), max_size=3),
)
def test_whatever_the_marks_say_no_line_is_lost(
    marks: list[tuple[str, ...]], sent_marks: list[tuple[str, ...]], tmp_path_factory: pytest.TempPathFactory
) -> None:
    line = ["A1 | P1 | 02 | 20 | 9 | 180", "A2 | P1 | 03 | 30 | 1 | 30"]
    rows = "".join(f"{line[at % 2]} | {' | '.join(cells)}\n" for at, cells in enumerate(marks))
    head = SENT.strip().splitlines()[0]
    sent = [f"{line[at % 2]} | {word} | | {' | '.join(cells)}" for at, (word, *cells) in enumerate(sent_marks)]
    books = {"华东.xlsx": {"Sheet1": ORDERS}, "交回.xlsx": {"待改": HEAD + rows, "原样": "\n".join([head, *sent])}}
    team = read(tmp_path_factory.mktemp("marks"), books)
    check_nothing_is_lost(team)
    handed_back = team.tables["orders"].frame["source_file"] == "交回.xlsx"
    refused = [one for one in team.problems if one.source_file == "交回.xlsx" and one.rejects]
    assert handed_back.sum() + len(refused) == len(marks)
    assert {"A1 01 10 5 华东.xlsx 2", "A3 01 40 5 华东.xlsx 5"} - set(lines(team)) == set() or sent_marks
