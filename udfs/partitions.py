"""The audit of lines in partitions, on one machine or many: the rules run unchanged, each on all that it looks at.

Lines come in batches, in source order. What a rule asks of a line, an order or an order number is asked by order
number, money by partner, stock by product; the rest where the answer is wanted. It is what udfs.audit.audit answers.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any, Protocol

import numpy as np
import pandas as pd

from udfs.audit import Audit, Progress, concluded, decided, judge_funds, judge_lines, judge_stock, nothing_noted
from udfs.findings import Findings, Ints, joined
from udfs.funds import order_table
from udfs.lookup import Tables, code_key, keys, numbered, with_files
from udfs.releases import NOT_AUTHORISED, Releases
from udfs.rules import RULES
from workbooks.schema import Policy

PLACE_BITS = 40  # of a place those that count the line within its batch; the others are the batch's number
ASKED_BY_STOCK = (
    *("order_no", "partner_code", "product_code", "date", "quantity", "price", "partner", "product", "level_rank"),
    *("closed", "discontinued", "aside"),
)
SHARED_OUT = ("ship", "reserved", "short", "eta")


class Workers(Protocol):
    """Where partitions are judged. What is called may be done later, elsewhere, and again where it was lost.

    parts: how many partitions there are to be.
    """

    parts: int

    def call(self, function: Callable[..., object], *arguments: object) -> object:
        """Return what stands for the function's answer; arguments may be such answers, and lists of them."""

    def fetch(self, answers: Sequence[object]) -> list[Any]:
        """Return the answers themselves."""


@dataclass(frozen=True)
class Given:
    """What lines are judged by."""

    tables: Tables
    policy: Policy
    today: date


@dataclass(frozen=True)
class Part:
    """A partition judged: its lines, by their places, and what was found in it (at: places).

    A place is one number, of the line's batch and of the line in it: their order is source order.
    used: the releases that met a finding.
    """

    lines: pd.DataFrame
    findings: list[Findings]
    used: frozenset[int] = frozenset()


class PartitionedAudit:
    """An audit of lines on workers, from the moment it is made until its answer is asked for."""

    def __init__(self, batches: Sequence[object], given: Given, workers: Workers) -> None:
        """Begin to judge lines; batches: what stands for the lines of each."""
        self.given, self.workers, self.parts = given, workers, workers.parts
        self.reference = workers.call(unchanged, given)
        split = [workers.call(_by_order, lines, number, self.parts) for number, lines in enumerate(batches)]
        self.judged = [workers.call(_judged, pieces, self.reference) for pieces in self._dealt(split)]

    def answer(self, lines: pd.DataFrame, noted: Tables, step: Progress) -> Audit:
        """Return the audit. lines: all of them, in source order; noted: what reading noted of them."""
        names, call, fetch = list(lines.columns), self.workers.call, self.workers.fetch
        tables, policy = {**nothing_noted(), **noted, **self.given.tables}, self.given.policy
        told: list[Part] = fetch([call(_without, part, names) for part in self.judged])
        whole = _Whole(told)
        lines = numbered(pd.concat([lines.reset_index(drop=True), whole.lines(told)], axis=1))
        findings = [rule.check(lines, tables, policy) for rule in RULES if rule.key == "day" and rule.check]
        findings += whole.findings(told)
        releases = Releases(tables, self.given.today)
        releases.used.update(*(part.used for part in told))
        step("finance")
        orders, of_money = self._funds(order_table(lines))
        findings += releases.apply(of_money, lines)
        step("stock")
        effect = decided(findings, lines, policy)
        stocked = self._stock([effect[whole.at(part.lines.index)] for part in told])
        lines = pd.concat([lines, whole.lines(stocked)], axis=1)
        return concluded(lines, findings + whole.findings(stocked), orders, releases, policy)

    def _funds(self, orders: pd.DataFrame) -> tuple[pd.DataFrame, list[Findings]]:
        part = orders["partner_key"].to_numpy() % self.parts
        pieces = [orders[part == number] for number in range(self.parts)]
        judged = self.workers.fetch([self.workers.call(_funded, piece, self.reference) for piece in pieces])
        whole = pd.concat([orders for orders, _ in judged]).sort_index().reset_index(drop=True)
        return whole, _joined([batch for _, findings in judged for batch in findings])

    def _stock(self, effects: Sequence[Ints]) -> list[Part]:
        """Return the stock shared out; effects: of the lines of each partition judged."""
        pairs = zip(self.judged, effects, strict=True)
        split = [self.workers.call(_by_product, part, effect.astype(np.int8), self.parts) for part, effect in pairs]
        return self.workers.fetch([self.workers.call(_stocked, piece, self.reference) for piece in self._dealt(split)])

    def _dealt(self, split: Sequence[object]) -> list[list[object]]:
        """Return for each partition what stands for its pieces, where each of `split` stands for one of every one."""
        return [[self.workers.call(_piece, pieces, part) for pieces in split] for part in range(self.parts)]


