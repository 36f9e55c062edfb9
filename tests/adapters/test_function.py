"""What NumPy's users hand in: each way of stating a gradient is understood, and a wrong one found in it."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import pytest

from gradcheck import InputError, Verdict, check_gradients
from gradcheck.networks import Array

RNG = np.random.default_rng(0)
X = RNG.normal(size=(3, 2))
W = RNG.normal(size=(2, 4))


def worst(report):
    return {name: t.verdict for name, t in report.tensors.items()}


def right(*names):
    return dict.fromkeys(names, Verdict.CORRECT)


FUNCTIONS = {
    "grad": lambda k: check_gradients(lambda x: float(np.sum(x**3)), X, grad=lambda x: k * 3 * x**2),
    "vjp": lambda k: check_gradients(lambda x: x**3, X, vjp=lambda x, u: k * 3 * x**2 * u),
    "value_and_grad": lambda k: check_gradients(lambda x: (float(np.sum(x**3)), k * 3 * x**2), X, value_and_grad=True),
}


@pytest.mark.parametrize("check", FUNCTIONS.values(), ids=FUNCTIONS)
@pytest.mark.parametrize("factor", [-1, 2, 0, 1 + 1e-4])
def test_a_wrong_gradient_of_a_function(check, factor):
    """In each of the three ways of stating it, every entry is found to be wrong."""
    report = check(factor)
    assert len(report.wrong) == X.size
    assert {e.tensor for e in report.wrong} == {"x"}


@pytest.mark.parametrize("check", FUNCTIONS.values(), ids=FUNCTIONS)
def test_a_right_gradient_of_a_function(check):
    """All of it is correct, and without a problem."""
    report = check(1)
    assert worst(report) == right("x")
    assert report.problems == ()


@pytest.mark.parametrize("wrong", ["a", "c"])
def test_of_several_arguments_the_wrong_one_is_named(wrong):
    """By its name in the signature; integers among them need no gradient."""
    factor = {"a": 1, "c": 1} | {wrong: -1}

    def f(a, k, c):
        return float(np.sum(a**k * c))

    def df(a, k, c):
        return factor["a"] * k * a ** (k - 1) * c, factor["c"] * a**k

    report = check_gradients(f, X + 3, 2, X.copy(), grad=df)
    assert {e.tensor for e in report.wrong} == {wrong}
    assert (
        worst(
            check_gradients(f, X + 3, 2, X.copy(), grad=lambda *args: (df(*args)[0] * factor["a"], None, args[0] ** 2))
        )["c"]
        is Verdict.CORRECT
    )


GRADIENTS = {
    "a tuple": lambda a, b: (b, a),
    "a list": lambda a, b: [b, a],
    "a dict of names": lambda a, b: {"b": a, "a": b},
}


@pytest.mark.parametrize("df", GRADIENTS.values(), ids=GRADIENTS)
def test_gradients_of_several_arguments(df):
    """As a tuple or a list in their order, or by name."""
    assert worst(check_gradients(lambda a, b: float(np.sum(a * b)), X, 2 * X, grad=df)) == right("a", "b")


def test_a_gradient_for_the_only_float_argument():
    """May stand alone, in a tuple of one, or in its place among Nones."""

    def f(x, n):
        return float(np.sum(x**n))

    for df in (
        lambda x, n: n * x ** (n - 1),
        lambda x, n: (n * x ** (n - 1),),
        lambda x, n: (n * x ** (n - 1), None),
    ):
        assert worst(check_gradients(f, X, 3, grad=df)) == right("x")


@dataclass(frozen=True)
class Gain:
    """A dataclass of arrays."""

    g: Array


def test_a_dict_of_arrays_brings_its_own_names():
    """And so does a dataclass; they are kinds of parameters, not inputs."""
    report = check_gradients(
        lambda p: float(np.sum((X @ p["W"] + p["b"]) ** 2)),
        {"W": W, "b": np.ones(4)},
        grad=lambda p: {"W": 2 * X.T @ (X @ p["W"] + p["b"]), "b": 2 * (X @ p["W"] + p["b"]).sum(axis=0)},
    )
    assert {n: (t.kind, t.verdict) for n, t in report.tensors.items()} == {
        "W": ("weight", Verdict.CORRECT),
        "b": ("bias", Verdict.CORRECT),
    }
    report = check_gradients(lambda s: float(np.sum(s.g**2)), Gain(W), grad=lambda s: replace(s, g=2 * s.g))
    assert worst(report) == right("g")


def test_several_gradients_for_one_argument_are_refused():
    """As a gradient and a diagonal of the Hessian, of the argument's own shape each, or of two shapes."""
    for beside in (np.ones_like(X), np.ones(3)):
        with pytest.raises(InputError, match="grad= returned 2 gradients for the one argument x; return dx alone"):
            check_gradients(lambda x: float(np.sum(x**2)), X, grad=lambda x, beside=beside: (2 * x, beside))
