"""How the demo's clerks lay out their orders: headings, spellings of dates and discounts, totals, odd rows."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import date
from decimal import Decimal
from itertools import groupby
from typing import Any

from xlsxwriter.utility import xl_col_to_name

from macros.demo.day import Cell, Clerk, Day, Formula, Line, Order
from macros.demo.reference import FEN, words
from macros.demo.sheets import Sheet

DATES: dict[str, Callable[[date], Cell]] = {
    "real": lambda day: day,
    "iso": lambda day: f"{day:%Y-%m-%d}",
    "slash": lambda day: f"{day.year}/{day.month}/{day.day}",
    "dot": lambda day: f"{day.year}.{day.month}.{day.day}",
    "hash": lambda day: f"{day.year}#{day.month}#{day.day}",
    "compact": lambda day: f"{day:%Y%m%d}",
    "chinese": lambda day: words()["notes"]["date_chinese"].format(d=day),
    "month_day": lambda day: words()["notes"]["date_month_day"].format(d=day),
}
DISCOUNTS: dict[str, Callable[[Decimal], Cell]] = {
    "rate": lambda rate: rate,
    "percent": lambda rate: rate,
    "percent_text": lambda rate: f"{(rate * 100).normalize():f}%",
    "tenths_text": lambda rate: words()["notes"]["tenths"].format(n=f"{(rate * 10).normalize():f}"),
    "tenths": lambda rate: rate * 10,
    "points": lambda rate: rate * 100,
}
FORMATS = {"unit_price": "#,##0.00", "amount": "#,##0.00", "order_date": "yyyy-mm-dd", "quantity": "0"}
CENTRED = ("order_no", "partner_code", "product_code", "region", "unit", "line_type", "campaign", "clerk")
WIDTHS = {
    "#": 5, "-": 9, "region": 7, "order_no": 14, "order_date": 12, "partner_code": 12, "partner_name": 26,
    "product_code": 11, "product_name": 24, "unit": 6, "quantity": 9, "unit_price": 10, "discount": 8, "amount": 12,
    "line_type": 9, "campaign": 12, "remark": 14, "clerk": 9,
}  # fmt: skip


class Layout:
    """One sheet of a clerk's workbook while it is being laid out, row by row."""

    def __init__(self, clerk: Clerk, name: str) -> None:
        """Begin with the clerk's title rows and header."""
        self.clerk = clerk
        self.sheet = Sheet(name, color=clerk.color)
        self.lines = 0
        for text in clerk.title:
            self.sheet.add("title" if text == clerk.title[0] else "subtitle", [text])
        self.header()
        self.sheet.freeze = len(self.sheet.rows)
        discount = {"percent": "0%", "points": "0"}.get(clerk.discount, "0.0##")
        for column in clerk.columns:
            number_format = discount if column == "discount" else FORMATS.get(column, "@" if column in CENTRED else "")
            self.sheet.columns.append((WIDTHS[column], number_format))

    def header(self) -> None:
        """Add the header row."""
        self.sheet.add("header", [heading.rpartition("=")[0] for heading in self.clerk.headings])

    def line(self, line: Line) -> None:
        """Add an order line, and the printed page's header again where it is due."""
        self.lines += 1
        self.sheet.add("line", [self.cell(line, column) for column in self.clerk.columns])
        if self.clerk.repeat_header and self.lines % self.clerk.repeat_header == 0:
            self.header()

    def cell(self, line: Line, column: str) -> Cell:
        """Return what the clerk writes in a column of a line."""
        if column not in line.spelled:
            return self.habit(line, column)
        spelled = line.spelled[column]
        if isinstance(spelled, Formula):
            return Formula(spelled.text.format(row=len(self.sheet.rows) + 1), spelled.result)
        return spelled

    def habit(self, line: Line, column: str) -> Cell:
        """Return a value as this clerk always writes it."""
        clerk = self.clerk
        value: Any = line.values.get(column)
        match column:
            case "#":
                value = self.lines
            case "-":
                value = clerk.receivers[self.lines % len(clerk.receivers)]
            case "region" | "clerk":
                value = getattr(clerk, column)
            case "order_date":
                value = DATES[clerk.date](value)
            case "discount" if value is not None:
                value = None if value == 1 and clerk.discount != "rate" else DISCOUNTS[clerk.discount](value)
            case "line_type":
                value = clerk.types[value == "giveaway"] or None
            case "amount" if clerk.amount == "formula":
                value = self.amount(line)
        cell: Cell = value
        return cell

    def amount(self, line: Line) -> Cell:
        """Return the amount as the formula a clerk would use, where it is what the formula gives."""
        values, columns = line.values, self.clerk.columns
        amount: Decimal | None = values["amount"]
        exact = values["unit_price"] is not None and amount == values["unit_price"] * values["quantity"]
        if amount is None or not exact or line.spelled or not amount:
            return amount
        row = len(self.sheet.rows) + 1
        quantity, price = (xl_col_to_name(columns.index(name)) for name in ("quantity", "unit_price"))
        return Formula(f"=ROUND({quantity}{row}*{price}{row},2)", float(amount))

    def total(self, word: str, lines: Iterable[Line], first: int, formula: str = "SUM") -> None:
        """Add a total row over sheet rows from first on; the sums are formulas, or typed where the clerk types."""
        columns = self.clerk.columns
        cells: list[Cell] = [None] * len(columns)
        cells[columns.index("partner_name")] = words()["notes"][word]
        last = len(self.sheet.rows)
        kept = [line.values for line in lines if not line.rejected]
        for column in {"quantity", "amount"} & set(columns):
            total = sum((Decimal(values[column] or 0) for values in kept), Decimal(0))
            letter = xl_col_to_name(columns.index(column))
            text = f"={formula}({letter}{first}:{letter}{last})"
            if formula == "SUBTOTAL":
                text = text.replace("(", "(9,")
            number: Cell = total.quantize(FEN) if column == "amount" else int(total)
            typed = self.clerk.amount == "value" and self.clerk.totals == "total"
            cells[columns.index(column)] = number if typed else Formula(text, float(total))
        self.sheet.add("total", cells)


