"""Recognising and value reading under inputs that nobody thought of, kept by which lines of ours they reach.

`python -m tests.torture.fuzz [--atheris [FOLDER] [-runs=N]]`: with libFuzzer behind it, for as long as one likes, where
atheris is there (`pip install atheris`).
"""

from __future__ import annotations

import re
import sys
import unicodedata
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date
from decimal import Decimal
from importlib import import_module
from inspect import isfunction
from pathlib import Path
from random import Random
from types import FrameType
from typing import Any

import numpy as np

from tests.torture.row import Row
from workbooks.errors import UnreadableFileError
from workbooks.labels import labels
from workbooks.reading import cells
from workbooks.reading.recognise import Match, Recogniser, first_rows
from workbooks.reading.rows import sort_rows
from workbooks.reading.tables import read_table
from workbooks.schema import KINDS, Type

DAY = date(2026, 11, 21)
EXECUTIONS, FEW = 10_000, 300
READING = str(Path(cells.__file__).parent)
RECOGNISER = Recogniser()
NUMBER = re.compile(r"[+-]?(?:\d+\.?\d*|\.\d+)")
Lines = set[tuple[str, int]]


def seeds() -> list[bytes]:
    """Return what the mutations begin with: a table of each kind, and a text full of odd values."""
    said, words = labels().kinds, labels().words
    odd = [
        "1",
        "-2.50",
        "1,234.5",
        "85%",
        "8.5",
        "2026-11-21",
        "45000",
        "P01",
        "\uff11\uff12",
        "#N/A",
        "TRUE",
        "1e3",
        " ",
    ]
    odd += [f"12{unit}" for unit in words["units"][:3]] + words["total_words"] + words["money_prefixes"]
    found = []
    for kind, title in said.items():
        heads = [title.headings[column.name][0] for column in KINDS[kind].columns if column.name in title.headings]
        body = [[odd[(row * 7 + at * 3) % len(odd)] for at in range(len(heads))] for row in range(8)]
        found.append("\n".join(",".join(f'"{cell}"' for cell in row) for row in (heads, *body)).encode())
    return found


def mutated(rng: Random, corpus: list[bytes]) -> bytes:
    """Return a member of the corpus changed here and there: bytes, cells and lines, and cells of other members."""
    lines = rng.choice(corpus).split(b"\n")
    for _ in range(rng.randint(1, 4)):
        at = rng.randrange(len(lines))
        line = lines[at].split(b",")
        place = rng.randrange(len(line))
        how = rng.randrange(6)
        if how == 0:
            other = rng.choice(rng.choice(corpus).split(b"\n")).split(b",")
            line[place] = rng.choice(other)
        elif how == 1:
            cell = bytearray(line[place] or b"0")
            cell[rng.randrange(len(cell))] = rng.choice(b'0159.,-+%/eE "\x00\xff:#')
            line[place] = bytes(cell)
        elif how == 2:
            line[place] = rng.choice(DICTIONARY)
        elif how == 3:
            line.insert(place, rng.choice(DICTIONARY))
        elif how == 4 and len(lines) > 1:
            del lines[at]
            continue
        else:
            lines.insert(at, rng.choice(lines))
            continue
        lines[at] = b",".join(line)
    return b"\n".join(lines)[:20_000]


DICTIONARY = [
    text.encode()
    for text in (
        "", "0", "-0", "1e308", "1e-9", "999999999999999", "1.0000001", ".5", "5.", "+7", "--7", "1,2,3", "1 000",
        "\u00a51",
        "0.0", "00123", "123.0", "\u200b", "\u3000", "2026/2/30", "19000229", "60", "#DIV/0!", "TRUE", "true", "=1+1",
        "2026-11-21T10:30:00", "10:30:00", "sep=;", "101%", "-1", "\u0661", "\u2160", "\u00bd",
    )
]  # fmt: skip


