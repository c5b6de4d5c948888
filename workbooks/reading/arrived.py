"""Which files lie in a team folder, looked up by other means than those that choose what is read."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from workbooks.labels import labels
from workbooks.reading.files import Input
from workbooks.reading.problems import Problem
from workbooks.reading.recount import Recount
from workbooks.reading.recount_cells import Differs
from workbooks.team import spelt

_NEVER_READ = ("desktop.ini", "thumbs.db")


@dataclass(frozen=True)
class Lying:
    """A file of a team folder before a run: where it is, its size, and when it was changed."""

    path: Path
    size: int
    changed: int


def lying_in(folder: Path, day: date) -> Mapping[str, Lying]:
    """Return the files that a day's run has to read, by the names that it gives them."""
    said = labels().folders
    inbox = folder / said["orders"] / f"{day:%Y-%m-%d}"
    found = {spelt(path.relative_to(inbox).as_posix()): path for path in _files(inbox)}
    for room in ("reference", "stock", "finance", "kasp"):
        found |= {spelt(path.relative_to(folder).as_posix()): path for path in _files(folder / said[room])}
    lying = {}
    for name, path in found.items():
        with suppress(OSError):
            state = path.stat()
            lying[name] = Lying(path, state.st_size, state.st_mtime_ns)
    return lying


def _files(top: Path) -> Iterable[Path]:
    for path in top.rglob("*"):
        below = path.relative_to(top).parts
        if not any(part.startswith(".") for part in below) and path.name.lower() not in _NEVER_READ and path.is_file():
            yield path


def unread(lying: Mapping[str, Lying], inputs: Iterable[Input], problems: Iterable[Problem]) -> Recount:
    """Return which files were neither read nor told of, or not read whole, as far as they are still the same."""
    read = {entry.name: entry.size for entry in inputs}
    told = {problem.source_file for problem in problems}
    differs = []
    for name, file in sorted(lying.items()):
        if name not in read and name not in told:
            differs.append(Differs(name, "", "file", 1, 0))
        elif name in read and read[name] != file.size and _is_as_it_was(file):
            differs.append(Differs(name, "", "bytes", file.size, read[name]))
    return Recount(differs=tuple(differs))


def _is_as_it_was(file: Lying) -> bool:
    try:
        state = file.path.stat()
    except OSError:
        return False
    return (state.st_size, state.st_mtime_ns) == (file.size, file.changed)
