from string import Formatter

import numpy as np
import pandas as pd
import pytest

from macros import audit, registers, results
from tests import reference
from tests.contract import MORE
from tests.frames import DayRead, as_read
from tests.macros.conftest import Demo
from tests.random_days import random_day
from udfs.audit import Audit
from udfs.audit import audit as audit_day
from udfs.findings import DECISIONS
from udfs.rules import RULES
from udfs.wording import Phrase, column, plain
from workbooks.labels import Lang, labels
from workbooks.schema import Policy

SEEDS = range(3000, 3008)


def test_the_sheets_stand_in_their_order(demo: Demo) -> None:
    sheets = demo.outcome.report.sheets
    assert [sheet.layout.name for sheet in sheets] == [
        "订单汇总", "异常明细", "库存量表", "转出登记", "财务查款", "退单清单", "读取问题", "控制总表",
        *MORE,
    ]  # fmt: skip
    for sheet in sheets:
        assert {shown.name for shown in sheet.layout.columns} <= set(sheet.frame.columns)


def test_the_report_counts_its_lines_and_findings(demo: Demo) -> None:
    report = demo.outcome.report
    assert sum(report.decisions.values()) == len(report.audit.lines)
    assert tuple(report.decisions) == DECISIONS
    assert sum(report.counts.values()) == len(report.findings)
    assert list(report.counts) == [rule.code for rule in RULES]


def test_the_button_gives_what_the_nightly_run_gave(demo: Demo) -> None:
    team, told = demo.outcome.team, list[str]()
    report = audit.run(team.tables, team.problems, Policy(), demo.day, told.append)
    assert told == ["line", "duplicates", "price", "finance", "stock", "sheets"]
    assert report.decisions == demo.outcome.report.decisions
    for sheet, nightly in zip(report.sheets, demo.outcome.report.sheets, strict=True):
        pd.testing.assert_frame_equal(sheet.frame, nightly.frame)


def test_orders_alone_can_be_audited(demo: Demo) -> None:
    orders = {"orders": demo.outcome.team.tables["orders"]}
    report = audit.run(orders, (), Policy(), demo.day)
    assert report.passed
    assert set(report.audit.not_run) == {rule.code for rule in RULES if rule.needs}
    assert "unpaid" not in report.counts
    assert len(report.sheets) == 11


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_every_sentence_of_the_demo_is_whole(demo: Demo, lang: Lang) -> None:
    audited, team = demo.outcome.report.audit, demo.outcome.team
    tables = {kind: table.frame for kind, table in team.tables.items()}
    for batch in audited.findings:
        rule = labels(lang).rules[batch.rule]
        named = {name for text in (rule.says, rule.do) for _, name, _, _ in Formatter().parse(text) if name}
        for name in named - {"hint"}:  # most unknown codes stand for no other
            values = column(batch, audited.lines, name)
            parts = [part for value in values if isinstance(value, Phrase) for _, part in value.fields]
            assert all(plain(value, lang).strip() for value in [*values, *parts]), (batch.rule, name)
    rows = results.finding_rows(audited, tables, lang)
    assert len(rows) == len(demo.outcome.report.findings)
    for text in [*rows["says"], *rows["do"], *results.problem_rows(team.problems, lang)["says"]]:
        assert text.strip()
        assert not {"{", "}"} & set(text)
        assert "nan" not in text.lower().split()


def test_findings_stand_in_source_order_and_in_the_rules_order(demo: Demo) -> None:
    rows = demo.outcome.report.findings
    turns = {rule.code: turn for turn, rule in enumerate(RULES)}
    places = [(at if at >= 0 else 10**9, turns[rule]) for at, rule in zip(rows["at"], rows["rule"], strict=True)]
    assert places == sorted(places)


def the_stock_sheet_equals_the_reference(day: DayRead, audited: Audit, expected: reference.Result) -> None:
    rows = results.stock_rows(audited, day.tables)
    names = ["ordered", "ship", "reserved", "short", "unscheduled"]
    if "stock" in day.tables:
        names += ["on_hand", "allocated", "available", "left"]
    assert [code.upper() for code in rows["product_code"]] == sorted(expected.stock)
    for row in rows.to_dict("records"):
        theirs = expected.stock[row["product_code"].upper()]
        assert {name: float(row[name]) for name in names} == {name: float(theirs[name]) for name in names}


def the_finance_sheet_equals_the_reference(day: DayRead, audited: Audit, expected: reference.Result) -> None:
    rows = results.funds_rows(audited, day.tables, day.today)
    theirs = {(x["order_no"].upper(), x["partner_code"].upper()): x for x in expected.orders}
    keys = list(zip(rows["order_no"].str.upper(), rows["partner_code"].str.upper(), strict=True))
    assert sorted(keys) == sorted(theirs)
    assert rows["amount"].tolist() == [float(theirs[key]["amount"]) for key in keys]
    funds = [np.nan if theirs[key]["funds"] is None else float(theirs[key]["funds"]) for key in keys]
    np.testing.assert_array_equal(rows["funds"].to_numpy(float), funds)
    known = rows["funds"].notna()
    apart = (rows["funds"] - rows["partner_total"] - rows["difference"])[known]
    assert (apart.abs() < 0.005).all()
    partners = rows["partner_code"].str.upper()
    assert partners.tolist() == sorted(partners)
    for _, of_partner in rows.groupby(rows["partner_code"].str.upper()):
        total = pytest.approx(of_partner["amount"].sum(), abs=0.001)
        assert of_partner["partner_total"].tolist() == [total] * len(of_partner)


