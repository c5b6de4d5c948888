"""What has changed in orders that were sent back and are submitted again, line by line.

Compared with the lines as they were sent back, whichever way they come: handed back in the region's own file, or in the
clerk's next workbook.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import pandas as pd

from udfs.lookup import code_key
from udfs.wording import plain
from workbooks.schema import KINDS, Type

CHANGED, SAME, ADDED, WITHDRAWN = "changed", "same", "added", "withdrawn"
CHANGES = (CHANGED, SAME, ADDED, WITHDRAWN, "passed_before", "moved_before")
AGAIN: Mapping[str, str] = {"pass": "passed_before", "transfer": "moved_before"}
"""What is said of a line that went out, or waits in the register, and is submitted once more, by its decision then."""
FIELDS = tuple(column.name for column in KINDS["orders"].columns)
CODES = frozenset(column.name for column in KINDS["orders"].columns if column.type is Type.CODE)

OrderKey = tuple[str, str]


@dataclass(frozen=True)
class Pair:
    """A line (its position, None: withdrawn), as it was sent back (its row, None: new), and what has changed.

    differences: column, what it said and what it says.
    """

    line: int | None
    row: int | None
    change: str
    differences: tuple[tuple[str, object, object], ...] = ()


def compare(lines: pd.DataFrame, sent: pd.DataFrame, today: date) -> list[Pair]:
    """Return every line of a resubmitted order beside what it was when it was sent back, order by order.

    lines: the audit's; where some were handed back, with what workbooks.reading.settled adds. sent: lines as they were
    sent back: the columns of orders, their marks, before (the decision's key), source_file, and handed_back: whether
    their file lies among the day's orders. Of several files that hold an order one that was handed back counts before
    one that was not, then the one of the last day and round, then the first.

    A line is met by the place that its mark names, else by order, partner, product and line type: one that is the same
    in all first, then in order of occurrence those that were sent back. What went out is not expected again; what was
    sent back and is not there is withdrawn.
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
        days = [value.date() if isinstance(value, pd.Timestamp) else None for value in sent["back_day"]]
        self.same_day = [day == today for day in days]
        self.places = _places(sent, "back")
        self.orders = self._orders([day or date.min for day in days])
        self.key_of = {row: key for key, rows in self.orders.items() for row in rows}
        self.lines_of: dict[OrderKey, list[int]] = defaultdict(list)
        for line, key in enumerate(_order_keys(lines)):
            if key in self.orders:
                self.lines_of[key].append(line)
        self.by_place = self._by_place()
        concerned = sorted({*self.by_place.values(), *(line for some in self.lines_of.values() for line in some)})
        self.cells_now, self.cells_then = _Cells(lines, concerned), _Cells(sent, range(len(sent)))
        self.before = sent["before"].tolist()
        self.met = dict(self.by_place)
        self._meet_by_product()

    def pairs(self) -> list[Pair]:
        taken = set(self.met.values())
        pairs: list[Pair] = []
        for key, rows in self.orders.items():
            again = bool(self.lines_of[key]) or any(row in self.met for row in rows)
            if not again and not self.sent["handed_back"].iat[rows[0]]:
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
        for row, (key, file) in enumerate(zip(_order_keys(self.sent), self.sent["source_file"], strict=True)):
            files[key][file].append(row)
        handed = self.sent["handed_back"].tolist()
        rounds = self.sent["back_round"].fillna(1).tolist()

        def rank(rows: Sequence[int]) -> tuple[bool, date, float]:
            return handed[rows[0]], max(days[row] for row in rows), max(rounds[row] for row in rows)

        chosen: dict[OrderKey, list[int]] = {}
        for key, by_file in files.items():
            last = max(map(rank, by_file.values()))
            rows = [row for of_file in by_file.values() if rank(of_file) == last for row in of_file]
            places = {self.places[row] or row: row for row in reversed(rows)}
            chosen[key] = sorted(places.values())
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
        for row in self.key_of:
            place = self.places[row]
            where: Hashable = place if self.same_day[row] else (self.sent["source_file"].iat[row], place)
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
                    same = [line for line in lines if not alike or not self._differences(line, row)]
                    if row not in self.met and same:
                        self.met[row] = same[0]
                        lines.remove(same[0])

    def _pair(self, line: int, row: int) -> Pair:
        differences = tuple(self._differences(line, row))
        if not self.same_day[row] and self.before[row] in AGAIN:
            return Pair(line, row, AGAIN[self.before[row]], differences)
        return Pair(line, row, CHANGED if differences else SAME, differences)

    def _differences(self, line: int, row: int) -> list[tuple[str, object, object]]:
        """Return what differs; a region that a workbook does not name is its file's name, and says nothing."""
        names = FIELDS if self.by_place.get(row) == line else FIELDS[1:]
        then, here = self.cells_then, self.cells_now
        differ = [name for name in names if then.text(name, row) != here.text(name, line)]
        return [(name, then.value(name, row), here.value(name, line)) for name in differ]


class _Cells:
    """The columns of orders in some rows of a frame: each cell as it is, and as it is compared."""

    def __init__(self, frame: pd.DataFrame, rows: Sequence[int]) -> None:
        self.at = {row: place for place, row in enumerate(rows)}
        some = frame.iloc[list(rows)]
        self.values: Mapping[str, list[object]] = {name: some[name].tolist() for name in FIELDS}
        self.texts = {name: [_compared(name, value) for value in values] for name, values in self.values.items()}

    def value(self, name: str, row: int) -> object:
        return self.values[name][self.at[row]]

    def text(self, name: str, row: int) -> str:
        return self.texts[name][self.at[row]]

    def product(self, row: int) -> Hashable:
        return self.text("product_code", row), self.value("line_type", row) == "giveaway"


def _compared(name: str, value: object) -> str:
    text = plain(value).strip()
    return code_key(text) if name in CODES else text


def _order_keys(frame: pd.DataFrame) -> list[OrderKey]:
    numbers = zip(frame["order_no"], frame["partner_code"], strict=True)
    return [(code_key(str(order)), code_key(str(partner))) for order, partner in numbers]


def _places(frame: pd.DataFrame, prefix: str) -> list[Hashable | None]:
    """Return per row the place that the columns of that prefix name, as compared; None where they name none."""
    columns = (frame[f"{prefix}_{name}"].tolist() for name in ("file", "sheet", "row"))
    return [
        (file.strip().casefold(), sheet.strip().casefold(), float(number))
        if isinstance(file, str) and isinstance(sheet, str) and not pd.isna(number)
        else None
        for file, sheet, number in zip(*columns, strict=True)
    ]
