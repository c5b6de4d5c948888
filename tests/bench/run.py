"""The benchmark: `python -m tests.bench.run [--quick]`, inputs kept in ./bench.

Floors and product in turns, five times each, as whole processes; the plain script once; then growth, start-up and
formulas. All of it goes into docs/performance.md; what is measured in LibreOffice and on a cluster is printed after
that. --quick takes floors and product only and writes nothing.
"""

from __future__ import annotations

import argparse
import importlib.util
import json
import shutil
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from tests.bench.inputs import DAY
from tests.bench.page import indented, machine, table, write_section
from tests.bench.process import Measure, measure, module, orderdesk, typical
from workbooks.labels import labels

RUNS, STARTS = 5, 9
LINES = 2_000  # a workbook
WORKBOOKS, GROWTH = 100, (25, 100, 500)
DOCUMENT = Path("docs/performance.md")


def team_of(folder: Path, workbooks: int) -> Path:
    """Return a team folder of so many workbooks, made where it is absent."""
    team = folder / f"{workbooks}x{LINES}"
    if not team.exists():
        start = time.perf_counter()
        subprocess.run(module("inputs", team, workbooks, LINES), check=True)
        print(f"inputs made in {time.perf_counter() - start:.1f} s: {team}")
    return team


def nightly(team: Path, *, family: bool = False, here: bool = False) -> tuple[Measure, Mapping[str, float]]:
    """Run the product on a folder whose last output was removed; return what it took, and the seconds of its steps.

    family: the memory is that of all its processes; see tests.bench.process.measure. here: it reads its files itself.
    """
    output = team / labels().folders["output"]
    shutil.rmtree(output, ignore_errors=True)
    command = module("here", team) if here else orderdesk("nightly", team, "--date", DAY)
    took = measure(command, family=family)
    record = output / f"{DAY}" / labels().files["record"]
    if not record.exists():
        sys.exit(f"the run left no record in {output}: exit code {took.code}, see above")
    return took, json.loads(record.read_text(encoding="utf-8"))["seconds"]


def floor(team: Path, *, apart: bool) -> tuple[Measure, Mapping[str, float]]:
    """Run the bare floor in a process of its own; return what it took, and the seconds of its parts."""
    orders = team / labels().folders["orders"] / f"{DAY}"
    took = measure(module("floors", orders, team.parent / "bare.xlsx", *(["--apart"] if apart else [])))
    return took, json.loads(took.printed)


def medians(seconds: Sequence[Mapping[str, float]]) -> dict[str, float]:
    """Return the median seconds of each step."""
    return {step: statistics.median(one[step] for one in seconds) for step in seconds[0]}


def with_family(team: Path, took: Sequence[Measure]) -> Measure:
    """Return what the product typically took, with the memory of all its processes in a run of its own."""
    return replace(typical(took), megabytes=nightly(team, family=True)[0].megabytes)


def ratios(team: Path, workbooks: int, *, plain: bool) -> str:
    """Return the table of floors, product and plain script, each as a ratio to the others."""
    floors, products = [], []
    for _ in range(RUNS):  # in turns, so that what else the machine does meets both
        floors.append(floor(team, apart=False))
        products.append(nightly(team))
    bare, product = typical([took for took, _ in floors]), with_family(team, [took for took, _ in products])
    script = measure(module("plain", team)) if plain else None
    apart = floor(team, apart=True)[1]
    lines = workbooks * LINES

    def row(name: str, took: Measure) -> list[str]:
        return [
            name, f"{took.seconds:.2f}", f"{took.cpu:.2f}", f"{took.megabytes:,.0f}", f"{lines / took.seconds:,.0f}",
            f"{took.seconds / bare.seconds:.2f}", f"{script.seconds / took.seconds:.1f}" if script else "",
        ]  # fmt: skip

    def steps(seconds: Mapping[str, float]) -> Iterator[list[str]]:
        for name, spent in seconds.items():
            if spent >= 0.005:
                yield [f"  {name}", f"{spent:.2f}", "", "", "", "", ""]

    rows = [
        *([row("plain script", script)] if script else []),
        row("orderdesk nightly", product),
        *steps(medians([seconds for _, seconds in products])),
        row("bare floor", bare),
        *steps(medians([seconds for _, seconds in floors])),
        *steps({"inflate + deflate alone": apart["zip"]}),
    ]
    title = f"{lines:,} lines in {workbooks} workbooks"
    return table((title, "seconds", "CPU s", "peak MB", "lines/s", "x floor", "plain is x"), rows)


