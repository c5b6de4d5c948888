from itertools import pairwise

import pytest

from workbooks.labels import labels
from workbooks.layout import (
    BADGES,
    INVOICE_LAYOUTS,
    LAYOUTS,
    NUMBER_FORMATS,
    PACKAGING_LAYOUTS,
    PALETTE,
    RETURN_LAYOUTS,
    TONES,
    Look,
)

ALL = {**LAYOUTS, **PACKAGING_LAYOUTS, **INVOICE_LAYOUTS, **RETURN_LAYOUTS}


def luminance(colour: str) -> float:
    """Return the relative luminance of #RRGGBB as WCAG defines it."""
    parts = [int(colour[start : start + 2], 16) / 255 for start in (1, 3, 5)]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    dark, light = sorted((luminance(one), luminance(other)))
    return (light + 0.05) / (dark + 0.05)


def test_sheets_stand_in_the_order_of_the_contract() -> None:
    keys = [
        "lines",
        "findings",
        "stock",
        "transfers",
        "funds",
        "returns",
        "problems",
        "control",
        "pending",
        "approvals",
        "resubmitted",
    ]
    assert list(LAYOUTS) == keys
    assert [layout.name for layout in LAYOUTS.values()] == [labels().sheets[key].name for key in keys]


@pytest.mark.parametrize("key", ALL)
def test_headings_are_the_labels_in_their_order(key: str) -> None:
    layout = ALL[key]
    assert {column.name: column.heading for column in layout.columns} == dict(labels().sheets[key].headings)
    assert [column.heading for column in layout.columns] == list(labels().sheets[key].headings.values())
    assert layout.tone is None or layout.column(layout.tone)
    assert all(layout.column(name) for name in layout.inputs)
    assert layout.inputs >= set(layout.choices)
    assert layout.freeze < len(layout.columns)


@pytest.mark.parametrize("key", ALL)
def test_headings_fit_their_columns(key: str) -> None:
    for column in ALL[key].columns:
        assert sum(1 if sign.isascii() else 2 for sign in column.heading) <= column.width, column


def test_a_column_that_is_not_there_is_a_key_error() -> None:
    with pytest.raises(KeyError, match="colour"):
        LAYOUTS["lines"].column("colour")


def test_every_look_has_a_number_format() -> None:
    assert set(NUMBER_FORMATS) == set(Look)
    assert NUMBER_FORMATS[Look.CODE] == "@"


def test_the_sheets_of_packaging_stand_in_their_order() -> None:
    names = [layout.name for layout in PACKAGING_LAYOUTS.values()]
    assert names == ["包材汇总", "按区域", "按市场人员", "未发", "包材明细", "异常", "生产基地"]
    lines = [column.heading for column in PACKAGING_LAYOUTS["packaging_lines"].columns]
    assert lines[:14] == [headings[0] for headings in labels().kinds["packaging"].headings.values()]


def test_every_age_and_severity_has_its_colour_as_key_and_as_word() -> None:
    words = labels().words
    for section, tones in (("age", "pass hold return info"), ("severity", "info hold return")):
        for (key, word), tone in zip(words[section].items(), tones.split(), strict=True):
            assert TONES[key] == TONES[word] == tone


def test_every_decision_and_effect_has_its_colour_as_key_and_as_word() -> None:
    for words in (labels().decisions, labels().effects):
        for key, word in words.items():
            assert TONES[key] == TONES[word] == key
    assert (TONES["PASS"], TONES["FAIL"]) == ("pass", "return")
    shown = {word for layout in LAYOUTS.values() for column in layout.columns for word in column.words}
    assert {"pass", "hold", "unpaid", "waiting"} <= shown


def test_badges_show_words() -> None:
    badges = [column for layout in LAYOUTS.values() for column in layout.columns if column.look in BADGES]
    assert badges
    assert all(column.words for column in badges)


@pytest.mark.parametrize("tone", PALETTE)
def test_words_are_legible_on_their_colour(tone: str) -> None:
    colour = PALETTE[tone]
    assert contrast(colour.fill, colour.ink) >= 4.5
    assert contrast(colour.strong, "#FFFFFF") >= 1.9


def test_chart_colours_differ_in_lightness() -> None:
    """For colour-blind eyes and grey print, neighbours in a stacked bar must not look alike."""
    strong = [PALETTE[key].strong for key in labels().decisions]
    assert all(contrast(one, other) >= 1.25 for one, other in pairwise(strong))


def test_finance_chooses_between_three_words() -> None:
    words = labels().words["confirmation"]
    assert LAYOUTS["funds"].choices == {"confirmation": (words["paid"], words["unpaid"], words["indebted"])}


def test_the_sheets_of_invoices_stand_in_their_order_and_every_state_has_its_colour() -> None:
    assert [layout.name for layout in INVOICE_LAYOUTS.values()] == [
        "开票汇总", "申请核对", "开票明细", "未申请开票", "异常",
    ]  # fmt: skip
    for (key, word), tone in zip(
        labels().words["invoice_state"].items(), ["pass", "transfer", "info", "hold", "info", "info"], strict=True
    ):
        assert TONES[key] == TONES[word] == tone
