"""Findings as sentences: a rule's template from the labels, filled with the finding's and its line's columns."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from string import Formatter
from typing import Any

import numpy as np
import pandas as pd

from udfs.findings import RETURN, Findings
from workbooks.labels import Lang, labels


@dataclass(frozen=True)
class Phrase:
    """A part of a sentence, by its code in the labels, worded only when its language is known."""

    code: str
    fields: tuple[tuple[str, object], ...] = ()


@dataclass(frozen=True)
class RuleName:
    """The name of a rule, worded only when its language is known."""

    code: str


def phrase(code: str, **fields: object) -> Phrase:
    """Return the phrase `code` with what its places say."""
    return Phrase(code, tuple(fields.items()))


def plain(value: object, lang: Lang = "zh") -> str:
    """Return a value as a person writes it: no trailing zeros, ISO dates, nothing for a blank."""
    if isinstance(value, str):
        return value
    if isinstance(value, (Phrase, RuleName)):
        return _worded(value, lang)
    if isinstance(value, float):
        return _number(value)
    if value is None or value is pd.NaT:
        return ""
    if isinstance(value, (pd.Timestamp, np.datetime64)):
        return "" if pd.isna(value) else f"{pd.Timestamp(value):%Y-%m-%d}"
    return str(value)


def plains(values: Iterable[object], lang: Lang = "zh") -> list[str]:
    """Return values, all of one kind, as a person writes them; each different one is worded once."""
    every = list(values)
    said = {value: plain(value, lang) for value in set(every)}
    return [said[value] for value in every]


def _worded(value: Phrase | RuleName, lang: Lang) -> str:
    if isinstance(value, RuleName):
        return labels(lang).rules[value.code].name
    return labels(lang).phrase(value.code, **{name: plain(part, lang) for name, part in value.fields})


def _number(value: float) -> str:
    if math.isnan(value):
        return ""
    return str(int(value)) if value.is_integer() else f"{value:.6f}".rstrip("0").rstrip(".")


def rule_names(text: object) -> list[str]:
    """Return the names of findings that a cell of merged orders lists; that one is the whole order's is not asked."""
    said = labels()
    names = text.split(said.words["list_joiner"]) if isinstance(text, str) else []
    of_order = said.phrase("whole_order", name="")
    return [name.removesuffix(of_order) for name in names if name]


def column(batch: Findings, lines: pd.DataFrame, name: str) -> list[Any]:
    """Return what the findings of a batch say under `name`: their own value, else their line's."""
    if name in batch.args:
        values = np.asarray(batch.args[name])
        if name == "money":
            values = values / 100
        return list(values) if values.dtype.kind == "M" else list(values.tolist())  # dates would come as numbers
    if name in lines.columns and (batch.at >= 0).all():
        return list(lines[name].array.take(batch.at).to_numpy(object))
    return [""] * len(batch)


def fill(template: str, batch: Findings, lines: pd.DataFrame, lang: Lang) -> list[str]:
    """Return the template once per finding, its places filled."""
    pieces: list[Sequence[str]] = []
    for literal, name, spec, _ in Formatter().parse(template):
        pieces.append([literal] * len(batch))
        if name is not None:
            values = column(batch, lines, name)
            pieces.append([format(value, spec) for value in values] if spec else plains(values, lang))
    return ["".join(parts) for parts in zip(*pieces, strict=True)] if pieces else [""] * len(batch)


def sentences(
    batch: Findings, lines: pd.DataFrame, releases: pd.DataFrame | None, lang: Lang
) -> tuple[list[str], list[str]]:
    """Return what is wrong and what to do, one of each per finding; a released one names who decided and why."""
    said = labels(lang)
    rule = said.rules[batch.rule]
    says, does = fill(rule.says, batch, lines, lang), fill(rule.do, batch, lines, lang)
    if batch.release is None or releases is None or batch.rule == "release-unused":
        return says, does
    for place in np.flatnonzero(batch.release >= 0).tolist():
        row = releases.iloc[int(batch.release[place])]
        answer = "refused" if batch.effect[place] == RETURN else "released"
        reason = plain(row["reason"]) or said.phrase("no_reason")
        says[place] = said.phrase(answer, text=says[place], role=row["role"], approver=row["approver"], reason=reason)
    return says, does
