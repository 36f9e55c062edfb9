"""Slopes that fall as slowly as a small power does are foretold from how they fall."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from tested import looked_at, on_the_sine

from gradcheck._entries.second_opinions import at_zero
from gradcheck._entries.second_opinions.at_zero import slow_power
from gradcheck._measure.extrapolate import Limit
from gradcheck._results.estimate import Estimate, Rung

ZERO = np.zeros(1)


FALLING = (lambda x: abs(x) ** 1.1, lambda x: abs(x) ** 1.1 + x * x, lambda x: max(x, 0.0) ** 1.05)


@pytest.mark.parametrize("f", FALLING, ids=["power", "and a square", "one side"])
def test_slow_power_speaks(f):
    """Of |x|^1.1 the slope at the finest step is 0.03, and 0 is foretold to six digits."""
    look, blunt = looked_at(lambda x: f(float(x[0])), ZERO, ZERO)
    found = slow_power(look, blunt)
    assert abs(found.value) <= found.uncertainty < 1e-4 < blunt.uncertainty


SLOWER = (lambda x: x / np.log(abs(x)), lambda x: x / np.log(abs(x)) ** 2, lambda x: 3 * abs(x) / np.log(abs(x)))


@pytest.mark.parametrize("f", SLOWER, ids=["logarithm", "its square", "a cusp"])
def test_slopes_that_fall_more_slowly_than_those_of_any_power_fall_to_zero(f):
    """Of x / log x the slope at the finest step is a thirtieth, and 0 is foretold to six digits."""
    look, blunt = looked_at(lambda x: f(float(x[0])) if x[0] else 0.0, ZERO, ZERO)
    found = slow_power(look, replace(blunt, uncertainty=1.0))
    assert abs(found.value) <= found.uncertainty < 1e-6


def test_slow_power_is_silent():
    """Where f is sharp, its slopes fall by no one ratio, differ on the two sides, or jump."""
    assert slow_power(*on_the_sine()) is None
    for f in (lambda x: x + x / np.log(abs(x)) if x else 0.0, lambda x: abs(x) ** 1.1 + abs(x), lambda x: x**3):
        look, blunt = looked_at(lambda x, f=f: f(float(x[0])), ZERO, ZERO)
        assert slow_power(look, replace(blunt, uncertainty=1.0)) is None
    look, blunt = looked_at(lambda x: abs(float(x[0])) ** 1.1, ZERO, ZERO)
    assert slow_power(look, replace(blunt, jump=True)) is None
    assert slow_power(look, replace(blunt, rungs=blunt.rungs[-5:])) is None


QUIET = np.zeros(12)
HALVES = 3 + 0.5 ** np.arange(12)  # slopes whose gaps fall to a half from rung to rung


def by_ratios(*ratios, limit=3.0, first=-1.0):
    """Return slopes whose gaps fall by these ratios; they rise, if the first gap is negative, towards no zero."""
    gaps = first * np.cumprod([1.0, *ratios])
    return limit + np.concatenate([[0.0], np.cumsum(-gaps)])


def test_from_gaps_that_fall_by_one_ratio_the_limit_is_known():
    """To four times what the noise at the finest rung makes of a sum over all that are to come."""
    noise = np.where(np.arange(12) < 10, 1e-14, 1e-12)
    noise[11] = 1e-9  # the last gap is not seen above that
    found = at_zero._foretold(HALVES, noise)
    assert found.value == pytest.approx(3.0, abs=1e-12)
    assert found.rung == 9
    assert found.error == pytest.approx(4 * 1e-12 * 4, rel=1e-2)


def test_slopes_that_do_not_move_have_their_limit():
    """It is known without an error."""
    assert at_zero._foretold(np.full(9, 2.5), np.ones(9)) == Limit(2.5, 0.0, 8)


@pytest.mark.parametrize(("rungs", "known"), [(7, False), (8, True), (12, True)])
def test_seven_gaps_show_that_they_fall_by_one_ratio(rungs, known):
    """The finest ones, whatever the others do."""
    assert (at_zero._foretold(HALVES[:rungs], QUIET[:rungs]) is not None) is known
    odd = HALVES.copy()
    odd[:4] = [-9.0, 8.0, -3.0, 5.0]
    assert at_zero._foretold(odd, QUIET).value == pytest.approx(3.0, abs=1e-12)


@pytest.mark.parametrize(("above", "seen"), [(0.8, False), (1.25, True)])
def test_a_gap_is_seen_above_a_million_bounds_of_the_noise_of_both_its_rungs(above, seen):
    """Of the finest seven one that is not leaves too few."""
    slopes = HALVES[:8]
    noise = np.zeros(8)
    noise[0] = noise[1] = abs(slopes[1] - slopes[0]) / above / 2e6
    assert (at_zero._foretold(slopes, noise) is not None) is seen
    noise = np.zeros(8)
    noise[7] = abs(slopes[7] - slopes[6]) / above / 1e6
    assert (at_zero._foretold(slopes, noise) is not None) is seen


@pytest.mark.parametrize(("apart", "alike"), [(0.04, True), (0.06, False)])
def test_ratios_are_alike_to_a_tenth_of_what_they_lack_of_one(apart, alike):
    """Of a half, to a twentieth: that is how far the limits that they foretell are apart."""
    slopes = by_ratios(0.5, 0.5 - apart, 0.5, 0.5, 0.5, 0.5)
    assert (at_zero._foretold(slopes, QUIET[:8]) is not None) is alike


def test_a_limit_is_known_as_well_as_others_foretell_it():
    """Four times the largest difference between those of the last three."""
    slopes = by_ratios(0.5, 0.5, 0.5, 0.49, 0.5, 0.51)
    limits = [slopes[k] + (slopes[k] - slopes[k - 1]) * r / (1 - r) for k, r in ((5, 0.49), (6, 0.5), (7, 0.51))]
    found = at_zero._foretold(slopes, QUIET[:8])
    assert found.value == pytest.approx(limits[-1], rel=1e-12)
    assert found.error == pytest.approx(4 * np.ptp(limits), rel=1e-9)


@pytest.mark.parametrize("ratio", [1.0, 1.5, 0.35, -0.5])
@pytest.mark.parametrize("first", [-1.0, 0.01])
def test_gaps_that_do_not_fall_or_fall_as_those_of_a_smooth_function_foretell_nothing(ratio, first):
    """Or have another sign each time; towards zero or away from it."""
    assert at_zero._foretold(by_ratios(*[ratio] * 6, first=first), QUIET[:8]) is None


LOGARITHMIC = 1 / (2.0 + 0.5 * np.arange(8))


def test_slopes_whose_reciprocals_grow_evenly_fall_to_zero():
    """Known to what growths are known by at best, for each of the seven, four times over; so if their roots do."""
    for slopes in (LOGARITHMIC, -LOGARITHMIC, LOGARITHMIC**2, 1e-3 * LOGARITHMIC):
        found = at_zero._slower(slopes, 5)
        assert (found.value, found.rung) == (0.0, 5)
        assert found.error == pytest.approx(4 * 7 * 1e-9 * abs(slopes[-1]), rel=1e-3)


@pytest.mark.parametrize("scale", [1.0, 1e3, 1e-3])
@pytest.mark.parametrize(("uneven", "to_zero"), [(0.7e-4, True), (1.5e-4, False)])
def test_growths_are_even_to_one_in_ten_thousand(uneven, to_zero, scale):
    """Whatever their size; else nothing is known, or no more than that the limit is as far as the last slope is."""
    growths = 0.5 * (1 + uneven * np.array([0, 1, 0, 0, 1, 0, 0]))
    slopes = scale / (2.0 + np.concatenate([[0], np.cumsum(growths)]))
    found = at_zero._slower(slopes, 3)
    assert (found is not None and found.value == 0) is to_zero
    if to_zero:
        assert found.error == pytest.approx(4 * 7 * uneven * abs(slopes[-1]), rel=0.1)


@pytest.mark.parametrize(
    "slopes",
    [
        LOGARITHMIC * np.array([-1, 1, 1, 1, 1, 1, 1, 1]),
        LOGARITHMIC * np.array([1, 1, 1, 1, 1, 1, 1, -1]),
        LOGARITHMIC * np.array([1, 1, 1, 1, 1, 1, 1, 0]),
        LOGARITHMIC[::-1],
        np.concatenate([LOGARITHMIC[:1], LOGARITHMIC[:-1]]),
        0.1 / LOGARITHMIC,
    ],
    ids=["another first sign", "another last sign", "zero", "rising", "still", "rising by little"],
)
def test_what_does_not_fall_towards_zero_has_no_limit_there(slopes):
    """Nor may its logarithm be guessed."""
    assert at_zero._slower(slopes, 5) is None


@pytest.mark.parametrize(("ratio", "endless"), [(0.7, False), (0.9, True)])
def test_where_the_last_gaps_hardly_fall_the_limit_may_be_as_far_as_the_slope_is_large(ratio, endless):
    """Four fifths of the one before is too slow for a power."""
    gaps = np.cumprod([1.0, 0.5, 0.45, 0.6, 0.5, 0.5, ratio])
    slopes = 3.0 + gaps.sum() - np.concatenate([[0], np.cumsum(gaps)])
    found = at_zero._slower(slopes, 4)
    assert (found is not None) is endless
    assert not endless or found == Limit(slopes[-1], slopes[-1], 4)


def estimate(left, right, uncertainty=0.5):
    """Return an estimate with such slopes on either side."""
    rungs = tuple(Rung(4.0**-k, a, b, 0.0) for k, (a, b) in enumerate(zip(left, right, strict=True)))
    return Estimate(left[-1], uncertainty, left[-1], right[-1], kink=True, scale=4.0, rungs=rungs, last=len(rungs) - 1)


def foretold(left, right, uncertainty=0.5):
    """Return what is said of such an estimate."""
    look, _ = on_the_sine()
    return slow_power(look, estimate(left, right, uncertainty))


def test_the_limits_of_both_sides_must_meet():
    """Within twice what either is unknown by: the value lies between them, and there is no kink."""
    rough = by_ratios(0.5, 0.5, 0.5, 0.49, 0.5, 0.51)
    error = at_zero._foretold(rough, QUIET[:8]).error
    value = at_zero._foretold(rough, QUIET[:8]).value
    for apart, meet in ((0.0, True), (1.8, True), (2.2, False)):
        found = foretold(rough, rough + apart * error)
        assert (found is not None) is meet
        if meet:
            assert found.value == found.left == found.right == pytest.approx(value + apart * error / 2, rel=1e-12)
            assert found.uncertainty == pytest.approx((1 + apart) * error, rel=1e-6)
            assert not found.kink
    assert foretold(rough, rough, 0.9 * error) is None


def test_a_side_that_is_known_to_be_there_must_be_foretold():
    """One beyond the domain of the function need not."""
    odd = np.array([3.0, -1, 2, 5, -4, 1, 0, 7])
    good = HALVES[:8]
    assert foretold(good, odd) is None
    assert foretold(odd, good) is None
    assert foretold(good, np.full(8, np.nan)).value == pytest.approx(3.0, abs=1e-9)
    assert foretold(np.where(np.arange(8) < 7, np.nan, 9.0), good) is None
    assert foretold(np.full(8, np.nan), np.full(8, np.nan)) is None


def test_an_estimate_of_few_rungs_or_a_sharp_one_stays():
    """There is nothing to foretell, or no need."""
    assert foretold(HALVES[:7], HALVES[:7]) is None
    assert foretold(np.full(7, 2.0), np.full(7, 2.0)) is None
    assert foretold(np.full(8, 2.0), np.full(8, 2.0)).value == 2.0
    assert foretold(HALVES[:8], HALVES[:8], 1e-6) is None
