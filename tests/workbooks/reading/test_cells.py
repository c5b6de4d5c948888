"""Every cell at its Excel place, as text; errors, blanks and formulas never calculated told apart; no file crashes."""

from __future__ import annotations

import io
import re
import subprocess
import sys
import zipfile
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import openpyxl
import pytest
import xlsxwriter
from hypothesis import given, settings
from hypothesis import strategies as st

from workbooks.errors import UnreadableFileError
from workbooks.reading.cells import RawSheet, read_sheets
from workbooks.schema import Limits

if TYPE_CHECKING:
    from collections.abc import Callable

ROOT = Path(__file__).parents[3]
CORPUS = ROOT.parent / "shared" / "corpus"
FILES = sorted(path for path in CORPUS.rglob("*") if path.is_file())
needs_corpus = pytest.mark.skipif(not FILES, reason="../shared/corpus is not there")

SHEET = "xl/worksheets/sheet1.xml"
QUANTITY = "\u6570\u91cf"
PRODUCT = "\u4ea7\u54c1\u7f16\u7801"
ODS_TYPE = "application/vnd.oasis.opendocument.spreadsheet"


def test_cells_lie_at_their_excel_rows_and_columns() -> None:
    content = workbook(lambda book: book.add_worksheet("Data").write_row(3, 2, ["first", None, "last"]))
    (sheet,) = read_sheets(content, ".xlsx")
    assert (sheet.name, sheet.index, sheet.cells.schema.names) == ("Data", 0, ["A", "B", "C", "D", "E"])
    assert rows(sheet) == [[None] * 5] * 3 + [[None, None, "first", None, "last"]]


def test_hidden_sheets_count_and_chart_sheets_do_not() -> None:
    def fill(book: xlsxwriter.Workbook) -> None:
        book.add_worksheet("One").write(0, 0, "1")
        book.add_chartsheet("Chart")
        book.add_worksheet("Two").hide()
        book.add_worksheet("Three").very_hidden()

    assert [(sheet.name, sheet.index) for sheet in read_sheets(workbook(fill), ".xlsx")] == [
        ("One", 0),
        ("Two", 1),
        ("Three", 2),
    ]


@pytest.mark.parametrize(
    ("cell", "text"),
    [
        ("<c><v>123</v></c>", "123"),
        ("<c><v>1473.0</v></c>", "1473"),
        ("<c><v>0.85</v></c>", "0.85"),
        ("<c><v>0.30000000000000004</v></c>", "0.3"),
        ("<c><v>73.01499999999999</v></c>", "73.015"),
        ("<c><v>99999999.99</v></c>", "99999999.99"),
        ("<c><v>1234567890.12</v></c>", "1234567890.12"),
        ("<c><v>12345678901.1</v></c>", "12345678901.1"),
        ("<c><v>1E-3</v></c>", "0.001"),
        ("<c><v>1E+15</v></c>", "1000000000000000"),
        ("<c><v>123456789012345680</v></c>", "123456789012345680"),
        ("<c><v>-0</v></c>", "0"),
        ("<c><v>-12.5</v></c>", "-12.5"),
        ('<c t="b"><v>1</v></c>', "TRUE"),
        ('<c t="b"><v>0</v></c>', "FALSE"),
        ('<c t="d"><v>2026-11-21</v></c>', "2026-11-21"),
        ('<c t="d"><v>2026-11-21T00:00:00</v></c>', "2026-11-21"),
        ('<c t="d"><v>2026-11-21T10:30:00.5Z</v></c>', "2026-11-21 10:30:00"),
        ('<c t="str"><f>A9</f><v>00123</v></c>', "00123"),
        ('<c t="str"><f>A9</f><v></v></c>', None),
        ('<c t="inlineStr"><is><t xml:space="preserve"> x </t></is></c>', " x "),
        ('<c t="inlineStr"><is><r><t>ri</t></r><r><t>ch</t></r></is></c>', "rich"),
        ('<c t="inlineStr"><is><t>word</t><rPh sb="0" eb="1"><t>sound</t></rPh></is></c>', "word"),
        ('<c t="inlineStr"><is><t>a_x000D_b &amp; c</t></is></c>', "a\rb & c"),
        ('<c t="inlineStr"><is><t></t></is></c>', None),
        ('<c s="0"/>', None),
    ],
)
def test_xlsx_cells_as_text(cell: str, text: str | None) -> None:
    (sheet,) = read_sheets(sheet_of(f"<row>{cell}<c><v>7</v></c></row>"), ".xlsx")
    assert rows(sheet) == [[text, "7"]]


