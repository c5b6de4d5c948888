"""What has changed in orders that come again: the lines as they were sent back, those of today, and what is said."""

from __future__ import annotations

from datetime import date
from typing import Any

import pandas as pd
import pytest

from tests.frames import TODAY, order_lines, text_rows
from udfs.resubmissions import CHANGES, FIELDS, compare, rules_apart
from workbooks.labels import labels

YESTERDAY = date(2026, 11, 20)
LINE = {"partner_code": "P1", "product_code": "A", "quantity": "1", "order_no": "1"}


def lines_of(text: str, handed: str = "") -> pd.DataFrame:
    """Return today's lines; from: the row that a line handed back stands for, of `orders.xlsx` (0: none)."""
    rows: list[dict[str, Any]] = [{**LINE, **row} for row in text_rows(text)]
    lines = order_lines(rows)
    if handed:
        came = [int(row.get("from") or 0) for row in rows]
        lines["origin_file"] = [f"{'orders' if row else 'new'}.xlsx" for row in came]
        lines["origin_sheet"] = "Sheet1"
        lines["origin_row"] = [row or 900 + place for place, row in enumerate(came)]
        lines["back_file"] = pd.array(["orders.xlsx" if row else None for row in came], dtype="str")
        lines["back_sheet"], lines["back_row"] = "Sheet1", [float(row or "nan") for row in came]
        lines["source_file"] = handed
    return lines


def sent_of(text: str, day: date, *, handed: str = "", turn: int = 1) -> pd.DataFrame:
    """Return lines as they were sent back; row: where each stood in `orders.xlsx`."""
    rows: list[dict[str, Any]] = [{**LINE, **row} for row in text_rows(text)]
    return order_lines(rows).assign(
        before=[row["before"] for row in rows], before_rules="", back_day=pd.Timestamp(day), back_file="orders.xlsx",
        back_sheet="Sheet1", back_row=[float(row["row"]) for row in rows], back_round=float(turn),
        source_file=handed or f"out/{day}.xlsx", handed_back=bool(handed),
    )  # fmt: skip


def said(lines: pd.DataFrame, sent: pd.DataFrame) -> list[str]:
    """Return each pair in words: its line (0 the first), its row, the change, and the columns that differ."""
    return [
        " ".join(
            ["-" if at is None else str(at) for at in (pair.line, pair.row)]
            + [pair.change]
            + [d[0] for d in pair.differences]
        )
        for pair in compare(lines, sent, TODAY)
    ]


SENT = """
order_no  product_code  quantity  before  row
1         A             10        hold    2
1         B             20        pass    3
1         C             30        return  4
"""


def test_an_order_in_the_clerks_next_workbook_is_met_by_product() -> None:
    lines = lines_of("""
order_no  product_code  quantity  unit_price
1         A             12        -            <- changed
1         C             30        -            <- the same
1         D             5         -            <- new
2         A             1         -            <- another order
""")
    assert said(lines, sent_of(SENT, YESTERDAY)) == ["0 0 changed quantity", "1 2 same", "2 - added"]


def test_what_went_out_before_is_not_expected_again_and_warned_of_where_it_comes() -> None:
    lines = lines_of("order_no  product_code  quantity\n1  B  20\n1  C  30\n")
    assert said(lines, sent_of(SENT, YESTERDAY)) == ["- 0 withdrawn", "0 1 passed_before", "1 2 same"]
    moved = sent_of(SENT.replace("pass", "transfer"), YESTERDAY)
    assert said(lines, moved)[1] == "0 1 moved_before"


def test_of_lines_of_one_product_the_same_one_is_met_first_then_those_sent_back() -> None:
    sent = sent_of("product_code  quantity  before  row\nA  10  pass  2\nA  20  hold  3\n", YESTERDAY)
    assert said(lines_of("product_code  quantity\nA  25\n"), sent) == ["0 1 changed quantity"]
    assert said(lines_of("product_code  quantity\nA  25\nA  10\n"), sent) == [
        "1 0 passed_before",
        "0 1 changed quantity",
    ]
    assert said(lines_of("product_code  quantity\nA  10\n"), sent) == ["0 0 passed_before", "- 1 withdrawn"]


