import numpy as np
import pandas as pd
import pytest

from tests.frames import audited, column, decisions, found, marked, said
from udfs.order_lines import meant
from udfs.wording import phrase

PARTNERS = """
    partner_code  partner_name          level  status  region
    P1            Rose (Shanghai) Ltd   A      正常    华东
    P2            Lily                  A      停用    华东
    P3            Iris                  B      终止    -
    P4            Daisy                 C      -       华南
"""
PRODUCTS = """
    product_code  product_name        list_price  status  replaced_by  carton_qty
    A             水光面膜（5片）     100         在售    -            12
    B             Cream               100         停产    -            0
    C             Serum               100         换代    A            -
    D             Mist                100         -       -            0.1
"""


def test_unknown_partner() -> None:
    lines = """
        partner_code
        P1
        p1
        P9            <- unknown-partner hold
    """
    assert found(audited(lines, partners=PARTNERS)) == marked(lines)


def test_every_partner_is_unknown_to_an_empty_table() -> None:
    lines = """
        partner_code
        P1            <- unknown-partner hold
    """
    assert found(audited(lines, partners="partner_code")) == marked(lines)


def test_partner_closed() -> None:
    lines = """
        partner_code
        P1
        P2            <- partner-closed hold
        P3            <- partner-closed hold
        P4
    """
    result = audited(lines, partners=PARTNERS)
    assert found(result) == marked(lines)
    assert said(result, "partner-closed", "name", "actual") == [("Lily", "停用"), ("Iris", "终止")]


def test_unknown_product_also_where_no_price_row_is_valid_on_the_order_date() -> None:
    products = """
        product_code  product_name  list_price  valid_from  valid_to
        A             Mask          100         2026-11-01  2026-11-30
        B             Cream         100         -           -
    """
    lines = """
        product_code  order_date  unit_price
        A             2026-11-01  100
        A             2026-11-30  100
        A             -           100
        b             2026-01-01  100
        A             2026-10-31  100          <- unknown-product hold
        A             2026-12-01  100          <- unknown-product hold
        Z             -           100          <- unknown-product hold
    """
    assert found(audited(lines, products=products)) == marked(lines)


def test_product_discontinued_names_the_replacement() -> None:
    lines = """
        product_code  unit_price  quantity
        A             100         12
        B             100         12        <- product-discontinued transfer
        C             100         12        <- product-discontinued transfer
        D             100         12
    """
    result = audited(lines, products=PRODUCTS)
    assert found(result) == marked(lines)
    assert said(result, "product-discontinued", "name", "actual", "expected") == [
        ("Cream", "停产", "无"),
        ("Serum", "换代", "A"),
    ]
    assert decisions(result) == ["pass", "transfer", "transfer", "pass"]


def test_quantity_not_positive_is_set_aside() -> None:
    lines = """
        product_code  quantity   unit_price
        D             0.1        100
        D             0          -           <- quantity-not-positive hold
        D             -12        -           <- quantity-not-positive hold
        D             0.1        -           <- price-missing hold
    """
    assert found(audited(lines, products=PRODUCTS)) == marked(lines)


@pytest.mark.parametrize("stock", [None, "product_code  on_hand\n D  5"])
def test_set_aside_lines_take_no_stock(stock: str | None) -> None:
    tables = {"stock": stock} if stock else {}
    lines = """
        partner_code  product_code  quantity  unit_price
        P4            D             0         100        <- quantity-not-positive hold
        P4            D             5         100
    """
    result = audited(lines, partners=PARTNERS, products=PRODUCTS, **tables)
    assert found(result) == marked(lines)
    assert column(result, "ship") == (["0", "5"] if stock else ["0", "0"])


def test_implausible_date_is_more_than_366_days_away() -> None:
    lines = """
        order_date
        2026-11-21
        2025-11-20
        2027-11-22
        2025-11-19              <- implausible-date hold
        2027-11-23              <- implausible-date hold
        1900-01-01              <- implausible-date hold
        -
    """
    result = audited(lines)
    assert found(result) == marked(lines)
    assert said(result, "implausible-date", "actual", "expected")[0] == ("2025-11-19", "2026-11-21")


def test_the_day_stands_in_for_an_implausible_date_everywhere() -> None:
    products = """
        product_code  product_name  list_price  valid_from  valid_to
        A             Mask          50          -           2020-12-31
        A             Mask          100         2026-11-21  2026-11-21
    """
    lines = """
        order_date  unit_price
        2019-03-11  100         <- implausible-date hold
    """
    result = audited(lines, products=products)
    assert found(result) == marked(lines)
    assert column(result, "list_price") == ["100"]