@pytest.mark.parametrize("date1904", [False, True])
def test_dates_are_calendar_days_in_both_date_systems(*, date1904: bool) -> None:
    def fill(book: xlsxwriter.Workbook) -> None:
        sheet = book.add_worksheet()
        for row, pattern in enumerate(["yyyy-mm-dd", "yyyy-mm-dd hh:mm:ss", "hh:mm"]):
            format_ = book.add_format({"num_format": pattern})
            when = datetime(2026, 11, 21, 10 if row else 0, 30 if row else 0, tzinfo=UTC).replace(tzinfo=None)
            sheet.write_datetime(row, 0, when.time() if pattern == "hh:mm" else when, format_)

    (sheet,) = read_sheets(workbook(fill, date_1904=date1904), ".xlsx")
    assert sheet.date1904 is date1904
    assert column(sheet, 0) == ["2026-11-21", "2026-11-21 10:30:00", "10:30:00"]


def test_a_date_format_over_no_date_keeps_the_number() -> None:
    content = workbook(
        lambda book: book.add_worksheet().write_number(0, 1, 10**9, book.add_format({"num_format": "yyyy-mm-dd"}))
    )
    (sheet,) = read_sheets(content, ".xlsx")
    assert (rows(sheet), sheet.errors) == ([[None, "1000000000"]], {})


def test_errors_have_places_and_are_no_blanks() -> None:
    spelled = ["#N/A", "#DIV/0!", "#NAME?", "#NULL!", "#NUM!", "#REF!", "#VALUE!"]

    def fill(book: xlsxwriter.Workbook) -> None:
        sheet = book.add_worksheet()
        for row, error in enumerate(spelled, start=2000):
            sheet.write_formula(row, 2, "=1/0", None, error)
        sheet.write_string(2, 3, "#N/A")
        sheet.write_row(2010, 1, ["end"])

    (sheet,) = read_sheets(workbook(fill), ".xlsx")
    assert sheet.errors == {(row, 2): error for row, error in enumerate(spelled, start=2000)}
    assert column(sheet, 3)[2] == "#N/A"
    assert (sheet.cells.num_rows, sheet.cells.num_columns, sheet.uncalculated) == (2011, 4, frozenset())


def test_errors_the_reader_does_not_know_keep_their_names() -> None:
    content = sheet_of(
        '<row r="2"><c r="B2" t="e"><v>#SPILL!</v></c><c r="C2"><v>5</v></c><c r="D2" t="e"><v>#N/A</v></c></row>'
        "<row><c t='e'><f>X</f><v>#GETTING_DATA</v></c><c t='str'><v>#SPILL!</v></c></row>"
    )
    (sheet,) = read_sheets(content, ".xlsx")
    assert sheet.errors == {(1, 1): "#SPILL!", (1, 3): "#N/A", (2, 0): "#GETTING_DATA"}
    assert rows(sheet)[1:] == [[None, None, "5", None], [None, "#SPILL!", None, None]]


