"""The server's own part, as far as it is the same everywhere: its log, and starting without a team folder."""

from __future__ import annotations

import logging
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from workbooks.errors import WorkbookError
from xl_addin import server


def test_a_server_that_cannot_start_says_so_in_the_log(tmp_path: Path) -> None:
    """Here there is no COM, so it fails there at the latest: not before it has a log, and in a folder of its own."""
    env = {**os.environ, "HOME": str(tmp_path), "XDG_CONFIG_HOME": "", "XDG_STATE_HOME": ""}
    command = [sys.executable, "-I", "-m", "xl_addin.server", "{00000000-0000-0000-0000-000000000000}"]
    run = subprocess.run(command, env=env, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert run.returncode == 1, run.stderr
    [log] = tmp_path.rglob("orderdesk.log")
    said = log.read_text(encoding="utf-8")
    assert "starting" in said
    assert "could not start" in said
    assert "ImportError" in said or "ModuleNotFoundError" in said


@pytest.fixture
def restored() -> Iterator[None]:
    root = logging.getLogger()
    before, level = list(root.handlers), root.level
    yield
    for handler in root.handlers:
        if handler not in before:
            handler.close()
    root.handlers[:] = before
    root.setLevel(level)
    logging.captureWarnings(capture=False)


@pytest.mark.usefixtures("restored")
class TestLog:
    def test_is_utf8_and_rotates(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(server, "LOG_SIZE", 1000)
        server.start_log(tmp_path / "orderdesk.log")
        for number in range(100):
            logging.getLogger("orderdesk").info("第 %d 行", number)
        names = sorted(path.name for path in tmp_path.iterdir())
        assert names == ["orderdesk.log", "orderdesk.log.1", "orderdesk.log.2", "orderdesk.log.3"]
        assert "第 99 行" in (tmp_path / "orderdesk.log").read_text(encoding="utf-8")

    def test_grows_on_where_another_process_holds_the_file(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def held(*_args: object) -> None:
            raise PermissionError(13, "in use")

        monkeypatch.setattr(server, "LOG_SIZE", 500)
        server.start_log(tmp_path / "orderdesk.log")
        monkeypatch.setattr(Path, "replace", held)
        for number in range(100):
            logging.getLogger("orderdesk").info("line %d", number)
        said = (tmp_path / "orderdesk.log").read_text(encoding="utf-8")
        assert [f"line {number}\n" in said for number in range(100)] == [True] * 100


def test_where_the_team_folder_is_is_looked_up_at_most_every_two_seconds() -> None:
    now, asked = [0.0], []

    def find() -> int:
        asked.append(now[0])
        if len(asked) == 1:
            raise WorkbookError("no-team-folder")
        return len(asked)

    kept = server.recently(find, lambda: now[0])
    with pytest.raises(WorkbookError):
        kept()
    assert (kept(), kept()) == (2, 2)
    now[0] = 2.0
    assert kept() == 3
