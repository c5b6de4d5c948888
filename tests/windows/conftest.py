"""A Windows Python under Wine that tests/windows/setup.sh has made; where it is not there, these tests are skipped.

All of them share one Wine prefix with its registry and user folders, and so run in one process of pytest-xdist.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from macros.demo import make
from tests.windows.machine import MADE, Windows

HERE = Path(__file__).parent


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Skip the tests of this folder where there is no Windows Python."""
    for item in items:
        if HERE in item.path.parents and not MADE.is_file():
            item.add_marker(pytest.mark.skip(reason="no Windows Python; tests/windows/setup.sh makes one"))


@pytest.fixture(scope="session")
def windows() -> Iterator[Windows]:
    """The machine, freshly started, without an installed add-in."""
    machine = Windows(MADE)
    machine.boot()
    for path in (machine.desk, machine.addins):
        shutil.rmtree(path, ignore_errors=True)
    yield machine
    machine.end()


@pytest.fixture(scope="session")
def team(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The demo day in a folder whose path has Chinese characters and spaces."""
    folder = tmp_path_factory.mktemp("win") / "审单 数据" / "demo"
    make.run(folder)
    return folder
