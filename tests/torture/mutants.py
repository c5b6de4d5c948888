"""The pipeline corrupted on purpose, one place at a time: each time the control totals say FAIL, or the run refuses."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Any
from unittest.mock import patch

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

import udfs.audit
from macros import nightly, results
from macros.demo import make
from macros.runs import Outcome
from tests.bench.here import Here
from tests.torture.row import Row
from workbooks.errors import WorkbookError
from workbooks.labels import labels
from workbooks.layout import Look
from workbooks.reading import cells, day, files, rows, tables, values
from workbooks.reading.recognise import Match, Recogniser
from workbooks.schema import Type
from workbooks.writing import book, bulk, columns

Change = Callable[[Any], Callable[..., Any]]


@dataclass(frozen=True)
class Mutant:
    """One corruption: what it does, where (an object and its attribute), and what it puts there, given what stood."""

    name: str
    owner: object
    attribute: str
    change: Change


def after(then: Callable[[Any], Any]) -> Change:
    """Return a change that passes on something else than the answer."""
    return lambda old: lambda *given, **more: then(old(*given, **more))


def orders_only(then: Callable[[Any], Any]) -> Change:
    """Return a change of what is read of order files alone: sheets told apart, a table, a file's content."""

    def change(old: Any) -> Callable[..., Any]:
        def changed(first: Any, *given: Any, **more: Any) -> Any:
            answer = old(first, *given, **more)
            is_orders = first == "orders" if isinstance(first, str) else getattr(first, "role", "") == "orders"
            return then(answer) if is_orders else answer

        return changed

    return change


def picked(told: rows.Rows, places: Sequence[int]) -> rows.Rows:
    """Return a sheet's data rows at these places."""
    at = pa.array(places, pa.int64())
    columns = {name: column.take(at) for name, column in told.columns.items()}
    return replace(told, columns=columns, numbers=told.numbers[list(places)])


def _row_dropped(told: rows.Rows) -> rows.Rows:
    return picked(told, range(max(len(told.numbers) - 1, 0)))


def _row_doubled(told: rows.Rows) -> rows.Rows:
    return picked(told, [*range(len(told.numbers)), len(told.numbers) - 1] if len(told.numbers) else [])


def _swapped(found: object) -> object:
    if not isinstance(found, Match) or found.kind != "orders" or "amount" not in found.columns:
        return found
    columns = {**found.columns, "quantity": found.columns["amount"], "amount": found.columns["quantity"]}
    return replace(found, columns=columns)


def _header_lower(found: object) -> object:
    if not isinstance(found, Match) or found.kind != "orders":
        return found
    return replace(found, header_row=found.header_row + 1)


def _frame(then: Callable[[pd.DataFrame], pd.DataFrame]) -> Callable[[tables.Table], tables.Table]:
    return lambda table: replace(table, frame=then(table.frame))


def _regions_moved(frame: pd.DataFrame) -> pd.DataFrame:
    return frame.assign(region=frame["region"].iloc[::-1].to_numpy())


def _files_moved(frame: pd.DataFrame) -> pd.DataFrame:
    first, last = frame["source_file"].iloc[0], frame["source_file"].iloc[-1]
    return frame.assign(source_file=frame["source_file"].replace({first: last}))


def _numbers(then: Callable[[Any], Any]) -> Callable[[values.Reading], values.Reading]:
    return lambda reading: replace(reading, values=then(reading.values))


def _one_passes(frame: pd.DataFrame) -> pd.DataFrame:
    decision = frame["decision"].to_numpy(object).copy()
    decision[np.flatnonzero(decision == "return")[0]] = "pass"
    return frame.assign(decision=decision)


def _quantities_sorted(frame: pd.DataFrame) -> pd.DataFrame:
    return frame.assign(quantity=np.sort(frame["quantity"].to_numpy()))


def _lines_sorted(frame: pd.DataFrame) -> pd.DataFrame:
    places = frame[["source_file", "source_sheet", "source_row"]].reset_index(drop=True)
    ordered = frame.sort_values("product_code").reset_index(drop=True)
    ordered[places.columns] = places
    return ordered


def _zeros_cut(old: Any) -> Callable[..., Any]:
    def read(kind: Type, raw: pa.Array, **more: Any) -> values.Reading:
        cut = raw.cast(pa.string())
        return old(kind, pc.utf8_ltrim(cut, "0").dictionary_encode() if kind is Type.CODE else raw, **more)  # type: ignore[no-any-return]

    return read


def _made_up(old: Any) -> Callable[..., Any]:
    def read(kind: Type, raw: pa.Array, **more: Any) -> values.Reading:
        filled = pc.fill_null(raw.cast(pa.string()), "0").dictionary_encode() if kind is Type.CODE else raw
        return old(kind, filled, **more)  # type: ignore[no-any-return]

    return read


