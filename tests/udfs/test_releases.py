import pytest

from tests.frames import audited, column, decisions, found, marked, said, table
from udfs.wording import sentences

PARTNERS = "partner_code  partner_name  level  contract_discount\n P1  Rose  A  0.9\n P2  Lily  A  0.9"
PRODUCTS = "product_code  product_name  list_price\n A  Mask  100\n B  Cream  100"
APPROVALS = "role  max_gap  max_amount\n clerk  0.02  50\n manager  0.05  1000\n director  0.1  -"
POLICIES = "campaign  applies_to  start  end  buy_qty  free_qty\n TEN  全部  2026-11-01  2026-11-30  10  1"
TABLES = {"partners": PARTNERS, "products": PRODUCTS, "approvals": APPROVALS}


def releases(*rows: str) -> str:
    """Return a release table of such rows: order number, product or -, rule, verdict, role."""
    head = "order_no  product_code  rule  verdict  role  approver  reason"
    return "\n".join([head, *(f"{'  '.join(row.split())}  Li  agreed" for row in rows)])


def test_a_covering_role_makes_the_hold_an_info_of_that_product_alone() -> None:
    lines = """
        order_no  product_code  quantity  unit_price
        so1       A             10        85          <- discount-below-floor info
        so1       B             10        85          <- discount-below-floor hold
        so2       A             10        85          <- discount-below-floor hold
    """
    result = audited(lines, **TABLES, releases=releases("SO1 a discount-below-floor release manager"))
    assert found(result) == marked(lines)
    assert decisions(result) == ["pass", "hold", "hold"]


def test_a_blank_product_is_the_whole_order() -> None:
    lines = """
        order_no  product_code  unit_price
        1         A             85          <- discount-below-floor info
        1         B             85          <- discount-below-floor info
    """
    result = audited(lines, **TABLES, releases=releases("1 - discount-below-floor release manager"))
    assert found(result) == marked(lines)


def test_the_rule_may_be_named_in_words() -> None:
    lines = """
        order_no  unit_price
        1         85          <- discount-below-floor info
    """
    assert found(audited(lines, **TABLES, releases=releases("1 - 折扣低于下限 release manager"))) == marked(lines)


@pytest.mark.parametrize(
    ("quantity", "price", "role", "covered"),
    [
        ("25", "88", "clerk", True),  # gap 0.02, 50 CNY
        ("25.1", "88", "clerk", False),  # 50.20 CNY
        ("1", "87.99", "clerk", False),  # gap 0.0201
        ("1", "87.99", "Manager", True),
        ("1000", "80", "director", True),
        ("1", "79.99", "director", False),
        ("1", "88", "guest", False),
    ],
)
def test_a_role_covers_gap_and_shortfall_or_the_hold_stays(
    quantity: str, price: str, role: str, *, covered: bool
) -> None:
    result = audited(
        f"quantity  unit_price\n {quantity}  {price}",
        **TABLES,
        releases=releases(f"1 - discount-below-floor release {role}"),
    )
    assert found(result) == (
        [("discount-below-floor", "info", 1)]
        if covered
        else [("discount-below-floor", "hold", 1), ("release-not-authorised", "hold", 1)]
    )


def test_why_a_release_does_not_count() -> None:
    lines = "order_no  quantity  unit_price\n 1  25.1  88\n 2  1  88"
    result = audited(
        lines,
        **TABLES,
        releases=releases("1 - discount-below-floor release clerk", "2 - discount-below-floor release guest"),
    )
    assert said(result, "release-not-authorised", "role", "approver", "why", "expected") == [
        ("clerk", "Li", "折扣差 0.02、金额 50.20 元超出权限", "manager、director"),
        ("guest", "Li", "岗位不在折扣权限里", "clerk、manager、director"),
    ]


def test_any_listed_role_releases_the_other_rules() -> None:
    lines = """
        order_no  unit_price
        1         -           <- price-missing info
        2         -           <- price-missing hold, release-not-authorised hold
        3         -           <- price-missing hold
    """
    rows = releases("1 - price-missing release clerk", "2 - price-missing release guest")
    assert found(audited(lines, **TABLES, releases=rows)) == marked(lines)


def test_without_approvals_no_role_is_listed() -> None:
    tables = {"partners": PARTNERS, "products": PRODUCTS}
    lines = """
        order_no  unit_price
        1         -           <- price-missing hold, release-not-authorised hold
    """
    assert found(audited(lines, **tables, releases=releases("1 - price-missing release director"))) == marked(lines)


def test_one_covering_role_among_several_is_enough() -> None:
    lines = """
        order_no  unit_price
        1         85          <- discount-below-floor info
    """
    rows = releases("1 - discount-below-floor release clerk", "1 A discount-below-floor release manager")
    assert found(audited(lines, **TABLES, releases=rows)) == marked(lines)


def test_sent_back_is_a_return_whatever_the_role_and_goes_first() -> None:
    lines = """
        order_no  product_code  unit_price
        1         A             85          <- discount-below-floor return
        1         B             90
        2         A             -           <- price-missing return
    """
    rows = releases(
        "1 A discount-below-floor release director",
        "1 A discount-below-floor refuse guest",
        "2 - price-missing refuse guest",
    )
    result = audited(lines, **TABLES, releases=rows)
    assert found(result) == marked(lines)
    assert decisions(result) == ["return", "pass", "return"]


