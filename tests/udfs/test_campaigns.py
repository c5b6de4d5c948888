import pytest

from tests.frames import TODAY, audited, column, found, marked, order_lines, said, table
from udfs.campaigns import judge, listed
from udfs.lookup import look_up

PARTNERS = """
    partner_code  partner_name  level  contract_discount
    P1            Rose          VIP    0.9
    P2            Lily          C      0.9
"""
PRODUCTS = """
    product_code  product_name  list_price  category
    A             Mask          100         面膜
    B             Cream         100         面霜
    C             Serum         100         -
"""
POLICIES = """
    campaign  applies_to    levels   start       end         min_discount  gifts
    ALL       全部          -        2026-11-01  2026-11-30  0.8           -
    TODAY     全部          -        2026-11-21  2026-11-21  0.8           -
    VIPS      全部          VIP、a   2026-11-01  2026-11-30  0.8           -
    MASKS     ｂ；面 膜     -        2026-11-01  2026-11-30  0.8           C
    OLD       全部          -        2026-10-01  2026-10-31  0.8           -
"""
TABLES = {"partners": PARTNERS, "products": PRODUCTS, "policies": POLICIES}


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("A、B", {"A", "B"}),
        ("a, b；面 膜，；", {"A", "B", "面膜"}),
        ("ＶＩＰ", {"VIP"}),
        ("A\nB", {"A", "B"}),
        ("全部", {"全部"}),
        (" 、 ", set()),
        ("", set()),
        (None, set()),
        (float("nan"), set()),
    ],
)
def test_listed(text: object, words: set[str]) -> None:
    assert listed(text) == words


def test_campaign_unknown_is_info_on_a_paid_line_and_hold_on_a_giveaway() -> None:
    lines = """
        campaign  line_type  unit_price
        ALL       paid       80
        all       paid       90
        -         paid       90
        H9        paid       90          <- campaign-unknown info
        H9        giveaway   -           <- campaign-unknown hold
    """
    result = audited(lines, **TABLES)
    assert found(result) == marked(lines)
    assert said(result, "campaign-unknown", "actual") == [("H9",), ("H9",)]


def test_a_campaign_holds_from_its_first_to_its_last_day() -> None:
    lines = """
        campaign  order_date  unit_price
        ALL       2026-11-01  80
        ALL       2026-11-30  80
        TODAY     -           80
        ALL       2026-10-31  90          <- campaign-not-valid info
        ALL       2026-12-01  90          <- campaign-not-valid info
        OLD       -           90          <- campaign-not-valid info
    """
    result = audited(lines, **TABLES)
    assert found(result) == marked(lines)
    assert said(result, "campaign-not-valid", "why")[2] == ("下单日期 2026-11-21 不在 2026-10-01 至 2026-10-31 之内",)


def test_a_campaign_asks_the_level_of_known_partners() -> None:
    lines = """
        campaign  partner_code  unit_price
        VIPS      P1            80
        ALL       P2            80
        VIPS      P2            90          <- campaign-not-valid info
        VIPS      P9            90          <- unknown-partner hold
    """
    result = audited(lines, **TABLES)
    assert found(result) == marked(lines)
    assert said(result, "campaign-not-valid", "why") == [("级别 C 不在适用级别内",)]


def test_a_campaign_asks_the_product_of_known_products() -> None:
    lines = """
        campaign  product_code  unit_price
        MASKS     A             80
        MASKS     b             80
        MASKS     C             90          <- campaign-not-valid info
        MASKS     Z             90          <- unknown-product hold
    """
    result = audited(lines, **TABLES)
    assert found(result) == marked(lines)
    assert said(result, "campaign-not-valid", "why") == [("产品不在适用范围内",)]


def test_a_giveaway_is_among_the_gifts_or_where_none_are_named_among_the_products() -> None:
    policies = """
        campaign  applies_to  start       end         buy_qty  free_qty  gifts
        OWN       面膜        2026-11-01  2026-11-30  10       9         -
        GIFT      面膜        2026-11-01  2026-11-30  10       9         C
        ANY       面膜        2026-11-01  2026-11-30  10       9         全部
    """
    lines = """
        order_no  campaign  product_code  line_type  quantity  unit_price
        1         OWN       A             paid       10        90
        1         OWN       A             giveaway   1         -
        1         OWN       C             giveaway   1         -           <- campaign-not-valid hold
        2         GIFT      A             paid       10        90
        2         GIFT      C             giveaway   1         -
        2         GIFT      A             giveaway   1         -           <- campaign-not-valid hold
        3         ANY       A             paid       10        90
        3         ANY       C             giveaway   1         -
        3         ANY       B             giveaway   1         -
        3         ANY       Z             giveaway   1         -           <- unknown-product hold
    """
    result = audited(lines, **{**TABLES, "policies": policies})
    assert found(result) == marked(lines)
    assert said(result, "campaign-not-valid", "why") == [("产品不在赠品范围内",), ("产品不在赠品范围内",)]


def test_an_invalid_campaign_gives_no_floor() -> None:
    lines = """
        campaign  order_date  unit_price
        ALL       -           80
        ALL       2026-10-31  80          <- campaign-not-valid info, discount-below-floor hold
        H9        -           80          <- campaign-unknown info, discount-below-floor hold
    """
    result = audited(lines, **TABLES)
    assert found(result) == marked(lines)
    assert column(result, "floor") == ["0.8", "0.9", "0.9"]


def test_set_aside_lines_are_not_asked_for_their_campaign() -> None:
    lines = """
        campaign  quantity
        H9        0         <- quantity-not-positive hold
        OLD       -1        <- quantity-not-positive hold
    """
    assert found(audited(lines, **TABLES)) == marked(lines)


def test_without_policies_no_campaign_counts_and_the_rules_did_not_run() -> None:
    tables = {"partners": PARTNERS, "products": PRODUCTS}
    lines = """
        campaign  unit_price
        ALL       90
        ALL       80          <- discount-below-floor hold
    """
    result = audited(lines, **tables)
    assert found(result) == marked(lines)
    assert {"campaign-unknown", "campaign-not-valid", "giveaway-exceeded", "giveaway-waits"} <= set(result.not_run)
    assert said(result, "discount-below-floor", "source") == [("合同折扣；活动 ALL 不计：没有活动政策表",)]


def test_judge_says_which_policy_row_and_why_not() -> None:
    tables = {kind: table(kind, text) for kind, text in TABLES.items()}
    rows = [
        {"order_no": "1", "partner_code": "P1", "product_code": "A", "quantity": 1, "campaign": name}
        for name in ("vips", "H9", None)
    ]
    judged = judge(look_up(order_lines(rows), tables, TODAY), tables)
    assert judged["policy"].tolist() == [2, -1, -1]
    assert judged["campaign_valid"].tolist() == [True, False, False]
    assert [bool(why) for why in judged["campaign_why"]] == [False, True, False]
