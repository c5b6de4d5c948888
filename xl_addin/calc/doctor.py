"""`orderdesk doctor --host libreoffice`, and the self-check in Calc's own menu."""

from __future__ import annotations

import subprocess
import sys
import time
import xml.etree.ElementTree as ET
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

from macros.runs import program_version
from workbooks.errors import WorkbookError
from workbooks.labels import labels
from xl_addin import desk
from xl_addin.calc import install, office
from xl_addin.calc.extension.build import IDENTIFIER
from xl_addin.checks import Check, bad, examined, fine, python, team, unknown, writable_log

COMMAND = "orderdesk doctor --host libreoffice"
_TRIED = '=OD_TAX_ID("91110108551385082Q")'  # needs no team folder
_VERSION = 20  # seconds that LibreOffice may take to name its version


@dataclass
class Facts:
    """The state of this user's LibreOffice. inside: asked from within a running one."""

    inside: bool = False
    profile: Path = field(default_factory=office.user_profile)

    @cached_property
    def program(self) -> Path | None:
        """The folder of LibreOffice's programs; None where there is none."""
        try:
            return office.program_folder()
        except WorkbookError:
            return None

    @cached_property
    def extension(self) -> str:
        """The version of the extension in the profile; "" where it is not there."""
        cache = self.profile / "user" / "uno_packages" / "cache"
        registered = cache / "uno_packages.pmap"
        in_use = registered.read_bytes() if registered.is_file() else b""
        for path in cache.glob("uno_packages/*/*.oxt/description.xml"):
            if path.parents[1].name.removesuffix("_").encode() not in in_use:
                continue  # removed or replaced; LibreOffice deletes the files when it starts the next time
            parts = {element.tag.rpartition("}")[2]: element.get("value") for element in ET.parse(path).iter()}  # noqa: S314 - of this user's own profile
            if parts.get("identifier") == IDENTIFIER:
                return parts.get("version") or ""
        return ""


def examine(facts: Facts | None = None) -> list[Check]:
    """Look at everything, in the order in which it is needed; takes seconds, for it starts LibreOffice once."""
    return examined(CHECKS, facts or Facts())


def _office(facts: Facts) -> Check:
    if facts.program is None:
        return bad("calc_office", "missing")
    if facts.inside:
        return fine("calc_office", version="LibreOffice", path=facts.program)
    said = subprocess.run(  # noqa: S603 - the LibreOffice of this machine
        [facts.program / "soffice", "--version"], capture_output=True, text=True, timeout=_VERSION, check=False
    )
    return fine("calc_office", version=said.stdout.strip() or "LibreOffice", path=facts.program)


def _uno(facts: Facts) -> Check:
    if facts.program is None:
        return unknown("calc_python", "waits")
    found = office.python_version(facts.program)
    if found is None:
        return bad("calc_python", "missing")
    theirs, own = (".".join(map(str, version[:2])) for version in (found, sys.version_info))
    if theirs != own:
        return bad("calc_python", "other_version", theirs=theirs, own=own, path=sys.executable)
    try:
        office.load_uno()
    except WorkbookError as error:
        return bad("calc_python", "missing", detail=error)
    return fine("calc_python", version=theirs)


def _settings(facts: Facts) -> Check:
    path = desk.desk_folder() / install.CONF
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except FileNotFoundError:
        return bad("calc_settings", "missing", path=path)
    named = [line.removeprefix(f"{install.KEY}=") for line in lines if line.startswith(f"{install.KEY}=")]
    used = next((folder for folder in named if Path(folder).is_absolute() and Path(folder).is_dir()), None)
    if used is None:  # as component.py takes them
        return bad("calc_settings", "gone", path=path, about=named[0] if named else "")
    if not facts.inside and Path(used) != Path(install.packages()):
        return bad("calc_settings", "other", path=path, about=used, own=install.packages())
    return fine("calc_settings", path=path)


def _extension(facts: Facts) -> Check:
    name, program = labels().files["extension"], program_version()
    if not facts.extension:
        return bad("calc_extension", "missing", name=name, path=facts.profile)
    if facts.extension != program:
        return bad("calc_extension", "old", version=facts.extension, program=program)
    return fine("calc_extension", name=name, version=program)


def _answer(facts: Facts) -> Check:
    """Look whether a formula answers in a cell: what all the rest is for."""
    if facts.inside:
        return fine("calc_answer", "inside")
    if not facts.extension or facts.program is None:
        return unknown("calc_answer", "waits")
    if office.is_running(facts.profile):
        return unknown("calc_answer", "open", path=facts.profile / ".lock")
    started = time.perf_counter()
    running = office.Running(facts.profile)
    with running:
        hidden = office.load_uno().createUnoStruct("com.sun.star.beans.PropertyValue", Name="Hidden", Value=True)
        document = running.desktop.loadComponentFromURL("private:factory/scalc", "_blank", 0, (hidden,))
        cell = document.Sheets.getByIndex(0).getCellByPosition(0, 0)
        cell.setFormula(_TRIED)
        said, good = cell.String, cell.Value == 1.0
        document.close(True)
    if not good:
        return bad("calc_answer", "failing", formula=_TRIED, said=said, log=desk.desk_folder() / install.ERRORS)
    return fine("calc_answer", seconds=f"{time.perf_counter() - started:.1f}", formula=_TRIED)


CHECKS: Iterable[tuple[str, Callable[[Facts], Check]]] = (
    ("python", python),
    ("calc_office", _office),
    ("calc_python", _uno),
    ("calc_settings", _settings),
    ("calc_extension", _extension),
    ("calc_answer", _answer),
    ("team", team),
    ("log", writable_log),
)
"""What is looked at, what is needed first going first."""
