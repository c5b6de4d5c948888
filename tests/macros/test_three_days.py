"""Three days of one small department: what is open, approved, confirmed and resubmitted lives on from day to day."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from macros import nightly
from macros.runs import Outcome
from macros.summary import alerts
from tests.books import grid, write_xlsx
from workbooks.errors import WorkbookError

MON, TUE, WED = (date(2026, 11, day) for day in (16, 17, 18))
HEAD = "订单号 | 合作商编码 | 产品编码 | 数量 | 单价 | 类型"
BASICS = {
    "基础资料/合作商.xlsx": """
        合作商编码 | 合作商名称 | 区域 | 级别 | 合同折扣
        P1 | 甲 | 华东 | A | 0.9
        P2 | 乙 | 华北 | A | 0.9
        P3 | 丙 | 华北 | B | 0.9
    """,
    "基础资料/产品.xlsx": """
        产品编码 | 产品名称 | 标准价 | 状态 | 替代产品
        A | 面膜 | 100 | 在售 |
        B | 精华 | 50 | 在售 |
        C | 洁面 | 20 | 在售 |
        D | 旧款 | 10 | 停产 | A
    """,
    "基础资料/权限.xlsx": """
        岗位 | 可批折扣差 | 可批金额
        客服主管 | 0.02 | 500
        区域经理 | 0.06 | 5000
    """,
    "库存/库存.xlsx": """
        产品编码 | 现存量
        A | 100
        B | 30
        C | 500
    """,
    "库存/计划部.xlsx": """
        产品编码 | 预计到货日期 | 预计数量
        B | 2026-11-25 | 40
    """,
    "财务/查款.xlsx": """
        合作商编码 | 账户余额
        P1 | 100000
        P2 | 1000
        P3 | 100000
    """,
}
MONDAY = {
    "华东.xlsx": """
        E1 | P1 | A | 10 | 90 |
        E2 | P1 | B | 50 | 45 |
        E3 | P1 | A | 5  | 85 |      <- under the floor of 0.9 by 0.05: the regional manager may
        E4 | P1 | A | 8  | 80 |      <- by 0.1: nobody may
        E5 | P1 | D | 6  | 9  |      <- discontinued
    """,
    "华北.xlsx": """
        N1 | P2 | A | 20 | 95 |      <- 1900 against 1000
        N2 | P3 | B | 5  | 50 |
        N3 | P3 | C | 900 | 20 |
    """,
}
REGISTER = "登记日期 订单号 产品编码 订货数量 可发数量 转出数量 预计到货日期 已挂天数 今日状态 跟单备注"
LINES = "订单号 产品编码 决定 异常"
Answers = Callable[[dict[str, Any]], dict[str, str]]


def put(folder: Path, files: dict[str, str], head: str = "") -> None:
    """Write workbooks, each from a table written out."""
    for name, text in files.items():
        write_xlsx(folder / name, "\n".join([head, *(line.strip() for line in text.strip().splitlines())]).strip())


def orders(folder: Path, day: date, files: dict[str, str]) -> None:
    """Put a day's order workbooks in their folder."""
    put(folder / f"区域订单/{day}", files, HEAD)


def sheet(folder: Path, day: date, name: str, headings: str) -> list[str]:
    """Return the rows of a day's result, of some columns, as text."""
    book = openpyxl.load_workbook(folder / f"输出/{day}/审单结果_{day}.xlsx", read_only=True)
    head, *rows = book[name].values
    places = [head.index(heading) for heading in headings.split()]
    return [" | ".join(_text(row[place]) for place in places) for row in rows]


def _text(value: object) -> str:
    if value is None:
        return "-"
    return f"{value:%m-%d}" if hasattr(value, "strftime") else str(value)


def written(text: str) -> list[str]:
    """Return a table written out as `sheet` gives it."""
    return [" | ".join("-" if cell is None else cell for cell in row) for row in grid(text.strip()) if any(row)]


