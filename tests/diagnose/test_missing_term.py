"""Is it recognised which term is missing, or too much?"""

from __future__ import annotations

import numpy as np
import pytest
from suspects import D, E, X, changed, spoilt, suspect

from gradcheck._diagnose import missing_term
from gradcheck._diagnose.cause import Slip

V = D[:5]
EXAMPLES = X.T @ D

CASES = {
    "decay": (missing_term.decay, suspect(E - 0.1 * V, values={"W": V}), Slip.DECAY, "missing is 0.1 times the weight"),
    "too much": (missing_term.decay, suspect(E + 0.1 * V, values={"W": V}), Slip.DECAY, "the excess is 0.1 times"),
    "L1": (missing_term.decay, suspect(E - 0.1 * np.sign(V), values={"W": V}), Slip.DECAY, "the sign of the weight"),
    "the truth": (missing_term.truth, suspect(E + 0.1 * V, data={"t": V}), Slip.TRUTH, "-0.1 times t"),
    "a constant": (missing_term.constant, suspect(E + 0.5), Slip.CONSTANT, "every entry is 0.5 too large"),
    "averaged": (missing_term.averaged, suspect(E.mean(0) + 0 * E), Slip.AVERAGED, "the mean over axis 0"),
    "one example": (
        missing_term.single_example,
        suspect(np.outer(X[2], D[2]), EXAMPLES, data={"X": X}),
        Slip.SINGLE_EXAMPLE,
        "the gradient of the 2th example, X[2], alone",
    ),
    "means": (
        missing_term.single_example,
        suspect(np.outer(X.mean(0), D.sum(0)), EXAMPLES, data={"X": X}),
        Slip.SINGLE_EXAMPLE,
        "a product of means",
    ),
    "a skipped example": (
        missing_term.example_missing,
        suspect(EXAMPLES - np.outer(X[-1], D[-1]), EXAMPLES, data={"X": X}),
        Slip.EXAMPLE_MISSING,
        "what is missing is one example, X[-1]",
    ),
    "a repeated index": (
        missing_term.repeated_index,
        suspect(changed([1, 3], 9.0), data={"ids": np.array([0, 1, 1, 3, 3, 2])}),
        Slip.REPEATED_INDEX,
        "in the rows that ids names more than once",
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_the_term_is_named(name):
    """By kind, and in words."""
    pattern, evidence, kind, words = CASES[name]
    found = pattern(evidence)
    assert found.kind is kind
    assert words in found.sentence


@pytest.mark.parametrize("name", CASES)
def test_nearly_that_term_is_not(name):
    """Nothing is guessed."""
    pattern, evidence, *_ = CASES[name]
    assert pattern(spoilt(evidence)) is None


def test_three_entries_follow_a_term_and_two_do_not():
    """One number is fitted to them."""
    many = {n: suspect(E[0, :n] - 0.1 * V[0, :n], E[0, :n], values={"W": V[0, :n]}) for n in (2, 3)}
    assert missing_term.decay(many[2]) is None
    assert missing_term.decay(many[3]).kind is Slip.DECAY


def test_an_input_does_not_decay():
    """Nor is a gradient of its rows one of single examples."""
    assert missing_term.decay(suspect(E - 0.1 * V, kind="input", values={"W": V})) is None
    assert missing_term.single_example(suspect(np.outer(X[2], D[2]), EXAMPLES, kind="input")) is None
