"""One run at a time writes into an output folder; the lock is the system's, so a run that is killed leaves none."""

from __future__ import annotations

import os
import sys
import time
from contextlib import suppress
from pathlib import Path
from types import TracebackType

from workbooks.errors import WorkbookError

if sys.platform == "win32":
    import msvcrt
else:
    import fcntl

NAME = ".lock"
PATIENCE, LOOK = 3.0, 0.1  # seconds that a run waits for another's end, longer than publishing takes; between two looks


class RunLock:
    """An output folder kept for one run; use as a context manager.

    Entering raises WorkbookError where another run still has the folder after PATIENCE seconds, OSError where the lock
    file cannot be made.
    """

    def __init__(self, root: Path) -> None:
        """Name the lock file; root: the team's output folder, which has to be there when the lock is entered."""
        self.path = root / NAME
        self.handle = -1

    def __enter__(self) -> None:
        """Take the folder, or wait for it."""
        until = time.monotonic() + PATIENCE
        while not self._taken():
            if time.monotonic() > until:
                raise WorkbookError("output-in-use", path=self.path.parent)
            time.sleep(LOOK)

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Let it go, and remove the lock file."""
        if sys.platform != "win32":  # while it is held: who has opened it too finds that it is gone
            self.path.unlink(missing_ok=True)
        os.close(self.handle)
        if sys.platform == "win32":  # where an open file cannot go: it stays while another run has it open
            with suppress(OSError):
                self.path.unlink(missing_ok=True)

    def _taken(self) -> bool:
        handle = os.open(self.path, os.O_RDWR | os.O_CREAT, 0o666)
        if _locks(handle) and _is(handle, self.path):
            self.handle = handle
            return True
        os.close(handle)
        return False


def _locks(handle: int) -> bool:
    try:
        if sys.platform == "win32":
            msvcrt.locking(handle, msvcrt.LK_NBLCK, 1)
        else:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except (BlockingIOError, PermissionError):
        return False
    except OSError as error:  # a drive that knows no locks: a run must be possible there too
        return error.errno != 0  # Wine gives no number where another run has it
    return True


def _is(handle: int, path: Path) -> bool:
    """Tell whether an open file is still the one of that name, and not one that its last holder removed."""
    try:
        return os.path.samestat(os.fstat(handle), path.stat())
    except FileNotFoundError:
        return False
