"""Is it recognised that each slice has a factor of its own, or that the factor is an array?"""

from __future__ import annotations

import numpy as np
import pytest
from suspects import NOISE, D, E, X, suspect

from gradcheck._diagnose.cause import Slip
from gradcheck._diagnose.factor_per_slice import known_array, slices

GAIN = np.array([1, 2, 0.5, 3, 4])


@pytest.mark.parametrize(
    ("claim", "words"),
    [
        (E * GAIN, "each column has a factor of its own, from 0.5 to 4, which is gain: a gain"),
        (E / GAIN, "from 0.25 to 2, which is 1/gain"),
        (E * GAIN[:, None], "each row has a factor of its own, from 0.5 to 4, which is gain"),
    ],
)
def test_a_factor_for_each_slice_is_named(claim, words):
    """With the vector that the factors are, where the function sees one."""
    found = slices(suspect(claim, data={"gain": GAIN}))
    assert found.kind is Slip.FACTOR_PER_SLICE
    assert words in found.sentence


def test_an_outer_product_is_not_said_to_lack_a_gain():
    """Any other vector in its place makes factors of rows, as where a solve takes the matrix for its transpose."""
    found = slices(suspect(np.outer(D[0], X[0]), np.outer(E[0], X[0])))
    assert found.kind is Slip.FACTOR_PER_SLICE
    assert found.sentence == "an outer product, as the measured gradient is, but with another vector along axis 0"


@pytest.mark.parametrize("claim", [2 * E, E * GAIN + NOISE, E.T], ids=["one factor", "nearly", "transposed"])
def test_what_has_no_factors_by_slice_is_left_to_others(claim):
    """One factor for all is a constant."""
    assert slices(suspect(claim)) is None


def test_an_array_that_is_multiplied_in_or_left_out_is_named():
    """By its name, whatever is in it."""
    too_much = known_array(suspect(E * D[:5], data={"G": D[:5]}))
    left_out = known_array(suspect(E / D[:5], data={"G": D[:5]}))
    assert too_much.kind is left_out.kind is Slip.KNOWN_ARRAY
    assert too_much.sentence == "G times the measured gradient: G is multiplied in once too often"
    assert left_out.sentence == "multiplied by G it would be the measured gradient: G is left out"


def test_an_array_of_which_the_claim_is_no_multiple_is_not_blamed():
    """Nor one that is the same everywhere: that is a constant."""
    assert known_array(suspect(E * X[:5], data={"G": D[:5]})) is None
    assert known_array(suspect(2 * E, data={"G": np.full((5, 5), 2.0)})) is None
