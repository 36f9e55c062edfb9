"""The nearest power of two, of whatever size."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gradcheck._measure.line import phi_at, power_of_two


@given(st.floats(1e-300, 1e300))
def test_the_nearest_power_of_two(size):
    """Within a factor of root two, above and below."""
    power = power_of_two(size)
    assert math.frexp(power)[0] == 0.5
    assert 0.7 < power / size < 1.42


@pytest.mark.parametrize("size", [0.0, -1.0, math.inf, math.nan])
def test_a_size_that_is_none_gives_one(size):
    """Instead of an error in the middle of a measurement."""
    assert power_of_two(size) == 1.0


def test_no_power_of_two_is_nearer():
    """By the exponent; and that of a power of two is itself."""
    assert [power_of_two(size) for size in (0.7, 0.72, 1.0, 1.4, 1.42, 2.0**-60)] == [0.5, 1.0, 1.0, 1.0, 2.0, 2.0**-60]


def test_several_places_are_asked_at_once_where_a_line_can():
    """With the answers it would give alone; one by one where that declines, or there is none."""
    asked = []

    def line(t):
        asked.append(t)
        return t, t**2

    assert phi_at(line, [1, 2.0]) == [(1.0, 1.0), (2.0, 4.0)]
    assert asked == [1.0, 2.0]
    vars(line)["together"] = lambda places: [(t, -t) for t in places] if len(places) > 1 else None
    assert phi_at(line, [3.0, 4.0]) == [(3.0, -3.0), (4.0, -4.0)]
    assert phi_at(line, [5.0]) == [(5.0, 25.0)]
    assert asked == [1.0, 2.0, 5.0]
