"""addin.conf, the one file that the add-in's VBA reads: which interpreter it starts.

VBA reads text in the machine's ANSI code page and ends a line at a carriage return; so is the file written here, and
so it is looked at, that what `orderdesk doctor` says is what Excel will meet.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass
from pathlib import Path, PureWindowsPath
from typing import Literal

from workbooks.errors import WorkbookError
from workbooks.publish import write_whole

FILE = "addin.conf"
KEY = "interpreter"
LONGEST = 2000  # characters of the command line; xlwings' DLL copies it into a buffer of 2048
ANSI = "mbcs" if sys.platform == "win32" else "utf-8"

Fault = Literal[
    "missing", "unreadable", "encoding", "line-ends", "blank-line", "unknown-line", "blank-value", "no-value", "twice",
    "not-ansi", "quote", "too-long", "relative",
]  # fmt: skip


@dataclass(frozen=True)
class Conf:
    """What the file says: the interpreter ("" where none), the first fault and the line or value it is about."""

    interpreter: str
    fault: Fault | None = None
    about: str = ""


def server_command(interpreter: str) -> str:
    """Return the command line that the add-in hands to the DLL, as VBA's ServerCommand builds it."""
    return f'"{interpreter}" -I -m xl_addin.server $(CLSID)'


def value_fault(interpreter: str, codec: str = ANSI) -> Fault | None:
    """Return what keeps a path from being an interpreter on the command line, None where nothing does."""
    try:
        interpreter.encode(codec)
    except UnicodeEncodeError:
        return "not-ansi"
    if '"' in interpreter or "$(" in interpreter:  # would end the quotes, or be filled in by the DLL
        return "quote"
    if len(server_command(interpreter)) > LONGEST:
        return "too-long"
    if not PureWindowsPath(interpreter).is_absolute():  # Windows would look in Excel's current folder, a folder of data
        return "relative"
    return None


def read(path: Path, codec: str = ANSI) -> Conf:
    """Read the settings as VBA reads them; never raises, a fault is part of the answer."""
    try:
        content = path.read_bytes()
    except FileNotFoundError:
        return Conf("", "missing")
    except OSError as error:
        return Conf("", "unreadable", error.strerror or str(error))
    text = content.decode(codec, errors="replace")
    lines = text.replace("\r\n", "\r").removesuffix("\r").split("\r")
    values = [line.removeprefix(f"{KEY}=") for line in lines if line.startswith(f"{KEY}=")]
    interpreter = values[-1] if values else ""  # VBA keeps the last one
    fault, about = _fault(content, lines, values, codec)
    return Conf(interpreter, fault, about)


def write(path: Path, interpreter: str) -> None:
    """Write the settings.

    Raises WorkbookError where the interpreter's path cannot be used, or the file cannot be written.
    """
    fault = value_fault(interpreter)
    if fault is not None:
        raise WorkbookError(f"interpreter-{fault}", path=interpreter)
    write_whole(path, f"{KEY}={interpreter}\r\n".encode(ANSI))


def _fault(content: bytes, lines: list[str], values: list[str], codec: str) -> tuple[Fault | None, str]:
    """Return the first fault and what it is about: the file as a whole, then its lines, then the value."""
    if _meant_utf8(content, values, codec):
        return "encoding", lines[0]
    if any("\n" in line for line in lines):
        return "line-ends", ""
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            return "blank-line", str(number)
        if not line.startswith(f"{KEY}="):
            return "unknown-line", line
    return _value_fault(values, codec)


def _value_fault(values: list[str], codec: str) -> tuple[Fault | None, str]:
    if not values:
        return "no-value", ""
    value = values[-1]
    if len(values) > 1:
        return "twice", value
    if not value.strip():
        return "blank-value", ""
    return value_fault(value, codec), value


def _meant_utf8(content: bytes, values: list[str], codec: str) -> bool:
    """Tell whether the file was saved as UTF-8 (by hand, say) on a machine that reads it otherwise."""
    if content.isascii() or codec == "utf-8":
        return False
    if content.startswith(b"\xef\xbb\xbf"):
        return True
    try:
        meant = content.decode("utf-8")
        read_as = content.decode(codec)
    except UnicodeDecodeError as error:
        return error.encoding != "utf-8"
    return meant != read_as and not any(Path(value).is_file() for value in values)
