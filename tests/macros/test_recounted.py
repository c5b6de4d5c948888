"""Merged lines held against a second count of their files: what is other than it came in is named, and nothing else."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date

import numpy as np
import pandas as pd
import pytest

from macros.recounted import difference_rows, differences, findings_differ
from tests.books import write_xlsx
from tests.macros.conftest import Demo
from workbooks.labels import Lang, labels
from workbooks.reading.day import TeamDay, read_team
from workbooks.reading.problems import Problem
from workbooks.team import team_files

DAY = date(2026, 11, 21)
EAST = """
订单号 | 合作商编码 | 产品编码 | 数量 | 单价 | 金额 | 区域
A1 | C1 | P1 | 2 | 5 | 10 | 东区
A1 | C1 | P2 | 3 | 4 | 12 | 东区
A2 | C1 | P1 | x | 5 | 10 | 东区    <- rejected, and told of
   |    | 合计 | 5 |  | 22 |
"""
WEST = """
订单号 | 合作商编码 | 产品编码 | 数量 | 单价 | 金额
B1 | C2 | P1 | 7 | 5 | 35
B1 | C2 | P3 | 1 |   | 9
"""


@pytest.fixture(scope="module")
def team(tmp_path_factory: pytest.TempPathFactory) -> TeamDay:
    folder = tmp_path_factory.mktemp("team")
    for name, table in (("东", EAST), ("西", WEST)):
        write_xlsx(folder / f"区域订单/{DAY}/{name}.xlsx", table)
    return read_team(team_files(folder, DAY), DAY, {})


def found(team: TeamDay, lines: pd.DataFrame, control: pd.DataFrame | None = None, *told: Problem) -> list[str]:
    """Return what differs: file, what, what was counted and what stands in the result."""
    orders = team.tables["orders"]
    problems = told or orders.problems
    all_of = differences(team.recounts or (), lines, orders.control if control is None else control, problems)
    return [f"{one.source_file} {one.what} {one.counted:g} {one.found:g}" for one in all_of]


def test_what_came_in_as_it_was_differs_in_nothing(team: TeamDay) -> None:
    assert team.recounts
    lines = team.tables["orders"].frame
    assert len(lines) == 4
    assert found(team, lines) == []
    assert found(team, lines.sample(frac=1, random_state=1).reset_index(drop=True)) == []


def place(frame: pd.DataFrame, **changes: object) -> pd.DataFrame:
    """Return the lines with cells of the second one changed."""
    frame = frame.copy()
    for name, value in changes.items():
        column = frame[name].astype(object)
        column.iloc[1] = value
        frame[name] = column.infer_objects() if name in {"quantity", "amount", "unit_price"} else column
    return frame


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (lambda lines: lines.drop(1), ["东.xlsx rows 2 1"]),
        (lambda lines: lines.drop([2, 3]), ["西.xlsx rows 2 0"]),
        (lambda lines: pd.concat([lines, lines[1:2]]), ["东.xlsx rows 2 3"]),
        (lambda lines: place(lines, quantity=30.0), ["东.xlsx quantity 5 32"]),
        (lambda lines: place(lines, amount=12.01), ["东.xlsx amount 22 22.01"]),
        (lambda lines: place(lines, unit_price=float("nan")), ["东.xlsx unit_price 9 5"]),
        (lambda lines: place(lines, order_no="A2"), ["东.xlsx order_no 2 1"]),
        (lambda lines: place(lines, product_code="p2"), ["东.xlsx product_code 2 1"]),
        (lambda lines: place(lines, region="西区"), ["东.xlsx region 2 1"]),
        (lambda lines: place(lines, source_row=99), ["东.xlsx rows 2 2"]),
        (lambda lines: place(lines, source_row=5), ["东.xlsx rows 2 2"]),  # the row of the total
        (lambda lines: place(lines, source_file="南.xlsx"), ["南.xlsx rows 0 1", "东.xlsx rows 2 1"]),
    ],
)  # fmt: skip
def test_what_is_other_than_it_came_in_is_named(
    team: TeamDay, change: Callable[[pd.DataFrame], pd.DataFrame], told: list[str]
) -> None:
    lines = team.tables["orders"].frame.reset_index(drop=True)
    assert set(told) <= set(found(team, change(lines).reset_index(drop=True)))


def test_a_region_that_a_file_does_not_name_is_the_files(team: TeamDay) -> None:
    lines = team.tables["orders"].frame
    assert lines["region"].tolist()[2:] == ["西", "西"]
    west = lines.assign(region="东区")
    assert "西.xlsx region 2 0" in found(team, west)


def test_a_rejected_row_has_to_be_told_of(team: TeamDay) -> None:
    orders = team.tables["orders"]
    [rejected] = [problem for problem in orders.problems if problem.rejects]
    elsewhere = replace(rejected, source_row=99)
    assert found(team, orders.frame, None, elsewhere) == ["东.xlsx rows 3 2", "东.xlsx rejected 0 1"]
    none = orders.control.assign(rejected=0)
    assert found(team, orders.frame, none) == ["东.xlsx rejected 1 0"]


def test_a_sheet_that_only_one_of_both_knows(team: TeamDay) -> None:
    control = team.tables["orders"].control
    assert "西.xlsx sheet 1 0" in found(team, team.tables["orders"].frame, control[control["source_file"] == "东.xlsx"])


class TestFindings:
    def test_those_of_a_run_stand_in_its_result(self, demo: Demo) -> None:
        report = demo.outcome.report
        assert findings_differ(report.audit, report.frame("findings"), report.frame("lines")) == []

    def test_one_that_is_lost(self, demo: Demo) -> None:
        report = demo.outcome.report
        [one] = findings_differ(report.audit, report.frame("findings")[1:], report.frame("lines"))
        assert (one.what, one.counted - one.found) == ("findings", 1)

    def test_a_decision_that_its_findings_do_not_give(self, demo: Demo) -> None:
        report = demo.outcome.report
        lines = report.frame("lines")
        decision = lines["decision"].to_numpy(object).copy()
        decision[np.flatnonzero(decision != "pass")[0]] = "pass"
        [one] = findings_differ(report.audit, report.frame("findings"), lines.assign(decision=decision))
        assert one.what == "decisions"


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_every_difference_has_its_words(lang: Lang) -> None:
    phrases = {code for code in labels(lang).phrases if code.startswith("recount_")}
    assert {f"recount_{what}" for what in ("rows", "sheet", "headings", "file", "bytes", "findings")} <= phrases


def test_differences_stand_in_the_control_totals(team: TeamDay) -> None:
    orders = team.tables["orders"]
    differs = differences(team.recounts or (), orders.frame[1:], orders.control, orders.problems)
    rows = difference_rows(differs)
    assert rows["verdict"].tolist() == ["FAIL"]
    assert rows["source_file"].tolist() == ["东.xlsx"]
    assert rows["stated_verdict"].tolist() == ["复点：应接收 2 行，结果里 1 行"]
