"""The formulas alone: small tables, and what Excel sends; tests/macros/test_doors.py holds them to the nightly run."""

from __future__ import annotations

import inspect
import logging
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, date, datetime
from typing import Any

import pandas as pd
import pytest

from tests.formula_cases import CASES, DIV0, NA, REF, SERIAL, VALUE, ZONED
from tests.frames import TODAY, table
from udfs import formulas, prices
from udfs.formula_cells import error_number
from udfs.formula_desk import Desk
from workbooks.errors import WorkbookError
from workbooks.labels import raw
from workbooks.reading import cell_values
from workbooks.reading.recognise import Recogniser
from workbooks.reference import Reference
from workbooks.schema import Policy

TABLES = {
    "products": """
        product_code  product_name  category  list_price  status  valid_from  valid_to
        A1            面霜          护肤      100         在售    -           2026-10-31
        A1            面霜          护肤      120         在售    2026-11-01  -
        B2            口红          彩妆      80          停产    -           -
        C3            洗发水        洗护      50          在售    2027-01-01  -
        D4            没有库存      洗护      10          在售    -           -
    """,
    "partners": """
        partner_code  partner_name  level  contract_discount  credit_limit  tax_id
        P1            星悦          VIP    0.8                1000          91110108551385082Q
        P2            芙蓉阁        B      -                  0             -
        P3            思媛          B      0.7                0             -
    """,
    "policies": """
        campaign  applies_to  levels  start       end         min_discount  buy_qty  free_qty
        K1        全部        VIP     2026-11-01  2026-11-30  0.6           10       2
        K2        护肤        -       2026-11-01  2026-11-20  0.5           -        -
        K3        A1、B2      -       2026-01-01  2026-12-31  0.75          3        1
    """,
    "stock": """
        product_code  on_hand  allocated
        A1            100      30
        A1            5.5      -
        B2            10       40
        Z9            7        -
    """,
    "supply": """
        product_code  eta         quantity
        A1            2026-12-05  50
        A1            2026-11-30  20
    """,
    "finance": """
        partner_code  balance  received  debt  overdue_days  confirmation
        P1            500.10   100       50    10            -
        P2            90       -         10    31            -
    """,
}


class TableDesk:
    """A desk with the tables of this file: no folder, the readers of the real one."""

    policy = Policy()
    today = TODAY

    def __init__(self, *, without: str = "", **tables: str) -> None:  # noqa: D107 - which tables
        given = {kind: text for kind, text in {**TABLES, **tables}.items() if kind not in without.split()}
        self.given = {kind: table(kind, text) for kind, text in given.items()}

    def frames(self) -> dict[str, pd.DataFrame]:
        return self.given

    def code(self, cell: object) -> str | None:
        return cell_values.code_of(cell)

    def number(self, cell: object) -> float | None:
        return cell_values.number_of(cell)

    def day(self, cell: object) -> date | None:
        return cell_values.day_of(cell, self.today)

    def column(self, kind: str, heading: str) -> str | None:
        return next(iter(Recogniser().columns([heading])[kind]), None)

    def order_lines(self, _cells: object) -> str:
        return "订单号"


@pytest.fixture(autouse=True)
def desk() -> Iterator[TableDesk]:
    """Connect the small tables, and nothing afterwards."""
    desk = TableDesk()
    formulas.connect(lambda: desk)
    yield desk
    formulas.connect(None)


def ask(name: str, *arguments: Any) -> Any:
    """Return a formula's answer, the one cell where it is one."""
    answer = getattr(formulas, name)(*arguments)
    return answer[0][0] if len(answer) == len(answer[0]) == 1 else answer


def column(*cells: object) -> tuple[tuple[object, ...], ...]:
    return tuple((cell,) for cell in cells)


def down(answer: list[list[Any]]) -> list[Any]:
    """Return the cells of an answer that is one column."""
    assert all(len(row) == 1 for row in answer)
    return [row[0] for row in answer]


# ---------------------------------------------------------------- each formula


def test_list_price_on_the_date_in_every_spelling() -> None:
    assert ask("OD_LIST_PRICE", "A1") == 120.0
    assert ask("OD_LIST_PRICE", "a1", datetime(2026, 10, 31)) == 100.0  # noqa: DTZ001 - a cell has no zone
    days = column(SERIAL, ZONED, "2026年10月1日", "2026/11/1", "10月31日", None, "", "昨天", 1.0, True)  # noqa: FBT003 - a cell
    assert down(ask("OD_LIST_PRICE", "Ａ１", days)) == [120, 120, 100, 120, 100, 120, 120, 2015, 100, 2015]


