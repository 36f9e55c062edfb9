"""Does a direction through many entries show every error in them, and nothing where it meets a kink?"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tested import under_test

from gradcheck import Verdict
from gradcheck._entries import direction
from gradcheck._entries.direction import Slope, agrees, along
from gradcheck._entries.directions import screen
from gradcheck._entries.located import locate
from gradcheck._results.estimate import Estimate


@settings(max_examples=30)
@given(st.integers(0, 63), st.floats(1e-5, 10), st.sampled_from([-1.0, 1.0]), st.integers(0, 1000))
def test_one_wrong_entry_shows_in_every_direction(where, error, sign, seed):
    """Whatever the signs; and halving finds it."""
    x = np.linspace(0.5, 2, 64)
    claim = np.cos(x)
    claim[where] += sign * error
    tested = under_test(lambda x: float(np.sin(x).sum()), claim, x, seed)
    assert along(tested, tested.columns.flat).disagrees
    assert agrees(tested, tested.columns.flat) == (False, 0.0)
    assert where in locate(tested)
    assert np.flatnonzero(tested.columns.codes == Verdict.WRONG).tolist() == [where]


@settings(max_examples=30)
@given(st.integers(0, 1000))
def test_right_entries_agree_in_every_direction(seed):
    """And what could have been hidden is small."""
    x = np.linspace(0.5, 2, 64)
    tested = under_test(lambda x: float(np.sin(x).sum()), np.cos(x), x, seed)
    fine, hidden = agrees(tested, tested.columns.flat)
    assert fine
    assert 0 < hidden < 1e-8


def test_a_direction_is_that_of_some_entries_alone():
    """The others stay, so a mistake elsewhere does not show."""
    x = np.linspace(0.5, 2, 64)
    claim = np.cos(x)
    claim[40] = 7
    tested = under_test(lambda x: float(np.sin(x).sum()), claim, x)
    assert not along(tested, np.arange(40)).disagrees
    assert along(tested, np.arange(30, 50)).disagrees
    locate(tested)
    assert np.flatnonzero(tested.columns.codes == Verdict.WRONG).tolist() == [40]


def test_the_coefficients_of_a_direction_are_between_one_and_two():
    """Up and down: an error shows in full at least, and no two weigh the same."""
    x = np.ones(1000)
    met = []
    tested = under_test(lambda x: met.append(x.copy()) or float(x.sum()), np.ones(1000), x, sigma=1e-16)
    met.clear()
    along(tested, None)
    move = (met[0] - x) / np.abs(met[0] - x).min()
    assert 1 <= np.abs(move).min() <= np.abs(move).max() <= 2.01
    assert 400 < np.count_nonzero(move > 0) < 600
    assert len(np.unique(np.abs(move))) > 900


def test_four_directions_are_looked_along(monkeypatch):
    """Each sees every error, unless it meets a kink; four in a row do once in 16 times where half of all do.

    Two that tell are enough.
    """
    blind = Slope(0.0, Estimate(0.0, 1e-9, -1.0, 1.0, kink=True), 0.0)
    looks = []
    monkeypatch.setattr(direction, "along", lambda *_: looks.append(1) or blind)
    tested = under_test(lambda x: float(x.sum()), np.ones(8), np.ones(8))
    assert agrees(tested, None) == (True, np.inf)
    assert len(looks) == 4
    monkeypatch.setattr(
        direction, "along", lambda *_: looks.append(1) or Slope(0.0, Estimate(0.0, 1e-9, 0.0, 0.0), 0.0)
    )
    assert agrees(tested, None) == (True, 1e-9)
    assert len(looks) == 4 + 2


@pytest.mark.parametrize(("units", "seen"), [(110, False), (140, True)])
def test_a_claimed_slope_may_be_off_by_some_roundings(units, seen):
    """Of a claim in single precision: 64 units of the slope, and of its largest part; of one entry, 128 of it."""
    rounding = 2.0**-23
    tested = under_test(lambda x: float(x.sum()), np.full(4, 1 + units * rounding), np.ones(4))
    tested = replace(tested, standard=replace(tested.standard, rounding=rounding))
    assert along(tested, np.array([2])).disagrees is seen


@pytest.mark.parametrize(
    ("estimate", "known"),
    [
        (Estimate(1.0, 1e-9, 1.0, 1.0), True),
        (Estimate(1.0, 1e-9, 0.0, 2.0, kink=True), False),
        (Estimate(np.nan, np.inf, 1.0, 1.0, jump=True), False),
        (Estimate(np.nan, np.inf, np.nan, np.nan), False),
        (Estimate(np.inf, 0.0, -np.inf, np.inf, kink=True), False),
    ],
)
def test_a_direction_through_a_kink_tells_nothing(estimate, known):
    """It cannot accuse, and it cannot acquit."""
    slope = Slope(5.0, estimate, 0.0)
    assert slope.known is known
    assert slope.disagrees is known


def test_a_direction_without_end_contradicts_finite_claims():
    """Those that are not finite are left out of it, and measured one by one."""
    assert Slope(5.0, Estimate(np.inf, 0.0, np.nan, np.inf), 0.0).disagrees
    x = np.r_[0.0, np.linspace(1, 2, 11_000)]
    tested = under_test(lambda x: float(np.sum(np.sqrt(x))), np.r_[np.inf, 0.5 / np.sqrt(x[1:])], x)
    assert not along(tested, None).disagrees
    assert along(tested, None).known
    assert 0 in screen(tested).measured
    assert tested.columns.codes[0] == Verdict.CORRECT


def test_the_slack_is_part_of_the_limit():
    """The claim's own rounding, added over many entries, accuses nobody."""
    estimate = Estimate(1.0, 0.1, 1.0, 1.0)
    assert Slope(1.25, estimate, 0.1).disagrees
    assert not Slope(1.15, estimate, 0.1).disagrees
    assert Slope(1.15, estimate, 0.0).disagrees


