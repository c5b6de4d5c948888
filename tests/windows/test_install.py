"""`orderdesk install`, `doctor`, `uninstall` with a real registry and real files; the server as Excel starts it."""

from __future__ import annotations

import json
import re
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import xlwings
from pyopenvba import ExcelFile
from pyopenvba.apps.excel import ExcelApplication

from tests.windows.cells import squeezed
from tests.windows.machine import Windows
from udfs import formulas
from workbooks.labels import labels
from workbooks.reference import Reference

HERE = Path(__file__).parent
OPTIONS = r"HKCU\Software\Microsoft\Office\16.0\Excel\Options"
OTHERS = {"OPEN": r'/R "C:\tools\first.xll"', "OPEN1": r'"C:\tools\second.xlam"'}
HOSTILE = ("json.py", "sitecustomize.py", "usercustomize.py", "xlwings.py", "pandas.py", "orderdesk.py", "pythoncom.py")
VERSION = xlwings.__version__
RENAMED = """
import winreg
from xl_addin import excel_settings as e
data, kind = e.values(e.options("16.0"))["OPEN2"]
key = winreg.CreateKey(winreg.HKEY_CURRENT_USER, e.options("16.0"))
winreg.DeleteValue(key, "OPEN2")
winreg.SetValueEx(key, "Open2", 0, kind, data)
"""


@dataclass
class Scenario:
    """Everything that happened, in order; the tests look at one part each."""

    installed: subprocess.CompletedProcess[str]
    settings: bytes
    options: dict[str, str]
    command: str
    activated: dict[str, Any]
    hostile_ran: list[str]
    faults: dict[str, Any]
    removed: subprocess.CompletedProcess[str]
    options_after: dict[str, str]
    left: list[str]
    removed_entry: subprocess.CompletedProcess[str]
    removed_again: subprocess.CompletedProcess[str]


def registry(windows: Windows, *arguments: str) -> None:
    """Change the registry with Windows' own reg.exe."""
    command = ["/usr/lib/wine/wine64", "reg.exe", *arguments]
    environment = {"WINEPREFIX": str(windows.prefix), "WINEDEBUG": "-all", "HOME": str(Path.home())}
    subprocess.run(command, env=environment, capture_output=True, check=False)


def opened(windows: Windows) -> dict[str, str]:
    """Return what Excel is told to open."""
    code = "import json; from xl_addin import excel_settings as e; print(json.dumps(e.values(e.options('16.0'))))"
    return {name: data for name, (data, _) in windows.ask("-I", "-c", code).items()}


def vba(addin: Path) -> dict[str, str]:
    """Return the modules of a built add-in."""
    with ExcelFile(addin) as book:
        return dict(book.vba_modules())


def command_of(modules: dict[str, str], interpreter: str) -> str:
    """Return the command line that the add-in's own VBA builds, run by an interpreter of VBA."""
    app = ExcelApplication()
    app.add_workbook()
    for name, text in modules.items():
        if name in {"Server", "Ribbon", "Formulas"}:
            lines = (line for line in text.splitlines() if not line.startswith("Attribute"))
            app.add_module("\n".join(lines), name=name)
    return str(app.evaluate(f'ServerCommand("{interpreter}")'))


def stale(addin: Path, copy: Path) -> Path:
    """Return a copy of the add-in that was built for another xlwings."""
    copy.write_bytes(addin.read_bytes())
    with ExcelFile(copy) as book:
        book.set_module("Server", book.vba_modules()["Server"].replace(f'"{VERSION}"', '"0.30.0"'))
        book.save()
    return copy


def hostile_folder(folder: Path, marks: Path) -> Path:
    """Make a folder of data as nobody wants it: modules with names that Python asks for, settings that name another."""
    folder.mkdir()
    marks.mkdir()
    for name in HOSTILE:
        mark = Windows.path(marks / name)
        (folder / name).write_text(f"import pathlib\npathlib.Path({mark!r}).touch()\n", encoding="utf-8")
    for name in ("orderdesk.conf", "xlwings.conf", "addin.conf"):
        (folder / name).write_text("interpreter=C:\\evil.exe\r\n", encoding="utf-8")
    return folder