def test_release_unused() -> None:
    lines = """
        order_no  product_code  unit_price
        1         A             90
        2         B             85          <- discount-below-floor hold
        3         A             110         <- price-above-list info
                                            <- release-unused info, release-unused info, release-unused info
                                            <- release-unused info
    """
    rows = releases(
        "1 - discount-below-floor release manager",  # the price is right now
        "2 A discount-below-floor release manager",  # another product
        "3 - price-above-list release manager",  # an info needs no release
        "9 - nonsense release manager",
    )
    result = audited(lines, **TABLES, releases=rows)
    assert found(result) == marked(lines)
    assert said(result, "release-unused", "order_no", "product_code", "actual", "source_row") == [
        ("1", "", "discount-below-floor", "2"),
        ("2", "A", "discount-below-floor", "3"),
        ("3", "", "price-above-list", "4"),
        ("9", "", "nonsense", "5"),
    ]


def test_a_release_that_is_not_authorised_is_not_unused() -> None:
    rows = releases("1 - price-missing release guest")
    assert "release-unused" not in {rule for rule, _, _ in found(audited("unit_price\n -", **TABLES, releases=rows))}


@pytest.mark.parametrize(
    ("verdict", "role", "effect", "decision"),
    [
        ("release", "clerk", "info", ["pass", "pass"]),
        ("release", "guest", "hold", ["hold", "hold"]),
        ("refuse", "guest", "return", ["return", "return"]),
    ],
)
def test_finance_findings_are_released_too(verdict: str, role: str, effect: str, decision: list[str]) -> None:
    lines = "order_no  quantity  unit_price\n 1  1  100\n 1  2  100"
    result = audited(
        lines,
        **TABLES,
        finance="partner_code  balance\n P1  0",
        releases=releases(f"1 - unpaid {verdict} {role}"),
    )
    assert ("unpaid", effect, 1) in found(result)
    assert decisions(result) == decision


def test_what_finance_itself_returns_no_release_brings_back() -> None:
    lines = """
        order_no  unit_price
        1         100         <- unpaid return
                              <- release-unused info
    """
    accounts = "partner_code  balance  confirmation\n P1  900  unpaid"
    result = audited(lines, **TABLES, finance=accounts, releases=releases("1 - unpaid release director"))
    assert found(result) == marked(lines)


def test_a_released_paid_line_lets_its_giveaways_go() -> None:
    lines = """
        order_no  campaign  line_type  quantity  unit_price
        1         TEN       paid       10        85          <- discount-below-floor info
        1         TEN       giveaway   1         -
        2         TEN       paid       10        85          <- discount-below-floor hold
        2         TEN       giveaway   1         -           <- giveaway-waits info
    """
    rows = releases("1 - discount-below-floor release manager", "2 - giveaway-waits release clerk")
    result = audited(lines, **TABLES, policies=POLICIES, releases=rows)
    assert found(result) == marked(lines)
    assert decisions(result) == ["pass", "pass", "hold", "pass"]


def test_a_released_duplicate_counts_in_funds_and_stock() -> None:
    lines = """
        order_no  quantity  unit_price
        1         2         100
        1         2         100         <- duplicate-line info
    """
    result = audited(
        lines,
        **TABLES,
        stock="product_code  on_hand\n A  4",
        finance="partner_code  balance\n P1  400",
        releases=releases("1 - duplicate-line release clerk"),
    )
    assert found(result) == marked(lines)
    assert result.orders["amount"].tolist() == [40000]
    assert column(result, "ship") == ["2", "2"]


def test_a_released_hold_goes_before_the_held_in_funds_and_stock() -> None:
    lines = """
        order_no  quantity  unit_price
        1         1         85          <- discount-below-floor hold, unpaid hold, short-stock transfer
        2         1         85          <- discount-below-floor info
    """
    result = audited(
        lines,
        **TABLES,
        stock="product_code  on_hand\n A  1",
        finance="partner_code  balance\n P1  100",
        releases=releases("2 - discount-below-floor release manager"),
    )
    assert found(result) == marked(lines)
    assert column(result, "ship") == ["0", "1"]


def test_the_sentence_names_who_decided_and_why() -> None:
    rows = table("releases", releases("1 - price-missing release clerk", "2 - price-missing refuse director"))
    result = audited("order_no  unit_price\n 1  -\n 2  -", **TABLES, releases=rows)
    (batch,) = [batch for batch in result.findings if batch.rule == "price-missing"]
    says, _ = sentences(batch, result.lines, rows, "en")
    assert says == [
        "Neither unit price nor amount is given. (released by clerk Li: agreed)",
        "Neither unit price nor amount is given. (sent back by director Li: agreed)",
    ]


def test_a_release_without_a_reason_says_so() -> None:
    rows = table("releases", releases("1 - price-missing release clerk").replace("agreed", "-"))
    result = audited("order_no  unit_price\n 1  -", **TABLES, releases=rows)
    says, _ = sentences(result.findings[0], result.lines, rows, "zh")
    assert says == ["单价和金额都没有填，无法核价。（已由“clerk”Li放行：未写理由）"]


def test_without_releases_the_rules_did_not_run() -> None:
    result = audited("unit_price\n 100", **TABLES)
    assert {"release-not-authorised", "release-unused"} <= set(result.not_run)
