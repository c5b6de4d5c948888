"""The button and the command that sum up packaging requests: what is approved, shipped, open, wrong, and per site."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from types import MappingProxyType
from typing import Any

import numpy as np
import pandas as pd

from macros.kasp_input import no_requests, request_problems
from macros.request_sheets import finding_rows, linked, names_of_rows, with_total, wrong_rows
from macros.results import problem_rows
from udfs.lookup import code_key, name_key
from udfs.packaging import CHECKS, SUMMED, Given, judge, known_bases, outstanding, summary
from workbooks.errors import WorkbookError
from workbooks.labels import labels
from workbooks.layout import LAYOUTS, PACKAGING_LAYOUTS
from workbooks.publish import publish_one
from workbooks.reading.apart import read_apart
from workbooks.reading.day import tables_of
from workbooks.reading.problems import NOTICES, UNREADABLE, Problem
from workbooks.reading.tables import Table
from workbooks.settings import read_settings
from workbooks.sheets import free_names, sheet_name
from workbooks.team import reference_files
from workbooks.writing.book import Table as Sheet
from workbooks.writing.book import write_book

UP = "../../"  # from a day's output folder to the team folder
SUMS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "packaging": ("material_code", "base"),
        "packaging_regions": ("region",),
        "packaging_applicants": ("applicant",),
    }
)
"""The sheets of sums, and what each sums up by."""
COUNTED = ("lines", "open", "fresh", "waiting", "late", "undated")


@dataclass(frozen=True)
class Summed:
    """Packaging requests summed up, ready to be written.

    lines: every accepted line with what is open of it. bases: the sums per production site. counts: findings by code.
    passed: what came in went out, to the piece.
    """

    day: date
    lines: pd.DataFrame
    bases: pd.DataFrame
    sheets: tuple[Sheet, ...]
    counts: Mapping[str, int]
    not_run: Mapping[str, tuple[str, ...]]
    rejected: int
    passed: bool

    @property
    def facts(self) -> dict[str, Any]:
        """Return what a run's record says of it."""
        sums = {name: round(float(self.lines[name].sum()), 6) for name in SUMMED}
        counted = {"lines": len(self.lines), "rejected": self.rejected, "sums": sums, "findings": dict(self.counts)}
        return counted | {"not_run": {code: list(missing) for code, missing in self.not_run.items()}}


@dataclass(frozen=True)
class Outcome:
    """What the command did: the sums, where they are, what could not be read, and where an earlier result was kept."""

    summed: Summed
    result: Path
    problems: tuple[Problem, ...]
    kept: Path | None

    @property
    def unreadable(self) -> tuple[str, ...]:
        """Return the names of files that could not be read."""
        return tuple(problem.source_file for problem in self.problems if problem.code in UNREADABLE)

    @property
    def exit_code(self) -> int:
        """Return 0 where all files were read and what came in went out, else 1."""
        return 0 if self.summed.passed and not self.unreadable else 1


def run(
    tables: Mapping[str, Table],
    problems: Sequence[Problem],
    bases: Sequence[str],
    today: date,
    *,
    links: Mapping[str, str] | None = None,
) -> Summed:
    """Sum up the packaging requests of `tables`, held against its partners where it has them.

    problems: what could not be taken of them. bases: the production sites that the team has listed. links: where the
    workbook of each source_file is, "" the one that the result is written into; None: as seen from a day's outputs.
    """
    requests = tables["packaging"]
    partners = tables["partners"].frame if "partners" in tables else None
    batches, not_run = judge(Given(requests.frame, partners, bases, requests.cleaned))
    lines = outstanding(requests.frame, today)
    lines = lines.assign(rules=names_of_rows(batches, labels().packaging, len(lines)))
    wrong = wrong_rows(batches, len(lines))
    sums = {key: summary(lines, by) for key, by in SUMS.items()}
    frames = {key: _total_below(summed, SUMS[key][0]) for key, summed in sums.items()}
    frames["packaging_open"] = _total_below(_oldest_first(lines[lines["band"].notna()]), "request_no")
    frames |= {
        "packaging_lines": lines,
        "packaging_findings": finding_rows("packaging_findings", batches, not_run, lines, labels().packaging),
    }
    sheets = [Sheet(PACKAGING_LAYOUTS[key], frame) for key, frame in frames.items()]
    taken = [labels().sheets["problems"].name, *(sheet.layout.name for sheet in sheets)]
    sheets += _base_sheets(lines[~wrong], lines["base"][known_bases(lines["base"], bases)], taken)
    if any(problem.code not in NOTICES for problem in problems):
        sheets.append(Sheet(LAYOUTS["problems"], problem_rows(problems)))
    if links is None:
        files = [*requests.control["source_file"], *(problem.source_file for problem in problems)]
        links = {str(file): f"{UP}{file}" for file in files}
    found = Counter({check.code: 0 for check in CHECKS if check.code not in not_run})
    for batch in batches:
        found[batch.rule] += len(batch)
    return Summed(
        day=today,
        lines=lines,
        bases=summary(lines, ["base"]),
        sheets=tuple(linked(sheet, links) for sheet in sheets),
        counts=dict(found),
        not_run=not_run,
        rejected=int(requests.control["rejected"].sum()),
        passed=_reconciles(requests.control, lines, sums.values()),
    )


