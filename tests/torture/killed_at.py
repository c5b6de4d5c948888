"""A command that kills itself at a step: `python -m tests.torture.killed_at FOLDER STEP COMMAND ...`.

A step is what changes the folder: something in it is made, opened for writing, renamed or removed. The process ends
just before the one of that number, as by kill -9; where there are fewer, the command runs to its end. What it has
done up to there is what a kill after the step before leaves.
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

    def __init__(self, folder: Path, last: int) -> None:
        """Count what is below the folder; end at the last one."""
        self.folder, self.last, self.count = str(folder), last, 0
        self.lock = Lock()

    def __call__(self, event: str, args: tuple[Any, ...]) -> None:
        """Count an event where it is a step."""
        changes = event in CHANGES or (event == "open" and isinstance(args[2], int) and args[2] & WRITES)
        by_handle = event in REMOVES and args[1] != -1  # as shutil.rmtree names what is in the folder that it has open
        if not changes or not (by_handle or any(self.folder in str(place) for place in args[:2])):
            return
        with self.lock:
            self.count += 1
            if self.count == self.last:
                os.kill(os.getpid(), signal.SIGKILL)


if __name__ == "__main__":
    folder, step, *command = sys.argv[1:]
    sys.addaudithook(Steps(Path(folder), int(step)))
    sys.exit(main(command))
