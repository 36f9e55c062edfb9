"""Constraints of SciPy, as dicts and objects: each claim of them is checked."""

from __future__ import annotations

import re

import numpy as np
import pytest

from gradcheck import InputError, Verdict, assert_gradients, check_gradients

X = np.array([0.4, -1.1, 0.7])


def f(x):
    return np.array([x[0] ** 2 + x[1], np.exp(x[2]) * x[0]])


def jac(x):
    return np.array([[2 * x[0], 1, 0], [np.exp(x[2]), 0, np.exp(x[2]) * x[0]]])


def hess(x, v):
    mixed = np.array([[0, 0, 1], [0, 0, 0], [1, 0, x[0]]])
    return v[0] * np.diag([2.0, 0, 0]) + v[1] * np.exp(x[2]) * mixed


def off(x):
    return jac(x) * [[1, 1, 1], [1, 1, 1.01]]


def constraint(**more):
    return pytest.importorskip("scipy.optimize").NonlinearConstraint(f, 0, 1, **more)


def test_a_dict_of_function_and_jacobian():
    """As minimize takes its constraints; with arguments of its own."""
    assert_gradients({"type": "eq", "fun": f, "jac": jac}, X)
    assert [e.name for e in check_gradients({"type": "eq", "fun": f, "jac": off}, X).wrong] == ["J[1,2]"]
    assert_gradients({"fun": lambda x: float(x @ x), "x0": X, "jac": lambda x: 2 * x})
    scaled = {"fun": lambda x, a: a * float(x @ x), "jac": lambda x, a: 2 * a * x, "args": (3.0,)}
    assert [*assert_gradients(scaled, X).tensors] == ["x"]


def test_a_product_with_the_hessian_and_constraints_are_looked_at_too():
    """All that minimize would be given in one dict; data may be one number or a list."""
    of = {"fun": lambda x: float(np.sum(x**4)), "jac": lambda x: 4 * x**3}
    right = {**of, "hessp": lambda x, p: 12 * x**2 * p, "constraints": [{"type": "eq", "fun": f, "jac": jac}]}
    assert {*assert_gradients(right, X).tensors} == {"x", "H", "J"}
    assert "H[2,2]" in {e.name for e in check_gradients({**right, "hessp": lambda x, p: x**2 * p}, X).wrong}
    wrong = {**right, "constraints": {"type": "eq", "fun": f, "jac": off}}
    assert [e.name for e in check_gradients(wrong, X).wrong] == ["J[1,2]"]
    for data in (3.0, [3.0]):
        assert_gradients({"fun": lambda x, a: a * float(x @ x), "jac": lambda x, a: 2 * a * x, "args": data}, X)


def test_several_constraints_are_numbered():
    """A wrong one is told from a right one."""
    found = check_gradients([{"fun": f, "jac": jac}, {"fun": f, "jac": off}], X)
    assert {e.name for e in found.wrong} == {"J2[1,2]"}
    assert found.tensors["J1"].verdict is Verdict.CORRECT
    one, two = ({"fun": lambda x: float(x @ x), "jac": lambda x, k=k: k * x} for k in (2, 3))
    assert {e.tensor for e in check_gradients([one, two], X).wrong} == {"<lambda>: x"} or check_gradients(
        [one, two], X
    ).wrong


def test_a_nonlinear_constraint_with_the_hessian_of_its_lagrangian():
    """At random multipliers."""
    right = assert_gradients(constraint(jac=jac, hess=hess), X)
    assert {*right.tensors} == {"J", "H"}
    assert {e.tensor for e in check_gradients(constraint(jac=off, hess=hess), X).wrong} >= {"J"}
    lost = check_gradients(constraint(jac=jac, hess=lambda x, v: hess(x, np.array([v[0], 1.0]))), X)
    assert {e.tensor for e in lost.wrong} == {"H"}
    same = assert_gradients(f, X, jac=jac, hess=hess)
    assert {*same.tensors} == {"J", "H"}


def test_updates_are_no_claims():
    """BFGS knows no Hessian."""
    bfgs = pytest.importorskip("scipy.optimize").BFGS()
    assert [*assert_gradients(constraint(jac=jac, hess=bfgs), X).tensors] == ["J"]


def test_a_constraint_of_one_number():
    """Its Jacobian is one row, its Hessian takes one multiplier; what is linear in a list claims nothing."""
    optimize = pytest.importorskip("scipy.optimize")

    def one(k=1.0, h=2.0):
        hess = lambda x, v: v[0] * np.diag([h, 0, 0])  # noqa: E731
        return optimize.NonlinearConstraint(lambda x: f(x)[0], 0, 1, jac=lambda x: k * jac(x)[:1], hess=hess)

    assert {*assert_gradients(one(), X).tensors} == {"x", "H"}
    assert {e.tensor for e in check_gradients(one(k=1.1), X).wrong} >= {"x"}
    assert {e.tensor for e in check_gradients(one(h=2.1), X).wrong} == {"H"}
    assert {*assert_gradients([optimize.LinearConstraint(np.eye(3)), one()], X).tensors} == {"x", "H"}


REFUSED = {
    "linear": (
        lambda: check_gradients(pytest.importorskip("scipy.optimize").Bounds(0, 1), X),
        "Bounds has no derivative that somebody wrote by hand, so there is nothing to check; leave it out",
    ),
    "an update": (
        lambda: check_gradients(f, X, jac=jac, hess=pytest.importorskip("scipy.optimize").BFGS()),
        "hess=BFGS approximates a Hessian, so there is nothing to check; write hess=H, or leave it out",
    ),
    "no jac": (
        lambda: check_gradients({"fun": f}, X),
        "f has no jac, so there is nothing to check; write it beside it",
    ),
    "a difference": (lambda: check_gradients(constraint(), X), "jac='2-point' is a difference, not a derivative"),
    "differences by default": (
        lambda: check_gradients(f, X, jac=False),
        "jac=False is a difference, not a derivative",
    ),
    "no function": (
        lambda: check_gradients({"func": f, "jac": jac}, X),
        "and this one has 'func', 'jac'; write check_gradients({'fun': f, 'jac': J}, x)",
    ),
    "another thing in the list": (
        lambda: check_gradients([{"fun": f, "jac": jac}, f], X),
        "f in the list is no constraint of SciPy; write {'fun': f, 'jac': J} or give it alone",
    ),
    "a loss of residuals": (
        lambda: check_gradients(f, X, jac=jac, loss="soft_l1"),
        "a matrix is of the function itself; leave out loss=",
    ),
    "no multipliers": (
        lambda: check_gradients(f, X, jac=jac, hess=lambda x: hess(x, [1, 1])),
        "hess= of several outputs is called as hess(x, v), where v are their multipliers, and f(x) cannot be; write",
    ),
    "a matrix of many": (
        lambda: check_gradients(f, X, jac=jac, hess=np.eye(3)),
        "write hess=lambda x, v: ..., not a ndarray",
    ),
}


@pytest.mark.parametrize(("check", "message"), REFUSED.values(), ids=REFUSED)
def test_what_claims_nothing_is_refused(check, message):
    """With what to write."""
    with pytest.raises(InputError, match=re.escape(message)):
        check()
