"""The add-in as built: the same bytes twice, every module read back, a valid ribbon, nothing taken from a workbook."""

from __future__ import annotations

import inspect
import io
import os
import re
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Callable, Mapping
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
import xlwings
import xmlschema
from oletools.olevba import VBA_Parser
from pyopenvba import check_file
from pyopenvba.apps.excel import ExcelApplication
from pyopenvba.cfb import CFB

from macros.desk import BUTTONS
from udfs.formulas import FORMULAS
from workbooks.errors import WorkbookError
from workbooks.labels import labels, raw
from workbooks.reading.cells import RawSheet, read_sheets
from xl_addin.addin import build, package, wrappers
from xl_addin.addin import parts as archive
from xl_addin.doctor_facts import versions_of

ROOT = Path(__file__).parents[2]
SCHEMA = ROOT.parent / "shared" / "schemas" / "customui14.xsd"
NS = "{http://schemas.microsoft.com/office/2009/07/customui}"
OFFICE = shutil.which("soffice")


@pytest.fixture(scope="module")
def addin(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build.build(tmp_path_factory.mktemp("dist"))


@pytest.fixture(scope="module")
def parts(addin: Path) -> Mapping[str, bytes]:
    return archive.unzipped(addin.read_bytes())


@pytest.fixture(scope="module")
def modules(addin: Path) -> Mapping[str, str]:
    parser = VBA_Parser(str(addin))
    try:
        return {name.rsplit(".", 1)[0]: text for _, _, name, text in parser.extract_macros()}
    finally:
        parser.close()


@pytest.fixture(scope="module")
def excel() -> ExcelApplication:
    """An interpreter of VBA with the add-in's modules in it; it parses all of them."""
    app = ExcelApplication()
    app.add_workbook()
    for name, text in build.sources().items():
        app.add_module("\n".join(line for line in text.splitlines() if not line.startswith("Attribute")), name=name)
    return app


def ribbon() -> ET.Element:
    return ET.parse(archive.SOURCES / "ribbon.xml").getroot()


def controls() -> list[ET.Element]:
    return [found for found in ribbon().iter() if found.get("id")]


# ---------------------------------------------------------------- the file


def test_built_again_in_another_process_it_has_the_same_bytes(addin: Path, tmp_path: Path) -> None:
    code = "import sys; from pathlib import Path; from xl_addin.addin.build import build; build(Path(sys.argv[1]))"
    subprocess.run(
        [sys.executable, "-c", code, tmp_path], check=True, cwd=ROOT, env={**os.environ, "PYTHONHASHSEED": "7"}
    )
    assert (tmp_path / addin.name).read_bytes() == addin.read_bytes()


def test_it_is_an_addin_and_a_sound_file(addin: Path, parts: Mapping[str, bytes]) -> None:
    assert addin.name == labels().files["addin"]
    assert b"application/vnd.ms-excel.addin.macroEnabled.main+xml" in parts["[Content_Types].xml"]
    report = check_file(addin)
    assert (report.ok, report.complete, list(report.issues)) == (True, True, [])
    for name, content in parts.items():
        if name.endswith((".xml", ".rels")):
            ET.fromstring(content)  # well formed


def test_every_relation_leads_to_a_part_and_every_part_has_a_type(parts: Mapping[str, bytes]) -> None:
    types = ET.fromstring(parts["[Content_Types].xml"])
    by_suffix = {kind.get("Extension") for kind in types if kind.get("Extension")}
    by_name = {kind.get("PartName") for kind in types if kind.get("PartName")}
    assert not [name for name in parts if f"/{name}" not in by_name and name.rsplit(".", 1)[1] not in by_suffix]
    for name in parts:
        if name.endswith(".rels"):
            folder = name.split("_rels/")[0]
            for relation in ET.fromstring(parts[name]):
                assert f"{folder}{relation.get('Target')}" in parts


def test_a_folder_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    (tmp_path / "dist").write_text("a file stands here")
    with pytest.raises(WorkbookError, match="file-unwritable"):
        build.build(tmp_path / "dist")


# ---------------------------------------------------------------- VBA


def test_olevba_reads_every_module_back(modules: Mapping[str, str]) -> None:
    for name, text in build.sources().items():
        read_back = [line for line in modules[name].splitlines() if not line.startswith("Attribute VB_Name")]
        written = [line for line in text.splitlines() if not line.startswith("Attribute VB_Name")]
        assert "\n".join(read_back).strip() == "\n".join(written).strip()
    assert set(modules) == {*build.sources(), "ThisWorkbook", "Sheet1", "Sheet2"}


@pytest.mark.skipif(OFFICE is None, reason="needs LibreOffice")
def test_libreoffice_reads_every_module_back(addin: Path, tmp_path: Path) -> None:
    profile = f"-env:UserInstallation={(tmp_path / 'profile').as_uri()}"
    given = ["--headless", "--infilter=Calc MS Excel 2007 VBA XML", "--convert-to", "fods", "--outdir", str(tmp_path)]
    for _ in range(2):  # a fresh profile may end with 81: start again
        if not subprocess.run([str(OFFICE), profile, *given, str(addin)], check=False, capture_output=True).returncode:
            break
    document = ET.parse(tmp_path / f"{addin.stem}.fods")
    ooo = "{http://openoffice.org/2004/office}"
    read_back = {found.get(f"{ooo}name"): "".join(found.itertext()) for found in document.iter(f"{ooo}module")}
    for name, text in build.sources().items():
        for line in text.splitlines():
            if not line.lstrip().startswith("Attribute"):
                assert line.strip() in str(read_back[name])


def test_the_sources_are_ascii_and_thin(modules: Mapping[str, str]) -> None:
    for name, text in modules.items():
        assert text.isascii(), name
    written_by_hand = [line for name in build.MODULES for line in modules[name].splitlines() if line.strip()]
    assert len(written_by_hand) < 240
    assert "Option Explicit" in modules["Server"]
    assert "Application.Volatile" not in "".join(modules.values())


HOLES = {
    "a place that somebody else chooses": r"CurDir|Command\$|Workbooks\(|\.FullName|Environ\$?\(\"(?!LOCALAPPDATA)",
    "settings or code from a data workbook": r"ActiveWorkbook|ActiveSheet|ThisWorkbook\.(Path|FullName)|\.conf\"\)",
    "a name pasted into a shell": r"cmd\.exe|\bShell\b|WScript|CreateObject|/[KC] ",
    "a path for Python": r"PYTHONPATH|prepare_sys_path|sys\.path|ADD_WORKBOOK",
    "code made of text": r"\.Exec\b|\.Eval\b|RunPython|Application\.Run|ExecuteExcel4Macro|VBProject",
}


def code_of(text: str) -> str:
    """Return VBA without its comments."""
    return "\n".join(line for line in text.splitlines() if not line.lstrip().startswith("'"))


@pytest.mark.parametrize("hole", HOLES)
def test_the_holes_of_the_stock_vba_are_closed_in_the_built_file(hole: str, modules: Mapping[str, str]) -> None:
    assert not [name for name, text in modules.items() if re.search(HOLES[hole], code_of(text))]
    stock = (Path(xlwings.__file__).parent / "xlwings.bas").read_text(encoding="utf-8")
    assert re.search(HOLES[hole].replace("ThisWorkbook", "ActiveWorkbook"), code_of(stock))  # the pattern does find it


def test_interpreter_and_dll_come_from_the_users_own_folder(modules: Mapping[str, str]) -> None:
    server = code_of(modules["Server"])
    assert re.findall(r"Environ\S*", server) == ['Environ$("LOCALAPPDATA")']
    assert re.findall(r"LoadLibrary\((.*?)\) = 0", server) == ["DeskFolder() & SERVER_DLL"]
    assert re.findall(r"^ +launch = (.+)", server, re.MULTILINE) == ['ServerCommand(Setting("interpreter"))']
    assert re.findall(r"Open (.+) For Input", server) == ['DeskFolder() & "addin.conf"']
    assert re.findall(r"XLPyDLLActivateAuto\((?!ByRef)(.*?)\) ", server) == ["reply, launch, 1"]


def test_the_project_holds_no_compiled_code_that_some_excel_might_trust(parts: Mapping[str, bytes]) -> None:
    project = CFB.from_bytes(parts["xl/vbaProject.bin"])
    assert project.get_stream("_VBA_PROJECT") == bytes.fromhex("cc61ffff000000")
    assert not [name for name in project.list_streams() if name.startswith("__SRP_")]


def test_nothing_of_a_workbook_is_shown_to_the_server(modules: Mapping[str, str]) -> None:
    calls = re.findall(r"CallUDF\(.*", code_of(modules["Formulas"] + modules["Ribbon"]))
    assert len(calls) == len(FORMULAS) + 1
    assert all(re.search(r"\), Nothing, Nothing\)+$", call) for call in calls)


def test_the_xlwings_version_is_one_everywhere(addin: Path, modules: Mapping[str, str]) -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert f"xlwings=={xlwings.__version__}" in project["dependencies"]
    assert versions_of(addin)[0] == xlwings.__version__
    dlls = set(re.findall(r"xlwings(?:32|64)-[\d.]+\.dll", modules["Server"]))
    assert dlls == {f"xlwings{bits}-{xlwings.__version__}.dll" for bits in (32, 64)}


# the same, run by an interpreter of VBA


def test_the_command_line_holds_the_interpreter_and_nothing_else(excel: ExcelApplication) -> None:
    said = excel.evaluate('ServerCommand("C:\\Program Files\\py & co\\pythonw.exe")')
    assert said == '"C:\\Program Files\\py & co\\pythonw.exe" -I -m xl_addin.server $(CLSID)'


@pytest.mark.parametrize(("language", "column"), [(2052, 2), (1028, 2), (3076, 2), (4100, 2), (1033, 3), (1041, 3)])
def test_the_words_follow_the_language_of_excel(excel: ExcelApplication, language: int, column: int) -> None:
    assert excel.evaluate(f"LabelColumn({language})") == column


def test_a_long_in_an_answer_is_an_error_of_excel_and_nothing_else_is(excel: ExcelApplication) -> None:
    assert [str(excel.evaluate(f"Answer({said})")) for said in ("CLng(2042)", "1.5", '"x"', '""')] == [
        "Error 2042", "1.5", "x", ""
    ]  # fmt: skip
    excel.add_module(
        "Public Function InRows()\nDim a(0 To 1, 0 To 1) As Variant\n"
        'a(0, 0) = 1.5: a(0, 1) = CLng(2042): a(1, 0) = "": a(1, 1) = True\nInRows = Answer(a)\nEnd Function\n'
        "Public Function InOneRow()\nInOneRow = Answer(Array(1.5, CLng(2015)))\nEnd Function\n",
        name="Rows",
    )
    assert [[str(cell) for cell in row] for row in excel.evaluate("InRows()")] == [["1.5", "Error 2042"], ["", "True"]]
    assert [str(cell) for cell in excel.evaluate("InOneRow()")] == ["1.5", "Error 2015"]


def test_a_range_goes_as_its_values(excel: ExcelApplication) -> None:
    excel.add_module(
        'Public Function OfRange()\nThisWorkbook.Sheets(1).Range("A1").Value = 5\n'
        'ThisWorkbook.Sheets(1).Range("A2").Value = "x"\n'
        'OfRange = Plain(ThisWorkbook.Sheets(1).Range("A1:A2"))\nEnd Function',
        name="Ranges",
    )
    assert excel.evaluate("OfRange()") == [[5.0], ["x"]]
    assert excel.evaluate('Plain("x")') == "x"


def test_a_whole_column_goes_from_its_first_row_to_the_last_one_used(excel: ExcelApplication) -> None:
    excel.add_module(
        'Public Function OfColumn()\nThisWorkbook.Sheets(1).Range("C3").Value = "x"\n'
        'OfColumn = Plain(ThisWorkbook.Sheets(1).Range("C:C"))\nEnd Function',
        name="Columns",
    )
    assert [row[0] or "" for row in excel.evaluate("OfColumn()")] == ["", "", "x"]


def test_an_argument_left_out_is_blank(excel: ExcelApplication) -> None:
    excel.add_module(
        "Public Function Handed(Optional on_date)\nHanded = VarType(Plain(on_date))\nEnd Function", name="Optionals"
    )
    assert excel.evaluate("Handed()") == 0  # vbEmpty
    assert excel.evaluate("Handed(1.5)") == 5  # vbDouble


def test_currency_goes_in_full(excel: ExcelApplication) -> None:
    excel.add_module("Public Function Money()\nMoney = VarType(Plain(CCur(1.5)))\nEnd Function", name="Currencies")
    assert excel.evaluate("Money()") == 6  # vbCurrency: only a cell has more than four places to give


@pytest.mark.parametrize(
    ("path", "full"),
    [("C:\\py\\pythonw.exe", True), ("\\\\server\\py\\pythonw.exe", True), ("pythonw.exe", False), ("", False),
     ("\\py\\pythonw.exe", False), ("C:pythonw.exe", False)],
)  # fmt: skip
def test_an_interpreter_without_a_full_path_is_not_started(excel: ExcelApplication, path: str, full: bool) -> None:  # noqa: FBT001 - a column of the table above
    assert bool(excel.evaluate(f'IsFullPath("{path}")')) is full


# ---------------------------------------------------------------- ribbon


@pytest.fixture(scope="module")
def schema() -> xmlschema.XMLSchema:
    if not SCHEMA.exists():
        pytest.skip("needs ../shared")
    return xmlschema.XMLSchema(SCHEMA, validation="lax")


def test_the_ribbon_is_valid(schema: xmlschema.XMLSchema, parts: Mapping[str, bytes]) -> None:
    schema.validate(io.BytesIO(parts["customUI/customUI14.xml"]))


FAULTS = {
    "a keytip of four letters": ('keytip="M"', 'keytip="MERG"'),
    "a size that there is not": ('size="large"', 'size="huge"'),
    "an attribute of another element": ("<tabs>", '<tabs size="large">'),
    "a control outside its group": (
        '<group id="merging" getLabel="OD_Label">',
        '<button id="loose"/><group id="merging">',
    ),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_a_seeded_fault_is_caught(fault: str, schema: xmlschema.XMLSchema) -> None:
    before, after = FAULTS[fault]
    text = (archive.SOURCES / "ribbon.xml").read_text(encoding="utf-8")
    assert before in text
    assert not schema.is_valid(text.replace(before, after, 1))


def test_every_callback_is_a_public_sub_with_the_right_arguments(modules: Mapping[str, str]) -> None:
    subs = dict(re.findall(r"^Public Sub (\w+)\((.*)\)", modules["Ribbon"], re.MULTILINE))
    used = {
        (name, value) for found in ribbon().iter() for name, value in found.attrib.items()
        if name == "onLoad" or name.startswith(("on", "get"))
    }  # fmt: skip
    assert {value for _, value in used} == set(subs) - {"OD_Warm", "OD_Clear"}
    for name, value in used:
        arguments = subs[value].split(", ")
        assert len(arguments) == (2 if name.startswith("get") else 1)
        assert arguments[0].endswith("As IRibbonUI" if name == "onLoad" else "As IRibbonControl")
        assert all(argument.startswith("ByRef") for argument in arguments[1:])


def test_the_buttons_are_those_of_the_contract_in_their_groups() -> None:
    groups = {group.get("id"): [button.get("id") for button in group] for group in ribbon().iter(f"{NS}group")}
    said = raw()["ribbon"]
    named = {
        said[str(group)]["label"][0]: [said[str(button)]["label"][0] for button in row] for group, row in groups.items()
    }
    assert named == {
        "合并": ["合并订单", "库存量表"],
        "审核": ["审单", "查款", "单行审核"],
        "结果": ["转出登记", "退单回传", "财务查款表"],
        "KASP": ["包材汇总", "开票汇总"],
        "设置": ["数据位置", "刷新", "自检", "日志", "帮助"],
    }


def test_ids_and_keytips_are_unique_and_keytips_short() -> None:
    ids = [found.get("id") for found in controls()]
    assert len(ids) == len(set(ids))
    keytips = [str(found.get("keytip")) for found in ribbon().iter(f"{NS}button")]
    assert len(keytips) == len(set(keytips)) == len([tip for tip in keytips if re.fullmatch("[A-Z]{1,3}", tip)])
    assert not [(one, other) for one in keytips for other in keytips if one != other and other.startswith(one)]


def test_every_control_has_its_words_in_both_languages_and_the_labels_know_no_other() -> None:
    said = raw()["ribbon"]
    assert set(said) == {found.get("id") for found in controls()} | {"not_started"}
    for found in controls():
        words = said[str(found.get("id"))]
        wanted = {"label"} | ({"screentip", "supertip"} if found.tag == f"{NS}button" else set())
        assert set(words) == wanted
        assert all(len(pair) == 2 and all(pair) for pair in words.values())
        assert len(words.get("supertip", ["", ""])[0]) <= 1024


def test_every_button_has_one_icon_and_own_icons_are_square_pictures(parts: Mapping[str, bytes]) -> None:
    for button in ribbon().iter(f"{NS}button"):
        assert (button.get("image") is None) != (button.get("imageMso") is None)
        if button.get("image"):
            picture = parts[f"customUI/images/{button.get('image')}.png"]
            assert picture[:8] == b"\x89PNG\r\n\x1a\n"
            assert picture[16:20] == picture[20:24] == (64).to_bytes(4, "big")


# ---------------------------------------------------------------- words and help inside the add-in


@pytest.fixture(scope="module")
def sheets(addin: Path) -> Mapping[str, list[list[str | None]]]:
    def rows(sheet: RawSheet) -> list[list[str | None]]:
        return [list(row) for row in zip(*(column.to_pylist() for column in sheet.cells), strict=True)]

    return {sheet.name: rows(sheet) for sheet in read_sheets(addin.read_bytes(), ".xlsx")}


def test_every_text_that_the_ribbon_asks_for_is_there(sheets: Mapping[str, list[list[str | None]]]) -> None:
    words = {row[0]: row[1:3] for row in sheets["_Labels_"]}
    for found in controls():
        for attribute in found.attrib:
            if attribute in {"getLabel", "getScreentip", "getSupertip"}:
                assert all(words[f"{found.get('id')}.{attribute[3:].lower()}"])
    assert words["orderdesk.label"] == ["审单台", "Order Desk"]


def test_a_button_without_a_macro_is_grey_and_no_other(sheets: Mapping[str, list[list[str | None]]]) -> None:
    grey = {str(row[0]).split(".")[0] for row in sheets["_Labels_"] if str(row[0]).endswith(".enabled")}
    buttons = {str(found.get("id")) for found in ribbon().iter(f"{NS}button")}
    assert buttons == grey | set(BUTTONS) | package.SETTINGS


def test_intellisense_finds_every_formula_and_argument(sheets: Mapping[str, list[list[str | None]]]) -> None:
    head, *rows = sheets["_IntelliSense_"]
    assert head[:2] == ["FunctionInfo", "1.0"]
    assert [row[0] for row in rows] == [formula.__name__ for formula in FORMULAS]
    for row, formula in zip(rows, FORMULAS, strict=True):
        said = raw()["formulas"][formula.__name__]
        names = list(inspect.signature(formula).parameters)
        assert row[1] == said["says"]
        assert row[3 : 3 + 2 * len(names)] == [part for name in names for part in (name, said["args"][name][0])]


def test_the_function_wizard_has_a_category_descriptions_and_arguments(
    parts: Mapping[str, bytes],
) -> None:
    book = parts["xl/workbook.xml"].decode()
    assert '<functionGroup name="审单台"/>' in book
    assert "fullCalcOnLoad" not in book
    for formula in FORMULAS:
        name = formula.__name__
        assert f'Attribute {name}.VB_Description = "' in build.sources()["Formulas"]
        described = book.split(f'<x14:definedName name="{name}">')[1].split("</x14:definedName>")[0]
        assert described.count("<x14:argumentDescription ") == len(inspect.signature(formula).parameters)
    order = [book.index(f"<{part}") for part in ("sheets", "functionGroups", "calcPr", "extLst")]
    assert order == sorted(order)


@pytest.mark.parametrize("formula", FORMULAS, ids=lambda formula: formula.__name__)
def test_a_wrapper_hands_every_argument_over_and_fails_as_an_error(formula: Callable[..., object]) -> None:
    text, name = wrappers.hardened(wrappers.plain(formula)), formula.__name__
    arguments = ", ".join(f"Plain({argument})" for argument in inspect.signature(formula).parameters)
    assert f'{name} = Answer(XLPy.CallUDF("udfs.formulas", "{name}", Array({arguments}), Nothing, Nothing))' in text
    assert "#If" not in text
    assert text.endswith(f"failed:\n    {name} = CVErr(2015)\nEnd Function\n")
