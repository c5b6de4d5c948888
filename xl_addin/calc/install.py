"""Puts the extension into this user's LibreOffice and takes it out again; nothing of the machine's is changed."""

from __future__ import annotations

import sys
import sysconfig
import tempfile
from pathlib import Path
from typing import Any

from workbooks.errors import WorkbookError
from workbooks.labels import labels
from workbooks.publish import write_whole
from xl_addin import desk, manual
from xl_addin.calc import office
from xl_addin.calc.extension.build import IDENTIFIER, build
from xl_addin.calc.extension.stubs import MODULE

CONF = "calc.conf"
ERRORS = "calc-errors.log"
KEY = "packages"
_STUMBLED = "bad_alloc"  # what LibreOffice may say the first time that a machine starts it, and not the next


def packages() -> str:
    """Return the folder of this environment's packages, which LibreOffice's Python is to load Order Desk from."""
    return sysconfig.get_path("purelib")


def install(team: Path | None = None, profile: Path | None = None) -> str:
    """Build the extension and give it to LibreOffice; return its file's name.

    team: the team folder to use; None leaves what is set. profile: LibreOffice's; None is this user's own. Doing it
    again changes nothing. Raises WorkbookError where there is no LibreOffice, or one with another Python; while it is
    open; and where a file cannot be written.
    """
    profile = profile or office.user_profile()
    check_python()
    _check_closed(profile)
    if team is not None:
        desk.save_team_folder(team)
    write_whole(desk.desk_folder() / CONF, f"{KEY}={packages()}\n".encode())
    with tempfile.TemporaryDirectory() as scratch:
        extension = build(Path(scratch)).as_uri()
        try:
            _add(extension, profile)
        except Exception as error:  # uno makes its exceptions while it runs
            if _STUMBLED not in str(error):
                raise
            _add(extension, profile)
    return labels().files["extension"]


def uninstall(profile: Path | None = None) -> list[str]:
    """Take the extension out and remove what was written for it; return what was removed.

    The team folder's setting and the log stay. Raises WorkbookError while LibreOffice is open.
    """
    profile, removed = profile or office.user_profile(), list[str]()
    _check_closed(profile)
    if profile.is_dir():
        with office.Running(profile) as context:
            if _remove(_manager(context), _consent()):
                removed.append(labels().files["extension"])
            _take_formulas(context)
    folder = desk.desk_folder()
    for path in (folder / CONF, folder / ERRORS, *manual.pages(folder)):
        if path.is_file():
            path.unlink()
            removed.append(str(path))
    return removed


def check_python() -> None:
    """Raise WorkbookError where LibreOffice's Python could not load this environment's packages."""
    program = office.program_folder()
    found = office.python_version(program)
    if found is None:
        raise WorkbookError("no-uno", detail=program)
    if found != sys.version_info[:2]:
        theirs, own = ".".join(map(str, found)), ".".join(map(str, sys.version_info[:2]))
        raise WorkbookError("calc-other-python", theirs=theirs, own=own, path=sys.executable)


def _check_closed(profile: Path) -> None:
    if office.is_running(profile):
        raise WorkbookError("calc-open", path=profile / ".lock")


def _manager(context: Any) -> Any:
    """Return LibreOffice's manager of extensions. Not by unopkg: that refuses to work for root, as in containers."""
    return context.getValueByName("/singletons/com.sun.star.deployment.ExtensionManager")


def _add(extension: str, profile: Path) -> None:
    """Give an extension to LibreOffice, in place of ours where it is there."""
    with office.Running(profile) as context:
        extensions, asked = _manager(context), _consent()
        _remove(extensions, asked)
        extensions.addExtension(extension, (), "user", None, asked)


def _remove(extensions: Any, asked: Any) -> bool:
    """Remove ours, and tell whether it was there."""
    name = labels().files["extension"]
    there = any(
        one.getIdentifier().Value == IDENTIFIER for one in extensions.getDeployedExtensions("user", None, asked)
    )
    if there:
        extensions.removeExtension(IDENTIFIER, name, "user", None, asked)
    return there


def _take_formulas(context: Any) -> None:
    """Take the formulas' Basic out of the profile: the job that does so at the end has gone with the extension."""
    libraries = context.ServiceManager.createInstanceWithContext(
        "com.sun.star.script.ApplicationScriptLibraryContainer", context
    )
    libraries.loadLibrary("Standard")
    standard = libraries.getByName("Standard")
    if standard.hasByName(MODULE):
        standard.removeByName(MODULE)


def _consent() -> Any:
    """Return an environment that answers yes to all that LibreOffice asks: the extension is our own."""
    uno = office.load_uno()
    import unohelper  # noqa: PLC0415 - there once uno is

    approve = uno.getTypeByName("com.sun.star.task.XInteractionApprove")

    class Yes(unohelper.Base, uno.getClass("com.sun.star.task.XInteractionHandler")):  # type: ignore[misc]  # UNO has no types
        def handle(self, request: Any) -> None:
            for way in request.getContinuations():
                chosen = way.queryInterface(approve)
                if chosen is not None:
                    chosen.select()
                    return

    class Environment(unohelper.Base, uno.getClass("com.sun.star.ucb.XCommandEnvironment")):  # type: ignore[misc]  # the same
        def getInteractionHandler(self) -> Any:
            return Yes()

        def getProgressHandler(self) -> None:
            return None

    return Environment()
