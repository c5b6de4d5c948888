"""The workbook around the VBA: hidden sheets of help and words, the ribbon and its icons, the add-in's own markings."""

from __future__ import annotations

import inspect
import io
import re
from collections.abc import Iterable, Mapping
from xml.sax.saxutils import escape, quoteattr

import xlsxwriter
from pyopenvba.cfb import CFB

from macros.desk import BUTTONS
from udfs.formulas import FORMULAS
from workbooks.labels import raw
from xl_addin.addin.parts import MADE, SOURCES, zipped
from xl_addin.addin.wrappers import DESCRIPTION

HELP_SHEET = "_IntelliSense_"  # the name by which Excel-DNA IntelliSense finds it
WORDS_SHEET = "_Labels_"
SETTINGS = frozenset({"folder", "refresh", "doctor", "log", "help"})
_SHEET_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"
_MACRO_TYPE = "application/vnd.ms-excel.sheet.macroEnabled.main+xml"
_ADDIN_TYPE = "application/vnd.ms-excel.addin.macroEnabled.main+xml"
_RELATIONS = "http://schemas.openxmlformats.org/package/2006/relationships"
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_RIBBON = "http://schemas.microsoft.com/office/2007/relationships/ui/extensibility"
_X14 = "http://schemas.microsoft.com/office/spreadsheetml/2009/9/main"
_DEFINED_NAMES = "{8193D73E-4604-4355-AFF4-8A2333D13BE4}"  # the extension that holds the arguments' descriptions


def help_rows() -> list[list[str]]:
    """Return the rows of the help sheet: function, description, help topic, then name and description per argument.

    Source: Excel-DNA IntelliSense, WorkbookIntelliSenseProvider.
    """
    said = raw()["formulas"]
    rows = [["FunctionInfo", "1.0"]]
    for formula in FORMULAS:
        about = said[formula.__name__]
        arguments = [part for name in inspect.signature(formula).parameters for part in (name, about["args"][name][0])]
        rows.append([formula.__name__, about["says"], "", *arguments])
    return rows


def word_rows() -> list[list[str]]:
    """Return the rows of the words sheet: key, Chinese, English; a button that is not there yet is not enabled."""
    rows = []
    for control, words in raw()["ribbon"].items():
        rows += [[f"{control}.{name}", *pair] for name, pair in words.items()]
        if "screentip" in words and control not in SETTINGS and control not in BUTTONS:
            rows.append([f"{control}.enabled", "no", "no"])
    return rows


def workbook() -> bytes:
    """Return the hidden workbook, without VBA yet."""
    content = io.BytesIO()
    book = xlsxwriter.Workbook(content, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False})
    for name, rows in ((HELP_SHEET, help_rows()), (WORDS_SHEET, word_rows())):
        sheet = book.add_worksheet(name)
        for row, cells in enumerate(rows):
            for column, text in enumerate(cells):
                sheet.write_string(row, column, text)
    book.set_properties({"title": raw()["ribbon"]["orderdesk"]["label"][0], "created": MADE.replace(tzinfo=None)})
    book.close()
    return content.getvalue()


def _help_extension() -> str:
    """Return the arguments' descriptions as Excel keeps them in the workbook."""
    said, names = raw()["formulas"], []
    for name in sorted((formula.__name__ for formula in FORMULAS), key=str.lower):
        texts = [words[0][:DESCRIPTION] for words in said[name]["args"].values()]
        described = "".join(
            f'<x14:argumentDescription index="{index}">{escape(text)}</x14:argumentDescription>'
            for index, text in enumerate(texts)
        )
        names.append(
            f'<x14:definedName name="{name}"><x14:argumentDescriptions count="{len(texts)}">{described}'
            "</x14:argumentDescriptions></x14:definedName>"
        )
    return (
        f'<extLst><ext uri="{_DEFINED_NAMES}" xmlns:x14="{_X14}"><x14:definedNames>{"".join(names)}'
        "</x14:definedNames></ext></extLst>"
    )


def _workbook_part(text: str) -> str:
    """Return workbook.xml as an add-in's: functions in a category of their own, nothing calculated on opening."""
    category = quoteattr(raw()["ribbon"]["orderdesk"]["label"][0])
    groups = f'<functionGroups builtInGroupCount="19"><functionGroup name={category}/></functionGroups>'
    text = text.replace("</sheets>", f"</sheets>{groups}").replace(' fullCalcOnLoad="1"', "")
    return text.replace("</workbook>", f"{_help_extension()}</workbook>")


def _relations(targets: Iterable[tuple[str, str, str]]) -> str:
    """Return a relationships part of (id, type, target)."""
    lines = [f'<Relationship Id="{name}" Type="{kind}" Target="{target}"/>' for name, kind, target in targets]
    return (
        '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
        f'<Relationships xmlns="{_RELATIONS}">{"".join(lines)}</Relationships>'
    )


def uncompiled(project: bytes) -> bytes:
    """Return a VBA project that says it holds no compiled code, so that every Excel compiles the sources.

    Source: [MS-OVBA] 2.3.4.1, _VBA_PROJECT Stream: version 0xFFFF, no performance cache.
    """
    streams = CFB.from_bytes(project)
    streams.write_stream("_VBA_PROJECT", bytes.fromhex("cc61 ffff 00 0000"))
    return bytes(streams.to_bytes())


def package(parts: Mapping[str, bytes]) -> bytes:
    """Return the add-in: the parts of a workbook with VBA, made an add-in, with ribbon, icons and help."""
    ribbon = (SOURCES / "ribbon.xml").read_text(encoding="utf-8")
    icons = sorted(set(re.findall(r'\bimage="(\w+)"', ribbon)))
    types = parts["[Content_Types].xml"].decode().replace(_SHEET_TYPE, _ADDIN_TYPE).replace(_MACRO_TYPE, _ADDIN_TYPE)
    texts = {
        "[Content_Types].xml": types.replace(
            "<Override", '<Default Extension="png" ContentType="image/png"/><Override', 1
        ),
        "_rels/.rels": parts["_rels/.rels"]
        .decode()
        .replace(
            "</Relationships>",
            f'<Relationship Id="rIdRibbon" Type="{_RIBBON}" Target="customUI/customUI14.xml"/></Relationships>',
        ),
        "xl/workbook.xml": _workbook_part(parts["xl/workbook.xml"].decode()),
        "customUI/customUI14.xml": ribbon,
        "customUI/_rels/customUI14.xml.rels": _relations(
            (name, f"{_OFFICE}/image", f"images/{name}.png") for name in icons
        ),
    }
    pictures = {f"customUI/images/{name}.png": (SOURCES / "icons" / f"{name}.png").read_bytes() for name in icons}
    project = {"xl/vbaProject.bin": uncompiled(parts["xl/vbaProject.bin"])}
    return zipped({**parts, **project, **{name: text.encode() for name, text in texts.items()}, **pictures})
