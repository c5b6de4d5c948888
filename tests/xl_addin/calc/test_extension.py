"""The extension as built, its Basic, its menu, its component, and what goes through a cell; needs no LibreOffice."""

from __future__ import annotations

import ast
import inspect
import os
import re
import struct
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from xml.etree import ElementTree as ET

import pytest

from macros.runs import program_version
from udfs.formulas import FORMULAS
from workbooks.labels import labels, raw
from xl_addin import desk
from xl_addin.addin import wrappers
from xl_addin.addin.parts import SOURCES, unzipped
from xl_addin.calc import doctor, install
from xl_addin.calc.arguments import argument, arguments, error, reply
from xl_addin.calc.extension import addons, build, stubs

ROOT = Path(__file__).parents[3]
COMPONENT = Path(build.__file__).parent / "component.py"
MANIFEST, OOR = "{http://openoffice.org/2001/manifest}", "{http://openoffice.org/2001/registry}"
LANG = "{http://www.w3.org/XML/1998/namespace}lang"
RIBBON = "{http://schemas.microsoft.com/office/2009/07/customui}"
MEDIA = {
    ".py": "application/vnd.sun.star.uno-component;type=Python",
    ".xcu": "application/vnd.sun.star.configuration-data",
}
CONFIGURATION = ("Addons.xcu", "CalcWindowState.xcu", "Jobs.xcu")
SEPARATOR = "private:separator"
LANGUAGES = {"en-US": 1, "zh-CN": 0, "zh-TW": 0, "zh-HK": 0}  # and the place of each one's word in labels.toml
# what Option VBASupport makes known everywhere (ooo.vba.excel.XGlobals), and Basic's own words that look like names
TAKEN = """
    ActiveCell ActiveChart ActiveSheet ActiveWindow ActiveWorkbook Application Assistant Calculate Cells Charts Columns
    CommandBars Debug DialogSheets Evaluate Excel Intersect MenuBars Names Range Rows Selection Sheets ThisWorkbook
    Union Windows Workbooks Worksheets WorksheetFunction
    Array Call Case Close Const Date Day Dim Error Event Exit Explicit Format Get Input Kill Left Len Let Lib Line Loop
    Me Mid Month Name New Next Now Object On Open Option Print Private Property Public Put Replace Resume Return Right
    Seek Select Set Shell Split Static Step Stop String Sub Time Timer To Type Value Wait Width With Write Year
""".lower().split()


@pytest.fixture(scope="module")
def parts(tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, bytes]:
    return unzipped(build.build(tmp_path_factory.mktemp("dist")).read_bytes())


def tree(parts: Mapping[str, bytes], name: str) -> ET.Element:
    return ET.fromstring(parts[name])


def child(parent: ET.Element, *names: str) -> ET.Element:
    """Return the node of the configuration that a path of names leads to."""
    for name in names:
        [parent] = [node for node in parent.iterfind("node") if node.get(f"{OOR}name") == name]
    return parent


def prop(node: ET.Element, name: str) -> list[ET.Element]:
    """Return the values of a property of a node; none where it is not set."""
    return [value for one in node.iterfind("prop") if one.get(f"{OOR}name") == name for value in one.iterfind("value")]


def words(node: ET.Element, name: str) -> dict[str, str]:
    return {str(value.get(LANG)): str(value.text) for value in prop(node, name)}


def said(control: str) -> dict[str, str]:
    return {lang: raw()["ribbon"][control]["label"][place] for lang, place in LANGUAGES.items()}


def ribbon() -> list[list[ET.Element]]:
    """Return the buttons of Excel's ribbon, group by group."""
    root = ET.parse(SOURCES / "ribbon.xml").getroot()
    return [list(group.iter(f"{RIBBON}button")) for group in root.iter(f"{RIBBON}group")]


# ---------------------------------------------------------------- the file


