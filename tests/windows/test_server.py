"""xlwings' COM server on Windows: a second process calls every formula, and the answers are the ones given here."""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path

import pytest

from tests.formula_cases import CASES
from tests.windows.cells import cells, squeezed
from tests.windows.machine import Windows
from udfs import formulas
from workbooks.reference import Reference
from xl_addin.addin import wrappers

HERE = Path(__file__).parent
CLSID = "{5f0c1f5e-8f0e-4a5b-9a0e-3a0f6f0d7c11}"


@pytest.fixture(scope="module")
def answered(windows: Windows, team: Path) -> list[object]:
    windows.desk.mkdir(parents=True, exist_ok=True)
    (windows.desk / "desk.toml").write_text(f"team_folder = '{windows.path(team)}'\n", encoding="utf-8")
    windows.start("-I", "-m", "xl_addin.server", CLSID)
    said = windows.ask("-I", windows.path(HERE / "calls.py"), CLSID)
    shutil.rmtree(windows.desk, ignore_errors=True)
    assert said["server"]["isolated"] == 1
    return list(said["answers"])


def test_every_formula_answers_as_here(answered: list[object], team: Path) -> None:
    reference = Reference(team)
    formulas.connect(lambda: reference)
    try:
        here = [cells(squeezed(getattr(formulas, name)(*arguments))) for name, arguments in CASES]
    finally:
        formulas.connect(None)
    assert {name for name, _ in CASES} == {formula.__name__ for formula in formulas.FORMULAS}
    different = [
        (case, there, expected)
        for case, there, expected in zip(CASES, answered, here, strict=True)
        if there != json.loads(json.dumps(expected))
    ]
    assert different == []


def test_chinese_dates_and_errors_came_through(answered: list[object]) -> None:
    said = json.dumps(answered, ensure_ascii=False)
    assert "待批" in said
    assert '"date"' in said
    assert '{"error": 2042}' in said
    assert '"unknown"' not in said
    assert '"raised"' not in said


def test_a_date_comes_back_as_its_day_wherever_the_machine_stands(windows: Windows, answered: list[object]) -> None:
    """COM would move one without a zone by the machine's, in China to the day before."""
    assert windows.ask("-I", "-c", "import time; print([time.timezone])") == [-8 * 3600]
    assert answered[CASES.index(("OD_ETA", ("020003", 300.0)))] == {"date": "2026-11-24T00:00:00"}
    dates = re.findall(r'"date": "([^"]*)"', json.dumps(answered))
    assert [date for date in dates if not date.endswith("T00:00:00")] == []


def test_the_wrappers_are_those_of_xlwings_with_our_changes(windows: Windows) -> None:
    """They exist on Windows only; what stands in the add-in differs from them by the stated changes alone."""
    theirs = windows.ask("-I", windows.path(HERE / "wrapped.py"))
    ours = {formula.__name__: formula for formula in formulas.FORMULAS}
    assert list(theirs) == list(ours)
    for name, text in theirs.items():
        assert wrappers.plain(ours[name]) == text
    module = "\n".join(line for line in wrappers.vba().splitlines() if not line.startswith("Attribute"))
    for name, text in theirs.items():
        assert wrappers.hardened(text).strip() in module, name
