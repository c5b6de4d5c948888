"""The button and the command that join invoice requests with the day's lines, and fill the tax bureau's form."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from macros import audit
from macros.audit import Report
from macros.invoice_sheets import (
    in_yuan,
    line_rows,
    partner_rows,
    partner_sums,
    request_rows,
    unasked_rows,
)
from macros.kasp_input import no_requests, request_problems, unjudged
from macros.request_sheets import finding_rows, linked, names_of_rows, wrong_rows
from macros.results import problem_rows
from udfs.findings import Bools
from udfs.invoice_lines import form_details, in_form
from udfs.invoice_requests import SPECIAL
from udfs.invoice_serials import serials
from udfs.invoices import CHECKS, join, judge
from udfs.lookup import word_key
from workbooks.einvoice_form import form_files
from workbooks.labels import labels
from workbooks.layout import INVOICE_LAYOUTS, LAYOUTS
from workbooks.publish import publish_some
from workbooks.reading.apart import read_apart
from workbooks.reading.day import gathered
from workbooks.reading.problems import NOTICES, UNREADABLE, Problem
from workbooks.reading.tables import Table
from workbooks.settings import Settings, read_form, read_settings
from workbooks.team import team_files
from workbooks.writing.book import Table as Sheet
from workbooks.writing.book import write_book

UP = "../../"  # from a day's output folder to the team folder


@dataclass(frozen=True)
class Billed:
    """Invoice requests joined with a day's lines, ready to be written.

    requests: every accepted request with what it has (fen) and its state. partners: the sums per partner (fen).
    invoices, details: what the tax bureau's form is to hold (workbooks.einvoice_form). counts: findings by code.
    not_run, silent: the checks, and the rules of the audit before them, that did not run, and what they lacked.
    passed: every fen that may be invoiced stands with one request or none, in the form, issued or not, and once.
    """

    day: date
    requests: pd.DataFrame
    partners: pd.DataFrame
    invoices: pd.DataFrame
    details: pd.DataFrame
    sheets: tuple[Sheet, ...]
    counts: Mapping[str, int]
    not_run: Mapping[str, tuple[str, ...]]
    silent: Mapping[str, tuple[str, ...]]
    rejected: int
    passed: bool

    @property
    def facts(self) -> dict[str, Any]:
        """Return what a run's record says of it; sums in fen."""
        names = ("asked", "amount", "tax", "net", "in_form", "issued", "held_back", "unasked", "billable")
        sums = {name: int(self.partners[name].sum()) for name in names}
        counted = {"requests": len(self.requests), "rejected": self.rejected, "invoices": len(self.invoices)}
        counted |= {"lines": int(self.requests["has"].sum())}
        found = {"findings": dict(self.counts), "verdict": "PASS" if self.passed else "FAIL"}
        return (
            counted | {"fen": sums} | found | {"not_run": {code: list(kinds) for code, kinds in self.not_run.items()}}
        )


@dataclass(frozen=True)
class Outcome:
    """What the command did: what is billed, where it is, what could not be read, and what earlier results were kept."""

    billed: Billed
    result: Path
    forms: tuple[Path, ...]
    problems: tuple[Problem, ...]
    kept: tuple[Path, ...]

    @property
    def unreadable(self) -> tuple[str, ...]:
        """Return the names of files that could not be read."""
        return tuple(problem.source_file for problem in self.problems if problem.code in UNREADABLE)

    @property
    def exit_code(self) -> int:
        """Return 0 where all files were read and every sum agrees, else 1."""
        return 0 if self.billed.passed and not self.unreadable else 1


