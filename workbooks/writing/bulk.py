"""Body rows at full speed: a workbook that XlsxWriter drew as a shell gets its rows spliced in as vectorised XML.

XlsxWriter writes 200,000 rows cell by cell in 30 s. Here it draws everything but those rows (headings, widths, filters,
charts, styles). What a cell holds is spelt once per column however often it stands; a row is these texts joined by its
number, which stands between them: `<row r="` 2 `"><c r="A` 2 `" s="1" t="s"><v>7</v></c><c r="B` 2 and so on. Chunks
of rows are joined and deflated in threads.
"""

from __future__ import annotations

import re
import zipfile
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from itertools import accumulate
from typing import IO, TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from workbooks.addresses import column_letters
from workbooks.errors import WorkbookError
from workbooks.writing.archive import WORKERS, Archive, Piece, Text, deflated, in_order
from workbooks.writing.cell_text import in_memory, joined, string_items

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from pathlib import Path


CHUNK = 4_096  # rows rendered at a time: a few MB of XML
_NEAR = 1 << 14  # bytes in which a row ends, however many columns it has
_ROW = re.compile(rb'<row r="(\d+)"')
_SHARED = "xl/sharedStrings.xml"
_NUMBER, _TEXT, _EMPTY = "><v>", ' t="s"><v>', "/>"


@dataclass(frozen=True)
class Cells:
    """One column of body cells.

    data: numbers (null where empty) or large_string (the same).
    picks, styles: per row which of the column's style ids, and these; whoever draws the shell knows them.
    text: beside numbers, the text that stands instead of some of them (null elsewhere).
    """

    data: pa.Array
    picks: npt.NDArray[np.int8]
    text: pa.Array | None = None
    styles: Sequence[int] = ()


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
        with ThreadPoolExecutor(WORKERS) as pool, path.open("wb") as file:
            strings, texts = _shared_strings(self.parts.get(_SHARED, b""), bodies, pool)
            archive = Archive(file)
            for name, xml in self.parts.items():
                pieces = strings if name == _SHARED else [xml]
                jobs: list[Callable[[], Piece]] = [partial(deflated, piece) for piece in pieces]
                if name in bodies:
                    jobs = list(_body_jobs(bodies[name], texts[name], _ends(xml, bodies[name]), pool))
                pieces_of = in_order(pool, jobs)
                archive.add(name, _counted(pieces_of, path, bodies[name]) if name in bodies else pieces_of)
            archive.close()


def _counted(pieces: Iterator[Piece], path: Path, body: Body) -> Iterator[Piece]:
    """Yield a sheet's pieces as they are written, and count their rows by the numbers that stand in them.

    Raises WorkbookError where a row is missing or stands twice.
    """
    last = 1
    for xml, packed in pieces:
        numbers = [int(found) for found in _ROW.findall(xml[:_NEAR])[:1] + _ROW.findall(xml[-_NEAR:])[-1:]]
        if (numbers and last + 1 == numbers[0]) or numbers == [1, 1]:
            last = numbers[-1]
        elif numbers:
            break
        yield xml, packed
    if last != body.rows + 1:
        raise WorkbookError("written-short", path=path, sheet=path.name, counted=body.rows, found=last - 1)


def _texts(column: Cells) -> pa.DictionaryArray | None:
    """Return a column's text, each different one once; None where it has none."""
    text = column.data if pa.types.is_large_string(column.data.type) else column.text
    return None if text is None else text.dictionary_encode()


def _spread(pool: ThreadPoolExecutor, body: Body) -> Callable[..., Iterator[Any]]:
    """Return what goes over a sheet's columns: the threads, where it is not over before they would begin."""
    return pool.map if body.rows > CHUNK else map


def _shared_strings(
    shell: bytes, bodies: Mapping[str, Body], pool: ThreadPoolExecutor
) -> tuple[list[Text], dict[str, list[pa.DictionaryArray | None]]]:
    """Return the shared strings part, and per sheet and column its text as ids there (the shell's own come first)."""
    first = shell.count(b"<si>")
    encoded = {name: list(_spread(pool, body)(_texts, body.columns)) for name, body in bodies.items()}
    columns = [column for sheet in encoded.values() for column in sheet if column is not None]
    nothing = pa.array([], pa.large_string())
    every = pa.concat_arrays([nothing, *(column.dictionary for column in columns)]).dictionary_encode()
    unique, ids = every.dictionary, pc.add(every.indices, pa.scalar(first, pa.int32()))
    starts = accumulate((len(column.dictionary) for column in columns), initial=0)
    numbered = iter(
        [
            pa.DictionaryArray.from_arrays(column.indices, ids.slice(start, len(column.dictionary)))
            for column, start in zip(columns, starts, strict=False)
        ]
    )
    texts = {name: [None if column is None else next(numbered) for column in sheet] for name, sheet in encoded.items()}
    uses = first + sum(len(column) - column.null_count for column in columns)
    head = (
        '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
        '<sst xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main" '
        f'count="{uses}" uniqueCount="{first + len(unique)}">'
    )
    own = shell[shell.find(b"<si>") : shell.rfind(b"</sst>")] if first else b""
    return [head.encode() + own, *_pieces(string_items(unique)), b"</sst>"], texts


