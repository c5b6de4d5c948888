"""What is wrong with the requests for invoices: their buyers' data, the products' tax, and the amounts asked for.

Findings stand on request lines and hold no order; see udfs.packaging. How the open points of the contract were read is
in docs/readings.md.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import reduce

import numpy as np
import pandas as pd

from udfs import order_lines
from udfs.findings import INFO, WRONG, Bools, Findings, Ints, Values, found
from udfs.invoice_lines import CODE_DIGITS, billable, is_tax_code
from udfs.invoice_requests import LONGEST, add_buyers, match, missing_data, order_owners, turns, wrong_tax_id
from udfs.lookup import Tables, code_key, keys, word_key
from udfs.money import yuan
from udfs.wording import Phrase, phrase, plain
from workbooks.labels import labels
from workbooks.schema import MOST_LINES, Policy

WAITING = ("held", "returned", "short")
"""Why lines of a request may not be invoiced yet (columns of udfs.invoice_requests.match)."""

CREDIT_CODE = 18  # places of the tax numbers given out since 2015


@dataclass(frozen=True)
class Given:
    """What the checks go by.

    requests: in source order, with buyers and what each has (udfs.invoice_requests). billed: the billable lines with
    `request`, the place of each one's request, -1 where nobody asks for it. lines: those of the audit. tables: by kind,
    those there are. cleaned: the numbers that reading took through units and separators.
    """

    requests: pd.DataFrame
    billed: pd.DataFrame
    lines: pd.DataFrame
    tables: Tables
    cleaned: pd.DataFrame


def join(requests: pd.DataFrame, lines: pd.DataFrame, tables: Tables, cleaned: pd.DataFrame) -> Given:
    """Return invoice requests joined with what may be invoiced of a day's lines.

    requests: accepted rows of the kind invoices, in source order. lines: of the day's audit (udfs.audit.Audit.lines).
    """
    billed = billable(lines, tables.get("products"))
    joined, of_line = match(add_buyers(requests, tables.get("partners")), lines, billed)
    return Given(joined, billed.assign(request=of_line), lines, tables, cleaned)


@dataclass(frozen=True)
class Check:
    """One thing that can be wrong: its code, how grave it is (WRONG keeps a request from the form), its tables."""

    code: str
    severity: int
    check: Callable[[Given], Findings]
    needs: tuple[str, ...] = ()


def check_duplicate_request(given: Given) -> Findings:
    """Find requests that take the number of another, or ask for nothing but what another asks for already."""
    requests = given.requests
    numbers, _ = keys(requests["request_no"], code_key)
    before = requests["earlier"].to_numpy().copy()
    why: Values = np.full(len(requests), phrase("asked_twice"), dtype=object)
    first: dict[int, int] = {}
    for at in turns(requests):
        number = int(numbers[at])
        if number >= 0 and first.setdefault(number, at) != at and before[at] < 0:
            before[at], why[at] = first[number], phrase("number_twice", request_no=requests["request_no"].iat[at])
    again = before >= 0
    other = np.full(len(requests), "", dtype=object)
    other[again] = [_place(requests, at) for at in before[again].tolist()]
    return found("duplicate-request", again, WRONG, other=other, why=why, actual=_texts(requests["request_no"]))


def _place(requests: pd.DataFrame, at: int) -> Phrase:
    row = requests.iloc[at]
    return phrase("place", file=row["source_file"], sheet=row["source_sheet"], row=row["source_row"])


def _texts(column: pd.Series) -> Values:
    return column.fillna("").to_numpy(object)


def check_invoice_data_missing(given: Given) -> Findings:
    """Find requests whose buyer is unknown or lacks what an invoice of its kind must name."""
    requests, partners = given.requests, labels().kinds["partners"].headings
    lacks = missing_data(requests)
    unknown = requests["partner"].to_numpy() < 0
    why: Values = np.full(len(requests), "", dtype=object)
    said: Values = np.full(len(requests), "", dtype=object)
    for at, (kind, text) in enumerate(zip(requests["kind"], requests["kind_text"], strict=True)):
        said[at] = _listed([partners[name][0] for name in lacks[at]])
        if unknown[at]:
            why[at] = phrase("no_such_partner", partner_code=requests["partner_code"].iat[at])
        elif text and not kind:
            why[at] = phrase("odd_invoice_type", text=text, missing=said[at])
        elif lacks[at]:
            why[at] = phrase(f"lacks_{kind or 'type'}", missing=said[at])
    wrong = unknown | np.array([bool(names) for names in lacks], dtype=bool)
    return found("invoice-data-missing", wrong, WRONG, why=why, expected=np.where(unknown, "", said))


def _listed(names: Sequence[str]) -> str:
    joiner: str = labels().words["list_joiner"]
    return joiner.join(names)


def check_tax_id_invalid(given: Given) -> Findings:
    """Find tax numbers that are none; an old number, of other than 18 places, is only reported."""
    numbers = given.requests["tax_id"]
    wrong = wrong_tax_id(given.requests)
    old = ~wrong & np.array([bool(text) and len(word_key(text)) != CREDIT_CODE for text in numbers], dtype=bool)
    why: Values = np.full(len(numbers), phrase("no_tax_id"), dtype=object)
    why[old] = phrase("old_tax_id")
    return found("tax-id-invalid", wrong | old, np.where(wrong, WRONG, INFO), actual=_texts(numbers), why=why)


def check_tax_code_missing(given: Given) -> Findings:
    """Find products of a request without a tax code that an invoice may carry."""
    codes = given.billed["tax_code"].to_list()
    good = {code: is_tax_code(code) for code in set(codes)}
    wrong = np.array([not good[code] for code in codes], dtype=bool)
    batch = _of_products("tax-code-missing", given, wrong)
    why: Values = np.full(len(batch), "", dtype=object)
    why[:] = [phrase(_fault(code), text=code) for code in batch.args["actual"]]
    return batch.saying(why=why)


def _fault(code: str) -> str:
    """Return the phrase of what is wrong with a tax code."""
    if not code:
        return "no_tax_code"
    return "summary_tax_code" if len(code) == CODE_DIGITS and code.isdigit() else "odd_tax_code"


def check_tax_rate_missing(given: Given) -> Findings:
    """Find products of a request without a tax rate; 0 is none, for exemptions have columns of their own."""
    batch = _of_products("tax-rate-missing", given, given.billed["tax_rate"].isna().to_numpy())
    return batch.saying(actual=np.full(len(batch), "", dtype=object))


def _of_products(code: str, given: Given, wrong: Bools) -> Findings:
    """Return a finding per request and product of the billable lines that are wrong."""
    billed = given.billed
    of = billed[wrong & (billed["request"].to_numpy() >= 0)]
    compared = of["product_code"].map(code_key)
    one = of[~pd.DataFrame({"request": of["request"], "product": compared}).duplicated().to_numpy()]
    one = one.sort_values("request", kind="stable")
    args = {"product_code": one["product_code"], "name": one["product_name"], "actual": one["tax_code"]}
    at: Ints = one["request"].to_numpy(np.int64)
    named = {name: column.to_numpy(object) for name, column in args.items()}
    return Findings(code, at, np.full(len(at), WRONG), named)


def check_over_billable(given: Given) -> Findings:
    """Find requests for more than may be invoiced, and say why it is not more."""
    requests = given.requests
    over = _judged(requests) & (requests["asked"].to_numpy() > requests["amount"].to_numpy())
    return _amounts("over-billable", requests, over).saying(why=_why_not_more(given, over))


def check_under_billable(given: Given) -> Findings:
    """Find requests for less than may be invoiced: nobody but the asker knows which lines are meant."""
    requests = given.requests
    amount = requests["amount"].to_numpy()
    under = _judged(requests) & (amount > 0) & (requests["asked"].to_numpy() < amount)
    return _amounts("under-billable", requests, under)


def check_nothing_billable(given: Given) -> Findings:
    """Find requests that name no amount and have nothing to be invoiced, and say why."""
    requests = given.requests
    empty = (requests["amount"].to_numpy() <= 0) & (requests["asked"].to_numpy() <= 0)
    nothing = _judged(requests) & empty
    return found("nothing-billable", nothing, WRONG).saying(why=_why_not_more(given, nothing))


def _judged(requests: pd.DataFrame) -> Bools:
    """Tell which requests' amounts are judged: one that comes second has none of its own."""
    first: Bools = requests["earlier"].to_numpy() < 0
    return first


