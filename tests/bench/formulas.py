"""The formulas' benchmark: `python -m tests.bench.formulas`.

Prints per formula the microseconds of one cell with arguments never asked before (tables in memory) and the
milliseconds of 10,000 cells as one array, then the seconds that a fresh process takes to import the formulas.
Tables: 500 products, 300 partners, 10 campaigns, as in tests.bench.inputs.
"""

from __future__ import annotations

import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from tests.bench.inputs import CAMPAIGNS, DAY, PARTNERS, PRODUCTS, make_inputs
from udfs import formulas
from workbooks.reference import Reference

CELLS, SCALARS, RUNS = 10_000, 2_000, 5
ALLOWED_SCALAR, ALLOWED_ARRAY, ALLOWED_IMPORT = 150, 60, 1.0  # µs, ms, s
NOON = datetime(DAY.year, DAY.month, DAY.day)  # noqa: DTZ001 - a cell has no zone

Column = Callable[[int], Any]


def _product(n: int) -> str:
    return f"{n * 7 % PRODUCTS + 1:06}"


def _partner(n: int) -> str:
    return f"C{n * 11 % PARTNERS + 1:05}"


def _campaign(n: int) -> str:
    return f"K{n % CAMPAIGNS + 1:03}"


def _day(n: int) -> datetime:
    return NOON - timedelta(days=n % 30)


def _number(n: int) -> float:
    return 1 + n / 64


def _tax_id(n: int) -> str:
    return f"91110108{n:09}Q"


ARGUMENTS: dict[str, tuple[Column, ...]] = {
    "OD_LIST_PRICE": (_product, _day),
    "OD_FLOOR": (_partner, _product, _campaign, _day),
    "OD_DISCOUNT_CHECK": (_partner, _product, _number, _campaign, _day),
    "OD_GIVEAWAY": (_campaign, _product, _number, _day),
    "OD_AVAILABLE": (_product,),
    "OD_ETA": (_product, _number),
    "OD_PARTNER": (_partner, lambda n: ("level", "contract_discount", "credit_limit")[n % 3]),
    "OD_FUNDS": (_partner,),
    "OD_CREDIT": (_partner, _number),
    "OD_TAX_ID": (_tax_id,),
}
"""Arguments by formula: what its cells hold in row n."""


def scalar(formula: formulas.Formula, rows: Sequence[tuple[Any, ...]]) -> float:
    """Return the median microseconds of one cell; every call has arguments of its own."""
    times = []
    for row in rows:
        start = time.perf_counter()
        formula(*row)
        times.append(time.perf_counter() - start)
    return statistics.median(times) * 1e6


def array(formula: formulas.Formula, columns: Sequence[Any]) -> float:
    """Return the best milliseconds of all cells as one array."""
    times = []
    for _ in range(RUNS):
        start = time.perf_counter()
        answer = formula(*columns)
        times.append(time.perf_counter() - start)
        if len(answer) != CELLS:
            raise RuntimeError(formula.__name__)
    return min(times) * 1e3


def importing() -> float:
    """Return the median seconds of a fresh process that imports the formulas, the interpreter's start not counted."""
    times = []
    for _ in range(RUNS):
        pair = []
        for code in ("pass", "import udfs.formulas"):
            start = time.perf_counter()
            subprocess.run([sys.executable, "-c", code], check=True)
            pair.append(time.perf_counter() - start)
        times.append(pair[1] - pair[0])
    return statistics.median(times)


def main() -> int:
    """Measure and print; exit code 1 where anything takes longer than the contract allows."""
    with tempfile.TemporaryDirectory() as folder:
        reference = Reference(make_inputs(Path(folder), workbooks=1, lines=8))
        formulas.connect(lambda: reference)
        slow = False
        print(f"{'':18} µs one cell   ms {CELLS:,} cells")
        for formula in formulas.FORMULAS:
            columns = ARGUMENTS.get(formula.__name__)
            if columns is None:
                continue
            formula(*(column(0) for column in columns))
            ranges = [tuple((column(n),) for n in range(CELLS)) for column in columns]
            one = scalar(formula, [tuple(column(n) for column in columns) for n in range(1, SCALARS)])
            many = array(formula, ranges)
            slow |= one > ALLOWED_SCALAR or many > ALLOWED_ARRAY
            print(f"{formula.__name__:18} {one:11.1f} {many:16.1f}")
    seconds = importing()
    print(f"import {seconds:.2f} s (fresh process)")
    return int(slow or seconds > ALLOWED_IMPORT)


if __name__ == "__main__":
    sys.exit(main())
