"""The doors of SciPy: the number that its users hold against a bound, and the entry that is wrong."""

from __future__ import annotations

import pickle

import numpy as np
import pytest

from gradcheck import GradientError, InputError
from gradcheck.compat.scipy import Discrepancy, check_derivative, check_grad

X = np.array([0.5, -1.5, 2.0])


def f(x, a=1.0):
    return a * np.sum(x**3)


def df(x, a=1.0):
    return 3 * a * x**2


def test_a_right_gradient_is_off_by_nothing():
    """However noisy the function, where SciPy's own says 1e-3."""
    assert check_grad(f, df, X) == 0
    assert check_grad(f, df, [1, 2, 3], 2.0, epsilon=1e-3, direction="random", seed=1) == 0
    assert check_grad(lambda x: float(np.float32(f(x))), df, X) == 0


def test_a_wrong_gradient_is_off_by_its_norm_and_named():
    """So `assert check_grad(...) < 1e-6` fails, and its message tells where."""
    found = check_grad(f, lambda x: df(x) + np.array([0.0, 3, 4]), X)
    assert found == pytest.approx(5.0)
    with pytest.raises(AssertionError, match=r"x\[[12]\]  claimed"):
        assert found < 1e-6, repr(found)
    assert {e.name for e in found.report.wrong} == {"x[1]", "x[2]"}
    again = pickle.loads(pickle.dumps(found))
    assert isinstance(again, Discrepancy)
    assert again == found


@pytest.mark.parametrize("scale", [1e-8, 1e-4, 1.0, 1e6])
@pytest.mark.parametrize("factor", [0.5, 1.0, 2.0])
def test_no_bound_passes_a_small_gradient_that_is_wrong(scale, factor):
    """Its errors are as small as it is: the relative one is the number then. A right one is off by nothing."""

    def small(x):
        return scale * np.sum(np.sin(x))

    off = check_grad(small, lambda x: factor * scale * np.cos(x), X)
    jac = check_derivative(lambda x: scale * np.sin(x), lambda x: np.diag(factor * scale * np.cos(x)), X)
    assert {off == 0, jac == 0} == {factor == 1}
    if factor != 1:
        assert min(off, jac) >= 0.5 - 1e-6
        assert off >= np.linalg.norm((factor - 1) * scale * np.cos(X)) * (1 - 1e-6)


@pytest.mark.parametrize("form", ["dense", "sparse", "operator"])
def test_jacobians_of_every_form(form):
    """The largest relative error."""
    sparse = pytest.importorskip("scipy.sparse")
    linalg = pytest.importorskip("scipy.sparse.linalg")
    make = {"dense": np.diag, "sparse": lambda d: sparse.csr_matrix(np.diag(d)),
            "operator": lambda d: linalg.aslinearoperator(np.diag(d))}[form]  # fmt: skip
    assert check_derivative(lambda x: x**3, lambda x: make(3 * x**2), X) == 0
    found = check_derivative(lambda x: x**3, lambda x: make(3 * x**2 * [1, 1, 2]), X)
    assert found == pytest.approx(1.0)
    assert [e.name for e in found.report.wrong] == ["J[2,2]"]


def test_further_arguments_and_keywords():
    """After the point, as in SciPy; a gradient of one number too."""
    assert check_derivative(f, df, X, args=(2.0,)) == 0
    assert check_derivative(f, df, X, bounds=(-3, 3), kwargs={"a": 2.0}) == 0
    assert check_derivative(f, lambda x: 2 * df(x), X) > 0.5


def test_what_cannot_be_compared_raises():
    """And what the function raises comes through."""
    with pytest.raises(ZeroDivisionError):
        check_grad(lambda x: 1 / 0, df, X)
    with pytest.raises((GradientError, ValueError), match=r"choose\s+another\s+point"):
        check_grad(lambda x: np.nan, df, X)


def test_a_direction_that_scipy_has_not_is_refused():
    """A vector is not looked along: every entry is measured anyhow."""
    for known in ("all", "random"):
        assert check_grad(f, df, X, direction=known) == 0
    with pytest.raises(InputError, match=r"direction='x': write direction='all' or direction='random'"):
        check_grad(f, df, X, direction="x")
