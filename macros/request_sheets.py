"""What the workbooks of KASP requests share: the sheet of findings, totals below, links to the rows they come from."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from macros.results import kind_titles, source_links
from udfs.findings import SEVERITIES, WRONG, Bools, Findings
from udfs.wording import column, fill, plains
from workbooks.labels import Sentence, labels
from workbooks.writing.book import Table as Sheet

NOT_RUN = "not_run"


def wrong_rows(batches: Sequence[Findings], size: int) -> Bools:
    """Tell which of `size` requests something is wrong with; what is only reported does not count."""
    wrong = np.zeros(size, dtype=bool)
    for batch in batches:
        wrong[batch.at[(batch.at >= 0) & (batch.effect == WRONG)]] = True
    return wrong


def names_of_rows(
    batches: Sequence[Findings], said: Mapping[str, Sentence], size: int, *, wrong_only: bool = False
) -> npt.NDArray[np.object_]:
    """Return per request the names of its findings; wrong_only: without what is only reported."""
    names = [dict[str, None]() for _ in range(size)]
    for batch in batches:
        counted = (batch.at >= 0) & ((batch.effect == WRONG) | (not wrong_only))
        for at in batch.at[counted].tolist():
            names[at][said[batch.rule].name] = None
    return np.array([labels().words["list_joiner"].join(of_row) for of_row in names], dtype=object)


def finding_rows(
    sheet: str,
    batches: Sequence[Findings],
    not_run: Mapping[str, Sequence[str]],
    requests: pd.DataFrame,
    said: Mapping[str, Sentence],
) -> pd.DataFrame:
    """Return the rows of a sheet of findings: by request, those on none after them, checks that did not run last.

    sheet: its key in the labels. said: the checks' sentences.
    """
    names = [*labels().sheets[sheet].headings, "on_row"]
    parts = [_finding_part(batch, requests, names, said[batch.rule]) for batch in batches]
    silent = [
        {
            "rule": code,
            "severity": NOT_RUN,
            "rule_name": said[code].name,
            "says": labels().phrase("not_checked", missing=kind_titles(missing)),
            "on_row": len(requests) + 1,
        }
        for code, missing in not_run.items()
    ]
    rows = pd.concat([*parts, pd.DataFrame(silent, columns=names, dtype=object)], ignore_index=True)
    for name in {"source_row", "money"}.intersection(names):
        rows[name] = pd.to_numeric(rows[name].replace("", np.nan)).astype(float)
    return rows.sort_values("on_row", kind="stable").reset_index(drop=True)


def _finding_part(batch: Findings, requests: pd.DataFrame, names: Sequence[str], said: Sentence) -> pd.DataFrame:
    part: dict[str, Any] = {name: column(batch, requests, name) for name in names}
    part |= {name: plains(part[name]) for name in ("actual", "expected")}
    part |= {"rule": [batch.rule] * len(batch), "rule_name": [said.name] * len(batch)}
    part |= {"says": fill(said.says, batch, requests, "zh"), "do": fill(said.do, batch, requests, "zh")}
    part |= {"severity": [SEVERITIES[effect] for effect in batch.effect]}
    part |= {"on_row": [at if at >= 0 else len(requests) for at in batch.at.tolist()]}
    return pd.DataFrame(part, dtype=object)


def with_total(frame: pd.DataFrame, says: str, summed: Sequence[str]) -> pd.DataFrame:
    """Return a sheet's rows with the sums of the columns `summed` below; the last row says so in the column `says`."""
    last = len(frame)
    rows = frame.set_axis(range(last)).reindex(range(last + 1))
    rows.loc[last, says] = labels().words["total"]
    for name in summed:
        if name in rows:
            rows.loc[last, name] = round(float(rows[name].fillna(0).sum()), 6)
    return rows


def linked(sheet: Sheet, links: Mapping[str, str]) -> Sheet:
    """Return a sheet whose rows lead to their source, where it shows one; links: where each source_file is."""
    if "source_row" not in (column.name for column in sheet.layout.columns):
        return sheet
    return Sheet(sheet.layout, source_links(sheet.frame, links))
