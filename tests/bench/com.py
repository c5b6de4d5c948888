"""How long a call from Excel takes: the COM round trip to the server, measured on the Windows Python of tests/windows.

Run: python -m tests.bench.com [SECONDS_PER_LINE]   (after tests/windows/setup.sh)
The same file is what runs there; Wine is not Windows, so the figures say what share is COM's and what is Python's.
"""

from __future__ import annotations

import json
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from macros.demo import make
from tests.windows.machine import MADE, Windows
from udfs import formulas
from xl_addin import server as own
from xl_addin.activate import activate, call

DAY = datetime(2026, 11, 21, tzinfo=UTC)
COLUMN = tuple(("010001",) for _ in range(10_000))
CALLS: tuple[tuple[str, str, tuple[object, ...]], ...] = (
    ("no table asked (OD_TAX_ID)", "OD_TAX_ID", ("91350100M000100Y43",)),
    ("one cell (OD_LIST_PRICE)", "OD_LIST_PRICE", ("010001", DAY)),
    ("one cell (OD_DISCOUNT_CHECK)", "OD_DISCOUNT_CHECK", ("HD-001", "010001", 61.74, None, DAY)),
    ("10,000 cells as one array (OD_LIST_PRICE)", "OD_LIST_PRICE", (COLUMN, DAY)),
)
Measured = dict[str, tuple[float, float, int]]


def measure(calls: dict[str, Callable[[], object]], seconds: float) -> Measured:
    """Return by line the median and the slowest of repeated calls (s), and their number."""
    found = {}
    for line, one in calls.items():
        one()
        took, until = [], time.perf_counter() + seconds
        while time.perf_counter() < until:
            start = time.perf_counter()
            one()
            took.append(time.perf_counter() - start)
        found[line] = statistics.median(took), max(took), len(took)
    return found


def on_windows(dll: str, command: str, seconds: float) -> None:
    """Measure the calls through the DLL's server and in this process; print both as JSON."""

    def through(server: Any, name: str, arguments: tuple[object, ...]) -> Callable[[], object]:
        return lambda: call(server, "udfs.formulas", name, arguments)

    def directly(name: str, arguments: tuple[object, ...]) -> Callable[[], object]:
        return lambda: getattr(formulas, name)(*arguments)

    started = time.perf_counter()
    server = activate(dll, command)
    answered = call(server, "udfs.formulas", *CALLS[1][1:])
    start = time.perf_counter() - started
    com = measure({line: through(server, name, arguments) for line, name, arguments in CALLS}, seconds)
    own.connect()
    python = measure({line: directly(name, arguments) for line, name, arguments in CALLS}, seconds)
    sys.stdout.write(json.dumps({"com": com, "python": python, "start": start, "answered": answered}) + "\n")


def main(seconds: float) -> int:
    """Make a demo day, start the machine, measure there and print the table."""
    if not MADE.is_file():
        print("There is no Windows Python; tests/windows/setup.sh makes one.")
        return 2
    windows = Windows(MADE)
    with tempfile.TemporaryDirectory() as scratch:
        team = Path(scratch) / "demo"
        make.run(team)
        windows.boot()
        settings = windows.desk / "desk.toml"
        try:
            settings.parent.mkdir(parents=True, exist_ok=True)
            settings.write_text(f"team_folder = '{windows.path(team)}'\n", encoding="utf-8")
            [dll] = windows.python.glob("xlwings64-*.dll")
            command = f'"{windows.path(windows.python / "pythonw.exe")}" -I -m xl_addin.server $(CLSID)'
            said = windows.ask("-I", windows.path(Path(__file__)), windows.path(dll), command, str(seconds))
        finally:
            settings.unlink(missing_ok=True)
            windows.end()
    print(f"from the call that starts the server to the first answer: {said['start']:.1f} s\n")
    print(f"{'':44}{'through COM':>14}{'in Python':>14}{'COM alone':>14}")
    for line, _, _ in CALLS:
        com, python = said["com"][line][0] * 1e6, said["python"][line][0] * 1e6
        print(f"{line:44}{com:>11,.0f} µs{python:>11,.0f} µs{com - python:>11,.0f} µs")
    return 0


if __name__ == "__main__":
    if sys.platform == "win32":
        on_windows(sys.argv[1], sys.argv[2], float(sys.argv[3]))
    else:
        sys.exit(main(float(sys.argv[1]) if len(sys.argv) > 1 else 2.0))
