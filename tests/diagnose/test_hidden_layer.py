"""Is a mistake in the backward of a hidden layer recognised in the weights below it?"""

from __future__ import annotations

from dataclasses import replace
from functools import cache

import numpy as np
import pytest
from mistakes import MISTAKES
from suspects import met, spoilt, suspect

from gradcheck._diagnose import hidden_layer as module
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


def network(examples, outputs=2, bias=True, taken=np.ones_like, noise=0.0, turned=False, slope=lambda h: 1 - h * h):
    """Return the evidence of the weights below a tanh, in whose backward another slope was taken."""
    rng = np.random.default_rng(8)
    x, W, V = rng.normal(size=(examples, 4)), rng.normal(size=(4, 3)), rng.normal(size=(3, outputs))
    b, dy = rng.normal(size=3) * bias, rng.normal(size=(examples, outputs))
    h = np.tanh(x @ W + b)

    def below(s):
        return x.T @ ((dy @ V.T) * s)

    right = below(slope(h))
    claim = below(taken(h)) * (1 + noise * rng.uniform(0.5, 1, right.shape))
    estimates = {"W": right, "V": (h.T @ dy).T if turned else h.T @ dy}
    values = {"W": W, "V": V.T if turned else V}
    if bias:
        values["b"], estimates["b"] = b, ((dy @ V.T) * slope(h)).sum(axis=0)
    return suspect(claim, right, values=values, estimates=estimates, data={"x": x})


@pytest.mark.parametrize("bias", [True, False])
@pytest.mark.parametrize("turned", [True, False])
def test_as_which_network_the_tensors_are_read(bias, turned):
    """With a bias or without, the weights above written either way."""
    found = hidden(network(8, bias=bias, turned=turned))
    words = f"in f(x W{' + b' if bias else ''}) V{'.T' if turned else ''}"
    assert found.sentence == f"the derivative of tanh is missing: the cotangent is passed on unchanged ({words})"


@pytest.mark.parametrize(
    ("examples", "bias", "told"), [(14, True, True), (15, True, False), (12, False, True), (13, False, False)]
)
def test_there_are_more_equations_than_unknowns(examples, bias, told):
    """Five more: what is claimed of W and measured of W, V and b, for two numbers of each example."""
    assert (hidden(network(examples, bias=bias)) is not None) is told


@pytest.mark.parametrize(("noise", "fits"), [(1e-7, True), (1e-4, False)])
def test_a_fit_leaves_a_millionth(noise, fits):
    """Of the claims."""
    assert (hidden(network(8, noise=noise)) is not None) is fits


def test_what_was_not_measured_is_no_equation():
    """Of the tensor itself, of the weights above, or of the bias; nor is anything read where nothing is known."""
    found = network(8)
    assert hidden(replace(found, value=None)) is None
    assert hidden(replace(found, claim=found.claim[0], estimate=found.estimate[0], wrong=found.wrong[0])) is None
    hole = found.estimate.copy()
    hole[0, 0] = np.nan
    assert hidden(replace(found, estimate=hole)) is None
    for name in ("V", "b"):
        estimates = {n: e.copy() for n, e in found.context.estimates.items()}
        estimates[name].flat[0] = np.nan
        other = replace(found, context=replace(found.context, estimates=estimates))
        assert hidden(other) is None
    without = {name: value for name, value in found.context.estimates.items() if name != "V"}
    assert hidden(replace(found, context=replace(found.context, estimates=without))) is None


@pytest.mark.parametrize(("wrong", "asked"), [(2, True), (1, False)])
def test_half_of_the_weights_of_a_unit_are_wrong(wrong, asked):
    """If its slope is; of those that move."""
    found = network(8)
    off = np.zeros((4, 3), dtype=bool)
    off[:wrong, 0] = True
    assert module._by_units(replace(found, wrong=off)) is asked
    still = replace(found, wrong=off, estimate=np.where(np.arange(4)[:, None] >= 2 * wrong, 0.0, found.estimate))
    assert module._by_units(still)
