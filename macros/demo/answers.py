"""What people write into a demo day's result: finance, approvers and the tracker.

Their answers are put where the next run finds them; the result keeps its charts and colours.
"""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Callable, Mapping
from datetime import date
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape

import pandas as pd

from macros.demo.reference import words
from workbooks.addresses import column_letters
from workbooks.earlier import read_result, result_path
from workbooks.labels import labels
from workbooks.layout import LAYOUTS

Row = Mapping[str, Any]
Answer = Mapping[str, str]
"""What is written into a row: text by column name."""


def filled(path: Path, key: str, day: date, answer: Callable[[Row], Answer]) -> bytes:
    """Return a result workbook with answers in one sheet (a key of layout.LAYOUTS); nothing else of it changes.

    answer: says what to write into a row, by what stands in it.
    """
    rows = read_result(path, day, (key,))[key].to_dict("records")
    names = [column.name for column in LAYOUTS[key].columns]
    texts = {
        f"{column_letters(names.index(name))}{number}": text
        for number, row in enumerate(rows, 2)
        for name, text in answer({str(name): value for name, value in row.items()}).items()
    }
    target = io.BytesIO()
    with zipfile.ZipFile(path) as source, zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as book:
        part = _part(source, LAYOUTS[key].name)
        for entry in source.infolist():
            data = source.read(entry)
            book.writestr(entry, _with_texts(data, texts) if entry.filename == part else data)
    return target.getvalue()


def _part(book: zipfile.ZipFile, sheet: str) -> str:
    """Return the part of a sheet: our writer numbers them in the order of the tabs."""
    names = re.findall(r'<sheet name="([^"]*)"', book.read("xl/workbook.xml").decode())
    return f"xl/worksheets/sheet{names.index(sheet) + 1}.xml"


def _with_texts(xml: bytes, texts: Mapping[str, str]) -> bytes:
    """Return a sheet's part with texts in empty cells."""

    def cell(found: re.Match[str]) -> str:
        if found[1] not in texts:
            return found[0]
        return f'<c r="{found[1]}"{found[2]} t="inlineStr"><is><t>{escape(texts[found[1]])}</t></is></c>'

    return re.sub(r'<c r="([A-Z]+\d+)"( s="\d+")/>', cell, xml.decode()).encode()


def finance(row: Row) -> Answer:
    """Say of every order that the funds do not cover whether it has paid: every second one has."""
    said = words()["words"]
    if row["judgement"] in {"unpaid", "indebted", "absent"} and not isinstance(row["confirmation"], str):
        return {"confirmation": said["paid" if _even(row) else "unpaid"]}
    return {}


def approver(row: Row) -> Answer:
    """Decide on discounts and giveaways that somebody may approve: let every second one through."""
    said, rules = words()["words"], labels().rules
    asked = {rules[code].name for code in ("discount-below-floor", "giveaway-exceeded", "duplicate-line")}
    roles = [said[role] for role in ("supervisor", "manager", "director") if said[role] in str(row["may"])]
    if row["rule"] not in asked or not roles:
        return {}
    even = _even(row)
    return {
        "verdict": said["release" if even else "refuse"],
        "approver": words()["people"]["approvers"][0],
        "role": roles[0],
        "reason": words()["reasons"]["floor" if even else "refused"],
    }


def tracker(row: Row) -> Answer:
    """Note on every transfer that has a day of arrival what the factory says."""
    return {"tracker_remark": words()["reasons"]["factory"]} if pd.notna(row["eta"]) else {}


def _even(row: Row) -> bool:
    return sum(map(ord, str(row["order_no"]))) % 2 == 0


def give_answers(folder: Path, day: date) -> list[Path]:
    """Put finance's and the approvers' answers to a day's result into the team folder; return the new files."""
    path, names = result_path(folder / labels().folders["output"], day), labels().folders
    made = {
        folder / names[room] / f"{LAYOUTS[key].name}_{day}.xlsx": filled(path, key, day, answer)
        for key, room, answer in (("funds", "finance", finance), ("pending", "reference", approver))
    }
    for target, content in made.items():
        target.write_bytes(content)
    return list(made)


def note_remarks(folder: Path, day: date) -> None:
    """Write the tracker's remarks into a day's result, where it lies."""
    path = result_path(folder / labels().folders["output"], day)
    path.write_bytes(filled(path, "transfers", day, tracker))