def test_a_product_without_a_price_on_the_date_is_unknown() -> None:
    assert down(ask("OD_LIST_PRICE", column("C3", "X", None, "  ", NA))) == [2042, 2042, "", "", 2042]
    assert ask("OD_LIST_PRICE", "C3", "2027-02-01") == 50.0


def test_floor_is_the_lower_of_contract_and_a_campaign_that_counts() -> None:
    assert down(ask("OD_FLOOR", column("P1", "P2", "p3"), "A1")) == [0.8, 1.0, 0.7]
    assert down(ask("OD_FLOOR", "P1", "A1", column("K1", "K2", "K3", None, "K9"))) == [0.6, 0.8, 0.75, 0.8, 2042]
    assert ask("OD_FLOOR", "P3", "A1", "K3") == 0.7  # the contract is lower
    assert ask("OD_FLOOR", "P2", "A1", "K1") == 1.0  # the level does not fit
    assert ask("OD_FLOOR", "P1", "A1", "K2", "2026-11-20") == 0.5  # the last day
    assert ask("OD_FLOOR", "P1", "D4", "K3") == 0.8  # the product does not fit


def test_floor_of_what_is_unknown() -> None:
    assert down(ask("OD_FLOOR", column("P1", "P9", None), column("X", "A1", "A1"))) == [2042, 2042, ""]
    assert ask("OD_FLOOR", "P1", None) == 2042  # half filled in is not clean


def test_discount_check() -> None:
    assert ask("OD_DISCOUNT_CHECK", "P1", "A1", 96.0) == "通过"
    typed = column(95.95, 95.9, 0.0, -1.0, 500.0, None, "96元", "八折")
    low = "待批：有效折扣 {} 低于折扣下限 0.8"
    assert down(ask("OD_DISCOUNT_CHECK", "P1", "A1", typed)) == [
        "通过", low.format("0.7992"), "待批：单价为 0，但不是赠品", low.format("-0.0083"), "通过", "待批：没有单价",
        "通过", 2015,
    ]  # fmt: skip
    assert ask("OD_DISCOUNT_CHECK", "P1", "A1", 72.0, "K1") == "通过"
    assert ask("OD_DISCOUNT_CHECK", "P1", "A1", 72.0, "K1", "2026-12-01") == low.format("0.6")
    assert down(ask("OD_DISCOUNT_CHECK", column("P9", None, DIV0), "A1", 1.0)) == [2042, "", 2007]


def test_giveaway() -> None:
    quantities = column(9.0, 10.0, 29.0, "30支", 0.0, -20.0, None, "多")
    assert down(ask("OD_GIVEAWAY", "K1", "A1", quantities)) == [0, 2, 4, 6, 0, 0, 0, 2015]
    assert down(ask("OD_GIVEAWAY", column("K2", "K3", "K9", None), "A1", 30.0)) == [0, 10, 2042, ""]
    assert ask("OD_GIVEAWAY", "K1", "A1", 30.0, "2026-12-01") == 0  # has ended
    assert ask("OD_GIVEAWAY", "K3", "D4", 30.0) == 0  # not for this product
    assert ask("OD_GIVEAWAY", "K3", "B2", 30.0) == 0  # discontinued: earns nothing
    assert ask("OD_GIVEAWAY", "K3", "X", 30.0) == 2042


def test_available() -> None:
    assert down(ask("OD_AVAILABLE", column("A1", "b2", "D4", "Z9", "X", None))) == [75.5, 0, 0, 7, 2042, ""]


def test_a_tax_number_that_excel_has_rounded_is_an_error() -> None:
    assert formulas.OD_TAX_ID(91110000802100433.0) == [[2015]]
    assert formulas.OD_TAX_ID(110105194912310.0) == [[True]]  # 15 digits, all kept


def test_eta() -> None:
    days = down(ask("OD_ETA", "a1", column(20.0, 20.5, 70.0, 70.1, 0.0, None, "少", VALUE)))
    november, december = (datetime(2026, *day, tzinfo=UTC) for day in ((11, 30), (12, 5)))
    assert days == [november, december, december, 2042, "", "", 2015, 2015]
    assert ask("OD_ETA", "B2", 1.0) == 2042


