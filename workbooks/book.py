"""A workbook that macros work on: a file on disk, or the one that is open (workbooks.live.LiveBook).

A macro reads its sheets and gets new ones written beside them; what was there stays as it is.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Protocol

import pandas as pd

from workbooks.errors import UnreadableFileError, WorkbookError
from workbooks.reading.cells import RawSheet, read_sheets
from workbooks.reading.problems import Problem
from workbooks.sheets import free_names
from workbooks.writing.book import Table, write_book

Selection = tuple[str, frozenset[int]]
"""A sheet's name and the Excel row numbers selected in it."""


class Cancelled(Exception):  # noqa: N818 - nothing went wrong: somebody pressed Esc
    """The user has stopped the macro; what it wrote is gone again."""


class Book(Protocol):
    """What a macro asks of a workbook."""

    @property
    def name(self) -> str:
        """Return the workbook's file name."""

    @property
    def folder(self) -> str:
        """Return the folder it lies in, as its host spells it; nothing where it was never saved."""

    def sheets(self) -> list[RawSheet]:
        """Return the worksheets in their order, hidden ones too. Raises WorkbookError where they cannot be read."""

    def selected_rows(self) -> Selection | None:
        """Return the rows that are selected; None where no cells are."""

    def write(self, tables: Sequence[Table], day: date) -> list[str]:
        """Write each table as a new sheet and return the sheets' names; all of them appear, or none.

        A table's link_target is a path relative to the workbook, "" the workbook itself (a sheet of it, link_sheet).
        A sheet that is there is never touched: where a name is taken, the new sheet gets " (2)" and so on.
        Raises WorkbookError where a sheet cannot be written, Cancelled where the user stops it.
        """


class FileBook:
    """A workbook file whose results go into a workbook of their own."""

    def __init__(self, path: Path, result: Path, selected: Selection | None = None) -> None:
        """Take a workbook file and where its results are to go; selected: what selected_rows answers."""
        self.path = path
        self.result = result
        self.selected = selected
        self.written: list[Table] = []

    @property
    def name(self) -> str:
        """Return the file's name."""
        return self.path.name

    @property
    def folder(self) -> str:
        """Return the folder the file lies in."""
        return str(self.path.parent)

    def sheets(self) -> list[RawSheet]:
        """Return the file's worksheets. Raises WorkbookError where there is no such file or it cannot be read."""
        try:
            return read_sheets(self.path.read_bytes(), self.path.suffix)
        except FileNotFoundError as error:
            raise WorkbookError("no-file", path=self.path) from error
        except UnreadableFileError as error:
            fields = {"suffix": self.path.suffix or "-", "detail": error.detail}
            problem = Problem(error.reason, self.name, fields=fields)
            raise WorkbookError("unreadable-file", path=self.path, says=problem) from error

    def selected_rows(self) -> Selection | None:
        """Return what was given as selected."""
        return self.selected

    def write(self, tables: Sequence[Table], day: date) -> list[str]:
        """Add the tables to the result workbook; see Book.write. A result that another run made is not replaced."""
        if not self.written and self.result.exists():
            raise WorkbookError("result-there", path=self.result)
        names = free_names((table.layout.name for table in tables), (table.layout.name for table in self.written))
        target = self._link_target()
        new = [
            Table(replace(table.layout, name=name), _leading_to(table, target))
            for table, name in zip(tables, names, strict=True)
        ]
        staged = self.result.with_name(f".{self.result.name}.{os.getpid()}")
        try:
            write_book(staged, None, [*self.written, *new], day)
            staged.replace(self.result)
        except OSError as error:
            raise WorkbookError("file-unwritable", path=self.result, detail=error.strerror or str(error)) from error
        finally:
            staged.unlink(missing_ok=True)
        self.written += new
        return names

    def _link_target(self) -> str | None:
        """Return the way from the result to the file; there is none to another drive."""
        try:
            return Path(os.path.relpath(self.path, self.result.parent)).as_posix()
        except ValueError:
            return None


def _leading_to(table: Table, target: str | None) -> pd.DataFrame:
    """Return a table's rows, with links into the workbook itself leading to `target`."""
    frame = table.frame
    if "link_target" not in frame:
        return frame
    return frame.assign(link_target=frame["link_target"].where(frame["link_target"] != "", target))
