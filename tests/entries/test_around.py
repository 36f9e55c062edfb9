"""Slopes around the point: those of each of the gradients that f has there, at steps that its noise allows."""

from __future__ import annotations

import numpy as np
import pytest
from tested import sine, under_test

from gradcheck._entries.around import BESIDE, FURTHER, sides, slopes_around, step_for

FIRST = np.array([1.0, 0.0])
TIED = np.array([1.0, 1.0])


def largest(x):
    return float(np.max(x))


def test_a_maximum_has_two_slopes_around_a_tie():
    """And the same two further away; on the line itself one on either side."""
    tested = under_test(largest, FIRST, TIED)
    step = step_for(tested, 1.0)
    near, far = (slopes_around(tested, FIRST, step, 20, by) for by in (1.0, FURTHER))
    assert set(np.round(near, 6)) == set(np.round(far, 6)) == {0.0, 1.0}
    assert np.round(sides(tested, FIRST, step), 6).tolist() == [0.0, 1.0]
    assert np.array_equal(tested.leaf.array, TIED)


def test_a_smooth_function_has_one():
    """But for what it bends by, the more so the further away."""
    tested = under_test(sine, np.cos, TIED)
    near, far = (slopes_around(tested, FIRST, 2.0**-20, 20, by) for by in (1.0, FURTHER))
    assert np.ptp(near) < 10 * BESIDE * 2.0**-20
    assert FURTHER / 2 < np.ptp(far) / np.ptp(near) < 2 * FURTHER


def test_noise_asks_for_larger_steps():
    """Up to where nothing is learnt, as of a slope of nothing or without end."""
    quiet = under_test(largest, FIRST, TIED)
    assert step_for(quiet, 1e-9) > step_for(quiet, 1.0)
    assert step_for(under_test(largest, FIRST, TIED, sigma=1e-4), 1.0) is None
    assert step_for(quiet, 0.0) is step_for(quiet, np.inf) is step_for(quiet, np.nan) is None


@pytest.mark.parametrize(("least", "step"), [(0.9, 2.0**-11), (1.1, None)])
def test_a_step_shows_a_slope_as_256_bounds_of_the_noise_and_is_a_4096th_of_the_scale_at_most(least, step):
    """The power of two next to twice as much; a bound of the noise is three deviations."""
    tested = under_test(largest, FIRST, TIED, sigma=least * 2.0**-12 / 256 / 3)
    assert step_for(tested, 1.0) == step


def test_points_beside_lie_256_steps_away_and_those_further_64_times_that():
    """In each number, on average; few of the lines through them cross a kink."""
    seen = []
    tested = under_test(lambda x: seen.append(x.copy()) or largest(x), FIRST, TIED)
    for by, steps in ((1.0, 256), (FURTHER, 64 * 256)):
        seen.clear()
        slopes_around(tested, FIRST, 2.0**-30, 200, by)
        away = np.array(seen)[:, 1] - TIED[1]  # no line moves the second number
        assert 0.9 * steps < np.sqrt(np.mean(away**2)) / 2.0**-30 < 1.1 * steps
