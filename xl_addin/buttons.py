"""What Excel calls when a button of the ribbon is pressed: one door for all of them, and the last one for bugs."""

from __future__ import annotations

import logging
import os
from collections.abc import Callable, Mapping
from datetime import date
from pathlib import Path
from typing import Any

import xlwings as xw

from macros import desk as macros
from workbooks.book import Cancelled
from workbooks.errors import WorkbookError
from workbooks.labels import Lang, labels, raw
from workbooks.live import LiveBook, at_work
from workbooks.live_excel import Excel, escape_pressed
from xl_addin import desk, doctor, log, manual
from xl_addin.wording import boxed, told

LOG = logging.getLogger("orderdesk")
_MENU_LANGUAGE, _PRIMARY, _CHINESE = 2, 0x3FF, 4  # Office's number for it; where a language id names the language
_FOLDER_PICKER, _CHOSEN = 4, -1


def press(button: str, application: Any) -> list[list[str]]:  # noqa: ANN401 - Excel's own object
    """Do what a button says, and return what the user must be told: nothing where all went well, or Esc was pressed.

    button: its id in the ribbon. application: Excel's Application object. Never raises: a bug is logged.
    """
    lang: Lang = "zh"
    try:
        app = _app(application)
        lang = _menu_language(app)
        text = _press(button, app, lang)
    except WorkbookError as error:
        place = _said("log", lang, path=log.log_file())
        text = boxed(f"{told(error, lang)}\n\n{place}", closing=place)
        LOG.warning("%s: %s", button, error)
    except Exception as error:  # noqa: BLE001 - the outermost door: a bug is logged, and the user told where
        text = labels(lang).message("bug", path=log.log_bug(error))
    return [[boxed(text)]]


# The decorators return the function itself, marked for CallUDF: taken and given back as it is.
xw.func(xw.arg("button", "raw")(xw.arg("application", "raw")(xw.ret("raw")(press))))


def _app(application: Any) -> xw.App:  # noqa: ANN401 - Excel's own object
    from xlwings import _xlwindows  # noqa: PLC0415 - it imports on Windows alone

    return xw.App(impl=_xlwindows.App(xl=application))


def _menu_language(app: xw.App) -> Lang:
    return "zh" if app.api.LanguageSettings.LanguageID(_MENU_LANGUAGE) & _PRIMARY == _CHINESE else "en"


def _press(button: str, app: xw.App, lang: Lang) -> str:
    if button in macros.BUTTONS:
        return _run(button, app, lang)
    if button in _OTHERS:
        return _OTHERS[button](app, lang)
    return _said("no-such", lang, button=_label(button, lang))


def _run(button: str, app: xw.App, lang: Lang) -> str:
    """Run a macro on the active workbook; what it leaves to say, and that it was stopped, stands in the status bar."""
    if app.api.ActiveWorkbook is None:
        raise WorkbookError("no-open-book")
    escape_pressed(app)  # one pressed before the button means nothing
    name = _label(button, lang)

    def pulse() -> None:
        if escape_pressed(app):
            raise Cancelled

    def progress(step: str) -> None:
        pulse()
        app.status_bar = _said("progress", lang, button=name, step=labels(lang).message(f"step-{step}"))

    book = LiveBook(app.books.active, Excel(), pulse)
    today = date.today()  # noqa: DTZ011 - the clerk's own date is what is meant
    try:
        with at_work(app):
            left = macros.run(button, book, desk.reference(), today, progress).says(lang)
    except Cancelled:
        left = _said("cancelled", lang, button=name)
    if left:
        app.status_bar = left
    return ""


def _choose_folder(app: xw.App, lang: Lang) -> str:
    """Let the user choose; a folder without the tables that formulas need is taken, for they may come, but said."""
    picker = app.api.FileDialog(_FOLDER_PICKER)
    picker.Title = _said("choose_folder", lang)
    if picker.Show() == _CHOSEN:
        desk.save_team_folder(Path(str(picker.SelectedItems(1))))
        found = doctor.team()
        if found.ok is False:
            return f"{found.says(lang)}\n{found.do(lang)}"
    return ""


def _refresh(_app: xw.App, _lang: Lang) -> str:
    desk.reference().refresh()
    return ""


def _examine(_app: xw.App, lang: Lang) -> str:
    return doctor.text(doctor.examine(), lang)


def _open_log(_app: xw.App, _lang: Lang) -> str:
    path = log.log_file()
    return "" if _opened(path.parent) else str(path)


def _open_help(_app: xw.App, lang: Lang) -> str:
    try:
        page = manual.publish(desk.desk_folder())
    except FileNotFoundError:  # installed without its manual
        return _said("help", lang)
    return "" if _opened(page) else _said("help", lang)


def _opened(path: Path) -> bool:
    """Open a file or folder as a double click does; False where nothing can."""
    start: Callable[[Path], None] | None = getattr(os, "startfile", None)
    if start is None:
        return False
    try:
        start(path)
    except OSError:
        return False
    return True


_OTHERS: Mapping[str, Callable[[xw.App, Lang], str]] = {
    "folder": _choose_folder,
    "refresh": _refresh,
    "doctor": _examine,
    "log": _open_log,
    "help": _open_help,
}


def _label(button: str, lang: Lang) -> str:
    """Return what the ribbon calls a button."""
    zh, en = raw()["ribbon"].get(button, {"label": [button, button]})["label"]
    return str(zh if lang == "zh" else en)


def _said(code: str, lang: Lang, **fields: object) -> str:
    return str(raw()["buttons"][code][lang]).format(**fields)