def _top_of(sheet: cells.RawSheet) -> cells.RawSheet:
    errors = {place: text for place, text in sheet.errors.items() if place[0] < 20}
    uncalculated = frozenset(place for place in sheet.uncalculated if place[0] < 20)
    return replace(sheet, cells=sheet.cells.slice(0, 20), errors=errors, uncalculated=uncalculated)


def _overwritten(frame: pd.DataFrame) -> pd.DataFrame:
    return frame.iloc[[*range(len(frame) - 1), len(frame) - 2]].reset_index(drop=True)


def _line_mixed_up(frame: pd.DataFrame) -> pd.DataFrame:
    return _overwritten(frame) if "ship" in frame else frame


def _tenfold(old: Any) -> Callable[..., Any]:
    def changed(column: Any, *given: Any) -> Any:
        answer = old(column, *given)
        return replace(answer, data=pc.multiply(answer.data, 10)) if column.look is Look.QUANTITY else answer

    return changed


def _first_lost(old: Any) -> Callable[..., Any]:
    def first_of_key(reader: Any, frame: Any, accepted: Any) -> Any:
        counts = old(reader, frame, accepted).copy()
        if reader.kind.name == "orders":
            counts[np.flatnonzero(accepted)[0]] = False
        return counts

    return first_of_key


def _judged_without_one(old: Any) -> Callable[..., Any]:
    return lambda lines, *given: old(lines.iloc[:-1], *given)


def _row_not_seen(filled: Any) -> Any:
    filled[np.flatnonzero(filled)[:1]] = False
    return filled


def _total_found(old: Any) -> Callable[..., Any]:
    def total_rows(match: Match, cells_of: Any, filled: Any, data: Any, bad: Any) -> Any:
        found = old(match, cells_of, filled, data, bad)
        first = int(np.flatnonzero(data)[0]) if data.any() else -1
        is_new = match.kind == "orders" and first >= 0 and first not in dict(found)
        return [(first, labels().words["total"]), *found] if is_new else found

    return total_rows


def _sheets(then: Callable[[cells.RawSheet], cells.RawSheet]) -> Change:
    return after(lambda sheets: [then(sheet) for sheet in sheets])


def _chunk_lost(jobs: Any) -> Any:
    every = list(jobs)
    return iter([*every[:-2], every[-1]] if len(every) > 2 else every)


def _middle_lost(old: Any) -> Callable[..., Any]:
    def jobs(body: Any, texts: Any, ends: Any, pool: Any) -> Any:
        with patch.object(bulk, "CHUNK", 16):
            every = list(old(body, texts, ends, pool))
        return iter([*every[:2], *every[3:]] if len(every) > 4 else every)

    return jobs


def _cut(table: book.Table) -> book.Table:
    return replace(table, frame=table.frame.iloc[:-1])


