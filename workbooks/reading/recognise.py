"""What kind of table a sheet holds: told by its headings alone, in its first 20 rows (domain.md §1)."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

import pyarrow as pa

from workbooks.labels import labels
from workbooks.reading.cells import RawSheet
from workbooks.schema import KINDS

HEADER_ROWS = 20
_UNIT = re.compile(r"[(\[{\u3010\u3014].*?[)\]}\u3011\u3015]", re.DOTALL)
Aliases = Mapping[str, Mapping[str, Sequence[str]]]
"""A team's own headings: kind -> column -> headings."""


@dataclass(frozen=True)
class Match:
    """A recognised table: its kind, the row of its headings (0-based) and the sheet column of each named column."""

    kind: str
    header_row: int
    columns: Mapping[str, int]


@dataclass(frozen=True)
class Closest:
    """A sheet of no kind: the kind it comes closest to, and the headings that it lacks."""

    kind: str
    missing: tuple[str, ...]


@lru_cache(maxsize=4096)  # a day's workbooks repeat their headings
def heading_key(text: str) -> str:
    """Return a heading as compared: NFKC, case folded, without spaces, line breaks and bracketed units."""
    folded = unicodedata.normalize("NFKC", text).casefold()
    return "".join((_UNIT.sub("", folded) or folded).split())


def first_rows(sheet: RawSheet) -> list[list[str | None]]:
    """Return the texts of a sheet's first 20 rows, row by row, for recognition."""
    columns = [column.slice(0, HEADER_ROWS).cast(pa.string()).to_pylist() for column in sheet.cells]
    return [list(row) for row in zip(*columns, strict=True)]


class Recogniser:
    """Knows every heading and alias of every kind; built once a run from the labels and the team's own aliases."""

    def __init__(self, aliases: Aliases | None = None) -> None:
        """Index the headings; a team's aliases come after the built-in ones."""
        self.places: dict[str, list[tuple[str, str, int]]] = {}
        for kind, said in labels().kinds.items():
            own = (aliases or {}).get(kind, {})
            for column, headings in said.headings.items():
                for place, heading in enumerate([*headings, *own.get(column, ())]):
                    self.places.setdefault(heading_key(heading), []).append((kind, column, place))

    def columns(self, row: Sequence[str | None]) -> dict[str, dict[str, int]]:
        """Return for each kind the columns a row names: main headings go before aliases, then the left one."""
        best: dict[str, dict[str, tuple[int, int]]] = {kind: {} for kind in KINDS}
        for index, text in enumerate(row):
            for kind, column, place in self.places.get(heading_key(text), ()) if text else ():
                known = best[kind].get(column)
                if known is None or (place, index) < known:
                    best[kind][column] = (place, index)
        return {kind: {column: index for column, (_, index) in named.items()} for kind, named in best.items()}

    def recognise(self, rows: Sequence[Sequence[str | None]]) -> Match | Closest:
        """Return the kind of a sheet from its first rows: the first row that names all required columns of a kind.

        Where kinds overlap the one with most named columns wins, then the one that requires more. A kind all of
        whose columns another, incomplete kind also names, and more, does not count: that sheet is the other one.
        A kind that requires a single column waits for a later row that names more: a title block above the
        headings may hold a partner code.
        """
        provisional: Match | None = None
        for header_row, row in enumerate(rows[:HEADER_ROWS]):
            named = self.columns(row)
            kind = _best(named)
            if kind:
                match = Match(kind, header_row, named[kind])
                if provisional is None or len(match.columns) > len(provisional.columns):
                    if len(KINDS[kind].required) > 1:
                        return match
                    provisional = match
        return provisional or self.closest(rows, KINDS)

    def closest(self, rows: Sequence[Sequence[str | None]], kinds: Collection[str]) -> Closest:
        """Return the kind, of those, that any of a sheet's first rows names most of, and what it lacks there."""
        closest = (0, 0.0, _lacking("orders", {}))
        for row in rows[:HEADER_ROWS]:
            for kind, columns in self.columns(row).items():
                lacking = _lacking(kind, columns)
                rank = (len(columns), 1 - len(lacking.missing) / len(KINDS[kind].required))
                if kind in kinds and rank > closest[:2]:
                    closest = (*rank, lacking)
        return closest[2]


def _lacking(kind: str, named: Mapping[str, int]) -> Closest:
    headings = labels().kinds[kind].headings
    return Closest(kind, tuple(headings[name][0] for name in KINDS[kind].required if name not in named))


def _best(named: Mapping[str, Mapping[str, int]]) -> str | None:
    complete = [kind for kind, columns in named.items() if all(name in columns for name in KINDS[kind].required)]
    ranked = sorted(complete, key=lambda kind: (-len(named[kind]), -len(KINDS[kind].required)))
    for kind in ranked:
        cells = set(named[kind].values())
        if not any(cells < set(columns.values()) for other, columns in named.items() if other not in complete):
            return kind
    return None
