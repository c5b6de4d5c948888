"""The tax bureau's form: filled, read back by four readers, and compared part by part with what it was."""

from __future__ import annotations

import io
import itertools
import re
import shutil
import subprocess
import zipfile
from collections import Counter
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import openpyxl
import pandas as pd
import pytest
import xlsxwriter
from hypothesis import given, settings
from hypothesis import strategies as st

from workbooks import einvoice_form, einvoice_package, schema
from workbooks.einvoice_blank import blank_form
from workbooks.einvoice_form import file_numbers, form_files, number_text
from workbooks.errors import WorkbookError
from workbooks.labels import labels, raw
from workbooks.reading.cells import read_sheets

FORM = Path(__file__).parents[3] / "shared" / "einvoice" / "批量开票-导入开票模板-V260401.xlsx"
BASIC, DETAIL = "1-发票基本信息", "2-发票明细信息"
BASIC_PART, DETAIL_PART = "xl/worksheets/sheet1.xml", "xl/worksheets/sheet6.xml"
OFFICE = shutil.which("soffice")

with_the_form = pytest.mark.skipif(not FORM.is_file(), reason="../shared is not here")

INVOICES = """
    serial | invoice_type | title     | tax_id             | address   | phone | bank | bank_account | remark | email
    A1     | special      | 星悦美妆  | 91350100M000100Y43 | 机场 1 号 | 020-8 | 工行 | 3602000019   | 一单   | a@b.cn
    A2     | ordinary     | =1+1      |                    |           |       |      |              | @备注  |
    A3     | ordinary     | 甲 & <乙> |                    | +路       |       |      | 00012        | -1     |
"""
DETAILS = """
    serial | item_name | tax_code            | spec | unit | quantity | unit_price | amount | discount | tax_rate
    A1     | 水润面霜  | 1070223020000000000 | 50g  | 瓶   | 120      | 66.5       | 798000 | 0        | 0.13
    A1     | 洁面乳    | 1070223010000000000 |      | 支   | 10       | 33.3333333333333333 | 33333 | 33333 | 0.13
    A2     | -眼霜     | 1070223020000000000 | +15g |      | 1.5      | 100.10     | 15015  | 1505     | 0.06
    A3     | _x0041_   | 1070223020000000000 | @1   | 支   |          |            | 5      | 0        | 0.13
"""
BASIC_MEANT = """
    serial | invoice_type | tax_included | title | tax_id | address | phone | bank | bank_account | remark | email
    A1 | 增值税专用发票 | 是 | 星悦美妆  | 91350100M000100Y43 | 机场 1 号 | 020-8 | 工行 | 3602000019 | 一单  | a@b.cn
    A2 | 普通发票       | 是 | =1+1      |                    |           |       |      |            | @备注 |
    A3 | 普通发票       | 是 | 甲 & <乙> |                    | +路       |       |      | 00012      | -1    |
"""
DETAIL_MEANT = """
    serial | item_name | tax_code            | spec | unit | quantity | unit_price       | amount  | tax_rate | discount
    A1     | 水润面霜  | 1070223020000000000 | 50g  | 瓶   | 120      | 66.5             | 7980.00 | 0.13     |
    A1     | 洁面乳    | 1070223010000000000 |      | 支   | 10       | 33.3333333333333 | 333.33  | 0.13     | 333.33
    A2     | -眼霜     | 1070223020000000000 | +15g |      | 1.5      | 100.1            | 150.15  | 0.06     | 15.05
    A3     | _x0041_   | 1070223020000000000 | @1   | 支   |          |                  | 0.05    | 0.13     |
"""
SERIAL = "发票流水号"
HEADINGS = {
    BASIC: {
        "serial": SERIAL, "invoice_type": "发票类型", "tax_included": "是否含税", "title": "购买方名称",
        "tax_id": "购买方纳税人识别号", "address": "购买方地址", "phone": "购买方电话", "bank": "购买方开户银行",
        "bank_account": "购买方银行账号", "remark": "备注", "email": "购买方邮箱",
    },
    DETAIL: {
        "serial": SERIAL, "item_name": "项目名称", "tax_code": "商品和服务税收编码", "spec": "规格型号", "unit": "单位",
        "quantity": "数量", "unit_price": "单价", "amount": "金额", "tax_rate": "税率", "discount": "折扣金额",
    },
}  # fmt: skip
Row = dict[str, str]


