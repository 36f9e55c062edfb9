"""Slopes that fall as slowly as a small power does are foretold from how they fall."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from tested import looked_at, on_the_sine

from gradcheck._entries.second_opinions.at_zero import slow_power

ZERO = np.zeros(1)


FALLING = (lambda x: abs(x) ** 1.1, lambda x: abs(x) ** 1.1 + x * x, lambda x: max(x, 0.0) ** 1.05)


@pytest.mark.parametrize("f", FALLING, ids=["power", "and a square", "one side"])
def test_slow_power_speaks(f):
    """Of |x|^1.1 the slope at the finest step is 0.03, and 0 is foretold to six digits."""
    look, blunt = looked_at(lambda x: f(float(x[0])), ZERO, ZERO)
    found = slow_power(look, blunt)
    assert abs(found.value) <= found.uncertainty < 1e-4 < blunt.uncertainty


SLOWER = (lambda x: x / np.log(abs(x)), lambda x: x / np.log(abs(x)) ** 2, lambda x: 3 * abs(x) / np.log(abs(x)))


@pytest.mark.parametrize("f", SLOWER, ids=["logarithm", "its square", "a cusp"])
def test_slopes_that_fall_more_slowly_than_those_of_any_power_fall_to_zero(f):
    """Of x / log x the slope at the finest step is a thirtieth, and 0 is foretold to six digits."""
    look, blunt = looked_at(lambda x: f(float(x[0])) if x[0] else 0.0, ZERO, ZERO)
    found = slow_power(look, replace(blunt, uncertainty=1.0))
    assert abs(found.value) <= found.uncertainty < 1e-6


def test_slow_power_is_silent():
    """Where f is sharp, its slopes fall by no one ratio, differ on the two sides, or jump."""
    assert slow_power(*on_the_sine()) is None
    for f in (lambda x: x + x / np.log(abs(x)) if x else 0.0, lambda x: abs(x) ** 1.1 + abs(x), lambda x: x**3):
        look, blunt = looked_at(lambda x, f=f: f(float(x[0])), ZERO, ZERO)
        assert slow_power(look, replace(blunt, uncertainty=1.0)) is None
    look, blunt = looked_at(lambda x: abs(float(x[0])) ** 1.1, ZERO, ZERO)
    assert slow_power(look, replace(blunt, jump=True)) is None
    assert slow_power(look, replace(blunt, rungs=blunt.rungs[-5:])) is None