def run(  # noqa: PLR0913 - what a day's invoices come from, one thing each
    tables: Mapping[str, Table],
    report: Report,
    problems: Sequence[Problem],
    settings: Settings,
    *,
    links: Mapping[str, str] | None = None,
    book: str | None = None,
) -> Billed:
    """Join the invoice requests of `tables` with the lines of the audit `report` that pass and ship.

    problems: what could not be taken of them. links: where the workbook of each source_file is, "" the one that the
    result is written into; None: as seen from a day's outputs. book: the open workbook's name, behind a button.
    """
    asked, reference = tables["invoices"], {kind: table.frame for kind, table in tables.items()}
    given, partners = join(asked.frame, report.audit.lines, reference, asked.cleaned), reference.get("partners")
    batches, not_run = judge(given)
    goes = ~wrong_rows(batches, len(given.requests)) & (given.requests["amount"].to_numpy() > 0)
    goes &= ~given.requests["issued"].to_numpy(bool)
    requests = _with_states(given.requests, goes, report.day)
    requests["rules"] = names_of_rows(batches, labels().invoices, len(requests), wrong_only=True)
    billed = _with_line_states(given.billed, requests, giveaways=settings.giveaways == "discount")
    filed = billed[billed["state"] == "in_form"].sort_values("request", kind="stable")
    sums, details = partner_sums(requests, billed, partners), form_details(filed)
    frames = {
        "invoices": partner_rows(sums),
        "invoice_requests": request_rows(requests),
        "invoice_lines": line_rows(requests, billed),
        "invoice_unasked": unasked_rows(billed, partners),
        "invoice_findings": finding_rows("invoice_findings", batches, not_run, requests, labels().invoices),
    }
    sheets = [Sheet(INVOICE_LAYOUTS[key], frame) for key, frame in frames.items()]
    told = (*problems, *unjudged(book or _audited(report.day), report.audit.silent))
    if any(problem.code not in NOTICES for problem in told):
        sheets.append(Sheet(LAYOUTS["problems"], problem_rows(told)))
    if links is None:
        links = _links(tables, told, report.day)
    found = Counter({check.code: 0 for check in CHECKS if check.code not in not_run})
    for batch in batches:
        found[batch.rule] += len(batch)
    return Billed(
        day=report.day,
        requests=requests,
        partners=sums,
        invoices=_invoices(requests[goes]),
        details=details,
        sheets=tuple(linked(sheet, links) for sheet in sheets),
        counts=dict(found),
        not_run=not_run,
        silent=report.audit.silent,
        rejected=int(asked.control["rejected"].sum()),
        passed=_reconciles(asked.control, requests, billed, sums, details),
    )


def _audited(day: date) -> str:
    return labels().files["result"].format(day=f"{day:%Y-%m-%d}")


def _links(tables: Mapping[str, Table], problems: Sequence[Problem], day: date) -> dict[str, str]:
    """Return where each source file is, as seen from the day's outputs; the day's orders lie in a folder of theirs."""
    files = [*tables["invoices"].control["source_file"], *(problem.source_file for problem in problems)]
    links = {str(file): f"{UP}{file}" for file in files}
    inbox = f"{UP}{labels().folders['orders']}/{day:%Y-%m-%d}"
    return links | {str(file): f"{inbox}/{file}" for file in tables["orders"].control["source_file"]}


def _with_states(requests: pd.DataFrame, goes: Bools, day: date) -> pd.DataFrame:
    """Add each request's state, and the number of the invoice that it becomes."""
    states = np.select([goes, requests["issued"].to_numpy(bool)], ["in_form", "issued"], "held_back")
    numbers = serials(requests, day)
    numbers[~goes] = None
    return requests.assign(state=states.astype(object), serial=numbers)


def _with_line_states(billed: pd.DataFrame, requests: pd.DataFrame, *, giveaways: bool) -> pd.DataFrame:
    """Add to the billable lines whether each goes into the form, and in which invoice."""
    request = billed["request"].to_numpy()
    of_form = np.append((requests["state"] == "in_form").to_numpy(bool), [False])[request] & (request >= 0)
    goes = in_form(billed, of_form, giveaways=giveaways)
    issued = np.append(requests["issued"].to_numpy(bool), [False])[request]
    known = ["in_form", "omitted", "issued", "held_back"]
    states = np.select([goes, of_form, issued, request >= 0], known, "not_asked")
    numbers = np.append(requests["serial"].to_numpy(object), "")[request]
    numbers[~goes] = None
    return billed.assign(state=states.astype(object), serial=numbers)


def _invoices(requests: pd.DataFrame) -> pd.DataFrame:
    """Return the requests as the invoices of the tax bureau's form."""
    names = ("serial", *SPECIAL, "remark", "email")
    frame = pd.DataFrame({name: requests[name].to_numpy(object) for name in names})
    frame["tax_id"] = [word_key(number) for number in frame["tax_id"]]  # as it was checked: upper case, no spaces
    frame = frame.astype(object).where(frame.notna() & (frame != ""), None)
    return frame.rename(columns={"invoice_title": "title"}).assign(invoice_type=requests["kind"].to_numpy(object))


