"""A team folder whose every text is a stranger's: in each text column of each table, in sheet names and file names."""

from __future__ import annotations

import csv
import io
import os
import re
import zipfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from xml.sax.saxutils import escape, quoteattr

from workbooks.labels import labels
from workbooks.schema import KINDS, Type

INBOX = "区域订单/2026-11-21"
TAX_ID, TAX_CODE = "91350100M000100Y43", "1070223020000000000"
Row = dict[str, str | float]
_SPREADSHEET = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml"
_NOT_IN_XML = re.compile("[\x00-\x08\x0b-\x1f\ud800-\udfff\ufffe\uffff]")


def _stored(text: str) -> str:
    """Return a text as Excel stores it: what XML cannot hold, and what looks like that, as _xHHHH_."""
    text = re.sub("_(?=x[0-9A-Fa-f]{4}_)", "_x005F_", text)
    return escape(_NOT_IN_XML.sub(lambda found: f"_x{ord(found[0]):04X}_", text))


def book(sheets: Mapping[str, Sequence[Sequence[str | float | None]]]) -> bytes:
    """Return an .xlsx of shared strings, written out by hand: libraries refuse most of these names and signs."""
    strings: dict[str, int] = {}
    parts = {}
    for number, rows in enumerate(sheets.values(), 1):
        xml = []
        for place, row in enumerate(rows, 1):
            cells = (
                f'<c t="s"><v>{strings.setdefault(value, len(strings))}</v></c>' if isinstance(value, str)
                else "<c/>" if value is None else f"<c><v>{value}</v></c>"
                for value in row
            )  # fmt: skip
            xml.append(f'<row r="{place}">{"".join(cells)}</row>')
        parts[f"xl/worksheets/sheet{number}.xml"] = (
            f'<worksheet xmlns="{_SPREADSHEET}"><sheetData>{"".join(xml)}</sheetData></worksheet>'
        )
    items = "".join(f'<si><t xml:space="preserve">{_stored(text)}</t></si>' for text in strings)
    named = "".join(
        f'<sheet name={_attribute(name)} sheetId="{number}" r:id="rId{number}"/>'
        for number, name in enumerate(sheets, 1)
    )
    related = [f'Id="rId{number}" Type="{_OFFICE}/worksheet" Target="worksheets/sheet{number}.xml"'
               for number in range(1, len(sheets) + 1)]  # fmt: skip
    related.append(f'Id="strings" Type="{_OFFICE}/sharedStrings" Target="sharedStrings.xml"')
    kinds = [f'PartName="/{name}" ContentType="{_TYPE}.worksheet+xml"' for name in parts]
    kinds += [f'PartName="/xl/workbook.xml" ContentType="{_TYPE}.sheet.main+xml"',
              f'PartName="/xl/sharedStrings.xml" ContentType="{_TYPE}.sharedStrings+xml"']  # fmt: skip
    parts |= {
        "xl/sharedStrings.xml": f'<sst xmlns="{_SPREADSHEET}" uniqueCount="{len(strings)}">{items}</sst>',
        "xl/workbook.xml": f'<workbook xmlns="{_SPREADSHEET}" xmlns:r="{_OFFICE}"><sheets>{named}</sheets></workbook>',
        "xl/_rels/workbook.xml.rels": _relations(related),
        "_rels/.rels": _relations([f'Id="rId1" Type="{_OFFICE}/officeDocument" Target="xl/workbook.xml"']),
        "[Content_Types].xml": (
            '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
            '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
            f"{''.join(f'<Override {kind}/>' for kind in kinds)}</Types>"
        ),
    }
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, xml_text in parts.items():
            archive.writestr(name, f'<?xml version="1.0" encoding="UTF-8"?>\n{xml_text}')
    return content.getvalue()


def in_text(text: str) -> str:
    """Return a payload as a csv holds it: one with a null in it is damaged, and named so."""
    return text.replace("\x00", "").encode("utf-8", "replace").decode()


def as_sheet(text: str) -> str:
    """Return a payload as it can be a sheet's name: a workbook with a null in one is damaged, and named so."""
    return re.sub("[\ud800-\udfff]", "\ufffd", text.replace("\x00", ""))


def _attribute(text: str) -> str:
    """Return an attribute with what XML forbids as a reference, which some readers take all the same."""
    return re.sub("[\x00-\x1f\ufffe\uffff]", lambda found: f"&#x{ord(found[0]):X};", quoteattr(as_sheet(text)))


def _relations(tags: Sequence[str]) -> str:
    inside = "".join(f"<Relationship {tag}/>" for tag in tags)
    return (
        f'<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">{inside}</Relationships>'
    )


def sheet(kind: str, rows: Sequence[Row]) -> list[list[str | float | None]]:
    """Return a table of that kind with all columns that people fill in, its headings above."""
    headings = {column.name: labels().kinds[kind].headings[column.name][0] for column in KINDS[kind].asked}
    return [list(headings.values()), *([row.get(name) for name in headings] for row in rows)]


def texts_of(kind: str, text: str) -> Row:
    """Return a row of that kind with the text in every text and code column."""
    return {column.name: text for column in KINDS[kind].asked if column.type in {Type.TEXT, Type.CODE}}


def line(text: str, number: int, region: str) -> Row:
    """Return an order line of it; by turns passing, short, unpaid, a stranger's, of no quantity, not to be read."""
    row: Row = {**texts_of("orders", text), "region": region, "quantity": 2, "unit_price": 10.0}
    turn = number % 6
    if turn == 3:
        row["partner_code"] = f"{text}X"
    if turn > 3:
        row["quantity"] = (0, text)[turn - 4]
    return row


