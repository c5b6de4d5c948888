"""`python -m tests.torture [NAME ...]`: the proofs at their full length; all of them make docs/reliability.md's table.

Each proof is a module here with run(full=...) -> Row; its short version is a test beside it.
"""

from __future__ import annotations

import argparse
import importlib
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from tests.bench.page import machine, write_section

PROOFS = ("corpus", "kills", "faults", "payloads", "mutants", "days", "fuzz")
DOCUMENT, BEGIN = Path("docs/reliability.md"), "<!-- measured: begin (written by make torture) -->"


def main() -> None:
    """Run the proofs; write the table where all of them ran."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help=", ".join(PROOFS))
    names = parser.parse_args().names or PROOFS
    facts = machine()
    rows: list[list[str]] = []
    failed: list[str] = []
    for name in names:
        start = time.perf_counter()
        row = importlib.import_module(f"tests.torture.{name}").run(full=True)
        seconds = f"{time.perf_counter() - start:,.0f}"
        rows.append([row.proof, f"{row.tried:,}", f"{row.held:,}", row.said, seconds])
        failed += [f"{name}: {one}" for one in row.failed]
        print(rows[-1], *row.failed, sep="\n  ", flush=True)
    if tuple(names) == PROOFS:
        write_section(DOCUMENT, [facts, markdown(rows)], BEGIN)
    print(markdown(rows))
    sys.exit("\n".join(failed) if failed else 0)


def markdown(rows: Sequence[Sequence[str]]) -> str:
    """Return the rows as a table."""
    heads = ("proof", "tried", "held", "what that means", "seconds")
    return "\n".join(f"| {' | '.join(cells)} |" for cells in (heads, ["---"] * len(heads), *rows))


if __name__ == "__main__":
    main()
