"""What is lost in last digits is not known, and nothing else is excused by them."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from tested import ONE, SLOPE, looked_at, on_the_sine, sine

from gradcheck._entries.second_opinions.last_digits import last_digits, rounding_of_the_claim


@pytest.mark.parametrize(("claim", "speaks"), [(1.1e-15, True), (1.4e-15, False)])
def test_sixteen_roundings_of_f_are_its_last_digits(claim, speaks):
    """As many as a sum of some dozens of terms may be off by: 1.2e-15 of f, over the scale of the entry."""
    look, still = looked_at(lambda x: 1.0 + 0 * float(x[0]), np.array([claim]), ONE)
    assert (last_digits(look, still) is not None) is speaks


def test_last_digits_speaks():
    """What is claimed of a constant is lost in its last digits, over the whole scale of the entry."""
    look, still = looked_at(lambda x: 1.0 + 0 * float(x[0]), np.array([1e-15]), ONE)
    found = last_digits(look, still)
    assert found.value == 0
    assert found.uncertainty >= 1e-15
    assert not look.accuses(found)


def test_last_digits_is_silent():
    """Where claim or slope are larger than that."""
    assert last_digits(*looked_at(lambda x: 1.0 + 0 * float(x[0]), np.array([1e-12]), ONE)) is None
    assert last_digits(*on_the_sine(claim=0.0)) is None


def test_rounding_of_the_claim_speaks():
    """A gradient that changes by 1e-9 between points that differ in their last digits may be off by that."""

    def jumpy(x):
        return np.cos(x) + 1e-9 * (np.round((x - 1) / 2.0**-49) % 2)

    look, estimate = looked_at(sine, jumpy, ONE)
    found = rounding_of_the_claim(look, estimate)
    assert 1e-9 <= found.residue <= 1e-8
    assert (found.value, found.uncertainty) == (estimate.value, estimate.uncertainty)


def test_rounding_of_the_claim_is_silent():
    """Of a gradient that is the same at all of them: nothing is allowed for it, and it is wrong as before."""
    look, estimate = on_the_sine(claim=2 * SLOPE)
    found = rounding_of_the_claim(look, estimate)
    assert found == replace(estimate, residue=0.0)
    assert look.accuses(found)
