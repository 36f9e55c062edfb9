"""What slopes tend to is known to within the stated error, and finer steps have the last word."""

from __future__ import annotations

import math

import exact
import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from lines import line_of, slopes_of

from gradcheck._measure import extrapolate
from gradcheck._measure.extrapolate import ORDERS, RATIO, extrapolated_once, limit
from gradcheck._measure.step import Ladder


def test_coarse_steps_that_finer_ones_deny_count_for_nothing():
    """Aliasing: eight coarse rungs say 1 to the last digit, the finer ones 2; a claim of 1 must not pass."""
    slopes = np.array([1.0] * 8 + [2.0] * 6)
    found = limit(slopes, np.full(14, 1e-12), power=2)
    assert abs(found.value - 2) <= found.error < 1e-6
    assert found.rung >= 8


def test_rungs_that_are_no_numbers_are_dropped():
    """The others serve: coarse rungs outside of the domain, and single ones in the middle."""
    steps = 0.25 * RATIO ** -np.arange(12.0)
    slopes = 3 + 5 * steps**2 - steps**4
    slopes[[0, 1, 2, 6]] = np.nan
    found = limit(slopes, np.full(12, 1e-13), power=2)
    assert abs(found.value - 3) <= found.error < 1e-9


def test_of_nothing_there_is_no_limit():
    """It is nan with an infinite error, not zero."""
    for slopes in (np.full(6, np.nan), np.array([1.0])):
        found = limit(slopes, np.zeros(len(slopes)), power=2)
        assert math.isnan(found.value)
        assert (found.error, found.rung) == (math.inf, -1)


@example(0.0, [0.0, -1.0625, 2.875, 1.5], 1, 1e-06, 0)  # two gaps that are small by accident
@given(
    st.floats(-10, 10),
    st.lists(st.floats(-3, 3), min_size=1, max_size=4),
    st.sampled_from([1, 2]),
    st.sampled_from([0.0, 1e-12, 1e-6]),
    st.integers(0, 2**32 - 1),
)
def test_the_error_of_a_known_series_is_stated(value, coefficients, power, sigma, seed):
    """A polynomial in h^p, noise and all, tends to its constant term to within the stated error."""
    steps = RATIO ** -np.arange(1.0, 13.0)
    noise = 4 * sigma / steps + 1e-14
    slopes = value + sum(c * steps ** (power * (k + 1)) for k, c in enumerate(coefficients))
    slopes += noise * np.random.default_rng(seed).uniform(-0.5, 0.5, len(steps))
    found = limit(slopes, noise, power=power)
    assert abs(found.value - value) <= found.error
    assert found.error <= max(1e-7, 1e5 * sigma) * (1 + max(map(abs, coefficients)))


def test_extrapolation_gains_digits():
    """From steps of 0.25 to 1e-3, whose own slopes are off by 1e-6 at best, ten digits come."""
    slopes = slopes_of(math.sin, 0.7, last=4)
    found = limit(slopes.central, slopes.noise, power=2)
    assert abs(slopes.central - math.cos(0.7)).min() > 1e-7
    assert abs(found.value - math.cos(0.7)) <= found.error < 1e-9


def test_four_orders_are_enough_and_three_are_not(monkeypatch):
    """A sine with the noise of rounding: one order less knows three times less, and more know no better."""
    shown = [slopes_of(math.sin, x, last=7, sigma=3e-17) for x in np.linspace(0.1, 1.5, 15)]

    def known(orders):
        monkeypatch.setattr(extrapolate, "ORDERS", orders)
        return np.median([limit(s.central, s.noise, power=2).error for s in shown])

    errors = {orders: known(orders) for orders in range(1, 9)}
    assert min(errors, key=lambda n: (errors[n] > 1.5 * min(errors.values()), n)) == ORDERS