def _pieces(array: pa.Array) -> Iterator[Text]:
    """Yield an array's text, one after the other, some MB at a time."""
    for start in range(0, len(array), 4 * CHUNK):
        yield in_memory(array.slice(start, 4 * CHUNK))


def _ends(xml: bytes, body: Body) -> tuple[bytes, bytes]:
    """Return what stands before and after the body rows of a sheet's part, with its range and links set right."""
    head, tail = xml.split(b"</sheetData>")
    head = b"".join(head.partition(b"</row>")[:2])
    last = f"{column_letters(len(body.columns) - 1)}{body.rows + 1}"
    head = re.sub(rb'<dimension ref="[^"]*"', f'<dimension ref="A1:{last}"'.encode(), head, count=1)
    links = b"<hyperlinks>" + body.links + b"</hyperlinks>" if body.links else b""
    tail = re.sub(rb"<hyperlinks>.*?</hyperlinks>", lambda _: links, tail, count=1, flags=re.DOTALL)
    return head, b"</sheetData>" + tail


def _contents(column: Cells, texts: pa.DictionaryArray | None) -> tuple[pa.Array, npt.NDArray[np.int32]]:
    """Return what a column's cells hold, each different one once and the last of them nothing, and which one each has.

    texts: its text as ids of shared strings.
    """
    kinds = [] if pa.types.is_large_string(column.data.type) else [(_NUMBER, column.data.dictionary_encode())]
    kinds += [(_TEXT, texts)] if texts is not None else []
    spelt, codes, size = [], None, 0
    for opening, kind in kinds:
        spelt.append(joined(opening, kind.dictionary.cast(pa.large_string()), "</v></c>"))
        further = pc.add(kind.indices, pa.scalar(size, pa.int32())) if size else kind.indices
        codes = further if codes is None else pc.coalesce(further, codes)
        size += len(kind.dictionary)
    spelt.append(pa.array([_EMPTY], pa.large_string()))
    return pa.concat_arrays(spelt), pc.fill_null(codes, size).to_numpy(zero_copy_only=False)


def _cells(column: Cells, texts: pa.DictionaryArray | None, following: str) -> Callable[[slice], pa.Array]:
    """Return a function from a part of the rows to their cells of one column, from behind the row's number on.

    An empty cell keeps its style. following: what stands behind the cell, up to the row's number again.
    """
    contents, codes = _contents(column, texts)
    styles = pa.array([f'" s="{style}"' for style in column.styles], pa.large_string())
    used = np.flatnonzero(np.bincount(column.picks, minlength=len(styles)))
    if len(used) * len(contents) > len(codes):  # hardly one like another
        return lambda part: joined(
            styles.take(pa.array(column.picks[part])), contents.take(pa.array(codes[part])), following
        )
    spelt = pa.concat_arrays([joined(styles[pick], contents, following) for pick in used.tolist()])
    first = np.zeros(len(styles), np.int32)
    first[used] = np.arange(len(used)) * len(contents)
    keys = first[column.picks] + codes
    return lambda part: spelt.take(pa.array(keys[part]))


def _rows(body: Body, columns: Sequence[Callable[[slice], pa.Array]], part: slice) -> Piece:
    """Return the `<row>` elements of one chunk. A height without customHeight is a hint that Excel may revise."""
    numbers = pa.array(np.arange(part.start + 2, part.stop + 2)).cast(pa.large_string())
    opening: str | pa.Array = '"><c r="A'
    if body.heights is not None:
        opening = joined('" ht="', pa.array(body.heights[part]).cast(pa.large_string()), opening)
    cells = [column(part) for column in columns]
    return deflated(in_memory(joined('<row r="', opening, *cells, between=numbers)))


def _body_jobs(
    body: Body,
    texts: Sequence[pa.DictionaryArray | None],
    ends: tuple[bytes, bytes],
    pool: ThreadPoolExecutor,
) -> Iterator[Callable[[], Piece]]:
    yield partial(deflated, ends[0])
    following = [*(f'<c r="{column_letters(place)}' for place in range(1, len(body.columns))), "</row>"]
    columns = list(_spread(pool, body)(_cells, body.columns, texts, following)) if body.rows else []
    for start in range(0, body.rows, CHUNK):
        part = slice(start, min(start + CHUNK, body.rows))
        yield partial(_rows, body, columns, part)
    yield partial(deflated, ends[1])
