"""Are the derivatives that were taken for others named, of whatever a function is written as?"""

from __future__ import annotations

import numpy as np
import pytest
from recorded_runs import places, words_of

from gradcheck._diagnose.activation import ACTIVATIONS
from gradcheck._diagnose.steps import functions
from gradcheck._diagnose.steps.functions import joint, slopes

RNG = np.random.default_rng(0)
A, B = RNG.normal(size=(4, 3)), RNG.normal(size=(4, 3))
S, T = 1 / (1 + np.exp(-A)), 1 / (1 + np.exp(-B))


def sigmoid(z):
    return 1 / (1 + np.exp(-z))


@pytest.mark.parametrize(
    ("f", "claim", "words"),
    [
        (lambda a: np.sum(B * np.tanh(a)), B, "the derivative of tanh is missing"),
        (lambda a: np.sum(B * sigmoid(a)), B * (1 - S**2), "the derivative of tanh, taken for that of the sigmoid"),
        (lambda a: np.sum(B * sigmoid(a)), -B * S * (1 - S), "the derivative of the sigmoid has the wrong sign"),
        (lambda a: np.sum(B * (1 / (1 + np.exp(a)))), -B * (1 - S), "the sigmoid itself instead of its derivative"),
        (lambda a: np.sum(B * np.maximum(a, 0)), B * (A <= 0), "the derivative of the ReLU the wrong way round"),
        (lambda a: np.sum(B * np.abs(a)), B * A, "the argument itself in the place of the derivative"),
    ],
)
def test_what_is_taken_for_a_derivative_is_named(f, claim, words):
    """And no other function that it is made of."""
    found = words_of(slopes, places(f, A), a=claim)
    assert words in found[0]


def test_the_derivative_of_another_gate_is_named():
    """Of the same function, with the call of each."""
    there = places(lambda a, b: np.sum(sigmoid(a) * 2 + sigmoid(b) * 3), A, B)
    (said,) = words_of(slopes, there, a=2 * S * (1 - S), b=3 * S * (1 - S))
    assert said.startswith("the derivative of the sigmoid in ")
    assert said.index("sigmoid(a)") < said.index("is meant")
    assert said.index("sigmoid(a)") < said.index("sigmoid(b)")


def test_a_derivative_that_is_zero_is_none():
    """As that of a ReLU where everything is below zero: the way back is left out, which is said more plainly."""
    there = places(lambda a: np.sum((a - 9) ** 2), A)
    assert not any("the ReLU" in words for words in words_of(slopes, there, a=0 * A))


def test_what_hands_everything_on_is_no_relu():
    """A step that chooses among numbers, all of one sign, is not called one."""
    some = B > 0
    there = places(lambda a: np.sum(np.where(a > 99, 1.0, some * np.abs(a)) ** 2), A)
    assert not any("the ReLU" in words for words in words_of(slopes, there, a=0 * A))


@pytest.mark.parametrize(
    ("axis", "words"),
    [(0, "sums over axis 0 where those over axis 1 are meant, on the way back through a softmax"), (1, None)],
)
def test_sums_along_the_wrong_axis_are_named(axis, words):
    """The right one is no mistake."""

    def softmax(z):
        e = np.exp(z - z.max(axis=1, keepdims=True))
        return e / e.sum(axis=1, keepdims=True)

    y = softmax(A)
    claim = y * (B - np.sum(B * y, axis=axis, keepdims=True))
    found = words_of(joint, places(softmax, A, u=B), a=claim)
    assert (words in found[0]) if words else not found


def test_a_normalisation_is_followed_back_to_what_was_centred():
    """Not only to what is centred."""

    def normalised(z):
        return (z - z.mean(axis=0)) / np.sqrt(z.var(axis=0) + 1e-5)

    found = words_of(joint, places(normalised, A, u=B), a=B / np.sqrt(A.var(axis=0) + 1e-5))
    assert found[0].startswith("mean and variance are taken for constants, on the way back through a normalisation, in")


@pytest.mark.parametrize(("off", "is_of"), [((), True), ((0,), False), ((11,), False)])
def test_every_value_is_that_of_the_function(off, is_of):
    """The first one is but looked at first: pieces of another function may follow."""
    (tanh,) = (a for a in ACTIVATIONS if a.name == "tanh")
    y = np.tanh(A)
    y.flat[list(off)] = 0.5
    assert functions._is_of(tanh, 1, A, y) is is_of
    assert functions._is_of(tanh, -1, -A, y) is is_of
