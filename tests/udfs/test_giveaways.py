import numpy as np
import pytest

from tests.frames import audited, decisions, found, marked, said
from udfs.giveaways import entitled

PRODUCTS = """
    product_code  product_name  list_price  status
    A             Mask          100         -
    B             Cream         50          -
    E             Gone          100         停产
"""
POLICIES = """
    campaign  applies_to  start       end         buy_qty  free_qty
    TEN       全部        2026-11-01  2026-11-30  10       2
    NOBUY     全部        2026-11-01  2026-11-30  -        2
    ZERO      全部        2026-11-01  2026-11-30  0        2
    NOFREE    全部        2026-11-01  2026-11-30  10       -
    TENTH     全部        2026-11-01  2026-11-30  0.1      1
"""
TABLES = {"products": PRODUCTS, "policies": POLICIES}


@pytest.mark.parametrize(
    ("paid", "buy", "free", "earned"),
    [
        (20, 10, 2, 4),
        (19.999999, 10, 2, 2),
        (9, 10, 2, 0),
        (0.3, 0.1, 1, 3),
        (0.7, 0.1, 1, 7),
        (0.1 + 0.2, 0.1, 1, 3),
        (10, 2.5, 1, 4),
        (20, np.nan, 2, 0),
        (20, 0, 2, 0),
        (20, -10, 2, 0),
        (20, 10, np.nan, 0),
    ],
)
def test_entitled(paid: float, buy: float, free: float, earned: float) -> None:
    assert entitled(np.array([paid]), np.array([float(buy)]), np.array([float(free)])).tolist() == [earned]


def test_giveaway_without_campaign() -> None:
    lines = """
        order_no  campaign  line_type  quantity  unit_price
        1         TEN       paid       10        100
        1         TEN       giveaway   2         -
        1         -         paid       10        100
        1         -         giveaway   2         -           <- giveaway-without-campaign hold
    """
    assert found(audited(lines, **TABLES)) == marked(lines)


def test_giveaway_priced() -> None:
    lines = """
        order_no  campaign  product_code  line_type  quantity  unit_price  amount
        1         TEN       A             paid       100       100         -
        1         TEN       A             giveaway   1         -           -
        1         TEN       A             giveaway   1         0           0
        1         TEN       A             giveaway   1         0.01        -       <- giveaway-priced hold
        1         TEN       A             giveaway   1         0           0.01    <- giveaway-priced hold
        1         TEN       A             giveaway   1         -5          -       <- giveaway-priced hold
        1         TEN       A             giveaway   0         5           -       <- quantity-not-positive hold
    """
    result = audited(lines, **TABLES)
    assert found(result) == marked(lines)
    assert said(result, "giveaway-priced", "heading", "actual")[:2] == [("单价", "0.01"), ("金额", "0.01")]


def test_giveaway_exceeded_is_of_an_order_and_a_campaign_and_names_given_and_entitled() -> None:
    lines = """
        order_no  campaign  product_code  line_type  quantity  unit_price
        1         TEN       A             paid       15        100
        1         ten       B             paid       5         50
        1         TEN       A             giveaway   3         -
        1         TEN       B             giveaway   1         -
        2         TEN       A             paid       19        100
        2         TEN       A             giveaway   2         -           <- giveaway-exceeded hold
        2         TEN       B             giveaway   0.5       -           <- giveaway-exceeded hold
        2         -         A             paid       90        100
        3         TEN       A             giveaway   1         -           <- giveaway-exceeded hold
    """
    result = audited(lines, **TABLES)
    assert found(result) == marked(lines)
    assert said(result, "giveaway-exceeded", "actual", "expected", "over", "money") == [
        ("2.5", "2", "0.5", "50"),
        ("2.5", "2", "0.5", "0"),  # the order's worth is named once
        ("1", "0", "1", "100"),
    ]


