"""What earlier runs wrote that lives on: the register of transfers with the tracker's remarks, and the approvals.

Read from the result workbooks in the team's output folder, where people write into them. A sheet is found by its name,
its columns by their headings.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from itertools import chain
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa

from workbooks.errors import UnreadableFileError, WorkbookError
from workbooks.labels import labels
from workbooks.layout import LAYOUTS, NUMBERS, Column, Layout, Look
from workbooks.reading import values
from workbooks.reading.cells import RawSheet, read_sheets
from workbooks.reading.handed_back import BEFORE, MARKS
from workbooks.reading.recognise import first_rows, heading_key
from workbooks.record import read_record, record_path, recorded
from workbooks.schema import KINDS, Limits, Type
from workbooks.sheets import MOST_ROWS, free_names

SENT = (
    *(column.name for column in KINDS["orders"].columns),
    *MARKS,
    *BEFORE,
    "source_file",
    "source_sheet",
    "source_row",
)

MOST_SHEETS = 16  # that one table is looked for on
OWN = Limits(unpacked_mb=1 << 14)  # a table as long as a sheet takes unpacks to 1.3 GB, and goes on in further sheets
LOOKED_BACK = 62
"""How many earlier results are looked at for a day that was run again out of turn."""


def _nothing(key: str) -> pd.DataFrame:
    return pd.DataFrame(columns=[column.name for column in LAYOUTS[key].columns], dtype=object)


@dataclass(frozen=True)
class Earlier:
    """What earlier runs left, each sheet's rows under the names of its layout's columns; nothing where there is none.

    day: the last earlier day with a result. transfers: its register. approvals: its record of approvals.
    same_day, same_day_approvals: the same of an earlier run of the day itself, for what people wrote there since.
    written: SHA-256 of the results of earlier days, as their runs wrote them. missed: transfers and approvals of those
    that the last earlier day's run has not seen, for they were run again since; the oldest first.
    sent: all lines of that earlier day as its result has them, in the columns of handed_back.sent_lines; their
    source_file is the copy beside that result.
    """

    day: date | None = None
    transfers: pd.DataFrame = field(default_factory=lambda: _nothing("transfers"))
    approvals: pd.DataFrame = field(default_factory=lambda: _nothing("approvals"))
    same_day: pd.DataFrame = field(default_factory=lambda: _nothing("transfers"))
    same_day_approvals: pd.DataFrame = field(default_factory=lambda: _nothing("approvals"))
    sent: pd.DataFrame = field(default_factory=pd.DataFrame)
    written: Mapping[str, str] = field(default_factory=dict)
    missed: tuple[Mapping[str, pd.DataFrame], ...] = ()


def result_path(root: Path, day: date) -> Path:
    """Return where a day's result workbook is. root: the team's output folder."""
    name = f"{day:%Y-%m-%d}"
    return root / name / labels().files["result"].format(day=name)


def earlier_days(root: Path, day: date) -> list[date]:
    """Return the days before `day` that have a result workbook, at most the last LOOKED_BACK of them."""
    days = []
    for path in root.glob("????-??-??"):
        try:
            other = date.fromisoformat(path.name)
        except ValueError:
            continue
        if other < day and result_path(root, other).is_file():
            days.append(other)
    return sorted(days)[-LOOKED_BACK:]


def read_earlier(root: Path, day: date, *, lines: bool = True) -> Earlier:
    """Read what lives on from the results of earlier runs. root: the team's output folder.

    lines: whether the earlier day's order lines are wanted, which takes long.
    Raises WorkbookError where a result cannot be read: to go on without it would lose what it keeps.
    """
    keys, days = ("transfers", "approvals"), earlier_days(root, day)
    before = days[-1] if days else None
    wanted = (*keys, "lines") if lines else keys
    last = read_result(result_path(root, before), day, wanted) if before else {}
    own = result_path(root, day)
    same = read_result(own, day, keys) if own.is_file() else {}
    facts = {other: read_record(record_path(result_path(root, other).parent)) for other in days}
    written = {
        f"{other}": str((recorded(said, "outputs") or {}).get(result_path(root, other).name, ""))
        for other, said in facts.items()
    }
    seen = recorded(facts[before], "before") if before else None  # None: an older version did not say
    missed = [other for other in days[:-1] if seen is not None and seen.get(f"{other}") != written[f"{other}"]]
    nothing = Earlier()
    return Earlier(
        before,
        last.get("transfers", nothing.transfers),
        last.get("approvals", nothing.approvals),
        same.get("transfers", nothing.same_day),
        same.get("approvals", nothing.same_day_approvals),
        _sent(last["lines"], root, before) if before and "lines" in last else nothing.sent,
        written,
        tuple(read_result(result_path(root, other), day, keys) for other in missed),
    )


def _sent(lines: pd.DataFrame, root: Path, day: date) -> pd.DataFrame:
    """Return the merged order lines of an earlier day as lines that were sent back, without marks but their day."""
    said, name = labels(), f"{day:%Y-%m-%d}"
    kinds = {words[0]: kind for kind, words in said.words["line_type"].items()}
    lines = lines[lines[["order_no", "partner_code", "product_code"]].notna().all(axis=1)]
    lines = lines.assign(
        line_type=lines["line_type"].map(kinds).astype("str"),
        before=lines["decision"].where(lines["decision"].isin(list(said.decisions))),
        before_rules=lines["rules"],
        source_file=f"{root.name}/{name}/{said.folders['originals']}/" + lines["source_file"].astype("str"),
        back_day=pd.Timestamp(day),
        **dict.fromkeys(("back_file", "back_sheet"), pd.Series(index=lines.index, dtype="str")),
        **dict.fromkeys(("back_row", "back_round"), np.nan),
    )
    return lines[list(SENT)].reset_index(drop=True)


def read_result(path: Path, day: date, keys: tuple[str, ...]) -> dict[str, pd.DataFrame]:
    """Return the rows of some sheets of a result workbook, by layout; a sheet that is not there is left out.

    Words stand as their keys; what cannot be read as a number or date is missing. Raises WorkbookError where the
    workbook cannot be read.
    """
    names = {key: free_names([LAYOUTS[key].name] * MOST_SHEETS, ()) for key in keys}
    try:
        only = list(chain(*names.values()))
        sheets = read_sheets(path.read_bytes(), path.suffix, only=only, limits=OWN)
    except UnreadableFileError as error:
        raise WorkbookError("earlier-unreadable", path=path, detail=error.detail or error.reason) from error
    except OSError as error:
        raise WorkbookError("earlier-unreadable", path=path, detail=error.strerror or error) from error
    by_name = {sheet.name: sheet for sheet in sheets}
    if "transfers" in keys and LAYOUTS["transfers"].name not in by_name:
        raise WorkbookError("earlier-unreadable", path=path, detail=LAYOUTS["transfers"].name)
    there = {key: _in_turn(by_name, names[key]) for key in keys if names[key][0] in by_name}
    return {
        key: pd.concat([_rows(sheet, LAYOUTS[key], path, day) for sheet in parts], ignore_index=True)
        for key, parts in there.items()
    }


def _in_turn(sheets: Mapping[str, RawSheet], names: Sequence[str]) -> list[RawSheet]:
    """Return the sheets that a table stands on: one that is full goes on in the next; else that is somebody's copy."""
    parts = [sheets[names[0]]]
    for name in names[1:]:
        if name not in sheets or parts[-1].cells.num_rows <= MOST_ROWS:
            break
        parts.append(sheets[name])
    return parts


