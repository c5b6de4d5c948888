"""The end of setup.sh: a machine on which the packages do not load is never taken for a made one."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

SETUP = Path(__file__).with_name("setup.sh")
CRASH = "exit 0"  # as Wine may end a program that has crashed
ONCE = '[ -e "$0.tried" ] || { touch "$0.tried"; exit 0; }; echo "all imported"'


@pytest.mark.parametrize(("python", "made"), [(CRASH, False), ("exit 5", False), (ONCE, True)])
def test_a_crash_under_wine_stops_the_script(python: str, made: bool, tmp_path: Path) -> None:  # noqa: FBT001 - a parameter
    check = SETUP.read_text(encoding="utf-8").partition("\n# the word that comes after the imports")[2]
    winpy = tmp_path / "winpy"
    winpy.write_text(f"#!/bin/bash\n{python}\n", encoding="utf-8")
    winpy.chmod(0o755)
    script = f"set -euo pipefail\ndir='{tmp_path}' stamp=now\n#{check}"
    run = subprocess.run(["/bin/bash", "-c", script], capture_output=True, text=True, check=False)
    assert (run.returncode == 0, (tmp_path / ".made").exists()) == (made, made), run.stderr
