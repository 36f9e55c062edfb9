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
    found = slices(suspect(np.outer(D[0], X[0, :4]), np.outer(E[0], X[0, :4])))
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


@pytest.mark.parametrize(("slices_", "entries", "told"), [(2, 3, True), (2, 2, False), (1, 3, False)])
def test_of_two_slices_of_three_entries_each_has_a_factor(slices_, entries, told):
    """Fewer follow any; nor is anything said of a sample."""
    right = E[:slices_, :entries]
    claim = right * GAIN[:slices_, None]
    assert (slices(suspect(claim, right)) is not None) is told
    assert slices(suspect(E * GAIN, measured=range(24))) is None
    still = np.where(np.arange(5) < 2, E, 0.0)
    assert slices(suspect(still * GAIN[:, None], still)) is None


@pytest.mark.parametrize(("apart", "told"), [(0.8e-4, False), (1.2e-4, True)])
def test_factors_that_hardly_differ_are_one(apart, told):
    """By a ten-thousandth they may by rounding."""
    claim = E * (2 + apart * np.array([0, 1, 0, 1, 0]))
    assert (slices(suspect(claim)) is not None) is told


def test_a_slice_that_stands_still_has_no_factor():
    """Then nobody knows one for each."""
    still = np.where(np.arange(5) == 2, 0.0, E)
    assert slices(suspect(still * GAIN + (still == 0), still)) is None


@pytest.mark.parametrize(("dtype", "known"), [(float, True), (int, False)])
def test_a_vector_of_counts_is_no_gain(dtype, known):
    """It would have to be as long as there are slices."""
    gain = np.array([1, 2, 5, 3, 4])
    found = slices(suspect(E * gain, data={"gain": gain.astype(dtype), "other": np.ones(4)}))
    assert ("which is gain" in found.sentence) is known


def test_slices_of_more_axes_are_told_by_their_number():
    """Each along its axis."""
    cube = np.random.default_rng(1).normal(size=(3, 4, 5))
    found = slices(suspect(cube * np.arange(1.0, 5)[:, None], cube))
    assert "each slice along axis 1 has a factor of its own, from 1 to 4" in found.sentence
    apart = slices(suspect(E * (2 + 2e-4 * np.arange(5)), E))
    assert "from 2 to 2.001" in apart.sentence


@pytest.mark.parametrize(("entries", "told"), [(2, False), (3, True)])
def test_three_entries_show_an_array(entries, told):
    """That move, where it is not zero; where it is zero and was left out, nothing may move."""
    array = np.where(np.arange(5) < entries, D[0], 0.0)
    assert (known_array(suspect(E[0] * array, np.where(array, E[0], 0), data={"G": array})) is not None) is told
    left_out = known_array(suspect(E[0], E[0] * array, data={"G": array}))
    assert (left_out is not None) is told
    assert known_array(suspect(E[0], E[0] * np.where(array, array, 1.0), data={"G": array})) is None


@pytest.mark.parametrize(
    ("array", "told"),
    [(D[0], True), (D[:5], True), (D[0] > 0, True), (np.arange(1, 6), False), (D[:5, :1], False), (D[:4, 0], False)],
)
def test_an_array_of_the_shape_or_a_vector_along_the_last_axis(array, told):
    """Of numbers or of truth values; the tensor itself is another pattern's."""
    claim = E * np.broadcast_to(array, (5, 5)) if array.shape != (4,) else 2 * E
    assert (known_array(suspect(claim, data={"G": array})) is not None) is told
    assert known_array(suspect(claim, values={"W": array})) is None


def test_factors_near_one_are_those_of_an_epsilon():
    """Nobody forgets a gain of 1.001."""
    found = slices(suspect(E * np.array([[1.001], [1.0002], [1.004], [1.01], [1.0005]])))
    assert "from 1 to 1.01: nearly one, as of an epsilon under a root" in found.sentence


def test_a_vector_beside_the_factors_is_not_the_factors():
    """It is one that they are to a hundred-thousandth, or one over it."""
    for off, known in ((0.9e-5, True), (1.2e-5, False)):
        for gain, words in ((GAIN, "which is gain"), (1 / GAIN, "which is 1/gain")):
            found = slices(suspect(E * GAIN, data={"gain": gain * (1 + off)}))
            assert (words in found.sentence) is known
    assert "which is" not in slices(suspect(E * GAIN, data={"gain": GAIN + 0.3})).sentence
    assert "which is" not in slices(suspect(E * GAIN, data={"gain": 1 / GAIN + 0.3})).sentence


@pytest.mark.parametrize("axis", [0, 1])
def test_an_outer_product_is_known_along_either_axis(axis):
    """Of another length than it is wide."""
    a, b, other = D[0], X[1, :3], E[2]
    right, claim = np.outer(a, b), np.outer(a * other, b)
    found = slices(suspect(claim if axis == 0 else claim.T, right if axis == 0 else right.T))
    assert found.sentence == f"an outer product, as the measured gradient is, but with another vector along axis {axis}"
