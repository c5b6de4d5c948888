"""Invoices behind their three doors: the button, the command and the nightly run give the same; sums agree."""

from __future__ import annotations

import json
import shutil
from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from macros import desk, invoices, nightly
from macros.invoice_sheets import partner_sums
from tests.books import write_xlsx
from tests.live_hosts import KINDS, open_book, texts
from tests.macros.conftest import Demo, hashes
from udfs.invoice_lines import form_details
from workbooks.errors import WorkbookError
from workbooks.layout import TOTAL_FILL
from workbooks.reading.cells import read_sheets
from workbooks.reference import Reference

DAY = date(2026, 11, 21)
NAME, FORM = "开票汇总_2026-11-21.xlsx", "数电票导入_2026-11-21.xlsx"
OWN = ["开票汇总", "申请核对", "开票明细", "未申请开票", "异常"]
CODE = "1070223020000000000"
GOOD = "91350100M000100Y43"
BUREAUS = Path(__file__).parents[3] / "shared" / "einvoice" / "批量开票-导入开票模板-V260401.xlsx"
Rows = list[list[Any]]

TEAM = {
    "区域订单/2026-11-21/华东.xlsx": """
订单号 | 合作商编码 | 产品编码 | 数量 | 单价 | 类型 | 活动编号
O1 | P1 | A | 10 | 80    |      |
O1 | P1 | B | 4  | 33.33 | 正品 | H1
O1 | P1 | A | 2  |       | 赠品 | H1
O2 | P1 | B | 10 | 33.33 |      |          <- 6 of them ship
O3 | P2 | A | 1  | 80    |      |
O4 | P2 | A | 1  | 80    |      |
O5 | P2 | C | 1  | 80    |      |
""",
    "基础资料/产品.xlsx": f"""
产品编码 | 产品名称 | 规格 | 单位 | 标准价 | 税收编码 | 税率
A | 面霜 | 50g | 瓶 | 100 | {CODE} | 13%
B | 洗发水 | 400ml | 瓶 | 50 | {CODE} | 13%
C | 礼盒 |  | 套 | 80 | |
""",
    "基础资料/合作商.xlsx": f"""
合作商编码 | 合作商名称 | 级别 | 合同折扣 | 开票名称 | 税号 | 地址 | 电话 | 开户行 | 账号 | 发票类型 | 邮箱
P1 | 甲商行 | A | 0.1 | 甲商贸公司 | {GOOD} | 福州路 1 号 | 0591-1 | 建行 | 00622201 | 专票 | a@b.cn
P2 | 乙店   | A | 0.1 | 乙店       | 91350100m000100y43 |             |        |      |          | 普票 |
P3 | 丙店   | A | 0.1 | 丙店       |        |             |        |      |          | 普票 |
""",
    "基础资料/活动.xlsx": """
活动编号 | 适用产品 | 开始日期 | 结束日期 | 买 | 送
H1 | 全部 | 2026-11-01 | 2026-11-30 | 2 | 1
""",
    "库存/库存.xlsx": "产品编码 | 现存量\nA | 100\nB | 10\nC | 5",
    "财务/查款.xlsx": "合作商编码 | 账户余额 | 欠款\nP1 | 99999 |\nP2 | 99999 |\nP3 | 0 |",
    "KASP/开票.xlsx": """
申请单号 | 合作商编码 | 订单号 | 开票金额 | 发票类型 | 备注
K1 | P1 | O1 | 933.32 |      | 随货
K2 | P1 | O2 | 333.30 |      |              <- more than ships
K3 | p2 | o3 |        |      |
K4 | P2 | O5 | 80     |      |              <- no tax code, no rate
K5 | P3 | O9 |        | 专票 |              <- no such order, and no data
K6 | P1 | O1 | 很多   |      |              <- not accepted
""",
}


def team_of(folder: Path, others: Mapping[str, str | None] | None = None) -> Path:
    """Write a team folder; others: further files, or others instead; None: without that one."""
    for name, text in {**TEAM, **(others or {})}.items():
        if text is not None:
            write_xlsx(folder / name, text.strip())
    return folder


def sheets_of(path: Path) -> dict[str, Rows]:
    """Return a workbook's sheets as texts."""
    return {sheet.name: texts(sheet) for sheet in read_sheets(path.read_bytes(), ".xlsx")}