@pytest.mark.parametrize(
    ("cell", "is_uncalculated"),
    [
        ('<c r="C5"><f>A1</f></c>', True),
        ('<c s="0" r="C5"><f>A1</f><v></v></c>', True),
        ('<c r="C5"><f>A1</f><v/></c>', True),
        ('<c r="C5"><f t="shared" si="0"/></c>', True),
        ('<c r="C5"><f t="shared" ref="C5:C9" si="0">A1&gt;0</f><v /></c>', True),
        ('<c r="C5" t="str"><f>A1</f></c>', True),
        ("<c r='C5' t='e'><f>A1</f><v></v></c>", True),
        ('<c r="C5" t="str"><f>A1</f><v></v></c>', False),
        ('<c t="str" r="C5"><f>A1</f><v/></c>', False),
        ('<c r="C5"><f>A1</f><v>0</v></c>', False),
        ('<c r="C5"><f t="shared" si="0"/><v>1</v></c>', False),
        ('<c r="C5"><v>1</v></c>', False),
    ],
)
@pytest.mark.parametrize("prefix", ["", "x:"])
def test_formulas_never_calculated(cell: str, prefix: str, *, is_uncalculated: bool) -> None:
    (sheet,) = read_sheets(sheet_of(f'<row r="5"><c r="B5"><v>1</v></c>{cell}</row>', prefix), ".xlsx")
    assert sheet.uncalculated == ({(4, 2)} if is_uncalculated else set())
    assert sheet.cells.num_columns >= 2 + is_uncalculated


def test_formulas_never_calculated_by_openpyxl_and_without_references() -> None:
    book = openpyxl.Workbook()
    book.worksheets[0]["C4"] = "=1+1"
    content = io.BytesIO()
    book.save(content)
    assert read_sheets(content.getvalue(), ".xlsx")[0].uncalculated == {(3, 2)}
    bare = sheet_of("<row/><row><c><v>1</v></c><c/><c><f>A1</f></c></row><row r='9'><c><f>A1</f></c></row>")
    assert read_sheets(bare, ".xlsx")[0].uncalculated == {(1, 2), (8, 0)}


def test_merged_ranges() -> None:
    def fill(book: xlsxwriter.Workbook) -> None:
        sheet = book.add_worksheet()
        sheet.merge_range("B2:B5", "north")
        sheet.merge_range("C2:D2", "wide")

    merged = ((1, 1, 4, 1), (1, 2, 1, 3))
    content = workbook(fill)
    assert read_sheets(content, ".xlsx")[0].merged == merged
    assert read_sheets(prefixed(content, "x:"), ".xlsx")[0].merged == merged


def test_a_sheet_is_found_through_its_relation() -> None:
    def fill(book: xlsxwriter.Workbook) -> None:
        book.add_worksheet("One").write_formula(0, 0, "=1", None, "")
        book.add_worksheet("Two").write(0, 0, "2")

    def swap(relations: bytes) -> bytes:
        first, second = b"worksheets/sheet1.xml", b"worksheets/sheet2.xml"
        return relations.replace(first, b"@").replace(second, b"/xl/" + first).replace(b"@", second)

    one, two = read_sheets(edited(workbook(fill), {"xl/_rels/workbook.xml.rels": swap}), ".xlsx")
    assert (one.name, rows(one), one.uncalculated) == ("One", [["2"]], frozenset())
    assert (two.name, rows(two), set(two.uncalculated)) == ("Two", [[None]], {(0, 0)})


