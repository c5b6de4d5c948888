"""Does the campaign a line names exist, and does it apply to the line? (domain.md §4, Campaign)."""

from __future__ import annotations

import re
import unicodedata

import numpy as np
import pandas as pd

from udfs.findings import HOLD, INFO, Bools, Findings, Ints, found
from udfs.lookup import CodeIndex, Days, Tables, code_key, keys, word_key
from udfs.wording import phrase
from workbooks.labels import labels
from workbooks.schema import Policy


def listed(text: object) -> frozenset[str]:
    """Return the words of a list in a cell, as compared; the empty set where the cell is blank."""
    if not isinstance(text, str):
        return frozenset()
    separators = unicodedata.normalize("NFKC", labels().words["list_separators"])
    words = re.split(f"[{re.escape(separators)}]", unicodedata.normalize("NFKC", text))
    return frozenset(word_key(word) for word in words if word.strip())


def _covers(wanted: list[frozenset[str]], *columns: pd.Series) -> Bools:
    """Return whether each list (rows) names any of each table row's words (columns); one more column, False, for -1."""
    everything = word_key(labels().words["everything"])
    words = [
        np.array([word_key(str(text)) for text in column.fillna("").to_list()], dtype=object) for column in columns
    ]
    size = len(columns[0]) if columns else 0
    covered = np.zeros((len(wanted) + 1, size + 1), dtype=bool)
    for row, names in enumerate(wanted):
        if everything in names:
            covered[row, :size] = True
        for column in words:
            covered[row, :size] |= np.isin(column, [*(names - {""})])
    return covered


class Campaigns:
    """The policy table, and what each campaign covers; built once per set of tables.

    Every question takes rows: of the policy table (-1: no such campaign), of the partner and product tables
    (-1: unknown; the contract asks level and product of known ones only, so that unknown ones fit).
    """

    def __init__(self, policies: pd.DataFrame, tables: Tables) -> None:
        """Index the policies against the partners and products of the tables, as far as these were given."""
        self.policies = policies
        self.codes = CodeIndex(policies["campaign"])
        never = np.datetime64("NaT", "D")
        self.start = np.append(policies["start"].to_numpy("datetime64[D]"), never)
        self.end = np.append(policies["end"].to_numpy("datetime64[D]"), never)
        self.levels = _levels(policies, tables.get("partners"))
        self.own, self.gifts = _products(policies, tables.get("products"))

    def on_time(self, policy: Ints, days: Days) -> Bools:
        """Tell where the campaign runs on the day, both ends included."""
        within: Bools = (self.start[policy] <= days) & (days <= self.end[policy])
        return within

    def level_fits(self, policy: Ints, partner: Ints) -> Bools:
        """Tell where the partner's level is among the campaign's (blank = all)."""
        answer: Bools = self.levels[policy, partner]
        return answer

    def product_fits(self, policy: Ints, product: Ints, gift: Bools) -> Bools:
        """Tell where the campaign applies to the product; of a giveaway: has it among its gifts."""
        answer: Bools = np.where(gift, self.gifts[policy, product], self.applies(policy, product))
        return answer

    def applies(self, policy: Ints, product: Ints) -> Bools:
        """Tell where the campaign applies to a product that is paid for."""
        answer: Bools = self.own[policy, product]
        return answer


def _levels(policies: pd.DataFrame, partners: pd.DataFrame | None) -> Bools:
    """Return per policy (rows; one more for -1) and partner (columns; one more for -1) whether the level fits."""
    if partners is None:
        return np.ones((len(policies) + 1, 1), dtype=bool)
    wanted = [listed(text) for text in policies["levels"].to_list()]
    fits = _covers(wanted, partners["level"])
    fits[[row for row, names in enumerate(wanted) if not names]] = True
    fits[:, -1] = True
    return fits


