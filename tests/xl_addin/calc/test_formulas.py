"""Every formula in cells of a live Calc: what it answers there is what its Python answers here."""

from __future__ import annotations

import html
import re
import zipfile
from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from tests.calc_desk import CalcDesk, calc_desk
from tests.formula_cases import CASES, DAY, DIV0, NA, NAME, NULL, NUM, ORDERS, REF, VALUE
from udfs import formulas
from udfs.formula_cells import grid
from workbooks.labels import raw
from workbooks.reference import Reference
from xl_addin.calc import install, office
from xl_addin.calc.engine.structs import properties
from xl_addin.desk import FILE, desk_folder

ERRORS = {2042: 32767, 2015: 519, 2023: 524, 2007: 532, 2029: 525, 2036: 503, 2000: 521}  # Excel's and Calc's
WRITTEN = {NULL: "#NULL!", DIV0: "1/0", VALUE: "#VALUE!", REF: "#REF!", NAME: "#NAME?", NUM: "#NUM!", NA: "NA()"}
EPOCH = datetime(1899, 12, 30, tzinfo=UTC)
TEXT_ANSWER = 2  # of FormulaResult
DATE_FORMAT, TEXT_FORMAT = 2, 256  # of NumberFormat
XLSX, ODS = "Calc MS Excel 2007 XML", "calc8"
LISTED = 98.0  # what the demo's product 010001 costs
ERROR_VALUE, ERROR_REF, ERROR_NA = 519, 524, 32767

Seen = float | str | tuple[str, int]
"""What a cell shows: a number, a text, or ("error", Calc's number of it)."""


@pytest.fixture(scope="module", autouse=True)
def connected(team: Path) -> Iterator[None]:
    """Connect this process's formulas to the team folder that Calc's use."""
    reference = Reference(team)
    formulas.connect(lambda: reference)
    yield
    formulas.connect(None)


