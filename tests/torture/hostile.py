"""Files that somebody might put among the orders to do harm, or has put there by mistake; seeded, written by hand."""

from __future__ import annotations

import copy
import io
import os
import zipfile
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path
from random import Random

import xlsxwriter

from tests.books import encrypted

MEGABYTE = 1 << 20
TYPES = (
    '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Default Extension="xml" '
    'ContentType="application/xml"/><Override PartName="/xl/workbook.xml" ContentType="application/vnd.'
    'openxmlformats-officedocument.spreadsheetml.sheet.main+xml"/></Types>'
)
RELATIONS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
SHEET = "xl/worksheets/sheet1.xml"
TOP = f'<worksheet xmlns="{MAIN}"><sheetData>'
END = "</sheetData></worksheet>"
HEADINGS = "订单号,合作商编码,产品编码,数量,备注"
ODS = "application/vnd.oasis.opendocument.spreadsheet"
ODS_TOP = (
    '<office:document-content xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0" '
    'xmlns:table="urn:oasis:names:tc:opendocument:xmlns:table:1.0" '
    'xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0"><office:body><office:spreadsheet>'
)
ODS_END = "</office:spreadsheet></office:body></office:document-content>"


def book(parts: dict[str, bytes | str] | None = None, sheets: int = 1) -> bytes:
    """Return a small workbook package; parts: what stands in place of its own, or beside."""
    names = [f"S{number}" for number in range(1, sheets + 1)]
    listed = "".join(f'<sheet name="{name}" sheetId="{n}" r:id="r{n}"/>' for n, name in enumerate(names, start=1))
    own: dict[str, bytes | str] = {
        "[Content_Types].xml": TYPES,
        "_rels/.rels": _relations([("officeDocument", "xl/workbook.xml")]),
        "xl/workbook.xml": f'<workbook xmlns="{MAIN}" xmlns:r="{RELATIONS}"><sheets>{listed}</sheets></workbook>',
        "xl/_rels/workbook.xml.rels": _relations(
            [("worksheet", f"worksheets/sheet{n + 1}.xml") for n in range(sheets)]
        ),
        **{f"xl/worksheets/sheet{n + 1}.xml": TOP + END for n in range(sheets)},
    }
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as package:
        for name, content in {**own, **(parts or {})}.items():
            package.writestr(name, content)
    return packed.getvalue()


def _relations(targets: list[tuple[str, str]]) -> str:
    inside = "".join(
        f'<Relationship Id="r{n}" Type="{RELATIONS}/{kind}" Target="{target}"/>'
        for n, (kind, target) in enumerate(targets, start=1)
    )
    return (
        f'<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">{inside}</Relationships>'
    )


def cells(text: str) -> str:
    """Return a sheet with one row of one text cell, the text as it stands."""
    return f'{TOP}<row r="1"><c r="A1" t="inlineStr"><is><t>{text}</t></is></c></row>{END}'