def growth(folder: Path, sizes: Sequence[int]) -> str:
    """Return the table of the product's time and memory over days of several sizes."""
    rows: list[list[str]] = []
    before: tuple[int, Measure] | None = None
    for workbooks in sizes:
        team = team_of(folder, workbooks)
        took = with_family(team, [nightly(team)[0] for _ in range(RUNS)])
        lines, times = workbooks * LINES, ("", "", "")
        if before:
            times = (
                f"{lines / before[0]:.2f}",
                f"{took.seconds / before[1].seconds:.2f}",
                f"{took.megabytes / before[1].megabytes:.2f}",
            )
        rows.append([f"{lines:,}", f"{took.seconds:.2f}", f"{took.cpu:.2f}", f"{took.megabytes:,.0f}", *times])
        before = lines, took
    return table(("lines", "seconds", "CPU s", "peak MB", "x lines", "x seconds", "x MB"), rows)


def isolation(team: Path) -> str:
    """Return the table of the product with and without processes of its own for the files, in turns."""
    apart, here = [], []
    for _ in range(RUNS):
        apart.append(nightly(team)[0])
        here.append(nightly(team, here=True)[0])
    both = {"read by processes of their own": typical(apart), "read by two threads of the run": typical(here)}
    bare = both["read by two threads of the run"].seconds
    rows = [[name, f"{one.seconds:.2f}", f"{one.cpu:.2f}", f"{one.seconds / bare:.2f}"] for name, one in both.items()]
    return table(("isolation", "seconds", "CPU s", "x"), rows)


def start_up() -> str:
    """Return the table of starting and saying --help, beside starting Python at all."""
    commands = {"orderdesk --help": orderdesk("--help"), "python -c pass": [sys.executable, "-c", "pass"]}
    took = {name: typical([measure(command) for _ in range(STARTS)]) for name, command in commands.items()}
    return table(
        ("start-up", "seconds", "CPU s"), [[name, f"{one.seconds:.2f}", f"{one.cpu:.2f}"] for name, one in took.items()]
    )


def tables(folder: Path, workbooks: int, *, quick: bool) -> Iterator[str]:
    """Yield the machine's facts and one table after the other, as they are measured."""
    yield machine()
    yield ratios(team_of(folder, workbooks), workbooks, plain=not quick)
    if not quick:
        yield isolation(team_of(folder, workbooks))
        yield growth(folder, GROWTH)
        yield start_up()
        yield indented(measure(module("formulas")).printed)


def main() -> None:
    """Run the benchmark, print its tables and write them into the document."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="floors and product only; nothing is written")
    parser.add_argument("--workbooks", type=int, default=WORKBOOKS, help=f"of {LINES:,} lines")
    parser.add_argument("--folder", type=Path, default=Path("bench"))
    options = parser.parse_args()
    parts = []
    for part in tables(options.folder, options.workbooks, quick=options.quick):
        print(part, end="\n\n", flush=True)
        parts.append(part)
    if options.quick:
        return
    write_section(DOCUMENT, parts)
    print(f"written into {DOCUMENT}", flush=True)
    apart = ["calc", *(["cluster"] if importlib.util.find_spec("distributed") else [])]
    failed = [name for name in apart if subprocess.run(module(name), check=False).returncode]
    if failed:
        sys.exit(f"not measured to the end: {', '.join(failed)}")


if __name__ == "__main__":
    main()
