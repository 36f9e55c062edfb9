"""A slope comes with what is not known of it, and the truth lies within."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st

from gradcheck._measure.derivative import estimate
from gradcheck._measure.extrapolate import RATIO, limit
from gradcheck._measure.line import power_of_two
from gradcheck._measure.noise import noise_of
from gradcheck._measure.slopes import Slopes
from gradcheck._measure.step import Ladder

EPS = 2.0**-52
SMOOTH = {
    "sin": (math.sin, math.cos),
    "exp": (math.exp, math.exp),
    "tanh": (math.tanh, lambda x: 1 - math.tanh(x) ** 2),
    "cube": (lambda x: x**3 - 2 * x * x + x, lambda x: 3 * x * x - 4 * x + 1),
    "fifth power": (lambda x: x**5, lambda x: 5 * x**4),
}
STAIRS = list(itertools.product(("sin", "exp", "tanh"), (3, 6, 9, 12), (0.3, 0.7, 1.1, 2.3)))


def line_of(f, x):
    """Return the line through x as the checker asks for it: (step really taken, f there minus f at x)."""
    base = f(x)

    def line(t):
        moved = x + t
        try:
            return moved - x, f(moved) - base
        except (ValueError, OverflowError):
            return moved - x, math.nan

    return line


def ladder_of(f, x, scale=None, sigma=None):
    line, scale = line_of(f, x), abs(x) if scale is None else scale
    floor = 0.35 * EPS * abs(f(x))
    sigma = noise_of(line, scale, floor, 8 * EPS * scale) if sigma is None else sigma
    return Ladder(line, scale, sigma, finest=4 * EPS * abs(x))


def slopes_of(f, x, first=0, last=7, sigma=1e-16):
    return ladder_of(f, x, 1.0, sigma).climb(first, last)


# ------------------------------------------------------------------------------------------- limit


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


# ------------------------------------------------------------------------------------ whole ladders


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


# ------------------------------------------------------------------------------------------- ladder


@given(st.floats(1e-3, 1e3), st.sampled_from([np.float64, np.float32]))
def test_steps_are_those_really_taken(x, dtype):
    """Where x + h is rounded, the slope of f(x) = x is 1 still, to the last digit, on every rung."""

    def line(t):
        here, moved = dtype(x), dtype(dtype(x) + dtype(t))
        return float(moved) - float(here), float(moved) - float(here)

    slopes = Ladder(line, x, 0.0).climb(0, 15)
    taken = slopes.step > 0
    assert taken[:8].all()
    assert (slopes.central[taken] == 1).all()
    assert np.isnan(slopes.central[~taken]).all()


def test_no_rung_is_asked_twice():
    """Values are kept: climbing again over the same rungs costs nothing."""
    asked = []

    def line(t):
        asked.append(t)
        return t, t * t

    ladder = Ladder(line, 1.0, 1e-16)
    ladder.climb(0, 3)
    ladder.climb(1, 4)
    assert len(asked) == len(set(asked)) == ladder.evaluations == 10


def test_the_ladder_goes_down_by_a_factor():
    """From a quarter of the scale; every step is a power of two, and slopes come the coarsest first."""
    slopes = slopes_of(math.sin, 0.0, first=-1, last=3)
    assert slopes.step.tolist() == [1.0, 0.25, 0.25 / 4, 0.25 / 16, 0.25 / 64]
    assert slopes.right == pytest.approx([math.sin(h) / h for h in slopes.step])


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


def test_slopes_of_either_side():
    """Right and left and, weighted by the steps, central; nan where f is not finite or no step was taken."""
    rungs = [(0.5, 2.0, 0.25, -0.5), (0.5, math.inf, 0.5, -1.0), (0.0, 0.0, 0.5, -1.0)]
    slopes = Slopes.of(rungs, 2, sigma=0.0, scale=1.0, relative=EPS)
    assert slopes.right[0] == 4.0
    assert slopes.left.tolist()[:2] == [2.0, 2.0]
    assert slopes.central[0] == pytest.approx((4 * 0.25 + 2 * 0.5) / 0.75)
    assert np.isnan(slopes.right[1])
    assert np.isnan(slopes.central[1:]).all()
    assert slopes.noise[2] == math.inf


# -------------------------------------------------------------------------------------------- noise


def rounded(f, digits):
    return lambda t: round(f(t), digits)


@pytest.mark.parametrize(("name", "digits", "x"), STAIRS)
def test_rounding_to_digits_is_found(name, digits, x):
    """A step of 10^-d between values is noise of about a third of it, however the steps fall."""
    f, step = rounded(SMOOTH[name][0], digits), 10.0**-digits
    sigma = noise_of(line_of(f, x), x, 1e-17, 8 * EPS)
    assert step / 30 <= sigma <= 10 * step


@pytest.mark.parametrize("x", [0.3, 0.7, 1.1])
@pytest.mark.parametrize("name", sorted(SMOOTH))
def test_a_hidden_cast_to_single_precision_is_found(name, x):
    """Of the output alone, or of the input too: the noise is that of float32, not of float64."""
    f = SMOOTH[name][0]
    step = float(np.spacing(np.float32(abs(f(x)))))
    for hidden in (lambda t: float(np.float32(f(t))), lambda t: float(np.float32(f(float(np.float32(t)))))):
        sigma = noise_of(line_of(hidden, x), x, 1e-17, 8 * EPS)
        assert step / 30 <= sigma <= 30 * step


@pytest.mark.parametrize("offset", [1.0, 1e3, 1e6])
@pytest.mark.parametrize("x", [0.3, 0.7, 1.1])
def test_an_offset_rounds_away_digits(x, offset):
    """Of sin(x) + 1e6 ten digits are left, and the noise says so."""
    sigma = noise_of(line_of(lambda t: math.sin(t) + offset, x), x, 1e-30, 8 * EPS)
    assert np.spacing(offset) / 30 <= sigma <= 30 * np.spacing(offset)


@given(st.floats(-13, -3), st.floats(0.1, 3), st.integers(0, 2**32 - 1))
def test_random_noise_is_measured(exponent, x, seed):
    """Its standard deviation, to within a factor."""
    true = 10.0**exponent

    def noisy(t):
        return math.sin(t) + true * float(np.random.default_rng([seed, *np.float64(t).tobytes()]).standard_normal())

    sigma = noise_of(line_of(noisy, x), x, 1e-17, 8 * EPS)
    assert true / 30 <= sigma <= 30 * true


@given(st.sampled_from(sorted(SMOOTH)), st.floats(0.05, 3))
def test_a_smooth_function_is_not_taken_for_a_noisy_one(name, x):
    """Curvature is no noise: only the last digit of f or of its terms is."""
    f = SMOOTH[name][0]
    size = abs(f(x)) + x
    assert noise_of(line_of(f, x), x, 0.0, 8 * EPS * x) <= 30 * EPS * size


@example(0.125, 2.2250738585e-313, 1.0)
@given(st.floats(0.05, 3), st.floats(-2, 2), st.floats(-2, 2))
def test_a_kink_is_not_taken_for_noise(x, left, right):
    """Neither at the point itself nor a little beside it."""
    assume(abs(left) + abs(right) > 0.1)
    for beside in (0.0, 3e-14 * x, 1e-9 * x):

        def bent(t, beside=beside):
            u = t - x - beside
            return right * u if u > 0 else left * u

        assert noise_of(line_of(bent, x), x, 0.0, 8 * EPS * x) <= 100 * EPS * x


def test_the_noise_is_at_least_its_floor():
    """A function that never moves, and one that is not finite, have the noise that is known beforehand."""
    assert noise_of(line_of(lambda _: 1.0, 1.0), 1.0, 3e-7, 1e-15) == 3e-7
    assert noise_of(lambda t: (t, math.nan), 1.0, 3e-7, 1e-15) == 3e-7
