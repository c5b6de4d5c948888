"""Files that are written while they are read."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Event, Thread

from tests.torture.small_team import Team
from workbooks.reading.files import GRAIN, read_file
from workbooks.reading.recognise import Recogniser
from workbooks.team import TeamFile

HEADINGS = "订单号,合作商编码,产品编码,数量"
LINES = 400
HALVES = 0.001  # seconds between the two halves of a version
TICK = 0.01  # by which the time of a change may lag
PAUSE = 0.06  # from one version to the next: a reader sometimes gets in between, and sometimes does not


@contextmanager
def meanwhile(happens: Callable[[Event], None]) -> Iterator[None]:
    """Let something happen beside until what is inside has ended."""
    ended = Event()
    beside = Thread(target=happens, args=(ended,))
    beside.start()
    try:
        yield
    finally:
        ended.set()
        beside.join()


@contextmanager
def grows(path: Path) -> Iterator[None]:
    """Add to a file all the time."""

    def add(ended: Event) -> None:
        with path.open("ab", buffering=0) as file:
            while not ended.wait(0.002):
                file.write(b"\0")

    with meanwhile(add):
        yield


def read_while_written(team: Team, times: int) -> None:
    """Read a file that is written anew again and again, in place or by replacing it, always of the same size.

    What was taken of it is one version entire, and the hash and the copy are that version's. A machine with much to do
    may let the writer stand still between two halves for longer than a reader waits; nobody can tell these from a
    version (docs/reliability.md), and they are passed over.
    """
    path = team.folder / "orders.csv"
    versions = {hashlib.sha256(version(number)).hexdigest(): number for number in range(10)}
    path.write_bytes(version(0))
    stood: set[str] = set()

    def write(ended: Event) -> None:
        number = 0
        while not ended.wait(PAUSE if number % 3 else 0):
            number += 1
            content = version(number % 10)
            if number % 2:
                beside = path.with_suffix(".tmp")
                beside.write_bytes(content)
                beside.replace(path)
                continue
            half, start = len(content) // 2, time.monotonic()
            with path.open("r+b", buffering=0) as file:
                file.write(content[:half])
                time.sleep(HALVES)
                if time.monotonic() - start > GRAIN - TICK:
                    stood.add(hashlib.sha256(content[:half] + version((number - 1) % 10)[half:]).hexdigest())
                file.write(content[half:])

    kept: dict[str, bytes] = {}
    taken: list[tuple[str, set[str]]] = []
    told = 0
    with meanwhile(write):
        for _ in range(times):
            kept.clear()
            parts = read_file(TeamFile(path, path.name, "orders"), Recogniser({}), kept.__setitem__)
            if [problem.code for problem in parts.problems] == ["changing"]:
                told += 1
                continue
            assert not parts.problems, parts.problems
            (source,), ((_, rows),) = parts.inputs, parts.rows
            assert hashlib.sha256(kept[path.name]).hexdigest() == source.sha256, "the copy is of another version"
            taken.append((source.sha256, set(rows.columns["order_no"].to_pylist())))
    read = [(content, orders) for content, orders in taken if content not in stood]  # known when the writer has ended
    for content, orders in read:
        assert content in versions, "read half of one version and half of another"
        assert orders == {f"D{versions[content]}"}, f"the lines are of another version: {orders}"
    assert read, f"never read; told {told} times that it changes"


def version(number: int) -> bytes:
    """Return a workbook's version: its order lines all name it."""
    lines = [f"D{number},P1,A1,{place}" for place in range(LINES)]
    return "\n".join([HEADINGS, *lines, ""]).encode()
