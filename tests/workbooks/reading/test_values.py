"""How a cell's text is read (domain.md §3): one line a spelling, with what it says beside it."""

from datetime import date
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.books import DAY
from workbooks.reading import values
from workbooks.reading.values import Reading
from workbooks.schema import Type

UNREADABLE = "unreadable"
BLANK = None


def reading(kind: Type, *texts: str | None, unit: str | None = None, date1904: bool = False) -> Reading:
    return values.read(
        kind,
        pa.array(texts, pa.string()),
        day=DAY,
        date1904=np.full(len(texts), date1904),
        unit=pa.array([unit] * len(texts), pa.string()),
    )


def value(kind: Type, text: str | None, *, unit: str | None = None, date1904: bool = False) -> Any:
    """Return what one cell says: its value, BLANK or UNREADABLE."""
    read = reading(kind, text, unit=unit, date1904=date1904)
    if read.unreadable[0]:
        assert read.values.isna()[0]
        return UNREADABLE
    return BLANK if read.values.isna()[0] else read.values[0]


BLANK_CELLS = [None, "", " ", "\u3000", "\u00a0", "\t\n"]


@pytest.mark.parametrize("kind", Type)
@pytest.mark.parametrize("text", BLANK_CELLS)
def test_nothing_but_spaces_is_blank(kind: Type, text: str | None) -> None:
    assert value(kind, text) is BLANK
    assert not reading(kind, text).cleaned.any()


# ---------------------------------------------------------------- codes


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("00123", "00123"),  # keeps its zeros
        ("0", "0"),
        ("123", "123"),
        ("123.0", "123"),
        ("123.00", "123"),
        ("00123.0", "00123"),
        ("1230", "1230"),
        ("10.50", "10.50"),  # no whole number: kept
        ("1.2.0", "1.2.0"),
        ("6901234567892", "6901234567892"),
        ("123456789012345678", "123456789012345678"),  # never through a float
        (" A 01 ", "A01"),
        ("HD 2026 1121", "HD20261121"),
        ("A\u3000B", "AB"),
        ("A\nB\tC\u00a0D", "ABCD"),
        ("\u200bA1\ufeff", "A1"),  # what a web page leaves
        ("ＡＢ１２", "AB12"),
        ("１２３", "123"),
        ("ａＢ", "aB"),  # case is kept
        ("sku-a1", "sku-a1"),
        ("（A）", "(A)"),
        ("华东０１", "华东01"),
        ("1E+15", "1E+15"),
        ("-", "-"),
        ("TRUE", "TRUE"),
    ],
)
def test_a_code_is_text(text: str, code: str) -> None:
    assert value(Type.CODE, text) == code


def test_a_clean_column_of_codes_and_one_odd_cell_read_alike() -> None:
    assert reading(Type.CODE, "a1", "B2", "00123").values.tolist() == ["a1", "B2", "00123"]
    assert reading(Type.CODE, "a1", "B 2", "00123").values.tolist() == ["a1", "B2", "00123"]


def test_text_keeps_everything_but_the_spaces_around_it() -> None:
    assert value(Type.TEXT, " 加急 随货开票（Ａ） ") == "加急 随货开票（Ａ）"


# ---------------------------------------------------------------- numbers


@pytest.mark.parametrize("kind", [Type.NUMBER, Type.MONEY])
@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("0", 0),
        ("12", 12),
        ("-3", -3),
        ("+3", 3),
        ("12.50", 12.5),
        ("0012", 12),
        (".5", 0.5),
        ("5.", 5),
        ("1e3", 1000),
        ("1.5E+2", 150),
        (" 12 ", 12),
    ],
)
def test_a_plain_number_is_not_cleaned(kind: Type, text: str, number: float) -> None:
    assert value(kind, text) == number
    assert not reading(kind, text).cleaned.any()


