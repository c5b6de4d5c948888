"""Is a text a tax number that an invoice may carry? (domain.md §6, OD_TAX_ID).

Since 2015 an organisation's tax number is its unified social credit code (GB 32100-2015): 18 characters, the last a
check character. What was given out before is still met, and has no check of its own except in 18 places:

- 15: six digits of the place (GB/T 2260) and the organisation's code of nine digits or letters
- 17, 20: a person's identity number of 15 or 18 places and two more digits
- 18: a person's identity number (GB 11643), with its check character

A place begins with a province's number: so a credit code that lost its last characters is no old number.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from operator import mul

import numpy as np

from udfs.findings import Bools
from udfs.lookup import word_key

_SIGNS = "0123456789ABCDEFGHJKLMNPQRTUWXY"  # GB 32100-2015: without I O S V Z, which look like digits
_VALUE = {sign: place for place, sign in enumerate(_SIGNS)}
_WEIGHTS = tuple(pow(3, place, 31) for place in range(17))
_CREDIT_CODE = re.compile(rf"[1-9ANY][{_SIGNS}]\d{{6}}[{_SIGNS}]{{10}}")

_PROVINCE = "(?:1[1-5]|2[1-3]|3[1-7]|4[1-6]|5[0-4]|6[1-5]|71|8[12])"
_OLD = re.compile(rf"{_PROVINCE}(?:\d{{4}}[0-9A-Z]{{9}}|\d{{15}}|\d{{15}}[0-9X]\d\d)")
_PERSON = re.compile(rf"{_PROVINCE}\d{{15}}[0-9X]")
_PERSON_WEIGHTS = tuple(pow(2, 17 - place, 11) for place in range(17))
_PERSON_SIGNS = "10X98765432"


def is_tax_id(texts: Sequence[str]) -> Bools:
    """Tell which texts are tax numbers of a shape that was ever given out, with the right check character.

    Case, spaces and full width do not matter. Source: GB 32100-2015, GB 11643-1999, the tax offices' registration
    numbers before 2015.
    """
    return np.array([_is_one(word_key(text)) for text in texts], dtype=bool)


def _is_one(text: str) -> bool:
    if len(text) != 18:
        return _OLD.fullmatch(text) is not None
    if _CREDIT_CODE.fullmatch(text) and credit_code_check(text) == text[17]:
        return True
    return _PERSON.fullmatch(text) is not None and _person_check(text) == text[17]


def credit_code_check(code: str) -> str:
    """Return the check character that the first 17 characters of a unified social credit code ask for."""
    total = sum(map(mul, map(_VALUE.__getitem__, code[:17]), _WEIGHTS))
    return _SIGNS[-total % 31]


def _person_check(number: str) -> str:
    total = sum(map(mul, map(int, number[:17]), _PERSON_WEIGHTS))
    return _PERSON_SIGNS[total % 11]
