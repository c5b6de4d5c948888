"""The command line: `orderdesk nightly` and its like; in cli_addin, what the Excel add-in needs.

Help in English, messages in Chinese or English.
"""

from __future__ import annotations

import argparse
import locale
import os
import sys
from collections.abc import Sequence
from contextlib import suppress
from datetime import date
from pathlib import Path
from typing import Any, NoReturn

from workbooks.errors import WorkbookError
from workbooks.labels import Lang, labels
from xl_addin import cli_addin
from xl_addin.wording import told, visible

# Nothing heavy is imported up here: each command imports its macro when it runs, so that --help answers at once.

EXIT_CODES = """exit codes:
  0  the run is complete and the control totals pass (findings are normal)
  1  the run is complete, but a file could not be read or the control totals fail
  2  the run could not be made; the message says what stands in the way, and nothing was written
"""


def program() -> NoReturn:
    """Be the program `orderdesk`: run the command and end.

    At once: a run leaves nothing to tidy up, and to give its memory back piece by piece takes a fifth of a second.
    """
    code = main()
    for stream in (sys.stdout, sys.stderr):
        with suppress(OSError, ValueError):  # whoever read along has stopped
            stream.flush()
    os._exit(code)


def main(argv: Sequence[str] | None = None) -> int:
    """Run a command and return its exit code."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):  # a console that cannot show a character must not stop the run
            stream.reconfigure(errors="replace", **({"encoding": "utf-8"} if os.name == "nt" else {}))
    args = _parser().parse_args(argv)
    lang: Lang = args.lang or default_lang()
    try:
        code: int = args.run(args, lang)
    except WorkbookError as error:
        _say_error(told(error, lang))
        return 2
    except BrokenPipeError:  # whoever read along has stopped; what was to be done is done
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except KeyboardInterrupt:
        _say_error(labels(lang).message("interrupted"))
        return 2
    except Exception as error:  # noqa: BLE001 - the outermost door: a bug is logged, and the user told where
        try:
            from xl_addin.log import told_bug
        except ImportError as missing:  # half of an installation, which may be the bug itself
            _say_error(labels(lang).message("bug-unlogged", detail=missing))
        else:
            _say_error(told_bug(error, lang))
        return 2
    return code


def default_lang() -> Lang:
    """Return the messages' language from the machine's locale: Chinese for zh, or where nothing is set."""
    named = next((os.environ[name] for name in ("LC_ALL", "LC_MESSAGES", "LANG") if os.environ.get(name)), None)
    if named is None or named.split(".")[0] in {"C", "POSIX"}:
        named = locale.getlocale()[0] or "zh"
    return "zh" if named.lower().startswith(("zh", "chinese")) else "en"


def _parser() -> argparse.ArgumentParser:
    common = argparse.ArgumentParser(add_help=False)
    said = "language of messages (default: from the locale)"
    common.add_argument("--lang", choices=["zh", "en"], default=argparse.SUPPRESS, help=said)
    parser = argparse.ArgumentParser(
        prog="orderdesk",
        description="Order Desk: audits a day's order workbooks.",
        epilog=EXIT_CODES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--lang", choices=["zh", "en"], help=said)
    parser.add_argument("--version", action=_Version, nargs=0, help="print the version and stop")
    commands = parser.add_subparsers(title="commands", required=True, metavar="COMMAND")

    def command(name: str, run: Any, what: str, exit_codes: str = EXIT_CODES) -> argparse.ArgumentParser:  # noqa: ANN401 - a command's function
        sub = commands.add_parser(
            name, help=what, description=what[0].upper() + what[1:] + ".", parents=[common], epilog=exit_codes,
            formatter_class=argparse.RawDescriptionHelpFormatter,
        )  # fmt: skip
        sub.set_defaults(run=run)
        return sub

    def of_day(name: str, run: Any, what: str) -> argparse.ArgumentParser:  # noqa: ANN401 - a command's function
        sub = command(name, run, what)
        sub.add_argument("folder", type=Path, metavar="DIR", help="the team folder")
        sub.add_argument("--date", type=_day, metavar="YYYY-MM-DD", help="the day (default: today)")
        return sub

    init = command("init", _init, "make a team folder: layout, commented settings, empty templates of every table")
    init.add_argument("folder", type=Path, metavar="DIR", help="the folder; what is already in it stays as it is")
    demo = command("demo", _demo, "fill a folder with a seeded, realistic day (mistakes included) and audit it")
    demo.add_argument("folder", type=Path, metavar="DIR", nargs="?", default=Path("demo"), help="default: demo")
    said = "1: a day with mistakes; 3: also what comes after: answers, resubmissions, stock arriving, a clean day"
    demo.add_argument("--days", type=int, choices=(1, 3), default=1, help=said)
    nightly = of_day("nightly", _nightly, "audit a day of a team folder and write the results into its output folder")
    said = "say which orders this run decides otherwise than the day's last run did: released, returned, held, ..."
    nightly.add_argument("--rerun", action="store_true", help=said)
    said = (
        "with --to: audit the orders of all days from this one on as one input, into the output folder's <from>_<to>/"
    )
    nightly.add_argument("--from", dest="first", type=_day, metavar="YYYY-MM-DD", help=said)
    nightly.add_argument("--to", dest="last", type=_day, metavar="YYYY-MM-DD", help="the last of these days")
    said = "read and judge on the workers of this Dask scheduler, tcp://host:8786 (needs orderdesk[cluster])"
    nightly.add_argument("--cluster", metavar="ADDRESS", help=said)
    of_day("packaging", _packaging, "sum up the packaging requests of a team folder")
    of_day("invoices", _invoices, "join the invoice requests with a day's orders; fill the bureau's form")
    of_day("returns", _returns, "write what goes back to each region: lines to correct, with the reasons")
    check = command("check", _check, "audit one region's workbook before it is submitted; prints what is found")
    check.add_argument("file", type=Path, metavar="FILE", help="the workbook")
    check.add_argument("--team", type=Path, metavar="DIR", help="the team folder (default: the one the file lies in)")
    check.add_argument(
        "--date", type=_day, metavar="YYYY-MM-DD", help="the day (default: the file's folder, else today)"
    )
    cli_addin.add_commands(command)
    return parser


class _Version(argparse.Action):
    """Print the version, asked for only then: looking it up costs more than parsing the command line."""

    def __call__(self, parser: argparse.ArgumentParser, *_given: object) -> None:
        from macros.runs import program_version

        print(f"orderdesk {program_version()}")
        parser.exit()


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(labels(default_lang()).message("not-a-date", value=text)) from error


def _init(args: argparse.Namespace, lang: Lang) -> int:
    from macros import init

    said, folders = labels(lang), labels().folders
    made, kept = init.run(args.folder, date.today())
    print(said.message("init-made", path=args.folder))
    for path in made:
        print(f"  + {path.relative_to(args.folder)}")
    for path in kept:
        print(f"  {said.message('init-kept', path=path.relative_to(args.folder))}")
    print(said.message("init-next", path=args.folder, **folders))
    return 0


def _demo(args: argparse.Namespace, lang: Lang) -> int:
    from macros import nightly
    from macros.demo import make
    from xl_addin.console_run import tell
    from xl_addin.progress import progress_bar

    day, files = make.run(args.folder)
    print(labels(lang).message("demo-made", day=f"{day:%Y-%m-%d}", files=files, path=args.folder))
    if args.days == 1:
        with progress_bar(lang) as progress:
            outcome = nightly.run(args.folder, day, progress)
        return tell(outcome, lang)
    from macros.demo import days

    codes = []
    for step in days.steps(args.folder):
        print("\n" + labels(lang).message(f"demo-{step.name}", day=step.day))
        with progress_bar(lang) as progress:
            outcome = nightly.run(args.folder, step.day, progress, rerun=step.rerun)
        codes.append(tell(outcome, lang))
    names, kept = labels().folders, days.kept_folder(args.folder).relative_to(args.folder)
    said = {"path": args.folder, "day": step.day, "kept": kept.as_posix()}
    print("\n" + labels(lang).message("demo-end", **said, output=names["output"], orders=names["orders"]))
    return max(codes)


def _nightly(args: argparse.Namespace, lang: Lang) -> int:
    from macros import nightly
    from xl_addin.memory import for_a_long_run
    from xl_addin.progress import progress_bar

    several = _is_span(args)
    with for_a_long_run(), progress_bar(lang) as progress:
        if several:
            from macros import period

            outcome = period.run(args.folder, period.Span(args.first, args.last), progress, cluster=args.cluster)
        else:
            day = args.date or date.today()
            outcome = nightly.run(args.folder, day, progress, rerun=args.rerun, cluster=args.cluster)
    from xl_addin.console_run import tell

    return tell(outcome, lang)


def _is_span(args: argparse.Namespace) -> bool:
    """Tell whether several days are asked for; raises WorkbookError where what is said of them does not go together."""
    given = {"--from": args.first, "--to": args.last}
    missing = [option for option, day in given.items() if day is None]
    if len(missing) == 1:
        there = next(option for option in given if option not in missing)
        raise WorkbookError("span-half", given=there, missing=missing[0])
    alone = {"--date": args.date, "--rerun": args.rerun}
    if not missing and any(alone.values()):
        raise WorkbookError("span-alone", option=next(option for option, said in alone.items() if said))
    return not missing


def _packaging(args: argparse.Namespace, lang: Lang) -> int:
    from macros import packaging
    from xl_addin.console import tell_packaging

    return tell_packaging(packaging.publish(args.folder, args.date or date.today()), lang)


def _invoices(args: argparse.Namespace, lang: Lang) -> int:
    from macros import invoices
    from xl_addin.console import tell_invoices

    return tell_invoices(invoices.publish(args.folder, args.date or date.today()), lang)


def _returns(args: argparse.Namespace, lang: Lang) -> int:
    from macros import returns
    from xl_addin.console_returns import tell_returns

    return tell_returns(returns.publish(args.folder, args.date or date.today()), lang)


def _check(args: argparse.Namespace, lang: Lang) -> int:
    from macros import check
    from xl_addin.console import show

    folder = args.team or check.team_of(args.file)
    checked = check.run(args.file, folder, args.date or check.day_of(args.file) or date.today(), lang)
    show(checked, args.file, lang)
    return 0 if checked.report.passed else 1


def _say_error(text: str) -> None:
    print(visible(text), file=sys.stderr)


if __name__ == "__main__":
    program()