def _amounts(code: str, requests: pd.DataFrame, where: Bools) -> Findings:
    asked, amount = requests["asked"].to_numpy(), requests["amount"].to_numpy()
    return found(code, where, WRONG, actual=yuan(asked), expected=yuan(amount), money=np.abs(asked - amount))


def _why_not_more(given: Given, where: Bools) -> Values:
    """Return for each such request what keeps the rest of its lines from being invoiced today."""
    requests = given.requests[where]
    owners = order_owners(requests, given.lines)
    why: Values = np.full(len(requests), phrase("all_counted"), dtype=object)
    for at, request in enumerate(requests.to_dict("records")):
        order, waits = request["order_no"], [name for name in WAITING if request[name]]
        if waits:
            counted = [phrase(f"lines_{name}", count=request[name]) for name in waits]
            why[at] = phrase(
                "not_billable", lines=reduce(lambda one, other: phrase("listed", one=one, other=other), counted)
            )
        elif request["taken"]:
            why[at] = phrase("taken_by_others", taken=f"{request['taken'] / 100:,.2f}")
        elif request["covered"]:
            why[at] = phrase("only_gifts") if request["amount"] <= 0 else why[at]
        elif not isinstance(order, str):
            why[at] = phrase("no_order_today", partner_code=request["partner_code"])
        elif owners[at]:
            why[at] = phrase("others_order", order_no=order, other=owners[at])
        else:
            why[at] = phrase("order_not_today", order_no=order)
    return why


