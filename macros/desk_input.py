"""What a button works on: the open workbook's own tables, the team folder's for the rest, and the day's orders."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Protocol

import pandas as pd

from udfs.lookup import code_key
from workbooks.book import Book
from workbooks.errors import WorkbookError
from workbooks.labels import labels
from workbooks.reading.cells import RawSheet
from workbooks.reading.day import read_team, tables_of
from workbooks.reading.files import Parts, is_answer, unrecognised
from workbooks.reading.handed_back import Returned, own_layout, part_of, returned
from workbooks.reading.problems import Problem
from workbooks.reading.recognise import Closest, Match, Recogniser, first_rows
from workbooks.reading.rows import Rows, sort_rows
from workbooks.reading.tables import Table
from workbooks.schema import KINDS
from workbooks.settings import Settings
from workbooks.team import day_files, day_in

ADDING_UP = ("releases", "confirmations")
"""Kinds of which a workbook's own rows stand before the team folder's; of the others they stand instead of them."""


class Known(Protocol):
    """The team folder as the process knows it; see workbooks.reference.Reference."""

    @property
    def folder(self) -> Path:
        """The team folder."""

    @property
    def settings(self) -> Settings:
        """Its settings."""

    @property
    def problems(self) -> Sequence[Problem]:
        """What could not be taken of its files."""

    def tables(self) -> Mapping[str, Table]:
        """Return its tables by kind, without orders."""


@dataclass(frozen=True)
class Input:
    """Everything a button's audit starts from: the day, tables by kind (orders always there), and problems.

    own_orders: the orders are the workbook's own, and not the whole day's.
    """

    day: date
    own_orders: bool
    tables: Mapping[str, Table]
    problems: tuple[Problem, ...]


def gather(book: Book, known: Known, today: date, progress: Callable[[str], None]) -> Input:
    """Read the book, and the day's orders where it has none; the tables it lacks are the team folder's.

    The day is the one whose folder the book lies in, else today; for orders of the team folder, today or the last day
    before it that has any. Raises WorkbookError where there are no orders, and where a sheet is meant to hold some but
    lacks a heading: nobody may take the team folder's orders for those on the screen.
    """
    progress("read")
    parts, almost_orders = read_book(book, Recogniser(known.settings.aliases))
    problems = [problem for problem in parts.problems if problem.code != "empty-sheet"]  # Excel's own Sheet2
    day = day_in(book.folder) or today
    team: Mapping[str, Table] = {}
    if all(kind != "orders" for kind, _ in parts.rows):
        if almost_orders is not None:
            raise WorkbookError("no-order-sheet", path=book.name, first=almost_orders)
        day = last_day(known.folder, today) or _no_day(book, known.folder, today, problems)
        of_day = read_team(day_files(known.folder, day), day, known.settings.aliases)
        team = of_day.tables
        of_rows = {id(problem) for table in team.values() for problem in table.problems}
        problems += [problem for problem in of_day.problems if id(problem) not in of_rows]
        if day != today:
            inbox = labels().folders["orders"]
            problems.append(Problem("other-day", inbox, value=f"{day}", fields={"other": f"{today}"}))
    own = {kind: _answers_once(kind, table) for kind, table in tables_of([parts], day).items()}
    shared = known.tables()
    problems += [instead(book.name, kind) for kind in own if kind in shared and kind not in ADDING_UP]
    of_rows = {id(problem) for table in shared.values() for problem in table.problems}
    problems += [problem for problem in known.problems if id(problem) not in of_rows]
    if "orders" in own and "releases" in shared:
        shared = _in_view(own, shared)
    tables = _put_together([own, team, shared])
    problems += [problem for table in tables.values() for problem in table.problems]
    return Input(day, "orders" in own, tables, tuple(problems))


def _in_view(own: Mapping[str, Table], shared: Mapping[str, Table]) -> Mapping[str, Table]:
    """Return the team's tables without releases of orders that the book does not hold: these are not unused."""
    orders = {code_key(str(order)) for order in own["orders"].frame["order_no"]}
    frame = shared["releases"].frame
    held = [code_key(str(order)) in orders for order in frame["order_no"]]
    return {**shared, "releases": replace(shared["releases"], frame=frame[held].reset_index(drop=True))}


def own_result(sheet: RawSheet) -> str | None:
    """Return which of our layouts a sheet was written in, told by its headings, whatever its name; else None."""
    return own_layout(first_rows(sheet))


def last_day(folder: Path, today: date) -> date | None:
    """Return today where it has an orders folder, else the last day before it that has one, else None."""
    days = []
    for path in (folder / labels().folders["orders"]).glob("????-??-??"):
        try:
            day = date.fromisoformat(path.name)
        except ValueError:
            continue
        if path.is_dir() and day <= today:
            days.append(day)
    return max(days, default=None)


