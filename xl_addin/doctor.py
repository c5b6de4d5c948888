"""`orderdesk doctor` and the ribbon's self-check: all that the add-in needs, looked at in seconds, with the remedy.

Nothing here raises: what cannot be looked at is a check of its own that says so.
"""

from __future__ import annotations

import struct
import sys
from collections.abc import Callable, Iterable
from pathlib import Path

from xl_addin import conf, excel_settings, install, log
from xl_addin.checks import Check, bad, examined, fine, python, team, unknown, writable_log
from xl_addin.doctor_facts import Facts


def examine(facts: Facts | None = None) -> list[Check]:
    """Look at everything, in the order in which it is needed; takes seconds, the facts' patience where all hangs."""
    return examined(CHECKS, facts or Facts())


def _python(_facts: Facts) -> Check:
    check = python()
    return bad("python", "store", path=sys.base_prefix) if check.ok and install.is_store_python() else check


def _excel(_facts: Facts) -> Check:
    if sys.platform != "win32":
        return unknown("excel", "only_windows")
    versions, bits = ", ".join(excel_settings.versions()), excel_settings.bits()
    if bits is None:
        return unknown("excel", "not_known", versions=versions)
    if bits not in install.shipped_dlls():
        return bad("excel", "no_dll", versions=versions, bits=bits)
    own = struct.calcsize("P") * 8
    return fine("excel", "fine" if bits == own else "differs", versions=versions, bits=bits, own=own)


def _settings(facts: Facts) -> Check:
    if sys.platform != "win32":
        return unknown("settings", "only_windows")
    found, path = facts.conf, facts.folder / conf.FILE
    unusable = conf.value_fault(str(install.interpreter())) if found.fault == "missing" else None
    if unusable:
        return bad("settings", unusable, path=path, about=install.interpreter())
    folder = conf.value_fault(str(facts.folder))
    if folder:
        return bad("settings", folder, path=path, about=facts.folder)
    if found.fault:
        return bad("settings", found.fault, path=path, about=found.about)
    return fine("settings", path=path)


def _interpreter(facts: Facts) -> Check:
    if sys.platform != "win32":
        return unknown("interpreter", "only_windows")
    if not facts.conf.interpreter:
        return unknown("interpreter", "waits")
    path = Path(facts.conf.interpreter)
    outcome = facts.interpreter_fault
    return bad("interpreter", outcome, path=path) if outcome else fine("interpreter", path=path)


def _packages(facts: Facts) -> Check:
    if sys.platform == "win32" and (not facts.conf.interpreter or facts.interpreter_fault):
        return unknown("packages", "waits")
    probe = facts.probe
    if probe.get("pywin32") is False and "error" not in probe:
        return bad("packages", "pywin32", path=facts.interpreter)
    if "error" in probe:
        outcome = {"timeout": "hangs", "start": "not_started"}.get(str(probe["step"]), "failing")
        return bad("packages", outcome, path=facts.interpreter, detail=probe["error"])
    return fine("packages", **{name: probe[name] for name in ("orderdesk", "xlwings", "pandas")})


def _addin(facts: Facts) -> Check:
    if sys.platform != "win32":
        return unknown("addin", "only_windows")
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
        return bad("addin", outcome, path=path, version=facts.addin_versions[1], program=facts.program)
    return fine("addin", path=path, version=facts.program)


def _dll(facts: Facts) -> Check:
    if sys.platform != "win32":
        return unknown("dll", "only_windows")
    for bits, wanted in facts.dlls.items():
        if not wanted.is_file():
            others = sorted(path.name for path in facts.folder.glob(install.DLL.format(bits=bits, version="*")))
            return bad("dll", "other" if others else "missing", path=wanted, others=", ".join(others))
    if facts.activation.get("step") == "dll":
        return bad("dll", "not_loaded", path=facts.dll, detail=facts.activation["detail"])
    return fine("dll", path=", ".join(map(str, facts.dlls.values())))


def _versions(facts: Facts) -> Check:
    """The DLL's name carries the version that the add-in asks for: Python's xlwings has to be the same."""
    if sys.platform != "win32":
        return unknown("versions", "only_windows")
    addin, program = facts.addin_versions[0], facts.probe.get("xlwings")
    if not addin or not program:
        return unknown("versions", "waits")
    outcome = "fine" if addin == program else "differ"
    return Check("versions", addin == program, outcome, {"addin": addin, "program": program})


def _trust(_facts: Facts) -> Check:
    if sys.platform != "win32":
        return unknown("trust", "only_windows")
    obstacle, place = excel_settings.trust(str(install.addin_file().parent))
    if obstacle:
        return bad("trust", obstacle, place=place, folder=install.addin_file().parent)
    return fine("trust")


def _server(facts: Facts) -> Check:
    if sys.platform != "win32":
        return unknown("server", "only_windows")
    said = facts.activation
    if not said or said.get("step") == "dll":
        return unknown("server", "waits")
    if said.get("step") == "timeout":
        return bad("server", "hangs", log=log.log_file(), seconds=said["detail"])
    if "step" in said:
        return bad("server", "failing", log=log.log_file(), detail=str(said["detail"]).strip())
    return fine("server", seconds=f"{said['seconds']:.1f}", formula=said["formula"])


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
    ("log", writable_log),
)
"""What is looked at, what is needed first going first."""
