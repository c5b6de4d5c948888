"""The overview sheet, block by block: title and verdict, key figures, tables with their charts, facts of the run."""

from __future__ import annotations

from itertools import zip_longest
from typing import TYPE_CHECKING

from workbooks.labels import labels
from workbooks.layout import PALETTE
from workbooks.writing.canvas import GRID, HALF, MUTED, NAVY, SOFT, WHITE, Page, Part
from workbooks.writing.dashboard_tables import draw_regions, draw_rules, draw_shortages, money_chart, regions_chart
from workbooks.writing.pens import Pens, set_up_page

if TYPE_CHECKING:
    from xlsxwriter.workbook import Workbook

    from workbooks.writing.overview import Overview

_FEWEST_PIXELS = 300  # of the charts under the regions' table

Card = tuple[str, float, str, str, str | None]
"""Label, figure, its number format, note, tone."""


def draw_overview(book: Workbook, pens: Pens, overview: Overview) -> None:
    """Add the overview sheet to a workbook."""
    sheet = book.add_worksheet(labels().sheets["overview"].name)
    sheet.hide_gridlines(2)
    sheet.set_tab_color(NAVY)
    set_up_page(sheet, overview.period or f"{overview.day}", labels().overview["title"])
    page = Page(sheet, pens)
    _draw_title(page, overview)
    _draw_warnings(page, overview)
    _draw_cards(page, overview)
    regions = draw_regions(page, overview)
    page.gap(8)
    pixels = max(_FEWEST_PIXELS, 110 + 24 * len(regions))
    charts = page.room(pixels)
    page.breaks.append(page.row)
    at_stake = draw_rules(page, overview)
    regions_chart(page, regions, charts, pixels)
    money_chart(page, at_stake, charts, pixels)
    page.breaks.append(page.row)
    draw_shortages(page, overview)
    _draw_facts(page, overview)
    _draw_notices(page, overview)
    _draw_inputs(page, overview)
    sheet.set_h_pagebreaks(page.breaks)


def _draw_title(page: Page, overview: Overview) -> None:
    words, pen = labels().overview, page.pens.pen
    of = overview.period or words["of_day"].format(day=overview.day)
    verdict = PALETTE["pass" if overview.passed else "return"].strong
    block = {"bg_color": verdict, "font_color": WHITE, "align": "center", "bold": True}
    band = {"bg_color": NAVY, "font_color": WHITE, "indent": 1}
    page.line(
        36,
        (12, words["title"], pen(**band, font_size=20, bold=True)),
        (4, "PASS" if overview.passed else "FAIL", pen(**block, font_size=20)),
    )
    page.line(
        24,
        (12, words["subtitle"].format(of=of, says=overview.verdict_says), pen(**band)),
        (4, words["passed" if overview.passed else "failed"], pen(**block, font_size=11, valign="top")),
    )


def _draw_warnings(page: Page, overview: Overview) -> None:
    """Say in a band what must not be overlooked: rules that did not run first."""
    words = labels().overview
    not_run = [rule for rule in overview.rules if rule.missing and not rule.optional]
    bands = [("return", alert) for alert in overview.alerts]
    if not_run:
        missing = words["separator"].join(dict.fromkeys(rule.missing for rule in not_run))
        bands.append(("hold", words["not_run"].format(count=len(not_run), missing=missing)))
    bands += [("info", remark) for remark in overview.remarks]
    if overview.notices:
        bands.append(("info", words["notices_below"].format(count=len(overview.notices))))
    for tone, text in bands:
        colour = PALETTE[tone]
        page.gap(4)
        pen = page.pens.pen(
            bg_color=colour.fill,
            font_color=colour.ink,
            bold=tone != "info",
            text_wrap=True,
            indent=1,
            left=5,
            left_color=colour.strong,
        )
        page.line(page.height(text, GRID, 24), (GRID, text, pen))


