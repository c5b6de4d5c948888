"""Three doors, one answer: the nightly run, the button and the formula in a live Calc, for every rule there is."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from macros import nightly
from tests.calc_desk import CalcDesk
from tests.live_hosts import texts
from tests.three_doors import (
    CASES,
    COLUMNS,
    OTHER_REGION,
    REGION,
    SHEET,
    UNREADABLE,
    Case,
    region_rows,
    rows_of,
    write_team,
)
from tests.xl_addin.calc.conftest import at_team
from udfs.rules import RULES
from workbooks.labels import labels, raw
from workbooks.reading.cells import read_sheets
from xl_addin.calc.engine.structs import properties

Row = dict[str, str | None]
Sheets = Mapping[str, list[Row]]
Finding = tuple[int, str, str, str, str]
"""Row of the order sheet, rule, decision, what is wrong and what to do."""

XLSX = "Calc MS Excel 2007 XML"
NA, VALUE = 32767, 519  # Calc's numbers of #N/A, which an array formula shows beyond its answer, and of #VALUE!
TEXT = 2  # of FormulaResult
EFFECTS = {word: effect for effect, word in labels().effects.items()}
LAST = len(region_rows()) + 1
WORDS = raw()["formula_answers"]

each_case = pytest.mark.parametrize("case", CASES, ids=lambda case: case.rule)


@dataclass(frozen=True)
class Doors:
    """What the doors said, each of the same day; `document` is the region's workbook, open in Calc.

    nightly, button and day: the sheets that were written. ranged: what OD_AUDIT spilt, without its headings.
    """

    document: Any
    nightly: Sheets
    button: Sheets
    day: Sheets
    headings: list[Any]
    ranged: list[list[Any]]

    def column(self, name: str) -> str:
        """Return the address of a column of the order sheet, without its heading."""
        [headings] = self.document.Sheets.getByName(SHEET).getCellRangeByName("A1:Z1").getDataArray()
        letter = chr(ord("A") + headings.index(name))
        return f"$'{SHEET}'.{letter}2:{letter}{LAST}"

    def answers(self, formula: str, rows: int) -> list[Any]:
        """Return what a formula says in that many cells of a sheet of its own; None for #N/A."""
        sheets = self.document.Sheets
        if sheets.hasByName("公式"):
            sheets.removeByName("公式")
        sheets.insertNewByName("公式", sheets.Count)
        cells = sheets.getByName("公式").getCellRangeByPosition(0, 0, 0, rows - 1)
        cells.setArrayFormula(formula)
        return [value_of(cells.getCellByPosition(0, row)) for row in range(rows)]


def value_of(cell: Any) -> Any:
    """Return what a cell shows: a number, a text, None for #N/A. Fails where it is an error that none should be."""
    if cell.getError():
        return {NA: None, VALUE: "#VALUE!"}[cell.getError()]
    return cell.String if cell.FormulaResultType2 == TEXT else cell.Value


@pytest.fixture(scope="module")
def doors(calc: CalcDesk, team: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Doors]:
    """Ask all doors, once, on the day that the machine's clock shows: a formula knows no other."""
    folder, day = tmp_path_factory.mktemp("three-doors"), date.today()  # noqa: DTZ011 - the clerk's own date
    write_team(folder, day)
    done = nightly.run(folder, day)
    with at_team(folder, team):
        document = calc.load((folder / "区域订单" / f"{day}" / REGION).as_uri())
        calc.press(document, "audit")
        empty = calc.load()
        calc.press(empty, "audit")
        headings, *ranged = spilt(document)
        assert day == date.today(), "midnight: the doors were asked on two days"  # noqa: DTZ011 - the same
        yield Doors(document, read(done.result), saved(document, folder), saved(empty, folder), headings, ranged)
        for one in (document, empty):
            one.close(True)  # noqa: FBT003 - UNO takes no names of arguments


