"""What may happen to a run: a full disk, a folder not to be written, files that change or are open, a second run.

A run that cannot be made says why in a sentence and leaves all as it was: inputs, the earlier result, nothing hidden.
"""

from __future__ import annotations

import os
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

import fastexcel

from macros import nightly
from macros.demo.reference import DAY
from macros.demo.sheets import lock_bytes
from tests.torture.changing import grows, read_while_written
from tests.torture.row import Row
from tests.torture.small_team import Team, copied, hashes, published, small_team
from workbooks.labels import labels
from workbooks.reading.problems import Problem, sentence
from workbooks.run_lock import RunLock

try:
    import resource
except ImportError:  # Windows: nothing limits the size of a file there
    resource = None  # type: ignore[assignment]

COMMANDS = ("nightly", "returns", "packaging", "invoices")
SIZES = (0, 200, 1_000, 4_000, 8_000, 16_000, 32_000)  # bytes of the largest file that a full disk takes
ROOM = (0, 4, 16, 64, 128)  # KB that are left on a small one
READ = 300  # times that a file is read while it is written
PAIRS = 8  # runs begun at once


def run(*, full: bool) -> Row:
    """Let it happen; return how often a run did what it should."""
    failed: list[str] = []
    with tempfile.TemporaryDirectory() as made:
        place = Path(made)
        team = Team(small_team(place / "team", other=True))
        nightly.run(team.folder, DAY)
        tried = 0
        for name, happens in faults(full=full):
            tried += 1
            try:
                happens(copied(team, place / "work"))
            except AssertionError as error:
                failed.append(f"{name}: {error}")
    kinds = "full disk, folder not writable, files changed, replaced and open, two runs at once"
    return Row("something goes wrong", tried, tried - len(failed), f"{kinds}: each told, nothing lost", failed)


def faults(*, full: bool) -> Iterator[tuple[str, Callable[[Team], None]]]:
    """Yield each fault, by name; those that need what the machine does not give are left out."""
    if resource is not None:
        for size in SIZES if full else SIZES[-1:]:
            yield f"no file over {size} bytes", partial(full_disk, size=size)
        for name in COMMANDS[1:] if full else ():
            yield f"no file over 200 bytes for {name}", partial(full_disk, size=200, name=name)
    if can_mount():
        for room in ROOM if full else ():
            yield f"{room} KB left on the disk", partial(small_disk, room=room)
        yield "a disk that is not to be written", disk_read_only
    for name in COMMANDS if full and can_forbid() else ():
        yield f"a folder not to be written for {name}", partial(folder_not_writable, name=name)
    yield "a file in the place of the output folder", file_in_its_place
    yield "a file that is written while it is read", partial(read_while_written, times=READ if full else 30)
    if full:
        yield "a file that grows", file_that_grows
        yield "a workbook that is open", workbook_open
    for name in COMMANDS if full else ():
        yield f"{name} while another run is at work", partial(in_use, name=name)
    for number in range(PAIRS) if full else (0,):
        yield f"two runs at once, {number}", partial(two_at_once, apart=0.3 * number)


def refused(team: Team, code: str, path: Path, name: str = "nightly", limit: Callable[[], None] | None = None) -> None:
    """Assert that a command says why it cannot be, with exit code 2, and leaves all as it was."""
    before = team.inputs(), team.hidden(), hashes(team.output)
    exit_code, said = team.run(name, limit)
    sentence = labels("en").message(code, path=path, detail="\0").split("\0")
    assert exit_code == 2, f"exit code {exit_code}: {said}"
    assert all(part in said for part in sentence), said
    assert "Traceback" not in said, said
    assert (team.inputs(), team.hidden(), hashes(team.output)) == before, "something has changed"


def full_disk(team: Team, size: int, name: str = "nightly") -> None:
    """A disk that takes no file over a size: the system says so as it does of one that is full."""
    limit = partial(resource.setrlimit, resource.RLIMIT_FSIZE, (size, size))
    refused(team, "output-unwritable", team.day, name, limit)


def small_disk(team: Team, room: int) -> None:
    """A disk of its own, full but for a few KB."""
    with disk(team):
        stat = os.statvfs(team.output)
        (team.output / "rest").write_bytes(bytes(stat.f_bavail * stat.f_frsize - room * 1024))
        refused(team, "output-unwritable", team.day)


def disk_read_only(team: Team) -> None:
    """A disk that was mounted for reading."""
    with disk(team):
        subprocess.run(["mount", "-o", "remount,ro", str(team.output)], check=True)  # noqa: S607 - the system's
        refused(team, "output-unwritable", team.day)


