import numpy as np
import pytest

from tests.frames import audited, column, decisions, found, marked, said, table
from udfs.stock import SCALE, available, eta_of, share_out
from workbooks.schema import Policy

PARTNERS = """
    partner_code  partner_name  level  status
    V             Very          VIP    -
    A             Ann           A      -
    B             Bea           b      -
    C             Cat           C      -
    O             Oda           S      -
    X             Xia           VIP    停用
"""
PRODUCTS = """
    product_code  product_name  list_price  status  valid_to
    A             Mask          100         -       -
    B             Cream         100         -       -
    E             Gone          100         停产    -
    P             Past          100         -       2020-01-01
"""
SUPPLY = """
    product_code  eta         quantity
    A             2026-12-05  10
    a             2026-11-25  5
    A             2026-12-01  5
    A             2026-12-01  0.5
"""
TABLES = {"partners": PARTNERS, "products": PRODUCTS}


def stock(on_hand: str, product: str = "A") -> str:
    """Return a stock table of one product."""
    return f"product_code  on_hand\n {product}  {on_hand}"


def test_available_is_on_hand_less_allocated_over_all_warehouses_never_below_nothing() -> None:
    rows = table(
        "stock",
        """
        product_code  warehouse  on_hand  allocated
        A             W1         10       3
        a             W2         -        4
        B             W1         5        9
        B             W2         3        -
        C             W1         0.1      -
        C             W2         0.2      0.3
        """,
    )
    assert available(rows) == {"A": 3 * SCALE, "B": 0, "C": 0}


def test_short_stock_takes_what_is_left() -> None:
    lines = """
        order_no  partner_code  quantity  unit_price
        1         A             4         100
        2         A             4         100         <- short-stock transfer
        3         A             4         100         <- short-stock transfer
    """
    result = audited(lines, **TABLES, stock=stock("6"))
    assert found(result) == marked(lines)
    assert column(result, "ship") == ["4", "2", "0"]
    assert column(result, "short") == ["0", "2", "4"]
    assert decisions(result) == ["pass", "transfer", "transfer"]
    assert said(result, "short-stock", "actual", "expected", "money") == [("2", "2", "200"), ("0", "4", "400")]


def test_all_or_nothing_without_partial_and_a_smaller_later_line_still_fits() -> None:
    lines = """
        order_no  partner_code  quantity  unit_price
        1         A             4         100
        2         A             4         100         <- short-stock transfer
        3         A             2         100
        4         A             0.1       100         <- short-stock transfer
    """
    result = audited(lines, Policy(partial=False), **TABLES, stock=stock("6"))
    assert found(result) == marked(lines)
    assert column(result, "ship") == ["4", "0", "2", "0"]


def test_the_queue_is_by_level_date_order_number_as_text_and_source_order() -> None:
    lines = """
        order_no  partner_code  order_date  quantity  unit_price  remark
        1         O             2026-11-01  1         100         8
        2         C             2026-11-01  1         100         7
        3         B             2026-11-01  1         100         6
        9         A             2026-11-20  1         100         5
        10        A             2026-11-20  1         100         3
        10        A             2026-11-20  2         100         4
        99        A             2026-11-19  1         100         2
        999       V             -           1         100         1
    """
    for left, served in (("2", "12"), ("3", "123"), ("5", "1234"), ("6", "12345"), ("7", "123456"), ("8", "1234567")):
        result = audited(lines, **TABLES, stock=stock(left))
        taken = zip(column(result, "remark"), column(result, "ship"), strict=True)
        assert sorted(turn for turn, ship in taken if ship != "0") == list(served)


def test_held_lines_come_after_passing_ones_and_what_they_take_is_reserved() -> None:
    lines = """
        order_no  partner_code  quantity  unit_price
        1         V             3         50          <- discount-below-floor hold, short-stock transfer
        2         O             3         100
        3         V             -1        100         <- quantity-not-positive hold
    """
    result = audited(lines, **TABLES, stock=stock("5"))
    assert found(result) == marked(lines)
    assert column(result, "ship") == ["0", "3", "0"]
    assert column(result, "reserved") == ["2", "0", "0"]
    assert column(result, "short") == ["1", "0", "0"]
    assert decisions(result) == ["hold", "pass", "hold"]


def test_a_transfer_of_its_whole_order_ships_with_the_passing_lines() -> None:
    lines = """
        order_no  partner_code  product_code  quantity  unit_price
        1         O             A             3         100
        1         O             E             1         100         <- product-discontinued transfer
        2         V             A             3         50          <- discount-below-floor hold, short-stock transfer
    """
    result = audited(lines, Policy(whole=True), **TABLES, stock=stock("3"))
    assert found(result) == marked(lines)
    assert column(result, "ship") == ["3", "0", "0"]
    assert decisions(result) == ["transfer", "transfer", "hold"]


def test_whole_holds_back_what_its_order_holds() -> None:
    lines = """
        order_no  partner_code  product_code  quantity  unit_price
        1         V             A             3         100         <- short-stock transfer
        1         V             B             1         50          <- discount-below-floor hold
        2         O             A             3         100
    """
    tables = {**TABLES, "stock": "product_code  on_hand\n A  3\n B  9"}
    result = audited(lines, Policy(whole=True), **tables)
    assert found(result) == marked(lines)
    assert column(result, "ship") == ["0", "0", "3"]
    assert column(result, "reserved") == ["0", "1", "0"]
    assert decisions(result) == ["hold", "hold", "pass"]
    assert decisions(audited(lines, **tables)) == ["pass", "hold", "transfer"]


