"""The process behind Excel: xlwings' COM server with the formulas connected to this user's team folder.

Excel's VBA starts it, through the DLL, as `pythonw -I -m xl_addin.server {CLSID}`. It has no console, so whatever goes
wrong is in the log.
"""

# ruff: noqa: PLC0415 - whatever fails to load must find the log open

from __future__ import annotations

import logging
import os
import sys
import threading
import time
from collections.abc import Callable, Sequence
from typing import TypeVar

from workbooks.errors import WorkbookError

LOOK_EVERY = 2.0  # seconds between two looks at where the team folder is
Found = TypeVar("Found")
_log = logging.getLogger(__name__)


def main(arguments: Sequence[str]) -> int:
    """Serve until Excel lets go; return the exit code. Whatever keeps it from starting is written to the log."""
    from xl_addin import desk
    from xl_addin.log import log_file, start_log

    start_log(log_file())
    try:
        folder = desk.desk_folder()
        folder.mkdir(parents=True, exist_ok=True)
        os.chdir(folder)  # Excel may have been started in a folder of data, where a stray DLL would be found
        [clsid] = arguments
        _log.info("starting %s %s", sys.executable, clsid)
        serve(clsid)
    except Exception:  # noqa: BLE001 - nobody else would tell
        _log.exception("the server could not start or has failed")
        return 1
    _log.info("stopped")
    return 0


def serve(clsid: str) -> None:
    """Connect the formulas, begin to warm up, and answer calls until the last client has gone.

    Raises whatever keeps the formulas or the COM server from loading.
    """
    import xlwings.com_server

    connect()
    threading.Thread(target=warm_up, name="warm-up", daemon=True).start()
    xlwings.com_server.serve(clsid)


def connect() -> None:
    """Connect the formulas to the team folder that is set when they are called; while none is, they answer #REF!."""
    from udfs import formulas
    from xl_addin import desk

    formulas.connect(recently(desk.reference))


def recently(find: Callable[[], Found], clock: Callable[[], float] = time.monotonic) -> Callable[[], Found]:
    """Return a way to find that looks at most every two seconds: asking where the user's folder is costs a formula.

    Whatever `find` raises is raised, and it is asked again at the next call.
    """
    found: tuple[float, Found] | None = None

    def kept() -> Found:
        nonlocal found
        now = clock()
        if found is None or now - found[0] >= LOOK_EVERY:
            found = now, find()
        return found[1]

    return kept


def warm_up() -> None:
    """Load what the buttons need and read the tables, so that the first call does not wait for it."""
    from xl_addin import desk

    try:
        import xl_addin.excel  # noqa: F401 - loaded for later

        desk.reference().tables()
    except WorkbookError as error:  # is told when a formula or button asks
        _log.info("ready, without tables: %s", error)
    except Exception:  # noqa: BLE001 - the call that needs it will meet the same, and tell
        _log.exception("warming up failed")
    else:
        _log.info("ready")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
