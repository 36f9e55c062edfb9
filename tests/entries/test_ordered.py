"""Claims that f has where equal numbers come in some order are legal together, and others are not."""

from __future__ import annotations

import numpy as np
import pytest
from tested import under_test

from gradcheck import Verdict
from gradcheck._entries import ordered

N = 24
EQUAL = np.ones(N)
WEIGHTS = np.random.default_rng(3).standard_normal(N)
ORDER = np.random.default_rng(4).permutation(N)
STEP = 2.0**-32


def weighed(x):
    return float(WEIGHTS @ np.sort(x))


def looked_at(f, claim, x=EQUAL, step=STEP):
    """Return what is found where all claims are called wrong, at a slope of zero."""
    tested = under_test(f, np.asarray(claim, dtype=np.float64), np.asarray(x, dtype=np.float64), sigma=1e-16)
    tested.columns.with_sides()
    for numbers in (tested.columns.estimates, tested.columns.lefts, tested.columns.rights):
        numbers[:] = 1e3
    tested.columns.codes[:] = Verdict.WRONG
    every = np.arange(len(claim))
    return ordered.slopes_in_some_order(tested, every, every[:0], step)


def test_the_order_is_told_by_the_claims():
    """In one order f has the slopes of all places in it; each number goes to the place whose slope is claimed of it."""
    found = looked_at(weighed, WEIGHTS[ORDER])
    assert found is not None
    assert found[0].tolist() == [*range(N)]
    np.testing.assert_allclose(found[1], WEIGHTS[ORDER], atol=1e-3)


@pytest.mark.parametrize("claim", [np.eye(N)[0], np.eye(N)[-1]])
@pytest.mark.parametrize("f", [np.max, np.min])
def test_the_first_or_the_last_takes_all(f, claim):
    """Whichever a program takes."""
    assert looked_at(lambda x: float(f(x)), claim) is not None


@pytest.mark.parametrize("side", [0.0, 1.0])
def test_all_come_to_lie_on_one_side(side):
    """As of ReLUs at zero, which take nothing from below and all from above."""
    claim = side * WEIGHTS
    assert looked_at(lambda x: float(WEIGHTS @ np.maximum(x, 0)), claim, np.zeros(N)) is not None


@pytest.mark.parametrize("off", [0.7 / 4096, 1.5 / 4096])
def test_what_is_claimed_nowhere_is_not_found(off):
    """Up to a 4096th of the largest."""
    claim = WEIGHTS[ORDER] + off * np.abs(WEIGHTS).max() * (np.arange(N) == 0)
    assert (looked_at(weighed, claim) is not None) is (off < 1 / 4096)


def test_only_equal_numbers_change_places():
    """Of two values the weights of one go to none of the other."""
    x = np.repeat([1.0, 2.0], N // 2)
    own = np.concatenate([WEIGHTS[: N // 2][::-1], WEIGHTS[N // 2 :]])
    other = np.concatenate([WEIGHTS[N // 2 :], WEIGHTS[: N // 2]])
    assert looked_at(weighed, own, x) is not None
    assert looked_at(weighed, other, x) is None


def test_a_claim_that_is_wrong_by_little_is_no_slope_of_another_place():
    """The slope there must be nearer to it by far than that at the point."""
    tested = under_test(lambda x: float(np.sum(np.sin(x))), np.cos(EQUAL) * (1 + 1e-4), EQUAL, sigma=1e-16)
    tested.columns.with_sides()
    for numbers in (tested.columns.estimates, tested.columns.lefts, tested.columns.rights):
        numbers[:] = np.cos(EQUAL)
    every = np.arange(N)
    assert ordered.slopes_in_some_order(tested, every, every[:0], STEP) is None


def of_sines(claim, step, sigma=1e-16):
    """Return what is found where the claims are those of a smooth function elsewhere."""
    tested = under_test(lambda x: float(np.sum(np.sin(x))), claim, EQUAL, sigma=sigma)
    tested.columns.with_sides()
    for numbers in (tested.columns.estimates, tested.columns.lefts, tested.columns.rights):
        numbers[:] = np.cos(EQUAL)
    every = np.arange(N)
    return ordered.slopes_in_some_order(tested, every, every[:0], step)


@pytest.mark.parametrize("sign", [1.0, -1.0])
def test_what_f_has_there_only_because_it_bends_is_no_slope_of_an_order(sign, monkeypatch):
    """At half the distance it is another one."""
    step = 2.0**-24
    claim = np.cos(EQUAL + sign * np.arange(1, N + 1) * 256 * step)
    assert of_sines(claim, step) is None
    monkeypatch.setattr(ordered, "HALF_AS_FAR", 1.0)
    assert of_sines(claim, step) is not None


@pytest.mark.parametrize(("noise", "step"), [(1e-16, STEP), (2.0**-36, 2.0**-21)])
def test_steps_are_so_large_that_noise_is_no_slope_that_is_claimed(noise, step, monkeypatch):
    """A 4096th of the largest claim, 1, is allowed: over twice the step that three standard deviations ask for."""
    steps = set()
    monkeypatch.setattr(ordered, "slope_at", lambda _, __, step: steps.add(step) or 0.0)
    tested = under_test(weighed, np.eye(N)[0], EQUAL, sigma=noise)
    tested.columns.with_sides()
    for numbers in (tested.columns.estimates, tested.columns.lefts, tested.columns.rights):
        numbers[:] = 1e3
    every = np.arange(N)
    assert ordered.slopes_in_some_order(tested, every, every[:0], STEP) is None
    assert steps == {step}


@pytest.mark.parametrize(("off", "near"), [(0.8 / 64, True), (1.3 / 64, False)])
def test_the_slope_of_a_place_is_64_times_nearer_than_that_at_the_point(off, near):
    """All claims are off by as much."""
    apart = 1e-2  # less than a 64th of it is allowed already, as it is more than a 4096th of the largest
    tested = under_test(weighed, WEIGHTS[ORDER] + off * apart, EQUAL, sigma=1e-16)
    tested.columns.with_sides()
    for numbers in (tested.columns.estimates, tested.columns.lefts, tested.columns.rights):
        numbers[:] = tested.columns.claims + apart
    every = np.arange(N)
    assert (ordered.slopes_in_some_order(tested, every, every[:0], STEP) is not None) is near


@pytest.mark.parametrize(("step", "near"), [(2.0**-6 / 256 / N, True), (2.0**-5 / 256 / N, False)])
def test_numbers_are_not_put_far_apart(step, near):
    """Up to a 64th of the scale, where f has hardly bent."""
    assert (looked_at(weighed, WEIGHTS[ORDER], step=step * 0.99) is not None) is near


@pytest.mark.parametrize(("entries", "found"), [(512, True), (513, False)])
def test_of_more_than_some_hundred_no_order_is_looked_for(entries, found):
    """It would cost thousands of evaluations."""
    claim = np.eye(entries)[0]
    assert (looked_at(lambda x: float(np.max(x)), claim, np.ones(entries)) is not None) is found


def test_a_claim_that_is_not_finite_is_in_no_order():
    """There is nothing to compare."""
    assert looked_at(weighed, np.where(np.arange(N) == 2, np.inf, WEIGHTS)) is None