@pytest.fixture(scope="module")
def scenario(windows: Windows, team: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Scenario]:
    tmp = tmp_path_factory.mktemp("desk")
    registry(windows, "delete", OPTIONS, "/f")
    for name, value in OTHERS.items():
        registry(windows, "add", OPTIONS, "/v", name, "/d", value, "/f")

    installed = windows.run("-I", "-m", "xl_addin", "install", "--team", windows.path(team), "--lang", "en")
    settings, addin = (windows.desk / "addin.conf").read_bytes(), windows.addins / labels().files["addin"]
    options = opened(windows)

    interpreter = settings.decode("cp1252").strip().removeprefix("interpreter=")
    command = command_of(vba(addin), interpreter)
    marks = tmp / "ran"
    hostile = hostile_folder(tmp / "数据 data", marks)
    dll = rf"C:\users\{windows.user.name}\AppData\Local\orderdesk\xlwings64-{VERSION}.dll"
    calls = [
        ["udfs.formulas", "OD_LIST_PRICE", ["010001"]],
        ["udfs.formulas", "OD_PARTNER", ["HD-001", "合作商名称"]],
        ["tests.windows.pressed", "press", ["refresh"]],
    ]
    activated = windows.ask(
        "-I", windows.path(HERE / "activated.py"), dll, command, json.dumps(calls), cwd=hostile,
        env={"PYTHONPATH": windows.path(hostile), "PYTHONSTARTUP": windows.path(hostile / "json.py")},
    )  # fmt: skip

    spaced = tmp / "a python"
    spaced.symlink_to(windows.python)
    faults = windows.ask(
        "-I", windows.path(HERE / "faults.py"), windows.path(spaced / "pythonw.exe"),
        windows.path(windows.winpy.parent / "hanging" / "pythonw.exe"), windows.path(stale(addin, tmp / "stale.xlam")),
    )  # fmt: skip

    registry(windows, "add", OPTIONS, "/v", "OPEN3", "/d", r'"C:\tools\third.xlam"', "/f")
    windows.run("-I", "-c", RENAMED)  # somebody's own spelling
    windows.run("-I", "-c", "from xl_addin import desk, manual; manual.publish(desk.desk_folder())")  # pressed: help
    removed = windows.run("-I", "-m", "xl_addin", "uninstall", "--lang", "en")
    left = sorted(path.name for folder in (windows.desk, windows.addins) for path in folder.rglob("*"))
    after = opened(windows)
    windows.run("-I", "-c", "from xl_addin import excel_settings as e, install; e.register(str(install.addin_file()))")
    entry = windows.run("-I", "-m", "xl_addin", "uninstall", "--lang", "en")
    again = windows.run("-I", "-m", "xl_addin", "uninstall", "--lang", "zh")
    ran = sorted(path.name for path in marks.iterdir())
    yield Scenario(installed, settings, options, command, activated, ran, faults, removed, after, left, entry, again)
    registry(windows, "delete", OPTIONS, "/f")


def test_installs_and_finds_all_well(scenario: Scenario) -> None:
    assert scenario.installed.returncode == 0, scenario.installed.stdout
    assert "Installed the add-in" in scenario.installed.stdout
    assert scenario.settings.startswith(b"interpreter=Z:\\")
    assert scenario.settings.endswith(b"\\pythonw.exe\r\n")


def test_excel_is_told_to_open_it_after_the_others(scenario: Scenario) -> None:
    [(name, path)] = (scenario.options.items() - OTHERS.items()) or [("", "")]
    assert name == "OPEN2"
    assert re.fullmatch(r'"C:\\users\\.+\\AppData\\Roaming\\Microsoft\\AddIns\\审单台\.xlam"', path)


def test_the_server_answers_as_excel_starts_it(scenario: Scenario, team: Path) -> None:
    said = scenario.activated
    assert scenario.command.endswith('pythonw.exe" -I -m xl_addin.server $(CLSID)')
    assert said["executable"].endswith("pythonw.exe")
    reference = Reference(team)
    formulas.connect(lambda: reference)
    price, partner = formulas.OD_LIST_PRICE("010001"), formulas.OD_PARTNER("HD-001", "合作商名称")
    formulas.connect(None)
    assert said["answers"] == [squeezed(price), squeezed(partner), ""]


