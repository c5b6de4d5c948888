import numpy as np
import pytest

from tests.frames import audited, column, found, marked, said
from udfs.prices import effective_discount, floor
from udfs.wording import sentences

PARTNERS = """
    partner_code  partner_name  level  contract_discount
    P1            Rose          A      0.9
    P2            Lily          A      -
    P3            Iris          B      0.85
"""
PRODUCTS = """
    product_code  product_name  list_price  status
    A             Mask          100         -
    B             Cream         19.9        -
    C             Serum         33.33       -
    D             Clip          0.3         -
    E             Gone          100         停产
    F             Free          0           -
    G             Mist          1           -
"""
POLICIES = """
    campaign  applies_to  start       end         min_discount
    LOW       全部        2026-11-01  2026-11-30  0.8
    HIGH      全部        2026-11-01  2026-11-30  0.95
    NONE      全部        2026-11-01  2026-11-30  -
    OLD       全部        2026-01-01  2026-01-31  0.5
"""
PRODUCTS_ONLY = {"products": PRODUCTS}
WITH_FLOOR = {"partners": PARTNERS, "products": PRODUCTS, "policies": POLICIES}


def test_price_missing() -> None:
    lines = """
        product_code  unit_price  amount  discount  line_type
        A             100         -       -         -
        A             -           100     -         -
        A             0           -       -         giveaway  <- giveaway-without-campaign hold
        A             -           -       -         giveaway  <- giveaway-without-campaign hold
        Z             -           -       -         -         <- unknown-product hold
        A             -           -       -         -         <- price-missing hold
        A             -           -       0.9       paid      <- price-missing hold
    """
    assert found(audited(lines, **PRODUCTS_ONLY)) == marked(lines)


def test_price_mismatch_allows_just_a_fen() -> None:
    lines = """
        product_code  unit_price  discount
        A             90          0.9
        A             90.01       0.9
        A             89.99       0.9
        A             90.0101     0.9       <- price-mismatch hold
        A             89.9899     0.9       <- price-mismatch hold
        A             99.98       1         <- price-mismatch hold
        A             50          -
        C             30.007      0.9
        C             30.00701    0.9       <- price-mismatch hold
        D             0.31        1         <- price-above-list info
        D             0.28        0.9
        D             0.26        0.9
        D             0.259999    0.9       <- price-mismatch hold
        F             0.01        0.9       <- price-above-list info
        Z             1           0.9       <- unknown-product hold
    """
    result = audited(lines, **PRODUCTS_ONLY)
    assert found(result) == marked(lines)
    assert said(result, "price-mismatch", "list_price", "discount", "actual", "expected", "money")[0] == (
        "100", "0.9", "90.0101", "90", "0.01",
    )  # fmt: skip


def test_amount_mismatch_allows_just_a_fen() -> None:
    lines = """
        product_code  quantity  unit_price  amount
        A             3         33.33       99.99
        A             3         33.33       100
        A             3         33.33       99.98
        A             3         33.33       100.0001  <- amount-mismatch hold
        A             3         33.33       99.9799   <- amount-mismatch hold
        A             3         33.33       -
        A             3         -           99
        D             3         0.1         0.3
        D             3         0.1         0.31
        D             3         0.1         0.29
        D             3         0.1         0.3100001  <- amount-mismatch hold
        Z             3         0.1         9          <- unknown-product hold
    """
    result = audited(lines, **PRODUCTS_ONLY)
    assert found(result) == marked(lines)
    assert said(result, "amount-mismatch", "actual", "expected", "unit_price")[1] == ("99.9799", "99.99", "33.33")


def test_price_above_list_by_more_than_half_a_fen() -> None:
    lines = """
        product_code  quantity  unit_price  amount
        B             1         19.9        -
        B             1         19.905      -
        B             1         19.90501    -       <- price-above-list info
        B             3         -           59.715
        B             3         -           59.716  <- price-above-list info
        D             1         0.305       -
        D             1         0.30500001  -       <- price-above-list info
        F             1         0.005       -
    """
    result = audited(lines, **PRODUCTS_ONLY)
    assert found(result) == marked(lines)
    assert said(result, "price-above-list", "actual", "expected")[1] == ("19.905333", "19.9")


def test_zero_price_not_giveaway_has_no_floor_check() -> None:
    lines = """
        unit_price  amount  line_type
        0           -       -          <- zero-price-not-giveaway hold
        0           0       paid       <- zero-price-not-giveaway hold
        -           0       -          <- zero-price-not-giveaway hold
        0           5       -          <- zero-price-not-giveaway hold, amount-mismatch hold
        0.01        -       -          <- discount-below-floor hold
        100         -       -
        0           -       giveaway   <- giveaway-without-campaign hold
    """
    assert found(audited(lines, **WITH_FLOOR)) == marked(lines)