def _draw_cards(page: Page, overview: Overview) -> None:
    words = labels().overview
    each = max(overview.orders, 1)
    figures = (
        ("lines", overview.lines, "#,##0", {"rejected": f"{overview.rejected:,}"}),
        ("orders", overview.orders, "#,##0", {"each": f"{overview.lines / each:,.1f}"}),
        ("amount", overview.amount, "#,##0.00", {"each": f"{overview.amount / each:,.2f}"}),
        ("at_stake", overview.at_stake, "#,##0.00", {"findings": f"{overview.findings:,}"}),
    )
    page.gap(8)
    _cards(
        page,
        [(words[key], value, form, words[f"{key}_note"].format(**note), None) for key, value, form, note in figures],
    )
    page.gap(6)
    cards: list[Card] = []
    for key, word in labels().decisions.items():
        lines, orders, amount = overview.decided(key)
        note = words["decision_note"].format(orders=f"{orders:,.0f}", amount=f"{amount:,.2f}")
        cards.append(
            (
                words["card"].format(word=word, means=words[f"means_{key}"]),
                lines,
                f'#,##0" {words["lines_unit"]}"',
                note,
                key,
            )
        )
    _cards(page, cards)


def _cards(page: Page, cards: list[Card]) -> None:
    """Write cards side by side."""
    rows: tuple[list[Part], ...] = ([], [], [])
    width = GRID // len(cards)
    for label, figure, form, note, tone in cards:
        fill, ink, edge = SOFT, NAVY, NAVY
        if tone:
            fill, ink, edge = PALETTE[tone].fill, PALETTE[tone].ink, PALETTE[tone].strong
        box = {
            "bg_color": fill,
            "font_color": ink,
            "indent": 1,
            "align": "left",
            "left": 5,
            "left_color": edge,
            "right": 5,
            "right_color": WHITE,
        }
        pen = page.pens.pen
        rows[0].append((width, label, pen(**box, font_size=10, valign="bottom", bold=tone is not None)))
        rows[1].append((width, figure, pen(**box, font_size=20, bold=True, num_format=form)))
        rows[2].append((width, note, pen(**{**box, "font_color": ink if tone else MUTED}, font_size=9, valign="top")))
    for points, parts in zip((20, 32, 20), rows, strict=True):
        page.line(points, *parts)


def _draw_facts(page: Page, overview: Overview) -> None:
    """Write what the colours mean and the facts of the run, side by side."""
    words, meanings = labels().overview, {**labels().decisions, "info": labels().effects["info"]}
    page.section(words["legend_title"], words["facts_title"])
    name, value = page.cell(font_color=MUTED), page.cell()
    legend = list(meanings.items())
    for meaning, fact in zip_longest(legend, overview.facts):
        parts: list[Part] = [(HALF, None, page.pens.pen())]
        if meaning:
            parts = [(1, meaning[1], page.badge(meaning[0])), (HALF - 1, words[f"means_{meaning[0]}"], page.cell())]
        if fact:
            parts += [(4, words.get(f"fact_{fact[0]}", fact[0]), name), (HALF - 4, fact[1], value)]
        page.line(18, *parts)


def _draw_notices(page: Page, overview: Overview) -> None:
    if not overview.notices:
        return
    page.section(labels().overview["notices_title"])
    pen = page.cell(text_wrap=True)
    for notice in overview.notices:
        page.line(page.height(notice, GRID, 18), (GRID, notice, pen))


def _draw_inputs(page: Page, overview: Overview) -> None:
    words, kinds = labels().overview, labels().kinds
    page.section(words["inputs_title"].format(count=len(overview.inputs)))
    head = page.heading()
    page.line(
        20,
        (7, words["input_file"], page.heading("left")),
        (2, words["input_kind"], head),
        (1, words["input_rows"], page.heading("right")),
        (6, words["input_sha"], head),
    )
    mono = page.cell(font_name=words["mono"], font_size=8, font_color=MUTED, align="center")
    for file in overview.inputs:
        kind = kinds[file.kind].title if file.kind in kinds else file.kind
        page.line(
            17,
            (7, file.file, page.cell()),
            (2, kind, page.cell(align="center")),
            (1, file.rows, page.cell(num_format="#,##0")),
            (6, file.sha256, mono),
        )