ODS_TABLE = """
<table:table-row table:number-rows-repeated="2"><table:table-cell table:number-columns-repeated="9"/></table:table-row>
<table:table-row>
 <table:table-cell/>
 <table:table-cell office:value-type="float" office:value="1473"><text:p>1,473</text:p></table:table-cell>
 <table:table-cell office:value-type="date" office:date-value="2026-11-21"><text:p>d</text:p></table:table-cell>
 <table:table-cell office:value-type="date" office:date-value="2026-11-21T10:30:00"/>
 <table:table-cell office:value-type="time" office:time-value="PT10H30M00S"><text:p>t</text:p></table:table-cell>
 <table:table-cell office:value-type="boolean" office:boolean-value="true"><text:p>TRUE</text:p></table:table-cell>
 <table:table-cell office:value-type="string"><text:p>00123</text:p></table:table-cell>
</table:table-row>
<table:table-row>
 <table:table-cell table:formula="of:=NA()" office:value-type="string" office:string-value=""
   calcext:value-type="error"><text:p>#N/A</text:p></table:table-cell>
 <table:table-cell table:formula="of:=1/0" office:value-type="float"
   office:value="0"><text:p>#DIV/0!</text:p></table:table-cell>
 <table:table-cell table:formula="of:=[.A1]" table:number-columns-repeated="2"/>
 <table:table-cell table:formula="of:=&quot;&quot;"><text:p/></table:table-cell>
 <table:table-cell office:value-type="string" table:number-columns-spanned="1"
   table:number-rows-spanned="2"><text:p>m</text:p></table:table-cell>
</table:table-row>
"""


def test_ods() -> None:
    (sheet,) = read_sheets(ods(ODS_TABLE, '<table:null-date table:date-value="1904-01-01"/>'), ".ods")
    assert rows(sheet) == [
        [None] * 7,
        [None] * 7,
        [None, "1473", "2026-11-21", "2026-11-21 10:30:00", "10:30:00", "TRUE", "00123"],
        [None, None, None, None, None, "m", None],
    ]
    assert sheet.errors == {(3, 0): "#N/A", (3, 1): "#DIV/0!"}
    assert sheet.uncalculated == {(3, 2), (3, 3)}
    assert sheet.merged == ((3, 5, 4, 5),)
    assert sheet.date1904


@needs_corpus
@pytest.mark.parametrize("suffix", ["xls", "xlsb", "xlsx"])
def test_dates_of_the_binary_formats(suffix: str) -> None:
    for name, date1904 in (("date", False), ("date_1904", True)):
        (sheet,) = read_sheets(corpus(f"calamine/{name}.{suffix}"), f".{suffix}")
        assert sheet.date1904 is date1904
        assert column(sheet, 0)[:2] == ["2021-01-01", "2021-01-02"]
        assert column(sheet, 1) == ["15", "16", "17"]


@needs_corpus
def test_xls_has_places_errors_and_merged_ranges_and_skips_charts() -> None:
    sheets = {
        sheet.name: sheet for sheet in read_sheets(corpus("calamine/gh548_incorrect_sst_unique_count.xls"), ".xls")
    }
    assert column(sheets["System Level Data"], 0) == [None] * 60
    assert set(sheets["Acute Trust Mapping"].errors.values()) == {"#VALUE!"}
    assert len(sheets["Acute Trust Mapping"].errors) == 56
    (merged,) = read_sheets(corpus("calamine/merge_cells.xls"), ".xls")
    (same,) = read_sheets(corpus("calamine/merge_cells.xlsx"), ".xlsx")
    assert set(merged.merged) == set(same.merged) != set()
    names = ["Visible", "Hidden", "VeryHidden"]
    for suffix in ("xls", "xlsb", "xlsx"):
        assert [sheet.name for sheet in read_sheets(corpus(f"calamine/any_sheets.{suffix}"), f".{suffix}")] == names


@needs_corpus
def test_xls_numbers_of_a_chart_are_no_cells() -> None:
    report = read_sheets(corpus("calamine/xls_cross_sheet_chart.xls"), ".xls")[0]
    assert rows(report)[0] == ["HEADER TEXT A1", None, None]
    assert column(read_sheets(corpus("calamine/OOM_alloc.xls"), ".xls")[0], 0)[0] is None


@needs_corpus
def test_xls_texts_are_unicode_whatever_the_code_page() -> None:
    assert rows(read_sheets(corpus("calamine/sheet_name_parsing.xls"), ".xls")[0])[0][0] == "Titel"


