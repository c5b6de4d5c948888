"""The manual says what the add-in does: every button, formula, rule and command, and examples that are true."""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date, datetime
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
import xlwings

from macros.demo import make
from macros.desk import BUTTONS
from udfs import formulas
from udfs.formulas import FORMULAS
from udfs.rules import RULES, Rule
from workbooks.labels import labels, raw
from workbooks.reference import Reference
from workbooks.schema import KINDS
from xl_addin import conf, desk, install
from xl_addin.addin import package
from xl_addin.addin import parts as archive
from xl_addin.calc import doctor as calc_doctor
from xl_addin.calc import install as calc_install
from xl_addin.doctor import CHECKS
from xl_addin.manual import anchor
from xl_addin.manual import pages as manual_pages

ROOT = Path(__file__).parents[1]
DOCS = ROOT / "docs"
MANUAL = (DOCS / "manual.md").read_text(encoding="utf-8")
RULES_MANUAL = (DOCS / "rules.md").read_text(encoding="utf-8")
FIRST_HOUR = (DOCS / "first-hour.md").read_text(encoding="utf-8")
CALC = (DOCS / "libreoffice.md").read_text(encoding="utf-8")
RIBBON = ET.parse(archive.SOURCES / "ribbon.xml").getroot()
KEYTIPS = {str(found.get("id")): str(found.get("keytip")) for found in RIBBON.iter() if found.tag.endswith("}button")}
ERRORS = {2000: "#NULL!", 2007: "#DIV/0!", 2015: "#VALUE!", 2023: "#REF!", 2029: "#NAME?", 2036: "#NUM!", 2042: "#N/A"}
EXAMPLES = re.findall(r"^\| (=OD_\w+\(.*?\)) \| (.+) \|$", MANUAL, re.MULTILINE)
BLANK = "（空）"  # how the manual shows a blank answer
EPOCH = date(1899, 12, 30)  # of Excel's serial numbers

Cell = object
Formula = Callable[..., Sequence[Sequence[object]]]


def section(title: str) -> str:
    """Return what stands below a heading of the third level, up to the next heading."""
    [text] = re.findall(rf"^### {re.escape(title)}\n(.*?)(?=^###? |\Z)", MANUAL, re.MULTILINE | re.DOTALL)
    return str(text)


def table(text: str, heading: str) -> list[list[str]]:
    """Return the rows of the table that begins with a heading row, without it."""
    lines = text.splitlines()
    rows: list[list[str]] = []
    for line in lines[lines.index(heading) + 2 :]:
        if not line.startswith("|"):
            break
        rows.append([cell.strip() for cell in line.strip("|").split("|")])
    return rows


# ---------------------------------------------------------------- buttons, commands, rules


@pytest.mark.parametrize("button", KEYTIPS)
def test_every_button_is_in_the_manual_with_its_key_and_its_sheets(button: str) -> None:
    text = section(raw()["ribbon"][button]["label"][0])
    assert f"（{KEYTIPS[button]}）" in text
    assert ("灰" in text) == (button not in BUTTONS and button not in package.SETTINGS)
    for sheet in BUTTONS.get(button, ()):
        assert f"“{labels().sheets[sheet].name}”" in text


def test_every_check_of_the_doctor_is_in_the_manual() -> None:
    text = section(raw()["ribbon"]["doctor"]["label"][0])
    for code, _ in CHECKS:
        assert f"、{raw()['doctor'][code]['name']['zh']}" in text.replace("：", "、")


@pytest.mark.parametrize("command", ["build", "install", "uninstall", "doctor"])
def test_every_command_is_in_the_manual(command: str) -> None:
    assert re.search(rf"^\| `orderdesk {command}\b", MANUAL, re.MULTILINE)


def test_every_file_that_install_writes_is_in_the_manual() -> None:
    dlls = [install.DLL.format(bits=bits, version=xlwings.__version__) for bits in (32, 64)]
    for name in (labels().files["addin"], conf.FILE, desk.FILE, *dlls):
        assert f"{name}`" in MANUAL


def test_the_command_line_of_the_manual_is_the_one_that_runs() -> None:
    assert conf.server_command("…\\pythonw.exe").replace("$(CLSID)", "{CLSID}") in MANUAL


