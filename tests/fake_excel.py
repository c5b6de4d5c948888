"""A stand-in for Excel's COM objects, and xlwings' own Windows engine loaded on any system to drive it.

Only Excel itself is made up here: xlwings' Windows code runs as it is. The objects know the properties and methods that
are used and refuse others; they keep Excel's rules that matter for safety: what a text becomes in a cell that is no
text cell, names that are taken, hidden sheets that cannot be moved, charts that count as sheets, as many sheets added
as are selected, rows that a filter hides. Every property and method counts as one call.
"""

# Names are Excel's own, and the classes say what their making and magic is for.
# ruff: noqa: D105, D107, N802

from __future__ import annotations

import ctypes
import importlib.util
import itertools
import re
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from types import ModuleType
from typing import Any
from unittest.mock import MagicMock, patch

import xlwings as xw

LAST_ROW, LAST_COLUMN = 1_048_576, 16_384
AUTOMATIC, MANUAL, VISIBLE = -4105, -4135, -1


class ComError(Exception):
    """What pywin32 raises where Excel refuses."""

    hresult = -2147352567
    excepinfo = None


@dataclass
class Calls:
    """The calls that reached Excel; trip is asked before each and may raise."""

    count: Counter[str] = field(default_factory=Counter)
    trip: Callable[[str], None] | None = None

    def told(self, name: str) -> None:
        self.count[name] += 1
        if self.trip is not None:
            self.trip(name)


class Com:
    """A COM object: its names begin with a capital, and it has no others than those of its class."""

    def __init__(self, calls: Calls) -> None:
        self.calls = calls

    def __getattribute__(self, name: str) -> Any:
        if name[0].isupper():
            self.calls.told(f"{type(self).__name__}.{name}")
        return object.__getattribute__(self, name)

    def __setattr__(self, name: str, value: Any) -> None:
        if name[0].isupper():
            self.calls.told(f"{type(self).__name__}.{name} =")
            if not hasattr(type(self), name):
                raise AttributeError(name)
        object.__setattr__(self, name, value)


@dataclass
class Cell:
    """One cell: what it holds, its formula, and whatever is set on it."""

    value: Any = None
    formula: str = ""
    look: dict[str, Any] = field(default_factory=lambda: {"NumberFormat": "General"})


NOTHING = Cell()


def _as_value(cell: Cell) -> Any:
    """Return what Value says: currency to four places, a number in a date's format as a date."""
    if isinstance(cell.value, Decimal):
        return round(cell.value, 4)
    if isinstance(cell.value, float) and "yy" in cell.look["NumberFormat"]:
        return datetime(1899, 12, 30, tzinfo=UTC) + timedelta(days=cell.value)
    return cell.value


