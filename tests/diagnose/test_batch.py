"""Is it recognised what a backward did with the examples of the cotangent?"""

from __future__ import annotations

import numpy as np
import pytest
from suspects import D, E, X, spoilt, suspect

from gradcheck._diagnose import batch
from gradcheck._diagnose.cause import Slip

Y = np.exp(X) / np.exp(X).sum(axis=1, keepdims=True)  # a softmax
RIGHT = np.cumsum(D, axis=0)
ABOVE = {"cotangent": D, "output": X}

CASES = [
    (batch.handed_on, suspect(D, RIGHT, **ABOVE), Slip.HANDED_ON, "passed on unchanged"),
    (
        batch.handed_on,
        suspect(D * Y * (1 - Y), RIGHT, cotangent=D, output=Y),
        Slip.HANDED_ON,
        "the diagonal of the Jacobian alone",
    ),
    (batch.of_output, suspect(D * X, RIGHT, **ABOVE), Slip.OF_OUTPUT, "the cotangent times the output"),
    (batch.last_only, suspect(np.eye(5)[-1][:, None] * E), Slip.LAST_ONLY, "only the last row is counted"),
    (batch.bias, suspect(D[0], D.sum(0), **ABOVE), Slip.BIAS_OF_ONE_EXAMPLE, "only the first example's cotangent"),
    (batch.bias, suspect(E.sum(1), E.sum(0), cotangent=E), Slip.BIAS_OF_ONE_EXAMPLE, "summed over axis 1"),
    (
        batch.weight,
        suspect(np.outer(X[-1], D[-1]), X.T @ D, data={"X": X}, **ABOVE),
        Slip.WEIGHT_OF_ONE_EXAMPLE,
        "only the last example, X[-1], counts",
    ),
    (
        batch.untransposed,
        suspect(D @ E, D @ E.T, values={"V": E}, cotangent=D),
        Slip.UNTRANSPOSED,
        "multiplied by V where its transpose is meant",
    ),
]
IDS = ["handed on", "diagonal", "of the output", "last row", "first example", "wrong axis", "weight", "untransposed"]


@pytest.mark.parametrize(("pattern", "evidence", "kind", "words"), CASES, ids=IDS)
def test_its_own_mistake_is_named(pattern, evidence, kind, words):
    """By kind, and in words."""
    found = pattern(evidence)
    assert found.kind is kind
    assert words in found.sentence


@pytest.mark.parametrize(("pattern", "evidence", "kind", "words"), CASES, ids=IDS)
def test_nearly_that_mistake_is_not(pattern, evidence, kind, words):
    """Nothing is guessed."""
    assert pattern(spoilt(evidence)) is None


def test_the_right_sum_over_the_batch_is_no_mistake():
    """Of one example there is no other."""
    assert batch.bias(suspect(D[:1].sum(0), 2 * D[:1].sum(0), cotangent=D[:1])) is None