def spilt(document: Any) -> list[list[Any]]:
    """Return what OD_AUDIT says of the order sheet, as an array formula in a new sheet of the same document."""
    sheets, rows = document.Sheets, 2 * LAST
    sheets.insertNewByName("审核", sheets.Count)
    sheet = sheets.getByName("审核")
    right = chr(ord("A") + len(COLUMNS) - 1)
    sheet.getCellRangeByPosition(0, 0, 4, rows - 1).setArrayFormula(f"=OD_AUDIT($'{SHEET}'.A1:{right}{LAST})")
    found: list[list[Any]] = []
    for row in range(rows):
        cells = [sheet.getCellByPosition(column, row) for column in range(5)]
        if cells[0].getError() == NA:
            return found
        found.append([value_of(cell) for cell in cells])
    raise AssertionError("no #N/A below the findings")


def saved(document: Any, folder: Path) -> Sheets:
    """Return the sheets of a document as an Excel file of it has them."""
    path = folder / "saved.xlsx"
    document.storeToURL(path.as_uri(), properties(FilterName=XLSX))
    return read(path)


def read(path: Path) -> Sheets:
    """Return the sheets of a file, their rows by heading."""
    found: dict[str, list[Row]] = {}
    for sheet in read_sheets(path.read_bytes(), ".xlsx"):
        headings, *rows = texts(sheet) or [[]]
        found[sheet.name] = [dict(zip(headings, row, strict=True)) for row in rows]
    return found


# -------------------------------------------------------------------------------------------------- what was found


def lines_of(case: Case, file: str) -> dict[int, int]:
    """Return the rows of a case's lines in that file: the row of the sheet, and of the case's table, from 1."""
    last = 1
    for one in CASES:
        text = one.lines if file == REGION else one.elsewhere
        count = len(list(rows_of(text, one.rule)))
        if one is case:
            return {last + place: place for place in range(1, count + 1)}
        last += count
    raise KeyError(case.rule)


def of_case(sheets: Sheets, case: Case, file: str) -> list[Row]:
    """Return the findings on a case's lines of that file."""
    rows = lines_of(case, file)
    return [row for row in sheets["异常明细"] if row["来源文件"] == file and int(row["来源行"] or 0) in rows]


def on_no_line(sheets: Sheets, case: Case) -> list[Row]:
    """Return the findings of the case's rule that stand in none of the regions' files."""
    return [
        row for row in sheets["异常明细"] if row["规则"] == case.rule and row["来源文件"] not in {REGION, OTHER_REGION}
    ]


def as_marked(sheets: Sheets, case: Case, file: str) -> list[tuple[str, str, int]]:
    """Return findings as the table marks them: rule, effect, row of the case's table (0: on no line)."""
    rows = lines_of(case, file)
    found = [(row, rows[int(row["来源行"] or 0)]) for row in of_case(sheets, case, file)]
    found += [(row, 0) for row in on_no_line(sheets, case)] if file == REGION else []
    return sorted((str(row["规则"]), EFFECTS[str(row["级别"])], place) for row, place in found)


def without_place(says: str) -> str:
    """Return a sentence without the names of file and sheet: a range has none."""
    for name in (f"{WORDS['file']}·{WORDS['sheet']}", f"{REGION}·{SHEET}"):
        says = says.replace(name, "")
    return says


def as_said(rows: list[Row]) -> list[Finding]:
    """Return findings of a sheet as OD_AUDIT says them."""
    return sorted(
        (
            int(row["来源行"] or 0),
            str(row["规则"]),
            row["决定"] or "",
            without_place(str(row["说明"])),
            str(row["建议"]),
        )
        for row in rows
    )


def ranged(doors: Doors, wanted: Callable[[int], bool]) -> list[Finding]:
    """Return what OD_AUDIT says of the rows wanted, refused ones left out."""
    return sorted(
        (int(row), rule, decision, without_place(says), do)
        for row, rule, decision, says, do in doors.ranged
        if decision != WORDS["rejected"] and wanted(int(row))
    )


# ------------------------------------------------------------------------------------------------------ every rule


def test_the_table_has_a_case_of_every_rule_that_finds_it() -> None:
    assert [case.rule for case in CASES] == [rule.code for rule in RULES]
    for case in CASES:
        assert case.rule in {rule for rule, _, _ in (*case.found, *case.found_elsewhere)}


@each_case
def test_the_nightly_run_finds_what_the_table_marks(case: Case, doors: Doors) -> None:
    assert as_marked(doors.nightly, case, REGION) == case.found
    assert as_marked(doors.nightly, case, OTHER_REGION) == case.found_elsewhere