def ods(table: str) -> bytes:
    """Return an OpenDocument spreadsheet of this table."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as package:
        package.writestr("mimetype", ODS, zipfile.ZIP_STORED)
        package.writestr("content.xml", f'{ODS_TOP}<table:table table:name="S">{table}</table:table>{ODS_END}')
    return packed.getvalue()


def orders() -> bytes:
    """Return an honest workbook of twenty order lines, as a writer of workbooks makes it."""
    packed = io.BytesIO()
    with xlsxwriter.Workbook(packed) as made:
        sheet = made.add_worksheet("订单")
        sheet.write_row(0, 0, HEADINGS.split(","))
        for row in range(1, 21):
            sheet.write_row(row, 0, [f"X{row:03}", "HD-001", "010001", row, "加急"])
    return packed.getvalue()


def bomb(filler: bytes, size: int, *, said: int | None = None) -> bytes:
    """Return a workbook whose sheet inflates to so many bytes of a filler; said: how many its package says."""
    content = bytearray(book({SHEET: TOP.encode() + filler * (size // len(filler)) + END.encode()}))
    if said is not None:
        for mark, place in ((b"PK\x03\x04", 22), (b"PK\x01\x02", 24)):
            found = content.rfind(mark, 0, content.rfind(SHEET.encode()) if mark[2] == 1 else len(content))
            content[found + place : found + place + 4] = said.to_bytes(4, "little")
    return bytes(content)


def overlapping(copies: int) -> bytes:
    """Return a workbook in whose package one compressed sheet stands for as many as are named."""
    packed = io.BytesIO(book({SHEET: TOP + " " * 15 * MEGABYTE + END}, sheets=1))
    with zipfile.ZipFile(packed, "a") as package:
        [sheet] = [entry for entry in package.filelist if entry.filename == SHEET]
        for number in range(2, copies):
            more = copy.copy(sheet)
            more.filename = f"xl/worksheets/sheet{number}.xml"
            package.filelist.append(more)
        package.writestr("end.xml", "")
    return packed.getvalue()


def entities(declared: str, used: str) -> bytes:
    """Return a workbook whose sheet declares entities and uses them."""
    return book({SHEET: f'<?xml version="1.0"?><!DOCTYPE x [{declared}]>{cells(used)}'})


def xml_files() -> Iterator[tuple[str, bytes]]:
    """Yield workbooks whose XML asks for more than it holds."""
    laughs = '<!ENTITY a0 "ha">' + "".join(f'<!ENTITY a{n} "{f"&a{n - 1};" * 10}">' for n in range(1, 10))
    far = '<row r="1"><c r="A1"><v>1</v></c></row><row r="1048576"><c r="XFD1048576"><v>1</v></c></row>'
    repeated = 'table:number-rows-repeated="2147483647"', 'table:number-columns-repeated="2147483647"'
    deep = 100_000
    yield "xml-quadratic.xlsx", entities(f'<!ENTITY a "{"x" * 100_000}">', "&a;" * 10_000)
    yield "xml-laughs.xlsx", entities(laughs, "&a9;")
    yield "xml-file.xlsx", entities('<!ENTITY a SYSTEM "file:///etc/passwd">', "&a;")
    yield "xml-web.xlsx", entities('<!ENTITY a SYSTEM "http://127.0.0.1:9/a">', "&a;")
    yield "xml-deep.xlsx", book({SHEET: TOP + "<row>" * deep + "</row>" * deep + END})
    yield "xml-deep-strings.xlsx", book({SHEET: cells("<r>" * deep + "</r>" * deep)})
    yield "xml-open.xlsx", book({SHEET: TOP + '<row r="1"><c r="A1"><v>1'})
    yield "xml-far.xlsx", book({SHEET: TOP + far + END})
    yield "xml-beyond.xlsx", book({SHEET: f'{TOP}<row r="4294967295"><c r="ZZZZZZ4294967295"><v>1</v></c></row>{END}'})
    yield (
        "xml-says-far.xlsx",
        book({SHEET: f"{TOP}{END}".replace("<sheetD", '<dimension ref="A1:XFD1048576"/><sheetD')}),
    )
    yield (
        "xml-merged.xlsx",
        book(
            {
                SHEET: TOP
                + END.replace("</w", "<mergeCells>" + '<mergeCell ref="A1:XFD1048576"/>' * 5000 + "</mergeCells></w")
            }
        ),
    )
    yield (
        "xml-elsewhere.xlsx",
        book({"xl/_rels/workbook.xml.rels": _relations([("worksheet", "../../../../../etc/passwd")])}),
    )
    yield "many-sheets.xlsx", book(sheets=300)
    yield "no-sheets.xlsx", book(sheets=0)
    yield "ods-rows.ods", ods(f"<table:table-row {repeated[0]}><table:table-cell {repeated[1]}/></table:table-row>")
    yield (
        "ods-full.ods",
        ods(
            f"<table:table-row {repeated[0]}><table:table-cell {repeated[1]}><text:p>x</text:p></table:table-cell>"
            "</table:table-row>"
        ),
    )


def text_files() -> Iterator[tuple[str, bytes]]:
    """Yield text tables, and what only says that it is a workbook."""
    lines = [HEADINGS, f"X1,HD-001,010001,{'9' * 5000},", "X2,HD-001,010001,1e999,", "X3,HD-001,010001,nan,"]
    lines += [f"X4,HD-001,010001,2,{'长' * 40_000}", "X5,HD-001,010001,-inf,", "X6,HD-001,010001,３,"]
    yield "numbers.csv", "\n".join(lines).encode()
    yield "quotes.csv", f'{HEADINGS}\nX1,HD-001,010001,2,"never closed\n'.encode() * 500
    yield "wide.csv", ",".join(f"c{n}" for n in range(200_000)).encode()
    yield "nul.csv", HEADINGS.encode() + b"\0" * 1000
    yield "utf-16.csv", HEADINGS.encode("utf-16")
    yield "neither.csv", HEADINGS.encode() + b"\n\xff\xfe\x80\x81,1,2,3\n"
    yield "text.xlsx", f"{HEADINGS}\nX1,HD-001,010001,2,\n".encode()
    yield "page.xls", b"<html><table><tr><td>1</td></tr></table></html>"
    yield "picture.xlsx", b"\x89PNG\r\n\x1a\n" + bytes(1000)
    yield "nothing.xlsx", b""
    yield "nothing.csv", b""
    yield "blank.csv", b"\n\n  \n"


def damaged_files(number: int, seed: int = 7) -> Iterator[tuple[str, bytes]]:
    """Yield an honest workbook cut off, or with bytes changed, at so many places each; and under wrong names."""
    rng, honest = Random(seed), orders()  # noqa: S311 - chance here is no secret
    for one in range(number):
        yield f"cut-{one:02}.xlsx", honest[: rng.randrange(1, len(honest))]
        changed = bytearray(honest)
        for _ in range(rng.randrange(1, 30)):
            changed[rng.randrange(len(changed))] = rng.randrange(256)
        yield f"changed-{one:02}.xlsx", bytes(changed)
    for suffix in (".csv", ".xls", ".ods", ".xlsb", ".docx", ".exe", ""):
        yield f"named{suffix}", honest
    yield "locked.xlsx", encrypted(honest)
    yield "in-itself.xlsx", book({"xl/workbook.xml": honest})
    yield "noise.xls", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + rng.randbytes(5000)
    yield "noise.xlsx", b"PK\x03\x04" + rng.randbytes(5000)
    yield "noise.xlsb", rng.randbytes(5000)


def bombs(size: int) -> Iterator[tuple[str, bytes]]:
    """Yield packages that inflate to about so many bytes."""
    yield "bomb-spaces.xlsx", bomb(b" ", size)
    yield "bomb-quotes.xlsx", bomb(b'<c t="inlineStr"><is><t>' + b'""' * 500 + b"</t></is></c>", size)
    yield "bomb-rows.xlsx", bomb(b"<row><c><v>1</v></c></row>", size)
    yield "bomb-lies.xlsx", bomb(b" ", size, said=1000)
    yield "bomb-nested.xlsx", book({SHEET: TOP + END, "xl/inner.zip": zlib.compress(bomb(b'"', size))})
    yield "bomb-overlap.xlsx", overlapping(size // MEGABYTE)


LINKS = ("link.xlsx", "gone.xlsx", "linked", "~$link.xlsx")


def special_files(folder: Path, large: int) -> Iterator[tuple[str, Callable[[], object]]]:
    """Yield what is no honest file, by name, with what makes it; large: bytes of a file that is nothing but large."""

    def sparse(path: Path) -> None:
        with path.open("wb") as file:
            file.write(f"{HEADINGS}\n".encode())
            file.truncate(large)

    yield "link.xlsx", lambda: (folder / "link.xlsx").symlink_to("/etc/passwd")
    yield "gone.xlsx", lambda: (folder / "gone.xlsx").symlink_to(folder / "nowhere.xlsx")
    yield "linked", lambda: (folder / "linked").symlink_to("/etc", target_is_directory=True)
    yield "pipe.xlsx", lambda: os.mkfifo(folder / "pipe.xlsx")
    yield "~$pipe.xlsx", lambda: os.mkfifo(folder / "~$pipe.xlsx")
    yield "~$link.xlsx", lambda: (folder / "~$link.xlsx").symlink_to("/etc/passwd")
    yield "large.csv", lambda: sparse(folder / "large.csv")
    for name in (f"{'长' * 80}.xlsx", "\x1b[2J\r\n.xlsx", "=cmd|' !A1'.xlsx", os.fsdecode(b"\xff\xfe\xbf.xlsx")):
        yield name, lambda name=name: (folder / name).write_bytes(b"no workbook")  # type: ignore[misc]