def transfers_and_returns_are_the_lines_and_orders_so_decided(day: DayRead, audited: Audit) -> None:
    findings = results.finding_rows(audited, day.tables)
    lines = audited.lines
    moved = lines[(lines["effect"] == DECISIONS.index("transfer")) & (lines["short"] > 0)]
    stock = results.stock_rows(audited, day.tables)
    rows = registers.transfer_rows(audited, findings, stock, day.tables, registers.Before(), day.today)
    assert rows["order_no"].tolist() == moved["order_no"].tolist()
    assert rows["short"].tolist() == moved["short"].tolist()
    assert rows["remark"].ne("").all() or "short-stock" in audited.not_run or "product-discontinued" in audited.not_run
    returns = results.return_rows(audited, day.tables, findings)
    money = findings[findings["rule"].isin(["unpaid", "indebted"])]
    assert sorted(returns["order_no"]) == sorted(money.loc[money["effect"] != "info", "order_no"])
    confirmed = money.loc[money["effect"] == "return", "order_no"]
    assert sorted(returns.loc[returns["status"] == "confirmed", "order_no"]) == sorted(confirmed)


def a_line_names_its_findings_and_what_holds_its_order(day: DayRead, audited: Audit) -> None:
    said, order = labels(), audited.lines["order"].to_numpy()
    expected: list[set[str]] = [set() for _ in order]
    for batch in audited.findings:
        name = said.rules[batch.rule].name
        for at, effect in zip(batch.at.tolist(), batch.effect.tolist(), strict=True):
            if at >= 0 and batch.whole_order and effect > 0:
                for other in np.flatnonzero(order == order[at]).tolist():
                    expected[other].add(said.phrase("whole_order", name=name))
    for batch in audited.findings:
        name = said.rules[batch.rule].name
        for at in batch.at[batch.at >= 0].tolist():
            expected[at].discard(said.phrase("whole_order", name=name))
            expected[at].add(name)
    written = results.line_rows(audited, day.tables, day.today)["rules"]
    assert [set(filter(None, text.split("、"))) for text in written] == expected


@pytest.mark.parametrize("seed", SEEDS)
def test_the_sheets_of_a_random_day(seed: int) -> None:
    day, expected = as_read(*random_day(seed)), reference.audit(*random_day(seed))
    audited = audit_day(day.lines, day.tables, day.policy, day.today)
    the_stock_sheet_equals_the_reference(day, audited, expected)
    the_finance_sheet_equals_the_reference(day, audited, expected)
    transfers_and_returns_are_the_lines_and_orders_so_decided(day, audited)
    a_line_names_its_findings_and_what_holds_its_order(day, audited)


def control(rows: list[tuple[str, int, int, float, float]]) -> pd.DataFrame:
    """Return what reading counted: file, accepted, rejected, quantity and amount accepted."""
    columns = ["source_file", "accepted", "rejected", "quantity", "amount"]
    table = pd.DataFrame(rows, columns=columns).assign(source_sheet="S")
    return table.assign(rows=table["accepted"] + table["rejected"], stated_amount=np.nan)


def totals(*rows: tuple[str, str, float, float]) -> pd.DataFrame:
    """Return what total rows state: file, column, stated figure and sum."""
    return pd.DataFrame(rows, columns=["source_file", "name", "stated", "sum"]).assign(source_sheet="S")


def accepted(rows: list[tuple[str, float, float]]) -> pd.DataFrame:
    """Return accepted lines: file, quantity and amount."""
    return pd.DataFrame(rows, columns=["source_file", "quantity", "amount"]).assign(source_sheet="S")


LINES = [("a.xlsx", 0.1, 10.0), ("a.xlsx", 0.2, np.nan), ("b.xlsx", 5.0, 20.5)]


@pytest.mark.parametrize(
    ("lines", "verdicts"),
    [
        (LINES, ["PASS", "PASS", "PASS", "PASS"]),
        (LINES[:2], ["PASS", "FAIL", "PASS", "FAIL"]),  # a line is missing
        ([*LINES, LINES[2]], ["PASS", "FAIL", "PASS", "FAIL"]),  # one too many
        ([*LINES[:2], ("b.xlsx", 5.001, 20.5)], ["PASS", "FAIL", "PASS", "FAIL"]),  # other pieces
        ([*LINES[:2], ("b.xlsx", 5.0, 20.51)], ["PASS", "FAIL", "PASS", "FAIL"]),  # other money, by a fen
        ([*LINES[:2], ("c.xlsx", 5.0, 20.5)], ["PASS", "FAIL", "PASS", "FAIL"]),  # from a file that was not read
    ],
)
def test_control_totals_fail_where_a_line_quantity_or_fen_is_lost(
    lines: list[tuple[str, float, float]], verdicts: list[str]
) -> None:
    read = control([("a.xlsx", 2, 1, 0.3, 10.0), ("b.xlsx", 1, 0, 5.0, 20.5), ("empty.csv", 0, 2, 0.0, 0.0)])
    rows, passed = results.control_rows(read, accepted(lines), totals())
    assert rows["verdict"].tolist() == verdicts
    assert passed == ("FAIL" not in verdicts)
    assert rows["rows"].iat[-1] == 6


def test_a_total_row_that_disagrees_does_not_look_settled() -> None:
    read = control([("a.xlsx", 2, 0, 0.3, 10.0), ("b.xlsx", 1, 0, 5.0, 20.5), ("empty.csv", 0, 0, 0.0, 0.0)])
    stated = totals(
        ("a.xlsx", "quantity", 0.3, 0.3), ("a.xlsx", "amount", 10.0, 10.02), ("b.xlsx", "amount", 20.5, 20.51)
    )
    rows, passed = results.control_rows(read, accepted(LINES), stated)
    assert rows["stated_verdict"].fillna("").tolist() == ["不符", "相符", "", ""]
    assert passed
