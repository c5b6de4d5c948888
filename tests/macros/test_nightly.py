import json
import shutil
from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import fastexcel
import numpy as np
import openpyxl
import pytest

from macros import nightly
from macros.demo import make
from tests.books import encrypted
from tests.contract import HEADINGS, MORE
from tests.macros.conftest import Demo, hashes
from udfs.rules import RULES
from workbooks.errors import WorkbookError
from workbooks.labels import labels

DAY = date(2026, 11, 21)
RESULT = "审单结果_2026-11-21.xlsx"
RECORD = "运行记录.json"
INBOX = "区域订单/2026-11-21"


Rows = list[dict[str, Any]]


def sheets(path: Path, *names: str) -> dict[str, Rows]:
    """Return the rows of a result workbook's tables, by heading; read by another library than wrote them."""
    book = fastexcel.read_excel(path)
    return {name: book.load_sheet(name).to_arrow().to_pylist() for name in names or HEADINGS}


def page(path: Path) -> list[str]:
    """Return what the overview says, row by row."""
    rows = fastexcel.read_excel(path).load_sheet(0, header_row=None, dtypes="string").to_arrow().to_pylist()
    return [" ".join(str(cell) for cell in row.values() if cell is not None) for row in rows]


def facts(folder: Path) -> dict[str, Any]:
    """Return a run's record without its seconds."""
    record = json.loads((folder / "输出/2026-11-21" / RECORD).read_text(encoding="utf-8"))
    assert record.pop("seconds")
    return dict(record)


@pytest.fixture(scope="session")
def tables(demo: Demo) -> dict[str, Rows]:
    return sheets(demo.result)


def test_the_run_is_complete_and_passes(demo: Demo) -> None:
    assert demo.day == DAY
    assert demo.outcome.exit_code == 0
    assert demo.outcome.report.passed
    assert demo.outcome.team.unreadable == ()
    assert demo.outcome.kept is None
    record = facts(demo.folder)
    assert record["verdict"] == "PASS"
    assert record["not_run"] == {}
    assert record["problems"] == len(demo.outcome.team.problems)


def test_every_rule_finds_something(demo: Demo, tables: dict[str, Rows]) -> None:
    counts = demo.outcome.report.counts
    assert {rule for rule, count in counts.items() if count} == {rule.code for rule in RULES}
    assert {row["规则"] for row in tables["异常明细"]} == set(counts)
    assert facts(demo.folder)["findings"] == counts


def test_the_outputs_have_their_names(demo: Demo) -> None:
    assert demo.outcome.folder == demo.folder / "输出/2026-11-21"
    assert {path.name for path in demo.outcome.folder.iterdir()} >= {RESULT, RECORD, "原始表格"}


def test_the_result_has_the_contracts_sheets_and_their_headings(demo: Demo) -> None:
    book = openpyxl.load_workbook(demo.result)
    assert book.sheetnames == ["概览", *HEADINGS, *MORE]
    for name, headings in HEADINGS.items():
        written = [cell.value for cell in book[name][1]]
        assert written[: len(headings.split())] == headings.split()


def test_the_lines_and_what_was_rejected_are_the_inputs(tables: dict[str, Rows]) -> None:
    day = make.demo_day()
    for clerk in day.clerks:
        made = [line for order in day.orders if order.clerk is clerk for line in order.lines]
        good = [line for line in made if not line.rejected]
        written = [row for row in tables["订单汇总"] if row["来源文件"] == clerk.path]
        control = [row for row in tables["控制总表"] if row["来源文件"] == clerk.path]
        assert sum(row["行数"] for row in control) == len(made)
        assert sum(row["接收行"] for row in control) == len(written) == len(good)
        assert sum(row["拒绝行"] for row in control) == len(made) - len(good)
        pieces = sum((Decimal(line.values["quantity"]) for line in good), Decimal(0))
        amount = sum((line.values["amount"] or Decimal(0) for line in good), Decimal(0))
        assert round(sum(row["数量"] for row in written), 6) == float(pieces)
        assert round(sum(row["接收数量"] for row in control), 6) == float(pieces)
        if "amount" in clerk.columns:
            assert round(sum(row["金额"] or 0 for row in written), 2) == float(amount)
            assert round(sum(row["接收金额"] for row in control), 2) == float(amount)
        else:
            assert {row["金额"] for row in written} == {None}


def test_the_control_totals_add_up(tables: dict[str, Rows]) -> None:
    *rows, total = tables["控制总表"]
    assert {row["核对"] for row in [*rows, total]} == {"PASS"}
    for name in ("行数", "接收行", "拒绝行", "接收数量", "接收金额"):
        assert total[name] == pytest.approx(sum(row[name] for row in rows), abs=0.005)
    assert total["接收行"] == len(tables["订单汇总"])
    assert total["行数"] == total["接收行"] + total["拒绝行"]


