import pandas as pd
import pytest

from udfs.reruns import changed_orders

NAMES = ["order_no", "partner_code", "region", "decision", "rules"]


def lines(text: str) -> pd.DataFrame:
    """Return merged lines written out: order, partner, decision, findings."""
    rows = [line.split() for line in text.strip().splitlines()]
    return pd.DataFrame(
        [[order, partner, "华东", decision, rules.replace("-", "")] for order, partner, decision, rules in rows],
        columns=NAMES,
        dtype=object,
    )


@pytest.mark.parametrize(
    ("before", "after", "row"),
    [
        ("1 P hold 没款", "1 P pass -", ("released", "hold", "pass", "没款", "")),
        ("1 P hold 没款", "1 P return 没款", ("returned", "hold", "return", "", "")),
        ("1 P return 没款", "1 P hold 重复行", ("released", "return", "hold", "没款", "重复行")),
        ("1 P pass -", "1 P hold 没款", ("held", "pass", "hold", "", "没款")),
        ("1 P pass -", "1 P transfer 缺货", ("changed", "pass", "transfer", "", "缺货")),
        ("1 P pass 不足整箱", "1 P pass -", ("changed", "pass", "pass", "不足整箱", "")),
        ("1 P hold 重复行\n1 P hold 没款", "1 P hold 没款\n1 P pass -", ("changed", "hold", "hold", "重复行", "")),
        ("1 P pass -", "1 P pass -\n2 P hold 没款", ("new", None, "hold", "", "没款")),
        ("1 P pass -\n2 P hold 没款、重复行", "1 P pass -", ("gone", "hold", None, "没款、重复行", "")),
        ("1 P hold 没款", "1 Q pass -\n1 P hold 没款", ("new", None, "pass", "", "")),
    ],
)
def test_how_an_order_changed(before: str, after: str, row: tuple[str, str | None, str | None, str, str]) -> None:
    [changed] = changed_orders(lines(before), lines(after)).to_dict("records")
    assert tuple(changed[name] for name in ("kind", "before", "after", "resolved", "found")) == row


def test_the_same_orders_in_any_case_have_not_changed() -> None:
    assert changed_orders(lines("so1 p1 hold 没款、重复行"), lines("SO1 P1 hold 重复行、没款")).empty
    assert changed_orders(lines(""), lines("")).empty
