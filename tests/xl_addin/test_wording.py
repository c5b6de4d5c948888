"""Sentences for people: one way to word what stands in the way, and a text that the message box shows whole."""

from __future__ import annotations

import pytest

from workbooks.errors import WorkbookError
from workbooks.reading.problems import Problem
from xl_addin.wording import BOX, boxed, told, visible


def test_a_problem_that_an_error_names_is_worded_too() -> None:
    error = WorkbookError("no-order-sheet", path="a.xlsx", first=Problem("empty", "a.xlsx"))
    assert "0 字节的空文件" in told(error, "zh")
    assert "The file has no content" in told(error, "en")


def test_an_error_that_the_labels_do_not_know_is_told_all_the_same() -> None:
    assert told(WorkbookError("no-such-code", path="p"), "zh") == "no-such-code: path=p"


@pytest.mark.parametrize(
    ("text", "closing", "shown"),
    [
        ("短", "end", "短"),
        ("x" * BOX, "end", "x" * BOX),
        ("x" * (BOX + 1), "", "x" * BOX),
        ("审" * BOX, "", "审" * (BOX // 2)),  # two bytes each
        ("x" * BOX + "审", "end", "x" * (BOX - 4) + "\nend"),
        ("\N{BALLOT X}" * (BOX + 1), "", "\N{BALLOT X}" * BOX),  # not in the code page: one question mark
    ],
)
def test_the_box_counts_bytes_and_keeps_the_closing_line(text: str, closing: str, shown: str) -> None:
    assert boxed(text, closing) == shown


def test_what_a_terminal_would_obey_is_spelt_out() -> None:
    assert visible("a\x1b[2J\u202eb\x9b\ud800\r[red]\n审") == "a\\u001b[2J\\u202eb\\u009b\\ud800\\u000d[red]\n审"
