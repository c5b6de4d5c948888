"""A command that kills itself at a step: `python -m tests.torture.killed_at FOLDER STEP COMMAND ...`.

A step is what changes the folder: something in it is made, opened for writing, renamed or removed; `os.rename:2` is the
second of its kind, `5` the fifth of all. The process ends just before it, as by kill -9, which is just after the one
before; where there are fewer, the command runs to its end.
"""

from __future__ import annotations

import os
import signal
import sys
from pathlib import Path
from threading import Lock
from typing import Any

from xl_addin.cli import main

CHANGES = frozenset({"os.mkdir", "os.rename", "os.remove", "os.rmdir", "os.link", "os.symlink", "os.truncate"})
REMOVES = frozenset({"os.remove", "os.rmdir"})
WRITES = os.O_WRONLY | os.O_RDWR


class Steps:
    """Counts the steps; an audit hook (sys.addaudithook)."""

    def __init__(self, folder: Path, step: str) -> None:
        """Count what is below the folder; end at the step."""
        self.kind, _, last = step.rpartition(":")
        self.folder, self.last, self.count = str(folder), int(last), 0
        self.lock, self.process = Lock(), os.getpid()

    def __call__(self, event: str, args: tuple[Any, ...]) -> None:
        """Count an event where it is a step."""
        changes = event in CHANGES or (event == "open" and isinstance(args[2], int) and args[2] & WRITES)
        by_handle = event in REMOVES and args[1] != -1  # as shutil.rmtree names what is in the folder that it has open
        if (
            not changes
            or self.process != os.getpid()  # what reads begins as a copy of this one
            or self.kind not in {"", event}
            or not (by_handle or any(self.folder in str(place) for place in args[:2]))
        ):
            return
        with self.lock:
            self.count += 1
            if self.count == self.last:
                os.kill(os.getpid(), signal.SIGKILL)


if __name__ == "__main__":
    folder, step, *command = sys.argv[1:]
    sys.addaudithook(Steps(Path(folder), step))
    sys.exit(main(command))
