"""What goes back to the regions and what comes back: the files, the command, the button, the run after it."""

from __future__ import annotations

import json
import shutil
from datetime import date
from multiprocessing.process import BaseProcess
from pathlib import Path
from random import Random
from typing import Any

import openpyxl
import pandas as pd
import pytest

from macros import check, desk, nightly, returns
from macros.audit import Report
from macros.resubmitted import earlier_links
from macros.returns import file_stem
from tests.books import write_xlsx
from tests.live_hosts import open_book, texts
from tests.macros.conftest import Demo, hashes
from tests.random_days import random_day
from tests.team_files import write_team
from workbooks.book import FileBook
from workbooks.errors import WorkbookError
from workbooks.layout import INPUT_FILL, RETURN_LAYOUTS, TOTAL_FILL
from workbooks.processes import CAN_COPY, copy
from workbooks.reading.cells import read_sheets
from workbooks.reference import Reference
from xl_addin import cli

DAY = date(2026, 11, 21)
NEXT = date(2026, 11, 22)
OUT = "输出/2026-11-21"
INBOX = "区域订单/2026-11-21"
Rows = list[list[Any]]

TABLES = {
    "基础资料/产品.xlsx": """
产品编码 | 产品名称 | 标准价 | 状态 | 替代产品
01 | 面霜 | 100 | 在售 |
02 | 口红 | 50  | 在售 |
03 | 香水 | 200 | 停产 | 02
""",
    "基础资料/合作商.xlsx": "合作商编码 | 合作商名称 | 级别 | 合同折扣\nP1 | 甲 | A | 0.9\nP2 | 乙 | B | 0.9",
    "基础资料/权限.xlsx": "岗位 | 可批折扣差 | 可批金额\n主管 | 0.05 | \n总监 | 0.5 |",
    "库存/库存.xlsx": "产品编码 | 现存量\n01 | 1000\n02 | 5",
    "库存/回复.xlsx": "产品编码 | 预计到货日期 | 预计数量\n02 | 2026-11-30 | 100",
    "基础资料/活动.xlsx": "活动编号 | 适用产品 | 开始日期 | 结束日期\nH1 | 全部 | 2026-01-01 | 2026-12-31",
    "财务/查款.xlsx": "合作商编码 | 账户余额\nP1 | 100000\nP2 | 100000",
}
EAST = """
区域 | 订单号 | 合作商编码 | 产品编码 | 数量 | 单价 | 备注
华东 | A1 | P1 | 01 | 10 | 95  |
华东 | A1 | P1 | 01 | 20 | 87  | =1+1     <- under the floor, 主管 may release it
华东 | A2 | P1 | 01 | 30 | 50  | 加急      <- far under the floor, only 总监 may
华东 | A3 | P2 | 02 | 8  | 50  |          <- 3 are not in stock
"""
WEST = "区域 | 订单号 | 合作商编码 | 产品编码 | 数量 | 单价\n西北 | B1 | P9 | 01 | 1 | 95"  # nobody knows P9
PLAIN = {"东.xlsx": EAST.replace("=1+1", "")}
"""What a book made by hand may hold: no text that becomes a formula there."""


def team_of(folder: Path, orders: dict[str, str] | None = None, day: date = DAY) -> Path:
    """Write a team folder with a day's orders."""
    for name, text in TABLES.items():
        write_xlsx(folder / name, text)
    for name, text in (orders or {"东.xlsx": EAST, "西.xlsx": WEST}).items():
        write_xlsx(folder / f"区域订单/{day}" / name, text)
    return folder


def sheets_of(path: Path) -> dict[str, Rows]:
    """Return a workbook's sheets as texts."""
    return {sheet.name: texts(sheet) for sheet in read_sheets(path.read_bytes(), ".xlsx")}


def column(rows: Rows, *headings: str) -> list[tuple[Any, ...]]:
    """Return columns of a sheet, row by row."""
    places = [rows[0].index(heading) for heading in headings]
    return [tuple(row[place] for place in places) for row in rows[1:]]


