"""The Windows machine that tests/windows/setup.sh makes: how to start it, run its Python, and end it."""

from __future__ import annotations

import importlib
import json
import os
import subprocess
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from io import TextIOWrapper
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
ZONE = {"TZ": "CST-8"}  # as in China, written as Wine's C runtime understands it: it knows no Asia/Shanghai
MADE = Path(os.environ.get("ORDERDESK_WINPY", ROOT / ".windows" / "winpy"))


@dataclass(frozen=True)
class Windows:
    """The Windows machine: its interpreter, its disk C, and what was started on it and goes on."""

    winpy: Path
    started: list[subprocess.Popen[bytes]] = field(default_factory=list)
    held: list[TextIOWrapper] = field(default_factory=list)

    @property
    def prefix(self) -> Path:
        return self.winpy.parent / "prefix"

    @property
    def python(self) -> Path:
        return self.winpy.parent / "python"

    @property
    def user(self) -> Path:
        """The user's folder, as Linux sees it."""
        [folder] = [path for path in (self.prefix / "drive_c" / "users").iterdir() if path.name != "Public"]
        return folder

    @property
    def desk(self) -> Path:
        return self.user / "AppData" / "Local" / "orderdesk"

    @property
    def addins(self) -> Path:
        return self.user / "AppData" / "Roaming" / "Microsoft" / "AddIns"

    @staticmethod
    def path(path: Path) -> str:
        """Return how Windows names a path of Linux."""
        return "Z:" + str(path).replace("/", "\\")

    def run(
        self, *arguments: str, cwd: Path | None = None, env: Mapping[str, str] | None = None, seconds: float = 300
    ) -> subprocess.CompletedProcess[str]:
        """Run the interpreter; its standard error is in the output."""
        environment = {**os.environ, **ZONE, "PYTHONDONTWRITEBYTECODE": "", **(env or {})}
        return subprocess.run(
            [self.winpy, *arguments], cwd=cwd, env=environment, capture_output=True, text=True, check=False,
            timeout=seconds, encoding="utf-8", errors="replace",
        )  # fmt: skip

    def ask(self, *arguments: str, **options: Any) -> Any:
        """Run a script of this folder and return what its last line of JSON says."""
        run = self.run(*arguments, **options)
        lines = [line for line in run.stdout.splitlines() if line.startswith(("{", "["))]
        assert lines, run.stdout + run.stderr
        return json.loads(lines[-1])

    def start(self, *arguments: str) -> None:
        """Start the interpreter and go on; it ends with the machine at the latest."""
        self.started.append(
            subprocess.Popen(
                [self.winpy, *arguments],
                env={**os.environ, **ZONE},
                start_new_session=True,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
            )
        )

    def boot(self) -> None:
        """Start the machine: one sleeping process keeps it up, for starting takes seconds.

        Waits while others use it, for two would end each other's processes. Nothing else may start before it has:
        whoever starts Wine's own services keeps their output open.
        """
        self.held.append((self.winpy.parent / "in_use").open("w", encoding="ascii"))
        fcntl = importlib.import_module("fcntl")  # this file is read on Windows too, which has none
        fcntl.flock(self.held[0], fcntl.LOCK_EX)
        self._kill()
        up = self.prefix / "drive_c" / "up"
        up.unlink(missing_ok=True)
        self.start("-I", "-c", "import pathlib, time; pathlib.Path(r'C:\\up').touch(); time.sleep(900)")
        for _ in range(600):
            if up.exists():
                return
            time.sleep(0.1)
        raise TimeoutError("Wine does not start")

    def end(self) -> None:
        """End every process of the machine, and let others use it."""
        self._kill()
        while self.held:
            self.held.pop().close()

    def _kill(self) -> None:
        environment = {**os.environ, "WINEPREFIX": str(self.prefix)}
        subprocess.run(["/usr/lib/wine/wineserver64", "-k"], env=environment, check=False)
        while self.started:
            self.started.pop().wait()
