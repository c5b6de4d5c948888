"""Order Desk as LibreOffice's component knows it: a formula's answer, and a button pressed."""

from __future__ import annotations

import inspect
import logging
import threading
from collections.abc import Callable, Sequence
from functools import cache
from typing import Any

from udfs.formulas import FORMULAS
from xl_addin.calc.arguments import arguments, reply
from xl_addin.log import log_file, log_to
from xl_addin.server import connect

_PRESSED = threading.Lock()


@cache
def _formulas() -> dict[str, tuple[Callable[..., Any], int]]:
    """Return the formulas by name with how many arguments each requires, connected to the user's team folder."""
    log_to(log_file(), logging.getLogger("orderdesk"))
    connect()
    return {formula.__name__: (formula, _required(formula)) for formula in FORMULAS}


def _required(formula: Callable[..., Any]) -> int:
    parameters = inspect.signature(formula).parameters.values()
    return sum(parameter.default is parameter.empty for parameter in parameters)


def answer(name: str, given: Sequence[Any]) -> tuple[tuple[Any, ...], ...]:
    """Return a formula's answer as rows of cells; raises KeyError where there is no such formula."""
    formula, required = _formulas()[name]
    return reply(formula(*arguments(given, required)), given)


def press(button: str, context: Any) -> None:
    """Do what a button says on the document in front, and show what the user must be told."""
    _formulas()  # the log and the team folder are the same
    if _PRESSED.locked():  # LibreOffice still hears windows of other documents while a macro asks it to draw
        logging.getLogger("orderdesk").info("%s: another button is at work", button)
        return
    from xl_addin import buttons  # noqa: PLC0415 - a formula does without
    from xl_addin.calc.program import CalcProgram  # noqa: PLC0415 - the same

    with _PRESSED:
        program = CalcProgram(context)
        text = buttons.press(button, lambda: program)
    if text:
        program.tell(text)
