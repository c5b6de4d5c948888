"""Finds this machine's LibreOffice, and starts one to talk to from outside."""

from __future__ import annotations

import builtins
import importlib
import os
import re
import shutil
import subprocess
import sys
import time
from contextlib import suppress
from functools import cache
from pathlib import Path
from types import ModuleType
from typing import Any

from workbooks.errors import WorkbookError

STARTING = 60  # seconds that a start may take; the first one of a profile takes ten on a slow machine
STOPPING = 20
_AGAIN = {79, 81}  # exit codes of a fresh profile: LibreOffice asks to be started again
_ELSEWHERE = (
    "/usr/lib/libreoffice/program", "/usr/lib64/libreoffice/program", "/opt/libreoffice*/program",
    "/Applications/LibreOffice.app/Contents/MacOS", "C:/Program Files/LibreOffice/program",
)  # fmt: skip
_DEBIAN = Path("/usr/lib/python3/dist-packages")  # where python3-uno puts uno.py


def program_folder() -> Path:
    """Return the folder of LibreOffice's programs; raises WorkbookError where there is none."""
    command = shutil.which("soffice") or shutil.which("libreoffice")
    places = [Path(command).resolve().parent] if command else []
    for pattern in _ELSEWHERE:
        root = Path(Path(pattern).anchor)
        if root.exists():
            places += sorted(root.glob(str(Path(pattern).relative_to(root))), reverse=True)
    for place in places:
        if (place / "versionrc").is_file() or (place / "version.ini").is_file() or (place / "soffice.bin").is_file():
            return place
    raise WorkbookError("no-calc")


def python_version(program: Path) -> tuple[int, int] | None:
    """Return the version of the Python that LibreOffice runs; None where it has none."""
    for name in ("libpyuno.so", "pyuno.pyd", "libpyuno.dylib"):
        with_python = program / name
        if with_python.is_file():
            found = re.search(rb"(?:libpython|python)(\d)\.?(\d+)", with_python.read_bytes())
            if found:
                return int(found[1]), int(found[2])
    return None


def user_profile() -> Path:
    """Return where this user's LibreOffice keeps its profile; it may not be there yet."""
    if sys.platform == "win32":
        return Path(os.environ.get("APPDATA", "")) / "LibreOffice" / "4"
    if sys.platform == "darwin":
        return Path.home() / "Library" / "Application Support" / "LibreOffice" / "4"
    return Path(os.environ.get("XDG_CONFIG_HOME") or Path.home() / ".config") / "libreoffice" / "4"


def is_running(profile: Path) -> bool:
    """Tell whether a LibreOffice uses the profile; one that has crashed may leave its lock behind."""
    return (profile / ".lock").exists()


@cache
def load_uno() -> ModuleType:
    """Return the module uno, from LibreOffice's own Python packages where this Python has none of it; unohelper too.

    Its way of importing com.sun.star… is not kept: it would stand between every import and Python. Raises
    WorkbookError where it is not there, or made for another Python.
    """
    usual, path = builtins.__import__, list(sys.path)
    inside = "uno" in sys.modules  # LibreOffice's own Python has loaded it, and wants to import its own way
    try:
        sys.path += [str(_DEBIAN), str(program_folder())]
        uno = importlib.import_module("uno")
        importlib.import_module("unohelper")  # imports of com.sun.star itself
    except ImportError as error:
        raise WorkbookError("no-uno", detail=error) from error
    finally:
        sys.path[:] = path
        if not inside:
            builtins.__import__ = usual
    return uno


class Running:
    """A LibreOffice on a profile, running while it is entered; gives its component context.

    A class and not a generator: UNO's exceptions cannot pass through one, for contextlib writes to them.
    """

    def __init__(self, profile: Path, *, windows: bool = False) -> None:
        """Take the folder of the profile; it is made where it is not there. windows: with windows, on the display."""
        self._uno = load_uno()
        self._pipe = f"orderdesk{os.getpid()}x{time.monotonic_ns()}"
        program = program_folder()
        names = (program / name for name in ("soffice.bin", "soffice.exe", "soffice"))
        self._command = [
            str(next((path for path in names if path.is_file()), program / "soffice")),
            f"-env:UserInstallation={profile.absolute().as_uri()}", "--norestore", "--nologo", "--nodefault",
            "--nofirststartwizard", f"--accept=pipe,name={self._pipe};urp;", *(() if windows else ("--headless",)),
        ]  # fmt: skip
        self._windows = windows
        self._running: subprocess.Popen[bytes] | None = None
        self._context: Any = None

    def __enter__(self) -> Any:
        """Start it and return the context.

        Raises WorkbookError where it does not start or does not answer within STARTING seconds.
        """
        self._start()
        try:
            self._context = self._connected()
        except BaseException:
            self.__exit__()
            raise
        return self._context

    def __exit__(self, *_error: object) -> None:
        """End it, kindly at first; with windows it may ask what to do with a document, and nobody answers."""
        if self._windows:
            self._context = None
        if self._context is not None:
            with suppress(Exception):  # it ends while it answers
                self.desktop.terminate()
        if self._running is not None:
            try:
                self._running.wait(STOPPING if self._context is not None else 1)
            except subprocess.TimeoutExpired:
                self._running.kill()
                self._running.wait()

    @property
    def desktop(self) -> Any:
        """Return its desktop, which loads documents."""
        return self._context.ServiceManager.createInstanceWithContext("com.sun.star.frame.Desktop", self._context)

    def _start(self) -> None:
        # our own Python's settings would lead LibreOffice's astray; so would a python3 on the path from a virtual
        # environment that is activated, whose standard library it would load
        usual = {name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "LD_LIBRARY"))}
        ours = Path(sys.executable).parent
        others = [place for place in usual.get("PATH", "").split(os.pathsep) if place and Path(place) != ours]
        usual["PATH"] = os.pathsep.join(others)
        self._running = subprocess.Popen(  # noqa: S603 - the LibreOffice of this machine
            self._command, env=usual, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )

    def _connected(self) -> Any:
        local = self._uno.getComponentContext()
        resolver = local.ServiceManager.createInstanceWithContext("com.sun.star.bridge.UnoUrlResolver", local)
        until = time.monotonic() + STARTING
        while True:
            code = self._running.poll() if self._running else None
            if code in _AGAIN:
                self._start()
            elif code is not None or time.monotonic() > until:
                raise WorkbookError("calc-not-started", path=self._command[0], exit=code)
            try:
                return resolver.resolve(f"uno:pipe,name={self._pipe};urp;StarOffice.ComponentContext")
            except Exception:  # noqa: BLE001 - uno makes its exceptions while it runs; not listening yet
                time.sleep(0.1)
