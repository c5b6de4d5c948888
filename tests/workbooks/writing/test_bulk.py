"""The spliced rows against what XlsxWriter itself writes for the same cells, and the limits of links and text."""

import io
import re
import zipfile
from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import numpy as np
import openpyxl
import pandas as pd
import pyarrow as pa
import pytest
import xlsxwriter

from workbooks.labels import labels
from workbooks.layout import LAYOUTS, TONES, Look
from workbooks.writing.book import Table, write_book
from workbooks.writing.bulk import Body, Cells, Shell
from workbooks.writing.cell_text import MAX_CHARACTERS, plain, string_items, text_array
from workbooks.writing.columns import SAMPLES, TONE_NAMES
from workbooks.writing.links import escaped_target, link_elements
from workbooks.writing.pens import Pens
from workbooks.writing.style import kind_of

MAIN = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
DAY = date(2026, 11, 21)
LINES = LAYOUTS["lines"]


def lines(rows: int = 6) -> pd.DataFrame:
    """Return order lines of every look, tone and kind of gap, over and over."""
    sample = pd.DataFrame(
        {
            "region": ["华东", "华东", "华南", None, "a<b>&c", " 留白 "],
            "order_no": ["00123", "D-2", "=1+1", "http://x.cn", "+5", "@x"],
            "order_date": pd.to_datetime(["2026-11-21", "", "1900-01-02", "1900-03-01", "2026-02-28", "2026-11-21"]),
            "partner_code": ["007", "P2", None, "0", "P5", "P6"],
            "partner_name": ["甲", "乙", "丙\n丙", "", "戊", "己"],
            "product_code": "0001",
            "product_name": "水光精华",
            "unit": "支",
            "quantity": [3.0, 2.5, np.nan, -4.0, 0.0, 1e6],
            "unit_price": [12.5, 12.3456, np.nan, 0.0, 1.0, 99.99],
            "discount": [0.85, 1.0, np.nan, 0.8333, 0.0, 0.5],
            "amount": [37.5, 30.86, np.nan, 0.0, 1234567.89, -0.0],
            "line_type": None,
            "campaign": None,
            "remark": None,
            "clerk": "张",
            "level": "VIP",
            "list_price": 13.0,
            "effective_discount": 0.9,
            "floor": 0.8,
            "ship": 1.0,
            "reserved": 0.0,
            "short": [0.0, 0.5, 0.0, 0.0, 0.0, 0.0],
            "decision": ["pass", "transfer", "hold", "return", "pass", None],
            "rules": None,
            "source_file": "华东/一.xlsx",
            "source_sheet": "Sheet1",
            "source_row": [2, 3, 4, 5, 6, 7],
            "value": [1.0, 2.5, np.nan, 0.0, 5.0, 6.0],
        },
    )
    return pd.concat([sample] * -(-rows // 6), ignore_index=True).head(rows)


def cells_of(path: Path | io.BytesIO) -> dict[str, tuple[str | None, Any, tuple[Any, ...]]]:
    """Return reference -> type, value and looks of every cell of the first sheet, all ids resolved."""
    with zipfile.ZipFile(path) as archive:
        assert archive.testzip() is None
        part = {name: ET.fromstring(archive.read(name)) for name in archive.namelist() if name.endswith(".xml")}
    strings = ["".join(item.itertext()) for item in part["xl/sharedStrings.xml"]]
    styles = part["xl/styles.xml"]
    groups = {
        kind: [ET.tostring(item) for item in styles.find(f"{MAIN}{kind}") or []]
        for kind in ("fonts", "fills", "borders")
    }
    formats = {item.get("numFmtId"): item.get("formatCode") for item in styles.iter(f"{MAIN}numFmt")}
    looks = []
    for style in styles.find(f"{MAIN}cellXfs") or []:
        chosen = tuple(groups[kind][int(style.get(f"{kind[:-1]}Id", "0"))] for kind in groups)
        number = style.get("numFmtId")
        looks.append((*chosen, formats.get(number, number), *(tuple(sorted(child.items())) for child in style)))
    found = {}
    for cell in part["xl/worksheets/sheet1.xml"].iter(f"{MAIN}c"):
        text = cell.findtext(f"{MAIN}v")
        value = None if text is None else strings[int(text)] if cell.get("t") == "s" else float(text)
        found[cell.get("r", "")] = (cell.get("t"), value, looks[int(cell.get("s", "0"))])
    return found


def by_xlsxwriter(frame: pd.DataFrame) -> io.BytesIO:
    """Write the same sheet cell by cell."""
    file = io.BytesIO()
    book = xlsxwriter.Workbook(file, {"in_memory": True})
    sheet, pens = book.add_worksheet(LINES.name), Pens(book)
    for place, column in enumerate(LINES.columns):
        sheet.write_string(0, place, column.heading, pens.heading(LINES, column))
        for row, value in enumerate(frame[column.name], 1):
            decision = frame["decision"][row - 1]
            tone = TONES.get(decision, TONE_NAMES[0]) if isinstance(decision, str) else TONE_NAMES[0]
            fraction = column.look is Look.QUANTITY and pd.notna(value) and value % 1 != 0
            pen = pens.cell(kind_of(LINES, column), SAMPLES.index((tone, fraction or column.look is Look.LINK)))
            if pd.isna(value) or value == "":
                sheet.write_blank(row, place, None, pen)
            elif column.look is Look.DATE:
                sheet.write_datetime(row, place, value.to_pydatetime(), pen)
            elif isinstance(value, str):
                sheet.write_string(row, place, column.words.get(value, value), pen)
            else:
                sheet.write_number(row, place, value + 0.0, pen)
    book.close()
    return file


def test_every_cell_is_as_xlsxwriter_writes_it(tmp_path: Path) -> None:
    frame = lines()
    write_book(tmp_path / "book.xlsx", None, [Table(LINES, frame)], DAY)
    ours, theirs = cells_of(tmp_path / "book.xlsx"), cells_of(by_xlsxwriter(frame))
    assert list(ours) == sorted(ours, key=lambda ref: (int(re.sub(r"\D", "", ref)), len(ref), ref))
    assert ours == theirs


def test_chunks_join_without_a_seam(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    frame = lines(50)
    write_book(tmp_path / "one.xlsx", None, [Table(LINES, frame)], DAY)
    monkeypatch.setattr("workbooks.writing.bulk.CHUNK", 7)
    write_book(tmp_path / "many.xlsx", None, [Table(LINES, frame)], DAY)
    assert cells_of(tmp_path / "one.xlsx") == cells_of(tmp_path / "many.xlsx")


def test_a_shell_without_rows_stays_as_it_is(tmp_path: Path) -> None:
    file = io.BytesIO()
    book = xlsxwriter.Workbook(file, {"in_memory": True})
    book.add_worksheet().write_string(0, 0, "a & b")
    book.close()
    Shell(file).write(tmp_path / "same.xlsx", {})
    assert cells_of(tmp_path / "same.xlsx") == cells_of(file)


def test_text_may_stand_among_numbers(tmp_path: Path) -> None:
    file = io.BytesIO()
    book = xlsxwriter.Workbook(file, {"in_memory": True})
    book.add_worksheet().write_string(0, 0, "date")
    book.close()
    text = pa.array([None, "0202-11-21", None], pa.large_string())
    column = Cells(pa.array([1.5, None, None]), np.zeros(3, np.int8), text, [0])
    Shell(file).write(tmp_path / "mixed.xlsx", {"xl/worksheets/sheet1.xml": Body(3, [column])})
    values = [(kind, value) for kind, value, _ in cells_of(tmp_path / "mixed.xlsx").values()]
    assert values == [("s", "date"), (None, 1.5), ("s", "0202-11-21"), (None, None)]


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("a<b & c>d", "a&lt;b &amp; c&gt;d"),
        ("_x0041_", "_x005F_x0041_"),
        ("_x0041_x0042_", "_x005F_x0041_x005F_x0042_"),  # two escapes that share an underscore
        ("a\x01b\rc\ud800"[:5], "a_x0001_b_x000D_c"),
        ("<r>rich</r>", "&lt;r&gt;rich&lt;/r&gt;"),
        ("a\tb\nc", "a\tb\nc"),
    ],
)
def test_text_is_escaped(text: str, written: str) -> None:
    assert string_items(pa.array([text], pa.large_string())).to_pylist() == [f"<si><t>{written}</t></si>"]


def test_spaces_at_the_ends_are_kept() -> None:
    items = string_items(pa.array([" a", "a\n", "a b"], pa.large_string())).to_pylist()
    assert [" xml:space=" in item for item in items] == [True, True, False]


@pytest.mark.parametrize("sign", ["a", "审", "😀"])
def test_long_text_is_cut_with_a_mark(sign: str) -> None:
    cut = plain(sign * 40_000)
    assert cut.endswith(labels().overview["cut"])
    assert MAX_CHARACTERS - 1 <= len(cut.encode("utf-16-le")) // 2 <= MAX_CHARACTERS
    assert plain("a" * MAX_CHARACTERS) == "a" * MAX_CHARACTERS


def test_lone_surrogates_are_replaced() -> None:
    values = pd.Series(["a\ud800b", None, "c"], dtype=object)
    assert text_array(values).to_pylist() == ["a\ufffdb", None, "c"]
    assert plain("\udfff") == "\ufffd"


@pytest.mark.parametrize(
    ("path", "target"),
    [
        ("原始表格/a/b.xlsx", "原始表格/a/b.xlsx"),
        ("原始表格/一号 表.xlsx", "原始表格/一号%20表.xlsx"),
        ("a#1%20.xlsx", "a%231%2520.xlsx"),
        ("a[1]?.xlsx", "a%5B1%5D%3F.xlsx"),
        ("a\n\x01\u202e\ufffe.xlsx", "a%0A%01%E2%80%AE%EF%BF%BE.xlsx"),
    ],
)
def test_odd_file_names_become_targets(path: str, target: str) -> None:
    assert escaped_target(path) == target


def links(sheets: Sequence[str | None], limit: int, files: str = "") -> list[tuple[str, str]]:
    ids = [None if sign == "-" else f"rId{sign}" for sign in files or "1" * len(sheets)]
    rows = pa.array([float(row) for row in range(10, 10 + len(sheets))])
    xml = link_elements("AB", pa.array(ids, pa.large_string()), pa.array(sheets, pa.large_string()), rows, limit)
    return re.findall(r'ref="([^"]+)" r:id="[^"]+"(?: location="([^"]+)")?', xml.decode())


def test_every_cell_has_its_own_link_within_the_limit() -> None:
    assert links(["S", "O'Brien & <Co>", None], 3) == [
        ("AB2", "'S'!A10"),
        ("AB3", "'O''Brien &amp; &lt;Co&gt;'!A11"),
        ("AB4", ""),
    ]


def test_past_the_limit_runs_share_a_link_to_their_first_row() -> None:
    assert links(["S"] * 6 + ["T"] * 4, 5) == [
        ("AB2", "'S'!A10"),
        ("AB3", "'S'!A11"),
        ("AB4", "'S'!A12"),
        ("AB5:AB7", "'S'!A13"),
        ("AB8:AB11", "'T'!A16"),
    ]


def test_a_row_without_a_link_ends_a_run() -> None:
    assert [ref for ref, _ in links(["S"] * 6, 2, "11-111")] == ["AB2:AB3", "AB5:AB7"]
    assert links(["S"] * 3, 5, "---") == []


def test_more_runs_than_links_leaves_the_last_rows_without() -> None:
    assert [ref for ref, _ in links(["S", "T"] * 4, 3)] == ["AB2", "AB3", "AB4"]


def test_an_empty_sheet_takes_no_text_of_the_next(tmp_path: Path) -> None:
    tables = [
        Table(LINES, lines()),
        Table(replace(LINES, name="b"), lines().head(0)),
        Table(replace(LINES, name="c"), lines()),
    ]
    write_book(tmp_path / "three.xlsx", None, tables, DAY)
    book = openpyxl.load_workbook(tmp_path / "three.xlsx")
    first, empty, last = ([[cell.value for cell in row] for row in sheet.iter_rows()] for sheet in book)
    assert first == last
    assert empty == first[:1]
