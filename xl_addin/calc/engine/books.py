"""Open workbooks, and the names in them."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from xlwings import base_classes as base

from xl_addin.calc.engine.formats import NumberFormats
from xl_addin.calc.engine.parts import Named
from xl_addin.calc.engine.ranges import Range
from xl_addin.calc.engine.sheets import Sheet, Sheets
from xl_addin.calc.engine.structs import Uno, area_of, properties, struct
from xl_addin.calc.office import load_uno

if TYPE_CHECKING:
    from xl_addin.calc.engine.app import App

_SPREADSHEET = "com.sun.star.sheet.SpreadsheetDocument"
_OOXML, _ALL_GROUPS, _XL_OOX = 5, 0x7FFFFFFF, 3  # of FormulaLanguage, FormulaMapGroup, AddressConvention
FILTERS = {
    ".xlsx": "Calc MS Excel 2007 XML", ".xlsm": "Calc MS Excel 2007 VBA XML", ".xls": "MS Excel 97", ".ods": "calc8",
    ".csv": "Text - txt - csv (StarCalc)", ".pdf": "calc_pdf_Export",
}  # fmt: skip
"""LibreOffice's filter of each kind of file that it writes."""


class Books(base.Books):  # type: ignore[misc] # xlwings has no types
    """The spreadsheets that are open."""

    def __init__(self, app: App) -> None:
        """Take the program."""
        self.app = app

    @property
    def api(self) -> Uno:
        """Return all open documents."""
        return self.app.api.Components

    @property
    def active(self) -> Book | None:
        """Return the spreadsheet in front; the first one where another kind of document is."""
        front = self.app.api.getCurrentComponent()
        if _is_spreadsheet(front):
            return Book(front, self.app)
        return next(iter(self), None)

    def __call__(self, key: int | str) -> Book:
        """Return a book by its place, from 1, or its name. Raises KeyError where there is none."""
        for place, book in enumerate(self, start=1):
            if key == place or (isinstance(key, str) and book.name.casefold() == key.casefold()):
                return book
        raise KeyError(key)

    def __len__(self) -> int:
        """Return how many there are."""
        return sum(1 for _ in self)

    def __iter__(self) -> Iterator[Book]:
        """Yield them."""
        documents = self.api.createEnumeration()
        while documents.hasMoreElements():
            document = documents.nextElement()
            if _is_spreadsheet(document):
                yield Book(document, self.app)

    def add(self) -> Book:
        """Open an empty book."""
        return self._load("private:factory/scalc", ())

    def open(
        self,
        fullname: str,
        _update_links: object = None,
        read_only: bool | None = None,  # noqa: FBT001 - xlwings' own order
        _format: object = None,
        password: str | None = None,
        *_others: object,
    ) -> Book:
        """Open a file; its macros do not run. Raises OSError where Calc cannot read it."""
        how = {"ReadOnly": bool(read_only)} | ({"Password": password} if password else {})
        return self._load(Path(fullname).resolve().as_uri(), properties(**how))

    def _load(self, url: str, how: tuple[Uno, ...]) -> Book:
        document = self.app.api.loadComponentFromURL(url, "_blank", 0, how)
        if document is None:
            raise OSError(url)
        return Book(document, self.app)


def _is_spreadsheet(document: Uno) -> bool:
    return hasattr(document, "supportsService") and bool(document.supportsService(_SPREADSHEET))


