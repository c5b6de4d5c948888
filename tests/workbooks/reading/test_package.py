"""The parts of a package: unpacked by another reader than Python's own, with the same outcome, and never to excess."""

from __future__ import annotations

import io
import struct
import tracemalloc
import zipfile

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.torture import hostile
from workbooks.errors import UnreadableFileError
from workbooks.reading.package import Package

PARTS = {"a.xml": b"<a>" + b"<c r='A1'/>" * 500 + b"</a>", "B/b.xml": b"1", "empty.xml": b""}
SIZE = 50 * hostile.MEGABYTE


def packed(compression: int = zipfile.ZIP_DEFLATED, *, large: bytes = b"") -> bytes:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", compression) as archive:
        for name, part in (PARTS | ({"a.xml": large} if large else {})).items():
            archive.writestr(name, part)
    return content.getvalue()


@pytest.mark.parametrize("compression", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED])
@pytest.mark.parametrize("before", [b"", b"something else before it"])
def test_however_a_part_is_packed(compression: int, before: bytes) -> None:
    package = Package(before + packed(compression))
    assert {name: package.read(name.upper()) for name in PARTS} == PARTS


@pytest.mark.parametrize("compression", [zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_a_part_larger_than_the_directory_says_is_not_unpacked(compression: int) -> None:
    """Nor is one that is packed as Excel packs none: Python unpacks such a part whole."""
    content = packed(compression, large=b" " * SIZE)
    package = Package(content.replace(struct.pack("<I", SIZE), struct.pack("<I", 1000)))
    tracemalloc.start()
    with pytest.raises(UnreadableFileError, match="damaged"):
        package.read("a.xml")
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < hostile.MEGABYTE


def test_what_is_wrong_with_a_part_is_told_in_the_words_of_pythons_own_reader() -> None:
    content = packed()
    start = content.index(b"a.xml") + len("a.xml")
    with pytest.raises(UnreadableFileError) as caught:
        Package(content[:start] + b"\xff" * 9 + content[start + 9 :]).read("a.xml")
    assert (caught.value.reason, caught.value.detail[:36]) == ("damaged", "a.xml: Error -3 while decompressing ")


@given(st.integers(0), st.integers(1, 255))
def test_a_damaged_package_gives_what_was_packed_or_nothing(at: int, by: int) -> None:
    content = bytearray(packed())
    content[at % len(content)] ^= by
    try:
        assert Package(bytes(content)).read("a.xml") == PARTS["a.xml"]
    except UnreadableFileError as error:
        assert error.reason in {"damaged", "password", "too-large"}  # noqa: PT017 - it need not fail
