"""The nightly run on Windows: the demo day gives the same contents as here, whatever the system calls its paths."""

from __future__ import annotations

import json
import shutil
import subprocess
from datetime import date
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from macros import nightly
from tests.windows.machine import Windows

DAY = "2026-11-21"
SECONDS = {"seconds"}  # how long a run took is all that may differ


@pytest.fixture(scope="module")
def runs(
    windows: Windows, team: Path, tmp_path_factory: pytest.TempPathFactory
) -> tuple[subprocess.CompletedProcess[str], Path, Path]:
    """Both runs: what Windows said, its output folder, and ours."""
    there = Path(shutil.copytree(team, tmp_path_factory.mktemp("two") / "团队 Team (1)" / "demo"))
    said = windows.run("-I", "-m", "xl_addin", "nightly", windows.path(there), "--date", DAY, "--lang", "zh")
    here = nightly.run(team, date.fromisoformat(DAY)).folder
    return said, there / here.parent.name / DAY, here


def sheets(book: Path) -> dict[str, Any]:
    """Return every cell of a workbook and its link, by sheet."""
    opened = openpyxl.load_workbook(book)
    return {sheet.title: [[_cell(cell) for cell in row] for row in sheet.iter_rows()] for sheet in opened}


def _cell(cell: Any) -> tuple[object, str, str | None]:
    link = cell.hyperlink
    return cell.value, cell.number_format, link and (link.location or link.target)


def test_runs_to_its_end_and_names_the_lock(runs: tuple[subprocess.CompletedProcess[str], Path, Path]) -> None:
    said = runs[0]
    assert said.returncode == 0, said.stdout
    assert "控制总数：PASS" in said.stdout
    assert "~$华北订单20261121.xlsx" in said.stdout
    assert "团队 Team (1)" in said.stdout


def test_writes_the_same_files(runs: tuple[subprocess.CompletedProcess[str], Path, Path]) -> None:
    _, there, here = runs
    names = [sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*")) for folder in (there, here)]
    assert names[0] == names[1]
    for path in here.rglob("*"):
        if path.is_file() and path.parent != here:  # the originals
            assert path.read_bytes() == (there / path.relative_to(here)).read_bytes()


def test_every_cell_is_the_same(runs: tuple[subprocess.CompletedProcess[str], Path, Path]) -> None:
    _, there, here = runs
    books = list(here.glob("*.xlsx"))
    assert books
    for book in books:
        ours, theirs = sheets(book), sheets(there / book.name)
        assert list(theirs) == list(ours)
        for name, rows in ours.items():
            assert theirs[name] == rows, name


def test_the_record_is_the_same(runs: tuple[subprocess.CompletedProcess[str], Path, Path]) -> None:
    _, there, here = runs
    [record] = here.glob("*.json")
    ours, theirs = (json.loads((folder / record.name).read_text(encoding="utf-8")) for folder in (here, there))
    for said in (ours, theirs):
        for fact in SECONDS:
            said.pop(fact)
    assert theirs == ours


LOCKED = """
import sys
from pathlib import Path
from workbooks import run_lock
from workbooks.errors import WorkbookError
run_lock.PATIENCE = 0.3
folder = Path(sys.argv[1])
with run_lock.RunLock(folder):
    try:
        with run_lock.RunLock(folder):
            print("both")
    except WorkbookError as error:
        print(error.code)
with run_lock.RunLock(folder):
    print("again")
print(sorted(path.name for path in folder.iterdir()))
"""


def test_one_run_at_a_time(windows: Windows, tmp_path: Path) -> None:
    said = windows.run("-I", "-c", LOCKED, windows.path(tmp_path))
    assert said.stdout.split() == ["output-in-use", "again", "[]"], said.stdout
