"""Are stairs under a slope told from what is smooth, and from a kink?"""

from __future__ import annotations

import exact
import numpy as np
import pytest
from lines import line_of

from gradcheck._measure import derivative, plateaus
from gradcheck._measure.plateaus import Fall, edge, fall, stair, stairs_beneath
from gradcheck._measure.step import Ladder
from gradcheck._results.estimate import Rung

SINGLE = 2.0**-23


def line(f, x):
    """Return f along x, from x on."""
    return lambda t: (t, float(f(x + t) - f(x)))


def quiet(f, x):
    """Return a ladder that believes f to be as quiet as double precision is."""
    return Ladder(line(f, x), 1.0, 2e-16, finest=4 * 2.0**-52 * abs(x))


def gated(x):
    return x * float(1 / (1 + np.exp(-np.float32(x))))


@pytest.mark.parametrize("x", np.random.default_rng(0).uniform(0.5, 2, 12))
def test_stairs_beneath_a_slope_are_found_with_their_size(x):
    """The fine slope is that of the rest alone; what is rounded is of single precision, and known as such."""
    ladder = quiet(gated, x)
    estimate = derivative.estimate(ladder)
    found = fall(estimate.rungs)
    assert found is not None or estimate.jump
    sigma = edge(estimate.rungs) if found is None else stairs_beneath(ladder.line, found, ladder.sigma, ladder.finest)
    assert SINGLE / 100 < sigma < 10 * SINGLE
    s = 1 / (1 + np.exp(-x))
    again = derivative.estimate(ladder.with_noise(sigma))
    assert abs(again.value - (s + x * s * (1 - s))) <= again.uncertainty < 1e-4


@pytest.mark.parametrize(
    "f",
    [
        np.sin,
        np.exp,
        lambda x: x**9,
        lambda x: np.tanh(1e3 * (x - 0.7)),
        lambda x: np.maximum(x, 0.7003),
        lambda x: np.abs(x - 0.71) + np.maximum(0.69, x),
    ],
    ids=["sin", "exp", "a power", "a steep step", "a kink", "two kinks"],
)
def test_what_is_smooth_or_kinked_has_no_stairs(f):
    """If its slope changes all at once from a step on, f still does not jump there."""
    ladder = quiet(f, 0.7)
    found = fall(derivative.estimate(ladder).rungs)
    assert found is None or not stairs_beneath(ladder.line, found, ladder.sigma, ladder.finest)


def test_a_fast_oscillation_has_two_plateaus_and_no_stairs():
    """It is as rough as stairs from afar, but continuous: its fine slope is its slope."""
    ladder = quiet(lambda x: x + 1e-7 * np.sin(1e7 * x), 0.7)
    estimate = derivative.estimate(ladder)
    assert abs(estimate.value - 1 - np.cos(7e6)) <= 1e-5
    found = fall(estimate.rungs)
    assert found is None or not stairs_beneath(ladder.line, found, ladder.sigma, ladder.finest)


def test_one_kink_nearby_is_no_fall():
    """It moves one of the two sides alone, and nobody looks for stairs: that would cost evaluations."""
    assert fall(derivative.estimate(quiet(lambda x: np.maximum(x, 0.7003), 0.7)).rungs) is None


@pytest.mark.parametrize("at", [1.0, 0.7, 3.3])
def test_a_kink_at_the_point_is_no_fall(at):
    """Its sides stay off the middle at every step; of what it rises by in the finest nothing is a stair."""
    assert fall(derivative.estimate(quiet(lambda x: np.maximum(x, at), at)).rungs) is None


def rungs_of(steps, left, right, noise):
    return tuple(Rung(*map(float, row)) for row in zip(steps, left, right, noise, strict=True))


STEPS = 4.0 ** -np.arange(4, 16)


@pytest.mark.parametrize("side", [1, -1])
def test_the_edge_of_a_stair_beside_the_point_is_found(side):
    """On its side the slope grows until the step is short of it; a kink there would shrink from rung to rung."""
    edge_at, height = 2e-6, 1e-8
    flat = np.full(len(STEPS), 0.3)
    off = np.where(edge_at < STEPS, height / STEPS, 0.0)
    kinked = np.where(edge_at < STEPS, 0.1 * (1 - edge_at / STEPS), 0.0)
    noise = 1e-16 / STEPS
    both = (flat, flat + off) if side > 0 else (flat + off, flat)
    found = fall(rungs_of(STEPS, *both, noise))
    assert found is not None
    assert (found.side, found.slope) == (side, 0.3)
    assert found.step == STEPS[edge_at < STEPS].min()
    assert fall(rungs_of(STEPS, flat, flat + kinked, noise)) is None


def test_noise_that_is_not_seen_on_a_plateau_is_none():
    """A slope that stays the same to many digits on three rungs is no accident, whatever was measured elsewhere."""
    slope = np.where(STEPS > 1e-6, 0.5, 0.3)
    noisy = rungs_of(STEPS, slope, slope, 1e-8 / STEPS)
    assert fall(noisy) is None
    found = fall(noisy, quietest=1e-8)
    assert found is not None
    assert found.scatter < 1e-12