def test_discount_below_floor_allows_just_half_a_thousandth() -> None:
    lines = """
        partner_code  product_code  quantity  unit_price  amount
        P1            A             1         90          -
        P1            A             1         89.95       -
        P1            A             1         89.9499     -       <- discount-below-floor hold
        P3            B             1         16.90505    -
        P3            B             1         16.90504    -       <- discount-below-floor hold
        P3            D             1         0.25485     -
        P3            D             1         0.254849    -       <- discount-below-floor hold
        P1            A             3         -           269.85
        P1            A             3         -           269.84  <- discount-below-floor hold
        P2            A             1         99.95       -
        P2            A             1         99.94       -       <- discount-below-floor hold
        P1            A             1         -1          -       <- discount-below-floor hold
        P9            A             1         50          -       <- unknown-partner hold
        P1            F             1         0.004       -
    """
    assert found(audited(lines, **WITH_FLOOR)) == marked(lines)


def test_the_floor_is_the_lower_of_contract_and_valid_campaign_and_names_where_it_comes_from() -> None:
    lines = """
        partner_code  campaign  unit_price
        P1            -         50          <- discount-below-floor hold
        P1            LOW       50          <- discount-below-floor hold
        P1            HIGH      50          <- discount-below-floor hold
        P1            NONE      50          <- discount-below-floor hold
        P1            OLD       50          <- discount-below-floor hold, campaign-not-valid info
        P2            -         50          <- discount-below-floor hold
        P2            HIGH      50          <- discount-below-floor hold
        P2            H9        50          <- discount-below-floor hold, campaign-unknown info
    """
    result = audited(lines, **WITH_FLOOR)
    assert found(result) == marked(lines)
    assert said(result, "discount-below-floor", "actual", "expected", "source") == [
        ("0.5", "0.9", "合同折扣"),
        ("0.5", "0.8", "活动 LOW 最低折扣"),
        ("0.5", "0.9", "合同折扣"),
        ("0.5", "0.9", "合同折扣"),
        ("0.5", "0.9", "合同折扣；活动 OLD 不计：下单日期 2026-11-21 不在 2026-01-01 至 2026-01-31 之内"),
        ("0.5", "1", "无合同折扣和有效活动，按标准价"),
        ("0.5", "0.95", "活动 HIGH 最低折扣"),
        ("0.5", "1", "无合同折扣和有效活动，按标准价；活动 H9 不计：活动政策里没有"),
    ]


@pytest.mark.parametrize(
    ("product", "quantity", "price", "amount", "shortfall"),
    [
        ("A", "10", "80", "-", "100"),
        ("A", "3", "-", "240", "30"),  # (90 - 80) * 3
        ("A", "3", "-", "250", "20"),  # 250 / 3 stays exact
        ("G", "1", "0.895", "-", "0.01"),  # 0.005 rounds up
        ("G", "3", "0.895", "-", "0.02"),  # 0.015 rounds up
        ("G", "1", "0.895001", "-", "0"),  # 0.004999
        ("A", "2.5", "89.9", "-", "0.25"),
    ],
)
def test_shortfall(product: str, quantity: str, price: str, amount: str, shortfall: str) -> None:
    lines = f"""
        product_code  quantity  unit_price  amount
        {product}     {quantity}  {price}  {amount}  <- discount-below-floor hold
    """
    result = audited(lines.replace("     ", "  "), **WITH_FLOOR)
    assert found(result) == marked(lines)
    assert said(result, "discount-below-floor", "money") == [(shortfall,)]


def test_what_the_finding_says() -> None:
    result = audited("campaign  quantity  unit_price\n OLD  10  80", **WITH_FLOOR)
    (batch,) = [batch for batch in result.findings if batch.rule == "discount-below-floor"]
    (says,), (does,) = sentences(batch, result.lines, None, "en")
    assert says == (
        "Effective discount 0.8 is below the floor 0.9 (contract discount; campaign OLD does not count: order date "
        "2026-11-21 is outside 2026-01-01 to 2026-01-31), 100.00 CNY short; may be approved by: nobody."
    )
    assert does == (
        "Raise the price to 90 (discount and amount with it, or leave them blank), or have it approved by nobody."
    )


def test_prices_are_asked_of_discontinued_products_but_not_of_lines_set_aside() -> None:
    lines = """
        order_no  product_code  unit_price  quantity
        1         E             50          1         <- product-discontinued transfer, discount-below-floor hold
        2         A             50          -1        <- quantity-not-positive hold
        3         A             100         1
        3         A             100         1         <- duplicate-line hold
    """
    assert found(audited(lines, **WITH_FLOOR)) == marked(lines)


def test_floor_and_effective_discount_of_columns() -> None:
    nan = np.nan
    assert floor(np.array([0.9, 0.9, nan, nan]), np.array([0.8, nan, 0.7, nan])).tolist() == [0.8, 0.9, 0.7, 1.0]
    effective = effective_discount(np.array([90.0, 5.0, nan]), np.array([100.0, 0.0, 100.0]))
    np.testing.assert_array_equal(effective, [0.9, nan, nan])


def test_lines_show_their_floor_and_effective_discount() -> None:
    lines = """
        product_code  unit_price  line_type
        A             90          -
        A             -           giveaway
        Z             90          -
    """
    result = audited(lines, **WITH_FLOOR)
    assert column(result, "floor") == ["0.9", "", ""]
    assert column(result, "effective_discount") == ["0.9", "", ""]
