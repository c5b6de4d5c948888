"""What the reference tables say about each order line: its partner, product, price, order and date."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Mapping, Sequence
from datetime import date

import numpy as np
import numpy.typing as npt
import pandas as pd

from udfs import money
from udfs.findings import Bools, Ints, Values
from workbooks.labels import labels

Tables = Mapping[str, pd.DataFrame]
"""Reference tables by kind name; a kind that is not there was not given."""

Floats = npt.NDArray[np.float64]
Days = npt.NDArray[np.datetime64]
IMPLAUSIBLE_DAYS = 366


def code_key(code: str) -> str:
    """Return a code as it is compared: upper case."""
    return code.upper()


def name_key(name: str) -> str:
    """Return a name as it is compared: NFKC, case folded, without spaces and bracket characters."""
    folded = "".join(unicodedata.normalize("NFKC", name).casefold().split())
    return "".join(sign for sign in folded if unicodedata.category(sign) not in {"Ps", "Pe"} and sign not in "<>")


def word_key(word: str) -> str:
    """Return a word (a level, status or category) as it is compared: NFKC, upper case, without spaces."""
    return "".join(unicodedata.normalize("NFKC", word).upper().split())


def keys(column: pd.Series, key: Callable[[str], str]) -> tuple[Ints, list[str]]:
    """Return a text column's keys as integer codes (-1: blank), and the distinct keys."""
    codes, texts = pd.factorize(column)
    if not len(texts):
        return codes.astype(np.int64), []
    words = [str(text) for text in texts.tolist()]
    together = "\n".join(words)
    if key is code_key and together == code_key(together):  # as codes mostly are
        return codes.astype(np.int64), words
    of_text, distinct = pd.factorize(np.array([key(word) for word in words], dtype=object))
    return np.where(codes >= 0, of_text[codes], -1).astype(np.int64), [str(word) for word in distinct]


def keyed(column: pd.Series) -> Values:
    """Return a column's codes as they are compared, one object per row; "" where it is blank."""
    codes, distinct = keys(column, code_key)
    return np.array([*distinct, ""], dtype=object)[codes]


def ranks(column: pd.Series) -> Ints:
    """Return where each code of a column comes among them as they are compared: the first 0, a blank -1."""
    codes, distinct = keys(column, code_key)
    rank = np.full(len(distinct) + 1, -1, dtype=np.int64)
    rank[np.argsort(np.array(distinct, dtype=object), kind="stable")] = np.arange(len(distinct))
    return rank[codes]


def firsts(codes: Ints) -> Ints:
    """Return where each code stands first; codes: 0..n-1, numbered as they come."""
    return np.flatnonzero(~pd.Series(codes).duplicated().to_numpy())


def order_keys(lines: pd.DataFrame) -> list[tuple[str, str]]:
    """Return what each line's order is known by: its number and its partner's code, as compared."""
    numbers, partners = (keyed(lines[name]).tolist() for name in ("order_no", "partner_code"))
    return list(zip(numbers, partners, strict=True))


class CodeIndex:
    """The first row of each key in a table's column; built once per table, asked for keys as often as one likes."""

    def __init__(self, column: pd.Series, key: Callable[[str], str] = code_key) -> None:
        """Index a text column; blanks have no key."""
        self.first: dict[str, int] = {}
        for row, text in enumerate(column.to_list()):
            if isinstance(text, str):
                self.first.setdefault(key(text), row)

    def rows(self, wanted: Sequence[str]) -> Ints:
        """Return the first row that has each key, as VLOOKUP would; -1 where none has."""
        first = self.first
        return np.array([first.get(key, -1) for key in wanted], dtype=np.int64)


