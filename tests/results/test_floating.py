"""The numbers of each precision are those of NumPy."""

from __future__ import annotations

import numpy as np
import pytest

from gradcheck._results.floating import DOUBLE, HALF, LEAST, NORMAL, SINGLE, all_finite


def test_they_are_what_numpy_says():
    """The rounding of 1, the smallest number with all its digits, and the smallest of all."""
    double = np.finfo(np.float64)
    assert (double.eps, double.smallest_normal, double.smallest_subnormal) == (DOUBLE, NORMAL, LEAST)
    assert (np.finfo(np.float32).eps, np.finfo(np.float16).eps) == (SINGLE, HALF)


def test_nothing_lies_between_them_and_their_neighbours():
    """Half of each is lost: beside 1, in its last digit, or altogether."""
    assert 1 + DOUBLE > 1 == 1 + DOUBLE / 2
    assert np.nextafter(NORMAL, 0.0) == NORMAL - LEAST
    assert LEAST > 0 == LEAST / 2


@pytest.mark.parametrize("odd", [np.inf, -np.inf, np.nan])
def test_numbers_are_all_finite_or_not(odd):
    """One that is not is enough, wherever it stands; of none all are."""
    numbers = np.array([[1e308, -1e308], [0.0, 5e-324]])
    assert all_finite(numbers)
    assert all_finite(numbers[:0])
    for where in np.ndindex(2, 2):
        spoilt = numbers.copy()
        spoilt[where] = odd
        assert not all_finite(spoilt)
