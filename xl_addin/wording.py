"""What stands in the way, in a sentence; and texts that Excel's message box shows whole."""

from __future__ import annotations

import re
from contextlib import suppress
from itertools import accumulate

from workbooks.errors import WorkbookError
from workbooks.labels import Lang, labels
from workbooks.reading.problems import Problem, sentence

BOX = 1000  # bytes; Excel's message box cuts at 1024
_BOX_CODE_PAGE = "gbk"  # of the machines that show Chinese, where a character takes two bytes

# Escape sequences, what moves the cursor, what turns the direction of writing, and half characters.
_OBEYED = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff]")


def visible(text: str) -> str:
    r"""Return text of strangers with what a terminal would obey spelt out: `\u001b` for an escape."""
    return _OBEYED.sub(lambda found: f"\\u{ord(found[0]):04x}", text)


def told(error: WorkbookError, lang: Lang) -> str:
    """Return what stands in the way; a problem that it names is worded in the same language.

    Never raises, for the outermost doors say it: where the labels lack its sentence, its code and fields are told.
    """
    with suppress(KeyError):
        fields = {
            name: sentence(part, lang) if isinstance(part, Problem) else part for name, part in error.fields.items()
        }
        return labels(lang).message(error.code, **fields)
    return str(error)


def boxed(text: str, closing: str = "") -> str:
    """Return a text as the message box can hold it; of one that is too long the beginning, and the closing line."""
    if _size(text) <= BOX:
        return text
    end = f"\n{closing}" if closing else ""
    room = BOX - _size(end)
    return text[: sum(size <= room for size in accumulate(map(_size, text)))] + end


def _size(text: str) -> int:
    """Return how many bytes the message box needs; it shows a question mark for what its code page lacks."""
    return len(text.encode(_BOX_CODE_PAGE, "replace"))
