"""Who asks an invoice for what: the buyer of each request, and the billable lines that it has.

How the open points of the contract were read is in docs/readings.md.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import pandas as pd

from udfs.findings import HOLD, RETURN, Bools, Ints, Values
from udfs.lookup import code_key, find, is_word, name_key, word_key
from udfs.money import fen
from udfs.order_lines import texts
from udfs.tax_ids import is_tax_id
from workbooks.labels import labels
from workbooks.schema import INVOICE_LENGTHS

SPECIAL = ("invoice_title", "tax_id", "address", "phone", "bank", "bank_account")
"""What a special VAT invoice must name of its buyer."""

LONGEST = {name: INVOICE_LENGTHS[name] for name in ("address", "phone", "bank", "bank_account", "remark", "email")}
"""The most characters that the tax bureau's form takes of what a request says beside title and tax number."""
LONGEST_PERSON = 4  # characters of a person's name

Objects = npt.NDArray[np.object_]


def add_buyers(requests: pd.DataFrame, partners: pd.DataFrame | None) -> pd.DataFrame:
    """Return the requests with who is billed: what a request says itself goes before its partner's data.

    Adds: partner (row of the partner table, -1 unknown), partner_name, email, kind ("special", "ordinary", "" for
    neither), kind_text (as written), issued (the clerk says so), and the columns of SPECIAL filled; a blank is "".
    """
    row = np.full(len(requests), -1, dtype=np.int64)
    if partners is not None:
        row = find(requests["partner_code"], partners["partner_code"])

    def of_partner(name: str) -> Objects:
        return texts(partners, name, row) if partners is not None else np.full(len(requests), "", dtype=object)

    filled = {}
    for name in (*SPECIAL, "invoice_type"):
        own = requests[name].fillna("").to_numpy(object)
        filled[name] = np.where(own == "", of_partner(name), own)
    kind_text = filled.pop("invoice_type")
    words = labels().words["invoice_type"]
    kinds = [next((kind for kind, known in words.items() if is_word(text, known)), "") for text in kind_text]
    return requests.assign(
        **filled,
        partner=row,
        partner_name=of_partner("partner_name"),
        email=of_partner("email"),
        kind=np.array(kinds, dtype=object),
        kind_text=kind_text,
        issued=is_issued(requests["remark"]),
    )


def is_issued(remarks: pd.Series) -> Bools:
    """Tell which requests have had their invoice already: those whose remark begins with a word that says so."""
    begins = tuple(word_key(word) for word in labels().words["invoice_issued"])
    return np.array([isinstance(text, str) and word_key(text).startswith(begins) for text in remarks], dtype=bool)


def turns(requests: pd.DataFrame) -> list[int]:
    """Return the places of the requests in the order in which they get their lines: what is issued first."""
    issued = requests["issued"].to_numpy(bool)
    places: list[int] = np.argsort(~issued, kind="stable").tolist()
    return places


def is_company(title: str) -> bool:
    """Tell whether an invoice's title is an organisation's: anything that is not plainly a person's name.

    A person's title ends with the word for one, or is a name of up to four characters (longer with the dot of a
    foreign name in it) without a word that only companies and shops have.
    """
    words, name = labels().words["buyer"], name_key(title)
    if name.endswith(tuple(words["person"])):
        return False
    if any(word in name for word in words["company"]):
        return True
    return len(name) > LONGEST_PERSON and not any(sign in name for sign in words["name_dots"])


def missing_data(buyers: pd.DataFrame) -> list[list[str]]:
    """Return per buyer the names of the columns that its invoice lacks or cannot carry.

    buyers: see add_buyers. `invoice_type` stands for a kind that is blank or not understood.
    """
    columns = {name: buyers[name].to_list() for name in (*SPECIAL, "kind")}
    missing = []
    for at, kind in enumerate(columns["kind"]):
        title = columns["invoice_title"][at]
        needed: tuple[str, ...] = SPECIAL
        if kind != "special":
            needed = ("invoice_title", "tax_id") if title and is_company(title) else ("invoice_title",)
        lacks = [name for name in needed if not columns[name][at]]
        if len(title) > INVOICE_LENGTHS["title"]:
            lacks.insert(0, "invoice_title")
        missing.append(([] if kind else ["invoice_type"]) + lacks)
    return missing


def wrong_tax_id(buyers: pd.DataFrame) -> Bools:
    """Tell whose tax number is none; a blank one is not wrong."""
    numbers = buyers["tax_id"].to_list()
    return np.array([bool(number) for number in numbers], dtype=bool) & ~is_tax_id(numbers)