def tables(texts: Sequence[str], sites: int) -> dict[str, dict[str, list[Row]]]:
    """Return the reference tables by file: every payload is a product, a partner, a campaign and a request.

    sites: how many of them are a production site too, which has a sheet of its own.
    """
    several: dict[str, list[Row]] = {kind: [] for kind in KINDS if kind != "orders"}

    def enter(kind: str, text: str, **own: str | float) -> None:
        several[kind].append({**texts_of(kind, text), **own})

    for number, text in enumerate(texts):
        payload_only = number % 5 == 0  # in each text column, those too that a product has to be sold with

        def usual(*, now: bool = not payload_only, **own: str | float) -> dict[str, str | float]:
            return own if now else {}

        asked = not payload_only and number % 4 > 1
        enter("products", text, list_price=10.0, tax_rate=0.13, **usual(status="在售", replaced_by=""),
              **usual(now=asked, tax_code=TAX_CODE, unit="支"))  # fmt: skip
        enter("partners", text, contract_discount=0.5, **usual(level="A", status="正常", invoice_type="普票"),
              **usual(now=asked, tax_id=TAX_ID))  # fmt: skip
        enter("policies", text, start="2026-01-01", end="2026-12-31", **usual(applies_to="全部", levels="", gifts=""))
        if number % 50 in {4, 5}:  # a finding that waits names every role that may release it
            enter("approvals", text, max_gap=0.5)
        enter("stock", text, on_hand=0 if number % 6 == 1 else 99)
        enter("supply", text, eta="2026-12-01", quantity=50)
        enter("finance", text, balance=0 if number % 6 == 2 else 9999, confirmation="没款" if number % 6 == 2 else "")
        if number % 6 == 0:
            enter("confirmations", text, confirmation="有款")
        enter("packaging", text, quantity=5, approved=5, **usual(base=text if number < sites else "一厂"))
        enter("invoices", text, **usual(invoice_title="", tax_id=""), **usual(now=asked, invoice_type="普票"))
        if number % 6 == 4:
            name = labels().rules["quantity-not-positive"].name
            role = texts[number - number % 50 + 4]
            enter("releases", text, verdict="放行", **usual(rule=name, role=role))
    places = {
        "基础资料/资料.xlsx": ("products", "partners", "policies", "approvals"), "库存/库存.xlsx": ("stock", "supply"),
        "财务/查款.xlsx": ("finance", "confirmations"), "KASP/申请.xlsx": ("packaging", "invoices"),
        "审批/审批.xlsx": ("releases",),
    }  # fmt: skip
    return {file: {kind: several[kind] for kind in kinds} for file, kinds in places.items()}


def file_names(texts: Sequence[str]) -> list[str]:
    """Return the payloads as the system takes them as a file's name: what cannot be one is cut out.

    A lone surrogate becomes a byte that is no UTF-8.
    """
    names = []
    for text in texts:
        stem = re.sub("[\ud800-\udfff]", "\udcb5", text.replace("/", "").replace("\x00", "").lstrip("."))[:60]
        if os.name == "nt":
            stem = re.sub('[<>:"\\\\|?*\x00-\x1f]', "", stem).rstrip(". ")
        names.append(stem)
    return names


def write(folder: Path, texts: Sequence[str], names: Sequence[str], regions: int) -> tuple[int, int]:
    """Write the team folder and return how many payloads stand in it, in how many columns.

    texts: of the cells. names: of files, folders and sheets. regions: how many of the texts are a region's name.
    """
    known, placed = set(texts), []
    for file, kinds in tables(texts, len(names)).items():
        _put(folder / file, book({kind: sheet(kind, rows) for kind, rows in kinds.items()}))
        placed += [(kind, name) for kind, rows in kinds.items() for row in rows for name, value in row.items()
                   if value in known]  # fmt: skip
    lines = [
        line(text, number, texts[number * len(texts) // regions % len(texts)]) for number, text in enumerate(texts)
    ]
    placed += [("orders", name) for row in lines for name, value in row.items() if isinstance(value, str)]
    inbox = folder / INBOX
    _put(inbox / "一.xlsx", book({"订单": sheet("orders", lines)}))
    own = [{**texts_of("orders", f"s{number}"), "region": "一区", "quantity": 1} for number in range(len(names))]
    odd = {name: sheet("orders", [row]) for name, row in zip(names, own, strict=True)}
    _put(inbox / "多表.xlsx", book(odd))
    for number, name in enumerate(file_names(names)):
        row: Row = {**texts_of("orders", f"f{number}"), "quantity": 1}
        del row["region"]  # then it is the file's name
        top = inbox / (name if number % 3 == 2 else "")
        if number % 2:
            _put(top / f"{name}.xlsx", book({names[number]: sheet("orders", [row])}))
        else:
            _put(top / f"{name}.csv", _comma_separated(sheet("orders", [row | {"remark": in_text(texts[number])}])))
    return len(placed) + 3 * len(names), len(set(placed))


def _put(path: Path, content: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)


def _comma_separated(rows: Sequence[Sequence[str | float | None]]) -> bytes:
    text = io.StringIO()
    csv.writer(text).writerows([["" if cell is None else cell for cell in row] for row in rows])
    return text.getvalue().encode("utf-8", "replace")