class PriceIndex:
    """The rows of each product, the one that began last first; built once per products table."""

    def __init__(self, products: pd.DataFrame) -> None:
        """Index the price rows by product code and the day they begin."""
        start = products["valid_from"].to_numpy("datetime64[D]")
        end = products["valid_to"].to_numpy("datetime64[D]")
        self.began = np.where(np.isnat(start), np.datetime64("0001-01-01"), start)
        self.ends = np.where(np.isnat(end), np.datetime64("9999-12-31"), end)
        of_key: dict[str, list[int]] = {}
        codes = products["product_code"].to_list()
        for row in np.argsort(-self.began.astype(np.int64), kind="stable").tolist():
            of_key.setdefault(code_key(str(codes[row])), []).append(row)
        self.place = {key: place for place, key in enumerate(of_key)}
        turns = max(map(len, of_key.values()), default=0)
        padded = [[*rows, *[-1] * (turns - len(rows))] for rows in of_key.values()]
        self.turns: Ints = np.array([*padded, [-1] * turns], dtype=np.int64)  # the last for a code that is not there

    def places(self, wanted: Sequence[str]) -> Ints:
        """Return the place of each product key among the table's products; -1 where it is not there."""
        place = self.place
        return np.array([place.get(key, -1) for key in wanted], dtype=np.int64)

    def rows(self, places: Ints, days: Days) -> Ints:
        """Return the row valid on each day: the one that began last, then the first; -1 where none is.

        Source: domain.md §2, products: "several price rows per product: the one valid on the order date".
        """
        if not len(self.began):
            return np.full(len(places), -1, dtype=np.int64)
        chosen = self.turns[places, 0]
        chosen = np.where((self.began[chosen] <= days) & (days <= self.ends[chosen]), chosen, -1)
        for turn in self.turns.T[1:]:  # most products have one row
            row = turn[places]
            valid = (chosen < 0) & (row >= 0) & (self.began[row] <= days) & (days <= self.ends[row])
            chosen = np.where(valid, row, chosen)
        return chosen


def find(column: pd.Series, table_column: pd.Series, key: Callable[[str], str] = code_key) -> Ints:
    """Return the first row of the table that has each value's key, as VLOOKUP would; -1 where none has."""
    codes, distinct = keys(column, key)
    return np.append(CodeIndex(table_column, key).rows(distinct), -1)[codes]


def find_on_date(column: pd.Series, days: Days, products: pd.DataFrame) -> Ints:
    """Return the product row valid on each line's day (see PriceIndex); -1 where none is."""
    index = PriceIndex(products)
    codes, distinct = keys(column, code_key)
    return index.rows(np.append(index.places(distinct), -1)[codes], days)


def look_up(lines: pd.DataFrame, tables: Tables, today: date) -> pd.DataFrame:
    """Return the lines with what the tables say of them; every rule reads these columns.

    lines: the accepted order lines in source order (workbooks.reading.tables), columns of the kind orders and `file`.
    Adds: date (the day stands in for blank and implausible dates), giveaway, order, order_no_key, partner_key,
    product_key (integer codes, numbered as they come), partner, product (rows of the tables, -1 unknown), level_rank,
    closed, discontinued, contract_discount, list_price, given (the sheet's own unit price), price_num / price_den
    (unit price as a quotient, so that amount ÷ quantity stays exact), price, and value (fen: the greater of amount
    and quantity × unit price, each to the fen).
    """
    looked_up = lines.copy(deep=False)
    looked_up["date"], looked_up["implausible"] = _dates(lines, today)
    looked_up["giveaway"] = (lines["line_type"] == "giveaway").to_numpy(bool)
    return _prices(_products(_partners(numbered(looked_up), tables), tables))


def with_files(lines: pd.DataFrame) -> pd.DataFrame:
    """Return the lines with `file`: the number of the file that they stand in, or of that they were handed back for."""
    stands_in = lines["stands_in" if "stands_in" in lines else "source_file"]
    return lines.assign(file=pd.factorize(stands_in)[0].astype(np.int64))


