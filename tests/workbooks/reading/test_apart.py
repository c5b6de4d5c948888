"""Files read by processes of their own: the same comes of it, and what breaks one of them costs one file."""

from __future__ import annotations

import faulthandler
import os
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import psutil
import pyarrow as pa
import pytest

from macros.demo import make
from workbooks.errors import WorkbookError
from workbooks.labels import Lang
from workbooks.reading.apart import Reading, _allowed, _Reader
from workbooks.reading.day import gathered, read_team
from workbooks.reading.files import TRIES, Parts
from workbooks.reading.problems import sentence
from workbooks.reading.recognise import Recogniser
from workbooks.schema import LIMITS
from workbooks.team import TeamFile, team_files

QUICK = replace(LIMITS, seconds=1, memory_mb=400)


def orders(tmp_path: Path, *names: str) -> list[TeamFile]:
    """Return order files of two lines each."""
    found = []
    for name in names:
        path = tmp_path / name
        path.write_text("订单号,合作商编码,产品编码,数量\nA1,C1,P1,2\nA2,C1,P2,3\n", encoding="utf-8")
        found.append(TeamFile(path, name, "orders"))
    return found


def misbehaves(name: str, content: bytes) -> None:
    """Do what a hostile file might make a parser do, as its name says; runs in the process that reads."""
    held = []
    os.write(1, b"printed by a parser")
    os.write(2, b"and its trace")
    if name == "ends.csv":
        os._exit(3)
    if name == "crashes.csv":
        faulthandler.disable()  # which pytest has begun
        os.abort()
    if name == "hangs.csv":
        time.sleep(1000)
    while name == "swells.csv":
        held.append(b"x" * (1 << 24))
    if name == "runs-out.csv":
        raise MemoryError
    if name == "breaks.csv":
        raise LookupError(len(content))
    if name == "full.csv":
        raise WorkbookError("output-unwritable", path=name, detail="disk full")


def read(files: list[TeamFile], **given: object) -> list[Parts]:
    with Reading(files, {}, **given) as reading:  # type: ignore[arg-type] # limits and keep
        return list(reading)


def test_the_same_comes_of_it(tmp_path: Path) -> None:
    day, _ = make.run(tmp_path)
    files = team_files(tmp_path, day)
    with Reading(files, {}) as reading:
        apart = gathered(reading, files, day)
    here = read_team(files, day, {})
    assert (apart.inputs, apart.problems) == (here.inputs, here.problems)
    for kind, table in here.tables.items():
        assert apart.tables[kind].frame.equals(table.frame)
        assert apart.tables[kind].control.equals(table.control)


@pytest.mark.parametrize(
    ("name", "code", "told"),
    [
        ("ends.csv", "reader-failed", "exit code 3"),
        ("crashes.csv", "reader-failed", "exit code -6"),
        ("hangs.csv", "too-slow", "2"),
        ("swells.csv", "too-large", "memory_mb > "),
        ("runs-out.csv", "too-large", "memory_mb > "),
        ("breaks.csv", "reader-failed", "LookupError: 68"),
    ],
)
def test_what_breaks_a_process_costs_one_file(
    tmp_path: Path, capfd: pytest.CaptureFixture[str], name: str, code: str, told: str
) -> None:
    files = orders(tmp_path, "1.csv", name, "2.csv", "3.csv", "4.csv")
    first, broken, *others = read(files, limits=QUICK, keep=misbehaves)
    [problem] = broken.problems
    assert (problem.code, problem.source_file) == (code, name)
    assert told in "".join(problem.fields.values())
    languages: tuple[Lang, Lang] = ("zh", "en")
    assert all(sentence(problem, lang) for lang in languages)
    for parts in (first, *others):
        [(kind, rows)] = parts.rows
        assert (kind, rows.columns["order_no"].cast(pa.string()).to_pylist()) == ("orders", ["A1", "A2"])
        assert not parts.problems
    assert capfd.readouterr() == ("", "")


def test_the_time_that_a_process_takes_to_begin_is_not_the_files(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    waits, now = _Reader._wait, [0.0]  # noqa: SLF001 - what takes long here

    def slowly(reader: _Reader) -> None:
        waits(reader)
        now[0] += 1000

    monkeypatch.setattr(_Reader, "_wait", slowly)
    monkeypatch.setattr("workbooks.reading.apart.time.monotonic", lambda: now[0])
    [parts] = read(orders(tmp_path, "1.csv"), limits=QUICK)
    assert not parts.problems


def test_a_large_file_may_not_take_the_machines_memory(tmp_path: Path) -> None:
    [file] = orders(tmp_path, "1.csv")
    _, small = _allowed(file, LIMITS)
    os.truncate(file.path, 1 << 40)
    seconds, memory = _allowed(file, LIMITS)
    assert small <= memory <= psutil.virtual_memory().total // 3
    assert seconds > LIMITS.seconds


def test_a_copy_that_cannot_be_kept_ends_the_run(tmp_path: Path) -> None:
    with pytest.raises(WorkbookError) as raised:
        read(orders(tmp_path, "1.csv", "full.csv"), keep=misbehaves)
    assert raised.value.code == "output-unwritable"


def test_who_stops_waits_for_nothing_and_leaves_no_process(tmp_path: Path) -> None:
    start = time.monotonic()
    with Reading(orders(tmp_path, "hangs.csv", "1.csv"), {}, keep=misbehaves) as reading:
        while not (pids := [reader.process.pid for reader in reading.readers if reader.process]):
            time.sleep(0.01)
    assert not any(psutil.pid_exists(pid) for pid in pids if pid)
    assert time.monotonic() - start < LIMITS.seconds


def test_a_file_that_is_being_written_is_read_again_and_at_last_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from workbooks.reading import files as reading  # noqa: PLC0415 - whose clock stands still here

    [file] = orders(tmp_path, "1.csv")
    really, seen = Path.read_bytes, []

    def growing(path: Path) -> bytes:
        content = really(path)
        seen.append(content)
        if len(seen) <= grows:
            with path.open("ab") as more:
                more.write(b"A3,C1,P1,1\n")
        return content

    monkeypatch.setattr(reading, "BETWEEN", 0)
    monkeypatch.setattr(Path, "read_bytes", growing)
    grows = 2
    assert reading.content_of(file) == seen[-1] == really(file.path)
    assert len(seen) > grows
    grows = 100
    seen.clear()
    parts = reading.read_file(file, Recogniser({}))
    assert [problem.code for problem in parts.problems] == ["changing"]
    assert len(seen) >= TRIES


def test_a_script_that_reads_is_not_run_again_by_the_processes(tmp_path: Path) -> None:
    orders(tmp_path, "1.csv", "2.csv")
    script = tmp_path / "script.py"
    script.write_text(
        "from pathlib import Path\n"
        "from workbooks.reading.apart import read_apart\n"
        "from workbooks.schema import LIMITS\n"
        "from workbooks.team import TeamFile\n"
        "here = Path(__file__).parent\n"
        "files = [TeamFile(here / name, name, 'orders') for name in ('1.csv', '2.csv')]\n"
        "print([len(parts.rows) for parts in read_apart(files, {}, LIMITS)])\n",
        encoding="utf-8",
    )
    path = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[3])}
    done = subprocess.run([sys.executable, str(script)], env=path, capture_output=True, text=True, check=True)
    assert (done.stdout, done.stderr) == ("[1, 1]\n", "")
