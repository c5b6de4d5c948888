"""The log that every door writes to: it rotates, and names nobody's account or tax id."""

from __future__ import annotations

import logging
import logging.handlers
import re
from pathlib import Path

from platformdirs import user_log_path

from workbooks.labels import Lang, labels
from xl_addin.wording import visible

SIZE, KEPT = 1_000_000, 3  # bytes, then a new file; so many old ones are kept
LONGEST = 10_000  # characters of one entry
HIDDEN = "***"
# 12 digits or more, written in groups or not; a credit code in groups; a tax id or credit code in one piece
SECRET = re.compile(
    r"\d(?:[ \xa0-]?\d){11,}"
    r"|(?<![0-9A-Za-z])[0-9A-Z]{2}(?:[ \xa0-]?\d){6}(?:[ \xa0-]?[0-9A-Z]){10}(?![0-9A-Za-z])"
    r"|(?<![0-9A-Za-z])(?=(?:[A-Za-z]*\d){6})[0-9A-Za-z]{15,20}(?![0-9A-Za-z])"
)


def log_file() -> Path:
    """Return the log's place; its folder is made where it is not there."""
    return user_log_path("orderdesk", appauthor=False, ensure_exists=True) / "orderdesk.log"


def discreet(text: str) -> str:
    """Return a text without what may be an account or a tax id, and its middle left out where it is long."""
    hidden = SECRET.sub(HIDDEN, text)
    half = LONGEST // 2
    return hidden if len(hidden) <= LONGEST else f"{hidden[:half]}\n[...]\n{hidden[-half:]}"


class _Discreet(logging.Formatter):
    """Time, level, process and module of an entry; what the exception says is made discreet as well."""

    def __init__(self) -> None:
        super().__init__("%(asctime)s %(levelname)s [%(process)d] %(name)s: %(message)s")

    def format(self, record: logging.LogRecord) -> str:
        return discreet(super().format(record))


class _Log(logging.handlers.RotatingFileHandler):
    """A rotating log that two Excels may share: Windows cannot rename a file that another process writes to."""

    def rotate(self, source: str, dest: str) -> None:
        try:
            Path(source).replace(dest)
        except OSError:
            self.maxBytes = 0  # grows on in this process; nothing is lost


def opened(path: Path) -> logging.Handler:
    """Return what writes entries to a log file (UTF-8); whoever opened it closes it."""
    handler = _Log(path, maxBytes=SIZE, backupCount=KEPT, encoding="utf-8")
    handler.setFormatter(_Discreet())
    return handler


def start_log(path: Path) -> None:
    """Write this process's log to a file; a record names process and module."""
    log_to(path, logging.getLogger())
    logging.captureWarnings(capture=True)


def log_to(path: Path, logger: logging.Logger) -> None:
    """Write what a logger is told to a file, and nowhere else that was asked for before."""
    handler = opened(path)
    for old in logger.handlers[:]:
        logger.removeHandler(old)
        old.close()
    logger.addHandler(handler)
    logger.setLevel(logging.INFO)


def _raised(_: logging.LogRecord) -> None:
    """Raise what is being handled."""
    raise  # noqa: PLE0704 - called where it is


def log_bug(error: BaseException) -> Path:
    """Write a bug's traceback to the user's log and return the log's place. Raises OSError where it cannot be."""
    path = log_file()
    said = type(error), error, error.__traceback__
    record = logging.LogRecord("orderdesk", logging.ERROR, __file__, 0, "a bug", None, said)
    handler = opened(path)
    handler.handleError = _raised  # type: ignore[assignment, method-assign] # logging's own prints a traceback
    try:
        handler.handle(record)
    finally:
        handler.close()
    return path


def told_bug(error: BaseException, lang: Lang) -> str:
    """Log a bug and return what the user is told: where the log is, or where it cannot be written, what is wrong."""
    try:
        return labels(lang).message("bug", path=log_bug(error))
    except OSError:
        return labels(lang).message("bug-unlogged", detail=visible(discreet(f"{type(error).__name__}: {error}")))