class _Whole:
    """All lines, put together from partitions."""

    def __init__(self, parts: Sequence[Part]) -> None:
        self.places = np.sort(np.concatenate([part.lines.index.to_numpy() for part in parts]))

    def at(self, places: Any) -> Ints:  # noqa: ANN401 - an array or an index of numbers
        """Return where the places are among all lines; a finding that stands on no line stays there."""
        return np.where(np.asarray(places) < 0, -1, np.searchsorted(self.places, places)).astype(np.int64)

    def lines(self, parts: Sequence[Part]) -> pd.DataFrame:
        """Return the lines of the partitions in source order."""
        return _in_order([part.lines for part in parts]).reset_index(drop=True)

    def findings(self, parts: Sequence[Part]) -> list[Findings]:
        """Return the findings of the partitions at the places of all lines."""
        return _joined([replace(batch, at=self.at(batch.at)) for part in parts for batch in part.findings])


def buckets(column: pd.Series, parts: int) -> Ints:
    """Return the partition of each code, the same on every machine; codes that compare alike share one."""
    codes, distinct = keys(column, code_key)
    return (pd.util.hash_array(np.array(distinct, dtype=object)) % parts).astype(np.int64)[codes]


def unchanged(sent: object) -> object:
    """Return what is sent to the workers as it is, so that tasks there can be given it."""
    return sent


def _piece(pieces: Sequence[pd.DataFrame], part: int) -> pd.DataFrame:
    return pieces[part]


def _by_order(lines: pd.DataFrame, batch: int, parts: int) -> list[pd.DataFrame]:
    """Return a batch's lines by their places, in a piece for each partition."""
    placed = lines.set_axis((batch << PLACE_BITS) + np.arange(len(lines)))
    part = buckets(lines["order_no"], parts)
    return [placed[part == number] for number in range(parts)]


def _judged(pieces: Sequence[pd.DataFrame], given: Given) -> Part:
    lines = pd.concat(pieces)
    places, releases = lines.index, Releases(given.tables, given.today)
    tables = {**nothing_noted(), **given.tables}
    lines, found = judge_lines(with_files(lines.reset_index(drop=True)), tables, given.policy, releases, _untold)
    return Part(lines.set_axis(places), _at_places(found, places), frozenset(releases.used))


def _without(part: Part, columns: Sequence[str]) -> Part:
    """Return a partition without the columns that are known where it is wanted."""
    return replace(part, lines=part.lines.drop(columns=columns))


def _funded(orders: pd.DataFrame, given: Given) -> tuple[pd.DataFrame, list[Findings]]:
    judged, findings = judge_funds(orders.reset_index(drop=True), given.tables, given.policy)
    return judged.set_axis(orders.index), findings


def _by_product(part: Part, effect: Ints, parts: int) -> list[pd.DataFrame]:
    """Return what stock asks of a partition's lines, in a piece for each partition by product."""
    lines = part.lines[list(ASKED_BY_STOCK)].assign(effect=effect.astype(np.int64))
    place = buckets(lines["product_code"], parts)
    return [lines[place == number] for number in range(parts)]


def _stocked(pieces: Sequence[pd.DataFrame], given: Given) -> Part:
    lines = _in_order(pieces)
    shared, found = judge_stock(numbered(lines.reset_index(drop=True)), given.tables, given.policy)
    return Part(shared[list(SHARED_OUT)].set_axis(lines.index), _at_places(found, lines.index))


def _in_order(pieces: Sequence[pd.DataFrame]) -> pd.DataFrame:
    lines = pd.concat(pieces)
    return lines.iloc[np.argsort(lines.index.to_numpy(), kind="stable")]


def _at_places(findings: Sequence[Findings], places: pd.Index) -> list[Findings]:
    """Return findings on a partition's lines at these lines' places."""
    of_line = np.append(places.to_numpy(), -1)
    return [replace(batch, at=of_line[batch.at]) for batch in findings]


def _untold(_step: str) -> None:
    """Tell nobody: each partition takes its own steps."""


def _joined(findings: Sequence[Findings]) -> list[Findings]:
    """Return the findings of all partitions, one batch per rule, and per rule released where a release did not do."""
    place = {rule.code: turn for turn, rule in enumerate(RULES)}
    of_rule: dict[tuple[int, int], list[Findings]] = {}
    for batch in findings:
        about = batch.args["other"][0].code if batch.rule == NOT_AUTHORISED and len(batch) else batch.rule
        of_rule.setdefault((place[batch.rule], place[about]), []).append(batch)
    return [_one([batch for batch in of_rule[turn] if len(batch)] or of_rule[turn][:1]) for turn in sorted(of_rule)]


def _one(batches: Sequence[Findings]) -> Findings:
    """Return batches of one rule with the same args as one, in the order of their lines."""
    batch = joined(batches)
    order = np.argsort(batch.at, kind="stable")
    return replace(
        batch,
        at=batch.at[order],
        effect=batch.effect[order],
        args={name: np.asarray(values)[order] for name, values in batch.args.items()},
        release=None if batch.release is None else batch.release[order],
    )
