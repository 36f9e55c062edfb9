"""The noise of a function is measured, and neither curvature nor a kink is taken for it."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st
from lines import EPS, SMOOTH, line_of

from gradcheck._measure import noise
from gradcheck._measure.line import power_of_two
from gradcheck._measure.noise import ASIDE, UNEVEN, _Window, noise_of

STAIRS = list(itertools.product(("sin", "exp", "tanh"), (3, 6, 9, 12), (0.3, 0.7, 1.1, 2.3)))


def rounded(f, digits):
    return lambda t: round(f(t), digits)


@pytest.mark.parametrize(("name", "digits", "x"), STAIRS)
def test_rounding_to_digits_is_found(name, digits, x):
    """A step of 10^-d between values is noise of about a third of it, however the steps fall."""
    f, step = rounded(SMOOTH[name][0], digits), 10.0**-digits
    sigma = noise_of(line_of(f, x), x, 1e-17, 8 * EPS)
    assert step / 30 <= sigma <= 10 * step


@pytest.mark.parametrize("phase", [0.3, 0.8, 2.3])
def test_waves_that_a_spacing_is_in_step_with_are_no_noise(phase):
    """The spacing 32 times finer scatters as well: only one that is far nearer tells waves from noise."""
    step = UNEVEN[0] * 32
    waves = 2 * math.pi / (step / 4 - 0.03)  # as many to a step as stay in step
    sigma = noise_of(line_of(lambda t: math.sin(waves * (t - 1e6) + phase), 1e6), 1e6, 1e-17, 4 * EPS * 1e6)
    assert sigma < 1e-8


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


@pytest.mark.parametrize("f", [math.sqrt, math.cbrt, lambda t: math.sqrt(abs(t))], ids=["root", "cube root", "cusp"])
def test_an_infinite_slope_is_not_taken_for_noise(f):
    """Its differences fall at no spacing; a little beside it they do."""
    assert noise_of(line_of(f, 0.0), 1.0, 1e-16, 0.0) == 1e-16
    loud = noise_of(line_of(lambda t: f(t) + 1e-9 * math.sin(1e20 * t), 0.0), 1.0, 1e-16, 0.0)
    assert 1e-10 < loud < 1e-8


def test_the_noise_is_at_least_its_floor():
    """A function that never moves, and one that is not finite, have the noise that is known beforehand."""
    assert noise_of(line_of(lambda _: 1.0, 1.0), 1.0, 3e-7, 1e-15) == 3e-7
    assert noise_of(lambda t: (t, math.nan), 1.0, 3e-7, 1e-15) == 3e-7


def test_a_quiet_function_is_known_from_one_window_around_the_point():
    """Thirteen evaluations: ten in the window, and three that show whether it stands still nearby."""
    asked = []
    line = line_of(math.sin, 0.7)
    noise_of(lambda t: asked.append(t) or line(t), 0.7, 1e-16, 8 * EPS)
    assert len(asked) == 13
    assert min(asked) < 0 < max(asked)


def test_a_kink_is_no_noise():
    """The window around the point takes it for that; those on either side do not."""
    assert noise_of(line_of(lambda t: math.sin(t) + 100 * abs(t - 0.7), 0.7), 0.7, 1e-15, 8 * EPS) < 1e-13


@pytest.mark.parametrize("steps", [647.6, 648.0, 1000.0, 1.5])
def test_stairs_that_a_window_climbs_evenly_are_stairs(steps):
    """Where every value of the first window is so many stairs above the one before, it looks like a line."""
    spacing = power_of_two((4 * EPS) ** (1 / 7) / 256)
    height = spacing * UNEVEN[0] / steps

    def line(t):
        return t, height * round(t / height + 0.3) - height * round(0.3)

    assert height / 8 <= noise_of(line, 1.0, EPS, 4 * EPS) <= 4 * height


@pytest.mark.parametrize("sign", [1, -1])
@pytest.mark.parametrize(("fourth", "restless"), [([0, 1, 0, 1, 0, 1, 0], False), ([-1, 1, 0, 1, 0, 1, -1], True)])
def test_differences_of_one_sign_are_no_noise(fourth, restless, sign):
    """Though some of them vanish, and those of higher order have both signs: f may bend so."""
    values = np.array(fourth, dtype=float)
    for _ in range(4):
        values = np.concatenate([[0.0], np.cumsum(values)])
    values = sign * (values + 2.0**12 - values.max())  # the largest is a power of two: nothing is rounded
    assert _Window.of(lambda t: (t, float(values[round(t * 16) - 1])), 2.0**-4).restless is restless


@pytest.mark.parametrize(("falls", "noisy"), [(5, True), (7, False)])
def test_of_mere_noise_the_levels_lie_apart_by_six_at_most(falls, noisy):
    """Those of a wave fall from the fourth to the sixth: by the square of what a difference leaves of it."""
    left = math.prod(range(5, 7)) / math.sqrt(math.prod(range(9, 13)))  # of the sixth level, beside the fourth
    turn = 2 * math.asin(math.sqrt(1 / (4 * left * falls)))
    waves = _Window.of(lambda t: (t, math.sin(turn * t)), 1.0, -6.0)
    assert (waves.sigma is not None) is noisy
    assert waves.restless


def test_noise_that_is_several_times_less_from_nearer_is_noise():
    """As that of waves of 1e-8, met in step with some spacings: seven times less of it may be seen from there."""
    before = 5 + 0.3 * math.sin(3e9)

    def line(t):
        return t, (1 + t) ** 2 + 4 + 0.3 * math.sin(1e9 * (3 + t)) - before

    assert noise_of(line, 1.0, 2e-16, 4e-16) > 0.1


@pytest.mark.parametrize(("known", "fewer"), [(1e-3, True), (1e-6, False)])
def test_noise_that_is_known_of_f_is_not_looked_at_from_nearer(known, fewer):
    """Three windows show that there is no more of it than that; else two from nearer, in which a wave may be smooth."""
    rng, asked = np.random.default_rng(0), []
    noise = noise_of(lambda t: asked.append(t) or (t, 1e-5 * rng.standard_normal()), 1.0, 1e-15, 1e-15, known)
    assert 0.5e-5 < noise < 4e-5
    assert (len(asked) <= 33) is fewer


def test_waves_above_the_known_noise_are_no_noise():
    """They are smooth from a thousandth of the distance, and what little noise there is was known before."""
    line = line_of(lambda t: math.sin(t) + 1e-3 * math.sin(1e6 * t), 0.7)
    assert noise_of(line, 0.7, 1e-16, 8 * EPS, 1e-7) < 1e-10


@pytest.mark.parametrize("scale", [1.0, 1024.0])
def test_beside_the_point_means_a_thousandth_of_the_scale_away(scale):
    """On both sides, and there a thousandth of that from value to value."""
    seen = []
    assert noise._beside(lambda t: (t, seen.append(t) or abs(t) ** 0.5), scale, 1.0) < 1e-15 * scale**0.5
    assert np.abs(seen).min() == scale * ASIDE * (1 + ASIDE)
    assert np.abs(seen).max() == scale * ASIDE * (1 + noise.WINDOW * ASIDE)
    assert len(set(np.sign(seen))) == 2
