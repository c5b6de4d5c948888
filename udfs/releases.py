"""Which held findings did an approver release or send back? (domain.md §4, Releases)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import date

import numpy as np
import pandas as pd

from udfs.approvals import is_listed, limits, role_covers
from udfs.findings import HOLD, INFO, RETURN, Bools, Findings, Ints, found
from udfs.lookup import Days, Tables, code_key, name_key
from udfs.prices import floor_gap
from udfs.wording import Phrase, RuleName, phrase, plain, plains
from workbooks.labels import labels

FLOOR_RULE = "discount-below-floor"
NOT_AUTHORISED = "release-not-authorised"


def who_may(rule: str, lines: pd.DataFrame, tables: Tables) -> tuple[list[str], Bools]:
    """Return the roles of the approval limits, and for each line (row) whether each (column) may release the rule."""
    roles = list(dict.fromkeys(role for role, _, _ in limits(tables)))
    may = np.ones((len(lines), len(roles)), dtype=bool)
    if rule == FLOOR_RULE:
        gap = floor_gap(lines)
        for place, role in enumerate(roles):
            may[:, place] = role_covers(tables, role, gap)
    return roles, may


def named(roles: Sequence[str], may: Bools) -> list[str | Phrase]:
    """Return for each row the roles that may, joined, or the word for nobody."""
    joiner, names = labels().words["list_joiner"], np.array(roles, dtype=object)
    which, of_row = np.unique(may, axis=0, return_inverse=True)
    texts = [joiner.join(names[row]) or phrase("no_role") for row in which]
    return [texts[place] for place in of_row.ravel().tolist()]


def judged(batch: Findings) -> list[str]:
    """Return what each finding was judged by, as an approver sees it: its value, and the money at stake in CNY.

    A list that was answered releases the finding only while it says the same.
    """
    values = plains(batch.args["actual"]) if "actual" in batch.args else [""] * len(batch)
    money = [f"{fen / 100:,.2f}" for fen in batch.args["money"]] if "money" in batch.args else [""] * len(batch)
    joiner = labels().phrase("judged_joiner")
    return [joiner.join(part for part in parts if part) for parts in zip(values, money, strict=True)]


class Releases:
    """The rows of the release table, and which of them met a held finding.

    Built once per audit from the release table (or none); `apply` is called for each family of findings.
    """

    def __init__(self, tables: Tables, today: date) -> None:
        """Index the release table by rule and order number."""
        self.tables = tables
        self.today = today
        self.table = tables.get("releases")
        self.used: set[int] = set()
        self.of: dict[tuple[str, str], list[int]] = defaultdict(list)
        self.days: Days = np.empty(0, dtype="datetime64[D]")
        if self.table is None:
            return
        self.days = np.full(len(self.table), np.datetime64("NaT", "D"))
        if "as_of" in self.table:
            self.days = self.table["as_of"].to_numpy("datetime64[D]")
        codes = {name_key(said.name): code for code, said in labels().rules.items()}
        for row, (rule, order_no) in enumerate(zip(self.table["rule"], self.table["order_no"], strict=True)):
            written = name_key(str(rule))
            self.of[codes.get(written, written), code_key(str(order_no))].append(row)

    def apply(self, batches: Sequence[Findings], lines: pd.DataFrame) -> list[Findings]:
        """Return the batches as the releases leave them, with `release-not-authorised` where a role does not cover.

        A covering release makes a hold an info; sending back makes it a return, whatever the role, and goes first.
        """
        rules = {rule for rule, _ in self.of}
        answered = [self._apply(batch, lines) if batch.rule in rules else [batch] for batch in batches]
        return [batch for several in answered for batch in several if len(batch)]

    def _apply(self, batch: Findings, lines: pd.DataFrame) -> list[Findings]:
        effect, release = batch.effect.copy(), np.full(len(batch), -1, dtype=np.int64)
        refused: list[tuple[int, int]] = []
        table = self.table
        if table is None:
            return [batch]
        order_nos, products = lines["order_no"].to_numpy(object), lines["product_code"].to_numpy(object)
        partners, values = lines["partner_code"].to_numpy(object), judged(batch)
        for place in np.flatnonzero((batch.effect == HOLD) & (batch.at >= 0)).tolist():
            line = int(batch.at[place])
            of_order = self.of.get((batch.rule, code_key(order_nos[line])), [])
            asked = {"product_code": products[line], "partner_code": partners[line], "judged": values[place]}
            rows = self._newest([row for row in of_order if self._is_for(row, asked)])
            self.used.update(rows)
            sent_back = [row for row in rows if table["verdict"].iat[row] == "refuse"]
            covering = [row for row in rows if row not in sent_back and self._covers(batch.rule, row, lines, line)]
            if sent_back:
                effect[place], release[place] = RETURN, sent_back[0]
            elif covering:
                effect[place], release[place] = INFO, covering[0]
            elif rows:
                refused.append((line, rows[0]))
        answered = [batch.with_releases(effect, release)]
        return [*answered, self._not_authorised(batch.rule, refused, lines)] if refused else answered

    def _is_for(self, row: int, asked: Mapping[str, str]) -> bool:
        """Tell whether a release is for a finding: what it names of product, partner and judged value is the same."""
        if self.table is None:
            return False
        for name, value in asked.items():
            said = self.table[name].iat[row] if name in self.table else None
            key = name_key if name == "judged" else code_key
            if isinstance(said, str) and key(said) != key(value):
                return False
        return True

    def _newest(self, rows: list[int]) -> list[int]:
        """Return the releases without answers of an earlier day than the latest of them; those of no day all count."""
        days = self.days[rows]
        dated = days[~np.isnat(days)]
        latest = np.sort(dated)[-1:]
        return [row for row, day in zip(rows, days, strict=True) if np.isnat(day) or (latest == day).any()]

    def _covers(self, rule: str, row: int, lines: pd.DataFrame, line: int) -> bool:
        role = str(self.table["role"].iat[row]) if self.table is not None else ""
        if rule != FLOOR_RULE:
            return is_listed(self.tables, role)
        return bool(role_covers(self.tables, role, floor_gap(lines.iloc[[line]]))[0])

    def _not_authorised(self, rule: str, refused: Sequence[tuple[int, int]], lines: pd.DataFrame) -> Findings:
        """Return a hold on each line whose release came from a role that does not cover it."""
        table = self.table
        at = np.array([line for line, _ in refused], dtype=np.int64)
        rows = [row for _, row in refused]
        roles = [str(table["role"].iat[row]) for row in rows] if table is not None else []
        return Findings(
            NOT_AUTHORISED,
            at,
            np.full(len(at), HOLD),
            {
                "role": roles,
                "approver": [str(table["approver"].iat[row]) for row in rows] if table is not None else [],
                "other": [RuleName(rule)] * len(at),
                "actual": roles,
                "expected": list(named(*who_may(rule, lines.iloc[at], self.tables))),
                "why": [self._why(rule, role, lines, line) for role, (line, _) in zip(roles, refused, strict=True)],
            },
        )

    def _why(self, rule: str, role: str, lines: pd.DataFrame, line: int) -> Phrase:
        if not is_listed(self.tables, role) or rule != FLOOR_RULE:
            return phrase("not_listed")
        at = lines.iloc[[line]]
        gap = at["floor"].to_numpy(float)[0] - at["effective_discount"].to_numpy(float)[0]
        return phrase("over_limit", gap=plain(round(gap, 4)), money=f"{floor_gap(at).shortfall[0] / 100:,.2f}")

    def unused(self, lines: pd.DataFrame) -> Findings:
        """Return an info for each release that met no held finding; it stands on the release's own row."""
        table = self.table if self.table is not None else pd.DataFrame(columns=["order_no", "product_code", "rule"])
        old = self.days < np.datetime64(self.today, "D")  # an answer to an earlier day's list is done with
        rows = np.array([row for row in range(len(table)) if row not in self.used and not old[row]], dtype=np.int64)
        nothing: Bools = np.zeros(len(lines), dtype=bool)
        if not len(rows):
            return found("release-unused", nothing, INFO)
        at: Ints = np.full(len(rows), -1, dtype=np.int64)
        args = {
            "order_no": table["order_no"].to_numpy(object)[rows],
            "product_code": table["product_code"].fillna("").to_numpy(object)[rows],
            "actual": table["rule"].to_numpy(object)[rows],
            **{name: table[name].to_numpy(object)[rows] for name in ("source_file", "source_sheet", "source_row")},
        }
        return Findings("release-unused", at, np.full(len(rows), INFO), args, release=rows)