def test_built_again_in_another_process_it_has_the_same_bytes(tmp_path: Path) -> None:
    code = "import sys, pathlib; from xl_addin.calc.extension import build; build.build(pathlib.Path(sys.argv[1]))"
    there = {**os.environ, "PYTHONHASHSEED": "7"}
    subprocess.run([sys.executable, "-c", code, tmp_path / "other"], check=True, cwd=ROOT, env=there)
    built = build.build(tmp_path)
    assert built.name == labels().files["extension"]
    assert built.read_bytes() == (tmp_path / "other" / built.name).read_bytes()


def test_the_manifest_names_every_part_that_needs_a_media_type_and_no_other(parts: Mapping[str, bytes]) -> None:
    entries = tree(parts, "META-INF/manifest.xml").findall(f"{MANIFEST}file-entry")
    named = [(entry.get(f"{MANIFEST}full-path"), entry.get(f"{MANIFEST}media-type")) for entry in entries]
    assert sorted(named) == sorted((name, MEDIA[Path(name).suffix]) for name in parts if Path(name).suffix in MEDIA)


def test_the_parts_are_all_there(parts: Mapping[str, bytes]) -> None:
    pictures = {f"icons/{button.attrib['image']}.png" for group in ribbon() for button in group if button.get("image")}
    others = {"META-INF/manifest.xml", "description.xml", "component.py", "formulas.bas", "not_started.txt"}
    assert set(parts) == others | pictures | set(CONFIGURATION)
    assert all(parts[name].startswith(b"\x89PNG") for name in pictures)
    named_in_component = set(re.findall(r'HERE / "(.*?)"', parts["component.py"].decode()))
    assert named_in_component == {"formulas.bas", "not_started.txt"}
    assert parts["not_started.txt"].decode().splitlines() == list(raw()["calc"]["not_started"].values())


def test_it_carries_the_program_s_version(parts: Mapping[str, bytes]) -> None:
    found = {one.tag.rpartition("}")[2]: one.get("value") for one in tree(parts, "description.xml")}
    assert (found["identifier"], found["version"]) == (build.IDENTIFIER, program_version())


# ---------------------------------------------------------------- menu, toolbar, job


@pytest.mark.parametrize(
    "bar", [("OfficeMenuBar", "orderdesk.menu", "Submenu"), ("OfficeToolBar", "orderdesk.toolbar")]
)
def test_the_buttons_are_the_ribbon_s_in_its_order_with_its_words(
    parts: Mapping[str, bytes], bar: Sequence[str]
) -> None:
    expected: list[tuple[str, Mapping[str, str]]] = []
    for group in ribbon():
        expected += [(SEPARATOR, {})] if expected else []
        expected += [(f"service:orderdesk.Calc?{button.get('id')}", said(button.attrib["id"])) for button in group]
    nodes = child(tree(parts, "Addons.xcu"), "AddonUI", *bar).findall("node")
    names = [str(node.get(f"{OOR}name")) for node in nodes]
    assert names == sorted(set(names))  # LibreOffice goes by the names, not by the places
    assert [(prop(node, "URL")[0].text, words(node, "Title")) for node in nodes] == expected
    for node in nodes:
        shown_in = [value.text for value in prop(node, "Context")]
        assert shown_in == ([] if words(node, "Title") == {} else ["com.sun.star.sheet.SpreadsheetDocument"])


def test_the_menu_and_the_toolbar_have_the_tab_s_name(parts: Mapping[str, bytes]) -> None:
    menu = child(tree(parts, "Addons.xcu"), "AddonUI", "OfficeMenuBar", "orderdesk.menu")
    state = child(tree(parts, "CalcWindowState.xcu"), "UIElements", "States", addons.TOOLBAR)
    assert words(menu, "Title") == words(state, "UIName") == said("orderdesk")
    assert addons.TOOLBAR.endswith("/addon_orderdesk.toolbar")


def test_every_button_with_an_own_icon_has_it_in_both_sizes(parts: Mapping[str, bytes]) -> None:
    images = child(tree(parts, "Addons.xcu"), "AddonUI", "Images").findall("node")
    shown = {str(prop(image, "URL")[0].text): child(image, "UserDefinedImages") for image in images}
    buttons = [button for group in ribbon() for button in group if button.get("image")]
    assert list(shown) == [f"service:orderdesk.Calc?{button.get('id')}" for button in buttons]
    for button, pictures in zip(buttons, shown.values(), strict=True):
        for size in ("ImageSmallURL", "ImageBigURL"):
            origin, _, name = str(prop(pictures, size)[0].text).partition("/")
            assert (origin, name) == ("%origin%", f"icons/{button.get('image')}.png")
            assert name in parts


