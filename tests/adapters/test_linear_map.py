"""What is handed in as an operator and its adjoint: functions, matrices, LinearOperators, real and complex."""

from __future__ import annotations

import re

import numpy as np
import pytest

import gradcheck
from gradcheck import InputError, Verdict, assert_gradients, check_adjoint, check_gradients

RNG = np.random.default_rng(0)
A = RNG.normal(size=(30, 40))
C = A + 1j * RNG.normal(size=A.shape)
X = RNG.normal(size=40)


def operator(M, back):
    scipy = pytest.importorskip("scipy.sparse.linalg")
    return scipy.LinearOperator(M.shape, matvec=lambda x: M @ x, rmatvec=lambda u: back @ u, dtype=M.dtype)


def off(M):
    return M + 0.01 * (np.arange(M.size).reshape(M.shape) == 7 * M.shape[1] + 5)


RIGHT = {
    "two functions": lambda: check_gradients(lambda x: A @ x, X, adjoint=lambda u: A.T @ u),
    "two matrices": lambda: check_gradients(A, X, adjoint=A.T),
    "a pair": lambda: check_adjoint((lambda x: A @ x, lambda u: A.T @ u), X),
    "a pair of matrices": lambda: check_adjoint((A, A.T)),
    "a list of matrices": lambda: check_adjoint([C, C.conj().T]),
    "a matrix after the other": lambda: check_adjoint(A, A.T),
    "one after the other": lambda: check_adjoint(lambda x: A @ x, lambda u: A.T @ u, X),
    "an operator": lambda: check_adjoint(operator(A, A.T)),
    "an operator of complex numbers": lambda: check_adjoint(operator(C, C.conj().T)),
    "a transform": lambda: check_adjoint(np.fft.fft, X + 0j, adjoint=lambda u: len(u) * np.fft.ifft(u)),
    "images": lambda: check_adjoint(
        lambda x: np.diff(x, axis=1), A, adjoint=lambda u: -np.diff(u, axis=1, prepend=0, append=0)
    ),
    "single precision": lambda: check_adjoint(
        lambda x: (A @ x).astype("f"), X.astype("f"), adjoint=lambda u: (A.T @ u).astype("f")
    ),
    "data beside": lambda: check_adjoint(lambda x, k: k * x, X, args=(3.0,), adjoint=lambda u, k: k * u),
}
WRONG = {
    "an entry": (lambda: check_adjoint(operator(A, off(A).T)), "wrong in one entry, A[7, 5], which is entry [5, 7]"),
    "a pair of matrices": (lambda: check_adjoint((A, off(A).T)), "wrong in one entry, A[7, 5]"),
    "a matrix after the other": (lambda: check_adjoint(C, C.T), "a conjugate is missing"),
    "a factor": (lambda: check_gradients(A, X, adjoint=2 * A.T), "adjoint is 2 times the adjoint"),
    "a conjugate": (lambda: check_adjoint(operator(C, C.T)), "a conjugate is missing"),
    "a norm": (
        lambda: check_adjoint(np.fft.fft, X + 0j, adjoint=np.fft.ifft),
        "ifft is 0.025 times the adjoint: one over the length of its output, 40",
    ),
    "an edge": (
        lambda: check_adjoint(np.diff, X, adjoint=lambda u: -np.diff(u, prepend=0, append=u[-1])),
        "wrong in one entry, A[38, 39]",
    ),
}


@pytest.mark.parametrize("check", RIGHT.values(), ids=RIGHT)
def test_a_right_adjoint_passes(check):
    """A few calls show it."""
    report = check()
    assert report.verdict is Verdict.CORRECT
    assert report.evaluations <= 5
    assert report.notes[-1].startswith("dot test: |<u, A v> - <A* u, v>| = ")


@pytest.mark.parametrize(("check", "said"), WRONG.values(), ids=WRONG)
def test_a_wrong_adjoint_is_located(check, said):
    """The entry, the factor or the conjugate."""
    report = check()
    assert report.verdict is Verdict.WRONG
    assert said in report.diagnosis[0]


