"""Is a factor read as what another function of the value would have brought in, and no other as that?"""

from __future__ import annotations

import numpy as np
import pytest

from gradcheck import check_gradients

X = np.array([[0.3, -0.7], [1.1, 0.4], [-0.2, 0.9]])


def value(w):
    """A number that is neither whole nor a half."""
    return 1.3 + np.sum(np.sin(X @ w))


def slope(w):
    """Its gradient."""
    return X.T @ np.cos(X @ w)


TAKEN_FOR = {
    "2 f with f = 1.59571": (lambda f: 2 * f, "the gradient of f^2"),
    "f with f = 1.59571": (lambda f: f, "the gradient of f^2/2"),
    "1/f with": (lambda f: 1 / f, "the gradient of log f"),
    "-1/f with": (lambda f: -1 / f, "the gradient of minus log f"),
    "1/(2 sqrt f) with": (lambda f: 0.5 / np.sqrt(f), "the gradient of the square root of f"),
    "e^f with": (np.exp, "the gradient of e^f"),
    "-e^-f with": (lambda f: -np.exp(-f), "the gradient of e^-f"),
    "-1/f^2 with": (lambda f: -1 / f**2, "the gradient of 1/f"),
}


@pytest.mark.parametrize("written", TAKEN_FOR)
def test_the_gradient_of_another_function_of_the_value_is_named(written):
    """A likelihood for its logarithm, a mean square for its root."""
    derivative, taken = TAKEN_FOR[written]
    w = np.array([0.4, -0.3])
    report = check_gradients(value, w, grad=lambda w: derivative(value(w)) * slope(w))
    assert written in report.diagnosis[0]
    assert report.diagnosis[0].endswith(taken)


def test_a_factor_that_is_a_little_different_is_not():
    """Nor is one where the value is a whole number, which has many origins."""
    w = np.array([0.4, -0.3])
    odd = check_gradients(value, w, grad=lambda w: 1.001 * value(w) * slope(w))
    assert odd.diagnosis[0].endswith("a constant factor wrong or forgotten")
    shift = 3 - value(w)
    whole = check_gradients(lambda w: value(w) + shift, w, grad=lambda w: 9 * slope(w))
    assert whole.diagnosis[0].endswith("a constant factor wrong or forgotten")


def test_a_right_one_and_several_outputs_are_asked_nothing():
    """Each output has a value of its own."""
    w = np.array([0.4, -0.3])
    assert not check_gradients(value, w, grad=slope).diagnosis
    report = check_gradients(lambda w: np.sin(X @ w), w, vjp=lambda w, u: 1.7 * X.T @ (u * np.cos(X @ w)))
    assert report.diagnosis[0].endswith("a constant factor wrong or forgotten")