@pytest.mark.parametrize(("enough", "evaluations"), [(0.0, 8), (1e-3, 4)])
def test_a_smooth_direction_takes_few_evaluations(enough, evaluations):
    """Fewer where less is asked for."""
    x = np.linspace(0.5, 2, 64)
    tested = under_test(lambda x: float(np.sin(x).sum()), np.cos(x), x)
    before = tested.subject.evaluations
    assert not along(tested, None, enough=enough).disagrees
    assert tested.subject.evaluations - before == evaluations


@pytest.mark.parametrize("kinks", [1, 50])
def test_kinks_within_a_short_ladder_are_looked_beneath(kinks):
    """As beside a sort of many numbers: by finer steps the slope is known, where the first ones know a half of it."""
    at = 2.0**-11 * np.random.default_rng(0).uniform(1, 32, kinks)
    bends = np.random.default_rng(1).standard_normal(kinks)
    tested = under_test(
        lambda x: float(x[0] + np.maximum(x[0] - 1 - at, 0) @ bends), np.ones(1), np.ones(1), sigma=1e-16
    )
    slope = along(tested, None)
    assert slope.known
    assert abs(slope.estimate.value - slope.claim) <= slope.limit <= 1e-9


def test_noise_is_not_looked_beneath():
    """Finer steps know no better: seven evaluations."""
    calls = []
    tested = under_test(
        lambda x: calls.append(1) or 1e-12 * float(np.sin(1e9 * x[0])), np.zeros(1), np.ones(1), sigma=1e-12
    )
    before = len(calls)
    along(tested, None)
    assert len(calls) - before <= 8


@pytest.mark.parametrize("at", [0.0, 1e-7])
def test_a_kink_on_the_way_is_no_slope(at):
    """Two central differences agree on the mean of its sides, which is nobody's slope."""
    x = np.linspace(0.5, 2, 64)
    x[::2] = at
    tested = under_test(lambda x: float(np.maximum(x, 0).sum()), (x > 0).astype(float), x)
    slope = along(tested, None)
    assert not slope.disagrees or not slope.known


def summed(claims, x=None, **standard):
    """Return the sum of some numbers under test."""
    x = np.full(len(claims), 2.0) if x is None else np.asarray(x, float)
    tested = under_test(lambda x: float(x.sum()), np.array(claims, float), x, sigma=1e-300)
    return replace(tested, standard=replace(tested.standard, **standard))


def test_each_entry_goes_as_far_as_it_is_large_times_its_coefficient():
    """Those that are named alone, and those whose claim is a number; the claim is the sum of what they claim."""
    moves = []

    class Tested(type(summed([1.0]).subject)):
        def direction(self, given):
            moves.append(given["x"])
            return lambda t: (t, t)

    tested = summed([1.0, 5.0, np.nan, 7.0], [2.0, 4.0, 3.0, 2.5])
    tested = replace(tested, subject=Tested(**vars(tested.subject)))
    drawn = np.array([1.5, -2.0, 1.25, -1.0])
    slope = along(tested, None, drawn)
    assert moves[-1].tolist() == (drawn * tested.leaf.spread * [1, 1, 0, 1]).tolist()
    assert slope.claim == pytest.approx(float(np.sum(drawn * tested.leaf.spread * [1, 5, 0, 7])))
    some = along(tested, np.array([1, 3]), drawn[[1, 3]])
    assert moves[-1].tolist() == (drawn * tested.leaf.spread * [0, 1, 0, 1]).tolist()
    assert some.claim == pytest.approx(float(np.sum(drawn * tested.leaf.spread * [0, 5, 0, 7])))