def test_each_line_leads_to_its_place_in_the_copied_workbook(demo: Demo) -> None:
    links = demo.outcome.folder
    for path in (demo.folder / INBOX).rglob("[!~]*.*"):
        copy = links / "原始表格" / path.relative_to(demo.folder / INBOX)
        assert copy.read_bytes() == path.read_bytes()
    sheet = openpyxl.load_workbook(demo.result)["订单汇总"]
    linked = [cell.hyperlink for row in sheet.iter_rows(min_row=2) for cell in row if cell.hyperlink]
    assert len(linked) >= sheet.max_row - 1


def test_stock_adds_up(tables: dict[str, Rows]) -> None:
    for row in tables["库存量表"]:
        assert row["订货量"] == pytest.approx(row["可发量"] + row["预留量"] + row["欠货量"] + row["不排货量"])
        assert row["剩余量"] == pytest.approx(row["可用量"] - row["可发量"] - row["预留量"])
        assert row["可用量"] == max(0, row["现存量"] - row["已分配"])
        assert row["剩余量"] >= 0


def test_transfers_and_returns_stand_in_their_lists(tables: dict[str, Rows]) -> None:
    moved = [row for row in tables["订单汇总"] if row["决定"] == "转出" and row["欠货数量"]]
    assert [row["订单号"] for row in tables["转出登记"]] == [row["订单号"] for row in moved]
    assert all(row["备注"] for row in tables["转出登记"])
    returns = tables["退单清单"]
    assert {row["原因"] for row in returns} == {"没款", "欠款"}
    assert {row["状态"] for row in returns} == {"已确认", "待财务确认"}
    decision = {(row["订单号"], row["合作商编码"]): row["决定"] for row in tables["订单汇总"]}
    for row in returns:
        graver = {"已确认": {"退回"}, "待财务确认": {"待批", "退回"}}[row["状态"]]
        assert decision[row["订单号"], row["合作商编码"]] in graver


def test_a_row_per_order_for_finance_by_partner(tables: dict[str, Rows]) -> None:
    orders = {(row["订单号"], row["合作商编码"]) for row in tables["订单汇总"]}
    rows = tables["财务查款"]
    assert {(row["订单号"], row["合作商编码"]) for row in rows} == orders
    assert len(rows) == len(orders)
    assert [row["合作商编码"] for row in rows] == sorted(row["合作商编码"] for row in rows)


def test_finance_chooses_its_confirmation_from_a_list(demo: Demo) -> None:
    sheet = openpyxl.load_workbook(demo.result)["财务查款"]
    (choice,) = [rule for rule in sheet.data_validations.dataValidation if rule.type == "list"]
    assert choice.formula1 == '"有款,没款,欠款"'
    assert str(choice.sqref).startswith("J2:J")


def test_what_an_approver_decided_names_who_and_why(tables: dict[str, Rows]) -> None:
    released = [row for row in tables["异常明细"] if "放行：" in row["说明"]]
    refused = [row for row in tables["异常明细"] if "退回：" in row["说明"]]
    assert {(row["规则"], row["级别"]) for row in released} == {
        ("discount-below-floor", "提示"), ("duplicate-line", "提示"),
    }  # fmt: skip
    assert {(row["规则"], row["级别"], row["决定"]) for row in refused} == {("giveaway-exceeded", "退回", "退回")}
    for row in [*released, *refused]:
        approval = row["说明"].split("（")[-1]
        assert any(name in approval for name in ("周国强", "赵敏", "孙建华", "吴倩"))
        assert any(reason in approval for reason in ("老客户清库存", "两个门店各一份", "未报活动"))


def test_every_finding_says_what_to_do_and_where(tables: dict[str, Rows]) -> None:
    for row in tables["异常明细"]:
        assert row["说明"]
        assert row["建议"]
        assert row["来源文件"]
        assert row["来源行"] > 0


def test_the_inputs_stay_as_they_are(demo: Demo) -> None:
    assert hashes(demo.folder) == demo.inputs


def test_the_record_names_every_input_with_its_hash(demo: Demo) -> None:
    recorded = {source["name"]: source["sha256"] for source in facts(demo.folder)["inputs"]}
    expected = {
        name.removeprefix(f"{INBOX}/"): digest
        for name, digest in demo.inputs.items()
        if Path(name).suffix in {".xlsx", ".xlsm", ".ods", ".csv"} and "~$" not in name
    }
    assert recorded == expected