def folder_not_writable(team: Team, name: str) -> None:
    """An output folder in which the one who runs may read only."""
    folders = (team.output, team.day)
    forbid, allow = (["chattr", "+i"], ["chattr", "-i"]) if os.getuid() == 0 else (["chmod", "555"], ["chmod", "755"])
    try:
        for folder in folders:
            subprocess.run([*forbid, str(folder)], check=True)
        refused(team, "output-unwritable", team.day, name)
    finally:
        for folder in folders:
            subprocess.run([*allow, str(folder)], check=True)


def file_in_its_place(team: Team) -> None:
    """A file that has the output folder's name."""
    team.output.rename(team.folder / "earlier")
    team.output.write_text("mine")
    refused(team, "output-unwritable", team.day)


def file_that_grows(team: Team) -> None:
    """A workbook that something writes to all the time: it is named, the others are read, the result is whole."""
    growing = min(path for path in (team.folder / labels().folders["orders"] / f"{DAY}").glob("[!~]*.xlsx"))
    with grows(growing):
        code, said = team.run()
    assert code == 1, f"exit code {code}: {said}"
    assert f"could not be read: {growing.name}" in said, said
    book = team.day / labels().files["result"].format(day=team.day.name)
    problems = (
        fastexcel.read_excel(book).load_sheet(labels().sheets["problems"].name, dtypes="string").to_arrow().to_pylist()
    )
    told = [row.values() for row in problems if growing.name in row.values()]
    assert [sentence(Problem("changing", growing.name)) in row for row in told] == [True], told
    assert growing.name not in {source["name"] for source in published(team.day).record["inputs"]}
    assert not any(growing.name in name for name in hashes(team.day)), "a copy of what could not be read"
    assert (team.results(), team.hidden()) == ([team.day.name], [])


def workbook_open(team: Team) -> None:
    """A workbook that a colleague has open: what was saved is read, and who has it is said."""
    book = min((team.folder / labels().folders["orders"] / f"{DAY}").glob("[!~]*.xlsx"))
    book.with_name(f"~${book.name}").write_bytes(lock_bytes("Zhang San"))
    code, said = team.run()
    assert code == 0, f"exit code {code}: {said}"
    assert f"Zhang San has “{book.name}” open" in said, said
    there = hashes(team.day)
    assert any(name.endswith(f"/{book.name}") for name in there)
    assert not any("~$" in name for name in there)


def in_use(team: Team, name: str) -> None:
    """A command while another run has the output folder."""
    with RunLock(team.output):
        refused(team, "output-in-use", team.output, name)
    assert team.run(name)[0] == 0, "and afterwards neither"


def two_at_once(team: Team, apart: float) -> None:
    """Two runs of the same day: one waits, or says that the other is at work."""
    first = team.start()
    time.sleep(apart)
    second = team.start()
    said = [process.communicate() for process in (first, second)]
    codes = [process.returncode for process in (first, second)]
    assert 0 in codes, f"{codes} {said}"
    for code, (_, error) in zip(codes, said, strict=True):
        assert code in {0, 2}, f"{codes} {said}"
        assert code == 0 or labels("en").message("output-in-use", path=team.output) in error, error
    published(team.day)
    assert (team.results(), team.hidden()) == ([team.day.name], []), "something is left"


def can_forbid() -> bool:
    """Tell whether a folder can be kept from being written: root may write whatever chmod says."""
    if os.name == "nt" or os.getuid() != 0:
        return os.name != "nt"
    with tempfile.TemporaryDirectory() as place:
        forbidden = [subprocess.run(["chattr", how, place], check=False, capture_output=True) for how in ("+i", "-i")]  # noqa: S607 - the system's
        return all(done.returncode == 0 for done in forbidden)


def can_mount() -> bool:
    """Tell whether this machine lets us make a disk in memory."""
    if os.name == "nt" or os.getuid() != 0:
        return False
    with tempfile.TemporaryDirectory() as place:
        made = subprocess.run(["mount", "-t", "tmpfs", "tmpfs", place], check=False, capture_output=True)  # noqa: S607 - the system's
        if made.returncode == 0:
            subprocess.run(["umount", place], check=True)  # noqa: S607 - the same
        return made.returncode == 0


@contextmanager
def disk(team: Team) -> Iterator[None]:
    """Put the output folder with what is in it on a disk of its own, in memory."""
    earlier = team.output.rename(team.folder.parent / "outputs")
    team.output.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=4m", "tmpfs", str(team.output)], check=True)  # noqa: S607 - the system's
    try:
        subprocess.run(["cp", "-a", f"{earlier}/.", str(team.output)], check=True)  # noqa: S607 - the same
        yield
    finally:
        subprocess.run(["umount", str(team.output)], check=True)  # noqa: S607 - the same
        team.output.rmdir()
        earlier.rename(team.output)
