"""The parts of a package: unpacked by another reader than Python's own, with the same outcome."""

import io
import struct
import zipfile

import pytest
import xlsxwriter
from hypothesis import given
from hypothesis import strategies as st

from workbooks.errors import UnreadableFileError
from workbooks.reading import cells_xlsx
from workbooks.reading.cells_xlsx import Package

PARTS = {"a.xml": b"<a>" + b"<c r='A1'/>" * 500 + b"</a>", "B/b.xml": b"1", "empty.xml": b""}


def packed(compression: int = zipfile.ZIP_DEFLATED) -> bytes:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", compression) as archive:
        for name, part in PARTS.items():
            archive.writestr(name, part)
    return content.getvalue()


@pytest.mark.parametrize("compression", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
@pytest.mark.parametrize("before", [b"", b"something else before it"])
def test_however_a_part_is_packed(compression: int, before: bytes) -> None:
    package = Package(before + packed(compression))
    assert {name: package.read(name.upper()) for name in PARTS} == PARTS


def test_a_part_larger_than_the_directory_says_is_not_unpacked() -> None:
    content = packed()
    size = struct.pack("<I", len(PARTS["a.xml"]))
    with pytest.raises(UnreadableFileError, match="damaged"):
        Package(content.replace(size, struct.pack("<I", 10))).read("a.xml")


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


INSIDE = ("Z999999", "AC1048576", "AU1048576", "DZ99999", "ZZ9999")
OUTSIDE = ("AV100000", "EA10000", "AAA1", "AU1050000")


@pytest.mark.parametrize("cell", [*INSIDE, *OUTSIDE])
def test_cells_are_counted_one_by_one_only_where_they_may_reach_too_far(
    cell: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    content = io.BytesIO()
    with xlsxwriter.Workbook(content) as book:
        book.add_worksheet().write_number("A1", 1)
    package, counted = Package(content.getvalue()), []
    sheet = package.read("xl/worksheets/sheet1.xml").replace(b'r="A1"', f'r="{cell}"'.encode())
    read = Package.read
    monkeypatch.setattr(Package, "read", lambda self, name: sheet if name.endswith("sheet1.xml") else read(self, name))
    monkeypatch.setattr(cells_xlsx, "check_extent", lambda *extent: counted.append(extent))
    cells_xlsx.read_xlsx(package, package.main_part())
    assert bool(counted) is (cell in OUTSIDE)