def test_name_mismatch_ignores_width_case_spaces_and_brackets_one_finding_per_name() -> None:
    lines = """
        partner_name             product_name
        Rose (Shanghai) Ltd      水光面膜（5片）
        ＲＯＳＥ【shanghai】ltd  水光面膜5片
        rose[Shang hai]<LTD>     水光 面膜(5片)
        -                        -
        Rose                     水光面膜（5片）        <- name-mismatch info
        Rose (Shanghai) Ltd      水光面膜（6片）        <- name-mismatch info
        Lily                     Cream                  <- name-mismatch info, name-mismatch info
    """
    result = audited(lines, partners=PARTNERS, products=PRODUCTS)
    assert [finding for finding in found(result) if finding[0] == "name-mismatch"] == marked(lines)
    assert said(result, "name-mismatch", "code", "actual", "expected")[0] == ("P1", "Rose", "Rose (Shanghai) Ltd")


def test_names_of_unknown_codes_are_not_compared() -> None:
    lines = """
        partner_code  partner_name  product_code  product_name
        P9            Nobody        Z             Nothing       <- unknown-partner hold, unknown-product hold
    """
    assert found(audited(lines, partners=PARTNERS, products=PRODUCTS)) == marked(lines)


def test_region_mismatch() -> None:
    lines = """
        partner_code  region
        P1            华东
        P1            华　东
        P1            华南     <- region-mismatch info
        P1            -
        P3            华东
        P9            华东     <- unknown-partner hold
    """
    result = audited(lines, partners=PARTNERS.replace("终止", "正常"))
    assert found(result) == marked(lines)
    assert said(result, "region-mismatch", "actual", "expected") == [("华南", "华东")]


def test_cleaned_value_stands_on_each_cleaned_cell() -> None:
    cleaned = pd.DataFrame(
        {"line": [1, 1], "heading": ["数量", "单价"], "text": ["1473个", "86元"], "value": [1473.0, 86.0]}
    )
    lines = """
        quantity
        1
        1473      <- cleaned-value info, cleaned-value info
    """
    result = audited(lines, cleaned=cleaned)
    assert found(result) == marked(lines)
    assert said(result, "cleaned-value", "heading", "actual", "expected") == [
        ("数量", "1473个", "1473"),
        ("单价", "86元", "86"),
    ]


@pytest.mark.parametrize(
    ("name", "stated", "total", "wrong"),
    [
        ("quantity", 30.0, 30.0, False),
        ("quantity", 30.001, 30.0, True),
        ("quantity", 0.3, 0.1 + 0.2, False),
        ("amount", 100.01, 100.0, False),
        ("amount", 99.99, 100.0, False),
        ("amount", 100.02, 100.0, True),
        ("amount", 0.0, 100.0, True),
    ],
)
def test_total_mismatch(name: str, stated: float, total: float, *, wrong: bool) -> None:
    totals = pd.DataFrame({
        "source_file": ["a.xlsx"], "source_sheet": ["S"], "source_row": [9], "word": ["合计"], "name": [name],
        "heading": ["金额"], "stated": [stated], "sum": [total],
    })  # fmt: skip
    result = audited("quantity\n 1", totals=totals)
    assert found(result) == ([("total-mismatch", "info", 0)] if wrong else [])
    assert decisions(result) == ["pass"]


def test_not_full_carton() -> None:
    lines = """
        product_code  quantity  unit_price  line_type
        A             24        100         -
        A             25        100         -          <- not-full-carton info
        A             11.5      100         paid       <- not-full-carton info
        D             0.3       100         -
        D             0.7       100         -
        D             0.35      100         -          <- not-full-carton info
    """
    result = audited(lines, products=PRODUCTS)
    assert found(result) == marked(lines)
    assert said(result, "not-full-carton", "actual", "expected", "rest") == [
        ("25", "12", "1"),
        ("11.5", "12", "11.5"),
        ("0.35", "0.1", "0.05"),
    ]


def test_no_carton_no_question() -> None:
    lines = """
        product_code  quantity  unit_price  line_type
        B             5         100         -          <- product-discontinued transfer
        C             5         100         -          <- product-discontinued transfer
        A             5         -           giveaway   <- giveaway-without-campaign hold
        A             -5        100         -          <- quantity-not-positive hold
        Z             5         100         -          <- unknown-product hold
    """
    assert found(audited(lines, products=PRODUCTS)) == marked(lines)


def test_no_lines_no_findings() -> None:
    result = audited("quantity", partners=PARTNERS, products=PRODUCTS)
    assert found(result) == []
    assert np.array_equal(result.lines["effect"].to_numpy(), [])


@pytest.mark.parametrize(
    ("written", "hint"),
    [("10001", "010001"), ("01-0001", "010001"), ("010001x", None), ("77", None)],
)
def test_an_unknown_code_hints_at_the_one_it_may_stand_for(written: str, hint: str | None) -> None:
    # 7-7 and 077 both look like 77: nobody can tell
    (told,) = meant(pd.Series([written], dtype="str"), pd.Series(["010001", "020001", "7-7", "077"], dtype="str"))
    assert told == (phrase("did_you_mean", known=hint) if hint else "")
