import numpy as np

from udfs.findings import HOLD, INFO, RETURN, TRANSFER, Findings, found, gravest, gravest_of_order


def some(at: list[int], effect: int, *, whole_order: bool = False) -> Findings:
    """Return findings of that effect on those lines."""
    return Findings("rule", np.array(at, dtype=np.int64), np.full(len(at), effect), whole_order=whole_order)


def test_found_cuts_every_column_to_where_it_holds() -> None:
    where = np.array([False, True, True])
    batch = found("rule", where, np.array([INFO, HOLD, INFO]), actual=np.array(["a", "b", "c"]), expected=0.0)
    assert batch.at.tolist() == [1, 2]
    assert batch.effect.tolist() == [HOLD, INFO]
    assert np.asarray(batch.args["actual"]).tolist() == ["b", "c"]
    assert np.asarray(batch.args["expected"]).tolist() == [0.0, 0.0]
    assert len(batch) == 2


def test_nothing_found() -> None:
    batch = found("rule", np.zeros(3, dtype=bool), HOLD, actual=np.array([1, 2, 3]))
    assert len(batch) == 0
    assert len(np.asarray(batch.args["actual"])) == 0


def test_a_lines_effect_is_the_gravest_of_its_findings() -> None:
    orders = np.array([0, 0, 1, 1])
    batches = [some([0, 1], INFO), some([1], TRANSFER), some([1, 2], HOLD), some([2], INFO)]
    assert gravest(batches, orders).tolist() == [INFO, HOLD, HOLD, INFO]


def test_an_orders_finding_reaches_every_line_of_the_order() -> None:
    orders = np.array([0, 1, 0, 1])
    assert gravest([some([0], RETURN, whole_order=True), some([3], HOLD)], orders).tolist() == [RETURN, 0, RETURN, HOLD]


def test_a_finding_on_no_line_changes_no_line() -> None:
    assert gravest([some([-1], HOLD)], np.array([0, 1])).tolist() == [0, 0]
    assert gravest([some([-1], HOLD, whole_order=True)], np.array([0, 1])).tolist() == [0, 0]


def test_an_orders_decision_is_the_gravest_of_its_lines() -> None:
    assert gravest_of_order(np.array([0, 3, 1, 2]), np.array([0, 1, 0, 1])).tolist() == [1, 3, 1, 3]


def test_no_lines() -> None:
    nothing = np.array([], dtype=np.int64)
    assert gravest([some([], HOLD)], nothing).tolist() == []
    assert gravest_of_order(nothing, nothing).tolist() == []
