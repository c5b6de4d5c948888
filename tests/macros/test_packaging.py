"""Packaging behind its three doors: the button, the command and the nightly run write the same sheets."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from macros import desk, nightly, packaging
from tests.books import read, write_xlsx
from tests.live_hosts import KINDS, open_book, texts
from tests.macros.conftest import Demo, hashes
from workbooks.errors import WorkbookError
from workbooks.layout import PACKAGING_LAYOUTS, PALETTE, TOTAL_FILL
from workbooks.reading.cells import read_sheets
from workbooks.reading.problems import sentence
from workbooks.reference import Reference

DAY = date(2026, 11, 21)
NAME = "KASP包材汇总_2026-11-21.xlsx"
OWN = ["包材汇总", "按区域", "按市场人员", "未发", "包材明细", "异常"]
HEADINGS = [
    "申请单号",
    "申请日期",
    "市场人员",
    "区域",
    "合作商编码",
    "物料编码",
    "生产基地",
    "申请数量",
    "批准数量",
    "已发数量",
]
Rows = list[list[Any]]


def sheets_of(path: Path) -> dict[str, Rows]:
    """Return a workbook's sheets as texts."""
    return {sheet.name: texts(sheet) for sheet in read_sheets(path.read_bytes(), ".xlsx")}


def team_of(folder: Path, requests: str, others: dict[str, str] | None = None) -> Path:
    """Write a team folder with nothing but packaging requests and partners."""
    write_xlsx(folder / "KASP" / "包材.xlsx", requests)
    for name, text in {"基础资料/合作商.xlsx": "合作商编码 | 合作商名称 | 级别\nP1 | 甲 | A", **(others or {})}.items():
        write_xlsx(folder / name, text)
    return folder


REQUESTS = """
申请单号 | 申请日期 | 市场人员 | 区域 | 合作商编码 | 物料编码 | 生产基地 | 申请数量 | 批准数量 | 已发数量
A1 | 2026-11-20 | 林可 | 华东 | P1 | M1 | 广州基地 | 100  | 80 | 30
A2 | 2026-09-20 | 方晓 | 华北 | P1 | M2 | 广州基地 | 10   | 10 |
A3 | 2026-11-01 | 方晓 | 华北 | P1 | M1 | 湖州基地 | 10   |    |          <- not approved yet
A4 | 2026-11-01 | 方晓 | 华北 | P9 | M1 | 湖州基地 | 10   | 10 |          <- nobody knows P9
A5 | 2026-11-01 | 方晓 | 华北 | P1 | M1 |          | 10   | 10 |          <- no site
A6 | 2026-11-01 | 方晓 | 华北 | P1 | M1 | 湖州基地 | 很多 | 10 |          <- not accepted
"""


def test_the_demo_by_command_is_the_nightly_run_to_the_byte_and_touches_nothing_else(demo: Demo, team: Path) -> None:
    before = hashes(team)
    shutil.copytree(demo.outcome.folder, team / "输出" / "2026-11-21")
    there = (team / "输出" / "2026-11-21" / NAME).read_bytes()
    (team / "输出" / "2026-11-21" / NAME).unlink()
    outcome = packaging.publish(team, DAY)
    assert (outcome.exit_code, outcome.kept, outcome.unreadable) == (0, None, ())
    assert outcome.result.read_bytes() == there
    assert hashes(team) == before
    now = {path.name: path.read_bytes() for path in outcome.result.parent.glob("*.*")}
    assert now == {path.name: path.read_bytes() for path in demo.outcome.folder.glob("*.*")}


def test_the_demo_finds_what_was_planted(demo: Demo) -> None:
    summed = demo.outcome.packaging
    assert summed is not None
    assert {code for code, count in summed.counts.items() if count} == {
        "duplicate-request", "quantity-not-positive", "approved-over-requested", "shipped-over-approved",
        "unknown-base", "unknown-partner",
    }  # fmt: skip
    record = json.loads((demo.outcome.folder / "运行记录.json").read_text(encoding="utf-8"))
    assert record["packaging"] == json.loads(json.dumps(summed.facts))
    assert NAME in record["outputs"]


