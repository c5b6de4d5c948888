"""The benchmark of a Dask cluster: `python -m tests.bench.cluster [--folder bench] [--small]`.

One day of 1 M lines and a span of 25 days with 5 M: without a cluster, then on one and two workers of one thread each,
all on this machine; what they send; and what that means for more workers. All of it goes into docs/cluster.md.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import timedelta
from functools import wraps
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from distributed import Client

from macros import nightly, period
from macros.cluster import Cluster
from tests.bench import scaling
from tests.bench.inputs import DAY
from tests.bench.page import machine, table, write_section
from tests.bench.process import measure, module
from tests.bench.scaling import Rates
from tests.bench.weights import weights
from workbooks.labels import labels

DOCUMENT = Path("docs/cluster.md")
WORKERS = (0, 1, 2)
STAGES = {
    "read": ("connect", "read", "before"),
    "rules": ("line", "duplicates", "price", "finance", "stock"),
    "sheets": ("sheets",),
    "write": ("write", "publish"),
}
"""What a run does, by the steps that it tells."""


@dataclass(frozen=True)
class Size:
    """An input: so many workbooks of 2,000 lines on each of so many days."""

    workbooks: int
    days: int = 1

    @property
    def lines(self) -> int:
        """Return how many lines there are."""
        return self.workbooks * 2_000 * self.days

    def folder(self, bench: Path) -> Path:
        """Return the team folder, made where it is absent."""
        folder = bench / (f"{self.workbooks}x2000" + (f"x{self.days}" if self.days > 1 else ""))
        if not folder.exists():
            subprocess.run(module("inputs", folder, self.workbooks, 2_000, self.days), check=True)
        return folder


SIZES, SMALL = (Size(500), Size(100, days=25)), (Size(4), Size(2, days=3))
WEIGHED = Size(100)


@dataclass(frozen=True)
class Run:
    """What a run took: seconds by stage, and of these, on a cluster, those spent waiting for workers and on transport.

    workers: how many. megabytes: peak memory of the run itself, worker_mb of all workers together. worker_cpu: their
    processor seconds.
    """

    workers: int
    seconds: float
    cpu: float
    megabytes: float
    stages: dict[str, float]
    waited: float = 0.0
    carried: float = 0.0
    worker_cpu: float = 0.0
    worker_mb: float = 0.0


@contextmanager
def started(workers: int) -> Iterator[str]:
    """Start a scheduler and workers of one thread each as processes of their own; yield the scheduler's address."""
    environment = {**os.environ, "PYTHONPATH": str(Path.cwd())}
    with TemporaryDirectory() as folder, (Path(folder) / "log").open("wb") as log:

        def start(*arguments: object) -> subprocess.Popen[bytes]:
            command = [sys.executable, "-m", "dask", *map(str, arguments), "--no-dashboard"]
            return subprocess.Popen(command, env=environment, stdout=log, stderr=log)

        said = Path(folder) / "scheduler.json"
        children = [start("scheduler", "--host", "127.0.0.1", "--port", 0, "--scheduler-file", said)]
        try:
            while not said.exists():
                time.sleep(0.1)
            address: str = json.loads(said.read_text(encoding="utf-8"))["address"]
            worker = ("worker", address, "--nthreads", 1, "--local-directory", folder)
            children += [start(*worker) for _ in range(workers)]
            with Client(address, set_as_default=False) as client:
                client.wait_for_workers(workers, timeout=60)
                client.run(_warm)
            yield address
        finally:
            for child in reversed(children):
                child.terminate()
                child.wait()


def _warm() -> None:
    """Import what the tasks need: a cluster that is used has done so."""
    import macros.batches  # noqa: F401, PLC0415


def _used() -> dict[str, float]:
    """Return the processor seconds and the most MB that this worker has used so far."""
    times, status = os.times(), Path("/proc/self/status").read_text(encoding="utf-8")
    peak = int(next(line for line in status.splitlines() if line.startswith("VmHWM")).split()[1])
    return {"cpu": times.user + times.system, "mb": peak / 1024}


def run(team: Path, size: Size, workers: int) -> Run:
    """Run the product on a team folder, without a cluster where there are no workers, as a process of its own."""
    if not workers:
        return _measured(team, size, "", 0)
    with started(workers) as address:
        done = _measured(team, size, address, workers)
        with Client(address, set_as_default=False) as client:
            used = list(client.run(_used).values())
    return replace(done, worker_cpu=sum(one["cpu"] for one in used), worker_mb=sum(one["mb"] for one in used))


def _measured(team: Path, size: Size, address: str, workers: int) -> Run:
    shutil.rmtree(team / labels().folders["output"], ignore_errors=True)
    took = measure(module("cluster", "--run", team, "--days", size.days, "--address", address))
    if took.code:
        sys.exit(f"the run on {team} failed: exit code {took.code}, see above")
    told = json.loads(took.printed.splitlines()[-1])
    return Run(workers, took.seconds, took.cpu, took.megabytes, **told)


