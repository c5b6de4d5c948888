"""The program: its open books, what is selected, and how much it does by itself while a macro works."""

from __future__ import annotations

import itertools
import math
import numbers
import os
from collections.abc import Iterator, Sequence
from datetime import date, datetime
from typing import Any

import xlwings as xw
from xlwings import base_classes as base

from workbooks.live_cells import ERROR_BASE, ERRORS
from xl_addin.calc.engine.books import Book, Books
from xl_addin.calc.engine.ranges import Range
from xl_addin.calc.engine.structs import Uno, area_of, properties
from xl_addin.calc.office import load_uno

_SETUP = "/org.openoffice.Setup"


class Engine:
    """What xlwings asks of an engine."""

    name = "libreoffice"
    type = "desktop"

    def __init__(self) -> None:
        """Make an engine that knows no program yet."""
        self.apps = Apps()

    @staticmethod
    def prepare_xl_data_element(value: Any, _options: Any) -> Any:
        """Return a value as Range.raw_value takes it; pandas' and NumPy's own kinds of nothing are blanks."""
        if value is None or isinstance(value, (str, bool, date)):  # pandas' NaT is a date to nobody, not even itself
            return None if value is None or value != value else value  # noqa: PLR0124 - NaT
        if isinstance(value, numbers.Number) and not isinstance(value, complex):
            number = float(value)  # type: ignore[arg-type] # a Number has no __float__ on paper
            return None if math.isnan(number) else number
        if type(value).__name__ in {"NAType", "NaTType"}:
            return None
        as_python = getattr(value, "item", None)  # NumPy's scalars
        return as_python() if as_python is not None else value

    @staticmethod
    def clean_value_data(
        data: Sequence[Sequence[Any]],
        datetime_builder: Any,
        empty_as: Any,
        number_builder: Any,
        err_to_str: bool,  # noqa: FBT001 - xlwings' own order
    ) -> list[list[Any]]:
        """Return what raw_value gave as `Range.value` promises it."""

        def clean(value: Any) -> Any:
            if value is None:
                return empty_as
            if isinstance(value, datetime):
                parts = ("year", "month", "day", "hour", "minute", "second", "microsecond")
                return datetime_builder(**{part: getattr(value, part) for part in parts}, tzinfo=None)
            if type(value) is int:
                return ERRORS.get(value - ERROR_BASE, "#VALUE!") if err_to_str else None
            return number_builder(value) if number_builder is not None and type(value) is float else value

        return [[clean(value) for value in row] for row in data]


class Apps(base.Apps):  # type: ignore[misc] # xlwings has no types
    """The programs that are known, by process."""

    def __init__(self) -> None:
        """Make an empty collection."""
        self._apps: dict[int, App] = {}

    def known(self, context: Uno) -> App:
        """Return the program of a component context."""
        if context == load_uno().getComponentContext():  # we are inside it
            pid = os.getpid()
            if pid not in self._apps:
                self._apps[pid] = App(context, pid)
            return self._apps[pid]
        pid = next(_OUTSIDE)
        self._apps[pid] = App(context, pid)
        return self._apps[pid]

    def put_first(self, pid: int) -> None:
        """Make a program the active one."""
        self._apps = {pid: self._apps[pid]} | self._apps

    def forget(self, pid: int) -> None:
        """Drop a program that has ended."""
        self._apps.pop(pid, None)

    def keys(self) -> list[int]:
        """Return the programs' numbers."""
        return list(self._apps)

    def __iter__(self) -> Iterator[App]:
        """Yield the programs."""
        yield from list(self._apps.values())

    def __len__(self) -> int:
        """Return how many there are."""
        return len(self._apps)

    def __getitem__(self, pid: int) -> App:
        """Return the program of that number."""
        return self._apps[pid]


