"""The sheets of the result workbook, from an audit (domain.md §5). Tables in, tables out; nothing is decided here."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from udfs.audit import Audit
from udfs.findings import DECISIONS, EFFECTS, HOLD, INFO, RETURN, Findings
from udfs.lookup import Tables, code_key, ranks
from udfs.money import yuan
from udfs.order_lines import texts, total_differs
from udfs.releases import judged
from udfs.stock import SCALE, arrivals, available, per_product
from udfs.wording import column, plains, sentences
from workbooks.labels import Lang, labels
from workbooks.reading.problems import Problem, sentence

Objects = npt.NDArray[np.object_]
FOR_MONEY = ("unpaid", "indebted")


def source_links(frame: pd.DataFrame, places: Mapping[str, str]) -> pd.DataFrame:
    """Add where a row's link leads: its workbook, and the sheet in it (a csv has none).

    places: where each workbook is. Only what stands on a row of one of these has somewhere to lead.
    """
    codes, files = pd.factorize(frame["source_file"])
    led = np.array([*(places.get(file, np.nan) for file in files), np.nan], dtype=object)[codes]
    csv = np.array([*(str(file).lower().endswith(".csv") for file in files), False])[codes]
    target = pd.Series(led, index=frame.index, dtype=object).where(frame["source_row"].notna())
    return frame.assign(link_target=target, link_sheet=frame["source_sheet"].mask(csv))


def line_rows(audit: Audit, tables: Tables, today: date) -> pd.DataFrame:
    """Return the merged orders: every accepted line with its prices, quantities, decision and findings."""
    lines = audit.lines
    shown = lines[["region", "order_no", "partner_code", "partner_name", "product_code", "product_name"]].copy()
    for name in ("unit", "quantity", "unit_price", "discount", "amount", "campaign", "remark", "clerk", "list_price"):
        shown[name] = lines[name]
    shown["order_date"] = lines["order_date"].fillna(pd.Timestamp(today))
    words = labels().words["line_type"]
    shown["line_type"] = _one_of((words["paid"][0], words["giveaway"][0]), lines["giveaway"].to_numpy(np.int64))
    levels = tables["partners"]["level"].fillna("") if "partners" in tables else ()
    shown["level"] = _one_of((*levels, ""), lines["partner"].to_numpy())
    shown["effective_discount"] = np.round(lines["effective_discount"], 6)
    for name in ("floor", "ship", "reserved", "short", "source_file", "source_sheet", "source_row"):
        shown[name] = lines[name]
    shown["decision"] = _one_of(DECISIONS, lines["effect"].to_numpy())
    shown["rules"] = _rules_of_lines(audit)
    shown["value"] = yuan(_counted(lines))
    return shown


def _one_of(texts: Sequence[str], places: npt.NDArray[np.int64]) -> pd.api.extensions.ExtensionArray:
    """Return for each row the text at its place (-1: the last), as a column of text made without objects."""
    return pd.array(list(texts), dtype="str").take(places)


def _counted(lines: pd.DataFrame) -> npt.NDArray[np.int64]:
    """Return what each line counts in the sums of the day (fen): nothing where it is set aside."""
    return np.where(lines["aside"].to_numpy(bool), 0, lines["value"].to_numpy()).astype(np.int64)


def partner_texts(rows: npt.NDArray[np.int64], tables: Tables, name: str) -> Objects:
    """Return a text of the partner table at its rows; nothing where the row is -1 or there is no table."""
    partners = tables.get("partners")
    return np.full(len(rows), "", dtype=object) if partners is None else texts(partners, name, rows)


def _rules_of_lines(audit: Audit) -> Objects:
    """Return per line the names of its findings; what holds or returns an order is named on all its lines."""
    said, order = labels(), audit.lines["order"].to_numpy()
    names = np.full(len(order), "", dtype=object)
    joiner = said.words["list_joiner"]
    for batch in audit.findings:
        on_line, name = np.unique(batch.at[batch.at >= 0]), said.rules[batch.rule].name
        if batch.whole_order:
            felt = np.isin(order, order[batch.at[batch.effect > INFO]])
            others = np.setdiff1d(np.flatnonzero(felt), on_line, assume_unique=True)
            _append(names, others, said.phrase("whole_order", name=name), joiner)
        _append(names, on_line, name, joiner)
    return names


def _append(cells: Objects, rows: npt.NDArray[np.int64], text: str, joiner: str) -> None:
    old = cells[rows]
    cells[rows] = np.where(old == "", text, old + joiner + text) if len(rows) else old


def finding_rows(audit: Audit, tables: Tables, lang: Lang = "zh") -> pd.DataFrame:
    """Return the findings sheet's rows, in source order: what is wrong, where, what to do, the money at stake."""
    parts = [_finding_part(batch, turn, audit, tables, lang) for turn, batch in enumerate(audit.findings)]
    if not parts:
        empty = pd.DataFrame(columns=["at", "turn", "judged", *labels().sheets["findings"].headings], dtype=object)
        return empty.astype({"at": np.int64, "money": float, "source_row": float})
    rows = pd.concat(parts, ignore_index=True)
    rows["on_line"] = rows["at"].where(rows["at"] >= 0, len(audit.lines))
    return rows.sort_values(["on_line", "turn"], kind="stable").reset_index(drop=True)


