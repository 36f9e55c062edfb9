"""Gradients in another metric: forces, and what represents the derivative in an inner product."""

from __future__ import annotations

import re

import numpy as np
import pytest

from gradcheck import InputError, Verdict, assert_gradients, check_gradients

X = np.array([0.4, -1.1, 0.7])
M = np.array([[2.0, 1, 0], [1, 3, 0], [0, 0, 4]])


def f(x):
    return float(np.sum(np.exp(x)))


FORMS = {"a matrix": M, "a function": lambda v: M @ v, "a list": M.tolist()}


@pytest.mark.parametrize("inner", FORMS.values(), ids=FORMS)
def test_the_gradient_represents_the_derivative(inner):
    """M times it is the derivative; sparse matrices and operators have products too."""
    assert_gradients(f, X, grad=lambda x: np.linalg.solve(M, np.exp(x)), inner=inner)
    wrong = check_gradients(f, X, grad=lambda x: np.linalg.solve(M, np.exp(x) * [1, 1, 2]), inner=inner)
    assert [e.name for e in wrong.wrong] == ["x[2]"]


CLAIMED = {
    "value and gradient": lambda g: (lambda x: (f(x), g(x)), {"value_and_grad": True}),
    "jac=True": lambda g: (lambda x: (f(x), g(x)), {"jac": True}),
    "jac=": lambda g: (f, {"jac": g}),
}


@pytest.mark.parametrize("claimed", CLAIMED.values(), ids=CLAIMED)
def test_a_gradient_may_be_claimed_in_other_words(claimed):
    """As SciPy takes it."""
    model, keywords = claimed(lambda x: np.exp(x) / 2)
    assert_gradients(model, X, inner=2.0, **keywords)
    model, keywords = claimed(np.exp)
    assert check_gradients(model, X, inner=2.0, **keywords).verdict is Verdict.WRONG


def test_complex_gradients_stay_complex():
    """A cast to real numbers made right ones wrong."""
    z = X + 1j * X[::-1]
    power = lambda z: float(np.sum(np.abs(z) ** 2))  # noqa: E731
    assert_gradients(power, z, grad=lambda z: 2 * np.linalg.solve(M, z), inner=M)
    assert check_gradients(power, z, grad=lambda z: 2 * z, inner=M).verdict is Verdict.WRONG


def test_the_derivative_itself_is_recognised():
    """Riesz' map is forgotten."""
    found = check_gradients(f, X, grad=np.exp, inner=M)
    assert found.verdict is Verdict.WRONG
    (said,) = found.diagnosis  # and not that its cause is unknown
    assert said.startswith("x: the claim is the derivative itself, not what represents it")


def test_sparse_matrices_and_operators():
    """Of SciPy."""
    sparse = pytest.importorskip("scipy.sparse")
    linalg = pytest.importorskip("scipy.sparse.linalg")
    for inner in (sparse.csr_matrix(M), linalg.aslinearoperator(M)):
        assert_gradients(f, X, grad=lambda x: np.linalg.solve(M, np.exp(x)), inner=inner)


@pytest.mark.parametrize("weights", [0.1, np.array([0.5, 1.0, 2.0])], ids=["number", "vector"])
def test_weights_of_a_grid(weights):
    """One for all, or one for each entry: a diagonal M; the derivative itself is wrong, and recognised."""
    assert_gradients(f, X, grad=lambda x: np.exp(x) / weights, inner=weights)
    found = check_gradients(f, X, grad=np.exp, inner=weights)
    assert found.wrong
    assert "the claim is the derivative itself" in found.diagnosis[0]


def test_forces_are_minus_the_gradient():
    """The sign is that of physics; a factor of units is named."""
    report = assert_gradients(f, X, forces=lambda x: -np.exp(x))
    assert report.notes[-1] == "claimed is minus the forces, which is the gradient of the energy"
    signed = check_gradients(f, X, forces=np.exp)
    assert signed.diagnosis[0].startswith("x: every entry is minus the measured value")
    units = check_gradients(f, X, forces=lambda x: -np.exp(x) * 27.2113862)
    assert "eV" in units.diagnosis[0]


REFUSED = {
    "nothing": ({"forces": lambda x: None}, "forces= returned nothing; return minus the gradient of the energy"),
    "no function": ({"forces": X}, "forces= is a ndarray; write forces=F, a function of the arguments of f"),
    "both": ({"forces": f, "grad": f}, "forces= and grad= mean the same"),
    "another size": ({"grad": np.exp, "inner": np.eye(2)}, "give M of shape (3, 3)"),
    "no metric": ({"grad": np.exp, "inner": "L2"}, "inner= is a str; give a positive number, weights, a matrix M, or"),
    "negative": ({"grad": np.exp, "inner": -1.0}, "inner= has to be positive: <v, v> is the square of a length"),
    "negative for this one": (
        {"grad": lambda x: -np.linalg.solve(M, np.exp(x)), "inner": -M},
        "inner= is not positive, and so no inner product",
    ),
    "of two vectors": (
        {"grad": np.exp, "inner": lambda u, v: u @ M @ v},
        "inner= is called as inner(v), and f(u, v) cannot be; write inner=lambda v: f(...)",
    ),
    "other weights": (
        {"grad": np.exp, "inner": np.ones(2)},
        "inner= has 2 weights; the gradient has 3 entries; give one weight for each",
    ),
    "not symmetric": ({"grad": np.exp, "inner": np.triu(np.ones((3, 3)))}, "inner= is a matrix that is not symmetric"),
    "no gradient": ({"inner": M}, "write check_gradients(f, x, grad=g, inner=M)"),
}


@pytest.mark.parametrize(("keywords", "message"), REFUSED.values(), ids=REFUSED)
def test_what_cannot_be_so_is_refused(keywords, message):
    """With what to write."""
    with pytest.raises(InputError, match=re.escape(message)):
        check_gradients(f, X, **keywords)