@pytest.mark.parametrize(("gap", "seen"), [(1.5, False), (3.0, True)])
def test_a_gap_is_seen_above_two_bounds_of_the_noise(gap, seen):
    """Each of its two slopes may be off by one. One that is seen to fall slowly is taken to go on."""
    gaps, noise = np.array([np.nan, 2.0, 1.0]) * gap, np.array([1e-3, 1e-3, 1.0])
    tail = extrapolate._tails(gaps.tolist(), noise.tolist())
    assert tail[2] == pytest.approx(1.0 if seen else 1 / 3)  # as much again, or a third as if they fell linearly


def test_gaps_that_fall_slowly_are_taken_to_go_on_where_they_are_not_seen():
    """Four of them do; after three that may be the edge of something."""
    slow = 0.9 ** np.arange(10.0)
    for seen, goes_on in ((6, True), (4, False)):
        noise = np.where(np.arange(10) < seen, 1e-9, 0.2)
        gaps = np.abs(np.diff(slow, prepend=np.nan))
        tail = extrapolate._tails(gaps.tolist(), noise.tolist())
        assert tail[-1] == pytest.approx(9.0 if goes_on else 1 / 3)


def test_two_central_differences_are_extrapolated_once():
    """Of a cubic nothing is left but rounding; the correction is what the finer one lacked."""

    def rise(h, bend):
        return 2 * (3.0 * h + bend * h**3)

    bends = np.array([0.0, 1.0, -7.0])
    slope, correction = extrapolated_once(rise(0.5, bends), rise(0.5 / RATIO, bends), np.full(3, 0.5))
    assert slope == pytest.approx(np.full(3, 3.0), rel=1e-15)
    assert correction == pytest.approx(-bends * (0.5 / RATIO) ** 2)
    assert extrapolated_once(rise(0.5, 1.0), rise(0.5 / RATIO, 1.0), 0.5)[0] == pytest.approx(3.0, rel=1e-15)


def test_two_differences_make_one_of_a_higher_order():
    """A fifteenth of their difference is taken off: (f/h^2 - c/h^2) / (16 - 1)."""
    slope, off = extrapolated_once(1.1, 0.25, 0.25)
    assert (slope, off) == pytest.approx((2 - 0.2 / 15, -0.2 / 15))


@pytest.mark.parametrize(
    ("f", "x", "scale", "sigma", "last", "power", "expected"),
    [
        (lambda t: math.sqrt(abs(t) * math.sqrt(abs(t))), 0.0, 16.0, 1e-4, 15, 1, (8.9941, 3.2729, 7)),
        (exact.rational, 1.0, 1.0, 1e-16, 15, 1, (0.0, 3.8334e-11, 7)),
        (exact.witch, 0.0, 16.0, 1e-16, 3, 1, (-2.9315, 1.7326, 2)),
        (exact.root, 0.0, 1.0, 1e-16, 3, 2, (math.nan, math.inf, -1)),
        (exact.root, 0.001, 16.0, 1e-4, 7, 1, (15.656, 2.7766, 7)),
        (exact.two_kinks, 0.0, 16.0, 1e-4, 7, 1, (1.001, 0.47084, 6)),
    ],
)
def test_what_is_still_to_come(f, x, scale, sigma, last, power, expected):
    """As it was measured before: of what falls slowly, of a bend, of too coarse a ladder, of one side alone."""
    slopes = Ladder(line_of(f, x), scale, sigma, finest=4 * 2.0**-52 * abs(x)).climb(0, last)
    values = slopes.central if power == 2 else slopes.right
    found = limit(values, slopes.noise, power, slopes.kinked if power == 2 else None)
    assert (found.value, found.error) == pytest.approx(expected[:2], rel=1e-3, abs=1e-13, nan_ok=True)
    assert found.rung == expected[2]


def test_a_sixteenth_of_the_gap_before_the_last_may_still_be_to_come():
    """However little the last one was, which may be so by chance."""
    assert extrapolate._truncation([1.0, 1e-3], [0.0, 0.0], [0.0, 0.0], 16.0)[1] == 1 / 16