def test_what_a_desk_installs_is_locked_as_it_was_tried_and_holds_what_windows_alone_needs() -> None:
    named = set(re.findall(r"requirements\S*\.lock", MANUAL)) - {"requirements.lock"}
    assert named == {"requirements-windows.lock"}
    pin = r"^([\w.-]+==\S+)(?: ;.*)? \\$"
    desk_lock, lock = (
        set(re.findall(pin, (ROOT / name).read_text(encoding="utf-8"), re.MULTILINE))
        for name in ("requirements-windows.lock", "requirements.lock")
    )
    assert desk_lock <= lock
    assert {"pywin32", "xlwings", "tzdata"} <= {pinned.split("==")[0] for pinned in desk_lock}


@pytest.mark.parametrize("kind", KINDS)
def test_every_table_is_in_the_manual_with_the_headings_it_must_have(kind: str) -> None:
    said = labels().kinds[kind]
    [row] = [row for row in table(MANUAL, "| 文件夹 | 放什么表 | 一定要有的标题 |") if said.title in row[1]]
    required = "、".join(said.headings[name][0] for name in KINDS[kind].required)
    assert row[2] in {required, "见“模板”"}


def anchors(text: str) -> set[str]:
    """Return the anchors of a document."""
    return {anchor(heading) for heading in re.findall(r"^#+ (.*)$", text, re.MULTILINE)}


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.code)
def test_every_rule_is_in_the_manual_once_with_its_effect_and_a_link(rule: Rule) -> None:
    name = labels().rules[rule.code].name
    [row] = [row for row in table(MANUAL, "| 规则 | 代码 | 级别 | 意思 |") if row[1] == f"`{rule.code}`"]
    assert row[0] == f"[{name}](rules.md#{anchor(f'{name} `{rule.code}`')})"
    assert labels().effects[rule.effect] in row[2]


@pytest.mark.parametrize("text", [MANUAL, FIRST_HOUR, CALC], ids=["manual", "first-hour", "libreoffice"])
def test_every_link_leads_somewhere(text: str) -> None:
    links = re.findall(r"\]\(([^)#]*)#?([^)]*)\)", text)
    assert links
    for file, place in links:
        assert not file or (DOCS / file).is_file(), file
        leads_to = (DOCS / file).read_text(encoding="utf-8") if place and file else text
        assert not place or place in anchors(leads_to), f"{file}#{place}"


# ---------------------------------------------------------------- LibreOffice


@pytest.mark.parametrize("command", ["build", "install", "uninstall", "doctor"])
def test_every_command_for_libreoffice_is_in_its_page(command: str) -> None:
    assert re.search(rf"^\| `orderdesk {command} --host libreoffice\b", CALC, re.MULTILINE)


def test_every_file_that_install_writes_for_libreoffice_is_in_its_page() -> None:
    pages = [path.name for path in manual_pages(Path())]
    for name in (calc_install.CONF, calc_install.ERRORS, desk.FILE, labels().files["extension"], *pages):
        assert f"{name}`" in CALC


def test_every_check_of_libreoffice_s_doctor_is_in_its_page_or_the_manual_s() -> None:
    shared = {code for code, _ in CHECKS}
    [row] = re.findall(r"^\| `orderdesk doctor --host libreoffice` \|.*$", CALC, re.MULTILINE)
    for code in [code for code, _ in calc_doctor.CHECKS if code not in shared]:
        assert f"、{raw()['doctor'][code]['name']['zh']}" in row.replace("：", "、")


# ---------------------------------------------------------------- formulas


@pytest.mark.parametrize("formula", FORMULAS, ids=lambda formula: formula.__name__)
def test_every_formula_is_in_the_manual_with_its_help_and_arguments(formula: Formula) -> None:
    name, said = formula.__name__, raw()["formulas"][formula.__name__]
    text, parameters = section(name), inspect.signature(formula).parameters.values()
    shown = [one.name if one.default is one.empty else f"[{one.name}]" for one in parameters]
    assert f"\n    ={name}({', '.join(shown)})\n" in text
    assert said["says"] in text
    assert table(text, "| 参数 | 写什么 | |") == [
        [f"`{one.name}`", said["args"][one.name][0], "要写" if one.default is one.empty else "可不写"]
        for one in parameters
    ]
    assert name == "OD_AUDIT" or sum(given.startswith(f"={name}(") for given, _ in EXAMPLES) >= 3


