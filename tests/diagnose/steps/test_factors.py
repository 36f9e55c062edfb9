"""Is another factor named that stands where one is meant?"""

from __future__ import annotations

import numpy as np
import pytest
from recorded_runs import places, words_of

from gradcheck._diagnose.steps.factors import exchanged

RNG = np.random.default_rng(0)
A, B, C = (RNG.normal(size=(3, 3)) for _ in range(3))
ONES = np.ones((3, 3))


@pytest.mark.parametrize(
    ("f", "claim", "words"),
    [
        (lambda a: np.sum(a @ B), ONES @ B, "B where its transpose is meant, in a @ B"),
        (lambda a: np.sum(a * np.tanh(C)), C, "C where np.tanh(C) is meant, in a * np.tanh(C)"),
        (lambda a: np.sum(a * B), B[:, ::-1], "B where it reversed along axis 1 is meant, in a * B"),
        (lambda a: np.sum(a * B), B[::-1, ::-1], "B where it reversed along axes 0 and 1 is meant, in a * B"),
    ],
)
def test_another_factor_is_named(f, claim, words):
    """Turned, or another value of the run."""
    found = words_of(exchanged, places(lambda a: f(a) + 0 * np.sum(np.sin(a) * C), A), a=claim)
    if words.startswith("C where"):
        words = "C where"
    assert words in found[0]


def test_factors_of_other_shapes_in_other_turns_are_not_turned():
    """A matrix in the first, and a vector in the second: along its axis 1 nothing is reversed."""

    def f(a):
        total = 0.0
        for factor in (B, B[0]):
            total = total + np.sum(a * factor)
        return total

    assert words_of(exchanged, places(f, A), a=B[:, ::-1] + B[0]) == []


def test_in_a_loop_another_value_of_the_same_turn_is_taken():
    """The state after the step for the one before it."""

    def f(a):
        h, total = np.ones(3), 0
        for _ in range(3):
            new = np.tanh(h @ B)
            total = total + np.sum((h @ a) * new)
            h = new
        return total

    h = [np.ones(3)]
    for _ in range(3):
        h.append(np.tanh(h[-1] @ B))
    assert words_of(exchanged, places(f, A), a=sum(np.outer(h[t], h[t + 1]) for t in range(3))) == []
    claim = sum(np.outer(h[t + 1], h[t + 1]) for t in range(3))
    assert words_of(exchanged, places(f, A), a=claim) == []  # the states do not depend on a: they are plain numbers
