"""Was a line, an order or an order number submitted twice? (domain.md §4, Duplicates)."""

from __future__ import annotations

import numpy as np
import pandas as pd

from udfs.findings import HOLD, INFO, Findings, Ints, found
from udfs.lookup import Tables, code_key, firsts, keys
from udfs.wording import Phrase, phrase
from workbooks.labels import labels
from workbooks.schema import Policy


def first_alike(lines: pd.DataFrame) -> Ints:
    """Return for each line the first line, in source order, that is the same as read (itself where it is the first)."""
    first = np.arange(len(lines))
    product = lines["product_key"].to_numpy()
    of_order = pd.Series(lines["order"].to_numpy() * (len(lines) + 1) + product)
    again = np.flatnonzero(of_order.duplicated(keep=False).to_numpy())  # few orders name a product twice
    twice = lines.iloc[again]
    alike = pd.DataFrame(
        {
            "of_order": of_order.to_numpy()[again],
            "campaign": keys(twice["campaign"], code_key)[0],
            "line_type": pd.factorize(twice["line_type"])[0],
            **{name: pd.factorize(twice[name].to_numpy(float))[0] for name in ("quantity", "unit_price", "amount")},
        }
    )
    group = alike.groupby(list(alike.columns), sort=False).ngroup().to_numpy().astype(np.int64)
    first[again] = again[firsts(group)[group]] if len(again) else again
    return first


def places(lines: pd.DataFrame, rows: Ints) -> list[Phrase]:
    """Return where the lines stand: file, sheet and row, for people."""
    at = lines.iloc[rows]
    return [
        phrase("place", file=file, sheet=sheet, row=row)
        for file, sheet, row in zip(at["source_file"], at["source_sheet"], at["source_row"], strict=True)
    ]


def check_duplicate_line(lines: pd.DataFrame, _tables: Tables, _policy: Policy) -> Findings:
    """Find lines that repeat an earlier one in every value that counts; they are set aside."""
    first = first_alike(lines)
    again = first < np.arange(len(lines))
    other = np.full(len(lines), "", dtype=object)
    other[again] = places(lines, first[again])
    return found("duplicate-line", again, HOLD, other=other, actual=lines["order_no"], money=lines["value"])


def check_order_in_two_files(lines: pd.DataFrame, _tables: Tables, _policy: Policy) -> Findings:
    """Find the first line of an order in each file after its first."""
    order, file = pd.factorize(lines["order"])[0].astype(np.int64), lines["file"].to_numpy()
    first_of_order = firsts(order)[order]
    first_in_file = ~pd.Series(order * (file.max(initial=0) + 1) + file).duplicated().to_numpy()
    further = first_in_file & (file != file[first_of_order])
    other = lines["source_file"].iloc[first_of_order]
    return found("order-in-two-files", further, INFO, other=other, actual=lines["source_file"], expected=other)


def check_order_two_partners(lines: pd.DataFrame, _tables: Tables, _policy: Policy) -> Findings:
    """Find every line of an order number that two or more known partners use."""
    known = lines.loc[lines["partner"] >= 0, ["order_no_key", "partner_key", "partner_code"]]
    users = known.drop_duplicates(["order_no_key", "partner_key"])
    shared = users[users.duplicated("order_no_key", keep=False)]
    names = shared.groupby("order_no_key")["partner_code"].agg(labels().words["list_joiner"].join)
    actual = lines["order_no_key"].map(names)
    return found("order-two-partners", actual.notna().to_numpy(), HOLD, actual=actual)