def _finding_part(batch: Findings, turn: int, audit: Audit, tables: Tables, lang: Lang) -> pd.DataFrame:
    lines, size = audit.lines, len(batch)
    says, does = sentences(batch, lines, tables.get("releases"), lang)
    decisions = np.array([*DECISIONS, None], dtype=object)
    effect = np.append(lines["effect"].to_numpy(), -1)[batch.at]
    part: dict[str, Any] = {
        "at": batch.at,
        "turn": turn,
        "rule": batch.rule,
        "rule_name": labels(lang).rules[batch.rule].name,
        "effect": np.array(EFFECTS, dtype=object)[batch.effect],
        "decision": decisions[effect],
        "says": says,
        "do": does,
        "money": yuan(np.asarray(batch.args["money"], dtype=np.int64)) if "money" in batch.args else np.nan,
    }
    part["judged"] = judged(batch) if (batch.effect == HOLD).any() else ""
    for name in ("actual", "expected"):
        part[name] = plains(column(batch, lines, name), lang) if name in batch.args else [""] * size
    for name in ("region", "order_no", "partner_code", "product_code", "source_file", "source_sheet"):
        part[name] = column(batch, lines, name)
    part["source_row"] = pd.to_numeric(pd.Series(column(batch, lines, "source_row"))).to_numpy(float)
    return pd.DataFrame(part)


def stock_rows(audit: Audit, tables: Tables) -> pd.DataFrame:
    """Return the stock sheet's rows: one per product of the products and stock tables, by code."""
    lines, products, stock = audit.lines, tables.get("products"), tables.get("stock")
    codes: dict[str, str] = {}
    names: dict[str, str] = {}
    for table in (products, stock):
        for place, code in enumerate(table["product_code"].to_list() if table is not None else []):
            codes.setdefault(code_key(code), code)
            if table is products and products is not None:
                names.setdefault(code_key(code), str(products["product_name"].iat[place]))
    keys = sorted(codes)
    sums = _per_code(stock, ("on_hand", "allocated", "in_transit"))
    free = {key: value / SCALE for key, value in available(stock).items()} if stock is not None else {}
    asked = lines.loc[~lines["aside"].to_numpy(bool), ["product_code", "quantity", "ship", "reserved", "short"]]
    by_code = _per_code(asked, ("quantity", "ship", "reserved", "short"))
    rows = pd.DataFrame({"key": keys, "product_code": [codes[key] for key in keys]})
    rows["product_name"] = [names.get(key) for key in keys]
    absent = np.nan if stock is None else 0.0
    for name, there in (*sums.items(), ("available", free)):
        rows[name] = [there.get(key, absent) for key in keys]
    for name, wanted in by_code.items():
        rows["ordered" if name == "quantity" else name] = [wanted.get(key, 0.0) for key in keys]
    rows["unscheduled"] = np.round(rows["ordered"] - rows["ship"] - rows["reserved"] - rows["short"], 6)
    rows["left"] = np.round(rows["available"] - rows["ship"] - rows["reserved"], 6)
    replies = arrivals(tables.get("supply"))
    rows["eta"] = pd.to_datetime(pd.Series([replies[key][1][0] if key in replies else pd.NaT for key in keys]))
    rows["supply_quantity"] = [replies[key][0][-1] / SCALE if key in replies else np.nan for key in keys]
    return rows.drop(columns="key")


