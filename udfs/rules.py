"""The list of rules: every rule once, with its check, the tables it needs and the key it is independent by.

To add a rule: a pure function and its check in the file of its question, a line here, its sentences in
labels.toml, a test. The batch may run a rule on any partition of the lines that keeps its key together.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import pandas as pd

from udfs import campaigns, duplicates, funds, giveaways, order_lines, prices, stock
from udfs.findings import Findings
from udfs.lookup import Tables
from workbooks.schema import Policy

Check = Callable[[pd.DataFrame, Tables, Policy], Findings]
Family = Literal["line", "duplicates", "campaign", "price", "giveaways", "waits", "finance", "stock", "releases"]
Effect = Literal["info", "transfer", "hold", "return"]
Key = Literal["line", "order", "order_no", "partner", "product", "day"]


@dataclass(frozen=True)
class Rule:
    """One rule: its code, the family whose turn it runs in, its check, what it needs and what it is independent by.

    key: what it looks at together; "day": what reading noted of all lines, which no partition of them tells.
    effect: the gravest that its findings may have.
    partly: without these it sees only part of what it is about; it runs, and is named as not run all the same.
    A check takes lines, tables and policy (the family finance: orders, tables and policy). Rules of the family
    releases are found while the others are released and have no check of their own.
    """

    code: str
    family: Family
    check: Check | None
    needs: tuple[str, ...] = ()
    key: Key = "line"
    partly: tuple[str, ...] = ()
    effect: Effect = "hold"

    @property
    def optional(self) -> bool:
        """Tell whether its table is only given where there is something to say: its absence need not be warned of."""
        return self.family == "releases"


RULES: tuple[Rule, ...] = (
    Rule("unknown-partner", "line", order_lines.check_unknown_partner, ("partners",)),
    Rule("partner-closed", "line", order_lines.check_partner_closed, ("partners",)),
    Rule("unknown-product", "line", order_lines.check_unknown_product, ("products",)),
    Rule("product-discontinued", "line", order_lines.check_product_discontinued, ("products",), effect="transfer"),
    Rule("quantity-not-positive", "line", order_lines.check_quantity_not_positive),
    Rule("implausible-date", "line", order_lines.check_implausible_date),
    Rule("name-mismatch", "line", order_lines.check_name_mismatch, ("partners", "products"), effect="info"),
    Rule("region-mismatch", "line", order_lines.check_region_mismatch, ("partners",), effect="info"),
    Rule("cleaned-value", "line", order_lines.check_cleaned_value, key="day", effect="info"),
    Rule("total-mismatch", "line", order_lines.check_total_mismatch, key="day", effect="info"),
    Rule("not-full-carton", "line", order_lines.check_not_full_carton, ("products",), effect="info"),
    Rule("duplicate-line", "duplicates", duplicates.check_duplicate_line, key="order"),
    Rule("order-in-two-files", "duplicates", duplicates.check_order_in_two_files, key="order", effect="info"),
    Rule("order-two-partners", "duplicates", duplicates.check_order_two_partners, ("partners",), key="order_no"),
    Rule("campaign-unknown", "campaign", campaigns.check_campaign_unknown, ("policies",)),
    Rule("campaign-not-valid", "campaign", campaigns.check_campaign_not_valid, ("policies",)),
    Rule("price-missing", "price", prices.check_price_missing, ("products",)),
    Rule("price-mismatch", "price", prices.check_price_mismatch, ("products",)),
    Rule("amount-mismatch", "price", prices.check_amount_mismatch, ("products",)),
    Rule("price-above-list", "price", prices.check_price_above_list, ("products",), effect="info"),
    Rule("zero-price-not-giveaway", "price", prices.check_zero_price, ("products",)),
    Rule("discount-below-floor", "price", prices.check_discount_below_floor, ("products", "partners")),
    Rule("giveaway-without-campaign", "giveaways", giveaways.check_without_campaign),
    Rule("giveaway-priced", "giveaways", giveaways.check_priced),
    Rule("giveaway-exceeded", "giveaways", giveaways.check_exceeded, ("policies",), key="order"),
    Rule("giveaway-waits", "waits", giveaways.check_waits, ("policies",), key="order"),
    Rule("not-in-finance", "finance", funds.check_not_in_finance, ("partners", "finance"), key="partner"),
    Rule(
        "unpaid",
        "finance",
        funds.check_unpaid,
        ("partners", "finance"),
        key="partner",
        partly=("products",),
        effect="return",
    ),
    Rule("indebted", "finance", funds.check_indebted, ("partners", "finance"), key="partner", effect="return"),
    Rule("deposit-short", "finance", funds.check_deposit_short, ("partners", "finance"), key="partner", effect="info"),
    Rule(
        "short-stock",
        "stock",
        stock.check_short_stock,
        ("stock", "products", "partners"),
        key="product",
        effect="transfer",
    ),
    Rule("release-not-authorised", "releases", None, ("releases",)),
    Rule("release-unused", "releases", None, ("releases",), effect="info"),
)


def can_run(rule: Rule, tables: Tables) -> bool:
    """Tell whether every table that the rule needs was given."""
    return all(kind in tables for kind in rule.needs)


def missing_tables(rule: Rule, tables: Tables) -> tuple[str, ...]:
    """Return the kinds of table without which the rule did not run, or saw only part."""
    return tuple(kind for kind in (*rule.needs, *rule.partly) if kind not in tables)