@pytest.mark.parametrize("kind", [Type.NUMBER, Type.MONEY])
@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("１４７３", 1473),  # full width
        ("－１２．５", -12.5),
        ("1,473", 1473),  # thousands separators
        ("1，473", 1473),
        ("-1,473.50", -1473.5),
        ("1,234,567.89", 1234567.89),
        ("1 473", 1473),
        ("¥86", 86),  # the currency
        ("￥86", 86),
        ("¥ 1,234.50", 1234.5),
        ("-¥86", -86),
        ("¥-86", -86),
        ("RMB86", 86),
        ("rmb 86", 86),
        ("86RMB", 86),
        ("1473个", 1473),  # trailing units
        ("1473 个", 1473),
        ("１４７３个", 1473),
        ("1,473支", 1473),
        ("-5支", -5),
        ("86元", 86),
        ("86.50元", 86.5),
        ("¥86元", 86),
        ("86元/支", 86),
        ("86元／支", 86),
        ("86（元）", 86),
        ("20瓶", 20),
        ("20盒", 20),
        ("20套", 20),
        ("20片", 20),
    ],
)
def test_a_number_in_other_clothes_is_read_and_reported_cleaned(kind: Type, text: str, number: float) -> None:
    assert value(kind, text) == number
    assert reading(kind, text).cleaned.tolist() == [True]


@pytest.mark.parametrize("kind", [Type.NUMBER, Type.MONEY])
@pytest.mark.parametrize(
    "text",
    [
        "abc",
        "待定",
        "—",
        "-",
        "/",
        "?",
        "TRUE",
        "FALSE",
        "1,47",  # a decimal comma or a slip: no guess
        "1,4733",
        "14,73,000",
        "1473,000",
        "1,473,00",
        "1.2.3",
        "1 2",
        "1-2",
        "12/24",
        "--5",
        "+-5",
        "-+5",
        "5-",
        "5)",
        "5(",
        "5()",
        "10%",
        "约100",
        "100左右",
        "100公斤",
        "1万",
        "十二",
        "12箱",
        "3打",
        "1箱2盒",
        "12x24",
        "12*24",
        "¥",
        "元",
        "个",
        ".",
        "nan",
        "inf",
        "-inf",
        "1e400",
        "1_000",
        "0x10",
        "#N/A",
        "2026-11-21",
        "86每支",
    ],
)
def test_what_is_no_number_is_unreadable_and_never_blank(kind: Type, text: str) -> None:
    assert value(kind, text) is UNREADABLE
    assert not reading(kind, text).cleaned.any()


@pytest.mark.parametrize(
    ("text", "unit", "number"),
    [
        ("12箱", None, UNREADABLE),
        ("12箱", "支", UNREADABLE),
        ("12箱", "瓶", UNREADABLE),
        ("12箱", "箱", 12),
        ("12 箱", "箱", 12),
        ("12箱", " 箱 ", 12),
        ("１２箱", "箱", 12),
        ("3打", "打", 3),
        ("12桶装", "桶装", 12),  # any unit of the line's own
        ("12桶装", "支", UNREADABLE),
        ("12", "箱", 12),
    ],
)
def test_cartons_are_a_number_only_where_the_line_counts_cartons(text: str, unit: str | None, number: object) -> None:
    assert value(Type.NUMBER, text, unit=unit) == number


def test_one_column_of_clean_dirty_and_blank_cells() -> None:
    read = reading(Type.NUMBER, "5", None, "5个", "abc", "1,000", "-2")
    np.testing.assert_array_equal(read.values, [5, np.nan, 5, np.nan, 1000, -2])
    assert read.unreadable.tolist() == [False, False, False, True, False, False]
    assert read.cleaned.tolist() == [False, False, True, False, True, False]


# ---------------------------------------------------------------- rates


