"""Tables: what Excel calls a table is a database range in Calc, and is saved as a table into an Excel file."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from xlwings import base_classes as base

from xl_addin.calc.engine.parts import Named
from xl_addin.calc.engine.ranges import Range
from xl_addin.calc.engine.structs import Uno, address_of, area_of

if TYPE_CHECKING:
    from xl_addin.calc.engine.sheets import Sheet


class Tables(base.Tables):  # type: ignore[misc] # xlwings has no types
    """The tables on a sheet."""

    parent: Sheet = None  # type: ignore[assignment] # in place of a property of xlwings', which cannot be set

    def __init__(self, sheet: Sheet) -> None:
        """Take a sheet."""
        self.parent, self.xl = sheet, sheet.book.xl.DatabaseRanges

    @property
    def api(self) -> Uno:
        """Return the database ranges of the whole book."""
        return self.xl

    def __call__(self, key: int | str) -> Table:
        """Return a table by its place, from 1, or its name. Raises KeyError where there is none."""
        for place, table in enumerate(self, start=1):
            if key == place or (isinstance(key, str) and table.name.casefold() == key.casefold()):
                return table
        raise KeyError(key)

    def __len__(self) -> int:
        """Return how many there are."""
        return sum(1 for _ in self)

    def __contains__(self, key: str) -> bool:
        """Tell whether there is one of that name."""
        return any(table.name.casefold() == key.casefold() for table in self)

    def __iter__(self) -> Iterator[Table]:
        """Yield them."""
        here = self.parent.index - 1
        for name in self.xl.ElementNames:
            found = self.xl.getByName(name)
            if found.DataArea.Sheet == here:
                yield Table(found, self.parent)

    def add(  # noqa: PLR0913, PLR0917 - xlwings' own call
        self,
        source_type: object = None,  # noqa: ARG002 - xlwings passes it; only cells can be a table
        source: object = None,
        link_source: object = None,  # noqa: ARG002 - the same
        has_headers: bool | None = True,  # noqa: FBT001, FBT002 - the same
        destination: object = None,  # noqa: ARG002 - the same
        table_style_name: str | None = None,  # noqa: ARG002 - Calc has no such styles
        name: str | None = None,
    ) -> Table:
        """Make a table of cells: with filter buttons; Calc knows none of Excel's table styles."""
        cells: Range = getattr(source, "impl")  # noqa: B009 - an xw.Range
        names = (f"Table{number}" for number in range(1, self.xl.Count + 2))
        name = name or next(word for word in names if not self.xl.hasByName(word))
        self.xl.addNewByName(name, cells.xl.RangeAddress)
        made = self.xl.getByName(name)
        made.ContainsHeader = bool(has_headers)
        made.AutoFilter = True
        return Table(made, self.parent)


class Table(Named, base.Table):  # type: ignore[misc] # xlwings has no types
    """A table."""

    table_style = None
    parent: Sheet = None  # type: ignore[assignment] # the same

    def __init__(self, table: Uno, sheet: Sheet) -> None:
        """Take a database range and its sheet."""
        self.xl, self.parent = table, sheet

    @property
    def display_name(self) -> str:
        """Return its name."""
        return self.name

    @property
    def show_headers(self) -> bool:
        """Tell whether its first row is headings."""
        return bool(self.xl.ContainsHeader)

    @property
    def show_totals(self) -> bool:
        """Tell whether its last row is totals."""
        return bool(self.xl.TotalsRow)

    @property
    def show_autofilter(self) -> bool:
        """Tell whether its headings have filter buttons."""
        return bool(self.xl.AutoFilter)

    @show_autofilter.setter
    def show_autofilter(self, value: bool) -> None:
        """Set it: show autofilter."""
        self.xl.AutoFilter = bool(value)

    @property
    def range(self) -> Range:
        """Return its cells."""
        return Range(self.parent, [area_of(self.xl.DataArea)])

    @property
    def header_row_range(self) -> Range | None:
        """Return its headings; None where it has none."""
        top, left, _, right = self.range.areas[0]
        return Range(self.parent, [(top, left, top, right)]) if self.show_headers else None

    @property
    def data_body_range(self) -> Range | None:
        """Return its rows without headings and totals; None where there are none."""
        top, left, bottom, right = self.range.areas[0]
        top, bottom = top + self.show_headers, bottom - self.show_totals
        return Range(self.parent, [(top, left, bottom, right)]) if top <= bottom else None

    def resize(self, cells: object) -> None:
        """Let it stand for other cells."""
        wanted: Range = getattr(cells, "impl")  # noqa: B009 - an xw.Range
        self.xl.DataArea = address_of(wanted.areas[0], self.parent.index - 1)
