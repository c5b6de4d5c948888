"""Result workbooks on disk: tables in their layouts, with filters, links to the sources and drop-downs.

XlsxWriter draws the shell of every sheet; below the headings it writes one sample cell in each look that a cell has,
whose style id the real cells take over (workbooks.writing.bulk). One path for small tables and large.
"""

from __future__ import annotations

import io
from collections import defaultdict
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import xlsxwriter

from workbooks.addresses import column_letters
from workbooks.errors import WorkbookError
from workbooks.labels import labels
from workbooks.layout import LINE_POINTS, NUMBER_FORMATS, ROW_POINTS, Column, Layout, Look
from workbooks.sheets import MOST_ROWS, free_names
from workbooks.writing.bulk import Body, Cells, Shell
from workbooks.writing.cell_text import heading, text_array
from workbooks.writing.columns import OTHER_FORM, SAMPLES, columns_of, line_count, other_form
from workbooks.writing.dashboard import draw_overview
from workbooks.writing.links import MAX_TARGET, escaped_target, link_elements
from workbooks.writing.pens import Pens, part_name, set_up_page
from workbooks.writing.style import HEADING_POINTS, Kind, kind_of, note, prompt, wraps

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path

    import pandas as pd
    from xlsxwriter.worksheet import Worksheet

    from workbooks.writing.overview import Overview

AUTHOR = "Order Desk"
SUMMED = frozenset({Look.QUANTITY, Look.MONEY})


@dataclass(frozen=True)
class Table:
    """One sheet: its layout and rows.

    frame: the layout's columns by name. NaN, NaT and None are empty cells; decisions and effects stand as keys; money
    is CNY, already rounded. Beside a LINK column: link_target (path relative to the workbook) and link_sheet (NaN: no
    sheet to point into, as in a csv). Other columns are left out.
    """

    layout: Layout
    frame: pd.DataFrame


def write_book(
    path: Path, overview: Overview | None, tables: Sequence[Table], day: date, title: str | None = None
) -> None:
    """Write a result workbook: the overview, where there is one, then a sheet per table in the order given.

    title: what it is, above every printed page; None: the audit's result. Where the overview is of several days, these
    stand there in place of the day. A table longer than a sheet of Excel goes on in further ones like it, named " (2)"
    and so on.

    The same input gives the same bytes. Raises KeyError where a frame lacks a column of its layout, ValueError where a
    number is infinite.
    """
    given, tables = tables, _by_sheet(tables)
    drawn = io.BytesIO()
    book = xlsxwriter.Workbook(drawn, {"in_memory": True})
    created = datetime(day.year, day.month, day.day, tzinfo=UTC).replace(tzinfo=None)
    title = heading(title or labels().overview["title"])
    of = (overview and overview.period) or f"{day}"
    book.set_properties({"author": AUTHOR, "title": f"{title} {of}", "created": created})
    pens = Pens(book)
    if overview is not None:
        draw_overview(book, pens, overview)
    parts: dict[str, tuple[Table, list[Cells]]] = {}
    for table in tables:
        sheet, columns = book.add_worksheet(table.layout.name), columns_of(table.layout, table.frame)
        parts[part_name(sheet)] = table, columns
        _draw_shell(sheet, table, columns, pens)
        set_up_page(sheet, of, title, landscape=table.layout.landscape)
    book.close()
    shell = Shell(drawn)
    styles = pens.style_ids(shell.styles)
    bodies = {part: _body(*table, shell.link_ids(part), styles) for part, table in parts.items()}
    _check(path, given, tables, list(bodies.values()))
    shell.write(path, bodies)


def _check(path: Path, given: Sequence[Table], tables: Sequence[Table], bodies: Sequence[Body]) -> None:
    """Raise WorkbookError where the cells to be written are not the tables': their rows, quantities and money."""
    counted: dict[tuple[str, str], float] = defaultdict(float)
    found: dict[tuple[str, str], float] = defaultdict(float)
    for table in given:
        key = table.layout.key
        counted[key, ""] += len(table.frame)
        for column in table.layout.columns:
            if column.look in SUMMED:
                counted[key, column.name] += float(np.nansum(table.frame[column.name].to_numpy(float)))
    for table, body in zip(tables, bodies, strict=True):
        key = table.layout.key
        found[key, ""] += body.rows
        for column, cells_of in zip(table.layout.columns, body.columns, strict=True):
            if column.look in SUMMED:
                found[key, column.name] += pc.sum(cells_of.data).as_py() or 0.0
    for place, sum_of in counted.items():
        if not np.isclose(sum_of, found[place], rtol=1e-9, atol=1e-4):
            sheet = next(table.layout.name for table in given if table.layout.key == place[0])
            raise WorkbookError("written-short", path=path, sheet=sheet, counted=sum_of, found=found[place])


