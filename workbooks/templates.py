"""Empty, styled template workbooks of every table kind: what a team fills in, one sheet each."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any

import xlsxwriter
from xlsxwriter.utility import xl_col_to_name

from workbooks.labels import KindLabels, labels, raw
from workbooks.schema import KINDS, Column, Kind, Type

ROWS = 1000
CREATED = datetime(2026, 1, 1, tzinfo=UTC)
REQUIRED_FILL, OPTIONAL_FILL, CHOICE_LIMIT = "#1F4E78", "#DDEBF7", 255
FORMATS = {
    Type.CODE: "@",
    Type.DATE: "yyyy-mm-dd",
    Type.NUMBER: "#,##0",
    Type.MONEY: "#,##0.00",
    Type.DISCOUNT: "0.00##",
    Type.SHARE: "0.##%",
}
WIDTHS = {Type.CODE: 15, Type.DATE: 13, Type.NUMBER: 11, Type.MONEY: 13, Type.DISCOUNT: 10, Type.SHARE: 10}
WIDE = {
    "partner_name": 28,
    "product_name": 26,
    "invoice_title": 28,
    "address": 32,
    "bank": 24,
    "bank_account": 24,
    "tax_id": 23,
    "tax_code": 23,
    "email": 24,
    "remark": 20,
    "reason": 28,
    "rule": 24,
    "applies_to": 28,
    "gifts": 20,
    "campaign_name": 20,
    "material_name": 20,
}


@cache
def _words() -> Mapping[str, Any]:
    section: Mapping[str, Any] = raw()["template"]
    return section


def write_templates(folder: Path) -> list[Path]:
    """Write a template of every table kind into the folder and return the files, one per kind.

    Each has one sheet, the kind's main headings in its first row, and no data; the same bytes every time.
    """
    folder.mkdir(parents=True, exist_ok=True)
    written = []
    for name, kind in KINDS.items():
        said = labels().kinds[name]
        path = folder / f"{said.title}.xlsx"
        _write_template(path, kind, said)
        written.append(path)
    return written


def choices(kind: str, column: Column) -> list[str]:
    """Return the words a column may hold, in the order of its drop-down; empty where anything may stand."""
    listed: Mapping[str, list[str]] = _words()["choices"]
    return listed.get(f"{kind}_{column.name}") or listed.get(column.name) or []


def note(kind: str, column: Column, names: tuple[str, ...]) -> str:
    """Return the note on a heading: required or not, type, unit, other ways to write it, what may stand there."""
    words = _words()
    lines = [words["note_required" if column.required else "note_optional"]]
    lines.append(words["note_type"].format(text=words["types"][column.type]))
    if column.unit:
        lines.append(words["note_unit"].format(text=words["units"][column.unit]))
    if len(names) > 1:
        lines.append(words["note_aliases"].format(text=words["note_joiner"].join(names[1:])))
    if column.name == "rule":
        rule_names = (said.name for said in labels().rules.values())
        lines.append(words["note_choices"].format(text=words["note_joiner"].join(rule_names)))
    elif listed := choices(kind, column):
        lines.append(words["note_choices"].format(text=words["note_joiner"].join(listed)))
    return "\n".join(lines)


def _write_template(path: Path, kind: Kind, said: KindLabels) -> None:
    """Write one template."""
    options = {"strings_to_formulas": False, "strings_to_urls": False}
    with xlsxwriter.Workbook(path, options) as book:
        book.set_properties({"title": said.title, "created": CREATED})
        font = {"font_name": _words()["font"], "font_size": 10, "valign": "vcenter"}
        head = font | {"bold": True, "align": "center", "border": 1, "border_color": "#BFBFBF"}
        header = {
            True: book.add_format(head | {"bg_color": REQUIRED_FILL, "font_color": "#FFFFFF"}),
            False: book.add_format(head | {"bg_color": OPTIONAL_FILL, "font_color": "#1F3864"}),
        }
        cells = {
            number_format: book.add_format(font | ({"num_format": number_format} if number_format else {}))
            for number_format in ("", *FORMATS.values())
        }
        sheet = book.add_worksheet(said.title)
        for place, column in enumerate(kind.asked):
            names = said.headings[column.name]
            style = cells[FORMATS.get(column.type, "")]
            sheet.set_column(place, place, _width(column, names[0]), style)
            sheet.write_string(0, place, names[0], header[column.required])
            text = note(kind.name, column, names)
            size = {"x_scale": 2.2, "y_scale": _note_height(text), "font_size": 9}
            sheet.write_comment(0, place, text, size)
            if column.type is Type.CODE:  # a column's format alone does not reach what other programs write
                for row in range(1, ROWS + 1):
                    sheet.write_blank(row, place, None, style)
            _drop_down(sheet, place, choices(kind.name, column), strict=column.name != "rule")
        last = len(kind.asked) - 1
        filled = {"type": "formula", "criteria": f"=COUNTA($A2:${xl_col_to_name(last)}2)>0"}
        line = book.add_format({"border": 1, "border_color": "#BFBFBF"})
        sheet.conditional_format(1, 0, ROWS, last, filled | {"format": line})
        _set_up(sheet, said.title, last)


def _width(column: Column, heading: str) -> float:
    """Return a column's width in characters, wide enough for its heading (a Chinese character counts two)."""
    return max(WIDE.get(column.name, WIDTHS.get(column.type, 11)), 2 * len(heading) + 3)


def _note_height(text: str) -> float:
    """Return the scale of a note's height for its text, about 24 Chinese characters to a line."""
    lines = sum(1 + len(line.encode("gb18030")) // 46 for line in text.splitlines())
    return max(0.8, 0.24 * (lines + 1))


def _drop_down(sheet: Any, place: int, words: list[str], *, strict: bool) -> None:  # noqa: ANN401 - XlsxWriter has no types
    """Offer the words in a column; not strict: others may be typed."""
    if not words:
        return
    if len(",".join(words)) > CHOICE_LIMIT:
        message = f"a drop-down of {words[0]}... is longer than Excel's {CHOICE_LIMIT} characters"
        raise ValueError(message)
    rule: dict[str, object] = {"validate": "list", "source": words, "show_error": strict}
    if strict:
        rule["error_title"] = _words()["choice_title"]
        rule["error_message"] = _words()["choice_text"].format(text=_words()["note_joiner"].join(words))
    sheet.data_validation(1, place, ROWS, place, rule)


def _set_up(sheet: Any, title: str, last: int) -> None:  # noqa: ANN401 - XlsxWriter has no types
    """Freeze the header and set up the printed page."""
    sheet.set_row(0, 24)
    sheet.freeze_panes(1, 0)
    sheet.autofilter(0, 0, ROWS, last)
    sheet.set_landscape()
    sheet.set_paper(9)
    sheet.fit_to_pages(1, 0)
    sheet.repeat_rows(0)
    sheet.set_margins(0.4, 0.4, 0.5, 0.6)
    sheet.set_footer(_words()["footer"].format(title=title))