@needs_corpus
def test_xlsb_errors_of_formulas() -> None:
    # The reader takes them for blanks. The record of a formula's boolean becomes that of a formula's error, #DIV/0!.
    boolean = bytes.fromhex("0a19 00000000 00000000 00")
    error = bytes.fromhex("0b19 00000000 00000000 07")
    edits = {"xl/worksheets/sheet1.bin": lambda part: part.replace(boolean, error)}
    content = edited(corpus("calamine/issue_182.xlsb"), edits)
    (sheet,) = read_sheets(content, ".xlsb")
    assert (column(sheet, 0), sheet.errors) == (["3", "Ab", None], {(2, 0): "#DIV/0!"})


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
@pytest.mark.parametrize("separator", [",", ";", "\t", "|"])
def test_csv_encodings_and_separators(encoding: str, separator: str) -> None:
    table = [[PRODUCT, QUANTITY, "remark"], ["00123", "1,5" if separator != "," else "1.5", ""], [], ["=A1", "7"]]
    text = "\r\n".join(separator.join(row) for row in table)
    (sheet,) = read_sheets(text.encode(encoding), ".CSV")
    assert (sheet.name, sheet.index) == ("CSV", 0)
    assert rows(sheet) == [
        table[0],
        ["00123", table[1][1], None],
        [None, None, None],
        ["=A1", "7", None],
    ]


@pytest.mark.parametrize(
    ("text", "table"),
    [
        ('a,"b;c;d"\n1,"x ""y""\nz"\n', [["a", "b;c;d"], ["1", 'x "y"\nz']]),
        ("a;b;c\n1,5;2,5;3,5\n", [["a", "b", "c"], ["1,5", "2,5", "3,5"]]),
        ("t\n\na,b,c\n1;2,3,4\n5;6,7,8\n", [["t", None, None], [None] * 3, [*"abc"], ["1;2", *"34"], ["5;6", *"78"]]),
        ("sep=|\na|b,c,d\n", [["a", "b,c,d"]]),
        ("alone\n1\n", [["alone"], ["1"]]),
        (" a ,b", [[" a ", "b"]]),
    ],
)  # fmt: skip
def test_csv_separator_is_the_one_the_rows_agree_on(text: str, table: list[list[str | None]]) -> None:
    assert rows(read_sheets(text.encode(), ".csv")[0]) == table


def test_a_long_csv_is_read_whole() -> None:
    line = "SO-0001,P-0001,2026-11-21,12,86.5,0.85,1038,a remark of some length,,x\n"
    (sheet,) = read_sheets(("a,b,c,d,e,f,g,h,i,j\n" + line * 50_000).encode(), ".csv")
    assert (sheet.cells.num_rows, sheet.cells.num_columns) == (50_001, 10)