class App(base.App):  # type: ignore[misc] # xlwings has no types
    """LibreOffice, of which only Calc's documents are seen."""

    visible = True
    display_alerts = True  # UNO asks nobody anything
    interactive = True
    enable_events = True  # kept for who asks; Calc's own macros are not in the way
    hwnd = None
    pid = 0  # in place of a property of xlwings', which cannot be set
    api: Uno = None  # the same

    def __init__(self, context: Uno, pid: int) -> None:
        """Take a component context; pid: its process, or a number under 0 that stands for one outside."""
        self.context, self.pid, self.engine = context, pid, ENGINE
        self.api = self.service("frame.Desktop")
        self._locked: list[Uno] = []
        self._stopped: list[Uno] = []
        self._indicator: Uno = None
        self._said: str | bool = False

    def service(self, name: str) -> Uno:
        """Return a new object of the service com.sun.star.<name>."""
        return self.context.ServiceManager.createInstanceWithContext(f"com.sun.star.{name}", self.context)

    @property
    def books(self) -> Books:
        """Return the open workbooks."""
        return Books(self)

    @property
    def selection(self) -> Range | None:
        """Return the cells selected; None where no cells are."""
        book = self.books.active
        selected = None if book is None else book.xl.CurrentSelection
        if book is None or selected is None or not hasattr(selected, "queryVisibleCells"):  # a shape, a chart
            return None
        addresses = selected.RangeAddresses if hasattr(selected, "RangeAddresses") else (selected.RangeAddress,)
        return Range(book.sheets(addresses[0].Sheet + 1), [area_of(address) for address in addresses])

    def setting(self, path: str, name: str) -> Any:
        """Return a setting of LibreOffice's configuration."""
        access = "com.sun.star.configuration.ConfigurationAccess"
        provider = self.service("configuration.ConfigurationProvider")
        return provider.createInstanceWithArguments(access, properties(nodepath=path)).getByName(name)

    @property
    def version(self) -> str:
        """Return LibreOffice's version."""
        return str(self.setting(f"{_SETUP}/Product", "ooSetupVersion"))

    @property
    def locale(self) -> str:
        """Return the language of its menus, as zh-CN."""
        return str(self.setting(f"{_SETUP}/L10N", "ooLocale"))

    @property
    def _front(self) -> list[Uno]:
        """Return the document in front: only what is worked on is kept still, for a setting marks it as changed."""
        book = self.books.active
        return [] if book is None else [book.xl]

    @property
    def screen_updating(self) -> bool:
        """Tell whether what changes in the book in front is shown at once."""
        return not self._locked

    @screen_updating.setter
    def screen_updating(self, value: bool) -> None:
        """Set it: screen updating."""
        if not value and not self._locked:
            self._locked = self._front
            for document in self._locked:
                document.lockControllers()
        elif value:
            still, here = self._locked, [book.xl for book in self.books]
            self._locked = []
            for document in still:
                if document in here:  # it may have been closed in between
                    document.unlockControllers()

    @property
    def calculation(self) -> str:
        """Return manual or automatic; each book has its own setting, and this is that of the one in front."""
        documents = self._front
        automatic = not documents or any(document.isAutomaticCalculationEnabled() for document in documents)
        return "automatic" if automatic else "manual"

    @calculation.setter
    def calculation(self, value: str) -> None:
        """Set it: calculation."""
        here = [book.xl for book in self.books]
        if value == "manual":
            self._stopped += [document for document in self._front if document.isAutomaticCalculationEnabled()]
            changed, automatic = list(self._stopped), False
        else:  # a book that its user had set to manual stays so
            changed, automatic, self._stopped = self._stopped or self._front, True, []
        for document in changed:
            if document in here:
                document.enableAutomaticCalculation(automatic)

    def calculate(self) -> None:
        """Recalculate every book."""
        for book in self.books:
            book.xl.calculateAll()

    @property
    def status_bar(self) -> str | bool:
        """Return what we said in the status bar; False where Calc says its own."""
        return self._said

    @status_bar.setter
    def status_bar(self, value: str | bool) -> None:
        """Set it: status bar."""
        if self._indicator is not None and value is False:
            self._indicator.end()
            self._indicator = None
        elif isinstance(value, str):
            book = self.books.active
            controller = book.xl.CurrentController if book is not None else None
            if self._indicator is not None:
                self._indicator.setText(value)
            elif controller is not None:
                self._indicator = controller.Frame.createStatusIndicator()
                self._indicator.start(value, 0)
        self._said = value

    def activate(self, steal_focus: bool = False) -> None:  # noqa: FBT001, FBT002 - xlwings' own words
        """Make it the active program, and bring its active book's window to the front."""
        ENGINE.apps.put_first(self.pid)
        book = self.books.active
        if book is not None and steal_focus:
            book.activate()

    def quit(self) -> None:
        """Close every book and end LibreOffice."""
        for book in list(self.books):
            book.close()
        ENGINE.apps.forget(self.pid)
        self.api.terminate()


ENGINE = Engine()
_OUTSIDE = itertools.count(-1, -1)


def app_of(context: Uno) -> xw.App:
    """Return the program of a UNO component context, ours or another process's, as xlwings' App.

    Where xlwings has no engine, as on Linux, this one becomes the active one: to activate a sheet takes one.
    """
    if xw.engines.active is None:
        register()
    return xw.App(impl=ENGINE.apps.known(context))


def book_of(context: Uno, document: Uno) -> xw.Book:
    """Return one of its documents as xlwings' Book."""
    return xw.Book(impl=Book(document, ENGINE.apps.known(context)))


def register() -> None:
    """Make it the engine that xw.books, xw.apps and xw.Range mean without being told."""
    made = xw.main.Engine(impl=ENGINE)
    xw.engines.add(made)
    made.activate()
