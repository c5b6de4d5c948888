import numpy as np
import pytest

from tests.frames import audited, decisions, found, marked, said, table
from udfs.audit import Audit
from udfs.funds import funds_of, is_indebted
from workbooks.schema import Policy

PARTNERS = """
    partner_code  partner_name  level  status  credit_limit  required_deposit
    P1            Rose          A      -       -             -
    P2            Lily          A      停用    -             -
    P3            Iris          A      -       500           1000
"""
PRODUCTS = """
    product_code  product_name  list_price  status
    A             Mask          100         -
    E             Gone          100         停产
"""
POLICIES = "campaign  applies_to  start  end  buy_qty  free_qty\n H  全部  2026-11-01  2026-11-30  1  1"
TABLES = {"partners": PARTNERS, "products": PRODUCTS, "policies": POLICIES}


def finance(**columns: str) -> str:
    """Return a finance table of P1 alone."""
    names, values = ["partner_code", *columns], ["P1", *columns.values()]
    return "  ".join(names) + "\n" + "  ".join(values)


def outcomes(result: Audit) -> dict[str, str]:
    """Return what became of each order, by order number."""
    return dict(zip(result.orders["order_no"], result.orders["outcome"], strict=True))


def test_not_in_finance() -> None:
    lines = """
        order_no  partner_code  unit_price
        1         P1            100
        1         P1            50          <- discount-below-floor hold
        2         P2            100         <- partner-closed hold, not-in-finance hold
        2         P2            90          <- partner-closed hold, discount-below-floor hold
        3         P9            100         <- unknown-partner hold
    """
    result = audited(lines, **TABLES, finance=finance(balance="1000"))
    assert found(result) == marked(lines)
    assert said(result, "not-in-finance", "name", "money") == [("Lily", "190")]


def test_unpaid_orders_of_closed_partners_too() -> None:
    lines = """
        order_no  partner_code  unit_price
        1         P2            100         <- partner-closed hold, unpaid hold
    """
    assert found(audited(lines, **TABLES, finance="partner_code  balance\n P2  99.99")) == marked(lines)


@pytest.mark.parametrize(
    ("balance", "unpaid"), [("100", False), ("99.99", True), ("100.01", False), ("-", True), ("0", True)]
)
def test_an_order_may_take_the_last_fen_of_the_funds(balance: str, *, unpaid: bool) -> None:
    result = audited("unit_price\n 100", **TABLES, finance=finance(balance=balance))
    assert found(result) == ([("unpaid", "hold", 1)] if unpaid else [])


def test_funds_are_balance_received_and_credit_less_debt_absent_is_nothing() -> None:
    accounts = table(
        "finance",
        """
        partner_code  balance  received  debt
        P1            0.1      0.2       -
        P2            -        -         -
        P3            100      50        30.005
        """,
    )
    rows, credit = np.array([0, 1, 2, -1]), np.array([np.nan, np.nan, 500.0, 7.0])
    assert funds_of(accounts, credit, rows).tolist() == [30, 0, 62000, 700]


@pytest.mark.parametrize(
    ("funds", "debt", "overdue", "indebted"),
    [
        (0, 0.0, 90.0, False),
        (-1, 0.0, 0.0, True),
        (100, 1.0, 30.0, False),
        (100, 1.0, 31.0, True),
        (100, 1.0, np.nan, False),
        (100, np.nan, 90.0, False),
    ],
)
def test_is_indebted(funds: int, debt: float, overdue: float, *, indebted: bool) -> None:
    assert is_indebted(np.array([funds]), np.array([debt]), np.array([overdue]), 30).tolist() == [indebted]


@pytest.mark.parametrize(
    ("account", "days", "indebted"),
    [
        ({"balance": "1000", "debt": "5", "overdue_days": "30"}, 30, False),
        ({"balance": "1000", "debt": "5", "overdue_days": "31"}, 30, True),
        ({"balance": "1000", "debt": "5", "overdue_days": "1"}, 0, True),
        ({"balance": "1000", "debt": "0", "overdue_days": "99"}, 30, False),
        ({"balance": "1000", "debt": "5", "overdue_days": "-"}, 30, False),
        ({"balance": "4.99", "debt": "5"}, 30, True),
        ({"balance": "1000", "debt": "2000", "received": "1100"}, 30, False),
    ],
)
def test_every_order_of_an_indebted_partner_is_indebted(account: dict[str, str], days: int, *, indebted: bool) -> None:
    lines = """
        order_no  quantity  unit_price
        1         1         100         <- indebted hold
        1         2         100
        2         0.01      100         <- indebted hold
    """
    result = audited(lines, Policy(max_overdue_days=days), **TABLES, finance=finance(**account))
    expected = marked(lines) if indebted else []
    assert [finding for finding in found(result) if finding[0] == "indebted"] == expected
    if indebted:
        assert decisions(result) == ["hold", "hold", "hold"]


