"""Points that move on their manifold only: spheres, rotations, and those of pymanopt."""

from __future__ import annotations

import re

import numpy as np
import pytest

from gradcheck import InputError, Verdict, assert_gradients, check_gradients

RNG = np.random.default_rng(0)
A = RNG.normal(size=(5, 5))
A = A + A.T
S = RNG.normal(size=5)
S /= np.linalg.norm(S)
B = RNG.normal(size=(3, 3))


def rayleigh(s):
    assert abs(s @ s - 1) < 1e-9, "it has left the sphere"
    return float(s @ A @ s)


def tangent(s):
    return 2 * (A @ s - s * (s @ A @ s))


def euclidean(s):
    return 2 * A @ s


def normalised(s, v):
    return (s + v) / np.linalg.norm(s + v)


def exponential(s, v):
    n = np.linalg.norm(v)
    return s.copy() if n == 0 else np.cos(n) * s + np.sin(n) / n * v


def hat(w):
    return np.array([[0, -w[2], w[1]], [w[2], 0, -w[0]], [-w[1], w[0], 0]])


def turned(R, w):
    n = np.linalg.norm(w)
    K = hat(w) if n == 0 else hat(w) / n
    return R @ (np.eye(3) + np.sin(n) * K + (1 - np.cos(n)) * K @ K)


def by_rotation(R):
    G = R.T @ B
    return np.array([G[2, 1] - G[1, 2], G[0, 2] - G[2, 0], G[1, 0] - G[0, 1]])


ROTATION = turned(np.eye(3), np.array([0.3, -0.2, 0.5]))


@pytest.mark.parametrize("retract", [normalised, exponential])
def test_a_sphere(retract):
    """By a projection of any vector, and by an exponential of tangent vectors alone; f minds any other point."""
    report = assert_gradients(rayleigh, S, grad=tangent, retract=retract)
    assert {*report.tensors} == {"s", "s at neighbour 1", "s at neighbour 2"}
    assert check_gradients(rayleigh, S, grad=lambda s: 1.01 * tangent(s), retract=retract).verdict is Verdict.WRONG


@pytest.mark.parametrize("x", [np.array([0.6, 0.8]), np.array([1.0])])
@pytest.mark.parametrize(
    ("retract", "gradient"),
    [(lambda x, v: x + v, lambda x: 3 * x**2), (lambda x, v: x * np.exp(v), lambda x: 3 * x**3)],
    ids=["free", "positive"],
)
def test_numbers_whose_squares_add_up_to_one_are_on_no_sphere(x, retract, gradient):
    """As what moves them leaves it: all of their gradient counts, also what lies along them."""

    def check(grad):
        return check_gradients(lambda x: float(np.sum(x**3)), x, grad=grad, retract=retract, neighbours=0).verdict

    assert check(gradient) is Verdict.CORRECT
    assert check(lambda x: gradient(x) + x) is Verdict.WRONG


def test_a_euclidean_gradient_is_not_the_riemannian_one():
    """It has a part that is normal to the sphere."""
    assert check_gradients(rayleigh, S, grad=euclidean, retract=normalised).verdict is Verdict.WRONG


def test_rotations_with_three_numbers():
    """The wrong one is named."""
    f = lambda R: float(np.sum(B * R))  # noqa: E731
    assert_gradients(f, ROTATION, grad=by_rotation, retract=turned)
    found = check_gradients(f, ROTATION, grad=lambda R: by_rotation(R) * [1, 1, -1], retract=turned, neighbours=0)
    assert [e.name for e in found.wrong] == ["R[2]"]


def test_another_metric():
    """The gradient in it is M's inverse times the other one."""
    M = np.diag([1.0, 2, 3])
    f = lambda R: float(np.sum(B * R))  # noqa: E731
    right = lambda R: np.linalg.solve(M, by_rotation(R))  # noqa: E731
    assert_gradients(f, ROTATION, grad=right, retract=turned, inner=M)
    assert_gradients(f, ROTATION, grad=right, retract=turned, inner=lambda _, u, v: u @ M @ v)
    assert check_gradients(f, ROTATION, grad=by_rotation, retract=turned, inner=M).verdict is Verdict.WRONG


MANIFOLDS = {
    "a sphere": lambda m: m.Sphere(5),
    "Stiefel": lambda m: m.Stiefel(5, 2),
    "Grassmann": lambda m: m.Grassmann(5, 2),
}


