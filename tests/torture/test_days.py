"""A few random days that the suite has not seen."""

from tests.torture.days import FEW, run


def test_random_days_equal_the_reference() -> None:
    row = run(full=False)
    assert not row.failed
    assert row.held == row.tried == FEW
