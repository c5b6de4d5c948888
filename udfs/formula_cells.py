"""Cells in, cells out: what Excel hands a formula as columns, and its answers in the same shape.

Excel sends a number, text, Boolean or date, None for a blank, a whole number for an error, and rows of these for a
range. An answer is always rows; in it a whole number is always the number of an Excel error.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from datetime import date
from functools import cached_property
from typing import Any

import numpy as np

from udfs.findings import Bools, Ints, Values
from udfs.formula_desk import CONNECTION, Desk, Known, NotThereError
from udfs.lookup import Days, Floats, code_key
from workbooks.errors import WorkbookError

NA, VALUE, REF = 2042, 2015, 2023
LOG = logging.getLogger("orderdesk")

Cells = object
"""One cell, or the rows of a range."""

Answer = list[list[Any]]
Told = Sequence[object] | Values
"""One answer per cell of a call."""

_EPOCH = date(1970, 1, 1).toordinal()
_ERROR_BITS, _ERROR_MASK, _MISSING = 0x800A0000, 0xFFFF0000, -2147352572


class ShapesDifferError(Exception):
    """Two ranges of different shape cannot be answered side by side."""


def error_number(cell: object) -> int | None:
    """Return the number of the Excel error in a cell (2042 for #N/A), None where it holds none."""
    if type(cell) is not int:
        return None
    bits = cell & 0xFFFFFFFF
    return bits & 0xFFFF if bits & _ERROR_MASK == _ERROR_BITS else None


def is_blank(cell: object) -> bool:
    """Tell whether a cell says nothing."""
    return cell is None or (isinstance(cell, str) and not cell.strip())


def _text(cell: object) -> str:
    if isinstance(cell, float) and cell.is_integer():
        return f"{cell:.0f}"
    return "" if is_blank(cell) else str(cell).strip()


def grid(cells: Cells) -> tuple[list[object], int, int]:
    """Return the cells of an argument one after another, and its rows and columns."""
    if not isinstance(cells, (tuple, list)):
        return [cells], 1, 1
    if not cells:
        return [None], 1, 1
    # Excel sends a constant array of one row as a plain list
    rows = cells if isinstance(cells[0], (tuple, list)) else (cells,)
    return [cell for row in rows for cell in row], len(rows), len(rows[0])


class Ask:
    """One call of a formula: its arguments as columns of one length, and the cells that are answered already.

    A cell's first answer stands: an error that comes in, nothing for a blank first argument, then what is wrong.
    """

    def __init__(self, name: str, arguments: Sequence[Cells]) -> None:
        """Lay the arguments side by side, single cells repeated; raises ShapesDifferError."""
        self.name = name
        grids = [grid(argument) for argument in arguments]
        shapes = {(rows, columns) for _, rows, columns in grids if rows * columns > 1}
        if len(shapes) > 1:
            raise ShapesDifferError(" / ".join(f"{rows}x{columns}" for rows, columns in sorted(shapes)))
        self.rows, self.columns = next(iter(shapes), (1, 1))
        self.size = self.rows * self.columns
        self.answered: dict[int, object] = {}
        self.wrong: dict[str, int] = {}
        self.cells = [self._plain(cells * (self.size if len(cells) == 1 else 1)) for cells, _, _ in grids]
        blank = {cell for cell in set(self.cells[0]) if is_blank(cell)}
        for place, cell in enumerate(self.cells[0] if blank else ()):
            if cell in blank:
                self.answered.setdefault(place, "")

    @cached_property
    def _asked(self) -> tuple[Desk, Known]:
        return CONNECTION.asked()

    @property
    def desk(self) -> Desk:
        """What the arguments are read with; raises NotThereError where no team folder is set."""
        return self._asked[0]

    @property
    def known(self) -> Known:
        """What the arguments are looked up in; raises NotThereError where no team folder is set."""
        return self._asked[1]

    def _plain(self, cells: list[object]) -> list[object]:
        """Return a column without errors and Booleans (these as text: TRUE is no number 1, also for a dict)."""
        kinds = set(map(type, cells))
        if int not in kinds and bool not in kinds:
            return cells
        plain: list[object] = []
        for place, cell in enumerate(cells):
            error = error_number(cell)
            if error is not None:
                self.answered.setdefault(place, error)
                plain.append(None)
            elif isinstance(cell, bool):
                plain.append(str(cell).upper())
            else:
                plain.append(None if cell == _MISSING else float(cell) if isinstance(cell, int) else cell)
        return plain

    def mark(self, where: Bools, answer: object, wrong: str = "") -> None:
        """Answer the cells `where` that have no answer yet; wrong: what to log of them."""
        for place in np.flatnonzero(where).tolist():
            if place not in self.answered:
                self.answered[place] = answer
                if wrong:
                    self.wrong[wrong] = self.wrong.get(wrong, 0) + 1

    def _read(self, argument: int, read: Callable[[Any], Any]) -> list[Any]:
        """Return a column read, each different cell once."""
        cells = self.cells[argument]
        if len(cells) == 1:
            return [read(cells[0])]
        seen = {cell: read(cell) for cell in set(cells)}
        return [seen[cell] for cell in cells]

    def codes(self, argument: int) -> list[str]:
        """Return the codes of an argument as compared, "" where blank; a blank first argument is answered with ""."""
        code = self.desk.code
        codes = self._read(argument, lambda cell: code_key(code(cell) or ""))
        if argument == 0 and "" in codes:
            self.mark(np.array([key == "" for key in codes]), "")
        return codes

    def texts(self, argument: int) -> list[str]:
        """Return the texts of an argument, "" where blank."""
        return self._read(argument, _text)

    def numbers(self, argument: int, blank: float = np.nan) -> Floats:
        """Return the numbers of an argument; a text that holds none is answered with #VALUE!."""
        read = self._read(argument, self.desk.number)
        return np.array(self._understood(argument, read, blank, "number"), dtype=float)

    def days(self, argument: int) -> Days:
        """Return the dates of an argument, the day where blank; a text that holds none is answered with #VALUE!."""
        today = self.desk.today
        if not any(self.cells[argument]):
            return np.full(self.size, np.datetime64(today, "D"))
        read = self._read(argument, self.desk.day)
        days = [day.toordinal() for day in self._understood(argument, read, today, "date")]
        return (np.array(days, dtype=np.int64) - _EPOCH).astype("datetime64[D]")

    def _understood(self, argument: int, read: list[Any], blank: object, what: str) -> list[Any]:
        """Return what was read, `blank` where there is nothing or nothing that can be read."""
        if None not in read:
            return read
        cells = self.cells[argument]
        odd = [place for place, value in enumerate(read) if value is None and not is_blank(cells[place])]
        if odd:
            where = np.zeros(self.size, dtype=bool)
            where[odd] = True
            self.mark(where, VALUE, f"argument {argument + 1}: no {what}, first {cells[odd[0]]!r:.60}")
        return [blank if value is None else value for value in read]

    def partners(self, argument: int) -> Ints:
        """Return the partners' rows; an unknown one is answered with #N/A."""
        return self._found(self.known.partners.rows(self.codes(argument)))

    def products(self, argument: int, days: Days) -> Ints:
        """Return the price rows valid on the days; a product that has none is answered with #N/A."""
        prices = self.known.prices
        return self._found(prices.rows(prices.places(self.codes(argument)), days))

    def campaigns(self, argument: int) -> Ints:
        """Return the campaigns' rows, -1 where none is named; an unknown one is answered with #N/A.

        The policy table is asked for only where a campaign is named.
        """
        codes = self.codes(argument)
        if not any(codes):
            return np.full(self.size, -1, dtype=np.int64)
        if "policies" not in self.known.tables:
            self.mark(np.array([key != "" for key in codes]), REF, "missing: policies")
            return np.full(self.size, -1, dtype=np.int64)
        rows = self.known.campaigns.codes.rows(codes)
        if rows.min() < 0:
            self.mark((rows < 0) & np.array([key != "" for key in codes]), NA)
        return rows

    def _found(self, rows: Ints) -> Ints:
        if rows.min() < 0:
            self.mark(rows < 0, NA)
        return rows

    def packed(self, values: Told) -> Answer:
        """Return the answers in the shape that was asked, and log what was wrong: a line per reason, with its count."""
        cells: list[Any] = values.tolist() if isinstance(values, np.ndarray) else list(values)
        for place, answer in self.answered.items():
            cells[place] = answer
        for wrong, count in self.wrong.items():
            LOG.warning("%s: %s (%d of %d cells)", self.name, wrong, count, self.size)
        return [cells[start : start + self.columns] for start in range(0, self.size, self.columns)]


def answer(name: str, arguments: Sequence[Cells], body: Callable[[Ask], Told]) -> Answer:
    """Return a formula's answers, in the shape of its arguments.

    A missing table or team folder: #REF! where nothing else is answered. Ranges of different shape, or a bug: one
    #VALUE! for all of it.
    """

    def asked() -> Answer:
        ask = Ask(name, arguments)
        values: Told
        try:
            values = body(ask)
        except (NotThereError, WorkbookError) as error:
            ask.mark(np.ones(ask.size, dtype=bool), REF, f"missing: {error}")
            values = [""] * ask.size
        return ask.packed(values)

    return guarded(name, asked)


def guarded(name: str, asked: Callable[[], Answer]) -> Answer:
    """Return what `asked` answers; what keeps it from answering is one Excel error, and a line in the log."""
    try:
        return asked()
    except (NotThereError, WorkbookError) as error:
        LOG.warning("%s: missing: %s", name, error)
        return [[REF]]
    except ShapesDifferError as error:
        LOG.warning("%s: ranges of different shape, %s", name, error)
    except Exception:  # the outermost door: Excel shows no traceback, so the log has it
        LOG.exception("%s failed", name)
    return [[VALUE]]