def test_partner() -> None:
    assert ask("OD_PARTNER", "p1") == "星悦"
    fields = column("合作商名称", "客户名称", "级别", "合同折扣", "信用额度（元）", None, "现存量")
    assert down(ask("OD_PARTNER", "P1", fields)) == ["星悦", "星悦", "VIP", 0.8, 1000, "星悦", 2015]
    assert down(ask("OD_PARTNER", column("P2", "P9", None), "税号")) == ["", 2042, ""]


def test_funds() -> None:
    assert down(ask("OD_FUNDS", column("P1", "P2", "P3", "P9", None))) == [1550.1, 80.0, 2042, 2042, ""]


def test_credit(desk: TableDesk) -> None:
    assert down(ask("OD_CREDIT", column("P1", "P2", "P3", "P9", None))) == ["有款", "欠款", "不在查款表", 2042, ""]
    assert down(ask("OD_CREDIT", "P1", column(1550.1, 1550.11, "1,551元", None, "许多"))) == [
        "有款", "没款", "没款", "有款", 2015,
    ]  # fmt: skip
    desk.policy = Policy(max_overdue_days=60)
    assert ask("OD_CREDIT", "P2", 80.0) == "有款"
    said = TABLES["finance"].replace("10            -", "10            unpaid").replace("31            -", "31  paid")
    formulas.connect(lambda: TableDesk(finance=said))
    assert down(ask("OD_CREDIT", column("P1", "P2"), 999.0)) == ["没款", "有款"]  # finance's word goes first


def test_tax_id_needs_no_team_folder() -> None:
    formulas.connect(None)
    cells = column("91110108551385082Q", "91110108551385082A", 110108551385082.0, None, NA)
    assert down(ask("OD_TAX_ID", cells)) == [True, False, True, "", 2042]


# ---------------------------------------------------------------- shapes, errors, the log


def test_same_shape_out_and_single_cells_beside_each() -> None:
    block = (("A1", "B2", None), ("X", "A1", REF))
    assert ask("OD_LIST_PRICE", block) == [[120, 80, ""], [2042, 120, 2023]]
    assert ask("OD_FLOOR", (("P1", "P2"),), (("A1",),), (("K3", "K3"),)) == [[0.75, 0.75]]
    assert ask("OD_LIST_PRICE", ("A1", "B2")) == [[120, 80]]  # a constant array of one row
    assert ask("OD_LIST_PRICE", (("A1",),)) == 120
    assert ask("OD_LIST_PRICE", ()) == ""


def test_ranges_of_different_shape(caplog: pytest.LogCaptureFixture) -> None:
    assert ask("OD_FLOOR", column("P1", "P2"), (("A1", "A1"),)) == 2015
    assert [record.getMessage() for record in caplog.records] == ["OD_FLOOR: ranges of different shape, 1x2 / 2x1"]


@pytest.mark.parametrize("error", range(-2146826288, -2146826237))
def test_any_error_in_any_argument_goes_out(error: int) -> None:
    assert ask("OD_FLOOR", error, "A1") == error & 0xFFFF
    assert ask("OD_FLOOR", "P1", "A1", error) == error & 0xFFFF
    assert ask("OD_FLOOR", None, "A1", None, error) == error & 0xFFFF


def test_only_errors_are_errors() -> None:
    assert error_number(NA) == 2042
    assert error_number(-2147352572) is None  # an argument that was not given
    assert ask("OD_LIST_PRICE", "A1", -2147352572) == 120
    assert ask("OD_ETA", "A1", 20) == datetime(2026, 11, 30, tzinfo=UTC)  # VBA's own whole numbers
    assert ask("OD_LIST_PRICE", True) == 2042  # noqa: FBT003 - a cell


@pytest.mark.parametrize(
    ("missing", "name", "arguments", "answer"),
    [
        ("products", "OD_LIST_PRICE", (column("A1", None, NA),), [2023, "", 2042]),
        ("partners", "OD_FLOOR", ("P1", "A1"), 2023),
        ("products", "OD_FLOOR", ("P1", "A1"), 2023),
        ("policies", "OD_FLOOR", ("P1", "A1", column("K1", None)), [2023, 0.8]),  # asked only where one is named
        ("policies", "OD_GIVEAWAY", ("K1", "A1", 10.0), 2023),
        ("stock", "OD_AVAILABLE", ("A1",), 2023),
        ("products", "OD_AVAILABLE", (column("A1", "D4"),), [75.5, 2023]),
        ("supply", "OD_ETA", ("A1", 1.0), 2023),
        ("partners", "OD_PARTNER", ("P1",), 2023),
        ("finance", "OD_FUNDS", (column("P1", None),), [2023, ""]),
        ("partners", "OD_FUNDS", ("P1",), 2023),
        ("finance", "OD_CREDIT", ("P1",), 2023),
    ],
)
def test_a_missing_table(missing: str, name: str, arguments: tuple[Any, ...], answer: Any) -> None:
    formulas.connect(lambda: TableDesk(without=missing))
    answered = ask(name, *arguments)
    assert (down(answered) if isinstance(answered, list) else answered) == answer


