"""What a run wrote, looked at part by part: what is in it that a run without payloads does not have."""

from __future__ import annotations

import os
import re
import unicodedata
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from urllib.parse import unquote
from xml.etree import ElementTree as ET

from workbooks.labels import labels

ORIGINALS = "原始表格"
_AREA = re.compile(r"(?:'(?:[^']|'')*'|[\w.]+)!\$?[A-Z]*\$?\d*(?::\$?[A-Z]*\$?\d*)?")
_CELL = re.compile(r"([A-Z]+)(\d+)")
_RESERVED = re.compile(r"(CON|PRN|AUX|NUL|COM[\d¹²³]|LPT[\d¹²³]|CONIN\$|CONOUT\$) *(\.|$)", re.IGNORECASE)
_BIDI = {*"\u061c\u200e\u200f", *map(chr, range(0x202A, 0x202F)), *map(chr, range(0x2066, 0x206A))}
_FORMULAS = {"f", "formula", "formula1", "formula2", "definedName"}

Grid = dict[tuple[int, str], str]
"""A sheet's texts and numbers by row and column letters."""


@dataclass
class Seen:
    """What the parts of workbooks are made of: element names, kinds of relations and parts, formulas, header codes."""

    elements: set[str] = field(default_factory=set)
    relations: set[str] = field(default_factory=set)
    parts: set[str] = field(default_factory=set)
    formulas: set[str] = field(default_factory=set)
    codes: set[str] = field(default_factory=set)

    def beyond(self, other: Seen) -> Iterator[str]:
        """Yield what is here and not there."""
        for name in vars(self):
            if more := getattr(self, name) - getattr(other, name):
                yield f"{name} that no harmless run has: {sorted(more)[:5]}"


@dataclass(frozen=True)
class Book:
    """A workbook's parts, its external links as targets, its links' places, and its sheets' cells by name."""

    path: Path
    seen: Seen
    targets: list[str]
    locations: list[str]
    sheets: dict[str, Grid]


def opened(path: Path) -> Book:
    """Read a workbook; raises ParseError where a part is no XML."""
    with zipfile.ZipFile(path) as archive:
        raw = {name: archive.read(name) for name in archive.namelist()}
    seen, targets, locations = Seen(), list[str](), list[str]()
    trees = {}
    for name, content in raw.items():
        seen.parts.add(re.sub(r"\d+", "", name))
        if name.endswith((".xml", ".rels", ".vml")):
            trees[name] = ET.fromstring(content)
    for name, tree in trees.items():
        for element in tree.iter():
            tag = element.tag.rpartition("}")[2]
            seen.elements.add(tag)
            if tag == "formula1" and re.fullmatch('"[^"=][^"]*"', element.text or ""):
                continue  # a drop-down's list of words
            if tag in _FORMULAS and (name.startswith("xl/worksheets/") or not _AREA.fullmatch(element.text or "")):
                seen.formulas.add(f"<{tag}>{element.text}")
            elif tag in {"oddHeader", "oddFooter"}:
                text = (element.text or "").replace("&&", "")
                seen.codes |= {f"&{sign}" for sign in re.findall("&(.?)", text)}
                seen.codes |= {"header too long"} if len(element.text or "") > 255 else set()
            elif tag == "Relationship":
                seen.relations.add(f"{element.get('Type', '').rpartition('/')[2]} {element.get('TargetMode')}")
                targets += [element.get("Target", "")] if element.get("TargetMode") == "External" else []
            elif tag == "hyperlink":
                locations += [element.get("location", "")]
    return Book(path, seen, targets, locations, dict(_sheets(trees)))


def _sheets(trees: dict[str, ET.Element]) -> Iterator[tuple[str, Grid]]:
    strings = [_said(item) for item in trees.get("xl/sharedStrings.xml", ET.Element("none"))]
    related = {one.get("Id"): one.get("Target", "") for one in trees["xl/_rels/workbook.xml.rels"]}
    for sheet in trees["xl/workbook.xml"].iter():
        if not sheet.tag.endswith("}sheet"):
            continue
        part = next(related[value] for key, value in sheet.attrib.items() if key.endswith("}id")).removeprefix("/xl/")
        grid: Grid = {}
        for cell in trees[f"xl/{part}"].iter():
            if cell.tag.endswith("}c") and len(cell):
                place = _CELL.fullmatch(cell.get("r", ""))
                assert place
                value = _said(cell)
                grid[int(place[2]), place[1]] = strings[int(value)] if cell.get("t") == "s" else value
        yield sheet.get("name", ""), grid


def _said(element: ET.Element) -> str:
    """Return the text inside an element, Excel's own escapes resolved."""
    return re.sub("_x([0-9A-Fa-f]{4})_", lambda found: chr(int(found[1], 16)), "".join(element.itertext()))


def wrong_links(book: Book, team: Path, sheets: set[str]) -> Iterator[str]:
    """Yield the links that lead to no file of the team folder, or into a sheet that is none of those."""
    for target in book.targets:
        leads = Path(os.path.normpath(book.path.parent / unquote(target, errors="surrogateescape")))
        if "://" in target or not leads.is_relative_to(team) or not leads.is_file():
            yield f"{book.path.name}: a link to {target!r}"
    for location in book.locations:
        found = re.fullmatch(r"'(.*)'!A\d+", location, re.DOTALL)
        if location and (not found or found[1].replace("''", "'") not in sheets):
            yield f"{book.path.name}: a link into {location!r}"


def wrong_names(output: Path) -> Iterator[str]:
    """Yield the names of outputs of ours that are hidden, reserved, lead elsewhere or deceive."""
    for path in output.rglob("*"):
        inside = PurePosixPath(path.relative_to(output).as_posix())
        for name in inside.parts[-1:] if ORIGINALS not in inside.parts else ():
            odd = any(sign in '<>:"/\\|?*' or not sign.isprintable() for sign in name)
            if odd or name.startswith((".", "~$")) or name.endswith((".", " ")) or _RESERVED.match(name):
                yield f"a file named {name!r}"
            if path.is_symlink():
                yield f"a link on the disk: {name!r}"


def wrong_signs(said: str) -> list[str]:
    """Return what a terminal would obey rather than show."""
    return sorted(
        {sign for sign in said if sign not in "\n\t" and (unicodedata.category(sign) in {"Cc", "Cs"} or sign in _BIDI)}
    )


def cut_mark() -> str:
    """Return how the text of a cell ends that was too long."""
    return labels().overview["cut"]
