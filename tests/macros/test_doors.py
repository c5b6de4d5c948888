"""Three doors, one answer: what a formula says of a line of the demo day is what the nightly run says of it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime, time
from pathlib import Path
from typing import Any

import numpy as np
import openpyxl
import pandas as pd
import pytest

from macros import check
from macros.audit import Report, run
from macros.results import funds_rows, stock_rows
from tests.formula_cases import CASES
from tests.frames import as_read
from tests.macros.conftest import Demo
from tests.random_days import random_day
from tests.udfs.test_formulas import TableDesk
from udfs import formulas
from udfs.audit import SETS_ASIDE, Audit, audit
from udfs.funds import judge, order_table
from udfs.lookup import code_key
from workbooks.labels import labels, raw
from workbooks.reading.day import TeamDay, read_team
from workbooks.reference import Reference
from workbooks.schema import Policy
from workbooks.settings import read_settings
from workbooks.team import team_files

ERRORS = {"#N/A": 2042, "#VALUE!": 2015, "#REF!": 2023, "#DIV/0!": 2007, "#NAME?": 2029, "#NUM!": 2036, "#NULL!": 2000}
PRICE_RULES = ("price-missing", "zero-price-not-giveaway", "discount-below-floor")


@pytest.fixture
def desk(demo: Demo) -> Iterator[Reference]:
    """Connect the formulas to the demo's team folder, on its day."""
    desk = Reference(demo.folder, today=lambda: demo.day)
    formulas.connect(lambda: desk)
    yield desk
    formulas.connect(None)


@pytest.fixture(scope="module")
def team(demo: Demo) -> TeamDay:
    """Return the demo day as the nightly run reads it."""
    return read_team(team_files(demo.folder, demo.day), demo.day, read_settings(demo.folder).aliases)


@pytest.fixture(scope="module")
def report(team: TeamDay) -> Report:
    """Return what the nightly run finds on the demo day."""
    return run(team.tables, team.problems, Policy(), team.day)


def cells(values: Iterable[Any]) -> tuple[tuple[Any, ...], ...]:
    """Return values as Excel sends a column of them."""
    return tuple((_cell(value),) for value in values)


def _cell(value: Any) -> Any:
    if value is None or pd.isna(value):
        return None
    if isinstance(value, (pd.Timestamp, np.datetime64)):
        return pd.Timestamp(value).to_pydatetime()
    return value if isinstance(value, (str, bool)) else float(value)


def down(answer: list[list[Any]]) -> list[Any]:
    return [row[0] for row in answer]


def as_answers(values: Iterable[float]) -> list[float]:
    """Return numbers as a formula gives them, #N/A where the table has none."""
    return [2042 if np.isnan(value) else float(value) for value in values]


def with_finding(result: Audit, rules: Iterable[str]) -> list[bool]:
    """Return which lines have a finding of one of the rules, released or not."""
    marked = np.zeros(len(result.lines), dtype=bool)
    for batch in result.findings:
        if batch.rule in rules:
            marked[batch.at] = True
    return [bool(answer) for answer in marked]


def agree_on_prices(result: Audit) -> int:
    """Hold list price, floor and discount check of each line to the audit's; return how many lines were compared."""
    lines, held, aside = result.lines, with_finding(result, PRICE_RULES), with_finding(result, SETS_ASIDE)
    product, partner, campaign = cells(lines["product_code"]), cells(lines["partner_code"]), cells(lines["campaign"])
    day = cells(lines["date"].to_numpy())
    assert down(formulas.OD_LIST_PRICE(product, day)) == as_answers(lines["list_price"].to_numpy(float))
    known = (lines["partner"] >= 0) & (lines["product"] >= 0)
    unnamed = lines["campaign"].isna() | (lines["policy"] >= 0)  # a formula does not guess at an unknown campaign
    at = np.flatnonzero(known & unnamed & ~lines["giveaway"])
    floors = down(formulas.OD_FLOOR(partner, product, campaign, day))
    assert [floors[place] for place in at] == lines["floor"].to_numpy(float)[at].tolist()
    assert all(floors[place] == 2042 for place in np.flatnonzero(~known | ~unnamed))
    price = cells(lines["price"].to_numpy(float))
    checked = down(formulas.OD_DISCOUNT_CHECK(partner, product, price, campaign, day))
    counted = [place for place in at.tolist() if not aside[place] and lines["given"].iat[place]]
    hold = labels().decisions["hold"]
    assert [str(checked[place]).startswith(hold) for place in counted] == [held[place] for place in counted]
    assert {checked[place] for place in counted if not held[place]} <= {labels().decisions["pass"]}
    return len(counted)


