"""Cell addresses as Excel writes them."""

from __future__ import annotations

from functools import cache


@cache
def column_letters(index: int) -> str:
    """Return Excel's letters of a column counted from 0: 0 is A, 26 is AA."""
    letters = ""
    index += 1
    while index:
        index, rest = divmod(index - 1, 26)
        letters = chr(ord("A") + rest) + letters
    return letters


@cache
def column_index(letters: str) -> int:
    """Return a column's place counted from 0 by Excel's letters, in either case. Raises ValueError for others."""
    if not (letters.isascii() and letters.isalpha() and len(letters) <= 3):
        raise ValueError(letters)
    index = 0
    for letter in letters.upper():
        index = index * 26 + ord(letter) - ord("A") + 1
    return index - 1
