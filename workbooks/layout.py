"""How every output sheet looks: columns in order, number formats, widths, colours. No writer's objects in here.

Shared by the file writer (workbooks.writing.book) and the live one, so that a sheet looks the same behind both doors.
Names and headings come from labels.toml, [sheets.*]; domain.md §5.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType
from typing import TYPE_CHECKING

from workbooks.column_looks import COLUMNS
from workbooks.labels import labels, raw

if TYPE_CHECKING:
    from collections.abc import Mapping


class Look(StrEnum):
    """How the cells of a column are shown."""

    TEXT = "text"
    CODE = "code"  # text format, so that Excel keeps 00123 when the cell is edited
    QUANTITY = "quantity"
    MONEY = "money"  # CNY
    PRICE = "price"  # CNY per unit
    RATE = "rate"  # 0-1, shown 0.85 as the clerks write it
    COUNT = "count"
    DATE = "date"
    DECISION = "decision"  # a key of labels.decisions, shown as its word on its colour
    EFFECT = "effect"  # a key of labels.effects, the same
    LINK = "link"  # a row number with a hyperlink to the source
    SENTENCE = "sentence"  # wrapped text


NUMBER_FORMATS: Mapping[Look, str] = MappingProxyType(
    {
        Look.TEXT: "General",
        Look.CODE: "@",
        Look.QUANTITY: "#,##0",
        Look.MONEY: "#,##0.00",
        Look.PRICE: "#,##0.00##",
        Look.RATE: "0.00##",
        Look.COUNT: "#,##0",
        Look.DATE: "yyyy-mm-dd",
        Look.DECISION: "General",
        Look.EFFECT: "General",
        Look.LINK: "0",
        Look.SENTENCE: "General",
    },
)
FRACTION_FORMAT = "#,##0.0##"
"""For a QUANTITY that is not whole: `#,##0.###` would show 5 as `5.`."""

NUMBERS = frozenset({Look.QUANTITY, Look.MONEY, Look.PRICE, Look.RATE, Look.COUNT, Look.LINK})
BADGES = frozenset({Look.DECISION, Look.EFFECT})
CENTRED = frozenset({Look.DATE, Look.DECISION, Look.EFFECT, Look.LINK})


@dataclass(frozen=True)
class Colour:
    """One tone: fill of the coloured cell, tint of its row (None: white), ink of the word, strong for charts."""

    fill: str
    tint: str | None
    ink: str
    strong: str


PALETTE: Mapping[str, Colour] = MappingProxyType(
    {
        "pass": Colour("#DDF2E8", None, "#0B5A41", "#2E9E7B"),
        "transfer": Colour("#D9E7F7", "#F4F8FD", "#17457A", "#3B78B8"),
        "hold": Colour("#FDEDC4", "#FFFBF0", "#714B00", "#E9A820"),
        "return": Colour("#F8D6D2", "#FDF3F2", "#8A1C14", "#B5382C"),
        "info": Colour("#E7EAEE", None, "#465160", "#8793A1"),
    },
)
"""Green, blue, amber, red, grey. The strong ones differ in lightness too, for colour-blind eyes and grey print."""

HEADING_FILL, HEADING_LINE, HEADING_INK = "#22405F", "#4A6580", "#FFFFFF"
RULE_LINE = "#DFE3E8"  # the hair line under every row
INPUT_FILL = "#FFF8D6"  # cells that people are to fill in
TOTAL_FILL = "#EEF1F5"
LINK_INK = "#1F5FA8"
TEXT_INK = "#1F2933"
FONT = labels().overview["font"]
FONT_SIZE = 10
ROW_POINTS = 16.5  # height of a row of one line; each further line of a sentence adds LINE_POINTS
LINE_POINTS = 14.5


@dataclass(frozen=True)
class Column:
    """One column: canonical name, heading, look, width in characters; words: key in the frame -> word shown."""

    name: str
    heading: str
    look: Look
    width: float
    words: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Layout:
    """One output sheet.

    tone: the column whose value colours its cell and tints its row (a quantity does where above zero).
    freeze: how many left columns stay in view.
    inputs: the columns that people fill in: unlocked, and marked.
    choices: column -> the words of its drop-down, for columns that people fill in.
    notes: column -> what its heading's note says. grey: not to be written in at all.
    total_row: the last row sums the others: bold, and outside the filter.
    landscape: how it prints (A4, one page wide).
    """

    key: str
    name: str
    columns: tuple[Column, ...]
    tone: str | None = None
    freeze: int = 0
    inputs: frozenset[str] = frozenset()
    choices: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    total_row: bool = False
    landscape: bool = True
    notes: Mapping[str, str] = field(default_factory=dict)
    grey: bool = False

    def column(self, name: str) -> Column:
        """Return the column of that name; KeyError where there is none."""
        for column in self.columns:
            if column.name == name:
                return column
        raise KeyError(name)


def _tones() -> dict[str, str]:
    """Map every value that has a colour, as key and as the word shown, to its entry of the palette."""
    words = labels().words
    tones = {"PASS": "pass", "FAIL": "return"}
    for shown in (labels().effects, labels().decisions):
        tones |= {key: key for key in shown} | {word: key for key, word in shown.items()}
    by_key = {
        "confirmation": {"paid": "pass", "unpaid": "hold", "indebted": "return", "absent": "hold"},
        "return_status": {"confirmed": "return", "waiting": "hold"},
        "age": {"fresh": "pass", "waiting": "hold", "late": "return", "undated": "info"},
        "severity": {"wrong": "hold", "info": "info", "not_run": "return"},
        "release_outcome": {"released": "pass", "refused": "return", "not_counted": "hold", "unused": "info"},
        "transfer_status": {
            "new": "transfer",
            "short": "transfer",
            "held": "hold",
            "returned": "return",
            "covered": "pass",
            "withdrawn": "info",
        },
        "invoice_state": {
            "in_form": "pass",
            "partly": "transfer",
            "issued": "info",
            "held_back": "hold",
            "omitted": "info",
            "not_asked": "info",
        },
        "change": {
            "changed": "transfer",
            "same": "info",
            "added": "pass",
            "withdrawn": "hold",
            "passed_before": "return",
            "moved_before": "return",
        },
    }
    for section, tone_of in by_key.items():
        tones |= tone_of | {words[section][key]: tone for key, tone in tone_of.items()}
    return tones


TONES: Mapping[str, str] = MappingProxyType(_tones())
"""Value of a tone column -> entry of PALETTE; a value that is not in it has no colour."""


def _looks() -> dict[str, tuple[Look, float]]:
    found = (word.replace("/", ":").split(":") for word in COLUMNS.split())
    return {name: (Look(look), float(width)) for name, look, width in found}


_INPUTS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "funds": ("confirmation",),
        "transfers": ("tracker_remark",),
        "pending": ("verdict", "approver", "role", "approved_on", "reason"),
        "sent_back": tuple(labels().kinds["orders"].headings),
    }
)
"""The columns of a sheet that people fill in."""


def _words(look: Look, key: str, name: str) -> Mapping[str, str]:
    """Return the words shown instead of the keys of such a column of a sheet."""
    if look in BADGES:
        return labels().decisions if look is Look.DECISION else labels().effects
    values = labels().words
    keyed: dict[str, Mapping[str, str]] = {
        "judgement": values["confirmation"],
        "confirmation": values["confirmation"],
        "reason": values["confirmation"],
        "status": values["return_status"],
        "band": values["age"],
        "severity": values["severity"],
        "outcome": values["release_outcome"],
        "transfers.status": values["transfer_status"],
        "pending.verdict": values["verdict"],
        "approvals.verdict": values["verdict"],
        "state": values["invoice_state"],
        "invoice_kind": values["invoice_kind"],
        "change": values["change"],
    }
    return keyed.get(f"{key}.{name}") or keyed.get(name, {})


def _layout(key: str, tone: str | None, freeze: int, *, total_row: bool = False) -> Layout:
    sheet = labels().sheets[key]
    columns, known = [], _looks()
    for name, heading in sheet.headings.items():
        look, width = known.get(f"{key}.{name}") or known[name]
        columns.append(Column(name, heading, look, width, _words(look, key, name)))
    said, inputs = labels().words, frozenset(_INPUTS.get(key, ()))
    lists = {"confirmation": ("paid", "unpaid", "indebted"), "verdict": ("release", "refuse")}
    choices = {name: tuple(said[name][word] for word in lists[name]) for name in lists if name in inputs}
    notes, grey = raw()["notes"].get(key, {}), key == "as_sent"
    return Layout(key, sheet.name, tuple(columns), tone, freeze, inputs, choices, total_row, notes=notes, grey=grey)


def _by_key(*layouts: Layout) -> Mapping[str, Layout]:
    return MappingProxyType({layout.key: layout for layout in layouts})


LAYOUTS: Mapping[str, Layout] = _by_key(
    _layout("lines", "decision", 2),
    _layout("findings", "effect", 1),
    _layout("stock", "short", 2),
    _layout("transfers", "status", 0),
    _layout("funds", "judgement", 0),
    _layout("returns", "status", 0),
    _layout("problems", None, 1),
    _layout("control", "verdict", 2, total_row=True),
    _layout("pending", None, 2),
    _layout("approvals", "outcome", 0),
    _layout("resubmitted", "change", 2),
)
"""The result workbook's sheets after the overview, in their order (domain.md §5)."""