def test_the_sheets_and_what_stands_in_them(tmp_path: Path) -> None:
    outcome = packaging.publish(team_of(tmp_path, REQUESTS), DAY)
    sheets = sheets_of(outcome.result)
    assert list(sheets) == [*OWN, "广州基地", "湖州基地", "读取问题"]
    assert [row[4:10] for row in sheets["包材汇总"][1:]] == [
        ["100", "80", "30", "50", "0", "0"],  # M1 of 广州基地
        ["20", "10", "0", "10", "10", "0"],  # M1 of 湖州基地
        ["10", "10", "0", "10", "0", "0"],  # M1 of none
        ["10", "10", "0", "10", "0", "0"],  # M2 of 广州基地
        ["140", "110", "30", "80", "10", "0"],
    ]
    assert [row[:5] for row in sheets["按区域"][1:]] == [
        ["华东", "100", "80", "30", "50"], ["华北", "40", "30", "0", "30"], ["合计", "140", "110", "30", "80"],
    ]  # fmt: skip
    assert [row[:2] for row in sheets["按市场人员"][1:]] == [["方晓", "40"], ["林可", "100"], ["合计", "140"]]
    assert [(row[0], row[2], row[3]) for row in sheets["未发"][1:]] == [
        ("A2", "62", "30 天以上"), ("A3", "20", "8–30 天"), ("A4", "20", "8–30 天"), ("A5", "20", "8–30 天"),
        ("A1", "1", "0–7 天"), ("合计", None, None),
    ]  # fmt: skip
    assert [row[0] for row in sheets["包材明细"][1:]] == ["A1", "A2", "A3", "A4", "A5"]
    assert [(row[0], row[1], row[2]) for row in sheets["异常"][1:]] == [
        ("unknown-partner", "异常", "A4"), ("unknown-base", "异常", "A5"),
    ]  # fmt: skip
    assert [(row[0], row[12]) for row in sheets["广州基地"][1:]] == [("A2", "10"), ("A1", "50"), ("合计", "60")]
    assert [(row[0], row[12]) for row in sheets["湖州基地"][1:]] == [("合计", "0")]  # nothing that may be sent
    assert [(row[2], row[3], row[5]) for row in sheets["读取问题"][1:]] == [("7", "H7", "很多")]


def test_ages_are_coloured_and_the_total_is_grey_all_along(tmp_path: Path) -> None:
    book = openpyxl.load_workbook(packaging.publish(team_of(tmp_path, REQUESTS), DAY).result)
    for layout in PACKAGING_LAYOUTS.values():
        if layout.total_row:
            page = book["广州基地" if layout.key == "packaging_base" else layout.name]
            assert {cell.fill.fgColor.rgb for cell in page[page.max_row]} == {f"FF{TOTAL_FILL[1:]}"}, layout.name
    wanted = {"0–7 天": "pass", "8–30 天": "hold", "30 天以上": "return"}
    ages = [row[3] for row in book["未发"].iter_rows(min_row=2, max_row=book["未发"].max_row - 1)]
    assert {cell.value: f"#{cell.fill.fgColor.rgb[2:]}" for cell in ages} == {
        word: PALETTE[tone].fill for word, tone in wanted.items()
    }


def test_sums_that_do_not_agree_are_exit_code_1(demo: Demo, tmp_path: Path) -> None:
    outcome = packaging.publish(team_of(tmp_path, REQUESTS), DAY)
    failed = replace(outcome.summed, passed=False)
    assert replace(outcome, summed=failed).exit_code == 1
    assert replace(demo.outcome, packaging=failed).exit_code == 1


def test_each_line_leads_to_its_row_in_the_teams_file(tmp_path: Path) -> None:
    outcome = packaging.publish(team_of(tmp_path, REQUESTS), DAY)
    sheet = openpyxl.load_workbook(outcome.result)["包材明细"]
    for row in sheet.iter_rows(min_row=2):
        link = row[-1].hyperlink
        assert (outcome.result.parent / link.target).resolve() == (tmp_path / "KASP" / "包材.xlsx").resolve()
        assert link.location == f"'Sheet1'!A{row[-1].value}"