def test_a_second_run_writes_the_same(demo: Demo) -> None:
    before, record = demo.result.read_bytes(), facts(demo.folder)
    again = nightly.run(demo.folder, demo.day)
    assert demo.result.read_bytes() == before
    assert facts(demo.folder) == record
    assert again.kept is None
    assert again.exit_code == 0
    assert {path.name for path in (demo.folder / "输出").iterdir()} == {"2026-11-21"}


def test_the_order_in_which_files_came_changes_nothing_and_progress_only_goes_forward(
    demo: Demo, tmp_path: Path
) -> None:
    names = list(demo.inputs)
    for place in np.random.default_rng(7).permutation(len(names)).tolist():
        copy = tmp_path / names[place]
        copy.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(demo.folder / names[place], copy)
    told: list[tuple[str, float]] = []
    nightly.run(tmp_path, demo.day, lambda step, share: told.append((step, share)))
    assert (tmp_path / "输出/2026-11-21" / RESULT).read_bytes() == demo.result.read_bytes()
    assert facts(tmp_path) == facts(demo.folder)
    shares = [share for _, share in told]
    assert shares == sorted(shares)
    assert (shares[0], shares[-1]) == (0.0, 1.0)
    assert list(dict.fromkeys(step for step, _ in told)) == [
        "read", "before", "line", "duplicates", "price", "finance", "stock", "sheets", "write", "publish",
    ]  # fmt: skip
    assert all(f"step-{step}" in labels().messages for step, _ in told)


# ------------------------------------------------------------------------------------------ what finance sends back


def confirmed(demo: Demo, path: Path, *, alone: bool) -> tuple[str, str]:
    """Write the result with the first judged order's confirmation filled in; return its number and partner."""
    book = openpyxl.load_workbook(demo.result)
    sheet = book["财务查款"]
    headings = [cell.value for cell in sheet[1]]
    row = next(row for row in sheet.iter_rows(min_row=2) if row[headings.index("系统判断")].value == "有款")
    row[headings.index("财务确认")].value = "没款"
    for name in book.sheetnames:
        if alone and name != "财务查款":
            del book[name]
    book.save(path)
    return str(row[headings.index("订单号")].value), str(row[headings.index("合作商编码")].value)


def returned(rows: Rows, order: tuple[str, str]) -> list[str]:
    """Return the decisions on an order's lines."""
    return [row["决定"] for row in rows if (row["订单号"], row["合作商编码"]) == order]


def test_the_finance_sheet_put_back_is_read_as_confirmations(team: Path, demo: Demo, tables: dict[str, Rows]) -> None:
    order = confirmed(demo, team / "财务/已确认.xlsx", alone=True)
    outcome = nightly.run(team, demo.day)
    after = sheets(outcome.folder / RESULT)
    assert outcome.exit_code == 0
    assert set(returned(after["订单汇总"], order)) == {"退回"} != set(returned(tables["订单汇总"], order))
    (row,) = [row for row in after["退单清单"] if (row["订单号"], row["合作商编码"]) == order]
    assert (row["原因"], row["状态"]) == ("没款", "已确认")


def test_the_whole_result_put_back_gives_its_confirmations_and_nothing_else(team: Path, demo: Demo) -> None:
    order = confirmed(demo, team / "财务" / RESULT, alone=False)
    outcome = nightly.run(team, demo.day)
    assert set(returned(sheets(outcome.folder / RESULT, "订单汇总")["订单汇总"], order)) == {"退回"}
    for kind, table in demo.outcome.team.tables.items():
        if kind != "confirmations":
            assert len(outcome.team.tables[kind].frame) == len(table.frame), kind


# ------------------------------------------------------------------------------------------ what is missing or broken


@pytest.mark.parametrize(
    ("path", "kinds"),
    [
        ("财务/财务查款表1121.xlsx", {"finance", "confirmations"}),
        ("库存/库存日报1121.xlsx", {"stock"}),
        ("基础资料/活动政策及折扣权限.xlsx", {"policies", "approvals"}),
        ("基础资料/合作商档案.xlsx", {"partners"}),
    ],
)
def test_a_missing_table_is_named_with_the_rules_that_did_not_run(
    small: Path, demo: Demo, path: str, kinds: set[str]
) -> None:
    (small / path).unlink()
    outcome = nightly.run(small, demo.day)
    waiting = {rule.code for rule in RULES if kinds & set(rule.needs)}
    record = facts(small)
    assert outcome.exit_code == 0
    assert record["verdict"] == "PASS"
    assert set(record["not_run"]) == waiting
    assert all(set(missing) <= kinds for missing in record["not_run"].values())
    assert not waiting & set(record["findings"])
    assert not waiting & {row["规则"] for row in sheets(outcome.folder / RESULT, "异常明细")["异常明细"]}
    rows = page(outcome.folder / RESULT)
    assert [row for row in rows if f"有 {len(waiting)} 条规则未运行" in row]
    for code in waiting:
        (row,) = [row for row in rows if f" {code} " in f" {row} "]
        assert "未运行" in row


