"""How the processes that read are made. They take as long to begin as the program itself, so they begin first."""

from __future__ import annotations

import multiprocessing
import os
import sys
from collections.abc import Callable
from functools import cache
from multiprocessing import forkserver
from multiprocessing.context import ForkServerContext, SpawnContext
from multiprocessing.process import BaseProcess
from threading import Lock
from types import ModuleType

NEEDED = "workbooks.reading.apart"
_STARTING = Lock()


@cache
def context() -> ForkServerContext | SpawnContext:
    """Return how they are made: by one that has imported all they need, where the system can do that."""
    if os.name == "nt":
        return multiprocessing.get_context("spawn")
    made = multiprocessing.get_context("forkserver")
    made.set_forkserver_preload([NEEDED])
    return made


def begin() -> None:
    """Let the one that makes them begin to import, where there is one; nothing waits for it."""
    if isinstance(context(), ForkServerContext):
        forkserver.ensure_running()


def started(target: Callable[..., object], *arguments: object) -> BaseProcess:
    """Return a process that calls a function of a module, with such arguments.

    The new process would first run the program's main script again, which not every script is made for and nothing here
    needs: meanwhile an empty one stands in its place.
    """
    process = context().Process(target=target, args=arguments, daemon=True)
    with _STARTING:
        main, sys.modules["__main__"] = sys.modules["__main__"], ModuleType("__main__")
        try:
            process.start()
        finally:
            sys.modules["__main__"] = main
    return process