@pytest.mark.parametrize("kind", KINDS)
def test_the_button_gives_what_the_command_gives(kind: str, demo: Demo, tmp_path: Path) -> None:
    wanted = sheets_of(demo.outcome.folder / NAME)
    opened = open_book(kind, tmp_path, {"Sheet9": [["备忘"]]})
    done = desk.run("packaging", opened.book, Reference(demo.folder, today=lambda: DAY), DAY)
    assert list(done.sheets) == list(wanted)
    found = opened.look()
    assert {name: texts(found[name]) for name in done.sheets} == wanted
    assert "团队文件夹" in done.says("zh")
    assert not done.own_orders


@pytest.mark.parametrize("kind", KINDS)
def test_a_books_own_requests_go_first_and_its_results_are_not_read_again(
    kind: str, team: Path, tmp_path: Path
) -> None:
    (team / "orderdesk.toml").unlink()  # any site that is named counts
    rows: Rows = [HEADINGS, ["Z1", "2026-11-20", "林可", "华东", None, "M1", "异常", 5.0, 5.0, None],
            ["Z2", "2026-11-20", "林可", "华东", None, "M1", "A/B:[c]*?'", 5.0, 5.0, 2.0]]  # fmt: skip
    opened = open_book(kind, tmp_path, {"申请": rows})
    reference = Reference(team, today=lambda: DAY)
    done = desk.run("packaging", opened.book, reference, DAY)
    assert list(done.sheets) == [*OWN, "ABc", "异常 (2)", "读取问题"]
    assert done.own_orders
    assert done.says("zh").startswith("汇总的是本工作簿里的包材申请，账龄算到 2026-11-21。")
    found = opened.look()
    assert [row[0] for row in texts(found["包材明细"])[1:]] == ["Z1", "Z2"]
    assert [row[4] for row in texts(found["读取问题"])[1:]] == ["用了本工作簿的表"]
    again = desk.run("packaging", opened.book, reference, DAY)
    found = opened.look()
    assert [texts(found[name]) for name in again.sheets] == [texts(found[name]) for name in done.sheets]


def test_a_book_and_a_team_without_requests_are_told_so(tmp_path: Path) -> None:
    team = tmp_path / "team"
    write_xlsx(team / "KASP" / "包材.xlsx", "申请单号 | 申请数量 | 生产基地 | 批准数量\nA1 | 5 | 广州 | 5")
    with pytest.raises(WorkbookError) as told:
        packaging.publish(team, DAY)
    assert told.value.code == "no-packaging"
    assert told.value.fields["first"]
    assert not (team / "输出").exists()
    with pytest.raises(WorkbookError) as told:
        desk.run("packaging", open_book("file", tmp_path, {"x": [["y"]]}).book, Reference(team), DAY)
    assert told.value.code == "no-packaging"
    with pytest.raises(WorkbookError) as told:
        packaging.publish(tmp_path / "nowhere", DAY)
    assert told.value.code == "no-folder"


def test_a_sheet_that_lacks_a_heading_stops_the_button(demo: Demo, tmp_path: Path) -> None:
    opened = open_book("excel", tmp_path, {"申请": [["申请单号", "物料编码", "几个"], ["A1", "M1", 5.0]]})
    with pytest.raises(WorkbookError) as told:
        desk.run("packaging", opened.book, Reference(demo.folder, today=lambda: DAY), DAY)
    assert told.value.code == "no-packaging"
    assert "申请数量" in sentence(told.value.fields["first"])  # type: ignore[arg-type] # a Problem
    assert set(opened.look()) == {"申请"}


def test_without_partners_that_check_reads_not_run(tmp_path: Path) -> None:
    team = team_of(tmp_path, REQUESTS)
    shutil.rmtree(team / "基础资料")
    outcome = packaging.publish(team, DAY)
    *_, last = sheets_of(outcome.result)["异常"]
    assert last[:2] == ["unknown-partner", "未运行"]
    assert "合作商档案" in str(last[7])
    assert outcome.summed.facts["not_run"] == {"unknown-partner": ["partners"]}
    assert "unknown-partner" not in outcome.summed.counts


