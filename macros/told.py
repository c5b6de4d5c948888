"""What is said of order lines: every finding of each, those that hold its whole order too, joined into one text."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import numpy.typing as npt
import pandas as pd

from macros.audit import Report
from udfs.findings import EFFECTS, HOLD, INFO, Bools, Ints
from udfs.lookup import code_key
from workbooks.labels import labels

Objects = npt.NDArray[np.object_]


@dataclass(frozen=True)
class Told:
    """What is said of some lines: a row per line and finding, line by line and the gravest first.

    line: which of the lines. finding: a row of the findings; -1: held by its order alone (the setting `whole`).
    effect: how grave, INFO .. RETURN. lines: how many lines there are.
    """

    line: Ints
    finding: Ints
    effect: Ints
    lines: int

    def only(self, kept: Bools) -> Told:
        """Return some of the rows."""
        return Told(self.line[kept], self.finding[kept], self.effect[kept], self.lines)

    def joined(self, texts: Objects) -> list[str]:
        """Return per line the texts of its rows, one below the other, each once; texts: one per row, "" is none."""
        codes = pd.factorize(texts)[0]
        repeated = pd.Series(self.line * (len(texts) + 1) + codes).duplicated().to_numpy()
        kept = ~repeated & (texts != "")
        said = texts[kept].tolist()
        ends = np.searchsorted(self.line[kept], np.arange(self.lines + 1)).tolist()
        return ["\n".join(said[first:last]) for first, last in pairwise(ends)]


def told(report: Report, wanted: Bools) -> Told:
    """Return what is said of the lines wanted; what holds an order is said on all its lines."""
    findings, audited = report.findings, report.audit
    order, effect = (audited.lines[name].to_numpy()[wanted] for name in ("order", "effect"))
    place = np.full(len(wanted) + 1, -1)  # the last is that of a finding on no line
    place[:-1][wanted] = np.arange(len(order))
    at = findings["at"].to_numpy(np.int64)
    gravity = pd.Categorical(findings["effect"], EFFECTS).codes.astype(np.int64)
    of_order = findings["rule"].isin({batch.rule for batch in audited.findings if batch.whole_order}).to_numpy(bool)
    shared = of_order & (gravity != INFO) & (at >= 0)
    own = np.flatnonzero(~shared & (place[at] >= 0))
    line, finding = _of_orders(order, audited.lines["order"].to_numpy()[at[shared]], np.flatnonzero(shared))
    line, finding = np.append(line, place[at[own]]), np.append(finding, own)
    gravest = np.full(len(order), INFO)
    np.maximum.at(gravest, line, gravity[finding])
    held = np.flatnonzero(gravest < effect)
    line, finding = np.append(line, held), np.append(finding, np.full(len(held), -1))
    effects = np.append(gravity[finding[: len(finding) - len(held)]], effect[held])
    rows = np.lexsort((finding, -effects, line))
    return Told(line[rows], finding[rows], effects[rows], len(order))


def _of_orders(order: Ints, wanted: Ints, finding: Ints) -> tuple[Ints, Ints]:
    """Return the lines of each order wanted, and for each of them the finding on its order. order: of each line."""
    by_order = np.argsort(order, kind="stable")
    first, last = (np.searchsorted(order[by_order], wanted, side) for side in ("left", "right"))
    counts = last - first
    steps = np.arange(counts.sum()) - np.repeat(np.cumsum(counts) - counts, counts)
    return by_order[np.repeat(first, counts) + steps], np.repeat(finding, counts)


def says(report: Report, said: Told) -> list[str]:
    """Return per line what is wrong with it."""
    texts = report.findings["says"].to_numpy(object)
    return said.joined(np.append(texts, labels().phrase("order_held"))[said.finding])


def does(report: Report, said: Told) -> list[str]:
    """Return per line what to do about it."""
    return said.joined(np.append(report.findings["do"].to_numpy(object), "")[said.finding])


def may(report: Report, wanted: Bools, said: Told) -> list[str]:
    """Return per line who may release it, with the rule where they differ from rule to rule."""
    pending, words = report.frame("pending"), labels()
    who = dict(zip(_keys(pending, pending["rule"].tolist()), pending["may"].tolist(), strict=True))
    holds = said.only((said.effect == HOLD) & (said.finding >= 0))
    rules = report.findings["rule"].to_numpy(object)[holds.finding]
    names = [words.rules[rule].name for rule in rules.tolist()]
    lines = report.audit.lines.loc[wanted, ["order_no", "product_code"]].take(holds.line)
    roles = np.array(
        [
            who.get((order, product, name)) or who.get((order, "", name)) or ""
            for order, product, name in _keys(lines, names)
        ],
        dtype=object,
    )
    of_line = pd.Series(roles).where(roles != "").groupby(holds.line).transform("nunique").tolist()
    texts = [
        words.phrase("may_release", rule=name, roles=text) if text and several > 1 else text
        for name, text, several in zip(names, roles.tolist(), of_line, strict=True)
    ]
    return holds.joined(np.array(texts, dtype=object))


def _keys(rows: pd.DataFrame, rules: Sequence[str]) -> list[tuple[str, str, str]]:
    """Return what each row of the list of what waits is known by: order, product ("": none) and the rule's name."""
    columns = []
    for name in ("order_no", "product_code"):
        codes = rows[name].to_numpy(object).tolist()
        key_of = {code: code_key(code) if isinstance(code, str) else "" for code in set(codes)}
        columns.append([key_of[code] for code in codes])
    return list(zip(*columns, rules, strict=True))