class Paper:
    """A document to write formulas on."""

    def __init__(self, document: Any) -> None:
        """Take an open document, whose first sheet is written on."""
        self.document = document
        self.sheet = document.Sheets.getByIndex(0)
        locale = office.load_uno().createUnoStruct("com.sun.star.lang.Locale")
        formats = document.NumberFormats
        self.as_date = formats.getStandardFormat(DATE_FORMAT, locale)
        self.as_text = formats.getStandardFormat(TEXT_FORMAT, locale)

    def __getitem__(self, address: str) -> Any:
        """Return cells."""
        return self.sheet.getCellRangeByName(address)

    def clear(self) -> None:
        """Take everything off the sheet."""
        self.sheet.clearContents(1 | 2 | 4 | 16 | 32)

    def put(self, address: str, value: object) -> None:
        """Write what Excel would hand over into a cell that hands it over in Calc."""
        cell = self[address]
        if isinstance(value, bool):
            cell.setFormula(f"={str(value).upper()}()")
        elif isinstance(value, int):
            cell.setFormula(f"={WRITTEN[value]}")
        elif isinstance(value, float):
            cell.setValue(value)
        elif isinstance(value, datetime):
            cell.NumberFormat = self.as_date
            cell.setValue((value.replace(tzinfo=UTC) - EPOCH) / timedelta(days=1))
        elif isinstance(value, str):
            cell.NumberFormat = self.as_text
            cell.setString(value)

    def put_argument(self, top: int, left: int, argument: object) -> tuple[str, int]:
        """Write an argument's cells and return their address, and the first column right of them."""
        cells, rows, columns = grid(argument)
        for place, cell in enumerate(cells):
            self.put(address(top + place // columns, left + place % columns), cell)
        last = address(top + rows - 1, left + columns - 1)
        first = address(top, left)
        return (first if first == last else f"{first}:{last}"), left + columns

    def answer(self, formula: str, at: str = "A1") -> Seen:
        """Write a formula into a cell and return what it shows."""
        self[at].setFormula(formula)
        return seen(self[at])

    def answers(self, formula: str, at: str) -> list[list[Seen]]:
        """Write an array formula and return what its cells show."""
        cells = self[at]
        cells.setArrayFormula(formula)
        place = cells.RangeAddress
        return [
            [seen(cells.getCellByPosition(column, row)) for column in range(place.EndColumn - place.StartColumn + 1)]
            for row in range(place.EndRow - place.StartRow + 1)
        ]


def address(row: int, column: int) -> str:
    """Return the address of a cell, both from 0; of the first 26 columns."""
    return f"{chr(ord('A') + column)}{row + 1}"


def seen(cell: Any) -> Seen:
    """Return what a cell shows."""
    if cell.getError():
        return "error", cell.getError()
    if cell.FormulaResultType2 == TEXT_ANSWER:
        return str(cell.getString())
    return float(cell.getValue())


def as_seen(value: object) -> Seen:
    """Return what a cell shows of an answer of Python's."""
    if isinstance(value, bool):
        return float(value)
    if isinstance(value, int):
        return "error", ERRORS[value]
    if isinstance(value, datetime):
        return (value - EPOCH) / timedelta(days=1)
    assert isinstance(value, (float, str))
    return value


def said(name: str, *arguments: object) -> list[list[Seen]]:
    """Return what Python answers, as cells show it."""
    return [[as_seen(cell) for cell in row] for row in getattr(formulas, name)(*arguments)]


def near(wanted: Sequence[Sequence[Seen]]) -> list[list[Any]]:
    """Return answers to compare with: numbers to 1e-9."""
    return [[pytest.approx(cell, abs=1e-9) if isinstance(cell, float) else cell for cell in row] for row in wanted]


@pytest.fixture(scope="module")
def page(calc: CalcDesk) -> Iterator[Paper]:
    """Return one document for all tests that only need an empty sheet."""
    document = calc.load()
    yield Paper(document)
    document.close(True)  # noqa: FBT003 - UNO takes no names of arguments


@pytest.fixture
def paper(page: Paper) -> Paper:
    """Return a sheet with nothing on it."""
    page.clear()
    return page


# ----------------------------------------------------------------------------------------------- what every host says


@pytest.mark.parametrize("case", CASES, ids=lambda case: case[0])
def test_a_cell_says_what_python_says(case: tuple[str, tuple[Any, ...]], paper: Paper) -> None:
    name, arguments = case
    right, addresses = 10, list[str]()
    for argument in arguments:
        there, right = paper.put_argument(20, right, argument)
        addresses.append(there)
    wanted = said(name, *arguments)
    area = f"A1:{address(len(wanted) - 1, len(wanted[0]) - 1)}"
    assert paper.answers(f"={name}({';'.join(addresses)})", area) == near(wanted)


def test_every_formula_is_among_the_cases() -> None:
    assert {name for name, _ in CASES} == {formula.__name__ for formula in formulas.FORMULAS}


def test_arguments_left_out_in_the_middle_and_at_the_end(paper: Paper) -> None:
    assert paper.answer('=OD_FLOOR("HD-001";"010001";;DATE(2026;11;21))') == 0.63
    assert paper.answer('=OD_FLOOR("HD-001";"010001")') == said("OD_FLOOR", "HD-001", "010001")[0][0]
    assert (
        paper.answer('=OD_DISCOUNT_CHECK("HD-001";"010001";58.8;;DATE(2026;11;21))')
        == (said("OD_DISCOUNT_CHECK", "HD-001", "010001", 58.8, None, DAY)[0][0])
    )
    assert paper.answer('=OD_CREDIT("HD-003")') == said("OD_CREDIT", "HD-003")[0][0]
    assert paper.answer('=OD_CREDIT("HD-003";)') == said("OD_CREDIT", "HD-003")[0][0]
    assert paper.answer('=OD_PARTNER("HD-001";)') == said("OD_PARTNER", "HD-001")[0][0]
    assert paper.answer("=OD_LIST_PRICE()") == ""
    assert paper.answer('=OD_LIST_PRICE("010001";DATE(2026;11;21);1)') == LISTED  # Basic does not see one too many


def test_literals(paper: Paper) -> None:
    day = "DATE(2026;11;21)"
    assert paper.answer(f'=OD_LIST_PRICE("010001";{day})', "E1") == LISTED
    assert paper.answers(f'=OD_LIST_PRICE({{"010001"|"010002"|"没有"}};{day})', "A1:A3") == near(
        said("OD_LIST_PRICE", (("010001",), ("010002",), ("没有",)), DAY)
    )
    assert paper.answers('=OD_AVAILABLE({"010001";"010002"})', "C1:D1") == near(
        said("OD_AVAILABLE", (("010001", "010002"),))
    )
    single = {
        '=OD_GIVEAWAY("HD2611-02";"010013";0;DATE(2026;11;21))': 0.0,
        "=OD_AVAILABLE(NA())": ("error", ERROR_NA),
        "=OD_AVAILABLE(1/0)": ("error", ERRORS[2007]),
        '=OD_TAX_ID("91110108551385082Q")': 1.0,
        "=OD_TAX_ID(TRUE())": 0.0,
    }
    assert {formula: paper.answer(formula, "E1") for formula in single} == single


def test_what_calc_does_not_tell(paper: Paper) -> None:
    """Where the two hosts differ: a plain 0 is an optional argument left out, TRUE is a plain 1. A cell tells."""
    paper["B1"].setValue(0)
    single = {
        '=OD_PARTNER("HD-001";0)': said("OD_PARTNER", "HD-001")[0][0],
        '=OD_PARTNER("HD-001";B1)': ("error", ERROR_VALUE),
        '=OD_FLOOR("HD-001";"010001";0;DATE(2026;11;21))': 0.63,
        '=OD_FLOOR("HD-001";"010001";B1;DATE(2026;11;21))': ("error", ERROR_NA),
        '=OD_GIVEAWAY("HD2611-02";"010013";TRUE();DATE(2026;11;21))': 0.0,
    }
    assert {formula: paper.answer(formula) for formula in single} == single


def test_references_that_functions_make(paper: Paper) -> None:
    paper.put("B1", "010001")
    paper.put("B2", "没有")
    for made in ("INDEX(B1:B2;1)", "OFFSET(B2;-1;0)", 'INDIRECT("B1")', "IF(1;B1;B2)", 'B1&""'):
        assert paper.answer(f"=OD_LIST_PRICE({made};DATE(2026;11;21))") == LISTED, made
    assert paper.answer("=SUMPRODUCT(OD_LIST_PRICE(B1:B1;DATE(2026;11;21)))") == LISTED


def test_cells_of_every_kind(paper: Paper) -> None:
    paper["B1"].setValue(10001)  # a code typed as a number has lost its zeros
    assert paper.answer("=OD_LIST_PRICE(B1)") == said("OD_LIST_PRICE", 10001.0)[0][0]
    paper["B2"].setValue(0)
    assert paper.answer('=OD_CREDIT("HD-003";B2)') == said("OD_CREDIT", "HD-003", 0.0)[0][0]
    assert (
        paper.answer('=OD_DISCOUNT_CHECK("HD-001";"010001";B2)')
        == (said("OD_DISCOUNT_CHECK", "HD-001", "010001", 0.0)[0][0])
    )
    paper["B3"].setFormula('=""')
    assert paper.answer("=OD_LIST_PRICE(B3)") == ""
    assert paper.answer('=OD_FLOOR("HD-001";"010001";B3;DATE(2026;11;21))') == 0.63
    paper.put("B4", True)  # noqa: FBT003 - a cell's value
    assert paper.answer('=OD_GIVEAWAY("HD2611-02";"010013";B4;DATE(2026;11;21))') == ("error", ERROR_VALUE)
    assert paper.answer("=OD_LIST_PRICE(B4)") == ("error", ERROR_NA)
    paper["B5"].setFormula("=5*24")
    assert paper.answer('=OD_GIVEAWAY("HD2611-02";"010013";B5;DATE(2026;11;21))') == 12.0
    assert paper.answer("=OD_LIST_PRICE(B9)") == ""
    paper["C1"].setFormula("=OD_LIST_PRICE(D1;DATE(2026;11;21))")
    assert seen(paper["C1"]) == ""
    paper.put("D1", "010001")  # what it was asked of has changed: it answers again
    assert seen(paper["C1"]) == LISTED


def test_a_date_reads_the_same_however_it_stands_in_a_cell(paper: Paper) -> None:
    paper.put("B1", DAY)
    paper["B2"].setFormula("=DATE(2026;11;21)")
    paper["B3"].setValue(46347.0)
    paper.put("B4", "2026年11月21日")
    paper["B5"].setFormula("=DATE(2026;11;20)+1")
    asked = [paper.answer(f'=OD_LIST_PRICE("010003";B{row})') for row in range(1, 6)]
    assert asked == [said("OD_LIST_PRICE", "010003", DAY)[0][0]] * 5
    paper.put("B6", datetime(2026, 10, 31))  # noqa: DTZ001 - a cell has no zone
    assert paper.answer('=OD_LIST_PRICE("010003";B6)') != asked[0]


def test_an_error_spoils_its_own_cell_only(paper: Paper) -> None:
    codes = ("010001", NA, "010002", DIV0)
    for row, code in enumerate(codes, start=1):
        paper.put(f"B{row}", code)
    found = paper.answers("=OD_LIST_PRICE(B1:B4;DATE(2026;11;21))", "A1:A4")
    assert found == near(said("OD_LIST_PRICE", tuple((code,) for code in codes), DAY))
    assert [row[0] for row in found][1::2] == [("error", ERROR_NA), ("error", ERRORS[2007])]
    assert paper.answer("=SUM(A1:A4)", "D1") == ("error", ERROR_NA)
    assert paper.answer("=SUM(A1;A3)", "D2") == found[0][0] + found[2][0]  # type: ignore[operator]
    assert paper.answer("=ISNA(A2)", "D3") == 1.0
    assert paper.answer('=ISNA(OD_LIST_PRICE("没有"))', "D4") == 1.0
    assert paper.answer('=IFERROR(OD_LIST_PRICE("没有");-1)', "D5") == -1.0
    assert paper.answer('=IF(OD_TAX_ID("91110108551385082Q");"yes";"no")', "D6") == "yes"


def test_ranges_of_different_shape_are_one_error(paper: Paper, calc: CalcDesk) -> None:
    for cell in ("B1", "B2", "C1", "C2", "C3"):
        paper.put(cell, "010001")
    before = calc.logged()
    assert paper.answer("=OD_FLOOR(B1:B2;C1:C3)") == ("error", ERROR_VALUE)
    assert "OD_FLOOR: ranges of different shape, 2x1 / 3x1" in calc.logged().removeprefix(before)


def test_beyond_its_answer_an_array_shows_na_and_a_single_cell_the_first(paper: Paper) -> None:
    for row, cells in enumerate(ORDERS, start=1):
        for column, cell in enumerate(cells):
            paper.put(address(row - 1 + 30, column), cell)
    wanted = said("OD_AUDIT", ORDERS)
    area = f"A31:{address(29 + len(ORDERS), len(ORDERS[0]) - 1)}"
    rows = len(wanted) + 2
    found = paper.answers(f"=OD_AUDIT({area})", f"A1:F{rows}")
    assert [row[:5] for row in found[: len(wanted)]] == near(wanted)
    assert {cell for row in found for cell in row[5:]} == {("error", ERROR_NA)}
    assert {cell for row in found[len(wanted) :] for cell in row} == {("error", ERROR_NA)}
    assert paper.answer(f"=OD_AUDIT({area})", "H1") == wanted[0][0]


def test_another_sheets_cells_and_names_can_be_asked_of(paper: Paper) -> None:
    sheets = paper.document.Sheets
    sheets.insertNewByName("资 料", sheets.Count)
    cell = sheets.getByName("资 料").getCellRangeByName("B2")
    cell.NumberFormat = paper.as_text
    cell.setString("010001")
    assert paper.answer("=OD_LIST_PRICE($'资 料'.B2;DATE(2026;11;21))") == LISTED
    start = office.load_uno().createUnoStruct("com.sun.star.table.CellAddress")
    paper.document.NamedRanges.addNewByName("code", "$'资 料'.$B$2", start, 0)
    assert paper.answer("=OD_LIST_PRICE(code;DATE(2026;11;21))") == LISTED
    paper.document.NamedRanges.removeByName("code")
    sheets.removeByName("资 料")


@pytest.mark.parametrize("length", [50, 100])
def test_a_chain_answers_whichever_cell_is_asked_first(length: int, paper: Paper) -> None:
    """Python reads a cell that asks Python: Basic skips a call of an object that it is in."""
    for row in range(2, length + 1):
        paper[f"B{row}"].setFormula(f'=OD_PARTNER(B{row - 1};"合作商编码")')
    for code in ("HD-001", "HD-002"):
        paper.put("B1", code)
        assert seen(paper[f"B{length}"]) == code  # the bottom one first: all others wait for it
        assert {seen(paper[f"B{row}"]) for row in range(2, length)} == {code}


def test_formulas_within_formulas(paper: Paper) -> None:
    inner = 'OD_PARTNER("HD-001";"合作商编码")'
    assert paper.answer(f'=OD_FLOOR({inner};"010001";;DATE(2026;11;21))') == 0.63
    assert paper.answer(f'=OD_PARTNER({inner};OD_PARTNER({inner};"没有这一栏"))') == ("error", ERROR_VALUE)


# ---------------------------------------------------------------------------------------------------------- documents


@pytest.fixture
def from_1904(calc: CalcDesk) -> Iterator[Paper]:
    """Return a document that counts its days from 1904, as Excel for Mac once did."""
    document = calc.load()
    document.NullDate = office.load_uno().createUnoStruct("com.sun.star.util.Date", 1, 1, 1904)
    yield Paper(document)
    document.close(True)  # noqa: FBT003 - UNO takes no names of arguments


DAYS_1904 = 1462


def test_dates_in_a_document_that_counts_from_1904(from_1904: Paper) -> None:
    from_1904["B1"].NumberFormat = from_1904.as_date
    from_1904["B1"].setFormula("=DATE(2026;11;21)")
    assert from_1904["B1"].getValue() == 46347 - DAYS_1904
    assert from_1904.answer('=OD_LIST_PRICE("010003";B1)') == said("OD_LIST_PRICE", "010003", DAY)[0][0]
    from_1904["B2"].NumberFormat = from_1904.as_date
    from_1904["B2"].setFormula("=DATE(2026;10;31)")
    assert from_1904.answer('=OD_LIST_PRICE("010003";B2)') == said("OD_LIST_PRICE", "010003", "2026-10-31")[0][0]


def test_a_date_answered_in_a_document_that_counts_from_1904(from_1904: Paper) -> None:
    from_1904["B1"].setValue(300)
    [[wanted]] = said("OD_ETA", "020003", 300.0)
    assert isinstance(wanted, float)
    assert from_1904.answer('=OD_ETA("020003";B1)') == wanted - DAYS_1904


def formulas_of(path: Path) -> list[str]:
    """Return the formulas of an .xlsx file's first sheet, as they stand in its XML."""
    with zipfile.ZipFile(path) as parts:
        text = parts.read("xl/worksheets/sheet1.xml").decode()
    return [html.unescape(formula) for formula in re.findall(r"<f[^>]*>([^<]*)</f>", text)]


def filled(calc: CalcDesk) -> Paper:
    """Return a new document with formulas of most kinds in it, and what they ask of."""
    paper = Paper(calc.load())
    for cell, value in (("A1", "HD-001"), ("B1", "010001"), ("A2", "没有"), ("B2", "010001"), ("D1", DAY)):
        paper.put(cell, value)
    paper["C1"].setFormula("=OD_FLOOR(A1;B1)")
    paper["C2"].setFormula("=OD_FLOOR(A2;B2)")
    paper["E1"].setFormula("=OD_LIST_PRICE(B1;D1)*2")
    paper["E2"].setFormula('=IF(OD_TAX_ID("91110108551385082Q");OD_PARTNER(A1;"级别");"")')
    paper["F1:F2"].setArrayFormula("=OD_AVAILABLE(B1:B2)")
    return paper


ANSWERED = ("C1", "C2", "E1", "E2", "F1", "F2")
TEXTS = {
    "OD_FLOOR(A1,B1)", "OD_FLOOR(A2,B2)", "OD_LIST_PRICE(B1,D1)*2", "OD_AVAILABLE(B1:B2)",
    'IF(OD_TAX_ID("91110108551385082Q"),OD_PARTNER(A1,"级别"),"")',
}  # fmt: skip


@pytest.mark.parametrize(("ending", "kind"), [("xlsx", XLSX), ("ods", ODS)])
def test_formulas_survive_a_file(ending: str, kind: str, calc: CalcDesk, tmp_path: Path) -> None:
    paper, path = filled(calc), tmp_path / f"round.{ending}"
    before = [seen(paper[cell]) for cell in ANSWERED]
    assert before[0] == said("OD_FLOOR", "HD-001", "010001")[0][0]
    assert before[1] == ("error", ERROR_NA)
    paper.document.storeToURL(path.as_uri(), properties(FilterName=kind))
    if ending == "xlsx":
        assert set(formulas_of(path)) == TEXTS  # as Excel writes them: commas, and nothing before the names
    again = Paper(calc.load(path.as_uri()))
    assert [seen(again[cell]) for cell in ANSWERED] == before  # as saved
    again.document.calculateAll()
    assert [seen(again[cell]) for cell in ANSWERED] == before
    assert again["C1"].Formula == paper["C1"].Formula == "=OD_FLOOR(A1;B1)"
    again.put("B1", "没有")
    assert seen(again["C1"]) == ("error", ERROR_NA)
    for one in (paper, again):
        one.document.close(True)  # noqa: FBT003 - UNO takes no names of arguments


def test_a_file_of_excels_answers_when_it_is_loaded(calc: CalcDesk, tmp_path: Path) -> None:
    """Its formulas have no saved answers: Calc asks as soon as it shows them, and nothing need be pressed."""
    book = openpyxl.Workbook()
    book.active.append(["合作商", "产品", "下限", "标准价"])
    book.active.append(["HD-001", "010001", "=OD_FLOOR(A2,B2)", '=OD_LIST_PRICE(B2,"2026-11-21")'])
    path = tmp_path / "excel.xlsx"
    book.save(path)
    paper = Paper(calc.load(path.as_uri()))
    wanted = [said("OD_FLOOR", "HD-001", "010001")[0][0], LISTED]
    assert [seen(paper["C2"]), seen(paper["D2"])] == wanted
    paper.document.calculateAll()
    assert [seen(paper["C2"]), seen(paper["D2"])] == wanted
    paper.document.close(True)  # noqa: FBT003 - UNO takes no names of arguments


# ------------------------------------------------------------------------------------------------- what is not set up


def test_what_is_not_set_up_is_an_error_and_noted(team: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    """One more LibreOffice: first it cannot load Order Desk, then it can, but has no team folder."""
    with calc_desk(tmp_path_factory.mktemp("calc-bare"), team) as bare:
        conf, desk = desk_folder() / install.CONF, desk_folder() / FILE
        told, set_to = conf.read_bytes(), desk.read_bytes()
        conf.unlink()
        desk.unlink()
        paper = Paper(bare.load())
        assert paper.answer('=OD_AVAILABLE("010001")') == ("error", ERROR_VALUE)
        assert paper.answer('=SUM(1;OD_AVAILABLE("010002"))') == ("error", ERROR_VALUE)
        noted = (desk_folder() / install.ERRORS).read_text(encoding="utf-8")
        assert noted.count("calc.conf") >= 1
        assert noted.count("Traceback") == 1  # not once a cell
        conf.write_bytes(told)
        bare.press(paper.document, "refresh")  # whoever presses a button may have mended it
        assert paper.answer('=OD_TAX_ID("91110108551385082Q")') == 1.0
        assert paper.answer('=OD_AVAILABLE("010003")') == ("error", ERROR_REF)
        assert "OD_AVAILABLE: missing: " in bare.logged()
        desk.write_bytes(set_to)
        bare.press(paper.document, "refresh")
        paper.document.close(True)  # noqa: FBT003 - UNO takes no names of arguments


def test_the_examples_of_the_help_answer(paper: Paper) -> None:
    for formula in formulas.FORMULAS:
        example = raw()["formulas"][formula.__name__]["example"]
        if formula is not formulas.OD_AUDIT:
            assert not isinstance(paper.answer(example.replace(",", ";")), tuple), example


def test_today_is_the_machines_own(paper: Paper) -> None:
    today = date.today()  # noqa: DTZ011 - the clerk's own date is what is meant
    wanted = said("OD_LIST_PRICE", "010003", datetime(today.year, today.month, today.day))  # noqa: DTZ001 - no zone
    assert paper.answer('=OD_LIST_PRICE("010003")') == wanted[0][0]
