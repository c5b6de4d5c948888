"""The demo's faulty cells: numbers written oddly, cells that cannot be read, a total left behind."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from functools import partial

from macros.demo.day import Cell, Day, Formula, Line, Order
from macros.demo.orders import PRICED, new_line, recount
from macros.demo.reference import words

FULL_WIDTH = {ord(digit): ord(digit) + 0xFEE0 for digit in "0123456789"}


def _untotalled(order: Order) -> bool:
    """Tell whether no total row of the clerk's sheet depends on the order's cells."""
    return order.clerk.totals == "none"


def _at(paths: set[str], order: Order) -> bool:
    return order.clerk.path in paths and _untotalled(order)


def odd_numbers(day: Day) -> None:
    """Numbers with units, in full width, with separators and currency signs: read, and reported."""
    said = words()["words"]
    spellings: tuple[tuple[str, Callable[[Line], str]], ...] = (
        ("quantity", lambda line: f"{line.values['quantity']}{line.values['unit']}"),
        ("quantity", lambda line: str(line.values["quantity"]).translate(FULL_WIDTH)),
        ("unit_price", lambda line: f"\N{YEN SIGN}{line.values['unit_price']}"),
        ("unit_price", lambda line: f"{line.values['unit_price']}{said['yuan']}"),
        ("amount", lambda line: f"{line.values['amount']:,}"),
        ("quantity", lambda line: f" {line.values['quantity']}{line.values['unit']} "),
        ("quantity", lambda line: f"{line.values['quantity']:,}"),
    )
    for number, (column, spell) in enumerate(spellings, 1):
        line = day.take(PRICED, _untotalled).lines[0]
        if number == len(spellings):  # a quantity in thousands, in full cartons still
            recount(line, -(-1000 // line.values["quantity"]) * line.values["quantity"])
        line.spelled[column] = spell(line)


def rejected_rows(day: Day) -> None:
    """Rows that cannot be read: no code, no number, an error cell, a formula never calculated, no date, no rate."""
    said = words()["words"]
    cells: tuple[tuple[str, str, Cell], ...] = (
        ("product_code", "", None),
        ("quantity", "", said["to_be_settled"]),
        ("quantity", ".xlsx", f"12{said['pieces_on_box']}"),
        ("unit_price", ".xlsx", Formula("=VLOOKUP(F{row},$T$2:$U$60,2,0)", "#N/A")),
        ("amount", ".xlsm", Formula("=ROUND(H{row}*J{row},2)", "")),
        ("order_date", ".xlsx", said["next_monday"]),
        ("discount", ".xlsx", said["by_talk"]),
    )
    for column, suffix, cell in cells:
        clerks = {clerk.path for clerk in day.clerks if clerk.path.endswith(suffix or (".csv", ".ods"))}
        order = day.take([column, "unit_price"], partial(_at, clerks))
        product = day.product("020004")
        line = new_line(order.number, order.partner, product, 24, Decimal(1))
        line.spelled[column], line.rejected = cell, True
        order.lines.append(line)


def stale_totals(day: Day) -> None:
    """A typed total that was not brought up to date after the last change."""
    clerk = next(clerk for clerk in day.clerks if clerk.totals == "total" and clerk.amount == "value")
    day.stale_totals.add(clerk.path)
