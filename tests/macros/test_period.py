"""Months of history as one input: what only shows across days, and what a day's own run does and this one does not."""

from __future__ import annotations

import json
from collections import Counter
from datetime import date
from pathlib import Path

import fastexcel
import pytest
import xlsxwriter

from macros import period
from macros.period import Span
from workbooks.errors import WorkbookError
from workbooks.labels import labels
from xl_addin.cli import main

SPAN = Span(date(2026, 9, 1), date(2026, 11, 20))
HEADINGS = ("订单号", "合作商编码", "产品编码", "数量", "单价", "下单日期")
NAME = "2026-09-01_2026-11-20"


def write(path: Path, *rows: tuple[object, ...]) -> None:
    """Write a workbook of orders, with rows of HEADINGS."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with xlsxwriter.Workbook(path) as book:
        sheet = book.add_worksheet()
        for number, row in enumerate((HEADINGS, *rows)):
            sheet.write_row(number, 0, row)


@pytest.fixture
def team(tmp_path: Path) -> Path:
    """Return a team folder with orders of three days of the span and one after it."""
    inbox = tmp_path / "区域订单"
    write(inbox / "2026-09-01" / "a.xlsx", ("1", "P1", "A", 5, 10, "9月1日"), ("2", "P1", "A", 5, 10, ""))
    write(inbox / "2026-10-05" / "sub" / "a.xlsx", ("1", "P1", "A", 5, 10, "2026-09-01"), ("3", "P2", "A", 5, 10, ""))
    write(inbox / "2026-10-05" / "a.xlsx", ("4", "P2", "A", "some", 10, ""))
    write(inbox / "2026-11-20" / "b.xlsx", ("1", "P1", "B", "5箱", 10, ""), ("5", "P2", "B", 6, 10, "2024-01-01"))
    write(inbox / "2026-11-21" / "a.xlsx", ("1", "P1", "A", 5, 10, ""))
    (inbox / "2026-11-19").mkdir()
    return tmp_path


def sheet(team: Path, name: str) -> list[dict[str, object]]:
    path = team / "输出" / NAME / f"审单结果_{NAME}.xlsx"
    rows: list[dict[str, object]] = fastexcel.read_excel(path).load_sheet(name).to_arrow().to_pylist()
    return rows


def test_orders_of_all_days_are_audited_together(team: Path) -> None:
    outcome = period.run(team, SPAN)
    assert outcome.exit_code == 0
    assert (outcome.report.day, outcome.kept) == (SPAN.last, None)
    assert outcome.result == team / "输出" / NAME / f"审单结果_{NAME}.xlsx"
    lines = sheet(team, "订单汇总")
    assert [(line["来源文件"], line["来源行"], str(line["下单日期"])[:10]) for line in lines] == [
        ("2026-09-01/a.xlsx", 2, "2026-09-01"),  # the day's year
        ("2026-09-01/a.xlsx", 3, "2026-09-01"),  # the day stands in for a blank
        ("2026-10-05/sub/a.xlsx", 2, "2026-09-01"),
        ("2026-10-05/sub/a.xlsx", 3, "2026-10-05"),
        ("2026-11-20/b.xlsx", 3, "2024-01-01"),
    ]
    rules = Counter((finding["规则"], finding["来源文件"]) for finding in sheet(team, "异常明细"))
    assert rules["duplicate-line", "2026-10-05/sub/a.xlsx"] == 1
    assert rules["order-in-two-files", "2026-10-05/sub/a.xlsx"] == 1
    assert rules["implausible-date", "2026-11-20/b.xlsx"] == 1


def test_what_could_not_be_taken_is_named_by_its_day(team: Path) -> None:
    write(team / "区域订单" / "2026-11-20" / "sub" / "b.xlsx", ("9", "P1", "A", 1, 1, ""))
    outcome = period.run(team, SPAN)
    told = [(problem.code, problem.source_file) for problem in outcome.team.problems]
    assert told == [
        ("same-name", "2026-10-05/sub/a.xlsx"),  # within a day only
        ("same-name", "2026-11-20/sub/b.xlsx"),
        ("not-a-number", "2026-10-05/a.xlsx"),
        ("not-a-number", "2026-11-20/b.xlsx"),
    ]
    assert [source.name for source in outcome.team.inputs][:2] == ["2026-09-01/a.xlsx", "2026-10-05/a.xlsx"]


def test_links_lead_to_the_days_own_folders_and_nothing_is_copied(team: Path) -> None:
    outcome = period.run(team, SPAN)
    assert {path.name for path in outcome.folder.iterdir()} == {f"审单结果_{NAME}.xlsx", "运行记录.json"}
    targets = {str(target) for target in outcome.report.frame("lines")["link_target"]}
    assert "../../区域订单/2026-10-05/sub/a.xlsx" in targets
    assert all((outcome.folder / target).is_file() for target in targets)
    record = json.loads((outcome.folder / "运行记录.json").read_text(encoding="utf-8"))
    assert (record["from"], record["day"], record["verdict"]) == ("2026-09-01", "2026-11-20", "PASS")
    assert len(record["inputs"]) == 4


def test_the_command_line_takes_a_span(team: Path, capsys: pytest.CaptureFixture[str]) -> None:
    command = ["nightly", str(team), "--lang", "zh"]
    assert main([*command, "--from", "2026-09-01", "--to", "2026-11-20"]) == 0
    assert f"审单结果_{NAME}.xlsx" in capsys.readouterr().out
    said = labels().message("span-alone")
    for wrong in (
        ["--from", "2026-09-01"],
        ["--to", "2026-09-01"],
        ["--from", "2026-09-02", "--to", "2026-09-01"],
        ["--from", "2026-09-01", "--to", "2026-09-02", "--date", "2026-09-01"],
        ["--from", "2026-09-01", "--to", "2026-09-02", "--rerun"],
    ):
        assert main([*command, *wrong]) == 2
        assert capsys.readouterr().err.strip() == said


def test_a_span_without_orders_is_said(team: Path, tmp_path: Path) -> None:
    with pytest.raises(WorkbookError, match="no-days"):
        period.run(team, Span(date(2026, 1, 1), date(2026, 8, 31)))
    with pytest.raises(WorkbookError, match="no-folder"):
        period.run(tmp_path / "nowhere", SPAN)
