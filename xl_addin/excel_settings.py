r"""What Excel keeps in the registry: which add-ins it opens, its trust settings, its bitness.

Excel opens the add-ins named in HKCU\Software\Microsoft\Office\<version>\Excel\Options as OPEN, OPEN1, OPEN2, ... and
stops at the first number that is missing (Microsoft Q99788); an add-in whose tick was taken away moves to the key
`Add-in Manager`, its path being the value's name. On other systems than Windows there is nothing of all this.
"""

from __future__ import annotations

import ctypes
import os
import re
import sys
from collections.abc import Mapping
from pathlib import PureWindowsPath
from typing import Any

Values = Mapping[str, tuple[Any, int]]
"""A registry key's values: data and type by name."""

OFFICE = r"Software\Microsoft\Office"
POLICIES = r"Software\Policies\Microsoft\Office"
DEFAULT_VERSION = "16.0"
OLDEST = 14.0  # Excel 2010, the first that reads this kind of ribbon
TEXT = 1  # REG_SZ

if sys.platform == "win32":
    import winreg
    from contextlib import suppress

    _ROOTS = {"HKCU": winreg.HKEY_CURRENT_USER, "HKLM": winreg.HKEY_LOCAL_MACHINE}
    _READ = winreg.KEY_READ | winreg.KEY_WOW64_64KEY

    def values(key: str, root: str = "HKCU") -> Values:
        """Return a key's values; none where the key is not there or may not be read."""
        found = {}
        with suppress(OSError), winreg.OpenKey(_ROOTS[root], key, 0, _READ) as opened:
            for number in range(winreg.QueryInfoKey(opened)[1]):
                name, data, kind = winreg.EnumValue(opened, number)
                found[name] = (data, kind)
        return found

    def keys(key: str, root: str = "HKCU") -> list[str]:
        """Return the names of the keys below a key."""
        with suppress(OSError), winreg.OpenKey(_ROOTS[root], key, 0, _READ) as opened:
            return [winreg.EnumKey(opened, number) for number in range(winreg.QueryInfoKey(opened)[0])]
        return []

    def replace(key: str, old: Values, new: Values) -> None:
        """Make a user's key hold the new values instead of the old; values that are in both stay untouched."""
        if old == new:
            return
        written, deleted = changes(old, new)
        with winreg.CreateKey(winreg.HKEY_CURRENT_USER, key) as opened:
            for name, (data, kind) in written.items():
                winreg.SetValueEx(opened, name, 0, kind, data)
            for name in deleted:
                winreg.DeleteValue(opened, name)

else:

    def values(key: str, root: str = "HKCU") -> Values:  # noqa: ARG001 - the same call everywhere
        """Return nothing: only Windows has a registry."""
        return {}

    def keys(key: str, root: str = "HKCU") -> list[str]:  # noqa: ARG001 - the same call everywhere
        """Return nothing: only Windows has a registry."""
        return []

    def replace(key: str, old: Values, new: Values) -> None:
        """Do nothing: only Windows has a registry."""


def changes(old: Values, new: Values) -> tuple[Values, list[str]]:
    """Return the values to write and then the names to delete, so that a key holds the new values instead of the old.

    The registry is blind to case: writing OPEN1 changes a value Open1, and deleting Open1 would delete it again.
    """
    kept = {name.casefold() for name in new}
    written = {name: value for name, value in new.items() if old.get(name) != value}
    return written, [name for name in old if name.casefold() not in kept]


def versions() -> list[str]:
    """Return the versions of Excel that user or machine have settings of ("16.0"), newest first; else the default."""
    named = {name for root in ("HKCU", "HKLM") for name in keys(OFFICE, root) if re.fullmatch(r"\d+\.\d", name)}
    found = [
        name for name in named
        if float(name) >= OLDEST and any("Excel" in keys(rf"{OFFICE}\{name}", root) for root in ("HKCU", "HKLM"))
    ]  # fmt: skip
    return sorted(found, key=float, reverse=True) or [DEFAULT_VERSION]


def options(version: str) -> str:
    """Return the key that says which add-ins a version of Excel opens."""
    return rf"{OFFICE}\{version}\Excel\Options"


def unticked(version: str) -> str:
    """Return the key that lists the add-ins whose tick was taken away."""
    return rf"{OFFICE}\{version}\Excel\Add-in Manager"


def opened(entries: Values, addin: str) -> str | None:
    """Return the name of the value by which Excel opens an add-in, None where it does not."""
    return next(iter(_all_opened(entries, addin)), None)


def added(entries: Values, addin: str) -> Values:
    """Return the values with the add-in among them, at the first free number; others stay as they are."""
    if opened(entries, addin):
        return entries
    taken = {_number(name) for name in entries}
    free = next(number for number in range(len(entries) + 1) if number not in taken)
    return {**entries, _name(free): (f'"{addin}"', TEXT)}


def removed(entries: Values, addin: str) -> Values:
    """Return the values without the add-in; what followed it without a gap moves up, or Excel would stop before."""
    left = dict(entries)
    while name := opened(left, addin):
        number = _number(name) or 0
        del left[name]
        while (follower := _find(left, number + 1)) is not None:
            left[_name(number)] = left.pop(follower)
            number += 1
    return left


