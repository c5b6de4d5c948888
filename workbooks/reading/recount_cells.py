"""What a file's own bytes say that it holds: its sheets and cells counted again, whatever was read of them."""

from __future__ import annotations

import re
from collections.abc import Container, Mapping, Sequence
from dataclasses import dataclass
from xml.parsers import expat

import pyarrow.compute as pc

from workbooks.reading.cells import ZIP_MAGIC, RawSheet
from workbooks.reading.package import Package
from workbooks.reading.texts import encoded
from workbooks.schema import Limits

_SEPARATED = re.compile(rb'\s*"?sep=', re.IGNORECASE)


@dataclass(frozen=True)
class Differs:
    """Where a second count comes to something else: what was counted (a phrase `recount_…`), and both figures."""

    source_file: str
    source_sheet: str
    what: str
    counted: float
    found: float


def passed_over(name: str, sheets: Sequence[RawSheet], told: Container[str]) -> tuple[Differs, ...]:
    """Return the sheets with something in them that are none of those that were read or told of."""
    return tuple(
        Differs(name, sheet.name, "sheet", _size(sheet), 0)
        for sheet in sheets
        if sheet.name not in told and _size(sheet)
    )


def _size(sheet: RawSheet) -> int:
    cells = sheet.cells
    filled: int = cells.num_rows * cells.num_columns - sum(column.null_count for column in cells)
    return filled + len(sheet.errors)


def _shown(sheet: RawSheet) -> int:
    """Return how many cells show more than spaces, which the reader keeps of one text and not of another."""
    texts = (encoded(column) for column in sheet.cells)
    blank = ((column, pc.utf8_is_space(column.dictionary)) for column in texts)
    return _size(sheet) - sum(pc.sum(spaces.take(column.indices)).as_py() or 0 for column, spaces in blank)


def cells_differ(name: str, content: bytes, limits: Limits, sheets: Sequence[RawSheet]) -> list[Differs]:
    """Return where the file holds other cells than were read (.xlsx, .xlsm), or other lines (.csv)."""
    if not content.startswith(ZIP_MAGIC):
        lines = _lines(content) if [sheet.name for sheet in sheets] == ["CSV"] else None
        read = sheets[0].cells.num_rows if sheets else 0
        return [] if lines in {None, read} else [Differs(name, "CSV", "cells", float(lines or 0), read)]
    if any(sheet.held is None for sheet in sheets):  # neither the one nor the other
        return []
    if content.count(b"xl/worksheets/sheet") // 2 == len(sheets) and all(s.held == _size(s) for s in sheets):
        return []
    package, differs = Package(content, limits), []
    relations = package.relations(package.main_part()).values()
    parts = sum(kind == "worksheet" for kind, _ in relations)
    if parts != len(sheets):
        differs.append(Differs(name, "", "sheets", parts, len(sheets)))
    for sheet in sheets:
        if sheet.held != _size(sheet):
            part, shown = package.read(sheet.part), _shown(sheet)
            at_once = part.count(b"<v>") + part.count(b"<is>")
            filled = shown if at_once == _size(sheet) else _filled(part, _blank_strings(package))
            if filled != shown:
                differs.append(Differs(name, sheet.name, "cells", filled, shown))
    return differs


def _lines(content: bytes) -> int | None:
    """Return how many lines a text has; None where one record may be several."""
    if b'"' in content or content.startswith((b"\xff\xfe", b"\xfe\xff")):
        return None
    return len(content.splitlines()) - (_SEPARATED.match(content.removeprefix(b"\xef\xbb\xbf")) is not None)


def _blank_strings(package: Package) -> frozenset[str]:
    """Return which of the shared strings are blank."""
    part = next((target for kind, target in package.relations(package.main_part()).values()
                 if kind == "sharedstrings"), None)  # fmt: skip
    return frozenset() if part is None else frozenset(map(str, _blank(package.read(part))))


def _blank(content: bytes) -> list[int]:
    texts: list[str] = []
    inside: list[str] = []

    def start(name: str, _: object) -> None:
        inside.append(_local(name))
        if inside[-1] == "si":
            texts.append("")

    def data(text: str) -> None:
        if inside and inside[-1] == "t" and "rPh" not in inside:
            texts[-1] += text

    _walk(content, start, lambda _: inside.pop(), data)
    return [place for place, text in enumerate(texts) if not text.strip()]


def _filled(content: bytes, blank: frozenset[str]) -> int:
    """Return how many cells of a sheet's part hold something, one by one."""
    filled: dict[object, bool] = {}
    cell: dict[str, str] = {}
    inside: list[str] = []

    def start(name: str, found: Mapping[str, str]) -> None:
        inside.append(_local(name))
        if inside[-1] == "c":
            cell.clear()
            cell.update(found, text="")

    def data(text: str) -> None:
        if inside and (inside[-1] == "v" or (inside[-1] == "t" and "is" in inside)) and "rPh" not in inside:
            cell["text"] += text

    def end(name: str) -> None:
        inside.pop()
        if _local(name) == "c":
            text = cell["text"]
            filled[cell.get("r", len(filled))] = bool(text.strip()) and not (
                cell.get("t") == "s" and text.strip() in blank
            )

    _walk(content, start, end, data)
    return sum(filled.values())


def _local(name: str) -> str:
    return name.rpartition(":")[2]


def _walk(content: bytes, start: object, end: object, data: object) -> None:
    parser = expat.ParserCreate()
    parser.buffer_text = True
    parser.StartElementHandler, parser.EndElementHandler, parser.CharacterDataHandler = start, end, data  # type: ignore[assignment]
    parser.Parse(content, True)  # noqa: FBT003 - the C function takes it by place alone
