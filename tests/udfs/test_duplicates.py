import pytest

from tests.frames import audited, column, decisions, found, marked, said
from udfs.wording import sentences

PARTNERS = """
    partner_code  partner_name  level
    P1            Rose          A
    P2            Lily          A
    P3            Iris          A
"""


def test_duplicate_line() -> None:
    lines = """
        order_no  product_code  quantity  unit_price  amount  line_type  campaign
        so1       A             10        9.5         95      paid       H1
        SO1       a             10        9.5         95      paid       h1        <- duplicate-line hold
        so1       B             10        9.5         95      paid       H1
        so1       A             10        9.5         95      paid       H1        <- duplicate-line hold
    """
    result = audited(lines)
    assert found(result) == marked(lines)
    assert decisions(result) == ["pass", "hold", "pass", "hold"]
    batch = next(batch for batch in result.findings if batch.rule == "duplicate-line")
    says, _ = sentences(batch, result.lines, None, "en")
    assert says[1] == "The same line stands at orders.xlsx · Sheet1 row 2; this one is set aside."


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("order_no", "so2"),
        ("partner_code", "P2"),
        ("product_code", "B"),
        ("quantity", "10.000001"),
        ("unit_price", "-"),
        ("unit_price", "9.51"),
        ("amount", "-"),
        ("amount", "95.01"),
        ("line_type", "-"),
        ("campaign", "-"),
        ("campaign", "H2"),
    ],
)
def test_a_line_that_differs_in_one_value_is_no_duplicate(name: str, value: str) -> None:
    line = {
        "order_no": "so1", "partner_code": "P1", "product_code": "A", "quantity": "10", "unit_price": "9.5",
        "amount": "95", "line_type": "paid", "campaign": "H1",
    }  # fmt: skip
    lines = "\n".join("  ".join(cells) for cells in (line, line.values(), {**line, name: value}.values()))
    assert found(audited(lines)) == []


def test_blank_equals_blank_and_other_columns_do_not_count() -> None:
    lines = """
        order_no  quantity  unit_price  remark  discount  order_date  source_file
        1         10        -           urgent  0.9       2026-11-20  a.xlsx
        1         10        -           -       -         -           b.xlsx    <- duplicate-line hold, order-in-two-files info
    """  # noqa: E501 - the marks stand beside their row
    assert found(audited(lines)) == marked(lines)


def test_a_duplicate_is_set_aside_from_prices_funds_and_stock() -> None:
    tables = {
        "partners": PARTNERS,
        "products": "product_code  product_name  list_price\n A  Mask  100",
        "finance": "partner_code  balance\n P1  150",
        "stock": "product_code  on_hand\n A  2",
    }
    lines = """
        order_no  quantity  unit_price
        1         2         60          <- discount-below-floor hold
        1         2         60          <- duplicate-line hold
    """
    result = audited(lines, **tables)
    assert found(result) == marked(lines)
    assert result.orders["amount"].tolist() == [12000]
    assert column(result, "reserved") == ["2", "0"]
    assert column(result, "short") == ["0", "0"]


def test_order_in_two_files_stands_on_its_first_line_in_each_further_file() -> None:
    lines = """
        order_no  product_code  source_file
        1         A             a.xlsx
        2         A             a.xlsx
        1         B             b.xlsx       <- order-in-two-files info
        1         C             b.xlsx
        1         D             c.csv        <- order-in-two-files info
        3         A             c.csv
    """
    result = audited(lines)
    assert found(result) == marked(lines)
    assert said(result, "order-in-two-files", "actual", "expected") == [("b.xlsx", "a.xlsx"), ("c.csv", "a.xlsx")]


def test_an_order_is_of_one_number_and_one_partner() -> None:
    lines = """
        order_no  partner_code  source_file
        1         P1            a.xlsx
        1         P9            b.xlsx       <- unknown-partner hold
    """
    assert found(audited(lines, partners=PARTNERS)) == marked(lines)


def test_order_two_partners_counts_known_ones_and_stands_on_every_line() -> None:
    lines = """
        order_no  partner_code  product_code
        1         P1            A             <- order-two-partners hold
        1         p2            A             <- order-two-partners hold
        1         P1            B             <- order-two-partners hold
        1         P9            A             <- order-two-partners hold, unknown-partner hold
        2         P3            A
        2         p3            B
        3         P3            A
        3         P9            A             <- unknown-partner hold
    """
    result = audited(lines, partners=PARTNERS)
    assert found(result) == marked(lines)
    assert said(result, "order-two-partners", "actual")[0] == ("P1、p2",)
