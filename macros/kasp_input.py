"""What the KASP buttons and commands work on: requests of a book or the team folder, and what could not be taken."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import date

from macros.desk_input import Input, Known, gather, instead, read_book
from macros.results import kind_titles
from workbooks.book import Book
from workbooks.errors import WorkbookError
from workbooks.labels import labels
from workbooks.reading.day import tables_of
from workbooks.reading.problems import UNREADABLE, Problem
from workbooks.reading.recognise import Recogniser
from workbooks.reading.tables import Table
from workbooks.schema import KINDS
from workbooks.team import day_in


def gather_packaging(book: Book, known: Known, today: date, progress: Callable[[str], None]) -> Input:
    """Read the book's packaging requests and partners; the team folder's of which it has none.

    own_orders: whether the requests are the workbook's own. The day is the one whose folder the book lies in, else
    today. Raises WorkbookError where there are no packaging requests, and where a sheet is meant to hold some but lacks
    a heading: nobody may take the team folder's for those on the screen.
    """
    progress("read")
    parts, _ = read_book(book, Recogniser(known.settings.aliases))
    day = day_in(book.folder) or today
    own, shared = tables_of([parts], day), known.tables()
    wanted = ("packaging", "partners")
    tables = {kind: table for kind, table in {**shared, **own}.items() if kind in wanted}
    if "packaging" not in own and any(map(_almost_packaging, parts.problems)):
        raise no_requests("packaging", book.name, parts.problems)
    if "packaging" not in tables:
        raise no_requests("packaging", book.name, known.problems)
    problems: list[Problem] = []
    beside = known.problems
    if "packaging" in own:
        problems = [problem for problem in parts.problems if problem.code != "empty-sheet"]
        kasp = f"{labels().folders['kasp']}/"
        beside = [problem for problem in beside if not problem.source_file.startswith(kasp)]
    problems += [instead(book.name, kind) for kind in wanted if kind in own and kind in shared]
    return Input(day, "packaging" in own, tables, (*problems, *request_problems("packaging", tables, beside)))


def _almost_packaging(problem: Problem) -> bool:
    """Tell whether a sheet lacks just one heading of what packaging requests must have."""
    if problem.code != "not-recognised" or problem.fields["kind"] != labels().kinds["packaging"].title:
        return False
    return labels().words["list_joiner"] not in problem.fields["missing"]


def gather_invoices(book: Book, known: Known, today: date, progress: Callable[[str], None]) -> tuple[Input, bool]:
    """Read what an audit needs (see macros.desk_input.gather) and the invoice requests, the book's own before all.

    Returns whether the requests are the book's own, too. Raises WorkbookError where there are none.
    """
    given = gather(book, known, today, progress)
    if "invoices" not in given.tables:
        raise no_requests("invoices", book.name, given.problems)
    return given, bool((given.tables["invoices"].control["source_file"] == book.name).any())


def request_problems(
    kind: str, tables: Mapping[str, Table], problems: Iterable[Problem], book: str | None = None
) -> list[Problem]:
    """Return what could not be taken of the requests of a kind: their rows, and files and sheets beside them.

    problems: those of the team folder, and of the open workbook where `book` names it. What is wrong with other tables
    is told elsewhere.
    """
    folders = labels().folders
    beside = [
        problem
        for problem in problems
        if problem.source_row is None
        and (
            problem.source_file == book
            or problem.source_file.startswith(f"{folders['kasp']}/")
            or (problem.code in UNREADABLE and problem.source_file.startswith(f"{folders['reference']}/"))
        )
    ]
    return [*beside, *tables[kind].problems]


def no_requests(kind: str, place: object, problems: Iterable[Problem]) -> WorkbookError:
    """Return what is said where there are no requests of a kind, with the sheet that comes closest to some."""
    said = labels().kinds[kind]
    needed = labels().words["list_joiner"].join(said.headings[name][0] for name in KINDS[kind].required)
    almost = (one for one in problems if one.code == "not-recognised" and one.fields.get("kind") == said.title)
    fields = {"path": place, "folder": labels().folders["kasp"], "headings": needed, "first": next(almost, "")}
    if kind == "invoices":
        return WorkbookError("no-invoices", **fields)
    return WorkbookError("no-packaging", **fields)


def unjudged(name: str, not_run: Mapping[str, tuple[str, ...]]) -> list[Problem]:
    """Return the rules of the audit that did not run as problems of the workbook `name`, by what they lacked."""
    said, grouped = labels(), dict[str, list[str]]()
    for code, missing in not_run.items():
        grouped.setdefault(kind_titles(missing), []).append(said.rules[code].name)
    return [
        Problem("not-run", name, fields={"other": said.words["list_joiner"].join(rules), "missing": missing})
        for missing, rules in grouped.items()
    ]
