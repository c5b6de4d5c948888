"""Random team days, dense in trouble, against the slow and obvious reference (tests/reference.py)."""

from __future__ import annotations

from tests.torture.row import Row
from tests.udfs.test_against_reference import (
    SEEDS,
    audited,
    found_by_reference,
    found_in,
    lines_of,
    orders_of,
)

FIRST = 1_000  # the suite's seeds lie below
DAYS, FEW = 500, 12


def differences(seed: int) -> tuple[str, int]:
    """Return in what a day differs from the reference, "" where it does not, and how many findings it has."""
    expected, result, order = audited(seed)
    findings = found_by_reference(expected)
    mine = lines_of(result)
    theirs = [{name: expected.lines[order[place]][name] for name in line} for place, line in enumerate(mine)]
    orders = {
        (row["order_no"].upper(), row["partner_code"].upper()): (row["amount"], row["decision"])
        for row in expected.orders
    }
    agree = {
        "findings": found_in(result, order) == findings,
        "rules not run": set(result.not_run) == expected.not_run,
        "decisions and quantities": mine == theirs,
        "orders": orders_of(result) == orders,
    }
    return ", ".join(name for name, same in agree.items() if not same), findings.total()


def run(*, full: bool) -> Row:
    """Judge as many days as the issue names, none of them one of the suite's, or a few."""
    assert max(SEEDS.stop, 0) <= FIRST
    days = DAYS if full else FEW
    told = {seed: differences(seed) for seed in range(FIRST, FIRST + days)}
    failed = [f"seed {seed}: {what}" for seed, (what, _) in told.items() if what]
    found = sum(size for _, size in told.values())
    said = f"{found:,} findings, every decision, quantity and order as plain Python with Decimal says"
    return Row("Random days against the reference", days, days - len(failed), said, failed)
