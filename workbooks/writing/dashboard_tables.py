"""The overview's tables of regions, shortages and rules, and the charts drawn from their cells."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from workbooks.labels import labels
from workbooks.layout import PALETTE, RULE_LINE, TOTAL_FILL
from workbooks.writing.canvas import GRID, HALF, MUTED, Page, Part
from workbooks.writing.charts import plain_bars, stacked_bars

if TYPE_CHECKING:
    from workbooks.writing.overview import Figures, Overview, RuleLine, Shortage

TOP = 10
"""Bars in a chart, and rows in the table of shortages."""
_WHOLE, _MONEY = '#,##0;-#,##0;"–"', '#,##0.00;-#,##0.00;"–"'
_MEASURES = ("lines", "orders", "amount")
_ROW, _HEADING = 17, 21  # points
_SHORT_PIXELS = 300


def draw_regions(page: Page, overview: Overview) -> range:
    """Write the table of regions by decision, and return the rows of its regions."""
    words, decisions = labels().overview, labels().decisions
    page.section(words["regions_title"])
    page.line(
        20,
        (1, None, page.heading()),
        *((3, word, page.badge(key, top=1, top_color=PALETTE[key].strong)) for key, word in decisions.items()),
        (3, words["total"], page.heading()),
    )
    heads: list[Part] = [(1, words["region"], page.heading("left"))]
    for _ in (*decisions, "total"):
        heads += [(1, words[f"column_{measure}"], page.heading("right")) for measure in _MEASURES]
    page.line(20, *heads)
    first = page.row
    for region, figures in overview.by_region().items():
        _region_line(page, region or words["no_region"], figures, {})
    last = page.row
    total = (overview.lines, overview.orders, overview.amount)
    totals = {key: overview.decided(key) for key in decisions}
    _region_line(page, words["total"], totals, {"bold": True, "bg_color": TOTAL_FILL}, total)
    return range(first, last)


def _region_line(
    page: Page,
    name: str,
    sums: dict[str, Figures],
    look: dict[str, object],
    total: Figures | None = None,
) -> None:
    """Write one region's figures; its total is their sum where none is given."""
    figures: list[tuple[float, ...]] = [sums.get(key, (0, 0, 0)) for key in labels().decisions]
    figures.append(total or tuple(sum(column) for column in zip(*figures, strict=True)))
    parts: list[Part] = [(1, name, page.cell(**look, shrink=True))]
    for place, group in enumerate(figures):
        strong = {"bold": True} if place == len(figures) - 1 else {}
        for measure, figure in zip(_MEASURES, group, strict=True):
            edge = {"left": 1, "left_color": RULE_LINE} if measure == _MEASURES[0] else {}
            form = _MONEY if measure == "amount" else _WHOLE
            pen = page.cell(**{**look, **strong, **edge}, num_format=form, align="right", shrink=True)
            parts.append((1, float(figure), pen))
    page.line(_ROW, *parts)


def regions_chart(page: Page, rows: range, row: int, pixels: int) -> None:
    """Draw the regions' lines by decision beside the table's other chart."""
    words = labels().overview
    if not rows:
        page.panel(words["no_regions"], row, 0, pixels)
        return
    series = [
        (word, page.span(rows, 2 + 3 * place), PALETTE[key].strong)
        for place, (key, word) in enumerate(labels().decisions.items())
    ]
    chart = stacked_bars(page.pens.book, words["chart_regions"], page.span(rows, 1), series)
    page.chart(chart, row, 0, pixels)


