"""One real, headless LibreOffice with the extension for all tests of this folder; without LibreOffice they skip."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from macros.demo import make
from tests.calc_desk import CalcDesk, calc_desk, skip_without_calc
from xl_addin import desk, server


@pytest.fixture(scope="package")
def team(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the demo's team folder, in a path with Chinese characters and spaces."""
    skip_without_calc()
    folder = tmp_path_factory.mktemp("calc") / "审单 数据" / "demo"
    make.run(folder)
    return folder


@pytest.fixture(scope="package")
def calc(team: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[CalcDesk]:
    """Run a LibreOffice of a user of its own, whose team folder is the demo's.

    Of the package and not of the session: while it runs this process too takes that user's home for its own.
    """
    with calc_desk(tmp_path_factory.mktemp("calc-home"), team) as desk:
        yield desk


@contextmanager
def at_team(folder: Path, usual: Path) -> Iterator[None]:
    """Let the user work with another team folder for a while."""
    _set(folder)
    try:
        yield
    finally:
        _set(usual)


def _set(folder: Path) -> None:
    desk.save_team_folder(folder)
    time.sleep(server.LOOK_EVERY + 0.2)  # until then a formula does not look