@each_case
def test_the_button_on_the_days_orders_says_the_same(case: Case, doors: Doors) -> None:
    for file in (REGION, OTHER_REGION):
        assert of_case(doors.day, case, file) == of_case(doors.nightly, case, file)
    assert on_no_line(doors.day, case) == on_no_line(doors.nightly, case)


@each_case
def test_the_button_on_the_regions_workbook_says_the_same_of_its_lines(case: Case, doors: Doors) -> None:
    assert of_case(doors.button, case, REGION) == of_case(doors.nightly, case, REGION)
    assert on_no_line(doors.button, case) == on_no_line(doors.nightly, case)
    if "button" in case.unseen:
        assert not [row for row in doors.button["异常明细"] if row["规则"] == case.rule]


@each_case
def test_the_formula_says_the_same_of_its_range(case: Case, doors: Doors) -> None:
    rows = lines_of(case, REGION)
    assert ranged(doors, rows.__contains__) == as_said(of_case(doors.nightly, case, REGION))
    if "range" in case.unseen:
        assert not [row for row in doors.ranged if row[1] == case.rule]


def test_no_door_says_more(doors: Doors) -> None:
    assert doors.day["异常明细"] == doors.nightly["异常明细"]
    unseen = {door: {case.rule for case in CASES if door in case.unseen} for door in ("button", "range")}
    nightly = doors.nightly["异常明细"]
    assert doors.button["异常明细"] == [row for row in nightly if row["规则"] not in unseen["button"]]
    wanted = [row for row in nightly if row["规则"] not in unseen["range"]]
    assert ranged(doors, lambda _row: True) == as_said(wanted)
    assert doors.headings == list(WORDS["audit_headings"].values())


def test_rows_that_cannot_be_read_are_named_at_every_door(doors: Doors) -> None:
    count = len(list(rows_of(UNREADABLE, "")))
    problems = doors.nightly["读取问题"]
    assert [row["来源行"] for row in problems] == [f"{row}" for row in range(LAST - count + 1, LAST + 1)]
    assert [row for row in doors.button["读取问题"] if row["来源行"]] == problems
    assert [row for row in doors.day["读取问题"] if row["来源行"]] == problems
    refused = [(str(int(row)), says) for row, _, decision, says, _ in doors.ranged if decision == WORDS["rejected"]]
    assert refused == [(row["来源行"], row["说明"]) for row in problems]


# -------------------------------------------------------------------------------------------- formulas of one value


def of_lines(doors: Doors, name: str) -> list[str | None]:
    """Return a column of the nightly file's lines by their rows in the region's sheet; None where it has no line."""
    lines = {int(row["来源行"] or 0): row for row in doors.nightly["订单汇总"] if row["来源文件"] == REGION}
    return [lines[row][name] if row in lines else None for row in range(2, LAST + 1)]


def numbers(values: list[str | None]) -> list[float | None]:
    """Return texts as numbers."""
    return [None if value is None else float(value) for value in values]


def test_list_prices_and_floors(doors: Doors) -> None:
    partner, product, campaign, day = map(doors.column, ("合作商编码", "产品编码", "活动编号", "下单日期"))
    count, accepted = LAST - 1, of_lines(doors, "决定")
    prices = doors.answers(f"=OD_LIST_PRICE({product};{day})", count)
    listed = numbers(of_lines(doors, "标准价"))
    floors = doors.answers(f"=OD_FLOOR({partner};{product};{campaign};{day})", count)
    least = numbers(of_lines(doors, "折扣下限"))
    named = of_lines(doors, "活动编号")
    at = [place for place in range(count) if accepted[place]]
    assert [prices[place] for place in at] == [listed[place] for place in at]
    assert prices.count(None) == 1
    paid = [place for place in at if least[place] is not None and named[place] != "NEVER"]
    assert [floors[place] for place in paid] == [least[place] for place in paid]
    assert {0.8, 0.9, 1.0} <= set(floors)
    assert [floors[place] for place in at if named[place] == "NEVER"] == [None, None]  # a formula does not guess


