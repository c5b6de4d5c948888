"""The add-in's part of the command line: `orderdesk build | install | uninstall | doctor`, for either host."""

# ruff: noqa: PLC0415, T201 - as in cli.py: commands import their own, and print

from __future__ import annotations

import argparse
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from workbooks.labels import Lang, labels, raw

if TYPE_CHECKING:
    from xl_addin.checks import Check

EXIT_CODES = """exit codes:
  0  done; all is well
  1  there is something to mend, and it is said what to do
  2  it could not be done; the message says what stands in the way
"""

Command = Callable[[str, Callable[[argparse.Namespace, Lang], int], str, str], argparse.ArgumentParser]


def add_commands(command: Command) -> None:
    """Add the commands to the command line."""
    build = command("build", _build, "build the add-in from its sources; needs no Excel, no LibreOffice", EXIT_CODES)
    build.add_argument("--out", type=Path, metavar="DIR", default=Path("dist"), help="default: dist")
    install = command("install", _install, "put the add-in into this user's Excel or LibreOffice", EXIT_CODES)
    install.add_argument("--team", type=Path, metavar="DIR", help="the team folder (default: the one that is set)")
    uninstall = command("uninstall", _uninstall, "take the add-in out again", EXIT_CODES)
    doctor = command(
        "doctor", _doctor, "look at all that the add-in needs, and say how to mend what is not well", EXIT_CODES
    )
    for one in (build, install, uninstall, doctor):
        one.add_argument("--host", choices=["excel", "libreoffice"], default="excel", help="default: excel")


def _build(args: argparse.Namespace, lang: Lang) -> int:
    if args.host == "excel":
        from xl_addin.addin.build import build
    else:
        from xl_addin.calc.extension.build import build

    print(labels(lang).message("build-made", path=build(args.out)))
    return 0


def _install(args: argparse.Namespace, lang: Lang) -> int:
    if args.host == "excel":
        from xl_addin import install

        print(labels(lang).message("install-made", path=install.install(args.team)))
        from xl_addin import doctor, doctor_facts

        return _tell(doctor.examine(doctor_facts.Facts(doctor_facts.WARMING)), lang)
    from xl_addin.calc import install as calc

    print(labels(lang).message("calc-made", name=calc.install(args.team)))
    return _doctor(args, lang)


def _uninstall(args: argparse.Namespace, lang: Lang) -> int:
    if args.host == "excel":
        from xl_addin.install import uninstall
    else:
        from xl_addin.calc.install import uninstall
    from xl_addin.log import log_file

    said, removed = labels(lang), uninstall()
    for place in removed:
        print(said.message("uninstall-made", path=place))
    print(said.message("uninstall-kept", path=log_file()) if removed else said.message("uninstall-none"))
    return 0


def _doctor(args: argparse.Namespace, lang: Lang) -> int:
    if args.host == "excel":
        from xl_addin import doctor

        return _tell(doctor.examine(), lang)
    from xl_addin.calc import doctor as calc

    return _tell(calc.examine(), lang)


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
