"""A run's outputs appear together or not at all: written into a hidden folder, then put in place in one step."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, ExitStack, contextmanager, suppress
from datetime import date
from functools import partial
from itertools import count
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from workbooks.errors import WorkbookError
from workbooks.labels import labels
from workbooks.permissions import PRIVATE, make_day, narrow
from workbooks.record import hashes_of, read_record, record_path, recorded, sha256
from workbooks.run_lock import RunLock

_NEW = ".new"  # how the names of hidden folders end that a run writes into,
_OLD = ".old"  # and of those in which an earlier result waits, whole, until the new one is in its place


def write_whole(path: Path, content: bytes) -> None:
    """Write one file so that it appears whole or not at all; its folder is made where it is not there.

    Raises WorkbookError where the folder or the file cannot be written.
    """
    staged = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        staged.write_bytes(content)
        staged.replace(path)
    except OSError as error:
        with suppress(OSError):
            staged.unlink()
        raise WorkbookError("file-unwritable", path=path, detail=error.strerror or str(error)) from error


def publish_one(root: Path, day: date, name: str, write: Callable[[Path], None]) -> Path | None:
    """Put one output into a day's folder, beside those of other runs; see publish_some. Returns what was kept."""
    return next(iter(publish_some(root, day, {name: write})), None)


def publish_some(
    root: Path, day: date, writes: Mapping[str, Callable[[Path], None]], replaced: str | None = None
) -> list[Path]:
    """Put outputs into a day's folder, beside those of other runs, which stay as they are.

    root: the team's output folder. writes: what writes each output to the path that it is given, by the output's name.
    replaced: how the names of earlier outputs begin that these stand for, which go. The day's record names the outputs
    from then on; a record of its own is begun where no run has left one. An output that somebody has changed since is
    kept under another name; those are returned. Raises WorkbookError where they cannot be put there: one that could
    not even be written leaves all as it was.
    """
    folder = root / f"{day:%Y-%m-%d}"
    record = record_path(folder)
    kept: list[Path] = []
    with _alone(folder) as staging:
        staged = {name: staging / name for name in writes}
        with _telling(folder):
            for name, write in writes.items():
                write(staged[name])
                narrow(staged[name], root, folder.name)
            make_day(folder)
        facts = read_record(record)
        written = recorded(facts, "outputs")
        known = written or {}
        gone = [name for name in known if replaced and name.startswith(replaced) and name not in writes]
        for name in gone:
            kept += _make_way(folder / name, {known[name]})
            with suppress(FileNotFoundError), _telling_open(folder / name):
                (folder / name).unlink()
        for name, path in staged.items():
            kept += _make_way(folder / name, {sha256(path), known.get(name, "")})
            with _telling_open(folder / name):
                path.replace(folder / name)
        others = {name: known[name] for name in known if name not in gone}
        _enter(record, day, facts, {**others, **{name: sha256(folder / name) for name in writes}})
    return kept


def _enter(record: Path, day: date, facts: Any, outputs: Mapping[str, str]) -> None:  # noqa: ANN401 - read from JSON
    """Name a day's outputs in its record, which is begun where there is none; one that nobody can read is left."""
    written = recorded(facts, "outputs")
    if written is not None or not record.exists():
        own = {"program": "orderdesk", "day": f"{day:%Y-%m-%d}"} if written is None else facts
        text = json.dumps({**own, "outputs": dict(sorted(outputs.items()))}, ensure_ascii=False, indent=1)
        write_whole(record, f"{text}\n".encode())
        narrow(record, record.parent.parent, record.parent.name)


def _make_way(target: Path, known: set[str]) -> list[Path]:
    """Keep an output under another name where its SHA-256 is none of those known; return where."""
    with _telling_open(target):
        if not target.exists() or sha256(target) in known:
            return []
        kept = next(path for path in _kept_names(target) if not path.exists())
        target.rename(kept)
        return [kept]


@contextmanager
def _telling_open(target: Path) -> Iterator[None]:
    try:
        yield
    except FileNotFoundError:
        raise
    except OSError as error:
        raise WorkbookError("output-open", path=target, detail=error.strerror or error) from error


def publish_folder(root: Path, day: date, name: str, write: Callable[[Path], None]) -> tuple[Path, ...]:
    """Put a folder of outputs into a day's folder, as publish_one does with a single one.

    write: fills the folder that it is given; where it writes nothing there will be none. The folder appears whole or
    not at all. A file in it that somebody has changed since is kept under another name where a new one has its name;
    those are returned. A file that the last run wrote and this one does not is gone, unless it was changed.
    """
    folder = root / f"{day:%Y-%m-%d}"
    target, record, aside = folder / name, record_path(folder), folder / f".{name}{_OLD}"
    with _alone(folder) as staged:
        with _telling(folder):
            if aside.is_dir() and not target.exists():  # interrupted between the two renames
                aside.rename(target)
            shutil.rmtree(aside, ignore_errors=True)
            write(staged)
            make_day(folder)
            facts = read_record(record)
            known = recorded(facts, "outputs") or {}
            new = {f"{name}/{path}": sha for path, sha in hashes_of(staged).items()}
            kept = _carried_over(target, staged, {**known, **new}, known)
            narrow(staged, root, folder.name)
        _exchange(staged, target, aside)
        shutil.rmtree(aside, ignore_errors=True)  # only now: it may hold what people wrote
        others = {path: sha for path, sha in known.items() if not path.startswith(f"{name}/")}
        _enter(record, day, facts, {**others, **new})
    return tuple(target / path for path in kept)


