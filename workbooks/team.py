"""The team folder: which files there are, and what each is read for (domain.md §1)."""

from __future__ import annotations

import os
import re
import stat
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Literal

from workbooks.errors import WorkbookError
from workbooks.labels import labels
from workbooks.schema import REFERENCE_KINDS

SUFFIXES = frozenset({".xlsx", ".xlsm", ".xlsb", ".xls", ".ods", ".csv"})
SYSTEM_FILES = frozenset({"desktop.ini", "thumbs.db"})
JUNCTION = 0xA0000003  # Windows' tag of a folder that is another one, on this machine
LOCK = "~$"  # how Excel begins the name of the file that marks a workbook as open

Role = Literal["orders", "reference", "other"]


@dataclass(frozen=True)
class TeamFile:
    """A file of the team folder. name: its path inside the day's folder, of other files inside the team folder."""

    path: Path
    name: str
    role: Role

    @property
    def is_lock(self) -> bool:
        """Tell whether it only marks another file as open."""
        return self.path.name.startswith(LOCK)


def spelt(name: str) -> str:
    """Return a file's name as text: what is none, bytes of another encoding, is spelt out (`_DCB5_`)."""
    return re.sub("[\ud800-\udfff]", lambda found: f"_{ord(found[0]):04X}_", name)


def kinds_for(role: Role) -> tuple[str, ...]:
    """Return the kinds a file is read for: a region's file gives orders, only the team's own folders give references.

    Approvals' records (releases) may lie in any folder.
    """
    return {"orders": ("orders", "releases"), "reference": REFERENCE_KINDS, "other": ("releases",)}[role]


def team_files(folder: Path, day: date) -> list[TeamFile]:
    """Return the files to read, the day's orders first; each part by path, by code point.

    Raises WorkbookError where there is no team folder, or no folder or file for the day.
    """
    if not folder.is_dir():
        raise WorkbookError("no-folder", path=folder)
    return day_files(folder, day) + reference_files(folder)


def day_files(folder: Path, day: date) -> list[TeamFile]:
    """Return the day's order workbooks; raises WorkbookError where there is no folder for the day or nothing in it."""
    names = labels().folders
    inbox = folder / names["orders"] / f"{day:%Y-%m-%d}"
    if not inbox.is_dir():
        days = sorted(path.name for path in (folder / names["orders"]).glob("????-??-??") if path.is_dir())
        raise WorkbookError("no-day", path=inbox, days=labels().words["list_joiner"].join(days[-5:]) or "-")
    orders = _order_files(inbox)
    if not orders:
        raise WorkbookError("no-orders", path=inbox)
    return orders


def _order_files(inbox: Path) -> list[TeamFile]:
    """Return the order workbooks of a day's folder, with their lock files; nothing where there are only these."""
    orders = [TeamFile(path, spelt(path.relative_to(inbox).as_posix()), "orders") for path in _walk(inbox)]
    return [] if all(file.is_lock for file in orders) else sorted(orders, key=lambda file: file.name)


def days_between(folder: Path, first: date, last: date) -> dict[date, list[TeamFile]]:
    """Return the days from first to last that there is an orders folder of, with its workbooks.

    Raises WorkbookError where there is no team folder, or no such day.
    """
    if not folder.is_dir():
        raise WorkbookError("no-folder", path=folder)
    inbox = folder / labels().folders["orders"]
    days = {}
    for path in sorted(inbox.glob("????-??-??")):
        day = day_in(path.name)
        files = _order_files(path) if day is not None and first <= day <= last else []
        if day is not None and files:
            days[day] = files
    if not days:
        raise WorkbookError("no-days", path=inbox, first=first, last=last)
    return days


def day_in(folder: str) -> date | None:
    """Return the day of the orders folder that a path or a server's address lies in, None where it lies in none."""
    for name in reversed(folder.replace("\\", "/").split("/")):
        try:
            return date.fromisoformat(name)
        except ValueError:
            continue
    return None


def reference_files(folder: Path) -> list[TeamFile]:
    """Return every other file of the team folder that a table may stand in."""
    names = labels().folders
    own = {names[role] for role in ("reference", "stock", "finance", "kasp")}
    not_read = {names[role] for role in ("orders", "output", "templates")}
    others = [
        TeamFile(
            path,
            spelt(path.relative_to(folder).as_posix()),
            "reference" if path.relative_to(folder).parts[0] in own else "other",
        )
        for path in _walk(folder, not_read)
        if path.suffix.lower() in SUFFIXES or path.relative_to(folder).parts[0] in own
    ]
    return sorted(others, key=lambda file: file.name)


def _walk(top: Path, left_out: set[str] | frozenset[str] = frozenset()) -> Iterator[Path]:
    """Yield the files below a folder, without hidden ones, what the system leaves, and top folders left out.

    A folder that is not entered, for it is a link or may not be looked into, stands for its files: nothing goes unsaid.
    """
    closed: list[Path] = []
    for root, folders, files in os.walk(top, onerror=lambda error: closed.append(Path(error.filename))):
        if Path(root) == top:
            folders[:] = [name for name in folders if name not in left_out]
        links = [name for name in folders if _leads_elsewhere(Path(root) / name)]
        folders[:] = [name for name in folders if not name.startswith(".") and name not in links]
        for name in files + links:
            if not name.startswith(".") and name.lower() not in SYSTEM_FILES:
                yield Path(root) / name
    yield from (path for path in closed if path != top)


def _leads_elsewhere(folder: Path) -> bool:
    """Tell whether a folder is a link, or what Windows calls a junction."""
    found = folder.lstat()
    return stat.S_ISLNK(found.st_mode) or getattr(found, "st_reparse_tag", 0) == JUNCTION
