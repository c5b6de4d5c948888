"""Every button on every kind of book, and that it says what the nightly run says."""

from __future__ import annotations

import shutil
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from macros import desk
from macros.desk_input import last_day, own_result
from tests.live_hosts import KINDS, Opened, open_book, texts
from tests.macros.conftest import Demo
from udfs import formulas
from workbooks.book import Cancelled, FileBook
from workbooks.errors import WorkbookError
from workbooks.labels import labels
from workbooks.layout import LAYOUTS, PACKAGING_LAYOUTS, RETURN_LAYOUTS
from workbooks.reading.cells import read_sheets
from workbooks.reading.problems import Problem
from workbooks.reference import Reference
from workbooks.team import day_in

DAY = date(2026, 11, 21)
HEADINGS = ["订单号", "合作商编码", "产品编码", "数量", "单价"]
# row 2 clean; 3 sold under its floor; 4 cannot be read
ORDERS: list[list[Any]] = [
    HEADINGS,
    ["A1", "P{partner}", "{product}", 24.0, 200.0],
    ["A2", "P{partner}", "{product}", 24.0, 1.0],
    ["A2", "P{partner}", "{product}", "很多", 1.0],
]
BLANK: dict[str, list[list[Any]]] = {"Sheet9": [["备忘"]]}

each_kind = pytest.mark.parametrize("kind", KINDS)
each_live = pytest.mark.parametrize("kind", [kind for kind in KINDS if kind != "file"])
each_button = pytest.mark.parametrize(
    "button", [button for button in desk.BUTTONS if {*desk.BUTTONS[button]} <= {*LAYOUTS}]
)


@pytest.fixture(scope="session")
def reference(demo: Demo) -> Reference:
    """Return the demo's tables, as the process behind Excel keeps them."""
    return Reference(demo.folder, today=lambda: DAY)


@pytest.fixture(scope="session")
def nightly(demo: Demo) -> dict[str, list[list[Any]]]:
    """Return the nightly workbook's sheets as texts."""
    return {sheet.name: texts(sheet) for sheet in read_sheets(demo.result.read_bytes(), ".xlsx")}


@pytest.fixture(scope="session")
def orders(reference: Reference) -> list[list[Any]]:
    """Return a small sheet of orders of a partner and a product that the demo knows."""
    tables = reference.tables()
    partners, products = tables["partners"].frame, tables["products"].frame
    partner = partners[partners["status"] == "正常"]["partner_code"].iloc[0]
    product = products[(products["status"] == "在售") & (products["list_price"] > 50)]["product_code"].iloc[0]
    fill = {"P{partner}": partner, "{product}": product}
    return [[fill.get(cell, cell) for cell in row] for row in ORDERS]


def written(opened: Opened, names: tuple[str, ...]) -> dict[str, list[list[Any]]]:
    """Return the sheets of these names as texts."""
    found = opened.look()
    return {name: texts(found[name]) for name in names}


# ---------------------------------------------------------------------------------------------------- the contract


@each_kind
@each_button
def test_a_button_writes_its_sheets_beside_the_teams(
    button: str, kind: str, orders: list[list[Any]], reference: Reference, tmp_path: Path
) -> None:
    opened = open_book(kind, tmp_path, {"订单": orders}, ("订单", frozenset({2, 3, 4})))
    before = texts(opened.look()["订单"])
    done = desk.run(button, opened.book, reference, DAY)
    layouts = {**LAYOUTS, **RETURN_LAYOUTS}
    wanted = [layouts[key].name for key in desk.BUTTONS[button]]
    assert list(done.sheets)[: len(wanted)] == wanted
    assert done.sheets[-1] == "读取问题" or button == "merge"  # row 4 was not accepted
    for name, rows in written(opened, done.sheets).items():
        layout = next(layout for layout in layouts.values() if layout.name == name)
        assert rows[0] == [column.heading for column in layout.columns]
    assert texts(opened.look()["订单"]) == before


@each_kind
def test_pressed_twice_it_writes_new_sheets_and_reads_none_of_its_own(
    kind: str, orders: list[list[Any]], reference: Reference, tmp_path: Path
) -> None:
    opened = open_book(kind, tmp_path, {"订单": orders})
    first = desk.run("audit", opened.book, reference, DAY)
    again = desk.run("audit", opened.book, reference, DAY)
    assert again.sheets == tuple(f"{name} (2)" for name in first.sheets)
    sheets = written(opened, (*first.sheets, *again.sheets))
    for name in first.sheets:
        assert sheets[f"{name} (2)"] == sheets[name]


