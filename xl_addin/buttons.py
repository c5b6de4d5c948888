"""What a button does, whatever program it is pressed in: one door for all of them, and the last one for bugs."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from datetime import date
from pathlib import Path
from time import perf_counter
from typing import Protocol

from macros import desk as macros
from workbooks.book import Cancelled
from workbooks.errors import WorkbookError
from workbooks.labels import Lang, labels, raw
from workbooks.live import LiveBook
from xl_addin import checks, desk, log, manual
from xl_addin.wording import boxed, told

LOG = logging.getLogger("orderdesk")


class Program(Protocol):
    """The spreadsheet program in which a button was pressed, as far as a button needs it."""

    @property
    def lang(self) -> Lang:
        """Return the language that the program speaks."""

    def book(self, pulse: Callable[[], None]) -> LiveBook:
        """Return the workbook in front; raises WorkbookError where none is open."""

    def at_work(self, title: str) -> ExitStack:
        """Keep the program still until the stack is left, which puts it back as it was."""

    def cancelled(self) -> bool:
        """Tell whether the user wants the macro to stop."""

    def progress(self, text: str) -> None:
        """Show what is being done."""

    def leave(self, text: str, *, warning: bool = False) -> None:
        """Show what is left to say once all is done; it takes no click."""

    def choose_folder(self, title: str) -> Path | None:
        """Let the user choose a folder; None where no one is chosen."""

    def open(self, path: Path) -> bool:
        """Open a file or folder as a double click does; False where nothing can."""

    def examination(self) -> str:
        """Return what the self-check for this program finds, as a text to show."""


def press(button: str, find: Callable[[], Program]) -> str:
    """Do what a button says, and return what the user must be told: "" where all went well, or it was cancelled.

    button: its id in the ribbon. find: gives the program. Never raises: a bug is logged.
    """
    lang: Lang = "zh"
    try:
        program = find()
        lang = program.lang
        text = _press(button, program)
    except WorkbookError as error:
        place = _said("log", lang, path=log.log_file())
        text = boxed(f"{told(error, lang)}\n\n{place}", closing=place)
        LOG.warning("%s: %s", button, error)
    except Exception as error:  # noqa: BLE001 - the outermost door: a bug is logged, and the user told where
        text = log.told_bug(error, lang)
    return boxed(text)


def _press(button: str, program: Program) -> str:
    if button in macros.BUTTONS:
        return _run(button, program)
    if button in _OTHERS:
        return _OTHERS[button](program)
    return _said("no-such", program.lang, button=label(button, program.lang))


def _run(button: str, program: Program) -> str:
    """Run a macro on the workbook in front; what it leaves to say, and that it was stopped, takes no click."""
    lang, name = program.lang, label(button, program.lang)
    steps: list[tuple[str, float]] = []

    def pulse() -> None:
        if program.cancelled():
            raise Cancelled

    def progress(step: str) -> None:
        pulse()
        steps.append((step, perf_counter()))
        program.progress(_said("progress", lang, button=name, step=labels(lang).message(f"step-{step}")))

    book = program.book(pulse)
    program.cancelled()  # what was pressed before the button means nothing
    today = date.today()  # noqa: DTZ011 - the clerk's own date is what is meant
    try:
        with program.at_work(name):
            done = macros.run(button, book, desk.reference(), today, progress)
        left, warning = done.says(lang), bool(done.not_run or done.problems)
    except Cancelled:
        left, warning = _said("cancelled", lang, button=name), False
    ends = [start for _, start in steps[1:]] + [perf_counter()]
    spent = (f"{step} {end - start:.2f} s" for (step, start), end in zip(steps, ends, strict=True))
    LOG.info("%s: %s", button, ", ".join(spent))  # so that "it is slow today" can be looked into
    program.leave(left, warning=warning)
    return ""


def _choose_folder(program: Program) -> str:
    """Let the user choose; a folder without the tables that formulas need is taken, for they may come, but said."""
    folder = program.choose_folder(_said("choose_folder", program.lang))
    if folder is not None:
        desk.save_team_folder(folder)
        found = checks.team()
        if found.ok is False:
            return f"{found.says(program.lang)}\n{found.do(program.lang)}"
        program.leave(_said("refreshed", program.lang, tables=len(desk.reference().tables())))
    return ""


def _refresh(program: Program) -> str:
    desk.reference().refresh()
    program.leave(_said("refreshed", program.lang, tables=len(desk.reference().tables())))
    return ""


def _open_log(program: Program) -> str:
    path = log.log_file()
    return "" if program.open(path.parent) else str(path)


def _open_help(program: Program) -> str:
    try:
        page = manual.publish(desk.desk_folder())
    except FileNotFoundError:  # installed without its manual
        return _said("help", program.lang)
    return "" if program.open(page) else _said("help", program.lang)


_OTHERS: Mapping[str, Callable[[Program], str]] = {
    "folder": _choose_folder,
    "refresh": _refresh,
    "doctor": lambda program: program.examination(),
    "log": _open_log,
    "help": _open_help,
}


def label(button: str, lang: Lang) -> str:
    """Return what the ribbon calls a button."""
    zh, en = raw()["ribbon"].get(button, {"label": [button, button]})["label"]
    return str(zh if lang == "zh" else en)


def _said(code: str, lang: Lang, **fields: object) -> str:
    return str(raw()["buttons"][code][lang]).format(**fields)