def _reconciles(control: pd.DataFrame, lines: pd.DataFrame, sums: Iterable[pd.DataFrame]) -> bool:
    """Tell whether every row that came in is a line or was rejected, and every sum holds every line and piece.

    control: what reading counted per sheet.
    """
    rows, accepted, rejected = (int(control[name].sum()) for name in ("rows", "accepted", "rejected"))
    passed = accepted == len(lines) == rows - rejected
    for summed in sums:
        passed &= int(summed["lines"].sum()) == len(lines)
        for name in SUMMED:
            # sums of the same numbers in another order differ by float dust only
            passed &= bool(np.isclose(summed[name].sum(), lines[name].sum(), rtol=1e-12, atol=1e-4))
    return passed


def _oldest_first(lines: pd.DataFrame) -> pd.DataFrame:
    return lines.sort_values("request_date", kind="stable", na_position="last")


def _total_below(frame: pd.DataFrame, says: str) -> pd.DataFrame:
    return with_total(frame, says, (*SUMMED, *COUNTED))


def _base_sheets(lines: pd.DataFrame, known: pd.Series, taken: Sequence[str]) -> list[Sheet]:
    """Return one sheet per known production site: what it has to ship, the oldest first.

    lines: those that nothing is wrong with.
    """
    layout = PACKAGING_LAYOUTS["packaging_base"]
    spelt: dict[str, str] = {}
    for base in known:
        spelt.setdefault(name_key(base), base)
    order = sorted(spelt)
    names = free_names((sheet_name(spelt[key], layout.name) for key in order), taken)
    of_line = np.array([name_key(base) if isinstance(base, str) else "" for base in lines["base"]], dtype=object)
    waits = lines["unshipped"].to_numpy() > 0
    return [
        Sheet(replace(layout, name=name), _total_below(_oldest_first(lines[waits & (of_line == key)]), "request_no"))
        for key, name in zip(order, names, strict=True)
    ]


def title() -> str:
    """Return what the workbook is, as its file name begins."""
    return labels().files["packaging"].partition("_")[0]


def file_name(day: date) -> str:
    """Return the name of the day's packaging workbook."""
    return labels().files["packaging"].format(day=f"{day:%Y-%m-%d}")


def write(path: Path, summed: Summed) -> None:
    """Write the packaging workbook."""
    write_book(path, None, summed.sheets, summed.day, title())


def publish(folder: Path, day: date, progress: Callable[[str], None] | None = None) -> Outcome:
    """Sum up the packaging requests of a team folder and put the workbook beside the day's other outputs.

    Raises WorkbookError where it cannot be done (no folder, no requests, bad settings, unwritable output).
    """
    step = progress or (lambda _step: None)
    if not folder.is_dir():
        raise WorkbookError("no-folder", path=folder)
    settings, names = read_settings(folder), labels().folders
    step("read")
    files = [file for file in reference_files(folder) if file.role == "reference"]
    read = read_apart(files, settings.aliases, settings.limits)
    tables, problems = tables_of(read, day), [problem for parts in read for problem in parts.problems]
    if "packaging" not in tables:
        raise no_requests("packaging", folder / names["kasp"], problems)
    step("packaging")
    told = request_problems("packaging", tables, problems)
    summed = run(tables, told, settings.bases, day)
    step("write")
    name = file_name(day)
    kept = publish_one(folder / names["output"], day, name, lambda path: write(path, summed))
    result = folder / names["output"] / f"{day:%Y-%m-%d}" / name
    return Outcome(summed, result, tuple(told), kept)


def requests(lines: pd.DataFrame) -> int:
    """Return how many requests the lines belong to."""
    return lines["request_no"].map(code_key).nunique()
