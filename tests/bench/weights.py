"""How much a run on a cluster sends: every answer and every piece of a partition weighed, in one process."""

from __future__ import annotations

import pickle
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from macros import audit
from macros.batches import read_on
from tests.bench.inputs import DAY
from workbooks.settings import read_settings
from workbooks.team import day_files, reference_files


class Weighing:
    """Workers in this process that weigh, in bytes, what they would send: to the run, and pieces to each other."""

    parts = 4

    def __init__(self) -> None:
        """Have weighed nothing yet."""
        self.sent: Counter[str] = Counter()

    def call(self, function: Callable[..., object], *arguments: object) -> object:
        """Return the function's answer."""
        answer = function(*arguments)
        if function.__name__ == "_piece":
            self.sent["pieces"] += weight(answer)
        return answer

    def fetch(self, answers: Sequence[object]) -> list[Any]:
        """Return the answers."""
        self.sent["answers"] += sum(map(weight, answers))
        return list(answers)


def weight(answer: object) -> int:
    """Return the bytes of an answer as Dask sends it."""
    apart: list[pickle.PickleBuffer] = []
    held = pickle.dumps(answer, protocol=5, buffer_callback=apart.append)
    return len(held) + sum(buffer.raw().nbytes for buffer in apart)


def weights(team: Path) -> tuple[float, float]:
    """Return the MB per million lines of answers to the run, and of pieces of partitions."""
    workers, settings = Weighing(), read_settings(team)
    days = {DAY: day_files(team, DAY)}
    read, judge = read_on(workers, days, reference_files(team), settings, today=DAY)
    report = audit.run(read.tables, read.problems, settings.policy, DAY, judge=judge)
    lines = len(report.audit.lines)
    return workers.sent["answers"] / lines, workers.sent["pieces"] / lines
