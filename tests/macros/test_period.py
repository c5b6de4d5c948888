"""Months of history as one input: what only shows across days, and what a day's own run does and this one does not."""

from __future__ import annotations

import json
import os
import shutil
import signal
import sys
import time
from collections import Counter
from collections.abc import Sequence
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import fastexcel
import openpyxl
import pytest
import xlsxwriter

from macros import batches, period
from macros.period import Span
from tests.macros.conftest import Demo
from workbooks.errors import WorkbookError
from workbooks.labels import labels
from workbooks.reading.files import Parts, read_files
from workbooks.team import TeamFile
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


def test_a_date_is_implausible_seen_from_the_day_of_its_folder(team: Path) -> None:
    lines = period.run(team, Span(SPAN.first, date(2029, 12, 31))).report.audit.lines
    assert lines["order_date"][lines["implausible"]].dt.year.tolist() == [2024]
    assert lines["date"][lines["implausible"]].dt.date.tolist() == [date(2026, 11, 20)]


@pytest.mark.skipif(sys.platform == "win32", reason="signals are another thing there")
def test_a_span_that_is_stopped_does_not_read_on(team: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for number in range(40):
        write(team / "区域订单" / "2026-09-02" / f"{number}.xlsx", ("1", "P1", "A", 5, 10, ""))
    read: list[str] = []

    def stopped(files: Sequence[TeamFile], **given: Any) -> list[Parts]:
        if len(read) == 4:  # all are called by now
            os.kill(os.getpid(), signal.SIGINT)  # Ctrl-C
        read.extend(file.name for file in files if file.role == "orders")
        time.sleep(0.02)
        return read_files(files, **given)

    monkeypatch.setattr(batches, "BATCH_BYTES", 1)
    monkeypatch.setattr(batches, "read_apart", stopped)
    with pytest.raises(KeyboardInterrupt):
        period.run(team, SPAN)
    assert len(read) < 30


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
    said = labels().message
    first, last = ["--from", "2026-09-01"], ["--to", "2026-09-02"]
    for wrong, told in (
        (first, said("span-half", given="--from", missing="--to")),
        (last, said("span-half", given="--to", missing="--from")),
        (["--from", "2026-09-03", *last], said("span-reversed", first="2026-09-03", last="2026-09-02")),
        ([*first, *last, "--date", "2026-09-01"], said("span-alone", option="--date")),
        ([*first, *last, "--rerun"], said("span-alone", option="--rerun")),
    ):
        assert main([*command, *wrong]) == 2
        assert capsys.readouterr().err.strip() == told


def test_the_result_says_that_it_is_of_a_span(team: Path) -> None:
    outcome = period.run(team, SPAN)
    book = openpyxl.load_workbook(outcome.result)
    assert book.sheetnames == ["概览", "订单汇总", "异常明细", "库存量表", "读取问题", "控制总表"]
    period_said = "审单期间 2026-09-01 至 2026-11-20"
    for page in book:
        header = page.oddHeader
        assert header is not None
        assert (header.left.text, header.right.text) == ("&B审单结果", period_said)
    cells = [str(cell.value) for row in book["概览"].iter_rows() for cell in row if cell.value]
    assert cells[2].startswith(period_said)
    assert labels().overview["span_for"] in cells
    missing = "2026-09-02、2026-09-03、2026-09-04 等 78 天"
    assert f"81 天（2026-09-01 至 2026-11-20）里有 3 天有订单。没有订单的是 {missing}。" in cells
    record = json.loads((outcome.folder / "运行记录.json").read_text(encoding="utf-8"))
    assert (record["to"], record["days"]) == ("2026-11-20", ["2026-09-01", "2026-10-05", "2026-11-20"])


def test_the_requests_of_kasp_are_a_days_own(team: Path, demo: Demo) -> None:
    shutil.copytree(demo.folder / "KASP", team / "KASP")
    outcome = period.run(team, SPAN)
    assert not {source.name for source in outcome.team.inputs if source.name.startswith("KASP/")}
    assert not {"packaging", "invoices"} & outcome.team.tables.keys()


def test_of_what_should_be_known_a_few_of_a_kind_are_told_and_the_others_counted(
    team: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for number in range(5):
        (team / "区域订单" / "2026-09-01" / f"~${number}.xlsx").write_bytes(b"")
    main(["--lang", "zh", "nightly", str(team), "--from", "2026-09-01", "--to", "2026-11-20"])
    said = capsys.readouterr().out
    assert said.count("~$") == 3
    assert labels().message("notices-more", name=labels().problems["open-elsewhere"].name, count=2) in said


def test_lines_handed_back_on_a_later_day_are_told_to_count_twice(team: Path, demo: Demo) -> None:
    day = demo.outcome.report.day
    inbox = team / "区域订单"
    shutil.copytree(demo.folder / "区域订单" / f"{day}", inbox / f"{day}", dirs_exist_ok=True)
    back = next((demo.outcome.folder / "回传").iterdir())
    (inbox / f"{day + timedelta(1)}").mkdir()
    shutil.copy(back, inbox / f"{day + timedelta(1)}")
    [told] = [problem for problem in period.run(team, Span(day, day + timedelta(1))).team.problems
              if problem.code == "handed-back-later"]  # fmt: skip
    sent_back = fastexcel.read_excel(back).load_sheet("待改").to_arrow()
    assert told.source_file == f"{day + timedelta(1)}/{back.name}"
    assert told.fields == {"count": f"{len(sent_back)}", "days": f"{day}"}


def test_a_span_without_orders_is_said(team: Path, tmp_path: Path) -> None:
    with pytest.raises(WorkbookError, match="no-days"):
        period.run(team, Span(date(2026, 1, 1), date(2026, 8, 31)))
    with pytest.raises(WorkbookError, match="no-folder"):
        period.run(tmp_path / "nowhere", SPAN)
