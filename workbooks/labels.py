"""Typed access to `labels.toml`, the one place where Chinese words live."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Literal

Lang = Literal["zh", "en"]
FILE = Path(__file__).with_name("labels.toml")


@dataclass(frozen=True)
class KindLabels:
    """A table kind on paper: its title, and by column name the heading with its aliases (heading first)."""

    title: str
    headings: Mapping[str, tuple[str, ...]]


@dataclass(frozen=True)
class SheetLabels:
    """An output sheet: its name, and its headings by column name, in their order."""

    name: str
    headings: Mapping[str, str]


@dataclass(frozen=True)
class Sentence:
    """What is said of a rule, a row or a file: a short name, what is wrong and what to do, with {places}."""

    name: str
    says: str
    do: str


@dataclass(frozen=True)
class Labels:
    """All of the labels file in one language (headings and sheet names are Chinese in every language)."""

    folders: Mapping[str, str]
    files: Mapping[str, str]
    words: Mapping[str, Any]
    effects: Mapping[str, str]
    decisions: Mapping[str, str]
    kinds: Mapping[str, KindLabels]
    sheets: Mapping[str, SheetLabels]
    rules: Mapping[str, Sentence]
    packaging: Mapping[str, Sentence]
    invoices: Mapping[str, Sentence]
    problems: Mapping[str, Sentence]
    phrases: Mapping[str, str]
    messages: Mapping[str, str]
    overview: Mapping[str, str]

    def message(self, code: str, **fields: object) -> str:
        """Return the message `code` with its places filled."""
        return self.messages[code].format(**fields)

    def phrase(self, code: str, **fields: object) -> str:
        """Return the phrase `code` (a part of a finding's sentence) with its places filled."""
        return self.phrases[code].format(**fields)


@cache
def raw() -> Mapping[str, Any]:
    """Return the labels file as parsed: for the sections that one module alone reads (demo, templates)."""
    return tomllib.loads(FILE.read_text(encoding="utf-8"))


def _headings(kind: Mapping[str, Any], kinds: Mapping[str, Any]) -> dict[str, tuple[str, ...]]:
    """Resolve a column that another kind already names (its value is that kind's name)."""
    return {
        column: tuple(kinds[words]["headings"][column] if isinstance(words, str) else words)
        for column, words in kind["headings"].items()
    }


def _resolved(section: Mapping[str, Any], data: Mapping[str, Any]) -> dict[str, Any]:
    """Resolve a sentence that another section already has (its value is that section's name)."""
    return {code: data[said][code] if isinstance(said, str) else said for code, said in section.items()}


def _sentences(section: Mapping[str, Any], lang: Lang) -> dict[str, Sentence]:
    suffix = "_en" if lang == "en" else ""
    return {
        code: Sentence(said.get(f"name{suffix}", said["name"]), said[f"says{suffix}"], said.get(f"do{suffix}", ""))
        for code, said in section.items()
    }


@cache
def labels(lang: Lang = "zh") -> Labels:
    """Return the labels in `lang`; read once per process."""
    data = raw()
    kinds = data["kinds"]
    return Labels(
        folders=data["folders"],
        files=data["files"],
        words=data["values"],
        effects=data["effects_en" if lang == "en" else "effects"],
        decisions=data["decisions"],
        kinds={name: KindLabels(kind["title"], _headings(kind, kinds)) for name, kind in kinds.items()},
        sheets={name: SheetLabels(sheet["name"], sheet.get("headings", {})) for name, sheet in data["sheets"].items()},
        rules=_sentences(data["rules"], lang),
        packaging=_sentences(_resolved(data["packaging_rules"], data), lang),
        invoices=_sentences(_resolved(data["invoice_rules"], data), lang),
        problems=_sentences(data["problems"], lang),
        phrases=data["phrases_en" if lang == "en" else "phrases"],
        messages={code: said[lang] for code, said in data["messages"].items()},
        overview=data["overview"],
    )
