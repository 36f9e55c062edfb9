"""Where noise is all that limits a slope many values average it away; a kink or a jump is no polynomial."""

from __future__ import annotations

import math

import numpy as np
import pytest

from gradcheck._measure import least_squares
from gradcheck._measure.derivative import estimate
from gradcheck._measure.extrapolate import NOWHERE, Limit
from gradcheck._measure.least_squares import DEGREES, PAIRS, closer, fit, promise, widest
from gradcheck._measure.step import Ladder


def noisy(f, sigma, seed=0):
    """Return a ladder on a line with noise, the same at every call of the same place."""

    def line(t):
        draw = np.random.default_rng([seed, *np.float64(t).tobytes()]).standard_normal()
        return t, f(t) + sigma * float(draw)

    return Ladder(line, 1.0, sigma)


@pytest.mark.parametrize(
    "f",
    [abs, lambda t: float(t > 0.1), lambda t: math.copysign(math.sqrt(abs(t)), t)],
    ids=["kink", "jump", "cusp"],
)
def test_what_is_no_polynomial_has_no_fit(f):
    """A kink, a jump and a cusp leave more than the noise, whatever the degree."""
    assert fit(noisy(f, 1e-8), 1.0) is NOWHERE


def test_what_is_not_finite_has_none():
    """One value out of twenty is enough."""
    assert fit(noisy(lambda t: math.nan if t > 0.95 else t, 1e-8), 1.0) is NOWHERE


@pytest.mark.parametrize("sigma", [1e-8, 1e-5, 1e-2])
@pytest.mark.parametrize("seed", range(3))
def test_the_slope_of_a_smooth_function_in_noise_lies_within(sigma, seed):
    """And is known far better than a ladder tells, two values of which lie at each step."""
    ladder = noisy(lambda t: math.exp(t) - 1, sigma, seed)
    best, reach = widest(ladder)
    assert abs(best.value - 1) <= best.error < estimate(ladder).uncertainty / 2
    assert 0 < reach <= 4
    assert 0 <= best.rung < len(DEGREES)


def test_a_wider_fit_averages_more():
    """As long as the polynomial follows: of a straight line the widest is the best."""
    ladder = noisy(lambda t: t, 1e-3)
    best, reach = widest(ladder)
    assert reach == 4.0
    assert best.error < fit(ladder, 0.25).error / 8


def test_a_fit_keeps_the_promise():
    """What a fit usually leaves unknown is said beforehand, in units of f a scale, for one scale or for many."""
    assert widest(noisy(math.sin, 1e-4))[0].error <= promise(1e-4, 1.0)
    assert promise(1e-4, np.array([1.0, 2.0])).tolist() == [promise(1e-4, 1.0), promise(1e-4, 1.0) / 2]


def test_nowhere_is_no_number():
    """And is never preferred to one."""
    assert min(NOWHERE, Limit(1.0, 1e300, 0), key=lambda c: c.error).value == 1.0
    assert math.isnan(NOWHERE.value)


def test_only_even_degrees_are_fitted():
    """Values on both sides of 0 alike: an odd power more changes the slope, an even one does not."""
    places = np.concatenate([np.arange(-PAIRS, 0), np.arange(1, PAIRS + 1)]) / PAIRS
    slope = {n: np.linalg.pinv(np.vander(places, n + 1, increasing=True))[1] for n in range(1, DEGREES[-1] + 1)}
    for degree in DEGREES:
        assert slope[degree] == pytest.approx(slope[degree - 1], abs=1e-9)
    others = [n for n in slope if n == 1 or np.abs(slope[n] - slope[n - 1]).max() > 1e-6]
    assert [n + 1 for n in others] == list(DEGREES)


def test_the_highest_degree_leaves_half_of_the_values_to_show_the_noise():
    """With more there is nothing left to tell noise from a bend by, with less a quick bend has no fit."""
    assert DEGREES[-1] == PAIRS
    quick = noisy(lambda t: math.sin(2 * t), 1e-4)
    assert abs(fit(quick, 1.0).value - 2) <= fit(quick, 1.0).error < 1e-2
    assert fit(noisy(lambda t: math.sin(9 * t), 1e-8), 1.0) is NOWHERE


