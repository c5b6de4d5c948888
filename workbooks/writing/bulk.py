"""Body rows at full speed: a workbook that XlsxWriter drew as a shell gets its rows spliced in as vectorised XML.

XlsxWriter writes 200,000 rows cell by cell in 30 s. Here it draws everything but those rows (headings, widths, filters,
charts, styles); pyarrow joins whole columns of cell XML; a string is escaped once however often it stands; chunks of
rows are rendered and deflated in threads.
"""

from __future__ import annotations

import re
import zipfile
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from typing import IO, TYPE_CHECKING

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from workbooks.addresses import column_letters
from workbooks.writing.archive import WORKERS, Archive, Piece, deflated, in_order
from workbooks.writing.cell_text import in_memory, joined, string_items

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
    from pathlib import Path


CHUNK = 4_096  # rows rendered at a time: a few MB of XML
NUMBER, TEXT, EMPTY = 0, 1, 2

_SHARED = "xl/sharedStrings.xml"
_FIRST_BODY_ROW = b'<row r="2"'


@dataclass(frozen=True)
class Cells:
    """One column of body cells.

    data: numbers (null where empty) or large_string (the same).
    styles, picks: the column's style ids, and per row which of them.
    text: beside numbers, the text that stands instead of some of them (null elsewhere).
    """

    data: pa.Array
    styles: Sequence[int]
    picks: npt.NDArray[np.int8]
    text: pa.Array | None = None


@dataclass(frozen=True)
class Body:
    """A sheet's rows from row 2 on. heights: points per row or None; links: `<hyperlink>` elements, ready made."""

    rows: int
    columns: Sequence[Cells]
    heights: npt.NDArray[np.float64] | None = None
    links: bytes = b""


class Shell:
    """A workbook as XlsxWriter drew it: row 1 of each sheet stays, what stands below is only there to be asked for."""

    def __init__(self, file: IO[bytes]) -> None:
        """Read the parts of a finished workbook."""
        with zipfile.ZipFile(file) as archive:
            self.parts = {name: archive.read(name) for name in archive.namelist()}
        for name in self.parts:
            if name.startswith("xl/worksheets/_rels/"):  # relative paths with slashes open everywhere, not only here
                self.parts[name] = self.parts[name].replace(b"\\", b"/")

    def styles(self, part: str) -> dict[str, int]:
        """Return the style id of every styled cell of a sheet, by its reference."""
        found = re.findall(rb'<c r="([A-Z]+\d+)" s="(\d+)"', self.parts[part])
        return {ref.decode(): int(style) for ref, style in found}

    def link_ids(self, part: str) -> dict[str, str]:
        """Return the relationship id of every external link of a sheet, by the reference of its cell."""
        found = re.findall(rb'<hyperlink ref="([A-Z]+\d+)" r:id="(\w+)"', self.parts[part])
        return {ref.decode(): rel.decode() for ref, rel in found}

    def write(self, path: Path, bodies: Mapping[str, Body]) -> None:
        """Write the workbook to `path` with the rows of `bodies`, by part name."""
        strings, ids = _shared_strings(self.parts.get(_SHARED, b""), bodies)
        with ThreadPoolExecutor(WORKERS) as pool, path.open("wb") as file:
            archive = Archive(file)
            for name, xml in self.parts.items():
                pieces = strings if name == _SHARED else [xml]
                jobs: Iterable[Callable[[], Piece]] = (partial(deflated, piece) for piece in pieces)
                if name in bodies:
                    jobs = _body_jobs(bodies[name], ids[name], _ends(xml, bodies[name]))
                archive.add(name, in_order(pool, jobs))
            archive.close()


def _texts(column: Cells) -> pa.Array | None:
    return column.data if pa.types.is_large_string(column.data.type) else column.text


