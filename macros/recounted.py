"""The control totals held against a second count of what came in (workbooks.reading.recount), row by row.

Nothing here asks those who read, judged or wrote: only what stands in the result, and what is told of what does not.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa

from udfs.audit import Audit
from udfs.findings import DECISIONS, EFFECTS
from workbooks.labels import labels
from workbooks.reading.problems import Problem
from workbooks.reading.recount import LINE, NAMES, NOTHING, NUMBERS, Counted, Recount
from workbooks.reading.recount_cells import Differs

Ints = npt.NDArray[np.int64]
KEY = ["source_file", "source_sheet"]
_NO_LINE, _PASSED = -2, -3  # in place of the code of a name


def differences(
    recounts: Sequence[Recount], lines: pd.DataFrame, control: pd.DataFrame, problems: Sequence[Problem]
) -> list[Differs]:
    """Return where the merged order lines are not what the files hold.

    Every line of a file stands in `lines` once, with its number, names and region, or is told of in `problems`; what
    is no line does not. control: what reading counted per sheet.
    """
    found = [one for recount in recounts for one in recount.differs]
    sheets = [sheet for recount in recounts for sheet in recount.sheets]
    of_sheet = {(sheet.source_file, sheet.source_sheet): number for number, sheet in enumerate(sheets)}
    found += _sheets_missing(of_sheet, control)
    file, files = pd.factorize(lines["source_file"])
    tab, tabs = pd.factorize(lines["source_sheet"])
    pairs, pair = np.unique(file * max(len(tabs), 1) + tab, return_inverse=True)
    names = [(str(files[one // len(tabs)]), str(tabs[one % len(tabs)])) for one in pairs.tolist()]
    sheet_of_pair = np.array([of_sheet.get(name, -1) for name in names], dtype=np.int64)
    counts = np.bincount(pair, minlength=len(names)).tolist()
    found += [
        Differs(*name, "rows", 0, count) for name, count in zip(names, counts, strict=True) if name not in of_sheet
    ]
    return found + list(_compared(sheets, lines, sheet_of_pair[pair], control, problems)) if sheets else found


def _sheets_missing(of_sheet: Mapping[tuple[str, str], int], control: pd.DataFrame) -> Iterator[Differs]:
    read = set(zip(control["source_file"], control["source_sheet"], strict=True))
    for place in sorted(read ^ of_sheet.keys()):
        yield Differs(str(place[0]), str(place[1]), "sheet", int(place in of_sheet), int(place in read))


def _compared(
    sheets: Sequence[Counted], lines: pd.DataFrame, sheet: Ints, control: pd.DataFrame, problems: Sequence[Problem]
) -> Iterator[Differs]:
    """Yield where sheets differ. sheet: per line the place of its sheet, -1 where it has none."""
    firsts, sizes = np.array([one.first for one in sheets]), np.array([len(one.says) for one in sheets])
    starts = np.cumsum(sizes) - sizes
    row = lines["source_row"].to_numpy(np.int64) - firsts[sheet]
    known = (sheet >= 0) & (row >= 0) & (row < sizes[sheet])
    at, of = (starts[sheet] + row)[known], sheet[known]
    says, broken = np.concatenate([one.says for one in sheets]), np.concatenate([one.broken for one in sheets])
    times = np.bincount(at, minlength=len(says))
    accepted = times > 0
    told = np.zeros(len(says), dtype=bool)
    told[list(_told(sheets, starts, problems))] = True
    within = np.repeat(np.arange(len(sheets)), sizes)
    outside = np.bincount(sheet[(sheet >= 0) & ~known], minlength=len(sheets))

    def per_sheet(rows: npt.NDArray[np.bool_]) -> Ints:
        return np.bincount(within[rows], minlength=len(sheets))

    expected = per_sheet((says == LINE) & (accepted | ~told)), np.bincount(of, minlength=len(sheets)) + outside
    lost = (says == LINE) & ~accepted & ~told
    wrong = per_sheet(lost | ((says == NOTHING) & accepted) | (times > 1))
    yield from _told_of(sheets, "rows", wrong + outside, *expected)
    yield from _told_of(sheets, "errors", per_sheet(broken & accepted), 0 * sizes, per_sheet(broken & accepted))
    rejected = dict(zip(zip(*(control[name] for name in KEY), strict=True), control["rejected"], strict=True))
    stated = np.array([rejected.get((one.source_file, one.source_sheet), 0) for one in sheets], dtype=np.int64)
    left = per_sheet((says != NOTHING) & told & ~accepted)
    yield from _told_of(sheets, "rejected", stated != left, left, stated)
    for name in NUMBERS:
        counted = np.concatenate([one.numbers[name] for one in sheets])[at]
        stands = lines[name].to_numpy(float)[known]
        same = np.isclose(stands, counted, rtol=1e-12, atol=1e-9, equal_nan=True)  # a blank is no zero
        if name == "quantity":  # a line has one
            same &= ~np.isnan(counted)
        sums = [np.round(np.bincount(of, np.nan_to_num(one), minlength=len(sheets)), 6) for one in (counted, stands)]
        yield from _told_of(sheets, name, np.bincount(of[~same], minlength=len(sheets)), *sums)
    for name in NAMES:
        other = ~_same_names(sheets, name, lines[name][known], at, of)
        wrong = np.bincount(of[other], minlength=len(sheets))
        size = np.bincount(of, minlength=len(sheets))
        yield from _told_of(sheets, name, wrong, size, size - wrong)


def _told_of(
    sheets: Sequence[Counted], what: str, wrong: npt.NDArray[np.generic], counted: object, found: object
) -> Iterator[Differs]:
    for place in np.flatnonzero(wrong).tolist():
        sheet = sheets[place]
        figures = float(np.asarray(counted)[place]), float(np.asarray(found)[place])
        yield Differs(sheet.source_file, sheet.source_sheet, what, *figures)


def _told(sheets: Sequence[Counted], starts: Ints, problems: Sequence[Problem]) -> Iterator[int]:
    """Yield the rows that a problem names."""
    of_sheet = {(one.source_file, one.source_sheet): place for place, one in enumerate(sheets)}
    for problem in problems:
        place = of_sheet.get((problem.source_file, problem.source_sheet))
        if place is not None and problem.source_row is not None:
            row = problem.source_row - sheets[place].first
            if 0 <= row < len(sheets[place].says):
                yield int(starts[place]) + row


def _same_names(sheets: Sequence[Counted], name: str, stands: pd.Series, at: Ints, of: Ints) -> npt.NDArray[np.bool_]:
    """Return which lines are named as their rows are.

    A row that does not tell its name as it is kept is passed; one that tells none has no code, and its file's region.
    """
    absent = pa.array([None], pa.dictionary(pa.int32(), pa.string()))
    columns = [one.names.get(name, absent.take(pa.array(np.zeros(len(one.says), np.int64)))) for one in sheets]
    texts = pa.chunked_array(columns).unify_dictionaries().combine_chunks()
    codes, distinct = pd.factorize(stands)
    known = {text: code for code, text in enumerate(distinct.tolist())} | {"": _PASSED}
    wanted = np.array([*(known.get(text, _NO_LINE) for text in texts.dictionary.to_pylist()), _NO_LINE], dtype=np.int64)
    wanted = wanted[texts.indices.fill_null(-1).to_numpy(zero_copy_only=False)[at]]
    if name == "region":
        blank = texts.is_null().to_numpy(zero_copy_only=False)[at]
        stems = np.array([known.get(one.stem, _NO_LINE) for one in sheets], dtype=np.int64)
        wanted = np.where(blank, stems[of], wanted)
    return (wanted == codes) | (wanted == _PASSED)  # type: ignore[no-any-return]


def findings_differ(audit: Audit, findings: pd.DataFrame, lines: pd.DataFrame) -> list[Differs]:
    """Return whether findings are lost: each stands in the sheet, and gives every order its decision there.

    findings, lines: the sheets' rows; the lines stand as they were audited.
    """
    name = labels().sheets["findings"].name
    counted, found = sum(len(batch) for batch in audit.findings), len(findings)
    if counted != found or len(lines) != len(audit.lines):
        return [Differs("", name, "findings", counted, found)]
    order, size = audit.lines["order"].to_numpy(), int(audit.lines["order"].max()) + 1 if len(lines) else 0
    said, decided = np.zeros(size, dtype=np.int64), np.zeros(size, dtype=np.int64)
    at = findings["at"].to_numpy(np.int64)
    grave = pd.Categorical(findings["effect"], EFFECTS).codes.astype(np.int64)
    np.maximum.at(said, order[at[at >= 0]], grave[at >= 0])
    keys = pd.Categorical(lines["decision"], DECISIONS).codes.astype(np.int64)
    np.maximum.at(decided, order, keys)
    held = int((decided > 0).sum()), int((said > 0).sum())
    agree = (said == decided).all() and (keys == audit.lines["effect"].to_numpy()).all()
    return [] if agree else [Differs("", name, "decisions", *held)]


def difference_rows(differs: Sequence[Differs]) -> pd.DataFrame:
    """Return what the control totals say of the differences: a row for each, with both figures."""
    said = labels()
    return pd.DataFrame(
        {
            "source_file": [one.source_file or None for one in differs],
            "source_sheet": [one.source_sheet or None for one in differs],
            "verdict": "FAIL",
            "stated_verdict": [
                said.phrase(f"recount_{one.what}", counted=f"{one.counted:,.12g}", found=f"{one.found:,.12g}")
                for one in differs
            ],
        }
    )
