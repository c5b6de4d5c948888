"""What is looked up in the parts of an .xlsx workbook."""

import io

import pytest
import xlsxwriter

from workbooks.reading import cells_xlsx
from workbooks.reading.package import Package

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
    sheet = sheet.replace(b"<sheetData>", b"<sheetData><!-- not written plainly: its places are not all known -->")
    read = Package.read
    monkeypatch.setattr(Package, "read", lambda self, name: sheet if name.endswith("sheet1.xml") else read(self, name))
    monkeypatch.setattr(cells_xlsx, "check_extent", lambda *extent: counted.append(extent))
    cells_xlsx.read_xlsx(package, package.main_part())
    assert bool(counted) is (cell in OUTSIDE)
