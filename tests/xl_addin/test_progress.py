"""The progress bar: what somebody who watches sees, and that it needs no thread."""

from __future__ import annotations

import io
import threading

import pytest

from workbooks.labels import labels
from xl_addin.progress import progress_bar


class Terminal(io.StringIO):
    """What is written where somebody watches."""

    def isatty(self) -> bool:
        """Say that somebody does."""
        return True


def test_each_step_is_drawn_as_it_begins_and_by_no_thread(monkeypatch: pytest.MonkeyPatch) -> None:
    screen, threads = Terminal(), threading.active_count()
    monkeypatch.setattr("sys.stderr", screen)
    monkeypatch.setenv("TERM", "xterm")
    with progress_bar("zh") as progress:
        assert progress is not None
        progress("read", 0.25)
        assert labels("zh").message("step-read") in screen.getvalue()
        assert "25%" in screen.getvalue()
        assert threading.active_count() == threads  # else the run could not begin its readers as copies of itself


def test_where_nobody_watches_nothing_is_drawn(monkeypatch: pytest.MonkeyPatch) -> None:
    screen = io.StringIO()
    monkeypatch.setattr("sys.stderr", screen)
    with progress_bar("zh") as progress:
        assert progress is None
    assert not screen.getvalue()
