"""The lines that go back to the regions: what to correct, what has moved, and all of it as it was sent."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import PurePosixPath

import numpy as np
import numpy.typing as npt
import pandas as pd

from macros.audit import Report
from macros.results import problem_rows, source_links
from macros.told import does, may, says, told
from udfs.findings import DECISIONS, HOLD, RETURN, TRANSFER, Bools
from udfs.order_lines import texts
from workbooks.labels import labels
from workbooks.layout import RETURN_LAYOUTS
from workbooks.reading.problems import SETTLED
from workbooks.reading.tables import Table
from workbooks.schema import KINDS
from workbooks.writing.book import Table as Sheet

UP = "../"  # from the folder of the regions' workbooks to the day's outputs
ORDER_COLUMNS = tuple(column.name for column in KINDS["orders"].columns)


def sent_back_rows(report: Report) -> pd.DataFrame:
    """Return the lines to correct: those held or returned, as they were read, with what is wrong and what to do."""
    lines = report.audit.lines
    wanted = np.isin(lines["effect"].to_numpy(), (HOLD, RETURN))
    said = told(report, wanted)
    return _as_read(report, wanted).assign(
        decision=_decisions(lines, wanted),
        rules=_rules(report, wanted),
        says=says(report, said),
        do=does(report, said),
        may=may(report, wanted, said),
    )


def as_sent_rows(report: Report) -> pd.DataFrame:
    """Return every line of the orders that have a line to correct, as it was read."""
    lines = report.audit.lines
    order, effect = lines["order"].to_numpy(), lines["effect"].to_numpy()
    wanted = np.isin(order, np.unique(order[effect >= HOLD]))
    rows = _as_read(report, wanted)
    return rows.assign(before=_decisions(lines, wanted), before_rules=_rules(report, wanted))


def moved_rows(report: Report, tables: Mapping[str, Table]) -> pd.DataFrame:
    """Return the lines that wait for stock or a replacement, and what to tell the partner."""
    lines = report.audit.lines
    wanted = lines["effect"].to_numpy() == TRANSFER
    said = told(report, wanted)
    products = tables["products"].frame if "products" in tables else None
    replaced = "" if products is None else texts(products, "replaced_by", lines["product"].to_numpy()[wanted])
    names = ["region", "order_no", "partner_code", "partner_name", "product_code", "product_name"]
    rows: pd.DataFrame = lines.loc[wanted, [*names, "quantity", "ship", "short", "eta"]].reset_index(drop=True)
    rows = rows.rename(columns={"quantity": "ordered"})
    return rows.assign(replaced_by=replaced, says=says(report, said.only(said.effect == TRANSFER)))


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


def _as_read(report: Report, wanted: Bools) -> pd.DataFrame:
    """Return lines as they were read, blanks blank, so that they read the same again; with where they stood first."""
    lines = report.audit.lines
    came = "origin" if "origin_file" in lines else "source"
    marks = {f"back_{name}": f"{came}_{name}" for name in ("file", "sheet", "row")}
    rounds = lines["origin_round"].to_numpy()[wanted] if "origin_round" in lines else 0.0
    rows = lines.loc[wanted, [*ORDER_COLUMNS, *marks.values()]].reset_index(drop=True)
    rows = rows.rename(columns={column: name for name, column in marks.items()})
    kinds = {key: labels().words["line_type"][key][0] for key in ("paid", "giveaway")}
    rows = rows.assign(line_type=rows["line_type"].map(kinds).astype("object"))
    return rows.assign(back_day=pd.Timestamp(report.day), back_round=rounds + 1)


def _decisions(lines: pd.DataFrame, wanted: Bools) -> npt.NDArray[np.object_]:
    decisions: npt.NDArray[np.object_] = np.array(DECISIONS, dtype=object)[lines["effect"].to_numpy()[wanted]]
    return decisions


def _rules(report: Report, wanted: Bools) -> npt.NDArray[np.object_]:
    """Return the names of each line's findings, as the merged orders show them."""
    rules: npt.NDArray[np.object_] = report.frame("lines").loc[wanted, "rules"].to_numpy(object)
    return rules


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
