"""The register of transfers: today's, and those of earlier days that are still open, closed today or withdrawn."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from macros.results import source_links
from udfs.audit import Audit
from udfs.findings import TRANSFER, Bools
from udfs.lookup import Tables, code_key, is_word
from udfs.order_lines import texts
from udfs.transfers import CLOSED, Today, carry, continued, keys_of, numbered_keys, still_open
from workbooks.earlier import Earlier, read_earlier
from workbooks.errors import WorkbookError
from workbooks.labels import labels
from workbooks.layout import LAYOUTS, NUMBERS, Look
from workbooks.reading.day import tables_of
from workbooks.reading.files import ReadFiles
from workbooks.reading.problems import UNREADABLE, Problem
from workbooks.record import read_record, record_path, sha256
from workbooks.team import day_files, reference_files

Withdrawn = Callable[[pd.DataFrame], Bools]
"""Tells of open transfers which of them are gone: their region took them out of the day's orders they came with."""


def nothing_withdrawn(rows: pd.DataFrame) -> Bools:
    """Tell of no transfer that it is gone."""
    return np.zeros(len(rows), dtype=bool)


@dataclass(frozen=True)
class Before:
    """What was before the day: what earlier runs left, and how to tell that an order of theirs is gone.

    stale: notices of stock and finance files that are still those of the last earlier day. old_stock: one of stock is.
    """

    earlier: Earlier = field(default_factory=Earlier)
    withdrawn: Withdrawn = nothing_withdrawn
    stale: tuple[Problem, ...] = ()
    old_stock: bool = False


def read_before(folder: Path, day: date, read: ReadFiles, *, lines: bool = True) -> Before:
    """Return what was before a day of a team folder; lines: with the order lines of the last earlier day.

    read: reads files of the folder.

    Raises WorkbookError where an earlier result cannot be read.
    """
    earlier = read_earlier(folder / labels().folders["output"], day, lines=lines)
    stale = _stale(folder, earlier.day) if earlier.day else {}
    notices = [
        Problem("same-as-before", name, fields={"kind": labels().kinds[kind].title, "other": f"{earlier.day}"})
        for name, kind in stale.items()
    ]
    return Before(earlier, lambda rows: withdrawn(folder, rows, read), tuple(notices), "stock" in stale.values())


def _stale(folder: Path, day: date) -> dict[str, str]:
    """Return the stock and finance files (name -> kind) whose content is still what the run of that day read."""
    paths = {file.name: file.path for file in reference_files(folder)}
    found = {}
    for one in _inputs(folder, day):
        kinds = {kind for _, kind in one.get("sheets", ())} & {"stock", "finance"}
        path = paths.get(one["name"])
        if kinds and path is not None and one["role"] == "reference" and _sha256(path) == one["sha256"]:
            found[one["name"]] = max(kinds)
    return found


def withdrawn(folder: Path, rows: pd.DataFrame, read: ReadFiles) -> Bools:
    """Tell which open transfers are no longer among the orders of the day they came with.

    rows: KEY, source_day and source_file. A workbook that is as the run of that day read it is not opened again. Where
    nobody can tell (the day's folder is gone, a workbook or a row of it cannot be read), nothing is.
    """
    gone = np.zeros(len(rows), dtype=bool)
    for day, places in rows.reset_index(drop=True).groupby("source_day").groups.items():
        at = np.asarray(places, dtype=np.int64)
        gone[at] = _gone_from(folder, pd.Timestamp(str(day)).date(), rows.iloc[at], read)
    return gone


def _gone_from(folder: Path, day: date, rows: pd.DataFrame, read: ReadFiles) -> Bools:
    try:
        files = [file for file in day_files(folder, day) if not file.is_lock]
    except WorkbookError:
        return np.zeros(len(rows), dtype=bool)
    known = {one["name"]: one["sha256"] for one in _inputs(folder, day) if one["role"] == "orders"}
    same = {file.name for file in files if known.get(file.name) == _sha256(file.path)}
    found = read([file for file in files if file.name not in same])
    orders = tables_of(found, day).get("orders")
    unread = any(problem.code in UNREADABLE for parts in found for problem in parts.problems)
    if unread or (orders is not None and orders.control["rejected"].any()):
        return np.zeros(len(rows), dtype=bool)
    there = set(keys_of(orders.frame)) if orders is not None else set()
    kept = rows["source_file"].isin(same).to_numpy() | keys_of(rows).isin(there).to_numpy()
    return np.asarray(~kept, dtype=bool)


def _inputs(folder: Path, day: date) -> list[dict[str, Any]]:
    """Return what the day's run says it has read; nothing where its record does not say."""
    facts = read_record(record_path(folder / labels().folders["output"] / f"{day:%Y-%m-%d}"))
    inputs = facts.get("inputs") if isinstance(facts, dict) else None
    known = {"name", "role", "sha256"}
    return [one for one in inputs if isinstance(one, dict) and known <= one.keys()] if isinstance(inputs, list) else []


