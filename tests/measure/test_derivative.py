"""A slope comes with what is not known of it, and the truth lies within."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from lines import EPS, SMOOTH, ladder_of

from gradcheck._measure.derivative import estimate


@given(
    st.sampled_from(sorted(SMOOTH)),
    st.floats(0.05, 3),
    st.sampled_from([-1.0, 1.0]),
    st.floats(-8, 8),
    st.floats(-8, 8),
)
def test_the_truth_lies_within_the_stated_uncertainty(name, x, sign, outer, inner):
    """Of a smooth function, in any units of f and of x; and it is known to eight digits of what moves f."""
    f, df = SMOOTH[name]
    a, s, x = 10.0**outer, 10.0**inner, sign * x
    found = estimate(ladder_of(lambda t: a * f(t * s), x / s))
    truth, size = a * s * df(x), a * s * (abs(df(x)) + abs(f(x)) + 0.1)
    assert abs(found.value - truth) <= found.uncertainty + 1e-12 * size
    assert found.uncertainty <= 1e-8 * size
    assert not found.kink
    assert not found.jump


@given(st.sampled_from(sorted(SMOOTH)), st.floats(0.05, 3))
def test_the_rounding_inside_of_f_is_part_of_the_uncertainty(name, x):
    """Though the noise be given as nothing: f meets numbers of the size of x, and these are rounded."""
    f, df = SMOOTH[name]
    found = estimate(ladder_of(f, x, sigma=0.0))
    assert found.uncertainty > EPS * abs(df(x)) / 10
    assert abs(found.value - df(x)) <= 30 * found.uncertainty + 1e-12 * (1 + abs(df(x)))


@pytest.mark.parametrize("name", sorted(SMOOTH))
def test_noise_is_part_of_the_uncertainty(name):
    """Injected at random, but the same at every call of the same point: nine in ten truths lie within, none far out."""
    f, df = SMOOTH[name]
    rng = np.random.default_rng(0)
    off = []
    for seed in range(60):
        x, sigma = rng.uniform(0.1, 2), 10.0 ** rng.uniform(-12, -5)

        def noisy(t, seed=seed, sigma=sigma):
            draw = np.random.default_rng([seed, *np.float64(t).tobytes()])
            return f(t) + sigma * float(draw.standard_normal())

        found = estimate(ladder_of(noisy, x))
        off.append(abs(found.value - df(x)) / found.uncertainty)
    assert np.quantile(off, 0.9) <= 1
    assert max(off) <= 5
    assert np.median(off) > 1e-3


@pytest.mark.parametrize("x", [1e-2, 1e-4, 1e-6])
def test_steps_beyond_the_edge_of_the_domain_are_dropped(x):
    """The logarithm near zero, where an entry of typical size 1 begins with steps of 0.25."""
    found = estimate(ladder_of(math.log, x, scale=1.0))
    assert abs(found.value - 1 / x) <= found.uncertainty <= 1e-4 / x


def test_at_the_very_edge_one_side_serves():
    """A function that raises for every negative number has its slope from the right."""

    def half(t):
        return math.sin(t) + t * t if t >= 0 else math.sqrt(t)

    found = estimate(ladder_of(half, 0.0, scale=1.0))
    assert abs(found.value - 1) <= found.uncertainty < 1e-6
    assert math.isnan(found.left)


def test_an_infinite_slope_is_not_known():
    """The square root at zero: no value is offered with a small uncertainty."""
    found = estimate(ladder_of(math.sqrt, 0.0, scale=1.0))
    assert not found.uncertainty <= 0.01 * abs(found.value)


def test_a_function_that_stands_still():
    """Flat at every step, slope zero, nothing unknown."""
    found = estimate(ladder_of(lambda _: 5.0, 1.0))
    assert found.flat
    assert (found.value, found.left, found.right) == (0.0, 0.0, 0.0)
