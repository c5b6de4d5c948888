"""Hyperlinks from a result row to the row it came from: relative file, sheet and cell."""

from __future__ import annotations

from urllib.parse import quote

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from workbooks.writing.cell_text import in_memory, joined

MAX_LINKS = 65_530  # per sheet: with more, Excel takes the file for damaged
MAX_TARGET = 2_000  # characters; XlsxWriter leaves a longer one out

# Escaped as Excel does it; everything else that can be seen stands as it is, Chinese too.
_ESCAPED = frozenset('% "#<>?[\\]^`{|}')
_NOT_IN_ATTRIBUTE = "[\x00-\x1f\ufffe\uffff]"  # XML holds no such sign, or makes a space of it
_IN_ATTRIBUTE = (("&", "&amp;"), ("<", "&lt;"), (">", "&gt;"), ('"', "&quot;"))


def escaped_target(path: str) -> str:
    """Return a relative path with slashes as a link target; a sign that ends, splits or disguises a URL is escaped."""
    return "".join(quote(sign) if sign in _ESCAPED or not sign.isprintable() else sign for sign in path)


def link_elements(letters: str, ids: pa.Array, sheets: pa.Array, rows: pa.Array, limit: int = MAX_LINKS) -> bytes:
    """Return the `<hyperlink>` elements of one column, one per cell as long as the limit allows.

    letters: the column. ids: relationship of the file per body row, null where there is no link. sheets: its sheet,
    null where the file has none to point into; one that no attribute can hold is not named. rows: the row there. The
    cells past the limit are linked in runs of the same file and sheet, each run to its first row.
    """
    places = np.flatnonzero(ids.is_valid().to_numpy(zero_copy_only=False))
    if not len(places):
        return b""
    starts = _run_starts(places, ids, sheets)
    if len(places) <= limit:
        starts[:] = True
    else:
        # Links needed where the first n cells have their own and the rest one per run: never falls as n grows.
        needed = np.arange(len(places)) + 1 + starts.sum() - np.cumsum(starts)
        own = max(int(np.searchsorted(needed, limit, side="right")) - 1, 0)
        starts[: own + 1] = True
    first = np.flatnonzero(starts)
    last = np.append(first[1:] - 1, len(places) - 1)
    return _elements(letters, places[first][:limit], places[last][:limit], (ids, sheets, rows))


def _run_starts(places: npt.NDArray[np.intp], ids: pa.Array, sheets: pa.Array) -> npt.NDArray[np.bool_]:
    """Tell for each linked row whether it stands apart from the row above, or its file or sheet differs."""
    file = pc.fill_null(ids.dictionary_encode().indices, -1).to_numpy(zero_copy_only=False)[places]
    sheet = pc.fill_null(sheets.dictionary_encode().indices, -1).to_numpy(zero_copy_only=False)[places]
    starts = np.ones(len(places), bool)
    starts[1:] = (np.diff(places) != 1) | (np.diff(file) != 0) | (np.diff(sheet) != 0)
    return starts


def _elements(
    letters: str,
    first: npt.NDArray[np.intp],
    last: npt.NDArray[np.intp],
    source: tuple[pa.Array, pa.Array, pa.Array],
) -> bytes:
    """Return one element per stretch of body rows `first` to `last`; body row 0 is the sheet's row 2."""
    ids, sheets, rows = (array.take(pa.array(first)) for array in source)
    encoded = sheets.dictionary_encode()
    escaped = encoded.dictionary
    start, end = (pa.array(places + 2).cast(pa.large_string()) for places in (first, last))
    longer = pc.if_else(pa.array(first == last), "", joined(f":{letters}", end))
    for sign, escape in (("'", "''"), *_IN_ATTRIBUTE):
        escaped = pc.replace_substring(escaped, sign, escape)
    nameless = pc.match_substring_regex(escaped, _NOT_IN_ATTRIBUTE)
    sheets = pc.if_else(nameless, pa.scalar(None, pa.large_string()), escaped).take(encoded.indices)
    row = pc.fill_null(rows, 1).cast(pa.int64()).cast(pa.large_string())
    location = pc.fill_null(joined(" location=\"'", sheets, "'!A", row, '"'), "")
    xml = joined(f'<hyperlink ref="{letters}', start, longer, '" r:id="', ids, '"', location, "/>")
    return bytes(in_memory(xml))