def test_the_sites_that_the_team_has_listed(tmp_path: Path) -> None:
    team = team_of(tmp_path, REQUESTS)
    (team / "orderdesk.toml").write_text('[packaging]\nbases = ["湖州基地"]\n', encoding="utf-8")
    outcome = packaging.publish(team, DAY)
    assert outcome.summed.counts["unknown-base"] == 3
    assert [name for name in sheets_of(outcome.result) if "基地" in name] == ["湖州基地"]


def test_a_file_that_cannot_be_read_is_exit_code_1_and_told(tmp_path: Path) -> None:
    team = team_of(tmp_path, REQUESTS)
    (team / "KASP" / "坏.xlsx").write_bytes(b"PK")
    outcome = packaging.publish(team, DAY)
    assert (outcome.exit_code, outcome.unreadable) == (1, ("KASP/坏.xlsx",))
    assert "KASP/坏.xlsx" in {row[0] for row in sheets_of(outcome.result)["读取问题"]}


def test_a_result_put_among_the_requests_is_not_read_as_requests(tmp_path: Path) -> None:
    team = team_of(tmp_path, REQUESTS)
    first = packaging.publish(team, DAY)
    shutil.copy(first.result, team / "KASP" / "上次.xlsx")
    assert len(packaging.publish(team, DAY).summed.lines) == len(first.summed.lines)


def test_a_nightly_run_without_requests_writes_no_packaging(tmp_path: Path) -> None:
    inbox = tmp_path / "区域订单" / "2026-11-21"
    inbox.mkdir(parents=True)
    (inbox / "华东.csv").write_text("订单号,合作商编码,产品编码,数量\nA1,X,Y,5\n", encoding="utf-8")
    outcome = nightly.run(tmp_path, DAY)
    assert outcome.packaging is None
    assert not (outcome.folder / NAME).exists()
    assert "packaging" not in json.loads((outcome.folder / "运行记录.json").read_text(encoding="utf-8"))


def test_the_command_before_and_after_a_nightly_run_leaves_no_old_folders(team: Path) -> None:
    packaging.publish(team, DAY)
    nightly.run(team, DAY)
    shutil.copy(team / "KASP" / "包材申请.xlsx", team / "KASP" / "又一份.xlsx")  # the next result is another
    assert packaging.publish(team, DAY).kept is None
    nightly.run(team, DAY)
    assert {path.name for path in (team / "输出").iterdir()} == {"2026-11-21"}


CELLS = st.one_of(st.sampled_from(["", "很多", "#N/A", "12个", "-3", "7", "1,200", "0"]), st.integers(0, 999).map(str))
LINE = st.tuples(st.sampled_from(["A1", "A2", "B1", ""]), st.sampled_from(["M1", "M2", ""]), CELLS, CELLS, CELLS)


@settings(max_examples=20, derandomize=True, deadline=None)
@given(st.lists(LINE, min_size=1, max_size=15))
def test_no_line_is_lost(lines: list[tuple[str, ...]]) -> None:
    """Every row that says anything stands in 包材明细, or in 读取问题 with its reason."""
    rows = [f"{no} | {material} | 广州 | {' | '.join(cells)} | x" for no, material, *cells in lines]
    heading = "申请单号 | 物料编码 | 生产基地 | 申请数量 | 批准数量 | 已发数量 | 备注"
    table = read("packaging", "\n".join([heading, *rows]))
    summed = packaging.run({"packaging": table}, table.problems, (), DAY)
    shown = {sheet.layout.key: sheet.frame for sheet in summed.sheets}
    told = {problem.source_row for problem in table.problems if problem.rejects}
    taken = shown["packaging_lines"]["source_row"].to_list()
    assert sorted([*taken, *told]) == list(range(2, 2 + len(lines)))
    assert summed.passed
    assert summed.rejected == len(told)
    for key in ("packaging", "packaging_regions", "packaging_applicants"):
        *_, total = shown[key].to_dict("records")
        assert (total["lines"], total["quantity"]) == (len(taken), pytest.approx(table.frame["quantity"].sum()))