def _carried_over(target: Path, staged: Path, known: dict[str, str], written: dict[str, str]) -> list[str]:
    """Copy what people have put or changed in a folder into the new one; return the new names of what lost its own."""
    kept = []
    for path, sha in hashes_of(target).items() if target.is_dir() else ():
        name = f"{target.name}/{path}"
        if sha in {known.get(name), written.get(name)}:
            continue
        place = staged / path
        if place.exists():
            place = next(free for free in _kept_names(place) if not free.exists() and not (target / free.name).exists())
            kept.append(place.relative_to(staged).as_posix())
        place.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(target / path, place)
    return kept


def _exchange(staged: Path, target: Path, aside: Path) -> None:
    """Put a folder in another's place; one that holds nothing leaves none."""
    try:
        if target.is_dir():
            target.rename(aside)
        if any(staged.iterdir()):
            staged.rename(target)
    except OSError as error:
        if aside.is_dir() and not target.exists():
            aside.rename(target)
        raise WorkbookError("output-open", path=target, detail=error.strerror or error) from error


class Outputs:
    """The output folder of a day, or of several that are one input, while it is being made.

    Use as a context manager: `keep` and `path` fill a hidden folder beside the real one, `publish` puts it in place;
    leaving without publishing removes it. No other run writes into the team's output folder meanwhile. An earlier
    result that somebody has changed since is kept under another name. Raises WorkbookError where another run has the
    folder, or it cannot be written or replaced.
    """

    def __init__(self, root: Path, day: date | str) -> None:
        """Name the folders; root: the team's output folder; day: the day, or the name of several."""
        self.target = root / f"{day}"
        self.staging = _staging(self.target)
        self.aside = root / f".{day}{_OLD}"
        self.originals = self.staging / labels().folders["originals"]
        self.keep = partial(_keep, self.target, self.originals)  # as the processes get it that read

    def __enter__(self) -> Self:
        """Take the team's output folder and make the hidden one."""
        with ExitStack() as held:
            held.enter_context(_alone(self.target))
            self.held = held.pop_all()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Remove the hidden folder where it was not published, and let other runs write."""
        self.held.close()

    def path(self, name: str) -> Path:
        """Return where to write an output of that name."""
        return self.staging / name

    def writing(self) -> AbstractContextManager[None]:
        """Return what tells of outputs that cannot be written, such as on a full disk, while they are."""
        return _telling(self.target)

    def hashes(self) -> dict[str, str]:
        """Return the SHA-256 of everything written so far, by path."""
        return hashes_of(self.staging)

    def publish(self) -> Path | None:
        """Put the outputs in place; return where an earlier, changed result was kept, or None."""
        changed = self.target.is_dir() and _was_changed(self.target)
        with _telling(self.target):
            narrow(self.staging, self.target.parent, self.target.name)
        _exchange(self.staging, self.target, self.aside)
        return _put_away(self.aside, self.target, changed=changed) if self.aside.is_dir() else None


def _keep(target: Path, originals: Path, name: str, content: bytes) -> None:
    """Keep a copy of an original, by its path inside the day's folder."""
    with _telling(target):
        copy = originals / name
        copy.parent.mkdir(parents=True, exist_ok=True)
        copy.write_bytes(content)


def _staging(target: Path) -> Path:
    return target.with_name(f".{target.name}.{os.getpid()}{_NEW}")


@contextmanager
def _alone(target: Path) -> Iterator[Path]:
    """Yield a hidden folder to write into, beside a folder of outputs, while no other run writes there."""
    root, staging = target.parent, _staging(target)
    with ExitStack() as held:
        with _telling(target):
            root.mkdir(parents=True, exist_ok=True)
            held.enter_context(RunLock(root))
            _recover(root)
            staging.mkdir(PRIVATE)
        held.callback(shutil.rmtree, staging, ignore_errors=True)
        yield staging


def _recover(root: Path) -> None:
    """Bring to an end what killed runs left: nobody else is at work here, and no day is to be missing."""
    for aside in root.glob(f".????-??-??*{_OLD}"):
        target = aside.with_name(aside.name[1 : -len(_OLD)])
        if not target.exists():  # interrupted between the two renames
            aside.rename(target)
        else:  # or after them
            _put_away(aside, target, changed=_was_changed(aside))
    for path in root.glob(f".*{_NEW}"):
        shutil.rmtree(path, ignore_errors=True)


def _put_away(aside: Path, target: Path, *, changed: bool) -> Path | None:
    """Remove an earlier result, or keep a changed one under another name and return where."""
    if changed:
        kept = next(path for path in _kept_names(target) if not path.exists())
        aside.rename(kept)
        return kept
    # what has the name of an earlier result is always whole, also where this is interrupted
    waste = aside.with_name(f"{aside.name}.{os.getpid()}{_NEW}")
    aside.rename(waste)
    shutil.rmtree(waste, ignore_errors=True)
    return None


@contextmanager
def _telling(path: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise WorkbookError("output-unwritable", path=path, detail=error.strerror or error) from error


def _kept_names(target: Path) -> Iterator[Path]:
    return (target.with_name(f"{target.stem}_{number}{target.suffix}") for number in count(1))


def _was_changed(folder: Path) -> bool:
    """Tell whether somebody changed, added or removed a file since the run that wrote the folder."""
    record = record_path(folder)
    written = recorded(read_record(record), "outputs")
    if written is None:
        return True
    now = hashes_of(folder)
    now.pop(record.name, None)
    return bool(now != written)
