"""Are the slopes of pre-activations those of the terms, to as much as is said to be unknown of them?"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from gradcheck._entries.sites import probe
from gradcheck._entries.sites.probe import probed
from gradcheck._model.site import WeightSite

RNG = np.random.default_rng(2)
Z = RNG.standard_normal((9, 5))
CASES = {
    "smooth": (np.tanh, lambda z: 1 - np.tanh(z) ** 2),
    "bent": (lambda z: np.exp(3 * z), lambda z: 3 * np.exp(3 * z)),
    "kinked": (lambda z: np.maximum(z, 0), lambda z: (z > 0).astype(float)),
    "straight": (lambda z: 2.5 * z, lambda z: np.full_like(z, 2.5)),
}


def site(f, before=Z):
    def shifted(units, shifts):
        return f(before.T[units] + shifts) - f(before.T[units])

    terms = f(before).sum(1)
    return WeightSite("W", None, None, None, before, before, terms, turned=False, at_once=8, shifted=shifted)


@pytest.mark.parametrize("name", CASES)
def test_the_error_is_no_larger_than_what_is_unknown(name):
    """And that is small, whatever the function."""
    f, slope = CASES[name]
    found = probed(site(f))
    unknown = found.unknown + 4 * found.noise
    assert (np.abs(found.slopes - slope(Z)) <= unknown).all()
    assert (unknown <= 1e-6 * np.abs(slope(Z)).max(axis=0)).all()


def test_a_kink_nearby_is_gone_closer_to():
    """A pre-activation that nearly vanishes: the first steps go beyond it."""
    near = Z.copy()
    near[3, 2] = 1e-4
    found = probed(site(*CASES["kinked"][:1], near))
    assert abs(found.slopes[3, 2] - 1) <= found.unknown[3, 2] + 4 * found.noise[2] < 1e-4


def test_a_kink_at_the_point_is_not_known():
    """Between 0 and 1 anything is right."""
    at = Z.copy()
    at[3, 2] = 0.0
    found = probed(site(*CASES["kinked"][:1], at))
    assert found.unknown[3, 2] >= 0.5


def test_what_stands_still_is_said():
    """A dead unit."""
    found = probed(site(*CASES["kinked"][:1], -np.abs(Z)))
    assert not found.alive.any()


def asked(f, before):
    """Return the units and the shifts that are asked for, call by call."""
    calls, of = [], site(f, before)

    def shifted(units, shifts):
        calls.append((units, np.asarray(shifts)[:, 0]))
        return of.shifted(units, shifts)

    probed(WeightSite(**{**vars(of), "shifted": shifted}))
    return calls


def test_shifts_are_of_the_size_of_the_pre_activations():
    """First nudges that nothing but noise answers; then a thousandth and a quarter of it, and an eighth of these."""
    (_, nudges), (_, coarse), (_, fine), (_, again) = asked(np.tanh, np.full((3, 1), 2.0))
    assert nudges == pytest.approx([2.0**-39])
    assert coarse == pytest.approx([2.0**-9, -(2.0**-9), 2.0**-11, -(2.0**-11)])
    assert fine == pytest.approx(coarse / 8)
    assert again == pytest.approx(coarse)


def test_no_shift_is_smaller_than_that_of_a_typical_unit_by_far():
    """A unit that is zero is shifted by a 64th of what others are, which are all but as large as the mean square."""
    (_, nudges), (_, coarse), *_ = asked(np.tanh, np.array([[0.0, 4.0]] * 3))
    assert nudges == pytest.approx([2.0**-46, 2.0**-38])
    assert coarse[:2] == pytest.approx([2.0**-16 * 8**0.5, 2.0**-8])


def test_where_a_kink_lies_within_shifts_are_finer():
    """By 32 times, and once more; then it is at the point."""
    kinked = [shifts[0] for units, shifts in asked(np.abs, np.array([[1e-12], [1.0]]))[3:]]
    assert kinked == pytest.approx(np.array([1, 2.0**-5, 2.0**-10]) * 2.0**-10 * 0.5**0.5)


def test_the_noise_of_sixteen_units_stands_for_that_of_all():
    """And half as much again, since they are few."""
    (units, _), *_ = asked(np.tanh, np.ones((3, 40)))
    assert len(units) == 16
    assert (units[0], units[-1]) == (0, 39)
    noisy = WeightSite(**{**vars(site(np.tanh)), "shifted": lambda units, _: np.full((len(units), 9), 1e-9)})
    assert probe._listened(noisy, np.arange(5)) == pytest.approx(1.5e-9, rel=1e-3)


def test_what_is_straight_is_known_to_four_roundings():
    """Adding up leaves them."""
    assert (probed(site(lambda z: 2 * z, np.ones((3, 1)))).unknown == 8 * 2.0**-52).all()


@pytest.mark.parametrize(("steepness", "kinked"), [(7.0, False), (9.0, True)])
def test_a_gap_is_one_beyond_eight_standard_deviations(steepness, kinked):
    """Of |z| at 0 it does not close; half of it is what a smooth function might leave."""
    of = site(lambda z: steepness * np.abs(z), np.zeros((1, 1)))
    four = probe._Four.of(of, np.arange(1), np.array([0.5]), 0.5 * 2**0.5 / 4)
    assert four.error == pytest.approx([1.0])
    assert (four.gap != 0) == [[kinked]]


@pytest.mark.parametrize(("bent", "times"), [(25.0, 0.5), (35.0, 2.0)])
def test_a_row_that_bends_by_far_more_than_others_may_bend_otherwise(bent, times):
    """Thirty times as much: then twice the correction is what it may be off by, as at the most."""
    correction = np.array([[1.0], [1.0], [bent], [1.0], [1.0]])
    nothing = np.zeros_like(correction)
    four = probe._Four(nothing, correction, nothing, np.zeros(1), nothing != 0)
    assert four.unknown(0.5)[2] == pytest.approx(times * bent)


def test_slopes_are_off_by_no_more_than_twice_their_correction():
    """However much they differ from those of finer steps, and where kinks lie within all of them."""
    sharp = lambda z: np.sin(1e4 * z)  # noqa: E731
    assert probe._bends(site(sharp, np.ones((3, 1))), np.arange(1), np.ones(1), 0.0) == 2.0
    assert probe._bends(site(np.abs, np.zeros((3, 1))), np.arange(1), np.ones(1), 0.0) == 2.0


@pytest.mark.parametrize("at_once", [4, 8, 20])
def test_no_more_shifts_are_asked_for_at_once_than_there_is_room_for(at_once):
    """Four of each unit."""
    asked = []

    def shifted(units, shifts):
        asked.append(len(units))
        return np.tanh(Z.T[units] + shifts) - np.tanh(Z.T[units])

    probed(replace(site(np.tanh), shifted=shifted, at_once=at_once))
    assert max(asked[3:]) <= at_once
    assert sum(asked[3:]) == 4 * 5