@each_kind
def test_the_demo_day_is_what_the_nightly_run_says(
    kind: str, reference: Reference, nightly: dict[str, list[list[Any]]], tmp_path: Path
) -> None:
    opened = open_book(kind, tmp_path, BLANK)
    wrote = {
        name: (button, key)
        for button in ("merge", "stock", "audit", "funds", "transfers", "finance")
        for key, name in zip(desk.BUTTONS[button], desk.run(button, opened.book, reference, DAY).sheets, strict=False)
    }
    assert {key for _, key in wrote.values()} == set(LAYOUTS) - {"pending", "approvals", "resubmitted"}
    for name, rows in written(opened, tuple(wrote)).items():
        button, key = wrote[name]
        found, same = rows, nightly[LAYOUTS[key].name]
        if key == "problems":  # the open book's own sheet is one more that nobody knows
            found = sorted((row for row in found if row[1] != "Sheet9"), key=str)
            same = sorted(same, key=str)
        if (button, key) == ("funds", "findings"):
            same = [same[0], *(row for row in same if row[0] in desk.FINANCE)]
        assert found == same, (button, name)


@each_kind
def test_stopped_in_the_middle_nothing_is_written(
    kind: str, orders: list[list[Any]], reference: Reference, tmp_path: Path
) -> None:
    opened = open_book(kind, tmp_path, {"订单": orders})

    def stop(step: str) -> None:
        if step == "finance":
            raise Cancelled

    with pytest.raises(Cancelled):
        desk.run("audit", opened.book, reference, DAY, stop)
    assert set(opened.look()) == {"订单"}


@each_kind
def test_single_rows_are_judged_within_the_day_and_shown_alone(
    kind: str, orders: list[list[Any]], reference: Reference, tmp_path: Path
) -> None:
    opened = open_book(kind, tmp_path, {"订单": orders}, ("订单", frozenset({3})))
    sheets = written(opened, desk.run("line", opened.book, reference, DAY).sheets)
    assert [row[1] for row in sheets["订单汇总"][1:]] == ["A2"]
    assert "discount-below-floor" in {row[0] for row in sheets["异常明细"][1:]}
    assert {row[4] for row in sheets["异常明细"][1:]} == {"A2"}
    assert "读取问题" not in sheets  # row 4 was not asked for


@pytest.mark.parametrize("selected", [None, ("订单", frozenset({1})), ("订单", frozenset()), ("备忘", frozenset({2}))])
@each_live
def test_a_selection_without_an_order_line_is_said(
    kind: str, selected: Any, orders: list[list[Any]], reference: Reference, tmp_path: Path
) -> None:
    opened = open_book(kind, tmp_path, {"订单": orders, "备忘": [["x"], ["y"]]})
    opened.book.host.selected = lambda _book: selected  # type: ignore[attr-defined] # it is alive
    with pytest.raises(WorkbookError) as told:
        desk.run("line", opened.book, reference, DAY)
    assert told.value.code == "no-line-selected"


def test_a_selected_row_that_was_not_accepted_is_shown_with_its_reason(
    orders: list[list[Any]], reference: Reference, tmp_path: Path
) -> None:
    opened = open_book("file", tmp_path, {"订单": orders}, ("订单", frozenset({4})))
    sheets = written(opened, desk.run("line", opened.book, reference, DAY).sheets)
    assert len(sheets["订单汇总"]) == 1
    assert [row[3] for row in sheets["读取问题"][1:]] == ["D4"]


@each_live
def test_only_rows_in_view_are_judged_where_a_filter_is_on(
    kind: str, orders: list[list[Any]], reference: Reference, tmp_path: Path
) -> None:
    opened = open_book(kind, tmp_path, {"订单": orders}, ("订单", frozenset({2, 3})))
    live: Any = opened.book
    if kind == "calc":
        live.book.sheets[0].api.Rows.getByIndex(1).IsVisible = False
    else:
        live.book.sheets[0].api.hidden = {2}
    sheets = written(opened, desk.run("line", opened.book, reference, DAY).sheets)
    assert [row[1] for row in sheets["订单汇总"][1:]] == ["A2"]


