"""The lines that go back to the regions: what to correct, what has moved, and all of it as it was sent."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath

import numpy as np
import numpy.typing as npt
import pandas as pd

from macros.audit import Report
from macros.results import problem_rows, source_links
from udfs.findings import DECISIONS, EFFECTS, HOLD, INFO, RETURN, TRANSFER
from udfs.lookup import code_key
from udfs.order_lines import texts
from workbooks.labels import labels
from workbooks.layout import RETURN_LAYOUTS
from workbooks.reading.problems import SETTLED
from workbooks.reading.tables import Table
from workbooks.schema import KINDS
from workbooks.writing.book import Table as Sheet

UP = "../"  # from the folder of the regions' workbooks to the day's outputs
ORDER_COLUMNS = tuple(column.name for column in KINDS["orders"].columns)


@dataclass(frozen=True)
class _Told:
    """What is said of a line: by which rule ("": none of its own), how grave, what is wrong and what to do."""

    rule: str
    effect: int
    says: str
    do: str


def sent_back_rows(report: Report) -> pd.DataFrame:
    """Return the lines to correct: those held or returned, as they were read, with what is wrong and what to do."""
    lines = report.audit.lines
    wanted = np.isin(lines["effect"].to_numpy(), (HOLD, RETURN))
    told = _told(report, wanted)
    rows = _as_read(report, wanted).assign(decision=_decisions(lines, wanted), rules=_rules(report)[wanted])
    return rows.assign(
        says=[_joined(one.says for one in of_line) for of_line in told],
        do=[_joined(one.do for one in of_line) for of_line in told],
        may=_may(report, wanted, told),
    )


def as_sent_rows(report: Report) -> pd.DataFrame:
    """Return every line of the orders that have a line to correct, as it was read."""
    lines = report.audit.lines
    order, effect = lines["order"].to_numpy(), lines["effect"].to_numpy()
    wanted = np.isin(order, np.unique(order[effect >= HOLD]))
    rows = _as_read(report, wanted)
    return rows.assign(before=_decisions(lines, wanted), before_rules=_rules(report)[wanted])


def moved_rows(report: Report, tables: Mapping[str, Table]) -> pd.DataFrame:
    """Return the lines that wait for stock or a replacement, and what to tell the partner."""
    lines = report.audit.lines
    wanted = lines["effect"].to_numpy() == TRANSFER
    told = [[one.says for one in of_line if one.effect == TRANSFER] for of_line in _told(report, wanted)]
    products = tables["products"].frame if "products" in tables else None
    replaced = "" if products is None else texts(products, "replaced_by", lines["product"].to_numpy()[wanted])
    names = ["region", "order_no", "partner_code", "partner_name", "product_code", "product_name"]
    rows: pd.DataFrame = lines.loc[wanted, [*names, "quantity", "ship", "short", "eta"]].reset_index(drop=True)
    return rows.rename(columns={"quantity": "ordered"}).assign(replaced_by=replaced, says=list(map(_joined, told)))


def unread_rows(report: Report, orders: Table) -> pd.DataFrame:
    """Return the problems of the rows that were not accepted, but not of those that others count in place of.

    region: the one that most of their file's lines have; of a file without a line, what it is called.
    """
    told = [problem for problem in orders.problems if problem.rejects and problem.code not in SETTLED]
    region_of = _regions_of_files(report.audit.lines, orders.sent)
    files = [problem.source_file for problem in told]
    regions = [region_of.get(file, PurePosixPath(file).stem) for file in files]
    return problem_rows(told).assign(region=pd.array(regions, dtype="str"))


def _regions_of_files(lines: pd.DataFrame, sent: pd.DataFrame | None) -> dict[str, str]:
    """Return per file the region of most of its lines: those it holds, else those that stand for its own.

    sent: the lines as they were sent, of files that were handed back and have no line that counts.
    """
    asked = [(lines, "source_file")]
    asked += [(lines, "stands_in")] if "stands_in" in lines else []
    asked += [(sent, "source_file")] if sent is not None and len(sent) else []
    found: dict[str, str] = {}
    for frame, name in asked:
        counts = frame.groupby([name, "region"], sort=False).size().reset_index(name="count")
        most = counts.sort_values("count", ascending=False, kind="stable").drop_duplicates(name)
        found = dict(zip(most[name], most["region"], strict=True)) | found
    return found


def _as_read(report: Report, wanted: npt.NDArray[np.bool_]) -> pd.DataFrame:
    """Return lines as they were read, blanks blank, so that they read the same again; with where they stood first."""
    lines = report.audit.lines[wanted].reset_index(drop=True)
    kinds = {key: labels().words["line_type"][key][0] for key in ("paid", "giveaway")}
    rows = lines[list(ORDER_COLUMNS)].assign(line_type=lines["line_type"].map(kinds).astype("object"))
    came = "origin" if "origin_file" in lines else "source"
    rows = rows.assign(**{f"back_{name}": lines[f"{came}_{name}"] for name in ("file", "sheet", "row")})
    rounds = lines["origin_round"].to_numpy() if "origin_round" in lines else np.zeros(len(lines))
    return rows.assign(back_day=pd.Timestamp(report.day), back_round=rounds + 1)


def _decisions(lines: pd.DataFrame, wanted: npt.NDArray[np.bool_]) -> npt.NDArray[np.object_]:
    decisions: npt.NDArray[np.object_] = np.array(DECISIONS, dtype=object)[lines["effect"].to_numpy()[wanted]]
    return decisions


def _rules(report: Report) -> npt.NDArray[np.object_]:
    """Return the names of each line's findings, as the merged orders show them."""
    rules: npt.NDArray[np.object_] = report.frame("lines")["rules"].to_numpy(object)
    return rules


