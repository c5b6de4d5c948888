"""What goes back to the regions, on the console."""

from __future__ import annotations

from rich import box
from rich.console import Console
from rich.table import Table

from macros import returns
from macros.summary import notices
from workbooks.labels import Lang, labels
from xl_addin.console import shown
from xl_addin.console_run import say, tell_end, tell_resubmitted


def tell_returns(outcome: returns.Outcome, lang: Lang) -> int:
    """Print per region how many lines go back and in which workbook; return the exit code."""
    said, console = labels(lang), Console()
    decisions = outcome.report.decisions
    unread = sum(region.unread for region in outcome.regions)
    say(said.message("returns-lines", regions=len(outcome.regions), unread=unread, **decisions))
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    table.add_column(said.messages["column-region"], overflow="fold")
    for name in ("hold", "return", "transfer"):
        table.add_column(said.effects[name], justify="right", no_wrap=True)
    table.add_column(said.messages["column-unread"], justify="right", no_wrap=True)
    table.add_column(said.messages["column-file"], overflow="fold")
    for region in outcome.regions:
        counts = (f"{count:,}" for count in (region.held, region.returned, region.moved, region.unread))
        table.add_row(shown(region.region), *counts, shown(region.name))
    if outcome.regions:
        console.print(table)
    tell_resubmitted(outcome.report.frame("resubmitted"), lang)
    if outcome.team.unreadable:
        names = said.words["list_joiner"].join(outcome.team.unreadable)
        say(said.message("done-unreadable", count=len(outcome.team.unreadable), names=names))
    kept = "\n".join(said.message("returns-kept", path=path) for path in outcome.kept)
    tell_end(notices(outcome.team.problems, lang), kept, outcome.folder, lang, passed=outcome.report.passed)
    return outcome.exit_code