@pytest.mark.usefixtures("desk")
def test_prices_floors_and_discounts_line_by_line(report: Report) -> None:
    assert agree_on_prices(report.audit) > 400
    assert sum(with_finding(report.audit, PRICE_RULES)) > 5


@pytest.mark.parametrize("seed", range(40))
def test_prices_floors_and_discounts_on_random_days(seed: int) -> None:
    read = as_read(*random_day(seed))
    if not {"products", "partners", "policies"} <= set(read.tables):
        pytest.skip("a formula without its table is #REF!")
    result = audit(read.lines, read.tables, read.policy, read.today)
    desk = TableDesk()
    desk.given, desk.today = read.tables, read.today
    formulas.connect(lambda: desk)
    try:
        agree_on_prices(result)
    finally:
        formulas.connect(None)


@pytest.mark.usefixtures("desk")
def test_stock_and_funds(report: Report, team: TeamDay) -> None:
    frames = {kind: one.frame for kind, one in team.tables.items()}
    stock = stock_rows(report.audit, frames)
    assert down(formulas.OD_AVAILABLE(cells(stock["product_code"]))) == stock["available"].to_list()
    funds = funds_rows(report.audit, frames, report.day)
    assert down(formulas.OD_FUNDS(cells(funds["partner_code"]))) == as_answers(funds["funds"].to_numpy(float))


@pytest.mark.usefixtures("desk")
def test_credit_of_each_partners_first_order(report: Report, team: TeamDay) -> None:
    frames = {kind: one.frame for kind, one in team.tables.items() if kind != "confirmations"}
    orders = judge(order_table(report.audit.lines), frames, Policy())
    whole = orders[(orders["left"] == orders["funds"]) & (orders["partner"] >= 0)]  # nothing is taken yet
    words = labels().words["confirmation"]
    answers = down(formulas.OD_CREDIT(cells(whole["partner_code"]), cells(whole["amount"] / 100)))
    assert answers == [words[outcome] for outcome in whole["outcome"]]
    assert {words["paid"], words["unpaid"], words["indebted"], words["absent"]} <= set(answers)


@pytest.mark.usefixtures("desk")
def test_eta_of_the_last_in_each_queue(report: Report) -> None:
    lines = report.audit.lines
    queues = lines[(lines["short"] > 0) & ~lines["discontinued"]].groupby(lines["product_code"].map(code_key))
    short, last = queues["short"].sum(), queues["eta"].agg(lambda days: days.max(skipna=False))
    answers = down(formulas.OD_ETA(cells(short.index), cells(short)))
    assert answers == [2042 if pd.isna(day) else day.to_pydatetime().replace(tzinfo=UTC) for day in last]
    assert 2042 in answers
    assert any(isinstance(answer, datetime) for answer in answers)


@pytest.mark.usefixtures("desk")
def test_giveaways_earned_by_one_paid_line(report: Report) -> None:
    lines = report.audit.lines
    groups = lines[lines["campaign_valid"] & ~lines["aside"]].groupby(["order", "policy"])
    batches = [batch for batch in report.audit.findings if batch.rule == "giveaway-exceeded"]
    earned = {int(at): batch.args["expected"][n] for batch in batches for n, at in enumerate(batch.at)}
    compared = 0
    for _, group in groups:
        paid, gifts = group[~group["giveaway"]], group[group["giveaway"]]
        if len(paid) != 1 or not len(gifts):
            continue
        arguments = [_cell(paid[name].to_numpy()[0]) for name in ("campaign", "product_code", "quantity", "date")]
        [[answer]] = formulas.OD_GIVEAWAY(*arguments)
        assert (gifts["quantity"].sum() > answer) == (gifts.index[0] in earned)
        assert earned.get(int(gifts.index[0]), answer) == answer
        compared += 1
    assert compared


