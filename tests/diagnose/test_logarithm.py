"""Is the derivative by the logarithm named, and no activation blamed for it?"""

from __future__ import annotations

import numpy as np
import pytest
from suspects import NOISE, D, E, suspect

from gradcheck import check_gradients
from gradcheck._diagnose.cause import Slip
from gradcheck._diagnose.logarithm import by_logarithm, by_logarithm_in_part

X = np.abs(D[:5]) + 0.1
BELOW_ONE = X / (1 + X.max())


@pytest.mark.parametrize(
    ("claim", "x", "words"),
    [
        (E * X, X, "is W times the measured value: the derivative by the logarithm of W where that by W itself is"),
        (E * D[:5], D[:5], "is W times the measured value: W is multiplied in once too often"),
        (-E * X, X, "is minus W times"),
        (np.log(10) * E * X, X, "is 2.30259 W times the measured value, ln 10: a logarithm to base 10"),
        (E / X, X, "is 1/W times the measured value: the derivative by e^W"),
        (E * np.exp(D[:5]), D[:5], "is e^W times the measured value"),
        (E * BELOW_ONE * (1 - BELOW_ONE), BELOW_ONE, "the derivative by the logit of W"),
    ],
)
def test_a_function_of_the_entry_is_named(claim, x, words):
    """With what it comes from."""
    found = by_logarithm(suspect(claim, values={"W": x}))
    assert found.kind is Slip.LOGARITHM
    assert words in found.sentence


@pytest.mark.parametrize(
    "evidence",
    [
        suspect(E * X),
        suspect(E * X * (1 + NOISE), values={"W": X}),
        suspect(E * X * 1.37, values={"W": X}),
        suspect(2 * E, values={"W": np.full((5, 5), 2.0)}),
        suspect(np.where(D[:5] > 0, E * D[:5], 0), np.where(D[:5] > 0, E, 0), values={"W": D[:5]}),
    ],
    ids=["no value", "noise", "another factor", "a constant", "a ReLU"],
)
def test_what_only_looks_like_it_is_left_to_others(evidence):
    """Nothing is guessed."""
    assert by_logarithm(evidence) is None


def test_of_a_function_the_logarithm_is_said_and_no_activation():
    """Where all entries are positive, x times the slope is what the ReLU itself would be as well."""
    x = np.array([0.3, 1.7, 2.2, 0.9])
    report = check_gradients(lambda x: np.sum(x**3), x, grad=lambda x: x * 3 * x**2)
    assert "the derivative by the logarithm of x" in report.diagnosis[0]
    assert not any("ReLU" in sentence for sentence in report.diagnosis)


def in_part(by, x):
    """Return a suspect of which the first entry alone has a factor, a function of it."""
    first = np.arange(E.size).reshape(E.shape) == 0
    return suspect(np.where(first, E * by(x), E), values={"W": x})


@pytest.mark.parametrize(
    ("by", "words"),
    [
        (lambda x: np.exp(-x), "[0,0]) are e^-W[0,0] times the measured value: the derivative by e^W[0,0] where"),
        (np.exp, "the derivative of an exponential of W[0,0] is taken twice"),
        (lambda x: x, "the derivative by the logarithm of W[0,0] where that by W[0,0] itself is meant"),
        (lambda x: 1 / x, "divided by W[0,0] once too often, or W[0,0] is left out"),
    ],
    ids=["logarithm", "twice", "by the logarithm", "divided"],
)
def test_one_entry_of_a_vector_may_be_a_logarithm(by, words):
    """As the last of a model's parameters often is, where the others are right."""
    found = by_logarithm_in_part(in_part(by, X))
    assert found.kind is Slip.LOGARITHM
    assert words in found.sentence


@pytest.mark.parametrize("by", [lambda x: 1.37 * x, lambda x: np.exp(-x) * (1 + 1e-4)], ids=["a factor", "nearly"])
def test_a_factor_of_one_entry_that_is_no_function_of_it_is_not_named(by):
    """One number is always some multiple of another; and of all entries others know."""
    assert by_logarithm_in_part(in_part(by, X)) is None
    assert by_logarithm_in_part(suspect(E * np.exp(-X), values={"W": X})) is None
