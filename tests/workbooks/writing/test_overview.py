import re
import zipfile
from datetime import date
from pathlib import Path
from typing import Any

import openpyxl
import pandas as pd
import pytest

from workbooks.labels import labels
from workbooks.writing.book import write_book
from workbooks.writing.overview import Input, Overview, RuleLine, Shortage

DAY = date(2026, 11, 21)
WORDS = labels().overview
COLUMNS = ["region", "decision", "lines", "orders", "amount"]


def overview(regions: int = 3, *, money: float = 12.5, short: int = 12, missing: str = "", **more: Any) -> Overview:
    found = pd.DataFrame(
        [(f"区域{n}", decision, 10 + n, 4, 1000.0) for n in range(regions) for decision in ("pass", "hold")],
        columns=COLUMNS,
    )
    decisions = found.groupby("decision")[["lines", "orders", "amount"]].sum().reset_index()
    rules = (
        RuleLine("unknown-partner", "hold", 3, money),
        RuleLine("short-stock", "transfer", 0, 0.0),
        RuleLine("unpaid", "return", 0, 0.0, missing),
    )
    facts = {
        "day": DAY,
        "passed": True,
        "verdict_says": "三项一致。",
        "lines": 999,
        "orders": 111,
        "amount": 5000.0,
        "rejected": 2,
        "findings": 3,
        "at_stake": money,
        "decisions": decisions,
        "regions": found,
        "rules": rules,
        "shortages": tuple(Shortage(f"00{n}", f"产品{n}", 100.0 - n, DAY if n % 2 else None) for n in range(short)),
        "facts": (("version", "0.1.0"),),
        "notices": ("~$一.xlsx 已跳过",),
        "inputs": (Input("华东/一.xlsx", "orders", 7, "ab" * 32),),
    }
    return Overview(**{**facts, **more})


def drawn(path: Path, shown: Overview) -> tuple[list[list[Any]], list[str]]:
    """Return the sheet's rows without their empty cells, and its charts' XML."""
    write_book(path, shown, [], DAY)
    sheet = openpyxl.load_workbook(path).worksheets[0]
    assert sheet.title == labels().sheets["overview"].name
    with zipfile.ZipFile(path) as archive:
        charts = [archive.read(name).decode() for name in archive.namelist() if "charts/chart" in name]
    rows = ([value for value in row if value is not None] for row in sheet.iter_rows(values_only=True))
    return [row for row in rows if row], charts


def row_with(rows: list[list[Any]], word: str) -> list[Any]:
    return next(row for row in rows if word in row)


def test_verdict_figures_and_tables_are_shown(tmp_path: Path) -> None:
    rows, charts = drawn(tmp_path / "book.xlsx", overview())
    assert row_with(rows, "PASS") == [WORDS["title"], "PASS"]
    assert [999, 111, 5000.0, 12.5] in rows
    assert [33, 0, 33, 0] in rows  # lines by decision
    assert row_with(rows, "区域1")[:4] == ["区域1", 11, 4, 1000.0]
    assert [row[-3:] for row in rows if row[0] == WORDS["total"]] == [[999, 111, 5000.0]]
    assert row_with(rows, "unknown-partner")[3:6] == [3, 12.5, WORDS["ran"]]
    assert row_with(rows, "华东/一.xlsx")[1:] == [labels().kinds["orders"].title, 7, "ab" * 32]
    assert ["~$一.xlsx 已跳过"] in rows
    assert [WORDS["fact_version"], "0.1.0"] == row_with(rows, WORDS["fact_version"])[-2:]
    assert len(charts) == 3


def test_failure_is_shown(tmp_path: Path) -> None:
    rows, _ = drawn(tmp_path / "book.xlsx", overview(passed=False))
    assert row_with(rows, "FAIL")
    assert row_with(rows, WORDS["failed"])
    assert not any("PASS" in row for row in rows)


