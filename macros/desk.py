"""The buttons of the ribbon: what each makes of a workbook. The audit is the nightly one; a button shows its part."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from functools import partial
from types import MappingProxyType

import numpy as np
import numpy.typing as npt
import pandas as pd

from macros import audit, invoices, packaging
from macros.audit import Report
from macros.desk_input import Known, gather
from macros.kasp_input import gather_invoices, gather_packaging, request_problems, unjudged
from macros.registers import read_before
from macros.results import kind_titles, problem_rows, source_links
from macros.sent_back import sheets_of
from udfs.findings import EFFECTS, INFO
from udfs.rules import RULES
from workbooks.book import Book, Selection
from workbooks.errors import WorkbookError
from workbooks.labels import Lang, labels
from workbooks.layout import INVOICE_LAYOUTS, LAYOUTS, PACKAGING_LAYOUTS
from workbooks.reading.files import read_files
from workbooks.reading.problems import NOTICES, Problem
from workbooks.writing.book import Table

BUTTONS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "merge": ("lines", "problems", "control"),
        "stock": ("stock",),
        "audit": ("lines", "findings"),
        "funds": ("returns", "findings"),
        "line": ("lines", "findings"),
        "transfers": ("transfers",),
        "returns": ("returns", "sent_back", "pending"),
        "finance": ("funds",),
        "packaging": tuple(key for key in PACKAGING_LAYOUTS if key != "packaging_base"),
        "invoices": tuple(INVOICE_LAYOUTS),
    }
)
"""Every button that works on a workbook, and the sheets it writes (keys of layout.LAYOUTS, RETURN_LAYOUTS,
INVOICE_LAYOUTS, and of PACKAGING_LAYOUTS, to which come the production sites' own), in their order."""

FINANCE = frozenset(rule.code for rule in RULES if rule.family == "finance")


@dataclass(frozen=True)
class Done:
    """What a button did: the names of the sheets it wrote, the day it judged by, and the rules that did not run.

    own_orders: it judged the workbook's own orders alone, not the whole day's (of packaging: its own requests).
    problems: how many rows, sheets and files were not accepted. kasp: "packaging" or "invoices", else "". own_requests:
    it took KASP's requests from the workbook. form_in: the output folder in which a nightly run puts what this button
    does not write.
    """

    sheets: tuple[str, ...]
    day: date
    own_orders: bool
    not_run: Mapping[str, tuple[str, ...]]
    problems: int = 0
    kasp: str = ""
    own_requests: bool = False
    form_in: str = ""

    def says(self, lang: Lang) -> str:
        """Return what the user must know beside the sheets: whose orders were judged, and what was not."""
        said = labels(lang)
        parts = []
        if self.kasp:
            parts.append(said.message(f"{self.kasp}-{'own' if self.own_requests else 'team'}", day=self.day))
        if self.kasp != "packaging":  # which asks for no orders
            parts.append(said.message("check-alone" if self.own_orders else "desk-team-orders", day=self.day))
        if self.form_in:
            parts.append(said.message("invoices-form-next", folder=self.form_in, day=self.day))
        if self.problems:
            parts.append(said.message("button-problems", count=self.problems))
        if self.not_run:
            missing = kind_titles(tuple(dict.fromkeys(kind for kinds in self.not_run.values() for kind in kinds)))
            parts.append(said.message("button-not-run", count=len(self.not_run), missing=missing))
        return "  ".join(parts)


def run(button: str, book: Book, known: Known, today: date, progress: Callable[[str], None] | None = None) -> Done:
    """Do what a button of BUTTONS does: audit, and write its sheets into the book.

    progress is told each step (a message `step-…`), and may raise Cancelled to stop. Rows, files and sheets that could
    not be read, and rules that did not run, are told in one more sheet. Raises WorkbookError where the button cannot
    do its work, KeyError where there is no such button.
    """
    parts, step = BUTTONS[button], progress or (lambda _step: None)
    if button in _KASP:
        return _KASP[button](book, known, today, step)
    selected = _selection(book) if button == "line" else None
    given = gather(book, known, today, step)
    before = None
    if button == "transfers" and not given.own_orders:  # a workbook alone does not know what the day's stock covers
        before = read_before(known.folder, given.day, partial(read_files, aliases=known.settings.aliases), lines=False)
    report = audit.run(
        given.tables,
        given.problems,
        known.settings.policy,
        given.day,
        progress,
        links={book.name: ""},
        before=before,
    )
    not_run = report.audit.silent
    sheets = {sheet.layout.key: sheet for sheet in report.sheets}
    problems = given.problems
    if selected is not None:
        sheets, problems = _selected(sheets, report, problems, book.name, selected)
    if button == "returns":
        sheets["sent_back"] = sheets_of(report, given.tables, {book.name: ""})["sent_back"]
    if button == "funds":
        sheets["findings"] = _rows(sheets["findings"], sheets["findings"].frame["rule"].isin(FINANCE).to_numpy())
    told = (*problems, *unjudged(book.name, not_run))
    sheets["problems"] = Table(LAYOUTS["problems"], source_links(problem_rows(told), {book.name: ""}))
    keys = list(parts)
    if button == "audit" and len(sheets["resubmitted"].frame):
        keys.append("resubmitted")
    if "problems" not in keys and any(problem.code not in NOTICES for problem in told):
        keys.append("problems")
    step("write")
    wrote = book.write([sheets[key] for key in keys], given.day)
    refused = sum(problem.code not in NOTICES for problem in problems)
    return Done(tuple(wrote), given.day, given.own_orders, not_run, refused)


def _packaging(book: Book, known: Known, today: date, step: Callable[[str], None]) -> Done:
    """Sum up the packaging requests of the book, or of the team folder, and write the sheets into the book."""
    given = gather_packaging(book, known, today, step)
    step("packaging")
    summed = packaging.run(given.tables, given.problems, known.settings.bases, given.day, links={book.name: ""})
    step("write")
    names = tuple(book.write(summed.sheets, given.day))
    refused = sum(problem.code not in NOTICES for problem in given.problems)
    own = given.own_orders
    return Done(names, given.day, own, summed.not_run, refused, kasp="packaging", own_requests=own)


def _invoices(book: Book, known: Known, today: date, step: Callable[[str], None]) -> Done:
    """Audit as the button audit does, join the invoice requests with it, and write the sheets into the book."""
    given, own = gather_invoices(book, known, today, step)
    report = audit.run(given.tables, given.problems, known.settings.policy, given.day, step, links={book.name: ""})
    step("invoices")
    told = request_problems("invoices", given.tables, given.problems, book.name)
    settings, links = known.settings, {book.name: ""}
    billed = invoices.run(given.tables, report, told, settings, links=links, book=book.name)
    step("write")
    names = tuple(book.write(billed.sheets, given.day))
    refused = sum(problem.code not in NOTICES for problem in told)
    not_run = {**report.audit.silent, **billed.not_run}
    output = labels().folders["output"]
    return Done(names, given.day, given.own_orders, not_run, refused, kasp="invoices", own_requests=own, form_in=output)


_KASP = {"packaging": _packaging, "invoices": _invoices}


def _selection(book: Book) -> Selection:
    selected = book.selected_rows()
    if selected is None:
        raise WorkbookError("no-line-selected", book=book.name)
    return selected


def _selected(
    sheets: dict[str, Table], report: Report, problems: tuple[Problem, ...], name: str, selected: Selection
) -> tuple[dict[str, Table], tuple[Problem, ...]]:
    """Return the sheets with the selected lines alone, their findings (those of their whole order too) and problems."""
    sheet, numbers = selected
    lines = report.audit.lines
    chosen = (lines["source_file"] == name) & (lines["source_sheet"] == sheet) & lines["source_row"].isin(numbers)
    picked = chosen.to_numpy(bool)
    refused = [problem for problem in problems if _is_row_of(problem, name, sheet, numbers)]
    if not picked.any() and not refused:
        raise WorkbookError("no-line-selected", book=name)
    findings = report.findings
    at = findings["at"].to_numpy()
    order = lines["order"].to_numpy()
    of_order = {batch.rule for batch in report.audit.findings if batch.whole_order}
    felt = findings["rule"].isin(of_order).to_numpy() & (findings["effect"] != EFFECTS[INFO]).to_numpy()
    on_line = at >= 0
    kept = np.zeros(len(findings), dtype=bool)
    kept[on_line] = picked[at[on_line]] | (felt[on_line] & np.isin(order[at[on_line]], order[picked]))
    others = [problem for problem in problems if problem.source_row is None or problem.source_file != name]
    sheets = {**sheets, "lines": _rows(sheets["lines"], picked), "findings": _rows(sheets["findings"], kept)}
    return sheets, (*refused, *others)


def _is_row_of(problem: Problem, name: str, sheet: str, numbers: frozenset[int]) -> bool:
    return (problem.source_file, problem.source_sheet) == (name, sheet) and problem.source_row in numbers


def _rows(sheet: Table, kept: npt.NDArray[np.bool_]) -> Table:
    frame: pd.DataFrame = sheet.frame[kept].reset_index(drop=True)
    return Table(sheet.layout, frame)
