"""`orderdesk demo --days 3`: four runs of three days, and how what is open becomes less from one to the next."""

from __future__ import annotations

import shutil
from collections import Counter
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import pandas as pd
import pytest

from macros import nightly
from macros.demo import days, make
from macros.runs import Outcome
from tests.live_hosts import texts
from tests.macros.conftest import Demo, hashes
from workbooks.labels import labels
from workbooks.reading.cells import read_sheets
from xl_addin.cli import main


@dataclass(frozen=True)
class ThreeDays:
    """The demo's folder and the outcome of each of its runs."""

    folder: Path
    runs: dict[str, Outcome]

    def frame(self, name: str, key: str) -> pd.DataFrame:
        """Return the rows of a sheet of a run's result."""
        return self.runs[name].report.frame(key)


@pytest.fixture(scope="module")
def demo_days(demo: Demo, tmp_path_factory: pytest.TempPathFactory) -> ThreeDays:
    """Go on from the demo day, which has been made and run already."""
    folder = tmp_path_factory.mktemp("three") / "demo"
    shutil.copytree(demo.folder, folder)
    runs = {
        step.name: demo.outcome if step.name == "faults" else nightly.run(folder, step.day, rerun=step.rerun)
        for step in days.steps(folder)
    }
    return ThreeDays(folder, runs)


def test_every_run_is_complete_and_passes(demo_days: ThreeDays) -> None:
    assert list(demo_days.runs) == ["faults", "answers", "resubmitted", "clean"]
    assert {run.exit_code for run in demo_days.runs.values()} == {0}
    held = [run.report.decisions["hold"] + run.report.decisions["return"] for run in demo_days.runs.values()]
    assert held == sorted(held, reverse=True)
    assert held[-1] == 0


def test_the_answers_release_and_return_and_are_recorded_in_every_later_result(demo_days: ThreeDays) -> None:
    changed = demo_days.runs["answers"].rerun
    assert changed is not None
    assert Counter(changed["kind"]) == {"released": 9, "returned": 5, "gone": 1}
    answered = changed["answers"].ne("")
    assert changed.loc[answered, "kind"].value_counts().to_dict() == {"released": 7, "returned": 5}
    assert set(changed.loc[~answered, "region"]) == {"华东", "华北"}  # they have corrected theirs
    first = demo_days.frame("answers", "approvals")[["order_no", "rule", "outcome"]].to_numpy().tolist()
    assert Counter(outcome for *_, outcome in first) == {"released": 4, "refused": 4, "not_counted": 2, "unused": 2}
    for name in ("resubmitted", "clean"):
        assert demo_days.frame(name, "approvals")[["order_no", "rule", "outcome"]].to_numpy().tolist() == first


def test_no_open_transfer_of_a_day_is_missing_from_the_next_register(demo_days: ThreeDays) -> None:
    def owed(name: str) -> Counter[tuple[str, ...]]:
        rows = demo_days.frame(name, "transfers")
        rows = rows[~rows["status"].isin(["covered", "withdrawn"])]
        return Counter(rows[["order_no", "partner_code", "product_code"]].itertuples(index=False, name=None))

    def named(name: str) -> Counter[tuple[str, ...]]:
        rows = demo_days.frame(name, "transfers")
        return Counter(rows[["order_no", "partner_code", "product_code"]].itertuples(index=False, name=None))

    assert owed("answers") <= named("resubmitted")
    assert owed("resubmitted") <= named("clean")


def test_the_register_is_worked_off_and_keeps_its_days_and_remarks(demo_days: ThreeDays) -> None:
    second, third = (demo_days.frame(name, "transfers") for name in ("resubmitted", "clean"))
    assert Counter(second["status"]) == {"new": 2, "short": 19, "covered": 9}
    assert Counter(third["status"]) == {"covered": 18, "short": 3}
    waits = third[third["status"] == "short"]
    assert waits[
        ["order_no", "product_code", "days_open"]
    ].to_numpy().tolist() == [  # discontinued: not to be had again
        ["HBM0005", "010012", 2.0],
        ["HB-00007", "040004", 2.0],
        ["ZY0001", "030010", 2.0],
    ]
    assert second["tracker_remark"].notna().sum() == demo_days.frame("answers", "transfers")["eta"].notna().sum()


def corrections(demo_days: ThreeDays, name: str) -> list[list[str]]:
    """Return what was changed in which line before a run."""
    compared = demo_days.frame(name, "resubmitted")
    changed = compared[compared["change"] == "changed"]
    rows: list[list[str]] = changed[["order_no", "changes", "decision"]].to_numpy().tolist()
    return rows