def test_files_that_cannot_be_read_are_named_and_the_good_lines_stay(team: Path, demo: Demo) -> None:
    good = next((team / INBOX).glob("华东*.xlsx")).read_bytes()
    bad = {
        "damaged": ("华东/坏.xlsx", good[: len(good) // 2]),
        "empty": ("华东/空.xlsx", b""),
        "not-a-workbook": ("华东/扫描.xlsx", b"%PDF-1.7 no workbook"),
        "password": ("密.xlsx", encrypted(good)),
        "unsupported": ("截图.png", b"\x89PNG"),
    }
    for name, content in bad.values():
        (team / INBOX / name).write_bytes(content)
    outcome = nightly.run(team, demo.day)
    assert outcome.exit_code == 1
    assert outcome.report.passed
    assert {problem.code: problem.source_file for problem in outcome.team.problems if problem.code in bad} == {
        code: name for code, (name, _) in bad.items()
    }
    assert set(outcome.team.unreadable) == {name for name, _ in bad.values()}
    after = sheets(outcome.folder / RESULT, "订单汇总", "读取问题")
    assert set(outcome.team.unreadable) <= {row["来源文件"] for row in after["读取问题"]}
    assert len(after["订单汇总"]) == len(demo.outcome.report.audit.lines)


def test_control_totals_that_fail_are_exit_code_1(demo: Demo) -> None:
    failed = replace(demo.outcome, report=replace(demo.outcome.report, passed=False))
    assert failed.exit_code == 1


def test_a_run_that_cannot_be_made_writes_nothing(team: Path, tmp_path: Path) -> None:
    for folder, day, code in (
        (tmp_path / "nowhere", DAY, "no-folder"),
        (team, date(2026, 11, 22), "no-day"),
    ):
        with pytest.raises(WorkbookError) as caught:
            nightly.run(folder, day)
        assert caught.value.code == code
        assert not (folder / "输出").exists()


def test_bad_settings_stop_the_run_before_anything_is_written(team: Path) -> None:
    (team / "orderdesk.toml").write_text("[orders]\nwhole = 3\n", encoding="utf-8")
    with pytest.raises(WorkbookError) as caught:
        nightly.run(team, DAY)
    assert caught.value.code == "bad-setting"
    assert not (team / "输出").exists()


def test_the_settings_reach_the_rules(team: Path) -> None:
    (team / "orderdesk.toml").write_text("[finance]\nauto_return = true\n", encoding="utf-8")
    outcome = nightly.run(team, DAY)
    effects = outcome.report.findings.set_index("rule")["effect"]
    assert set(effects["unpaid"]) == set(effects["indebted"]) == {"return"}
    assert facts(team)["settings"]["auto_return"] is True


def test_a_day_of_rejected_rows_alone_still_gives_a_result(team: Path) -> None:
    shutil.rmtree(team / INBOX)
    (team / INBOX).mkdir()
    text = "订单号,合作商编码,产品编码,数量\n1,HD-001,010001,很多\n2,,010001,3\n"
    (team / INBOX / "华东.csv").write_text(text, encoding="utf-8")
    outcome = nightly.run(team, DAY)
    assert outcome.exit_code == 0
    assert facts(team)["lines"] == {"rows": 2, "accepted": 0, "rejected": 2}
    assert len(sheets(outcome.folder / RESULT, "读取问题")["读取问题"]) == 2


@pytest.mark.parametrize("rows", ["", "A1,X,Y,5\n", "A1,X,Y,0\n"], ids=["no line", "a line", "a held line"])
def test_a_team_folder_with_nothing_but_orders_is_audited_as_far_as_it_goes(tmp_path: Path, rows: str) -> None:
    inbox = tmp_path / "区域订单" / "2026-11-21"
    inbox.mkdir(parents=True)
    (inbox / "华东.csv").write_text("订单号,合作商编码,产品编码,数量\n" + rows, encoding="utf-8")
    outcome = nightly.run(tmp_path, date(2026, 11, 21))
    assert outcome.exit_code == 0
    assert outcome.report.passed
    assert len(sheets(outcome.folder / RESULT)["订单汇总"]) == rows.count("\n")
    assert {"unknown-partner", "unpaid", "short-stock"} <= set(facts(tmp_path)["not_run"])
