"""What users of Ipopt, NLopt and Ceres hand in: problems, and functions that fill in place."""

from __future__ import annotations

import functools
import re

import numpy as np
import pytest

from gradcheck import InputError, Verdict, assert_gradients, check_gradients

X = np.array([0.4, -1.1, 0.7])


class Problem:
    """HS071's kind: an objective, two constraints with a structure, the lower triangle of a Hessian."""

    def objective(self, x):
        return x[0] * x[2] + x[1] ** 2

    def gradient(self, x):
        return np.array([x[2], 2 * x[1], x[0]])

    def constraints(self, x):
        return np.array([x[0] ** 2 + x[1], np.exp(x[2]) * x[0]])

    def jacobianstructure(self):
        return np.array([0, 0, 1, 1]), np.array([0, 1, 0, 2])

    def jacobian(self, x):
        return np.array([2 * x[0], 1, np.exp(x[2]), np.exp(x[2]) * x[0]])

    def hessianstructure(self):
        return np.array([0, 1, 2, 2]), np.array([0, 1, 0, 2])

    def hessian(self, x, lagrange, obj_factor):
        e = lagrange[1] * np.exp(x[2])
        return np.array([2 * lagrange[0], 2 * obj_factor, e + obj_factor, e * x[0]])


class WrongStructure(Problem):
    def jacobianstructure(self):
        return np.array([0, 0, 1, 1]), np.array([0, 1, 1, 2])


class WrongHessian(Problem):
    def hessian(self, x, lagrange, obj_factor):
        return super().hessian(x, lagrange, 1.0)


class Dense(Problem):
    jacobianstructure = hessianstructure = None

    def jacobian(self, x):
        return np.array([2 * x[0], 1, 0, np.exp(x[2]), 0, np.exp(x[2]) * x[0]])

    def hessian(self, x, lagrange, obj_factor):
        a, b, c, d = super().hessian(x, lagrange, obj_factor)
        return np.array([a, 0, b, c, 0, d])


@pytest.mark.parametrize("problem", [Problem, Dense])
def test_a_right_problem_passes(problem):
    """Gradient, Jacobian and Hessian in one report."""
    assert {*assert_gradients(problem(), X).tensors} == {"x", "J", "H"}


def test_a_wrong_one_is_named():
    """The entry, and what lies outside of the structure."""
    found = check_gradients(WrongStructure(), X)
    assert {e.name for e in found.wrong if e.tensor == "J"} == {"J[1,0]", "J[1,1]"}
    assert "not zero, and outside of the sparsity pattern: J[1, 0]" in found.diagnosis
    hessian = check_gradients(WrongHessian(), X)
    assert {e.name for e in hessian.wrong} == {"H[1,1]", "H[0,2]", "H[2,0]"}
    assert hessian.tensors["x"].verdict is Verdict.CORRECT


def test_a_real_problem_of_cyipopt():
    """Its own class."""
    cyipopt = pytest.importorskip("cyipopt")

    class Real(Problem, cyipopt.Problem):
        def __init__(self):
            cyipopt.Problem.__init__(self, n=3, m=2, cl=[0, 0], cu=[1, 1])

    assert_gradients(Real(), X)


def filling(x, grad):
    if grad.size:
        grad[:] = 2 * x
    return float(x @ x)


def test_a_function_that_fills_its_gradient():
    """NLopt's, and a vector of constraints."""
    assert assert_gradients(filling, X).name == "filling"

    def wrong(x, grad):
        grad[:] = 2 * x * [1, 1, 3]
        return float(x @ x)

    assert [e.name for e in check_gradients(wrong, X).wrong] == ["x[2]"]

    def constraints(result, x, grad):
        result[:] = x[:2] ** 2
        if grad.size:
            grad[:] = np.diag(2 * x)[:2]

    assert [*assert_gradients(constraints, np.zeros(2), X).tensors] == ["J"]


def with_data(x, g, a, b):
    if g.size > 0:
        g[:] = [-3 * a * (a * x[0] + b) ** 2, 1, 0]
    return x[1] - (a * x[0] + b) ** 3


def test_what_is_filled_may_have_other_names_and_data_after_it():
    """As the constraints of NLopt's tutorial, which go in by a lambda, by a partial, or with args=."""
    calls = {
        "a lambda": (lambda f: lambda x, grad: f(x, grad, 2.0, 0.5), ()),
        "a partial": (lambda f: functools.partial(f, a=2.0, b=0.5), ()),
        "as it is": (lambda f: f, (2.0, 0.5)),
    }

    def wrong(x, g, a, b):
        value = with_data(x, g, a, b)
        g[:1] *= 2
        return value

    for make, args in calls.values():
        assert_gradients(make(with_data), X, args=args or None, wrt="x")
        assert [e.name for e in check_gradients(make(wrong), X, args=args or None).wrong] == ["x[0]"]