def rows(text: str) -> list[Row]:
    """Return a table's rows, blank cells left out."""
    head, *body = ([cell.strip() for cell in line.split("|")] for line in text.strip().splitlines())
    return [{name: cell for name, cell in zip(head, cells, strict=True) if cell} for cells in body]


def meant(sheet: str) -> list[Row]:
    """Return what should stand on a sheet, by the bureau's headings."""
    table = rows({BASIC: BASIC_MEANT, DETAIL: DETAIL_MEANT}[sheet])
    return [{HEADINGS[sheet][name]: cell for name, cell in row.items()} for row in table]


def invoices(text: str = INVOICES) -> pd.DataFrame:
    table = pd.DataFrame(rows(text), columns=[name.strip() for name in text.strip().splitlines()[0].split("|")])
    return table.astype("object").where(table.notna(), None)


def details(text: str = DETAILS) -> pd.DataFrame:
    table = invoices(text)
    floats = dict.fromkeys(("quantity", "unit_price", "tax_rate"), "float64")
    return table.astype({**floats, "amount": "int64", "discount": "int64"})


def many(lines: list[int]) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return invoices with so many lines each."""
    serials = [f"S{number}" for number in range(len(lines))]
    told = invoices().loc[[1] * len(lines)].assign(serial=serials)
    tied = [serial for serial, count in zip(serials, lines, strict=True) for _ in range(count)]
    body = details().loc[[0] * len(tied)].assign(serial=tied)
    return told, body


def parts(content: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return {info.filename: archive.read(info) for info in archive.infolist()}


def rezipped(content: bytes, change: Callable[[dict[str, bytes]], None]) -> bytes:
    """Return a workbook with parts changed."""
    changed, file = parts(content), io.BytesIO()
    change(changed)
    with zipfile.ZipFile(file, "w") as archive:
        for name, part in changed.items():
            archive.writestr(name, part)
    return file.getvalue()


def replaced(part: str, old: bytes, new: bytes) -> Callable[[dict[str, bytes]], None]:
    """Return a change of one part."""

    def change(changed: dict[str, bytes]) -> None:
        assert old in changed[part]
        changed[part] = changed[part].replace(old, new)

    return change


def read_back(content: bytes) -> Mapping[str, list[Row]]:
    """Return what fastexcel reads below the headings of the sheets that are filled, by heading."""
    found = {}
    for sheet in read_sheets(content, ".xlsx"):
        if sheet.name in (BASIC, DETAIL):
            columns = sheet.cells.to_pydict().values()
            lines = [list(line) for line in zip(*columns, strict=True)]
            heads = [re.sub(r"\s", "", head or "") for head in lines[2]]
            found[sheet.name] = [
                {head: cell for head, cell in zip(heads, line, strict=True) if cell is not None} for line in lines[3:]
            ]
    return found


@pytest.fixture(scope="module")
def form() -> bytes:
    return FORM.read_bytes()


@pytest.fixture(scope="module")
def filled(form: bytes) -> bytes:
    [file] = form_files(form, invoices(), details())
    return file


# ---------------------------------------------------------------- what stands in the file


@with_the_form
def test_calamine_reads_what_was_meant(filled: bytes) -> None:
    assert read_back(filled) == {BASIC: meant(BASIC), DETAIL: meant(DETAIL)}


@with_the_form
@pytest.mark.filterwarnings("ignore:Workbook contains no default style")
def test_openpyxl_reads_what_was_meant_as_text(form: bytes, filled: bytes) -> None:
    def only_ours(changed: dict[str, bytes]) -> None:  # it takes seconds for the thousands of districts
        changed["xl/worksheets/sheet5.xml"] = changed["xl/worksheets/sheet3.xml"]

    before, book = (openpyxl.load_workbook(io.BytesIO(rezipped(content, only_ours))) for content in (form, filled))
    for name in (BASIC, DETAIL):
        sheet = book[name]
        heads = {cell.column: re.sub(r"\s", "", str(cell.value)) for cell in sheet[3]}
        body = [[cell for cell in line if cell.value is not None] for line in sheet.iter_rows(min_row=4)]
        said = [{heads[cell.column]: str(cell.value).replace("_x005F_", "_") for cell in line} for line in body]
        assert said == meant(name)
        assert {(cell.data_type, cell.number_format) for cell in itertools.chain(*body)} == {("s", "@")}
    assert list(book.defined_names) == list(before.defined_names)
    for name in before.sheetnames:
        assert book[name].sheet_state == before[name].sheet_state
        assert book[name].merged_cells == before[name].merged_cells
        assert book[name].data_validations == before[name].data_validations
    assert sum(sheet.sheet_state == "hidden" for sheet in book) == 7
    assert book["excelVersion"]["A4"].value == "pt:20260401"


@with_the_form
@pytest.mark.skipif(OFFICE is None, reason="needs LibreOffice")
def test_libreoffice_reads_what_was_meant_as_text(filled: bytes, tmp_path: Path) -> None:
    path = tmp_path / "filled.xlsx"
    path.write_bytes(filled)
    profile = f"-env:UserInstallation={(tmp_path / 'profile').as_uri()}"
    given_ = ["--headless", "--convert-to", "fods", "--outdir", str(tmp_path), str(path)]
    for _ in range(2):  # a fresh profile may end with 81: start again
        if not subprocess.run([str(OFFICE), profile, *given_], check=False, capture_output=True).returncode:
            break
    tables = {}
    for _, found in ET.iterparse(path.with_suffix(".fods")):
        if found.tag.endswith("}table"):
            tables[next(value for key, value in found.items() if key.endswith("}name"))] = found
    for name in (BASIC, DETAIL):
        lines = [cells_of(row) for row in tables[name].iter() if row.tag.endswith("}table-row")][2:]
        heads = [re.sub(r"\s", "", text) for text, _ in lines[0]]
        body = [{head: text for head, (text, _) in zip(heads, line, strict=False) if text} for line in lines[1:]]
        assert [line for line in body if line] == meant(name)
        assert {kind for line in lines[1:] for text, kind in line if text} == {"string"}


def cells_of(row: ET.Element) -> list[tuple[str, str]]:
    """Return text and type of a row's cells in LibreOffice's own format; repeated blanks as often as we need."""
    cells = []
    for cell in row:
        told = {key.rpartition("}")[2]: value for key, value in cell.items()}
        text = "\n".join("".join(line.itertext()) for line in cell if line.tag.endswith("}p"))
        cells += [(text, told.get("value-type", ""))] * min(int(told.get("number-columns-repeated", "1")), 64)
    return cells


# ---------------------------------------------------------------- the form is what it was


@with_the_form
def test_every_part_but_the_two_sheets_is_byte_for_byte_the_same(form: bytes, filled: bytes) -> None:
    before, after = parts(form), parts(filled)
    assert list(after) == list(before)
    assert [name for name in before if before[name] != after[name]] == [BASIC_PART, DETAIL_PART]


@with_the_form
@pytest.mark.parametrize(("part", "count"), [(BASIC_PART, 3), (DETAIL_PART, 4)])
def test_a_sheets_xml_outside_the_filled_rows_is_the_same(form: bytes, filled: bytes, part: str, count: int) -> None:
    before, after = parts(form)[part], parts(filled)[part]
    first = after.index(b'<row r="4"')
    last = after.index(b"</sheetData>")
    assert after[:first] + after[last:] == before
    assert re.findall(rb'<row r="(\d+)"', after[first:last]) == [b"%d" % (number + 4) for number in range(count)]
    assert ET.fromstring(after) is not None


@with_the_form
def test_entries_keep_their_order_dates_and_names(form: bytes, filled: bytes) -> None:
    def told(content: bytes) -> list[tuple[object, ...]]:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            return [(part.filename, part.date_time, part.compress_type) for part in archive.infolist()]

    assert told(filled) == told(form)


@with_the_form
def test_the_same_input_gives_the_same_bytes_and_leaves_the_input_alone(form: bytes, filled: bytes) -> None:
    given_invoices, given_details = invoices(), details()
    assert form_files(form, given_invoices, given_details) == [filled]
    pd.testing.assert_frame_equal(given_invoices, invoices())
    pd.testing.assert_frame_equal(given_details, details())


@with_the_form
def test_without_invoices_there_is_no_file(form: bytes) -> None:
    assert form_files(form, invoices().iloc[:0], details().iloc[:0]) == []
    assert form_files(None, invoices().iloc[:0], details().iloc[:0]) == []


# ---------------------------------------------------------------- forms of other shapes


def made(
    basic: list[str] | None = None,
    detail: list[str] | None = None,
    options: Mapping[str, Any] | None = None,
    more: Callable[[Any], None] = lambda _: None,
) -> bytes:
    """Return a form as XlsxWriter writes it: shared strings, no text formats, and what `more` adds."""
    said, file = raw()["einvoice"], io.BytesIO()
    with xlsxwriter.Workbook(file, {"in_memory": True, **(options or {})}) as book:
        for name, headings in (
            (BASIC, basic or list(said["invoices"]["headings"].values())),
            (DETAIL, detail or list(said["details"]["headings"].values())),
        ):
            book.add_worksheet(name).write_row(2, 0, headings)
        more(book)
    return file.getvalue()


def test_columns_are_found_by_their_headings_wherever_they_stand() -> None:
    said = raw()["einvoice"]
    basic = ["说明", *reversed(said["invoices"]["headings"].values()), "", "收款人"]
    detail = [" 折扣 金额\n", "Ａ", *list(said["details"]["headings"].values())[:-1]]
    [file] = form_files(made(basic, detail), invoices(), details())
    back = read_back(file)
    assert back[BASIC] == meant(BASIC)
    assert back[DETAIL] == meant(DETAIL)


def test_a_form_without_a_text_format_gets_one_and_nothing_else_changes() -> None:
    form = made()
    [file] = form_files(form, invoices(), details())
    before, after = parts(form), parts(file)
    changed = [name for name in before if before[name] != after[name]]
    assert changed == ["xl/worksheets/sheet1.xml", "xl/worksheets/sheet2.xml", "xl/styles.xml"]
    style = b'<xf numFmtId="49" fontId="0" fillId="0" borderId="0" xfId="0" applyNumberFormat="1"/>'
    assert style in after["xl/styles.xml"]
    undone = after["xl/styles.xml"].replace(style, b"").replace(b'<cellXfs count="2">', b'<cellXfs count="1">')
    assert undone == before["xl/styles.xml"]
    sheet = openpyxl.load_workbook(io.BytesIO(file))[DETAIL]
    body = [cell for line in sheet.iter_rows(min_row=4) for cell in line if cell.value is not None]
    assert {(cell.data_type, cell.number_format) for cell in body} == {("s", "@")}


def test_a_text_format_that_the_form_has_is_used() -> None:
    def more(book: Any) -> None:
        book.get_worksheet_by_name(BASIC).set_column(0, 3, 20, book.add_format({"num_format": "@", "bold": True}))
        book.get_worksheet_by_name(DETAIL).set_column(60, 60, 20, book.add_format({"num_format": "@"}))

    form = made(more=more)
    [file] = form_files(form, invoices(), details())
    assert parts(form)["xl/styles.xml"] == parts(file)["xl/styles.xml"]
    sheet = openpyxl.load_workbook(io.BytesIO(file))[BASIC]
    assert sheet["A4"].font.bold
    assert not sheet["E4"].font.bold
    assert {sheet[place].number_format for place in ("A4", "E4")} == {"@"}


def test_where_the_form_names_its_extent_the_rows_are_in_it() -> None:
    [file] = form_files(made(), invoices(), details())
    assert b'<dimension ref="A3:J7"/>' in parts(file)["xl/worksheets/sheet2.xml"]
    book = openpyxl.load_workbook(io.BytesIO(file), read_only=True)
    assert [line[0] for line in book[DETAIL].iter_rows(min_row=4, values_only=True)] == list(details()["serial"])


@with_the_form
def test_a_form_whose_elements_have_a_prefix_is_filled_with_the_same(form: bytes) -> None:
    def prefixed(changed: dict[str, bytes]) -> None:
        for name in (BASIC_PART, "xl/styles.xml"):
            said = re.sub(rb"<(/?)(?=[A-Za-z])", rb"<\1x:", changed[name])
            changed[name] = said.replace(b" xmlns=", b" xmlns:x=")

    [file] = form_files(rezipped(form, prefixed), invoices(), details())
    assert ET.fromstring(parts(file)[BASIC_PART]) is not None
    assert b"<row" not in parts(file)[BASIC_PART]
    assert read_back(file)[BASIC] == meant(BASIC)


def test_what_else_hangs_on_the_sheets_stays() -> None:
    def more(book: Any) -> None:
        sheet = book.get_worksheet_by_name(BASIC)
        sheet.write_comment("F3", "限 100 字符")
        sheet.data_validation("D4:D1001", {"validate": "list", "source": ["是", "否"]})
        sheet.conditional_format("A4:A1001", {"type": "duplicate", "format": book.add_format({"bold": True})})
        sheet.write_url("H1", "https://example.com")
        sheet.protect("secret")
        book.define_name("税率表", "='2-发票明细信息'!$I$3")
        book.add_worksheet("excelVersion").hide()

    form = made(more=more)
    [file] = form_files(form, invoices(), details())
    before, after = parts(form), parts(file)
    changed = ["xl/worksheets/sheet1.xml", "xl/worksheets/sheet2.xml", "xl/styles.xml"]
    assert [name for name in before if before[name] != after[name]] == changed
    tail = before[changed[0]].index(b"</sheetData>")
    assert after[changed[0]].endswith(before[changed[0]][tail:])
    book = openpyxl.load_workbook(io.BytesIO(file))
    assert book[BASIC]["F3"].comment.text == "限 100 字符"
    assert book["excelVersion"].sheet_state == "hidden"
    assert read_back(file)[BASIC] == meant(BASIC)


def test_formatted_but_blank_rows_below_the_headings_give_way() -> None:
    def more(book: Any) -> None:
        for row in range(3, 60):
            book.get_worksheet_by_name(DETAIL).write_blank(row, 2, None, book.add_format({"border": 1}))

    [file] = form_files(made(more=more), invoices(), details())
    assert read_back(file)[DETAIL] == meant(DETAIL)
    assert len(re.findall(rb"<row ", parts(file)["xl/worksheets/sheet2.xml"])) == 1 + 4


# ---------------------------------------------------------------- forms that are not filled


def said_of(form: bytes) -> str:
    """Return the sentence that tells why a form is not filled."""
    with pytest.raises(WorkbookError) as told:
        form_files(form, invoices(), details())
    assert labels("en").message(told.value.code, **told.value.fields)
    return labels().message(told.value.code, **told.value.fields)


def test_a_missing_or_repeated_heading_is_named_with_its_sheet() -> None:
    headings = list(raw()["einvoice"]["details"]["headings"].values())
    for detail in ([text for text in headings if text != "税率"], [*headings, "税 率"]):
        said = said_of(made(detail=detail))
        assert "“2-发票明细信息”" in said
        assert "“税率”" in said
        assert "下载当前版本" in said


def test_a_heading_that_nothing_stands_under_is_not_missed() -> None:
    headings = [text for text in raw()["einvoice"]["invoices"]["headings"].values() if text != "购买方邮箱"]
    assert "“购买方邮箱”" in said_of(made(basic=headings))
    [file] = form_files(made(basic=headings), invoices().assign(email=None), details())
    assert [row[SERIAL] for row in read_back(file)[BASIC]] == list(invoices()["serial"])


def test_a_missing_sheet_is_named() -> None:
    form = rezipped(made(), replaced("xl/workbook.xml", f'name="{DETAIL}"'.encode(), b'name="2"'))
    assert "没有工作表“2-发票明细信息”" in said_of(form)


@pytest.mark.parametrize("sheet", [BASIC, DETAIL, "4-附加要素信息"])
def test_a_form_that_is_filled_already_is_refused_with_the_cell(sheet: str) -> None:
    def more(book: Any) -> None:
        own = book.get_worksheet_by_name(sheet) or book.add_worksheet(sheet)
        own.write(5, 1, "202611200001")

    said = said_of(made(more=more))
    assert sheet in said
    assert "B6" in said


def test_formulas_and_merged_cells_below_the_headings_are_refused() -> None:
    def formula(book: Any) -> None:
        book.get_worksheet_by_name(DETAIL).write_formula(3, 0, '=""', None, "")

    def merged(book: Any) -> None:
        book.get_worksheet_by_name(DETAIL).merge_range(2, 11, 3, 12, "")

    assert "A4" in said_of(made(more=formula))
    assert "L3:M4" in said_of(made(more=merged))


@pytest.mark.parametrize("content", [b"", b"abc", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600)])
def test_other_files_are_refused(content: bytes) -> None:
    assert "不是 .xlsx 工作簿" in said_of(content)


def test_macros_templates_and_binary_workbooks_are_refused() -> None:
    types = "[Content_Types].xml"
    for new in (b"ms-excel.sheet.macroEnabled.main+xml", b"spreadsheetml.template.main+xml"):
        form = rezipped(made(), replaced(types, b"spreadsheetml.sheet.main+xml", new))
        assert "不是 .xlsx 工作簿" in said_of(form)
    assert "不是 .xlsx 工作簿" in said_of(rezipped(made(), lambda changed: changed.update({"xl/vbaProject.bin": b"x"})))


def test_a_password_is_said() -> None:
    locked = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600) + "EncryptedPackage".encode("utf-16-le")
    assert "密码" in said_of(locked)


BROKEN: Mapping[str, Callable[[dict[str, bytes]], object]] = {
    "an entity": lambda changed: changed.update(
        {
            "xl/worksheets/sheet1.xml": b'<!DOCTYPE w [<!ENTITY e SYSTEM "file:///etc/passwd">]><worksheet>&e;</worksheet>'
        }
    ),
    "an entity among the strings": lambda changed: changed.update(
        {"xl/sharedStrings.xml": b'<!DOCTYPE s [<!ENTITY e "ha">]><sst><si><t>&e;</t></si></sst>'}
    ),
    "no rows": lambda changed: changed.update({"xl/worksheets/sheet1.xml": b"<worksheet/>"}),
    "rows twice": replaced("xl/worksheets/sheet1.xml", b"<sheetData>", b"<sheetData/><sheetData>"),
    "rows out of order": replaced("xl/worksheets/sheet1.xml", b"<sheetData>", b'<sheetData><row r="9"/>'),
    "a string that is not there": replaced("xl/worksheets/sheet1.xml", b"<v>0</v>", b"<v>9999</v>"),
    "no column": replaced("xl/worksheets/sheet1.xml", b'r="A3"', b'r="AAAAAA3"'),
    "cut short": replaced("xl/worksheets/sheet1.xml", b"</worksheet>", b""),
    "UTF-16": lambda changed: changed.update({"xl/styles.xml": "<styleSheet/>".encode("utf-16")}),
    "an old encoding": replaced("xl/styles.xml", b"UTF-8", b"GB2312"),
    "no styles": lambda changed: changed.update({"xl/styles.xml": b"<styleSheet/>"}),
    "a lost part": lambda changed: changed.pop("xl/worksheets/sheet2.xml"),
    "two parts of one name": lambda changed: changed.update({"XL/styles.xml": b""}),
    "no types": lambda changed: changed.pop("[Content_Types].xml"),
}


@pytest.mark.parametrize("what", BROKEN)
def test_a_damaged_or_hostile_form_is_refused(what: str) -> None:
    def change(changed: dict[str, bytes]) -> None:
        BROKEN[what](changed)

    said = said_of(rezipped(made(), change))
    assert "损坏" in said
    assert "passwd" not in said


def test_a_zip_with_a_broken_part_or_cut_short_is_damaged() -> None:
    form = made()
    assert "损坏" in said_of(form[:-200])
    at = form.index(b"docProps/app.xml") + 60  # a part that nobody reads
    assert "损坏" in said_of(form[:at] + bytes([form[at] ^ 1]) + form[at + 1 :])


def test_a_form_that_unpacks_to_too_much_is_not_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(einvoice_package, "MAX_UNPACKED_BYTES", 10_000)
    assert "过大" in said_of(made())


# ---------------------------------------------------------------- split


@given(lines=st.lists(st.integers(1, schema.MOST_LINES), max_size=60))
def test_files_keep_the_order_and_hold_no_more_lines_than_they_may(lines: list[int]) -> None:
    numbers = file_numbers(lines)
    assert len(numbers) == len(lines)
    assert numbers == sorted(numbers)
    assert set(numbers) == set(range(len(set(numbers))))
    sums: Counter[int] = Counter()
    for number, count in zip(numbers, lines, strict=True):
        sums[number] += count
    assert all(total <= schema.MOST_LINES for total in sums.values())
    firsts = [numbers.index(number) for number in range(1, len(sums))]
    assert all(sums[numbers[at] - 1] + lines[at] > schema.MOST_LINES for at in firsts)  # no file too many


@pytest.mark.parametrize(
    ("lines", "files"),
    [([], []), ([1] * 1000, [1000]), ([1] * 1001, [1000, 1]), ([2000, 1], [1, 1]), ([1, 2000, 1], [1, 1, 1])],
)
def test_a_file_is_full_at_its_thousandth_invoice_or_its_two_thousandth_line(
    lines: list[int], files: list[int]
) -> None:
    assert list(Counter(file_numbers(lines)).values()) == files


@settings(max_examples=6, deadline=None)
@given(lines=st.lists(st.integers(1, 7), min_size=1, max_size=12))
def test_split_and_joined_again_nothing_is_lost(lines: list[int]) -> None:
    told, body = many(lines)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(einvoice_form, "MOST_INVOICES", 4)
        patch.setattr(einvoice_form, "MOST_LINES", 9)
        files = [read_back(file) for file in form_files(None, told, body)]
    for file in files:
        assert 1 <= len(file[BASIC]) <= 4
        assert len(file[DETAIL]) <= 9
        assert {row[SERIAL] for row in file[BASIC]} == {row[SERIAL] for row in file[DETAIL]}
    assert [row[SERIAL] for file in files for row in file[BASIC]] == list(told["serial"])
    assert [row[SERIAL] for file in files for row in file[DETAIL]] == list(body["serial"])


def test_a_full_file_ends_where_the_limits_say() -> None:
    told, body = many([2] * 1000 + [1])
    files = [read_back(file) for file in form_files(None, told, body)]
    assert [(len(file[BASIC]), len(file[DETAIL])) for file in files] == [(1000, 2000), (1, 1)]


def test_an_invoice_with_more_lines_than_a_file_is_named() -> None:
    told, body = many([3, 2001])
    with pytest.raises(WorkbookError) as error:
        form_files(None, told, body)
    said = labels().message(error.value.code, **error.value.fields)
    assert "“S1”（=1+1）有 2001 行" in said


# ---------------------------------------------------------------- what our own caller must keep


@pytest.mark.parametrize(
    ("table", "row", "column", "value", "what"),
    [
        ("invoices", 0, "serial", "A2", "serial twice"),
        ("invoices", 0, "serial", "1" * 21, "serial too long"),
        ("invoices", 0, "serial", None, "without serial"),
        ("invoices", 0, "title", "长" * 101, "title too long"),
        ("invoices", 0, "title", "  ", "without title"),
        ("invoices", 0, "invoice_type", "专票", "without invoice_type"),
        ("details", 0, "tax_code", "107022302000000000", "not 19 digits"),
        ("details", 0, "tax_code", "１" * 19, "not 19 digits"),
        ("details", 0, "tax_rate", float("nan"), "without tax_rate"),
        ("details", 0, "item_name", "", "without item_name"),
        ("details", 3, "serial", "A9", "an invoice without lines"),
        ("details", 0, "serial", "A9", "a line without invoice"),
        ("details", 0, "discount", 798001, "discount beyond the amount"),
        ("details", 0, "discount", -1, "discount beyond the amount"),
        ("details", 0, "quantity", float("inf"), "inf"),
    ],
)
def test_what_breaks_the_contract_is_a_bug(table: str, row: int, column: str, value: object, what: str) -> None:
    tables = {"invoices": invoices(), "details": details()}
    cells = tables[table][column].astype("object")
    cells.iloc[row] = value
    tables[table][column] = cells
    with pytest.raises(ValueError, match=what):
        form_files(None, tables["invoices"], tables["details"])


def test_a_hundred_characters_of_title_and_twenty_of_serial_are_not_too_long() -> None:
    told, body = (
        invoices().iloc[:1].assign(serial="1" * 20, title="长" * 100),
        details().iloc[:1].assign(serial="1" * 20),
    )
    [file] = form_files(None, told, body)
    assert read_back(file)[BASIC][0]["购买方名称"] == "长" * 100


def test_line_breaks_become_spaces() -> None:
    told = invoices().assign(address=["白云区\r\n 机场路\t1 号 ", "\n", "a\u2028b"])
    [file] = form_files(None, told, details())
    assert [row.get("购买方地址") for row in read_back(file)[BASIC]] == ["白云区 机场路 1 号", None, "a b"]


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (1.0, "1"),
        (120.50, "120.5"),
        (0.1 + 0.2, "0.3"),
        (1e-5, "0.00001"),
        (1e21, "1" + "0" * 21),
        (-0.0, "0"),
        (100 / 3, "33.3333333333333"),
        (200000 / 3, "66666.6666666667"),
        (1 / 3, "0.3333333333333"),
        (1e-20, "0"),
        (float("nan"), None),
    ],
)
def test_numbers_have_no_exponent_no_trailing_zeros_and_fit(value: float, text: str | None) -> None:
    assert number_text(value) == text


# ---------------------------------------------------------------- a form of our own


@with_the_form
def test_our_own_form_has_the_bureaus_sheets_and_headings(form: bytes) -> None:
    theirs = {sheet.name: sheet for sheet in read_sheets(form, ".xlsx")}
    own = read_sheets(blank_form(), ".xlsx")
    assert [sheet.name for sheet in own] == [name for name in theirs if re.match(r"\d-", name)]
    for sheet in own:
        areas = theirs[sheet.name].merged
        merged = {(row, place) for row, first, _, last in areas for place in range(first + 1, last + 1)}
        for row in (1, 2):  # needed or not, and how long; the heading
            theirs_said = [
                "" if (row, place) in merged else re.sub(r"[\s()（）]", "", column[row].as_py() or "")
                for place, column in enumerate(theirs[sheet.name].cells.columns)
            ]
            said = [re.sub(r"[\s()（）]", "", column[row].as_py() or "") for column in sheet.cells.columns]
            assert said == theirs_said, sheet.name
        assert [area for area in sheet.merged if area[0]] == [area for area in areas if area[0]]
    assert [sheet.cells.num_columns for sheet in own] == [39, 14, 48, 3]


def test_our_own_form_is_filled_like_the_bureaus_and_the_same_again() -> None:
    [file] = form_files(None, invoices(), details())
    blank_form.cache_clear()
    assert form_files(None, invoices(), details()) == [file]
    assert read_back(file) == {BASIC: meant(BASIC), DETAIL: meant(DETAIL)}
    assert parts(file)["xl/styles.xml"] == parts(blank_form())["xl/styles.xml"]
    book = openpyxl.load_workbook(io.BytesIO(file))
    assert {sheet.freeze_panes for sheet in book} == {"B4"}
    body = [cell for line in book[BASIC].iter_rows(min_row=4) for cell in line if cell.value is not None]
    assert {(cell.data_type, cell.number_format) for cell in body} == {("s", "@")}
    assert str(book[BASIC].data_validations.dataValidation[0].sqref) == "B4:B1001"
