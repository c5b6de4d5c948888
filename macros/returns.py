"""What goes back to the regions: a workbook each, with the lines to correct, what waits, what has moved and why."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date
from functools import partial
from itertools import chain, count, pairwise
from multiprocessing.connection import Connection
from pathlib import Path, PurePosixPath

import numpy as np
import pandas as pd

from macros import audit
from macros.audit import Report
from macros.registers import read_before
from macros.sent_back import sheets_of
from udfs.lookup import name_key
from workbooks.labels import labels
from workbooks.processes import CAN_COPY, copy, pipe
from workbooks.publish import publish_folder
from workbooks.reading.apart import read_apart
from workbooks.reading.day import TeamDay, gathered
from workbooks.reading.tables import Table
from workbooks.settings import read_settings
from workbooks.sheets import free_names
from workbooks.team import team_files
from workbooks.writing.book import Table as Sheet
from workbooks.writing.book import write_book

LONG = 20_000  # order lines of a day; what goes back of fewer is written in less time than a process takes to begin
LONGEST = 31  # of a region in a file's name
_NOT_IN_NAMES = frozenset('<>:"/\\|?*')
# To Windows such a name is a device, whatever stands behind the full stop.
_DEVICE = re.compile(r"(con|prn|aux|nul|conin\$|conout\$|com[\d¹²³]|lpt[\d¹²³]) *\.", re.IGNORECASE)


@dataclass(frozen=True)
class Returned:
    """What goes back to one region: its name, its workbook's name and sheets, and how many lines of each decision.

    unread: how many of its rows were not accepted.
    """

    region: str
    name: str
    sheets: tuple[Sheet, ...]
    held: int
    returned: int
    moved: int
    unread: int


@dataclass(frozen=True)
class Outcome:
    """What the command did: the audit, the regions' workbooks, their folder, and where changed ones were kept."""

    report: Report
    team: TeamDay
    regions: tuple[Returned, ...]
    folder: Path
    kept: tuple[Path, ...]

    @property
    def exit_code(self) -> int:
        """Return 0 where all files were read and the control totals pass, else 1."""
        return 0 if self.report.passed and not self.team.unreadable else 1


def by_region(report: Report, tables: Mapping[str, Table]) -> tuple[Returned, ...]:
    """Return the workbook of each region that has a line held, returned, moved or not accepted; regions in their order.

    Two regions never share a workbook. A name under which a file lies among the day's orders already is not used again,
    so that nobody saves one that goes back over one that was handed back.
    """
    sheets = sheets_of(report, tables)
    spelt: dict[str, str] = {}
    for key_of in ("sent_back", "moved", "unread"):  # of an order of two regions each gets what is its own to do
        for region in sheets[key_of].frame["region"].unique():
            spelt.setdefault(_region_key(region), _region(region))
    spelt = {key: spelt[key] for key in sorted(spelt)}
    parts = {name: _split(sheet, list(spelt)) for name, sheet in sheets.items()}
    there = {PurePosixPath(str(file)).name.casefold() for file in tables["orders"].control["source_file"]}
    # a region that is a file name as it stands goes before one that only becomes the same
    order = sorted(spelt, key=lambda key: (file_stem(spelt[key]) != spelt[key], key))
    stems = dict(zip(order, free_names((file_stem(spelt[key]) for key in order), ()), strict=True))
    found = []
    for turn, (key, region) in enumerate(spelt.items()):
        own = {name: of_region[turn] for name, of_region in parts.items()}
        decisions = own["sent_back"].frame["decision"].value_counts()
        found.append(
            Returned(
                region,
                _file_name(stems[key], report.day, there),
                tuple(sheet for sheet in own.values() if len(sheet.frame)),
                held=int(decisions.get("hold", 0)),
                returned=int(decisions.get("return", 0)),
                moved=len(own["moved"].frame),
                unread=len(own["unread"].frame[["source_file", "source_sheet", "source_row"]].drop_duplicates()),
            )
        )
    return tuple(found)


def _region(region: object) -> str:
    return region if isinstance(region, str) and region.strip() else str(labels().words["no_region"])


def _region_key(region: object) -> str:
    return name_key(_region(region))