def _per_code(table: pd.DataFrame | None, names: Sequence[str]) -> dict[str, dict[str, float]]:
    """Return by column the pieces of each product code; nothing where there is no table."""
    if table is None:
        return {name: {} for name in names}
    sums = per_product(table, names)
    return {name: {key: value / SCALE for key, value in of_code.items()} for name, of_code in sums.items()}


def funds_rows(audit: Audit, tables: Tables, today: date) -> pd.DataFrame:
    """Return the finance sheet's rows: one per order, by partner, with the partner's funds and finance's answer."""
    orders = audit.orders
    first = audit.lines[["partner_name", "region"]].iloc[orders["first"].to_numpy()]
    names = partner_texts(orders["partner"].to_numpy(), tables, "partner_name")
    judged = orders["finance"].to_numpy() >= 0
    judged &= orders["partner"].to_numpy() >= 0
    rows = pd.DataFrame(
        {
            "partner_code": orders["partner_code"].to_numpy(object),
            "partner_name": np.where(names == "", first["partner_name"].fillna("").to_numpy(object), names),
            "region": first["region"].to_numpy(object),
            "order_no": orders["order_no"].to_numpy(object),
            "amount": yuan(orders["amount"].to_numpy()),
            "partner_total": yuan(orders["total"].to_numpy()),
            "funds": np.where(judged, yuan(orders["funds"].to_numpy()), np.nan),
            "judgement": orders["judgement"].to_numpy(object),
            "confirmation": orders["confirmation"].to_numpy(object),
            "as_of": pd.Timestamp(today),
        }
    )
    rows["difference"] = np.round(rows["funds"] - rows["partner_total"], 2)
    rows["confirmation"] = rows["confirmation"].where(rows["confirmation"] != "")
    by = ["partner_code", "order_no"]
    return rows.sort_values(by, key=ranks, kind="stable").reset_index(drop=True)


def return_rows(audit: Audit, tables: Tables, findings: pd.DataFrame) -> pd.DataFrame:
    """Return the returns sheet's rows: orders held or returned for want of money, and whether finance said so."""
    orders = audit.orders
    of_line = dict(zip(orders["first"].tolist(), range(len(orders)), strict=True))
    found = findings[findings["rule"].isin(FOR_MONEY) & findings["effect"].isin([EFFECTS[HOLD], EFFECTS[RETURN]])]
    at = [of_line[line] for line in found["at"].tolist()]
    names = partner_texts(orders["partner"].to_numpy()[at], tables, "partner_name")
    return pd.DataFrame(
        {
            "region": found["region"].to_numpy(object),
            "order_no": found["order_no"].to_numpy(object),
            "partner_code": found["partner_code"].to_numpy(object),
            "partner_name": names,
            "amount": yuan(orders["amount"].to_numpy()[at]),
            "reason": found["rule"].to_numpy(object),
            "status": np.where(found["effect"] == EFFECTS[RETURN], "confirmed", "waiting"),
            "says": found["says"].to_numpy(object),
        }
    )


def problem_rows(problems: Sequence[Problem], lang: Lang = "zh") -> pd.DataFrame:
    """Return the problem sheet's rows: rejected cells and rows, files that could not be read, sheets of no kind."""
    said = labels(lang).problems
    return pd.DataFrame(
        {
            "source_file": [problem.source_file for problem in problems],
            "source_sheet": [problem.source_sheet or None for problem in problems],
            "source_row": [np.nan if problem.source_row is None else problem.source_row for problem in problems],
            "cell": [problem.cell or None for problem in problems],
            "problem": [said[problem.code].name for problem in problems],
            "value": [problem.value or None for problem in problems],
            "says": [sentence(problem, lang) for problem in problems],
        }
    )


