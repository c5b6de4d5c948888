import math
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from udfs import money

exactly = settings(derandomize=True, deadline=None, max_examples=80)
LIMITS = (0.01, 0.0005, 0.005, 0.0, 0.05)


def decimals(places: int, largest: int = 10**9) -> st.SearchStrategy[float]:
    """Return floats as cells hold them: decimals of up to so many places."""
    return st.builds(
        lambda number, place: float(f"{number}e-{place}"), st.integers(-largest, largest), st.integers(0, places)
    )


def exact(number: float) -> Fraction:
    """Return the decimal a cell shows."""
    return Fraction(repr(float(number)))


def half_up(amount: Fraction) -> int:
    """Return CNY as fen, a half away from zero."""
    rounded = math.floor(abs(amount) * 100 + Fraction(1, 2))
    return rounded if amount >= 0 else -rounded


def arrays(*numbers: float) -> list[np.ndarray[tuple[int], np.dtype[np.float64]]]:
    """Return each number as a column of one row."""
    return [np.array([number], dtype=float) for number in numbers]


@pytest.mark.parametrize(
    ("amount", "fen"),
    [
        (0.005, 1), (-0.005, -1), (0.0049999, 0), (-0.0049999, 0), (0.015, 2), (1.005, 101), (-1.005, -101),
        (2.675, 268), (1.115, 112), (0.1 + 0.2, 30), (0.0, 0), (12345678.905, 1234567891), (float("nan"), 0),
        (float("inf"), 0), (1e15, 10**15),
    ],
)  # fmt: skip
def test_fen_rounds_half_up_away_from_zero(amount: float, fen: int) -> None:
    assert money.fen([(np.array([amount]),)]).tolist() == [fen]


@exactly
@given(decimals(6))
def test_fen_of_a_number_is_exact(number: float) -> None:
    assert money.fen([tuple(arrays(number))]).tolist() == [half_up(exact(number))]


@exactly
@given(decimals(4, 10**6), decimals(3, 10**6))
def test_fen_of_a_product_is_exact(quantity: float, price: float) -> None:
    assert money.fen([tuple(arrays(quantity, price))]).tolist() == [half_up(exact(quantity) * exact(price))]


@exactly
@given(decimals(4, 10**4), decimals(2, 10**6), decimals(3, 10**6), decimals(3, 10**5))
def test_fen_of_a_shortfall_is_exact(floor: float, listed: float, price: float, quantity: float) -> None:
    f, l, p, q = arrays(floor, listed, price, quantity)  # noqa: E741 - a column each
    wanted = (exact(floor) * exact(listed) - exact(price)) * exact(quantity)
    assert money.fen([(f, l, q), (-1.0, p, q)]).tolist() == [half_up(wanted)]


@exactly
@given(st.lists(decimals(3), min_size=1, max_size=8))
def test_rows_do_not_meet(numbers: list[float]) -> None:
    column = np.array(numbers)
    assert money.fen([(column, 3.0)]).tolist() == [half_up(exact(number) * 3) for number in numbers]


@exactly
@given(decimals(4, 10**7), st.sampled_from(LIMITS), st.integers(-2, 2), st.integers(5, 9))
def test_exceeds_is_exact_at_its_limit(base: float, limit: float, step: int, place: int) -> None:
    apart = exact(limit) + Fraction(step, 10**place)
    other = float(exact(base) + apart)
    wanted = exact(other) - exact(base) > exact(limit)
    assert money.exceeds([tuple(arrays(other)), (-1.0, *arrays(base))], limit).tolist() == [wanted]
    if exact(other) == exact(base) + apart:  # the float shows the decimal meant
        assert wanted == (step > 0)


@exactly
@given(decimals(2, 10**6), decimals(3, 10**3), st.sampled_from(LIMITS), st.integers(-1, 1), st.booleans())
def test_differs_is_exact_and_the_same_both_ways(
    listed: float, discount: float, limit: float, step: int, above: object
) -> None:
    product = exact(listed) * exact(discount)
    edge = exact(limit) + Fraction(step, 10**6)
    price = float(product + edge if above else product - edge)
    wanted = abs(exact(price) - product) > exact(limit)
    p, l, d = arrays(price, listed, discount)  # noqa: E741 - a column each
    assert money.differs((p,), (l, d), limit).tolist() == [wanted]
    assert money.differs((l, d), (p,), limit).tolist() == [wanted]


def test_a_blank_exceeds_nothing_and_differs_from_nothing() -> None:
    blank, one = np.array([np.nan]), np.array([1.0])
    assert money.exceeds([(blank, one)], 0.0).tolist() == [False]
    assert money.differs((blank,), (one,), 0.01).tolist() == [False]
    assert money.differs((one,), (blank, one), 0.01).tolist() == [False]


@pytest.mark.parametrize(
    ("left", "right", "tolerance"),
    [(0.31, 0.3, 0.01), (0.1 + 0.2, 0.3, 0.0), (1.1 * 3, 3.3, 0.0), (19.905, 19.9, 0.005), (0.8995, 0.9, 0.0005)],
)
def test_float_traps(left: float, right: float, tolerance: float) -> None:
    shown = float(f"{left:.10g}")  # what a cell shows of it
    assert money.differs((np.array([shown]),), (np.array([right]),), tolerance).tolist() == [False]


@exactly
@given(st.integers(-(10**13), 10**13))
def test_yuan_shows_two_decimals_and_goes_back(fen: int) -> None:
    amount = money.yuan(np.array([fen]))
    assert Fraction(repr(float(amount[0]))) == Fraction(fen, 100)
    assert money.fen([(amount,)]).tolist() == [fen]


def test_no_rows() -> None:
    nothing = np.array([], dtype=float)
    assert money.fen([(nothing,)]).tolist() == []
    assert money.exceeds([(nothing, 2.0)], 0.01).tolist() == []
