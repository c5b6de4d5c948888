"""What every run has: its steps and their seconds, and what it leaves behind. Nothing here needs pandas."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from workbooks.errors import WorkbookError
from workbooks.labels import labels

if TYPE_CHECKING:
    import pandas as pd

    from macros.audit import Report
    from macros.cluster import Cluster
    from macros.invoices import Billed
    from macros.packaging import Summed
    from macros.period import Span
    from macros.returns import Returned
    from workbooks.reading.day import TeamDay

Progress = Callable[[str, float], None]
"""Told the step that runs and how much of the run is done, 0 to 1."""

SHARES = {"connect": 0.0, "read": 0.0, "before": 0.48, "line": 0.5, "duplicates": 0.53, "price": 0.57, "finance": 0.62,
          "stock": 0.66, "sheets": 0.7, "write": 0.75, "publish": 0.97}  # fmt: skip


@dataclass(frozen=True)
class Outcome:
    """What a nightly run did: the report, where its outputs are, the files it could not read.

    packaging, invoices: the packaging and the invoice requests, None where the team has none. rerun: the orders that an
    earlier run of the day decided otherwise (udfs.reruns), None where nobody asked. regions: what goes back to
    each region. span: the days, where they were audited as one input. cluster: the address of the Dask scheduler and
    how many workers it had; empty without one.
    """

    report: Report
    team: TeamDay
    folder: Path
    kept: Path | None
    seconds: dict[str, float]
    packaging: Summed | None = None
    invoices: Billed | None = None
    rerun: pd.DataFrame | None = None
    regions: tuple[Returned, ...] = ()
    span: Span | None = None
    cluster: Mapping[str, object] = field(default_factory=dict)

    @property
    def result(self) -> Path:
        """Return where the result workbook is."""
        return self.folder / labels().files["result"].format(day=self.folder.name)

    @property
    def exit_code(self) -> int:
        """Return 0 where all files were read and the control totals pass, else 1 (domain.md §5)."""
        passed = all(one is None or one.passed for one in (self.report, self.packaging, self.invoices))
        return 0 if passed and not self.team.unreadable else 1


class Clock:
    """Seconds per step."""

    def __init__(self, progress: Progress | None) -> None:
        """Start none yet; progress is told each step that does."""
        self.seconds: dict[str, float] = {}
        self.progress = progress or (lambda _step, _share: None)

    @contextmanager
    def step(self, name: str, told: str = "") -> Iterator[None]:
        """Time a step; told: what it is called where somebody watches, and in SHARES."""
        self.progress(told or name, SHARES[told or name])
        start = time.perf_counter()
        yield
        self.seconds[name] = round(time.perf_counter() - start, 3)

    def told(self, done: int, of: int) -> None:
        """Tell how many files, or batches of them, are read."""
        self.progress("read", SHARES["before"] * done / of)


def workers_at(cluster: str | None, clock: Clock) -> AbstractContextManager[Cluster | None]:
    """Return the workers of a Dask cluster while they are needed; none where there is no address.

    Raises WorkbookError where Dask is not installed, and what macros.cluster.connected raises.
    """
    if cluster is None:
        return nullcontext()
    try:
        from macros.cluster import connected  # noqa: PLC0415 - only who names a cluster has to have Dask
    except ModuleNotFoundError as error:
        if error.name not in {"dask", "distributed"}:
            raise
        raise WorkbookError("no-dask") from error
    clock.progress("connect", SHARES["connect"])
    return connected(cluster)


def program_version() -> str:
    """Return the installed version of Order Desk."""
    # as long to import as half of what reading needs, which waits for this module
    from importlib.metadata import PackageNotFoundError, version  # noqa: PLC0415

    try:
        return version("orderdesk")
    except PackageNotFoundError:
        return "0"