@pytest.mark.parametrize(
    ("text", "rate"),
    [
        ("0.85", 0.85),
        ("85%", 0.85),
        ("85 %", 0.85),
        ("８５％", 0.85),
        ("85.0%", 0.85),
        ("8.5折", 0.85),
        ("8.5 折", 0.85),
        ("８．５折", 0.85),
        ("85折", 0.85),
        ("85", 0.85),
        ("8.5", 0.85),
        ("9折", 0.9),
        ("88折", 0.88),
        ("58.5%", 0.585),
        ("58.5", 0.585),
        ("1", 1),  # none
        ("1.0", 1),
        ("100%", 1),
        ("100", 1),
        ("10折", 1),
        ("0", 0),
        ("0%", 0),
        ("101%", UNREADABLE),
        ("101", UNREADABLE),
        ("-1", UNREADABLE),
        ("-0.1", UNREADABLE),
        ("-85%", UNREADABLE),
        ("abc", UNREADABLE),
        ("—", UNREADABLE),
        ("无", UNREADABLE),
        ("折", UNREADABLE),
        ("%", UNREADABLE),
        ("85%折", UNREADABLE),
        ("0.85元", UNREADABLE),
        ("nan", UNREADABLE),
        ("TRUE", UNREADABLE),
    ],
)
def test_a_discount_is_a_rate(text: str, rate: object) -> None:
    assert value(Type.DISCOUNT, text) == rate
    assert not reading(Type.DISCOUNT, text).cleaned.any()


def test_every_spelling_of_a_discount_gives_the_very_same_number() -> None:
    for points in range(11, 100):
        plain, tenths = f"0.{points:02}", f"{points // 10}.{points % 10}"
        spelled = [plain, f"{points}%", str(points), tenths, f"{tenths}折", f"{points}折"]
        assert set(reading(Type.DISCOUNT, *spelled).values) == {points / 100}, points


@pytest.mark.parametrize(
    ("text", "rate"),
    [
        ("0.13", 0.13),
        ("13%", 0.13),
        ("13", 0.13),
        ("0.05", 0.05),
        ("5%", 0.05),
        ("0", 0),
        ("8.5折", UNREADABLE),
        ("101%", UNREADABLE),
        ("-0.05", UNREADABLE),
        ("免税", UNREADABLE),
    ],
)
def test_a_share_is_a_rate_too(text: str, rate: object) -> None:
    assert value(Type.SHARE, text) == rate


# ---------------------------------------------------------------- dates

DAY_2019 = date(2019, 3, 11)


@pytest.mark.parametrize(
    "text",
    [
        "2019-03-11",
        "2019-3-11",
        "2019-03-11T10:30:00",
        "2019-03-11 10:30:00",
        "2019-03-11 10:30",
        "2019/3/11",
        "2019/03/11",
        "2019/3/11 9:05",
        "2019.3.11",
        "2019.03.11",
        "2019#3#11",
        "2019年3月11日",
        "2019年03月11日",
        "2019年3月11日 10:30",
        "20190311",
        "２０１９年３月１１日",
        "２０１９／３／１１",
        " 2019-03-11 ",
        "43535",
        "43535.0",
        "43535.4375",
    ],
)
def test_a_date_in_every_spelling(text: str) -> None:
    assert value(Type.DATE, text).date() == DAY_2019


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("42073", date(2019, 3, 11)),
        ("42073.5", date(2019, 3, 11)),
        ("0", date(1904, 1, 1)),
        ("2019-03-11", date(2019, 3, 11)),  # only serials count from 1904
        ("20190311", date(2019, 3, 11)),
    ],
)
def test_a_serial_of_1904(text: str, day: date) -> None:
    assert value(Type.DATE, text, date1904=True).date() == day


def test_each_row_counts_from_its_own_workbooks_epoch() -> None:
    read = values.read(Type.DATE, pa.array(["43535", "42073"]), day=DAY, date1904=np.array([False, True]))
    assert [when.date() for when in read.values] == [DAY_2019, DAY_2019]


@pytest.mark.parametrize(
    ("text", "day"),
    [("3月11日", date(2026, 3, 11)), ("11月21日", date(2026, 11, 21)), ("12月31日", date(2026, 12, 31))],
)
def test_a_date_without_a_year_takes_the_days(text: str, day: date) -> None:
    assert value(Type.DATE, text).date() == day


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("1", date(1900, 1, 1)),
        ("59", date(1900, 2, 28)),
        ("61", date(1900, 3, 1)),  # Excel's 60 is a day that never was
        ("45985", date(2025, 11, 24)),
        ("2958465", date(9999, 12, 31)),
    ],
)
def test_serials_at_the_ends_of_excels_calendar(text: str, day: date) -> None:
    assert value(Type.DATE, text).date() == day


