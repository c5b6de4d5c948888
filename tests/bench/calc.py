"""Seconds in a live Calc: the audit button on 20,000 order lines, and 5,000 cells of OD_FLOOR calculated anew.

LibreOffice runs headless with the extension in it, for a user of its own: `python -m tests.bench.calc`.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from pathlib import Path
from typing import Any

import pytest

from tests.bench.inputs import DAY, make_inputs
from tests.calc_desk import calc_desk, skip_without_calc
from workbooks.labels import labels

RUNS = 3
_FORMULAS = 16  # of CellFlags


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--lines", type=int, default=20_000)
    parser.add_argument("--cells", type=int, default=5_000)
    args = parser.parse_args()
    try:
        skip_without_calc()
    except pytest.skip.Exception as reason:
        print(reason)
        return
    with tempfile.TemporaryDirectory() as scratch:
        team = make_inputs(Path(scratch) / "team", 1, args.lines)
        (Path(scratch) / "home").mkdir()
        with calc_desk(Path(scratch) / "home", team) as desk:
            button(desk, team, args.lines)
            formulas(desk, args.cells)


def button(desk: Any, team: Path, lines: int) -> None:
    """Press 审单 on the one workbook, opened anew each time; the first press also loads Order Desk and the tables."""
    [path] = sorted((team / labels().folders["orders"] / f"{DAY}").glob("*.xlsx"))
    for run in range(RUNS):
        document = desk.load(path.as_uri())
        before = len(desk.logged())
        started = time.perf_counter()
        desk.press(document, "audit")
        spent = time.perf_counter() - started
        steps = desk.logged()[before:].strip().rpartition("audit: ")[2]
        print(f"audit of {lines:,} lines, press {run + 1}: {spent:.2f} s ({steps}); sheets {document.Sheets.Count}")
        document.close(True)  # noqa: FBT003 - UNO takes no names


def formulas(desk: Any, count: int) -> None:
    """Fill a column with OD_FLOOR over cells of partner and product, known ones, and calculate it anew."""
    document = desk.load(Hidden=True)
    sheet = document.Sheets.getByIndex(0)
    rows = tuple((f"C{place % 300 + 1:05}", f"{place % 500 + 1:06}") for place in range(count))
    sheet.getCellRangeByPosition(0, 0, 1, count - 1).setDataArray(rows)
    answers = sheet.getCellRangeByPosition(3, 0, 3, count - 1)
    document.enableAutomaticCalculation(False)  # noqa: FBT003 - UNO takes no names
    answers.setFormulaArray(tuple((f"=OD_FLOOR(A{row};B{row})",) for row in range(1, count + 1)))
    for run in range(RUNS):
        started = time.perf_counter()
        document.calculateAll()
        wrong = sum(None in row for row in answers.getDataArray())  # an error is None
        spent = time.perf_counter() - started
        assert not wrong, wrong
        print(f"{count:,} cells of OD_FLOOR, calculation {run + 1}: {spent:.2f} s, {spent / count * 1e6:.0f} µs a cell")
    answers.clearContents(_FORMULAS)
    answers.setArrayFormula(f"=OD_FLOOR(A1:A{count};B1:B{count})")
    started = time.perf_counter()
    document.calculateAll()
    answers.getDataArray()
    print(f"the same as one array formula: {time.perf_counter() - started:.2f} s")
    document.close(True)  # noqa: FBT003 - the same


if __name__ == "__main__":
    main()
