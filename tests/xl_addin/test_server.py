"""The server's own part, as far as it is the same everywhere: its log, and starting without a team folder."""

from __future__ import annotations

import os
import subprocess
import sys
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
