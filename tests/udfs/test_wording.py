import re
from string import Formatter

import numpy as np
import pandas as pd
import pytest

from tests.frames import as_read, audited
from tests.random_days import random_day
from udfs.audit import audit
from udfs.findings import Findings
from udfs.rules import RULES
from udfs.wording import Phrase, RuleName, column, fill, phrase, plain, sentences
from workbooks.labels import Lang, labels

SEEDS = range(2000, 2012)
LANGS: tuple[Lang, ...] = ("zh", "en")
CHINESE = re.compile("[一-鿿]")
NAMES_A_CELLS_WORD = {"partner-closed", "product-discontinued", "name-mismatch", "giveaway-priced"}


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("text", "text"), (None, ""), (np.nan, ""), (1.0, "1"), (0.1 + 0.2, "0.3"), (-0.5, "-0.5"), (100.0, "100"),
        (1e-7, "0"), (np.int64(7), "7"), (pd.Timestamp("2026-11-21"), "2026-11-21"), (pd.NaT, ""),
        (np.datetime64("2026-11-21"), "2026-11-21"), (np.datetime64("NaT"), ""), (np.float64(12345678.9), "12345678.9"),
        (phrase("no_eta"), "未定"), (RuleName("unpaid"), "没款"),
    ],
)  # fmt: skip
def test_plain(value: object, text: str) -> None:
    assert plain(value) == text


def test_a_phrase_is_worded_in_its_language_with_all_its_parts() -> None:
    inner = phrase("floor_campaign", campaign="H1")
    outer = phrase("floor_not_counted", source=inner, campaign="H2", why=phrase("why_unknown"))
    assert plain(outer, "en") == ("least discount of campaign H1; campaign H2 does not count: not in the policy table")
    assert plain(outer) == "活动 H1 最低折扣；活动 H2 不计：活动政策里没有"


def test_fill_takes_the_findings_own_value_before_its_lines() -> None:
    lines = pd.DataFrame({"order_no": ["1", "2"], "quantity": [3.0, 4.5]})
    batch = Findings("r", np.array([1]), np.array([0]), {"money": np.array([123456]), "order_no": ["own"]})
    assert fill("{order_no}: {quantity} {{}} {money:,.2f}", batch, lines, "en") == ["own: 4.5 {} 1,234.56"]
    assert fill("", batch, lines, "en") == [""]
    assert fill("words", batch, lines, "en") == ["words"]


def test_a_finding_on_no_line_has_no_lines_values() -> None:
    batch = Findings("r", np.array([-1]), np.array([0]), {"word": ["sum"]})
    assert fill("{word}{quantity}", batch, pd.DataFrame({"quantity": [3.0]}), "en") == ["sum"]


def blank_places(template: str, batch: Findings, lines: pd.DataFrame, lang: Lang) -> list[str]:
    """Return the places of a template that say nothing, or whose phrase has a part that says nothing."""
    blank = []
    for name in filter(None, (name for _, name, _, _ in Formatter().parse(template))):
        values = column(batch, lines, name)
        parts = [part for value in values if isinstance(value, Phrase) for _, part in value.fields]
        if any(plain(value, lang).strip() == "" for value in [*values, *parts]):
            blank.append(name)
    return blank


def assert_whole(batch: Findings, lines: pd.DataFrame, releases: pd.DataFrame | None, lang: Lang) -> None:
    """Assert that every sentence of a batch is whole: all places filled, nothing of the program in it."""
    rule = labels(lang).rules[batch.rule]
    for template in (rule.says, rule.do):
        blank = set(blank_places(template, batch, lines, lang)) - {"hint"}  # most unknown codes stand for no other
        assert not blank, batch.rule
    says, does = sentences(batch, lines, releases, lang)
    assert len(says) == len(does) == len(batch)
    for text in (*says, *does):
        assert text.strip()
        assert not {"{", "}"} & set(text)
        assert "Phrase(" not in text
        assert "nan" not in text.lower().split()
        # the data is English but for statuses, headings and titles of tables
        if lang == "en" and batch.rule not in NAMES_A_CELLS_WORD:
            assert not CHINESE.search(text)


def test_every_sentence_of_random_days_is_whole() -> None:
    worded: set[str] = set()
    for seed in SEEDS:
        day = as_read(*random_day(seed))
        result = audit(day.lines, day.tables, day.policy, day.today)
        for batch in result.findings:
            for lang in LANGS:
                assert_whole(batch, result.lines, day.tables.get("releases"), lang)
            worded.add(batch.rule)
    assert worded == {rule.code for rule in RULES} - {"total-mismatch"}


def test_total_mismatch_is_worded() -> None:
    totals = pd.DataFrame({
        "source_file": ["a.xlsx"], "source_sheet": ["S"], "source_row": [9], "word": ["合计"], "name": ["amount"],
        "heading": ["金额"], "stated": [120.5], "sum": [100.0],
    })  # fmt: skip
    result = audited("quantity\n 1", totals=totals)
    (says,), (does,) = sentences(result.findings[0], result.lines, None, "zh")
    assert says == "合计行写的金额是 120.5，所含各行之和是 100。"
    assert does == "核对是否漏行、多行或公式范围不对。"