def check_too_many_lines(given: Given) -> Findings:
    """Find requests with more lines than one invoice takes."""
    has = given.requests["has"].to_numpy()
    return found("too-many-lines", has > MOST_LINES, WRONG, actual=has, expected=MOST_LINES)


def check_text_too_long(given: Given) -> Findings:
    """Find requests of which something is longer than the tax bureau's form takes."""
    requests, kinds = given.requests, labels().kinds
    headings = {**kinds["partners"].headings, **kinds["invoices"].headings}
    long: Values = np.full(len(requests), "", dtype=object)
    for name, most in LONGEST.items():
        over = requests[name].fillna("").str.len().to_numpy() > most
        text = phrase("too_long", heading=headings[name][0], most=most)
        long[over] = [_listed([one, plain(text)] if one else [plain(text)]) for one in long[over]]
    return found("text-too-long", long != "", WRONG, expected=long)


def check_cleaned_value(given: Given) -> Findings:
    """Report every number that was read through units, separators or full width."""
    return order_lines.check_cleaned_value(given.requests, {"cleaned": given.cleaned}, Policy())


SHIPPING = ("partners", "products", "stock")
"""Without these no line ships, and nobody knows what may be invoiced."""

CHECKS: tuple[Check, ...] = (
    Check("duplicate-request", WRONG, check_duplicate_request),
    Check("invoice-data-missing", WRONG, check_invoice_data_missing, ("partners",)),
    Check("tax-id-invalid", WRONG, check_tax_id_invalid, ("partners",)),
    Check("tax-code-missing", WRONG, check_tax_code_missing, ("products",)),
    Check("tax-rate-missing", WRONG, check_tax_rate_missing, ("products",)),
    Check("over-billable", WRONG, check_over_billable, SHIPPING),
    Check("under-billable", WRONG, check_under_billable, SHIPPING),
    Check("nothing-billable", WRONG, check_nothing_billable, SHIPPING),
    Check("too-many-lines", WRONG, check_too_many_lines),
    Check("text-too-long", WRONG, check_text_too_long),
    Check("cleaned-value", INFO, check_cleaned_value),
)
"""Everything that is checked of invoice requests, in the order in which it is told."""


def judge(given: Given) -> tuple[list[Findings], dict[str, tuple[str, ...]]]:
    """Return the findings of every check, and the checks that did not run with the tables they lacked.

    Nothing is found of a request that is issued: there is nothing left to do about it.
    """
    not_run = {one.code: tuple(kind for kind in one.needs if kind not in given.tables) for one in CHECKS}
    not_run = {code: missing for code, missing in not_run.items() if missing}
    issued = given.requests["issued"].to_numpy(bool)
    batches = [_without(one.check(given), issued) for one in CHECKS if one.code not in not_run]
    return [batch for batch in batches if len(batch)], not_run


def _without(batch: Findings, issued: Bools) -> Findings:
    """Return the findings on other requests than these."""
    kept = ~np.append(issued, [False])[batch.at]
    args = {name: np.asarray(values)[kept] for name, values in batch.args.items()}
    return replace(batch, at=batch.at[kept], effect=batch.effect[kept], args=args)