def decisions(report: Report) -> dict[tuple[str, str, int], tuple[int, float]]:
    """Return each line's decision and shippable quantity, by where it stood when it was first submitted."""
    lines = report.audit.lines
    came = "origin" if "origin_file" in lines else "source"
    places = zip(*(lines[f"{came}_{name}"] for name in ("file", "sheet", "row")), strict=True)
    said = zip(lines["effect"], lines["ship"], strict=True)
    return {(file, sheet, int(row)): found for (file, sheet, row), found in zip(places, said, strict=True)}


def hand_back(outcome: returns.Outcome, folder: Path) -> None:
    """Put the files that went back into a folder, as they are."""
    for path in outcome.folder.glob("*.xlsx"):
        shutil.copy(path, folder / path.name)


def changed(path: Path, target: Path, **cells: object) -> None:
    """Save a workbook under another name with cells of its lines to correct changed; `_3=None` deletes row 3."""
    book = openpyxl.load_workbook(path)
    page = book["待改"]
    for place, value in cells.items():
        if not place.startswith("_"):
            page[place] = value
    for row in sorted((int(place[1:]) for place in cells if place.startswith("_")), reverse=True):
        page.delete_rows(row)
    target.parent.mkdir(parents=True, exist_ok=True)
    book.save(target)


# ----------------------------------------------------------------------------------------------------- what goes back


def test_the_demo_by_command_is_the_nightly_run_to_the_byte_and_touches_nothing_else(demo: Demo, team: Path) -> None:
    before = hashes(team)
    shutil.copytree(demo.outcome.folder, team / OUT)
    there = {path.name: path.read_bytes() for path in (team / OUT / "回传").iterdir()}
    shutil.rmtree(team / OUT / "回传")
    outcome = returns.publish(team, DAY)
    assert (outcome.exit_code, outcome.kept) == (0, ())
    assert {path.name: path.read_bytes() for path in outcome.folder.iterdir()} == there
    assert sorted(there) == sorted(
        f"{name}_2026-11-21.xlsx" for name in ("东北", "华东", "华中", "华北", "华南", "直营", "西北", "西南")
    )
    assert hashes(team) == before
    now = {path.name: path.read_bytes() for path in (team / OUT).glob("*.*")}
    assert now == {path.name: path.read_bytes() for path in demo.outcome.folder.glob("*.*")}
    record = json.loads((team / OUT / "运行记录.json").read_text(encoding="utf-8"))
    assert record["returns"] == returns.facts(outcome.regions)
    assert record["resubmitted"]["orders"] == 0
    assert {f"回传/{name}" for name in there} <= set(record["outputs"])


def test_each_region_gets_its_own_lines_with_reasons_and_who_may_release_them(tmp_path: Path) -> None:
    outcome = returns.publish(team_of(tmp_path), DAY)
    assert [(one.region, one.held, one.returned, one.moved) for one in outcome.regions] == [
        ("华东", 2, 0, 1), ("西北", 1, 0, 0),
    ]  # fmt: skip
    east = sheets_of(outcome.folder / "华东_2026-11-21.xlsx")
    assert list(east) == ["待改", "待批清单", "转出", "原样"]
    assert column(east["待改"], "订单号", "数量", "备注", "决定", "异常", "可批岗位") == [
        ("A1", "20", "=1+1", "待批", "折扣低于下限", "主管、总监"),
        ("A2", "30", "加急", "待批", "折扣低于下限", "总监"),
    ]
    assert all("低于下限" in says and "改价" in do for says, do in column(east["待改"], "说明", "建议"))
    assert column(east["待改"], "退回日期", "退回文件", "退回工作表", "退回行", "退回次数") == [
        ("2026-11-21", "东.xlsx", "Sheet1", "3", "1"), ("2026-11-21", "东.xlsx", "Sheet1", "4", "1"),
    ]  # fmt: skip
    assert column(east["转出"], "订单号", "订货量", "可发数量", "转出数量") == [("A3", "8", "5", "3")]
    assert column(east["原样"], "订单号", "数量", "原决定") == [
        ("A1", "10", "通过"), ("A1", "20", "待批"), ("A2", "30", "待批"),
    ]  # fmt: skip
    assert column(east["待批清单"], "订单号", "审批结果") == [("A1", None), ("A2", None)]
    west = sheets_of(outcome.folder / "西北_2026-11-21.xlsx")
    assert list(west) == ["待改", "待批清单", "原样"]
    assert {row[0] for rows in west.values() for row in rows[1:]} == {"西北"}


