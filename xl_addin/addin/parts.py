"""The sources of what is built, and zips of parts whose bytes depend on nothing else."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path

SOURCES = Path(__file__).parent
MADE = datetime(1980, 1, 1, tzinfo=UTC)  # the earliest day a zip can name


def zipped(parts: Mapping[str, bytes]) -> bytes:
    """Return the parts as a zip: the same parts, the same bytes; content types go first, as Office has them."""
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        for name in sorted(parts, key=lambda name: (name != "[Content_Types].xml", name)):
            entry = zipfile.ZipInfo(name, MADE.timetuple()[:6])
            entry.compress_type, entry.create_system = zipfile.ZIP_DEFLATED, 0
            archive.writestr(entry, parts[name])
    return content.getvalue()


def unzipped(content: bytes) -> dict[str, bytes]:
    """Return the parts of a zip by name."""
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}