def drawn(seed):
    """Return rungs of a slope that falls from one plateau to another, on one side or on both, drawn at random."""
    rng = np.random.default_rng(seed)
    count = rng.integers(3, 10)
    last, height, slope = rng.integers(0, count), 10.0 ** rng.uniform(-6, 0), rng.choice([1.0, -2.0, 0.3])
    step = 0.25 * 4.0 ** -np.arange(count)
    noise = 10.0 ** rng.uniform(-12, -5) * 4.0 ** (np.arange(count) * rng.choice([0, 0.5, 1]))
    right, left = np.full(count, slope), np.full(count, slope)
    right[: last + 1] += height * rng.uniform(0.1, 1.5, last + 1) * rng.choice([1, 1, 0, 0.25], last + 1)
    left[: last + 1] += height * rng.uniform(0.1, 1.5, last + 1) * rng.choice([1, 1, 0], last + 1)
    return tuple(Rung(*map(float, columns)) for columns in zip(step, left, right, noise, strict=True))


@pytest.mark.parametrize(
    ("seed", "quietest", "expected"),
    [
        (456, 1.0, (2.0**-6, 1.0, -1, 7.5112e-10)),
        (659, 1.0, None),
        (659, 1e-3, (2.0**-2, 0.3, 1, 3.4715e-11)),  # its noise is less than its bound
        (109, 1.0, (2.0**-8, -2.0, 1, 5.2407e-11)),
        (94, 1.0, (2.0**-2, 1.0, 1, 5.2286e-13)),
        (187, 1.0, (2.0**-4, 1.0, -1, 8.36e-12)),
        (187, 1e-3, (2.0**-4, 1.0, -1, 8.36e-15)),  # and so is what f scatters by
    ],
)
def test_where_one_plateau_ends(seed, quietest, expected):
    """The finest step at which both sides are off, else the one beside which one of them is off by twice as much."""
    found = fall(drawn(seed), quietest)
    assert (found is None) is (expected is None)
    if expected:
        assert (found.step, found.slope, found.side, found.scatter) == pytest.approx(expected, rel=1e-3)


def test_noise_is_believed_to_be_its_bound_unless_that_is_said():
    """Three rungs that are alike to a thousandth show that it is less; by default that counts for nothing."""
    assert fall(drawn(659)) is None


@pytest.mark.parametrize(
    ("f", "x", "sigma", "quietest", "expected"),
    [
        (lambda t: exact.single(exact.rational(t)), 0.3, 1e-9, 1e-3, (2.0**-12, 0.76562, 0.0, 40)),
        (lambda t: exact.single(exact.rational(t)), 0.3, 1e-16, 1.0, (2.0**-18, 0.75, 2.9802e-8, 95)),
        (lambda t: exact.stairs(exact.rational(t), 1e-9), 0.3, 1e-16, 1.0, (2.0**-10, 0.76593, 0.0, 34)),
        (exact.noisy(exact.rational, 1e-9), 0.3, 1e-16, 1.0, (2.0**-44, -2453.2, 9.9973e-10, 69)),
        (exact.gated, 0.3, 1e-9, 1e-3, (2.0**-22, 1.0, 5.9605e-8, 91)),
        (lambda t: t + 1e-3 * exact.ripple(1e6 * t), 0.3, 1e-16, 1e-3, None),
        (exact.beside(1e-4), 0.0, 1e-16, 1.0, None),
    ],
)
def test_what_lies_beneath_is_looked_for_as_long_as_it_may_be_stairs(f, x, sigma, quietest, expected):
    """As long as a jump may be left, and down to a few roundings of the argument where one is."""
    calls, along = [], line_of(f, x)
    ladder = Ladder(along, 1.0, sigma, finest=4 * 2.0**-52 * x)
    found = fall(derivative.estimate(ladder).rungs, quietest)
    assert (found is None) is (expected is None)
    if expected:
        rounded = stairs_beneath(lambda t: (calls.append(t), along(t))[1], found, sigma, max(ladder.finest, 1e-14))
        assert (found.step, found.slope, rounded) == pytest.approx(expected[:3], rel=1e-3)
        assert len(calls) == expected[3]


def test_the_edge_is_what_f_rises_by_at_the_finest_step():
    """On the side that rises more."""
    assert edge((Rung(0.5, 9.0, 9.0, 0.0), Rung(0.25, 1.0, -3.0, 0.0), Rung(0.125, -4.0, 2.0, 0.0))) == 0.5


@pytest.mark.parametrize(("above", "seen"), [(4, True), (5, False)])
def test_both_sides_must_be_off_within_four_rungs_of_the_fall(above, seen):
    """Further up a curve is; between them the edge of a stair may lie close by on one side."""
    right, left = np.ones(10), np.ones(10)
    right[:7] += 0.5
    left[6 - above] += 0.5
    rungs = tuple(Rung(0.25 * 4.0**-k, float(left[k]), float(right[k]), 1e-12) for k in range(10))
    found = fall(rungs)
    assert (found is not None) is seen
    assert not seen or found.step == 0.25 * 4.0 ** -(6 - above)