def test_an_entry_carries_both_numbers():
    """What the adjoint says of it, and what the operator does."""
    (entry,) = check_adjoint(operator(A, off(A).T)).wrong
    assert (entry.name, entry.claim, entry.estimate) == (
        "A[7,5]",
        pytest.approx(A[7, 5] + 0.01),
        pytest.approx(A[7, 5]),
    )


@pytest.mark.parametrize("f", [lambda x: A @ x + 1, lambda x: np.abs(A @ x)], ids=["affine", "absolute"])
def test_what_is_not_linear_has_no_adjoint(f):
    """And that is said."""
    report = check_adjoint(f, X, adjoint=lambda u: A.T @ u)
    assert report.verdict is Verdict.BROKEN
    assert "is not linear" in report.problems[0].sentence


REFUSED = {
    "no vector": (lambda: check_adjoint(np.diff, adjoint=np.diff), "write check_adjoint(diff, x), with a vector x"),
    "no adjoint": (
        lambda: check_adjoint(np.diff, X),
        "diff has no rmatvec; write check_adjoint(diff, x, adjoint=At)",
    ),
    "a matrix": (lambda: check_adjoint(A), "its adjoint is its conjugate transpose: there is nothing written by hand"),
    "a matrix and x": (
        lambda: check_adjoint(A, X),
        "write check_adjoint((A, At)) for a matrix and what is meant to be",
    ),
    "too short": (lambda: check_adjoint(np.diff, X, adjoint=np.diff), "returned 38 numbers, and diff takes 40"),
    "a vector of another size": (
        lambda: check_adjoint((A, A.T), np.ones(A.shape[1] + 1)),
        f"x has shape ({A.shape[1] + 1},), and ndarray of shape {A.shape} takes {A.shape[1]} numbers",
    ),
    "both": (lambda: check_gradients(A, X, adjoint=A.T, vjp=A.T), "adjoint= and vjp= mean the same"),
    "no operator": (lambda: check_gradients(3, X, adjoint=A.T), "the operator is a int; give a function, a matrix"),
    "two vectors": (
        lambda: check_adjoint(lambda x: A @ x, X, X, adjoint=A.T),
        "takes one vector; write check_adjoint(f, x, args=...)",
    ),
    "another adjoint": (
        lambda: check_adjoint(lambda x: A @ x, X, adjoint=lambda x, u: A.T @ u),
        "adjoint= is called as adjoint(u), and f(x, u) cannot be; write adjoint=lambda u: f(...)",
    ),
    "no transpose": (lambda: check_adjoint(A, X, adjoint=A), "adjoint= has shape (30, 40), and (40, 30) is needed"),
    "nothing": (
        lambda: check_adjoint(lambda x: A @ x, X, adjoint=lambda u: None),
        "its adjoint returned an array of object, not of numbers; return an array of floats",
    ),
    "another claim": (
        lambda: check_gradients(A, X, adjoint=A.T, hess=A),
        "adjoint= is of a linear operator, of which nothing else is looked at; leave out hess=",
    ),
}


@pytest.mark.parametrize(("check", "message"), REFUSED.values(), ids=REFUSED)
def test_what_cannot_be_checked_is_refused(check, message):
    """With what to write."""
    with pytest.raises(InputError, match=re.escape(message)):
        check()


def test_the_door_is_public_and_asserts_with_its_keyword():
    """`assert_gradients(A, x, adjoint=At)` raises."""
    assert "check_adjoint" in gradcheck.__all__
    with pytest.raises(AssertionError, match=r"A\[7,5\]"):
        assert_gradients(A, X, adjoint=off(A).T)


class Marked:
    """An operator that says, as those of PyLops do, that it is linear over the reals only."""

    shape, dtype, clinear = (17, 32), np.dtype("complex128"), False

    def __init__(self, weight):
        self.weight = weight

    def matvec(self, v):
        return np.fft.rfft(v.real)

    def rmatvec(self, u):
        return 32 * np.fft.irfft(u * np.r_[1, np.full(15, self.weight), 1], 32)


