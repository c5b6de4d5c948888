import shutil
from datetime import date
from pathlib import Path

import pytest

from macros import check
from tests.macros.conftest import Demo, hashes
from udfs.rules import RULES
from workbooks.errors import WorkbookError

CLERK = "华中客服部订单.xlsx"
ORDERS = "订单号,合作商编码,产品编码,数量\n1,P1,A,1473个\n1,P1,A,1473个\n2,P1,A,0\n3,,A,5\n"


@pytest.fixture
def workbook(demo: Demo) -> Path:
    return demo.folder / "区域订单/2026-11-21" / CLERK


def test_one_clerks_workbook_is_audited_against_the_teams_tables(demo: Demo, workbook: Path) -> None:
    before = {path: path.stat().st_mtime_ns for path in demo.folder.rglob("*")}
    checked = check.run(workbook, check.team_of(workbook), check.day_of(workbook) or date.min)
    nightly = demo.outcome.report.findings
    assert set(checked.findings["source_file"]) == {CLERK}
    assert len(checked.report.audit.lines) == 76
    assert checked.report.passed
    assert checked.folder == demo.folder.resolve()
    # rules of the line alone say what the nightly run says
    of_line = {rule.code for rule in RULES if rule.family in {"line", "price"}}
    for rows in (checked.findings, nightly):
        assert not rows.empty
    mine = checked.findings[checked.findings["rule"].isin(of_line)][["rule", "source_row", "says"]]
    theirs = nightly[nightly["rule"].isin(of_line) & (nightly["source_file"] == CLERK)][["rule", "source_row", "says"]]
    assert mine.to_numpy().tolist() == theirs.to_numpy().tolist()
    assert {path: path.stat().st_mtime_ns for path in demo.folder.rglob("*")} == before


def test_every_clerks_workbook_can_be_checked(demo: Demo) -> None:
    inbox = demo.folder / "区域订单/2026-11-21"
    control = demo.outcome.team.tables["orders"].control
    accepted = control.groupby("source_file")["accepted"].sum()
    for path in (inbox / "东北大区.xlsx", inbox / "华北-晋蒙.csv", inbox / "西南订单.ods"):
        checked = check.run(path, demo.folder, demo.day)
        assert len(checked.report.audit.lines) == accepted[path.name]


def test_without_a_team_folder_the_rules_that_need_no_table_run(tmp_path: Path) -> None:
    path = tmp_path / "新订单.csv"
    path.write_text(ORDERS, encoding="utf-8")
    assert check.team_of(path) is None
    assert check.day_of(path) is None
    checked = check.run(path, None, date(2026, 11, 21), "en")
    assert checked.findings[["source_row", "rule"]].to_numpy().tolist() == [
        [2, "cleaned-value"], [3, "cleaned-value"], [3, "duplicate-line"], [4, "quantity-not-positive"],
    ]  # fmt: skip
    assert checked.findings["says"].iat[3] == "The quantity is 0; it must be above zero."
    assert checked.problems[["source_row", "cell"]].to_numpy().tolist() == [[5, "B5"]]
    assert set(checked.report.audit.not_run) == {rule.code for rule in RULES if rule.needs}
    assert hashes(tmp_path).keys() == {"新订单.csv"}


def test_a_workbook_outside_the_inbox_is_checked_with_the_team_it_is_given(demo: Demo, tmp_path: Path) -> None:
    path = tmp_path / CLERK
    shutil.copyfile(demo.folder / "区域订单/2026-11-21" / CLERK, path)
    checked = check.run(path, demo.folder, demo.day)
    assert not checked.report.audit.not_run
    assert len(checked.report.audit.lines) == 76


def test_team_and_day_of_a_path(demo: Demo, workbook: Path) -> None:
    assert check.team_of(workbook) == demo.folder.resolve()
    assert check.day_of(workbook) == demo.day
    assert check.day_of(workbook.parent / "华东" / "x.xlsx") == demo.day


@pytest.mark.parametrize(
    ("name", "content", "code"),
    [
        ("absent.xlsx", None, "no-file"),
        ("empty.csv", "", "unreadable-file"),
        ("letter.csv", "Dear all,\nplease find attached\n", "no-order-sheet"),
        ("broken.xlsx", "PK\x03\x04", "unreadable-file"),
    ],
)
def test_what_cannot_be_checked_is_an_error_that_names_the_file(
    tmp_path: Path, name: str, content: str | None, code: str
) -> None:
    path = tmp_path / name
    if content is not None:
        path.write_text(content, encoding="utf-8")
    with pytest.raises(WorkbookError) as caught:
        check.run(path, None, date(2026, 11, 21))
    assert caught.value.code == code
    assert caught.value.fields["path"] == path


def test_a_team_folder_that_is_not_there(workbook: Path, tmp_path: Path) -> None:
    with pytest.raises(WorkbookError) as caught:
        check.run(workbook, tmp_path / "nowhere", date(2026, 11, 21))
    assert caught.value.code == "no-folder"