def filled(path: Path) -> tuple[Rows, Rows]:
    """Return the invoices and lines of a file for the tax bureau, without its blank cells."""
    sheets = list(sheets_of(path).values())
    return tuple([[cell for cell in row if cell is not None] for row in sheet[3:]] for sheet in sheets[:2])  # type: ignore[return-value] # two of them


def test_the_demo_by_command_is_the_nightly_run_to_the_byte_and_touches_nothing_else(demo: Demo, team: Path) -> None:
    before = hashes(team)
    shutil.copytree(demo.outcome.folder, team / "输出" / "2026-11-21")
    there = {name: (team / "输出" / "2026-11-21" / name).read_bytes() for name in (NAME, FORM)}
    for name in there:
        (team / "输出" / "2026-11-21" / name).unlink()
    outcome = invoices.publish(team, DAY)
    assert (outcome.exit_code, outcome.kept, outcome.unreadable) == (0, (), ())
    assert [outcome.result.name, *(path.name for path in outcome.forms)] == [NAME, FORM]
    assert {path.name: path.read_bytes() for path in (outcome.result, *outcome.forms)} == there
    assert hashes(team) == before
    now = {path.name: path.read_bytes() for path in outcome.result.parent.glob("*.*")}
    assert now == {path.name: path.read_bytes() for path in demo.outcome.folder.glob("*.*")}


def test_the_demo_finds_everything_that_can_be_wrong_but_a_request_without_end(demo: Demo) -> None:
    billed = demo.outcome.invoices
    assert billed is not None
    assert billed.passed
    assert {code for code, count in billed.counts.items() if not count} == {"too-many-lines", "text-too-long"}
    record = json.loads((demo.outcome.folder / "运行记录.json").read_text(encoding="utf-8"))
    assert record["invoices"] == json.loads(json.dumps(billed.facts))
    assert {NAME, FORM} <= record["outputs"].keys()
    invoiced, lines = filled(demo.outcome.folder / FORM)
    assert len(invoiced) == len(billed.invoices)
    assert len(lines) == len(billed.details)


def test_the_sheets_and_what_stands_in_them(tmp_path: Path) -> None:
    outcome = invoices.publish(team_of(tmp_path), DAY)
    sheets = sheets_of(outcome.result)
    assert list(sheets) == [*OWN, "读取问题"]
    assert [row[:5] for row in sheets["开票汇总"][1:]] == [
        ["P1", "甲商行", "专票", "齐全", "部分进导入表"],
        ["P2", "乙店", "普票", "齐全", "部分进导入表"],
        ["P3", "丙店", "专票", "缺税号、地址、电话、开户行、账号", "未进导入表"],
        ["合计", None, None, None, None],
    ]
    # 申请数 申请金额 金额 差额 税额 不含税金额 进导入表 已开 未进导入表 未申请金额 可开金额 明细行
    assert [row[5:] for row in sheets["开票汇总"][1:]] == [
        ["2", "1266.62", "1133.3", "133.32", "130.39", "1002.91", "933.32", "0", "199.98", "0", "1133.3", "4"],
        ["2", "160", "160", "0", "9.2", "150.8", "80", "0", "80", "80", "240", "2"],
        ["1", "0", "0", "0", "0", "0", "0", "0", "0", "0", "0", "0"],
        ["5", "1426.62", "1293.3", "133.32", "139.59", "1153.71", "1013.32", "0", "279.98", "80", "1373.3", "6"],
    ]
    assert [(row[0], row[5], row[6], row[13]) for row in sheets["申请核对"][1:-1]] == [
        ("K1", "已进导入表", None, "K1"),
        ("K2", "未进导入表", "申请超可开", None),
        ("K3", "已进导入表", None, "K3"),
        ("K4", "未进导入表", "税收编码不对、没有税率", None),
        ("K5", "未进导入表", "开票资料不全、没有可开的", None),
    ]
    shown = [(row[0], row[4], row[8], row[9], row[10], row[12], row[13], row[15]) for row in sheets["开票明细"][1:]]
    assert shown == [
        ("K1", "A", "10", "80", "800", "92.04", "707.96", "已进导入表"),
        ("K1", "B", "4", "33.33", "133.32", "15.34", "117.98", "已进导入表"),
        ("K1", "A", "2", "0", "0", "0", "0", "已进导入表"),
        ("K2", "B", "6", "33.33", "199.98", "23.01", "176.97", "未进导入表"),
        ("K3", "A", "1", "80", "80", "9.2", "70.8", "已进导入表"),
        ("K4", "C", "1", "80", "80", "0", "80", "未进导入表"),
        ("合计", None, None, None, "1293.3", "139.59", "1153.71", None),
    ]
    assert [row[:6] for row in sheets["未申请开票"][1:]] == [
        ["P2", "乙店", "华东", "O4", "1", "80"], ["合计", None, None, None, "1", "80"],
    ]  # fmt: skip
    assert [(row[0], row[2]) for row in sheets["异常"][1:]] == [
        ("over-billable", "K2"), ("tax-code-missing", "K4"), ("tax-rate-missing", "K4"),
        ("invoice-data-missing", "K5"), ("nothing-billable", "K5"),
    ]  # fmt: skip
    assert [(row[2], row[3], row[5]) for row in sheets["读取问题"][1:]] == [("7", "D7", "很多")]