@pytest.mark.parametrize(
    ("content", "suffix", "reason"),
    [
        (b"", ".xlsx", "empty"),
        (b"", ".csv", "empty"),
        (b"\xef\xbb\xbf \r\n", ".csv", "empty"),
        (b"a,b\n1,\x002\n", ".csv", "damaged"),
        (b'a,b\n1,"2\n3,4\n', ".csv", "damaged"),
        (b"a,b\n" + b"\xc0\xc0\xff,1\n" * 9, ".csv", "damaged"),
        (bytes(range(256)) * 9, ".csv", "not-a-workbook"),
        (b"%PDF-1.7\n1 0 obj", ".csv", "not-a-workbook"),
        (b"\r\n<html><table><tr><td>1</td></tr></table></html>", ".csv", "not-a-workbook"),
        (b"<html><table><tr><td>1</td></tr></table></html>", ".xls", "not-a-workbook"),
        (b"a,b\n1,2\n", ".xls", "not-a-workbook"),
        (b"%PDF-1.7", ".xlsx", "not-a-workbook"),
        (b"\x09\x04\x06\x00\x00\x00\x10\x00", ".xls", "unsupported"),
        (b'<?xml version="1.0"?><W xmlns="urn:schemas-microsoft-com:office:spreadsheet"/>', ".xls", "unsupported"),
        (b"PK\x03\x04 and no more", ".xlsx", "damaged"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1 and no more", ".xls", "damaged"),
    ],
)  # fmt: skip
def test_files_that_are_no_workbooks(content: bytes, suffix: str, reason: str) -> None:
    assert reason_of(content, suffix) == reason


def test_zip_archives_that_are_no_workbooks() -> None:
    document = {
        "_rels/.rels": '<R><Relationship Id="a" Type="x/officeDocument" Target="word/document.xml"/></R>',
        "word/document.xml": "<w:document/>",
    }
    assert reason_of(zipped(document), ".xlsx") == "not-a-workbook"
    assert reason_of(zipped({"readme.txt": "x"}), ".xlsx") == "not-a-workbook"
    assert reason_of(zipped({}), ".xlsx") == "not-a-workbook"
    assert reason_of(zipped({"xl/styles.xml": "<x/>"}), ".xlsx") == "damaged"
    assert (
        reason_of(zipped({"mimetype": "application/vnd.oasis.opendocument.text", "content.xml": "<x/>"}), ".ods")
        == "not-a-workbook"
    )


def test_damaged_workbooks() -> None:
    def one(part: str, old: bytes, new: bytes) -> bytes:
        return edited(sheet_of("<row><c><v>1</v></c></row>"), {part: lambda content: content.replace(old, new)})

    whole = sheet_of("<row><c><v>1</v></c></row>")
    two = workbook(lambda book: (book.add_worksheet("A"), book.add_worksheet("B")))
    for content in (
        whole[: len(whole) // 2],
        one(SHEET, b"</v></c></row></sheetData>", b"<"),
        one(SHEET, b"<c>", b'<c t="s">'),
        one("xl/_rels/workbook.xml.rels", b"sheet1", b"sheet7"),
        edited(two, {"xl/workbook.xml": lambda part: part.replace(b'"B"', b'"A"')}),
    ):
        assert reason_of(content, ".xlsx") == "damaged"
    assert reason_of(ods(ODS_TABLE).replace(b"</table:table>", b"</table:tabel>"), ".ods") == "damaged"


def test_encrypted_ods() -> None:
    content = ods(ODS_TABLE, manifest="<manifest:file-entry><manifest:encryption-data/></manifest:file-entry>")
    assert reason_of(content, ".ods") == "password"


def test_a_workbook_that_asks_for_more_than_the_limits_is_refused() -> None:
    parts, packed = zipfile.ZipFile(io.BytesIO(sheet_of('<row r="3"><c r="B3"><v>1</v></c></row>'))), io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in parts.namelist():
            archive.writestr(name, parts.read(name) + b" " * (18_000_000 if name == SHEET else 0))
    content = packed.getvalue()
    exact = Limits(rows=3, columns=2, cells=6, unpacked_mb=18, ratio=1000)
    assert len(read_sheets(content, ".xlsx", limits=exact)) == 1
    for limit, most, found in (
        ("rows", 2, "3"), ("columns", 1, "2"), ("cells", 5, "6"), ("unpacked_mb", 17, "18"), ("ratio", 300, r"\d{3}")
    ):  # fmt: skip
        with pytest.raises(UnreadableFileError) as refused:
            read_sheets(content, ".xlsx", limits=replace(exact, **{limit: most}))
        assert refused.value.reason == "too-large"
        assert re.fullmatch(f"{limit} {found} > {most}", refused.value.detail)


def test_cells_too_far_apart() -> None:
    first = '<row r="1"><c r="A1"><v>1</v></c></row>'
    assert reason_of(sheet_of(f'{first}<row r="1048576"><c r="XFD1048576"><v>1</v></c></row>'), ".xlsx") == "too-large"
    assert reason_of(sheet_of(f'{first}<row r="1"><c r="ZZZZ99999999"><v>1</v></c></row>'), ".xlsx") == "too-large"
    assert reason_of(sheet_of(f'{first}<row r="1048576">{"<c><v>1</v></c>" * 60}</row>'), ".xlsx") == "too-large"
    far = '<table:table-cell office:value-type="float" office:value="1" table:number-columns-repeated="16384"/>'
    assert (
        reason_of(ods(f'<table:table-row table:number-rows-repeated="9999">{far}</table:table-row>'), ".ods")
        == "too-large"
    )
    declared = workbook(lambda book: book.add_worksheet().write_string(0, 0, "x"))
    many = edited(
        declared, {"xl/sharedStrings.xml": lambda part: part.replace(b'uniqueCount="1"', b'uniqueCount="999999999"')}
    )
    assert reason_of(many, ".xlsx") == "too-large"
    (formatted,) = read_sheets(sheet_of(f'{first}<row r="1048576"><c r="XFD1048576" s="0"/></row>'), ".xlsx")
    assert rows(formatted) == [["1"]]


def test_the_content_decides_not_the_suffix() -> None:
    content = sheet_of("<row><c><v>1</v></c></row>")
    for suffix in (".xls", ".csv", ".ods", ""):
        assert rows(read_sheets(content, suffix)[0]) == [["1"]]


@needs_corpus
@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("calamine/pass_protected.xlsx", "password"),
        ("calamine/pass_protected.xlsb", "password"),
        ("calamine/pass_protected.ods", "password"),
        ("poi/password.xls", "password"),
        ("poi/xor-encryption-abc.xls", "password"),
        ("calamine/issue252.xlsx", "damaged"),
        ("calamine/ptgexp-truncated-operand.xls", "damaged"),
        ("calamine/issue_594_dos.ods", "too-large"),
        ("calamine/too_small.xls", "not-a-workbook"),
    ],
)
def test_unreadable_files_of_others(name: str, reason: str) -> None:
    assert reason_of(corpus(name), Path(name).suffix) == reason


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_every_file_is_read_or_refused(path: Path) -> None:
    for sheet in sheets_or_none(path.read_bytes(), path.suffix):
        for row, at in {*sheet.errors, *sheet.uncalculated}:
            assert sheet.cells.column(at)[row].as_py() is None


