"""How the processes beside the run's own are made."""

from __future__ import annotations

import ctypes
import multiprocessing
import os
import signal
import sys
from collections.abc import Callable
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from threading import Lock
from types import ModuleType

CAN_COPY = sys.platform == "linux"
_PR_SET_PDEATHSIG = 1  # prctl(2)
_STARTING = Lock()


def pipe() -> tuple[Connection, Connection]:
    """Return both ends of a pipe between this process and another."""
    return multiprocessing.Pipe()


def copy(target: Callable[..., object], *arguments: object) -> BaseProcess:
    """Return a process that calls a function, as a copy of this one: nothing is imported or sent again.

    Only for a moment in which no thread is at work here, for what one holds would be held in the copy for ever; and
    only where the system can (CAN_COPY).
    """
    process = multiprocessing.get_context("fork").Process(
        target=_called, args=(os.getpid(), target, *arguments), daemon=True
    )
    process.start()
    return process


def fresh(target: Callable[..., object], *arguments: object) -> BaseProcess:
    """Return a process that starts Python anew and calls a function of a module, with such arguments.

    It would first run the program's main script again. Not every script is made for that, and nothing of it is needed
    there: an empty one stands in its place meanwhile.
    """
    process = multiprocessing.get_context("spawn").Process(
        target=_called, args=(os.getpid(), target, *arguments), daemon=True
    )
    with _STARTING:
        main, sys.modules["__main__"] = sys.modules["__main__"], ModuleType("__main__")
        try:
            process.start()
        finally:
            sys.modules["__main__"] = main
    return process


def _called(parent: int, target: Callable[..., object], *arguments: object) -> None:
    """Call the function; the process ends with the one that began it, and at once: nothing of that one is tidied up."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # who stops the run stops this process too
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
        if os.getppid() != parent:
            os._exit(1)
    try:
        target(*arguments)
    except BaseException:  # noqa: BLE001 - whoever began this sees that it failed
        os._exit(1)
    os._exit(0)
