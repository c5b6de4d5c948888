"""The nightly run that reads its files itself: `python -m tests.bench.here TEAM`.

What it costs to read them by processes of their own (workbooks/reading/apart.py) is what the usual run takes more.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Self

from macros import nightly
from tests.bench.inputs import DAY
from workbooks.reading.files import READERS, Keep, Parts, read_file
from workbooks.reading.recognise import Aliases, Recogniser
from workbooks.schema import Limits
from workbooks.team import TeamFile
from xl_addin.cli import program


class Here:
    """Files read in this process by as many threads; in place of workbooks.reading.apart.Reading."""

    def __init__(self, files: Sequence[TeamFile], aliases: Aliases, limits: Limits, keep: Keep | None = None) -> None:
        """Name what to read, and how."""
        self.files, self.how = files, (Recogniser(aliases), keep, limits)

    def __enter__(self) -> Self:
        """Begin."""
        self.threads = ThreadPoolExecutor(READERS)
        self.parts = [self.threads.submit(read_file, file, *self.how) for file in self.files]
        return self

    def __exit__(self, *_: object) -> None:
        """Wait for what is being read."""
        self.threads.shutdown(cancel_futures=True)

    def __iter__(self) -> Iterator[Parts]:
        """Yield what each file gave."""
        return (parts.result() for parts in self.parts)


if __name__ == "__main__":
    nightly.Reading = Here  # type: ignore[attr-defined, assignment]
    sys.argv[1:] = ["nightly", sys.argv[1], "--date", f"{DAY}"]
    program()