def _by_sheet(tables: Sequence[Table]) -> list[Table]:
    """Return the tables, each one longer than a sheet in parts of a sheet each; a total row stays the last of all."""
    taken = [table.layout.name for table in tables]
    sheets: list[Table] = []
    for table in tables:
        starts = range(0, len(table.frame), MOST_ROWS)[1:]
        names = free_names([table.layout.name] * len(starts), taken)
        taken += names
        layouts = [replace(table.layout, name=name) for name in (table.layout.name, *names)]
        layouts = [*(replace(layout, total_row=False) for layout in layouts[:-1]), layouts[-1]]
        parts = (table.frame.iloc[start : start + MOST_ROWS] for start in (0, *starts))
        sheets += map(Table, layouts, parts) if starts else [table]
    return sheets


def _draw_shell(sheet: Worksheet, table: Table, columns: Sequence[Cells], pens: Pens) -> None:
    """Draw everything of a sheet but its rows, and below the heading the samples that `_body` reads back."""
    layout, rows = table.layout, len(table.frame)
    last = len(layout.columns) - 1
    sheet.set_row(0, HEADING_POINTS)
    for place, (column, body) in enumerate(zip(layout.columns, columns, strict=True)):
        # a row added below must keep the zeros of its codes too
        added = (
            pens.pen(num_format=NUMBER_FORMATS[Look.CODE])
            if column.look is Look.CODE and column.name in layout.inputs
            else None
        )
        sheet.set_column(place, place, column.width, added)
        sheet.write_string(0, place, column.heading, pens.heading(layout, column))
        if said := note(layout, column):
            sheet.write_comment(0, place, said, {"author": AUTHOR, "width": 260, "height": 120, "font_size": 9})
        if column.name in layout.choices and rows:
            sheet.data_validation(1, place, rows, place, _choice(column, layout.choices[column.name]))
        samples = np.flatnonzero(np.bincount(body.picks)).tolist()
        if column.look is Look.LINK:
            _sample_links(sheet, place, column, _files(table.frame).dictionary.to_pylist())
            samples += [sample + OTHER_FORM for sample in samples]
        pens.write_samples(sheet, place, kind_of(layout, column), samples)
    sheet.autofilter(0, 0, max(rows - layout.total_row, 0), last)
    sheet.freeze_panes(1, layout.freeze)
    sheet.hide_gridlines(2)
    if rows:
        sheet.ignore_errors({"number_stored_as_text": f"A2:{column_letters(last)}{rows + 1}"})
    if not wraps(layout):
        sheet.set_default_row(ROW_POINTS)
    sheet.repeat_rows(0)


def _choice(column: Column, choices: Sequence[str]) -> dict[str, object]:
    title, message, error = prompt(column)
    return {
        "validate": "list",
        "source": list(choices),
        "input_title": title,
        "input_message": message,
        "error_title": title,
        "error_message": error,
    }


def _files(frame: pd.DataFrame) -> pa.DictionaryArray:
    """Return the files that the rows of a table link to, each different one once."""
    files = text_array(frame["link_target"]) if "link_target" in frame else pa.nulls(len(frame), pa.large_string())
    return files.dictionary_encode()


def _sample_links(sheet: Worksheet, place: int, column: Column, files: Sequence[str]) -> None:
    """Write one link to every file, below the samples, so that XlsxWriter enters them as relations."""
    for row, file in enumerate(files, 1 + len(SAMPLES)):
        target = escaped_target(file)
        if len(target) <= MAX_TARGET:
            sheet.write_url(row, place, f"external:{target}", None, column.heading)


def _body(table: Table, drawn: Sequence[Cells], ids: Mapping[str, str], styles: Callable[[Kind], list[int]]) -> Body:
    """Return the rows of a table; ids: the relations of its links; styles: tells those of a column's samples."""
    layout, frame = table.layout, table.frame
    columns, links, lines = [], b"", np.ones(len(frame))
    for place, (column, body) in enumerate(zip(layout.columns, drawn, strict=True)):
        picks = body.picks
        if column.look is Look.SENTENCE:
            lines = np.maximum(lines, line_count(body.data, column.width))
        if column.look is Look.LINK:
            relations, links = _links(frame, column_letters(place), ids, body.data)
            picks = other_form(picks, relations.is_null().to_numpy(zero_copy_only=False))
        columns.append(replace(body, picks=picks, styles=styles(kind_of(layout, column))))
    heights = ROW_POINTS + (lines - 1) * LINE_POINTS if wraps(layout) else None
    return Body(len(frame), columns, heights, links)


def _links(frame: pd.DataFrame, letters: str, ids: Mapping[str, str], rows: pa.Array) -> tuple[pa.Array, bytes]:
    """Return per row the relation of its link, null where it has none, and the links of the column."""
    files, first = _files(frame), 2 + len(SAMPLES)
    known = [ids.get(f"{letters}{row}") for row in range(first, first + len(files.dictionary))]
    relations = pa.array(known, pa.large_string()).take(files.indices)
    return relations, link_elements(letters, relations, text_array(frame["link_sheet"]), rows) if known else b""
