"""A day's input: all files of a team folder read, as tables, with everything that could not be taken."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import date

from workbooks.errors import UnreadableFileError, WorkbookError
from workbooks.labels import labels
from workbooks.reading.cells import RawSheet, read_sheets
from workbooks.reading.handed_back import Returned, own_layout, part_of, returned
from workbooks.reading.problems import UNREADABLE, Problem
from workbooks.reading.recognise import Aliases, Closest, Match, Recogniser, first_rows
from workbooks.reading.rows import Rows, sort_rows
from workbooks.reading.settled import settle
from workbooks.reading.tables import ANSWERS, Table, read_table
from workbooks.schema import KINDS, REFERENCE_KINDS
from workbooks.team import LOCK, SUFFIXES, Role, TeamFile, kinds_for

READERS = 2  # parsing releases the interpreter lock; more threads than that gain nothing on an office machine

Keep = Callable[[str, bytes], None]
"""Takes a day's workbook (its path inside the day's folder) and its content, to keep a copy."""


@dataclass(frozen=True)
class Input:
    """A file that was read: its name and role, size in bytes and SHA-256, and the sheets with the kinds found in it."""

    name: str
    role: Role
    size: int
    sha256: str
    sheets: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class TeamDay:
    """Everything a day's run starts from: tables by kind (orders always there), problems in reading order, inputs."""

    day: date
    tables: dict[str, Table]
    problems: tuple[Problem, ...]
    inputs: tuple[Input, ...]

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
    """Read all tables of the files for a day.

    keep gets every one of the day's workbooks as it was read; progress the number of files done and of all.
    Raises WorkbookError where no sheet holds orders.
    """
    recogniser = Recogniser(aliases)
    read: list[Parts] = []
    with ThreadPoolExecutor(READERS) as pool:
        for parts in pool.map(lambda file: read_file(file, recogniser, keep), files):
            read.append(parts)
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
    return TeamDay(day, tables, tuple(problems), tuple(entry for parts in read for entry in parts.inputs))


def no_orders(files: Sequence[TeamFile], read: Iterable[Parts]) -> WorkbookError:
    """Return what is said where no sheet of the day's files holds orders, with what is wrong with the first."""
    problems = (problem for parts in read for problem in parts.problems if problem.code != "open-elsewhere")
    return WorkbookError(
        "no-order-sheet", path=files[0].path.parents[files[0].name.count("/")], first=next(problems, "")
    )


@dataclass(frozen=True)
class Parts:
    """What one file gave: what could not be taken of it, the file as an input, and its sheets' rows by kind.

    returned: of a file that went back to its region and was handed back, its lines and how they were sent.
    """

    problems: Sequence[Problem] = ()
    inputs: Sequence[Input] = ()
    rows: Sequence[tuple[str, Rows]] = ()
    returned: Sequence[Returned] = ()


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


def read_file(file: TeamFile, recogniser: Recogniser, keep: Keep | None = None) -> Parts:
    """Read one file of the team folder; what cannot be read is told in its problems.

    keep gets the content where the file is one of the day's workbooks.
    """
    if file.is_lock:
        return Parts([_open_elsewhere(file)])
    read: list[Input] = []
    try:
        content = content_of(file)
        if keep and file.role == "orders":
            keep(file.name, content)
        read.append(Input(file.name, file.role, len(content), hashlib.sha256(content).hexdigest(), ()))
        sheets = _sheets(file, content)
    except UnreadableFileError as error:
        fields = {"suffix": file.path.suffix or "-", "detail": error.detail}
        return Parts([Problem(error.reason, file.name, fields=fields)], read)
    own_result = is_result([sheet.name for sheet in sheets])
    parts = _told_apart(file, sheets, recogniser, own_result=own_result)
    if own_result and file.role == "orders":  # approvals may lie in any folder, finance's answers may not
        parts = replace(parts, problems=[Problem("own-result", file.name)])
    kinds = {rows_of.source_sheet: kind for kind, rows_of in parts.rows}
    used = tuple((sheet.name, kinds.get(sheet.name, "")) for sheet in sheets)
    return replace(parts, inputs=[replace(read[0], sheets=used)])


