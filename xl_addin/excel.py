"""What Excel calls when a button of the ribbon is pressed, and Excel as the program that a button needs."""

from __future__ import annotations

import os
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import xlwings as xw

from workbooks.errors import WorkbookError
from workbooks.labels import Lang
from workbooks.live import LiveBook, at_work
from workbooks.live_excel import Excel, escape_pressed
from xl_addin import buttons, checks, doctor

_MENU_LANGUAGE, _PRIMARY, _CHINESE = 2, 0x3FF, 4  # Office's number for it; where a language id names the language
_FOLDER_PICKER, _CHOSEN = 4, -1


def press(button: str, application: Any) -> list[list[str]]:  # noqa: ANN401 - Excel's own object
    """Do what a button says, and return what the user must be told: nothing where all went well, or Esc was pressed.

    button: its id in the ribbon. application: Excel's Application object. Never raises: a bug is logged.
    """
    return [[buttons.press(button, lambda: ExcelProgram(_app(application)))]]


# The decorators return the function itself, marked for CallUDF: taken and given back as it is.
xw.func(xw.arg("button", "raw")(xw.arg("application", "raw")(xw.ret("raw")(press))))


def _app(application: Any) -> xw.App:  # noqa: ANN401 - Excel's own object
    from xlwings import _xlwindows  # noqa: PLC0415 - it imports on Windows alone

    return xw.App(impl=_xlwindows.App(xl=application))


class ExcelProgram:
    """Excel, as buttons.Program asks it."""

    def __init__(self, app: xw.App) -> None:
        """Take a running Excel."""
        self.app = app

    @property
    def lang(self) -> Lang:
        """Return the language of Excel's menus, Chinese or English."""
        language = self.app.api.LanguageSettings.LanguageID(_MENU_LANGUAGE)
        return "zh" if language & _PRIMARY == _CHINESE else "en"

    def book(self, pulse: Callable[[], None]) -> LiveBook:
        """Return the active workbook; raises WorkbookError where none is open."""
        if self.app.api.ActiveWorkbook is None:
            raise WorkbookError("no-open-book")
        return LiveBook(self.app.books.active, Excel(), pulse)

    def at_work(self, _title: str) -> ExitStack:
        """Keep Excel from redrawing, calculating and telling macros of every step."""
        return at_work(self.app)

    def cancelled(self) -> bool:
        """Tell whether Esc was pressed since the last look."""
        return escape_pressed(self.app)

    def progress(self, text: str) -> None:
        """Show a text in the status bar."""
        self.app.status_bar = text

    def leave(self, text: str, *, warning: bool = False) -> None:  # noqa: ARG002 - the status bar has one colour
        """Show a text in the status bar."""
        self.app.status_bar = text

    def choose_folder(self, title: str) -> Path | None:
        """Let the user choose a folder in Office's own dialog."""
        picker = self.app.api.FileDialog(_FOLDER_PICKER)
        picker.Title = title
        return Path(str(picker.SelectedItems(1))) if picker.Show() == _CHOSEN else None

    def open(self, path: Path) -> bool:
        """Open a file or folder as a double click does; False where nothing can."""
        start: Callable[[Path], None] | None = getattr(os, "startfile", None)
        if start is None:
            return False
        try:
            start(path)
        except OSError:
            return False
        return True

    def examination(self) -> str:
        """Return what `orderdesk doctor` finds, as the message box holds it."""
        return checks.text(doctor.examine(), self.lang)
