"""Hostile and odd files among a day's good ones: the run finishes, each is read or named, and no good line is lost."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import threading
import time
import zipfile
from collections.abc import Collection
from pathlib import Path
from typing import Any

import openpyxl

from macros import nightly
from macros.demo import make
from macros.runs import Outcome
from tests.torture import hostile
from tests.torture.row import Row
from workbooks.labels import Lang, labels
from workbooks.reading.problems import sentence
from workbooks.schema import KINDS, LIMITS
from workbooks.team import TeamFile, day_files

CORPUS = Path(__file__).parents[3] / "shared" / "corpus"
PLACE = ("source_file", "source_sheet", "source_row")
SECONDS, MEGABYTES = 10, 1024
_ESCAPED = re.compile("_x[0-9A-Fa-f]{4}_")
LANGUAGES: tuple[Lang, Lang] = ("zh", "en")
SECRETS = ("root:x:", "/bin/bash")  # of the file that a link and an entity name


def run(*, full: bool) -> Row:
    """Audit a demo day with all files (not full: each twelfth of the corpus), and read each in a process of its own."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        day, _ = make.run(folder)
        before = nightly.run(folder, day)
        good = {file.name for file in day_files(folder, day)}
        inbox = folder / labels().folders["orders"] / f"{day}"
        put(inbox, full=full)
        files = [file for file in day_files(folder, day) if file.name not in good]
        bad = {file.name for file in files}
        start = time.perf_counter()
        after = nightly.run(folder, day)
        whole = time.perf_counter() - start
        failed = [*untold(after, bad), *lost(before, after, good), *told_badly(after), *leaked(after)]
        if after.exit_code != 1:
            failed.append(f"exit code {after.exit_code}")
        took = {file.name: measured(file) for file in (files if full else files[::50]) if file.path.is_file()}
    slow, big = (max(took, key=lambda name: took[name][key]) for key in ("seconds", "megabytes"))
    failed += [
        f"{name}: {one}" for name, one in took.items() if one["seconds"] > SECONDS or one["megabytes"] > MEGABYTES
    ]
    unread = {problem.source_file for problem in after.team.problems} & bad
    lines = sum(after.team.tables["orders"].frame["source_file"].isin(good))
    said = (
        f"{len(bad - unread)} read without a word, {len(unread)} named; all {lines:,} good lines there; the run took "
        f"{whole:.0f} s; alone, the slowest took {took[slow]['seconds']:.1f} s ({slow}), the biggest "
        f"{took[big]['megabytes']:.0f} MB ({big})"
    )
    broken = {line.partition(": ")[0] for line in failed} & bad
    return Row("Hostile files in an inbox", len(bad), len(bad) - len(broken), said, failed)


def put(inbox: Path, *, full: bool) -> None:
    """Put the corpus and what is made by hand among a day's orders."""
    taken = sorted(path for path in CORPUS.rglob("*") if path.is_file())
    for path in taken if full else taken[5::12]:
        place = inbox / "corpus" / path.relative_to(CORPUS)
        place.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(path, place)
    made = inbox / "made"
    (made / "folder.xlsx").mkdir(parents=True)
    (made / "folder.xlsx" / "inside.xlsx").write_bytes(hostile.orders())
    for name, content in (
        *hostile.xml_files(),
        *hostile.text_files(),
        *hostile.damaged_files(40 if full else 2),
        *hostile.bombs(1100 * hostile.MEGABYTE if full else 20 * hostile.MEGABYTE),
    ):
        (made / name).write_bytes(content)
    for _, make_it in hostile.special_files(made, (LIMITS.unpacked_mb << 20) + 1):
        make_it()


def untold(outcome: Outcome, bad: Collection[str]) -> list[str]:
    """Return the files of which neither rows were read nor anything is said in the result."""
    listed = {_shown(row[0]) for row in _problem_rows(outcome)}
    read = {str(name) for table in outcome.team.tables.values() for name in table.control["source_file"]}
    shown = {name: _shown(name) for name in bad}
    return [f"{name}: neither read nor named" for name in bad if name not in read and shown[name] not in listed]