def _shared_strings(shell: bytes, bodies: Mapping[str, Body]) -> tuple[list[bytes], dict[str, list[pa.Array | None]]]:
    """Return the shared strings part, and per sheet and column the ids of its text (the shell's own come first)."""
    first = shell.count(b"<si>")
    encoded: dict[str, list[pa.DictionaryArray | None]] = {}
    for name, body in bodies.items():
        texts = (_texts(column) for column in body.columns)
        encoded[name] = [None if text is None else text.dictionary_encode() for text in texts]
    columns = [column for sheet in encoded.values() for column in sheet if column is not None]
    nothing = pa.array([], pa.large_string())
    unique = pc.unique(pa.concat_arrays([column.dictionary for column in columns] or [nothing]))
    ids: dict[str, list[pa.Array | None]] = {
        name: [
            None
            if column is None
            else pc.add(pc.index_in(column.dictionary, unique), pa.scalar(first, pa.int32())).take(column.indices)
            for column in sheet
        ]
        for name, sheet in encoded.items()
    }
    uses = first + sum(len(column) - column.null_count for column in columns)
    head = (
        '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
        '<sst xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main" '
        f'count="{uses}" uniqueCount="{first + len(unique)}">'
    )
    own = shell[shell.find(b"<si>") : shell.rfind(b"</sst>")] if first else b""
    return [head.encode() + own, *_pieces(string_items(unique)), b"</sst>"], ids


def _pieces(array: pa.Array) -> Iterator[bytes]:
    """Yield an array's text as joined bytes, some MB at a time."""
    for start in range(0, len(array), 4 * CHUNK):
        yield in_memory(array.slice(start, 4 * CHUNK))


def _ends(xml: bytes, body: Body) -> tuple[bytes, bytes]:
    """Return what stands before and after the body rows of a sheet's part, with its range and links set right."""
    head, tail = xml.split(b"</sheetData>")
    head = head[: head.find(_FIRST_BODY_ROW)] if _FIRST_BODY_ROW in head else head
    last = f"{column_letters(len(body.columns) - 1)}{body.rows + 1}"
    head = re.sub(rb'<dimension ref="[^"]*"', f'<dimension ref="A1:{last}"'.encode(), head, count=1)
    links = b"<hyperlinks>" + body.links + b"</hyperlinks>" if body.links else b""
    tail = re.sub(rb"<hyperlinks>.*?</hyperlinks>", lambda _: links, tail, count=1, flags=re.DOTALL)
    return head, b"</sheetData>" + tail


def _cell_xml(letters: str, column: Cells, ids: pa.Array | None, rows: pa.Array, part: slice) -> pa.Array:
    """Return `<c>` elements of one column for the rows of `part`; an empty cell keeps its style."""
    size = len(rows)
    kinds = np.full(size, EMPTY, np.int8)
    value: pa.Array = pa.nulls(size, pa.large_string())
    if not pa.types.is_large_string(column.data.type):
        numbers = column.data[part]
        value = numbers.cast(pa.large_string())
        kinds[numbers.is_valid().to_numpy(zero_copy_only=False)] = NUMBER
    if ids is not None:
        shared = ids[part]
        value = pc.coalesce(shared.cast(pa.large_string()), value)
        kinds[shared.is_valid().to_numpy(zero_copy_only=False)] = TEXT
    opens = [f'" s="{style}"{rest}' for style in column.styles for rest in ("><v>", ' t="s"><v>', "/>")]
    middle = pa.array(opens, pa.large_string()).take(pa.array(column.picks[part] * np.int16(3) + kinds))
    close = pa.array(["</v></c>", "</v></c>", ""], pa.large_string()).take(pa.array(kinds))
    return joined(f'<c r="{letters}', rows, middle, pc.fill_null(value, ""), close)


def _row_xml(body: Body, ids: Sequence[pa.Array | None], part: slice) -> bytes:
    """Return the `<row>` elements of one chunk. A height without customHeight is a hint that Excel may revise."""
    rows = pa.array(np.arange(part.start + 2, part.stop + 2)).cast(pa.large_string())
    opening: list[str | pa.Array] = ['<row r="', rows]
    if body.heights is not None:
        opening += ['" ht="', pa.array(body.heights[part]).cast(pa.large_string())]
    cells = (
        _cell_xml(column_letters(place), column, ids[place], rows, part) for place, column in enumerate(body.columns)
    )
    return in_memory(joined(*opening, '">', *cells, "</row>"))


def _rows(body: Body, ids: Sequence[pa.Array | None], part: slice) -> Piece:
    return deflated(_row_xml(body, ids, part))


def _body_jobs(
    body: Body,
    ids: Sequence[pa.Array | None],
    ends: tuple[bytes, bytes],
) -> Iterator[Callable[[], Piece]]:
    yield partial(deflated, ends[0])
    for start in range(0, body.rows, CHUNK):
        part = slice(start, min(start + CHUNK, body.rows))
        yield partial(_rows, body, ids, part)
    yield partial(deflated, ends[1])