def test_what_stands_in_the_form(tmp_path: Path) -> None:
    outcome = invoices.publish(team_of(tmp_path), DAY)
    [form] = outcome.forms
    invoiced, lines = filled(form)
    assert invoiced == [
        ["K1", "增值税专用发票", "是", "甲商贸公司", GOOD, "福州路 1 号", "0591-1", "建行", "00622201",
         "随货", "a@b.cn"],
        ["K3", "普通发票", "是", "乙店", GOOD],
    ]  # fmt: skip
    assert lines == [
        ["K1", "面霜", CODE, "50g", "瓶", "10", "80", "800.00", "0.13"],
        ["K1", "洗发水", CODE, "400ml", "瓶", "4", "33.33", "133.32", "0.13"],
        ["K1", "面霜", CODE, "50g", "瓶", "2", "100", "200.00", "0.13", "200.00"],
        ["K3", "面霜", CODE, "50g", "瓶", "1", "80", "80.00", "0.13"],
    ]


def test_what_is_issued_stands_apart_and_does_not_go_into_the_form(tmp_path: Path) -> None:
    marked = (
        TEAM["KASP/开票.xlsx"]
        .replace("| 随货", "| 已开 11-21")
        .replace("K4 | P2 | O5 | 80     |      |", "K4 | P2 | O5 | 80 | | 已开票")
    )
    outcome = invoices.publish(team_of(tmp_path, {"KASP/开票.xlsx": marked}), DAY)
    assert outcome.billed.passed
    sheets = sheets_of(outcome.result)
    assert [[*row[:1], row[4], *row[7:8], *row[11:14]] for row in sheets["开票汇总"][1:]] == [
        ["P1", "未进导入表", "1133.3", "0", "933.32", "199.98"],
        ["P2", "已进导入表", "160", "80", "80", "0"],
        ["P3", "未进导入表", "0", "0", "0", "0"],
        ["合计", None, "1293.3", "80", "1013.32", "199.98"],
    ]
    assert [(row[0], row[5], row[6], row[8], row[13]) for row in sheets["申请核对"][1:5]] == [
        ("K1", "已开", None, "933.32", None),
        ("K2", "未进导入表", "申请超可开", "199.98", None),
        ("K3", "已进导入表", None, "80", "K3"),
        ("K4", "已开", None, "80", None),
    ]
    assert [row[15] for row in sheets["开票明细"][1:4]] == ["已开"] * 3
    assert {row[2] for row in sheets["异常"][1:]} == {"K2", "K5"}
    assert [row[0] for row in filled(outcome.forms[0])[0]] == ["K3"]
    assert outcome.billed.facts["fen"]["issued"] == 101332
    book = openpyxl.load_workbook(outcome.result)
    tones = {book["申请核对"].cell(row, 6).fill.fgColor.rgb for row in (2, 5)}
    assert len(tones) == 1
    assert tones != {book["申请核对"].cell(row, 6).fill.fgColor.rgb for row in (3,)}