def _reconciles(
    control: pd.DataFrame, requests: pd.DataFrame, billed: pd.DataFrame, sums: pd.DataFrame, details: pd.DataFrame
) -> bool:
    """Tell whether every row is a request or was rejected, and every sum of the day's lines is the same fen.

    What may be invoiced = per partner, asked for or not; what is asked for = per request = in the form, issued or not.
    """
    rows, accepted, rejected = (int(control[name].sum()) for name in ("rows", "accepted", "rejected"))
    asked_for = billed["request"].to_numpy() >= 0
    passed = accepted == len(requests) == rows - rejected
    passed &= int(billed["amount"].sum()) == int(sums["billable"].sum())
    passed &= bool((billed["tax"] + billed["net"] == billed["amount"]).all())
    for name in ("amount", "tax", "net"):
        asked = int(billed[name].to_numpy()[asked_for].sum())
        passed &= asked == int(sums[name].sum()) == int(requests[name].sum())
    passed &= int(sums["amount"].sum()) == sum(int(sums[name].sum()) for name in ("in_form", "issued", "held_back"))
    filed = int(details["amount"].sum()) - int(details["discount"].sum())
    return passed and filed == int(sums["in_form"].sum())


def title() -> str:
    """Return what the workbook is, as its file name begins."""
    return labels().files["invoices"].partition("_")[0]


def file_name(day: date) -> str:
    """Return the name of the day's invoice workbook."""
    return labels().files["invoices"].format(day=f"{day:%Y-%m-%d}")


def form_names(day: date, count: int) -> list[str]:
    """Return the names of the day's files for the tax bureau; several are numbered."""
    files, said = labels().files, f"{day:%Y-%m-%d}"
    if count == 1:
        return [files["einvoice"].format(day=said)]
    return [files["einvoice_part"].format(day=said, number=number) for number in range(1, count + 1)]


def outputs(billed: Billed, form: bytes | None) -> dict[str, Callable[[Path], None]]:
    """Return what writes each output, by its name: the workbook, and the files for the tax bureau where any go there.

    form: the tax bureau's, None: one is built. Raises WorkbookError where it cannot be filled.
    """
    writes: dict[str, Callable[[Path], None]] = {file_name(billed.day): partial(_write, billed=billed)}
    filled = form_files(form, billed.invoices, billed.details)
    for name, content in zip(form_names(billed.day, len(filled)), filled, strict=True):
        writes[name] = partial(_write_file, content=content)
    return writes


def _write(path: Path, billed: Billed) -> None:
    write_book(path, None, billed.sheets, billed.day, title())


def _write_file(path: Path, content: bytes) -> None:
    path.write_bytes(content)


def publish(folder: Path, day: date, progress: Callable[[str], None] | None = None) -> Outcome:
    """Audit a day of a team folder, join its invoice requests with it, and put both files beside its other outputs.

    Raises WorkbookError where it cannot be done (no folder, no orders, no requests, bad settings, a form that cannot be
    filled, unwritable output); nothing is written then.
    """
    files, settings = team_files(folder, day), read_settings(folder)
    form, names = read_form(folder, settings), labels().folders
    step = progress or (lambda _step: None)
    step("read")
    team = gathered(read_apart(files, settings.aliases, settings.limits), files, day)
    if "invoices" not in team.tables:
        raise no_requests("invoices", folder / names["kasp"], team.problems)
    report = audit.run(team.tables, team.problems, settings.policy, day, progress, recounts=team.recounts)
    step("invoices")
    told = request_problems("invoices", team.tables, team.problems)
    billed = run(team.tables, report, told, settings)
    step("write")
    writes = outputs(billed, form)
    prefix = labels().files["einvoice"].format(day=f"{day:%Y-%m-%d}").removesuffix(".xlsx")
    kept = publish_some(folder / names["output"], day, writes, prefix)
    workbook, *forms = (folder / names["output"] / f"{day:%Y-%m-%d}" / name for name in writes)
    unread = [problem for problem in team.problems if problem.code in UNREADABLE and problem not in told]
    return Outcome(billed, workbook, tuple(forms), (*told, *unread), tuple(kept))


def partners_in_yuan(billed: Billed) -> pd.DataFrame:
    """Return the sums per partner, CNY."""
    return in_yuan(billed.partners, ("asked", "amount", "tax", "in_form"))