# ---------------------------------------------------------------------------------------------------- what is read


def test_half_a_character_stops_neither_a_button_nor_the_formula(
    orders: list[list[Any]], reference: Reference, tmp_path: Path
) -> None:
    rows = [[*orders[0], "备注"], [*orders[1], "\ud83d"]]
    opened = open_book("excel", tmp_path, {"订单": rows})
    assert [row[1] for row in written(opened, desk.run("audit", opened.book, reference, DAY).sheets)["订单汇总"]] == [
        "订单号", "A1",
    ]  # fmt: skip
    formulas.connect(lambda: reference)
    try:
        answer = formulas.OD_AUDIT(rows)
    finally:
        formulas.connect(None)
    assert [len(row) for row in answer] == [len(answer[0])] * 2
    assert not any(isinstance(cell, int) for row in answer for cell in row)


@each_live
def test_whose_tables_count(kind: str, orders: list[list[Any]], reference: Reference, tmp_path: Path) -> None:
    product = orders[1][2]
    stock = [["产品编码", "现存量", "仓库"], [product, 5.0, "本店"]]
    opened = open_book(kind, tmp_path, {"订单": orders[:2], "我的库存": stock})
    sheets = written(opened, desk.run("stock", opened.book, reference, DAY).sheets)
    (row,) = [row for row in sheets["库存量表"] if row[0] == product]
    assert row[2] == "5"  # the book's own stock, not the team's
    assert [row[4] for row in sheets["读取问题"][1:]].count("用了本工作簿的表") == 1


def test_releases_of_orders_that_the_book_does_not_hold_are_not_called_unused(
    orders: list[list[Any]], reference: Reference, tmp_path: Path
) -> None:
    assert len(reference.tables()["releases"].frame) > 1
    opened = open_book("file", tmp_path, {"订单": orders})
    desk.run("audit", opened.book, reference, DAY)
    assert "release-unused" not in {row[0] for row in texts(opened.look()["异常明细"])}


def test_a_sheet_that_lacks_a_heading_of_orders_is_said_and_no_other_orders_are_taken_for_it(
    orders: list[list[Any]], reference: Reference, tmp_path: Path
) -> None:
    opened = open_book("excel", tmp_path, {"订单": [["编号", *HEADINGS[1:]], *orders[1:]]})
    with pytest.raises(WorkbookError) as told:
        desk.run("merge", opened.book, reference, DAY)
    assert told.value.code == "no-order-sheet"
    assert dict(told.value.fields["first"].fields)["missing"] == "订单号"  # type: ignore[attr-defined] # a Problem


def test_finances_answer_in_our_own_sheet_is_read_and_the_newer_sheet_goes_first(
    orders: list[list[Any]], reference: Reference, tmp_path: Path
) -> None:
    path = tmp_path / "book.xlsx"
    book = openpyxl.Workbook()
    page = book.active
    page.title = "订单"
    for row in orders[:2]:
        page.append(row)
    headings = [column.heading for column in LAYOUTS["funds"].columns]
    for name, answer in (("财务查款", "没款"), ("财务查款 (2)", "欠款"), ("财务查款 (3)", None)):
        answers = book.create_sheet(name)
        answers.append(headings)
        answers.append([orders[1][1], None, None, "A1", None, None, None, None, None, answer])
    book.save(path)
    opened = FileBook(path, tmp_path / "result.xlsx")
    done = desk.run("returns", opened, reference, DAY)
    (sheet, *_) = read_sheets(opened.result.read_bytes(), ".xlsx")
    assert [(row[1], row[5], row[6]) for row in texts(sheet)[1:]] == [("A1", "欠款", "已确认")]
    assert done.sheets == ("退单清单", "待改", "待批清单")


@each_live
@pytest.mark.parametrize("key", [*LAYOUTS, *PACKAGING_LAYOUTS, *RETURN_LAYOUTS])
def test_our_own_sheets_are_known_by_their_headings(key: str, kind: str, tmp_path: Path) -> None:
    headings: list[Any] = [column.heading for column in {**LAYOUTS, **PACKAGING_LAYOUTS, **RETURN_LAYOUTS}[key].columns]
    opened = open_book(kind, tmp_path, {"改名": [headings], "多一列": [[*headings, "我的备注"]], "少": [headings[1:]]})
    found = {name: own_result(sheet) for name, sheet in opened.look().items()}
    assert found == {"改名": key, "多一列": key, "少": None}


