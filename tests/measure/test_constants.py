"""Where is each line drawn? A case on either side of it, closer than a factor of two."""

from __future__ import annotations

import math

import numpy as np
import pytest

from gradcheck._measure.derivative import estimate, one_sided, saturated
from gradcheck._measure.extrapolate import Limit, limit
from gradcheck._measure.jump import jumps
from gradcheck._measure.kink import apart, diverges
from gradcheck._measure.least_squares import fit
from gradcheck._measure.slopes import Slopes
from gradcheck._measure.step import Ladder


def slopes(right, left=0.0, noise=0.0):
    """Return slopes on rungs a quarter of each other."""
    right = np.asarray(right, dtype=float)
    left, noise = np.broadcast_to(left, right.shape), np.broadcast_to(noise, right.shape)
    step = 0.25 * 4.0 ** -np.arange(len(right))
    return Slopes(step, right, left, (left + right) / 2, noise, np.ones(len(right), dtype=bool), len(right) - 1)


def falling(ratio, count=8):
    return ratio ** np.arange(float(count))


@pytest.mark.parametrize(("error", "kink"), [(0.15, True), (0.2, False)])
def test_sides_differ_by_three_of_their_errors(error, kink):
    """A gap of 1 that stays from rung to rung, each side being known to 0.15, is a kink."""
    assert apart(slopes(np.ones(8)), Limit(0.0, error, 7), Limit(1.0, error, 7)) is kink


@pytest.mark.parametrize(("ratio", "kink"), [(0.7, True), (0.5, False)])
def test_a_gap_that_falls_to_six_tenths_is_no_kink(ratio, kink):
    """A smooth function's falls to a quarter, a kink's stays."""
    assert apart(slopes(falling(ratio)), Limit(0.0, 1e-6, 7), Limit(1.0, 1e-6, 7)) is kink


@pytest.mark.parametrize(("ratio", "cusp"), [(1.2, True), (1.1, False)])
def test_the_gap_at_a_cusp_grows_from_rung_to_rung(ratio, cusp):
    """By fifteen parts in a hundred at least: that of |t|^0.9 does, that of a kink does not."""
    assert diverges(slopes(falling(ratio))) is cusp


@pytest.mark.parametrize(("growing", "cusp"), [(4, False), (7, True)])
def test_a_cusp_shows_on_six_rungs(growing, cusp):
    """A few that grow may be a coarse step beside a kink."""
    gap = np.concatenate([[9e3] * (9 - growing), 2.0 ** np.arange(growing)])
    assert diverges(slopes(gap)) is cusp


@pytest.mark.parametrize(("over_five", "cusp"), [(0.57, True), (0.63, False), (1.0, False)])
@pytest.mark.parametrize(("noises", "rounded"), [(11.0, True), (13.0, False)])
def test_what_a_cusp_rises_by_falls_with_the_step(over_five, cusp, noises, rounded):
    """Where it stays the same, twelve bounds of the noise or less, f(0) is off by itself, by a few roundings."""
    rise = falling(over_five**0.2, 9) * 4.0 ** np.arange(9)
    noise = 4.0 ** np.arange(9) / noises
    noise[:3] = np.inf  # six rungs are left
    assert diverges(slopes(rise / rise[3] * 64, noise=noise)) is (cusp or not rounded)


@pytest.mark.parametrize(("falls", "jump"), [(0.99, True), (0.95, False)])
def test_a_jump_does_not_fall_over_five_rungs(falls, jump):
    """The rise is as large at the finest of them, to a tenth."""
    rise = falling(falls, 10)
    assert jumps(slopes(rise * 4.0 ** np.arange(10.0), left=np.nan), 1e-9) is jump


@pytest.mark.parametrize(("sigma", "jump"), [(1 / 60, False), (1 / 120, True)])
def test_a_jump_is_twenty_noises_high(sigma, jump):
    """One of 0.25 may be noise of a sixtieth."""
    assert jumps(slopes(4.0 ** np.arange(10.0), left=np.nan), sigma) is jump


@pytest.mark.parametrize(("clearer", "side"), [(6.0, False), (12.0, True)])
def test_one_side_speaks_for_both_if_it_is_known_eight_times_better(clearer, side):
    """Else the mean of both does."""
    left, right, centre = Limit(0.0, 1.0, 0), Limit(1.0, 0.1 / clearer, 0), Limit(1.0, 0.1, 0)
    assert (one_sided(left, right, centre) is right) is side


@pytest.mark.parametrize(
    ("seen", "moves", "died"), [(2.5, 3e6, True), (4.0, 3e6, False), (2.5, 7e5, False), (2.5, 1.5e6, True)]
)
def test_a_side_has_died_away_where_the_other_moves_a_million_noises(seen, moves, died):
    """And it shows nothing beyond three noises, at any step."""
    still = slopes(np.full(8, moves), left=np.full(8, seen), noise=1.0)
    assert saturated(still, Limit(0.0, 1.0, 7), Limit(1.0, 9.0, 7)) is died


def test_the_noise_of_a_central_slope_is_bounded_by_three_deviations():
    """Of values with independent errors of sigma."""
    rng = np.random.default_rng(0)
    values = [(2.0**-4, a, 2.0**-4, b) for a, b in rng.standard_normal((4000, 2))]
    found = Slopes.of(values, 0, sigma=1.0, scale=0.0, relative=0.0)
    assert found.central.std() == pytest.approx(found.noise[0] / math.sqrt(2) / 3, rel=0.1)


@pytest.mark.parametrize(("edge", "finite"), [(0.2, False), (0.3, True)])
def test_the_first_step_is_a_quarter_of_the_entry(edge, finite):
    """A function that is defined as far as that is seen there."""
    ladder = Ladder(lambda t: (t, t if abs(t) < edge else math.nan), 1.0, 1e-16)
    assert math.isfinite(ladder.rung(0)[1]) is finite


def test_one_rung_is_added_above_where_the_noise_is_all_that_limits():
    """A line with noise is seen best from afar; further than the entry is large nothing is smooth for sure."""
    rng = np.random.default_rng(0)
    assert estimate(Ladder(lambda t: (t, t + 1e-6 * rng.standard_normal()), 1.0, 1e-6)).first == -1


@pytest.mark.parametrize(("ratio", "worth"), [(0.8, 4.0), (0.98, 32.0)])
def test_slow_convergence_is_expected_to_go_on(ratio, worth):
    """Gaps that fall by 0.8 from rung to rung leave four times the last; nothing is taken to leave more than 32."""
    falls = falling(ratio, 12)
    found = limit(falls, np.zeros(12), power=1)
    assert found.error == pytest.approx(worth * abs(falls[-1] - falls[-2]), rel=0.3)


def test_a_fitted_slope_is_bounded_by_four_deviations():
    """Or by what a misfit could hide, which is no less than the noise; so hardly one in a thousand lies outside."""
    rng = np.random.default_rng(0)
    found = [fit(Ladder(lambda t: (t, t + rng.standard_normal()), 1.0, 1.0), 1.0) for _ in range(400)]
    off = np.array([abs(f.value - 1) / f.error for f in found if f.rung >= 0])
    assert len(off) > 300
    assert 0.02 < off.std() < 0.2
