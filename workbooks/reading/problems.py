"""What could not be taken as it is: rows, sheets, files; each with its place, a code and a sentence."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import get_args

from workbooks.errors import UnreadableReason
from workbooks.labels import Lang, labels

UNREADABLE = frozenset({*get_args(UnreadableReason), "too-slow", "reader-failed"})
"""A file with one of these could not be read; the run is complete all the same."""

NOTICES = frozenset(
    {
        "open-elsewhere",
        "same-name",
        "not-used-here",
        "own-result",
        "not-withdrawn",
        "original-missing",
        "as-sent-gone",
        "same-as-before",
        "own-sheet",
        "handed-back-later",
    }
)
"""With one of these nothing is lost, but somebody should know."""

SETTLED = frozenset({"superseded", "withdrawn"})
"""A row with one of these did not count because its region handed it back corrected, or withdrew it."""


@dataclass(frozen=True)
class Problem:
    """A row, sheet or file that could not be taken as it is; fields fill the sentence of its code."""

    code: str
    source_file: str
    source_sheet: str = ""
    source_row: int | None = None
    cell: str = ""
    value: str = ""
    fields: Mapping[str, str] = field(default_factory=dict)

    @property
    def rejects(self) -> bool:
        """Tell whether it is why a row was not accepted."""
        return self.source_row is not None and self.code not in {"duplicate-key", "not-confirmed"}


def sentence(problem: Problem, lang: Lang = "zh") -> str:
    """Return what a problem says, in one sentence."""
    return labels(lang).problems[problem.code].says.format(**{"value": problem.value, **problem.fields})
