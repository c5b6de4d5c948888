"""The day's order lines once those that were handed back stand in place of what they correct.

A region corrects its lines in the file that went back to it and puts that file beside its orders. The row it corrects
is then rejected, with a reason that names the row that counts, so that what came in is still what went out.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from workbooks.labels import labels
from workbooks.reading.handed_back import MARKS, Returned
from workbooks.reading.marks import Place, marks_of, place_of, said_by, sent_lines, unmarked
from workbooks.reading.problems import Problem
from workbooks.reading.tables import Table

SENT_BACK = frozenset({"hold", "return"})
WENT_OUT = frozenset({"pass", "transfer"})
SAME = ("order_no", "partner_code", "product_code")
PLACE = ["source_file", "source_sheet", "source_row"]


@dataclass(frozen=True)
class _Was:
    """The lines as they were sent, row by row: their keys, quantities and decisions, and where they stand now."""

    keys: list[tuple[str, str, str]]
    quantity: list[float]
    before: list[str]
    file: list[str]
    sheet: list[str]


@dataclass(frozen=True)
class _Claim:
    """Somebody's word on the line that stood at a place: line corrects it, or None: it is withdrawn.

    order: whose word counts: of a place sent back again the later round, then source order. by: the file and sheet.
    sent: the row that says how the line was sent, None where the file does not say.
    """

    order: tuple[int, int, int, int]
    place: Place
    line: int | None
    by: tuple[str, str]
    sent: int | None

    @property
    def round(self) -> int:
        return self.order[0]


@dataclass(frozen=True)
class _Standing:
    """What stands for a place: a line of the table (None: withdrawn), since which round, and by whose word."""

    line: int | None
    round: int
    by: tuple[str, str]


def settle(orders: Table, sheets: Sequence[Returned], day: date) -> Table:
    """Return the day's orders with the lines that were handed back in place of what they correct.

    Of several words on one line the first in source order counts, of a line that was sent back again the last round's;
    the others are rejected. Lines keep the place in source order of what they stand for. Adds to the lines what their
    marks say, and where the line of that day stood that they go back to: origin_file, origin_sheet, origin_row,
    origin_round (0: as it was submitted first).
    """
    return _Settling(orders, sheets, day).table()


class _Settling:
    """The lines of one day while those handed back take their places."""

    def __init__(self, orders: Table, sheets: Sequence[Returned], day: date) -> None:
        self.orders, self.sheets, self.day = orders, sheets, day
        frame = orders.frame
        self.places = list(zip(*(frame[name].tolist() for name in PLACE), strict=True))
        self.keys, self.quantities = _keys(frame), frame["quantity"].tolist()
        self.lines = {place: line for line, place in enumerate(self.places)}
        self.at: dict[Place | None, int] = {}
        for line, place in enumerate(self.places):
            self.at.setdefault(place_of(*place), line)
        self.standing: dict[Place, _Standing] = {}
        self.position = np.arange(len(frame), dtype=float)
        self.stands_for = np.arange(len(frame))
        self.origin: dict[int, tuple[Place, int]] = {}
        self.dropped: dict[int, Problem] = {}
        self.notices: list[Problem] = []
        self.sent = sent_lines([sheet for sheet in sheets if sheet.part == "as_sent"], day)
        was = self.sent.reindex(columns=[*PLACE, *SAME, *MARKS, "quantity", "before"])  # there may be none
        self.was = _Was(_keys(was), *(was[name].tolist() for name in ("quantity", "before", *PLACE[:2])))
        self.said = said_by(was, day)
        self.back = [sheet for sheet in sheets if sheet.part == "sent_back"]
        self.marks = [marks_of(sheet, day) for sheet in self.back]
        self.by_hand = [self.lines[place] for one in self.marks for place in unmarked(one) if place in self.lines]

    def table(self) -> Table:
        claims = sorted(self._claims(), key=lambda claim: claim.order)
        self._tell_missing(claims)
        for claim in claims:
            (self._withdraw if claim.line is None else self._correct)(claim)
        orders, kept = self.orders, np.ones(len(self.position), dtype=bool)
        kept[list(self.dropped)] = False
        order = np.argsort(self.position, kind="stable")
        order = order[kept[order]]
        now = np.full(len(kept), -1, dtype=np.int64)
        now[order] = np.arange(len(order))
        cleaned = orders.cleaned.assign(line=now[orders.cleaned["line"].to_numpy(np.int64)])
        told = [self.dropped[line] for line in sorted(self.dropped)]
        return replace(
            orders,
            frame=self._marked().iloc[order].reset_index(drop=True),
            problems=(*orders.problems, *told, *self.notices),
            cleaned=cleaned[cleaned["line"] >= 0].sort_values("line", kind="stable").reset_index(drop=True),
            control=self._control(kept),
            sent=self.sent,
        )

    def _claims(self) -> Iterator[_Claim]:
        """Yield what the files say: their rows, and which of the rows that went back they no longer hold."""
        went_back = self._went_back()
        turns = {file: turn for turn, file in enumerate(went_back)}
        named: dict[str, set[Place | None]] = {sheet.rows.source_file: set() for sheet in self.back}
        sheet_of = {sheet.rows.source_file: sheet.rows.source_sheet for sheet in reversed(self.back)}
        self.notices += [Problem("as-sent-gone", file, sheet_of[file]) for file in named if not went_back[file]]
        for number, (sheet, marks) in enumerate(zip(self.back, self.marks, strict=True)):
            by, own = (sheet.rows.source_file, sheet.rows.source_sheet), said_by(marks, self.day)
            file, turn, itself = by[0], turns[by[0]], by[0].strip().casefold()
            named[file].update(own.places)
            for at, (place, row) in enumerate(zip(own.places, sheet.rows.numbers.tolist(), strict=True)):
                line = self.lines.get((*by, row))
                if line is None or place is None or place[0] == itself:  # no file corrects itself
                    continue
                was = went_back[file].get(place)
                if was is None and went_back[file]:
                    continue
                said, told = (own, at) if was is None else (self.said, was)
                if said.today[told] and (was is None or self.was.before[was] not in WENT_OUT):
                    yield _Claim((said.rounds[told], turn, number, row), place, line, by, was)
        for file, places in named.items():
            for number, (place, was) in enumerate(went_back[file].items()):
                if place not in places and self.was.before[was] in SENT_BACK and self.said.today[was]:
                    order = self.said.rounds[was], turns[file], len(self.marks), number
                    yield _Claim(order, place, None, (file, self.was.sheet[was]), was)

    def _went_back(self) -> dict[str, dict[Place, int]]:
        """Return by file the lines that it holds as they were sent, by their places."""
        found: dict[str, dict[Place, int]] = {sheet.rows.source_file: {} for sheet in self.sheets}
        for row, (file, place) in enumerate(zip(self.was.file, self.said.places, strict=True)):
            if place is not None:
                found[file].setdefault(place, row)
        return found

    def _stands(self, place: Place) -> _Standing | None:
        line = self.at.get(place)
        return self.standing.get(place) or (None if line is None else _Standing(line, 0, ("", "")))

    def _correct(self, claim: _Claim) -> None:
        """Let a line stand in place of the one it corrects, or reject it, or leave it as a line of its own."""
        line, before = claim.line, self._stands(claim.place)
        if line is None or line in self.dropped:
            return
        if before is not None and before.round == claim.round:
            if before.by == claim.by and before.line is not None:  # one line made two: both stand for it
                self._stand_for(line, before.line)
            else:
                self._drop(line, "handed-back-twice", place=self._worded(claim), other=self._word_of(before))
            return
        if before is not None:
            if before.line is None or not self._is_as_sent(before.line, claim):
                if claim.sent is None:  # it does not say what it was, so it corrects nothing
                    return
                self._drop(line, "original-changed", place=self._worded(claim))
                return
            self._drop(before.line, "superseded", other=self._where(line))
            self._stand_for(line, before.line)
        self.standing[claim.place] = _Standing(line, claim.round, claim.by)
        self.origin[line] = claim.place, claim.round

    def _withdraw(self, claim: _Claim) -> None:
        before = self._stands(claim.place)
        if before is None or before.line is None:
            return
        said = labels()
        if before.round == claim.round:
            why = said.phrase("why_claimed", other=self._where(before.line))
        elif not self._is_as_sent(before.line, claim):
            why = said.phrase("why_changed")
        else:
            self._drop(before.line, "withdrawn", other=claim.by[0])
            self.standing[claim.place] = _Standing(None, claim.round, claim.by)
            return
        self.notices.append(Problem("not-withdrawn", *claim.by, value=self._worded(claim), fields={"why": why}))

    def _tell_missing(self, claims: Sequence[_Claim]) -> None:
        """Tell of workbooks that lines go back to and that were not read: with them their other lines are missing."""
        there = {str(file).strip().casefold() for file in self.orders.control["source_file"]}
        if there <= {sheet.rows.source_file.strip().casefold() for sheet in self.sheets}:
            return  # a file that was handed back is looked at alone
        missing = {(claim.by, claim.place[0]): None for claim in claims if claim.place[0] not in there}
        self.notices += [Problem("original-missing", *by, value=file) for by, file in missing]

    def _is_as_sent(self, line: int, claim: _Claim) -> bool:
        """Tell whether a line is still the one that was sent back; where nothing says, the new one must name the same.

        A row inserted above, and another line stands at its place.
        """
        if claim.sent is None:
            return self.keys[line] == self.keys[line if claim.line is None else claim.line]
        is_quantity = math.isclose(self.quantities[line], self.was.quantity[claim.sent], abs_tol=1e-6)
        return is_quantity and self.keys[line] == self.was.keys[claim.sent]

    def _stand_for(self, line: int, other: int) -> None:
        self.position[line], self.stands_for[line] = self.position[other], self.stands_for[other]

    def _drop(self, line: int, code: str, **fields: str) -> None:
        file, sheet, row = self.places[line]
        self.dropped[line] = Problem(code, str(file), str(sheet), int(row), fields=fields)

    def _where(self, line: int) -> str:
        file, sheet, row = self.places[line]
        return labels().phrase("place", file=file, sheet=sheet, row=row)

    def _word_of(self, standing: _Standing) -> str:
        return standing.by[0] if standing.line is None else self._where(standing.line)

    def _worded(self, claim: _Claim) -> str:
        line = self.at.get(claim.place)
        file, sheet, row = claim.place if line is None else self.places[line]
        return labels().phrase("place", file=file, sheet=sheet, row=row)

    def _marked(self) -> pd.DataFrame:
        """Return the lines with what their marks say and where each goes back to."""
        frame = self.orders.frame
        if self.marks:
            marks = pd.concat([one[[*PLACE, *MARKS]] for one in self.marks], ignore_index=True)
            frame = frame.merge(marks.drop_duplicates(PLACE), on=PLACE, how="left", sort=False, validate="m:1")
        else:
            frame = frame.assign(**dict.fromkeys(MARKS, np.nan))
        file, sheet, row = (frame[name].tolist() for name in PLACE)
        turns = [0] * len(frame)
        for line, (place, turn) in self.origin.items():
            first = self.at.get(place)
            file[line], sheet[line], row[line] = place if first is None else self.places[first]
            turns[line] = turn
        frame = frame.assign(origin_file=file, origin_sheet=sheet, origin_row=row, origin_round=turns)
        stands_in = frame["source_file"].to_numpy(object)[self.stands_for]
        self._join_orders(stands_in)
        return frame.assign(stands_in=pd.array(stands_in, dtype="str"))

    def _join_orders(self, stands_in: npt.NDArray[np.object_]) -> None:
        """Let lines added by hand stand in the file of the order that they are added to, where it has one."""
        if not self.by_hand:
            return
        orders = [(order, partner) for order, partner, _ in self.keys]
        added = set(self.by_hand)
        file_of: dict[tuple[str, str], object] = {}
        for line in np.argsort(self.position, kind="stable").tolist():
            if line not in added and line not in self.dropped:
                file_of.setdefault(orders[line], stands_in[line])
        for line in self.by_hand:
            stands_in[line] = file_of.get(orders[line], stands_in[line])

    def _control(self, kept: Any) -> pd.DataFrame:  # noqa: ANN401 - a numpy array of bool
        """Return the sheets' control rows with the lines that no longer count among the rejected."""
        control, gone = self.orders.control.copy(), self.orders.frame[~kept]
        sheet, size = gone["sheet"].to_numpy(np.int64), len(control)
        control["accepted"] -= np.bincount(sheet, minlength=size)
        control["rejected"] += np.bincount(sheet, minlength=size)
        for name in ("quantity", "amount"):
            moved = np.bincount(sheet, np.nan_to_num(gone[name].to_numpy(float)), minlength=size)
            control[name] = np.round(control[name] - moved, 6)
            control[f"rejected_{name}"] = np.round(control[f"rejected_{name}"] + moved, 6)
        return control


def _keys(lines: pd.DataFrame) -> list[tuple[str, str, str]]:
    """Return line by line what one line of an order has and no other, as compared."""
    order, partner, product = ([str(value).casefold() for value in lines[name].tolist()] for name in SAME)
    return list(zip(order, partner, product, strict=True))