@pytest.mark.parametrize("given", [(), (np.ones(32),)], ids=["no vector", "a vector"])
def test_an_operator_that_says_so_is_tested_over_the_reals(given):
    """The adjoint of a transform of real vectors halves what stands for two terms."""
    assert check_adjoint(Marked(1.0), *given).verdict is Verdict.WRONG
    report = check_adjoint(Marked(0.5), *given)
    assert report.verdict is Verdict.CORRECT
    assert "linear over the reals only" in report.notes[0]


@pytest.mark.parametrize("weight", [0.5, 1.0])
def test_an_operator_that_takes_real_vectors_alone_may_be_called_complex(weight):
    """As SciPy has the dtype of what it returns."""
    scipy = pytest.importorskip("scipy.sparse.linalg")
    of = scipy.LinearOperator((17, 32), matvec=np.fft.rfft, rmatvec=Marked(weight).rmatvec, dtype=complex)
    assert check_adjoint(of).verdict is (Verdict.CORRECT if weight < 1 else Verdict.WRONG)


@pytest.mark.parametrize("k", [0.0, 1e-3])
def test_operators_of_pylops(k):
    """Found by their methods."""
    pylops = pytest.importorskip("pylops")
    D = pylops.FirstDerivative(20, dtype="float64")
    assert check_adjoint(D).verdict is Verdict.CORRECT
    assert check_adjoint(pylops.signalprocessing.FFT(16, dtype="complex128")).verdict is Verdict.CORRECT
    assert check_adjoint(pylops.signalprocessing.FFT(32, real=True)).verdict is Verdict.CORRECT
    assert all(check_adjoint(of(8, dtype="complex128")).verdict is Verdict.CORRECT for of in (pylops.Conj, pylops.Imag))

    class Bad(pylops.LinearOperator):
        def _matvec(self, x):
            return 2 * x

        def _rmatvec(self, u):
            return 2 * u + k * np.eye(10)[3] * u[4]

    report = check_adjoint(Bad(dtype=np.dtype("float64"), shape=(10, 10)))
    assert [e.name for e in report.wrong] == ["A[4,3]"] * bool(k)


def test_vectors_of_several_parts():
    """In a tuple, list or dict, on either side; the report says where each part lies."""
    B = RNG.normal(size=(7, 40))
    both = lambda a, b: (A @ a + b, B @ a)  # noqa: E731
    back = lambda u: (A.T @ u[0] + B.T @ u[1], u[0])  # noqa: E731
    right = check_adjoint(both, X, np.ones(30), adjoint=back)
    assert right.verdict is Verdict.CORRECT
    assert "the columns of A: [0] is 0:40, [1] is 40:70" in right.notes
    wrong = check_adjoint(both, X, np.ones(30), adjoint=lambda u: (A.T @ u[0] + B.T @ (u[1] * 2), u[0]))
    assert wrong.verdict is Verdict.WRONG
    named = lambda p: {"sum": A @ p["a"] + p["b"], "part": p["b"][:2]}  # noqa: E731
    point = {"b": np.ones(30), "a": X}
    for sign, verdict in ((1, Verdict.CORRECT), (-1, Verdict.WRONG)):
        back = lambda u, k=sign: {"a": A.T @ u["sum"], "b": u["sum"] + k * np.r_[u["part"], np.zeros(28)]}  # noqa: E731
        assert check_adjoint(named, point, adjoint=back).verdict is verdict


class Operator:
    """One of the user's own, without a shape."""

    def __init__(self, k=1.0):
        self.k = k

    def matvec(self, x):
        return A @ x

    def rmatvec(self, u):
        return self.k * A.T @ u


def test_an_operator_is_taken_for_its_claim():
    """By check_gradients as well; and its product for the function beside a pullback."""
    assert check_gradients(Operator(), X).verdict is Verdict.CORRECT
    assert check_gradients(Operator(1.1), X).verdict is Verdict.WRONG
    assert check_gradients(Operator(), X, vjp=Operator().rmatvec).verdict is Verdict.CORRECT
    assert check_gradients(Operator(), X, jac=A).verdict is Verdict.CORRECT


def test_what_an_operator_raises_is_told():
    """And not thrown as it is."""
    with pytest.raises(gradcheck.GradientError, match="the operator raised ValueError"):
        check_adjoint(lambda x: A @ x, X[:3], adjoint=A.T)
