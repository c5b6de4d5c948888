"""The sheets of the invoice workbook, from requests and billable lines. Tables in, tables out, sums in fen inside."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from macros.request_sheets import with_total
from udfs.findings import Ints
from udfs.invoice_requests import SPECIAL, add_buyers, missing_data, wrong_tax_id
from udfs.lookup import code_key, keys
from udfs.money import yuan
from udfs.order_lines import texts
from workbooks.labels import labels
from workbooks.schema import KINDS

SUMS = ("asked", "amount", "difference", "tax", "net", "in_form", "issued", "held_back", "unasked", "billable")
"""Columns that a total row adds up, CNY."""
COUNTS = ("requests", "lines")


def partner_sums(requests: pd.DataFrame, billed: pd.DataFrame, partners: pd.DataFrame | None) -> pd.DataFrame:
    """Return the sums per partner that asks for an invoice or could: those who ask first, by code.

    requests: with state and what each has; billed: the billable lines with `request`. In fen: asked (by requests),
    amount, tax and net (of the lines that the requests have), in_form, issued and held_back (which add up to amount),
    billable (all of the day's) and unasked (what of it no request has), difference (asked − amount). Counts: requests,
    lines.
    """
    codes, distinct = keys(pd.concat([requests["partner_code"], billed["partner_code"]]), code_key)
    of_request, of_line = codes[: len(requests)], codes[len(requests) :]
    size = len(distinct)

    def added(groups: Ints, values: Ints) -> Ints:
        sums = np.zeros(size, dtype=np.int64)
        np.add.at(sums, groups, values)
        return sums

    states = {name: (requests["state"] == name).to_numpy(bool) for name in ("in_form", "issued", "held_back")}
    asked_for = billed["request"].to_numpy() >= 0
    amount = billed["amount"].to_numpy()
    summed = pd.DataFrame({"asked": added(of_request, requests["asked"].to_numpy())})
    for name in ("amount", "tax", "net"):
        summed[name] = added(of_line[asked_for], billed[name].to_numpy()[asked_for])
    for name, are in states.items():
        summed[name] = added(of_request[are], requests["amount"].to_numpy()[are])
    summed["billable"] = added(of_line, amount)
    summed["unasked"] = summed["billable"] - summed["amount"]
    summed["difference"] = summed["asked"] - summed["amount"]
    summed["lines"] = np.bincount(of_line[asked_for], minlength=size)
    summed["requests"] = np.bincount(of_request, minlength=size)
    in_form, issued = (np.bincount(of_request[states[name]], minlength=size) for name in ("in_form", "issued"))
    asked = summed["requests"]
    summed["state"] = np.select(
        [asked == 0, issued == asked, in_form + issued == asked, in_form > 0],
        ["not_asked", "issued", "in_form", "partly"],
        "held_back",
    ).astype(object)
    spelt = pd.concat([requests["partner_code"], billed["partner_code"]]).to_numpy(object)
    first = np.unique(codes, return_index=True)[1]
    summed["partner_code"] = spelt[first]
    summed = _with_buyers(summed, requests, of_request, partners)
    order = np.lexsort([np.array(distinct, dtype=object).astype(str), summed["requests"].to_numpy() == 0])
    return summed.iloc[order].reset_index(drop=True)


def _with_buyers(
    summed: pd.DataFrame, requests: pd.DataFrame, of_request: Ints, partners: pd.DataFrame | None
) -> pd.DataFrame:
    """Add who each partner is, the kinds of invoice it gets, and what its data lack: as its requests see them."""
    asking = pd.DataFrame(columns=[column.name for column in KINDS["invoices"].columns], dtype=object)
    own = add_buyers(asking.reindex(range(len(summed))).assign(partner_code=summed["partner_code"]), partners)
    kinds: list[dict[str, None]] = [{} for _ in range(len(summed))]
    lacking: list[dict[str, None]] = [{} for _ in range(len(summed))]
    for buyers, groups in ((requests, of_request), (own, np.arange(len(summed)))):
        base, names = base_data(buyers, known=partners is not None), buyers["kind"].to_list()
        for at, group in enumerate(groups.tolist()):
            if buyers is requests or summed["state"].iat[group] == "not_asked":
                kinds[group] |= {names[at]: None} if names[at] else {}
                lacking[group] |= dict.fromkeys(base[at])
    said = labels().words
    code = summed["partner_code"]
    if partners is not None:  # as the table spells it, whatever a request writes
        code = code.where(own["partner"] < 0, texts(partners, "partner_code", own["partner"].to_numpy()))
    return summed.assign(
        partner_code=code,
        partner_name=own["partner_name"],
        invoice_kind=[said["list_joiner"].join(said["invoice_kind"][kind] for kind in of) for of in kinds],
        base_data=[said["base_data"]["joiner"].join(of) or said["base_data"]["complete"] for of in lacking],
    )


def base_data(buyers: pd.DataFrame, *, known: bool) -> list[list[str]]:
    """Return per buyer what its data lack, in words; nothing where they are complete.

    known: whether there is a partner table to hold them against.
    """
    said = labels().words["base_data"]
    headings = labels().kinds["partners"].headings
    told: list[list[str]] = []
    facts = zip(missing_data(buyers), wrong_tax_id(buyers), buyers["partner"], strict=True)
    for lacks, wrong, partner in facts:
        if not known:
            told.append([said["not_checked"]])
        elif partner < 0:
            told.append([said["unknown"]])
        else:
            missing = labels().words["list_joiner"].join(headings[name][0] for name in lacks)
            told.append([said["lacks"].format(missing=missing)] if lacks else [])
            told[-1] += [said["wrong_tax_id"]] if wrong else []
    return told


def partner_rows(sums: pd.DataFrame) -> pd.DataFrame:
    """Return the rows of the sheet by partner, CNY, with their total."""
    rows = _total(in_yuan(sums, SUMS), "partner_code")
    silent = [name for name in (*SUMS, *COUNTS) if name not in {"unasked", "billable"}]
    rows[silent] = rows[silent].mask(rows["state"] == "not_asked")
    return rows


def request_rows(requests: pd.DataFrame) -> pd.DataFrame:
    """Return the rows of the sheet of requests: what each asks for, what it has, and why it is not in the form."""
    rows = requests.assign(difference=requests["asked"] - requests["amount"], lines=requests["has"])
    rows = in_yuan(rows, ("asked", "amount", "difference", "tax", "net"))
    rows["invoice_kind"] = rows["kind"].where(rows["kind"] != "", rows["kind_text"])
    for name in (*SPECIAL, "partner_name", "invoice_kind"):
        rows[name] = rows[name].replace("", None)
    return _total(rows, "request_no")


def line_rows(requests: pd.DataFrame, billed: pd.DataFrame) -> pd.DataFrame:
    """Return the rows of the sheet of lines: what each request has, in the requests' order."""
    asked_for = billed[billed["request"].to_numpy() >= 0].sort_values("request", kind="stable")
    request = requests.iloc[asked_for["request"].to_numpy(np.int64)]
    rows = in_yuan(asked_for, ("amount", "tax", "net"))
    for name in ("request_no", "partner_name", "rules"):
        rows[name] = request[name].to_numpy(object)
    said = labels()
    places = zip(request["source_file"], request["source_sheet"], request["source_row"], strict=True)
    rows["asked_at"] = [said.phrase("place", file=file, sheet=sheet, row=row) for file, sheet, row in places]
    for name in ("spec", "unit", "tax_code", "partner_name"):
        rows[name] = rows[name].replace("", None)
    return _total(rows.reset_index(drop=True), "request_no")


def unasked_rows(billed: pd.DataFrame, partners: pd.DataFrame | None) -> pd.DataFrame:
    """Return the rows of the sheet of orders, by partner, that nobody asks an invoice for, with their total."""
    rest = billed[billed["request"].to_numpy() < 0].copy()
    rest["partner_name"] = "" if partners is None else texts(partners, "partner_name", rest["partner"].to_numpy())
    rest["of"] = [
        f"{code_key(one)}\n{code_key(other)}" for one, other in zip(rest.partner_code, rest.order_no, strict=True)
    ]
    grouped = rest.groupby("of", sort=True)
    told = ["partner_code", "partner_name", "region", "order_no"]
    rows = grouped[told].first().assign(lines=grouped.size())
    rows[["amount", "tax", "net"]] = grouped[["amount", "tax", "net"]].sum()
    return _total(in_yuan(rows.reset_index(drop=True), ("amount", "tax", "net")), "partner_code")


def in_yuan(frame: pd.DataFrame, names: Sequence[str]) -> pd.DataFrame:
    """Return a frame with the columns, in fen, as CNY."""
    return frame.assign(**{name: yuan(frame[name].to_numpy(np.int64)) for name in names})


def _total(rows: pd.DataFrame, says: str) -> pd.DataFrame:
    return with_total(rows, says, (*SUMS, *COUNTS))
