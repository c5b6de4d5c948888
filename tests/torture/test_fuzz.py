"""A few hundred executions of the fuzz target."""

from tests.torture.fuzz import FEW, run, tried


def test_reading_holds_under_odd_inputs() -> None:
    row = run(full=False)
    assert not row.failed
    assert row.held == row.tried == FEW


def test_an_input_that_is_no_table_is_said_so() -> None:
    assert not tried(b"")
    assert not tried(b"\xff\xfe\x00")
