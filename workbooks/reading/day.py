"""A day's input: all files of a team folder read, as tables, with everything that could not be taken."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import date

from workbooks.errors import WorkbookError
from workbooks.reading.files import READERS, Input, Keep, Parts, read_file
from workbooks.reading.handed_back import Returned
from workbooks.reading.problems import UNREADABLE, Problem
from workbooks.reading.recognise import Aliases, Recogniser
from workbooks.reading.recount import Recount
from workbooks.reading.rows import Rows
from workbooks.reading.settled import settle
from workbooks.reading.tables import Table, read_table
from workbooks.schema import REFERENCE_KINDS
from workbooks.team import TeamFile


@dataclass(frozen=True)
class TeamDay:
    """Everything a day's run starts from: tables by kind (orders always there), problems in reading order, inputs.

    recounts: what the files hold, counted again; None where that was not done.
    """

    day: date
    tables: dict[str, Table]
    problems: tuple[Problem, ...]
    inputs: tuple[Input, ...]
    recounts: tuple[Recount, ...] | None = None

    @property
    def unreadable(self) -> tuple[str, ...]:
        """Return the names of files that could not be read."""
        return tuple(problem.source_file for problem in self.problems if problem.code in UNREADABLE)


def read_team(
    files: Sequence[TeamFile],
    day: date,
    aliases: Aliases,
    *,
    keep: Keep | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> TeamDay:
    """Read all tables of the files for a day, in this process.

    keep gets every one of the day's workbooks as it was read; progress the number of files done and of all.
    Raises WorkbookError where no sheet holds orders.
    """
    recogniser = Recogniser(aliases)
    with ThreadPoolExecutor(READERS) as pool:
        return gathered(pool.map(lambda file: read_file(file, recogniser, keep), files), files, day, progress)


def gathered(
    parts: Iterable[Parts], files: Sequence[TeamFile], day: date, progress: Callable[[int, int], None] | None = None
) -> TeamDay:
    """Put together a day from what its files gave, as it comes; progress: see read_team, as what is raised."""
    read: list[Parts] = []
    for of_file in parts:
        read.append(of_file)
        if progress:
            progress(len(read), len(files))
    tables = tables_of(read, day)
    if "orders" not in tables:
        raise no_orders(files, read)
    return team_day(read, tables, day, same_names(files))


def team_day(read: Sequence[Parts], tables: dict[str, Table], day: date, notices: Sequence[Problem]) -> TeamDay:
    """Put together what was read for a day; notices: what else there is to tell of its files."""
    problems = [problem for parts in read for problem in parts.problems] + list(notices)
    for table in tables.values():
        problems += table.problems
    inputs = tuple(entry for parts in read for entry in parts.inputs)
    return TeamDay(day, tables, tuple(problems), inputs, tuple(parts.recount for parts in read))


def no_orders(files: Sequence[TeamFile], read: Iterable[Parts]) -> WorkbookError:
    """Return what is said where no sheet of the day's files holds orders, with what is wrong with the first."""
    folder = files[0].path.parents[files[0].name.count("/")]
    problems = [problem for parts in read for problem in parts.problems if problem.code != "open-elsewhere"]
    refused = {problem.source_file: problem for problem in problems if problem.code in UNREADABLE}
    orders = [file.name for file in files if file.role == "orders" and not file.is_lock]
    if orders and refused.keys() >= set(orders):
        return WorkbookError("no-orders-read", path=folder, file=orders[0], first=refused[orders[0]])
    return WorkbookError("no-order-sheet", path=folder, first=next(iter(problems), ""))


def tables_of(read: Sequence[Parts], day: date) -> dict[str, Table]:
    """Return the tables by kind, each stacked over all sheets of that kind in the files' order.

    Order lines that were handed back that day stand in place of what they correct (workbooks.reading.settled).
    """
    rows: dict[str, list[Rows]] = defaultdict(list)
    for parts in read:
        for kind, sheet in parts.rows:
            rows[kind].append(sheet)
    tables = {kind: read_table(kind, rows[kind], day) for kind in ("orders", *REFERENCE_KINDS) if kind in rows}
    sheets = returned_of(read)
    if sheets and "orders" in tables:
        tables["orders"] = settle(tables["orders"], sheets, day)
    return tables


def returned_of(read: Iterable[Parts]) -> list[Returned]:
    """Return the sheets of the files that were handed back."""
    return [sheet for parts in read for sheet in parts.returned]


def same_names(files: Sequence[TeamFile]) -> list[Problem]:
    """Return a notice for each of the day's workbooks whose name another folder of the day has too."""
    first: dict[str, str] = {}
    problems = []
    for file in files:
        if file.role == "orders" and not file.is_lock:
            other = first.setdefault(file.path.name.casefold(), file.name)
            if other != file.name:
                problems.append(Problem("same-name", file.name, fields={"other": other}))
    return problems
