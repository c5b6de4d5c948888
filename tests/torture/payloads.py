"""Payloads in every text, file name and sheet name of a team folder: nothing that a run writes obeys them."""

from __future__ import annotations

import io
import json
import re
import shutil
import subprocess
import tempfile
import warnings
from collections.abc import Iterator, Sequence
from contextlib import redirect_stdout
from dataclasses import dataclass, field
from datetime import date
from hashlib import sha256
from pathlib import Path
from xml.etree.ElementTree import ParseError

import openpyxl

from macros import check, nightly
from macros.runs import Outcome
from tests.torture import payload_team
from tests.torture.payload_checks import (
    ORIGINALS,
    Book,
    Grid,
    Seen,
    cut_mark,
    opened,
    wrong_links,
    wrong_names,
    wrong_signs,
)
from tests.torture.payload_texts import FAMILIES, LONGEST, code_kept, text_kept, texts, units
from tests.torture.row import Row
from workbooks.layout import INVOICE_LAYOUTS, LAYOUTS, PACKAGING_LAYOUTS, RETURN_LAYOUTS, Layout, Look
from workbooks.schema import DETAIL_LENGTHS, KINDS, Type
from xl_addin.console import show
from xl_addin.console_run import tell

DAY = date(2026, 11, 21)
SEED = 7
MAIN = "一.xlsx"
OWN_WORDS = {"rule", "level", "role"}  # what these columns show is ours, or another's than the row's
CODES = {column.name for kind in KINDS.values() for column in kind.asked if column.type is Type.CODE}
TEXTS = {column.name for kind in KINDS.values() for column in kind.asked if column.type is Type.TEXT}
SHEETS = {layout.name: layout for several in (LAYOUTS, PACKAGING_LAYOUTS, INVOICE_LAYOUTS, RETURN_LAYOUTS)
          for layout in several.values()}  # fmt: skip


@dataclass
class Found:
    """What is wrong, and how many cells were compared with what was put in."""

    wrong: list[str] = field(default_factory=list)
    compared: int = 0


def run(*, full: bool) -> Row:
    """Try 1,000 payloads (not full: each family once) in every column, the names as files and sheets too."""
    put = texts(1000 if full else len(FAMILIES), SEED)
    named = [text for text in put if units(text) < 200]
    names, regions = (named[::9], 250) if full else (named[-70::6], 6)
    with tempfile.TemporaryDirectory() as folder, warnings.catch_warnings(record=True) as warned:
        warnings.simplefilter("always")
        found, top = Found(), Path(folder)
        payload_team.write(top / "harmless", [f"甲{number:04}" for number in range(12)], ["表一", "表二"], 3)
        harmless = Seen()
        outcome = nightly.run(top / "harmless", DAY)
        for path in sorted(outcome.folder.rglob("*.xlsx")):
            for name, more in vars(opened(path).seen).items() if ORIGINALS not in path.parts else ():
                getattr(harmless, name).update(more)
        team = top / "above" / "team"
        placed, columns = payload_team.write(team, put, names, regions)
        before = _tree(top, team / "输出")
        outcome, said = _told(team)
        found.wrong += [f"outside the output folder: {name}" for name in before ^ _tree(top, team / "输出")]
        found.wrong += [] if outcome.exit_code == 0 else ["the verdict is not PASS"]
        _check(found, outcome.folder, harmless, put, names)
        found.wrong += [f"on the console: {sign!r}" for sign in wrong_signs(said)]
        found.wrong += [f"a warning: {one.message}" for one in warned]
        _record(found, outcome.folder / "运行记录.json", names)
        if full:
            # one of each family: LibreOffice lays out every line of a text that fills a cell, minutes for a hundred
            payload_team.write(top / "few", put[: len(FAMILIES)], ["表一", "表二"], 20)
            found.wrong += _office(nightly.run(top / "few", DAY).folder, top / "office")
    said = (
        f"{len(put):,} payloads in {columns} columns, file and sheet names: no formula, no foreign link, nothing "
        f"outside the output folder; {found.compared:,} cells read back equal"
    )
    return Row("payloads", placed, max(placed - len(found.wrong), 0), said, found.wrong)


