"""Runs on Windows, where the add-in is installed: breaks one thing after the other and asks the self-check each time.

Prints one line of JSON: by fault, the checks that were not well and the seconds it took. All is mended again.
Usage: winpy faults.py PYTHON_WITH_SPACES HANGING_PYTHON STALE_ADDIN
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from xl_addin import conf, desk, doctor, doctor_facts, excel_settings, install

assert sys.platform == "win32"
import winreg  # noqa: E402 - is there only from here on, to a checker of types too

spaced, hanging, stale = map(Path, sys.argv[1:])
settings, addin = desk.desk_folder() / conf.FILE, install.addin_file()
dll = next(desk.desk_folder().glob("xlwings64-*.dll"))
security = rf"{excel_settings.OFFICE}\16.0\Excel\Security"
found: dict[str, Any] = {}


@contextmanager
def content(path: Path, new: bytes | None) -> Iterator[None]:
    """Give a file other content, or none at all, for a while."""
    before = path.read_bytes() if path.is_file() else None
    path.unlink(missing_ok=True)
    if new is not None:
        path.write_bytes(new)
    yield
    path.unlink(missing_ok=True)
    if before is not None:
        path.write_bytes(before)


@contextmanager
def value(key: str, name: str, data: Any, kind: int = winreg.REG_DWORD) -> Iterator[None]:
    """Put a value into the user's registry for a while."""
    with winreg.CreateKey(winreg.HKEY_CURRENT_USER, key) as opened:
        winreg.SetValueEx(opened, name, 0, kind, data)
        yield
        winreg.DeleteValue(opened, name)


def ask(fault: str, patience: float = doctor_facts.ACTIVATING, **known: object) -> doctor_facts.Facts:
    """Keep what the whole self-check says is not well; known: facts that the fault leaves as they were."""
    facts = doctor_facts.Facts(patience)
    vars(facts).update(known)
    started = time.perf_counter()
    checks = doctor.examine(facts)
    bad = {check.code: check.outcome for check in checks if check.ok is False}
    said = {check.code: [check.says("zh"), check.do("zh"), check.says("en"), check.do("en")] for check in checks}
    found[fault] = {"bad": bad, "seconds": time.perf_counter() - started, "said": said}
    return facts


def look(fault: str, code: str) -> None:
    """Keep what one check says."""
    checks: dict[str, Callable[[doctor_facts.Facts], doctor.Check]] = dict(doctor.CHECKS)
    found[fault] = checks[code](doctor_facts.Facts()).outcome


with content(settings, b"interpreter=C:\\no such\\pythonw.exe\r\n"):
    ask("wrong interpreter")
with content(settings, b"interpreter=C:\\windows\\notepad.exe\r\n"):
    ask("not a python")
with content(dll, None):
    probed = ask("missing dll").probe
with content(dll, b"no dll at all"):
    ask("damaged dll", probe=probed)
with content(addin, stale.read_bytes()):
    ask("version mismatch", probe=probed)
with content(next(desk.desk_folder().glob("xlwings32-*.dll")), None):
    look("missing dll of 32 bits", "dll")
with content(settings, b"interpreter=pythonw.exe\r\n"):
    ask("relative interpreter")
with content(settings, f"interpreter={spaced}\r\n\r\n".encode("ascii")):
    ask("blank line, and a path with spaces")
with content(settings, "interpreter=Z:\\审单 程序\\pythonw.exe\r\n".encode()):
    ask("chinese")
with content(settings, f"interpreter={hanging}\r\n".encode("ascii")):
    ask("hanging server", patience=2)
with content(settings, None):
    look("no settings", "settings")
with content(settings, b"interpreter=\r\n"):
    look("blank value", "settings")
with content(addin, None):
    look("no add-in", "addin")
with content(addin, b"PK\x03\x04"):
    look("damaged add-in", "addin")
with content(desk.desk_folder() / desk.FILE, None):
    look("no team folder", "team")
with content(desk.desk_folder() / desk.FILE, b"team_folder = 'Z:\\no such folder'\n"):
    look("team folder gone", "team")
with value(excel_settings.unticked("16.0"), str(addin), "", winreg.REG_SZ):
    look("unticked", "addin")
disabled, record = rf"{excel_settings.OFFICE}\16.0\Excel\Resiliency\DisabledItems", str(addin).encode("utf-16-le")
with value(disabled, "1", b"\x01\x00" + record, winreg.REG_BINARY):
    look("disabled", "addin")
with value(security, "VBAWarnings", 4):
    look("no macros", "trust")
    location = rf"{security}\Trusted Locations\Location9"
    with value(location, "Path", r"%APPDATA%\Microsoft", winreg.REG_EXPAND_SZ), value(location, "AllowSubfolders", 1):
        look("no macros, but trusted there", "trust")
with value(rf"{excel_settings.POLICIES}\16.0\Excel\Security", "RequireAddinSig", 1):
    look("policy", "trust")
sys.stdout.write(json.dumps(found) + "\n")
