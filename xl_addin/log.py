"""The log that every door writes its bugs to."""

from __future__ import annotations

import traceback
from datetime import datetime
from pathlib import Path

from platformdirs import user_log_path


def log_file() -> Path:
    """Return the log's place; its folder is made where it is not there."""
    return user_log_path("orderdesk", appauthor=False, ensure_exists=True) / "orderdesk.log"


def log_bug(error: BaseException) -> Path:
    """Write a bug's traceback to the user's log and return the log's place."""
    path = log_file()
    now = datetime.now()  # noqa: DTZ005 - the log is read by people where it is written
    with path.open("a", encoding="utf-8") as log:
        log.write(f"{now:%Y-%m-%d %H:%M:%S}\n{''.join(traceback.format_exception(error))}\n")
    return path