@pytest.mark.parametrize("make", MANIFOLDS.values(), ids=MANIFOLDS)
def test_manifolds_of_pymanopt(make):
    """A right Riemannian gradient, a wrong one, and a Euclidean one, which is no tangent vector."""
    manifold = make(pytest.importorskip("pymanopt").manifolds)
    np.random.seed(0)  # noqa: NPY002  theirs
    x = manifold.random_point()

    def f(x):
        return float(np.sum(x * (A @ x)))

    def df(x, k=1.0):
        return k * manifold.euclidean_to_riemannian_gradient(x, 2 * A @ x)

    assert_gradients(f, x, grad=df, retract=manifold)
    assert check_gradients(f, x, grad=lambda x: df(x, 1.01), retract=manifold).verdict is Verdict.WRONG
    found = check_gradients(f, x, grad=lambda x: 2 * A @ x, retract=manifold)
    assert "not a tangent vector at x" in found.problems[0].sentence


def test_a_metric_and_a_product_of_pymanopt():
    """Positive definite matrices have a metric of their own; a point may have several parts."""
    manifolds = pytest.importorskip("pymanopt").manifolds
    np.random.seed(0)  # noqa: NPY002  theirs
    spd, product = manifolds.SymmetricPositiveDefinite(3), manifolds.Product([manifolds.Sphere(3), manifolds.Sphere(3)])
    C = B @ B.T

    def euclid(X):
        return C - np.linalg.inv(X)

    def f(X):
        return float(np.sum(X * C) - np.linalg.slogdet(X)[1])

    x = spd.random_point()
    assert_gradients(f, x, grad=lambda X: spd.euclidean_to_riemannian_gradient(X, euclid(X)), retract=spd)
    assert check_gradients(f, x, grad=euclid, retract=spd).verdict is Verdict.WRONG
    assert_gradients(
        lambda X: float(X[0] @ B @ X[1]),
        product.random_point(),
        grad=lambda X: product.euclidean_to_riemannian_gradient(X, [B @ X[1], B.T @ X[0]]),
        retract=product,
    )


def test_rotations_of_pymanopt():
    """Their tangent vectors are skew matrices, not those beside the rotation: a right gradient is not accused."""
    manifold = pytest.importorskip("pymanopt").manifolds.SpecialOrthogonalGroup(3)

    def df(R, k=1.0):
        return k * manifold.euclidean_to_riemannian_gradient(R, B)

    def f(R):
        return float(np.sum(B * R))

    assert_gradients(f, ROTATION, grad=df, retract=manifold)
    found = check_gradients(f, ROTATION, grad=lambda R: df(R, -1.0), retract=manifold, neighbours=0)
    assert found.wrong
    assert not found.problems
    beside = check_gradients(f, ROTATION, grad=lambda R: B, retract=manifold, neighbours=0)
    assert "not a tangent vector at R" in beside.problems[0].sentence


def test_what_is_asked_away_from_zero_is_no_note():
    """The oracle claims nothing there, which is no matter of the user's."""
    for gradient in (tangent, lambda s: 1.01 * tangent(s)):
        report = check_gradients(rayleigh, S, grad=gradient, retract=normalised)
        assert not [note for note in report.notes if "left out" in note]


def test_what_the_function_raises_is_counted_and_shown():
    """Beside what is ours to ask: a gradient is claimed where the tangent vector is zero."""
    s, row = np.array([0.6, 0.8, 0.0]), A[0, :3]

    def edged(s):
        if s[0] < 0.6 - 1e-12:
            msg = "too low"
            raise ValueError(msg)
        return float(row @ s)

    for factor, verdict in ((2, Verdict.WRONG), (1, Verdict.CORRECT)):
        grad = lambda s, by=factor: by * (row - (row @ s) * s)  # noqa: E731
        report = check_gradients(edged, s, grad=grad, retract=normalised)
        assert report.verdict is verdict
        assert "the function raised ValueError: too low, at " in " ".join(report.notes)


@pytest.mark.parametrize(
    ("point", "retract"), [(2 * S, normalised), (S, lambda s, v: normalised(s, v) + 0.1)], ids=["point", "retraction"]
)
def test_a_point_that_a_zero_vector_moves_is_refused(point, retract):
    """It lies off the manifold, or the retraction is none: every verdict would be on another point."""
    with pytest.raises(InputError, match="for a tangent vector of zero, which has to leave it where it is"):
        check_gradients(lambda s: float(s @ A @ s), point, grad=tangent, retract=retract)


CLAIMED = {
    "value and gradient": lambda g: (lambda s: (rayleigh(s), g(s)), {"value_and_grad": True}),
    "jac=": lambda g: (rayleigh, {"jac": g}),
    "along a direction": lambda g: (rayleigh, {"grad": g, "along": "random"}),
}


@pytest.mark.parametrize("claimed", CLAIMED.values(), ids=CLAIMED)
def test_a_gradient_may_be_claimed_in_other_words(claimed):
    """As SciPy takes it, and along one direction."""
    model, keywords = claimed(tangent)
    assert_gradients(model, S, retract=normalised, **keywords)
    model, keywords = claimed(lambda s: 1.1 * tangent(s))
    assert check_gradients(model, S, retract=normalised, **keywords).verdict is Verdict.WRONG