@pytest.mark.parametrize("name", [formula.__name__ for formula in formulas.FORMULAS if "TAX" not in formula.__name__])
def test_without_a_team_folder_or_with_wrong_settings(name: str, desk: TableDesk) -> None:
    count = len(inspect.signature(getattr(formulas, name)).parameters)
    formulas.connect(None)
    assert ask(name, *["A1"] * count) == 2023

    class Lost(TableDesk):
        def frames(self) -> dict[str, pd.DataFrame]:
            raise WorkbookError("no-folder", path="D:/x")

    formulas.connect(Lost)
    assert ask(name, *["A1"] * count) == 2023
    formulas.connect(lambda: desk)
    assert ask("OD_FUNDS", "P2") == 80


def test_one_log_line_with_a_count_for_a_range(caplog: pytest.LogCaptureFixture) -> None:
    ask("OD_ETA", "A1", column(*["x"] * 3000, NA, 1.0))
    ask("OD_LIST_PRICE", column(*["X"] * 50, NA, None))  # unknown codes and errors that came in are no news
    assert [record.getMessage() for record in caplog.records] == [
        "OD_ETA: argument 2: no number, first 'x' (3000 of 3002 cells)"
    ]
    assert {record.name for record in caplog.records} == {"orderdesk"}


def test_a_bug_is_logged_with_its_traceback(monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture) -> None:
    def broken(*_arguments: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(prices, "floor", broken)
    assert ask("OD_FLOOR", column("P1", "P2"), "A1") == 2015
    [record] = caplog.records
    assert record.levelno == logging.ERROR
    assert "ZeroDivisionError" in str(record.exc_text or record.exc_info)


def test_tables_that_changed_are_looked_up_anew(desk: TableDesk) -> None:
    assert ask("OD_AVAILABLE", "A1") == 75.5
    desk.given = TableDesk(stock="product_code  on_hand\nA1  3").given
    assert ask("OD_AVAILABLE", "A1") == 3


def test_the_real_desk_is_a_desk() -> None:
    desk: Desk = Reference.__new__(Reference)
    assert desk


# ---------------------------------------------------------------- what Excel shows, and what it costs to load


def test_help_and_signatures_name_the_same_arguments() -> None:
    said = raw()["formulas"]
    assert list(said) == [formula.__name__ for formula in formulas.FORMULAS]
    for formula in formulas.FORMULAS:
        entry = said[formula.__name__]
        assert set(entry) == {"says", "says_en", "example", "args"}
        assert list(entry["args"]) == list(inspect.signature(formula).parameters)
        texts = [entry["says"], entry["says_en"], *(text for pair in entry["args"].values() for text in pair)]
        assert all(0 < len(text) <= 255 for text in texts)
        assert all(len(pair) == 2 for pair in entry["args"].values())
        assert entry["example"].startswith(f"={formula.__name__}(")
        assert entry["says_en"].isascii()
        assert formula.__doc__


def test_optional_arguments_are_the_last_and_default_to_none() -> None:
    for formula in formulas.FORMULAS:
        defaults = [parameter.default for parameter in inspect.signature(formula).parameters.values()]
        optional = [default is None for default in defaults]
        assert optional == sorted(optional)


def test_the_cases_name_every_formula() -> None:
    assert {name for name, _ in CASES} == {formula.__name__ for formula in formulas.FORMULAS}


def test_importing_the_formulas_reads_no_workbook_and_needs_no_xlwings() -> None:
    code = "import sys, udfs.formulas; print([n for n in ('fastexcel', 'xlsxwriter', 'xlwings') if n in sys.modules])"
    told = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    # Windows needs xlwings to know the formulas by
    assert told.strip() == ("['xlwings']" if sys.platform == "win32" else "[]")
