"""The whole audit of the order lines in a range, as a table of findings that spills into the sheet (OD_AUDIT)."""

from __future__ import annotations

from typing import Any

import numpy as np

from udfs.audit import Audit, audit
from udfs.findings import DECISIONS, Findings, Ints
from udfs.formula_cells import LOG, VALUE, Answer, Cells, guarded
from udfs.formula_desk import CONNECTION, OrderRange
from udfs.lookup import Tables
from udfs.wording import sentences
from workbooks.labels import labels, raw

_NAME = "OD_AUDIT"


def audited(cells: Cells) -> Answer:
    """Return the findings of a range of order lines with its headings, one row each, under their headings.

    Columns: row in the range, rule, decision on the line, what is wrong, what to do. #VALUE! where the range has no
    headings of orders, #REF! without a team folder; a bug is #VALUE! and in the log.
    """
    return guarded(_NAME, lambda: _audited(cells))


def _audited(cells: Cells) -> Answer:
    desk, known = CONNECTION.asked()
    rows = cells if isinstance(cells, (tuple, list)) else ((cells,),)
    read = desk.order_lines(rows if all(isinstance(row, (tuple, list)) for row in rows) else (rows,))
    if isinstance(read, str):
        LOG.warning("%s: the range has no headings of orders; missing: %s", _NAME, read)
        return [[VALUE]]
    words = raw()["formula_answers"]
    reference = {**known.tables, "cleaned": read.cleaned, "totals": read.totals}
    result = audit(read.lines, reference, desk.policy, desk.today)
    found = _rejected(read, words) + _found(result, reference)
    found.sort(key=lambda row: row[:2])
    table = [row[2:] for row in found]
    silent = _not_run(result, words)
    if silent:
        table.append(silent)
    nothing = words["no_findings" if len(read.lines) else "no_lines"]
    return [list(words["audit_headings"].values()), *(table or [["", "", "", nothing, ""]])]


def _rejected(read: OrderRange, words: dict[str, Any]) -> list[list[Any]]:
    return [[row, -1, float(row), code, words["rejected"], says, do] for row, code, says, do in read.rejected]


def _found(result: Audit, tables: Tables) -> list[list[Any]]:
    """Return the findings: row and turn to sort by, then what is shown. Releases of other lines are not the range's."""
    decisions, effects = labels().decisions, result.lines["effect"].to_numpy()
    rows_of_lines = result.lines["source_row"].to_numpy()
    found: list[list[Any]] = []
    for turn, batch in enumerate(result.findings):
        if batch.rule == "release-unused":
            continue
        says, does = sentences(batch, result.lines, tables.get("releases"), "zh")
        for place, (row, at) in enumerate(zip(_rows(batch, rows_of_lines), batch.at.tolist(), strict=True)):
            decision = decisions[DECISIONS[effects[at]]] if at >= 0 else ""
            found.append([row, turn, float(row), batch.rule, decision, says[place], does[place]])
    return found


def _rows(batch: Findings, rows_of_lines: Ints) -> list[int]:
    """Return the row in the range of each finding: of its line, else the one it names itself (total rows)."""
    if "source_row" in batch.args:
        return [int(row) for row in np.asarray(batch.args["source_row"])]
    return [int(rows_of_lines[at]) for at in batch.at.tolist()]


def _not_run(result: Audit, words: dict[str, Any]) -> list[Any] | None:
    """Return the row that names the rules which could not run, None where all did: their silence means nothing."""
    silent = result.silent
    if not silent:
        return None
    said = labels()
    joiner = said.words["list_joiner"]
    kinds = dict.fromkeys(said.kinds[kind].title for several in silent.values() for kind in several)
    says = words["not_run"].format(rules=joiner.join(said.rules[code].name for code in silent))
    do = words["not_run_do"].format(kinds=joiner.join(kinds))
    return ["", "", said.words["confirmation"]["not_run"], says, do]
