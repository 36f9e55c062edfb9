"""Is a mistake in the backward of a hidden layer recognised in the weights below it?"""

from __future__ import annotations

from dataclasses import replace
from functools import cache

import numpy as np
import pytest
from mistakes import MISTAKES
from suspects import met, spoilt

from gradcheck._diagnose.cause import Slip
from gradcheck._diagnose.hidden_layer import hidden


@cache
def evidence(name):
    case = MISTAKES[name]
    return next(e for e in met(case.f, *case.args, **case.keywords) if e.name == "W1")


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("the derivative of tanh missing", "the derivative of tanh is missing: the cotangent is passed on unchanged"),
        ("weights not transposed", "the weights of the layer above where their transpose is meant"),
    ],
)
def test_what_the_backward_took_is_named(name, words):
    """With the network as which the tensors were read."""
    found = hidden(evidence(name))
    assert found.kind is Slip.HIDDEN_LAYER
    assert found.sentence == f"{words} (in f(X W1 + b1) W2)"


def test_a_claim_that_fits_no_mistake_is_left_to_others():
    """Noise in the slope, or in the claim."""
    assert hidden(evidence("noise in everything")) is None
    assert hidden(spoilt(evidence("the derivative of tanh missing"))) is None


def test_one_weight_of_a_unit_is_no_slope(monkeypatch):
    """Of whose weights all are wrong: nothing is fitted then, which takes long."""
    whole = evidence("the derivative of tanh missing")
    claim = whole.estimate.copy()
    claim[0, 0] *= 2
    lone = replace(whole, claim=claim, wrong=claim != whole.estimate)
    monkeypatch.setattr("gradcheck._diagnose.hidden_layer._readings", lambda _: pytest.fail("it was read"))
    assert hidden(lone) is None


def test_an_input_has_no_layer_below():
    """Nor has a bias."""
    found = evidence("the derivative of tanh missing")
    assert hidden(replace(found, kind="input")) is None
    assert hidden(replace(found, claim=np.ones(5))) is None


def test_a_constant_factor_needs_no_layer():
    """Of which nobody knows where it comes from: a supposed layer would explain no more."""
    found = evidence("the derivative of tanh missing")
    assert hidden(replace(found, claim=1.00001 * found.estimate)) is None
