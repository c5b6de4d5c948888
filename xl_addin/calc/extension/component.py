"""Order Desk inside LibreOffice: what the formulas' Basic, the menu and the toolbar call.

LibreOffice's own Python runs this file from the extension. It knows nothing but where Order Desk is installed, which
`orderdesk install` has written for this user, and loads it with the first formula or button; no document, and no
folder that LibreOffice was started in, has a say in what is loaded. ASCII, and of the standard library alone.
"""

from __future__ import annotations

import os
import re
import site
import struct
import sys
import traceback
from collections.abc import Sequence
from pathlib import Path
from types import ModuleType
from typing import Any

import uno
import unohelper
from com.sun.star.lang import XServiceInfo
from com.sun.star.sheet import XFunctionAccess
from com.sun.star.task import XJob, XJobExecutor

SERVICE = "orderdesk.Calc"
MODULE = "OrderDesk"  # also in stubs.py
HERE = Path(__file__).parent
LARGE = 1_000_000  # bytes
NOTED: set[str] = set()
SECRET = re.compile(  # as in xl_addin.log, which may be what cannot be loaded
    r"\d(?:[ \xa0-]?\d){11,}"
    r"|(?<![0-9A-Za-z])[0-9A-Z]{2}(?:[ \xa0-]?\d){6}(?:[ \xa0-]?[0-9A-Z]){10}(?![0-9A-Za-z])"
    r"|(?<![0-9A-Za-z])(?=(?:[A-Za-z]*\d){6})[0-9A-Za-z]{15,20}(?![0-9A-Za-z])"
)


def value_error() -> float:
    """Return Calc's #VALUE!: a number that is none, with the error's number in it."""
    [number] = struct.unpack("<d", struct.pack("<Q", 0x7FF8000000000000 | 519))
    return float(number)


def desk_folder() -> Path:
    """Return the folder of this user's settings, as platformdirs finds it for the command line."""
    if sys.platform == "win32":
        return Path(os.environ["LOCALAPPDATA"]) / "orderdesk"
    if sys.platform == "darwin":
        return Path.home() / "Library" / "Application Support" / "orderdesk"
    return Path(os.environ.get("XDG_CONFIG_HOME") or Path.home() / ".config") / "orderdesk"


def packages() -> str:
    """Return the folder of packages that `orderdesk install` has written down."""
    named = ""
    for line in (desk_folder() / "calc.conf").read_text(encoding="utf-8").splitlines():
        key, _, value = line.partition("=")
        if key == "packages" and Path(value).is_absolute() and Path(value).is_dir():
            return value
        if key == "packages":
            named = value
    reason = f"{named or 'no folder'}, named in {desk_folder() / 'calc.conf'}, is not there"
    raise FileNotFoundError(reason)


def started_in() -> Path | None:
    """Return the current folder; None where it has been removed."""
    try:
        return Path.cwd()
    except FileNotFoundError:
        return None


def load() -> ModuleType:
    """Return the door into Order Desk, its packages before any other that LibreOffice's Python can see."""
    folder = packages()
    unwanted = {Path(folder), started_in()}  # what is on the path already, site would not put in front
    before = [place for place in sys.path if Path(place).is_absolute() and Path(place) not in unwanted]
    sys.path[:] = before
    site.addsitedir(folder)
    own = [place for place in sys.path if place not in before]
    sys.path[:] = own + before
    from xl_addin.calc import door  # noqa: PLC0415 - there from here on

    return door