@needs_corpus
@pytest.mark.skipif(sys.platform != "linux", reason="memory is limited with rlimits and read from /proc")
def test_files_made_to_exhaust_memory_take_little() -> None:
    names = ["calamine/OOM_alloc.xls", "calamine/OOM_alloc2.xls", "calamine/OOM_alloc3.xls", "poi/poc-xmlbomb.xlsx"]
    fuzzed = sorted(str(path) for path in CORPUS.glob("poi/*HSSFFuzzer*.xls"))
    script = (  # VmHWM is this process's own: ru_maxrss begins with what the process that started it had
        "import resource, sys\n"
        "from pathlib import Path\n"
        "resource.setrlimit(resource.RLIMIT_AS, (3 << 30, 3 << 30))\n"
        "from workbooks.reading.cells import read_sheets\n"
        "from workbooks.errors import UnreadableFileError\n"
        "for name in sys.argv[1:]:\n"
        "    try:\n"
        "        read_sheets(Path(name).read_bytes(), Path(name).suffix)\n"
        "    except UnreadableFileError:\n"
        "        pass\n"
        "print(int(Path('/proc/self/status').read_text().split('VmHWM:')[1].split()[0]) // 1024)\n"
    )
    paths = [str(CORPUS / name) for name in names] + fuzzed
    done = subprocess.run([sys.executable, "-c", script, *paths], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-500:]
    assert int(done.stdout) < 500


@settings(max_examples=40, deadline=None)
@given(
    st.binary(max_size=200), st.sampled_from([".xlsx", ".csv", ".xls"]), st.sampled_from([b"", b"PK\x03\x04", b"a,b\n"])
)
def test_no_bytes_raise_anything_else(content: bytes, suffix: str, start: bytes) -> None:
    sheets_or_none(start + content, suffix)