def _told(team: Path) -> tuple[Outcome, str]:
    """Run the night and the check of its first workbook; return what both say, in both languages."""
    with redirect_stdout(io.StringIO()) as said:
        outcome = nightly.run(team, DAY)
        tell(outcome, "zh")
        tell(outcome, "en")
        for path in (team / payload_team.INBOX / MAIN, next((team / payload_team.INBOX).rglob("*[[]*.csv"))):
            show(check.run(path, team, DAY, "en"), path, "en")
    return outcome, said.getvalue()


def _tree(top: Path, output: Path) -> set[str]:
    """Return every file and folder outside the output folder, with its contents' hash."""
    paths = [path for path in top.rglob("*") if output not in (path, *path.parents)]
    return {f"{path} {sha256(path.read_bytes()).hexdigest() if path.is_file() else ''}" for path in paths}


def _check(found: Found, output: Path, harmless: Seen, put: Sequence[str], names: Sequence[str]) -> None:
    """Look at every workbook of the output folder."""
    found.wrong += wrong_names(output)
    kept = {kind: {_cut(one(text)) for text in put} for kind, one in (("code", code_kept), ("text", text_kept))}
    lengths = (LONGEST, *DETAIL_LENGTHS.values())  # what the form takes of a line's texts; a field of it has one line
    kept["form"] = {_one_line(text[:most]) for text in kept["text"] | kept["code"] for most in lengths}
    kept["code"] |= {_cut(code_kept(f"{text}X")) for text in put}
    files = [re.sub("\udcb5", "_DCB5_", name) for name in payload_team.file_names(names)]
    kept["text"] |= {name.strip() for name in files}
    kept["text"] |= {payload_team.in_text(text).strip() for text in put}  # in a csv
    in_day = set(names) | {"订单", *payload_team.tables([], 0)}
    sheets = {payload_team.as_sheet(name) for name in in_day} | {*SHEETS, *KINDS, "概览", "CSV"}
    ours = [path for path in sorted(output.rglob("*.xlsx")) if ORIGINALS not in path.parts]
    if not any(path.name.startswith("数电票导入") for path in ours):
        found.wrong.append("no form of the tax bureau's is filled")
    for number, path in enumerate(ours):
        try:
            book = opened(path)
            if path.parent == output or number < 10:
                openpyxl.load_workbook(path).close()
        except ParseError as error:
            found.wrong.append(f"{path.name}: {error}")
            continue
        found.wrong += [f"{path.name}: {more}" for more in book.seen.beyond(harmless)]
        found.wrong += wrong_links(book, output.parents[1], sheets)
        _compare(found, book, kept)
        if path.name.startswith("数电票导入"):
            _compare_form(found, book, kept["form"])
        if path.name.startswith("审单结果"):
            _compare_lines(found, book, put)


def _columns(layout: Layout, grid: Grid) -> dict[str, tuple[str, bool]]:
    """Return a sheet's columns of people's texts: letters -> (name, whether codes)."""
    headings = {text: letters for (row, letters), text in grid.items() if row == 1}
    return {
        headings[column.heading]: (column.name, column.name in CODES)
        for column in layout.columns
        if column.name in (CODES | TEXTS) - OWN_WORDS and not column.words and column.heading in headings
        and column.look in {Look.TEXT, Look.CODE} and (layout.key, column.name) != ("transfers", "remark")
    }  # fmt: skip


def _compare(found: Found, book: Book, kept: dict[str, set[str]]) -> None:
    """Hold every cell of a column of people's texts against all that was put in."""
    for name, grid in book.sheets.items():
        columns = _columns(SHEETS[name], grid) if name in SHEETS else {}
        for (row, letters), value in grid.items():
            if row == 1 or letters not in columns:
                continue
            column, is_code = columns[letters]
            found.compared += 1
            if _trimmed(value) not in kept["code" if is_code else "text"] and not _harmless(value):
                found.wrong.append(f"{book.path.name} {name} {letters}{row} {column}: {value[:60]!r}")