def _shown(name: str) -> str:
    """Return what a file's name and its cell in a sheet have in common: no control character, nothing replaced."""
    return "".join(sign for sign in _ESCAPED.sub("", name) if sign.isprintable() and sign != "\ufffd")


def told_badly(outcome: Outcome) -> list[str]:
    """Return the problems without a sentence, in a language or in the result."""
    told = outcome.team.problems
    empty = [f"{one.source_file}: no sentence" for one in told for lang in LANGUAGES if not sentence(one, lang).strip()]
    return empty + [f"{row[0]}: says nothing" for row in _problem_rows(outcome) if not all(row)]


def _problem_rows(outcome: Outcome) -> list[tuple[str, str]]:
    """Return file and sentence of each row of the result's sheet of problems."""
    book = openpyxl.load_workbook(outcome.result, read_only=True)
    head, *rows = book[labels().sheets["problems"].name].iter_rows(values_only=True)
    headings = labels().sheets["problems"].headings
    file, says = head.index(headings["source_file"]), head.index(headings["says"])
    return [(str(row[file] or ""), str(row[says] or "")) for row in rows]


def lost(before: Outcome, after: Outcome, good: Collection[str]) -> list[str]:
    """Return the good files' lines that are not there as they were when nothing else was."""
    first, second = _lines(before, good), _lines(after, good)
    return [f"{place}: lost or changed" for place, line in first.items() if second.get(place) != line] + [
        f"{place}: was not there" for place in second.keys() - first.keys()
    ]


def _lines(outcome: Outcome, good: Collection[str]) -> dict[tuple[str, ...], tuple[str, ...]]:
    frame = outcome.team.tables["orders"].frame
    frame = frame[frame["source_file"].isin(good)].astype(str)
    columns = [column.name for column in KINDS["orders"].columns if column.name in frame]
    places = frame[[*PLACE]].itertuples(index=False, name=None)
    return dict(zip(places, frame[columns].itertuples(index=False, name=None), strict=True))


def leaked(outcome: Outcome) -> list[str]:
    """Return the outputs in which there is something of a file that a link or an entity names."""
    found = []
    for path in sorted(outcome.folder.rglob("*")):
        if path.is_symlink() or not path.is_file() or labels().folders["originals"] in path.parts:
            found += [f"{path.name}: a link"] if path.is_symlink() else []
            continue
        text = _text(path)
        found += [f"{path.name}: holds {secret}" for secret in SECRETS if secret in text]
    originals = outcome.folder / labels().folders["originals"]
    copied = (originals / "made" / name for name in hostile.LINKS)
    return found + [f"{path.name}: copied" for path in copied if os.path.lexists(path)]


def _text(path: Path) -> str:
    if path.suffix != ".xlsx":
        return path.read_text(encoding="utf-8", errors="replace")
    with zipfile.ZipFile(path) as package:
        return "\n".join(package.read(name).decode() for name in package.namelist() if name.endswith(".xml"))


def measured(file: TeamFile) -> dict[str, Any]:
    """Return what reading one file takes, in a process that does nothing else and has no limits but its own."""
    command = [sys.executable, "-m", "tests.torture.read_one", os.fspath(file.path)]
    start = time.perf_counter()
    with tempfile.TemporaryFile() as said, subprocess.Popen(command, stdout=said, stderr=subprocess.DEVNULL) as ran:
        late = threading.Timer(6 * SECONDS, ran.kill)
        late.start()
        _, status, usage = os.wait4(ran.pid, 0)
        late.cancel()
        ran.returncode = os.waitstatus_to_exitcode(status)
        said.seek(0)
        measure: dict[str, Any] = json.loads(said.read() or "{}")
    if ran.returncode:  # what the process took in all, its imports included
        measure = {
            "seconds": time.perf_counter() - start,
            "megabytes": usage.ru_maxrss / 1024,
            "codes": [f"exit code {ran.returncode}"],
        }
    return measure