def test_a_larger_order_is_unpaid_and_a_smaller_later_one_still_fits() -> None:
    lines = """
        order_no  quantity  unit_price
        1         6         100
        2         5         100         <- unpaid hold
        3         4         100
        4         0.01      100         <- unpaid hold
    """
    result = audited(lines, **TABLES, finance=finance(balance="1000"))
    assert found(result) == marked(lines)
    assert said(result, "unpaid", "actual", "expected", "status") == [
        ("400", "500", "可用资金只剩 400.00 元，待财务确认"),
        ("0", "1", "可用资金只剩 0.00 元，待财务确认"),
    ]


def test_orders_queue_by_earliest_date_then_order_number_as_text() -> None:
    lines = """
        order_no  order_date  quantity  unit_price
        9         2026-11-20  1         100         <- unpaid hold
        10        2026-11-20  1         100
        b         2026-11-21  1         100         <- unpaid hold
        A         2026-11-19  0.4       100
        A         2026-11-21  0.6       100
    """
    result = audited(lines, **TABLES, finance=finance(balance="200"))
    assert found(result) == marked(lines)


def test_order_numbers_are_compared_in_upper_case() -> None:
    lines = """
        order_no  unit_price
        b         100         <- unpaid hold
        C         100         <- unpaid hold
        a         100
    """
    assert found(audited(lines, **TABLES, finance=finance(balance="100"))) == marked(lines)


def test_orders_with_a_held_line_come_last_those_set_aside_count() -> None:
    lines = """
        order_no  order_date  quantity  unit_price
        1         2026-11-01  1         100
        1         2026-11-01  0         100         <- quantity-not-positive hold
        2         2026-11-02  1         50          <- discount-below-floor hold, unpaid hold
        3         2026-11-21  1         100
        4         2026-11-20  1         100
    """
    result = audited(lines, **TABLES, finance=finance(balance="300"))
    assert found(result) == marked(lines)


def test_the_order_amount_is_the_greater_of_amount_and_price_times_quantity_to_the_fen_per_line() -> None:
    lines = """
        order_no  campaign  product_code  line_type  quantity  unit_price  amount
        1         -         A             -          3         100         301.5    <- amount-mismatch hold
        1         -         A             -          3         100         290      <- amount-mismatch hold
        1         -         A             -          3         -           300
        1         H         A             giveaway   1         -           -        <- giveaway-exceeded hold
        1         H         A             giveaway   1         9           -        <- giveaway-exceeded hold, giveaway-priced hold
        1         -         Z             -          3         100         -        <- unknown-product hold
        1         -         E             -          3         100         -        <- product-discontinued transfer
        1         -         A             -          -3        100         -        <- quantity-not-positive hold
        2         -         A             -          0.00005   100         -
        3         -         A             -          0.00005   100         0.004
        4         -         A             -          0.000049  100         -
    """  # noqa: E501 - the marks stand beside their row
    result = audited(lines, **TABLES)
    assert found(result) == marked(lines)
    assert result.orders["amount"].tolist() == [90150, 1, 1, 0]


@pytest.mark.parametrize(
    ("confirmation", "expected"),
    [("unpaid", [("unpaid", "return", 1)]), ("indebted", [("indebted", "return", 1)]), ("paid", []), ("-", [])],
)
def test_finance_itself_has_the_last_word(confirmation: str, expected: list[tuple[str, str, int]]) -> None:
    result = audited("unit_price\n 100", **TABLES, finance=finance(balance="1000", confirmation=confirmation))
    assert found(result) == expected
    assert decisions(result) == (["return"] if expected else ["pass"])


@pytest.mark.parametrize(
    ("own", "partner", "expected"),
    [
        ("paid", "unpaid", [("unpaid", "return", 2)]),
        ("unpaid", "paid", [("unpaid", "return", 1)]),
        ("indebted", "-", [("indebted", "return", 1)]),
        ("-", "unpaid", [("unpaid", "return", 1), ("unpaid", "return", 2)]),
    ],
)
def test_an_orders_own_confirmation_goes_before_its_partners(
    own: str, partner: str, expected: list[tuple[str, str, int]]
) -> None:
    confirmations = f"partner_code  order_no  confirmation\n p1  SO1  {own}\n P2  so2  unpaid"
    accounts = finance(balance="1000", confirmation=partner)
    result = audited(
        "order_no  unit_price\n so1  100\n so2  100", **TABLES, finance=accounts, confirmations=confirmations
    )
    assert found(result) == expected


