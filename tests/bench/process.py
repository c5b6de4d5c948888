"""Whole processes under the clock, start of the interpreter and all imports included."""

from __future__ import annotations

import ctypes
import json
import os
import resource
import statistics
import subprocess
import sys
import threading
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path

import psutil

PR_SET_CHILD_SUBREAPER = 36  # prctl(2)
LOOK = 0.05  # seconds from one look at the memory to the next
FAMILY = "--family"
CALL = "from xl_addin.cli import program; program()"


@dataclass(frozen=True)
class Measure:
    """One process: wall-clock and processor seconds, peak memory in MB, its exit code and what it printed.

    What it began counts too; in the memory only where that was asked for.
    """

    seconds: float
    cpu: float
    megabytes: float
    code: int
    printed: str = ""


def measure(command: Sequence[str], *, family: bool = False) -> Measure:
    """Run a command to its end and return what it took, with the processes that it began and left behind (Linux).

    family: the memory is that of all these processes together. To look it up takes time of its own from the machine.
    """
    watcher = [sys.executable, "-m", "tests.bench.process", *([FAMILY] if family else []), *command]
    watched = subprocess.run(watcher, stdout=subprocess.PIPE, text=True, encoding="utf-8", check=True)
    return Measure(**json.loads(watched.stdout))


def _watched(command: Sequence[str], *, family: bool) -> Measure:
    """Run a command and wait for all that comes of it; see measure."""
    ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, 1)  # so that those left behind are this process's to wait for
    start, peaks = time.perf_counter(), [0]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, encoding="utf-8") as child:
        if family:
            threading.Thread(target=_look_at_memory, args=(psutil.Process(child.pid), peaks), daemon=True).start()
        printed = child.stdout.read() if child.stdout else ""
        _, status, usage = os.wait4(child.pid, 0)
        child.returncode = os.waitstatus_to_exitcode(status)
    seconds = time.perf_counter() - start
    with suppress(ChildProcessError):
        while True:
            os.wait4(-1, 0)
    times = resource.getrusage(resource.RUSAGE_CHILDREN)
    peak = max(usage.ru_maxrss / 1024, max(peaks) / (1 << 20))
    return Measure(seconds, times.ru_utime + times.ru_stime, peak, child.returncode, printed)


def _look_at_memory(process: psutil.Process, peaks: list[int]) -> None:
    """Note again and again what a process and all that it began hold; of what several share, each its part."""
    with suppress(psutil.Error):
        while True:
            family = [process, *process.children(recursive=True)]
            peaks.append(sum(_held(one) for one in family))
            time.sleep(LOOK)


def _held(process: psutil.Process) -> int:
    try:
        return int(process.memory_full_info().pss)
    except psutil.Error:  # it has ended meanwhile
        return 0


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


if __name__ == "__main__":
    given = sys.argv[1:]
    print(json.dumps(asdict(_watched(given[given[:1] == [FAMILY] :], family=given[:1] == [FAMILY]))))
