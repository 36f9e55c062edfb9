"""Is the derivative with respect to the logarithm named, and no activation blamed for it?"""

from __future__ import annotations

from dataclasses import replace

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
        (
            E * X,
            X,
            "is W times the measured value: the derivative with respect to the logarithm of W instead of W itself",
        ),
        (E * D[:5], D[:5], "is W times the measured value: W is multiplied in once too often"),
        (-E * X, X, "is minus W times"),
        (np.log(10) * E * X, X, "is 2.30259 W times the measured value, ln 10: a logarithm to base 10"),
        (E / X, X, "is 1/W times the measured value: the derivative with respect to e^W"),
        (E * np.exp(D[:5]), D[:5], "is e^W times the measured value"),
        (E * BELOW_ONE * (1 - BELOW_ONE), BELOW_ONE, "the derivative with respect to the logit of W"),
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
    assert "the derivative with respect to the logarithm of x" in report.diagnosis[0]
    assert not any("ReLU" in sentence for sentence in report.diagnosis)


def in_part(by, x):
    """Return a suspect of which the first entry alone has a factor, a function of it."""
    first = np.arange(E.size).reshape(E.shape) == 0
    return suspect(np.where(first, E * by(x), E), values={"W": x})


@pytest.mark.parametrize(
    ("by", "words"),
    [
        (
            lambda x: np.exp(-x),
            "[0,0]) are e^-W[0,0] times the measured value: the derivative with respect to e^W[0,0] instead",
        ),
        (np.exp, "the derivative of an exponential of W[0,0] is taken twice"),
        (
            lambda x: x,
            "the derivative with respect to the logarithm of W[0,0] instead of W[0,0] itself",
        ),
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


def said_of(claim, right, x):
    found = by_logarithm(suspect(claim, right, values={} if x is None else {"W": x}))
    return found and found.sentence


@pytest.mark.parametrize(("entries", "told"), [(2, False), (3, True)])
def test_three_entries_that_move_show_a_function_of_the_entry(entries, told):
    """Of another size each: of one number all functions are factors."""
    assert (said_of(E[0, :entries] * X[0, :entries], E[0, :entries], X[0, :entries]) is not None) is told
    still = np.where(np.arange(5) < entries, E[0], 0.0)
    assert (said_of(still * X[0], still, X[0]) is not None) is told
    for off, apart in ((0.5e-6, False), (1e-3, True)):
        x = 300.0 * (1 + off * np.arange(5) / 4)
        assert (said_of(E[0] * x, E[0], x) is not None) is apart
        x = np.array([-1.0, 1.0, -1.0, 1.0, -1.0]) * x
        assert (said_of(E[0] * x, E[0], x) is not None) is apart
    assert said_of(E[0] * X[0], E[0], None) is None


def test_what_is_said_depends_on_the_signs_of_the_numbers():
    """Where all are positive it may be a logarithm; where some are zero instead of negative, a ReLU."""
    assert "the derivative with respect to the logarithm of W" in said_of(E * X, E, X)
    assert "W is multiplied in once too often" in said_of(E * D[:5], E, D[:5])
    cut = np.where(X > 0.8, X, 0.0)
    assert said_of(E * cut, E, cut) is None
    unit = np.linspace(0.1, 1.0, 5)
    assert said_of(E[0] * unit * (1 - unit), E[0], unit) is None
    inside = np.linspace(0.1, 0.95, 5)
    assert "the logit of W" in said_of(E[0] * inside * (1 - inside), E[0], inside)
    outside = np.linspace(0.1, 1.5, 5)
    assert said_of(E[0] * outside * (1 - outside), E[0], outside) is None


def test_a_factor_beside_the_function_must_be_a_known_one():
    """Or a sign; of claims that are none nothing is said."""
    assert "ln 10: a logarithm to base 10" in said_of(np.log(10) * E * X, E, X)
    assert "minus W times" in said_of(-E * X, E, X)
    assert said_of(1.37 * E * X, E, X) is None
    assert said_of(0 * E, E, X) is None
    assert said_of(np.where(np.arange(25).reshape(5, 5) == 3, np.nan, E * X), E, X) is None


@pytest.mark.parametrize(
    ("by", "words"),
    [
        (np.exp, "e^W[1] times the measured value: the derivative of an exponential of W[1] is taken twice"),
        (lambda x: np.exp(-x), "e^-W[1] times the measured value: the derivative with respect to e^W[1]"),
        (lambda x: x, "W[1] times the measured value: the derivative with respect to the logarithm of W[1]"),
        (lambda x: 1 / x, "1/W[1] times the measured value: divided by W[1] once too often"),
    ],
)
def test_one_of_several_numbers_may_be_a_logarithm(by, words):
    """Of a positive one; the others are as they were, whatever they are."""
    x, right = np.array([800.0, 1.7, -3.0]), np.array([1.0, 2.0, 3.0])
    claim = right.copy()
    claim[1] *= by(x[1])
    found = by_logarithm_in_part(suspect(claim, right, values={"W": x}))
    assert found.sentence.startswith(f"the wrong entries (in one entry, [1]) are {words}")
    if "logarithm" in words or "divided" in words:
        negative = np.array([800.0, -1.7, -3.0])
        claim[1] = right[1] * by(negative[1])
        assert by_logarithm_in_part(suspect(claim, right, values={"W": negative})) is None


@pytest.mark.parametrize(
    ("x", "by", "words"),
    [
        (
            1.3,
            lambda s: 0.5 / s,
            "it is 1/(2 s) times the measured value: the derivative with respect to the square of s, as",
        ),
        (
            1.3,
            lambda s: 2 * np.sqrt(s),
            "it is 2 sqrt(s) times the measured value: the derivative with respect to the square root",
        ),
        (
            -0.7,
            lambda s: np.exp(-s),
            "it is e^-s times the measured value: the derivative with respect to e^s instead of s",
        ),
    ],
)
def test_of_one_number_it_may_be_the_derivative_by_a_function_of_it(x, by, words):
    """A standard deviation, a variance, and their logarithm."""
    report = check_gradients(lambda s: np.sin(3 * s) / 3, np.array(x), grad=lambda s: by(s) * np.cos(3 * s))
    assert words in report.diagnosis[0]


def test_what_is_too_small_to_be_squared_is_no_multiple():
    """Slopes of 1e-170, whose squares are zero: there is nothing to divide by."""
    evidence = suspect(1e-170 * E * X, 1e-170 * E, values={"W": X})
    assert by_logarithm(replace(evidence, slack=0 * evidence.slack)) is None
