"""`orderdesk doctor` and the ribbon's self-check: all that the add-in needs, looked at in seconds, with the remedy.

Nothing here raises: what cannot be looked at is a check of its own that says so.
"""

from __future__ import annotations

import os
import struct
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from workbooks.errors import WorkbookError
from workbooks.labels import Lang, labels, raw
from xl_addin import conf, desk, excel_settings, install, log
from xl_addin.doctor_facts import Facts
from xl_addin.wording import boxed, told

NEEDED = (3, 11)
TABLES = ("products", "partners")  # without these two no formula knows a code
ASKED = ("policies", "stock", "supply", "finance")  # some formulas and rules ask these


@dataclass(frozen=True)
class Check:
    """One thing looked at. ok: None where it cannot be known here; outcome: its sentence in the labels."""

    code: str
    ok: bool | None
    outcome: str = "fine"
    fields: Mapping[str, object] = field(default_factory=dict)

    def name(self, lang: Lang) -> str:
        """Return what was looked at."""
        return str(raw()["doctor"][self.code]["name"][lang])

    def says(self, lang: Lang) -> str:
        """Return what was found."""
        return self._sentence(lang)

    def do(self, lang: Lang) -> str:
        """Return the remedy; "" where nothing is to be done."""
        return self._sentence(f"do_{lang}")

    def _sentence(self, which: str) -> str:
        own, common = raw()["doctor"][self.code], raw()["doctor"]["common"]
        said: str = (own.get(self.outcome) or common[self.outcome]).get(which, "")
        return said.format(**self.fields)


def examine(facts: Facts | None = None) -> list[Check]:
    """Look at everything, in the order in which it is needed; takes seconds, the facts' patience where all hangs."""
    facts = facts or Facts()
    return [_safely(code, look, facts) for code, look in CHECKS]


def text(checks: Sequence[Check], lang: Lang) -> str:
    """Return the outcome for a message box: what is to be mended first, what is well in one line."""
    said = raw()["doctor"]["box"]
    bad = [check for check in checks if check.ok is False]
    parts = [said["bad"][lang].format(count=len(bad)) if bad else said["good"][lang]]
    parts += [f"× {check.name(lang)}: {check.says(lang)}\n    {check.do(lang)}" for check in bad]
    joiner = said["joiner"][lang]
    for ok, key in ((True, "fine"), (None, "unknown")):
        names = joiner.join(check.name(lang) for check in checks if check.ok is ok)
        if names:
            parts.append(said[key][lang].format(names=names))
    return boxed("\n\n".join(parts), closing=said["more"][lang])


def _safely(code: str, look: Callable[[Facts], Check], facts: Facts) -> Check:
    try:
        return look(facts)
    except Exception as error:  # noqa: BLE001 - a check that fails must not hide the others
        return Check(code, ok=False, outcome="failed", fields={"detail": f"{type(error).__name__}: {error}"})


def _bad(code: str, outcome: str, **fields: object) -> Check:
    return Check(code, ok=False, outcome=outcome, fields=fields)


def _fine(code: str, outcome: str = "fine", **fields: object) -> Check:
    return Check(code, ok=True, outcome=outcome, fields=fields)


def _unknown(code: str, outcome: str, **fields: object) -> Check:
    return Check(code, ok=None, outcome=outcome, fields=fields)


def _python(_facts: Facts) -> Check:
    version, bits = ".".join(map(str, sys.version_info[:3])), struct.calcsize("P") * 8
    if sys.version_info[:2] < NEEDED:
        return _bad("python", "old", version=version, path=sys.executable)
    if install.is_store_python():
        return _bad("python", "store", path=sys.base_prefix)
    return _fine("python", version=version, bits=bits, path=sys.executable)


def _excel(_facts: Facts) -> Check:
    if sys.platform != "win32":
        return _unknown("excel", "only_windows")
    versions, bits = ", ".join(excel_settings.versions()), excel_settings.bits()
    if bits is None:
        return _unknown("excel", "not_known", versions=versions)
    if bits not in install.shipped_dlls():
        return _bad("excel", "no_dll", versions=versions, bits=bits)
    own = struct.calcsize("P") * 8
    return _fine("excel", "fine" if bits == own else "differs", versions=versions, bits=bits, own=own)


def _settings(facts: Facts) -> Check:
    if sys.platform != "win32":
        return _unknown("settings", "only_windows")
    found, path = facts.conf, facts.folder / conf.FILE
    unusable = conf.value_fault(str(install.interpreter())) if found.fault == "missing" else None
    if unusable:
        return _bad("settings", unusable, path=path, about=install.interpreter())
    folder = conf.value_fault(str(facts.folder))
    if folder:
        return _bad("settings", folder, path=path, about=facts.folder)
    if found.fault:
        return _bad("settings", found.fault, path=path, about=found.about)
    return _fine("settings", path=path)


def _interpreter(facts: Facts) -> Check:
    if sys.platform != "win32":
        return _unknown("interpreter", "only_windows")
    if not facts.conf.interpreter:
        return _unknown("interpreter", "waits")
    path = Path(facts.conf.interpreter)
    outcome = facts.interpreter_fault
    return _bad("interpreter", outcome, path=path) if outcome else _fine("interpreter", path=path)


