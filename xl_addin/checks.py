"""What a self-check says: one thing looked at each, with its remedy; and the checks that every host has.

Nothing here raises: what cannot be looked at is a check of its own that says so.
"""

from __future__ import annotations

import os
import struct
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

from workbooks.errors import WorkbookError
from workbooks.labels import Lang, labels, raw
from xl_addin import desk, log
from xl_addin.wording import boxed, told

NEEDED = (3, 11)
TABLES = ("products", "partners")  # without these two no formula knows a code
ASKED = ("policies", "stock", "supply", "finance")  # some formulas and rules ask these
Facts = TypeVar("Facts")


@dataclass(frozen=True)
class Check:
    """One thing looked at. ok: None where it cannot be known here; outcome: its sentence in the labels."""

    code: str
    ok: bool | None
    outcome: str = "fine"
    fields: Mapping[str, object] = field(default_factory=dict)

    def name(self, lang: Lang) -> str:
        """Return what was looked at."""
        return str(raw()["doctor"][self.code]["name"][lang])

    def says(self, lang: Lang) -> str:
        """Return what was found."""
        return self._sentence(lang)

    def do(self, lang: Lang) -> str:
        """Return the remedy; "" where nothing is to be done."""
        return self._sentence(f"do_{lang}")

    def _sentence(self, which: str) -> str:
        own, common = raw()["doctor"][self.code], raw()["doctor"]["common"]
        said: str = (own.get(self.outcome) or common[self.outcome]).get(which, "")
        return said.format(**self.fields)


def bad(code: str, outcome: str, **fields: object) -> Check:
    """Return a check that found something to mend."""
    return Check(code, ok=False, outcome=outcome, fields=fields)


def fine(code: str, outcome: str = "fine", **fields: object) -> Check:
    """Return a check that found all well."""
    return Check(code, ok=True, outcome=outcome, fields=fields)


def unknown(code: str, outcome: str, **fields: object) -> Check:
    """Return a check that cannot be made here, or not yet."""
    return Check(code, ok=None, outcome=outcome, fields=fields)


def examined(checks: Iterable[tuple[str, Callable[[Facts], Check]]], facts: Facts) -> list[Check]:
    """Look at everything, in that order; a check that fails is one that says so, and hides no other."""
    return [_safely(code, look, facts) for code, look in checks]


def _safely(code: str, look: Callable[[Facts], Check], facts: Facts) -> Check:
    try:
        return look(facts)
    except Exception as error:  # noqa: BLE001 - a check that fails must not hide the others
        return Check(code, ok=False, outcome="failed", fields={"detail": f"{type(error).__name__}: {error}"})


def text(checks: Sequence[Check], lang: Lang, command: str = "orderdesk doctor") -> str:
    """Return the outcome for a message box: what is to be mended first, what is well in one line.

    command: what prints all of it.
    """
    said = raw()["doctor"]["box"]
    broken = [check for check in checks if check.ok is False]
    parts = [said["bad"][lang].format(count=len(broken)) if broken else said["good"][lang]]
    parts += [f"× {check.name(lang)}: {check.says(lang)}\n    {check.do(lang)}" for check in broken]
    joiner = said["joiner"][lang]
    for ok, key in ((True, "fine"), (None, "unknown")):
        names = joiner.join(check.name(lang) for check in checks if check.ok is ok)
        if names:
            parts.append(said[key][lang].format(names=names))
    return boxed("\n\n".join(parts), closing=said["more"][lang].format(command=command))


def python(_facts: object = None) -> Check:
    """Look at the Python that runs this."""
    version, bits = ".".join(map(str, sys.version_info[:3])), struct.calcsize("P") * 8
    if sys.version_info[:2] < NEEDED:
        return bad("python", "old", version=version, path=sys.executable)
    return fine("python", version=version, bits=bits, path=sys.executable)


def team(_facts: object = None) -> Check:
    """Look at the team folder: set, there, readable, and with the tables that every formula needs."""
    try:
        folder = desk.read_desk().team_folder
        if folder is None:
            return bad("team", "not_set")
        if not folder.is_dir():
            return bad("team", "gone", path=folder)
        with os.scandir(folder) as entries:
            next(entries, None)  # a folder that may not be read says so here
        found = desk.reference().tables()
    except OSError as error:
        return bad("team", "unreadable", path=folder, detail=error.strerror or error)
    except WorkbookError as error:
        return bad("team", "broken", zh=told(error, "zh"), en=told(error, "en"))
    titles = {kind: said.title for kind, said in labels().kinds.items()}
    missing = [titles[kind] for kind in TABLES if kind not in found]
    if missing:
        return bad("team", "no_tables", path=folder, missing=", ".join(missing))
    lacking = ", ".join(titles[kind] for kind in ASKED if kind not in found)
    return fine("team", "some" if lacking else "fine", path=folder, tables=len(found), lacking=lacking)


def writable_log(_facts: object = None) -> Check:
    """Look whether the log can be written."""
    path = Path("orderdesk.log")
    try:
        path = log.log_file()
        with path.open("a", encoding="utf-8"):
            pass
    except OSError as error:
        return bad("log", "unwritable", path=error.filename or path, detail=error.strerror or error)
    return fine("log", path=path)
