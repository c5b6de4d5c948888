"""A file as a book: what is read, and that results go into a workbook of their own."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import openpyxl
import pandas as pd
import pytest

from tests.live_hosts import open_book, texts
from workbooks import book as books
from workbooks.book import FileBook
from workbooks.errors import WorkbookError
from workbooks.layout import LAYOUTS
from workbooks.reading.problems import Problem
from workbooks.sheets import LONGEST_NAME, free_names, sheet_name
from workbooks.writing.book import Table, write_book

DAY = date(2026, 11, 21)


def returns(*orders: str) -> Table:
    """Return the returns sheet with these orders."""
    layout = LAYOUTS["returns"]
    frame = pd.DataFrame({column.name: [None] * len(orders) for column in layout.columns}, dtype=object)
    return Table(layout, frame.assign(order_no=list(orders), amount=1.5, reason="unpaid", status="waiting"))


@pytest.mark.parametrize(
    ("wanted", "taken", "names"),
    [
        (["a"], [], ["a"]),
        (["a"], ["A"], ["a (2)"]),
        (["a", "b"], ["a", "a (2)"], ["a (3)", "b"]),
        (["a", "a"], [], ["a", "a (2)"]),
        (["x" * 31], ["x" * 31], ["x" * 27 + " (2)"]),
    ],
)
def test_a_taken_name_gets_a_number(wanted: list[str], taken: list[str], names: list[str]) -> None:
    assert free_names(wanted, taken) == names


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("广州基地", "广州基地"),
        ("[A]/B\\C:D*E?", "ABCDE"),
        ("'引号'", "引号"),
        ("x" * 40, "x" * 31),
        ("x" * 30 + " y", "x" * 30),
        ("换\n行\t", "换行"),
        ("\U0001f3ed厂", "厂"),
        ("?*", "基地"),
        (" ' ", "基地"),
        ("History", "基地"),
    ],
)
def test_a_sheets_name_holds_nothing_that_excel_refuses(text: str, name: str, tmp_path: Path) -> None:
    assert sheet_name(text, "基地") == name
    assert len(name) <= LONGEST_NAME
    table = returns("A1")
    write_book(tmp_path / "x.xlsx", None, [Table(replace(table.layout, name=name), table.frame)], DAY)
    assert openpyxl.load_workbook(tmp_path / "x.xlsx").sheetnames == [name]


def test_results_go_beside_the_file_and_add_up(tmp_path: Path) -> None:
    opened = open_book("file", tmp_path, {"订单": [["x", 1]]})
    before = (tmp_path / "book.xlsx").read_bytes()
    assert opened.book.write([returns("A1")], DAY) == ["退单清单"]
    assert opened.book.write([returns("A2")], DAY) == ["退单清单 (2)"]
    sheets = opened.look()
    assert [texts(sheets[name])[1][1] for name in ("退单清单", "退单清单 (2)")] == ["A1", "A2"]
    assert (tmp_path / "book.xlsx").read_bytes() == before
    assert sorted(path.name for path in tmp_path.iterdir()) == ["book.xlsx", "result.xlsx"]


def test_a_failure_leaves_the_result_as_it_was(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    book = open_book("file", tmp_path, {"订单": [["x"]]}).book
    book.write([returns("A1")], DAY)
    before = (tmp_path / "result.xlsx").read_bytes()

    def full(path: Path, *_: Any) -> None:
        path.write_bytes(b"half")
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(books, "write_book", full)
    with pytest.raises(WorkbookError) as told:
        book.write([returns("A2")], DAY)
    assert told.value.code == "file-unwritable"
    assert (tmp_path / "result.xlsx").read_bytes() == before
    assert sorted(path.name for path in tmp_path.iterdir()) == ["book.xlsx", "result.xlsx"]


def test_a_result_of_another_run_stays(tmp_path: Path) -> None:
    opened = open_book("file", tmp_path, {"订单": [["x"]]})
    (tmp_path / "result.xlsx").write_bytes(b"mine")
    with pytest.raises(WorkbookError) as told:
        opened.book.write([returns("A1")], DAY)
    assert told.value.code == "result-there"
    assert (tmp_path / "result.xlsx").read_bytes() == b"mine"


@pytest.mark.parametrize(("content", "code"), [(None, "no-file"), (b"", "unreadable-file"), (b"PK", "unreadable-file")])
def test_a_file_that_cannot_be_read_is_said(content: bytes | None, code: str, tmp_path: Path) -> None:
    path = tmp_path / "book.xlsx"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(WorkbookError) as told:
        FileBook(path, tmp_path / "result.xlsx").sheets()
    assert told.value.code == code
    assert code == "no-file" or isinstance(told.value.fields["says"], Problem)


def test_links_lead_to_the_file_itself(tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    opened = open_book("file", tmp_path / "in", {"订单": [["x"]]})
    book = FileBook(tmp_path / "in" / "book.xlsx", tmp_path / "result.xlsx")
    layout = LAYOUTS["problems"]
    frame = pd.DataFrame({column.name: ["x", "y"] for column in layout.columns})
    frame = frame.assign(source_row=[2.0, 3.0], link_target=np.array(["", None], object), link_sheet=["订单", "订单"])
    assert opened.book.name == book.name
    book.write([Table(layout, frame)], DAY)
    page = openpyxl.load_workbook(book.result)["读取问题"]
    assert page["C2"].hyperlink.target == "in/book.xlsx"
    assert page["C2"].hyperlink.location == "'订单'!A2"
    assert page["C3"].hyperlink is None
