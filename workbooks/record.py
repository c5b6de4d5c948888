"""The record that a run leaves beside its outputs, as it is read again; and the hashes by which it names files."""

from __future__ import annotations

import hashlib
import json
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from workbooks.labels import labels

_THREADS = 2  # that read what was written


def record_path(folder: Path) -> Path:
    """Return where the record of a day is. folder: the day's, in the team's output folder."""
    return folder / labels().files["record"]


def read_record(path: Path) -> Any:  # noqa: ANN401 - JSON may hold anything
    """Return what a run's record holds; None where there is none that can be read."""
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None


def recorded(facts: object, name: str) -> dict[str, Any] | None:
    """Return a table of a record, such as its outputs' SHA-256 by path; None where it does not say."""
    said = facts.get(name) if isinstance(facts, dict) else None
    return said if isinstance(said, dict) else None


def sha256(path: Path) -> str:
    """Return a file's SHA-256; raises OSError where it cannot be read."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def hashes_of(folder: Path) -> dict[str, str]:
    """Return the SHA-256 of every file below a folder, by its path there; raises as sha256 does."""
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    with ThreadPoolExecutor(_THREADS) as threads:
        hashes = list(threads.map(sha256, files))
    return {path.relative_to(folder).as_posix(): one for path, one in zip(files, hashes, strict=True)}
