"""A small team folder and what its runs leave: the inputs, the day's outputs and whether they are whole, leftovers."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil

from macros.demo.make import run as make_demo
from macros.demo.reference import DAY
from workbooks.labels import labels

ROOT = Path(__file__).parents[2]
KEPT = 2  # of the demo's regions
PATIENCE = 10.0  # seconds that a killed run's processes have to end in

Files = Mapping[str, bytes]


def small_team(folder: Path, *, other: bool = False) -> Path:
    """Make the demo's team folder with few regions and a workbook that is open; other: with other regions' orders."""
    day, _ = make_demo(folder)
    inbox = folder / labels().folders["orders"] / f"{day}"
    books = sorted(path for path in inbox.glob("*.xlsx") if not path.name.startswith("~$"))
    kept = books[KEPT : 2 * KEPT] if other else books[:KEPT]
    for path in sorted(inbox.rglob("*")):
        if path.is_file() and path.name.removeprefix("~$") not in {book.name for book in kept}:
            path.unlink()
    return folder


@dataclass(frozen=True)
class Team:
    """A team folder."""

    folder: Path

    @property
    def output(self) -> Path:
        """Return where its outputs are."""
        return self.folder / labels().folders["output"]

    @property
    def day(self) -> Path:
        """Return where those of the day are."""
        return self.output / f"{DAY}"

    def command(self, name: str = "nightly") -> list[str]:
        """Return a command on its day."""
        return [sys.executable, "-m", "xl_addin", name, str(self.folder), "--date", f"{DAY}", "--lang", "en"]

    def start(self, command: Sequence[str] = (), limit: Callable[[], None] | None = None) -> subprocess.Popen[str]:
        """Begin a command, nightly unless another is named, as the leader of processes of its own."""
        # whoever forbids Python to keep what it has compiled does not mean it to compile everything for each kill
        env = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
        if limit:  # on a full disk Python 3.11 takes half of a compiled module for all of it, ever after
            env["PYTHONDONTWRITEBYTECODE"] = "1"
        return subprocess.Popen(
            command or self.command(), cwd=ROOT, env=env, start_new_session=True, preexec_fn=limit, text=True,  # noqa: PLW1509 - no threads here
            stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        )  # fmt: skip

    def run(self, name: str = "nightly", limit: Callable[[], None] | None = None) -> tuple[int, str]:
        """Run a command; return its exit code and what it said."""
        with self.start(self.command(name), limit) as process:
            out, err = process.communicate()
        return process.returncode, out + err

    def inputs(self) -> dict[str, str]:
        """Return the SHA-256 of everything but outputs, by path."""
        found = hashes(self.folder)
        return {path: sha for path, sha in found.items() if not path.startswith(f"{self.output.name}/")}

    def results(self) -> list[str]:
        """Return the names of what can be seen among the outputs."""
        return sorted(path.name for path in self.output.glob("[!.]*"))

    def hidden(self) -> list[str]:
        """Return the names of what is hidden there."""
        return sorted(path.name for path in self.output.glob(".*"))


@dataclass(frozen=True)
class Published:
    """What a day's folder holds: its files' SHA-256 but the record's, and the record without its seconds."""

    files: Mapping[str, str]
    record: Mapping[str, Any]

    def differs(self, other: Published) -> list[str]:
        """Return the files and what of the record is not as in another."""
        names = sorted(self.files.keys() | other.files.keys())
        facts = sorted(self.record.keys() | other.record.keys())
        return [name for name in names if self.files.get(name) != other.files.get(name)] + [
            f"{fact}: {self.record.get(fact)} / {other.record.get(fact)}"
            for fact in facts
            if fact != "outputs" and self.record.get(fact) != other.record.get(fact)
        ]


def published(day: Path) -> Published:
    """Return what a day's folder holds; raises AssertionError where its record does not name just that."""
    name = labels().files["record"]
    files = hashes(day)
    assert files.pop(name, None), f"no record among {len(files)} files"
    record = json.loads((day / name).read_text(encoding="utf-8"))
    assert record["outputs"] == files, "the record names other outputs"
    record.pop("seconds", None)
    return Published(files, record)


def hashes(folder: Path) -> dict[str, str]:
    """Return the SHA-256 of each file below a folder, by path."""
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    return {path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest() for path in files}


def copied(team: Team, to: Path) -> Team:
    """Return a copy of a team folder, outputs too, in place of what was there."""
    shutil.rmtree(to, ignore_errors=True)
    shutil.copytree(team.folder, to)
    return Team(to)


def left_over(group: int) -> list[str]:
    """Return what still runs of a group of processes after a moment; it is ended then."""
    until = time.monotonic() + PATIENCE
    while there := _members(group):
        if time.monotonic() > until:
            for process in there:
                with suppress(psutil.NoSuchProcess):
                    process.kill()
            return [str(process.pid) for process in there]
        time.sleep(0.1)
    return []


def _members(group: int) -> list[psutil.Process]:
    try:
        os.killpg(group, 0)
    except ProcessLookupError:
        return []
    found = []  # some of them may have ended, and nobody has asked for how yet
    for process in psutil.process_iter():
        with suppress(psutil.Error, ProcessLookupError):
            if os.getpgid(process.pid) == group and process.status() != psutil.STATUS_ZOMBIE:
                found.append(process)
    return found