PACKAGING_LAYOUTS: Mapping[str, Layout] = _by_key(
    _layout("packaging", "band", 2, total_row=True),
    _layout("packaging_regions", "band", 1, total_row=True),
    _layout("packaging_applicants", "band", 1, total_row=True),
    _layout("packaging_open", "band", 1, total_row=True),
    _layout("packaging_lines", "band", 1),
    _layout("packaging_findings", "severity", 1),
    _layout("packaging_base", "band", 1, total_row=True),
)
"""The packaging workbook's sheets in their order; the last is one sheet per production site, under the site's name."""

INVOICE_LAYOUTS: Mapping[str, Layout] = _by_key(
    _layout("invoices", "state", 2, total_row=True),
    _layout("invoice_requests", "state", 1, total_row=True),
    _layout("invoice_lines", "state", 1, total_row=True),
    _layout("invoice_unasked", None, 2, total_row=True),
    _layout("invoice_findings", "severity", 1),
)
"""The invoice workbook's sheets in their order (domain.md §5)."""

RETURN_LAYOUTS: Mapping[str, Layout] = _by_key(
    _layout("sent_back", "decision", 2),
    _layout("moved", None, 2),
    _layout("unread", None, 1),
    _layout("as_sent", None, 2),
)
"""The sheets of a region's workbook that goes back to it; the approvals that it waits for stand after the first."""
