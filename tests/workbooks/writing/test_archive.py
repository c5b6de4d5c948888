"""What is deflated reads back, and the same text is deflated to the same bytes wherever it lies in memory."""

from __future__ import annotations

import random
import zipfile
import zlib
from pathlib import Path

import pytest

from workbooks.writing.archive import Archive, deflated

LENGTHS = [0, 1, 3, 4, 5, 287, 288, 289, 290, 32_767, 32_768, 32_769, 65_536, 70_000, 300_000]


def xml(length: int) -> bytes:
    """Return text of that many bytes, in which much comes again."""
    rng = random.Random(length)  # noqa: S311 - the same text every time
    words = [f'<c r="{rng.choice("ABCDEFGH")}{rng.randrange(999)}" s="{rng.randrange(9)}"/>' for _ in range(40)]
    return "".join(rng.choice(words) for _ in range(length // 10 + 1)).encode()[:length]


@pytest.mark.parametrize("length", LENGTHS)
def test_pieces_of_any_length_read_back_and_need_nothing_before_them(length: int) -> None:
    pieces = [deflated(xml(length)), deflated(b"</row>"), deflated(xml(length + 1))]
    for text, packed in pieces:
        assert zlib.decompressobj(-15).decompress(packed) == text
    stream = zlib.decompressobj(-15)
    assert stream.decompress(b"".join(packed for _, packed in pieces) + b"\x03\x00") == b"".join(
        text for text, _ in pieces
    )
    assert stream.eof


def test_an_archive_of_pieces_opens_and_every_entry_has_its_sum(tmp_path: Path) -> None:
    texts = {f"part{length}.xml": xml(length) for length in LENGTHS}
    with (tmp_path / "all.zip").open("wb") as file:
        archive = Archive(file)
        for name, text in texts.items():
            archive.add(name, [deflated(text[:1000]), deflated(text[1000:])])
        archive.close()
    with zipfile.ZipFile(tmp_path / "all.zip") as read:
        assert read.testzip() is None
        assert {name: read.read(name) for name in read.namelist()} == texts


def test_the_same_text_is_deflated_to_the_same_bytes_wherever_the_packer_lies() -> None:
    rng = random.Random(5)  # noqa: S311 - the same texts every time
    texts = []
    for _ in range(200):  # what stands at the third byte comes again at the end, where it is found or not
        word = bytes(rng.randrange(65, 91) for _ in range(9))
        texts.append(word + bytes(rng.randrange(97, 123) for _ in range(400)) + word[2:])
    first = [deflated(text)[1] for text in texts]
    held = []
    for _ in range(400):
        held.append(bytearray(1 << 16))  # the next ones lie elsewhere
        assert [deflated(text)[1] for text in texts] == first
