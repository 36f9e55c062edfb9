"""Is a supposed mistake accepted only where it explains what was measured, and not by chance?"""

from __future__ import annotations

import numpy as np
import pytest

from gradcheck._diagnose.acceptance import Supposition, is_generic, is_number, parallel

E = np.array([1.0, -2.0, 0.5, 3.0])


def compared(claim, expected, *, slack=1e-10, wrong=None, eps=2.0**-52):
    claim, expected = (np.asarray(a, dtype=float) for a in (claim, expected))
    size = len(claim)
    wrong = np.ones(size, dtype=bool) if wrong is None else np.asarray(wrong)
    return Supposition(claim, expected, E[:size] - claim, np.full(size, slack), wrong, eps)


def test_what_comes_out_is_accepted():
    """Within the uncertainty of the measurement, or a thousandth of what is wrong and a millionth of the entry."""
    assert compared(2 * E, 2 * E).accepted(0)
    assert compared(2 * E, 2 * E * (1 + 5e-7)).accepted(0)
    assert not compared(2 * E, 2 * E * (1 + 5e-6)).accepted(0)


def test_of_a_small_error_no_more_may_be_left():
    """Where it is a millionth as well: a tenth of it is not explained."""
    small = E * (1 + 2e-6)
    assert compared(small, small).accepted(0)
    assert not compared(small, E * (1 + 1.9e-6)).accepted(0)


def test_every_entry_has_to_come_out():
    """Those that are right as well."""
    claim = np.where([True, True, True, False], 2 * E, E)
    assert not compared(claim, 2 * E, wrong=[True, True, True, False]).accepted(0)


@pytest.mark.parametrize(("slack", "accepted"), [(1e-10, True), (1e-2, False)])
def test_where_little_is_known_a_single_entry_explains_nothing(slack, accepted):
    """One of a thousand mistakes would fit it."""
    assert compared([2.0], [2.0], slack=slack).accepted(0) is accepted


@pytest.mark.parametrize(("fitted", "accepted"), [(0, True), (3, True), (4, False)])
def test_numbers_that_are_fitted_have_to_be_fewer_than_the_entries(fitted, accepted):
    """Of one entry there is always a factor."""
    assert compared(1.37 * E, 1.37 * E).accepted(fitted) is accepted


def test_the_rounding_of_the_claim_is_left():
    """In single precision it is a millionth of the largest."""
    claim = (2 * E + 1e-7 * np.array([1, -1, 1, -1])).astype(np.float32)
    assert compared(claim, 2 * E, slack=1e-12, eps=2.0**-23).accepted(0)


def test_what_cannot_be_told_from_zero_explains_nothing():
    """Whatever fits."""
    assert not compared(np.zeros(4), np.zeros(4)).accepted(0)


@pytest.mark.parametrize(
    ("ratio", "number", "is_it"),
    [
        (3 * (1 + 0.9e-6), 3.0, True),
        (3 * (1 + 1.1e-6), 3.0, False),
        (1.0001 * (1 + 0.9e-7), 1.0001, True),
        (1.0001 * (1 + 1.1e-7), 1.0001, False),
        (0.9999 * (1 - 0.9e-7), 0.9999, True),
        (0.9999 * (1 - 1.1e-7), 0.9999, False),
        (-3.0, 3.0, False),
    ],
)
def test_a_factor_is_a_number_to_a_millionth(ratio, number, is_it):
    """Near one, to a thousandth of what the number differs from one by: that has to be right."""
    assert is_number(ratio, number) is is_it


@pytest.mark.parametrize("scale", [1e-3, 1.0, 1e3])
@pytest.mark.parametrize(("off", "so"), [(0.9e-9, True), (1.2e-9, False)])
def test_a_multiple_is_one_to_a_billionth_of_its_norm(off, so, scale):
    """Whatever the factor and the sizes; of nothing there is none."""
    a = np.array([3.0, 4.0, 0.0])
    across = np.array([0.0, 0.0, 5.0])
    assert parallel(a, scale * (a + off * across)) is so
    assert parallel(scale * a, -7 * (a + off * across)) is so
    assert not parallel(a, 0 * a)
    assert not parallel(0 * a, a)


def test_how_well_an_entry_is_known():
    """Its uncertainty, and sixteen roundings of the largest claim, in the format of the claims."""
    found = compared(2 * E, 2 * E, slack=1e-3, eps=2.0**-10)
    assert found.known == pytest.approx(np.full(4, 1e-3 + 16 * 2.0**-10 * 6.0))
    assert not compared(np.zeros(0), np.zeros(0)).known.size


def test_how_far_a_claim_may_be_from_what_is_expected():
    """Where it is right by a millionth of itself; where it is wrong by a thousandth, or a tenth, of what is wrong."""
    claim = np.array([2.0, -2.0, 0.5, 3.0])
    found = compared(claim, claim, slack=1e-12, wrong=[True, False, False, False])
    assert found.room[0] == pytest.approx(2e-6)
    assert found.room[1:] == pytest.approx(1e-12 + 1e-6 * np.abs(claim[1:]) + 1e-9 * 3)
    slight = compared([1 + 1e-4, -2, 0.5, 3], [1 + 1e-4, -2, 0.5, 3], slack=1e-12, wrong=[True] * 4)
    assert slight.room[0] == pytest.approx(1e-7, rel=1e-3)
    vague = compared([1 + 1e-4, -2, 0.5, 3], [1 + 1e-4, -2, 0.5, 3], slack=1e-3, wrong=[True] * 4)
    assert vague.room[0] == pytest.approx(1e-5, rel=1e-3)


def test_by_what_chance_a_mistake_comes_as_close():
    """Of a thousand that are tried; the closest count for nothing where numbers were fitted to them."""
    right = E + 1.0
    found = compared(right, right - np.array([0.0, 0.5, 2.0, 0.1]), slack=1e-3, eps=0.0)
    assert found.chance(0) == pytest.approx(1000 * 1e-3 * 0.1 * 0.5 * 1.0)
    assert found.chance(1) == pytest.approx(1000 * 0.1 * 0.5)
    assert found.chance(4) == 1000
    assert found.chance(1, tried=5) == pytest.approx(5 * 0.1 * 0.5)


@pytest.mark.parametrize(("tried", "told"), [(5, True), (1000, False)])
def test_one_number_tells_one_of_few_mistakes(tried, told):
    """To six digits, of which one of a thousand would have three by chance."""
    found = compared(np.array([2.0]), np.array([2.0]), wrong=[True], slack=1e-5, eps=0.0)
    assert found.accepted(0, tried) is told


@pytest.mark.parametrize(
    ("claim", "generic"),
    [
        ([0.37], True),
        ([3.0, 1.0, -2.0], False),
        ([0.31, 1.7, -np.pi], True),
        ([0.5, 1.0, 0.123], False),
        ([0.0, 0.0], False),
    ],
)
def test_small_whole_numbers_are_not_generic(claim, generic):
    """Nor are their multiples, all but one."""
    assert is_generic(np.array(claim)) is generic