def _sha256(path: Path) -> str:
    try:
        return sha256(path)
    except OSError:
        return ""


def transfer_rows(  # noqa: PLR0913, PLR0917 - what decides over a register, one thing each
    audit: Audit,
    findings: pd.DataFrame,
    stock: pd.DataFrame,
    tables: Tables,
    before: Before,
    today: date,
) -> pd.DataFrame:
    """Return the register's rows: today's transfers in source order, earlier ones that wait, then those closed today.

    findings, stock: the rows of these sheets. A transfer that goes on keeps the day it was registered on.
    """
    moved = _moved(audit, findings, tables, today)
    missed = (sheets["transfers"] for sheets in before.earlier.missed)
    earlier = still_open(*missed, before.earlier.transfers)
    goes_on = continued(earlier, moved)
    rows = [_typed(moved.assign(status=np.where(goes_on >= 0, "short", "new")))]
    for name in ("registered", "tracker_remark"):
        rows[0][name] = earlier[name].reindex(goes_on).set_axis(moved.index).astype(rows[0][name].dtype)
    if len(earlier):
        rows.append(_typed(carry(earlier, _today(audit, moved, stock, tables, before))))
    register = pd.concat(rows, ignore_index=True)
    register["registered"] = register["registered"].fillna(pd.Timestamp(today))
    register["days_open"] = (pd.Timestamp(today) - register["registered"]).dt.days.astype(float)
    said = dict(zip(numbered_keys(before.earlier.same_day), before.earlier.same_day["tracker_remark"], strict=True))
    own = pd.Series([said.get(key) for key in numbered_keys(register)], dtype=object)
    register["tracker_remark"] = own.where(own.notna(), register["tracker_remark"])
    closed = register["status"].isin(CLOSED).to_numpy()
    ordered: pd.DataFrame = register.iloc[np.argsort(closed, kind="stable")].reset_index(drop=True)
    return ordered


def _typed(rows: pd.DataFrame) -> pd.DataFrame:
    """Return a register's columns in their order, typed as they are shown."""
    columns = LAYOUTS["transfers"].columns
    types = {
        column.name: "datetime64[s]" if column.look is Look.DATE else float if column.look in NUMBERS else object
        for column in columns
    }
    return rows.reindex(columns=[column.name for column in columns]).astype(types)


def _moved(audit: Audit, findings: pd.DataFrame, tables: Tables, today: date) -> pd.DataFrame:
    """Return today's transfers: lines decided as such that are short, with the reason."""
    lines = audit.lines
    moved = (lines["effect"].to_numpy() == TRANSFER) & (lines["short"].to_numpy() > 0)
    names = ["region", "order_no", "partner_code", "product_code", "quantity", "ship", "short", "eta"]
    rows = lines.loc[moved, [*names, "source_file", "source_sheet", "source_row"]].reset_index(drop=True)
    reasons = findings[findings["rule"].isin(["short-stock", "product-discontinued"])]
    says = dict(zip(reasons["at"], reasons["says"], strict=True))
    products, words = tables.get("products"), labels().words["line_type"]
    replaced = texts(products, "replaced_by", lines["product"].to_numpy()[moved]) if products is not None else ""
    giveaway = lines["giveaway"].to_numpy(bool)[moved]
    shown: pd.DataFrame = rows.assign(
        replaced_by=replaced,
        remark=[says.get(at, "") for at in np.flatnonzero(moved).tolist()],
        line_type=np.where(giveaway, words["giveaway"][0], words["paid"][0]),
        source_day=pd.Timestamp(today),
    )
    return shown


def _today(audit: Audit, moved: pd.DataFrame, stock: pd.DataFrame, tables: Tables, before: Before) -> Today:
    codes = stock["product_code"].map(code_key)
    products, ended = tables.get("products"), labels().words["product_status"]["discontinued"]
    off = []
    if products is not None:
        off = [is_word(status, ended) for status in products["status"]]
    return Today(
        lines=audit.lines,
        moved=moved,
        left={} if before.old_stock else dict(zip(codes, stock["left"].fillna(0.0), strict=True)),
        short=dict(zip(codes, stock["short"], strict=True)),
        ended=frozenset(products["product_code"][off].map(code_key)) if products is not None else frozenset(),
        supply=tables.get("supply"),
        withdrawn=before.withdrawn,
    )


def register_links(register: pd.DataFrame, links: Mapping[str, str], today: date) -> pd.DataFrame:
    """Return the register with where each of today's rows leads; of an earlier one only the place is named."""
    linked = source_links(register, links)
    own = linked["source_day"] == pd.Timestamp(today)
    led: pd.DataFrame = linked.assign(link_target=linked["link_target"].where(own))
    return led