def test_nothing_of_a_folder_of_data_runs(scenario: Scenario) -> None:
    said = scenario.activated
    assert scenario.hostile_ran == []
    assert said["isolated"] == 1
    assert not [path for path in said["path"] if "data" in path]
    assert said["folder"].endswith("orderdesk")


@pytest.fixture
def moved(windows: Windows, tmp_path: Path) -> Windows:
    """The same machine, its Python called through a folder with Chinese characters and a space."""
    folder = tmp_path / "审单 程序"
    folder.symlink_to(windows.python)
    script = tmp_path / "winpy"
    text = windows.winpy.read_text(encoding="utf-8")
    script.write_text(text.replace(f"{windows.python}/", f"'{folder}'/"), encoding="utf-8")
    script.chmod(0o755)
    return Windows(script)


def test_a_chinese_path_is_refused_where_the_code_page_lacks_it(moved: Windows) -> None:
    run = moved.run("-I", "-m", "xl_addin", "install", "--lang", "zh")
    assert run.returncode == 2
    assert "代码页写不出" in run.stdout
    assert "审单 程序\\pythonw.exe" in run.stdout


def test_a_chinese_path_works_on_a_chinese_machine(moved: Windows, windows: Windows, team: Path) -> None:
    chinese = {"LOCPATH": str(windows.winpy.parent / "locale"), "LC_ALL": "zh_CN.UTF-8"}
    run = moved.run("-I", "-m", "xl_addin", "install", "--team", windows.path(team), "--lang", "zh", env=chinese)
    settings = (windows.desk / "addin.conf").read_bytes()
    moved.run("-I", "-m", "xl_addin", "uninstall", env=chinese)
    assert run.returncode == 0, run.stdout  # the server was started through the DLL, and has answered
    assert "审单 程序\\pythonw.exe\r\n".encode("gbk") in settings


@pytest.mark.parametrize(
    ("fault", "bad"),
    [
        ("wrong interpreter", {"interpreter": "missing"}),
        ("not a python", {"interpreter": "not_python"}),
        ("relative interpreter", {"settings": "relative", "interpreter": "relative"}),
        ("missing dll", {"dll": "missing"}),
        ("damaged dll", {"dll": "not_loaded"}),
        ("version mismatch", {"dll": "other", "versions": "differ"}),
        ("blank line, and a path with spaces", {"settings": "blank-line"}),  # the path is no fault
        ("chinese", {"settings": "encoding", "interpreter": "missing"}),
        ("hanging server", {"packages": "hangs", "server": "hangs"}),
    ],
)
def test_a_fault_is_caught_with_its_remedy(fault: str, bad: dict[str, str], scenario: Scenario) -> None:
    found = scenario.faults[fault]
    assert found["bad"] == bad
    assert all(all(found["said"][code]) for code in bad)  # sentence and remedy, in both languages
    assert found["seconds"] < 60  # not the DLL's own two minutes; a bound for a hang, no measure


@pytest.mark.parametrize(
    ("fault", "outcome"),
    [
        ("missing dll of 32 bits", "missing"),
        ("no settings", "missing"),
        ("blank value", "blank-value"),
        ("no add-in", "missing"),
        ("damaged add-in", "damaged"),
        ("no team folder", "not_set"),
        ("team folder gone", "gone"),
        ("unticked", "unticked"),
        ("disabled", "disabled"),
        ("no macros", "no-macros"),
        ("no macros, but trusted there", "fine"),
        ("policy", "unsigned"),
    ],
)
def test_one_check_names(fault: str, outcome: str, scenario: Scenario) -> None:
    assert scenario.faults[fault] == outcome


def test_uninstall_leaves_nothing_but_the_log(scenario: Scenario) -> None:
    assert scenario.removed.returncode == 0
    assert [name for name in scenario.left if not name.startswith("orderdesk.log")] == ["Logs"]
    assert scenario.options_after == OTHERS | {"Open2": r'"C:\tools\third.xlam"'}  # moved up: Excel stops at a gap
    assert scenario.removed_entry.stdout.startswith(f"Removed: {OPTIONS}\\OPEN3")  # the files were gone already
    assert scenario.removed_again.returncode == 0
    assert "没有要卸载的" in scenario.removed_again.stdout
