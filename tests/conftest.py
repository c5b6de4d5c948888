"""How the tests are spread over processes, and what is said in the end of those that found no LibreOffice."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import settings

try:
    from xdist.scheduler import LoadScopeScheduling  # type: ignore[import-untyped]  # it has no types
except ImportError:  # without xdist there is one process
    LoadScopeScheduling = object

settings.register_profile("suite", derandomize=True, deadline=None)  # the same examples every time
settings.load_profile("suite")

TOGETHER = ("tests/windows/", "tests/xl_addin/calc/", "tests/macros/test_demo_days.py")
"""Those of a folder or a file share a machine, a running LibreOffice, or days that take a while to make."""
WITHOUT = "no LibreOffice"  # how the reason begins for which tests/calc_desk.py skips


class _Scheduling(LoadScopeScheduling):  # type: ignore[misc]  # the same
    """Whoever takes a test of a scope takes all of them (xdist's own marks for that fail with pytest 9)."""

    def _split_scope(self, nodeid: str) -> str:
        return next((folder for folder in TOGETHER if nodeid.startswith(folder)), nodeid)


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