def test_an_order_of_two_partners_is_two_orders() -> None:
    lines = """
        order_no  partner_code  campaign  line_type  quantity  unit_price
        1         P1            TEN       paid       10        100
        1         P2            TEN       giveaway   1         -           <- giveaway-exceeded hold
    """
    assert found(audited(lines, **TABLES)) == marked(lines)


@pytest.mark.parametrize("campaign", ["NOBUY", "ZERO", "NOFREE"])
def test_a_campaign_that_gives_nothing(campaign: str) -> None:
    lines = f"""
        order_no  campaign  line_type  quantity  unit_price
        1         {campaign}  paid       90        100
        1         {campaign}  giveaway   1         -           <- giveaway-exceeded hold
    """
    assert found(audited(lines, **TABLES)) == marked(lines)


def test_tenths_are_no_float_trap() -> None:
    lines = """
        order_no  campaign  product_code  line_type  quantity  unit_price
        1         TENTH     A             paid       0.1       100
        1         TENTH     B             paid       0.2       50
        1         TENTH     A             giveaway   3         -
    """
    assert found(audited(lines, **TABLES)) == marked(lines)


def test_zero_price_and_discontinued_lines_earn_nothing_nor_do_those_set_aside() -> None:
    lines = """
        order_no  campaign  product_code  line_type  quantity  unit_price
        1         TEN       A             paid       10        0           <- zero-price-not-giveaway hold
        1         TEN       A             giveaway   1         -           <- giveaway-exceeded hold, giveaway-waits hold
        2         TEN       E             paid       10        100         <- product-discontinued transfer
        2         TEN       A             giveaway   1         -           <- giveaway-exceeded hold, giveaway-waits hold
        3         TEN       A             paid       5         100
        3         TEN       A             paid       5         100         <- duplicate-line hold
        3         TEN       A             giveaway   1         -           <- giveaway-exceeded hold
    """  # noqa: E501 - the marks stand beside their row
    assert found(audited(lines, **TABLES)) == marked(lines)


def test_giveaways_wait_for_a_paid_line_of_their_campaign() -> None:
    lines = """
        order_no  campaign  product_code  line_type  quantity  unit_price  amount
        1         TEN       A             paid       20        -           -       <- price-missing hold
        1         TEN       B             paid       10        50          -
        1         TEN       A             giveaway   1         -           -       <- giveaway-waits hold
        1         TENTH     A             paid       10        100         -
        1         TENTH     A             giveaway   1         -           -
        2         TEN       A             paid       10        100         -
        2         -         A             paid       10        -           -       <- price-missing hold
        2         TEN       A             giveaway   1         -           -
        3         TEN       A             paid       10        100         -
        3         TEN       E             paid       10        100         -       <- product-discontinued transfer
        3         TEN       A             giveaway   1         -           -       <- giveaway-waits hold
        4         TEN       A             paid       10        100         -
        4         TEN       A             paid       10        100         -       <- duplicate-line hold
        4         TEN       A             giveaway   1         -           -
    """
    result = audited(lines, **TABLES)
    assert found(result) == marked(lines)
    assert said(result, "giveaway-waits", "other")[0] == ("orders.xlsx·Sheet1第 2 行",)
    assert decisions(result)[:3] == ["hold", "pass", "hold"]


def test_giveaways_of_an_invalid_campaign_neither_exceed_nor_wait() -> None:
    lines = """
        order_no  campaign  line_type  quantity  unit_price  order_date
        1         TEN       paid       10        -           2026-12-01  <- campaign-not-valid info, price-missing hold
        1         TEN       giveaway   9         -           2026-12-01  <- campaign-not-valid hold
    """
    assert found(audited(lines, **TABLES)) == marked(lines)


def test_without_policies_the_giveaways_are_not_counted() -> None:
    lines = """
        order_no  campaign  line_type  unit_price
        1         TEN       giveaway   -
        1         -         giveaway   1           <- giveaway-without-campaign hold, giveaway-priced hold
    """
    result = audited(lines, products=PRODUCTS)
    assert found(result) == marked(lines)
    assert result.not_run["giveaway-exceeded"] == ("policies",)