def _no_day(book: Book, folder: Path, today: date, problems: Sequence[Problem]) -> date:
    """Say what stands in the way where neither the book nor the team folder has orders."""
    for problem in problems:
        if problem.code == "not-recognised":
            raise WorkbookError("no-order-sheet", path=book.name, first=problem)
    day_files(folder, today)  # says which folder it looked for
    return today


def read_book(book: Book, recogniser: Recogniser) -> tuple[Parts, Problem | None]:
    """Return the book's tables, and the problem of a sheet that names half of what orders must.

    Of our own results in it only answers are read, the newest sheet's first. A workbook that went back to its region
    holds orders: its lines to correct. Those that the button wrote stand behind its list of returns and are none.
    """
    almost_orders: Problem | None = None
    rows: list[tuple[str, Rows]] = []
    answers: list[tuple[str, Rows]] = []
    problems: list[Problem] = []
    back: list[Returned] = []
    said, sheets, written = labels(), book.sheets(), False
    names = [sheet.name for sheet in sheets]
    for sheet in sheets:
        found = _kind_of(sheet, recogniser)
        ours, part = own_result(sheet), part_of(first_rows(sheet), found, sheet.name, names)
        written |= ours == "returns"
        if part in {"sent_back", "as_sent"} and isinstance(found, Match) and not written:
            told = sort_rows(book.name, sheet, found)
            back.append(returned(part, sheet, told, found.header_row))
            rows += [(found.kind, told)] if part == "sent_back" else []
        elif part is not None or ours is not None or sheet.name == said.sheets["overview"].name:
            if isinstance(found, Match) and is_answer(sheet.name, found):
                answers.insert(0, (found.kind, sort_rows(book.name, sheet, found)))
        elif isinstance(found, Match):
            rows.append((found.kind, sort_rows(book.name, sheet, found)))
        else:
            problems.append(unrecognised(book.name, sheet, found))
            if found.kind == "orders" and len(found.missing) <= len(KINDS["orders"].required) / 2:
                almost_orders = almost_orders or problems[-1]
    return Parts(problems, (), [*rows, *answers], back), almost_orders


def _kind_of(sheet: RawSheet, recogniser: Recogniser) -> Match | Closest:
    """Return a sheet's kind; one that names nothing but what orders name too is orders that lack a heading."""
    rows = first_rows(sheet)
    found = recogniser.recognise(rows)
    # both kinds call their sum `amount`, but only invoice requests head it so
    of_orders = {column.name for column in KINDS["orders"].columns} - ({"amount"} if _asks_invoices(found) else set())
    if isinstance(found, Match) and found.kind != "orders" and of_orders.issuperset(found.columns):
        return recogniser.closest(rows, ("orders",))
    return found


def _asks_invoices(found: Match | Closest) -> bool:
    return isinstance(found, Match) and found.kind == "invoices"


def instead(name: str, kind: str) -> Problem:
    """Return the notice that a table of the book stands in for the team folder's."""
    return Problem("own-table", name, fields={"kind": labels().kinds[kind].title})


def _answers_once(kind: str, table: Table) -> Table:
    """Return a book's own table; that finance's newer sheet goes before an older one is no problem."""
    if kind != "confirmations":
        return table
    return replace(table, problems=tuple(problem for problem in table.problems if problem.code != "duplicate-key"))


def _put_together(sources: Iterable[Mapping[str, Table]]) -> dict[str, Table]:
    """Return each kind from the first source that has it; of the kinds that add up, all, the first source's first."""
    tables: dict[str, Table] = {}
    for source in sources:
        for kind, table in source.items():
            if kind not in tables:
                tables[kind] = table
            elif kind in ADDING_UP:
                tables[kind] = _stacked(kind, tables[kind], table)
    return {kind: tables[kind] for kind in KINDS if kind in tables}


def _stacked(kind: str, first: Table, second: Table) -> Table:
    """Return two tables of a kind as one; of rows with the same key the first table's counts."""
    below, key = second.frame, list(KINDS[kind].key)
    if key:
        known = set(first.frame[key].apply(lambda codes: codes.str.upper()).itertuples(index=False, name=None))
        said = below[key].apply(lambda codes: codes.str.upper()).itertuples(index=False, name=None)
        below = below[[one not in known for one in said]]
    return replace(
        first,
        frame=pd.concat([first.frame, below], ignore_index=True),
        problems=(*first.problems, *second.problems),
        control=pd.concat([first.control, second.control], ignore_index=True),
    )
