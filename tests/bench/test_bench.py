"""The benchmark's parts on inputs of a few lines: they run, the floors do the work they claim, the page is written."""

from datetime import date, datetime
from pathlib import Path
from typing import Any

import openpyxl
import pyarrow as pa
import pytest

from macros import nightly
from tests.bench import run
from tests.bench.bare_book import write_bare
from tests.bench.floors import merged, parse, zipped
from tests.bench.inputs import DAY, make_inputs
from tests.bench.page import BEGIN, END, write_section
from tests.bench.plain import audit
from tests.bench.process import Measure, measure, orderdesk
from workbooks.labels import labels

LINES = 40


@pytest.fixture(scope="module")
def team(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_inputs(tmp_path_factory.mktemp("team"), 2, LINES, days=2)


def contents(team: Path) -> dict[str, bytes]:
    return {str(path.relative_to(team)): path.read_bytes() for path in team.rglob("*.xlsx")}


def rows_of(path: Path) -> list[tuple[Any, ...]]:
    return list(openpyxl.load_workbook(path).active.iter_rows(values_only=True))


def test_inputs_are_the_same_for_a_seed_and_every_fault_is_found(team: Path, tmp_path: Path) -> None:
    assert contents(make_inputs(tmp_path / "again", 2, LINES, days=2)) == contents(team)
    day = make_inputs(tmp_path / "day", 1, 600)
    outcome = nightly.run(day, DAY)
    assert outcome.exit_code == 0
    lines, found = audit(day)
    assert len(lines) == 600
    assert {
        "unknown-partner", "unknown-product", "quantity-not-positive", "amount-mismatch", "discount-below-floor",
        "price-missing", "campaign-unknown", "implausible-date",
    } <= set(found["rule"])  # fmt: skip


def test_a_bare_book_holds_what_it_was_given(tmp_path: Path) -> None:
    texts = pa.array(["00123", None, " <a> & b ", "_x0041_", "", "甲"], pa.string())
    columns = {
        "text": texts,
        "again": texts.dictionary_encode(),
        "money": pa.array([12.5, None, 0.1, -3.0, 1e6, 99.99]),
        "day": pa.array([DAY, None, date(1970, 1, 1), DAY, DAY, DAY]),
    }
    write_bare(tmp_path / "bare.xlsx", columns)
    heading, *rows = rows_of(tmp_path / "bare.xlsx")
    assert heading == tuple(columns)
    assert [row[0] or None for row in rows] == [text or None for text in texts.to_pylist()]
    assert [row[1] for row in rows] == [row[0] for row in rows]
    assert [row[2] for row in rows] == columns["money"].to_pylist()
    midnight = {None: None} | {day: datetime(day.year, day.month, day.day) for day in (DAY, date(1970, 1, 1))}  # noqa: DTZ001 - a cell has no zone
    assert [row[3] for row in rows] == [midnight[day] for day in columns["day"].to_pylist()]


def test_the_floor_writes_every_row_it_parsed(team: Path, tmp_path: Path) -> None:
    paths = sorted((team / labels().folders["orders"]).rglob("*.xlsx"))
    write_bare(tmp_path / "bare.xlsx", merged(paths, parse(paths)))
    heading, *rows = rows_of(tmp_path / "bare.xlsx")
    assert len(heading) == 20
    assert [row[:8] for row in rows[:LINES]] == [(*row[:2], str(row[2]), *row[3:8]) for row in rows_of(paths[0])[1:]]
    assert [row[8:12] for row in rows[-LINES:]] == [row[8:12] for row in rows_of(paths[-1])[1:]]
    assert [row[16:19] for row in (rows[0], rows[-1])] == [
        (paths[0].name, "Sheet1", 2), (paths[-1].name, "Sheet1", LINES + 1)
    ]  # fmt: skip
    assert zipped(paths, tmp_path / "bare.xlsx") > 0


def test_the_tables_hold_the_ratios_and_the_page_keeps_its_prose(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    took = {"floor": Measure(2, 3, 400, 0), "nightly": Measure(5, 7, 600, 0)}
    monkeypatch.setattr(run, "team_of", lambda folder, _: folder)
    monkeypatch.setattr(run, "floor", lambda *_, **__: (took["floor"], {"parse": 0.8, "write": 0.7, "zip": 0.2}))
    monkeypatch.setattr(run, "nightly", lambda *_, **__: (took["nightly"], {"read": 1.5, "before": 0.0}))
    monkeypatch.setattr(run, "measure", lambda _: Measure(160, 170, 2400, 0, "a table\n"))
    page = tmp_path / "page.md"
    page.write_text(f"before\n{BEGIN}\nold\n{END}\nafter\n", encoding="utf-8")
    write_section(page, list(run.tables(tmp_path, 100, quick=False)))
    text = page.read_text(encoding="utf-8")
    assert text.startswith(f"before\n{BEGIN}\n\nMeasured on ")
    assert text.endswith(f"\n{END}\nafter\n")
    assert "old" not in text
    product = next(line for line in text.splitlines() if "orderdesk nightly" in line)
    assert product.split()[2:] == ["5.00", "7.00", "600", "40,000", "2.50", "32.0"]
    assert "    a table\n" in text
    page.write_text("no marks", encoding="utf-8")
    with pytest.raises(ValueError, match="page"):
        write_section(page, [])


def test_a_process_is_measured() -> None:
    took = measure(orderdesk("--help"))
    assert took.code == 0
    assert "nightly" in took.printed
    assert took.cpu > 0
    assert took.megabytes > 1


def test_the_document_has_a_place_for_the_tables() -> None:
    text = run.DOCUMENT.read_text(encoding="utf-8")
    assert BEGIN in text.partition(END)[0]