def test_discontinued_lines_are_short_by_all_their_quantity_without_a_finding() -> None:
    lines = """
        order_no  partner_code  product_code  quantity  unit_price
        1         A             E             3         100         <- product-discontinued transfer
        2         A             E             3         50          <- product-discontinued transfer, discount-below-floor hold
        3         X             E             3         100         <- product-discontinued transfer, partner-closed hold
        4         A             E             -3        100         <- product-discontinued transfer, quantity-not-positive hold
    """  # noqa: E501 - the marks stand beside their row
    result = audited(lines, **TABLES, stock=stock("99", "E"))
    assert found(result) == marked(lines)
    assert column(result, "short") == ["3", "3", "3", "0"]
    assert column(result, "ship") == ["0", "0", "0", "0"]


def test_returned_unknown_and_closed_lines_ask_for_no_stock() -> None:
    lines = """
        order_no  partner_code  product_code  quantity  unit_price
        1         C             A             1         100         <- unpaid return
        1         C             E             1         100         <- product-discontinued transfer
        2         X             A             1         100         <- partner-closed hold, not-in-finance hold
        3         Z             A             1         100         <- unknown-partner hold
        4         V             Z             1         100         <- unknown-product hold
        4         V             P             1         100         <- unknown-product hold
        4         V             A             1         100         <- short-stock transfer
    """
    accounts = "partner_code  balance  confirmation\n C  0  unpaid\n V  1000  -"
    tables = {**TABLES, "stock": "product_code  on_hand\n A  0\n P  5\n Z  5"}
    result = audited(lines, **tables, finance=accounts)
    assert found(result) == marked(lines)
    assert [float(text) for text in column(result, "short")] == [0, 0, 0, 0, 0, 0, 1]
    assert set(column(result, "ship")) == set(column(result, "reserved")) == {"0"}


def test_giveaways_ask_for_stock_too() -> None:
    policies = "campaign  applies_to  start  end  buy_qty  free_qty\n H  全部  2026-11-01  2026-11-30  1  1"
    lines = """
        order_no  partner_code  campaign  line_type  quantity  unit_price
        1         A             H         paid       2         100
        1         A             H         giveaway   2         -           <- short-stock transfer
    """
    result = audited(lines, **TABLES, policies=policies, stock=stock("3"))
    assert found(result) == marked(lines)
    assert said(result, "short-stock", "expected", "money") == [("1", "0")]


def test_the_eta_covers_the_cumulative_shortage_of_the_queue() -> None:
    lines = """
        order_no  partner_code  product_code  quantity  unit_price
        1         V             A             5           100         <- short-stock transfer
        2         A             A             5.5         100         <- short-stock transfer
        3         B             A             0.000001    100         <- short-stock transfer
        4         C             A             9.999999    100         <- short-stock transfer
        5         O             A             0.1         100         <- short-stock transfer
        6         O             B             1           100         <- short-stock transfer
    """
    result = audited(lines, **TABLES, stock=stock("0"), supply=SUPPLY)
    assert found(result) == marked(lines)
    assert said(result, "short-stock", "eta") == [
        ("2026-11-25",), ("2026-12-01",), ("2026-12-05",), ("2026-12-05",), ("未定",), ("未定",),
    ]  # fmt: skip


def test_the_shortage_of_held_lines_counts_in_the_queue_for_supply() -> None:
    lines = """
        order_no  partner_code  quantity  unit_price
        1         V             5         50          <- discount-below-floor hold, short-stock transfer
        2         O             5         100         <- short-stock transfer
    """
    result = audited(lines, **TABLES, stock=stock("0"), supply=SUPPLY)
    assert found(result) == marked(lines)
    assert said(result, "short-stock", "eta") == [("2026-12-01",), ("2026-11-25",)]


def test_without_supply_replies_stock_is_still_shared_out() -> None:
    result = audited("partner_code  quantity  unit_price\n A  3  100", **TABLES, stock=stock("1"))
    assert said(result, "short-stock", "eta") == [("未定",)]
    assert "short-stock" not in result.not_run


def test_without_stock_nothing_ships_and_the_rule_did_not_run() -> None:
    lines = """
        partner_code  product_code  quantity  unit_price
        A             A             3         100
        A             E             3         100         <- product-discontinued transfer
    """
    result = audited(lines, **TABLES)
    assert found(result) == marked(lines)
    assert result.not_run["short-stock"] == ("stock",)
    assert column(result, "ship") == ["0", "0"]
    assert column(result, "short") == ["0", "3"]


def test_tenths_leave_no_dust() -> None:
    lines = """
        order_no  partner_code  quantity  unit_price
        1         A             0.1       100
        2         A             0.2       100
        3         A             0.000001  100         <- short-stock transfer
    """
    result = audited(lines, **TABLES, stock="product_code  on_hand  allocated\n A  0.7  0.4")
    assert found(result) == marked(lines)


def test_share_out_of_nothing() -> None:
    nothing = np.array([], dtype=np.int64)
    assert share_out(nothing, nothing, nothing, partial=True).tolist() == []


@pytest.mark.parametrize(("partial", "taken"), [(True, [3, 2, 0, 4, 1]), (False, [3, 0, 2, 4, 0])])
def test_share_out(taken: list[int], *, partial: bool) -> None:
    product, demand = np.array([0, 0, 0, 1, 1]), np.array([3, 3, 2, 4, 2])
    assert share_out(product, demand, np.array([5, 5, 5, 5, 5]), partial=partial).tolist() == taken


def test_a_negative_reply_makes_no_earlier_date() -> None:
    days = np.array(["2026-12-01", "2026-12-02", "2026-12-03"], dtype="datetime64[D]")
    cumulative = np.array([5, 2, 9])
    assert [str(day) for day in eta_of(np.array([1, 3, 6, 10]), (cumulative, days))] == [
        "2026-12-01", "2026-12-01", "2026-12-03", "NaT",
    ]  # fmt: skip
