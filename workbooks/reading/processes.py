"""How the processes that read are made. They take as long to begin as the program itself, so they begin first."""

from __future__ import annotations

import multiprocessing
import os
from functools import cache
from multiprocessing import forkserver
from multiprocessing.context import ForkServerContext, SpawnContext

NEEDED = "workbooks.reading.apart"


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