@pytest.mark.parametrize(
    "text",
    [
        "31/12/2019",
        "3/11/2019",
        "11/3",
        "19-3-11",
        "2019-02-30",
        "2019/13/1",
        "2019年2月30日",
        "2月29日",  # 2026 is no leap year
        "20190230",
        "20191311",
        "2958466",
        "-1",
        "0",
        "下周一",
        "待定",
        "abc",
        "—",
        "TRUE",
        "10:30:00",
    ],
)
def test_what_is_no_date_is_unreadable_and_never_blank(text: str) -> None:
    assert value(Type.DATE, text) is UNREADABLE


# ---------------------------------------------------------------- choices


@pytest.mark.parametrize(
    ("text", "line_type"),
    [
        ("正品", "paid"),
        ("赠品", "giveaway"),
        ("否", "paid"),
        ("是", "giveaway"),
        ("N", "paid"),
        ("Y", "giveaway"),
        ("n", "paid"),
        ("y", "giveaway"),
        ("Ｙ", "giveaway"),
        (" 赠 品 ", "giveaway"),
        ("TRUE", "giveaway"),
        ("FALSE", "paid"),
    ],
)
def test_a_line_is_paid_or_a_giveaway(text: str, line_type: str) -> None:
    assert value(Type.LINE_TYPE, text) == line_type


@pytest.mark.parametrize(
    ("kind", "text", "choice"),
    [
        (Type.CONFIRMATION, "有款", "paid"),
        (Type.CONFIRMATION, "没款", "unpaid"),
        (Type.CONFIRMATION, "欠款", "indebted"),
        (Type.CONFIRMATION, " 没 款 ", "unpaid"),
        (Type.CONFIRMATION, "大概有款", UNREADABLE),
        (Type.VERDICT, "放行", "release"),
        (Type.VERDICT, "退回", "refuse"),
        (Type.VERDICT, "再议", UNREADABLE),
    ],
)
def test_a_choice_is_one_of_its_words(kind: Type, text: str, choice: str) -> None:
    assert value(kind, text) == choice


# ---------------------------------------------------------------- any text at all

TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
NUMBERISH = st.text("0123456789.,-+eE%折元个箱年月日/#() ¥１，", max_size=10)


@settings(derandomize=True, deadline=None, max_examples=15)
@given(texts=st.lists(st.none() | TEXT | NUMBERISH, max_size=12), date1904=st.booleans())
def test_any_text_is_a_value_a_blank_or_unreadable(texts: list[str | None], date1904: bool) -> None:  # noqa: FBT001 - hypothesis gives it
    for kind in Type:
        read = reading(kind, *texts, unit="箱", date1904=date1904)
        assert len(read.values) == len(read.unreadable) == len(read.cleaned) == len(texts)
        blank = read.values.isna().to_numpy()
        assert not (read.unreadable & ~blank).any()
        assert not (read.cleaned & blank).any()
        if kind is not Type.CODE:  # a code of invisible characters alone is none
            filled = np.array([bool(text and text.strip()) for text in texts], dtype=bool)
            assert not (filled & blank & ~read.unreadable).any()
        if kind in {Type.NUMBER, Type.MONEY, Type.DISCOUNT, Type.SHARE}:
            assert np.isfinite(read.values.to_numpy(float)[~blank]).all()
        if kind in {Type.DISCOUNT, Type.SHARE}:
            assert read.values.dropna().between(0, 1).all()


@settings(derandomize=True, deadline=None, max_examples=15)
@given(texts=st.lists(st.none() | NUMBERISH, min_size=1, max_size=8))
def test_a_column_reads_as_its_cells_do(texts: list[str | None]) -> None:
    for kind in Type:
        whole = reading(kind, *texts)
        for place, text in enumerate(texts):
            alone = reading(kind, text)
            assert alone.unreadable[0] == whole.unreadable[place]
            assert alone.cleaned[0] == whole.cleaned[place]
            assert repr(alone.values[0]) == repr(whole.values[place])
