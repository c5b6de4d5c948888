"""Whole processes under the clock, start of the interpreter and all imports included."""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

CALL = "import sys; from xl_addin.cli import main; sys.exit(main())"


@dataclass(frozen=True)
class Measure:
    """One process: wall-clock and processor seconds, peak memory in MB, its exit code and what it printed."""

    seconds: float
    cpu: float
    megabytes: float
    code: int
    printed: str = ""


def measure(command: Sequence[str]) -> Measure:
    """Run a command to its end and return what it took; peak memory as the kernel counted it for that child."""
    start = time.perf_counter()
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, encoding="utf-8") as child:
        printed = child.stdout.read() if child.stdout else ""
        _, status, usage = os.wait4(child.pid, 0)
        child.returncode = os.waitstatus_to_exitcode(status)
    seconds = time.perf_counter() - start
    return Measure(seconds, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024, child.returncode, printed)


def typical(measures: Sequence[Measure]) -> Measure:
    """Return the median of the seconds and of the processor's, with the highest peak and the worst exit code."""
    return Measure(
        statistics.median(one.seconds for one in measures),
        statistics.median(one.cpu for one in measures),
        max(one.megabytes for one in measures),
        max((one.code for one in measures), key=abs),
    )


def module(name: str, *arguments: object) -> list[str]:
    """Return the command that runs one of the benchmark's modules."""
    return [sys.executable, "-m", f"tests.bench.{name}", *map(str, arguments)]


def orderdesk(*arguments: object) -> list[str]:
    """Return the product's command: the installed script of this folder, else the same call as a line of Python."""
    script = Path(sys.executable).with_name("orderdesk")
    installed = script.exists() and Path(sys.prefix).resolve().parent == Path.cwd()
    front = [str(script)] if installed else [sys.executable, "-c", CALL]
    return [*front, *map(str, arguments)]