def test_the_job_runs_when_libreoffice_starts_and_ends_and_its_service_is_the_component_s(
    parts: Mapping[str, bytes],
) -> None:
    root = tree(parts, "Jobs.xcu")
    [job] = child(root, "Jobs").findall("node")
    [service] = [value.text for value in prop(job, "Service")]
    assert f'SERVICE = "{service}"\n' in parts["component.py"].decode()
    for event in ("OnStartApp", "OnCloseApp"):
        assert child(root, "Events", event, "JobList", str(job.get(f"{OOR}name"))) is not None


# ---------------------------------------------------------------- the Basic


def functions(text: str) -> dict[str, list[tuple[str, bool]]]:
    """Return the public functions of a Basic module: their parameters, and which may be left out."""
    found = re.findall(r"^Function (\w+)\((.*?)\)", text, re.MULTILINE)
    return {
        name: [(part.removeprefix("Optional "), part.startswith("Optional ")) for part in inside.split(", ")]
        for name, inside in found
    }


def test_the_basic_has_each_formula_with_its_parameters_all_optional(parts: Mapping[str, bytes]) -> None:
    text = parts["formulas.bas"].decode("ascii")
    assert functions(text) == {
        formula.__name__: [(name, True) for name in inspect.signature(formula).parameters] for formula in FORMULAS
    }
    calls = re.findall(r'^  (\w+) = Asked\("(\w+)", Array\((.*)\)\)$', text, re.MULTILINE)
    assert [(name, asked, given.split(", ")) for name, asked, given in calls] == [
        (name, name, [parameter for parameter, _ in parameters]) for name, parameters in functions(text).items()
    ]


def test_a_formula_s_name_and_parameters_are_those_of_excel() -> None:
    def names(text: str) -> dict[str, list[str]]:
        return {name: [parameter for parameter, _ in found] for name, found in functions(text).items()}

    assert names(stubs.basic()) == names(wrappers.vba())


def test_the_basic_has_no_name_that_vba_support_takes_for_its_own() -> None:
    text = re.sub(r"'.*|\"[^\"]*\"", "", stubs.basic())
    declared = set(re.findall(r"\b(\w+)(?:\([^()]*\))? As \w+", text))
    declared |= {name for name, _ in re.findall(r"\b(?:Function|Sub) (\w+)()", text)}
    declared |= {parameter for found in functions(text).values() for parameter, _ in found}
    assert {"Asked", "Services", "NoAnswer", "Reply", "Down", "OD_AUDIT", "order_range"} <= declared
    assert [name for name in declared if name.lower() in TAKEN] == []
    assert len({name.lower() for name in declared}) == len(declared)  # Basic does not tell cases apart


def test_component_and_basic_name_the_same_service_and_module() -> None:
    source = COMPONENT.read_text(encoding="ascii")
    assert f'SERVICE = "{stubs.SERVICE}"\n' in source
    assert f'MODULE = "{stubs.MODULE}"' in source


# ---------------------------------------------------------------- the component


def test_the_component_is_plain_python_that_any_libreoffice_can_read() -> None:
    source = COMPONENT.read_text(encoding="ascii")
    compile(source, COMPONENT, "exec")
    parsed = ast.parse(source, feature_version=(3, 8))
    names = {alias.name for node in parsed.body if isinstance(node, ast.Import) for alias in node.names}
    names |= {str(node.module) for node in parsed.body if isinstance(node, ast.ImportFrom)}
    others = {name for name in names if name.split(".")[0] not in sys.stdlib_module_names}
    assert {name for name in others if not name.startswith("com.sun.star.")} == {"uno", "unohelper"}