def _packages(facts: Facts) -> Check:
    if sys.platform == "win32" and (not facts.conf.interpreter or facts.interpreter_fault):
        return _unknown("packages", "waits")
    probe = facts.probe
    if probe.get("pywin32") is False and "error" not in probe:
        return _bad("packages", "pywin32", path=facts.interpreter)
    if "error" in probe:
        outcome = {"timeout": "hangs", "start": "not_started"}.get(str(probe["step"]), "failing")
        return _bad("packages", outcome, path=facts.interpreter, detail=probe["error"])
    return _fine("packages", **{name: probe[name] for name in ("orderdesk", "xlwings", "pandas")})


def _addin(facts: Facts) -> Check:
    if sys.platform != "win32":
        return _unknown("addin", "only_windows")
    path = install.addin_file()
    obstacles = (
        ("missing", lambda: not path.is_file()),
        ("blocked", lambda: install.is_blocked(path)),
        ("damaged", lambda: not all(facts.addin_versions)),
        ("old", lambda: facts.addin_versions[1] != facts.program),
        ("unticked", lambda: excel_settings.was_unticked(str(path))),
        ("not_registered", lambda: not excel_settings.registered(str(path))),
        ("disabled", lambda: excel_settings.was_disabled(str(path))),
    )
    outcome = next((name for name, stands in obstacles if stands()), None)
    if outcome:
        return _bad("addin", outcome, path=path, version=facts.addin_versions[1], program=facts.program)
    return _fine("addin", path=path, version=facts.program)


def _dll(facts: Facts) -> Check:
    if sys.platform != "win32":
        return _unknown("dll", "only_windows")
    for bits, wanted in facts.dlls.items():
        if not wanted.is_file():
            others = sorted(path.name for path in facts.folder.glob(install.DLL.format(bits=bits, version="*")))
            return _bad("dll", "other" if others else "missing", path=wanted, others=", ".join(others))
    if facts.activation.get("step") == "dll":
        return _bad("dll", "not_loaded", path=facts.dll, detail=facts.activation["detail"])
    return _fine("dll", path=", ".join(map(str, facts.dlls.values())))


def _versions(facts: Facts) -> Check:
    """The DLL's name carries the version that the add-in asks for: Python's xlwings has to be the same."""
    if sys.platform != "win32":
        return _unknown("versions", "only_windows")
    addin, program = facts.addin_versions[0], facts.probe.get("xlwings")
    if not addin or not program:
        return _unknown("versions", "waits")
    outcome = "fine" if addin == program else "differ"
    return Check("versions", addin == program, outcome, {"addin": addin, "program": program})


def _trust(_facts: Facts) -> Check:
    if sys.platform != "win32":
        return _unknown("trust", "only_windows")
    obstacle, place = excel_settings.trust(str(install.addin_file().parent))
    if obstacle:
        return _bad("trust", obstacle, place=place, folder=install.addin_file().parent)
    return _fine("trust")


def _server(facts: Facts) -> Check:
    if sys.platform != "win32":
        return _unknown("server", "only_windows")
    said = facts.activation
    if not said or said.get("step") == "dll":
        return _unknown("server", "waits")
    if said.get("step") == "timeout":
        return _bad("server", "hangs", log=log.log_file(), seconds=said["detail"])
    if "step" in said:
        return _bad("server", "failing", log=log.log_file(), detail=str(said["detail"]).strip())
    return _fine("server", seconds=f"{said['seconds']:.1f}", formula=said["formula"])


def team(_facts: Facts | None = None) -> Check:
    """Look at the team folder: set, there, readable, and with the tables that every formula needs."""
    try:
        folder = desk.read_desk().team_folder
        if folder is None:
            return _bad("team", "not_set")
        if not folder.is_dir():
            return _bad("team", "gone", path=folder)
        with os.scandir(folder) as entries:
            next(entries, None)  # a folder that may not be read says so here
        found = desk.reference().tables()
    except OSError as error:
        return _bad("team", "unreadable", path=folder, detail=error.strerror or error)
    except WorkbookError as error:
        return _bad("team", "broken", zh=told(error, "zh"), en=told(error, "en"))
    titles = {kind: said.title for kind, said in labels().kinds.items()}
    missing = [titles[kind] for kind in TABLES if kind not in found]
    if missing:
        return _bad("team", "no_tables", path=folder, missing=", ".join(missing))
    lacking = ", ".join(titles[kind] for kind in ASKED if kind not in found)
    return _fine("team", "some" if lacking else "fine", path=folder, tables=len(found), lacking=lacking)


def _log(_facts: Facts) -> Check:
    path = Path("orderdesk.log")
    try:
        path = log.log_file()
        with path.open("a", encoding="utf-8"):
            pass
    except OSError as error:
        return _bad("log", "unwritable", path=error.filename or path, detail=error.strerror or error)
    return _fine("log", path=path)


CHECKS: Iterable[tuple[str, Callable[[Facts], Check]]] = (
    ("python", _python),
    ("excel", _excel),
    ("settings", _settings),
    ("interpreter", _interpreter),
    ("packages", _packages),
    ("addin", _addin),
    ("dll", _dll),
    ("versions", _versions),
    ("trust", _trust),
    ("server", _server),
    ("team", team),
    ("log", _log),
)
"""What is looked at, what is needed first going first."""
