"""Which add-ins Excel opens: ours goes in and out, and the others stay as they are."""

from __future__ import annotations

import pytest

from xl_addin import excel_settings

ADDIN = r"C:\Users\me\AppData\Roaming\Microsoft\AddIns\审单台.xlam"
OURS = f'"{ADDIN}"'
XLL = r'/R "C:\tools\one.xll"'


def entries(**named: str) -> dict[str, tuple[object, int]]:
    """Return values of the Options key; Excel keeps others than OPEN there too."""
    return {"Font": ("Body Font,11", 1), "QuickAccess": (1, 4)} | {name: (data, 1) for name, data in named.items()}


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ({}, {"OPEN": OURS}),
        ({"OPEN": XLL}, {"OPEN": XLL, "OPEN1": OURS}),
        ({"OPEN": XLL, "OPEN1": "b", "OPEN2": "c"}, {"OPEN": XLL, "OPEN1": "b", "OPEN2": "c", "OPEN3": OURS}),
        ({"OPEN": XLL, "OPEN2": "c"}, {"OPEN": XLL, "OPEN1": OURS, "OPEN2": "c"}),  # after a gap it would not be opened
        ({"OPEN1": "b"}, {"OPEN": OURS, "OPEN1": "b"}),
        ({"OPEN": OURS.upper()}, {"OPEN": OURS.upper()}),
        ({"OPEN": "审单台.xlam"}, {"OPEN": "审单台.xlam"}),  # as Excel may write one of its own folder
    ],
)
def test_added(before: dict[str, str], after: dict[str, str]) -> None:
    assert excel_settings.added(entries(**before), ADDIN) == entries(**after)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ({}, {}),
        ({"OPEN": XLL}, {"OPEN": XLL}),
        ({"OPEN": OURS}, {}),
        ({"OPEN": OURS, "OPEN1": "b", "OPEN2": "c"}, {"OPEN": "b", "OPEN1": "c"}),
        ({"OPEN": XLL, "OPEN1": OURS, "OPEN2": "c"}, {"OPEN": XLL, "OPEN1": "c"}),
        ({"OPEN": OURS, "OPEN2": "c"}, {"OPEN2": "c"}),  # a gap that was there before is not ours to close
        ({"OPEN": OURS, "OPEN1": OURS, "OPEN2": "c"}, {"OPEN": "c"}),
        ({"open1": OURS, "OPEN": "a", "Open2": "c"}, {"OPEN": "a", "OPEN1": "c"}),
    ],
)
def test_removed(before: dict[str, str], after: dict[str, str]) -> None:
    assert excel_settings.removed(entries(**before), ADDIN) == entries(**after)


class Registry(dict[str, tuple[object, int]]):
    """One key's values as the registry keeps them: blind to case, a name as it was first written."""

    def spelt(self, name: str) -> str:
        """Return how a name is written here."""
        return next((known for known in self if known.casefold() == name.casefold()), name)

    def replace(self, key: str, old: excel_settings.Values, new: excel_settings.Values) -> None:
        """Write and delete as excel_settings.replace does."""
        assert key == excel_settings.options("16.0") or old == new
        written, deleted = excel_settings.changes(old, new)
        for name, value in written.items():
            self[self.spelt(name)] = value
        for name in deleted:
            del self[self.spelt(name)]


@pytest.mark.parametrize(
    ("before", "after", "said"),
    [
        ({"OPEN": "one", "Open1": OURS, "OPEN2": "two"}, {"OPEN": "one", "Open1": "two"}, ["Open1"]),
        ({"open": OURS, "OPEN1": OURS, "Open2": "c"}, {"open": "c"}, ["open", "OPEN1"]),
        ({"OPEN": "one"}, {"OPEN": "one"}, []),
    ],
)
def test_others_stay_whatever_the_case_of_their_names(
    before: dict[str, str], after: dict[str, str], said: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    registry = Registry(entries(**before))
    options = excel_settings.options("16.0")
    monkeypatch.setattr(excel_settings, "values", lambda key, _root="": dict(registry) if key == options else {})
    monkeypatch.setattr(excel_settings, "replace", registry.replace)
    assert excel_settings.unregister(ADDIN) == [rf"HKCU\{options}\{name}" for name in said]
    assert registry == entries(**after)


def test_there_and_back() -> None:
    before = entries(OPEN=XLL, OPEN1="b")
    assert excel_settings.removed(excel_settings.added(before, ADDIN), ADDIN) == before


def test_a_machine_without_excel_is_taken_for_the_present_version() -> None:
    assert excel_settings.versions() == ["16.0"]
    assert excel_settings.bits() is None
    assert not excel_settings.is_running()