def test_without_orders_of_today_the_last_day_is_taken_and_said(
    demo: Demo, reference: Reference, tmp_path: Path
) -> None:
    opened = open_book("excel", tmp_path, BLANK)
    done = desk.run("transfers", opened.book, reference, DAY + timedelta(days=2))
    rows = written(opened, done.sheets)
    assert done.day == DAY
    assert "2026-11-21 的全部订单" in done.says("zh")
    assert {row[0] for row in rows["转出登记"][1:]} == {"2026-11-21"}
    assert [row[5] for row in rows["读取问题"] if row[4] == "不是今天的订单"] == ["2026-11-21"]
    assert last_day(demo.folder, DAY - timedelta(days=1)) is None


def test_a_book_in_the_days_folder_is_judged_as_on_that_day(demo: Demo, reference: Reference, tmp_path: Path) -> None:
    folder = demo.folder / labels().folders["orders"] / f"{DAY}"
    book = FileBook(folder / "直营.xlsx", tmp_path / "result.xlsx")
    assert desk.run("merge", book, reference, date(2027, 3, 1)).day == DAY
    server = open_book("excel", tmp_path, {"x": [["y"]]})
    excel_book: Any = server.book
    excel_book.host.folder = lambda _book: "https://example.com/Documents/2026-11-20"
    assert day_in(server.book.folder) == date(2026, 11, 20)
    assert day_in(r"D:\团队\区域订单\2026-11-20\华北") == date(2026, 11, 20)  # sub-folders are allowed
    assert day_in("") is day_in("/no/day/here") is None


@pytest.mark.parametrize(("days", "code"), [([], "no-day"), (["2026-11-25"], "no-day"), (["2026-11-01"], "no-orders")])
def test_no_orders_anywhere_is_said(days: list[str], code: str, tmp_path: Path) -> None:
    for day in days:
        (tmp_path / "team" / labels().folders["orders"] / day).mkdir(parents=True)
    (tmp_path / "team").mkdir(exist_ok=True)
    opened = open_book("excel", tmp_path, {"Sheet1": [[None, None]]})
    with pytest.raises(WorkbookError) as told:
        desk.run("merge", opened.book, Reference(tmp_path / "team"), DAY)
    assert told.value.code == code


def test_an_open_sheet_that_almost_is_orders_is_named(orders: list[list[Any]], tmp_path: Path) -> None:
    (tmp_path / "team").mkdir()
    opened = open_book("excel", tmp_path, {"订单": [["编号", *HEADINGS[1:]], *orders[1:]]})
    with pytest.raises(WorkbookError) as told:
        desk.run("merge", opened.book, Reference(tmp_path / "team"), DAY)
    assert told.value.code == "no-order-sheet"
    assert isinstance(told.value.fields["first"], Problem)


def test_rules_that_did_not_run_are_said_in_the_book_and_to_the_user(
    demo: Demo, orders: list[list[Any]], tmp_path: Path
) -> None:
    team = tmp_path / "team"
    shutil.copytree(demo.folder, team, ignore=shutil.ignore_patterns("输出", "库存", "区域订单"))
    opened = open_book("excel", tmp_path, {"订单": orders[:2]})
    done = desk.run("audit", opened.book, Reference(team, today=lambda: DAY), DAY)
    assert "short-stock" in done.not_run
    assert "库存表" in done.says("zh")
    assert "Rules that did not run" in done.says("en")
    (row,) = [row for row in written(opened, done.sheets)["读取问题"] if row[4] == "规则未运行"]
    assert "库存不足" in row[6] or "缺货" in row[6] or labels().rules["short-stock"].name in row[6]


@each_live
def test_where_all_is_well_nothing_more_is_written(
    kind: str, orders: list[list[Any]], reference: Reference, tmp_path: Path
) -> None:
    opened = open_book(kind, tmp_path, {"订单": orders[:2], "Sheet2": [[None]]})
    done = desk.run("audit", opened.book, reference, DAY)
    assert done.sheets == ("订单汇总", "异常明细")
    assert done.says("zh") == labels().message("check-alone")