def test_giveaways_can_be_left_out_of_the_form(tmp_path: Path) -> None:
    team = team_of(tmp_path)
    (team / "orderdesk.toml").write_text('[invoice]\ngiveaways = "omit"\n', encoding="utf-8")
    outcome = invoices.publish(team, DAY)
    assert [row[5] for row in filled(outcome.forms[0])[1]] == ["10", "4", "1"]
    assert [row[15] for row in sheets_of(outcome.result)["开票明细"]][3] == "赠品不开"
    assert outcome.billed.passed


def test_the_teams_own_form_is_filled(tmp_path: Path) -> None:
    team = team_of(tmp_path)
    [own] = invoices.publish(team, DAY).forms
    blank = openpyxl.load_workbook(own)
    for page in blank.worksheets:
        page.delete_rows(4, 50)
    blank.create_sheet("excelVersion")["A4"] = "pt:20991231"
    (team / "模板").mkdir()
    blank.save(team / "模板" / "税局.xlsx")
    (team / "orderdesk.toml").write_text('[invoice]\nform = "模板/税局.xlsx"\n', encoding="utf-8")
    [form] = invoices.publish(team, DAY).forms
    assert openpyxl.load_workbook(form)["excelVersion"]["A4"].value == "pt:20991231"
    assert len(filled(form)[0]) == 2


@pytest.mark.skipif(not BUREAUS.is_file(), reason="../shared is not here")
def test_the_bureaus_form_holds_what_the_workbook_says_to_the_fen(team: Path) -> None:
    (team / "模板").mkdir()
    shutil.copy(BUREAUS, team / "模板" / "表.xlsx")
    (team / "orderdesk.toml").write_text('[invoice]\nform = "模板/表.xlsx"\n', encoding="utf-8")
    outcome = invoices.publish(team, DAY)
    sheets = sheets_of(outcome.forms[0])
    assert list(sheets) == list(sheets_of(BUREAUS))
    headings, *lines = sheets["2-发票明细信息"][2:]
    amounts, discounts = (headings.index(name) for name in ("金额", "折扣金额"))
    fen = sum(round(100 * float(row[amounts] or 0)) - round(100 * float(row[discounts] or 0)) for row in lines)
    assert fen == outcome.billed.facts["fen"]["in_form"]
    serials = [row[0] for row in sheets["1-发票基本信息"][3:]]
    assert serials == list(dict.fromkeys(row[0] for row in lines))
    shown = sheets_of(outcome.result)["申请核对"]
    assert serials == [row[13] for row in shown[1:] if row[5] == "已进导入表"]


@pytest.mark.parametrize(("form", "code"), [("没有.xlsx", "no-form"), ("KASP", "unreadable-form")])
def test_a_form_that_cannot_be_had_stops_the_run_before_anything_is_written(
    tmp_path: Path, form: str, code: str
) -> None:
    team = team_of(tmp_path)
    (team / "orderdesk.toml").write_text(f'[invoice]\nform = "{form}"\n', encoding="utf-8")
    for act in (invoices.publish, nightly.run):
        with pytest.raises(WorkbookError) as told:
            act(team, DAY)
        assert told.value.code == code
    assert not (team / "输出").exists()


def test_a_form_of_another_kind_stops_the_run_too(tmp_path: Path) -> None:
    team = team_of(tmp_path)
    (team / "orderdesk.toml").write_text('[invoice]\nform = "KASP/开票.xlsx"\n', encoding="utf-8")
    for act in (invoices.publish, nightly.run):
        with pytest.raises(WorkbookError) as told:
            act(team, DAY)
        assert told.value.code == "einvoice-form-sheet"
    assert not [*(team / "输出").glob("*")]


def test_files_of_an_earlier_run_go_and_a_changed_one_is_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    team = team_of(tmp_path)
    parts = [b"one", b"two", b"three"]
    monkeypatch.setattr(invoices, "form_files", lambda *_given: parts)
    first = invoices.publish(team, DAY)
    assert [path.name for path in first.forms] == [f"数电票导入_2026-11-21_第{number}份.xlsx" for number in (1, 2, 3)]
    first.forms[2].write_bytes(b"changed")
    del parts[1:]
    second = invoices.publish(team, DAY)
    folder = second.result.parent
    assert [path.name for path in second.forms] == [FORM]
    assert [path.name for path in second.kept] == ["数电票导入_2026-11-21_第3份_1.xlsx"]
    there = {path.name for path in folder.glob("数电票导入*")}
    assert there == {FORM, "数电票导入_2026-11-21_第3份_1.xlsx"}
    parts.clear()
    assert invoices.publish(team, DAY).forms == ()
    assert {path.name for path in folder.glob("数电票导入*")} == {"数电票导入_2026-11-21_第3份_1.xlsx"}
    record = json.loads((folder / "运行记录.json").read_text(encoding="utf-8"))
    assert list(record["outputs"]) == [NAME]