def excel_range(path: Path) -> tuple[tuple[Any, ...], ...]:
    """Return a workbook's only sheet as Excel sends its used range."""
    [sheet] = openpyxl.load_workbook(path, data_only=True).worksheets
    return tuple(tuple(_sent(cell.value) for cell in row) for row in sheet.iter_rows())


def _sent(value: Any) -> Any:
    if isinstance(value, str) and value in ERRORS:
        return 0x800A0000 + ERRORS[value] - (1 << 32)
    if isinstance(value, date) and not isinstance(value, datetime):
        return datetime.combine(value, time())
    return float(value) if isinstance(value, int) and not isinstance(value, bool) else value


@pytest.mark.usefixtures("desk")
def test_a_regions_sheet_audited_by_formula_and_by_command(demo: Demo) -> None:
    compared = 0
    for path in sorted((demo.folder / labels().folders["orders"]).rglob("*.xlsx")):
        if path.name.startswith("~$") or len(openpyxl.load_workbook(path).sheetnames) > 1:
            continue
        checked = check.run(path, demo.folder, demo.day)
        words = raw()["formula_answers"]
        header, *rows = formulas.OD_AUDIT(excel_range(path))
        assert header == list(words["audit_headings"].values())
        decisions = labels().decisions
        wanted = [
            (row.source_row, row.rule, decisions.get(str(row.decision), ""), row.do, _without(str(row.says), path))
            for row in checked.findings.itertuples()
        ]
        wanted += [
            (row.source_row, None, words["rejected"], words["mend"], _without(str(row.says), path))
            for row in checked.problems[checked.problems["source_row"].notna()].itertuples()
        ]
        found = [
            (row, None if decision == words["rejected"] else rule, decision, do, _without(says, path))
            for row, rule, decision, says, do in rows
            if says != words["no_findings"]
        ]
        assert sorted(found, key=str) == sorted(wanted, key=str)
        compared += len(found)
    assert compared > 20


def _without(says: str, path: Path) -> str:
    """Return a sentence without the names of file and sheet: a range has none."""
    words = raw()["formula_answers"]
    for name in (f"{words['file']}·{words['sheet']}", path.name, words["file"], words["sheet"]):
        says = says.replace(name, "")
    return says


@pytest.mark.usefixtures("desk")
def test_nothing_found_says_so_and_rules_that_did_not_run_are_named(demo: Demo, tmp_path: Path) -> None:
    header = ("订单号", "合作商编码", "产品编码", "数量", "单价")
    order = ("T-1", "HD-001", "010001", 24.0, 98.0)
    words = raw()["formula_answers"]
    assert formulas.OD_AUDIT((header, order))[1:] == [["", "", "", words["no_findings"], ""]]
    assert formulas.OD_AUDIT((header,))[1:] == [["", "", "", words["no_lines"], ""]]
    reference = Reference(tmp_path, today=lambda: demo.day)
    formulas.connect(lambda: reference)
    [_, silent] = formulas.OD_AUDIT((header, order))
    assert silent[2] == labels().words["confirmation"]["not_run"]
    assert labels().kinds["products"].title in silent[4]
    assert labels().rules["unknown-partner"].name in silent[3]


@pytest.mark.usefixtures("desk")
def test_every_example_of_the_help_answers_on_the_demo_day() -> None:
    for formula in formulas.FORMULAS:
        if formula is formulas.OD_AUDIT:
            continue
        example = raw()["formulas"][formula.__name__]["example"].removeprefix("=")
        answer = eval(example, {formula.__name__: formula, "DATE": datetime})  # noqa: S307 - our own labels
        assert answer != [[2042]], example
        assert not any(isinstance(cell, int) and not isinstance(cell, bool) for row in answer for cell in row), example


@pytest.mark.usefixtures("desk")
def test_the_cases_for_every_python_answer_in_the_protocol() -> None:
    for name, arguments in CASES:
        answer = getattr(formulas, name)(*arguments)
        assert isinstance(answer, list)
        for row in answer:
            for cell in row:
                assert type(cell) in {float, str, bool, int, datetime}, (name, cell)
                assert type(cell) is not int or 2000 <= cell <= 2050, (name, cell)
                assert not isinstance(cell, datetime) or cell.tzinfo is UTC