def test_what_may_be_corrected_is_yellow_what_may_not_is_grey_text_stays_text_and_links_lead_up(tmp_path: Path) -> None:
    book = openpyxl.load_workbook(returns.publish(team_of(tmp_path), DAY).folder / "华东_2026-11-21.xlsx")
    page, sent = book["待改"], book["原样"]
    of_orders = len(RETURN_LAYOUTS["sent_back"].inputs)
    assert {cell.fill.fgColor.rgb for cell in page[2][:of_orders]} == {f"FF{INPUT_FILL[1:]}"}
    assert not any(cell.protection.locked for cell in page[2][:of_orders])
    assert {cell.fill.fgColor.rgb for cell in sent[2]} == {f"FF{TOTAL_FILL[1:]}"}
    remark = page["O2"]
    assert (remark.value, remark.data_type) == ("=1+1", "s")
    assert "撤回" in page["A1"].comment.text
    assert "不要改" in sent["A1"].comment.text
    assert page.column_dimensions["F"].number_format == "@"  # a row added below keeps its zeros
    links = {cell.hyperlink.target for row in page.iter_rows(min_row=2) for cell in row if cell.hyperlink}
    assert links == {"../原始表格/东.xlsx"}


def test_what_holds_an_order_is_said_on_all_its_lines(tmp_path: Path) -> None:
    orders = "订单号 | 合作商编码 | 产品编码 | 数量 | 单价\nA1 | P1 | 01 | 1 | 95\nA1 | P1 | 02 | 1 | 48"
    folder = team_of(tmp_path, {"东.xlsx": orders})
    write_xlsx(folder / "财务/确认.xlsx", "合作商编码 | 订单号 | 财务确认\nP1 | A1 | 没款")
    rows = sheets_of(returns.publish(folder, DAY).folder / "东_2026-11-21.xlsx")["待改"]
    assert [(row[0], row[1]) for row in column(rows, "决定", "异常")] == [("退回", "没款"), ("退回", "没款（整单）")]
    assert all("没款" in says for (says,) in column(rows, "说明"))
    (folder / "orderdesk.toml").write_text("[orders]\nwhole = true\n", encoding="utf-8")
    write_xlsx(folder / INBOX / "东.xlsx", orders.replace("| 95", "| 5"))
    (folder / "财务/确认.xlsx").unlink()
    rows = sheets_of(returns.publish(folder, DAY).folder / "东_2026-11-21.xlsx")["待改"]
    assert column(rows, "决定", "说明")[1] == ("待批", "同一订单的其他行待批或退回，本行一同等待。")


@pytest.mark.parametrize(
    ("region", "stem"),
    [
        ("华东", "华东"), ("../../华东", "华东"), ('华/东\\:*?"<>|', "华东"), ("~$华东", "华东"), (".华东. ", "华东"),
        ("\u202e华\x00东\n", "华东"), ("CON", "CON"), ("...", "未填区域"), ("华" * 99, "华" * 31),
        ("CON.华东", "_CON.华东"), ("Com1 .x", "_Com1 .x"), ("CONN.x", "CONN.x"),
        ("\ud83d", "未填区域"),
    ],
)  # fmt: skip
def test_a_region_leads_nowhere_as_a_file_name(region: str, stem: str) -> None:
    assert file_stem(region) == stem


def test_two_regions_never_share_a_file_and_one_region_has_one(tmp_path: Path) -> None:
    orders = "区域 | 订单号 | 合作商编码 | 产品编码 | 数量 | 单价\n" + "\n".join(
        f"{region} | A{place} | P9 | 01 | 1 | 95" for place, region in enumerate(["华东", "华:东", "华 东", "a", "A"])
    )
    outcome = returns.publish(team_of(tmp_path, {"全.xlsx": orders}), DAY)
    assert [(one.region, one.name, one.held) for one in outcome.regions] == [
        ("a", "a_2026-11-21.xlsx", 2), ("华:东", "华东 (2)_2026-11-21.xlsx", 1), ("华东", "华东_2026-11-21.xlsx", 2),
    ]  # fmt: skip