def draw_shortages(page: Page, overview: Overview) -> None:
    """Write the products that are shortest, and their chart beside them."""
    words = labels().overview
    short = sorted(overview.shortages, key=lambda product: (-product.short, product.product_code))
    top = [product for product in short if product.short > 0][:TOP]
    page.section(words["shortages_title"].format(count=len(top), total=len(short)) if top else words["shortages"])
    if not top:
        ran = not any(rule.missing for rule in overview.rules if rule.code == "short-stock")
        page.line(28, (GRID, words["no_shortages" if ran else "stock_not_run"], page.note(warns=not ran)))
        return
    head = page.heading()
    first = page.line(
        _HEADING,
        (2, words["product_code"], page.heading("left")),
        (3, words["product_name"], page.heading("left")),
        (1, words["short"], page.heading("right")),
        (2, words["eta"], head),
    )
    for product in top:
        _shortage_line(page, product)
    bars = range(first + 1, page.row)
    page.room(_SHORT_PIXELS - (_HEADING + _ROW * len(top)) * 4 // 3)
    chart = plain_bars(
        page.pens.book,
        words["chart_short"],
        page.span(bars, 3),
        page.span(bars, 6),
        (PALETTE["transfer"].strong, "#,##0.###" if any(product.short % 1 for product in top) else "#,##0"),
    )
    page.chart(chart, first, HALF, _SHORT_PIXELS)


def _shortage_line(page: Page, product: Shortage) -> None:
    form = "#,##0.0##" if product.short % 1 else "#,##0"
    page.line(
        _ROW,
        (2, product.product_code, page.cell(num_format="@")),
        (3, product.product_name or product.product_code, page.cell(shrink=True)),
        (1, product.short, page.cell(num_format=form, bold=True)),
        (2, product.eta.isoformat() if product.eta else labels().overview["no_eta"], page.cell(align="center")),
    )


def draw_rules(page: Page, overview: Overview) -> range:
    """Write the table of rules and return the rows of the ten with most money at stake.

    Rules that did not run come first; then the others by money and findings.
    """
    words = labels().overview
    ran = sum(not rule.missing for rule in overview.rules)
    page.section(words["rules_title"].format(ran=ran, not_run=len(overview.rules) - ran))
    widths = {"rule_name": 2, "rule_code": 3, "effect": 1, "count": 1, "money": 1, "status": 1, "advice": 7}
    aligned = {"rule_name": "left", "rule_code": "left", "advice": "left", "count": "right", "money": "right"}
    page.line(
        _HEADING,
        *((width, words[key], page.heading(aligned.get(key, "center"))) for key, width in widths.items()),
    )
    rules = sorted(overview.rules, key=lambda rule: (not rule.missing, -rule.money, -rule.count))
    first = page.row
    for rule in rules:
        _rule_line(page, rule)
    start = first + len(rules) - ran
    paid = sum(rule.money > 0 for rule in rules if not rule.missing)
    return range(start, start + min(paid, TOP))


def _rule_line(page: Page, rule: RuleLine) -> None:
    """Write one rule; one that did not run has no figures, on a ground of its own."""
    words, said = labels().overview, labels().rules.get(rule.code)
    name = said.name if said else rule.code
    if rule.missing:
        ground = {"bg_color": PALETTE["hold"].fill, "font_color": PALETTE["hold"].ink}
        nothing = page.cell(**ground, align="right")
        figures: list[Part] = [(1, "—", nothing), (1, "—", nothing)]
        status: Part = (1, words["did_not_run"], page.cell(**ground, align="center", bold=True))
        advice = words["missing"].format(missing=rule.missing)
    else:
        ground = {} if rule.count else {"font_color": MUTED}
        figures = [
            (1, rule.count, page.cell(**ground, num_format="#,##0", bold=rule.count > 0)),
            (1, rule.money, page.cell(**ground, num_format=_MONEY, shrink=True)),
        ]
        status = (1, words["ran"], page.cell(**ground, align="center"))
        advice = words["nothing_found"] if not rule.count else re.sub(r"\{[^}]*\}", "…", said.do) if said else ""
    page.line(
        _ROW,
        (2, name, page.cell(**ground, bold=bool(rule.count or rule.missing))),
        (3, rule.code, page.cell(**ground)),
        (
            1,
            labels().effects[rule.effect],
            page.badge(rule.effect) if rule.count else page.cell(**ground, align="center"),
        ),
        *figures,
        status,
        (7, advice, page.cell(**ground, shrink=True)),
    )


def money_chart(page: Page, rows: range, row: int, pixels: int) -> None:
    """Draw the rules with most money at stake."""
    words = labels().overview
    if not rows:
        page.panel(words["no_money"], row, HALF, pixels)
        return
    chart = plain_bars(
        page.pens.book,
        words["chart_money"],
        page.span(rows, 1),
        page.span(rows, 8),
        (PALETTE["hold"].strong, "#,##0"),
    )
    page.chart(chart, row, HALF, pixels)
