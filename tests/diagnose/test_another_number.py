"""Is the number named that is another one on the way back, and nothing where several things are wrong?"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from suspects import met, spoilt

from gradcheck import Verdict, check_gradients
from gradcheck._diagnose import another_number
from gradcheck._diagnose.another_number import otherwise
from gradcheck._diagnose.cause import Slip

RNG = np.random.default_rng(3)
X, W = 1.5 * RNG.normal(size=6), RNG.normal(size=6)
C = RNG.normal(size=(4, 6))
TEMPERATURE = 2.5


def softmax(z):
    e = np.exp(z - z.max())
    return e / e.sum()


def tempered(z, t=TEMPERATURE):
    y = softmax(z / t)
    return y * (W - W @ y) / t


def root(x):
    return np.sqrt(np.sum(x**2) + 1e-2)


def normed(x, eps):
    return (x - x.mean()) / np.sqrt(x.var() + eps)


def back(x, eps):
    y, d = normed(x, eps), W * (1 - np.tanh(normed(x, eps)) ** 2)
    return (d - d.mean() - y * (d * y).mean()) / np.sqrt(x.var() + eps)


def shifted(x, by):
    return W * (1 - np.tanh(x + by) ** 2)


CASES = {
    "an epsilon under a root": (root, lambda x, e=0.0: x / np.sqrt(x @ x + e), 1e-2, "without 0.01, in np.sum(x**2)"),
    "that of a norm, another": (
        lambda x: W @ np.tanh(normed(x, 1e-3)),
        lambda x, e=1e-5: back(x, e),
        1e-3,
        "with 1e-05 in the place of eps = 0.001, in x.var() + eps",
    ),
    "a temperature": (
        lambda x: W @ softmax(x / TEMPERATURE),
        lambda x, t=2.0: tempered(x, t),
        2.5,
        "with 2 in the place of TEMPERATURE = 2.5, in x / TEMPERATURE",
    ),
    "an exponent": (
        lambda x: np.sum(np.abs(x) ** 2.5),
        lambda x, p=2.0: p * np.abs(x) ** (p - 1) * np.sign(x),
        2.5,
        "with 2 in the place of 2.5, in np.abs(x) ** 2.5",
    ),
    "a sign": (lambda x: W @ np.tanh(x - 0.5), lambda x, by=0.5: shifted(x, by), -0.5, "with -0.5, in x - 0.5"),
    "nothing": (lambda x: W @ np.tanh(x - 0.5), lambda x, by=0.0: shifted(x, by), -0.5, "without 0.5, in x - 0.5"),
}


@pytest.mark.parametrize("name", CASES)
def test_it_is_named(name):
    """With what would stand in its place, and where it stands."""
    f, grad, _, words = CASES[name]
    report = check_gradients(f, X, grad=grad)
    assert report.verdict is Verdict.WRONG
    assert f"it would be right {words}" in report.diagnosis[0]


@pytest.mark.parametrize("name", CASES)
def test_the_right_number_passes(name):
    """Of each of these functions."""
    f, grad, right, _ = CASES[name]
    assert check_gradients(f, X, grad=lambda x: grad(x, right)).verdict is Verdict.CORRECT


def evidence():
    f, grad, *_ = CASES["a temperature"]
    (found,) = met(f, X, grad=grad)
    return found


def test_another_axis_is_named():
    """The statistics of the batch in the place of those of an example."""

    def normal(X, axis):
        return (X - X.mean(axis, keepdims=True)) / np.sqrt(X.var(axis, keepdims=True) + 1e-3)

    def back(X, axis):
        y, std = normal(X, axis), np.sqrt(X.var(axis, keepdims=True) + 1e-3)
        return (C - C.mean(axis, keepdims=True) - y * (C * y).mean(axis, keepdims=True)) / std

    def f(X):
        return np.sum(C * normal(X, 1))

    report = check_gradients(f, C[::-1] ** 2, grad=lambda X: back(X, 0))
    assert "X: it would be right along axis 0 in the place of 1, in X.mean(axis" in report.diagnosis[0]
    assert check_gradients(f, C[::-1] ** 2, grad=lambda X: back(X, 1)).verdict is Verdict.CORRECT


def test_what_is_nearly_so_is_left_to_others():
    """By some per mille; where too few entries are wrong any number fits, and a multiple may be made by many."""
    found = evidence()
    assert otherwise(found).kind is Slip.ANOTHER_NUMBER
    assert otherwise(spoilt(found)) is None
    few = np.arange(6) < 2
    assert otherwise(replace(found, wrong=few, right=~few)) is None
    assert otherwise(replace(found, claim=0.37 * found.estimate)) is None


def test_two_numbers_at_once_are_not_one():
    """Nothing is said of either."""
    (found,) = met(lambda x: W @ np.tanh(1.7 * x - 0.5), X, grad=lambda x: 1.5 * W * (1 - np.tanh(1.5 * x) ** 2))
    assert otherwise(found) is None


def test_one_that_explains_every_tensor_comes_first():
    """Here both are in the line, and only the second reaches b."""

    def f(a, b):
        return np.sum(np.tanh(a * 1.5 + b * 0.8) * W)

    def grad(a, b):
        d = W * (1 - np.tanh(a * 1.5 + b * 0.3) ** 2)
        return 1.5 * d, 0.3 * d

    report = check_gradients(f, X, C[0], grad=grad)
    assert "every tensor: it would be right with 0.3 in the place of 0.8, in b * 0.8" in report.diagnosis[0]


def test_a_number_beyond_which_there_is_nothing_is_approached(monkeypatch):
    """A logarithm of what is negative is no number: half of the change is tried; it is given up after some."""
    f, grad = (lambda x: W @ np.log(x + 5.0)), (lambda x: W / (x + 3.41))
    (found,) = met(f, np.abs(X) - 3.4, grad=grad)
    assert "with 3.41 in the place of 5" in otherwise(found).sentence
    monkeypatch.setattr(another_number, "CHANGES", 2)
    assert otherwise(found) is None


@pytest.mark.parametrize("limit", ["NUMBERS", "REPLAYED"])
def test_not_all_numbers_of_a_long_function_are_tried(monkeypatch, limit):
    """Nor any, where each run is long."""
    found = evidence()
    monkeypatch.setattr(another_number, limit, 0)
    assert otherwise(found) is None
