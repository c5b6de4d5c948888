"""The cluster benchmark: what is weighed, what the model says; the runs themselves are tests/macros/test_cluster.py."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd

from tests.bench.inputs import make_inputs
from tests.bench.scaling import Rates, parts, shown
from tests.bench.weights import weight, weights

RATES = Rates(
    judging=40.0, carrying=3.0, own=5.0, writing=10.0, answers=460.0, shuffled=300.0, run_mb=1700.0, worker_mb=700.0
)


def test_what_a_run_on_a_cluster_sends_is_weighed(tmp_path: Path) -> None:
    answers, pieces = weights(make_inputs(tmp_path, 2, 60))
    assert 100 < pieces < answers < 10_000  # bytes a line, with what each answer carries whatever its size


def test_an_answer_weighs_what_its_columns_do() -> None:
    numbers = pd.DataFrame({"a": np.arange(100_000), "b": np.zeros(100_000)})
    assert 1_600_000 < weight(numbers) < 1_602_000


def test_more_workers_divide_what_is_judged_and_nothing_else() -> None:
    one, eight = parts(RATES, 1), parts(RATES, 8)
    assert eight["workers"] == one["workers"] / 8
    assert one["shuffle"] == 0 < eight["shuffle"]
    assert [eight[name] for name in ("answers", "own", "writing")] == [4.0, 5.0, 10.0]
    assert parts(RATES, 1000)["drive"] > 0.5  # then the drive is what reading takes
    assert "Memory of the machine" in shown(RATES)