@settings(max_examples=40, deadline=None)
@given(at=st.integers(min_value=0), byte=st.integers(0, 255), in_sheet=st.booleans())
def test_a_changed_byte_raises_nothing_else(*, at: int, byte: int, in_sheet: bool) -> None:
    def change(content: bytes) -> bytes:
        place = at % len(content)
        return content[:place] + bytes([byte]) + content[place + 1 :]

    content = sheet_of('<row r="2"><c r="B2" t="e"><v>#N/A</v></c><c r="C2"><f>A1</f></c><c r="D2"><v>5</v></c></row>')
    sheets_or_none(edited(content, {SHEET: change}) if in_sheet else change(content), ".xlsx")


def workbook(fill: Callable[[xlsxwriter.Workbook], object], **options: object) -> bytes:
    content = io.BytesIO()
    book = xlsxwriter.Workbook(content, {"in_memory": True, **options})
    fill(book)
    book.close()
    return content.getvalue()


def sheet_of(table: str, prefix: str = "") -> bytes:
    """Return a workbook of one sheet with these rows of raw XML."""
    data = f"<sheetData>{table}</sheetData>".encode()

    def replace(part: bytes) -> bytes:
        part = re.sub(rb"<dimension[^>]*>", b"", part)
        return re.sub(rb"<sheetData/>", data, part)

    return prefixed(edited(workbook(lambda book: book.add_worksheet()), {SHEET: replace}), prefix)


def prefixed(content: bytes, prefix: str) -> bytes:
    def rename(part: bytes) -> bytes:
        part = re.sub(rb"<(/?)(?=\w)(?!\?)", rb"<\1" + prefix.encode(), part)
        return part.replace(b"xmlns=", b"xmlns:" + prefix[:-1].encode() + b"=") if prefix else part

    return edited(content, {SHEET: rename})


def edited(content: bytes, edits: dict[str, Callable[[bytes], bytes]]) -> bytes:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return zipped({name: edits.get(name, bytes)(archive.read(name)) for name in archive.namelist()})


def zipped(parts: dict[str, Any]) -> bytes:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        for name, part in parts.items():
            archive.writestr(name, part)
    return content.getvalue()


def ods(table: str, calculation: str = "", manifest: str = "") -> bytes:
    dense = re.sub(r">\s+<", "><", table.strip())
    spaces = " ".join(
        f'xmlns:{name}="urn:{name}"' for name in ("office", "table", "text", "calcext", "manifest")
    )  # the reader goes by the prefixes
    return zipped(
        {
            "mimetype": ODS_TYPE,
            "META-INF/manifest.xml": f"<manifest:manifest {spaces}>{manifest}</manifest:manifest>",
            "content.xml": f"<office:document-content {spaces}><office:body><office:spreadsheet>"
            f"<table:calculation-settings>{calculation}</table:calculation-settings>"
            f'<table:table table:name="S">{dense}</table:table>'
            "</office:spreadsheet></office:body></office:document-content>",
        }
    )


def corpus(name: str) -> bytes:
    return (CORPUS / name).read_bytes()


def rows(sheet: RawSheet) -> list[list[str | None]]:
    return [list(row) for row in zip(*(values.to_pylist() for values in sheet.cells.columns), strict=True)]


def column(sheet: RawSheet, at: int) -> list[str | None]:
    values: list[str | None] = sheet.cells.column(at).to_pylist()
    return values


def sheets_or_none(content: bytes, suffix: str) -> list[RawSheet]:
    try:
        return read_sheets(content, suffix)
    except UnreadableFileError:
        return []


def reason_of(content: bytes, suffix: str) -> str:
    with pytest.raises(UnreadableFileError) as caught:
        read_sheets(content, suffix)
    return caught.value.reason
