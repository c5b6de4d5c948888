"""The team folder's reference tables, kept in memory: read once, and again when a file changes.

One of these lives in the process behind Excel. It is what the formulas ask (the Desk of udfs.formula_desk) and what
the buttons take their tables from.
"""

from __future__ import annotations

import operator
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from types import MappingProxyType

import pandas as pd

from workbooks.errors import WorkbookError
from workbooks.range_orders import RangeOrders, read_range
from workbooks.reading import cell_values
from workbooks.reading.day import tables_of
from workbooks.reading.files import Parts, read_file
from workbooks.reading.problems import Problem
from workbooks.reading.recognise import Recogniser, heading_key
from workbooks.reading.tables import Table
from workbooks.schema import KINDS, Policy
from workbooks.settings import FILE, Settings, read_settings
from workbooks.team import TeamFile, reference_files

LOOK_EVERY = 2.0  # seconds between two looks at the folder, which may lie on a slow network
Stamp = tuple[int, int]
"""When a file was last changed (ns) and its size."""

_FileRead = tuple[Stamp | None, Parts]


@dataclass(frozen=True)
class _Loaded:
    """One state of the team folder; seen and read: what it was made of, so that the same gives the same again."""

    seen: object
    read: Sequence[Parts]
    settings: Settings
    recogniser: Recogniser
    tables: Mapping[str, Table]
    frames: Mapping[str, pd.DataFrame]
    problems: tuple[Problem, ...]


class Reference:
    """The reference tables of one team folder, looked after while the process lives.

    Whatever is asked looks at the folder first, at most every two seconds, and reads files that are new or changed
    (mtime and size). What cannot be read stands in `problems`; only a file that another program holds keeps the rows
    it had. Asking raises WorkbookError while the folder is not there or its settings are wrong. Safe for several
    threads: what was handed out never changes.
    """

    code = staticmethod(cell_values.code_of)
    number = staticmethod(cell_values.number_of)

    def __init__(
        self,
        folder: Path,
        clock: Callable[[], float] = time.monotonic,
        today: Callable[[], date] = date.today,
    ) -> None:
        """Take a team folder; nothing is read before it is asked for."""
        self._folder = folder
        self._clock = clock
        self._today = today
        self._lock = threading.Lock()
        self._look_at = float("-inf")
        self._loaded: _Loaded | WorkbookError | None = None
        self._stamp_of_settings: Stamp | None = None
        self._settings: Settings | None = None
        self._read: dict[str, _FileRead] = {}

    @property
    def folder(self) -> Path:
        """The team folder."""
        return self._folder

    @property
    def settings(self) -> Settings:
        """The team's settings as they are now."""
        return self._current().settings

    @property
    def policy(self) -> Policy:
        """The settings of the rules."""
        return self._current().settings.policy

    @property
    def problems(self) -> Sequence[Problem]:
        """What could not be taken as it is: files, sheets and rows."""
        return self._current().problems

    @property
    def today(self) -> date:
        """The day, by this machine's clock."""
        return self._today()

    def tables(self) -> Mapping[str, Table]:
        """Return the tables by kind, never orders: the same object until a file or the settings change."""
        return self._current().tables

    def frames(self) -> Mapping[str, pd.DataFrame]:
        """Return the tables' rows by kind: the same object until a file or the settings change."""
        return self._current().frames

    def refresh(self) -> None:
        """Read everything again now, changed or not; raises as asking does."""
        with self._lock:
            self._look(fresh=True)
        self._current()

    def day(self, cell: object) -> date | None:
        """Return the date in a cell; None where it holds none."""
        return cell_values.day_of(cell, self._today())

    def column(self, kind: str, heading: str) -> str | None:
        """Return the column that a heading, an alias (the team's own too) or an English name means, else None."""
        named = self._current().recogniser.columns([heading])[kind]
        key = heading_key(heading)
        return next(iter(named), None) or next(
            (column.name for column in KINDS[kind].columns if heading_key(column.name) == key), None
        )

    def order_lines(self, cells: Sequence[Sequence[object]]) -> RangeOrders | str:
        """Return the order lines of a range with its headings, or in words the headings that it lacks."""
        return read_range(cells, self._current().recogniser, self._today())

    def _current(self) -> _Loaded:
        if self._loaded is None or self._clock() >= self._look_at:
            with self._lock:
                if self._loaded is None or self._clock() >= self._look_at:
                    self._look()
        loaded = self._loaded
        if isinstance(loaded, WorkbookError):
            raise WorkbookError(loaded.code, **loaded.fields)
        if loaded is None:
            raise WorkbookError("no-folder", path=self._folder)
        return loaded

    def _look(self, *, fresh: bool = False) -> None:
        """Bring the state up to date with the folder; the caller holds the lock. fresh: as if nothing was read yet."""
        before = self._loaded if isinstance(self._loaded, _Loaded) and not fresh else None
        if before is None:
            self._settings, self._read = None, {}
        try:
            self._loaded = self._looked(before)
        except WorkbookError as error:
            self._loaded = error
        finally:
            self._look_at = self._clock() + LOOK_EVERY

    def _looked(self, old: _Loaded | None) -> _Loaded:
        if not self._folder.is_dir():
            raise WorkbookError("no-folder", path=self._folder)
        settings = self._current_settings()
        if old is None or old.settings.aliases != settings.aliases:
            recogniser = Recogniser(settings.aliases)
            self._read = {}  # a sheet may be of another kind now
        else:
            recogniser = old.recogniser
        day = self._today()
        files = [(file, stamp) for file in reference_files(self._folder) if (stamp := _stamp(file.path))]
        before, self._read = self._read, {}
        for file, stamp in files:
            self._read[file.name] = _parts(file, stamp, recogniser, before.get(file.name))
        read = [parts for _, parts in self._read.values()]
        seen = settings, day, list(self._read)
        if old is not None and old.seen == seen and all(map(operator.is_, old.read, read)):
            return old
        tables = tables_of(read, day)
        problems = [problem for parts in read for problem in parts.problems]
        problems += [problem for table in tables.values() for problem in table.problems]
        frames = {kind: table.frame for kind, table in tables.items()}
        return _Loaded(
            seen, read, settings, recogniser, MappingProxyType(tables), MappingProxyType(frames), tuple(problems)
        )

    def _current_settings(self) -> Settings:
        stamp = _stamp(self._folder / FILE)
        if self._settings is None or stamp != self._stamp_of_settings:
            self._settings = None
            self._settings, self._stamp_of_settings = read_settings(self._folder), stamp
        return self._settings


def _parts(file: TeamFile, stamp: Stamp, recogniser: Recogniser, old: _FileRead | None) -> _FileRead:
    """Return what a file gave: the same object where it is as it was.

    One that another program holds keeps the rows it had, and is tried again at the next look.
    """
    if old is not None and old[0] == stamp:
        return old
    parts = read_file(file, recogniser)
    if all(problem.code != "locked" for problem in parts.problems):
        return stamp, parts
    if old is not None and old[1].problems == parts.problems:
        return old
    return None, replace(parts, rows=old[1].rows if old is not None else ())


def _stamp(path: Path) -> Stamp | None:
    """Return a file's stamp, None where there is no such file any more."""
    try:
        facts = path.stat()
    except OSError:
        return None
    return facts.st_mtime_ns, facts.st_size
