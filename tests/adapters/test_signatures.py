"""How a claim is called: a linear map's pullback with the cotangent alone, a ufunc element by element."""

from __future__ import annotations

import functools
import re

import numpy as np
import pytest

from gradcheck import InputError, Verdict, assert_gradients, check_gradients
from gradcheck._adapters.signatures import on_top, takes

RNG = np.random.default_rng(0)
A = RNG.normal(size=(6, 4))
X = RNG.normal(size=4)


def test_a_pullback_that_takes_the_cotangent_alone():
    """Of a linear map that is all there is to know."""
    assert_gradients(lambda x: A @ x, X, vjp=lambda u: A.T @ u)
    found = check_gradients(lambda x: A @ x, X, vjp=lambda u: A.T @ u * np.array([1, 1, 2, 1]))
    assert [e.name for e in found.wrong] == ["x[2]"]


def test_a_pushforward_that_takes_the_tangent_alone():
    """Likewise of a linear map; and an operator may stand for its product."""
    assert_gradients(lambda x: A @ x, X, jvp=lambda t: A @ t)
    assert check_gradients(lambda x: A @ x, X, jvp=lambda t: 2 * A @ t).verdict is Verdict.WRONG
    op = pytest.importorskip("scipy.sparse.linalg").aslinearoperator(A)
    assert_gradients(op, X, vjp=op.H)


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
    with pytest.raises(InputError, match="where a scalar is promised"):  # it is of matrices, and of no elements
        check_gradients(np.matmul, A.T, A, grad=lambda a, b: (b, a))


def test_settings_are_no_places_for_a_point():
    """A pullback of a linear map may have those of its function, after the cotangent."""
    assert_gradients(lambda x, k=2.0: k * A @ x, X, vjp=lambda u, k=2.0: k * A.T @ u)
    assert_gradients(A.dot, X, vjp=A.T.dot)
    assert check_gradients(np.cumsum, X, vjp=np.cumsum).verdict is Verdict.WRONG
    assert_gradients(np.tanh, X, vjp=lambda x, dout=None: dout * (1 - np.tanh(x) ** 2))


def test_a_vectorised_function_has_its_derivative_element_by_element():
    """As a ufunc has, one made of a function of Python included."""
    cube, slope = (lambda t: t**3), (lambda t: 3 * t * t)
    for many in (np.vectorize, lambda f: np.frompyfunc(f, 1, 1)):
        assert_gradients(many(cube), X, grad=many(slope))
        assert len(check_gradients(many(cube), X, grad=many(lambda t: 2 * t * t)).wrong) == len(X)


REFUSED = {
    "another order": (
        {"grad": lambda y, x: x},
        "grad= is called by place, as grad(x, y), and f(y, x) has these in another order; write grad=",
    ),
    "the cotangent first": (
        {"vjp": lambda v, x, y: v},
        "vjp= is called by place, as vjp(x, y, v), and f(v, x, y) has these in another order; write vjp=",
    ),
    "a matrix": (
        {"vjp": A},
        "not ndarray; write vjp=lambda v: M @ v, M being the ndarray, or jac=M if it is the Jacobian",
    ),
    "data in a list": (
        {"grad": lambda x, y: x, "args": [X]},
        "f(x, y) cannot be called with 3 arguments; write check_gradients(f, x, y, grad=...), or args=(y,): what is no",
    ),
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


def squares(out, target):
    return np.sum((out - target) ** 2)


class Criterion:
    """A loss with a forward, as a module has."""

    def __call__(self, *args):
        return self.forward(*args)

    def forward(self, out, labels):
        return out[labels]


@pytest.mark.parametrize(
    ("loss", "said"),
    [
        (squares, "squares takes target as well; write loss=lambda out: squares(out, target)"),
        (Criterion(), "Criterion takes labels as well; write loss=lambda out: criterion(out, labels), where criterion"),
        (Criterion, "loss= is the class Criterion; write loss=lambda out: Criterion()(out, labels)"),
        (lambda out, t: out - t, "write loss=lambda out: criterion(out, t), where criterion is what was given"),
    ],
    ids=["a function", "a module", "a class", "a lambda"],
)
def test_a_loss_that_wants_more_than_the_outputs(loss, said):
    """The call that is wanted is quoted."""
    with pytest.raises(InputError, match=re.escape(said)):
        on_top(loss)


ALONE = {
    "a ufunc": np.sum,
    "a function": lambda out: out,
    "a default": lambda out, target=0: out - target,
    "any number": lambda *out: out,
    "no function": 3,
    "none": None,
}


@pytest.mark.parametrize("loss", ALONE.values(), ids=ALONE)
def test_a_loss_that_takes_the_outputs_alone_stays(loss):
    """And what is no function is refused elsewhere."""
    assert on_top(loss) is loss


@pytest.mark.parametrize("way", ["vjp", "jvp"])
def test_a_claim_that_has_its_name_from_its_function_is_called_as_it_is_written(way):
    """`functools.wraps(f)` shows the arguments of f; a wrong one is found all the same."""

    def f(x):
        return np.sin(x)

    def claimed(factor):
        @functools.wraps(f)
        def claim(*given):
            x, u = given
            return factor * u * np.cos(x)

        return claim

    for factor, verdict in ((1.01, Verdict.WRONG), (1.0, Verdict.CORRECT)):
        assert check_gradients(f, X, **{way: claimed(factor)}).verdict is verdict


class Minds:
    """An object that is called, and that nobody may compare, measure or show."""

    def __call__(self, x):
        return float(np.sum(np.sin(x)))

    def _refuse(self, *_):
        raise RuntimeError

    __eq__ = __len__ = __bool__ = __repr__ = _refuse
    __hash__ = None

    def slope(self, x):
        return np.cos(x)


def test_an_object_that_minds_being_compared_is_called_all_the_same():
    """`inspect` compares what it is asked of."""
    f = Minds()
    assert takes(f, 1) is not False  # newer Pythons compare nothing
    assert takes(1.5, 1) is False
    assert check_gradients(f, np.ones(3), grad=f.slope).verdict is Verdict.CORRECT
    assert len(check_gradients(f, np.ones(3), grad=lambda x: 2 * np.cos(x)).wrong) == 3