def _split(sheet: Sheet, keys: Sequence[str]) -> list[Sheet]:
    """Return the sheet once per region, with its rows."""
    codes, names = pd.factorize(sheet.frame["region"], use_na_sentinel=False)
    turn_of = {key: turn for turn, key in enumerate(keys)}
    turns = np.array([turn_of.get(_region_key(name), -1) for name in names], dtype=np.int64)[codes]
    rows = np.argsort(turns, kind="stable")
    frame: pd.DataFrame = sheet.frame.take(rows)
    ends = np.searchsorted(turns[rows], np.arange(len(keys) + 1)).tolist()
    return [Sheet(sheet.layout, frame.iloc[first:last].reset_index(drop=True)) for first, last in pairwise(ends)]


def file_stem(region: str) -> str:
    """Return a region as the beginning of a file's name: nothing in it leads elsewhere, hides it or locks it."""
    kept = "".join(sign for sign in region if sign.isprintable() and sign not in _NOT_IN_NAMES and ord(sign) < 0x10000)
    stem = kept.strip(" .~$'")[:LONGEST].rstrip(" .")
    return f"_{stem}" if _DEVICE.match(stem) else stem or str(labels().words["no_region"])


def _file_name(stem: str, day: date, there: set[str]) -> str:
    files, fields = labels().files, {"region": stem, "day": f"{day:%Y-%m-%d}"}
    again = (files["returns_again"].format(**fields, number=turn) for turn in count(2))
    names = chain([files["returns"].format(**fields)], again)
    return next(name for name in names if name.casefold() not in there)


def write(folder: Path, regions: Sequence[Returned], day: date) -> None:
    """Write the regions' workbooks into a folder, which is made where there are any."""
    for region in regions:
        folder.mkdir(parents=True, exist_ok=True)
        write_book(folder / region.name, None, region.sheets, day, f"{labels().words['returns_title']} {region.region}")


@contextmanager
def beside(
    folder: Path, report: Report, tables: Mapping[str, Table], day: date
) -> Iterator[Callable[[], tuple[Returned, ...]]]:
    """Write the workbooks beside everything else; what this returns waits until they are written and returns them.

    Of a long day a process of its own makes and writes them, and their sheets stay there. Of a short one, and where no
    process can be copied, they are made and written when they are asked for: two threads would only take turns.
    """
    make = partial(_made, folder, report, tables, day)
    if len(report.audit.lines) >= LONG and CAN_COPY:
        ours, theirs = pipe()
        process = copy(_made_there, theirs, make)
        theirs.close()
        try:
            yield partial(_made_by, ours, make)
        finally:
            process.kill()
            process.join()
            ours.close()
    else:
        yield make


def _made(folder: Path, report: Report, tables: Mapping[str, Table], day: date) -> tuple[Returned, ...]:
    regions = by_region(report, tables)
    write(folder, regions, day)
    return regions


def _made_there(end: Connection, make: Callable[[], tuple[Returned, ...]]) -> None:
    end.send(tuple(replace(region, sheets=()) for region in make()))


def _made_by(process: Connection, make: Callable[[], tuple[Returned, ...]]) -> tuple[Returned, ...]:
    """Return what a process has made. Where it could not make them, this one does, or sees why not."""
    try:
        made: tuple[Returned, ...] = process.recv()
    except (EOFError, OSError):
        return make()
    return made


def facts(regions: Sequence[Returned]) -> list[dict[str, object]]:
    """Return what a run's record says of the workbooks that go back."""
    counted = ("region", "name", "held", "returned", "moved", "unread")
    return [{name: getattr(region, name) for name in counted} for region in regions]


def publish(folder: Path, day: date, progress: Callable[[str], None] | None = None) -> Outcome:
    """Audit a day of a team folder and put the regions' workbooks beside its other outputs, which stay as they are.

    Raises WorkbookError where it cannot be done (no folder, no orders, bad settings, unwritable output).
    """
    step = progress or (lambda _step: None)
    files, settings, names = team_files(folder, day), read_settings(folder), labels().folders
    step("read")
    team = gathered(read_apart(files, settings.aliases, settings.limits), files, day)
    before = read_before(folder, day, partial(read_apart, aliases=settings.aliases, limits=settings.limits))
    report = audit.run(
        team.tables, team.problems, settings.policy, day, progress, before=before, recounts=team.recounts
    )
    regions = by_region(report, team.tables)
    step("write")
    root = folder / names["output"]
    kept = publish_folder(root, day, names["returns"], lambda staged: write(staged, regions, day))
    return Outcome(report, team, regions, root / f"{day:%Y-%m-%d}" / names["returns"], kept)