def _told_apart(file: TeamFile, sheets: Sequence[RawSheet], recogniser: Recogniser, *, own_result: bool) -> Parts:
    """Return what a file's sheets give. own_result: it is a result of ours, of which only answers are read."""
    problems: list[Problem] = []
    rows: list[tuple[str, Rows]] = []
    back: list[Returned] = []
    names = [sheet.name for sheet in sheets]
    for sheet in sheets:
        top = first_rows(sheet)
        found = _kind_of(top, file.role, recogniser)
        part = part_of(top, found, sheet.name, names)
        if part is not None and (file.role != "orders" or part == "told"):
            if part == "sent_back":
                problems.append(_handed_back_elsewhere(file, sheet))
            continue
        ours = part is None and own_layout(top) is not None
        if (own_result or ours) and not is_answer(sheet.name, found):
            problems += [] if own_result else [Problem("own-sheet", file.name, sheet.name)]
            continue
        problem = _unused(file, sheet, found)
        if problem is not None:
            problems += [problem] if file.role != "other" else []
        elif isinstance(found, Match):
            told = sort_rows(file.name, sheet, found)
            if part is not None:
                back.append(returned(part, sheet, told, found.header_row))
            if part != "as_sent":
                rows.append((found.kind, told))
    return Parts(problems, (), rows, back)


def _handed_back_elsewhere(file: TeamFile, sheet: RawSheet) -> Problem:
    """Return the notice of corrected lines that lie where no orders are read."""
    said = labels()
    fields = {"kind": said.sheets["sent_back"].name, "folder": file.name.split("/")[0]}
    return Problem("not-used-here", file.name, sheet.name, fields=fields)


def _kind_of(rows: Sequence[Sequence[str | None]], role: Role, recogniser: Recogniser) -> Match | Closest:
    found = recogniser.recognise(rows)
    kinds = kinds_for(role)
    if (
        role == "orders"
        and isinstance(found, Match)
        and found.kind not in kinds
        and len(KINDS[found.kind].required) == 1
    ):
        # among the orders, a sheet with a partner code is orders that lack a heading rather than a finance table
        return recogniser.closest(rows, kinds)
    return found


def is_answer(sheet_name: str, found: Match | Closest) -> bool:
    """Tell whether a sheet of one of our own results is read: one that people answer in. The record repeats answers."""
    record = labels().sheets["approvals"].name
    return isinstance(found, Match) and found.kind in ANSWERS and sheet_name != record


def is_result(sheet_names: Sequence[str]) -> bool:
    """Tell whether a workbook is one of our own results, put back with answers in it."""
    sheets, there = labels().sheets, set(sheet_names)
    ours = (("control", "funds"), ("packaging", "packaging_lines"), ("invoices", "invoice_lines"))
    return any({sheets[key].name for key in keys} <= there for keys in ours)


def content_of(file: TeamFile) -> bytes:
    """Return a file's content; a link is not followed, for it may lead out of the team folder."""
    if file.path.is_symlink():
        raise UnreadableFileError("unsupported")
    try:
        return file.path.read_bytes()
    except OSError as error:
        raise UnreadableFileError("locked", error.strerror or str(error)) from error


def _sheets(file: TeamFile, content: bytes) -> list[RawSheet]:
    suffix = file.path.suffix.lower()
    if suffix not in SUFFIXES:
        raise UnreadableFileError("unsupported")
    return read_sheets(content, suffix)


def _unused(file: TeamFile, sheet: RawSheet, found: Match | Closest) -> Problem | None:
    """Return why a sheet is not read, None where it is."""
    said = labels()
    if isinstance(found, Match):
        if found.kind in kinds_for(file.role):
            return None
        folder = said.folders["orders"] if file.role == "orders" else file.name.split("/")[0]
        fields = {"kind": said.kinds[found.kind].title, "folder": folder}
        return Problem("not-used-here", file.name, sheet.name, fields=fields)
    return unrecognised(file.name, sheet, found)


def unrecognised(source_file: str, sheet: RawSheet, found: Closest) -> Problem:
    """Return why a sheet is none of our tables: it is empty, or what the closest kind lacks."""
    if all(column.null_count == len(column) for column in sheet.cells):
        return Problem("empty-sheet", source_file, sheet.name)
    said = labels()
    missing = said.words["list_joiner"].join(found.missing)
    fields = {"kind": said.kinds[found.kind].title, "missing": missing}
    return Problem("not-recognised", source_file, sheet.name, fields=fields)


def _open_elsewhere(file: TeamFile) -> Problem:
    """Return the notice of a lock file: Excel writes the user's name into it, first in bytes, then in UTF-16."""
    who = "-"
    try:
        content = file.path.read_bytes()
        # 55 bytes for the name in the machine's code page, then its length and 54 places in UTF-16
        length = int.from_bytes(content[55:57], "little")
        who = content[57 : 57 + 2 * length].decode("utf-16-le", errors="replace").strip("\x00 ") or "-"
    except OSError:
        pass
    return Problem("open-elsewhere", file.name, fields={"who": who, "file": file.path.name.removeprefix(LOCK)})


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
