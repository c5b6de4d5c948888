"""The button that checks one workbook, from the command line: audit one region's workbook before it is submitted."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from pathlib import Path

import pandas as pd

from macros import audit
from macros.audit import Report
from macros.results import finding_rows, problem_rows
from workbooks.errors import WorkbookError
from workbooks.labels import Lang, labels
from workbooks.reading.apart import read_apart
from workbooks.reading.day import gathered
from workbooks.reading.problems import UNREADABLE, Problem
from workbooks.settings import FILE, Settings, read_settings
from workbooks.team import TeamFile, day_in, reference_files, spelt


@dataclass(frozen=True)
class Checked:
    """What checking one workbook found: findings and problems of that file alone, as tables."""

    report: Report
    findings: pd.DataFrame
    problems: pd.DataFrame
    folder: Path | None


def team_of(path: Path) -> Path | None:
    """Return the team folder a file lies in, None where it lies in none."""
    reference = labels().folders["reference"]
    return next(
        (folder for folder in path.resolve().parents if (folder / FILE).is_file() or (folder / reference).is_dir()),
        None,
    )


def day_of(path: Path) -> date | None:
    """Return the day of the orders folder a file lies in, None where it lies in none."""
    return day_in(str(path.resolve().parent))


def run(path: Path, folder: Path | None, day: date, lang: Lang = "zh") -> Checked:
    """Audit one workbook against the tables of a team folder (None: only rules that need no table run).

    Raises WorkbookError where the file is not there, cannot be read or holds no orders.
    """
    if not path.is_file():
        raise WorkbookError("no-file", path=path)
    if folder is not None and not folder.is_dir():
        raise WorkbookError("no-folder", path=folder)
    settings = read_settings(folder) if folder else Settings()
    name = spelt(path.name)
    files = [TeamFile(path, name, "orders"), *(reference_files(folder) if folder else [])]
    try:
        team = gathered(read_apart(files, settings.aliases, settings.limits), files, day)
    except WorkbookError as error:
        first = error.fields.get("first")
        if isinstance(first, Problem) and first.code in UNREADABLE and first.source_file == name:
            raise WorkbookError("unreadable-file", path=path, says=first) from error
        raise WorkbookError(error.code, **{**error.fields, "path": path}) from error
    report = audit.run(team.tables, team.problems, settings.policy, day, recounts=team.recounts)
    reference = {kind: table.frame for kind, table in team.tables.items()}
    findings = finding_rows(report.audit, reference, lang)
    problems = [problem for problem in team.problems if problem.source_file == name]
    return Checked(report, findings[findings["source_file"] == name], problem_rows(problems, lang), folder)
