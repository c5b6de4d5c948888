"""Does the campaign a line names exist, and does it apply to the line? (domain.md §4, Campaign)."""

from __future__ import annotations

import re
import unicodedata

import numpy as np
import pandas as pd

from udfs.findings import HOLD, INFO, Bools, Findings, Ints, found
from udfs.lookup import Tables, find, word_key
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
    policy = find(lines["campaign"], policies["campaign"])
    on_time = _on_time(lines, policies, policy)
    level_fits = _level_fits(lines, tables, policies, policy)
    product_fits = _product_fits(lines, tables, policies, policy)
    known = policy >= 0
    valid = known & on_time & level_fits & product_fits
    why[named & ~known] = phrase("why_unknown")
    gift = lines["giveaway"].to_numpy(bool)
    why[known & ~product_fits & gift] = phrase("why_gift")
    why[known & ~product_fits & ~gift] = phrase("why_product")
    partner, date = lines["partner"].to_numpy(), lines["date"].to_numpy()
    for row in np.flatnonzero(known & ~level_fits).tolist():
        why[row] = phrase("why_level", level=tables["partners"]["level"].array[partner[row]])
    start, end = policies["start"].to_numpy(), policies["end"].to_numpy()
    for row in np.flatnonzero(known & ~on_time).tolist():
        why[row] = phrase("why_dates", date=date[row], start=start[policy[row]], end=end[policy[row]])
    return lines.assign(policy=policy, campaign_valid=valid, campaign_why=why)


def _on_time(lines: pd.DataFrame, policies: pd.DataFrame, policy: Ints) -> Bools:
    day = lines["date"].to_numpy("datetime64[D]")
    never = np.datetime64("NaT", "D")
    start = np.append(policies["start"].to_numpy("datetime64[D]"), never)[policy]
    end = np.append(policies["end"].to_numpy("datetime64[D]"), never)[policy]
    within: Bools = (start <= day) & (day <= end)
    return within


def _level_fits(lines: pd.DataFrame, tables: Tables, policies: pd.DataFrame, policy: Ints) -> Bools:
    """Unknown partners fit: the contract asks the level of known partners only."""
    partners = tables.get("partners")
    if partners is None:
        return np.ones(len(lines), dtype=bool)
    wanted = [listed(text) for text in policies["levels"].to_list()]
    fits = _covers(wanted, partners["level"])
    fits[[row for row, names in enumerate(wanted) if not names]] = True
    fits[:, -1] = True
    answer: Bools = fits[policy, lines["partner"].to_numpy()]
    return answer


def _product_fits(lines: pd.DataFrame, tables: Tables, policies: pd.DataFrame, policy: Ints) -> Bools:
    """Unknown products fit: the contract asks this of known products only."""
    products = tables.get("products")
    if products is None:
        return np.ones(len(lines), dtype=bool)
    own = [listed(text) for text in policies["applies_to"].to_list()]
    gifts = [listed(text) or of_campaign for text, of_campaign in zip(policies["gifts"].to_list(), own, strict=True)]
    paid_fits = _covers(own, products["product_code"], products["category"])
    gift_fits = _covers(gifts, products["product_code"], products["category"])
    paid_fits[:, -1] = gift_fits[:, -1] = True
    product = lines["product"].to_numpy()
    answer: Bools = np.where(lines["giveaway"].to_numpy(bool), gift_fits[policy, product], paid_fits[policy, product])
    return answer


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
