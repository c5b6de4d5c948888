"""The sheet that compares orders submitted again with what they were."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

import numpy as np
import pandas as pd

from udfs.audit import Audit
from udfs.findings import DECISIONS
from udfs.lookup import code_key, keys
from udfs.resubmissions import ADDED, AGAIN, CHANGED, SAME, WITHDRAWN, Pair, compare, rules_apart
from udfs.wording import plain, rule_names
from workbooks.labels import labels
from workbooks.reading.tables import Table

COUNTED = (CHANGED, ADDED, WITHDRAWN)
TOLD = ("region", "order_no", "partner_code", "product_code", "product_name")
SHOWN = (*TOLD, "line_type", "source_file", "source_sheet", "source_row")
Row = Mapping[Any, Any]


def resubmitted_rows(audit: Audit, rules: pd.Series, orders: Table, earlier: pd.DataFrame, today: date) -> pd.DataFrame:
    """Return the sheet's rows: one per line of an order that was submitted before and is submitted again.

    rules: the names of each line's findings. earlier: the lines of the last earlier day (workbooks.earlier);
    those that were handed back bring their own. What passed before, passes now and was not submitted again is left out.
    """
    parts = [] if orders.sent is None else [orders.sent.assign(handed_back=True)]
    parts += [_come_again(earlier, [audit.lines, *parts]).assign(handed_back=False)]
    given = [part for part in parts if len(part)]
    sent = pd.concat(given, ignore_index=True) if given else pd.DataFrame()
    pairs = compare(audit.lines, sent, today)
    now = _records(audit.lines, [pair.line for pair in pairs], (*SHOWN, "effect"))
    then = _records(sent, [pair.row for pair in pairs], (*SHOWN, "before", "before_rules"))
    told = [one for one in zip(pairs, then, now, strict=True) if not _is_still(*one)]
    names_now = [_names(rules.iat[pair.line]) if pair.line is not None else [] for pair, *_ in told]
    rows = [_row(*one, names) for one, names in zip(told, names_now, strict=True)]
    names = [*labels().sheets["resubmitted"].headings, "order_key"]
    frame = pd.DataFrame(rows, columns=names, dtype=object)
    return frame.assign(source_row=pd.to_numeric(frame["source_row"]).astype(float))


def _come_again(earlier: pd.DataFrame, parts: Sequence[pd.DataFrame]) -> pd.DataFrame:
    """Return the earlier lines of the orders that the parts name."""
    if not len(earlier):
        return earlier
    names = ["order_no", "partner_code"]
    both = pd.concat([earlier[names], *(part[names] for part in parts)], ignore_index=True)
    (order, _), (partner, partners) = (keys(both[name], code_key) for name in names)
    orders = order * (len(partners) + 1) + partner
    again: pd.DataFrame = earlier[np.isin(orders[: len(earlier)], orders[len(earlier) :])]
    return again


def _is_still(pair: Pair, then: Row | None, now: Row | None) -> bool:
    """Tell of a line that was never sent back that nobody has submitted it again, and nothing is decided otherwise."""
    still = pair.change == SAME and then is not None and now is not None and then["before"] in AGAIN
    return still and DECISIONS[now["effect"]] == then["before"]  # type: ignore[index]


def _records(frame: pd.DataFrame, rows: Sequence[int | None], names: Sequence[str]) -> list[Row | None]:
    """Return some rows of a frame as mappings, None for None."""
    wanted = [row for row in rows if row is not None]
    found = iter(frame[list(names)].iloc[wanted].to_dict("records") if wanted else ())
    return [None if row is None else next(found) for row in rows]


def _row(pair: Pair, then: Row | None, now: Row | None, names_now: Sequence[str]) -> dict[str, Any]:
    said = labels()
    joiner, kinds = said.words["list_joiner"], said.words["line_type"]
    shown = now or then or {}
    old = [] if then is None else _names(then["before_rules"])
    resolved, remaining, appeared = rules_apart(old, names_now)
    row = {name: shown[name] for name in TOLD}
    return {
        **row,
        "line_type": kinds["giveaway" if shown["line_type"] == "giveaway" else "paid"][0],
        "change": pair.change,
        "changes": "\n".join(said.phrase("changed_field", **one) for one in _worded(pair)),
        "before": None if then is None else then["before"],
        "decision": None if now is None else DECISIONS[now["effect"]],
        "resolved": joiner.join(resolved if now is not None else []),
        "remaining": joiner.join(remaining),
        "appeared": joiner.join(appeared),
        **{name: shown[name] for name in ("source_file", "source_sheet", "source_row")},
        "order_key": (code_key(str(shown["order_no"])), code_key(str(shown["partner_code"]))),
    }


def _names(text: object) -> list[str]:
    """Return the names of a line's findings; that it is the whole order's is no other finding.

    How a number was written is not asked: what goes back is written plainly, and nobody has resolved anything.
    """
    return [name for name in rule_names(text) if name != labels().rules["cleaned-value"].name]


def _worded(pair: Pair) -> list[Mapping[str, str]]:
    said = labels()
    kinds = {key: said.words["line_type"][key][0] for key in ("paid", "giveaway")}

    def shown(name: str, value: object) -> str:
        text = plain(value)
        return (kinds.get(text, text) if name == "line_type" else text) or said.phrase("blank_value")

    headings = said.sheets["sent_back"].headings
    return [
        {"heading": headings[name], "old": shown(name, old), "new": shown(name, new)}
        for name, old, new in pair.differences
    ]


def earlier_links(earlier: pd.DataFrame) -> dict[str, str]:
    """Return where the files of an earlier day's output are, as seen from the day's own.

    People write in a result: a name that may lead out of it has no link.
    """
    files = earlier["source_file"].unique().tolist() if len(earlier) else ()
    inside = (file for file in files if not any(sign in file for sign in ("..", "\\", ":")))
    return {file: f"../{file.partition('/')[2]}" for file in inside}


def facts(rows: pd.DataFrame) -> dict[str, int]:
    """Return the counts of the sheet: orders, lines by what changed, and findings resolved and new."""
    change = rows["change"].value_counts()
    joiner = labels().words["list_joiner"]

    def named(name: str) -> int:
        return sum(text.count(joiner) + 1 for text in rows[name] if text)

    counted = {name: int(change.get(name, 0)) for name in COUNTED}
    again = sum(int(change.get(name, 0)) for name in AGAIN.values())
    orders = rows["order_key"].nunique()
    return {"orders": orders, **counted, "again": again, "resolved": named("resolved"), "appeared": named("appeared")}
