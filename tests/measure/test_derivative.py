"""A slope comes with what is not known of it, and the truth lies within."""

from __future__ import annotations

import math
from functools import partial

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from lines import EPS, SMOOTH, ladder_of

from gradcheck._measure.derivative import between, estimate, smooth_at_once, summarise, without_end
from gradcheck._measure.extrapolate import Limit
from gradcheck._measure.step import Ladder


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


def test_an_infinite_slope_is_known_for_one():
    """The square root at zero, which has one side, and the cube root, which has two; with how steep it was seen."""
    root = estimate(ladder_of(math.sqrt, 0.0, scale=1.0))
    assert (root.value, root.uncertainty, root.right) == (math.inf, 0.0, math.inf)
    assert math.isnan(root.left)
    assert 1e8 < root.reached < root.furthest
    both = estimate(ladder_of(lambda t: -math.cbrt(t), 0.0, scale=1.0))
    assert both.value == both.left == both.right == -math.inf
    assert not both.kink


def test_a_cusp_has_an_infinite_slope_on_either_side():
    """It is a kink of which each side is known, and the finite one as well as any."""
    cusp = estimate(ladder_of(lambda t: math.sqrt(abs(t)), 0.0, scale=1.0))
    assert (cusp.left, cusp.right, cusp.kink) == (-math.inf, math.inf, True)
    half = estimate(ladder_of(lambda t: math.sqrt(t) if t > 0 else 3 * t, 0.0, scale=1.0))
    assert (half.right, half.kink) == (math.inf, True)
    assert abs(half.left - 3) <= half.uncertainty < 1e-9


def test_of_one_infinite_side_alone_nothing_follows():
    """Where the other side is too rough to be known."""
    rough = estimate(ladder_of(lambda t: math.sqrt(t) if t > 0 else t * math.sin(1 / t) if t else 0.0, 0.0, scale=1.0))
    assert math.isnan(rough.value) or rough.kink
    assert rough.right == math.inf


def test_slopes_that_end_below_a_whole_ladder_are_followed():
    """As far as f, which is small itself, lets them be seen; what is added to 1 drowns first, and is infinite."""
    deep = 2.0**-70

    def root(t):
        return math.copysign(math.sqrt(abs(t) + deep) - math.sqrt(deep), t)

    found = estimate(ladder_of(root, 0.0, scale=1.0, sigma=1e-26))
    assert abs(found.value - 0.5 / math.sqrt(deep)) <= found.uncertainty < 1e-4 * found.value
    drowned = estimate(ladder_of(root, 0.0, scale=1.0, sigma=1e-11))
    assert drowned.value == math.inf
    assert drowned.reached < found.value < drowned.furthest


def test_slopes_that_end_very_slowly_end_where_it_is_said():
    """Those of a power of 1.1 fall by an eighth from rung to rung, and to zero; with noise last seen at 0.05."""
    found = estimate(ladder_of(lambda t: abs(t) ** 1.1 * math.copysign(1.0, t), 0.0, scale=1.0, sigma=3e-16))
    assert abs(found.value) <= found.uncertainty < 0.2


def test_a_function_that_stands_still():
    """Flat at every step, slope zero, nothing unknown."""
    found = estimate(ladder_of(lambda _: 5.0, 1.0))
    assert found.flat
    assert (found.value, found.left, found.right) == (0.0, 0.0, 0.0)


def test_one_rung_that_noise_puts_off_spoils_no_slope():
    """Of a thousand slopes beneath evenly drawn noise, each is known as well as the steps allow."""
    rng, x = np.random.default_rng(0), 0.9
    founds = []
    for _ in range(1000):
        origin = math.sin(x) + 1e-10 * rng.standard_normal()
        line = partial(lambda t, origin: (t, math.sin(x + t) + 1e-10 * rng.standard_normal() - origin), origin=origin)
        founds.append(estimate(Ladder(line, x, 1e-10, finest=1e-15)))
    assert max(found.uncertainty for found in founds) <= 1e-6
    assert max(abs(found.value - math.cos(x)) / found.uncertainty for found in founds) <= 1


def test_between_two_slopes_lies_their_mean():
    """Known no better than the worse of them, at no rung of its own."""
    assert between(Limit(1.0, 1e-9, 3), Limit(4.0, 1e-6, 5)) == Limit(2.5, 1e-6, -1)


def test_a_root_that_ends_on_the_right_has_no_kink_there():
    """Outside of its domain f has no other slope."""
    root = estimate(ladder_of(lambda t: -math.sqrt(-t), 0.0, scale=1.0))
    assert (root.value, root.left, root.kink) == (math.inf, math.inf, False)
    assert math.isnan(root.right)


def test_an_infinite_side_beside_an_unknown_one_is_no_kink():
    """It may be, and nothing is said."""
    unknown, endless = Limit(0.0, math.inf, 3), Limit(math.inf, 0.0, 7)
    slopes = ladder_of(lambda t: math.sqrt(abs(t)), 0.0, scale=1.0).climb(0, 7)
    for sides in ((unknown, endless), (endless, unknown)):
        centre, kink = without_end(slopes, *sides)
        assert math.isnan(centre.value)
        assert not kink


def test_where_the_sides_meet_neither_is_looked_at_alone():
    """What is then known is what the whole summary says; where they do not, nothing is."""
    slopes = ladder_of(math.sin, 0.7).climb(0, 7)
    found, whole = smooth_at_once(slopes), summarise(slopes, 0.0)
    assert found is not None
    assert (found.value, found.uncertainty, found.rungs) == (whole.value, whole.uncertainty, whole.rungs)
    assert found.left == found.right == found.value
    assert smooth_at_once(ladder_of(abs, 0.0, scale=1.0).climb(0, 7)) is None


def test_slopes_are_followed_as_far_as_steps_have_all_their_digits():
    """Those of the cube root of 0 never end."""
    asked = []
    found = estimate(ladder_of(lambda t: asked.append(abs(t)) or math.cbrt(t), 0.0, scale=1.0, sigma=0.0))
    assert found.value == math.inf
    assert 2.0**-1022 < min(filter(None, asked)) <= 2.0**-1014
