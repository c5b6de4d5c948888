"""Number formats as Excel writes them, and the words for where a text stands in its cell."""

from __future__ import annotations

from xlwings.utils import hex_to_rgb

from xl_addin.calc.engine.structs import Uno, struct

DATE_OR_TIME, TEXT, TRUTH = 2 | 4, 256, 1024  # of NumberFormat
_GENERAL = "General"
_BY_LANGUAGE = 10_000  # keys of one language
HORIZONTAL = {
    "general": "STANDARD", "left": "LEFT", "center": "CENTER", "right": "RIGHT", "justify": "BLOCK", "fill": "REPEAT",
    "center_across_selection": "CENTER", "distributed": "BLOCK",
}  # fmt: skip
VERTICAL = {"top": 1, "center": 2, "bottom": 3, "justify": 4, "distributed": 4}
_UNSET = -1  # a colour that is none

_HORIZONTAL_WORDS = {word: name for name, word in reversed(HORIZONTAL.items())}
_VERTICAL_WORDS = {number: name for name, number in reversed(VERTICAL.items())} | {0: "bottom"}


def horizontal_word(found: Uno) -> str | None:
    """Return xlwings' word for a HoriJustify; None where the cells differ."""
    return None if found is None else _HORIZONTAL_WORDS[found.value]


def vertical_word(found: int | None) -> str | None:
    """Return xlwings' word for a VertJustify; None where the cells differ."""
    return None if found is None else _VERTICAL_WORDS[found]


class NumberFormats:
    """The number formats of a document: their codes are Excel's, whatever language the document is in."""

    def __init__(self, document: Uno) -> None:
        """Take a document."""
        self._formats = document.NumberFormats
        self._english = struct("lang.Locale", Language="en", Country="US")
        self._own = struct("lang.Locale")
        self._keys: dict[str, int] = {}
        self._codes: dict[int, str] = {}
        self._types: dict[int, int] = {}

    def key(self, code: str) -> int:
        """Return the key of a format, made where there is none."""
        if code == _GENERAL:  # in another language it is another word
            return 0
        if code not in self._keys:
            # in the document's own language: an English one would go into the file as [$-409]
            self._keys[code] = self._formats.addNewConverted(code, self._english, self._own)
        return self._keys[code]

    def code(self, key: int) -> str:
        """Return a format as Excel writes it."""
        if key % _BY_LANGUAGE == 0:
            return _GENERAL
        if key not in self._codes:
            found = self._formats.getByKey(key)
            code, locale = found.FormatString, found.Locale
            if locale.Language not in {"", "en"}:
                code = self._formats.getByKey(self._formats.addNewConverted(code, locale, self._english)).FormatString
            self._codes[key] = _excels(code)
        return self._codes[key]

    def shows(self, key: int) -> int:
        """Return what kinds of value a format shows: bits of DATE_OR_TIME, TEXT, TRUTH among others."""
        if key not in self._types:
            self._types[key] = self._formats.getByKey(key).Type
        return self._types[key]


def _excels(code: str) -> str:
    """Return a format with the letters of dates as Excel has them: Calc writes YYYY-MM-DD."""
    parts = code.split('"')  # what stands between quotation marks is text
    for place in range(0, len(parts), 2):
        if not {"0", "#", "[", "E", "@"} & set(parts[place]):
            parts[place] = parts[place].lower().replace("am/pm", "AM/PM")
    return '"'.join(parts)


def colour_number(colour: str | int | tuple[int, int, int] | None) -> int:
    """Return a colour as Calc counts it, red first; None is none."""
    if colour is None:
        return _UNSET
    if isinstance(colour, int):  # as Excel counts it: blue first
        return ((colour & 255) << 16) | (colour & 0xFF00) | (colour >> 16 & 255)
    red, green, blue = hex_to_rgb(colour) if isinstance(colour, str) else colour
    return int((red << 16) | (green << 8) | blue)


def colour_parts(number: int | None) -> tuple[int, int, int] | None:
    """Return a colour as red, green, blue; None where there is none, or several."""
    return None if number is None or number < 0 else (number >> 16 & 255, number >> 8 & 255, number & 255)
