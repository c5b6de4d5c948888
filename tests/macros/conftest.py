"""The demo day, made and audited once a session; tests that change something work on a copy of its inputs."""

from __future__ import annotations

import hashlib
import shutil
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import pytest

from macros import nightly
from macros.demo import make
from macros.runs import Outcome
from workbooks.labels import labels


@dataclass(frozen=True)
class Demo:
    """The demo's team folder after its run: the day, what the run gave, and the inputs' hashes before it."""

    folder: Path
    day: date
    outcome: Outcome
    inputs: dict[str, str]

    @property
    def result(self) -> Path:
        """Return the result workbook."""
        return self.outcome.folder / labels().files["result"].format(day=f"{self.day:%Y-%m-%d}")


def hashes(folder: Path) -> dict[str, str]:
    """Return the SHA-256 of each input of a team folder, by path."""
    output = labels().folders["output"]
    files = (path for path in sorted(folder.rglob("*")) if path.is_file())
    return {
        path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in files
        if path.relative_to(folder).parts[0] != output
    }


@pytest.fixture(scope="session")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Demo:
    """Return the demo day, audited."""
    folder = tmp_path_factory.mktemp("demo")
    day, _ = make.run(folder)
    inputs = hashes(folder)
    return Demo(folder, day, nightly.run(folder, day), inputs)


@pytest.fixture
def team(demo: Demo, tmp_path: Path) -> Path:
    """Return a copy of the demo's inputs, without results."""
    copy = tmp_path / "team"
    shutil.copytree(demo.folder, copy, ignore=shutil.ignore_patterns(labels().folders["output"]))
    return copy


@pytest.fixture
def small(team: Path, demo: Demo) -> Path:
    """Return such a copy with one region's orders alone and without KASP's requests."""
    inbox = team / labels().folders["orders"] / f"{demo.day}"
    one, *others = sorted(path for path in inbox.rglob("*.xlsx") if not path.name.startswith("~$"))
    for path in inbox.rglob("*"):
        if path.is_file() and path != one:
            path.unlink()
    assert others
    shutil.rmtree(team / labels().folders["kasp"])
    return team
