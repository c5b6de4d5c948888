r"""Start the server through xlwings' DLL exactly as the add-in's VBA does, and call it. Windows only.

`python -I -m xl_addin.activate DLL COMMAND` is what `orderdesk doctor` runs, in a process of its own so that a DLL or
server that hangs can be given up; it prints one line of JSON: the server's own facts, or which step failed and why.
"""

from __future__ import annotations

import ctypes
import json
import os
import signal
import sys
from collections.abc import Sequence
from contextlib import suppress
from typing import Any

if sys.platform == "win32":
    import pythoncom
    import win32com.client

HELLO = ("xl_addin.hello", "hello", ())
FORMULA = ("udfs.formulas", "OD_TAX_ID", ("91350100M000100Y43",))  # needs no table, so it answers on every desk


class ActivationError(Exception):
    """The DLL does not load, or it could not start the server; step: dll or server."""

    def __init__(self, step: str, detail: str) -> None:
        """Keep the step and what the system or the DLL said."""
        super().__init__(step, detail)
        self.step = step
        self.detail = detail


class _Variant(ctypes.Structure):
    """An OLE VARIANT, 24 bytes in a 64-bit process, 16 in a 32-bit one."""

    _fields_ = (
        ("vt", ctypes.c_ushort),
        ("reserved", ctypes.c_ushort * 3),
        ("value", ctypes.c_void_p),
        ("more", ctypes.c_void_p),
    )


def activate(dll: str, command: str) -> Any:  # noqa: ANN401 - a COM object has the methods that its server has
    """Return the server's COM object.

    dll: the path of xlwings' DLL of this process's bitness; command: the command line with $(CLSID) in it.
    Raises ActivationError where the DLL does not load or reports a failure.
    """
    if sys.platform == "win32":
        pythoncom.CoInitialize()
        try:
            library = ctypes.WinDLL(dll)
        except OSError as error:
            raise ActivationError("dll", str(error)) from error
        function = library.XLPyDLLActivateAuto
        function.argtypes, function.restype = [ctypes.POINTER(_Variant), ctypes.c_char_p, ctypes.c_long], ctypes.c_long
        answer = _Variant()
        if function(ctypes.byref(answer), command.encode("mbcs"), 1):
            raise ActivationError("server", ctypes.wstring_at(answer.value) if answer.value else "")
        return win32com.client.Dispatch(pythoncom.ObjectFromAddress(answer.value, pythoncom.IID_IDispatch))
    raise ActivationError("dll", "only on Windows")


def call(server: Any, module: str, function: str, arguments: Sequence[object]) -> Any:  # noqa: ANN401 - any cell
    """Call a function as a VBA wrapper does."""
    return server.CallUDF(module, function, tuple(arguments), None, None)


def main(arguments: Sequence[str]) -> int:
    """Start the server, let it say who it is, call one formula, end it; print the facts as JSON."""
    dll, command = arguments
    facts: dict[str, Any] = {}
    try:
        server = activate(dll, command)
        facts = json.loads(call(server, *HELLO))
        facts["formula"] = str(call(server, *FORMULA))
    except ActivationError as error:
        facts = {"step": error.step, "detail": error.detail}
    except Exception as error:  # noqa: BLE001 - whatever COM raises is the finding
        facts |= {"step": "call", "detail": str(error)}
    sys.stdout.write(json.dumps(facts) + "\n")
    sys.stdout.flush()
    if "pid" in facts:  # it is ours alone; Excel's own server has another class id
        with suppress(OSError):
            os.kill(facts["pid"], signal.SIGTERM)
    return 1 if "step" in facts else 0


if __name__ == "__main__":
    # without the interpreter's own clean-up: the DLL would wait for the server that has just been ended
    os._exit(main(sys.argv[1:]))