# ---------------------------------------------------------------------------------------------------- the command


def test_a_changed_file_is_kept_a_stale_one_goes_and_what_people_put_there_stays(tmp_path: Path) -> None:
    folder = team_of(tmp_path)
    outcome = returns.publish(folder, DAY)
    east, west = (outcome.folder / f"{name}_2026-11-21.xlsx" for name in ("华东", "西北"))
    mine, fresh = east.read_bytes() + b"x", east.read_bytes()
    east.write_bytes(mine)
    (outcome.folder / "我的.txt").write_text("x", encoding="utf-8")
    write_xlsx(folder / INBOX / "西.xlsx", WEST.replace("P9", "P1"))  # nothing goes back to 西北 any more
    again = returns.publish(folder, DAY)
    assert again.kept == (outcome.folder / "华东_2026-11-21_1.xlsx",)
    assert (again.kept[0].read_bytes(), east.read_bytes()) == (mine, fresh)
    assert {path.name for path in outcome.folder.iterdir()} == {east.name, again.kept[0].name, "我的.txt"}
    record = json.loads((folder / OUT / "运行记录.json").read_text(encoding="utf-8"))
    assert list(record["outputs"]) == [f"回传/{east.name}"]
    write_xlsx(folder / INBOX / "西.xlsx", WEST)
    returns.publish(folder, DAY)
    west.write_bytes(b"mine")
    write_xlsx(folder / INBOX / "西.xlsx", WEST.replace("P9", "P1"))
    assert returns.publish(folder, DAY).kept == ()
    assert west.read_bytes() == b"mine"  # nobody throws it away
    assert {path.name for path in (folder / "输出").iterdir()} == {"2026-11-21"}


def test_where_nothing_goes_back_there_is_no_folder(tmp_path: Path) -> None:
    folder = team_of(tmp_path)
    returns.publish(folder, DAY)
    for name in ("东.xlsx", "西.xlsx"):
        write_xlsx(folder / INBOX / name, WEST.replace("P9", "P1").replace("B1", name))
    outcome = returns.publish(folder, DAY)
    assert outcome.regions == ()
    assert not outcome.folder.exists()


def test_a_run_that_cannot_be_made_leaves_all_as_it_was(tmp_path: Path) -> None:
    folder = team_of(tmp_path)
    outcome = returns.publish(folder, DAY)
    before = {path: path.read_bytes() for path in (folder / "输出").rglob("*") if path.is_file()}
    for path in (folder / INBOX).iterdir():
        path.unlink()
    with pytest.raises(WorkbookError):
        returns.publish(folder, DAY)
    shutil.rmtree(folder / INBOX)
    with pytest.raises(WorkbookError):
        returns.publish(folder, DAY)
    assert {path: path.read_bytes() for path in (folder / "输出").rglob("*") if path.is_file()} == before
    outcome.folder.rename(outcome.folder.parent / ".回传.old")  # interrupted between two renames
    team_of(folder)
    assert len(list(returns.publish(folder, DAY).folder.iterdir())) == len(outcome.regions)


# ------------------------------------------------------------------------------------------------- what comes back


def test_the_demo_handed_back_unchanged_decides_the_same_and_says_so(demo: Demo, team: Path) -> None:
    first = demo.outcome
    for path in (first.folder / "回传").iterdir():
        shutil.copy(path, team / INBOX / path.name)
    outcome = returns.publish(team, DAY)
    assert outcome.exit_code == 0
    assert decisions(outcome.report) == decisions(first.report)
    rows = outcome.report.frame("resubmitted")
    assert len(rows) == sum(region.held + region.returned for region in first.regions)
    assert {tuple(row) for row in rows[["change", "changes", "resolved", "appeared"]].to_numpy()} == {
        ("same", "", "", "")
    }
    assert (rows["before"] == rows["decision"]).all()
    again = {path.name.replace(".xlsx", "_第2次.xlsx") for path in (first.folder / "回传").iterdir()}
    assert {region.name for region in outcome.regions} == again  # never saved over what was handed back
    hand_back(outcome, team / INBOX)
    assert decisions(returns.publish(team, DAY).report) == decisions(first.report)  # once more round


