"""Text as a cell can hold it, and as the shared strings part spells it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from workbooks.labels import labels

if TYPE_CHECKING:
    import pandas as pd

MAX_CHARACTERS = 32_767  # Excel keeps no more of a cell, counted in UTF-16 units
LONGEST_HEADING = 80  # a page's header holds 255 with its codes

# What a reader would take for an escape (found also where two share an underscore), and what XML cannot hold.
_ESCAPE_LIKE = re.compile("_(?=x[0-9A-Fa-f]{4}_)")
_CONTROL = re.compile("[\x00-\x08\x0b-\x1f\ufffe\uffff]")
_SURROGATE = re.compile("[\ud800-\udfff]")
_ODD = "[\x00-\x08\x0b-\x1f\ufffe\uffff]|_x[0-9A-Fa-f]{4}_"


def joined(*parts: str | pa.Scalar | pa.Array, between: str | pa.Array = "") -> pa.Array:
    """Return the parts of each row one after the other, with `between` between them; null where one of these is."""
    texts = [pa.scalar(part, pa.large_string()) if isinstance(part, str) else part for part in (*parts, between)]
    return pc.binary_join_element_wise(*texts)


def in_memory(array: pa.Array) -> memoryview:
    """Return the text of an array, one after the other, as it lies in memory."""
    offsets = np.frombuffer(array.buffers()[1], np.int64)[array.offset : array.offset + len(array) + 1]
    return memoryview(array.buffers()[2])[offsets[0] : offsets[-1]]


def plain(text: str) -> str:
    """Return text that a cell can hold: lone surrogates replaced, and cut with a mark where Excel would refuse it."""
    text = _SURROGATE.sub("\ufffd", text)
    if len(text) > MAX_CHARACTERS // 2 and len(text.encode("utf-16-le")) > 2 * MAX_CHARACTERS:
        mark = labels().overview["cut"]
        text = text.encode("utf-16-le")[: 2 * (MAX_CHARACTERS - len(mark))].decode("utf-16-le", "ignore") + mark
    return text


def heading(text: str) -> str:
    """Return text as a line above a page: what can be seen of it, and as much as there is room for."""
    return "".join(sign for sign in " ".join(text.split()) if sign.isprintable())[:LONGEST_HEADING]


def text_array(values: pd.Series) -> pa.Array:
    """Return text as large_string, null where None or NaN; lone surrogates, which Arrow cannot hold, replaced."""
    try:
        array = pa.array(values, pa.large_string(), from_pandas=True)
        return array.combine_chunks() if isinstance(array, pa.ChunkedArray) else array
    except (UnicodeEncodeError, pa.ArrowException):
        return pa.array(
            [
                None if empty else _SURROGATE.sub("\ufffd", str(value))
                for value, empty in zip(values, values.isna(), strict=True)
            ],
            pa.large_string(),
        )


def _escaped(text: str) -> str:
    text = _ESCAPE_LIKE.sub("_x005F_", plain(text))
    return _CONTROL.sub(lambda found: f"_x{ord(found[0]):04X}_", text)


def string_items(unique: pa.Array) -> pa.Array:
    """Return the `<si>` element of each distinct string."""
    odd = pc.or_(pc.match_substring_regex(unique, _ODD), pc.greater(pc.utf8_length(unique), MAX_CHARACTERS // 2))
    if pc.any(odd).as_py():
        mended = [_escaped(text) for text in unique.filter(odd).to_pylist()]
        unique = pc.replace_with_mask(unique, odd, pa.array(mended, pa.large_string()))
    for plain_form, escape in (("&", "&amp;"), ("<", "&lt;"), (">", "&gt;")):
        unique = pc.replace_substring(unique, plain_form, escape)
    spaced = pc.match_substring_regex(unique, r"^\s|\s$")
    space = pc.if_else(spaced, ' xml:space="preserve">', ">").cast(pa.large_string())
    return joined("<si><t", space, unique, "</t></si>")
