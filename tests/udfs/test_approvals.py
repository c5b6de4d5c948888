import numpy as np
import pytest

from tests.frames import audited, said, table
from udfs.approvals import Gap, covers, is_listed, limits

PARTNERS = "partner_code  partner_name  level  contract_discount\n P1  Rose  A  0.9\n P2  Lily  A  0.8"
PRODUCTS = "product_code  product_name  list_price\n A  Mask  100\n B  Cream  19.9"
APPROVALS = """
    role      max_gap  max_amount
    director  0.1      -
    manager   0.05     1000
    clerk     0.02     50
    deputy    0.05     2000
"""


@pytest.mark.parametrize(
    ("partner", "product", "quantity", "price", "role"),
    [
        ("P1", "A", "25", "88", "clerk"),  # gap 0.02, shortfall 50
        ("P1", "A", "25.01", "88", "manager"),  # shortfall 50.02
        ("P1", "A", "1", "87.99", "manager"),  # gap 0.0201
        ("P1", "A", "200", "85", "manager"),  # gap 0.05, shortfall 1000
        ("P1", "A", "201", "85", "deputy"),  # the same gap, more money
        ("P1", "A", "401", "85", "director"),
        ("P2", "A", "1", "75", "manager"),  # 0.8 - 0.75 is above 0.05 as floats
        ("P1", "B", "1", "17.512", "clerk"),  # 17.91 - 17.512 = 0.02 * 19.9
        ("P1", "B", "1", "17.51199", "manager"),
        ("P1", "A", "100000", "80", "director"),  # blank max_amount: no limit
        ("P1", "A", "1", "79.9999", "无人可批"),
    ],
)
def test_the_role_with_the_smallest_gap_that_covers_gap_and_shortfall(
    partner: str, product: str, quantity: str, price: str, role: str
) -> None:
    lines = f"partner_code  product_code  quantity  unit_price\n {partner}  {product}  {quantity}  {price}"
    result = audited(lines, partners=PARTNERS, products=PRODUCTS, approvals=APPROVALS)
    assert said(result, "discount-below-floor", "role") == [(role,)]


@pytest.mark.parametrize("approvals", [{}, {"approvals": "role  max_gap  max_amount"}])
def test_without_limits_nobody_may_approve(approvals: dict[str, str]) -> None:
    result = audited("unit_price\n 89", partners=PARTNERS, products=PRODUCTS, **approvals)
    assert said(result, "discount-below-floor", "role") == [("无人可批",)]
    assert "discount-below-floor" not in result.not_run


def test_limits_stand_smallest_gap_first_and_ties_as_written() -> None:
    tables = {"approvals": table("approvals", APPROVALS)}
    assert [role for role, _, _ in limits(tables)] == ["clerk", "manager", "deputy", "director"]
    assert limits({}) == []


def test_a_role_is_listed_whatever_its_width_case_and_spaces() -> None:
    tables = {"approvals": table("approvals", "role  max_gap\n 区域 经理  0.05\n Manager  0.1")}
    assert all(is_listed(tables, role) for role in ("区域经理", "ｍａｎａｇｅｒ"))
    assert not any(is_listed(tables, role) for role in ("经理", ""))


def test_a_limit_covers_up_to_its_last_fen() -> None:
    one = np.ones(3)
    gap = Gap((0.9 * one, 100 * one, one), 85 * one, (100 * one, one), np.array([99999, 100000, 100001]))
    assert covers(gap, 0.05, 1000.0).tolist() == [True, True, False]
    assert covers(gap, 0.05, np.nan).tolist() == [True, True, True]
    assert covers(gap, 0.0499, np.nan).tolist() == [False, False, False]