@pytest.mark.parametrize("seed", [7001, 7002])
def test_random_days_handed_back_unchanged_decide_the_same(seed: int, tmp_path: Path) -> None:
    lines, tables, policy, day = random_day(seed, 30)
    write_team(tmp_path, lines, tables, policy, Random(seed))  # noqa: S311 - no secret
    first = returns.publish(tmp_path, day)
    hand_back(first, tmp_path / f"区域订单/{day}")
    again = returns.publish(tmp_path, day)
    assert decisions(again.report) == decisions(first.report)
    assert again.report.passed
    assert set(again.report.frame("resubmitted")["change"]) == {"same"}


def test_what_was_corrected_withdrawn_and_added_is_said_line_by_line(tmp_path: Path) -> None:
    folder = team_of(tmp_path)
    first = returns.publish(folder, DAY)
    added = {"A4": "华东", "B4": "A1", "D4": "P1", "F4": "02", "I4": 1, "J4": 50}
    path = folder / INBOX / "改好.xlsx"
    changed(first.folder / "华东_2026-11-21.xlsx", path, J2=95, **added, _3=None)  # A2 is withdrawn
    outcome = nightly.run(folder, DAY)
    rows = sheets_of(outcome.result)["重交对比"]
    assert column(rows, "订单号", "产品编码", "变化", "改动", "原决定", "现决定", "已解决", "来源文件", "来源行") == [
        ("A1", "01", "已改", "单价：87 → 95", "待批", "通过", "折扣低于下限", "改好.xlsx", "2"),
        ("A1", "02", "新增", None, None, "通过", None, "改好.xlsx", "3"),
        ("A2", "01", "撤回", None, "待批", None, None, "改好.xlsx", "4"),
    ]
    facts = json.loads((outcome.folder / "运行记录.json").read_text(encoding="utf-8"))["resubmitted"]
    assert facts == {
        "orders": 2, "changed": 1, "added": 1, "withdrawn": 1, "again": 0, "resolved": 1, "appeared": 0,
    }  # fmt: skip
    problems = column(sheets_of(outcome.result)["读取问题"], "来源文件", "来源行", "问题")
    assert problems == [("东.xlsx", "3", "已由改正代替"), ("东.xlsx", "4", "已撤回")]
    assert (outcome.exit_code, outcome.report.passed) == (0, True)
    linked = openpyxl.load_workbook(outcome.result)["重交对比"]["P2"].hyperlink
    assert (linked.target, linked.location) == ("原始表格/改好.xlsx", "'待改'!A2")