class Calc(unohelper.Base, XFunctionAccess, XJob, XJobExecutor, XServiceInfo):  # type: ignore[misc]  # UNO has no types
    """The service: a function of a cell, a job at the start, and a button."""

    door: ModuleType | None = None
    failure = ""

    def __init__(self, context: Any, *_arguments: Any) -> None:
        """Take the component context."""
        self.context = context

    @classmethod
    def _door(cls) -> Any:
        """Return Order Desk, loaded once; a failure is kept too, for every cell would try again."""
        if cls.failure:
            raise ImportError(cls.failure)
        if cls.door is None:
            try:
                cls.door = load()
            except BaseException:
                cls.failure = traceback.format_exc()
                note(cls.failure)
                raise
        return cls.door

    def callFunction(self, name: str, arguments: Sequence[Any]) -> Any:
        """Answer a cell (XFunctionAccess): rows of cells; without a name, Calc's #VALUE!, for Basic cannot make one."""
        if not name:
            return value_error()
        try:
            return self._door().answer(name, arguments)
        except BaseException:
            if not self.failure:
                note(traceback.format_exc())
            return ((value_error(),),)

    def execute(self, arguments: Sequence[Any]) -> None:
        """Do what is to be done when LibreOffice has started, or is about to end (XJob)."""
        try:
            [event] = [part.Value for group in arguments for part in group.Value if part.Name == "EventName"]
            (take_formulas if event == "OnCloseApp" else give_formulas)(self.context)
        except BaseException:
            note(traceback.format_exc())

    def trigger(self, button: str) -> None:
        """Do what a button says (XJobExecutor, by service:orderdesk.Calc?audit); runs in the program's main thread."""
        type(self).failure = ""  # whoever presses a button may have mended it
        try:
            self._door().press(button, self.context)
        except BaseException:
            if not self.failure:
                note(traceback.format_exc())
            tell(self.context, self.failure or traceback.format_exc())

    def getImplementationName(self) -> str:
        """Return the implementation's name (XServiceInfo)."""
        return SERVICE

    def supportsService(self, name: str) -> bool:
        """Tell whether the service is this one."""
        return name == SERVICE

    def getSupportedServiceNames(self) -> tuple[str, ...]:
        """Return the one service there is."""
        return (SERVICE,)


def give_formulas(context: Any) -> None:
    """Put the formulas' module into the user's library Standard, which is where Calc looks."""
    standard, text = _standard(context), (HERE / "formulas.bas").read_text(encoding="ascii")
    if standard.hasByName(MODULE):  # left behind by a crash
        standard.replaceByName(MODULE, text)
    else:
        standard.insertByName(MODULE, text)


def take_formulas(context: Any) -> None:
    """Take the module out again, so that nothing of it stays in the profile once the extension is removed."""
    standard = _standard(context)
    if standard.hasByName(MODULE):
        standard.removeByName(MODULE)


def _standard(context: Any) -> Any:
    libraries = context.ServiceManager.createInstanceWithContext(
        "com.sun.star.script.ApplicationScriptLibraryContainer", context
    )
    if not libraries.isLibraryLoaded("Standard"):
        libraries.loadLibrary("Standard")
    return libraries.getByName("Standard")


def note(text: str) -> None:
    """Write what went wrong beside the settings: Order Desk and its log may be what cannot be loaded.

    It names nobody's account or tax id. Every cell may meet the same: it is written once, and not into a file that has
    grown large.
    """
    path = desk_folder() / "calc-errors.log"
    if text in NOTED:
        return
    NOTED.add(text)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        if not path.exists() or path.stat().st_size < LARGE:
            with path.open("a", encoding="utf-8") as log:
                log.write(SECRET.sub("***", text) + "\n")
    except OSError:
        pass


def tell(context: Any, detail: str) -> None:
    """Show that Python did not start, where there is somebody to see it."""
    frame = context.ServiceManager.createInstanceWithContext("com.sun.star.frame.Desktop", context).getCurrentFrame()
    if frame is None or not frame.ContainerWindow.isVisible():
        return
    reason = f"{detail.strip().splitlines()[-1]}\n({desk_folder() / 'calc-errors.log'})"
    text = (HERE / "not_started.txt").read_text(encoding="utf-8") + f"\n\n{reason}\n"
    kind = uno.Enum("com.sun.star.awt.MessageBoxType", "ERRORBOX")
    frame.ContainerWindow.Toolkit.createMessageBox(frame.ContainerWindow, kind, 1, "Order Desk", text).execute()


g_ImplementationHelper = unohelper.ImplementationHelper()
g_ImplementationHelper.addImplementation(Calc, SERVICE, (SERVICE,))