@pytest.mark.parametrize("seed", range(5))
def test_many_more_values_show_more(seed):
    """Of a straight line in noise half or so is left unknown, and the slope is within that."""
    ladder = noisy(lambda t: t, 1e-2, seed)
    near = closer(ladder, 1.0)
    assert abs(near.value - 1) <= near.error < 0.6 * fit(ladder, 1.0).error


@pytest.mark.parametrize("at", [0.01, -0.2, 0.6])
@pytest.mark.parametrize("height", [0.01, 0.05, 0.2])
def test_a_kink_that_the_noise_hides_is_allowed_for(at, height):
    """Wherever it is, and however high: the slope at 0 lies within, or there is no fit."""
    near = closer(noisy(lambda t: t + height * (abs(t - at) - abs(at)), 1e-2), 1.0)
    true = 1 - height * math.copysign(1, at)
    assert near is NOWHERE or abs(near.value - true) <= near.error


def test_of_what_is_not_finite_many_values_show_nothing():
    """One of them is enough."""
    assert closer(noisy(lambda t: math.nan if t > 0.95 else t, 1e-8), 1.0) is NOWHERE


def test_what_a_fit_usually_knows():
    """Sixteen noises of f, a scale."""
    assert promise(1e-6, 4.0) == 4e-6


def straight(sigma, scatter=0.0):
    """Return a ladder on the line t, of which values at the places of a fit are off by what no polynomial follows."""
    places = np.concatenate([np.arange(-PAIRS, 0), np.arange(1, PAIRS + 1)]) / PAIRS
    powers = np.vander(places, DEGREES[-1] + 1, increasing=True)
    drawn = np.random.default_rng(0).standard_normal(len(places))
    left = drawn - powers @ (np.linalg.pinv(powers) @ drawn)
    off = dict(zip(places.tolist(), (scatter * left / np.linalg.norm(left)).tolist(), strict=True))
    return Ladder(lambda t: (t, t + off[t]), 1.0, sigma)


def test_a_fitted_slope_is_unsure_by_four_standard_deviations():
    """That of least squares: the noise of a value, over the root of the sum of the squares of the places, 7.7."""
    assert fit(straight(1e-3), 1.0).error == pytest.approx(4e-3 / math.sqrt(7.7))


def test_what_a_fit_leaves_may_do_sixteen_times_as_much_to_the_slope():
    """Where that is more: nine values more than the highest degree has numbers show how much is left."""
    assert fit(straight(1e-3, 1e-3 * math.sqrt(9)), 1.0).error == pytest.approx(16e-3)


@pytest.mark.parametrize(("left", "fits"), [(1.1, True), (1.3, False)])
def test_what_leaves_a_fifth_more_than_noise_is_no_polynomial(left, fits):
    """Of the lowest degree, which leaves seventeen values more than it has numbers."""
    assert (fit(straight(1e-3, left * 1e-3 * math.sqrt(17)), 1.0) is not NOWHERE) is fits


def test_sixteen_times_as_many_values_are_taken_where_more_is_to_be_known():
    """A quarter of the noise is left of them."""
    calls = []
    closer(Ladder(lambda t: (t, calls.append(t) or t), 1.0, 1e-3), 1.0)
    assert len(calls) == 16 * 2 * PAIRS


@pytest.mark.parametrize(("at", "height", "part"), [(0.0, 0.0, 0.99), (0.1, 0.2, 0.9)])
def test_what_a_kink_may_do_is_known_to_a_tenth(at, height, part, monkeypatch):
    """From one at the point itself, and at fifteen places on either side: between them it does hardly more."""
    places = np.concatenate([np.arange(-160, 0), np.arange(1, 161)]) / 160
    powers = np.vander(places, 9, increasing=True)
    draws = np.random.default_rng(0).standard_normal((20, 320))
    scattered = [1e-2 * draw + height * np.abs(places - at) for draw in draws]
    some = np.array([least_squares._hidden(powers, values, 1e-2) for values in scattered])
    monkeypatch.setattr(least_squares, "CORNERS", 255)
    many = np.array([least_squares._hidden(powers, values, 1e-2) for values in scattered])
    assert (some / many).min() > part
