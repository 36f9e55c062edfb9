"""The number or array that a function returned: a scalar in any wrapping, its precision, its digits."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

import numpy as np
import pytest

from gradcheck import InputError
from gradcheck._model.outputs import digits_of, precision, scalar


@pytest.mark.parametrize(
    "output", [2.0, 2, np.float64(2), np.float32(2), np.array(2.0), np.array([2.0]), np.array([[2]]), [2.0]], ids=repr
)
def test_a_single_number_is_a_scalar(output):
    """In any wrapping."""
    assert scalar(output) == 2.0


@pytest.mark.parametrize("output", [Decimal(2), Fraction(4, 2), np.array([Decimal(2)])], ids=repr)
def test_numbers_of_more_digits_are_scalars(output):
    """They are taken as floats."""
    assert scalar(output) == 2.0


@pytest.mark.parametrize("output", [np.zeros(2), np.zeros(0), None, "2", 2j, {"loss": 2.0}, [1.0, 2.0]], ids=repr)
def test_several_numbers_are_not(output):
    """The error says what was returned, and what to write instead."""
    with pytest.raises(InputError, match=r"where a scalar is promised.*vjp=pullback"):
        scalar(output)


@pytest.mark.parametrize(
    ("output", "eps"),
    [(np.zeros(2), 2.0**-52), (np.float32(1), 2.0**-23), (np.float16(1), 2.0**-10), (1.0, 0.0), (3, 0.0)],
)
def test_the_precision_is_that_of_the_dtype(output, eps):
    """Of a number of Python's, and of whole numbers, there is nothing to be said."""
    assert precision(output) == eps


@pytest.mark.parametrize(
    ("output", "digits"),
    [
        ([0.0, 0.0], 0),
        ([1.0, 4.0], 1),
        ([0.75, 1.0], 2),
        (np.float32(1 + 2.0**-23), 24),
        ([1.0, np.nan], 53),
        (1 + 2.0**-52, 53),
    ],
)
def test_digits_are_those_of_the_longest(output, digits):
    """Zeros have none; what is not finite is taken to have all."""
    assert digits_of(output) == digits
