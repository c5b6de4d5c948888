"""How a run's time grows with lines and workers beyond what one machine can show: a model of measured rates."""

from __future__ import annotations

from dataclasses import dataclass

from tests.bench.page import table

NETWORK = 115.0  # MB/s of one machine's gigabit link, and of the shared drive's
WORKBOOKS = 73.0  # MB of workbooks a million lines
WORKERS = (1, 2, 4, 8, 16, 32)
MILLIONS = (1, 5, 25)


@dataclass(frozen=True)
class Rates:
    """What a million lines take, as measured.

    judging: seconds that one worker reads and judges. carrying: seconds in which the answers arrive on the machine of
    the run. own: its seconds for all else but writing. writing: seconds. answers, shuffled: MB that workers send to the
    run, and in all to each other. run_mb, worker_mb: peak memory of the run, and of all workers together.
    """

    judging: float
    carrying: float
    own: float
    writing: float
    answers: float
    shuffled: float
    run_mb: float
    worker_mb: float


def parts(rates: Rates, workers: int) -> dict[str, float]:
    """Return the seconds that a million lines take on so many workers, each a machine of its own, by what takes them.

    Workers read while others judge: of what the drive gives and what they do, the slower counts.
    """
    drive, judging = WORKBOOKS / NETWORK, rates.judging / workers
    return {
        "drive": max(drive - judging, 0.0),
        "workers": judging,
        "shuffle": rates.shuffled * (workers - 1) / workers**2 / NETWORK,
        "answers": max(rates.carrying, rates.answers / NETWORK),
        "own": rates.own,
        "writing": rates.writing,
    }


def shown(rates: Rates) -> str:
    """Return the table of seconds for some sizes and numbers of workers, and of the memory that they take."""
    rows = []
    for workers in WORKERS:
        taken = parts(rates, workers)
        whole = sum(taken.values())
        alone = sum(parts(rates, 1).values())
        rows.append(
            [
                f"{workers}",
                *(f"{seconds:.1f}" for seconds in taken.values()),
                *(f"{whole * millions:,.0f}" for millions in MILLIONS),
                f"{alone / whole:.2f}",
                *(f"{rates.worker_mb * millions / workers / 1024:.1f}" for millions in MILLIONS[1:]),
            ]
        )
    headings = (
        "workers", *(f"{name}" for name in parts(rates, 1)), *(f"{millions} M" for millions in MILLIONS), "gain",
        *(f"GB each, {millions} M" for millions in MILLIONS[1:]),
    )  # fmt: skip
    memory = " ".join(f"{millions} M lines: {rates.run_mb * millions / 1024:.1f} GB." for millions in MILLIONS)
    return f"{table(headings, rows)}\n\nMemory of the machine that the run is made on: {memory}"
