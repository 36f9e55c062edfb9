"""Names for the parts of one flat vector: the report says which parameter it is."""

from __future__ import annotations

import re

import numpy as np
import pytest

from gradcheck import InputError, Verdict, assert_gradients, check_gradients

Y = np.random.default_rng(0).normal(1, 2, size=30)
X = np.array([0.3, 1.3, 1.0, 2.0, 3.0])
NAMES = {"mu": 0, "sigma": 1, "beta": slice(2, None)}


def nll(params, y):
    mu, sigma = params[:2]
    return np.sum(((y - mu) / sigma) ** 2) / 2 + len(y) * np.log(sigma) + params[2:] @ params[2:]


def score(params, y):
    mu, sigma = params[:2]
    r = (y - mu) / sigma
    return np.r_[-r.sum() / sigma, (len(y) - r @ r) / sigma, 2 * params[2:]]


FORMS = {
    "a dict": NAMES,
    "a list": ["mu", "sigma", "beta", "beta", "beta"],
    "indices": {"mu": [0], "sigma": np.array([1]), "beta": [2, 3, 4]},
}


@pytest.mark.parametrize("names", FORMS.values(), ids=FORMS)
def test_the_wrong_parameter_is_named(names):
    """And the right ones beside it agree."""
    factor = np.array([1, 1.01, 1, 1, 2])
    found = check_gradients(nll, X, Y, grad=lambda p, y: factor * score(p, y), names=names)
    assert {e.name.removesuffix("[0]") for e in found.wrong} == {"params.sigma", "params.beta[2]"}
    right = assert_gradients(nll, X, Y, grad=score, names=names)
    assert [*right.tensors] == ["params.mu", "params.sigma", "params.beta"]


def test_other_ways_of_saying_it():
    """args=, the value beside the gradient, a pullback."""
    assert_gradients(nll, X, args=(Y,), grad=score, names=NAMES)
    assert_gradients(lambda p, y: (nll(p, y), score(p, y)), X, Y, value_and_grad=True, names=NAMES)
    alone = assert_gradients(lambda theta: theta @ theta, X, grad=lambda theta: 2 * theta, names=NAMES)
    assert [*alone.tensors] == ["theta.mu", "theta.sigma", "theta.beta"]
    assert_gradients(lambda theta: (theta @ theta, 2 * theta), X, value_and_grad=True, names=NAMES)
    assert_gradients(np.tanh, X, vjp=lambda x, v: v * (1 - np.tanh(x) ** 2), names=NAMES)


PARAMETRISATIONS = {
    "log(sigma)": lambda s: s,
    "sigma^2": lambda s: 1 / (2 * s),
    "1/sigma^2": lambda s: -(s**3) / 2,
    "the root of sigma": lambda s: 2 * np.sqrt(s),
}


@pytest.mark.parametrize(("words", "slope"), PARAMETRISATIONS.items(), ids=PARAMETRISATIONS)
def test_a_claim_that_is_right_for_another_parametrisation_says_so(words, slope):
    """By the chain rule."""
    found = check_gradients(nll, X, Y, grad=lambda p, y: score(p, y) * np.r_[1, slope(p[1]), 1, 1, 1], names=NAMES)
    assert found.verdict is Verdict.WRONG
    assert found.diagnosis[0].startswith(f"params.sigma: it is the derivative by {words}: right for that")


REFUSED = {
    "too few": ({"mu": 0}, "names= has to name each of the 5 entries once: entry 1 has no name"),
    "twice": ({"mu": 0, "all": slice(0, 5)}, "entry 0 has two names"),
    "too many": (list("abcdef"), "names= has to name each of the 5 entries once: 6 are named"),
    "text": ("mu", "names='mu': write a name for each entry, or a dict from names to indices and slices"),
    "beyond": ({"mu": 9}, "names={'mu': 9}: there are 5 entries; write an index, a slice or a list of indices"),
}


@pytest.mark.parametrize(("names", "message"), REFUSED.values(), ids=REFUSED)
def test_names_that_do_not_fit_are_refused(names, message):
    """With what to write."""
    with pytest.raises(InputError, match=re.escape(message)):
        check_gradients(nll, X, Y, grad=score, names=names)


def test_what_has_no_flat_vector_is_refused():
    """In the user's own call."""
    with pytest.raises(InputError, match=re.escape("write check_gradients(nll, x, ..., names={'mu': 0, ")):
        check_gradients(nll, np.eye(2), Y, grad=score, names=NAMES)
    with pytest.raises(InputError, match=re.escape("write check_gradients(nll, x, grad=g, names=...)")):
        check_gradients(nll, X, Y, names=NAMES)
    with pytest.raises(InputError, match=re.escape("grad= returned an array of shape (2,) where names= has 5 entries")):
        check_gradients(nll, X, Y, grad=lambda p, y: score(p, y)[:2], names=NAMES)
