"""What is handed in as a Hessian: held against differences of the claimed gradient, entry by entry."""

from __future__ import annotations

import re

import numpy as np
import pytest

from gradcheck import InputError, Verdict, assert_gradients, check_gradients

X = np.array([0.4, -1.1, 0.7])


def f(x):
    return float(np.sum(np.exp(x)) + x[0] * x[1] * x[2])


def df(x):
    return np.exp(x) + np.prod(x) / x


def hess(x):
    off = np.prod(x) / np.outer(x, x)
    return np.diag(np.exp(x)) + off - np.diag(np.diag(off))


def wrong(x):
    H = hess(x)
    H[0, 2] *= 1.01
    return H


CLAIMS = {"hess": lambda h: {"hess": h}, "hessp": lambda h: {"hessp": lambda x, p: h(x) @ p}}


@pytest.mark.parametrize("claim", CLAIMS.values(), ids=CLAIMS)
@pytest.mark.parametrize("order", [1, 2])
def test_the_wrong_entry_is_named(claim, order):
    """Gradient and Hessian stand in one report, and a lack of symmetry is said."""
    found = check_gradients(f, X, grad=df, order=order, **claim(wrong))
    assert [e.name for e in found.wrong] == ["H[0,2]"]
    assert found.tensors["x"].verdict is Verdict.CORRECT
    assert found.diagnosis[0].startswith("it is not symmetric, as it must be: H[0, 2] = ")
    right = assert_gradients(f, X, grad=df, order=order, **claim(hess))
    assert {*right.tensors} == {"x", "H"}


def test_a_wrong_gradient_beside_a_hessian_that_is_its_derivative():
    """The gradient alone is wrong."""
    found = check_gradients(f, X, grad=lambda x: 2 * df(x), hess=lambda x: 2 * hess(x))
    assert {e.tensor for e in found.wrong} == {"x"}


def test_further_arguments_come_after_the_vector():
    """As SciPy calls them."""
    found = assert_gradients(
        lambda x, a: a * f(x), X, args=(3.0,), grad=lambda x, a: a * df(x), hessp=lambda x, p, a: a * hess(x) @ p
    )
    assert found.tensors["H"].verdict is Verdict.CORRECT


def test_data_may_stand_before_the_vector():
    """As its name tells."""
    right = {"grad": lambda x, a: a * df(x), "hessp": lambda x, a, p: a * hess(x) @ p}
    assert_gradients(lambda x, a: a * f(x), X, args=(3.0,), **right)


def test_what_is_called_otherwise_is_refused():
    """In the names of the function."""
    call = "hessp= is called as hessp(x, p, a), and f(x) cannot be; write hessp=lambda x, p, a: f(...)"
    with pytest.raises(InputError, match=re.escape(call)):
        check_gradients(lambda x, a: a * f(x), X, args=(3.0,), grad=lambda x, a: a * df(x), hessp=lambda x: x)
    with pytest.raises(InputError, match=re.escape("H has shape (2, 2) where (3, 3) is needed")):
        check_gradients(f, X, grad=df, hess=np.eye(2))


def test_half_of_a_hessian_is_said_to_be_that():
    """Solvers want one triangle, and this is the whole."""
    found = check_gradients(f, X, grad=df, hess=lambda x: np.tril(hess(x)))
    assert found.diagnosis[0] == "only the lower triangle of H is filled"


def test_without_a_gradient_there_is_nothing_to_hold_it_against():
    """The message quotes the call; order=2 without a Hessian asks for one."""
    with pytest.raises(InputError, match=re.escape("hess= and hessp= mean the same; give one of them")):
        check_gradients(f, X, grad=lambda x: x, hess=lambda x: np.eye(3), hessp=lambda x, p: p)
    with pytest.raises(InputError, match=re.escape("write check_gradients(f, x, grad=g, hess=...)")):
        check_gradients(f, X, hess=hess)
    with pytest.raises(InputError, match=re.escape("hessp= is a ndarray; write hessp=lambda x, p: H(x) @ p")):
        check_gradients(f, X, grad=df, hessp=hess(X))
    with pytest.raises(InputError, match=re.escape("check_gradients(f, x, grad=g, hess=H), or hessp=Hp")):
        check_gradients(f, X, grad=df, order=2)
    assert_gradients(lambda x: (f(x), df(x)), X, value_and_grad=True, hess=hess)


def test_it_is_called_a_hessian():
    """And the Jacobian of several outputs a Jacobian."""
    assert assert_gradients(f, X, grad=df, hess=hess).tensors["H"].kind == "hessian"
    assert assert_gradients(np.sin, X, jac=lambda x: np.diag(np.cos(x))).tensors["J"].kind == "jacobian"