@pytest.mark.parametrize("rounding", [2.0**-52, 1e-6])
@pytest.mark.parametrize("allowed", [0.0, 0.25])
def test_by_how_much_a_claim_along_a_direction_may_be_off(rounding, allowed):
    """By 64 of its roundings, and by what an iteration leaves, as far as the largest coefficient goes."""
    tested = summed([3.0, -4.0], rounding=rounding)
    tested.tally.allow("x", allowed)
    slope = along(tested, None, np.array([1.0, 2.0]))
    parts = np.array([3.0 * 2.0, -4.0 * 4.0])
    assert slope.slack == pytest.approx(64 * rounding * (np.sqrt(parts @ parts) + 16.0) + 2 * allowed)
    assert slope.limit == pytest.approx(slope.slack + slope.estimate.uncertainty)


@pytest.mark.parametrize(
    ("fields", "by_four"),
    [({}, True), ({"uncertainty": 1.1}, False), ({"kink": True}, False)],
)
def test_four_evaluations_tell_where_they_leave_little_enough(fields, by_four, monkeypatch):
    """And met no kink; in half precision, or where nothing is said to be enough, nobody asks them."""
    glance = Estimate(7.0, 0.9, 7.0, 7.0)
    asked = []
    monkeypatch.setattr(direction, "slope_along", lambda *_: asked.append(1) or replace(glance, **fields))
    tested = summed([1.0, 1.0])
    assert (along(tested, None, enough=1.0).estimate.value == 7.0) is by_four
    assert asked == [1]
    assert along(tested, None).estimate.value != 7.0
    assert asked == [1]


@pytest.mark.parametrize(
    ("value", "fields", "claim", "disagrees"),
    [
        (1.0, {}, 1.09, False),
        (1.0, {}, 1.11, True),
        (1.0, {"kink": True}, 9.0, False),
        (1.0, {"jump": True}, 9.0, False),
        (np.nan, {}, 9.0, False),
        (np.inf, {}, 9.0, True),
        (-np.inf, {}, 9.0, True),
        (np.inf, {"kink": True}, 9.0, False),
        (1.0, {}, np.nan, True),
    ],
)
def test_when_a_claim_along_a_direction_disagrees(value, fields, claim, disagrees):
    """Beyond both uncertainties; a slope without end agrees with no claim that has one."""
    assert Slope(claim, Estimate(value, 0.06, value, value, **fields), 0.04).disagrees is disagrees


def test_two_directions_that_tell_are_enough(monkeypatch):
    """Of four at most; those that tell nothing are made up for, and the smallest error that any shows is seen."""
    told = []

    def known(limit, **fields):
        return Slope(1.0, Estimate(1.0, limit, 1.0, 1.0, **fields), 0.0)

    def meet(*slopes):
        told[:] = slopes
        left = iter(slopes)
        monkeypatch.setattr(direction, "along", lambda *_: next(left))

    tested = summed([1.0, 1.0, 1.0], [4.0, 4.0, 4.0])
    meet(known(0.8), known(0.4), known(0.1))
    assert agrees(tested, None) == (True, 0.1)
    meet(known(0.8, kink=True), known(0.4), known(0.6, jump=True), known(0.2))
    assert agrees(tested, np.array([0, 1])) == (True, 0.05)
    meet(*[known(0.8, kink=True)] * 4)
    assert agrees(tested, None) == (True, np.inf)
    meet(known(0.8), Slope(9.0, Estimate(1.0, 0.1, 1.0, 1.0), 0.0))
    assert agrees(tested, None) == (False, 0.0)
    uneven = summed([1.0] * 4, [1.0, 1.0, 8.0, 16.0])
    meet(known(0.8), known(0.8))
    assert agrees(uneven, np.array([3])) == (True, 0.8 / 16)


def test_no_step_along_a_direction_is_finer_than_eight_roundings(monkeypatch):
    """Of its numbers, which are not all as large as the typical one."""
    finest, ladder = [], direction.Ladder
    monkeypatch.setattr(direction, "Ladder", lambda *a, **k: finest.append(k["finest"]) or ladder(*a, **k))
    direction.along(under_test(lambda x: float(x.sum()), np.ones_like, np.ones(3, np.float32), sigma=1e-7), None)
    assert finest == [8 * 2.0**-23]