class Book(base.Book):  # type: ignore[misc] # xlwings has no types
    """An open spreadsheet."""

    app: App | None = None  # in place of a property of xlwings', which cannot be set

    def __init__(self, document: Uno, app: App | None) -> None:
        """Take a document and the program it is open in; None where nobody asks for it, as of a formula's cells."""
        self.xl, self.app = document, app

    @property
    def api(self) -> Uno:
        """Return the document."""
        return self.xl

    @property
    def sheets(self) -> Sheets:
        """Return its sheets."""
        return Sheets(self)

    @property
    def names(self) -> Names:
        """Return the names of the whole book."""
        return self.names_in(self.xl.NamedRanges)

    def names_in(self, names: Uno) -> Names:
        """Return its own names or those of one of its sheets."""
        return Names(self, names)

    @property
    def name(self) -> str:
        """Return the file's name, or what Calc calls the book while it was never saved."""
        return Path(self.fullname).name

    @property
    def fullname(self) -> str:
        """Return the file's path; the address where it is no file; the name of one never saved."""
        url = str(self.xl.URL)
        if url.startswith("file:"):
            return str(load_uno().fileUrlToSystemPath(url))
        return url or str(self.xl.Title)

    def save(self, path: str | None = None, password: str | None = None) -> None:
        """Save where it lies, or as another file; the kind follows from its ending. Raises KeyError for others."""
        if path is None and self.xl.URL:
            self.xl.store()
            return
        target = Path(path or f"{self.name}.xlsx").resolve()
        how: dict[str, Any] = {"FilterName": FILTERS[target.suffix.lower()], "Overwrite": True}
        if password:
            how["Password"] = password
        self.xl.storeAsURL(target.as_uri(), properties(**how))

    def to_pdf(self, path: str, quality: str = "standard") -> None:  # noqa: ARG002 - Calc has one
        """Print it into a file."""
        self.xl.storeToURL(Path(path).resolve().as_uri(), properties(FilterName=FILTERS[".pdf"]))

    def close(self) -> None:
        """Close it without saving."""
        self.xl.close(True)

    def activate(self) -> None:
        """Bring its window to the front."""
        if self.xl.CurrentController is not None:
            self.xl.CurrentController.Frame.ContainerWindow.toFront()

    def dispatch(self, command: str, **arguments: object) -> None:
        """Do what a menu of the book's window does, at once; nothing where it cannot be done."""
        name = f".uno:{command}"
        url = struct("util.URL", Complete=name, Main=name, Protocol=".uno:", Path=command)
        found = self.xl.CurrentController.Frame.queryDispatch(url, "", 0)
        if found is not None:
            found.dispatch(url, properties(**arguments, SynchronMode=True))

    @cached_property
    def formats(self) -> NumberFormats:
        """Return its number formats."""
        return NumberFormats(self.xl)

    @cached_property
    def epoch(self) -> datetime:
        """Return the day that counts as 0."""
        day = self.xl.NullDate
        return datetime(day.Year, day.Month, day.Day)  # noqa: DTZ001 - a cell has no zone

    @cached_property
    def parser(self) -> Uno:
        """Return what reads and writes formulas in the grammar of Excel's files."""
        parser = self.xl.createInstance("com.sun.star.sheet.FormulaParser")
        words = self.xl.createInstance("com.sun.star.sheet.FormulaOpCodeMapper")
        parser.OpCodeMap = words.getAvailableMappings(_OOXML, _ALL_GROUPS)
        parser.FormulaConvention = _XL_OOX
        return parser

    @cached_property
    def own_parser(self) -> Uno:
        """Return what reads and writes formulas in the grammar that Calc's cells take."""
        parser = self.xl.createInstance("com.sun.star.sheet.FormulaParser")
        parser.CompileEnglish = True
        return parser


class Names(base.Names):  # type: ignore[misc] # xlwings has no types
    """The names of a book, or of one sheet."""

    def __init__(self, book: Book, names: Uno) -> None:
        """Take the book, and its names or those of a sheet."""
        self.book, self.xl = book, names

    @property
    def api(self) -> Uno:
        """Return UNO's named ranges."""
        return self.xl

    def __call__(self, key: int | str) -> Name:
        """Return a name by its place, from 1, or what it says. Raises KeyError where there is none."""
        if isinstance(key, int):
            return Name(self, self.xl.getByIndex(key - 1))
        if not self.xl.hasByName(key):
            raise KeyError(key)
        return Name(self, self.xl.getByName(key))

    def snapshot(self) -> list[tuple[str, Name]]:
        """Return all of them with what they say."""
        return [(name, self(name)) for name in self.xl.ElementNames]

    def contains(self, key: int | str) -> bool:
        """Tell whether there is one."""
        return key <= len(self) if isinstance(key, int) else bool(self.xl.hasByName(key))

    def __len__(self) -> int:
        """Return how many there are."""
        return int(self.xl.Count)

    def add(self, name: str, refers_to: str) -> Name:
        """Add a name for what a formula in Excel's grammar says."""
        self.xl.addNewByName(name, "", struct("table.CellAddress"), 0)
        made = Name(self, self.xl.getByName(name))
        made.refers_to = refers_to
        return made


class Name(Named, base.Name):  # type: ignore[misc] # xlwings has no types
    """A name."""

    def __init__(self, names: Names, name: Uno) -> None:
        """Take a named range and where it is from."""
        self.names, self.xl = names, name

    @property
    def refers_to(self) -> str:
        """Return what it stands for, a formula in Excel's grammar."""
        return f"={self.names.book.parser.printFormula(self.xl.getTokens(), struct('table.CellAddress'))}"

    @refers_to.setter
    def refers_to(self, value: str) -> None:
        """Set it: refers to."""
        start = struct("table.CellAddress")
        self.xl.setTokens(self.names.book.parser.parseFormula(value.removeprefix("="), start))

    @property
    def refers_to_range(self) -> Range:
        """Return the cells it stands for. Raises ValueError where it stands for something else."""
        cells = self.xl.getReferredCells()
        if cells is None:
            raise ValueError(self.name)
        return Range(Sheet(cells.Spreadsheet, self.names.book), [area_of(cells.RangeAddress)])

    def delete(self) -> None:
        """Take the name away."""
        self.names.xl.removeByName(self.name)
