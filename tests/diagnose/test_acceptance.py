"""Is a supposed mistake accepted only where it explains what was measured, and not by chance?"""

from __future__ import annotations

import numpy as np
import pytest

from gradcheck._diagnose.acceptance import Supposition

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
