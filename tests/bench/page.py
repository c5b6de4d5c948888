"""What the benchmark writes into a document: the machine's facts and its tables, between two marks."""

from __future__ import annotations

import importlib.metadata
import os
import platform
import re
import textwrap
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

BEGIN, END = "<!-- measured: begin (written by make bench) -->", "<!-- measured: end -->"
LIBRARIES = ("fastexcel", "pyarrow", "isal", "pandas", "numpy", "xlsxwriter", "openpyxl")


def machine() -> str:
    """Return a sentence on when, on what and with what was measured."""
    libraries = ", ".join(f"{name} {importlib.metadata.version(name)}" for name in LIBRARIES)
    told = (
        f"Measured on {datetime.now().astimezone():%Y-%m-%d %H:%M %Z}: {os.cpu_count()} processors ({_processor()}), "
        f"{_memory_gb():.0f} GB, {platform.system()} {platform.release()}, Python {platform.python_version()}; "
        f"{libraries}. Processes running or waiting when it began, mean of a minute: {os.getloadavg()[0]:.1f}."
    )
    return textwrap.fill(told, 120, break_on_hyphens=False)


def _processor() -> str:
    facts = Path("/proc/cpuinfo")
    found = re.search(r"model name\s*: (.+)", facts.read_text(encoding="utf-8")) if facts.exists() else None
    return found[1] if found else platform.machine()


def _memory_gb() -> float:
    return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 1024**3


def table(headings: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Return a table as indented text: the first column to the left, the others to the right."""
    first, *others = [max(map(len, column)) for column in zip(headings, *rows, strict=True)]
    lines = []
    for name, *cells in (headings, *rows):
        right = (f"  {cell:>{width}}" for cell, width in zip(cells, others, strict=True))
        lines.append(f"{name:<{first}}{''.join(right)}".rstrip())
    return indented("\n".join(lines))


def indented(text: str) -> str:
    """Return what a program printed as text that a document shows as it is."""
    return textwrap.indent(text.rstrip(), "    ")


def write_section(document: Path, parts: Sequence[str], begin: str = BEGIN) -> None:
    """Put the parts between the document's marks and leave the rest as it is. Raises ValueError where none are."""
    before, found, rest = document.read_text(encoding="utf-8").partition(begin)
    _, end, after = rest.partition(END)
    if not found or not end:
        raise ValueError(document)
    document.write_text(before + "\n\n".join((begin, *parts, END)) + after, encoding="utf-8")