def test_several_jumps_that_cancel_out_up_to_the_end_of_a_step_are_found_elsewhere():
    """On the other side of the point, or further away; a pole, which is higher than all that was seen, is none."""
    found = Fall(0.5, 0.0, 0.0, rise=0.1)
    assert stair(lambda t: (t, 0.1 * (0.1 < t < 0.2) + 0.1 * (t < -0.3)), found, 1e-16, 1e-12) == pytest.approx(0.1)
    assert stair(lambda t: (t, 0.1 * (t > 0.7)), found, 1e-16, 1e-12) == pytest.approx(0.1)
    assert stair(lambda t: (t, 0.1 * (t > 2.1)), found, 1e-16, 1e-12) == 0
    assert stair(lambda t: (t, 1 / (t - 0.7000001)), found, 1e-16, 1e-12) == 0


def test_a_change_of_the_slope_is_held_against_the_noise_of_its_coarser_rung():
    """At the finest rungs noise is more: it hides no fall further up, nor does that of the coarsest one hide any."""
    slope = np.where(STEPS > 1e-4, 0.3 + 1e-5, 0.3)
    quiet = np.full(len(STEPS), 1e-13)
    for noise in (np.where(np.arange(len(STEPS)) == 0, 1e-6, quiet), np.where(STEPS < 1e-6, 1e-6, quiet)):
        found = fall(rungs_of(STEPS, slope, slope, noise))
        assert found is not None
        assert found.step == STEPS[STEPS > 1e-4].min()
    at = int(np.flatnonzero(STEPS > 1e-4)[-1])
    assert fall(rungs_of(STEPS, slope, slope, np.where(np.arange(len(STEPS)) == at, 1e-6, quiet))) is None


def agreeing(central):
    """Return rungs whose sides agree, all but without noise."""
    return tuple(Rung(4.0**-k, slope, slope, 1e-9) for k, slope in enumerate(central))


@pytest.mark.parametrize(("after", "abrupt"), [(0.8e-3, True), (1.3e-3, False)])
def test_a_fall_is_a_thousand_times_what_comes_after_it(after, abrupt):
    """A smooth slope changes sixteen times less from rung to rung."""
    smooth = 1 + after * (16.0 ** -np.arange(6.0)) * 16 / 15
    found = fall(agreeing([2.0, *smooth]))
    assert (found is not None) is abrupt


@pytest.mark.parametrize(("still", "quiet"), [(0.8e-3, True), (1.5e-3, False)])
def test_slopes_that_stay_the_same_to_a_thousandth_of_their_noise_have_none(still, quiet):
    """Three rungs show it."""
    central = np.array([2.0, 1.0, 1.0 + still, 1.0, 1.0])
    bound = plateaus._bound(central, np.ones(5), 0, 0.0)
    assert bound == pytest.approx([still, still] if quiet else [1.0, 1.0])


def test_stairs_are_noise_among_values_no_further_apart_than_the_step(monkeypatch):
    """And not much nearer, where a window may lie on one of them; in step with the stairs none of these are all."""
    spacings = []
    monkeypatch.setattr(plateaus, "window_noise", lambda _, spacing: spacings.append(spacing) or 0.0)
    plateaus.flight(None, Fall(1e-3, 1.0, 0.0), 1.0)
    assert max(spacings) == 1e-3
    assert min(spacings) > 0.4e-3


@pytest.mark.parametrize(
    ("slopes", "standing"),
    [
        ((1, 0, 0), True),
        ((1, 0, 1, 0, 0), True),
        ((0, 0, 0), False),
        ((0, 1, 0), False),
        ((1, 0, 1), False),
        ((0, 0), False),
        ((), False),
    ],
)
def test_f_stands_still_where_it_does_not_move_at_the_two_finest_steps(slopes, standing):
    """Though it does at coarser ones, on that side."""
    moving = (1.0,) * len(slopes)
    assert plateaus.standing(rungs_of(STEPS[: len(slopes)], slopes, moving, moving)) == (standing, False)
    assert plateaus.standing(rungs_of(STEPS[: len(slopes)], moving, slopes, moving)) == (False, standing)


@pytest.mark.parametrize(("left", "found"), [(0.45, True), (0.55, False)])
def test_a_kink_at_the_point_keeps_more_than_half_of_its_gap_from_rung_to_rung(left, found):
    """Curvature keeps a quarter, and is no reason not to look for stairs."""
    gap = np.append(1e3 * left ** np.arange(5.0), np.full(3, 1e-9))
    central = np.where(np.arange(8) < 4, 1.5, 1.0)
    assert (fall(rungs_of(4.0 ** -np.arange(8), central - gap, central + gap, np.full(8, 1e-12))) is not None) is found


@pytest.mark.parametrize(("rungs", "believed"), [(3, True), (4, False)])
def test_three_finer_rungs_show_that_there_is_less_noise(rungs, believed):
    """Beside the fall there are then the one after it, and two more that stay with it: of fewer the bound is all."""
    central = np.array([2.0, 1.0, 1.0, 1.0])[:rungs]
    bound = plateaus._bound(central, np.ones(rungs), 0, 0.25)
    assert bound.tolist() == [1.0 if believed else 0.25] * 2
