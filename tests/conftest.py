"""How the tests are spread over processes: one by one, but those of tests/windows together; they share a machine."""

from __future__ import annotations

from typing import Any

import pytest

try:
    from xdist.scheduler import LoadScopeScheduling  # type: ignore[import-untyped]  # it has no types
except ImportError:  # without xdist there is one process
    LoadScopeScheduling = object

TOGETHER = "tests/windows/"


class _Scheduling(LoadScopeScheduling):  # type: ignore[misc]  # the same
    """Whoever takes a test of a scope takes all of them (xdist's own marks for that fail with pytest 9)."""

    def _split_scope(self, nodeid: str) -> str:
        return TOGETHER if nodeid.startswith(TOGETHER) else nodeid


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Any:
    """Let xdist spread the tests that way."""
    return _Scheduling(config, log)
