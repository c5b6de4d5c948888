"""What is said of lines: joined per line, each text once, and what holds an order said on all its lines."""

from __future__ import annotations

from datetime import date
from types import MappingProxyType

import numpy as np
import pandas as pd

from macros.audit import Report
from macros.told import Told, told
from udfs.audit import Audit
from udfs.findings import HOLD, INFO, RETURN, Findings

NOBODY = MappingProxyType[str, tuple[str, ...]]({})


def test_the_texts_of_a_line_stand_one_below_the_other_each_once() -> None:
    said = Told(np.array([0, 0, 0, 2, 2]), np.arange(5), np.full(5, HOLD), 4)
    texts = np.array(["b", "a", "b", "", "b"], dtype=object)
    assert said.joined(texts) == ["b\na", "", "b", ""]
    assert said.only(texts == "b").joined(np.array(["x", "y", "z"], dtype=object)) == ["x\ny", "", "z", ""]


def test_what_holds_an_order_is_said_on_its_lines_and_the_gravest_comes_first() -> None:
    lines = pd.DataFrame({"order": [7, 5, 7, 5, 9], "effect": [RETURN, INFO, RETURN, INFO, HOLD]})
    batches = [Findings("whole", np.array([2]), np.array([RETURN]), whole_order=True)]
    rows = [
        (-1, "alone", "hold"),
        (0, "alone", "info"),
        (2, "whole", "return"),
        (1, "alone", "info"),
        (2, "alone", "hold"),
    ]
    findings = pd.DataFrame(rows, columns=["at", "rule", "effect"])
    report = Report(date(2026, 11, 21), Audit(lines, tuple(batches), pd.DataFrame(), NOBODY), findings, (), passed=True)
    said = told(report, np.array([True, False, True, True, True]))
    assert list(zip(said.line.tolist(), said.finding.tolist(), said.effect.tolist(), strict=True)) == [
        (0, 2, RETURN),
        (0, 1, INFO),
        (1, 2, RETURN),
        (1, 4, HOLD),
        (3, -1, HOLD),  # held by its order alone
    ]
    assert said.lines == 4
