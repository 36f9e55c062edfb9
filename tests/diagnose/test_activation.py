"""Is the derivative of another function, or of none, recognised entry by entry?"""

from __future__ import annotations

import numpy as np
import pytest
from suspects import X, suspect

from gradcheck._diagnose.activation import derivative, untouched
from gradcheck._diagnose.cause import Slip

U = np.cos(np.arange(35.0)).reshape(7, 5)  # the cotangent


def layer(taken, meant):
    """Return the evidence of an input to which a slope is applied that is not the one meant."""
    return suspect(U * taken(X), U * meant(X), kind="input", values={"W": X})


def slope_of_tanh(x):
    return 1 - np.tanh(x) ** 2


@pytest.mark.parametrize(
    ("taken", "words"),
    [
        (np.ones_like, "the derivative of tanh is missing"),
        (lambda x: 1 - x * x, "pre- and post-activation mixed up"),
        (lambda x: slope_of_tanh(np.tanh(x)), "the derivative of tanh taken at the output"),
        (np.cos, "the derivative of sine where that of tanh is meant"),
    ],
    ids=["missing", "of the input", "at the output", "another's"],
)
def test_what_is_taken_for_a_derivative_is_named(taken, words):
    """Whatever came from above."""
    found = derivative(layer(taken, slope_of_tanh))
    assert found.kind is Slip.ACTIVATION
    assert words in found.sentence


@pytest.mark.parametrize(
    "taken",
    [lambda x: 2 * slope_of_tanh(x), lambda x: 0 * x, lambda x: slope_of_tanh(x) + 1e-3 * x],
    ids=["a factor", "zero", "noise"],
)
def test_what_is_no_derivative_is_left_to_others(taken):
    """A factor, zero and noise are no activation's."""
    assert derivative(layer(taken, slope_of_tanh)) is None


def test_two_entries_are_any_functions():
    """Of three it is shown."""
    many = {n: suspect(np.ones(n), slope_of_tanh(X.ravel()[:n]), values={"W": X.ravel()[:n]}) for n in (2, 3)}
    assert derivative(many[2]) is None
    assert derivative(many[3]).kind is Slip.ACTIVATION


def test_an_input_in_the_place_of_its_function_is_named():
    """In a term of the gradient, with the factor that it has; anything else that is missing is not."""
    values = {"W": X}
    mixed = suspect(U + 0.5 * X, U + 0.5 * np.tanh(X), values=values)
    assert untouched(mixed).kind is Slip.UNTOUCHED
    assert "0.5 times (tanh of the input, less the input)" in untouched(mixed).sentence
    assert untouched(suspect(U + 0.5 * X, U + 0.5 * np.arctan(X), values=values)) is None
