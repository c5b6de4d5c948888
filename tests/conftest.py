"""How the tests are spread over processes, and what is said in the end of those that found no LibreOffice."""

from __future__ import annotations

import gc
import os
import sys
from typing import Any

import pytest
from hypothesis import settings

try:
    from xdist.scheduler import LoadScopeScheduling  # type: ignore[import-untyped]  # it has no types
except ImportError:  # without xdist there is one process
    LoadScopeScheduling = object

settings.register_profile("suite", derandomize=True, deadline=None)  # the same examples every time
settings.load_profile("suite")

TOGETHER = ("tests/windows/", "tests/xl_addin/calc/")
"""Those of a folder share a machine or a running LibreOffice."""
APART = ("tests/udfs/test_against_reference.py",)
"""Long ones that share nothing; they come last, for whichever process has nothing else left."""
WITHOUT = "no LibreOffice"  # how the reason begins for which tests/calc_desk.py skips

# Else every process of the suite compiles the same sources anew, where the user's variables forbid to keep them, and
# the collector walks again and again over a heap that is mostly the tests themselves.
sys.dont_write_bytecode = False
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
gc.set_threshold(200_000, 20, 100)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put first what takes longest in one piece, so that two processes begin with one each."""
    items.sort(key=lambda item: (item.nodeid.startswith(APART), not item.nodeid.startswith(TOGETHER)))


def pytest_collection_finish() -> None:
    """Let the collector pass over what was made up to here."""
    gc.freeze()


class _Scheduling(LoadScopeScheduling):  # type: ignore[misc]  # the same
    """Whoever takes a test of a file takes all, with what they share (xdist's own marks fail with pytest 9)."""

    def _split_scope(self, nodeid: str) -> str:
        if nodeid.startswith(APART):
            return nodeid
        return next((folder for folder in TOGETHER if nodeid.startswith(folder)), nodeid.partition("::")[0])


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Any:
    """Let xdist spread the tests that way."""
    return _Scheduling(config, log)


def pytest_terminal_summary(terminalreporter: Any) -> None:
    """Say once how many tests were skipped for want of LibreOffice, and why."""
    reasons = [str(report.longrepr[2]) for report in terminalreporter.stats.get("skipped", [])]
    for_that = [reason.removeprefix("Skipped: ") for reason in reasons if WITHOUT in reason]
    if for_that:
        terminalreporter.write_line(f"{len(for_that)} tests skipped: {for_that[0]}", yellow=True)
