"""Is it recognised that the pull on a mean, on a variance or on a norm is missing?"""

from __future__ import annotations

import numpy as np
import pytest
from suspects import D, X, spoilt, suspect

from gradcheck._diagnose.cause import Slip
from gradcheck._diagnose.normalisation import along_axes, cotangent_alone

INPUT = {"kind": "input", "values": {"W": X}}
CENTRED = X - X.mean(axis=0)
SCALE = np.array([0.5, 2.0, 1.5, 3.0, 0.7])

CASES = {
    "a mean": (D + D.mean(0), D, "the same all along axis 0: a mean or a sum over axis 0 is left out"),
    "a mean too many": (D - D.mean(0), D, "a mean or a sum over axis 0 is subtracted that should not be"),
    "a variance": (
        D - 2 * CENTRED,
        D,
        "the input, less its mean, times a constant: the gradient through a variance over axis 0",
    ),
    "a norm": (D - SCALE * X, D, "along axis 0, the input times a constant: a sum over axis 0 times the input"),
    "both": (D - SCALE * X + SCALE, D, "the gradients through a mean and a variance over axis 0 are left out"),
}


@pytest.mark.parametrize("name", CASES)
def test_the_pull_that_is_missing_is_named(name):
    """With the axes along which it is simple."""
    claim, right, words = CASES[name]
    found = along_axes(suspect(claim, right, **INPUT))
    assert found.kind is Slip.SAME_ALONG_AXES
    assert words in found.sentence


@pytest.mark.parametrize("name", CASES)
def test_nearly_that_pull_is_not(name):
    """Nothing is guessed."""
    claim, right, _ = CASES[name]
    assert along_axes(spoilt(suspect(claim, right, **INPUT))) is None


def test_what_came_from_above_times_a_scale_is_named():
    """All that other outputs ask is left out."""
    evidence = suspect(D * SCALE, np.cumsum(D, 0) * SCALE, cotangent=D, **INPUT)
    assert cotangent_alone(evidence).kind is Slip.COTANGENT_ALONE
    assert (
        "for each slice along axis 1: the pulls on what all entries along axis 0 share"
        in cotangent_alone(evidence).sentence
    )
    assert cotangent_alone(spoilt(evidence)) is None


def test_few_entries_are_no_normalisation():
    """As many are fitted as there are."""
    assert along_axes(suspect(D[:2, :2] + 1.0, D[:2, :2], **INPUT | {"values": {"W": X[:2, :2]}})) is None