def _letters(column: int) -> str:
    return (_letters((column - 1) // 26) if column > 26 else "") + chr(ord("A") + (column - 1) % 26)


def _corner(text: str) -> tuple[int, int]:
    found = re.fullmatch(r"([A-Z]+)(\d+)", text.replace("$", ""))
    if not found:
        raise ComError(text)
    column = 0
    for letter in found[1]:
        column = column * 26 + ord(letter) - 64
    return int(found[2]), column


def _areas(address: str) -> list[tuple[int, int, int, int]]:
    if len(address) > 255:
        raise ComError(f"an address of {len(address)} characters")
    corners = [[_corner(end) for end in part.split(":")] for part in address.split(",")]
    return [(*ends[0], *ends[-1]) for ends in corners]


def _looked_up(name: str) -> property:
    """A property that is set on every cell, and is None where the cells differ."""

    def get(self: Range) -> Any:
        found = {self.sheet.look(place).get(name) for place in self.places()}
        return found.pop() if len(found) == 1 else None

    def put(self: Range, value: Any) -> None:
        for place in self.places():
            self.sheet.cell(place).look[name] = value

    return property(get, put)


class Range(Com):
    """Cells, in one area or several."""

    def __init__(self, sheet: Worksheet, areas: list[tuple[int, int, int, int]]) -> None:
        super().__init__(sheet.calls)
        self.sheet, self.areas = sheet, areas

    def places(self) -> Iterator[tuple[int, int]]:
        for top, left, bottom, right in self.areas:
            yield from ((row, column) for row in range(top, bottom + 1) for column in range(left, right + 1))

    Worksheet = property(lambda self: self.sheet)
    EntireRow = property(lambda self: Rows(self.sheet, self.areas[0][0], self.areas[0][2]))
    Row = property(lambda self: self.areas[0][0])
    Column = property(lambda self: self.areas[0][1])
    Rows = property(lambda self: Count(self.calls, self.areas[0][2] - self.areas[0][0] + 1))
    Columns = property(lambda self: Count(self.calls, self.areas[0][3] - self.areas[0][1] + 1))
    Areas = property(lambda self: [Range(self.sheet, [area]) for area in self.areas])
    Font = property(lambda self: Part(self, "Font"))
    Interior = property(lambda self: Part(self, "Interior"))
    Validation = property(lambda self: Part(self, "Validation"))
    Borders = property(lambda self: lambda side: Part(self, f"Borders({side})"))
    NumberFormat = _looked_up("NumberFormat")
    WrapText = _looked_up("WrapText")
    HorizontalAlignment = _looked_up("HorizontalAlignment")
    VerticalAlignment = _looked_up("VerticalAlignment")
    IndentLevel = _looked_up("IndentLevel")
    Locked = _looked_up("Locked")
    ColumnWidth = _looked_up("ColumnWidth")
    RowHeight = _looked_up("RowHeight")

    @property
    def Address(self) -> str:
        parts = (f"${_letters(c0)}${r0}:${_letters(c1)}${r1}" for r0, c0, r1, c1 in self.areas)
        return ",".join(parts)

    def Cells(self, row: int, column: int) -> Range:
        place = self.areas[0][0] + row - 1, self.areas[0][1] + column - 1
        return Range(self.sheet, [(*place, *place)])

    def _rows(self, of: Callable[[Any], Any]) -> Any:
        top, left, bottom, right = self.areas[0]
        rows = tuple(
            tuple(of(self.sheet.grid.get((row, column), NOTHING)) for column in range(left, right + 1))
            for row in range(top, bottom + 1)
        )
        return rows[0][0] if len(rows) == len(rows[0]) == 1 else rows

    @property
    def Value(self) -> Any:
        return self._rows(_as_value)

    @Value.setter
    def Value(self, values: Any) -> None:
        self._enter(values, self.sheet.enter)

    @property
    def Value2(self) -> Any:
        return self._rows(lambda cell: float(cell.value) if isinstance(cell.value, Decimal) else cell.value)

    def _formulas(self, values: Any) -> None:
        self._enter(values, self.sheet.enter)

    Formula = property(lambda self: self._rows(lambda cell: cell.formula), _formulas)

    def _enter(self, values: Any, enter: Callable[[tuple[int, int], Any], None]) -> None:
        top, left, bottom, right = self.areas[0]
        if not isinstance(values, (list, tuple)):
            values = [[values] * (right - left + 1)] * (bottom - top + 1)
        if (len(values), len(values[0])) != (bottom - top + 1, right - left + 1):
            raise ComError("an array of another shape fills up with #N/A")
        for row, cells in enumerate(values, top):
            for column, value in enumerate(cells, left):
                enter((row, column), value)

    @property
    def HasFormula(self) -> bool | None:
        found = {bool(self.sheet.grid.get(place, NOTHING).formula) for place in self.places()}
        return found.pop() if len(found) == 1 else None

    def SpecialCells(self, which: int) -> Range:
        assert which == 12
        areas, hidden = self.areas, sorted(self.sheet.hidden)
        if len(areas) == 1 and areas[0][:2] == areas[0][2:]:  # of a single cell: those of the whole sheet
            areas = self.sheet.UsedRange.areas
        found = []
        for top, left, bottom, right in areas:
            edges = [top - 1, *(row for row in hidden if top <= row <= bottom), bottom + 1]
            found += [(a + 1, left, b - 1, right) for a, b in itertools.pairwise(edges) if b - a > 1]
        if not found or self.sheet.guarded:
            raise ComError("no cells were found")
        return Range(self.sheet, found)

    @property
    def MergeCells(self) -> bool | None:
        found = {self.sheet.merged_at(place) is not None for place in self.places()}
        return found.pop() if len(found) == 1 else None

    @property
    def MergeArea(self) -> Range:
        [place] = self.places()
        return Range(self.sheet, [self.sheet.merged_at(place) or (*place, *place)])

    def AutoFilter(self, _field: int) -> None:
        self.sheet.extras["filter"] = self.Address

    def AddComment(self, text: str) -> None:
        self.sheet.extras.setdefault("notes", {})[self.areas[0][:2]] = text

    def Find(self, _what: str, after: Range, *how: int) -> Range | None:
        assert after.areas == [(1, 1, 1, 1)]
        filled = [place for place, cell in self.sheet.grid.items() if cell.value is not None]
        if not filled:
            return None
        place = max(filled, key=lambda place: place[0] if how[2] == 1 else place[1])
        return Range(self.sheet, [(*place, *place)])


class Count(Com):
    def __init__(self, calls: Calls, count: int) -> None:
        super().__init__(calls)
        self.count = count

    Count = property(lambda self: self.count)


class Rows(Com):
    def __init__(self, sheet: Worksheet, first: int, last: int) -> None:
        super().__init__(sheet.calls)
        self.sheet, self.numbers = sheet, range(first, last + 1)

    @property
    def Hidden(self) -> bool | None:
        found = {row in self.sheet.hidden for row in self.numbers}
        return found.pop() if len(found) == 1 else None


class Part:
    """Font, Interior, a border or the validation of a range: whatever is set on it is kept on its cells."""

    ALLOWED = frozenset(
        [
            *("Font.Name", "Font.Size", "Font.Color", "Font.Bold", "Font.Underline"),
            *("Interior.Color", "Interior.ColorIndex", "LineStyle", "Color"),
            *("Validation.Delete", "Validation.Add", "Validation.IgnoreBlank"),
            *("Validation.InputTitle", "Validation.InputMessage", "Validation.ErrorTitle", "Validation.ErrorMessage"),
        ]
    )

    def __init__(self, cells: Range, name: str) -> None:
        vars(self).update(cells=cells, name=name)

    def _known(self, name: str) -> str:
        full = f"{self.name}.{name}"
        self.cells.calls.told(full)
        if full not in self.ALLOWED and not (self.name.startswith("Borders") and name in self.ALLOWED):
            raise AttributeError(full)
        return full

    def __setattr__(self, name: str, value: Any) -> None:
        full = self._known(name)
        for place in self.cells.places():
            self.cells.sheet.cell(place).look[full] = value

    def __getattr__(self, name: str) -> Any:
        full = self._known(name)
        if name in {"Add", "Delete"}:
            return lambda *how: self.cells.sheet.extras.update({full: (self.cells.Address, how)})
        return {self.cells.sheet.look(place).get(full) for place in self.cells.places()}.pop()


class Worksheet(Com):
    def __init__(self, book: Workbook, name: str) -> None:
        super().__init__(book.calls)
        self.book, self.name = book, name
        self.grid: dict[tuple[int, int], Cell] = {}
        self.merge([])
        self.visible = VISIBLE
        self.hidden: set[int] = set()
        self.guarded = False
        self.extras: dict[str, Any] = {}

    Parent = property(lambda self: self.book)
    Application = property(lambda self: self.book.app)
    Index = property(lambda self: self.book.tabs.index(self) + 1)
    Rows = property(lambda self: Count(self.calls, LAST_ROW))
    Visible = property(lambda self: self.visible)

    @property
    def Cells(self) -> Everything:
        return Everything(self)

    def cell(self, place: tuple[int, int]) -> Cell:
        return self.grid.setdefault(place, Cell())

    def look(self, place: tuple[int, int]) -> dict[str, Any]:
        return self.grid.get(place, NOTHING).look

    def merge(self, areas: list[tuple[int, int, int, int]]) -> None:
        self.merged = {place: area for area in areas for place in Range(self, [area]).places()}

    def merged_at(self, place: tuple[int, int]) -> tuple[int, int, int, int] | None:
        return self.merged.get(place)

    def enter(self, place: tuple[int, int], value: Any) -> None:
        """Take a value as Excel does: outside a text cell a text that looks like something else becomes it."""
        assert isinstance(value, (str, float)), value
        cell = self.cell(place)
        cell.value, cell.formula = (None if value == "" else value), ""
        if not isinstance(value, str) or cell.look["NumberFormat"] == "@":
            return
        if value.startswith("'"):
            cell.value = value[1:]
        elif value[:1] in {"=", "+", "-", "@"}:
            link = re.fullmatch(r'=HYPERLINK\("((?:[^"]|"")*)",(\d+)\)', value)
            cell.value, cell.formula = (float(link[2]) if link else -2146826259), value
        elif re.fullmatch(r"\d+(\.\d+)?", value):
            cell.value = float(value)

    @property
    def Name(self) -> str:
        return self.name

    @Name.setter
    def Name(self, name: str) -> None:
        others = {page.name.casefold() for page in self.book.pages if page is not self}
        if name.casefold() in others or not 0 < len(name) <= 31 or set(name) & set("[]:*?/\\"):
            raise ComError(name)
        self.name = name

    @property
    def UsedRange(self) -> Range:
        if not self.grid:
            return Range(self, [(1, 1, 1, 1)])
        rows, columns = zip(*self.grid, strict=True)
        return Range(self, [(min(rows), min(columns), max(rows), max(columns))])

    def Range(self, first: Any, last: Any = None) -> Range:
        if isinstance(first, Range):
            return Range(self, [(*first.areas[0][:2], *last.areas[0][2:])])
        return Range(self, _areas(first))

    def Activate(self) -> None:
        self.book.shown = self

    def Delete(self) -> None:
        if self.book.app.DisplayAlerts:
            raise ComError("Excel asks the user")
        self.book.tabs.remove(self)
        if self.book.shown is self:
            self.book.shown = self.book.pages[-1]

    def Move(self, Before: Worksheet) -> None:  # noqa: N803 - the same
        if self.visible != VISIBLE:
            raise ComError("a hidden sheet")
        self.book.tabs.remove(self)
        self.book.tabs.insert(self.book.tabs.index(Before), self)


class Everything(Com):
    def __init__(self, sheet: Worksheet) -> None:
        super().__init__(sheet.calls)
        self.sheet = sheet

    def __call__(self, row: int, column: int) -> Range:
        self.calls.told("Cells()")
        return Range(self.sheet, [(row, column, row, column)])

    def Find(self, *how: Any) -> Range | None:
        return Range(self.sheet, [(1, 1, LAST_ROW, LAST_COLUMN)]).Find(*how)


class Worksheets(Com):
    def __init__(self, book: Workbook) -> None:
        super().__init__(book.calls)
        self.book = book

    Parent = property(lambda self: self.book)
    Count = property(lambda self: len(self.book.pages))

    def __iter__(self) -> Iterator[Worksheet]:
        for page in list(self.book.pages):
            self.calls.told("Worksheets next")
            yield page

    def __call__(self, key: int | str) -> Worksheet:
        self.calls.told("Worksheets()")
        if isinstance(key, int):
            return self.book.pages[key - 1]
        return next(page for page in self.book.pages if page.name == key)

    def Add(self, Before: Tab | None = None, After: Tab | None = None, Count: int | None = None) -> Worksheet:  # noqa: N803 - the same
        assert Before is None or After is None
        tabs = self.book.tabs
        for _ in range(self.book.grouped if Count is None else Count):
            page = Worksheet(self.book, f"Sheet{len(tabs) + 100}")
            if After is not None and not self.book.deaf_to_after:
                tabs.insert(tabs.index(After) + 1, page)
            else:
                tabs.insert(tabs.index(Before or self.book.shown), page)
            self.book.shown = page
        self.book.grouped = 1
        return page


class Sheets(Worksheets):
    """The worksheets and the charts among them."""

    def __iter__(self) -> Iterator[Any]:
        for tab in list(self.book.tabs):
            self.calls.told("Sheets next")
            yield tab


class Window(Com):
    def __init__(self, book: Workbook) -> None:
        super().__init__(book.calls)
        self.book = book

    def __setattr__(self, name: str, value: Any) -> None:
        if name[0].isupper():
            self.calls.told(f"Window.{name} =")
            self.book.shown.extras[name] = value
        else:
            object.__setattr__(self, name, value)


class Workbook(Com):
    def __init__(self, app: Application, name: str, folder: str, sheets: list[str]) -> None:
        super().__init__(app.calls)
        self.app, self.name, self.folder = app, name, folder
        self.tabs: list[Tab] = [Worksheet(self, sheet) for sheet in sheets]
        self.shown = self.pages[0]
        self.days_1904 = self.guarded = self.shared = self.deaf_to_after = False
        self.grouped = 1  # sheets that are selected together

    Name = property(lambda self: self.name)
    Path = property(lambda self: self.folder)
    Application = property(lambda self: self.app)
    Worksheets = property(Worksheets)
    Sheets = property(Sheets)
    ActiveSheet = property(lambda self: self.shown)
    Date1904 = property(lambda self: self.days_1904)
    ProtectStructure = property(lambda self: self.guarded)
    MultiUserEditing = property(lambda self: self.shared)

    @property
    def pages(self) -> list[Worksheet]:
        """Return the worksheets, without the charts."""
        return [tab for tab in self.tabs if isinstance(tab, Worksheet)]

    def Windows(self, _number: int) -> Window:
        return Window(self)


class Chart(Com):
    """A chart on a sheet of its own."""

    def __init__(self, book: Workbook, name: str) -> None:
        super().__init__(book.calls)
        self.book, self.name = book, name

    Name = property(lambda self: self.name)
    Index = property(lambda self: self.book.tabs.index(self) + 1)
    Visible = VISIBLE


Tab = Worksheet | Chart


class Application(Com):
    """Excel, with one workbook open or none."""

    Hwnd = 1
    Selection: Any = None
    ScreenUpdating = EnableEvents = DisplayAlerts = True
    Calculation = AUTOMATIC
    StatusBar: str | bool = False

    def __init__(self, language: int = 2052) -> None:
        super().__init__(Calls())
        self.language = language
        self.book: Workbook | None = None
        self.chosen: str | None = None

    Application = property(lambda self: self)
    Workbooks = property(lambda self: self)
    ActiveWorkbook = property(lambda self: self.book)
    LanguageSettings = property(lambda self: self)

    def LanguageID(self, which: int) -> int:
        assert which == 2
        return self.language

    def FileDialog(self, which: int) -> Any:
        assert which == 4
        return MagicMock(Show=lambda: -1 if self.chosen else 0, SelectedItems=lambda _place: self.chosen)

    def open(self, sheets: dict[str, list[list[Any]]], name: str = "book.xlsx", folder: str = "") -> Workbook:
        """Open a workbook that holds these cells."""
        self.book = Workbook(self, name, folder, list(sheets))
        for page, rows in zip(self.book.pages, sheets.values(), strict=True):
            for row, cells in enumerate(rows, 1):
                for column, value in enumerate(cells, 1):
                    if value is not None:
                        page.grid[row, column] = Cell(value)
        return self.book


def windows_engine() -> ModuleType:
    """Return xlwings' Windows engine, loaded without Windows; what it calls of Windows itself does nothing."""
    stand_ins = {
        name: MagicMock(name=name)
        for name in ("win32api", "win32con", "pythoncom", "win32gui", "win32process", "win32timezone", "win32com")
    }
    client = ModuleType("win32com.client")
    for name in ("CDispatch", "DispatchBaseClass", "Dispatch", "DispatchEx", "CoClassBaseClass"):
        setattr(client, name, type(name, (), {}))
    stand_ins["win32com"].client = client
    pywintypes = ModuleType("pywintypes")
    vars(pywintypes).update(com_error=ComError, error=OSError, TimeType=datetime)
    stand_ins["win32process"].GetWindowThreadProcessId = lambda _window: (0, 4711)
    modules = {**stand_ins, "win32com.client": client, "pywintypes": pywintypes}
    stand_ins["pythoncom"].__file__ = "pythoncom"
    windows = {name: MagicMock(name=name) for name in ("windll", "oledll", "PyDLL")}
    path = Path(xw.__file__).with_name("_xlwindows.py")
    spec = importlib.util.spec_from_file_location("xlwings._xlwindows", path)
    assert spec is not None
    assert spec.loader is not None
    with (
        patch.dict(sys.modules, modules),
        patch.multiple(ctypes, create=True, **windows),
        patch("atexit.register"),
    ):
        engine = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(engine)
    sys.modules.pop("xlwings._win32patch", None)  # it holds on to the stand-ins
    return engine
