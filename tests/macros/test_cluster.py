"""A run on a Dask cluster gives what a run on one machine gives, also where a worker is killed meanwhile."""

# ruff: noqa: SLF001 - a worker is killed at a step of the run's own

from __future__ import annotations

import json
import os
import pickle
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from functools import partial
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

pytest.importorskip("distributed")

from distributed import Client, LocalCluster
from distributed.comm import CommClosedError

from macros import audit, batches, cluster, nightly
from macros.audit import Judge, Report
from macros.batches import Threads, read_on
from macros.cluster import connected
from tests.macros.conftest import Demo
from udfs.audit import audit as audit_lines
from udfs.partitions import PartitionedAudit
from workbooks.errors import WorkbookError
from workbooks.labels import labels
from workbooks.reading.batches import read_batch
from workbooks.reading.day import TeamDay, read_team
from workbooks.reading.files import read_files
from workbooks.settings import Settings, read_settings
from workbooks.team import TeamFile, day_files, reference_files, team_files
from xl_addin.cli import main

DAY = date(2026, 11, 21)
Judged = tuple[TeamDay, Report]
TABLE = ("frame", "totals", "control")


@pytest.fixture(scope="module")
def here() -> Iterator[str]:
    """Return the address of a cluster of two workers within this process."""
    with _cluster(processes=False) as started:
        yield started.scheduler_address


@pytest.fixture(scope="module")
def processes() -> Iterator[LocalCluster]:
    """Return a cluster of two worker processes, which are started again where they die."""
    with _cluster(processes=True) as started:
        yield started


def _cluster(*, processes: bool) -> LocalCluster:
    return LocalCluster(
        n_workers=2,
        threads_per_worker=1,
        processes=processes,
        dashboard_address=":0",  # without one it would still ask for the usual port
        host="127.0.0.1",
        protocol="tcp://",
        silence_logs="CRITICAL",
    )


