"""Sheets as tables: rows told apart, values read, bad rows rejected, everything with its place (domain.md §3).

One table per kind, stacked over all its sheets in source order. Beside the values every row keeps source_file,
source_sheet and source_row (Excel's own row number), and every rejected cell its address and reason.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import PurePosixPath
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa

from workbooks.addresses import column_letters
from workbooks.labels import labels
from workbooks.reading import values
from workbooks.reading.problems import Problem
from workbooks.reading.rows import Rows, Total
from workbooks.reading.texts import COLUMN, Bools, Ints, stacked
from workbooks.schema import ANSWERS, KINDS, Column, Kind, Type

UNREADABLE = {
    Type.DISCOUNT: "not-a-rate",
    Type.SHARE: "not-a-rate",
    Type.DATE: "not-a-date",
    Type.VERDICT: "not-a-choice",
    Type.CONFIRMATION: "not-a-choice",
}


@dataclass(frozen=True)
class Table:
    """One kind's accepted rows and what happened on the way.

    frame: the kind's columns with source_file, source_sheet, source_row, and sheet (its place in `sheets`).
    problems: rejected cells and rows not used. cleaned: numbers read through units and separators (line, heading,
    text, value). totals: what total rows state (source, word, heading, stated, sum). control: one row per sheet.
    sent: of orders that were handed back, the lines as they had been sent (workbooks.reading.handed_back.sent_lines).
    """

    frame: pd.DataFrame
    problems: tuple[Problem, ...]
    cleaned: pd.DataFrame
    totals: pd.DataFrame
    control: pd.DataFrame
    sent: pd.DataFrame | None = None


def read_table(kind_name: str, sheets: Sequence[Rows], day: date) -> Table:
    """Read all sheets of one kind, given in source order, as one table."""
    kind = KINDS[kind_name]
    return _Reader(kind, sheets, day).table()


class _Reader:
    """Reads the stacked columns of one kind; holds what the steps share."""

    def __init__(self, kind: Kind, sheets: Sequence[Rows], day: date) -> None:
        self.kind = kind
        self.sheets = sheets
        self.day = day
        self.sheet = np.repeat(np.arange(len(sheets)), [len(rows.numbers) for rows in sheets]).astype(np.int64)
        self.row = np.concatenate([rows.numbers for rows in sheets]) if sheets else np.empty(0, dtype=np.int64)
        self.date1904 = np.array([rows.date1904 for rows in sheets], dtype=bool)[self.sheet]
        self.rejected: Bools = np.zeros(len(self.row), dtype=bool)
        self.problems: list[tuple[int, int, Problem]] = []
        self.told: set[tuple[int, str]] = set()
        self.cleaned: list[tuple[Column, Bools, pa.Array, pd.Series]] = []

    def table(self) -> Table:
        raw = {column.name: self._stacked(column.name) for column in self.kind.columns}
        self._reject_error_cells()
        frame = pd.DataFrame({column.name: self._read(column, raw) for column in self.kind.columns})
        said = np.ones(len(frame), dtype=bool)
        if self.kind.name in ANSWERS:  # finance and approvers leave blank the rows they say nothing of
            said = frame[list(ANSWERS[self.kind.name])].notna().any(axis=1).to_numpy() | self.rejected
        self._reject_missing(frame, said)
        frame["sheet"], frame["source_row"] = self.sheet, self.row
        frame["source_file"] = self._of_sheets([rows.source_file for rows in self.sheets])
        frame["source_sheet"] = self._of_sheets([rows.source_sheet for rows in self.sheets])
        if self.kind.name == "orders":
            stems = self._of_sheets([PurePosixPath(rows.source_file).stem for rows in self.sheets])
            frame["region"] = frame["region"].fillna(stems)
        accepted = said & ~self.rejected
        accepted &= self._first_of_key(frame, accepted)
        totals, control = self._totals(frame), self._control(frame, accepted)
        problems = tuple(problem for _, _, problem in sorted(self.problems, key=lambda placed: placed[:2]))
        lines = np.cumsum(accepted) - 1
        rows = frame if accepted.all() else frame[accepted].reset_index(drop=True)
        return Table(rows, problems, self._cleaned(accepted, lines), totals, control)

    def _stacked(self, name: str) -> pa.Array:
        """Return a column's texts over all sheets; blank in a sheet that lacks it."""
        return stacked([rows.columns.get(name, pa.nulls(len(rows.numbers), COLUMN)) for rows in self.sheets])

    def _of_sheets(self, texts: Sequence[str]) -> pd.Series:
        """Return a column of what is one text for a whole sheet."""
        values = pa.array(texts, pa.large_string()).take(pa.array(self.sheet))
        return pd.Series(pd.array(values, dtype="str"))

    def _read(self, column: Column, raw: Mapping[str, pa.Array]) -> pd.Series:
        reading = values.read(column.type, raw[column.name], day=self.day, date1904=self.date1904, unit=raw.get("unit"))
        code = UNREADABLE.get(column.type, "not-a-number")
        doubtful = column.type is Type.CONFIRMATION and not column.required
        for place in np.flatnonzero(reading.unreadable).tolist():
            text = str(raw[column.name][place].as_py())
            # what else finance says of the partner stands; only its confirmation is not understood
            self._problem("not-confirmed" if doubtful else code, place, column, text, rejects=not doubtful)
        self.cleaned.append((column, reading.cleaned, raw[column.name], reading.values))
        return reading.values

    def _problem(self, code: str, place: int, column: Column, value: str, *, rejects: bool = True, **more: str) -> None:
        rows = self.sheets[self.sheet[place]]
        index, row = rows.indices.get(column.name), int(self.row[place])
        heading = rows.headings.get(column.name) or labels().kinds[self.kind.name].headings[column.name][0]
        cell = f"{column_letters(index)}{row}" if index is not None else ""
        fields = {"heading": heading, "value": value, "choices": self._words(column), **more}
        problem = Problem(code, rows.source_file, rows.source_sheet, row, cell, value, fields)
        self.told.add((place, column.name))
        self.problems.append((place, -1 if index is None else index, problem))
        self.rejected[place] |= rejects

    def _words(self, column: Column) -> str:
        words = labels().words
        if column.type is Type.VERDICT:
            return str(words["list_joiner"].join(words["verdict"].values()))
        return str(words["list_joiner"].join(words["confirmation"][name] for name in ("paid", "unpaid", "indebted")))

    def _reject_error_cells(self) -> None:
        start = 0
        for rows in self.sheets:
            for place, name, text in rows.bad_cells:
                code = "error-cell" if text else "uncalculated"
                self._problem(code, start + place, self.kind.column(name), text)
            start += len(rows.numbers)

    def _reject_missing(self, frame: pd.DataFrame, said: Bools) -> None:
        for name in self.kind.required:
            column = self.kind.column(name)
            for place in np.flatnonzero(frame[name].isna().to_numpy() & said).tolist():
                if (place, name) not in self.told:  # else it is not blank but cannot be read
                    self._problem("missing-value", place, column, "")

    def _first_of_key(self, frame: pd.DataFrame, accepted: Bools) -> Bools:
        """Return which rows count where a key stands more than once: the latest as_of, of these the first."""
        counts = np.ones(len(frame), dtype=bool)
        key = list(self.kind.key)
        if not key:
            return counts
        keys = frame.loc[accepted, key].apply(lambda column: column.str.upper())
        if "as_of" in frame.columns:
            keys = keys.loc[frame["as_of"].loc[keys.index].sort_values(ascending=False, kind="stable").index]
        places = keys.index.to_numpy()
        group = keys.groupby(key, sort=False).ngroup().to_numpy()
        first = places[np.unique(group, return_index=True)[1]][group]
        again = first != places
        counts[places[again]] = False
        if self.kind.name == "confirmations":  # a later day's answer goes before an earlier one, as it should
            as_of = frame["as_of"].to_numpy()
            again &= ~(as_of[first] > as_of[places])
        for place, other in sorted(zip(places[again].tolist(), first[again].tolist(), strict=True)):
            rows = self.sheets[self.sheet[other]]
            where = labels().phrase("place", file=rows.source_file, sheet=rows.source_sheet, row=self.row[other])
            value = " ".join(str(frame[name].iloc[place]) for name in key)
            self._problem("duplicate-key", place, self.kind.column(key[0]), value, rejects=False, other=where)
        return counts

    def _cleaned(self, accepted: Bools, lines: Ints) -> pd.DataFrame:
        found: dict[str, list[Any]] = {"line": [], "heading": [], "text": [], "value": []}
        for column, cleaned, raw, read_as in self.cleaned:
            places = np.flatnonzero(cleaned & accepted)
            if len(places):
                found["line"] += lines[places].tolist()
                found["heading"] += [self.sheets[sheet].headings[column.name] for sheet in self.sheet[places].tolist()]
                found["text"] += raw.take(pa.array(places)).to_pylist()
                found["value"] += read_as.to_numpy(float)[places].tolist()
        return pd.DataFrame(found)

    def _totals(self, frame: pd.DataFrame) -> pd.DataFrame:
        """Compare each total row with the sum of the rows it closes, rejected ones too where they can be read."""
        parts: list[dict[str, Any]] = []
        start = 0
        for rows in self.sheets if self.kind.name == "orders" else ():
            for total in rows.totals:
                for name in ("quantity", "amount"):
                    stated = values.number(total.cells.get(name) or "")
                    if stated is None:
                        continue
                    closed = frame[name].to_numpy(float)[start + total.first : start + total.end]
                    parts.append(_stated(rows, total, name, stated, float(np.round(np.nansum(closed), 6))))
            start += len(rows.numbers)
        return pd.DataFrame(
            parts, columns=["source_file", "source_sheet", "source_row", "word", "name", "heading", "stated", "sum"]
        )

    def _control(self, frame: pd.DataFrame, accepted: Bools) -> pd.DataFrame:
        """Return per sheet how many rows came in and went which way, with quantity and money (CNY, as read)."""
        control = pd.DataFrame({"source_file": [rows.source_file for rows in self.sheets]}, dtype="str")
        control["source_sheet"] = pd.array([rows.source_sheet for rows in self.sheets], dtype="str")
        control["rows"] = np.bincount(self.sheet, minlength=len(self.sheets))
        control["accepted"] = np.bincount(self.sheet[accepted], minlength=len(self.sheets))
        control["rejected"] = control["rows"] - control["accepted"]
        for name in ("quantity", "amount") if self.kind.name == "orders" else ():
            column = np.nan_to_num(frame[name].to_numpy(float))
            for prefix, rows in (("", accepted), ("rejected_", ~accepted)):
                sums = np.bincount(self.sheet[rows], column[rows], minlength=len(self.sheets))
                control[f"{prefix}{name}"] = np.round(sums, 6)
            control[f"stated_{name}"] = [_stated_by(rows, name) for rows in self.sheets]
        return control


def _stated_by(rows: Rows, name: str) -> float:
    """Return what a sheet states as its total: the last row that closes all of it, else the sum of its subtotals."""
    stated = [(total, values.number(total.cells.get(name) or "")) for total in rows.totals]
    whole = [number for total, number in stated if total.end - total.first == len(rows.numbers) and number is not None]
    parts = [number for _, number in stated if number is not None]
    return whole[-1] if whole else (float(np.round(sum(parts), 6)) if parts else np.nan)


def _stated(rows: Rows, total: Total, name: str, stated: float, closed: float) -> dict[str, Any]:
    return {
        "source_file": rows.source_file,
        "source_sheet": rows.source_sheet,
        "source_row": total.number,
        "word": total.word,
        "name": name,
        "heading": rows.headings[name],
        "stated": stated,
        "sum": closed,
    }
