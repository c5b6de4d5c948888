"""The tables of the order department: kinds, columns, types, units, keys; and the settings a team may change.

Source: domain.md §1 (settings), §2 (kinds). Headings and aliases stand in labels.toml.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType


class Type(StrEnum):
    """How a cell of a column is read (workbooks.reading.values) and shown (workbooks.layout)."""

    TEXT = "text"
    CODE = "code"  # text; spaces go, compared in upper case
    NUMBER = "number"
    MONEY = "money"  # a number in CNY
    DISCOUNT = "discount"  # a rate 0-1; 8.5 and 85 are 0.85
    SHARE = "share"  # a rate 0-1; 13 is 0.13
    DATE = "date"
    LINE_TYPE = "line_type"  # paid or giveaway
    VERDICT = "verdict"  # release or refuse
    CONFIRMATION = "confirmation"  # paid, unpaid or indebted


@dataclass(frozen=True)
class Column:
    """One column: canonical name, type, whether a row must have it, and its unit for people.

    own: only our own results write it, to know again what was answered; no template asks for it.
    """

    name: str
    type: Type = Type.TEXT
    required: bool = False
    unit: str = ""
    own: bool = False


@dataclass(frozen=True)
class Kind:
    """One kind of table; key: the columns that may stand only once (empty: rows add up or are events)."""

    name: str
    columns: tuple[Column, ...]
    key: tuple[str, ...] = ()

    @property
    def required(self) -> tuple[str, ...]:
        """Return the names of the columns a sheet must have to be of this kind."""
        return tuple(column.name for column in self.columns if column.required)

    @property
    def asked(self) -> tuple[Column, ...]:
        """Return the columns that people fill in: all but those that only our own results write."""
        return tuple(column for column in self.columns if not column.own)

    def column(self, name: str) -> Column:
        """Return the column of that name; KeyError where there is none."""
        for column in self.columns:
            if column.name == name:
                return column
        raise KeyError(name)


def _columns(spec: str) -> tuple[Column, ...]:
    """Read 'name:type*' words: '*' marks a required column, '!' our own, no type means text; a unit follows '/'."""
    columns = []
    for word in spec.split():
        head, _, unit = word.partition("/")
        name, _, kind = head.rstrip("*!").partition(":")
        columns.append(Column(name, Type(kind or "text"), head.endswith("*"), unit, head.endswith("!")))
    return tuple(columns)


def _kind(name: str, spec: str, key: str = "") -> Kind:
    return Kind(name, _columns(spec), tuple(key.split()))


KINDS: dict[str, Kind] = {
    kind.name: kind
    for kind in (
        _kind(
            "orders",
            "region order_no:code* order_date:date partner_code:code* partner_name product_code:code* product_name "
            "unit quantity:number*/pieces unit_price:money/CNY-per-piece discount:discount amount:money/CNY "
            "line_type:line_type campaign:code remark clerk",
        ),
        _kind(
            "products",
            "product_code:code* product_name* category spec unit list_price:money*/CNY-per-piece "
            "carton_qty:number/pieces status replaced_by:code tax_code:code tax_rate:share "
            "valid_from:date valid_to:date",
        ),
        _kind(
            "partners",
            "partner_code:code* partner_name* region level* status contract_discount:discount "
            "credit_limit:money/CNY required_deposit:money/CNY clerk invoice_title tax_id:code address phone bank "
            "bank_account:code invoice_type email",
            key="partner_code",
        ),
        _kind(
            "policies",
            "campaign:code* campaign_name applies_to* levels start:date* end:date* min_discount:discount "
            "buy_qty:number/pieces free_qty:number/pieces gifts",
            key="campaign",
        ),
        _kind("approvals", "role* max_gap:share* max_amount:money/CNY"),
        _kind(
            "stock",
            "product_code:code* warehouse on_hand:number*/pieces allocated:number/pieces in_transit:number/pieces",
        ),
        _kind("supply", "product_code:code* eta:date* quantity:number*/pieces remark"),
        _kind(
            "finance",
            "partner_code:code* partner_name balance:money/CNY received:money/CNY debt:money/CNY "
            "overdue_days:number/days deposit:money/CNY as_of:date confirmation:confirmation",
            key="partner_code",
        ),
        _kind(
            "confirmations",
            "partner_code:code* order_no:code* confirmation:confirmation* as_of:date!",
            key="partner_code order_no",
        ),
        _kind(
            "packaging",
            "request_no:code* request_date:date applicant region partner_code:code material_code:code* material_name "
            "spec base quantity:number*/pieces approved:number/pieces shipped:number/pieces status remark",
        ),
        _kind(
            "releases",
            "order_no:code* product_code:code rule* verdict:verdict* approver* role* approved_on:date reason "
            "partner_code:code! judged! as_of:date!",
        ),
        _kind(
            "invoices",
            "request_no:code request_date:date partner_code:code* order_no:code amount:money/CNY invoice_type "
            "invoice_title tax_id:code address phone bank bank_account:code remark",
        ),
    )
}
"""Every kind of table by name (domain.md §2)."""

REFERENCE_KINDS = tuple(name for name in KINDS if name != "orders")

ANSWERS = {"confirmations": ("confirmation",), "releases": ("verdict", "approver", "role", "approved_on", "reason")}
"""Kinds whose rows are questions until somebody answers; a row with nothing in these columns says nothing."""


MOST_INVOICES, MOST_LINES = 1000, 2000
"""What a file of the tax bureau's form holds: einvoice.md, and the note above the form's own details."""
INVOICE_LENGTHS: Mapping[str, int] = MappingProxyType(
    {
        "serial": 20,
        "title": 100,
        "tax_id": 20,
        "address": 100,
        "phone": 50,
        "bank": 100,
        "bank_account": 100,
        "remark": 230,
        "email": 72,
    }
)
"""The most characters that the tax bureau's form takes of an invoice; its second row says so."""
DETAIL_LENGTHS: Mapping[str, int] = MappingProxyType(
    {"serial": 20, "item_name": 100, "tax_code": 20, "spec": 40, "unit": 22}
)
"""The same of a line of an invoice."""


