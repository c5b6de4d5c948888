"""Puts the add-in into this user's Excel and takes it out again: files and registry of the user, no admin rights."""

from __future__ import annotations

import os
import struct
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path

from workbooks.errors import WorkbookError
from workbooks.labels import labels
from workbooks.publish import write_whole
from xl_addin import conf, desk, excel_settings, manual

DLL = "xlwings{bits}-{version}.dll"
ZONE = ":Zone.Identifier"  # the stream in which Windows notes that a file came from elsewhere


def addin_file() -> Path:
    """Return where the add-in belongs: the user's own add-in folder, which Excel offers by itself."""
    return Path(os.environ.get("APPDATA", "")) / "Microsoft" / "AddIns" / labels().files["addin"]


def interpreter() -> Path:
    """Return the interpreter that Excel is to start: pythonw of this environment, for it opens no console."""
    windowless = Path(sys.executable).with_name("pythonw.exe")
    return windowless if windowless.is_file() else Path(sys.executable)


def is_store_python() -> bool:
    """Tell whether this Python is from the Microsoft Store: what it writes for the user, Excel does not see."""
    return "windowsapps" in str(Path(sys.base_prefix)).casefold()


def install(team: Path | None = None) -> Path:
    """Build the add-in, put it, the DLLs and the settings into place, let Excel open it; return where it is.

    team: the team folder to use; None leaves what is set. Doing it again changes nothing. The server has not been
    started yet: the self-check that follows does it, so that Excel meets it warm and failures show now.
    Raises WorkbookError on other systems, while Excel is open, and where a file cannot be written or a path not used.
    """
    _check_windows()
    if is_store_python():
        raise WorkbookError("store-python", path=sys.base_prefix)
    folder, target, python = desk.desk_folder(), addin_file(), str(interpreter())
    _check_excel_closed()
    with _telling_who_locks(target):
        conf.write(folder / conf.FILE, python)
        if team is not None:
            desk.save_team_folder(team)
        put_dlls(folder)
        _put_addin(target)
    excel_settings.register(str(target))
    return target


def uninstall() -> list[str]:
    """Take the add-in out of Excel and remove what was written for it; return the registry values and files removed.

    The team folder and the log stay. Raises WorkbookError on other systems, while Excel is open or a file is locked.
    """
    _check_windows()
    _check_excel_closed()
    folder, target = desk.desk_folder(), addin_file()
    values = excel_settings.unregister(str(target))
    others = [folder / conf.FILE, folder / desk.FILE, *folder.glob(DLL.format(bits="*", version="*"))]
    files = [path for path in (target, *others, *manual.pages(folder)) if path.is_file()]
    with _telling_who_locks(target):
        for path in files:
            path.unlink()
    with suppress(OSError):  # the log may live in it
        folder.rmdir()
    return [*values, *map(str, files)]


def shipped_dlls() -> dict[int, Path]:
    """Return xlwings' DLLs by bits, where its wheel has put them into the environment."""
    package = find_spec("xlwings")  # not imported: that takes half a second, and pandas
    own = list(Path(package.origin).parents)[:5] if package and package.origin else []
    places = [Path(sys.prefix), Path(sys.base_prefix), *own]
    found = {}
    for bits in (64, 32):
        name = DLL.format(bits=bits, version=version("xlwings"))
        path = next((place / name for place in places if (place / name).is_file()), None)
        if path is not None:
            found[bits] = path
    return found


def put_dlls(folder: Path) -> None:
    """Copy xlwings' DLLs to where the add-in looks for them, and remove those of other versions.

    Raises WorkbookError where the DLL of this Python's bitness is nowhere.
    """
    dlls = shipped_dlls()
    if struct.calcsize("P") * 8 not in dlls:
        raise WorkbookError("no-dll", path=sys.prefix)
    for path in dlls.values():
        target = folder / path.name
        content = path.read_bytes()
        if not target.is_file() or target.read_bytes() != content:
            write_whole(target, content)
            unblock(target)
    names = {path.name for path in dlls.values()}
    for path in folder.glob(DLL.format(bits="*", version="*")):
        if path.name not in names:
            with suppress(OSError):  # in use; it does no harm
                path.unlink()


def unblock(path: Path) -> None:
    """Remove the mark of a file from elsewhere: Excel does not load a marked add-in."""
    with suppress(OSError):
        Path(f"{path}{ZONE}").unlink()


def is_blocked(path: Path) -> bool:
    """Tell whether a file carries the mark of the internet or of another untrusted zone."""
    try:
        said = Path(f"{path}{ZONE}").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return False
    return any(f"ZoneId={zone}" in said.replace(" ", "") for zone in (3, 4))


def _put_addin(target: Path) -> None:
    from xl_addin.addin.build import build  # noqa: PLC0415 - half of the program; the self-check does without

    with tempfile.TemporaryDirectory() as scratch:
        content = build(Path(scratch)).read_bytes()
    if not target.is_file() or target.read_bytes() != content:
        write_whole(target, content)
    unblock(target)


def _check_windows() -> None:
    if sys.platform != "win32":
        raise WorkbookError("only-on-windows")


def _check_excel_closed() -> None:
    if excel_settings.is_running():
        raise WorkbookError("excel-open")


@contextmanager
def _telling_who_locks(target: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        path = error.filename or target
        raise WorkbookError("file-unwritable", path=path, detail=error.strerror or error) from error