@pytest.mark.skipif(not CAN_COPY, reason="no copies of a process on this system")
def test_a_process_beside_writes_the_same_and_what_becomes_of_it_costs_nothing(
    demo: Demo, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    what = (demo.outcome.report, demo.outcome.team.tables, demo.day)

    def written(folder: Path) -> dict[str, bytes]:
        return {path.name: path.read_bytes() for path in folder.iterdir()}

    expected, facts = written(demo.outcome.folder / "回传"), returns.facts(demo.outcome.regions)
    began: list[BaseProcess] = []

    def begins(*given: object) -> BaseProcess:
        began.append(copy(*given))  # type: ignore[arg-type]
        return began[-1]

    monkeypatch.setattr(returns, "LONG", 0)
    monkeypatch.setattr(returns, "copy", begins)
    with returns.beside(tmp_path / "beside", *what) as made:
        assert returns.facts(made()) == facts
    assert written(tmp_path / "beside") == expected
    (tmp_path / "file").write_text("in the way", encoding="utf-8")
    with pytest.raises(OSError, match="file"), returns.beside(tmp_path / "file" / "folder", *what) as made:
        made()
    with returns.beside(tmp_path / "again", *what) as made:
        began[-1].kill()
        assert returns.facts(made()) == facts
    assert written(tmp_path / "again") == expected
    with pytest.raises(KeyError), returns.beside(tmp_path / "left", *what):
        raise KeyError
    assert len(began) == 4
    assert not any(process.is_alive() for process in began)


@pytest.fixture(scope="module")
def yesterday(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a team folder whose first day has been run; tests work on a copy."""
    folder = team_of(tmp_path_factory.mktemp("yesterday"))
    nightly.run(folder, DAY)
    return folder


def compared(folder: Path, *names: str) -> list[tuple[Any, ...]]:
    """Return columns of the next day's 重交对比, by their names."""
    rows = returns.publish(folder, NEXT).report.frame("resubmitted")
    return [tuple(row) for row in rows[list(names)].to_numpy(object)]


def test_on_the_next_day_the_clerks_own_workbook_is_compared_with_the_days_result(
    yesterday: Path, tmp_path: Path
) -> None:
    folder = shutil.copytree(yesterday, tmp_path / "team")
    # the whole order once more: its first line went out yesterday; A2 comes without its line
    orders = EAST.replace("| 87 ", "| 95 ").replace("华东 | A3", "华东 | A8")
    write_xlsx(folder / f"区域订单/{NEXT}" / "东.xlsx", orders.replace("A2 | P1 | 01", "A2 | P1 | 02"))
    outcome = nightly.run(folder, NEXT)
    rows = sheets_of(outcome.result)["重交对比"]
    file = "输出/2026-11-21/原始表格/东.xlsx"
    assert column(rows, "订单号", "产品名称", "变化", "改动", "来源文件", "来源行") == [
        ("A1", None, "上次已通过", None, "东.xlsx", "2"), ("A1", None, "已改", "单价：87 → 95", "东.xlsx", "3"),
        ("A2", None, "撤回", None, file, "4"), ("A2", None, "新增", None, "东.xlsx", "4"),
    ]  # fmt: skip
    linked = openpyxl.load_workbook(outcome.result)["重交对比"]["P4"].hyperlink
    assert (linked.target, linked.location) == ("../2026-11-21/原始表格/东.xlsx", "'Sheet1'!A4")
    assert (outcome.folder / linked.target).is_file()


def test_yesterdays_workbook_once_more_would_ship_all_of_it_twice(yesterday: Path, tmp_path: Path) -> None:
    folder = shutil.copytree(yesterday, tmp_path / "team")
    shutil.copytree(folder / INBOX, folder / f"区域订单/{NEXT}")
    assert compared(folder, "order_no", "change", "changes") == [
        ("A1", "passed_before", ""), ("A1", "same", ""), ("A2", "same", ""), ("A3", "moved_before", ""),
        ("B1", "same", ""),
    ]  # fmt: skip
    shutil.rmtree(folder / OUT / "回传")  # nothing of it is asked
    assert len(compared(folder, "order_no")) == 5


def test_what_was_handed_back_yesterday_and_passed_would_ship_twice_today(yesterday: Path, tmp_path: Path) -> None:
    folder = shutil.copytree(yesterday, tmp_path / "team")
    sent = folder / OUT / "回传/华东_2026-11-21.xlsx"
    changed(sent, folder / f"区域订单/{NEXT}" / "改好.xlsx", J2=95)
    names = ("order_no", "change", "changes", "decision")
    first = [("A1", "changed", "单价：87 → 95", "pass"), ("A2", "same", "", "hold")]
    assert compared(folder, *names) == first
    shutil.copy(folder / f"区域订单/{NEXT}" / "改好.xlsx", folder / INBOX / "改好.xlsx")
    nightly.run(folder, DAY)
    assert compared(folder, *names) == [("A1", "passed_before", "单价：87 → 95", "pass"), first[1]]


def test_a_name_that_somebody_wrote_into_a_result_leads_nowhere() -> None:
    names = ["输出/2026-11-21/原始表格/东.xlsx", "输出/2026-11-21/原始表格/../../x", "输出/d/a\\..\\b", "输出/d/c:x"]
    earlier = pd.DataFrame({"source_file": pd.array(names, dtype="str")})
    assert earlier_links(earlier) == {names[0]: "../2026-11-21/原始表格/东.xlsx"}


def test_rows_that_could_not_be_read_go_back_to_the_region_of_their_file(tmp_path: Path) -> None:
    head = "区域 | 订单号 | 合作商编码 | 产品编码 | 数量 | 单价\n"
    east = "华东 | C1 | P1 | 01 | 1 | 95\n华南 | C2 | P1 | 01 | 1 | 95\n华东 | C3 | P1 | 01 | 1 | 95\n"
    bad = "华南 | C4 | P1 | 01 | 很多 | 便宜\n"  # two cells of one row
    folder = team_of(tmp_path, {
        "甲.xlsx": head + east + bad,  # most of its lines are 华东's
        "城里/乙.xlsx": head + bad,  # a file without a line
        "西.xlsx": WEST,
    })  # fmt: skip
    outcome = returns.publish(folder, DAY)
    counts = [(one.region, one.held, one.unread) for one in outcome.regions]
    assert counts == [("乙", 0, 1), ("华东", 0, 1), ("西北", 1, 0)]
    assert [fact["unread"] for fact in returns.facts(outcome.regions)] == [1, 1, 0]
    east_back = outcome.folder / "华东_2026-11-21.xlsx"
    assert list(sheets_of(east_back)) == ["未接收"]
    assert column(sheets_of(east_back)["未接收"], "来源文件", "来源行", "单元格", "原值") == [
        ("甲.xlsx", "5", "E5", "很多"), ("甲.xlsx", "5", "F5", "便宜"),
    ]  # fmt: skip
    link = openpyxl.load_workbook(outcome.folder / "乙_2026-11-21.xlsx")["未接收"]["D2"].hyperlink
    assert (link.target, link.location) == ("../原始表格/城里/乙.xlsx", "'Sheet1'!A2")
    # handed back: what is wrong in it goes to its region, what it has corrected does not
    west = folder / INBOX / "改好.xlsx"
    changed(outcome.folder / "西北_2026-11-21.xlsx", west, I2="?")
    shutil.copy(east_back, folder / INBOX / "无.xlsx")  # nothing in it is orders
    after = returns.publish(folder, DAY)
    assert [(one.region, one.unread) for one in after.regions] == [("乙", 1), ("华东", 1), ("西北", 1)]
    assert "not-recognised" not in {problem.code for problem in after.team.problems}
    changed(outcome.folder / "西北_2026-11-21.xlsx", west, D2="P1")
    assert [one.region for one in returns.publish(folder, DAY).regions] == ["乙", "华东"]


def test_a_line_added_to_an_order_that_is_handed_back_is_not_in_another_file(tmp_path: Path) -> None:
    folder = team_of(tmp_path)
    sent = returns.publish(folder, DAY).folder / "华东_2026-11-21.xlsx"
    added = {"A4": "华东", "B4": "A3", "D4": "P2", "F4": "01", "I4": 1, "J4": 95}
    changed(sent, folder / INBOX / "改好.xlsx", **added)
    assert "order-in-two-files" not in set(returns.publish(folder, DAY).report.findings["rule"])


def test_a_file_handed_back_on_the_next_day_explains_itself(tmp_path: Path) -> None:
    folder = team_of(tmp_path)
    first = returns.publish(folder, DAY)
    changed(first.folder / "华东_2026-11-21.xlsx", folder / f"区域订单/{NEXT}" / "改好.xlsx", J2=95, _3=None)
    shutil.rmtree(folder / "输出")
    outcome = returns.publish(folder, NEXT)
    assert outcome.report.frame("resubmitted")[["order_no", "change"]].to_numpy().tolist() == [
        ["A1", "changed"], ["A2", "withdrawn"],
    ]  # fmt: skip
    assert outcome.report.decisions["pass"] == 1


def test_an_answer_in_the_regions_list_releases_from_any_folder(tmp_path: Path) -> None:
    folder = team_of(tmp_path)
    first = returns.publish(folder, DAY)
    book = openpyxl.load_workbook(first.folder / "华东_2026-11-21.xlsx")
    page = book["待批清单"]
    at = {cell.value: cell.column for cell in page[1]}
    for heading, answer in {"审批结果": "放行", "审批人": "王主管", "岗位": "主管", "理由": "老客户"}.items():
        page.cell(2, at[heading], answer)
    for place in ("审批", INBOX):
        (folder / place).mkdir(exist_ok=True)
        book.save(folder / place / "批.xlsx")
        after = returns.publish(folder, DAY)
        assert (after.report.decisions["hold"], first.report.decisions["hold"]) == (2, 3), place
        assert "not-recognised" not in {problem.code for problem in after.team.problems}
        (folder / place / "批.xlsx").unlink()


# ---------------------------------------------------------------------------------------------------- button and check


@pytest.mark.parametrize("kind", ["file", "excel"])
def test_the_button_writes_what_goes_back_and_does_not_take_it_for_orders(kind: str, tmp_path: Path) -> None:
    folder = team_of(tmp_path / "team", PLAIN)
    reference = Reference(folder, today=lambda: DAY)
    orders = sheets_of(folder / INBOX / "东.xlsx")["Sheet1"]
    opened = open_book(kind, tmp_path, {"订单": orders})
    done = desk.run("returns", opened.book, reference, DAY)
    assert done.sheets == ("退单清单", "待改", "待批清单")
    rows = texts(opened.look()["待改"])
    assert column(rows, "订单号", "退回工作表", "退回行") == [("A1", "订单", "3"), ("A2", "订单", "4")]
    again = desk.run("audit", opened.book, reference, DAY)
    assert again.sheets == ("订单汇总", "异常明细")
    assert set(column(texts(opened.look()["订单汇总"]), "来源工作表")) == {("订单",)}


@pytest.mark.parametrize("kind", ["file", "excel"])
def test_a_clerk_corrects_what_went_back_and_audits_it(kind: str, tmp_path: Path) -> None:
    folder = team_of(tmp_path / "team", PLAIN)
    sheets = sheets_of(returns.publish(folder, DAY).folder / "华东_2026-11-21.xlsx")
    sheets["待改"][1][9] = "95"
    opened = open_book(kind, tmp_path, sheets)
    reference = Reference(folder, today=lambda: DAY)
    done = desk.run("audit", opened.book, reference, DAY)
    assert done.sheets == ("订单汇总", "异常明细", "重交对比")
    assert done.own_orders
    found = opened.look()
    assert column(texts(found["订单汇总"]), "订单号", "决定") == [("A1", "通过"), ("A2", "待批")]
    assert column(texts(found["重交对比"]), "订单号", "变化", "改动")[0] == ("A1", "已改", "单价：87 → 95")
    desk.run("returns", opened.book, reference, DAY)
    desk.run("merge", opened.book, reference, DAY)
    assert len(texts(opened.look()["订单汇总 (2)"])) == 3  # the button's own lines to correct are not orders


def test_check_reads_the_lines_to_correct_of_a_file(tmp_path: Path) -> None:
    folder = team_of(tmp_path)
    path = folder / INBOX / "改好.xlsx"
    changed(returns.publish(folder, DAY).folder / "华东_2026-11-21.xlsx", path, J2=95)
    checked = check.run(path, folder, DAY)
    assert len(checked.report.audit.lines) == 2
    assert checked.findings["order_no"].tolist() == ["A2"]
    assert checked.problems.empty
    book = FileBook(path, tmp_path / "result.xlsx")
    assert desk.run("merge", book, Reference(folder, today=lambda: DAY), DAY).own_orders


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_the_command_says_what_goes_back_and_what_came_back(
    lang: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = team_of(tmp_path)
    asked = [str(folder), "--date", f"{DAY}", "--lang", lang]
    assert cli.main(["returns", *asked]) == 0
    said = capsys.readouterr().out
    assert "华东_2026-11-21.xlsx" in said
    assert ("回传 2 个区域：待批 3 行" if lang == "zh" else "Back to 2 regions: 3 lines held") in said
    assert ("重交" if lang == "zh" else "submitted again") not in said
    sent = folder / OUT / "回传" / "华东_2026-11-21.xlsx"
    changed(sent, folder / INBOX / "改好.xlsx", J2=95)
    sent.write_bytes(b"changed by hand")
    assert cli.main(["returns", *asked]) == 0
    said = capsys.readouterr().out
    assert ("重交 2 张订单：已改 1 行" if lang == "zh" else "2 orders submitted again: 1 lines changed") in said
    assert "华东_2026-11-21_1.xlsx" in said.replace("\n", "")
    assert cli.main(["nightly", *asked]) == 0
    assert ("重交 2 张订单" if lang == "zh" else "2 orders submitted again") in capsys.readouterr().out
    assert cli.main(["returns", str(tmp_path / "nowhere"), "--lang", lang]) == 2