@pytest.fixture(scope="module", autouse=True)
def _demo_day(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    folder = tmp_path_factory.mktemp("manual") / "demo"
    day, _ = make.run(folder)
    reference = Reference(folder, today=lambda: day)
    formulas.connect(lambda: reference)
    yield
    formulas.connect(None)


def example_sheet() -> Mapping[str, Cell]:
    """Return the cells of the manual's example sheet by address; Excel hands a number over as a float."""
    rows = table(MANUAL, "| | A | B | C | D | E | F | G | H |")
    return {
        f"{letter}{row}": (float(text) if letter in "DE" and row != "1" else text) if text else None
        for row, *cells in rows
        for letter, text in zip("ABCDEFGH", cells, strict=True)
    }


def argument(text: str) -> Cell:
    """Return what Excel hands over for an argument as it is written in a formula."""
    if not text:
        return None
    if text.startswith('"'):
        return text.strip('"')
    if text.startswith("{"):
        rows = tuple(tuple(argument(cell) for cell in row.split(",")) for row in text.strip("{}").split(";"))
        return rows if len(rows) > 1 else rows[0]
    if given := re.fullmatch(r"DATE\((\d+),(\d+),(\d+)\)", text):
        year, month, day = map(int, given.groups())
        return float((date(year, month, day) - EPOCH).days)
    return in_sheet(text) if text[0] in "ABCDEFGH" else float(text)


def in_sheet(address: str) -> Cell:
    """Return what Excel hands over for a cell or a range of the example sheet."""
    sheet, letters = example_sheet(), "ABCDEFGH"
    first, _, last = address.partition(":")
    if not last:
        return sheet[first]
    across = letters[letters.index(first[0]) : letters.index(last[0]) + 1]
    return tuple(tuple(sheet[f"{letter}{row}"] for letter in across) for row in range(int(first[1]), int(last[1]) + 1))


def shown(cell: Cell) -> str:
    """Return how the manual shows an answer."""
    if isinstance(cell, bool):
        return str(cell).upper()
    if isinstance(cell, int):
        return ERRORS[cell]
    if isinstance(cell, datetime):
        return f"{cell:%Y-%m-%d}"
    return f"{cell:.6f}".rstrip("0").rstrip(".") if isinstance(cell, float) else str(cell)


def answers(written: str) -> Sequence[Sequence[object]]:
    """Return what a formula answers, as it is written in a cell."""
    [(name, inside)] = re.findall(r"^=(\w+)\((.*)\)$", written)
    given = re.findall(r'((?:"[^"]*"|\{[^}]*\}|\([^)]*\)|[^,"{(])*)(?:,|$)', inside)
    formula: Formula = getattr(formulas, name)
    return formula(*map(argument, given[: -1 if given[-1] == "" else None]))


@pytest.mark.parametrize(("written", "said"), EXAMPLES, ids=[written for written, _ in EXAMPLES])
def test_every_example_answers_what_the_manual_shows(written: str, said: str) -> None:
    rows = answers(written)
    cells = ";".join(",".join(shown(cell) or BLANK for cell in row) for row in rows)
    assert (f"{{{cells}}}" if len(rows) * len(rows[0]) > 1 else cells) == said


def test_the_audit_of_the_example_sheet_is_the_one_in_the_manual() -> None:
    headings = "| " + " | ".join(raw()["formula_answers"]["audit_headings"].values()) + " |"
    text, written = section("OD_AUDIT"), "=OD_AUDIT(A1:H6)"
    assert f"`{written}`" in text
    assert [[shown(cell) for cell in row] for row in answers(written)[1:]] == table(text, headings)


# ---------------------------------------------------------------- the first hour


def test_the_first_hour_is_numbered_without_gaps_and_every_check_is_complete() -> None:
    rows = [line.strip("|").split("|") for line in FIRST_HOUR.splitlines() if re.match(r"\| \d+ \|", line)]
    assert [int(row[0]) for row in rows] == list(range(1, len(rows) + 1))
    assert len(rows) >= 40
    assert all(len(row) == 4 and all(cell.strip() for cell in row) for row in rows)


def test_the_first_hour_presses_every_button() -> None:
    for words in (raw()["ribbon"][button]["label"][0] for button in KEYTIPS):
        assert words in FIRST_HOUR
