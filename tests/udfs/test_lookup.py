from datetime import date

import numpy as np
import pandas as pd
import pytest

from tests.frames import TODAY, order_lines, table, text_rows
from udfs.lookup import find, find_on_date, is_word, keys, look_up, name_key, ranks, word_key


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("Rose (Shanghai) Ltd", "roseshanghailtd"),
        ("ＲＯＳＥ【Shanghai】 〔Ltd〕", "roseshanghailtd"),
        ("«水光»<面膜>「5片」", "«水光»面膜5片"),
        ("", ""),
        ("（）", ""),
    ],
)
def test_name_key(text: str, key: str) -> None:
    assert name_key(text) == key


def test_word_key() -> None:
    assert word_key(" ｖ i\tp ") == "VIP"
    assert is_word("停 用", ["停用", "终止"])
    assert not is_word(None, ["停用"])
    assert not is_word(np.nan, ["停用"])


def test_keys_of_a_column() -> None:
    codes, names = keys(pd.Series(["a", None, "A", "b"], dtype="str"), str.upper)
    assert codes.tolist() == [0, -1, 0, 1]
    assert names == ["A", "B"]
    empty, none = keys(pd.Series([None, None], dtype="str"), str.upper)
    assert (empty.tolist(), none) == ([-1, -1], [])


def test_find_the_first_row_as_vlookup_would() -> None:
    column = pd.Series(["b", "A", "z", None], dtype="str")
    rows = pd.Series(["a", None, "B", "b"], dtype="str")
    assert find(column, rows).tolist() == [2, 0, -1, -1]
    assert find(column, rows.iloc[:0]).tolist() == [-1, -1, -1, -1]
    assert find(column.iloc[:0], rows).tolist() == []


@pytest.mark.parametrize(
    ("product", "day", "price"),
    [
        ("A", "2026-11-20", 100),  # only the row without dates
        ("A", "2026-11-21", 90),  # a later row began
        ("A", "2026-11-25", 80),  # a still later one
        ("A", "2026-11-30", 80),
        ("A", "2026-12-01", 90),  # it ended
        ("a", "2027-01-01", 100),
        ("B", "2026-11-20", None),  # not yet
        ("B", "2026-11-21", 50),  # two rows began that day: the first
        ("B", "2026-12-02", None),  # no more
        ("Z", "2026-11-21", None),
    ],
)
def test_the_price_row_valid_on_the_day_the_one_that_began_last(product: str, day: str, price: float | None) -> None:
    products = table(
        "products",
        """
        product_code  list_price  valid_from  valid_to
        A             100         -           -
        a             90          2026-11-21  2026-12-31
        A             80          2026-11-25  2026-11-30
        B             50          2026-11-21  2026-12-01
        B             60          2026-11-21  2026-12-01
        """,
    )
    row = find_on_date(pd.Series([product], dtype="str"), np.array([day], dtype="datetime64[D]"), products)[0]
    assert (None if row < 0 else products["list_price"].iat[row]) == price


def test_look_up_puts_price_and_value_together() -> None:
    rows = text_rows("""
        order_no  partner_code  product_code  quantity  unit_price  amount
        1         P1            A             3         33.33       -
        1         p1            A             3         33.33       100
        1         P1            A             3         33.33       99
        1         P1            A             3         -           100
        1         P1            A             3         -           -
        1         P2            A             0         -           100
        2         P1            A             -3        33.33       -
    """)
    seen = look_up(order_lines(rows), {}, TODAY)
    assert seen["value"].tolist() == [9999, 10000, 9999, 10000, 0, 10000, -9999]
    np.testing.assert_array_equal(seen["price"], [33.33, 33.33, 33.33, 100 / 3, np.nan, np.nan, 33.33])
    assert seen["order"].tolist() == [0, 0, 0, 0, 0, 1, 2]
    assert seen["partner"].tolist() == [-1] * 7
    assert seen["date"].dt.date.tolist() == [TODAY] * 7


def test_look_up_leaves_its_input_alone() -> None:
    lines = order_lines([{"order_no": "1", "partner_code": "P", "product_code": "A", "quantity": 1}])
    before = lines.copy(deep=True)
    look_up(lines, {}, date(2026, 1, 1))
    pd.testing.assert_frame_equal(lines, before)


def test_partners_and_products_of_a_line() -> None:
    tables = {
        "partners": table(
            "partners", "partner_code  level  status  contract_discount\n P1  vip  停用  0.9\n P2  S  -  -"
        ),
        "products": table("products", "product_code  list_price  status\n A  100  换代\n B  50  在售"),
    }
    rows = text_rows("""
        order_no  partner_code  product_code  quantity
        1         p1            a             1
        2         P2            B             1
        3         P3            C             1
    """)
    seen = look_up(order_lines(rows), tables, TODAY)
    assert seen["level_rank"].tolist() == [0, 4, 4]
    assert seen["closed"].tolist() == [True, False, False]
    assert seen["discontinued"].tolist() == [True, False, False]
    np.testing.assert_array_equal(seen["contract_discount"], [0.9, np.nan, np.nan])
    np.testing.assert_array_equal(seen["list_price"], [100, 50, np.nan])


def test_ranks_of_codes_as_they_are_compared() -> None:
    assert ranks(pd.Series(["b2", "A", "B10", None, "a", "B2"], dtype="str")).tolist() == [2, 0, 1, -1, 0, 2]
    assert ranks(pd.Series([], dtype="str")).tolist() == []