def _products(policies: pd.DataFrame, products: pd.DataFrame | None) -> tuple[Bools, Bools]:
    """Return per policy and product (each one more for -1) whether it applies, and whether it gives it away."""
    if products is None:
        everything = np.ones((len(policies) + 1, 1), dtype=bool)
        return everything, everything
    own = [listed(text) for text in policies["applies_to"].to_list()]
    gifts = [listed(text) or of_campaign for text, of_campaign in zip(policies["gifts"].to_list(), own, strict=True)]
    paid_fits = _covers(own, products["product_code"], products["category"])
    gift_fits = _covers(gifts, products["product_code"], products["category"])
    paid_fits[:, -1] = gift_fits[:, -1] = True
    return paid_fits, gift_fits


def judge(lines: pd.DataFrame, tables: Tables) -> pd.DataFrame:
    """Add to the lines: policy (row of the policy table, -1 none or unknown), campaign_valid and campaign_why.

    lines: looked up. A campaign is valid on a line within its dates, for a known partner's level and a known
    product (of a giveaway: among the gifts). campaign_why: the phrase that says why not ("" where it is valid or
    none is named). Without a policy table no campaign counts.
    """
    named = lines["campaign"].notna().to_numpy()
    why = np.full(len(lines), "", dtype=object)
    policies = tables.get("policies")
    if policies is None:
        why[named] = phrase("why_table")
        nothing = np.full(len(lines), -1, dtype=np.int64)
        return lines.assign(policy=nothing, campaign_valid=False, campaign_why=why)
    campaigns = Campaigns(policies, tables)
    codes, distinct = keys(lines["campaign"], code_key)
    policy = np.append(campaigns.codes.rows(distinct), -1)[codes]
    partner, gift = lines["partner"].to_numpy(), lines["giveaway"].to_numpy(bool)
    on_time = campaigns.on_time(policy, lines["date"].to_numpy("datetime64[D]"))
    level_fits = campaigns.level_fits(policy, partner)
    product_fits = campaigns.product_fits(policy, lines["product"].to_numpy(), gift)
    known = policy >= 0
    valid = known & on_time & level_fits & product_fits
    why[named & ~known] = phrase("why_unknown")
    why[known & ~product_fits & gift] = phrase("why_gift")
    why[known & ~product_fits & ~gift] = phrase("why_product")
    date = lines["date"].to_numpy()
    for row in np.flatnonzero(known & ~level_fits).tolist():
        why[row] = phrase("why_level", level=tables["partners"]["level"].array[partner[row]])
    start, end = policies["start"].to_numpy(), policies["end"].to_numpy()
    for row in np.flatnonzero(known & ~on_time).tolist():
        why[row] = phrase("why_dates", date=date[row], start=start[policy[row]], end=end[policy[row]])
    return lines.assign(policy=policy, campaign_valid=valid, campaign_why=why)


def _effect(lines: pd.DataFrame) -> Ints:
    """Return what a campaign that does not count means: a giveaway is held, a paid line stands at its own price."""
    return np.where(lines["giveaway"].to_numpy(bool), HOLD, INFO).astype(np.int64)


def _counted(lines: pd.DataFrame) -> Bools:
    counted: Bools = lines["campaign"].notna().to_numpy() & ~lines["aside"].to_numpy(bool)
    return counted


def check_campaign_unknown(lines: pd.DataFrame, _tables: Tables, _policy: Policy) -> Findings:
    """Find lines that name a campaign which is not in the policy table."""
    unknown = _counted(lines) & (lines["policy"].to_numpy() < 0)
    return found("campaign-unknown", unknown, _effect(lines), actual=lines["campaign"])


def check_campaign_not_valid(lines: pd.DataFrame, _tables: Tables, _policy: Policy) -> Findings:
    """Find lines whose campaign exists but does not apply: dates, level, product or gift."""
    invalid = _counted(lines) & (lines["policy"].to_numpy() >= 0) & ~lines["campaign_valid"].to_numpy(bool)
    return found("campaign-not-valid", invalid, _effect(lines), actual=lines["campaign"], why=lines["campaign_why"])
