"""Is it recognised which product was taken?"""

from __future__ import annotations

import numpy as np
import pytest
from suspects import D, E, X, spoilt, suspect

from gradcheck._diagnose.cause import Slip
from gradcheck._diagnose.matrix_product import product

ABOVE = {"inputs": ("x",), "values": {"x": X, "V": E}, "cotangent": D, "output": X}

CASES = {
    "another product": (
        suspect(X.T @ D, X.T @ (D * (1 - X * X)), **ABOVE),
        "this is x.T times the cotangent, where x.T times the cotangent times (1 - y^2) is meant",
    ),
    "a sum": (
        suspect((X * D).sum(0), D.cumsum(0).sum(0), **ABOVE),
        "the sum of x times the cotangent, over axis 0, which is not the whole derivative",
    ),
    "transposed weights": (
        suspect(D @ E, D @ (E.T + E), kind="input", **ABOVE),
        "this is the cotangent, times V itself, which is not the whole derivative",
    ),
    "a term": (
        suspect(np.sin(E), np.sin(E) + X.T @ D, **ABOVE),
        "what is missing is x.T times the cotangent: one of several terms",
    ),
    "a path": (
        suspect(np.sin(D), np.sin(D) + D, kind="input", **ABOVE),
        "what is missing is the cotangent, unchanged: as from a path around a layer",
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_a_product_is_named(name):
    """The one that was taken, and the one that is meant, if that is known."""
    evidence, words = CASES[name]
    found = product(evidence)
    assert found.kind is Slip.PRODUCT
    assert words in found.sentence


@pytest.mark.parametrize("name", CASES)
def test_nearly_a_product_is_none(name):
    """Nothing is guessed."""
    assert product(spoilt(CASES[name][0])) is None


def test_the_right_product_is_not_blamed():
    """Though another entry is wrong."""
    right = X.T @ D
    wrong = right.copy()
    wrong[0, 0] += 1
    assert product(suspect(wrong, right, **ABOVE)) is None
