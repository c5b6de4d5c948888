"""How the processes beside the run's own are made. They take as long to begin as the program, so they begin first."""

from __future__ import annotations

import multiprocessing
import os
import signal
import sys
from collections.abc import Callable
from contextlib import suppress
from functools import cache
from importlib import import_module
from multiprocessing import forkserver
from multiprocessing.connection import Connection
from multiprocessing.context import ForkServerContext, SpawnContext
from multiprocessing.process import BaseProcess
from threading import Lock
from types import ModuleType

from workbooks.errors import WorkbookError

NEEDED = "workbooks.reading.apart"  # by those that read: all of them but the one that writes
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
    """Let the one that makes them begin to import, where there is one; nothing waits for it.

    Raises WorkbookError where the system has no temporary folder for what they talk over, as on a full disk.
    """
    if isinstance(context(), ForkServerContext):
        try:
            forkserver.ensure_running()
        except OSError as error:
            raise WorkbookError("no-temporary-folder", detail=error.strerror or error) from error


def started(target: Callable[..., object], *arguments: object) -> BaseProcess:
    """Return a process that calls a function of a module, with such arguments.

    It would first run the program's main script again. Not every script is made for that, and nothing of it is needed
    there: an empty one stands in its place meanwhile.
    """
    process = context().Process(target=target, args=arguments, daemon=True)
    with _STARTING:
        main, sys.modules["__main__"] = sys.modules["__main__"], ModuleType("__main__")
        try:
            process.start()
        finally:
            sys.modules["__main__"] = main
    return process


class Helper:
    """A process that does one thing beside this one, and imports what it takes before it is told what that is."""

    def __init__(self, module: str) -> None:
        """Let it begin; module: what it imports."""
        self.pipe, theirs = context().Pipe()
        self.process = started(_help, theirs, module)
        theirs.close()

    def call(self, function: Callable[..., object], *arguments: object) -> None:
        """Have a module's function called there."""
        with suppress(ConnectionError):  # the process is gone; to wait for the result says so
            self.pipe.send((function, arguments))

    def result(self) -> object:
        """Wait for what the function returns. Raises what it raised; EOFError where the process did not survive it."""
        try:
            answer, error = self.pipe.recv()
        except ConnectionError as gone:
            raise EOFError from gone
        if error is not None:
            raise error
        return answer

    def end(self) -> None:
        """End the process, whatever it does."""
        self.process.kill()
        self.process.join()


def _help(pipe: Connection, module: str) -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # who stops the run stops this process too
    import_module(module)
    with suppress(EOFError, ConnectionError):  # nobody is there any more
        function, arguments = pipe.recv()
        answer: tuple[object, Exception | None]
        try:
            answer = function(*arguments), None
        except (OSError, WorkbookError) as error:
            answer = None, error
        pipe.send(answer)
