import subprocess
import sys
from pathlib import Path

import pytest

from workbooks import run_lock
from workbooks.errors import WorkbookError
from workbooks.run_lock import RunLock

HOLD = """
import sys, pathlib
from workbooks.run_lock import RunLock
with RunLock(pathlib.Path(sys.argv[1])):
    print("held", flush=True)
    input()
"""


def test_another_process_that_is_killed_leaves_the_folder_free(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(run_lock, "PATIENCE", 0)
    holder = subprocess.Popen(
        [sys.executable, "-c", HOLD, str(tmp_path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    with holder:
        assert holder.stdout
        assert holder.stdout.readline() == b"held\n"
        with pytest.raises(WorkbookError) as told:
            RunLock(tmp_path).__enter__()
        assert told.value.code == "output-in-use"
        holder.kill()
    with RunLock(tmp_path):
        assert [path.name for path in tmp_path.iterdir()] == [run_lock.NAME]
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError), RunLock(tmp_path / "nowhere"):
        pytest.fail("there is nothing to hold")