def test_a_vector_that_is_normal_to_the_manifold_tells_nothing():
    """Where the point was drawn from the same generator as the vectors of the test."""
    s = np.random.default_rng(0).standard_normal(5)
    assert_gradients(rayleigh, s / np.linalg.norm(s), grad=tangent, retract=normalised)


def test_a_jacobian_by_tangent_vectors():
    """As Ceres and GTSAM have those of residuals: at neighbours as well."""
    p = np.array([0.3, 1.0, -0.5])
    right = assert_gradients(lambda R: R @ p, ROTATION, jac=lambda R: -R @ hat(p), retract=turned)
    assert {*right.tensors} == {"J", "J at neighbour 1", "J at neighbour 2"}
    wrong = check_gradients(lambda R: R @ p, ROTATION, jac=lambda R: -R @ hat(p) * [1, 1, 2], retract=turned)
    assert "J[0,2]" in [e.name for e in wrong.wrong]
    assert "R moves by retract= only" in wrong.notes[0]


class Rotation:
    """A point that is no array."""

    def __init__(self, R):
        self.R = R

    def __mul__(self, w):
        return Rotation(turned(self.R, w))


def test_a_point_may_be_an_object():
    """Such as a rotation of SciPy."""
    trace = lambda q: float(np.sum(B * q.R))  # noqa: E731
    start = {"retract": lambda q, w: q * w}
    assert_gradients(trace, Rotation(ROTATION), grad=lambda q: by_rotation(q.R), **start)
    wrong = check_gradients(trace, Rotation(ROTATION), grad=lambda q: by_rotation(q.R) * [1, 2, 1], **start)
    assert "q[1]" in [e.name for e in wrong.wrong]


def test_products_take_lists_and_problems_are_taken_as_they_are():
    """A gradient as a list, and one function of several points; of pymanopt, real."""
    pymanopt = pytest.importorskip("pymanopt")
    manifolds = pytest.importorskip("pymanopt.manifolds")
    product = manifolds.Product([manifolds.Sphere(5), manifolds.Euclidean(3)])
    point = [S, np.array([0.3, -1.0, 0.7])]

    def f(s, b):
        return float((s @ A @ s) * (b @ b))

    def g(s, b, k=1.0):
        return [tangent(s) * (b @ b), 2 * k * b * (s @ A @ s)]

    for kind in (list, tuple):
        assert_gradients(lambda p: f(*p), point, grad=lambda p, kind=kind: kind(g(*p)), retract=product)
        assert_gradients(f, *point, grad=lambda s, b, kind=kind: kind(g(s, b)), retract=product)
    assert check_gradients(f, *point, grad=lambda s, b: g(s, b, 2.0), retract=product).verdict is Verdict.WRONG
    sphere = manifolds.Sphere(5)
    for factor, verdict in ((2, Verdict.CORRECT), (3, Verdict.WRONG)):
        cost, by = (pymanopt.function.numpy(sphere)(h) for h in (rayleigh, lambda s, k=factor: k * A @ s))
        problem = pymanopt.Problem(sphere, cost, euclidean_gradient=by)
        assert check_gradients(problem, S).verdict is verdict


REFUSED = {
    "a class": ({"grad": tangent, "retract": Rotation}, "retract= is the class Rotation; give a manifold, such as"),
    "another shape": (
        {"grad": tangent, "retract": lambda s, v: normalised(s, v)[:2]},
        "retract= returned shape (2,) where s has (5,); return a point like s",
    ),
    "no point": (
        {"grad": tangent, "retract": lambda s, v: None},
        "retract= returned a NoneType where s is a ndarray; return a point",
    ),
    "no move": (
        {"grad": tangent, "retract": lambda s, v: s},
        "retract= leaves s where it is whatever the tangent vector is; write retract=lambda x, v: ...",
    ),
    "a Hessian": (
        {"grad": tangent, "hess": lambda s: A, "retract": normalised},
        "retract= moves the point of a gradient, and nothing else is looked at; leave out hess=",
    ),
    "no tangent vector": (
        {"grad": lambda s: "up", "retract": normalised},
        "grad= returned a str, which is no tangent vector at s",
    ),
    "another signature": (
        {"grad": tangent, "retract": lambda v: v},
        "retract= is called as retract(x, v), and f(v) cannot be; write retract=lambda x, v: f(...)",
    ),
    "no function": ({"grad": tangent, "retract": 3}, "retract= is a int; write retract=lambda x, v: ..., or give a"),
    "no gradient": ({"retract": normalised}, "write check_gradients(rayleigh, x, grad=g, retract=exp)"),
}


@pytest.mark.parametrize(("keywords", "message"), REFUSED.values(), ids=REFUSED)
def test_what_cannot_be_so_is_refused(keywords, message):
    """With what to write."""
    with pytest.raises(InputError, match=re.escape(message)):
        check_gradients(rayleigh, S, **keywords)