def control_rows(control: pd.DataFrame, lines: pd.DataFrame, totals: pd.DataFrame) -> tuple[pd.DataFrame, bool]:
    """Return the control totals, one row per source sheet and the sum of all, and whether all that came in went out.

    control: what reading counted per sheet. lines: the rows of the merged orders, counted here anew.
    totals: what the sheets' own total rows state, and the sums of what they close.
    """
    key = ["source_file", "source_sheet"]
    out = lines.groupby(key, dropna=False)[["quantity", "amount"]].agg(["count", "sum"])
    out.columns = ["out_rows", "out_quantity", "_", "out_amount"]
    rows = control.merge(out.drop(columns="_").reset_index(), on=key, how="left").fillna(
        {"out_rows": 0, "out_quantity": 0.0, "out_amount": 0.0}
    )
    passed = (rows["rows"] == rows["out_rows"] + rows["rejected"]) & (rows["accepted"] == rows["out_rows"])
    for name in ("quantity", "amount"):
        # sums of the same numbers in another order differ by float dust only
        passed &= np.isclose(rows[name], rows[f"out_{name}"], rtol=1e-12, atol=1e-4)
    rows["verdict"] = np.where(passed, "PASS", "FAIL")
    everything = bool(passed.all()) and int(rows["out_rows"].sum()) == len(lines)
    rows["stated_verdict"] = _stated_verdicts(rows, totals)
    summed = rows.select_dtypes("number").sum(min_count=1).drop(["stated_quantity", "stated_amount"], errors="ignore")
    total = {**summed.to_dict(), "source_file": labels().words["total"], "verdict": "PASS" if everything else "FAIL"}
    return pd.concat([rows, pd.DataFrame([total])], ignore_index=True), everything


def _stated_verdicts(rows: pd.DataFrame, totals: pd.DataFrame) -> list[str | None]:
    """Return whether each sheet's own total rows agree with their lines; None where it has none."""
    words = labels().words["stated"]
    verdict: dict[tuple[str, str], str] = {}
    for row in totals.itertuples():
        agrees = not total_differs(str(row.name), float(row.stated), float(row.sum))  # type: ignore[arg-type]
        place = str(row.source_file), str(row.source_sheet)
        verdict[place] = words["agrees"] if agrees and verdict.get(place) != words["differs"] else words["differs"]
    return [verdict.get(place) for place in zip(rows["source_file"], rows["source_sheet"], strict=True)]


def decision_counts(audit: Audit, keys: Sequence[str]) -> pd.DataFrame:
    """Return lines, orders and amount (CNY) per key columns (of region, decision).

    An order counts once, where its first line lies, under its own decision; set-aside lines carry no amount.
    """
    lines, orders = audit.lines, audit.orders
    region = lines["region"].astype("category").array
    of_lines, of_orders = (
        {"region": region[at], "decision": pd.Categorical.from_codes(rows["effect"].to_numpy(), pd.Index(DECISIONS))}
        for rows, at in ((lines, slice(None)), (orders, orders["first"].to_numpy()))
    )
    parts = pd.DataFrame({**of_lines, "lines": 1, "amount": _counted(lines)}), pd.DataFrame({**of_orders, "orders": 1})
    both = pd.concat(parts).groupby(list(keys), dropna=False, observed=True)
    counts = both[["lines", "orders", "amount"]].sum().astype(np.int64).reset_index()
    return counts.assign(amount=yuan(counts["amount"].to_numpy()))


def kind_titles(kinds: Mapping[str, int] | Sequence[str]) -> str:
    """Return the titles of table kinds, as people know them."""
    said = labels()
    return str(said.words["list_joiner"].join(said.kinds[kind].title for kind in kinds))