def tried(content: bytes) -> str:
    """Read a text table as far as order lines; return what does not hold, "" where all does."""
    try:
        sheets = cells.read_sheets(content, ".csv")
    except UnreadableFileError:
        return ""
    for sheet in sheets:
        found = RECOGNISER.recognise(first_rows(sheet))
        if not isinstance(found, Match):
            continue
        told = sort_rows("a.csv", sheet, found)
        table = read_table(found.kind, [told], DAY)
        kept, rejected = table.frame["source_row"].tolist(), {problem.source_row for problem in table.problems}
        lost = [row for row in told.numbers.tolist() if row not in kept and row not in rejected]
        if found.kind not in SAID_OF_SOME and lost:
            return f"rows {lost} neither accepted nor rejected"
        if len(set(kept)) != len(kept) or not set(kept) <= set(told.numbers.tolist()):
            return "rows doubled or invented"
        wrong = list(_misread(found, told, table.frame))
        if wrong:
            return f"{wrong[0]}"
    return ""


SAID_OF_SOME = ("confirmations", "releases")  # of which a row that says nothing is passed over


def _misread(found: Match, told: Any, frame: Any) -> Iterator[str]:
    """Yield the plain numbers of accepted rows that Decimal reads otherwise."""
    at = {number: place for place, number in enumerate(told.numbers.tolist())}
    for column in KINDS[found.kind].columns:
        if column.type not in {Type.NUMBER, Type.MONEY} or column.name not in told.columns:
            continue
        texts = told.columns[column.name].to_pylist()
        for row, value in zip(frame["source_row"].tolist(), frame[column.name].tolist(), strict=True):
            text = texts[at[row]]
            if text is None or not text.strip():
                if not np.isnan(value):
                    yield f"{column.name}: blank read as {value}"
                continue
            plain = unicodedata.normalize("NFKC", text).strip().replace(",", "")
            if NUMBER.fullmatch(plain) and float(Decimal(plain)) != value:
                yield f"{column.name}: {text!r} read as {value}"


@contextmanager
def reached(lines: Lines) -> Iterator[None]:
    """Note the lines of the reading that run while inside."""

    def step(frame: FrameType, event: str, _: object) -> Callable[..., Any] | None:
        if not frame.f_code.co_filename.startswith(READING):
            return None
        if event == "line":
            lines.add((frame.f_code.co_filename, frame.f_lineno))
        return step

    before = sys.gettrace()
    sys.settrace(step)
    try:
        yield
    finally:
        sys.settrace(before)


def run(*, full: bool) -> Row:
    """Try so many inputs; one that reaches new lines joins those that further ones are made from."""
    rng, corpus, known = Random(7), seeds(), Lines()  # noqa: S311 - no secret
    executions, failed = EXECUTIONS if full else FEW, []
    for number in range(executions):
        content = corpus[number] if number < len(KINDS) else mutated(rng, corpus)
        lines: Lines = set()
        with reached(lines):
            wrong = tried(content)
        if wrong:
            failed.append(f"{wrong}: {content!r}"[:400])
        if lines - known:
            known |= lines
            corpus += [content] if number >= len(KINDS) else []
    said = f"{len(known):,} lines of the reading reached, {len(corpus) - len(KINDS)} inputs kept that reached new ones"
    return Row("Reading fuzzed, guided by coverage", executions, executions - len(failed), said, failed)


def main() -> None:
    """Run the proof, or with --atheris fuzz until stopped."""
    if "--atheris" not in sys.argv:
        sys.exit(str(run(full=True)))
    atheris: Any = import_module("atheris")  # only who asks for it has to have it

    def one(content: bytes) -> None:
        wrong = tried(content)
        if wrong:
            raise AssertionError(wrong)

    for module in [module for name, module in sys.modules.items() if name.startswith("workbooks.reading.")]:
        for function in [one for one in vars(module).values() if isfunction(one) and one.__module__ == module.__name__]:
            atheris.instrument_func(function)
    atheris.Setup([argument for argument in sys.argv if argument != "--atheris"], one)
    atheris.Fuzz()


if __name__ == "__main__":
    main()