def test_the_check_of_a_discount(doors: Doors) -> None:
    names = ("合作商编码", "产品编码", "单价", "活动编号", "下单日期")
    answers = doors.answers(f"=OD_DISCOUNT_CHECK({';'.join(map(doors.column, names))})", LAST - 1)
    rules = {"price-missing", "zero-price-not-giveaway", "discount-below-floor"}
    held = {
        int(row["来源行"] or 0)
        for row in doors.nightly["异常明细"]
        if row["规则"] in rules and row["来源文件"] == REGION
    }
    words, kinds, amounts = labels().decisions, of_lines(doors, "类型"), of_lines(doors, "金额")
    known, least = of_lines(doors, "活动编号"), of_lines(doors, "折扣下限")
    refused = {case.rule: lines_of(case, REGION) for case in CASES}["quantity-not-positive"]
    compared = 0
    for row, answer in enumerate(answers, start=2):
        place = row - 2
        given = amounts[place] is None or of_lines(doors, "单价")[place] is not None
        if kinds[place] == "赠品" or least[place] is None or known[place] == "NEVER" or not given or row in refused:
            continue
        assert str(answer).startswith(words["hold"] if row in held else words["pass"]), row
        compared += 1
    assert compared > 40
    assert answers[-1] == "#VALUE!"  # no number: nobody knows what is meant
    assert sum(str(answer).startswith(words["hold"]) for answer in answers) >= len(held)


def listed(doors: Doors, sheet: str, *names: str) -> list[tuple[str | None, ...]]:
    """Return columns of a sheet of the nightly file."""
    return [tuple(row[name] for name in names) for row in doors.nightly[sheet]]


def each(doors: Doors, formula: str, rows: list[tuple[Any, ...]]) -> list[Any]:
    """Return what a formula answers for each row, whose values fill its `{}`."""
    said = []
    for row in rows:
        [answer] = doors.answers(formula.format(*row), 1)
        said.append(answer)
    return said


def test_what_is_available_and_when_more_arrives(doors: Doors) -> None:
    stock = listed(doors, "库存量表", "产品编码", "可用量")
    assert each(doors, '=OD_AVAILABLE("{}")', stock) == [float(pieces or 0) for _, pieces in stock]
    moved = [row for row in listed(doors, "转出登记", "产品编码", "转出数量", "预计到货日期") if row[0] != "B1"]
    queue: dict[str | None, float] = {}
    asked = []
    for product, short, _ in moved:
        queue[product] = queue.get(product, 0) + float(short or 0)
        asked.append((product, queue[product]))
    answers = each(doors, '=OD_ETA("{}";{})', asked)
    epoch = date(1899, 12, 30)
    days = [None if day is None else f"{epoch + timedelta(days=day)}" for day in answers]
    assert days == [day for _, _, day in moved]
    assert None in days
    assert len(set(days)) == 3


def test_funds_and_credit(doors: Doors) -> None:
    names = ("合作商编码", "可用资金", "订单金额", "合作商订单总额", "财务确认", "系统判断")
    rows = listed(doors, "财务查款", *names)
    partners = {row[0]: row[1] for row in rows}
    assert each(doors, '=OD_FUNDS("{}")', list(partners.items())) == numbers(list(partners.values()))
    alone = [row for row in rows if row[2] == row[3] and row[0] not in {"P99", "0P1"}]  # whose funds nobody else took
    said = each(doors, '=OD_CREDIT("{0}";{2})', alone)
    assert said == [row[4] or row[5] for row in alone]
    assert {"有款", "没款", "欠款"} <= set(said)
    assert each(doors, '=OD_CREDIT("{}")', [("P4",), ("P99",)]) == [labels().words["confirmation"]["absent"], None]


def test_giveaways_that_a_paid_line_earns(doors: Doors) -> None:
    [row] = [row for row in doors.nightly["异常明细"] if row["规则"] == "giveaway-exceeded"]
    [paid] = [line for line in doors.nightly["订单汇总"] if line["订单号"] == row["订单号"] and line["类型"] != "赠品"]
    asked = [(paid["活动编号"], paid["产品编码"], paid["数量"])]
    assert each(doors, '=OD_GIVEAWAY("{}";"{}";{})', asked) == [float(row["应为"] or 0)]
    assert re.search(f"应送 {row['应为']}，", str(row["说明"]))
