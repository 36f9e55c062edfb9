"""Slopes from the left, from the right and from both, with what the noise makes of them."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest
from lines import EPS, slopes_of

from gradcheck._measure.slopes import Slopes


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


def test_a_kink_within_the_step_is_felt():
    """By the whole gap that it opens between the sides, as far as that stands out of the noise; a bend by nothing."""
    near = slopes_of(lambda t: abs(t - 0.01) if t > 0.01 else 0.0, 0.0, last=5)
    assert (near.kinked[1:3] > 0.1).all()
    assert near.kinked[-1] == 0
    assert (slopes_of(lambda t: t * t, 0.0).kinked[1:] == 0).all()
    hidden = slopes_of(lambda t: abs(t - 0.01) if t > 0.01 else 0.0, 0.0, last=3, sigma=1.0)
    assert not hidden.kinked.any()


def test_slopes_that_the_noise_hides_are_drowned():
    """Then neither finer rungs nor a scale can be told; larger steps could."""
    drowned = slopes_of(math.sin, 0.0, sigma=1e-6)
    assert drowned.drowned
    assert drowned.enough
    assert slopes_of(math.sin, 0.0, last=1, sigma=1e3).scale() == 0.0
    clear = slopes_of(math.sin, 0.0)
    assert not clear.drowned
    assert clear.scale() == pytest.approx(1.0)


def test_enough_is_known_once_the_slope_is_and_the_sides_meet():
    """Not at coarse steps, and not at a kink however sharp its mean."""
    assert slopes_of(math.sin, 0.3, last=7).enough
    assert not slopes_of(math.sin, 0.3, last=2).enough
    assert not slopes_of(abs, 0.0, last=7).enough


def test_it_is_not_enough_where_f_was_far_steeper_just_before():
    """As an exponential in a unit that is small beside its argument; no power of it falls so fast."""
    steep = slopes_of(lambda x: math.exp(512 * x), 0.0, last=4)
    assert steep.calms
    assert not steep.enough
    assert not slopes_of(lambda x: (512 * x) ** 10, 0.0, last=4).calms
    assert not slopes_of(math.sin, 0.0).calms


def test_larger_steps_are_wanted_where_the_coarsest_is_limited_by_the_noise():
    """Of a line in noise; not where the curvature is felt."""
    assert slopes_of(lambda t: t, 0.0, sigma=1e-6).wants_larger_steps
    assert not slopes_of(math.exp, 0.0, sigma=1e-12).wants_larger_steps


def test_a_report_keeps_the_bound_of_the_central_slope():
    """It is smaller by the root of two than that of one side."""
    slopes = slopes_of(math.sin, 0.0, last=2)
    assert [rung.step for rung in slopes.rungs()] == slopes.step.tolist()
    assert [rung.noise for rung in slopes.rungs()] == pytest.approx(slopes.noise / math.sqrt(2), abs=0)
    assert [rung.central for rung in slopes.rungs()] == pytest.approx(slopes.central)


def test_where_no_step_was_taken_on_one_side_there_are_no_slopes():
    """On the other neither: the point is where f's own numbers end."""
    for rung in ((0.5, 1.0, 0.0, 0.0), (0.0, 0.0, 0.5, 1.0)):
        found = Slopes.of([rung], 0, sigma=0.0, scale=1.0, relative=EPS)
        assert np.isnan([found.right[0], found.left[0], found.central[0]]).all()
        assert found.noise[0] == math.inf


def test_where_f_is_not_defined_it_is_not_steep():
    """So the rounding of the argument at the next rung is that of the slope there."""
    found = Slopes.of([(0.1, math.nan, 0.1, math.nan), (0.1, 1e-3, 0.1, -1e-3)], 1, sigma=0.0, scale=1.0, relative=EPS)
    assert found.noise[1] == pytest.approx(3 * EPS * (1e-3 / 2 + 1e-2 / 4) / 0.1)


def test_two_rungs_are_enough_to_meet():
    """And one is: of gaps that are not seen nothing is asked."""
    assert slopes_of(math.sin, 0.0, last=1).meets
    assert slopes_of(math.sin, 0.0, last=0).meets
    assert not slopes_of(abs, 0.0, last=1).meets


def known(central, noise):
    """Return slopes of two rungs whose sides agree."""
    central, noise = np.array(central), np.array(noise)
    return Slopes(np.array([0.25, 0.0625]), central, central, central, noise, central != 0, 1)


@pytest.mark.parametrize(
    ("central", "noise", "wanted"),
    [
        ((1.0, 1.0), (2e-9, 8e-9), True),
        ((1.0, 1.0), (8e-10, 2e-9), False),  # the coarsest rung knows enough
        ((1.0, 0.1), (5e-10, 1.0), False),  # it is its own slope that counts
        ((0.1, 1.0), (5e-10, 1.0), True),
        ((1.0, 1.0 + 3e-9), (2e-9, 1e-9), False),  # the gap to the next is seen: no noise limits it
    ],
)
def test_when_larger_steps_would_tell_more(central, noise, wanted):
    """Where the noise of the coarsest slope is more than a billionth of it, and hides how it bends."""
    assert known(central, noise).wants_larger_steps is wanted


def test_a_slope_is_rounded_as_phi_is_and_as_the_argument():
    """By half a rounding of the rise, here 3, and a quarter of one of the scale, 2, times the slope: three of them."""
    slopes = Slopes.of([(1.0, 3.0, 1.0, -3.0)], 0, sigma=0.0, scale=2.0, relative=0.01)
    assert slopes.noise == pytest.approx([3 * 3 * 0.01])


@pytest.mark.parametrize(("left", "calms"), [(0.7, True), (1.5, False)])
def test_no_power_makes_noise_fall_by_a_million_from_rung_to_rung(left, calms):
    """That of x^10 falls by 2^16 where it is all of the slope."""
    slopes = slopes_of(math.sin, 0.0, last=1)
    assert replace(slopes, noise=np.array([3.0, 3.0 * left * 2.0**-20])).calms is calms
