"""Across 0 a smooth function goes on as it was, and one of two pieces does not."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from points import opened

from gradcheck._entries.signs import of_one_piece, of_one_sign

X = np.array([0.7, 1.2, 2.0])
SMOOTH = (np.cos, np.square, np.sinh, np.reciprocal, lambda x: 1e6 + x**3)
PIECES = (
    np.abs,
    lambda x: np.where(x > 0, x, np.expm1(x)),
    lambda x: x / (1 + np.abs(x)),
    lambda x: np.maximum(x, 0) ** 2,
    lambda x: np.where(x > 0, x, x - 1),
)


def crossed(f, x=X):
    subject = opened({"x": x}, lambda p: float(np.sum(f(p["x"]))), lambda p: p, kinds={"x": "input"})
    with subject.at([("x", np.array([0.0, -2.5, 0.3]))]) as there:
        return of_one_piece(there.settled())


@pytest.mark.parametrize("f", SMOOTH, ids=range(len(SMOOTH)))
def test_what_is_smooth_at_zero_goes_on(f):
    """A pole is passed by nobody."""
    assert crossed(f)


@pytest.mark.parametrize("f", PIECES, ids=range(len(PIECES)))
def test_what_has_a_kink_or_bends_otherwise_is_of_two_pieces(f):
    """A ReLU, an ELU, a softsign, a square of one side, and a jump."""
    assert not crossed(f)


def test_numbers_of_both_signs_cross_nothing():
    """Nothing is known of a set that they lie in."""
    assert not crossed(np.cos, np.array([-0.7, 1.2, 2.0]))


def test_inputs_of_one_sign_are_told_from_others():
    """Weights are not flipped, nor are numbers of both signs."""
    leaf = opened({"x": X}, kinds={"x": "input"}).leaves["x"]
    assert of_one_sign(leaf)
    assert of_one_sign(replace(leaf, original=-X))
    assert not of_one_sign(replace(leaf, original=X - 1))
    assert not of_one_sign(replace(leaf, kind="weight"))
