"""The rows of a text table (.csv): which encoding, which separator, which cells."""

from __future__ import annotations

import csv
import io
import re
from collections import Counter
from itertools import chain, zip_longest
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.compute as pc

from workbooks.errors import UnreadableFileError
from workbooks.reading.cells_xlsx import check_extent
from workbooks.schema import Limits

if TYPE_CHECKING:
    from collections.abc import Iterable

SEPARATORS = ",;\t|"
SNIFFED_CHARACTERS = 65_536
SNIFFED_ROWS = 100
MAX_CONTROL_SHARE = 0.01

_CONTROLS = bytes(set(range(1, 32)) - set(b"\t\n\f\r\x1a"))
_OTHER_FORMAT = re.compile(rb"%PDF-|\s*<(?:!doctype|html|\?xml|table|head|meta)\b", re.IGNORECASE)
_UTF16 = (b"\xff\xfe", b"\xfe\xff")
_END = "\x00end"


def read_csv(content: bytes, limits: Limits) -> list[Any]:
    """Return the columns of a text table, each an Arrow string array; null = empty.

    Row i is the file's record i, blank lines included; short rows are filled with nulls. A first line `sep=;` names
    the separator and is no row, as in Excel. Raises UnreadableFileError.
    """
    text = _decoded(content)
    separator, text = _separator(text)
    try:
        # A quote that is never closed swallows every later row: the last record is then not the mark put behind.
        rows = list(csv.reader(chain(io.StringIO(text, newline=""), [_END]), delimiter=separator))
    except csv.Error as error:
        raise UnreadableFileError(reason="damaged", detail=str(error)) from error
    if rows.pop() != [_END]:
        raise UnreadableFileError(reason="damaged", detail="a quotation mark is opened and never closed")
    check_extent(len(rows), max(map(len, rows), default=0), limits)
    columns = (pa.array(column, pa.string()) for column in zip_longest(*rows))
    return [pc.if_else(pc.equal(column, ""), None, column) for column in columns]


def _decoded(content: bytes) -> str:
    if _OTHER_FORMAT.match(content):
        raise UnreadableFileError(reason="not-a-workbook", detail="a page or a document, not a text table")
    sample = content[:SNIFFED_CHARACTERS]
    controls = len(sample) - len(sample.translate(None, _CONTROLS))
    if controls > MAX_CONTROL_SHARE * len(sample) and not content.startswith(_UTF16):
        raise UnreadableFileError(reason="not-a-workbook", detail="binary data, not a text table")
    text = _text(content)
    if "\0" in text:
        raise UnreadableFileError(reason="damaged", detail="the text holds NUL characters")
    if not text.strip():
        raise UnreadableFileError(reason="empty")
    return text


def _text(content: bytes) -> str:
    if content.startswith(_UTF16):
        encodings = ["utf-16"]
    elif content.startswith(b"\xef\xbb\xbf"):
        encodings = ["utf-8-sig"]
    else:
        encodings = ["utf-8", "gb18030"]
    for encoding in encodings:
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise UnreadableFileError(reason="damaged", detail=f"not {' nor '.join(encodings)} text")


def _separator(text: str) -> tuple[str, str]:
    """Return the separator and the text without a `sep=` line."""
    first, _, rest = text.partition("\n")
    if named := re.fullmatch(r'"?sep=([^"\w\s]|\t)"?\r?', first, re.IGNORECASE):
        return named[1], rest
    head = text[:SNIFFED_CHARACTERS]
    lines = io.StringIO(head if len(head) == len(text) else head.rpartition("\n")[0] or head, newline="").readlines()
    return max(SEPARATORS, key=lambda separator: _agreement(lines, separator)), text


def _agreement(lines: Iterable[str], separator: str) -> float:
    """Return how well a separator explains the first rows: their commonest width, by the share of rows that have it."""
    widths: list[int] = []
    try:
        for row in csv.reader(lines, delimiter=separator):
            widths += [len(row)] if row else []
            if len(widths) == SNIFFED_ROWS:
                break
    except csv.Error:
        return 0.0
    width, rows = max(Counter(widths).items(), key=lambda item: (item[1], item[0]), default=(1, 1))
    return (width - 1) * rows / max(len(widths), 1)