class Cost:
    num_residuals = 2
    parameter_block_sizes = (2, 1)

    def __init__(self, k=2.0):
        self.k = k

    def Evaluate(self, parameters, residuals, jacobians):  # noqa: N802  as in Ceres
        a, b = parameters
        residuals[:] = [a[0] * b[0], a[1] + b[0] ** 2]
        if jacobians is not None:
            jacobians[0][:] = [b[0], 0, 0, 1]
            jacobians[1][:] = [a[0], self.k * b[0]]
        return True


def test_a_cost_function_of_blocks():
    """Each block has its Jacobian."""
    assert [*assert_gradients(Cost(), [X[:2], X[2:]]).tensors] == ["J_x0", "J_x1"]
    assert [e.name for e in check_gradients(Cost(3.0), [X[:2], X[2:]]).wrong] == ["J_x1[1,0]"]


def rebinding(x, grad):
    grad = 2 * x  # noqa: F841
    return float(x @ x)


class Far(Problem):
    def jacobianstructure(self):
        rows, columns = super().jacobianstructure()
        return rows, columns + 1


class NoStructure(Problem):
    def hessianstructure(self): ...


class Short(Problem):
    def jacobian(self, x):
        return super().jacobian(x)[:3]


class FewGradient(Problem):
    def gradient(self, x):
        return super().gradient(x)[:2]


class FewDense(Dense):
    def jacobian(self, x):
        return super().jacobian(x)[:5]


class OtherHessian(Problem):
    def hessian(self, x, lagrange):
        return super().hessian(x, lagrange, 1.0)


def test_a_point_may_be_a_list():
    """As for Ipopt, which makes an array of it."""
    assert_gradients(Problem(), X.tolist())


REFUSED = {
    "a short gradient": (
        lambda: check_gradients(FewGradient(), X),
        "gradient returned 2 numbers, and there are 3 variables; return one for each",
    ),
    "a short matrix": (
        lambda: check_gradients(FewDense(), X),
        "jacobian returned 5 values for 2 constraints by 3 variables; return all of them, row by row",
    ),
    "another signature": (
        lambda: check_gradients(OtherHessian(), X),
        "OtherHessian.hessian(x, lagrange) is called as hessian(x, lagrange, obj_factor); give it these parameters",
    ),
    "not filled": (
        lambda: check_gradients(rebinding, X),
        "rebinding leaves grad[0] as it was; fill all of it in place",
    ),
    "too few": (lambda: check_gradients(Short(), X), "jacobian returned 3 values, and jacobianstructure has 4 places"),
    "out of the matrix": (
        lambda: check_gradients(Far(), X),
        "jacobianstructure has an entry in column 3, and there are 3 columns, from 0 to 2",
    ),
    "no structure": (
        lambda: check_gradients(NoStructure(), X),
        "hessianstructure returned a NoneType; return the rows and the columns, (rows, columns)",
    ),
    "a claim that is not read": (
        lambda: check_gradients(Problem(), X, grad=lambda x: x),
        "Problem brings its own gradient, which is what is checked; leave out grad=",
    ),
    "a claim beside it": (
        lambda: check_gradients(filling, X, grad=lambda x: 2 * x),
        "filling fills its gradient itself, and that is checked; leave out grad=",
    ),
    "no place for results": (
        lambda: check_gradients(lambda result, x, grad: None, X),
        "f fills result and grad; write check_gradients(f, np.zeros(m), x)",
    ),
    "other blocks": (
        lambda: check_gradients(Cost(), X[:2]),
        "Cost has parameter blocks of sizes 2 and 1, and was given 2; write check_gradients(cost, [x, y])",
    ),
    "no point": (lambda: check_gradients(Problem()), "write check_gradients(Problem(...), x)"),
    "no blocks": (lambda: check_gradients(Cost()), "write check_gradients(cost, [x, y]), with cost.num_residuals"),
}


@pytest.mark.parametrize(("check", "message"), REFUSED.values(), ids=REFUSED)
def test_what_cannot_be_checked_is_refused(check, message):
    """With what to write."""
    with pytest.raises((InputError, AssertionError), match=re.escape(message)):
        check()
