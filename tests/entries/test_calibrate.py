"""The step at which two evaluations tell most is learnt from a few entries, and with it what they leave unknown."""

from __future__ import annotations

import math

import numpy as np
import pytest
from tested import under_test

from gradcheck._entries.calibrate import BENDIER, BEST, USUAL, Calibration, calibrated, typical
from gradcheck._measure import derivative
from gradcheck._measure.extrapolate import RATIO
from gradcheck._measure.step import COARSEST, Ladder
from gradcheck._results.estimate import Estimate, Rung


def measured(f, x, sigma=1e-16):
    """Return the estimate of the slope of f at x."""
    return derivative.estimate(Ladder(lambda t: (t, f(x + t) - f(x)), abs(x), sigma))


UNUSABLE = {
    "not known": Estimate(math.nan, math.inf, 1.0, 1.0, scale=1.0),
    "still": measured(lambda _: 0.0, 1.0),
    "a kink": measured(lambda t: abs(t - 1), 1.0),
}


@pytest.mark.parametrize("estimate", UNUSABLE.values(), ids=UNUSABLE)
def test_entries_that_tell_nothing_calibrate_nothing(estimate):
    """The usual step serves, and what others may be off by is not known."""
    assert calibrated([estimate]) == Calibration()
    assert (Calibration().rung, Calibration().reach) == (USUAL, math.inf)
    good = measured(math.sin, 1.0)
    assert calibrated([estimate, good]) == calibrated([good])


@pytest.mark.parametrize("f", [math.sin, math.exp, lambda t: t**5])
def test_the_step_is_where_truncation_and_noise_are_least(f):
    """At a larger step the curvature is felt, at a finer one the noise; what is left there is told."""
    estimate = measured(f, 1.0, sigma=1e-12)
    found = calibrated([estimate])
    off = [BENDIER * abs(rung.central - estimate.value) + rung.noise for rung in estimate.rungs]
    assert found.rung == estimate.first + int(np.argmin(off))
    assert found.reach == estimate.uncertainty <= found.truncation
    assert found.truncation >= abs(estimate.rungs[found.rung].central - estimate.value)


def test_the_noisier_the_function_the_larger_the_step():
    """By as many rungs as the noise asks for."""
    rungs = [calibrated([measured(math.sin, 1.0, sigma)]).rung for sigma in (1e-16, 1e-12, 1e-8)]
    assert rungs == sorted(rungs, reverse=True)
    assert rungs[0] > rungs[-1]


def test_the_worst_of_several_counts():
    """Of two entries that which bends more says what the step leaves unknown."""
    straight, bent = measured(math.sin, 0.1), measured(lambda t: math.sin(20 * t), 0.1)
    both = calibrated([straight, bent])
    assert both.rung == calibrated([bent]).rung != calibrated([straight]).rung
    assert both.truncation >= calibrated([bent]).truncation > calibrated([straight]).truncation
    assert both.bend >= abs(bent.rungs[both.rung].right - bent.rungs[both.rung].left)


def test_ladders_without_a_common_rung_leave_the_finer_ones_to_calibrate():
    """As of a sine far from 0, where each begins below the one before."""
    ladder = Ladder(lambda t: (t, math.sin(1 + t) - math.sin(1)), 1.0, 1e-16)
    coarse, fine = (derivative.summarise(ladder.climb(*rungs), 1e-16) for rungs in ((0, 7), (8, 12)))
    assert calibrated([coarse, fine]) == calibrated([fine])


@pytest.mark.parametrize(
    ("claims", "chosen"),
    [([1.0, 0.0, 7.0, 3.0, 0.0], [2, 3]), ([0.0, 0.0, 5.0], [2]), ([math.inf, 1.0, 2.0, 3.0], [2, 3])],
)
def test_the_largest_claim_and_a_middling_one_are_typical(claims, chosen):
    """Those that are zero say nothing of a step, and one that is not finite is no size."""
    tested = under_test(lambda x: float(x.sum()), np.array(claims), np.ones(len(claims)))
    assert typical(tested, np.arange(len(claims))).tolist() == chosen


def test_of_claims_that_are_all_zero_some_are_chosen():
    """There must be a step all the same."""
    tested = under_test(lambda x: float(x.sum()), np.zeros(5), np.ones(5))
    assert len(typical(tested, np.arange(5))) == 2


@pytest.mark.parametrize(("noise", "rung"), [(5e-6, 1), (7e-6, 0)])
def test_others_may_bend_six_times_as_much(noise, rung):
    """A rung that is off by 1e-6 without noise leaves as much unknown in them as one of 6e-6 of noise."""
    rungs = (Rung(1e-3, 1 + 1e-6, 1 + 1e-6, 1e-12), Rung(1e-4, 1.0, 1.0, noise))
    assert calibrated([Estimate(1.0, 1e-12, 1.0, 1.0, rungs=rungs, scale=1.0, last=1)]).rung == rung


def test_the_usual_step_is_that_of_a_textbook():
    """The root of the rounding over three, or so: a step of 4e-6 for an entry of the size of one."""
    step = COARSEST * RATIO**-USUAL
    assert step == pytest.approx((2.0**-52) ** (1 / 3), rel=0.5)


def test_estimates_usually_rest_on_the_fourth_rung():
    """The median of what functions of all kinds rest on, known to twelve digits; to sixteen, two rungs finer."""
    functions = (math.sin, math.exp, math.tanh, math.sqrt, lambda t: 1 / t, lambda t: t**3, lambda t: math.sin(3 * t))
    twelve, sixteen = (
        np.median([measured(f, x, sigma).best for f in functions for x in (0.5, 0.8, 1.3, 2.0)])
        for sigma in (1e-12, 1e-16)
    )
    assert (twelve, sixteen) == (BEST, BEST + 2)


def test_one_entry_calibrates_where_curvature_is_most():
    """By its claim, and the square of its step: those of another order have steps of their own."""
    x = np.array([1.0, 1.0, 1.0, 3.0, 1e-30])
    tested = under_test(lambda x: float(x.sum()), np.array([6.0, 1.0, 2.0, 1.0, 1e30]), x)
    assert typical(tested, np.arange(5), one=True).tolist() == [3]
    assert typical(tested, np.array([0, 1, 2]), one=True).tolist() == [0]
    assert typical(tested, np.arange(5)).tolist() == [0, 2]
    tested = under_test(lambda x: float(x.sum()), np.array([13.0, 1.0, 2.0, 1.0, 1e30]), x)
    assert typical(tested, np.arange(5), one=True).tolist() == [0]


def test_an_estimate_rests_on_the_usual_rung_or_below():
    """On the mean of those of the calibrated entries, and never on the coarsest."""
    rungs = tuple(Rung(4.0**-k, 1.0, 1.0, 1e-12) for k in range(6))
    of = [Estimate(1.0, 1e-12, 1.0, 1.0, rungs=rungs, scale=1.0, last=5, best=best) for best in (0, 2, 5)]
    assert [calibrated([one]).best for one in of] == [1, 2, 5]
    assert calibrated(of[1:]).best == 4
