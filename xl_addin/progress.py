"""The progress bar of a run, where somebody watches."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from workbooks.labels import Lang, labels

if TYPE_CHECKING:
    from macros.runs import Progress


@contextmanager
def progress_bar(lang: Lang) -> Iterator[Progress | None]:
    """Show a progress bar where somebody watches: only on a terminal, gone when done."""
    if not sys.stderr.isatty():
        yield None
        return
    # imported only where it is shown
    from rich.console import Console  # noqa: PLC0415
    from rich.progress import (  # noqa: PLC0415
        BarColumn,
        Progress,
        TaskProgressColumn,
        TextColumn,
        TimeElapsedColumn,
    )

    columns = (TextColumn("{task.description}"), BarColumn(), TaskProgressColumn(), TimeElapsedColumn())
    # drawn at every step, by no thread of its own: of a process with one no copy may be made (workbooks.processes)
    with Progress(*columns, console=Console(stderr=True), transient=True, auto_refresh=False) as bar:
        task, said = bar.add_task("", total=1.0), labels(lang)
        yield lambda step, share: bar.update(
            task, completed=share, description=said.message(f"step-{step}"), refresh=True
        )
