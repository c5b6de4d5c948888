"""What the checks of `orderdesk doctor` look at, each found out once and only when asked for."""

from __future__ import annotations

import json
import re
import struct
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import xlwings
from pyopenvba import ExcelFile

from macros.runs import program_version
from xl_addin import conf, desk, excel_settings, install

PROBING = 20  # seconds; loading everything takes one to five
ACTIVATING = 30  # seconds; the DLL itself would wait two minutes for a server that hangs
WARMING = 180  # seconds, for the very first start: everything is compiled, and a virus scanner looks at each file
NO_WINDOW = getattr(subprocess, "CREATE_NO_WINDOW", 0)

_PROBE = """\
import json, sys
facts = {}
try:
    import importlib.metadata as about
    import xl_addin.server, xl_addin.hello, pandas, xlwings
    facts = {"orderdesk": about.version("orderdesk"), "xlwings": xlwings.__version__, "pandas": pandas.__version__}
    facts["python"] = sys.version.split()[0]
    if sys.platform == "win32":
        try:
            import pythoncom, win32api, win32com.client
        except ImportError:
            facts["pywin32"] = False
        else:
            import xlwings.com_server
except Exception as error:
    facts["error"], facts["step"] = f"{type(error).__name__}: {error}", "import"
print("\\n" + json.dumps(facts))
"""


class Facts:
    """The state of this user's installation; patience: seconds that the server may take to start and answer."""

    def __init__(self, patience: float = ACTIVATING) -> None:
        """Find out nothing yet."""
        self.patience = patience

    @cached_property
    def folder(self) -> Path:
        """The folder of settings and DLL."""
        return desk.desk_folder()

    @cached_property
    def conf(self) -> conf.Conf:
        """What addin.conf says."""
        return conf.read(self.folder / conf.FILE)

    @cached_property
    def interpreter(self) -> str:
        """The interpreter that Excel starts; this one where there is no Excel."""
        return self.conf.interpreter if sys.platform == "win32" else sys.executable

    @cached_property
    def interpreter_fault(self) -> str:
        """What is wrong with the interpreter's path: relative, missing, folder, not_python; "" where nothing is."""
        if self.conf.fault == "relative":  # must not even be tried: who knows what would be started
            return "relative"
        path = Path(self.interpreter)
        if path.is_dir():
            return "folder"
        if not path.is_file():
            return "missing"
        return "" if re.fullmatch(r"pythonw?[\d.]*(\.exe)?", path.name, flags=re.IGNORECASE) else "not_python"

    @cached_property
    def program(self) -> str:
        """This program's version."""
        return program_version()

    @cached_property
    def probe(self) -> dict[str, Any]:
        """The versions that the interpreter loads, started as Excel starts it; or error and step.

        A server that has answered has loaded everything; only one that has not is asked for the reason.
        """
        if "formula" in self.activation:
            return self.activation
        patience = min(PROBING, self.patience)
        try:
            run = _run([self.interpreter, "-I", "-c", _PROBE], patience)
        except subprocess.TimeoutExpired:
            return {"step": "timeout", "error": patience}
        except OSError as error:
            return {"step": "start", "error": error.strerror or str(error)}
        return _last_json(run) or {"step": "start", "error": _last_line(run)}

    @cached_property
    def addin_versions(self) -> tuple[str, str]:
        """The versions of xlwings and Order Desk that the add-in in place was built with; "" where it names none."""
        return versions_of(install.addin_file())

    @cached_property
    def dll(self) -> Path:
        """The DLL that the add-in asks for, of this Python's bitness: the one that can be tried."""
        return self.dlls[struct.calcsize("P") * 8]

    @cached_property
    def dlls(self) -> dict[int, Path]:
        """The DLLs that must be there, by bits: this Python's and Excel's, every one where Excel's are unknown."""
        version = self.addin_versions[0] or xlwings.__version__
        excel = excel_settings.bits()
        needed = {struct.calcsize("P") * 8} | ({64, 32} if excel is None else {excel})
        return {
            bits: self.folder / install.DLL.format(bits=bits, version=version) for bits in sorted(needed, reverse=True)
        }

    @cached_property
    def activation(self) -> dict[str, Any]:
        """What the server said of itself, started through the DLL; or step and detail; {} where it cannot be tried."""
        if not self.conf.interpreter or self.interpreter_fault or not self.dll.is_file():
            return {}
        started = time.perf_counter()
        command = conf.server_command(self.conf.interpreter)
        try:
            run = _run([sys.executable, "-I", "-m", "xl_addin.activate", str(self.dll), command], self.patience)
        except subprocess.TimeoutExpired:
            return {"step": "timeout", "detail": self.patience}
        said = _last_json(run) or {"step": "call", "detail": _last_line(run)}
        return said | {"seconds": time.perf_counter() - started}


def versions_of(addin: Path) -> tuple[str, str]:
    """Return the versions of xlwings and Order Desk that an add-in was built with; "" where it names none."""
    try:
        with ExcelFile(addin) as book:
            text = book.vba_modules().get("Server", "")
    except Exception:  # noqa: BLE001 - whatever a damaged file makes pyOpenVBA raise, it is no add-in of ours
        return "", ""
    asked, own = (re.search(rf'{name}_VERSION As String = "([^"]+)"', text) for name in ("XLWINGS", "ORDERDESK"))
    return asked[1] if asked else "", own[1] if own else ""


@dataclass(frozen=True)
class _Ran:
    """What a process has written, and its exit code."""

    code: int
    out: str
    error: str


def _run(command: list[str], seconds: float) -> _Ran:
    """Run a process; raises subprocess.TimeoutExpired, and ends it, where it takes longer.

    It writes into files, not pipes: a server that it has started, and that hangs, would keep a pipe open for good.
    """
    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as error:
        process = subprocess.Popen(  # noqa: S603 - our own interpreter, and the one that the add-in would start
            command, stdin=subprocess.DEVNULL, stdout=out, stderr=error, creationflags=NO_WINDOW
        )
        try:
            code = process.wait(seconds)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
            raise
        texts = []
        for file in (out, error):
            file.seek(0)
            texts.append(file.read().decode("utf-8", errors="replace"))
    return _Ran(code, *texts)


def _last_json(run: _Ran) -> dict[str, Any] | None:
    for line in reversed(run.out.splitlines()):
        if line.startswith("{"):
            said: dict[str, Any] = json.loads(line)
            return said
    return None


def _last_line(run: _Ran) -> str:
    lines = (run.error or run.out).strip().splitlines()
    return lines[-1] if lines else f"exit code {run.code}"
