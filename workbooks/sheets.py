"""What Excel takes as a sheet: how it may be called, and how many rows it has."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

MOST_ROWS = 1_048_575  # a sheet of Excel, less its headings
LONGEST_NAME = 31
_NOT_IN_NAMES = frozenset("[]:*?/\\")
_RESERVED = "history"  # Excel keeps this name for itself


def free_names(wanted: Iterable[str], taken: Iterable[str]) -> list[str]:
    """Return the names, each with " (2)" and so on where it is taken; Excel takes capitals for small letters."""
    used = {name.casefold() for name in taken}
    names = []
    for name in wanted:
        free, turn = name, 1
        while free.casefold() in used:
            turn += 1
            suffix = f" ({turn})"
            free = name[: LONGEST_NAME - len(suffix)] + suffix
        used.add(free.casefold())
        names.append(free)
    return names


def sheet_name(text: str, otherwise: str) -> str:
    """Return a text as a sheet's name: without what Excel refuses in one, and no longer than it takes.

    otherwise: the name where nothing of the text is left.
    """
    # what lies beyond the first plane counts twice in Excel, and no production site is called by it
    kept = "".join(sign for sign in text if sign not in _NOT_IN_NAMES and sign.isprintable() and ord(sign) < 0x10000)
    name = kept.strip("' ")[:LONGEST_NAME].rstrip("' ")
    return name if name and name.casefold() != _RESERVED else otherwise
