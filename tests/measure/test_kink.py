"""Left slope against right slope: a kink is seen, and smooth functions have none."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gradcheck import Verdict, check_gradients
from gradcheck._measure.derivative import estimate
from gradcheck._measure.extrapolate import Limit
from gradcheck._measure.kink import apart, diverges
from gradcheck._measure.slopes import Slopes
from gradcheck._measure.step import Ladder

EPS = 2.0**-52


def at(f, x=0.0, scale=1.0, sigma=1e-16):
    """Return the estimate of the slope of f at x."""
    base = f(x)

    def line(t):
        return x + t - x, f(x + t) - base

    return estimate(Ladder(line, scale, sigma, finest=4 * EPS * abs(x)))


def relu(claim):
    """Check ReLU at zero, and on either side of it, with a claim for its derivative at zero."""
    x = np.array([-1.0, 0.0, 2.0])
    return check_gradients(
        lambda x: float(np.maximum(x, 0).sum()),
        x,
        grad=lambda x: np.where(x == 0, claim, x > 0),
        neighbours=0,
    )


@pytest.mark.parametrize("claim", [-0.1, 1.1, 2.0])
def test_what_no_side_has_is_wrong(claim):
    """At a kink of slopes 0 and 1 a claim outside of them is no subgradient, and is named."""
    report = relu(claim)
    assert [e.name for e in report.wrong] == ["x[1]"]
    assert (report.wrong[0].left, report.wrong[0].right) == (pytest.approx(0), pytest.approx(1))


def test_away_from_the_kink_relu_is_right():
    """Its neighbours in the array are correct, whatever happens at zero."""
    tensor = relu(0.5).tensors["x"]
    assert [tensor.entry(k).verdict for k in (0, 2)] == [Verdict.UNTESTED, Verdict.CORRECT]


@pytest.mark.parametrize("claim", [0.0, 0.5, 1.0])
def test_a_subgradient_is_not_judged(claim):
    """All between the slopes are legal, ends included."""
    tensor = relu(claim).tensors["x"]
    assert tensor.entry(1).verdict is Verdict.KINK
    assert tensor.verdict is Verdict.KINK


slopes = st.floats(-10, 10)


@given(slopes, slopes, st.floats(-8, 8), st.floats(-3, 3))
def test_both_slopes_of_a_kink_are_measured(left, right, exponent, bend):
    """In any units, and on a curved function; sides that differ by a thousandth are told apart."""
    unit = 10.0**exponent

    def f(t):
        return unit * ((right if t > 0 else left) * t + bend * t * t)

    found = at(f, sigma=1e-16 * unit)
    assert found.kink == (abs(right - left) > 0) or abs(right - left) < 1e-3
    if found.kink:
        assert abs(found.left / unit - left) <= found.uncertainty / unit < 1e-6
        assert abs(found.right / unit - right) <= found.uncertainty / unit


@given(st.sampled_from([math.sin, math.exp, math.tanh, math.atan, math.erf]), st.floats(-3, 3))
def test_smooth_functions_have_no_kink(f, x):
    """However much they bend."""
    found = at(f, x)
    assert not found.kink
    assert not found.jump
    assert abs(found.left - found.right) <= 1e-4


@pytest.mark.parametrize("width", [1e-2, 1e-4])
def test_a_sharp_bend_is_not_a_kink(width):
    """A softplus that looks like a ReLU from afar has a derivative, and it is measured: a half."""
    found = at(lambda t: width * float(np.logaddexp(0, t / width)), sigma=1e-17)
    assert not found.kink
    assert abs(found.value - 0.5) <= found.uncertainty < 1e-4


@pytest.mark.parametrize("distance", [1e-3, 1e-5, -1e-4])
def test_a_kink_nearby_is_not_a_kink_here(distance):
    """The steps that stay on this side say what the slope is here."""
    found = at(lambda t: abs(t - distance))
    assert not found.kink
    assert abs(found.value + math.copysign(1, distance)) <= found.uncertainty < 1e-4


def test_a_kink_that_the_noise_hides_is_not_seen():
    """Slopes that differ by less than their uncertainty are one slope with that uncertainty."""
    found = at(lambda t: round(t + 1e-9 * abs(t), 8), sigma=3e-9)
    assert not found.kink
    assert abs(found.value - 1) <= found.uncertainty


@pytest.mark.parametrize("height", [1e-3, 1.0, 1e3])
@pytest.mark.parametrize("side", [-1.0, 1.0])
def test_a_jump_is_broken(height, side):
    """A step at the point has no slope there: it is not large, it is not one."""
    found = at(lambda t: height * (side * t > 0) + t)
    assert found.jump
    assert math.isnan(found.value)
    assert found.uncertainty == math.inf


def test_a_report_on_a_jump():
    """It is broken, and not undecided; the other entries are judged."""
    report = check_gradients(
        lambda x: float(np.sum(np.sign(x) + x)),
        np.array([-1.0, 0.0, 2.0, 3.0, 5.0]),
        grad=np.ones_like,
        neighbours=0,
    )
    codes = [e.verdict for e in map(report.tensors["x"].entry, range(5))]
    assert codes == [Verdict.CORRECT, Verdict.BROKEN, *[Verdict.CORRECT] * 3]


def test_a_cusp_is_a_kink_of_infinite_slopes():
    """The root of |t| falls without end on the left, and rises so on the right; it does not jump."""
    found = at(lambda t: math.sqrt(abs(t)))
    assert (found.left, found.right, found.kink) == (-math.inf, math.inf, True)
    assert math.isnan(found.value)
    assert not found.jump


def test_the_scale_is_that_of_the_largest_slope_seen():
    """Though the slope here be zero: a claim of zero was tested by a function that moves."""
    assert at(lambda t: t * t).scale > 1e-3
    assert at(lambda _: 1.0).scale == 0.0


def sides(gap, noise):
    """Return slopes of a right side that is so far from the left one, on rungs a quarter of each other."""
    gap = np.array(gap, dtype=float)
    every = np.broadcast_to(noise, gap.shape).astype(float)
    return Slopes(0.25 * 4.0 ** -np.arange(len(gap)), gap, 0 * gap, gap / 2, every, gap > 0, len(gap) - 1)


@pytest.mark.parametrize(
    ("gap", "noise", "errors", "kink", "cusp"),
    [
        (1.16 ** np.arange(9.0), 0.3, (1e-9, 1e-9), True, True),  # it grows by more than 1.15, above three noises
        (
            [1, 0.5, 0.7, 0.7, 2.5, 2.5, 1.5, 2.5, 1],
            [0.2, 0.05, 0.1, 0.2, 0.05, 0.01, 0.2, 0.01, 0.1],
            (0.1, 0.2),
            0,
            0,
        ),
        ([2.5, 0.5, 0.5, 0.7, 0.5], [0.3, 0.3, 0.2, 0.15, 0.01], (0.1, 0.2), True, False),  # seen at three, and stays
        ([0.5, 1, 2.5, 0.5, 0.7, 1.5, 0.3], [0.15, 0.3, 0.3, 0.2, 0.01, 0.1, 0.15], (0.1, 0.1), 0, 0),
        ([0.7, 0.3, 0.5, 0.5, 1.5, 0.7], [0.05, 0.01, 0.3, 0.2, 0.5, 0.3], (0.01, 0.2), 0, 0),
        ([1.5, 0.3, 0.3], 0.05, (0.2, 0.01), False, False),  # over two rungs it fell by more than 0.6 squared
        ([0.3, 1, 2.5, 1.5], [0.5, 0.05, 0.5, 0.1], (0.01, 0.1), False, False),  # too few rungs show it
        ([1, 1, 1, 1, 0.2], [0.1, 0.1, 0.1, 0.1, 0.25], (0.1, 0.2), True, False),  # a fourth of it may hide at the last
    ],
)
def test_which_gaps_between_the_sides_are_a_kink(gap, noise, errors, kink, cusp):
    """One that is seen on three rungs, stays to the finest of them, and would have been seen at any finer one."""
    left, right = Limit(0.0, errors[0], 0), Limit(1.0, errors[1], 0)
    found = sides(gap, noise)
    assert (apart(found, left, right), diverges(found)) == (bool(kink), bool(cusp))


def test_sides_of_three_errors_are_no_further_apart_than_they_are_unsure():
    """The errors of both add up, whatever is known of the one."""
    gap = sides([1.0] * 8, 0.0)
    assert not apart(gap, Limit(0.0, 0.3, 0), Limit(1.0, 0.05, 0))
    assert apart(gap, Limit(0.0, 0.25, 0), Limit(1.0, 0.05, 0))
    assert not apart(gap, Limit(-math.inf, 0.0, 0), Limit(1.0, 0.0, 0))


def test_sides_that_tend_to_one_slope_are_not_apart():
    """However far apart they are on the way, and however large the slope."""
    assert not apart(sides([1.0] * 8, 0.0), Limit(5.0, 0.1, 0), Limit(5.2, 0.1, 0))
    assert apart(sides([1.0] * 8, 0.0), Limit(-5.0, 0.1, 0), Limit(5.0, 0.1, 0))