def numbered(lines: pd.DataFrame) -> pd.DataFrame:
    """Return the lines with their codes as numbers, from 0 as they come.

    Adds order_no_key, partner_key, product_key and order (its number and partner).
    """
    order_no, partner, product = (
        keys(lines[name], code_key)[0] for name in ("order_no", "partner_code", "product_code")
    )
    order = pd.factorize(order_no * (len(lines) + 1) + partner)[0].astype(np.int64)
    return lines.assign(order_no_key=order_no, partner_key=partner, product_key=product, order=order)


def _dates(lines: pd.DataFrame, today: date) -> tuple[Days, Bools]:
    """Return the lines' dates, and which are implausible: seen from today, or from the day of their folder."""
    day = np.asarray(lines.get("folder_day", today), dtype="datetime64[D]")
    written = lines["order_date"].to_numpy("datetime64[D]")
    implausible = np.abs((written - day).astype("timedelta64[D]")) > np.timedelta64(IMPLAUSIBLE_DAYS, "D")
    implausible &= ~np.isnat(written)
    return np.where(np.isnat(written) | implausible, day, written), implausible


def _taken(table: pd.DataFrame, column: str, rows: Ints) -> Floats:
    """Return a number column of the table at `rows`; NaN where the row is -1."""
    return np.append(table[column].to_numpy(float), np.nan)[rows]


def _partners(lines: pd.DataFrame, tables: Tables) -> pd.DataFrame:
    words = labels().words
    table = tables.get("partners")
    if table is None:
        unknown = np.full(len(lines), -1, dtype=np.int64)
        return lines.assign(
            partner=unknown, level_rank=len(words["level"]["order"]), closed=False, contract_discount=np.nan
        )
    row = find(lines["partner_code"], table["partner_code"])
    rank = {word_key(level): place for place, level in enumerate(words["level"]["order"])}
    ranks = [rank.get(word_key(str(level)), len(rank)) for level in table["level"].to_list()]
    closed = [is_word(status, words["partner_status"]["closed"]) for status in table["status"].to_list()]
    return lines.assign(
        partner=row,
        level_rank=np.array([*ranks, len(rank)], dtype=np.int64)[row],
        closed=np.array([*closed, False])[row],
        contract_discount=_taken(table, "contract_discount", row),
    )


def _products(lines: pd.DataFrame, tables: Tables) -> pd.DataFrame:
    table = tables.get("products")
    if table is None:
        unknown = np.full(len(lines), -1, dtype=np.int64)
        return lines.assign(product=unknown, discontinued=False, list_price=np.nan)
    row = find_on_date(lines["product_code"], lines["date"].to_numpy("datetime64[D]"), table)
    return lines.assign(
        product=row,
        discontinued=np.append(discontinued(table), [False])[row],
        list_price=_taken(table, "list_price", row),
    )


def discontinued(products: pd.DataFrame) -> Bools:
    """Return which rows of the products table are of a discontinued product."""
    ended = labels().words["product_status"]["discontinued"]
    return np.array([is_word(status, ended) for status in products["status"].to_list()], dtype=bool)


def _prices(lines: pd.DataFrame) -> pd.DataFrame:
    given = lines["unit_price"].notna().to_numpy()
    amount, quantity = lines["amount"].to_numpy(float), lines["quantity"].to_numpy(float)
    derived = ~given & ~np.isnan(amount) & (quantity != 0)
    number = np.where(derived, amount, lines["unit_price"].to_numpy(float))
    divisor = np.where(derived, quantity, 1.0)
    written, computed = money.fen([(amount,)]), money.fen([(quantity, lines["unit_price"].to_numpy(float))])
    value = np.where(np.isnan(amount), computed, np.where(given, np.maximum(written, computed), written))
    return lines.assign(given=given, price_num=number, price_den=divisor, price=number / divisor, value=value)


def is_word(text: object, words: list[str]) -> bool:
    """Tell whether a cell's text is one of the words."""
    return isinstance(text, str) and word_key(text) in {word_key(word) for word in words}
