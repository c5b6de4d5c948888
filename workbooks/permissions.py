"""Who may read a run's outputs: nobody who may not read what they were made of (POSIX; Windows inherits its own)."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from workbooks.labels import labels

PRIVATE = 0o700  # of a folder that is being filled
_ANY = 0o777
_SPECIAL = 0o7000  # such as the bit that hands a folder's group on
_INPUTS = ("orders", "reference", "stock", "finance", "kasp")


def narrow(path: Path, output: Path, day: str) -> None:
    """Take from outputs, a file or a folder with all in it, what any of the inputs does not grant.

    output: the team's output folder; day: the day, or the name of several, which may be any. A folder that was private
    while it was filled gets what a new one has.
    """
    if os.name == "nt":
        return
    folders, files = _granted(output, day)
    if path.is_dir():
        path.chmod(stat.S_IMODE(path.stat().st_mode) & _SPECIAL | _ANY & ~_umask() & folders)
    for found in (*path.rglob("*"), *(() if path.is_dir() else (path,))):
        found.chmod(stat.S_IMODE(found.stat().st_mode) & (_SPECIAL | (folders if found.is_dir() else files)))


def make_day(folder: Path) -> None:
    """Make a day's output folder where there is none."""
    if not folder.is_dir():
        folder.mkdir(PRIVATE)
        narrow(folder, folder.parent, folder.name)


def _granted(output: Path, day: str) -> tuple[int, int]:
    """Return what all of a run's inputs grant, as bits of a mode: their folders, and the files in them."""
    group = output.stat().st_gid
    folders = files = _ANY
    for path in _inputs(output.parent, day):
        with suppress(OSError):  # gone meanwhile
            found = path.lstat()
            mode = stat.S_IMODE(found.st_mode) | PRIVATE
            if found.st_gid != group:  # ours is to them anybody's
                mode = mode & ~0o070 | (mode & 0o007) << 3
            if stat.S_ISDIR(found.st_mode):
                folders &= mode
            elif stat.S_ISREG(found.st_mode):
                files &= mode
    return folders, files & (folders | 0o333)  # a file is as closed as its folder


def _inputs(team: Path, day: str) -> Iterator[Path]:
    """Yield the folders and files that a run reads: those of the day, and the tables."""
    names = labels().folders
    for role in _INPUTS:
        top = team / names[role]
        yield top
        of_day = top / day
        for root, folders, files in os.walk(of_day if role == "orders" and of_day.is_dir() else top):
            yield from (Path(root) / name for name in (".", *folders, *files))


def _umask() -> int:
    """Return what this process's new files are denied; it can only be asked for by setting it."""
    mask = os.umask(0o077)
    os.umask(mask)
    return mask
