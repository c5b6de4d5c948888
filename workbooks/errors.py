"""What can go wrong with files and settings; wrong data is never an exception but a finding or a rejected row."""

from __future__ import annotations

from functools import partial
from typing import Literal, Self

UnreadableReason = Literal[
    "password",
    "damaged",
    "not-a-workbook",
    "unsupported",
    "empty",
    "too-large",
    "locked",
    "changing",
    "not-a-file",
]


class WorkbookError(Exception):
    """A folder, file, sheet or setting stands in the way; the message names it and the remedy.

    code: which sentence of the labels file tells it; fields: what the sentence names (path, sheet, ...).
    """

    def __init__(self, code: str, **fields: object) -> None:
        """Keep code and fields apart, so that each door can word them in its language."""
        super().__init__(code, fields)
        self.code = code
        self.fields = fields

    def __reduce__(self) -> tuple[object, ...]:
        """Let it come back from another process: an exception is made again from positional arguments alone."""
        return partial(type(self), self.code, **self.fields), ()

    def __str__(self) -> str:
        """Return code and fields; the doors turn them into a sentence with `labels.message`."""
        named = ", ".join(f"{name}={value}" for name, value in self.fields.items())
        return f"{self.code}: {named}"


class UnreadableFileError(Exception):
    """A file is no workbook that can be read; the run goes on without it and reports it."""

    def __init__(self, reason: UnreadableReason, detail: str = "") -> None:
        """Keep the reason, a code of the labels' problems; detail is what the system or parser said."""
        super().__init__(reason, detail)
        self.reason = reason
        self.detail = detail

    @classmethod
    def beyond(cls, limit: str, most: int, found: int | None = None) -> Self:
        """Return the refusal of a file that asks for more than a limit of workbooks.schema.Limits allows."""
        return cls("too-large", f"{limit} {'' if found is None else f'{found:,} '}> {most:,}")