def _rows(sheet: RawSheet, layout: Layout, path: Path, day: date) -> pd.DataFrame:
    """Return a sheet's rows below its headings, which people may have moved; a column that is not there is empty."""
    ours = {heading_key(column.heading) for column in layout.columns}
    rows = first_rows(sheet)
    named = [{heading_key(text): place for place, text in enumerate(row) if text} for row in rows]
    # a third will do: an older version of the sheet had fewer
    first = next((row for row, known in enumerate(named) if len(ours & known.keys()) > len(ours) // 3), None)
    if first is None and rows:
        raise WorkbookError("earlier-unreadable", path=path, detail=layout.name)
    body = [cells.slice((first or 0) + 1) for cells in sheet.cells]
    blank = pa.nulls(len(body[0]) if body else 0, pa.string())
    epoch = np.full(len(blank), sheet.date1904)
    columns = {}
    for column in layout.columns:
        place = named[first or 0].get(heading_key(column.heading)) if named else None
        columns[column.name] = _values(column, blank if place is None else body[place], day, epoch)
    frame = pd.DataFrame(columns)
    return frame[frame.notna().any(axis=1)].reset_index(drop=True)


def _values(column: Column, cells: pa.Array, day: date, date1904: npt.NDArray[np.bool_]) -> pd.Series:
    kind = Type.NUMBER if column.look in NUMBERS else {Look.DATE: Type.DATE, Look.CODE: Type.CODE}.get(column.look)
    read = values.read(kind or Type.TEXT, cells, day=day, date1904=date1904).values
    keys: Mapping[str, str] = {word: key for key, word in column.words.items()}
    return read.map(lambda text: keys.get(text, text), na_action="ignore") if keys else read
