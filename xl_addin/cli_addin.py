"""The add-in's part of the command line: `orderdesk build | install | uninstall | doctor`."""

# ruff: noqa: PLC0415, T201 - as in cli.py: commands import their own, and print

from __future__ import annotations

import argparse
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from workbooks.labels import Lang, labels, raw

if TYPE_CHECKING:
    from xl_addin.doctor import Check

EXIT_CODES = """exit codes:
  0  done; all is well
  1  there is something to mend, and it is said what to do
  2  it could not be done; the message says what stands in the way
"""

Command = Callable[[str, Callable[[argparse.Namespace, Lang], int], str, str], argparse.ArgumentParser]


def add_commands(command: Command) -> None:
    """Add the commands to the command line."""
    build = command("build", _build, "build the Excel add-in from its sources; needs no Excel", EXIT_CODES)
    build.add_argument("--out", type=Path, metavar="DIR", default=Path("dist"), help="default: dist")
    install = command("install", _install, "put the add-in into this user's Excel; no admin rights", EXIT_CODES)
    install.add_argument("--team", type=Path, metavar="DIR", help="the team folder (default: the one that is set)")
    command("uninstall", _uninstall, "take the add-in out of this user's Excel again", EXIT_CODES)
    command("doctor", _doctor, "look at all that the add-in needs, and say how to mend what is not well", EXIT_CODES)


def _build(args: argparse.Namespace, lang: Lang) -> int:
    from xl_addin.addin.build import build

    print(labels(lang).message("build-made", path=build(args.out)))
    return 0


def _install(args: argparse.Namespace, lang: Lang) -> int:
    from xl_addin import install

    print(labels(lang).message("install-made", path=install.install(args.team)))
    from xl_addin import doctor, doctor_facts

    return _tell(doctor.examine(doctor_facts.Facts(doctor_facts.WARMING)), lang)


def _uninstall(_args: argparse.Namespace, lang: Lang) -> int:
    from xl_addin import install
    from xl_addin.log import log_file

    said, removed = labels(lang), install.uninstall()
    for place in removed:
        print(said.message("uninstall-made", path=place))
    print(said.message("uninstall-kept", path=log_file()) if removed else said.message("uninstall-none"))
    return 0


def _doctor(_args: argparse.Namespace, lang: Lang) -> int:
    from xl_addin.doctor import examine

    return _tell(examine(), lang)


def _tell(checks: Sequence[Check], lang: Lang) -> int:
    """Print the checks as a table, each remedy below what was found, for paths are long; return the exit code."""
    from rich import box
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    said = raw()["doctor"]["box"]
    states = {True: ("state_fine", "green"), False: ("state_bad", "red"), None: ("state_unknown", "dim")}
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    table.add_column(said["check"][lang], no_wrap=True)
    table.add_column(said["state"][lang], no_wrap=True)
    table.add_column(said["says"][lang], overflow="fold")
    for check in checks:
        state, style = states[check.ok]
        found = Text(check.says(lang))
        if check.ok is False:
            found.append(f"\n{check.do(lang)}", style="bold")
        table.add_row(check.name(lang), Text(said[state][lang], style=style), found)
    Console().print(table)
    return 1 if any(check.ok is False for check in checks) else 0
