"""A screen that nobody sees (Xvfb), a hand that clicks on it (xdotool), and pictures of it."""

from __future__ import annotations

import os
import shutil
import struct
import subprocess
import tempfile
import time
import zlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

WIDTH, HEIGHT = 1400, 880
TOOLS = ("Xvfb", "xdotool")


def missing() -> list[str]:
    """Return which of the programs that a screen needs are not here."""
    return [tool for tool in TOOLS if shutil.which(tool) is None]


@dataclass(frozen=True)
class Screen:
    """A running screen. frame: the file in which Xvfb keeps what it shows."""

    display: str
    frame: Path

    @property
    def environment(self) -> Mapping[str, str]:
        """Return what a program needs to show itself here; plain X, for it needs no desktop around it."""
        return {"DISPLAY": self.display, "SAL_USE_VCLPLUGIN": "gen"}

    def _hand(self, *command: object) -> None:
        environment = {**os.environ, "DISPLAY": self.display}
        subprocess.run(["xdotool", *map(str, command)], env=environment, check=True)  # noqa: S607 - of the path

    def click(self, x: int, y: int) -> None:
        """Move there and click."""
        self._hand("mousemove", x, y)
        time.sleep(0.3)  # a toolbar shows that it is pointed at, and then takes the click
        self._hand("click", 1)

    def key(self, name: str) -> None:
        """Press a key."""
        self._hand("key", name)

    def png(self) -> bytes:
        """Return what is shown, as PNG. Source of the form: X's XWDFile.h, 32 bits a pixel."""
        content = self.frame.read_bytes()
        header = struct.unpack(">25I", content[:100])
        size, width, height, line, colours = header[0], header[4], header[5], header[12], header[19]
        start = size + colours * 12
        rows = bytearray()
        for row in range(height):
            pixels = content[start + row * line : start + row * line + width * 4]
            rows += b"\0" + bytes(part for place in range(0, width * 4, 4) for part in pixels[place : place + 3][::-1])
        return _png(width, height, bytes(rows))


def _png(width: int, height: int, rows: bytes) -> bytes:
    def chunk(kind: bytes, content: bytes) -> bytes:
        return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))

    about = struct.pack(">2I5B", width, height, 8, 2, 0, 0, 0)
    parts = {b"IHDR": about, b"IDAT": zlib.compress(rows, 9), b"IEND": b""}
    return b"\x89PNG\r\n\x1a\n" + b"".join(chunk(*part) for part in parts.items())


@contextmanager
def screen() -> Iterator[Screen]:
    """Start a screen on a display that is free, and end it."""
    with tempfile.TemporaryDirectory() as folder:
        reading, writing = os.pipe()
        process = subprocess.Popen(
            [  # noqa: S607 - of the path
                "Xvfb", "-displayfd", str(writing), "-screen", "0", f"{WIDTH}x{HEIGHT}x24", "-nolisten", "tcp",
                "-fbdir", folder,
            ],
            pass_fds=(writing,), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )  # fmt: skip
        os.close(writing)
        try:
            with os.fdopen(reading) as number:
                display = f":{number.readline().strip()}"
            yield Screen(display, Path(folder) / "Xvfb_screen0")
        finally:
            process.terminate()
            process.wait()
