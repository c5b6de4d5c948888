"""Whether two runs gave the same: `python -m tests.bench.same BEFORE AFTER`, two output folders or two team folders.

Files are compared byte by byte; workbooks whose bytes differ part by part, and where sheets, text or styles differ,
cell by cell as openpyxl reads them; records of a run without what a clock or a packer decides. Exit code 1 and a line
per difference with file, sheet and cell.
"""

from __future__ import annotations

import json
import sys
import zipfile
from collections.abc import Callable, Iterator, Mapping
from itertools import chain, islice
from pathlib import Path
from typing import Any, NamedTuple
from xml.etree import ElementTree as ET

import openpyxl

MOST = 20  # lines of a file
READ_BY_CELL = ("xl/workbook.xml", "xl/worksheets/", "xl/sharedStrings.xml", "xl/styles.xml", "xl/comments")
OF_THE_CLOCK = ("seconds", "outputs", "cluster")  # outputs: hashes of files that are compared themselves


def differences(before: Path, after: Path) -> Iterator[str]:
    """Yield what differs between two folders, file by file."""
    first, second = _files(before), _files(after)
    for name in sorted(first.keys() | second.keys()):
        if name not in second:
            yield f"{name}: gone"
        elif name not in first:
            yield f"{name}: new"
        elif first[name].read_bytes() != second[name].read_bytes():
            found = _comparison(name)(first[name], second[name])
            yield from (f"{name}: {line}" for line in islice(found, MOST))
            if more := sum(1 for _ in found):
                yield f"{name}: and {more:,} more"


def _files(folder: Path) -> dict[str, Path]:
    return {path.relative_to(folder).as_posix(): path for path in folder.rglob("*") if path.is_file()}


def _comparison(name: str) -> Callable[[Path, Path], Iterator[str]]:
    kinds = {".xlsx": _books, ".json": _records}
    return kinds.get(Path(name).suffix, lambda *_: iter(["other bytes"]))


def _records(before: Path, after: Path) -> Iterator[str]:
    first, second = (json.loads(path.read_text(encoding="utf-8")) for path in (before, after))
    yield from _unequal(
        *({name: value for name, value in one.items() if name not in OF_THE_CLOCK} for one in (first, second))
    )


def _books(before: Path, after: Path) -> Iterator[str]:
    first, second = _parts(before), _parts(after)
    other = [name for name in sorted(first.keys() | second.keys()) if first.get(name) != second.get(name)]
    if any(name.startswith(READ_BY_CELL) for name in other):
        yield from _unequal(_sheets(before), _sheets(after))
    yield from (f"part {name} differs" for name in other if not name.startswith(READ_BY_CELL))


def _parts(path: Path) -> dict[str, bytes]:
    with zipfile.ZipFile(path) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def _unequal(before: Mapping[str, Any], after: Mapping[str, Any]) -> Iterator[str]:
    """Yield what differs of two mappings; mappings and cells in them are entered."""
    for name in dict.fromkeys(chain(before, after)):
        one, other = before.get(name), after.get(name)
        if one == other and type(one) is type(other):
            continue
        if isinstance(one, Cell) and isinstance(other, Cell):
            one, other = one._asdict(), other._asdict()
        if isinstance(one, dict) and isinstance(other, dict):
            yield from (f"{name} {line}" for line in _unequal(one, other))
        else:
            yield f"{name}: {one!r} became {other!r}"


class Cell(NamedTuple):
    """A cell as a reader meets it; looks are the XML of its style, all ids resolved."""

    value: object
    type: str
    link: str
    comment: str
    number_format: str
    font: str
    fill: str
    border: str
    alignment: str
    protection: str


def _sheets(path: Path) -> dict[str, dict[str, Any]]:
    """Return what openpyxl reads of each sheet: its cells by reference, and what it says of the whole sheet."""
    book = openpyxl.load_workbook(path, rich_text=True)
    looks: dict[int, tuple[str, ...]] = {}
    found = {sheet.title: _cells(sheet, looks) | _about(sheet) for sheet in book.worksheets}
    return {"sheets": book.sheetnames} | found


def _cells(sheet: Any, looks: dict[int, tuple[str, ...]]) -> dict[str, Any]:
    cells = {}
    for cell in chain.from_iterable(sheet.iter_rows()):
        if cell.style_id not in looks:
            shapes = (cell.font, cell.fill, cell.border, cell.alignment, cell.protection)
            looks[cell.style_id] = (cell.number_format, *map(_xml, shapes))
        link = f"{cell.hyperlink.target or ''}#{cell.hyperlink.location or ''}" if cell.hyperlink else ""
        comment = cell.comment.text if cell.comment else ""
        cells[cell.coordinate] = Cell(cell.value, cell.data_type, link, comment, *looks[cell.style_id])
    return cells


def _about(sheet: Any) -> dict[str, Any]:
    rules = {
        str(where.sqref): [(_xml(rule), rule.dxf and _xml(rule.dxf)) for rule in where.rules]
        for where in sheet.conditional_formatting
    }
    return {
        "widths": {letters: (column.width, column.hidden) for letters, column in sheet.column_dimensions.items()},
        "heights": {str(number): (row.height, row.hidden) for number, row in sheet.row_dimensions.items()},
        "validations": {str(rule.sqref): _xml(rule) for rule in sheet.data_validations.dataValidation},
        "conditional formats": rules,
        "merged": sorted(map(str, sheet.merged_cells.ranges)),
        "filter": sheet.auto_filter.ref,
        "panes": sheet.freeze_panes,
        "view": _xml(sheet.sheet_view),
        "state": sheet.sheet_state,
        "printed": (_xml(sheet.page_setup), sheet.print_title_rows, _xml(sheet.HeaderFooter)),
    }


def _xml(thing: Any) -> str:
    """Return one of openpyxl's objects as its XML, which has no ids of the workbook's own."""
    return ET.tostring(thing.to_tree(thing.tagname), encoding="unicode")


def main(before: Path, after: Path) -> int:
    """Print the differences; return 1 where there are any."""
    found = list(differences(before, after))
    print(*found or [f"the same: {len(_files(before))} files"], sep="\n")
    return int(bool(found))


if __name__ == "__main__":
    sys.exit(main(*map(Path, sys.argv[1:3])))