def register(addin: str) -> None:
    """Let every Excel of this user open the add-in."""
    for version in versions():
        before = values(options(version))
        replace(options(version), before, added(before, addin))
        _forget(version, addin)


def unregister(addin: str) -> list[str]:
    """Let no Excel open the add-in any more; return the values that said so, as registry paths."""
    found = []
    for version in versions():
        before = values(options(version))
        found += [rf"HKCU\{options(version)}\{name}" for name in _all_opened(before, addin)]
        replace(options(version), before, removed(before, addin))
        found += [rf"HKCU\{unticked(version)}\{name}" for name in _forget(version, addin)]
    return found


def registered(addin: str) -> bool:
    """Tell whether every Excel of this user opens the add-in."""
    return all(opened(values(options(version)), addin) for version in versions())


def was_unticked(addin: str) -> bool:
    """Tell whether somebody took the add-in's tick away in Excel's list of add-ins."""
    return any(_is(name, addin) for version in versions() for name in values(unticked(version)))


def was_disabled(addin: str) -> bool:
    """Tell whether Excel has disabled the add-in after a crash; its list holds binary records, the path in UTF-16."""
    name = PureWindowsPath(addin).name.casefold()
    records = [
        data for version in versions()
        for data, _ in values(rf"{OFFICE}\{version}\Excel\Resiliency\DisabledItems").values()
    ]  # fmt: skip
    texts = [record.decode("utf-16-le", errors="replace") for record in records if isinstance(record, bytes)]
    return any(name in text.casefold() for text in texts)


def trust(folder: str) -> tuple[str, str]:
    """Return what keeps Excel from running an add-in in that folder, and where it is set; ("", "") where nothing does.

    The obstacles: no-addins, unsigned, no-macros. Policies go before the user's own settings.
    """
    for version in versions():
        security = rf"{version}\Excel\Security"
        places = [rf"HKCU\{POLICIES}\{security}", rf"HKLM\{POLICIES}\{security}", rf"HKCU\{OFFICE}\{security}"]
        for name, obstacle, bad in (
            ("DisableAllAddins", "no-addins", {1}),
            ("RequireAddinSig", "unsigned", {1}),
            ("VBAWarnings", "no-macros", {3, 4}),
        ):
            place, value = _first_said(places, name)
            if value in bad and not (obstacle == "no-macros" and _trusted(folder, version)):
                return obstacle, rf"{place}\{name}"
    return "", ""


def bits() -> int | None:
    """Return the bits of Office, None where the registry does not say."""
    places = [r"SOFTWARE\Microsoft\Office\ClickToRun\Configuration"]
    places += [rf"{prefix}\{version}\Outlook" for version in versions()
               for prefix in (r"SOFTWARE\Microsoft\Office", r"SOFTWARE\WOW6432Node\Microsoft\Office")]  # fmt: skip
    for place in places:
        found = values(place, "HKLM")
        said = found.get("Platform", found.get("Bitness", ("", 0)))[0]
        if said in {"x64", "x86"}:
            return 64 if said == "x64" else 32
    return None


def is_running() -> bool:
    """Tell whether an Excel is open in this session; it writes its own list of add-ins when it closes."""
    if sys.platform != "win32":
        return False
    return bool(ctypes.windll.user32.FindWindowW("XLMAIN", None))


def _number(name: str) -> int | None:
    match = re.fullmatch(r"OPEN(\d*)", name, flags=re.IGNORECASE)
    return None if match is None else int(match[1] or 0)


def _name(number: int) -> str:
    return f"OPEN{number or ''}"


def _find(entries: Values, number: int) -> str | None:
    return next((name for name in entries if _number(name) == number), None)


def _is(data: object, addin: str) -> bool:
    """Tell whether a value means the add-in; of one in the user's add-in folder Excel may write the name alone."""
    said = str(data).strip().strip('"').casefold()
    return said in {addin.casefold(), PureWindowsPath(addin).name.casefold()}


def _all_opened(entries: Values, addin: str) -> list[str]:
    return [name for name, (data, _) in entries.items() if _number(name) is not None and _is(data, addin)]


def _forget(version: str, addin: str) -> list[str]:
    """Take the add-in from those whose tick was taken away; return the names under which it was there."""
    before = values(unticked(version))
    after = {name: value for name, value in before.items() if not _is(name, addin)}
    replace(unticked(version), before, after)
    return [name for name in before if name not in after]


def _first_said(places: list[str], name: str) -> tuple[str, object]:
    for place in places:
        root, _, key = place.partition("\\")
        found = values(key, root)
        if name in found:
            return place, found[name][0]
    return "", None


def _trusted(folder: str, version: str) -> bool:
    """Tell whether a folder lies in one of the user's trusted locations."""
    locations = rf"{OFFICE}\{version}\Excel\Security\Trusted Locations"
    if values(locations).get("AllLocationsDisabled", (0, 0))[0] == 1:
        return False
    wanted = folder.casefold().rstrip("\\")
    for name in keys(locations):
        location = values(rf"{locations}\{name}")
        path = os.path.expandvars(str(location.get("Path", ("", 0))[0])).casefold().rstrip("\\")
        below = location.get("AllowSubfolders", (0, 0))[0] == 1
        if path and (wanted == path or (below and wanted.startswith(path + "\\"))):
            return True
    return False
