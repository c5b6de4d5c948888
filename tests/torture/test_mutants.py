"""A few corruptions of the pipeline, and that none is there twice."""

from tests.torture.mutants import MUTANTS, run


def test_each_of_some_corruptions_is_caught() -> None:
    row = run(full=False)
    assert not row.failed
    assert row.held == row.tried >= 4


def test_there_are_more_than_twenty_and_each_once() -> None:
    assert len({mutant.name for mutant in MUTANTS}) == len(MUTANTS) > 20