_to_frames = after(lambda frame: frame.iloc[:-1])
MUTANTS = (
    Mutant("a file is not listed", nightly, "team_files", after(lambda found: found[1:])),
    Mutant("a reference file is not listed", nightly, "team_files", after(lambda found: found[:-1])),
    Mutant("a file's answer is dropped", Here, "__iter__", after(lambda parts: iter(list(parts)[1:]))),
    Mutant("files are cut in half", files, "content_of", orders_only(lambda content: content[: len(content) // 2])),
    Mutant("a sheet is not read", files, "read_sheets", after(lambda sheets: sheets[1:] or sheets)),
    Mutant("a sheet is passed over", files, "_told_apart", lambda old: lambda file, sheets, *given, **more: old(
        file, sheets[:-1] if file.role == "orders" else sheets, *given, **more)),
    Mutant("reading stops at row 20", files, "read_sheets", _sheets(_top_of)),
    Mutant("errors are read as blank", files, "read_sheets", _sheets(lambda sheet: replace(sheet, errors={}))),
    Mutant("a cell is read as blank", files, "read_sheets", _sheets(lambda sheet: replace(
        sheet, cells=sheet.cells.set_column(0, "A", pc.replace_with_mask(
            sheet.cells[0].cast(pa.string()), pa.array([row == 9 for row in range(sheet.cells.num_rows)]),
            pa.scalar(None, pa.string())))))),
    Mutant("quantity and amount are swapped", Recogniser, "recognise", after(_swapped)),
    Mutant("the headings are found a row too low", Recogniser, "recognise", after(_header_lower)),
    Mutant("sort_rows drops a row", files, "sort_rows", after(_row_dropped)),
    Mutant("sort_rows doubles a row", files, "sort_rows", after(_row_doubled)),
    Mutant("sort_rows forgets the error cells", files, "sort_rows", after(lambda told: replace(told, bad_cells=()))),
    Mutant("row numbers are one off", files, "sort_rows", after(lambda told: replace(told, numbers=told.numbers + 1))),
    Mutant("a line is taken for blank", rows, "_not_blank", after(_row_not_seen)),
    Mutant("a line is taken for a heading", rows, "_header_rows", after(lambda found: [*found, 0])),
    Mutant("a line is taken for a total row", rows, "_total_rows", _total_found),
    Mutant("a decimal is shifted in dressed numbers", values, "number", after(lambda one: one and one * 10)),
    Mutant("a decimal is shifted in plain numbers", values, "_numbers", after(_numbers(lambda column: column / 10))),
    Mutant("blank is read as zero", values, "_numbers", after(_numbers(lambda column: column.fillna(0.0)))),
    Mutant("the sign is lost", values, "_numbers", after(_numbers(abs))),
    Mutant("codes lose their zeros", values, "read", _zeros_cut),
    Mutant("blank codes are made up", values, "read", _made_up),
    Mutant("an error cell rejects nothing", tables._Reader, "_reject_error_cells", lambda _: lambda *_: None),  # noqa: SLF001
    Mutant("a line goes as a duplicate, untold", tables._Reader, "_first_of_key", _first_lost),  # noqa: SLF001
    Mutant("a table loses a line", day, "read_table", orders_only(_frame(lambda frame: frame.iloc[1:]))),
    Mutant("a table doubles a line", day, "read_table", orders_only(
        _frame(lambda frame: pd.concat([frame, frame.iloc[:1]], ignore_index=True)))),
    Mutant("regions are mixed up", day, "read_table", orders_only(_frame(_regions_moved))),
    Mutant("a line's file is mixed up", day, "read_table", orders_only(_frame(_files_moved))),
    Mutant("a rejection is not told", day, "read_table", orders_only(
        lambda table: replace(table, problems=table.problems[1:]))),
    Mutant("the audit loses a line", udfs.audit, "audit", _judged_without_one),
    Mutant("a merged order line is overwritten", results, "line_rows", after(_overwritten)),
    Mutant("amounts gain a fen", results, "line_rows", after(
        lambda frame: frame.assign(amount=frame["amount"] + 0.01))),
    Mutant("quantities are sorted alone", results, "line_rows", after(_quantities_sorted)),
    Mutant("lines are sorted, their places not", results, "line_rows", after(_lines_sorted)),
    Mutant("a returned line passes", results, "line_rows", after(_one_passes)),
    Mutant("a finding is lost", results, "finding_rows", _to_frames),
    Mutant("links mix up two lines", results, "source_links", after(_line_mixed_up)),
    Mutant("the writer gets a line less", book, "_by_sheet", after(lambda sheets: [*map(_cut, sheets)])),
    Mutant("the writer shifts a decimal", columns, "cells", _tenfold),
    Mutant("the last chunk is not written", bulk, "_body_jobs", after(_chunk_lost)),
    Mutant("a chunk in the middle is not written", bulk, "_body_jobs", _middle_lost),
)  # fmt: skip


@contextmanager
def applied(mutant: Mutant) -> Iterator[None]:
    """Corrupt the pipeline while inside."""
    old = getattr(mutant.owner, mutant.attribute)
    with patch.object(mutant.owner, mutant.attribute, mutant.change(old)):
        yield


def one_run(team: Path, of: date) -> Outcome:
    """Audit the day, all in this process."""
    with patch.object(nightly, "Reading", Here):
        return nightly.run(team, of)


def caught(mutant: Mutant, team: Path, of: date, clean: Outcome) -> str:
    """Return how a corruption is caught, "" where it is not."""
    shutil.rmtree(team / labels().folders["output"], ignore_errors=True)
    try:
        with applied(mutant):
            outcome = one_run(team, of)
    except WorkbookError as error:
        return f"raised {error.code}"
    if not outcome.report.passed:
        return "FAIL"
    return "unreadable" if set(outcome.team.unreadable) - set(clean.team.unreadable) else ""


def told(mutants: Sequence[Mutant]) -> Mapping[str, str]:
    """Return how each corruption is caught on the demo day, which passes without one."""
    with tempfile.TemporaryDirectory() as folder:
        team = Path(folder) / "team"
        of, _ = make.run(team)
        clean = one_run(team, of)
        assert clean.report.passed
        return {mutant.name: caught(mutant, team, of, clean) for mutant in mutants}


def run(*, full: bool) -> Row:
    """Corrupt the demo day's run in every way there is, or in a few."""
    how = told(MUTANTS if full else MUTANTS[::10])
    missed = [name for name, found in how.items() if not found]
    fails = sum(found == "FAIL" for found in how.values())
    said = f"{fails} turn the verdict to FAIL, the others stop the run or name the file; uncorrupted it is PASS"
    return Row("Pipeline corrupted on purpose", len(how), len(how) - len(missed), said, missed)
