"""One file of a team folder read: its sheets told apart, what is wrong with it named.

Nothing here needs pandas: files are read while that is still being imported, and by processes that never do.
"""

from __future__ import annotations

import hashlib
import os
import stat
import time
from collections.abc import Callable, Sequence
from contextlib import nullcontext
from dataclasses import dataclass, replace
from io import BytesIO
from pathlib import Path

from workbooks.errors import UnreadableFileError
from workbooks.labels import labels
from workbooks.reading.cells import RawSheet, read_sheets
from workbooks.reading.handed_back import Returned, own_layout, part_of, returned
from workbooks.reading.problems import Problem
from workbooks.reading.recognise import Aliases, Closest, Match, Recogniser, first_rows
from workbooks.reading.recount import NOT_COUNTED, Recount, recount
from workbooks.reading.recount_cells import passed_over
from workbooks.reading.rows import Rows, sort_rows
from workbooks.schema import ANSWERS, KINDS, LIMITS, Limits
from workbooks.team import LOCK, SUFFIXES, Role, TeamFile, kinds_for

READERS = 2  # more at once gain nothing on an office machine
TRIES, BETWEEN = 5, 0.2  # how often a file that is being written is read, and seconds from one time to the next
LOCK_SIZE = 165  # bytes of a file that marks another as open
GRAIN = 0.02  # seconds within which a second change of a file may not show in the time of its last one

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
class Parts:
    """What one file gave: what could not be taken of it, the file as an input, and its sheets' rows by kind.

    returned: of a file that went back to its region and was handed back, its lines and how they were sent.
    recount: what the file holds, counted again by other means.
    """

    problems: Sequence[Problem] = ()
    inputs: Sequence[Input] = ()
    rows: Sequence[tuple[str, Rows]] = ()
    returned: Sequence[Returned] = ()
    recount: Recount = NOT_COUNTED


def read_file(file: TeamFile, recogniser: Recogniser, keep: Keep | None = None, limits: Limits = LIMITS) -> Parts:
    """Read one file of the team folder; what cannot be read is told in its problems.

    keep gets the content where the file is one of the day's workbooks.
    """
    if file.is_lock:
        return Parts([_open_elsewhere(file)])
    read: list[Input] = []
    try:
        content = content_of(file, limits)
        if keep and file.role == "orders":
            keep(file.name, content)
        read.append(Input(file.name, file.role, len(content), hashlib.sha256(content).hexdigest(), ()))
        sheets = _sheets(file, content, limits)
    except UnreadableFileError as error:
        fields = {"suffix": file.path.suffix or "-", "detail": error.detail}
        return Parts([Problem(error.reason, file.name, fields=fields)], read)
    own_result = is_result([sheet.name for sheet in sheets])
    parts = _told_apart(file, sheets, recogniser, own_result=own_result)
    if own_result and file.role == "orders":  # approvals may lie in any folder, finance's answers may not
        parts = replace(parts, problems=[Problem("own-result", file.name)])
    kinds = {rows_of.source_sheet: kind for kind, rows_of in parts.rows}
    used = tuple((sheet.name, kinds.get(sheet.name, "")) for sheet in sheets)
    orders = [rows_of for kind, rows_of in parts.rows if kind == "orders"]
    again = recount(file.name, content, limits, sheets, orders)
    if file.role == "orders" and not own_result:
        again = replace(again, differs=again.differs + passed_over(file.name, sheets, _told_of(sheets, parts)))
    return replace(parts, inputs=[replace(read[0], sheets=used)], recount=again)


def _told_of(sheets: Sequence[RawSheet], parts: Parts) -> set[str]:
    """Return the sheets that were read, are told of, or are our own."""
    told = {problem.source_sheet for problem in parts.problems}
    told |= {rows.source_sheet for _, rows in parts.rows} | {back.rows.source_sheet for back in parts.returned}
    return told | {sheet.name for sheet in sheets if sheet.name not in told and own_layout(first_rows(sheet))}


def read_files(files: Sequence[TeamFile], aliases: Aliases, limits: Limits = LIMITS) -> list[Parts]:
    """Return what each file gave, read in this process."""
    recogniser = Recogniser(aliases)
    return [read_file(file, recogniser, limits=limits) for file in files]


ReadFiles = Callable[[Sequence[TeamFile]], list[Parts]]
"""Reads files as read_files does, or workbooks.reading.apart.read_apart."""


def _told_apart(file: TeamFile, sheets: Sequence[RawSheet], recogniser: Recogniser, *, own_result: bool) -> Parts:
    """Return what a file's sheets give. own_result: it is a result of ours, of which only answers are read."""
    problems = [] if sheets else [Problem("no-sheets", file.name)]
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


def content_of(file: TeamFile, limits: Limits = LIMITS) -> bytes:
    """Return a file's content as it stood at one moment.

    A link is not followed, for it may lead out of the team folder; a pipe is not opened, for nobody may ever write to
    it. Raises UnreadableFileError: not-a-file, locked, too-large, or changing: each time it had changed once it was
    read.
    """
    try:
        if not is_plain(file.path):
            if file.path.is_dir() and not file.path.is_symlink():
                os.listdir(file.path)  # noqa: PTH208 - raises where a folder may not be looked into
            raise UnreadableFileError("not-a-file")
        for _ in range(TRIES):
            before = _state(file.path)
            if before[0] > limits.unpacked_mb << 20:
                raise UnreadableFileError.beyond("unpacked_mb", limits.unpacked_mb, -(-before[0] >> 20))
            if abs(time.time() - before[1] / 1e9) < GRAIN:
                time.sleep(GRAIN)
            content = file.path.read_bytes()
            # a system that enters the time of a change only when the file is closed needs the second look
            if content == file.path.read_bytes() and before == _state(file.path) and before[0] == len(content):
                return content
            time.sleep(BETWEEN)
    except OSError as error:
        raise UnreadableFileError("locked", error.strerror or str(error)) from error
    raise UnreadableFileError("changing")


def is_plain(path: Path) -> bool:
    """Tell whether this is a file itself: no link, pipe, device or folder. Raises OSError where nothing is there."""
    return stat.S_ISREG(path.lstat().st_mode)


def _state(path: Path) -> tuple[int, int, int]:
    """Return what tells whether a file was replaced or written to: its size, when it changed, and which file it is."""
    found = path.stat()
    return found.st_size, found.st_mtime_ns, found.st_ino


def _sheets(file: TeamFile, content: bytes, limits: Limits) -> list[RawSheet]:
    suffix = file.path.suffix.lower()
    if suffix not in SUFFIXES:
        raise UnreadableFileError("unsupported")
    return read_sheets(content, suffix, limits=limits)


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
        with file.path.open("rb") if is_plain(file.path) else nullcontext(BytesIO()) as lock:
            content = lock.read(LOCK_SIZE)
        # 55 bytes for the name in the machine's code page, then its length and 54 places in UTF-16
        length = int.from_bytes(content[55:57], "little")
        who = content[57 : 57 + 2 * length].decode("utf-16-le", errors="replace").strip("\x00 ") or "-"
    except OSError:
        pass
    return Problem("open-elsewhere", file.name, fields={"who": who, "file": file.path.name.removeprefix(LOCK)})
