"""The benchmark: `python -m tests.bench.run [--workbooks 100 --lines 2000] [--plain]`, inputs kept in ./bench/.

Times whole processes, start of the interpreter included, on a folder whose last output was removed.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import statistics
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

from tests.bench.inputs import DAY
from workbooks.labels import labels

RUNS = 3
CALL = "import sys; from xl_addin.cli import main; sys.exit(main())"


@dataclass(frozen=True)
class Measure:
    """One process: wall-clock seconds, peak memory in MB and its exit code."""

    seconds: float
    megabytes: float
    code: int


def measure(command: list[str]) -> Measure:
    """Run a command to its end and return what it took; peak memory as the kernel counted it for that child."""
    start = time.perf_counter()
    child = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    _, status, usage = os.wait4(child.pid, 0)
    child.returncode = os.waitstatus_to_exitcode(status)
    return Measure(time.perf_counter() - start, usage.ru_maxrss / 1024, child.returncode)


def product_command(team: Path) -> list[str]:
    """Return the product's nightly command: the installed script, or the module where it is not installed."""
    script = Path(sys.executable).with_name("orderdesk")
    front = [str(script)] if script.exists() else [sys.executable, "-c", CALL]
    return [*front, "nightly", str(team), "--date", f"{DAY}"]


def prepare(team: Path, workbooks: int, lines: int) -> None:
    """Make the inputs where they are absent, in a process of their own: a child's peak counts its parent's too."""
    if not team.exists():
        start = time.perf_counter()
        command = [sys.executable, "-m", "tests.bench.inputs", str(team), str(workbooks), str(lines)]
        subprocess.run(command, check=True)
        print(f"inputs made in {time.perf_counter() - start:.1f} s: {team}")


def steps(output: Path) -> dict[str, float]:
    """Return the seconds per step that the product noted of its last run."""
    record = output / f"{DAY}" / labels().files["record"]
    if not record.exists():
        return {}
    noted: dict[str, float] = json.loads(record.read_text(encoding="utf-8")).get("seconds", {})
    return noted


def report(name: str, measures: list[Measure], lines: int, base: float) -> float:
    """Print one row of the table and return its median seconds; base: what the ratio is taken to (0: itself)."""
    median = statistics.median(one.seconds for one in measures)
    peak = max(one.megabytes for one in measures)
    codes = ",".join(sorted({str(one.code) for one in measures}))
    print(f"{name:<10}{median:>10.2f}{lines / median:>12,.0f}{median / (base or median):>8.1f}{peak:>10,.0f}{codes:>6}")
    return median


def main() -> None:
    """Run the benchmark and print its table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--workbooks", type=int, default=100)
    parser.add_argument("--lines", type=int, default=2000)
    parser.add_argument("--plain", action="store_true", help="run the plain script too, once")
    parser.add_argument("--folder", type=Path, default=Path("bench"))
    options = parser.parse_args()
    size = f"{options.workbooks}x{options.lines}"
    standard = (options.workbooks, options.lines) == (parser.get_default("workbooks"), parser.get_default("lines"))
    team = options.folder / ("team" if standard else f"team-{size}")
    prepare(team, options.workbooks, options.lines)
    output, lines = team / labels().folders["output"], options.workbooks * options.lines
    measures = []
    for _ in range(RUNS):
        shutil.rmtree(output, ignore_errors=True)
        measures.append(measure(product_command(team)))
        if not steps(output):
            sys.exit(f"the run left no record in {output}: exit code {measures[-1].code}, see above")
    print(f"\n{size}: {lines:,} lines, {os.cpu_count()} processors, Python {sys.version.split()[0]}")
    print(f"{'':<10}{'seconds':>10}{'lines/s':>12}{'ratio':>8}{'peak MB':>10}{'exit':>6}")
    median = report("orderdesk", measures, lines, 0)
    if options.plain:
        report("plain", [measure([sys.executable, "-m", "tests.bench.plain", str(team)])], lines, median)
    for step, seconds in steps(output).items():
        print(f"  {step:<20}{seconds:>8.2f}")


if __name__ == "__main__":
    main()
