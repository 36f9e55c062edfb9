"""Is it recognised that the pull on a mean, on a variance or on a norm is missing?"""

from __future__ import annotations

import numpy as np
import pytest
from suspects import D, X, same_in_any_unit, spoilt, suspect

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
    "a norm": (D - SCALE * X, D, "along axis 0 is the input times a constant: a sum over axis 0 times the input"),
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
    assert same_in_any_unit(along_axes, suspect(claim, right, **INPUT))


def test_what_came_from_above_times_a_scale_is_named():
    """All that other outputs ask is left out."""
    evidence = suspect(D * SCALE, np.cumsum(D, 0) * SCALE, cotangent=D, **INPUT)
    assert cotangent_alone(evidence).kind is Slip.COTANGENT_ALONE
    assert (
        "for each slice along axis 1: the gradients through what all entries along axis 0 share"
        in cotangent_alone(evidence).sentence
    )
    assert cotangent_alone(spoilt(evidence)) is None
    assert same_in_any_unit(cotangent_alone, evidence)


def test_few_entries_are_no_normalisation():
    """As many are fitted as there are."""
    assert along_axes(suspect(D[:2, :2] + 1.0, D[:2, :2], **INPUT | {"values": {"W": X[:2, :2]}})) is None


@pytest.mark.parametrize(("shape", "told"), [((3, 2), True), ((2, 2), False), ((6,), True), ((5,), False)])
def test_how_many_entries_show_what_is_the_same_along_an_axis(shape, told):
    """Six at least, three of them beyond the numbers that were fitted."""
    right = np.resize(D, shape)
    assert (along_axes(suspect(right + 1.0, right, kind="input")) is not None) is told


def test_three_wrong_entries_show_it():
    """And three beyond the factors of those slices that lack anything."""
    right = D[:, :4]
    one_slice = right + np.where(np.arange(4) == 1, 1.0, 0.0)
    assert along_axes(suspect(one_slice, right, kind="input")) is not None
    short = one_slice[:3]
    assert along_axes(suspect(short, right[:3], kind="input")) is None
    assert along_axes(suspect(D + D.mean(0), D, measured=range(34), **INPUT)) is None


@pytest.mark.parametrize(("left", "words"), [(0.5e-6, "is subtracted that should not be"), (2e-6, "is left out")])
def test_a_mean_that_is_subtracted_leaves_none(left, words):
    """To a millionth of the largest claim, at any scale."""
    for scale in (1e-2, 1e2):
        right = scale * (D + 0.5)
        claim = right - right.mean(axis=0)
        claim = claim + left * np.abs(claim).max()
        assert words in along_axes(suspect(claim, right, **INPUT)).sentence


def test_the_cotangent_alone_is_that_of_a_matrix_of_which_all_is_known():
    """A factor for each slice along one axis; for all of them it is a constant, and in a vector there are no slices."""
    scaled = D * SCALE
    right = np.cumsum(scaled, axis=0)
    assert cotangent_alone(suspect(scaled, right, cotangent=D, measured=range(34))) is None
    assert cotangent_alone(suspect(scaled, right, cotangent=D[:, :4])) is None
    assert cotangent_alone(suspect(scaled[0], right[0], cotangent=D[0])) is None
    assert cotangent_alone(suspect(scaled, right)) is None
    rows = cotangent_alone(suspect(D * SCALE[[0, 1, 2, 3, 4, 0, 1], None], right, cotangent=D))
    assert "for each slice along axis 0" in rows.sentence