def test_two_regions_hand_back_before_the_rerun_and_the_others_the_day_after(demo_days: ThreeDays) -> None:
    early, late = (demo_days.frame(name, "resubmitted") for name in ("answers", "resubmitted"))
    assert Counter(early["change"]) == {"same": 21, "withdrawn": 7, "changed": 2}
    assert Counter(late["change"]) == {"same": 18, "withdrawn": 16, "changed": 9}
    assert set(early["region"]) == {"华东", "华北"}
    assert set(late["region"]) == {"东北", "华中", "华南", "西南", "西北", "直营"}
    control = demo_days.frame("answers", "control")
    assert control.iloc[-1][["rows", "accepted", "rejected"]].to_list() == [585, 548, 37]  # 30 count no more
    assert demo_days.frame("clean", "resubmitted").empty


def test_only_what_has_to_change_is_corrected(demo_days: ThreeDays) -> None:
    assert corrections(demo_days, "answers") == [
        ["HBM0004", "下单日期：2046-11-21 → 2026-11-21", "pass"],
        ["HB-00008", "下单日期：2024-11-21 → 2026-11-21", "pass"],
    ]
    assert corrections(demo_days, "resubmitted") == [
        ["HZ000003", "金额：14781.2 → 14731.2", "pass"],
        ["HZ000013", "单价：空 → 42.34", "pass"],
        ["HZ000014", "金额：1877.04 → 1787.04", "pass"],
        ["HZ000018", "单价：38.94 → 52.11\n折扣：0.65 → 0.87\n金额：1557.6 → 2084.4", "transfer"],
        ["HN26110010", "单价：0 → 113.24\n金额：0 → 8153.28", "pass"],
        ["ZY0002", "数量：-24 → 24\n金额：-1425.6 → 1425.6", "pass"],
        ["ZY0011", "数量：0 → 24\n金额：0 → 2943.36", "pass"],
        ["XB00006", "单价：58.8 → 77.42\n折扣：0.6 → 0.79\n金额：1411.2 → 1858.08", "pass"],
        ["XN-1121-001", "折扣：0.61 → 0.63", "pass"],
    ]


def test_new_orders_are_invoiced_and_yesterdays_requests_are_marked(demo_days: ThreeDays) -> None:
    second, third = (demo_days.runs[name].invoices for name in ("resubmitted", "clean"))
    assert second is not None
    assert third is not None
    assert second.requests["state"].to_list() == ["in_form"] * 5
    assert third.requests["state"].to_list() == ["issued"] * 5 + ["in_form"] * 5
    assert third.requests["serial"].fillna("").to_list() == [""] * 5 + [f"KP112300{number}" for number in range(1, 6)]
    assert (second.passed, third.passed) == (True, True)
    assert not sum(third.counts.values())


def test_what_people_filled_in_is_put_by_where_it_is_not_read(demo_days: ThreeDays) -> None:
    folder = days.kept_folder(demo_days.folder)
    assert sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*.xlsx")) == [
        "2026-11-21/审批记录.xlsx",
        "2026-11-21/开票申请11月.xlsx",
        "2026-11-21/待批清单_2026-11-21.xlsx",
        "2026-11-21/财务查款_2026-11-21.xlsx",
        "2026-11-22/开票申请11月.xlsx",
    ]
    answers = read_sheets((folder / "2026-11-21" / "财务查款_2026-11-21.xlsx").read_bytes(), ".xlsx")
    filled = texts(next(sheet for sheet in answers if sheet.name == "财务查款"))
    place = filled[0].index("财务确认")
    assert Counter(row[place] for row in filled[1:])["有款"] > 5


def test_the_command_says_in_the_end_what_the_folder_is_now(
    demo_days: ThreeDays, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    last = days.Step("clean", date(2026, 11, 23))
    monkeypatch.setattr(make, "run", lambda _folder: (date(2026, 11, 21), 22))
    monkeypatch.setattr(days, "steps", lambda _folder: iter([last]))
    monkeypatch.setattr(nightly, "run", lambda *_given, **_how: demo_days.runs["clean"])
    assert main(["demo", str(demo_days.folder), "--days", "3", "--lang", "zh"]) == 0
    said = capsys.readouterr().out.rstrip().splitlines()[-1]
    assert said.startswith(f"三天演示完了：{demo_days.folder} 现在是第三天（2026-11-23）的样子。")
    assert "在 模板/演示（" in said


def test_three_days_can_be_made_anew_as_the_first_one(demo: Demo, demo_days: ThreeDays) -> None:
    make.run(demo_days.folder)
    assert hashes(demo_days.folder) == demo.inputs
    assert not (demo_days.folder / labels().folders["orders"] / "2026-11-22").is_dir() or not any(
        (demo_days.folder / labels().folders["orders"] / "2026-11-22").iterdir()
    )
