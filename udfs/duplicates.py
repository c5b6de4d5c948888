"""Was a line, an order or an order number submitted twice? (domain.md §4, Duplicates)."""

from __future__ import annotations

import numpy as np
import pandas as pd

from udfs.findings import HOLD, INFO, Findings, Ints, found
from udfs.lookup import Tables, code_key, keys
from udfs.wording import Phrase, phrase
from workbooks.labels import labels
from workbooks.schema import Policy


def first_alike(lines: pd.DataFrame) -> Ints:
    """Return for each line the first line, in source order, that is the same as read (itself where it is the first)."""
    alike = pd.DataFrame(
        {
            "order": lines["order"].to_numpy(),
            "product": keys(lines["product_code"], code_key)[0],
            "campaign": keys(lines["campaign"], code_key)[0],
            "line_type": pd.factorize(lines["line_type"])[0],
            **{name: pd.factorize(lines[name].to_numpy(float))[0] for name in ("quantity", "unit_price", "amount")},
        }
    )
    group = alike.groupby(list(alike.columns), sort=False).ngroup().to_numpy()
    _, first = np.unique(group, return_index=True)
    return first[group].astype(np.int64)


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
    order, file = lines["order"].to_numpy(), lines["file"].to_numpy()
    _, first, place = np.unique(order, return_index=True, return_inverse=True)
    first_of_order = first[place]
    first_in_file = ~pd.DataFrame({"order": order, "file": file}).duplicated().to_numpy()
    further = first_in_file & (file != file[first_of_order])
    other = lines["source_file"].to_numpy(object)[first_of_order]
    return found("order-in-two-files", further, INFO, other=other, actual=lines["source_file"], expected=other)


def check_order_two_partners(lines: pd.DataFrame, _tables: Tables, _policy: Policy) -> Findings:
    """Find every line of an order number that two or more known partners use."""
    known = lines.loc[lines["partner"] >= 0, ["order_no_key", "partner_key", "partner_code"]]
    users = known.drop_duplicates(["order_no_key", "partner_key"])
    shared = users[users.duplicated("order_no_key", keep=False)]
    names = shared.groupby("order_no_key")["partner_code"].agg(labels().words["list_joiner"].join)
    actual = lines["order_no_key"].map(names)
    return found("order-two-partners", actual.notna().to_numpy(), HOLD, actual=actual)
