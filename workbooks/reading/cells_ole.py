"""The stream of records inside an .xls file, which is an OLE file: a small file system of sectors."""

from __future__ import annotations

import struct
from dataclasses import dataclass
from typing import TYPE_CHECKING

from workbooks.errors import UnreadableFileError

if TYPE_CHECKING:
    from collections.abc import Callable

OLE_MAGIC = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"

_END_OF_CHAIN = 0xFFFFFFFE
_NO_SECTOR = 0xFFFFFFFA  # this and higher numbers are marks, not sectors
_SMALL_STREAM, _SMALL_SECTOR = 4096, 64


@dataclass(frozen=True)
class Stream:
    """A workbook's records, and the offsets in the file of the sectors they are stored in."""

    records: bytes
    sectors: list[int]
    sector_size: int

    def changed(self, content: bytes, changes: list[tuple[int, bytes]]) -> bytes:
        """Return the file with some bytes of the stream changed: (offset in the stream, new bytes)."""
        file = bytearray(content)
        for at, new in changes:
            for place, byte in enumerate(new, start=at):
                file[self.sectors[place // self.sector_size] + place % self.sector_size] = byte
        return bytes(file)


def workbook_stream(content: bytes) -> Stream:
    """Return the records of an OLE file's workbook.

    The reader trusts an OLE file's numbers and takes whatever memory they ask for, so they are followed here first.
    Raises UnreadableFileError, and struct.error where the file ends too early.
    """
    size = 1 << struct.unpack_from("<H", content, 30)[0] % 16
    count = -(-len(content) // size) - 1
    counts = struct.unpack_from("<II", content, 40)
    first_directory, _, _, first_small, small_count, next_table = struct.unpack_from("<6I", content, 48)
    if size not in (512, 4096) or max(*counts, small_count) > count or count <= first_small < _NO_SECTOR:
        raise _broken()

    def sector(number: int) -> bytes:
        if number >= count:
            raise _broken()
        return content[(number + 1) * size : (number + 2) * size].ljust(size, b"\0")

    following = _allocation(content, next_table, count, sector)
    directory = b"".join(map(sector, _chain(first_directory, following)))
    start, length = _workbook_entry(directory)
    root, root_length = struct.unpack_from("<II", directory, 116)
    if max(length, root_length) > len(content):
        raise _broken()
    small = _chain(root, following) if small_count else []
    small_following = _numbers(b"".join(map(sector, _chain(first_small, following)))) if small_count else []
    if length >= _SMALL_STREAM:
        sectors, sector_size = [(number + 1) * size for number in _chain(start, following)], size
    else:
        per_sector, sector_size = size // _SMALL_SECTOR, _SMALL_SECTOR
        numbers = [divmod(number, per_sector) for number in _chain(start, small_following)]
        if any(number >= len(small) for number, _ in numbers):
            raise _broken()
        sectors = [(small[number] + 1) * size + part * _SMALL_SECTOR for number, part in numbers]
    records = b"".join(content[at : at + sector_size].ljust(sector_size, b"\0") for at in sectors)
    return Stream(records[:length], sectors, sector_size)


def _workbook_entry(directory: bytes) -> tuple[int, int]:
    """Return the first sector and the length of the workbook's stream."""
    entries: dict[str, tuple[int, int]] = {}
    for at in range(0, len(directory), 128):
        name = directory[at : at + 64].decode("utf-16-le", "replace").partition("\0")[0].lower()
        start, length = struct.unpack_from("<II", directory, at + 116)
        entries.setdefault(name, (start, length))
    if "encryptedpackage" in entries:
        raise UnreadableFileError(reason="password", detail="encrypted workbook")
    entry = entries.get("workbook") or entries.get("book")
    if entry is None:
        raise UnreadableFileError(reason="not-a-workbook", detail="an OLE file without a workbook")
    return entry


def _allocation(content: bytes, next_table: int, count: int, sector: Callable[[int], bytes]) -> list[int]:
    """Return the number of the sector that follows each sector."""
    tables = _numbers(content[76:512])
    for _ in range(count + 1):
        if next_table >= _NO_SECTOR:
            return _numbers(b"".join(sector(number) for number in tables if number < _NO_SECTOR))
        tables += _numbers(sector(next_table))
        next_table = tables.pop()
    raise _broken()


def _chain(number: int, following: list[int]) -> list[int]:
    """Return the numbers of the sectors of a stream."""
    numbers: list[int] = []
    while number != _END_OF_CHAIN:
        if number >= len(following) or len(numbers) > len(following):
            raise _broken()
        numbers.append(number)
        number = following[number]
    return numbers


def _numbers(content: bytes) -> list[int]:
    return list(struct.unpack(f"<{len(content) // 4}I", content[: len(content) // 4 * 4]))


def _broken() -> UnreadableFileError:
    return UnreadableFileError(reason="damaged", detail="OLE file: its sectors do not hang together")
