"""How a claim is called: a linear map's pullback with the cotangent alone, a ufunc element by element."""

from __future__ import annotations

import re

import numpy as np
import pytest

from gradcheck import InputError, Verdict, assert_gradients, check_gradients

RNG = np.random.default_rng(0)
A = RNG.normal(size=(6, 4))
X = RNG.normal(size=4)


def test_a_pullback_that_takes_the_cotangent_alone():
    """Of a linear map that is all there is to know."""
    assert_gradients(lambda x: A @ x, X, vjp=lambda u: A.T @ u)
    found = check_gradients(lambda x: A @ x, X, vjp=lambda u: A.T @ u * np.array([1, 1, 2, 1]))
    assert [e.name for e in found.wrong] == ["x[2]"]


def test_methods_of_an_operator():
    """SciPy's matvec and rmatvec."""
    op = pytest.importorskip("scipy.sparse.linalg").aslinearoperator(A)
    assert_gradients(op.matvec, X, vjp=op.rmatvec)


def test_a_ufunc_has_its_derivative_element_by_element():
    """And its own name."""
    assert assert_gradients(np.sin, X, grad=np.cos).name == "sin"
    assert check_gradients(np.tanh, X, grad=lambda x: 1 - np.tanh(x)).verdict is Verdict.WRONG
    two = {"grad": lambda x, y: (x / np.hypot(x, y), y / np.hypot(x, y))}
    assert_gradients(np.hypot, X, X + 3, **two)
    assert_gradients(np.hypot, RNG.normal(size=(2, 1)), RNG.normal(size=3), **two)


REFUSED = {
    "grad": (
        {"grad": lambda x: x},
        "grad= is called as grad(x, y), and f(x) cannot be; write grad=lambda x, y: f(...)",
    ),
    "vjp": (
        {"vjp": lambda a, b, c, d: a},
        "vjp= is called as vjp(x, y, v), and f(a, b, c, d) cannot be; write vjp=lambda x, y, v: f(...), where v is",
    ),
}


@pytest.mark.parametrize(("claim", "message"), REFUSED.values(), ids=REFUSED)
def test_what_cannot_be_called_so_is_refused(claim, message):
    """With the call that is wanted, in the user's names."""
    with pytest.raises(InputError, match=re.escape(message)):
        check_gradients(lambda x, y: x @ y, X, X, **claim)
