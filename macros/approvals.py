"""What waits for an approver, as a sheet to fill in and put back; and the record of who released what."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date

import numpy as np
import numpy.typing as npt
import pandas as pd

from macros.results import FOR_MONEY, partner_texts
from udfs.approvals import limits
from udfs.audit import Audit
from udfs.findings import EFFECTS, HOLD, INFO, RETURN
from udfs.lookup import Tables, code_key, keys, name_key, order_keys
from udfs.order_lines import texts
from udfs.releases import named, who_may
from udfs.wording import plain
from workbooks.labels import labels
from workbooks.layout import LAYOUTS
from workbooks.writing.book import Table as Sheet

ANSWER = ("verdict", "approver", "role", "approved_on", "reason")
"""The columns of the list that an approver fills in."""
RECORD_KEY = ("order_no", "product_code", "rule", "verdict", "approver", "role", "approved_on", "reason")
"""What makes one entry of the record."""
ACTED = ("released", "refused")
MOST_LISTED = 255  # characters of a drop-down's list that Excel takes


def pending_rows(audit: Audit, tables: Tables, findings: pd.DataFrame, today: date) -> pd.DataFrame:
    """Return the rows of the list of what waits, in source order.

    One row per order, partner, product, rule and judged value: an answer is for these alone. A finding on a whole order
    has no product: one answer is for all its lines. Of lines that are alike in all of these the first is shown, with
    their number and the sum of the money.
    """
    held = findings[(findings["effect"] == EFFECTS[HOLD]) & (findings["rule"] != "release-not-authorised")]
    held = held[held["at"] >= 0].reset_index(drop=True)
    lines = audit.lines.iloc[held["at"].to_numpy(np.int64)]
    whole = held["rule"].isin({batch.rule for batch in audit.findings if batch.whole_order}).to_numpy(bool)
    held["product_code"] = held["product_code"].where(~whole, None)
    products = tables.get("products")
    if products is not None:
        held["product_name"] = texts(products, "product_name", lines["product"].to_numpy())
    else:
        held["product_name"] = None
    held["product_name"] = held["product_name"].where(~whole, None)
    held["partner_name"] = partner_texts(lines["partner"].to_numpy(), tables, "partner_name")
    alike = [keys(held[name].fillna(""), code_key)[0] for name in ("order_no", "partner_code", "product_code")]
    group = held.groupby([*alike, held["rule"], held["judged"]], sort=False).ngroup().to_numpy().astype(np.int64)
    shown = held.loc[~pd.Series(group).duplicated().to_numpy()].reset_index(drop=True)
    shown["lines"] = np.bincount(group, minlength=len(shown))
    shown["money"] = held["money"].groupby(group).sum(min_count=1).to_numpy(float).round(2)
    shown["may"] = _may(held, lines, group, tables)
    shown["rule"] = shown["rule_name"]
    blank = dict.fromkeys(ANSWER) | {"as_of": pd.Timestamp(today)}
    return shown.assign(**blank).astype({"approved_on": "datetime64[s]"})


def _may(held: pd.DataFrame, lines: pd.DataFrame, group: npt.NDArray[np.int64], tables: Tables) -> list[str]:
    """Return for each row shown who may answer: the roles that cover every line it stands for."""
    said = labels()
    may: dict[int, str] = {}
    for rule in held["rule"].unique():
        of_rule = (held["rule"] == rule).to_numpy()
        roles, covers = who_may(str(rule), lines[of_rule], tables)
        places, number = np.unique(group[of_rule], return_inverse=True)
        of_all = np.ones((len(places), len(roles)), dtype=bool)
        np.logical_and.at(of_all, number, covers)
        for place, name in zip(places.tolist(), named(roles, of_all), strict=True):
            text = plain(name)
            may[place] = said.phrase("finance_or", roles=text) if rule in FOR_MONEY else text
    return [may[place] for place in range(len(may))]


def pending_sheet(rows: pd.DataFrame, tables: Tables) -> Sheet:
    """Return the list as a sheet whose drop-downs offer the team's own roles."""
    layout = LAYOUTS["pending"]
    roles = tuple(dict.fromkeys(role for role, _, _ in limits(tables)))
    if roles and len(",".join(roles)) <= MOST_LISTED and all(map(_listable, roles)):
        layout = replace(layout, choices={**layout.choices, "role": roles})
    return Sheet(layout, rows)