def _told(report: Report, wanted: npt.NDArray[np.bool_]) -> list[list[_Told]]:
    """Return per line wanted what is said of it, the gravest first; what holds an order is said on all its lines."""
    findings, audited = report.findings, report.audit
    order, effect = audited.lines["order"].to_numpy(), audited.lines["effect"].to_numpy()
    of_order = {batch.rule for batch in audited.findings if batch.whole_order}
    told: dict[int, list[_Told]] = {line: [] for line in np.flatnonzero(wanted).tolist()}
    lines_of: dict[int, list[int]] = {}
    for line in told:
        lines_of.setdefault(int(order[line]), []).append(line)
    columns = (findings[name].tolist() for name in ("at", "rule", "effect", "says", "do"))
    for at, rule, gravity, says, do in zip(*columns, strict=True):
        shared = rule in of_order and gravity != EFFECTS[INFO]
        for line in lines_of.get(int(order[at]), []) if shared and at >= 0 else [at]:
            if line in told:
                told[line].append(_Told(rule, EFFECTS.index(gravity), says, do))
    for line, said in told.items():
        if max((one.effect for one in said), default=INFO) < effect[line]:  # by the setting `whole`
            said.append(_Told("", int(effect[line]), labels().phrase("order_held"), ""))
        said.sort(key=lambda one: -one.effect)
    return list(told.values())


def _may(report: Report, wanted: npt.NDArray[np.bool_], told: Sequence[Sequence[_Told]]) -> list[str]:
    """Return per line wanted who may release it, with the rule where they differ from rule to rule."""
    pending, said = report.frame("pending"), labels()
    keys = zip(pending["order_no"], pending["product_code"], pending["rule"], strict=True)
    may = {_pending_key(*key): who for key, who in zip(keys, pending["may"], strict=True)}
    lines, texts_of = report.audit.lines[wanted], []
    for order, product, of_line in zip(lines["order_no"], lines["product_code"], told, strict=True):
        names = dict.fromkeys(said.rules[one.rule].name for one in of_line if one.effect == HOLD and one.rule)
        who = {
            name: may.get(_pending_key(order, product, name)) or may.get(_pending_key(order, "", name))
            for name in names
        }
        roles = {name: roles for name, roles in who.items() if roles}
        one_for_all = len(set(roles.values())) == 1
        worded = (said.phrase("may_release", rule=name, roles=text) for name, text in roles.items())
        texts_of.append(_joined(roles.values() if one_for_all else worded))
    return texts_of


def _pending_key(order: object, product: object, rule: str) -> tuple[str, str, str]:
    return code_key(str(order)), code_key(product) if isinstance(product, str) else "", rule


def _joined(sentences: Iterable[str]) -> str:
    return "\n".join(dict.fromkeys(text for text in sentences if text))


def sheets_of(report: Report, tables: Mapping[str, Table], places: Mapping[str, str] | None = None) -> dict[str, Sheet]:
    """Return the sheets that go back, with the lines of all regions.

    places: where the workbook of each source_file is, "" the one that they are written into; None: as seen from the
    folder of the regions' workbooks.
    """
    if places is None:
        folder = labels().folders["originals"]
        places = {file: f"{UP}{folder}/{file}" for file in tables["orders"].control["source_file"]}
    frames = {
        "sent_back": sent_back_rows(report),
        "moved": moved_rows(report, tables),
        "unread": unread_rows(report, tables["orders"]),
        "as_sent": as_sent_rows(report),
    }
    frames["unread"] = source_links(frames["unread"], places)
    pending = report.sheet("pending")
    for key in ("sent_back", "as_sent"):
        marks = frames[key][["back_file", "back_sheet", "back_row"]]
        links = source_links(marks.set_axis(["source_file", "source_sheet", "source_row"], axis=1), places)
        frames[key] = frames[key].assign(link_target=links["link_target"], link_sheet=links["link_sheet"])
    sheets = {key: Sheet(RETURN_LAYOUTS[key], frame) for key, frame in frames.items()}
    waits = Sheet(pending.layout, source_links(pending.frame, places))
    return {"sent_back": sheets.pop("sent_back"), "pending": waits, **sheets}