@pytest.fixture(autouse=True)
def small_batches(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let each batch be of a few files, so that there are several."""
    monkeypatch.setattr("macros.batches.BATCH_BYTES", 20_000)


def by_line(cleaned: pd.DataFrame) -> pd.DataFrame:
    """Return values that were cleaned in the order of their lines; one column after another is how a table has them."""
    return cleaned.sort_values("line", kind="stable", ignore_index=True)


def judged(read: TeamDay, judge: Judge, settings: Settings) -> Judged:
    """Return what was read and its audit."""
    return read, audit.run(read.tables, read.problems, settings.policy, read.day, judge=judge)


def judged_here(team: Path) -> Judged:
    """Return the day's input and its audit, both made in this process."""
    settings = read_settings(team)
    return judged(read_team(team_files(team, DAY), DAY, settings.aliases), audit_lines, settings)


def judged_on(address: str, team: Path) -> Judged:
    """Return the same, made on a cluster."""
    settings = read_settings(team)
    with connected(address) as workers:
        read, judge = read_on(workers, {DAY: day_files(team, DAY)}, reference_files(team), settings, today=DAY)
        return judged(read, judge, settings)


def assert_same(mine: Judged, theirs: Judged) -> None:
    """Fail where two runs differ in a row: of what was read, of the audit, of a sheet."""
    (read, report), (other_read, other_report) = mine, theirs
    assert read.problems == other_read.problems
    assert read.inputs == other_read.inputs
    assert list(read.tables) == list(other_read.tables)
    for kind, table in read.tables.items():
        other = other_read.tables[kind]
        for name in TABLE:
            pd.testing.assert_frame_equal(getattr(table, name), getattr(other, name))
        pd.testing.assert_frame_equal(by_line(table.cleaned), by_line(other.cleaned))
    pd.testing.assert_frame_equal(report.audit.lines, other_report.audit.lines)
    pd.testing.assert_frame_equal(report.audit.orders, other_report.audit.orders)
    assert report.audit.not_run == other_report.audit.not_run
    for sheet, same in zip(report.sheets, other_report.sheets, strict=True):
        pd.testing.assert_frame_equal(sheet.frame, same.frame)


def test_a_run_on_a_cluster_equals_a_run_here_to_the_last_row(demo: Demo, team: Path, here: str) -> None:
    outcome = nightly.run(team, DAY, cluster=here)
    assert_same((outcome.team, outcome.report), (demo.outcome.team, demo.outcome.report))
    assert outcome.cluster == {"address": here, "workers": 2}
    record = json.loads((outcome.folder / "运行记录.json").read_text(encoding="utf-8"))
    assert record["cluster"] == outcome.cluster
    kept = {path.relative_to(outcome.folder) for path in outcome.folder.rglob("*")}
    assert kept == {path.relative_to(demo.outcome.folder) for path in demo.outcome.folder.rglob("*")}


def test_lines_that_were_handed_back_stand_for_what_they_correct_on_a_cluster_too(
    demo: Demo, team: Path, here: str
) -> None:
    back = next((demo.outcome.folder / "回传").iterdir())
    (team / "区域订单" / f"{DAY}" / back.name).write_bytes(back.read_bytes())
    alone = judged_here(team)
    assert "stands_in" in alone[0].tables["orders"].frame
    assert_same(judged_on(here, team), alone)


def test_so_does_a_span_of_days(team: Path, here: str) -> None:
    inbox, before = team / "区域订单", date(2026, 11, 20)
    (inbox / f"{before}").mkdir()
    for path in list((inbox / f"{DAY}").glob("*.xlsx"))[:3]:
        (inbox / f"{before}" / path.name).write_bytes(path.read_bytes())
    settings, days = read_settings(team), {day: day_files(team, day) for day in (before, DAY)}
    with connected(here) as workers, ThreadPoolExecutor(2) as pool:
        alone, on_cluster = (
            judged(*read_on(which, days, reference_files(team), settings, today=DAY, of_span=True), settings)
            for which in (Threads(pool), workers)
        )
        assert_same(on_cluster, alone)


def test_workers_that_are_killed_are_survived(
    demo: Demo, processes: LocalCluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    killed: list[int] = []

    def kill_one() -> None:
        killed.append(list(processes.workers.values())[len(killed)].process.pid)
        os.kill(killed[-1], signal.SIGKILL)

    # one when the first tasks have begun, the other when all lines are judged, and half of them are with it
    monkeypatch.setattr(batches, "_fetched_in_turn", before(kill_one, batches._fetched_in_turn))
    monkeypatch.setattr(PartitionedAudit, "_stock", before(kill_one, PartitionedAudit._stock))
    outcome = judged_on(processes.scheduler_address, demo.folder)
    assert len(set(killed)) == 2
    assert_same(outcome, judged_here(demo.folder))


def before(first: Callable[[], None], then: Callable[..., Any]) -> Callable[..., Any]:
    """Return what does the one before the other."""

    def both(*arguments: object) -> object:
        first()
        return then(*arguments)

    return both


def test_what_stands_in_the_way_is_said(
    team: Path, here: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(cluster, "SECONDS", 0.3)
    command = ["--lang", "zh", "nightly", str(team), "--date", f"{DAY}", "--cluster"]
    assert main([*command, "tcp://127.0.0.1:9"]) == 2
    assert "连不上 Dask 调度器 tcp://127.0.0.1:9" in capsys.readouterr().err
    assert main([*command, "no such thing"]) == 2
    assert "连不上 Dask 调度器 no such thing" in capsys.readouterr().err
    monkeypatch.setattr(cluster, "SECONDS", 10)
    ours = cluster.versions()
    monkeypatch.setattr(Client, "run", lambda *_asked, **_how: {"tcp://other": {**ours, "pandas": "1.0"}})
    assert main([*command, here]) == 2
    assert f"pandas 1.0 / {pd.__version__}" in capsys.readouterr().err
    assert not (team / "输出").exists() or not list((team / "输出").iterdir())


@pytest.mark.parametrize(
    "address", ["", "tcp://127.0.0.1", "tcp://127.0.0.1:abc", "tcp://h:70000", "http://127.0.0.1:8786", "tls://", "h:1"]
)
def test_what_is_no_address_is_said_at_once(team: Path, address: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--lang", "zh", "nightly", str(team), "--date", f"{DAY}", "--cluster", address]) == 2
    assert capsys.readouterr().err.strip() == labels().message("cluster-address", address=address)


def test_what_listens_and_is_no_scheduler_is_not_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cluster, "SECONDS", 0.3)
    with (
        socket.create_server(("127.0.0.1", 0)) as silent,
        pytest.raises(WorkbookError, match="cluster-silent"),
        connected(f"tcp://127.0.0.1:{silent.getsockname()[1]}"),
    ):
        pass
    with pytest.raises(WorkbookError, match="cluster-certificates"), connected("tls://127.0.0.1:9"):
        pass


def test_a_scheduler_that_is_gone_on_the_way_is_said(here: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def gone(*_asked: object) -> None:
        raise CommClosedError

    with pytest.raises(WorkbookError, match="cluster-lost"), connected(here) as workers:  # noqa: PT012 - around it all
        monkeypatch.setattr(Client, "gather", gone)
        workers.fetch([workers.call(str)])


def test_a_file_that_a_worker_does_not_see_is_named(tmp_path: Path) -> None:
    unseen = TeamFile(tmp_path / "elsewhere" / "a.xlsx", "a.xlsx", "orders")
    with pytest.raises(WorkbookError, match="not-shared") as caught:
        read_batch([unseen], DAY, partial(read_files, aliases={}))
    assert pickle.loads(pickle.dumps(caught.value)).fields == caught.value.fields  # noqa: S301 - as workers send it


def test_a_file_that_was_taken_away_meanwhile_is_told_like_anywhere(tmp_path: Path) -> None:
    gone = [TeamFile(tmp_path / name, name, "orders") for name in ("a.xlsx", "~$a.xlsx")]
    batch = read_batch(gone, DAY, partial(read_files, aliases={}))
    assert batch.orders is None
    assert [problem.code for one in batch.parts for problem in one.problems] == ["locked", "open-elsewhere"]


def test_dask_is_imported_for_a_cluster_only_and_where_it_is_not_installed_that_is_said(team: Path) -> None:
    code = f"""
import sys, xl_addin.cli, macros.nightly, macros.period
print(*{{"dask", "distributed"}} & {{*sys.modules}})
sys.modules["dask"] = None
xl_addin.cli.main(["--lang", "en", "nightly", {str(team)!r}, "--date", "{DAY}", "--cluster", "tcp://127.0.0.1:9"])
"""
    told = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert told.stdout.split() == []
    assert told.stderr.startswith("--cluster needs Dask, which is not installed here")
