"""How each cell of an output sheet looks, as plain data: the file writer and the live one both draw from here."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cache
from typing import NamedTuple

from workbooks import layout as looks
from workbooks.labels import labels
from workbooks.layout import BADGES, CENTRED, NUMBER_FORMATS, NUMBERS, PALETTE, Column, Layout, Look
from workbooks.writing.columns import SAMPLES, TOTAL


@dataclass(frozen=True)
class Style:
    """A cell's look on top of the house font (layout.FONT, FONT_SIZE, centred between top and bottom).

    fill, ink, rule and top: colours; None is none. rule: the line below the cell; top: the one above, in a total row.
    numbers: its number format. indent: steps from the left edge. locked: whether a protected sheet refuses typing.
    """

    numbers: str
    fill: str | None = None
    ink: str = looks.TEXT_INK
    bold: bool = False
    underline: bool = False
    centred: bool = False
    indent: int = 0
    wrap: bool = False
    locked: bool = True
    rule: str | None = looks.RULE_LINE
    top: str | None = None


HEADING_POINTS = 30


def heading_style(layout: Layout, column: Column) -> Style:
    """Return the look of a column's heading; amber over cells that people fill in."""
    fill = PALETTE["hold"].ink if column.name in layout.inputs else looks.HEADING_FILL
    return Style("@", fill, looks.HEADING_INK, bold=True, centred=True, wrap=True, rule=None)


class Kind(NamedTuple):
    """What decides but for the tone how a column's cells look: filled in, with a list, its row's tone, a grey sheet."""

    look: Look
    is_input: bool
    is_choice: bool
    is_tone: bool
    is_grey: bool


def kind_of(layout: Layout, column: Column) -> Kind:
    """Return what kind of column this is."""
    name = column.name
    return Kind(column.look, name in layout.inputs, name in layout.choices, name == layout.tone, layout.grey)


@cache  # every sheet of every workbook asks for the same few
def cell_styles(kind: Kind) -> tuple[Style, ...]:
    """Return the looks of a column's body cells, one per entry of workbooks.writing.columns.SAMPLES."""
    return tuple(_cell_style(kind, tone, other=other) for tone, other in SAMPLES)


def _cell_style(kind: Kind, tone: str, *, other: bool) -> Style:
    """Return the look of a body cell whose row has that tone; other: in its other form."""
    look, is_input, is_choice, is_tone, is_grey = kind
    fraction, link = other and look is Look.QUANTITY, look is Look.LINK and not other
    centred = look in CENTRED or (is_tone and look not in NUMBERS)
    style = Style(
        looks.FRACTION_FORMAT if fraction else NUMBER_FORMATS[look],
        ink=looks.LINK_INK if link else looks.TEXT_INK,
        underline=link,
        centred=centred,
        indent=0 if centred or look in NUMBERS else 1,
        wrap=look is Look.SENTENCE,
    )
    colour = PALETTE.get(tone)
    if colour and (look in BADGES or is_tone):
        style = replace(style, fill=colour.fill, ink=colour.ink, bold=True)
    elif colour and colour.tint:
        style = replace(style, fill=colour.tint)
    if is_grey:
        style = replace(style, fill=looks.TOTAL_FILL)
    if is_input:
        style = replace(style, fill=looks.INPUT_FILL, ink=looks.TEXT_INK, bold=False, locked=False)
    if is_choice:
        style = replace(style, indent=0, centred=True)
    if tone == TOTAL:
        style = replace(style, bold=True, fill=looks.TOTAL_FILL, top=looks.HEADING_FILL)
    return style


def prompt(column: Column) -> tuple[str, str, str]:
    """Return what a cell with a drop-down says: its title, what to choose, and what is said of anything else."""
    said = labels().overview
    return column.heading, said[f"choice_{column.name}"], said["choice_error"]


def wraps(layout: Layout) -> bool:
    """Tell whether the sheet holds sentences, and so rows of several lines."""
    return any(column.look is Look.SENTENCE for column in layout.columns)


def note(layout: Layout, column: Column) -> str:
    """Return what a heading's note says: what to do there, or what the column's coloured words mean; else nothing."""
    if column.name in layout.notes:
        return layout.notes[column.name]
    if column.look not in BADGES:
        return ""
    meaning = labels().overview
    return "\n".join(f"{word}: {meaning[f'means_{key}']}" for key, word in column.words.items())
