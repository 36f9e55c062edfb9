"""Is it recognised that these are the right numbers in the wrong places?"""

from __future__ import annotations

import numpy as np
import pytest
from suspects import NOISE, D, E, X, spoilt, suspect

from gradcheck._diagnose import rearranged
from gradcheck._diagnose.cause import Slip

V = D[:5]
KEPT = np.where(E > 0, E, 0)

CASES = {
    "transposed": (rearranged.permuted, suspect(E.T), Slip.PERMUTED, "the transpose of the measured gradient"),
    "and minus": (rearranged.permuted, suspect(-E.T), Slip.PERMUTED, "and the sign is wrong"),
    "shifted": (rearranged.permuted, suspect(np.roll(E, 1, 0)), Slip.PERMUTED, "shifted by 1 along axis 0"),
    "flipped": (rearranged.permuted, suspect(E[:, ::-1]), Slip.PERMUTED, "flipped along axis 1"),
    "reordered": (
        rearranged.reordered,
        suspect(E[[1, 0, 2, 4, 3]]),
        Slip.REORDERED,
        "another order (1, 0, 2, 4, 3)",
    ),
    "exchanged": (
        rearranged.exchanged,
        suspect(V, estimates={"V": V}, claims={"V": E}),
        Slip.EXCHANGED,
        "the measured gradient of V: two tensors are exchanged",
    ),
    "minus another": (rearranged.another, suspect(-V, estimates={"V": V}), Slip.ANOTHER, "minus the measured gradient"),
    "one pull": (
        rearranged.another,
        suspect(E - V, estimates={"V": V}),
        Slip.ANOTHER,
        "is the measured gradient of V",
    ),
    "stale": (
        rearranged.stale,
        suspect(V, earlier={"W": V}),
        Slip.STALE,
        "to the last bit, the gradient",
    ),
    "opposite": (rearranged.opposite, suspect(np.where(E > 0, 0, E), KEPT), Slip.OPPOSITE, "a condition reversed"),
    "no mask": (rearranged.masked, suspect(E, KEPT), Slip.MASKED, "a mask is forgotten"),
}


@pytest.mark.parametrize("name", CASES)
def test_the_arrangement_is_named(name):
    """By kind, and in words."""
    pattern, evidence, kind, words = CASES[name]
    found = pattern(evidence)
    assert found.kind is kind
    assert words in found.sentence


@pytest.mark.parametrize("name", CASES)
def test_nearly_that_arrangement_is_not(name):
    """Nothing is guessed."""
    pattern, evidence, *_ = CASES[name]
    assert pattern(spoilt(evidence)) is None


def test_a_copy_of_a_gradient_is_no_exchange():
    """Where the claim of the other is right, only this one is wrong."""
    found = rearranged.exchanged(suspect(V, estimates={"V": V}, claims={"V": V}))
    assert found.sentence == "this is the measured gradient of V"


def test_a_sample_is_not_rearranged():
    """Where an entry went cannot be told without the others."""
    assert rearranged.permuted(suspect(E.T, measured=[1, 5, 9, 20])) is None
    assert rearranged.reordered(suspect(E[[1, 0, 2, 4, 3]] + NOISE)) is None
    assert rearranged.stale(suspect(X[:5] + 1e-15, earlier={"W": X[:5]})) is None
