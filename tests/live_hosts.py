"""The kinds of book that macros run on, opened for a test: a file, one in a made-up Excel, one in a real Calc."""

from __future__ import annotations

import atexit
import shutil
import tempfile
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import ModuleType
from typing import Any

import openpyxl
import xlwings as xw

from tests import fake_excel
from tests.calc_desk import skip_without_calc
from workbooks.book import Book, FileBook, Selection
from workbooks.live import LiveBook
from workbooks.live_calc import Calc
from workbooks.live_excel import Excel
from workbooks.reading.cells import RawSheet, read_sheets
from xl_addin.calc import office
from xl_addin.calc.engine import app_of

KINDS = ("file", "excel", "calc")

Rows = list[list[Any]]


@dataclass(frozen=True)
class Opened:
    """A book, and how to look at all its sheets, results included."""

    book: Book
    look: Callable[[], dict[str, RawSheet]]


def open_book(kind: str, folder: Path, sheets: dict[str, Rows], selected: Selection | None = None) -> Opened:
    """Open a workbook with these sheets as that kind of book; skips the test where there is no Calc."""
    return {"file": _file, "excel": _excel, "calc": _calc}[kind](folder, sheets, selected)


def texts(sheet: RawSheet) -> Rows:
    """Return a sheet's texts, row by row; errors as they are spelt."""
    columns = [column.to_pylist() for column in sheet.cells]
    for (row, column), text in sheet.errors.items():
        columns[column][row] = text
    return [list(row) for row in zip(*columns, strict=True)]


def _file(folder: Path, sheets: dict[str, Rows], selected: Selection | None) -> Opened:
    path, result = folder / "book.xlsx", folder / "result.xlsx"
    book = openpyxl.Workbook()
    book.remove(book.active)
    for name, rows in sheets.items():
        page = book.create_sheet(name)
        for row in rows:
            page.append(row)
    book.save(path)

    def look() -> dict[str, RawSheet]:
        files = [file for file in (path, result) if file.exists()]
        return {sheet.name: sheet for file in files for sheet in read_sheets(file.read_bytes(), ".xlsx")}

    return Opened(FileBook(path, result, selected), look)


# ---------------------------------------------------------------------------------------------------- a made-up Excel


@cache
def windows_engine() -> ModuleType:
    """Return xlwings' Windows engine, loaded once."""
    return fake_excel.windows_engine()


def live_in(excel: fake_excel.Application, pulse: Callable[[], None] | None = None) -> LiveBook:
    """Return the workbook that is open in a made-up Excel, as the macros see it."""
    app = xw.App(impl=windows_engine().App(xl=excel))
    return LiveBook(app.books.active, Excel(), pulse)


def _excel(_folder: Path, sheets: dict[str, Rows], selected: Selection | None) -> Opened:
    excel = fake_excel.Application()
    book = excel.open(sheets)
    if selected is not None:
        page = next(page for page in book.pages if page.name == selected[0])
        excel.Selection = fake_excel.Range(page, [(row, 1, row, 3) for row in sorted(selected[1])])
    live = live_in(excel)
    return Opened(live, lambda: {sheet.name: sheet for sheet in live.sheets()})


# ------------------------------------------------------------------------------------------------------- a real Calc


@cache
def calc_context() -> Any:
    """Return the component context of a Calc of this process's own, which ends with it; skips where there is none."""
    skip_without_calc()
    profile = Path(tempfile.mkdtemp(prefix="orderdesk-calc-"))
    stack = ExitStack()
    stack.callback(shutil.rmtree, profile, ignore_errors=True)
    atexit.register(stack.close)
    return stack.enter_context(office.Running(profile))


@cache
def calc_app() -> xw.App:
    """Return that Calc as xlwings' App."""
    return app_of(calc_context())


def live_in_calc(sheets: dict[str, Rows], pulse: Callable[[], None] | None = None) -> LiveBook:
    """Return a new workbook with these sheets, open in Calc, as the macros see it; those of before are closed."""
    app = calc_app()
    for old in list(app.books):
        old.close()
    book = app.books.add()
    for place, (name, rows) in enumerate(sheets.items()):
        page = book.sheets[0] if place == 0 else book.sheets.add(after=book.sheets[-1])
        page.name = name
        width = max(map(len, rows))
        page.range((1, 1), (len(rows), width)).raw_value = [[*row, *[None] * (width - len(row))] for row in rows]
    book.sheets[0].activate()
    return LiveBook(book, Calc(), pulse)


def select_rows(book: xw.Book, selected: Selection) -> None:
    """Select rows of a sheet in Calc, as a user does."""
    name, rows = selected
    sheet = book.sheets[name]
    sheet.range(",".join(f"A{row}:C{row}" for row in sorted(rows))).select()


def _calc(_folder: Path, sheets: dict[str, Rows], selected: Selection | None) -> Opened:
    live = live_in_calc(sheets)
    if selected is not None:
        select_rows(live.book, selected)
    return Opened(live, lambda: {sheet.name: sheet for sheet in live.sheets()})