def fill_in(folder: Path, day: date, name: str, to: str, answers: Answers) -> None:
    """Do what people do: open a day's result, fill in a sheet, and save a copy in the team folder ("": in place).

    answers: what to write into a row (heading -> text), by what stands in it.
    """
    path = folder / f"输出/{day}/审单结果_{day}.xlsx"
    book = openpyxl.load_workbook(path)
    head, *rows = book[name].iter_rows()
    headings = [cell.value for cell in head]
    for row in rows:
        said = answers(dict(zip(headings, (cell.value for cell in row), strict=True)))
        for heading, text in said.items():
            row[headings.index(heading)].value = text
    target = folder / to if to else path
    target.parent.mkdir(parents=True, exist_ok=True)
    book.save(target)


def run(folder: Path, day: date, *, rerun: bool = False) -> Outcome:
    outcome = nightly.run(folder, day, rerun=rerun)
    assert outcome.exit_code == 0
    return outcome


@pytest.fixture(scope="module")
def monday(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the team folder after Monday's first run."""
    folder = tmp_path_factory.mktemp("monday")
    put(folder, BASICS)
    orders(folder, MON, MONDAY)
    run(folder, MON)
    return folder


@pytest.fixture
def team(monday: Path, tmp_path: Path) -> Path:
    """Return a copy of it."""
    return Path(shutil.copytree(monday, tmp_path / "team"))


def approve(row: dict[str, Any]) -> dict[str, str]:
    """Release E3 as the regional manager."""
    given = {"审批结果": "放行", "审批人": "王敏", "岗位": "区域经理", "审批日期": "2026-11-16", "理由": "老客户"}
    return given if row["订单号"] == "E3" else {}


def confirm(row: dict[str, Any]) -> dict[str, str]:
    """Confirm that N1 has paid."""
    return {"财务确认": "有款"} if row["订单号"] == "N1" else {}


def remark(row: dict[str, Any]) -> dict[str, str]:
    """Note what the factory said of E2."""
    return {"跟单备注": "工厂说周三到"} if row["订单号"] == "E2" else {}


def test_monday_registers_what_cannot_ship_and_lists_what_is_held(monday: Path) -> None:
    assert sheet(monday, MON, "转出登记", REGISTER) == written("""
        11-16 | E2 | B | 50  | 30  | 20  | 11-25 | 0 | 新转出 | -
        11-16 | E5 | D | 6   | 0   | 6   | -     | 0 | 新转出 | -
        11-16 | N2 | B | 5   | 0   | 5   | 11-25 | 0 | 新转出 | -
        11-16 | N3 | C | 900 | 500 | 400 | -     | 0 | 新转出 | -
    """)
    assert sheet(monday, MON, "待批清单", "订单号 产品编码 规则 涉及金额 行数 可批岗位 审批结果 审批人") == written("""
        E3 | A | 折扣低于下限 | 25 | 1 | 区域经理 | - | -
        E4 | A | 折扣低于下限 | 80 | 1 | 无人可批 | - | -
        N1 | - | 没款 | 1900 | 1 | 财务（财务查款表里确认）；或 客服主管、区域经理 | - | -
    """)
    assert sheet(monday, MON, "审批记录", "订单号 作用") == []


def test_answers_put_back_release_in_a_rerun_of_the_day_and_are_recorded(team: Path) -> None:
    fill_in(team, MON, "待批清单", "基础资料/周一批.xlsx", approve)
    fill_in(team, MON, "财务查款", "财务/周一查款.xlsx", confirm)
    changed = run(team, MON, rerun=True).rerun
    assert changed is not None
    assert changed[["order_no", "kind", "before", "after", "resolved"]].to_numpy().tolist() == [
        ["E3", "released", "hold", "pass", ""],
        ["N1", "released", "hold", "pass", "没款"],
    ]
    assert sheet(team, MON, "待批清单", "订单号 规则") == ["E4 | 折扣低于下限"]
    assert sheet(
        team, MON, "审批记录", "记录日期 订单号 产品编码 规则 审批结果 审批人 岗位 审批日期 理由 作用 来源文件"
    ) == ["11-16 | E3 | A | 折扣低于下限 | 放行 | 王敏 | 区域经理 | 11-16 | 老客户 | 已放行 | 基础资料/周一批.xlsx"]
    once = run(team, MON, rerun=True)
    assert once.rerun is not None
    assert once.rerun.empty


def test_answers_among_the_orders_are_not_said_to_have_taken_no_part(team: Path) -> None:
    answer = "订单号 | 规则 | 审批结果 | 审批人 | 岗位\nE3 | 折扣低于下限 | 放行 | 王敏 | 区域经理"
    write_xlsx(team / "区域订单" / f"{MON}" / "批.xlsx", {"审批": answer})
    outcome = run(team, MON)
    assert "E3 | 折扣低于下限" not in sheet(team, MON, "待批清单", "订单号 规则")
    assert not [said for said in alerts(outcome.team) if "批.xlsx" in said]


def test_the_trackers_remarks_and_the_record_survive_a_rerun_and_what_was_changed_is_kept(team: Path) -> None:
    fill_in(team, MON, "待批清单", "基础资料/周一批.xlsx", approve)
    run(team, MON)
    fill_in(team, MON, "转出登记", "", remark)
    (team / "基础资料/周一批.xlsx").unlink()
    outcome = run(team, MON)
    assert outcome.kept is not None
    assert sheet(team, MON, "转出登记", "订单号 跟单备注") == ["E2 | 工厂说周三到", "E5 | -", "N2 | -", "N3 | -"]
    assert sheet(team, MON, "审批记录", "订单号 作用") == ["E3 | 已放行"]
    first = outcome.result.read_bytes()
    assert run(team, MON).result.read_bytes() == first


def test_an_answer_beyond_the_roles_limits_releases_nothing(team: Path) -> None:
    fill_in(
        team,
        MON,
        "待批清单",
        "基础资料/批.xlsx",
        lambda row: {**approve(row), "岗位": "客服主管"} if approve(row) else {},
    )
    run(team, MON)
    assert "E3 | A | 待批 | 折扣低于下限、审批权限不足" in sheet(team, MON, "订单汇总", LINES)
    assert "E3 | 折扣低于下限" in sheet(team, MON, "待批清单", "订单号 规则")
    assert sheet(team, MON, "审批记录", "订单号 作用") == ["E3 | 未生效"]


def test_one_answer_sends_an_unpaid_order_back_and_confirms_it(team: Path) -> None:
    def refuse(row: dict[str, Any]) -> dict[str, str]:
        return {"审批结果": "退回", "审批人": "王敏", "岗位": "区域经理"} if row["订单号"] == "N1" else {}

    fill_in(team, MON, "待批清单", "基础资料/批.xlsx", refuse)
    changed = run(team, MON, rerun=True).rerun
    assert changed is not None
    assert changed[["order_no", "kind", "after"]].to_numpy().tolist() == [["N1", "returned", "return"]]
    assert sheet(team, MON, "退单清单", "订单号 原因 状态") == ["N1 | 没款 | 已确认"]


def test_an_answer_that_is_begun_but_not_whole_is_named(team: Path) -> None:
    fill_in(
        team, MON, "待批清单", "基础资料/批.xlsx", lambda row: {"审批结果": "放行"} if row["订单号"] == "E3" else {}
    )
    run(team, MON)
    assert sheet(team, MON, "读取问题", "来源文件 问题 说明") == [
        "基础资料/批.xlsx | 缺少必填值 | 缺少审批人，本行未接收。",
        "基础资料/批.xlsx | 缺少必填值 | 缺少岗位，本行未接收。",
    ]


def tuesday(team: Path) -> None:
    """Put Tuesday's orders and stock into the folder: N3 comes again without C, E4 corrected, some of B has arrived."""
    fill_in(team, MON, "转出登记", "", remark)
    put(team, {"库存/库存.xlsx": "产品编码 | 现存量\nA | 100\nB | 12\nC | 100"})
    orders(team, TUE, {
        "华东.xlsx": "E4 | P1 | A | 8 | 90 |",
        "华北.xlsx": "N3 | P3 | A | 4 | 100 |\nN4 | P3 | B | 2 | 50 |\nN5 | P3 | C | 130 | 20 |",
    })  # fmt: skip


def test_tuesday_carries_over_what_is_owed_and_closes_what_stock_covers_or_a_region_withdraws(team: Path) -> None:
    tuesday(team)
    run(team, TUE)
    assert sheet(team, TUE, "转出登记", REGISTER) == written("""
        11-17 | N5 | C | 130 | 100 | 30  | -     | 0 | 新转出 | -
        11-16 | E2 | B | 50  | 30  | 20  | 11-25 | 1 | 仍缺货 | 工厂说周三到
        11-16 | E5 | D | 6   | 0   | 6   | -     | 1 | 仍缺货 | -
        11-16 | N2 | B | 5   | 0   | 5   | -     | 1 | 库存已够，结案 | -
        11-16 | N3 | C | 900 | 500 | 400 | -     | 1 | 订单已撤，结案 | -
    """)
    assert sheet(team, TUE, "订单汇总", LINES) == written("""
        E4 | A | 通过 | -
        N3 | A | 通过 | -
        N4 | B | 通过 | -
        N5 | C | 转出 | 缺货
    """)


def test_wednesday_is_clean_and_what_was_closed_does_not_come_back(team: Path) -> None:
    tuesday(team)
    run(team, TUE)
    put(team, {"库存/库存.xlsx": "产品编码 | 现存量\nA | 100\nB | 60\nC | 100\nD | 50"})
    put(team, {"区域订单/2026-11-16/华东.xlsx": MONDAY["华东.xlsx"].replace("E5 | P1 | D", "E9 | P1 | C")}, HEAD)
    orders(team, WED, {"华东.xlsx": "E7 | P1 | A | 1 | 90 |", "华北.xlsx": "N5 | P3 | C | 130 | 20 |"})
    run(team, WED)
    assert sheet(team, WED, "转出登记", REGISTER) == written("""
        11-17 | N5 | C | 130 | 100 | 30 | - | 1 | 仍缺货 | -
        11-16 | E2 | B | 50  | 30  | 20 | - | 2 | 库存已够，结案 | 工厂说周三到
        11-16 | E5 | D | 6   | 0   | 6  | - | 2 | 订单已撤，结案 | -
    """)
    assert sheet(team, WED, "待批清单", LINES.split(maxsplit=1)[0]) == []
    put(team, {"库存/库存.xlsx": "产品编码 | 现存量\nA | 100\nB | 60\nC | 500"})
    thursday = date(2026, 11, 19)
    orders(team, thursday, {"华北.xlsx": "N5 | P3 | C | 130 | 20 |"})
    run(team, thursday)
    assert sheet(team, thursday, "转出登记", "订单号 今日状态") == ["N5 | 库存已够，结案"]


def test_a_second_run_of_a_day_writes_the_same(team: Path) -> None:
    tuesday(team)
    first = run(team, TUE).result.read_bytes()
    assert run(team, TUE).result.read_bytes() == first


def test_without_an_earlier_run_a_rerun_says_so(team: Path) -> None:
    tuesday(team)
    with pytest.raises(WorkbookError, match="no-earlier-run"):
        nightly.run(team, TUE, rerun=True)
    assert not (team / f"输出/{TUE}").exists()


@pytest.mark.parametrize("spoilt", ["garbage", "no register", "no headings"])
def test_an_earlier_result_that_cannot_be_read_stops_the_run_before_anything_is_written(
    team: Path, spoilt: str
) -> None:
    tuesday(team)
    path = team / f"输出/{MON}/审单结果_{MON}.xlsx"
    if spoilt == "garbage":
        path.write_bytes(b"PK\x03\x04 no zip")
    else:
        book = openpyxl.load_workbook(path)
        if spoilt == "no register":
            del book["转出登记"]
        else:
            book["转出登记"].delete_rows(1)
        book.save(path)
    with pytest.raises(WorkbookError, match="earlier-unreadable"):
        nightly.run(team, TUE)
    assert not (team / f"输出/{TUE}").exists()


def test_yesterdays_stock_is_named_and_closes_nothing(team: Path) -> None:
    orders(team, TUE, {"华东.xlsx": "E7 | P1 | A | 1 | 90 |"})
    put(team, {"财务/查款.xlsx": BASICS["财务/查款.xlsx"].replace("1000\n", "1001\n")})
    run(team, TUE)
    assert sheet(team, TUE, "转出登记", "订单号 今日状态") == [
        "E2 | 仍缺货",
        "E5 | 仍缺货",
        "N2 | 仍缺货",
        "N3 | 仍缺货",
    ]
    assert sheet(team, TUE, "读取问题", "来源文件 问题") == ["库存/库存.xlsx | 和上次相同"]
    put(team, {"库存/库存.xlsx": "产品编码 | 现存量\nA | 100\nB | 30\nC | 500"})
    write_xlsx(team / "库存/库存.xlsx", {"库存": "产品编码 | 现存量\nA | 99\nB | 30\nC | 500"})
    run(team, TUE)
    assert sheet(team, TUE, "转出登记", "订单号 今日状态") == [
        "E5 | 仍缺货",
        "E2 | 库存已够，结案",
        "N2 | 库存已够，结案",
        "N3 | 库存已够，结案",
    ]


def test_a_result_put_among_the_orders_gives_its_approvals_and_says_what_it_does_not(team: Path) -> None:
    fill_in(team, MON, "待批清单", f"区域订单/{MON}/周一批.xlsx", approve)
    changed = run(team, MON, rerun=True).rerun
    assert changed is not None
    assert changed[["order_no", "kind"]].to_numpy().tolist() == [["E3", "released"]]
    assert sheet(team, MON, "读取问题", "来源文件 问题") == ["周一批.xlsx | 是审单结果"]


def test_a_day_that_is_run_again_after_a_later_one_loses_nothing(team: Path) -> None:
    tuesday(team)
    run(team, TUE)
    fill_in(team, MON, "待批清单", "基础资料/周一批.xlsx", approve)
    orders(team, MON, {"华中.xlsx": "S1 | P3 | B | 33 | 50 |"})
    run(team, MON)
    assert "S1 | 新转出" in sheet(team, MON, "转出登记", "订单号 今日状态")
    (team / "基础资料/周一批.xlsx").unlink()
    put(team, {"库存/库存.xlsx": "产品编码 | 现存量\nA | 100\nB | 1\nC | 1"})
    orders(team, WED, {"华东.xlsx": "E7 | P1 | A | 1 | 90 |"})
    run(team, WED)
    assert sheet(team, WED, "转出登记", "登记日期 订单号 今日状态") == [
        "11-16 | S1 | 仍缺货",
        "11-16 | E2 | 仍缺货",
        "11-16 | E5 | 仍缺货",
        "11-17 | N5 | 仍缺货",
    ]  # N2 and N3 were closed on Tuesday
    assert sheet(team, WED, "审批记录", "记录日期 订单号 作用") == ["11-16 | E3 | 已放行"]


def test_of_several_answers_of_finance_the_latest_days_counts(team: Path) -> None:
    def says(word: str) -> Answers:
        return lambda row: {"财务确认": word} if row["订单号"] == "N1" else {}

    fill_in(team, MON, "财务查款", "财务/周一.xlsx", says("没款"))
    orders(team, TUE, {"华北.xlsx": "N1 | P2 | A | 20 | 95 |"})
    run(team, TUE)
    assert sheet(team, TUE, "退单清单", "订单号 状态") == ["N1 | 已确认"]
    fill_in(team, TUE, "财务查款", "财务/周二.xlsx", says("有款"))  # sorts behind the other
    run(team, TUE)
    assert sheet(team, TUE, "订单汇总", LINES) == ["N1 | A | 通过 | -"]


def test_an_answer_is_for_what_was_judged_and_a_later_one_goes_first(team: Path) -> None:
    def refuse(row: dict[str, Any]) -> dict[str, str]:
        return {**approve(row), "审批结果": "退回"} if approve(row) else {}

    fill_in(team, MON, "待批清单", "基础资料/周一.xlsx", refuse)
    orders(team, TUE, {"华东.xlsx": "E3 | P1 | A | 5 | 88 |\nE3 | P1 | A | 50 | 85 |"})
    run(team, TUE)  # another discount, and another quantity than was refused
    assert sheet(team, TUE, "订单汇总", LINES) == ["E3 | A | 待批 | 折扣低于下限"] * 2
    assert sheet(team, TUE, "待批清单", "订单号 行数 核对值 可批岗位") == [
        "E3 | 1 | 0.88；10.00 | 客服主管、区域经理",
        "E3 | 1 | 0.85；250.00 | 区域经理",
    ]
    orders(team, TUE, {"华东.xlsx": "E3 | P1 | A | 5 | 85 |"})
    run(team, TUE)
    assert sheet(team, TUE, "订单汇总", LINES) == ["E3 | A | 退回 | 折扣低于下限"]  # the same once more
    release = (
        "订单号 | 规则 | 审批结果 | 审批人 | 岗位 | 审单日期\nE3 | 折扣低于下限 | 放行 | 王敏 | 区域经理 | 2026-11-17"
    )
    put(team, {"基础资料/周二.xlsx": release})
    run(team, TUE)
    assert sheet(team, TUE, "订单汇总", LINES) == ["E3 | A | 通过 | 折扣低于下限"]
    assert sheet(team, TUE, "异常明细", "规则") == ["discount-below-floor"]  # the old answer is not told as unused


def test_a_sheet_of_a_result_saved_alone_is_no_table_of_the_team(team: Path) -> None:
    book = openpyxl.load_workbook(team / f"输出/{MON}/审单结果_{MON}.xlsx")
    for name in book.sheetnames:
        if name not in {"库存量表", "财务查款"}:
            del book[name]
    book.save(team / "财务/给财务.xlsx")
    run(team, MON)
    assert sheet(team, MON, "库存量表", "产品编码 现存量") == ["A | 100", "B | 30", "C | 500", "D | 0"]
    assert sheet(team, MON, "读取问题", "来源文件 来源工作表 问题") == ["财务/给财务.xlsx | 库存量表 | 审单台写的表"]


def test_what_people_write_beside_the_lines_does_not_stop_a_rerun(team: Path) -> None:
    path = team / f"输出/{MON}/审单结果_{MON}.xlsx"
    book = openpyxl.load_workbook(path)
    book["订单汇总"].append(["合计", None, None, None, None, None, None, None, 978])
    book.save(path)
    changed = run(team, MON, rerun=True).rerun
    assert changed is not None
    assert changed.empty


def test_an_original_that_the_handed_back_file_has_taken_the_place_of_is_missed(team: Path) -> None:
    back = next((team / f"输出/{MON}/回传").glob("华东*.xlsx"))
    (team / f"区域订单/{MON}/华东.xlsx").unlink()
    shutil.copy(back, team / f"区域订单/{MON}" / back.name)
    run(team, MON)
    told = sheet(team, MON, "读取问题", "来源文件 来源工作表 问题 原值")
    assert told == [f"{back.name} | 待改 | 原文件不在 | 华东.xlsx"]
