"""A function that returns its cache beside its output is told from a gradient that raises."""

from __future__ import annotations

import numpy as np
import pytest

from gradcheck import InputError, Verdict, assert_gradients, check_gradients
from gradcheck._adapters.cache import pulled
from gradcheck._results.errors import CallError

X = np.array([0.1, 0.2, 0.3])
W = np.ones((3, 4))


def back(x, v):
    return v * (1 - np.tanh(x) ** 2)


def kept(cache):
    def forward(x):
        return np.tanh(x), cache(x)

    return forward


CACHES = {
    "a dict": lambda x: {"x": x},
    "a tuple": lambda x: (x, np.ones(2)),
    "a mask": lambda x: x > 0,
    "nothing": lambda _: None,
}


@pytest.mark.parametrize("cache", CACHES.values(), ids=CACHES)
def test_a_cache_beside_the_output_is_the_functions(cache):
    """What is to be written stands in the message, and the exception of the gradient is its cause."""
    said = r"the function returned a tuple of 2.*write check_gradients\(lambda \*args: forward\(\*args\)\[0\], x, vjp="
    with pytest.raises(CallError, match=said) as raised:
        check_gradients(kept(cache), X, vjp=back)
    assert isinstance(raised.value.__cause__, ValueError)
    assert_gradients(lambda *args: kept(cache)(*args)[0], X, vjp=back)


def test_a_cache_that_the_gradient_makes_an_array_with():
    """It is as long as the output: nothing raises, and the gradient has an axis too many."""
    with pytest.raises(InputError, match=r"the function returned a tuple of 2.*an array of shape \(2, 3\)"):
        check_gradients(kept(lambda x: x), X, vjp=back)


def test_a_cache_of_several_arguments():
    """As the first forward of a course has it."""

    def affine(x, w):
        return x @ w, (x, w)

    with pytest.raises(CallError, match=r"lambda \*args: affine\(\*args\)\[0\], x, w, vjp=..."):
        check_gradients(affine, np.ones((2, 3)), W, vjp=lambda x, w, v: (v @ w.T, x.T @ v))


@pytest.mark.parametrize("cache", [{"x": X}, X], ids=["a dict", "an array"])
def test_a_number_beside_its_cache(cache):
    """Where grad= promises one number."""
    with pytest.raises(InputError, match=r"the rest a cache, write `lambda \*args: f\(\*args\)\[0\]`"):
        check_gradients(lambda x: (x @ x, cache), X, grad=lambda x: 2 * x)


@pytest.mark.parametrize("factor", [1.0, 2.0])
def test_several_outputs_are_several_outputs(factor):
    """Where the pullback takes a cotangent for each."""
    report = check_gradients(lambda x: (np.tanh(x), x**2), X, vjp=lambda x, v: back(x, v[0]) + factor * 2 * x * v[1])
    assert report.verdict is (Verdict.CORRECT if factor < 2 else Verdict.WRONG)


def test_one_output_is_handed_on():
    """And whatever is raised is left alone."""
    assert pulled(back, (X,), X, "f", ["x"]) is not None
    with pytest.raises(ZeroDivisionError):
        pulled(lambda x, v: 1 / 0, (X,), X, "f", ["x"])


@pytest.mark.parametrize("outputs", [3, 2])
def test_a_jacobian_is_no_pullback(outputs):
    """It is wrong, also where it would fit by broadcasting, and the message says what it would be right for."""
    a = np.arange(1.0, 1.0 + 2 * outputs).reshape(outputs, 2)
    report = check_gradients(lambda x: a @ x**2, np.ones(2), vjp=lambda x, v: 2 * a * x)
    assert report.verdict is Verdict.WRONG
    assert "for the Jacobian itself write jac=" in report.problems[0].sentence
    assert_gradients(lambda x: a @ x**2, np.ones(2), vjp=lambda x, v: (2 * a * x).T @ v)
    assert_gradients(lambda x: a @ x**2, np.ones(2), jac=lambda x: 2 * a * x)