STAND_INS = {
    "uno.py": "",
    "unohelper.py": """
class Base: pass
class ImplementationHelper:
    def addImplementation(self, *given): pass
""",
    "com/sun/star/lang.py": "class XServiceInfo: pass",
    "com/sun/star/sheet.py": "class XFunctionAccess: pass",
    "com/sun/star/task.py": "class XJob: pass\nclass XJobExecutor: pass",
}
LOADING = """
import importlib.util, os, sys
sys.path += {stand_ins!r}, *{behind!r}
sys.path[:0] = {ahead!r}
spec = importlib.util.spec_from_file_location("component", {component!r})
component = importlib.util.module_from_spec(spec)
spec.loader.exec_module(component)
{code}
"""


@dataclass
class Machine:
    """A stand-in for LibreOffice's Python: a user's home, packages, and a folder that somebody started it in."""

    folder: Path
    environment: dict[str, str] = field(default_factory=dict)

    def put(self, texts: Mapping[str, str]) -> None:
        for name, text in texts.items():
            path = self.folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")

    @property
    def packages(self) -> Path:
        return self.folder / "packages"

    def configure(self, text: str) -> None:
        self.put({"home/orderdesk/calc.conf": text})

    def run(self, code: str, ahead: Sequence[str] = (), behind: Sequence[str] = ()) -> dict[str, Any]:
        """Run code that leaves `found`, with the component loaded; return that.

        Neither this environment's packages (-S) nor its variables (-I) are there. ahead, behind: of sys.path.
        """
        text = LOADING.format(
            stand_ins=str(self.folder / "stand-ins"), behind=tuple(behind), ahead=list(ahead), component=str(COMPONENT),
            code=f"{code}\nprint(ascii(found))",
        )  # fmt: skip
        there = {**os.environ, "XDG_CONFIG_HOME": str(self.folder / "home"), **self.environment}
        done = subprocess.run(
            [sys.executable, "-I", "-S", "-c", text], cwd=self.folder / "started", env=there, capture_output=True,
            text=True, check=False,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr
        found: dict[str, Any] = ast.literal_eval(done.stdout)
        return found


LOAD = """
door = component.load()
found = {"door": door.WHO, "json": door.JSON, "path": sys.path}
"""


def door(who: str) -> str:
    return f"import json\nWHO, JSON, PRESSED = {who!r}, json.__file__, []\ndef press(*given): PRESSED.append(given)\n"


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    made = Machine(tmp_path)
    made.put({f"stand-ins/{name}": text for name, text in STAND_INS.items()})
    for folder in ("packages", "started", "rival"):
        made.put({f"{folder}/xl_addin/__init__.py": "", f"{folder}/xl_addin/calc/__init__.py": ""})
        made.put({f"{folder}/xl_addin/calc/door.py": door(folder)})
    made.put({"started/json.py": "", "more/more.py": "", "packages/more.pth": f"{tmp_path / 'more'}\n"})
    made.configure(f"packages={made.packages}\n")
    return made


def is_of_the_standard_library(path: str) -> bool:
    return Path(path).parent == Path(os.__file__).parent / "json"


def test_its_packages_come_first_then_what_they_add_then_libreoffice_s(machine: Machine) -> None:
    rival = str(machine.folder / "rival")
    found = machine.run(LOAD, ahead=[rival])
    assert found["door"] == "packages"
    assert found["path"][:3] == [str(machine.packages), str(machine.folder / "more"), rival]


def test_they_come_first_where_libreoffice_s_python_knows_them_already(machine: Machine) -> None:
    found = machine.run(LOAD, ahead=[str(machine.folder / "rival")], behind=[str(machine.packages)])
    assert (found["door"], found["path"][0]) == ("packages", str(machine.packages))


@pytest.mark.parametrize("stray", ["", ".", "{started}", "{started}/"], ids=["blank", "dot", "absolute", "slash"])
def test_nothing_is_loaded_from_the_folder_it_was_started_in(machine: Machine, stray: str) -> None:
    started = str(machine.folder / "started")
    found = machine.run(LOAD, ahead=[stray.format(started=started)])
    assert found["door"] == "packages"
    assert is_of_the_standard_library(found["json"])
    assert [place for place in found["path"] if Path(started, place) == Path(started)] == []


def test_loading_twice_changes_nothing(machine: Machine) -> None:
    found = machine.run(f"component.load()\nonce = list(sys.path)\n{LOAD}\nfound['same'] = once == sys.path")
    assert found["same"]


def test_it_loads_though_the_folder_it_was_started_in_is_gone(machine: Machine) -> None:
    gone = "import shutil\nshutil.rmtree(os.getcwd())\n"
    assert machine.run(gone + LOAD)["door"] == "packages"


CONF = {  # what may stand in calc.conf, and whether it is followed
    "one line": ("packages={packages}\n", True),
    "no end of line": ("packages={packages}", True),
    "of Windows": ("packages={packages}\r\n", True),
    "others around it": ("# by hand\nother=1\n\npackages={packages}\nmore=2\n", True),
    "one that is gone before it": ("packages={packages}-gone\npackages={packages}\n", True),
    "gone": ("packages={packages}-gone\n", False),
    "a file": ("packages={packages}/more.pth\n", False),
    "relative": ("packages=xl_addin\n", False),
    "blank": ("packages=\n", False),
    "dot": ("packages=.\n", False),
    "another key": ("package={packages}\n", False),
    "a byte order mark": ("\ufeffpackages={packages}\n", False),
    "empty": ("", False),
}


@pytest.mark.parametrize("case", CONF)
def test_calc_conf_is_followed_or_refused_and_doctor_says_the_same(
    machine: Machine, monkeypatch: pytest.MonkeyPatch, case: str
) -> None:
    text, followed = CONF[case]
    machine.configure(text.format(packages=machine.packages))
    asked = """
try:
    found = {"packages": component.packages()}
except FileNotFoundError as error:
    found = {"error": "calc.conf" if "calc.conf, is not there" in str(error) else str(error)}
"""
    expected = {"packages": str(machine.packages)} if followed else {"error": install.CONF}
    assert machine.run(asked) == expected
    monkeypatch.setenv("XDG_CONFIG_HOME", str(machine.folder / "home"))
    monkeypatch.chdir(machine.folder / "started")  # which has a folder xl_addin
    check = dict(doctor.CHECKS)["calc_settings"](doctor.Facts(inside=True, profile=machine.folder))
    assert (check.ok, check.outcome) == ((True, "fine") if followed else (False, "gone"))


@pytest.mark.parametrize("config", ["/elsewhere/设置", ""], ids=["set", "blank"])
def test_the_component_looks_where_the_command_line_writes(
    machine: Machine, monkeypatch: pytest.MonkeyPatch, config: str
) -> None:
    machine.environment = {"XDG_CONFIG_HOME": config, "HOME": str(machine.folder)}
    for name, value in machine.environment.items():
        monkeypatch.setenv(name, value)
    assert machine.run("found = {'folder': str(component.desk_folder())}") == {"folder": str(desk.desk_folder())}


def test_value_error_of_the_component_is_the_one_of_arguments(machine: Machine) -> None:
    found = machine.run("import struct\nfound = {'bits': struct.pack('<d', component.value_error())}")
    assert found["bits"] == struct.pack("<d", error(519))


def test_a_component_that_cannot_load_answers_with_an_error_notes_it_once_and_tries_again_at_a_button(
    machine: Machine,
) -> None:
    machine.configure("packages=/nowhere\n")
    calls = f"""
import struct
def answer():
    [[cell]] = component.Calc(None).callFunction("OD_TAX_ID", ("1",))
    return struct.pack("<d", cell)
told, calc = [], component.Calc("context")
component.tell = lambda context, detail: told.append(detail)
found = {{"cells": [answer() for _ in range(3)], "told": told}}
calc.trigger("audit")
(component.desk_folder() / "calc.conf").write_text({f"packages={machine.packages}"!r})
found["cells"].append(answer())
calc.trigger("audit")
found["pressed"] = calc.door.PRESSED
"""
    found = machine.run(calls)
    assert found["cells"] == [struct.pack("<d", error(519))] * 4
    [told] = found["told"]
    assert told.splitlines()[-1].startswith("FileNotFoundError: /nowhere, named in ")
    assert found["pressed"] == [("audit", "context")]
    noted = (machine.folder / "home/orderdesk/calc-errors.log").read_text(encoding="utf-8")
    assert noted.count("FileNotFoundError: /nowhere, named in ") == 1  # the same is noted once


# ---------------------------------------------------------------- what goes through a cell

INF = float("inf")


@dataclass
class Reference:
    """A reference as Basic hands it over: a VBA range with cells behind it, which have one number format."""

    rows: Sequence[Sequence[Any]]
    number_format: int = 0

    def getCellRange(self) -> Any:  # noqa: N802 - UNO's name
        place = SimpleNamespace(StartRow=0, StartColumn=0, EndRow=len(self.rows) - 1, EndColumn=len(self.rows[0]) - 1)
        return SimpleNamespace(getDataArray=lambda: self.rows, NumberFormat=self.number_format, RangeAddress=place)


@pytest.mark.parametrize(
    ("given", "optional", "expected"),
    [
        (None, False, None),
        (None, True, None),
        ("", False, ""),
        ("", True, ""),
        ("0", True, "0"),
        ("#N/A", False, "#N/A"),
        (0, False, 0.0),
        (0, True, None),
        (0.0, True, None),
        (-0.0, True, None),
        (3, True, 3.0),
        (3, False, 3.0),
        (-1, True, -1.0),
        (0.5, True, 0.5),
        (INF, True, INF),
        (True, False, 1.0),
        (True, True, 1.0),
        (False, False, 0.0),
        (False, True, None),
        (((1, "a"), (None, 0)), True, ((1.0, "a"), (None, 0.0))),
        (((False, True),), False, ((0.0, 1.0),)),
        (((),), False, ((),)),
        (Reference((("甲",),)), True, "甲"),
        (Reference((("",),)), False, None),
        (Reference(((0.0,),)), True, 0.0),
        (Reference(((2.5,),), number_format=20_000), False, 2.5),
        (((Reference((("x",),)), 1.0),), False, (("x", 1.0),)),
    ],
    ids=repr,
)
def test_an_argument_is_what_excel_would_send(given: object, *, optional: bool, expected: object) -> None:
    got = argument(given, optional=optional)
    assert got == expected
    assert type(got) is type(expected)


def test_an_argument_past_the_required_ones_is_optional() -> None:
    assert arguments((0, 0, 0, "x"), 2) == [0.0, 0.0, None, "x"]
    assert arguments((), 2) == []


def bits(value: float) -> int:
    [number] = struct.unpack("<Q", struct.pack("<d", value))
    return int(number)


@pytest.mark.parametrize(
    ("excel", "calc"),
    [
        (2042, 32767),
        (2015, 519),
        (2023, 524),
        (2007, 532),
        (2029, 525),
        (2036, 503),
        (2000, 521),
        (2043, 519),
        (0, 519),
    ],
)
def test_an_error_of_a_formula_is_calc_s_bit_by_bit(excel: int, calc: int) -> None:
    [[cell]] = reply([[excel]])
    assert bits(cell) == bits(error(calc)) == 0x7FF8_0000_0000_0000 | calc


CHINA = timezone(timedelta(hours=8))


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (None, None),
        ("", ""),
        ("通过", "通过"),
        (0.0, 0.0),
        (0.45, 0.45),
        (True, 1.0),
        (False, 0.0),
        (datetime(2026, 11, 23, tzinfo=UTC), 46349.0),
        (datetime(2026, 11, 23, 6, tzinfo=UTC), 46349.25),
        (datetime(2026, 11, 23, 6, tzinfo=CHINA), 46349.25),  # as it is read off the wall
        (datetime(1899, 12, 30, tzinfo=UTC), 0.0),
    ],
    ids=repr,
)
def test_an_answer_is_what_calc_takes(value: object, expected: object) -> None:
    [[cell]] = reply([[value]])
    assert cell == expected
    assert type(cell) is type(expected)


def test_an_answer_keeps_its_shape() -> None:
    assert reply([["a", 1.5], [True, None]]) == (("a", 1.5), (1.0, None))