def clerk_sheets(day: Day, clerk: Clerk) -> list[Sheet]:
    """Return the sheets of a clerk's workbook."""
    own = [order for order in day.orders if order.clerk is clerk]
    sheets = []
    for place, name in enumerate(clerk.sheets):
        orders = [order for order in own if _place(order) == place]
        sheets.append(_order_sheet(day, clerk, name, orders))
    if clerk.hidden:
        choices = Sheet(clerk.hidden, columns=[(12, "")], hidden=True)
        for text in words()["notes"]["choices"]:
            choices.add("plain", [text])
        sheets.append(choices)
    if clerk.notes:
        notes = Sheet(clerk.notes, columns=[(60, "")])
        for number, text in enumerate(words()["notes"]["lines"]):
            notes.add("plain" if number else "title", [text])
        sheets.append(notes)
    return sheets


def _place(order: Order) -> int:
    """Return which of the clerk's sheets an order belongs in, by the partner's city."""
    cities, name = order.clerk.cities, order.partner["partner_name"]
    index = next((number for number, city in enumerate(cities) if name.startswith(city)), 0)
    return index * len(order.clerk.sheets) // len(cities)


def _order_sheet(day: Day, clerk: Clerk, name: str, orders: list[Order]) -> Sheet:
    """Return a sheet of orders with the clerk's totals, blank rows and repeated headers."""
    layout = Layout(clerk, name)
    first = len(layout.sheet.rows) + 1
    for _, group in groupby(orders, key=lambda order: order.number):
        begin = len(layout.sheet.rows) + 1
        members = [line for order in group for line in order.lines]
        for line in members:
            layout.line(line)
        if clerk.totals == "subtotals":
            layout.total("subtotal", members, begin, "SUBTOTAL")
        if clerk.blank_rows:
            layout.sheet.add("plain", [])
    lines = [line for order in orders for line in order.lines]
    if clerk.totals == "subtotals":
        layout.total("grand_total", lines, first, "SUBTOTAL")
    elif clerk.totals == "total":
        if clerk.path in day.stale_totals:  # the largest line came in after the total was typed
            lines.remove(max(lines, key=lambda line: line.values["amount"] or Decimal(0)))
        layout.total("total", lines, first)
    return layout.sheet
