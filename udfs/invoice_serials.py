"""The number that ties a request to its invoice in the tax bureau's form, whatever else is asked for."""

from __future__ import annotations

import unicodedata
from datetime import date
from hashlib import sha256

import numpy as np
import pandas as pd

from udfs.findings import Values
from udfs.lookup import code_key
from workbooks.schema import INVOICE_LENGTHS


def serials(requests: pd.DataFrame, day: date) -> Values:
    """Return each request's serial: of 1 to 20 letters and digits, no two alike, whatever their place in the list.

    requests: in source order (request_no, partner_code, order_no). A request's own number where it gives one and no
    other number gives the same; else the day and twelve digits from partner, order and number. A number used twice is
    the first request's: the second is a duplicate, and never in the form.
    """
    columns = ("partner_code", "order_no", "request_no")
    told = [
        tuple(code_key(text) if isinstance(text, str) else "" for text in row)
        for row in requests[list(columns)].itertuples(index=False, name=None)
    ]
    numbers: dict[str, set[str]] = {}
    own = [_own(number) for *_, number in told]
    for text, (*_, number) in zip(own, told, strict=True):
        numbers.setdefault(text, set()).add(number)
    found: Values = np.full(len(told), None, dtype=object)
    taken: set[str] = set()
    for at, text in enumerate(own):
        if text and len(numbers[text]) == 1 and text not in taken:
            found[at] = text
            taken.add(text)
    for at, row in enumerate(told):
        if found[at] is None:
            found[at] = _derived("\n".join(row), day, taken)
            taken.add(found[at])
    return found


def _own(number: str) -> str:
    """Return the letters and digits of a request's number, "" where they are none, too many or not the form's."""
    signs = [sign for sign in unicodedata.normalize("NFKC", number).upper() if sign.isalnum()]
    # without its Chinese part a number would be another request's
    return "".join(signs) if len(signs) <= INVOICE_LENGTHS["serial"] and all(sign.isascii() for sign in signs) else ""


def _derived(told: str, day: date, taken: set[str]) -> str:
    turn = 0
    while True:
        digest = int.from_bytes(sha256(f"{told}\n{turn}".encode()).digest())
        serial = f"{day:%Y%m%d}{digest % 10**12:012}"
        if serial not in taken:
            return serial
        turn += 1
