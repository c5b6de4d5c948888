"""A zip file of pieces deflated in threads, which Python's own writer does not take."""

from __future__ import annotations

import struct
from collections import deque
from itertools import islice
from typing import IO, TYPE_CHECKING

from isal import isal_zlib

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence
    from concurrent.futures import ThreadPoolExecutor

# Four signs that no XML holds stand before every piece as if they had been deflated with it; nothing refers back to
# them. Without any, ISA-L enters its own address for the text at the third byte, and equal text is now and then
# deflated otherwise (igzip_icf_body_h1_gr_bt.asm, .write_first_byte; seen with isal 1.9.1 at levels 1 and 2).
BEFORE = bytes(4)
WORKERS = 2
FEW = 3  # pieces of an entry, mostly small

Text = bytes | memoryview
Piece = tuple[Text, bytes]
"""A stretch of an entry, as it is and deflated."""


def deflated(xml: Text) -> Piece:
    """Deflate a piece of XML that any number of others may follow; the same text gives the same bytes."""
    packer = isal_zlib.compressobj(1, isal_zlib.DEFLATED, -15, zdict=BEFORE)
    return xml, packer.compress(xml) + packer.flush(isal_zlib.Z_FULL_FLUSH)


def in_order(pool: ThreadPoolExecutor, jobs: Sequence[Callable[[], Piece]]) -> Iterator[Piece]:
    """Yield the jobs' results in order, with few under way: each holds megabytes. Few jobs are done on the spot."""
    if len(jobs) <= FEW:
        yield from (job() for job in jobs)
        return
    todo = iter(jobs)
    waiting = deque(pool.submit(job) for job in islice(todo, WORKERS + 1))
    while waiting:
        yield waiting.popleft().result()
        waiting.extend(pool.submit(job) for job in islice(todo, 1))


class Archive:
    """A zip file of entries that arrive deflated, all dated 1980-01-01."""

    def __init__(self, file: IO[bytes]) -> None:
        """Begin at the file's start."""
        self.file = file
        self.index: list[bytes] = []

    def add(self, name: str, pieces: Iterable[Piece]) -> None:
        """Write one entry; its sizes are known only at the end and go into the header then."""
        start, encoded, crc, raw = self.file.tell(), name.encode(), 0, 0
        self.file.write(bytes(30) + encoded)
        for xml, packed in pieces:
            crc, raw = isal_zlib.crc32(xml, crc), raw + len(xml)
            self.file.write(packed)
        self.file.write(b"\x03\x00")  # an empty last block closes the stream
        end = self.file.tell()
        packed_size = end - start - 30 - len(encoded)
        common = struct.pack("<5H3L2H", 20, 0, 8, 0, 0x21, crc, packed_size, raw, len(encoded), 0)
        self.file.seek(start)
        self.file.write(b"PK\x03\x04" + common)
        self.file.seek(end)
        self.index.append(b"PK\x01\x02\x14\x00" + common + struct.pack("<3H2L", 0, 0, 0, 0, start) + encoded)

    def close(self) -> None:
        """Write the zip's index."""
        start, size = self.file.tell(), sum(map(len, self.index))
        self.file.write(b"".join(self.index))
        self.file.write(b"PK\x05\x06" + struct.pack("<4H2LH", 0, 0, len(self.index), len(self.index), size, start, 0))
