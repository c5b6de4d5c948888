"""A zip package: its parts by name, and which of them belong to which."""

from __future__ import annotations

import html
import io
import posixpath
import re
import struct
import zipfile
import zlib
from collections.abc import Mapping
from contextlib import suppress
from urllib.parse import unquote

from isal import isal_zlib

from workbooks.errors import UnreadableFileError
from workbooks.schema import LIMITS, SMALL_UNPACKED, Limits

_ZIP_FAILURES = (zipfile.BadZipFile, zlib.error, EOFError, OSError, RuntimeError, ValueError, struct.error)
_ATTRIBUTE = re.compile(rb"""([\w:.-]+)\s*=\s*(?:"([^"]*)"|'([^']*)')""")


class Package:
    """A zip package whose parts are found whatever the case and the slashes of their names."""

    def __init__(self, content: bytes, limits: Limits = LIMITS) -> None:
        """Open the package. Raises UnreadableFileError: damaged, password, too-large."""
        self.content, self.limits = content, limits
        try:
            self.archive = zipfile.ZipFile(io.BytesIO(content))
        except _ZIP_FAILURES as error:
            raise UnreadableFileError(reason="damaged", detail=f"zip: {error}") from error
        self.parts = {part.filename.replace("\\", "/").strip("/").lower(): part for part in self.archive.infolist()}
        unpacked = sum(part.file_size for part in self.parts.values())
        if unpacked > limits.unpacked_mb << 20:
            raise UnreadableFileError.beyond("unpacked_mb", limits.unpacked_mb, -(-unpacked >> 20))
        if unpacked > max(limits.ratio * len(content), SMALL_UNPACKED):
            raise UnreadableFileError.beyond("ratio", limits.ratio, -(-unpacked // len(content)))
        if any(part.flag_bits & 1 for part in self.parts.values()):
            raise UnreadableFileError(reason="password", detail="encrypted zip")

    def read(self, name: str) -> bytes:
        """Return a part's bytes. Raises UnreadableFileError where it is missing or broken."""
        try:
            part = self.parts[name.lower()]
            if part.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):  # Excel knows no others
                raise UnreadableFileError(reason="damaged", detail=f"{name}: compression {part.compress_type}")
            if part.compress_type == zipfile.ZIP_DEFLATED and (content := self._inflated(part)):
                return content
            with self.archive.open(part) as file:  # never more than it says: to read it whole would unpack it whole
                return file.read(max(part.file_size, 1))
        except KeyError:
            raise UnreadableFileError(reason="damaged", detail=f"{name} is missing") from None
        except _ZIP_FAILURES as error:
            raise UnreadableFileError(reason="damaged", detail=f"{name}: {error}") from error

    def _inflated(self, part: zipfile.ZipInfo) -> bytes:
        """Return a part's bytes several times as fast as Python's reader does, nothing where that one has to look.

        Raises UnreadableFileError where there is more in it than it says.
        """
        with suppress(isal_zlib.error, struct.error):  # type: ignore[arg-type] # its stub calls a class an instance
            name, extra = struct.unpack_from("<HH", self.content, part.header_offset + 26)
            start = part.header_offset + 30 + name + extra
            deflated = memoryview(self.content)[start : start + part.compress_size]
            content: bytes = isal_zlib.decompressobj(-15).decompress(deflated, part.file_size + 1)
            if len(content) > part.file_size:  # others would unpack all of it
                raise UnreadableFileError(reason="damaged", detail=f"{part.filename} is larger than it says")
            if isal_zlib.crc32(content) == part.CRC:
                return content
        return b""

    def rewritten(self, changed: Mapping[str, bytes]) -> bytes:
        """Return the package with parts changed, by their names in lower case, for a reader of cells.

        Pictures, macros and whatever else is no XML such a reader does not ask for; they are left out.
        """
        content = io.BytesIO()
        with zipfile.ZipFile(content, "w") as archive:
            for name, part in self.parts.items():
                if name in changed or name.endswith((".xml", ".rels")):
                    archive.writestr(part.filename, changed[name] if name in changed else self.read(name))
        return content.getvalue()

    def relations(self, source: str) -> dict[str, tuple[str, str]]:
        """Return a part's relations: id -> (last word of the type, in lower case; target part)."""
        folder, name = posixpath.split(source)
        path = posixpath.join(folder, "_rels", f"{name}.rels")
        if path.lower() not in self.parts:
            return {}
        relations = {}
        for tag in re.findall(rb"<(?:[\w.-]+:)?Relationship\b([^>]*)>", self.read(path)):
            values = attributes(tag)
            target = unquote(values.get("Target", "")).replace("\\", "/")
            target = posixpath.normpath(posixpath.join("/", folder, target)).strip("/")
            relations[values.get("Id", "")] = (posixpath.basename(values.get("Type", "")).lower(), target)
        return relations

    def main_part(self) -> str:
        """Return the name of an OOXML package's workbook. Raises UnreadableFileError where there is none."""
        named = [target for kind, target in self.relations("").values() if kind == "officedocument"]
        for path in (*named, "xl/workbook.xml", "xl/workbook.bin"):
            if path.lower() in self.parts and not path.lower().startswith(("word/", "ppt/")):
                return path
        broken = any(name.startswith("xl/") for name in self.parts)
        raise UnreadableFileError(
            reason="damaged" if broken else "not-a-workbook", detail="a zip archive without a workbook"
        )


def attributes(tag: bytes) -> dict[str, str]:
    """Return the attributes of an XML tag, entities resolved."""
    return {
        name.decode("utf-8", "replace"): html.unescape((double or single).decode("utf-8", "replace"))
        for name, double, single in _ATTRIBUTE.findall(tag)
    }
