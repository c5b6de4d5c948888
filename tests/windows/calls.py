"""Runs on Windows: calls every formula of tests/formula_cases.py in a running server. Prints one line of JSON.

Usage: winpy calls.py CLSID
"""

from __future__ import annotations

import json
import sys
import time
from datetime import UTC, datetime
from typing import Any

from tests.formula_cases import CASES
from tests.windows.cells import cells
from xl_addin.activate import HELLO, call

assert sys.platform == "win32"
import pythoncom  # noqa: E402 - is there only from here on, to a checker of types too
import pywintypes  # noqa: E402 - the same
import win32com.client  # noqa: E402 - the same

PATIENCE = 60  # seconds


def connect(clsid: str) -> Any:
    """Return the server's object as soon as it is registered."""
    until = time.monotonic() + PATIENCE
    while True:
        try:
            found = pythoncom.CoCreateInstance(
                pywintypes.IID(clsid), None, pythoncom.CLSCTX_LOCAL_SERVER, pythoncom.IID_IDispatch
            )
            return win32com.client.Dispatch(found)
        except pythoncom.com_error:
            if time.monotonic() > until:
                raise
            time.sleep(0.1)


def sent(argument: object) -> object:
    """Return an argument so that it goes as Excel sends it: a date is a number of days, whatever its zone."""
    if isinstance(argument, datetime):
        return argument.replace(tzinfo=UTC)
    if isinstance(argument, tuple):
        return tuple(sent(part) for part in argument)
    return argument


server = connect(sys.argv[1])
answers = []
for function, arguments in CASES:
    try:
        answers.append(cells(call(server, "udfs.formulas", function, [sent(argument) for argument in arguments])))
    except pythoncom.com_error as error:
        answers.append({"raised": str(error)})
said = {"answers": answers, "server": json.loads(call(server, *HELLO))}
sys.stdout.write(json.dumps(said) + "\n")