def run_here(team: Path, days: int, address: str) -> dict[str, object]:
    """Run the product (address: on a cluster, or blank); return the seconds of its stages, of waiting, of transport."""
    told: list[tuple[str, float]] = []
    fetched, waited = _timed(Cluster, "fetch"), _timed(Cluster, "_done")

    def progress(step: str, _share: float) -> None:
        told.append((step, time.perf_counter()))

    if days == 1:
        nightly.run(team, DAY, progress, cluster=address or None)
    else:
        period.run(team, period.Span(DAY - timedelta(days=days - 1), DAY), progress, cluster=address or None)
    ends = [*(at for _, at in told[1:]), time.perf_counter()]
    seconds = [(step, end - at) for (step, at), end in zip(told, ends, strict=True)]
    stages = {name: sum(took for step, took in seconds if step in steps) for name, steps in STAGES.items()}
    return {"stages": stages, "waited": sum(waited), "carried": sum(fetched) - sum(waited)}


def _timed(owner: type, name: str) -> list[float]:
    """Have a method's calls timed; return where their seconds are noted."""
    seconds: list[float] = []
    method: Callable[..., Any] = getattr(owner, name)

    @wraps(method)
    def timed(*arguments: object) -> object:
        start = time.perf_counter()
        try:
            return method(*arguments)
        finally:
            seconds.append(time.perf_counter() - start)

    setattr(owner, name, timed)
    return seconds


def shown(size: Size, runs: Sequence[Run]) -> str:
    """Return the table of an input's runs; efficiency: what each of several workers gains over one alone."""
    one = next(run for run in runs if run.workers == 1)

    def row(run: Run) -> list[str]:
        gains = (one.seconds / run.seconds, one.waited / run.waited if run.waited else 0.0)
        return [
            f"on {run.workers} worker{'s' if run.workers > 1 else ''}" if run.workers else "no cluster",
            *(f"{seconds:.1f}" for seconds in (run.seconds, *run.stages.values(), run.waited, run.carried)),
            *(f"{gain / run.workers:.2f}" if run.workers else "" for gain in gains),
            *(f"{number:,.0f}" for number in (run.cpu, run.worker_cpu, run.megabytes, run.worker_mb)),
        ]

    days = f", {size.days} days" if size.days > 1 else ""
    headings = (
        *(f"{size.lines:,} lines{days}", "seconds", *STAGES, "waiting", "carrying", "efficiency", "of waiting"),
        *("CPU s", "workers'", "MB", "workers'"),
    )
    return table(headings, [row(run) for run in runs])


def rates(lines: int, runs: Sequence[Run], answers: float, pieces: float) -> Rates:
    """Return what a million lines take, by a run on one worker, and the MB that are sent."""
    one = next(run for run in runs if run.workers == 1)
    own = one.seconds - one.waited - one.carried - one.stages["write"]
    seconds = {"judging": one.waited, "carrying": one.carried, "own": own, "writing": one.stages["write"]}
    memory = {"run_mb": one.megabytes, "worker_mb": one.worker_mb}
    per_million = {name: number * 1e6 / lines for name, number in (seconds | memory).items()}
    return Rates(answers=answers, shuffled=pieces, **per_million)


def measured(folder: Path, sizes: Sequence[Size]) -> Iterator[str]:
    """Yield the machine's facts and one table after the other, as they are measured."""
    yield machine()
    for size in sizes:
        runs = [run(size.folder(folder), size, workers) for workers in WORKERS]
        yield shown(size, runs)
    answers, pieces = weights(WEIGHED.folder(folder))
    yield (
        f"Sent per million lines: {answers:.0f} MB of answers to the run, {pieces:.0f} MB of pieces of partitions, of\n"
        "which each of N workers keeps one in N."
    )
    yield scaling.shown(rates(size.lines, runs, answers, pieces))


def main() -> None:
    """Run the benchmark, print its tables and write them into the document; or, asked for one run, that run."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--folder", type=Path, default=Path("bench"))
    parser.add_argument("--small", action="store_true", help="a few thousand lines; nothing is written")
    parser.add_argument("--run", type=Path, help=argparse.SUPPRESS)
    parser.add_argument("--days", type=int, default=1, help=argparse.SUPPRESS)
    parser.add_argument("--address", default="", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.run:
        print(json.dumps(run_here(options.run, options.days, options.address)))
        return
    parts = []
    for part in measured(options.folder, SMALL if options.small else SIZES):
        print(part, end="\n\n", flush=True)
        parts.append(part)
    if not options.small:
        write_section(DOCUMENT, parts)


if __name__ == "__main__":
    main()