def test_each_row_leads_to_where_it_comes_from(tmp_path: Path) -> None:
    outcome = invoices.publish(team_of(tmp_path), DAY)
    book = openpyxl.load_workbook(outcome.result)
    requests, orders = "KASP/开票.xlsx", "区域订单/2026-11-21/华东.xlsx"
    for name, file in (("申请核对", requests), ("开票明细", orders), ("异常", requests)):
        place = [cell.value for cell in book[name][1]].index("来源行")
        for row in book[name].iter_rows(min_row=2):
            if row[place].value is not None:
                link = row[place].hyperlink
                assert (outcome.result.parent / link.target).resolve() == (tmp_path / file).resolve()
                assert link.location == f"'Sheet1'!A{row[place].value}"
    assert book["开票明细"]["S2"].value == "KASP/开票.xlsx·Sheet1第 2 行"


def test_totals_are_grey_all_along(tmp_path: Path) -> None:
    book = openpyxl.load_workbook(invoices.publish(team_of(tmp_path), DAY).result)
    for name in OWN[:-1]:
        assert {cell.fill.fgColor.rgb for cell in book[name][book[name].max_row]} == {f"FF{TOTAL_FILL[1:]}"}, name


def test_sums_that_do_not_agree_are_exit_code_1(demo: Demo, tmp_path: Path) -> None:
    outcome = invoices.publish(team_of(tmp_path), DAY)
    failed = replace(outcome.billed, passed=False)
    assert outcome.exit_code == 0
    assert replace(outcome, billed=failed).exit_code == 1
    assert replace(demo.outcome, invoices=failed).exit_code == 1


