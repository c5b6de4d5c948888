"""What has changed in orders that were submitted before and come again, line by line.

Compared with what they were, whichever way they come: handed back in the region's own file, or in the clerk's next
workbook.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import pandas as pd

from udfs.lookup import code_key, order_keys
from udfs.wording import plain
from workbooks.schema import KINDS, Type

CHANGED, SAME, ADDED, WITHDRAWN = "changed", "same", "added", "withdrawn"
CHANGES = (CHANGED, SAME, ADDED, WITHDRAWN, "passed_before", "moved_before")
AGAIN: Mapping[str, str] = {"pass": "passed_before", "transfer": "moved_before"}
"""What is said of a line that went out, or waits in the register, and is submitted once more, by its decision then."""
FIELDS = tuple(column.name for column in KINDS["orders"].columns)
DATED = "order_date"
CODES = frozenset(column.name for column in KINDS["orders"].columns if column.type is Type.CODE)

OrderKey = tuple[str, str]


@dataclass(frozen=True)
class Pair:
    """A line (its position, None: withdrawn), as it was before (its row, None: new), and what has changed.

    differences: column, what it said and what it says.
    """

    line: int | None
    row: int | None
    change: str
    differences: tuple[tuple[str, object, object], ...] = ()


def compare(lines: pd.DataFrame, sent: pd.DataFrame, today: date) -> list[Pair]:
    """Return every line of a resubmitted order beside what it was before, order by order.

    lines: the audit's; where some were handed back, with what workbooks.reading.settled adds. sent: lines as they were:
    the columns of orders, their marks, before (the decision's key), source_file, and handed_back: whether they are of a
    file among the day's orders, and not of an earlier day's result. Of several files that hold an order one
    that was handed back counts before that result, then the one of the last day and round, then the first; of earlier
    rounds of the day only the lines that a later one no longer names.

    A line is met by the place that its mark names, else by order, partner, product and line type: one that is the same
    in all first, then in order of occurrence those that were sent back. What went out is not expected again; what was
    sent back and is not there is withdrawn. A line handed back that has gone out since, as the earlier day's result
    says, comes once more too.
    """
    if not len(sent):
        return []
    return _Comparison(lines, sent.reset_index(drop=True), today).pairs()


def rules_apart(before: Sequence[str], after: Sequence[str]) -> tuple[list[str], list[str], list[str]]:
    """Return the names of the findings that are resolved, remain and are new, each once, in their order."""
    then, here = dict.fromkeys(before), dict.fromkeys(after)
    resolved = [name for name in then if name not in here]
    return resolved, [name for name in then if name in here], [name for name in here if name not in then]


class _Comparison:
    """The lines of one day beside those that were sent back."""

    def __init__(self, lines: pd.DataFrame, sent: pd.DataFrame, today: date) -> None:
        self.lines, self.sent = lines, sent
        self.days = sent["back_day"].tolist()
        days = [value.date() if isinstance(value, pd.Timestamp) else None for value in self.days]
        self.handed = sent["handed_back"].tolist()
        self.same_day = [day == today for day in days]
        self.places = _places(sent, "back")
        self.orders = self._orders([day or date.min for day in days])
        self.key_of = {row: key for key, rows in self.orders.items() for row in rows}
        self.lines_of: dict[OrderKey, list[int]] = defaultdict(list)
        for line, key in enumerate(order_keys(lines)):
            if key in self.orders:
                self.lines_of[key].append(line)
        self.by_place = self._by_place()
        concerned = sorted({*self.by_place.values(), *(line for some in self.lines_of.values() for line in some)})
        self.cells_now, self.cells_then = _Cells(lines, concerned), _Cells(sent, range(len(sent)))
        self.before = sent["before"].tolist()
        self.met = dict(self.by_place)
        self._meet_by_product()
        self.since = self._gone_since()

    def pairs(self) -> list[Pair]:
        taken = set(self.met.values())
        pairs: list[Pair] = []
        for key, rows in self.orders.items():
            if not rows:
                continue
            again = bool(self.lines_of[key]) or any(row in self.met for row in rows)
            if not again and not self.handed[rows[0]]:
                continue
            for row in rows:
                if row in self.met:
                    pairs.append(self._pair(self.met[row], row))
                elif self.before[row] not in AGAIN:
                    pairs.append(Pair(None, row, WITHDRAWN))
            pairs += [Pair(line, None, ADDED) for line in self.lines_of[key] if line not in taken]
        return pairs

    def _orders(self, days: Sequence[date]) -> dict[OrderKey, list[int]]:
        """Return the rows of each order in the files that count for it, each place once, though several hold it."""
        files: dict[OrderKey, dict[str, list[int]]] = defaultdict(lambda: defaultdict(list))
        for row, (key, file) in enumerate(zip(order_keys(self.sent), self.sent["source_file"], strict=True)):
            files[key][file].append(row)
        ranks = list(zip(self.handed, days, self.sent["back_round"].fillna(1).tolist(), strict=True))
        today = [handed and same for handed, same in zip(self.handed, self.same_day, strict=True)]
        newest: dict[Hashable, tuple[bool, date, float]] = {}
        for row, place in enumerate(self.places):
            if today[row] and place is not None:
                newest[place] = max(newest.get(place, ranks[row]), ranks[row])
        chosen: dict[OrderKey, list[int]] = {}
        for key, by_file in files.items():
            rank = {file: max(ranks[row] for row in rows) for file, rows in by_file.items()}
            last = max(rank.values())
            found: dict[Hashable, int] = {}
            for file in sorted(by_file, key=lambda file: rank[file], reverse=True):
                for row in by_file[file]:
                    place = self.places[row]
                    named = today[row] and place is not None
                    if newest[place] == ranks[row] if named else rank[file] == last:
                        found.setdefault(place or row, row)
            chosen[key] = sorted(found.values())
        return chosen

    def _by_place(self) -> dict[int, int]:
        """Return the lines that stand where a row that was sent back says, by that row."""
        if "origin_file" not in self.lines:
            return {}
        at: dict[Hashable, int] = {}
        marks = zip(self.lines["source_file"], _places(self.lines, "back"), strict=True)
        for line, (stood, mark) in enumerate(zip(_places(self.lines, "origin"), marks, strict=True)):
            at.setdefault(stood, line)
            if mark[1] is not None:
                at.setdefault(mark, line)
        found: dict[int, int] = {}
        files = self.sent["source_file"].tolist()
        for row in self.key_of:
            place = self.places[row]
            where: Hashable = place if self.same_day[row] else (files[row], place)
            if place is not None and where in at:
                found[row] = at[where]
        return found

    def _meet_by_product(self) -> None:
        taken = set(self.met.values())
        for key, rows in self.orders.items():
            left: dict[Hashable, list[int]] = defaultdict(list)
            for line in self.lines_of[key]:
                if line not in taken:
                    left[self.cells_now.product(line)].append(line)
            waiting = [row for row in rows if row not in self.met]
            for alike in (True, False):  # what went out is met last, but by a line that is the same in all
                for row in sorted(waiting, key=lambda row: not alike and self.before[row] in AGAIN):
                    lines = left[self.cells_then.product(row)]
                    same = (line for line in lines if not alike or not self._differences(line, row))
                    first = next(same, None) if row not in self.met else None
                    if first is not None:
                        self.met[row] = first
                        lines.remove(first)

    def _gone_since(self) -> dict[int, str]:
        """Return the rows that were handed back before, and how they went out then, as the earlier day's result says.

        Those that it says of a product's lines beyond what went out before they were sent back are theirs.
        """
        if all(self.handed) or not any(self.handed):
            return {}
        order_of, days = order_keys(self.sent), self.days
        gone: dict[Hashable, list[str]] = defaultdict(list)
        day = None
        for row, handed in enumerate(self.handed):
            if not handed:
                day = days[row]
                if self.before[row] in AGAIN:
                    gone[order_of[row], self.cells_then.product(row)].append(self.before[row])
        rows = [row for row in self.key_of if self.handed[row] and not self.same_day[row]]
        for row in rows:
            known = gone[order_of[row], self.cells_then.product(row)]
            if known and days[row] == day and self.before[row] in AGAIN:
                known.remove(self.before[row] if self.before[row] in known else known[0])
        found = {}
        for row in rows:
            known = gone[order_of[row], self.cells_then.product(row)]
            if known and row in self.met and self.before[row] not in AGAIN:
                found[row] = known.pop(0)
        return found

    def _pair(self, line: int, row: int) -> Pair:
        differences = tuple(self._differences(line, row))
        if row in self.since:
            return Pair(line, row, AGAIN[self.since[row]], differences)
        if not self.same_day[row] and self.before[row] in AGAIN:
            return Pair(line, row, AGAIN[self.before[row]], differences)
        return Pair(line, row, CHANGED if differences else SAME, differences)

    def _differences(self, line: int, row: int) -> list[tuple[str, object, object]]:
        """Return what differs.

        A region that a workbook does not name is its file's name, and says nothing; a date that it does not name is
        its day's, as a result has it.
        """
        first = 0 if self.by_place.get(row) == line else 1
        then, here = self.cells_then, self.cells_now
        old, new = then.texts(row), here.texts(line)
        if old[first:] == new[first:]:
            return []
        differ = [name for name, one, other in list(zip(FIELDS, old, new, strict=True))[first:] if one != other]
        if DATED in differ and not here.text(DATED, line) and then.value(DATED, row) == self.days[row]:
            differ.remove(DATED)
        return [(name, then.value(name, row), here.value(name, line)) for name in differ]


class _Cells:
    """The columns of orders in some rows of a frame: each cell as it is, and as it is compared."""

    def __init__(self, frame: pd.DataFrame, rows: Sequence[int]) -> None:
        self.at = {row: place for place, row in enumerate(rows)}
        some = frame.iloc[list(rows)]
        self.values: Mapping[str, list[object]] = {name: some[name].tolist() for name in FIELDS}
        self.rows: list[tuple[str, ...]] = list(zip(*(_texts(name, self.values[name]) for name in FIELDS), strict=True))

    def value(self, name: str, row: int) -> object:
        return self.values[name][self.at[row]]

    def texts(self, row: int) -> tuple[str, ...]:
        return self.rows[self.at[row]]

    def text(self, name: str, row: int) -> str:
        return self.rows[self.at[row]][FIELDS.index(name)]

    def product(self, row: int) -> Hashable:
        return self.text("product_code", row), self.value("line_type", row) == "giveaway"


def _texts(name: str, values: Sequence[object]) -> list[str]:
    """Return a column as it is compared; a line that does not say its type is paid."""
    known = {value: _compared(name, value) for value in set(values)}
    if name == "line_type":
        known |= {value: "paid" for value, text in known.items() if not text}
    return [known[value] for value in values]


def _compared(name: str, value: object) -> str:
    text = "" if pd.isna(value) else plain(value).strip()  # type: ignore[call-overload] # a cell's value
    return code_key(text) if name in CODES else text


def _places(frame: pd.DataFrame, prefix: str) -> list[Hashable | None]:
    """Return per row the place that the columns of that prefix name, as compared; None where they name none."""
    columns = (frame[f"{prefix}_{name}"].tolist() for name in ("file", "sheet", "row"))
    return [
        (file.strip().casefold(), sheet.strip().casefold(), float(number))
        if isinstance(file, str) and isinstance(sheet, str) and not pd.isna(number)
        else None
        for file, sheet, number in zip(*columns, strict=True)
    ]
