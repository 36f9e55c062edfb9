"""Which rows hear of one another? Those that move the same terms."""

from __future__ import annotations

import numpy as np
import pytest

from gradcheck._adapters.rows import groups

Z = np.linspace(-1, 2, 36).reshape(12, 3)


def grouped(f, batches=(4,), most=12):
    def changes(dz):
        return np.stack([f(Z + shift).ravel() for shift in dz]) - f(Z).ravel()

    return groups(changes, Z, np.abs(f(Z).ravel()), batches, most)


def softmax(z):
    e = np.exp(z)
    return e / e.sum(axis=1, keepdims=True)


CASES = {
    "apart": (np.tanh, 12),
    "samples one after the other": (lambda z: np.exp(softmax(z.reshape(4, 3, 3))), 4),
    "steps one after the other": (lambda z: np.sin(z.reshape(3, 4, 3).cumsum(axis=0)), 4),
    "all together": (lambda z: np.sin(z - z.mean(axis=0)), 1),
}


@pytest.mark.parametrize("name", CASES)
def test_the_finest_grouping_that_holds_is_found(name):
    """And to which group each term belongs."""
    f, count = CASES[name]
    found = grouped(f)
    assert found.members.shape == (count, 12 // count)
    for group in range(count):
        moved = Z.copy()
        moved[found.members[group]] += 0.1
        assert not (f(moved) != f(Z)).ravel()[found.terms != group].any()


def test_terms_are_added_group_by_group():
    """Those of a group may lie apart, and a group may have none."""
    found = grouped(CASES["steps one after the other"][0])
    terms = np.arange(36.0)[np.newaxis]
    assert found.added(terms)[0] == pytest.approx([terms[0, found.terms == k].sum() for k in range(4)])


def test_no_group_is_larger_than_it_may_be():
    """It would take too many shifts."""
    assert grouped(CASES["all together"][0], most=3) is None


def test_what_is_no_number_once_it_is_shifted_counts_as_moved():
    """It moves where it hears of a row, and there alone."""

    def f(z):
        with np.errstate(invalid="ignore"):
            return np.sqrt(z + 1.5)

    assert len(grouped(f).members) == 12
