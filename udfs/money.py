"""Exact comparison and rounding of money held in floats; the only module that does either.

A float holds the decimal a cell shows (its repr), but products and differences of floats do not. So every
question is first answered in floats, and the few rows that lie too close to the line are asked again in
exact fractions of those decimals.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from fractions import Fraction

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]
Factor = Floats | float
Product = tuple[Factor, ...]

_DOUBT = 1e-12  # far above the rounding of a few products (2e-16 each), far below any price step
_LARGEST_FEN = 10**15  # ten trillion CNY: beyond any order, and sums of it stay inside int64


def exceeds(products: Sequence[Product], limit: float) -> Bools:
    """Tell where the sum of products lies above `limit`, exactly.

    products: factors are arrays of one shape, or numbers; NaN in any factor answers False.
    Source: the tolerances of domain.md §4 (0.01, 0.0005, 0.005).
    """
    value, size = _sum(products)
    above = value > limit
    for row in (np.abs(value - limit) <= _DOUBT * (size + abs(limit))).nonzero()[0].tolist():
        above[row] = _exact(products, row) > Fraction(repr(limit))
    return above


def differs(left: Product, right: Product, tolerance: float) -> Bools:
    """Tell where two products lie further apart than `tolerance`, exactly; NaN answers False."""
    return exceeds([left, (-1.0, *right)], tolerance) | exceeds([right, (-1.0, *left)], tolerance)


def fen(products: Sequence[Product]) -> Ints:
    """Return the sum of products (CNY) in fen, rounded half up (away from zero); NaN counts as 0.

    Source: domain.md §4, "Money is exact to the fen, rounded half up".
    """
    value, size = _sum(products)
    return _half_up(value, size, lambda row: _exact(products, row))


def fen_of_quotient(dividend: Product, divisor: Sequence[Product]) -> Ints:
    """Return dividend ÷ divisor (CNY; the divisor a sum of products) in fen, rounded half up (away from zero).

    0 where either is NaN or the divisor is 0. Source: domain.md §5, the tax in a price: amount × rate ÷ (1 + rate).
    """
    above, below = _sum([dividend])[0], _sum(divisor)[0]
    unknown = np.isnan(above) | np.isnan(below) | (below == 0)
    value = np.where(unknown, 0.0, above / np.where(unknown, 1.0, below))
    return _half_up(value, np.abs(value), lambda row: _exact([dividend], row) / _exact(divisor, row))


def _half_up(value: Floats, size: Floats, exactly: Callable[[int], Fraction]) -> Ints:
    """Return CNY in fen, rounded half up; what lies too close to half a fen is asked for again `exactly`, by row.

    size: what the error of `value` is measured by.
    """
    hundredfold = np.abs(np.nan_to_num(value, nan=0.0, posinf=0.0, neginf=0.0)) * 100 + 0.5
    rounded = np.floor(np.minimum(hundredfold, _LARGEST_FEN))
    near = np.abs(hundredfold - np.round(hundredfold)) <= np.maximum(_DOUBT * 100 * np.nan_to_num(size), 1e-9)
    for row in np.flatnonzero(near & (hundredfold < _LARGEST_FEN)).tolist():
        if np.isfinite(value[row]):
            rounded[row] = math.floor(abs(exactly(row)) * 100 + Fraction(1, 2))
    return (np.sign(np.nan_to_num(value)) * rounded).astype(np.int64)


def yuan(amount_fen: Ints) -> Floats:
    """Return fen as CNY, the float whose shortest text has two decimals."""
    return np.round(amount_fen / 100, 2)


def _sum(products: Sequence[Product]) -> tuple[Floats, Floats]:
    """Return the float sum and the sum of magnitudes, which bounds its error."""
    value: Floats = np.zeros(1)
    size: Floats = np.zeros(1)
    for first, *factors in products:
        term = first
        for factor in factors:
            term = term * factor
        value = value + term
        size = size + np.abs(term)
    return value, size


def _exact(products: Sequence[Product], row: int) -> Fraction:
    total = Fraction(0)
    for factors in products:
        term = Fraction(1)
        for factor in factors:
            number = float(factor if isinstance(factor, float) else factor[row])
            term *= Fraction(repr(number))
        total += term
    return total