def test_paid_by_word_consumes_the_funds_all_the_same() -> None:
    lines = """
        order_no  quantity  unit_price
        1         10        100
        2         1         100         <- unpaid hold
    """
    confirmations = "partner_code  order_no  confirmation\n P1  1  paid"
    result = audited(lines, **TABLES, finance=finance(balance="500"), confirmations=confirmations)
    assert found(result) == marked(lines)
    assert said(result, "unpaid", "actual") == [("-500",)]


def test_paid_by_word_is_neither_unpaid_nor_indebted() -> None:
    account = finance(balance="-500", debt="5", overdue_days="99", confirmation="paid")
    assert found(audited("unit_price\n 100", **TABLES, finance=account)) == []


def test_what_finance_returns_consumes_nothing() -> None:
    lines = """
        order_no  quantity  unit_price
        1         5         100         <- unpaid return
        2         5         100
    """
    confirmations = "partner_code  order_no  confirmation\n P1  1  unpaid"
    assert found(audited(lines, **TABLES, finance=finance(balance="500"), confirmations=confirmations)) == marked(lines)


def test_auto_return_returns_without_finances_word() -> None:
    lines = """
        order_no  partner_code  quantity  unit_price
        1         P1            2         100         <- unpaid return
        1         P1            1         100
        2         P3            1         100         <- indebted return
    """
    accounts = "partner_code  balance  debt  overdue_days  deposit\n P1  100  -  -  -\n P3  900  5  31  1000"
    result = audited(lines, Policy(auto_return=True), **TABLES, finance=accounts)
    assert found(result) == marked(lines)
    assert decisions(result) == ["return", "return", "return"]
    assert said(result, "unpaid", "status") == [("可用资金只剩 100.00 元，按设置自动退回",)]


def test_the_effect_is_on_every_line_of_the_order_those_set_aside_too() -> None:
    lines = """
        order_no  quantity  unit_price
        1         0         100         <- quantity-not-positive hold, unpaid return
        1         1         100
        2         1         100
    """
    confirmations = "partner_code  order_no  confirmation\n P1  1  unpaid"
    result = audited(lines, **TABLES, finance=finance(balance="500"), confirmations=confirmations)
    assert found(result) == marked(lines)
    assert decisions(result) == ["return", "return", "pass"]


def test_deposit_short_once_on_the_partners_first_line() -> None:
    lines = """
        order_no  partner_code  unit_price
        1         P1            100
        2         P3            100         <- deposit-short info
        2         P3            99.96
        3         P3            100
    """
    accounts = "partner_code  balance  deposit\n P1  1000  -\n P3  1000  999.99"
    result = audited(lines, **TABLES, finance=accounts)
    assert found(result) == marked(lines)
    assert said(result, "deposit-short", "actual", "expected", "money") == [("999.99", "1000", "0.01")]


@pytest.mark.parametrize(("deposit", "short"), [("1000", False), ("1000.01", False), ("-", True), ("0", True)])
def test_deposit_short_at_its_edge(deposit: str, *, short: bool) -> None:
    accounts = f"partner_code  balance  deposit\n P3  1000  {deposit}"
    result = audited("partner_code  unit_price\n P3  100", **TABLES, finance=accounts)
    assert found(result) == ([("deposit-short", "info", 1)] if short else [])


def test_without_products_no_order_is_judged_unpaid() -> None:
    result = audited(
        "order_no  unit_price\n 1  100", partners=PARTNERS, finance=finance(balance="0", debt="1", overdue_days="99")
    )
    assert found(result) == [("indebted", "hold", 1)]
    assert "unpaid" in result.not_run


def test_outcomes_by_order() -> None:
    lines = "order_no  partner_code  unit_price\n 1  P1  100\n 2  P2  100\n 3  P9  100\n 4  P3  100"
    accounts = "partner_code  balance  deposit\n P1  100  -\n P3  -501  1000"
    result = audited(lines, **TABLES, finance=accounts)
    assert outcomes(result) == {"1": "paid", "2": "absent", "3": "unknown_partner", "4": "indebted"}