def _limit(default: int) -> int:
    return field(default=default, metadata={"section": "limits"})


@dataclass(frozen=True)
class Limits:
    """What a file may ask for; one that asks for more is refused, and the report says so.

    rows, columns: how far the cells of a sheet may reach. cells: inside its outermost cells, for the reader lays out 32
    bytes or more for each, used or not. unpacked_mb: what a zip package may unpack to; ratio: how many times its own
    size, where that is more than SMALL_UNPACKED. seconds, memory_mb: what the process that reads it may take; each
    MEGABYTE of the file adds to both (workbooks.reading.apart).
    """

    rows: int = _limit(1 << 20)
    columns: int = _limit(1 << 14)
    cells: int = _limit(50_000_000)
    unpacked_mb: int = _limit(1024)
    ratio: int = _limit(300)
    seconds: int = _limit(10)
    memory_mb: int = _limit(1024)


LIMITS = Limits()
SMALL_UNPACKED = 1 << 24
"""Bytes that anything may unpack to, whatever its own size: an empty table of a thousand rows packs to nothing."""


@dataclass(frozen=True)
class Policy:
    """What the team decided about the rules (domain.md §3, §4); the defaults are the contract's.

    whole: an order's lines share its gravest decision. partial: a line may take part of what it asks for.
    auto_return: unpaid and indebted orders are returned without finance's word.
    max_overdue_days: more days overdue than this, with a debt, and the partner is indebted.
    """

    whole: bool = field(default=False, metadata={"section": "orders"})
    partial: bool = field(default=True, metadata={"section": "stock"})
    auto_return: bool = field(default=False, metadata={"section": "finance"})
    max_overdue_days: int = field(default=30, metadata={"section": "finance"})