def test_a_giveaway_is_another_line_and_a_code_has_no_capitals() -> None:
    sent = sent_of(
        "product_code  line_type  campaign  before  row\na  paid  h1  hold  2\nA  giveaway  H1  hold  3\n", YESTERDAY
    )
    lines = lines_of("product_code  line_type  campaign\nA  giveaway  h1\nA  paid  H1\n")
    assert said(lines, sent) == ["1 0 same", "0 1 same"]


def test_an_order_that_does_not_come_again_is_not_named() -> None:
    sent = sent_of(SENT, YESTERDAY)
    assert said(lines_of("order_no  product_code\n7  A\n"), sent) == []
    assert said(lines_of("order_no  partner_code\n1  P2\n"), sent) == []  # another partner's
    assert said(lines_of("order_no  product_code\n7  A\n"), sent.iloc[:0]) == []


def test_a_line_handed_back_is_met_by_its_place_whatever_was_corrected() -> None:
    lines = lines_of(
        """
order_no  product_code  quantity  region  from
9         Z             10        x       2      <- order and product corrected
1         B             20        -       3      <- passed, and stands where it stood
1         E             7         -       -      <- new
""",
        "back.xlsx",
    )
    sent = sent_of(SENT, TODAY, handed="back.xlsx")
    assert said(lines, sent) == [
        "0 0 changed region order_no product_code", "1 1 same", "- 2 withdrawn", "2 - added",
    ]  # fmt: skip


def test_handed_back_on_another_day_what_passed_is_not_there_and_all_withdrawn_is_said() -> None:
    sent = sent_of(SENT, YESTERDAY, handed="back.xlsx")
    lines = lines_of("order_no  product_code  quantity  from\n1  A  10  2\n", "back.xlsx")
    assert said(lines, sent) == ["0 0 same", "- 2 withdrawn"]
    others = lines_of("order_no  product_code  quantity\n7  A  10\n")
    assert said(others, sent) == ["- 0 withdrawn", "- 2 withdrawn"]


def test_the_last_round_counts_and_a_place_once_though_two_files_hold_it() -> None:
    first = sent_of(SENT, TODAY, handed="a.xlsx")
    later = sent_of(SENT.replace("10        hold", "11        hold"), TODAY, handed="b.xlsx", turn=2)
    older = sent_of(SENT, YESTERDAY)
    lines = lines_of("product_code  quantity  from\nA  11  2\nB  20  3\nC  30  4\n", "b.xlsx")
    both = pd.concat([older, first, later, later.assign(source_file="copy.xlsx")], ignore_index=True)
    assert [line.split(" ", 2)[2] for line in said(lines, both)] == ["same", "same", "same"]


def result_of(text: str, day: date = YESTERDAY) -> pd.DataFrame:
    """Return lines as an earlier day's result has them: no marks but the day."""
    return sent_of(text, day).assign(back_file=None, back_sheet=None, back_row=float("nan"), back_round=float("nan"))


def test_all_that_passed_yesterday_and_comes_again_is_warned_of() -> None:
    result = result_of("""
order_no  product_code  order_date  line_type  before    row
1         A             2026-11-20  paid       pass      2
1         B             2026-11-20  paid       transfer  3
1         C             2026-11-20  paid       pass      4    <- does not come again
2         A             2026-11-20  paid       hold      5
""").assign(order_date=pd.Timestamp(YESTERDAY))
    lines = lines_of("""
order_no  product_code  line_type  order_date
1         A             -          -           <- a result has a date and a type for every line
1         B             -          -
2         A             -          -
""")
    assert said(lines, result) == ["0 0 passed_before", "1 1 moved_before", "2 3 same"]
    lines["order_date"] = pd.Timestamp(TODAY)
    assert said(lines, result)[2] == "2 3 changed order_date"


