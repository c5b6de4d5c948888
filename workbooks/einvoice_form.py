"""The tax bureau's form for importing e-invoices, filled: checks, every value as text, and split into files."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Any

import pandas as pd

from workbooks.einvoice_blank import blank_form
from workbooks.einvoice_package import Form
from workbooks.errors import WorkbookError
from workbooks.labels import raw
from workbooks.schema import INVOICE_LENGTHS, MOST_INVOICES, MOST_LINES

_NUMBER_LENGTH, _NUMBER_DECIMALS = 16, 13
_BREAKS = " *[\x00-\x1f\x7f-\x9f\u2028\u2029][\x00-\x20\x7f-\x9f\u2028\u2029]*"  # a field has one line
_NEEDED = {
    "invoices": ("serial", "invoice_type", "tax_included", "title"),
    "details": ("serial", "item_name", "tax_code", "amount", "tax_rate"),
}


def form_files(form: bytes | None, invoices: pd.DataFrame, details: pd.DataFrame) -> list[bytes]:
    """Fill the bureau's form and return the files, .xlsx, in the order of the invoices; none for no invoice.

    form: the bureau's blank form as downloaded, or None for one of our own with the same sheets and headings.
    invoices: one row per invoice: serial (20 characters at most, unique), invoice_type (`special` or `ordinary`),
        title, tax_id, address, phone, bank, bank_account, remark, email (str, or None where blank).
    details: one row per line of an invoice, tied by serial, in their order: item_name, tax_code (19 digits), spec,
        unit, quantity, unit_price (CNY, tax included; NaN where blank), amount and discount (fen, tax included, the
        amount before the discount, and 0 for none), tax_rate (0.13).
    A file holds at most MOST_INVOICES invoices and MOST_LINES lines, and an invoice's lines stand in one file.
    The same input gives the same bytes. Raises ValueError where a value breaks what is said here (a caller checks
    people's data first), WorkbookError where the form cannot be filled or an invoice has more lines than a file.
    """
    tables = {"invoices": _invoice_texts(invoices), "details": _detail_texts(details)}
    _check(tables["invoices"], tables["details"], details)
    serials = tables["invoices"]["serial"]
    lines = tables["details"]["serial"].value_counts().reindex(serials).to_numpy()
    for row in (lines > MOST_LINES).nonzero()[0][:1]:
        serial, title = tables["invoices"].loc[row, ["serial", "title"]]
        raise WorkbookError(
            "einvoice-too-many-lines", serial=serial, title=title, lines=int(lines[row]), most=MOST_LINES
        )
    file_of = pd.Series(file_numbers(lines.tolist()), index=serials, dtype="int64")
    said = raw()["einvoice"]
    sheets = {said[key]["sheet"]: table.rename(columns=said[key]["headings"]) for key, table in tables.items()}
    files = {said[key]["sheet"]: table["serial"].map(file_of).to_numpy() for key, table in tables.items()}
    if serials.empty:
        return []
    opened = Form(blank_form() if form is None else form, [sheet["name"] for sheet in said["sheets"]])
    return [
        opened.filled({name: table[files[name] == number] for name, table in sheets.items()})
        for number in range(int(file_of.iloc[-1]) + 1)
    ]


def file_numbers(lines: Sequence[int]) -> list[int]:
    """Return the file each invoice goes into, counted from 0 and never falling.

    lines: how many lines each invoice has, in the order of the invoices, none above MOST_LINES.
    """
    numbers: list[int] = []
    number = invoices = filled = 0
    for count in lines:
        if invoices == MOST_INVOICES or filled + count > MOST_LINES:
            number, invoices, filled = number + 1, 0, 0
        invoices, filled = invoices + 1, filled + count
        numbers.append(number)
    return numbers


def number_text(value: float) -> str | None:
    """Return a number as the form takes it: no exponent, no trailing zeros, in 16 characters; None for NaN.

    Decimals that find no room (a price derived from an amount may have 17) are rounded away, the 14th always. Raises
    ValueError for an infinite number.
    """
    if math.isnan(value):
        return None
    if math.isinf(value):
        raise ValueError(value)
    exact = Decimal(repr(float(value)))
    text = f"{exact:f}"
    whole, _, decimals = _without_zeros(text).partition(".")
    room = min(_NUMBER_DECIMALS, max(_NUMBER_LENGTH - len(whole) - 1, 0))
    return _without_zeros(f"{exact:.{room}f}") if len(decimals) > room else _without_zeros(text)


def _without_zeros(text: str) -> str:
    short = text.rstrip("0").rstrip(".") if "." in text else text
    return "0" if short == "-0" else short


def _invoice_texts(invoices: pd.DataFrame) -> pd.DataFrame:
    """Return the invoices as text, in the columns of the form that we fill."""
    said = raw()["einvoice"]
    texts = {name: _one_line(invoices[name]) for name in said["invoices"]["headings"] if name in invoices}
    texts["invoice_type"] = invoices["invoice_type"].map(said["invoice_types"])
    texts["tax_included"] = pd.Series(said["tax_included"], index=invoices.index)
    return _frame(texts, said["invoices"]["headings"])


def _detail_texts(details: pd.DataFrame) -> pd.DataFrame:
    """Return the lines as text, in the columns of the form that we fill; no discount is blank."""
    texts = {name: _one_line(details[name]) for name in ("serial", "item_name", "tax_code", "spec", "unit")}
    for name in ("quantity", "unit_price", "tax_rate"):
        texts[name] = details[name].map(number_text)
    for name in ("amount", "discount"):
        texts[name] = _money_text(details[name])
    texts["discount"] = texts["discount"].where(details["discount"].ne(0), None)
    return _frame(texts, raw()["einvoice"]["details"]["headings"])


def _frame(texts: Mapping[str, pd.Series], columns: Iterable[str]) -> pd.DataFrame:
    """Return texts side by side, rows counted from 0, blanks None."""
    table = pd.DataFrame({name: texts[name].astype("object") for name in columns}).reset_index(drop=True)
    return table.where(table.notna(), None)


def _one_line(texts: pd.Series) -> pd.Series:
    """Return texts without line breaks and control characters, and without spaces at their ends; blank is None."""
    plain = texts.astype("object").where(texts.notna(), "").astype("str").str.replace(_BREAKS, " ", regex=True)
    plain = plain.str.strip()
    return plain.where(plain.ne(""), None)


def _money_text(fen: pd.Series) -> pd.Series:
    """Return fen as CNY with two decimals."""
    size = fen.astype("int64").abs()
    sign = fen.lt(0).map({True: "-", False: ""})
    return sign + (size // 100).astype("str") + "." + (size % 100).astype("str").str.zfill(2)


def _check(invoices: pd.DataFrame, details: pd.DataFrame, given: pd.DataFrame) -> None:
    """Raise ValueError where a value breaks the contract of form_files; given: the lines as they came."""
    tables = {"invoices": invoices, "details": details}
    for name, columns in _NEEDED.items():
        for column in columns:
            _refuse(f"{name} without {column}", tables[name]["serial"], tables[name][column].isna())
    money = given[["amount", "discount"]].reset_index(drop=True)
    for what, values, wrong in (
        ("serial too long", invoices["serial"], invoices["serial"].str.len() > INVOICE_LENGTHS["serial"]),
        ("serial twice", invoices["serial"], invoices["serial"].duplicated()),
        ("title too long", invoices["title"], invoices["title"].str.len() > INVOICE_LENGTHS["title"]),
        ("an invoice without lines", invoices["serial"], ~invoices["serial"].isin(details["serial"])),
        ("a line without invoice", details["serial"], ~details["serial"].isin(invoices["serial"])),
        ("not 19 digits", details["tax_code"], ~details["tax_code"].str.fullmatch("[0-9]{19}")),
        ("discount beyond the amount", details["discount"], ~money["discount"].between(0, money["amount"])),
    ):
        _refuse(what, values, wrong)


def _refuse(what: str, values: pd.Series, wrong: Any) -> None:  # noqa: ANN401 - a mask of any dtype
    for value in values[wrong.to_numpy(dtype=bool)].head(1):
        message = f"{what}: {value}"
        raise ValueError(message)