@pytest.mark.parametrize("lost", ["partner", "line", "form"])
def test_a_lost_fen_is_noticed(lost: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    team = team_of(tmp_path)

    def short(frame: Any, name: str) -> Any:
        return frame.assign(**{name: frame[name] - (frame.index == 0)})

    if lost == "form":
        monkeypatch.setattr(invoices, "form_details", lambda *given: short(form_details(*given), "amount"))
    else:
        column = "amount" if lost == "line" else "billable"
        monkeypatch.setattr(invoices, "partner_sums", lambda *given: short(partner_sums(*given), column))
    assert not invoices.publish(team, DAY).billed.passed


@pytest.mark.parametrize("kind", KINDS)
def test_the_button_gives_what_the_command_gives(kind: str, tmp_path: Path) -> None:
    team = team_of(tmp_path / "team")
    wanted = sheets_of(invoices.publish(team, DAY).result)
    opened = open_book(kind, tmp_path, {"Sheet9": [["备忘"]]})
    done = desk.run("invoices", opened.book, Reference(team, today=lambda: DAY), DAY)
    found = opened.look()
    assert list(done.sheets) == list(wanted)
    assert {name: texts(found[name]) for name in OWN} == {name: wanted[name] for name in OWN}
    assert [row[4] for row in texts(found["读取问题"])[1:]] == ["未识别的表", "不是数字"]  # the book's own sheet, too
    assert "团队文件夹的开票申请" in done.says("zh")
    assert "审的是团队文件夹 2026-11-21 的全部订单" in done.says("zh")
    assert "输出/2026-11-21" in done.says("zh")


def test_a_books_own_requests_go_first_and_its_results_are_not_read_again(tmp_path: Path) -> None:
    rows: Rows = [["合作商编码", "订单号", "开票金额"], ["P1", "O1", None], ["P1", "NO-1", 5.0]]
    opened = open_book("excel", tmp_path, {"申请": rows})
    reference = Reference(team_of(tmp_path / "team"), today=lambda: DAY)
    done = desk.run("invoices", opened.book, reference, DAY)
    assert list(done.sheets) == [*OWN, "读取问题"]
    assert done.says("zh").startswith("用的是本工作簿里的开票申请。")
    found = opened.look()
    assert [(row[4], row[5]) for row in texts(found["申请核对"])[1:3]] == [
        ("O1", "已进导入表"), ("NO-1", "未进导入表"),
    ]  # fmt: skip
    assert [row[4] for row in texts(found["读取问题"])[1:]] == ["用了本工作簿的表"]
    again = desk.run("invoices", opened.book, reference, DAY)
    found = opened.look()
    assert [texts(found[name]) for name in again.sheets] == [texts(found[name]) for name in done.sheets]


def test_the_orders_of_the_book_are_those_that_may_be_invoiced(demo: Demo, tmp_path: Path) -> None:
    orders: Rows = [["订单号", "合作商编码", "产品编码", "数量", "单价"], ["N1", "HD-003", "010001", 24.0, 90.0]]
    opened = open_book("excel", tmp_path, {"订单": orders, "申请": [["合作商编码", "开票金额"], ["HD-003", 2160.0]]})
    done = desk.run("invoices", opened.book, Reference(demo.folder, today=lambda: DAY), DAY)
    assert "只审了这一个文件" in done.says("zh")
    assert texts(opened.look()["开票汇总"])[1][4:8] == ["已进导入表", "1", "2160", "2160"]


def test_a_book_and_a_team_without_requests_are_told_so(tmp_path: Path) -> None:
    team = team_of(tmp_path / "team", {"KASP/开票.xlsx": "申请单号 | 订单号 | 开票金额\nK1 | O1 | 5"})
    with pytest.raises(WorkbookError) as told:
        invoices.publish(team, DAY)
    assert (told.value.code, bool(told.value.fields["first"])) == ("no-invoices", True)
    assert not (team / "输出").exists()
    with pytest.raises(WorkbookError) as told:
        desk.run("invoices", open_book("file", tmp_path, {"x": [["y"]]}).book, Reference(team, today=lambda: DAY), DAY)
    assert told.value.code == "no-invoices"
    with pytest.raises(WorkbookError) as told:
        invoices.publish(tmp_path / "nowhere", DAY)
    assert told.value.code == "no-folder"
    assert nightly.run(team, DAY).invoices is None


def test_without_reference_tables_what_did_not_run_is_said(tmp_path: Path) -> None:
    team = team_of(tmp_path)
    for name in ("基础资料", "库存", "财务"):
        shutil.rmtree(team / name)
    outcome = invoices.publish(team, DAY)
    sheets = sheets_of(outcome.result)
    silent = {row[0]: row[5] for row in sheets["异常"][1:] if row[1] == "未运行"}
    assert list(silent) == [
        "invoice-data-missing", "tax-id-invalid", "tax-code-missing", "tax-rate-missing", "over-billable",
        "under-billable", "nothing-billable",
    ]  # fmt: skip
    assert "合作商档案" in str(silent["tax-id-invalid"])
    assert {row[3] for row in sheets["开票汇总"][1:-1]} == {"未核对"}
    assert "不在查款表" in "".join(str(row[6]) for row in sheets["读取问题"])
    assert outcome.forms == ()
    assert outcome.billed.facts["not_run"]["under-billable"] == ["partners", "products", "stock"]


def test_a_file_that_cannot_be_read_is_exit_code_1_and_told(tmp_path: Path) -> None:
    team = team_of(tmp_path)
    (team / "KASP" / "坏.xlsx").write_bytes(b"PK")
    (team / "区域订单" / "2026-11-21" / "坏.xlsx").write_bytes(b"PK")
    outcome = invoices.publish(team, DAY)
    assert (outcome.exit_code, outcome.unreadable) == (1, ("KASP/坏.xlsx", "坏.xlsx"))
    assert "KASP/坏.xlsx" in {row[0] for row in sheets_of(outcome.result)["读取问题"]}


def test_a_result_put_among_the_requests_is_not_read_as_requests(tmp_path: Path) -> None:
    team = team_of(tmp_path)
    first = invoices.publish(team, DAY)
    shutil.copy(first.result, team / "KASP" / "上次.xlsx")
    shutil.copy(first.forms[0], team / "KASP" / "上次导入.xlsx")
    second = invoices.publish(team, DAY)
    assert second.billed.facts == first.billed.facts