@pytest.mark.parametrize(
    ("now", "change"),
    [
        ("A  pass", "passed_before"),  # handed back there as well, and passed
        ("A  transfer", "moved_before"),
        ("A  hold", "same"),
        ("B  pass", "same"),  # another product
    ],
)
def test_a_line_handed_back_today_that_has_passed_since_is_warned_of(now: str, change: str) -> None:
    sent = sent_of("product_code  before  row\nA  hold  2\n", YESTERDAY, handed="back.xlsx")
    result = result_of(f"product_code  before  row\n{now}  2\n")
    lines = lines_of("product_code  from\nA  2\n", "back.xlsx")
    assert said(lines, pd.concat([sent, result], ignore_index=True)) == [f"0 0 {change}"]


def test_what_passed_before_it_was_sent_back_says_nothing_of_another_line_of_the_product() -> None:
    sent = sent_of(
        "product_code  quantity  before    row\nA  1  transfer  2\nA  2  hold  3\n", YESTERDAY, handed="back.xlsx"
    )
    lines = lines_of("product_code  quantity  from\nA  2  3\n", "back.xlsx")
    for first, second, change in (("pass", "hold", "same"), ("pass", "pass", "passed_before")):
        result = result_of(f"product_code  quantity  before  row\nA  1  {first}  2\nA  2  {second}  3\n")
        assert said(lines, pd.concat([sent, result], ignore_index=True)) == [f"0 1 {change}"]
    # a later day's result holds nothing of what went out on the day it was sent back
    earlier = sent.assign(back_day=pd.Timestamp(2026, 11, 19))
    result = result_of("product_code  quantity  before  row\nA  2  pass  2\n")
    assert said(lines, pd.concat([earlier, result], ignore_index=True)) == ["0 1 passed_before"]


def test_what_an_earlier_round_of_the_day_withdrew_stays_withdrawn() -> None:
    first = sent_of(SENT, TODAY, handed="a.xlsx")  # C is withdrawn in it, A is sent back once more
    second = sent_of("order_no  product_code  quantity  before  row\n1  A  11  hold  2\n", TODAY,
                     handed="b.xlsx", turn=2)  # fmt: skip
    lines = lines_of("product_code  quantity  from\nA  11  2\nB  20  3\n", "b.xlsx")
    assert said(lines, pd.concat([first, second], ignore_index=True)) == ["1 1 same", "- 2 withdrawn", "0 3 same"]
    other = second.assign(order_no="9")  # corrected to another order in between
    lines["order_no"] = ["9", "1"]
    assert said(lines, pd.concat([first, other], ignore_index=True)) == ["1 1 same", "- 2 withdrawn", "0 3 same"]


def test_marks_that_nobody_can_read_are_met_by_product() -> None:
    sent = sent_of(SENT, YESTERDAY, handed="back.xlsx").assign(
        back_day=pd.Series([pd.NaT] * 3),
        back_file=None,
        back_sheet=None,
        back_row=float("nan"),
        back_round=float("nan"),
    )
    lines = lines_of("order_no  product_code  quantity  from\n1  A  10  2\n1  C  31  4\n", "back.xlsx")
    assert said(lines, sent) == ["0 0 same", "1 2 changed quantity"]


@pytest.mark.parametrize(
    ("before", "after", "apart"),
    [
        ([], [], ([], [], [])),
        (["x", "y"], ["y", "z"], (["x"], ["y"], ["z"])),
        (["x", "x"], ["x"], ([], ["x"], [])),
        (["x"], [], (["x"], [], [])),
        ([], ["x", "x"], ([], [], ["x"])),
    ],
)
def test_rules_are_resolved_remain_or_are_new(before: list[str], after: list[str], apart: object) -> None:
    assert rules_apart(before, after) == apart


def test_every_change_has_its_word() -> None:
    assert tuple(labels().words["change"]) == CHANGES
    assert FIELDS[0] == "region"
