"""The kinds of book that macros run on, opened for a test: a file, one in a made-up Excel, one in a real Calc."""

from __future__ import annotations

import atexit
import builtins
import importlib.util
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import ModuleType
from typing import Any

import openpyxl
import pytest
import xlwings as xw

from tests import fake_excel
from workbooks.book import Book, FileBook, Selection
from workbooks.live import LiveBook
from workbooks.live_excel import Excel
from workbooks.reading.cells import RawSheet, read_sheets

KINDS = ("file", "excel", "calc")
_SHARED = Path(__file__).parents[2] / "shared" / "spikes" / "libreoffice" / "loengine.py"
_SYSTEM_PACKAGES = "/usr/lib/python3/dist-packages"
_FRESH_PROFILE = {79, 81}  # with these soffice asks to be started again

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


class Calc:
    """LibreOffice's Calc as host: only what the tests need; what Excel alone has is left out."""

    longest = 0

    def __init__(self, selected: Selection | None = None) -> None:
        """Take what the user has selected."""
        self.selection = selected

    def check(self, book: xw.Book, rows: int) -> None:
        assert book.name
        assert rows

    def names(self, book: xw.Book) -> list[str]:
        return [sheet.name for sheet in book.sheets]

    def folder(self, _book: xw.Book) -> str:
        return ""

    def date1904(self, _book: xw.Book) -> bool:
        return False

    def used(self, sheet: xw.Sheet) -> xw.Range:
        return sheet.used_range

    def exact(self, _cells: xw.Range, values: Sequence[Sequence[object]]) -> Sequence[Sequence[object]]:
        return [[value if value != "" else None for value in row] for row in values]

    def merged(self, _cells: xw.Range) -> list[tuple[int, int, int, int]]:
        return []

    def selected(self, _book: xw.Book) -> Selection | None:
        return self.selection

    def add_sheet(self, book: xw.Book) -> xw.Sheet:
        return book.sheets.add(after=book.sheets[-1])

    def show(self, sheet: xw.Sheet) -> None:
        assert sheet.name

    def holds_formula(self, cells: xw.Range) -> bool:
        return bool(cells.api.queryContentCells(16).Count)

    def paint(self, cells: xw.Range, name: str, value: Any) -> None:
        assert cells.shape
        assert name in {"underline", "indent", "locked", "top"}
        assert value is not None

    def dress(self, sheet: xw.Sheet, _made: Any) -> None:
        assert sheet.name

    def link(self, cells: xw.Range, leads: Sequence[Any], shown: Sequence[Any]) -> None:
        assert cells.shape[0] == len(leads) == len(shown)


@cache
def _engine() -> ModuleType | str:
    """Return the engine of the spike, or why there is none."""
    if not _SHARED.exists():
        return "no ../shared"
    if shutil.which("soffice") is None:
        return "no LibreOffice"
    usual, path = builtins.__import__, list(sys.path)
    sys.path.append(_SYSTEM_PACKAGES)
    spec = importlib.util.spec_from_file_location("loengine", _SHARED)
    assert spec is not None
    assert spec.loader is not None
    engine = importlib.util.module_from_spec(spec)
    try:
        spec.loader.exec_module(engine)
    except ImportError as error:
        return f"no python3-uno: {error}"
    finally:
        builtins.__import__, sys.path[:] = usual, path  # uno puts itself between every import and Python
    engine.Range.vertical_alignment = engine.Range.horizontal_alignment = None  # the spike knows neither
    engine.Range.raw_value = engine.Range.raw_value.setter(_plain_values(engine))
    return engine


def _plain_values(engine: ModuleType) -> Callable[[Any, Any], None]:
    """Return a way to write values where text stays text, as in Excel's text cells: the spike makes formulas of it."""
    usual = engine.Range.raw_value.fset

    def write(cells: Any, rows: Any) -> None:
        if any(isinstance(value, str) and value.startswith("=") for row in rows for value in row):
            cells.xl.setDataArray(tuple(tuple("" if value is None else value for value in row) for row in rows))
        else:
            usual(cells, rows)

    return write


@cache
def _calc_app() -> xw.App | str:
    """Return a Calc of this process's own, or why there is none; it goes with the process."""
    engine = _engine()
    if isinstance(engine, str):
        return engine
    profile = tempfile.mkdtemp(prefix="orderdesk-calc-")
    pipe = f"orderdesk{os.getpid()}"
    program = Path("/usr/lib/libreoffice/program/soffice.bin")
    command = [
        str(program if program.exists() else shutil.which("soffice")),
        f"-env:UserInstallation={Path(profile).as_uri()}",
        "--headless", "--norestore", "--nologo", "--nodefault", f"--accept=pipe,name={pipe};urp;",
    ]  # fmt: skip
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "LD_LIBRARY"))}

    def start() -> subprocess.Popen[bytes]:
        return subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

    local = engine.uno.getComponentContext()
    resolver = local.ServiceManager.createInstanceWithContext("com.sun.star.bridge.UnoUrlResolver", local)
    url = f"uno:pipe,name={pipe};urp;StarOffice.ComponentContext"
    running = [start()]

    def stop() -> None:
        running[-1].kill()
        running[-1].wait()
        shutil.rmtree(profile, ignore_errors=True)

    atexit.register(stop)
    for _ in range(300):
        code = running[-1].poll()
        if code in _FRESH_PROFILE:
            running.append(start())
        elif code is not None:
            return f"soffice ended with {code}"
        try:
            resolver.resolve(url)
        except Exception:  # noqa: BLE001 - uno's exceptions are made while it runs
            time.sleep(0.2)
        else:
            return xw.App(impl=engine.App(url=url))
    return "soffice does not answer"


def _calc(_folder: Path, sheets: dict[str, Rows], selected: Selection | None) -> Opened:
    app = _calc_app()
    if isinstance(app, str):
        pytest.skip(app)
    book = app.books.add()
    for place, (name, rows) in enumerate(sheets.items()):
        page = book.sheets[0] if place == 0 else book.sheets.add(after=book.sheets[-1])
        page.name = name
        width = max(map(len, rows))
        cells = page.range((1, 1), (len(rows), width))
        for column in range(width):
            if all(isinstance(row[column], str) for row in rows if column < len(row)):
                page.range((1, column + 1), (len(rows), column + 1)).number_format = "@"
        cells.raw_value = [[*row, *[None] * (width - len(row))] for row in rows]
    live = LiveBook(book, Calc(selected))
    return Opened(live, lambda: {sheet.name: sheet for sheet in live.sheets()})