def test_a_rule_that_did_not_run_never_reads_as_clean(tmp_path: Path) -> None:
    rows, _ = drawn(tmp_path / "book.xlsx", overview(missing="财务查款表"))
    rule = row_with(rows, "unpaid")
    assert rule[3:6] == ["—", "—", WORDS["did_not_run"]]
    assert "财务查款表" in rule[6]
    assert not {0, WORDS["ran"], WORDS["nothing_found"]} & set(rule)
    assert rows.index(rule) < rows.index(row_with(rows, "unknown-partner"))  # on top of the table
    assert any("财务查款表" in str(row[0]) for row in rows[:5])  # and in a band under the title


def test_stock_that_did_not_run_is_not_called_enough(tmp_path: Path) -> None:
    rules = (RuleLine("short-stock", "transfer", 0, 0.0, "库存表"),)
    rows, _ = drawn(tmp_path / "book.xlsx", overview(short=0, rules=rules))
    assert [WORDS["stock_not_run"]] in rows
    assert [WORDS["no_shortages"]] not in rows


@pytest.mark.parametrize(
    ("regions", "money", "short", "charts"), [(1, 1.0, 1, 3), (12, 1.0, 30, 3), (1, 0.0, 0, 1), (0, 0.0, 0, 0)]
)
def test_any_number_of_regions_rules_and_shortages(
    tmp_path: Path, regions: int, money: float, short: int, charts: int
) -> None:
    rows, found = drawn(tmp_path / "book.xlsx", overview(regions, money=money, short=short))
    assert len(found) == charts
    assert ([WORDS["no_money"]] in rows or any(WORDS["no_money"] in row for row in rows)) == (money == 0)
    assert ([WORDS["no_shortages"]] in rows) == (short == 0)


def test_charts_point_at_the_cells_they_show(tmp_path: Path) -> None:
    _, charts = drawn(tmp_path / "book.xlsx", overview(short=3))
    sheet = openpyxl.load_workbook(tmp_path / "book.xlsx").worksheets[0]
    shown = []
    for chart in charts:
        references = re.findall(r"<c:f>'?[^'!]+'?!\$([A-Z]+)\$(\d+)(?::\$[A-Z]+\$(\d+))?</c:f>", chart)
        shown.append(
            [
                [sheet[f"{letters}{row}"].value for row in range(int(first), int(last or first) + 1)]
                for letters, first, last in references
            ]
        )
    assert ["产品0", "产品1", "产品2"] in [cells for chart in shown for cells in chart]
    assert [100, 99, 98] in [cells for chart in shown for cells in chart]
    assert [labels().rules["unknown-partner"].name] in [cells for chart in shown for cells in chart]
    assert [10, 11, 12] in [cells for chart in shown for cells in chart]


def test_figures_of_a_decision_and_a_region_without_name() -> None:
    regions = pd.DataFrame([(None, "pass", 1, 1, 2.0)], columns=COLUMNS)
    shown = overview(regions=1)
    assert shown.decided("pass") == (10.0, 4.0, 1000.0)
    assert shown.decided("return") == (0.0, 0.0, 0.0)
    assert Overview(**{**vars(shown), "regions": regions}).by_region() == {"": {"pass": (1.0, 1.0, 2.0)}}


def test_words_of_strangers_are_text(tmp_path: Path) -> None:
    strange = ("=1+1", "http://x.cn", "<r>x</r>", "a\x01b")
    rows, _ = drawn(tmp_path / "book.xlsx", overview(notices=strange))
    first = rows.index(["=1+1"])
    assert rows[first : first + 4] == [["=1+1"], ["http://x.cn"], ["<r>x</r> "], ["a_x0001_b"]]
    sheet = openpyxl.load_workbook(tmp_path / "book.xlsx").worksheets[0]
    assert not any(cell.data_type == "f" or cell.hyperlink for row in sheet.iter_rows() for cell in row)
