"""A workbook of one plain sheet, as fast as we know how: columns rendered whole by Arrow, deflated by ISA-L in threads.

It is what the benchmark's inputs are written with, and the floor under every writer: no styles (but dates look like
dates), no widths, no second sheet, nothing checked.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from workbooks.addresses import column_letters
from workbooks.writing.archive import WORKERS, Archive, Piece, deflated, in_order
from workbooks.writing.cell_text import in_memory, joined, string_items

CHUNK = 8_192  # rows rendered at a time
DAY_ZERO = 25_569  # 1970-01-01 as Excel counts days
_HEAD = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
_MAIN = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"
_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml"
_PARTS = {
    "[Content_Types].xml": f'<Types xmlns="{_PACKAGE}/content-types">'
    '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
    f'<Override PartName="/xl/workbook.xml" ContentType="{_TYPE}.sheet.main+xml"/>'
    f'<Override PartName="/xl/worksheets/sheet1.xml" ContentType="{_TYPE}.worksheet+xml"/>'
    f'<Override PartName="/xl/styles.xml" ContentType="{_TYPE}.styles+xml"/>'
    f'<Override PartName="/xl/sharedStrings.xml" ContentType="{_TYPE}.sharedStrings+xml"/></Types>',
    "_rels/.rels": f'<Relationships xmlns="{_PACKAGE}/relationships">'
    f'<Relationship Id="rId1" Type="{_OFFICE}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
    "xl/workbook.xml": f'<workbook {_MAIN} xmlns:r="{_OFFICE}">'
    '<sheets><sheet name="Sheet1" sheetId="1" r:id="rId1"/></sheets></workbook>',
    "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{_PACKAGE}/relationships">'
    f'<Relationship Id="rId1" Type="{_OFFICE}/worksheet" Target="worksheets/sheet1.xml"/>'
    f'<Relationship Id="rId2" Type="{_OFFICE}/styles" Target="styles.xml"/>'
    f'<Relationship Id="rId3" Type="{_OFFICE}/sharedStrings" Target="sharedStrings.xml"/></Relationships>',
    "xl/styles.xml": f'<styleSheet {_MAIN}><numFmts count="1"><numFmt numFmtId="164" formatCode="yyyy\\-mm\\-dd"/>'
    '</numFmts><fonts count="1"><font><sz val="11"/><name val="Calibri"/></font></fonts>'
    '<fills count="2"><fill><patternFill patternType="none"/></fill><fill><patternFill patternType="gray125"/></fill>'
    '</fills><borders count="1"><border/></borders><cellStyleXfs count="1"><xf/></cellStyleXfs>'
    '<cellXfs count="2"><xf numFmtId="0"/><xf numFmtId="164" applyNumberFormat="1"/></cellXfs>'
    '<cellStyles count="1"><cellStyle name="Normal" xfId="0" builtinId="0"/></cellStyles></styleSheet>',
}


def write_bare(path: Path, columns: Mapping[str, pa.Array]) -> None:
    """Write columns of one length under their headings: text (dictionaries too), numbers, and dates as date32.

    Null is no cell at all. The same columns give the same bytes.
    """
    headings = pa.array(list(columns), pa.large_string())
    encoded = {name: column.dictionary_encode() for name, column in columns.items() if _is_text(column.type)}
    distinct = [column.dictionary.cast(pa.large_string()) for column in encoded.values()]
    strings = pc.unique(pa.concat_arrays([headings, *distinct]))
    opening = pa.array([f'" t="s"><v>{place}' for place in range(len(strings))], pa.large_string())
    body = [
        opening.take(pc.index_in(encoded[name].dictionary.cast(pa.large_string()), strings)).take(encoded[name].indices)
        if name in encoded
        else _numbers(column)
        for name, column in columns.items()
    ]
    rows = len(body[0])
    heading_cells = "".join(
        f'<c r="{column_letters(place)}1" t="s"><v>{at}</v></c>'
        for place, at in enumerate(pc.index_in(headings, strings).to_pylist())
    )
    last = f"{column_letters(len(body) - 1)}{rows + 1}"
    head = f'{_HEAD}<worksheet {_MAIN}><dimension ref="A1:{last}"/><sheetData><row r="1">{heading_cells}</row>'
    starts = range(0, rows, CHUNK)
    with ThreadPoolExecutor(WORKERS) as pool, path.open("wb") as file:
        archive = Archive(file)
        for name, xml in _PARTS.items():
            archive.add(name, [deflated((_HEAD + xml).encode())])
        archive.add("xl/sharedStrings.xml", _shared(strings))
        jobs = [partial(_rows, body, slice(start, min(start + CHUNK, rows))) for start in starts]
        ends = [partial(deflated, part.encode()) for part in (head, "</sheetData></worksheet>")]
        archive.add("xl/worksheets/sheet1.xml", in_order(pool, [ends[0], *jobs, ends[1]]))
        archive.close()


def _is_text(kind: pa.DataType) -> bool:
    return bool(pa.types.is_dictionary(kind) or pa.types.is_string(kind) or pa.types.is_large_string(kind))


def _numbers(column: pa.Array) -> pa.Array:
    """Return what follows a cell's address up to its value."""
    opening = '"><v>'
    if pa.types.is_date32(column.type):
        column, opening = pc.add(column.cast(pa.int32()), DAY_ZERO), '" s="1"><v>'
    values = column.dictionary_encode()
    return joined(opening, values.dictionary.cast(pa.large_string())).take(values.indices)


def _shared(strings: pa.Array) -> Iterator[Piece]:
    yield deflated(f'{_HEAD}<sst {_MAIN} count="{len(strings)}" uniqueCount="{len(strings)}">'.encode())
    yield deflated(in_memory(string_items(strings)))
    yield deflated(b"</sst>")


def _rows(body: list[pa.Array], part: slice) -> Piece:
    """Return the `<row>` elements of one chunk."""
    numbers = pa.array(np.arange(part.start + 2, part.stop + 2)).cast(pa.large_string())
    cells: list[str | pa.Array] = []
    for place, column in enumerate(body):
        opening, middle = f'<c r="{column_letters(place)}', column[part]
        if middle.null_count:
            cells.append(pc.fill_null(joined(opening, numbers, middle, "</v></c>"), ""))
        else:
            cells += [opening, numbers, middle, "</v></c>"]
    return deflated(in_memory(joined('<row r="', numbers, '">', *cells, "</row>")))