def _compare_form(found: Found, book: Book, kept: set[str]) -> None:
    """Hold every text of the tax bureau's form that bears a payload's mark against all that was put in."""
    marked = [value for grid in book.sheets.values() for value in grid.values() if re.search(r"n\d{4}", value)]
    found.compared += len(marked)
    found.wrong += [f"{book.path.name}: {value[:60]!r}" for value in marked if value not in kept]
    if not marked:
        found.wrong.append(f"{book.path.name}: no payload in it")


def _compare_lines(found: Found, book: Book, put: Sequence[str]) -> None:
    """Hold every accepted line against the row that it came from."""
    grid, layout = book.sheets["订单汇总"], LAYOUTS["lines"]
    at = {text: letters for (row, letters), text in grid.items() if row == 1}
    file, number = (at[layout.column(name).heading] for name in ("source_file", "source_row"))
    seen = []
    for row in range(2, max(row for row, _ in grid) + 1):
        if grid.get((row, file)) != MAIN:
            continue
        text = put[int(grid[row, number]) - 2]
        seen.append(text)
        for letters, (column, is_code) in _columns(layout, grid).items():
            value, is_short = _trimmed(grid.get((row, letters), "")), column != "region"
            one = code_kept if is_code else text_kept
            if is_short and value not in {_cut(one(text)), _cut(one(f"{text}X"))}:
                found.wrong.append(f"line {row} {column}: {value[:60]!r} for {text[:60]!r}")
    if sorted(seen) != sorted(text for number, text in enumerate(put) if number % 6 != 5):
        found.wrong.append(f"{len(seen)} lines of {len(put)}")


def _cut(text: str) -> str:
    """Return a text as long as a cell holds, with a mark where it is cut."""
    if units(text) <= LONGEST:
        return text
    room = 2 * (LONGEST - len(cut_mark()))
    return text.encode("utf-16-le")[:room].decode("utf-16-le", "ignore") + cut_mark()


def _one_line(text: str) -> str:
    """Return a text as a field of the tax bureau's form: no breaks and control signs, nor spaces around them."""
    return re.sub(r" *[\x00-\x1f\x7f-\x9f\u2028\u2029][\x00-\x20\x7f-\x9f\u2028\u2029]*", " ", text).strip()


def _trimmed(value: str) -> str:
    return value.strip()


def _harmless(value: str) -> bool:
    """Tell whether a text is one of our own lines'."""
    return (
        not value
        or value.rstrip("0123456789") in {"s", "f", "一区", "一厂", "支", "在售", "正常", "合计"}
        or value == payload_team.TAX_ID
        or value.isdigit()
    )


def _record(found: Found, path: Path, names: Sequence[str]) -> None:
    """Read the run's record: valid, with every file that was read."""
    record = json.loads(path.read_text(encoding="utf-8"))
    read = sum(source["role"] == "orders" for source in record["inputs"])
    there = 2 + sum(not name.startswith("~$") for name in payload_team.file_names(names))
    if read != there:
        found.wrong.append(f"{read} files of {there} in the record")


def _office(output: Path, target: Path) -> Iterator[str]:
    """Yield what LibreOffice cannot open of a run's workbooks, where it is installed."""
    program = shutil.which("soffice")
    sample = [*output.glob("*.xlsx"), *(output / "回传").glob("*.xlsx")]
    if program is None:
        return
    command = [program, "--headless", f"-env:UserInstallation={(target / 'profile').as_uri()}", "--convert-to", "csv"]
    done = subprocess.run([*command, "--outdir", target, *sample], capture_output=True, timeout=600, check=False)
    made = list(target.glob("*.csv"))
    if done.returncode or len(made) != len(sample):
        yield f"LibreOffice opened {len(made)} of {len(sample)}: {done.stderr.decode()[:200]}"