def match(requests: pd.DataFrame, lines: pd.DataFrame, billed: pd.DataFrame) -> tuple[pd.DataFrame, Ints]:
    """Return the requests with what is billed under each, and the place of each billable line's request (-1: none).

    A request covers the lines of its partner, and of its order where it names one. A line belongs to the first request
    in source order that covers it, billable or not; those that are issued come before all others. Adds: has (billable
    lines), amount, tax, net (fen), asked (fen; all that it has, where the request says nothing), says_amount, taken
    (fen of what it covers but an earlier one has), earlier (place of the first request that left it nothing, -1), held,
    returned, short (covered lines of which not all is billable, by why) and covered (lines).
    """
    size = len(requests)
    covers = _covers(requests, lines)
    owner = np.full(len(lines), -1, dtype=np.int64)
    for at in reversed(turns(requests)):
        owner[covers[at]] = at
    of_line = owner[billed["at"].to_numpy()] if len(billed) else np.empty(0, dtype=np.int64)
    mine = of_line >= 0
    sums = {name: np.zeros(size, dtype=np.int64) for name in ("has", "amount", "tax", "net")}
    np.add.at(sums["has"], of_line[mine], 1)
    for name in ("amount", "tax", "net"):
        np.add.at(sums[name], of_line[mine], billed[name].to_numpy()[mine])
    worth = np.zeros(len(lines), dtype=np.int64)
    worth[billed["at"].to_numpy()] = billed["amount"].to_numpy()
    can = np.zeros(len(lines), dtype=bool)
    can[billed["at"].to_numpy()] = True
    effect = lines["effect"].to_numpy()
    first: dict[tuple[str, str], int] = {}
    counts = {name: np.zeros(size, dtype=np.int64) for name in ("held", "returned", "short", "covered", "taken")}
    earlier = np.full(size, -1, dtype=np.int64)
    wanted = _keys(requests)
    for at in turns(requests):
        covered = covers[at]
        others = covered[owner[covered] != at]
        before = first.setdefault(wanted[at], at)
        if before != at:
            earlier[at] = before
        elif len(covered) and len(others) == len(covered):
            earlier[at] = owner[others].min()
        waits = covered[~can[covered]]
        counts["covered"][at], counts["taken"][at] = len(covered), worth[others].sum()
        counts["held"][at] = (effect[waits] == HOLD).sum()
        counts["returned"][at] = (effect[waits] == RETURN).sum()
        parted = can[covered] & (owner[covered] == at) & (lines["short"].to_numpy()[covered] > 0)
        counts["short"][at] = len(waits) - counts["held"][at] - counts["returned"][at] + parted.sum()
    said = requests["amount"].notna().to_numpy()
    asked = np.where(said, fen([(requests["amount"].to_numpy(float),)]), sums["amount"])
    return requests.assign(**sums, **counts, asked=asked, says_amount=said, earlier=earlier), of_line


def _keys(requests: pd.DataFrame) -> list[tuple[str, str]]:
    """Return each request's partner and order as they are compared; "" for no order."""
    return [
        (code_key(partner), code_key(order) if isinstance(order, str) else "")
        for partner, order in zip(requests["partner_code"], requests["order_no"], strict=True)
    ]


def _covers(requests: pd.DataFrame, lines: pd.DataFrame) -> Sequence[Ints]:
    """Return the places of the lines that each request covers."""
    wanted = _keys(requests)
    partners = {partner for partner, _ in wanted}
    of_partner: defaultdict[tuple[str, str], list[int]] = defaultdict(list)
    # a partner's code repeats from line to line: what it is compared by is worked out once
    compared = {code: code_key(code) for code in lines["partner_code"].unique().tolist()}
    codes = lines["partner_code"].map(compared)
    places = np.flatnonzero(codes.isin(partners).to_numpy())
    orders = lines["order_no"].iloc[places].to_list()
    for place, partner, order in zip(places.tolist(), codes.iloc[places].to_list(), orders, strict=True):
        of_partner[partner, ""].append(place)
        of_partner[partner, code_key(order)].append(place)
    return [np.array(of_partner.get(key, ()), dtype=np.int64) for key in wanted]


def order_owners(requests: pd.DataFrame, lines: pd.DataFrame) -> Values:
    """Return per request the partner whose order it names, "" where the day has no such order."""
    wanted = [order for _, order in _keys(requests)]
    places = find(pd.Series(wanted, dtype="str"), lines["order_no"]) if wanted else np.empty(0, dtype=np.int64)
    return np.append(lines["partner_code"].to_numpy(object), "")[places]