def _listable(role: str) -> bool:
    """Tell whether a drop-down can offer a role as it is: Excel reads its list as a formula, commas between."""
    return role.isprintable() and not role.startswith("=") and not any(sign in role for sign in (",", '"', "_x"))


def answers(audit: Audit) -> dict[tuple[str, str], str]:
    """Return what approvers and finance have said of orders, by order and partner code as compared."""
    said, told = labels(), dict[tuple[str, str], dict[str, None]]()
    order_of = order_keys(audit.lines)
    for batch in audit.findings:
        if batch.release is None or batch.rule == "release-unused":
            continue
        for place in np.flatnonzero(batch.release >= 0).tolist():
            verdict = said.words["verdict"]["refuse" if batch.effect[place] == RETURN else "release"]
            text = said.phrase("answered", name=said.rules[batch.rule].name, verdict=verdict)
            told.setdefault(order_of[batch.at[place]], {})[text] = None
    orders = audit.orders
    for first, word in zip(orders["first"].tolist(), orders["confirmation"], strict=True):
        if word:
            text = said.phrase("answered_finance", verdict=said.words["confirmation"][word])
            told.setdefault(order_of[first], {})[text] = None
    return {key: said.words["list_joiner"].join(texts) for key, texts in told.items()}


def record_rows(audit: Audit, tables: Tables, earlier: Sequence[pd.DataFrame], today: date) -> pd.DataFrame:
    """Return the record of approvals: what earlier runs recorded, and the releases given now with what they did.

    earlier: the records of earlier runs, the oldest first. An entry stands once, under the day it was first recorded;
    what it did once stays said, also when it no longer meets anything.
    """
    names = [column.name for column in LAYOUTS["approvals"].columns]
    parts = [*earlier, _given(audit, tables, today)]
    rows = pd.concat([part.reindex(columns=names).astype(object) for part in parts], ignore_index=True)
    keys = rows[list(RECORD_KEY)].map(lambda value: name_key(plain(None if pd.isna(value) else value)))
    key = keys.groupby(list(RECORD_KEY), sort=False).ngroup().to_numpy()
    acted = rows["outcome"].isin(ACTED).to_numpy()
    first = ~pd.Series(key).duplicated().to_numpy()
    shown = rows[first].reset_index(drop=True)
    later = np.flatnonzero(acted & ~first)
    did = dict(zip(key[later].tolist(), rows["outcome"].iloc[later], strict=True))
    outcomes = enumerate(shown["outcome"])
    shown["outcome"] = [said if said in ACTED else did.get(place, said) for place, said in outcomes]
    shown["source_row"] = pd.to_numeric(shown["source_row"]).astype(float)
    for name in ("recorded", "approved_on"):
        shown[name] = pd.to_datetime(shown[name])
    return shown


def _given(audit: Audit, tables: Tables, today: date) -> pd.DataFrame:
    """Return the releases that were given, each with what it did."""
    given = tables.get("releases")
    if given is None:
        return pd.DataFrame()
    outcome = np.full(len(given), "not_counted", dtype=object)
    for batch in audit.findings:
        if batch.release is None:
            continue
        if batch.rule == "release-unused":
            outcome[batch.release] = "unused"
        for effect, word in ((INFO, "released"), (RETURN, "refused")):
            acted = (batch.effect == effect) & (batch.release >= 0) & (batch.rule != "release-unused")
            outcome[batch.release[acted]] = word
    names: Mapping[str, str] = {code: said.name for code, said in labels().rules.items()}
    rule = given["rule"].map(lambda text: names.get(str(text).strip().lower(), str(text)))
    return given.assign(recorded=pd.Timestamp(today), rule=rule, outcome=outcome)
