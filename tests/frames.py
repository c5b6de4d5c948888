"""Tables for tests, from rows written out by hand: as dicts, or as small text tables that say what is to be found."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np
import pandas as pd

from udfs.audit import Audit, audit
from udfs.findings import DECISIONS, EFFECTS
from udfs.wording import column as said_of
from udfs.wording import plain
from workbooks.labels import labels
from workbooks.schema import KINDS, Policy, Type

NUMBERS = (Type.NUMBER, Type.MONEY, Type.DISCOUNT, Type.SHARE)
TODAY = date(2026, 11, 21)
LINE = {"partner_code": "P1", "product_code": "A", "quantity": "1"}
"""What a line says where its text table has no such column; its order_no is then its row."""

Finding = tuple[str, str, int]
"""Rule, effect, and the row of the text table it stands on: 1 is the first, 0 none."""


def frame(kind: str, rows: Iterable[Mapping[str, Any]]) -> pd.DataFrame:
    """Return a table of that kind as reading gives it: every column there, blanks where a row says nothing."""
    given = list(rows)
    columns: dict[str, Any] = {}
    for column in KINDS[kind].columns:
        values = [row.get(column.name) for row in given]
        if column.type in NUMBERS:
            columns[column.name] = np.array(
                [np.nan if value is None else float(value) for value in values], dtype=float
            )
        elif column.type is Type.DATE:
            columns[column.name] = pd.array(
                [pd.NaT if value is None else value for value in values], dtype="datetime64[s]"
            )
        else:
            columns[column.name] = pd.array(values, dtype="str")
    columns["source_file"] = pd.array([str(row.get("source_file", f"{kind}.xlsx")) for row in given], dtype="str")
    columns["source_sheet"] = pd.array([str(row.get("source_sheet", "Sheet1")) for row in given], dtype="str")
    columns["source_row"] = np.array(
        [int(row.get("source_row", place + 2)) for place, row in enumerate(given)], dtype=np.int64
    )
    return pd.DataFrame(columns)


def order_lines(rows: Iterable[Mapping[str, Any]]) -> pd.DataFrame:
    """Return order lines in the order given, which stands for source order; row numbers count from 2 if not given."""
    given = list(rows)
    lines = frame("orders", given)
    files = [str(row.get("source_file", "orders.xlsx")) for row in given]
    lines["file"] = pd.factorize(np.array(files, dtype=object))[0].astype(np.int64)
    return lines


def text_rows(text: str) -> list[dict[str, str | None]]:
    """Return the rows of a text table.

    Its first line names the columns; two or more spaces part the cells and `-` is a blank. What follows `<-` says
    what is to be found on the row and is no cell.
    """
    header, *rest = [line.split("<-")[0].rstrip() for line in text.strip("\n").splitlines() if line.strip()]
    names = header.split()
    rows = [re.split(r"\s{2,}", line.strip()) for line in rest if line.strip()]
    for cells in rows:
        if len(cells) != len(names):
            raise ValueError(f"{len(names)} columns, but the row is {cells}")
    return [{name: None if cell == "-" else cell for name, cell in zip(names, cells, strict=True)} for cells in rows]


def marked(text: str) -> list[Finding]:
    """Return the findings that a text table marks: `<- rule effect, rule effect` beside a row, or on a line alone."""
    found: list[Finding] = []
    row = 0
    for line in [line for line in text.strip("\n").splitlines() if line.strip()][1:]:
        cells, _, marks = line.partition("<-")
        row += bool(cells.strip())
        for mark in filter(None, (mark.strip() for mark in marks.split(","))):
            rule, effect = mark.split()
            found.append((rule, effect, row if cells.strip() else 0))
    return sorted(found)


def table(kind: str, text: str) -> pd.DataFrame:
    """Return a text table as a reference table of that kind."""
    return frame(kind, text_rows(text))


def audited(lines: str, policy: Policy | None = None, /, **tables: str | pd.DataFrame) -> Audit:
    """Audit the lines of a text table (`LINE` where it lacks a column) against text tables by kind."""
    given = {kind: table(kind, text) if isinstance(text, str) else text for kind, text in tables.items()}
    rows = [{"order_no": str(place), **LINE, **row} for place, row in enumerate(text_rows(lines), start=1)]
    return audit(order_lines(rows), given, policy or Policy(), TODAY)


def found(result: Audit) -> list[Finding]:
    """Return all findings of an audit as a text table marks them."""
    return sorted(
        (batch.rule, EFFECTS[effect], at + 1)
        for batch in result.findings
        for at, effect in zip(batch.at.tolist(), batch.effect.tolist(), strict=True)
    )


def said(result: Audit, rule: str, *names: str) -> list[tuple[str, ...]]:
    """Return what the rule's findings name under `names`, in words and in their order; money in CNY."""
    rows: list[tuple[str, ...]] = []
    for batch in (batch for batch in result.findings if batch.rule == rule):
        rows += zip(*([plain(value) for value in said_of(batch, result.lines, name)] for name in names), strict=True)
    return rows


def decisions(result: Audit) -> list[str]:
    """Return the decision on each line."""
    return [DECISIONS[effect] for effect in result.lines["effect"].tolist()]


def column(result: Audit, name: str) -> list[str]:
    """Return what the lines have in a column, in words."""
    return [plain(value) for value in result.lines[name].array]


@dataclass(frozen=True)
class DayRead:
    """A random day as reading gives it; order: for each line, in source order, its place in the day as it was made."""

    lines: pd.DataFrame
    tables: dict[str, pd.DataFrame]
    policy: Policy
    today: date
    order: list[int]


def as_read(
    rows: Sequence[Mapping[str, Any]],
    tables: Mapping[str, list[dict[str, Any]] | None],
    settings: Mapping[str, Any],
    today: date,
) -> DayRead:
    """Return a random day (tests.random_days) as reading would: in source order, one finance row per partner."""
    order = sorted(
        range(len(rows)), key=lambda i: (rows[i]["source_file"], rows[i]["sheet_index"], rows[i]["source_row"])
    )
    ours = {kind: frame(kind, _english(kind, given)) for kind, given in tables.items() if given is not None}
    if "finance" in ours:  # the latest counts
        finance = ours["finance"].sort_values("as_of", ascending=False, kind="stable", na_position="last")
        ours["finance"] = finance[~finance["partner_code"].str.upper().duplicated()].reset_index(drop=True)
    cleaned = [(place, name) for place, i in enumerate(order) for name in rows[i]["cleaned"]]
    ours["cleaned"] = pd.DataFrame(
        {
            "line": np.array([place for place, _ in cleaned], dtype=np.int64),
            "heading": [name for _, name in cleaned],
            "text": "1pc",
            "value": 1.0,
        }
    )
    return DayRead(order_lines([rows[i] for i in order]), ours, Policy(**settings), today, order)


def _english(kind: str, rows: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Return the rows as reading gives them: the words of choices in English."""
    words = labels().words
    confirmations = {words["confirmation"][name]: name for name in ("paid", "unpaid", "indebted")}
    verdicts = {words["verdict"][name]: name for name in ("release", "refuse")}
    changed = [dict(row) for row in rows]
    for row in changed:
        if kind in {"finance", "confirmations"}:
            row["confirmation"] = confirmations.get(str(row.get("confirmation")))
        if kind == "releases":
            row["verdict"] = verdicts[row["verdict"]]
    return changed
