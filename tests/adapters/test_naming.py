"""Names for the parts of one flat vector: the report says which parameter it is."""

from __future__ import annotations

import re

import numpy as np
import pytest

from gradcheck import InputError, Verdict, assert_gradients, check_gradients

Y = np.random.default_rng(0).normal(1, 2, size=30)
X = np.array([0.3, 1.3, 1.0, 2.0, 3.0])
NAMES = {"mu": 0, "sigma": 1, "beta": slice(2, None)}


def nll(params, y):
    mu, sigma = params[:2]
    return np.sum(((y - mu) / sigma) ** 2) / 2 + len(y) * np.log(sigma) + params[2:] @ params[2:]


def score(params, y):
    mu, sigma = params[:2]
    r = (y - mu) / sigma
    return np.r_[-r.sum() / sigma, (len(y) - r @ r) / sigma, 2 * params[2:]]


FORMS = {
    "a dict": NAMES,
    "a list": ["mu", "sigma", "beta", "beta", "beta"],
    "indices": {"mu": [0], "sigma": np.array([1]), "beta": [2, 3, 4]},
}


@pytest.mark.parametrize("names", FORMS.values(), ids=FORMS)
def test_the_wrong_parameter_is_named(names):
    """And the right ones beside it agree."""
    factor = np.array([1, 1.01, 1, 1, 2])
    found = check_gradients(nll, X, Y, grad=lambda p, y: factor * score(p, y), names=names)
    assert {e.name.removesuffix("[0]") for e in found.wrong} == {"params.sigma", "params.beta[2]"}
    right = assert_gradients(nll, X, Y, grad=score, names=names)
    assert [*right.tensors] == ["params.mu", "params.sigma", "params.beta"]


def test_other_ways_of_saying_it():
    """args=, the value beside the gradient, a pullback."""
    assert_gradients(nll, X, args=(Y,), grad=score, names=NAMES)
    assert_gradients(lambda p, y: (nll(p, y), score(p, y)), X, Y, value_and_grad=True, names=NAMES)
    alone = assert_gradients(lambda theta: theta @ theta, X, grad=lambda theta: 2 * theta, names=NAMES)
    assert [*alone.tensors] == ["theta.mu", "theta.sigma", "theta.beta"]
    assert_gradients(lambda theta: (theta @ theta, 2 * theta), X, value_and_grad=True, names=NAMES)
    assert_gradients(nll, X, Y, forces=lambda p, y: -score(p, y), names=NAMES)
    assert_gradients(nll, X, Y, grad=lambda p, y: score(p, y) / 2, inner=2.0, names=NAMES)
    assert_gradients(np.tanh, X, vjp=lambda x, v: v * (1 - np.tanh(x) ** 2), names=NAMES)


PARAMETRISATIONS = {
    "log(sigma)": lambda s: s,
    "exp(sigma)": lambda s: np.exp(-s),
    "sigma^2": lambda s: 1 / (2 * s),
    "1/sigma^2": lambda s: -(s**3) / 2,
    "the root of sigma": lambda s: 2 * np.sqrt(s),
}


@pytest.mark.parametrize(("words", "slope"), PARAMETRISATIONS.items(), ids=PARAMETRISATIONS)
def test_a_claim_that_is_right_for_another_parametrisation_says_so(words, slope):
    """By the chain rule."""
    found = check_gradients(nll, X, Y, grad=lambda p, y: score(p, y) * np.r_[1, slope(p[1]), 1, 1, 1], names=NAMES)
    assert found.verdict is Verdict.WRONG
    assert found.diagnosis[0].startswith(f"params.sigma: it is the derivative with respect to {words}: right for that")


def test_a_direction_is_given_flat_or_by_names():
    """What is not named stands still."""
    for along in (X, [*X], "random", {"mu": 1.0}, {"beta": np.ones(3), "sigma": 2.0}):
        assert_gradients(nll, X, Y, grad=score, names=NAMES, along=along)
    beside = {"grad": lambda p, y: score(p, y) * [1, 2, 1, 1, 1], "names": NAMES}
    assert check_gradients(nll, X, Y, along={"sigma": 1.0}, **beside).verdict is Verdict.WRONG
    assert check_gradients(nll, X, Y, along={"mu": 1.0}, **beside).verdict is Verdict.CORRECT
    for wrong in (X[:2], {"tau": 1.0}, 3.0):
        with pytest.raises(
            InputError, match="where names= has 5 entries; give a flat vector, or a dict with some of mu"
        ):
            check_gradients(nll, X, Y, grad=score, names=NAMES, along=wrong)


REFUSED = {
    "none": ([], "names=[]: write a name for each of the 5 entries"),
    "no text": ([None] * 5, "a name is a str; write a name for each entry, or a dict from names to indices"),
    "too few": ({"mu": 0}, "names= has to name each of the 5 entries once: entry 1 has no name"),
    "twice": ({"mu": 0, "all": slice(0, 5)}, "entry 0 has two names"),
    "too many": (list("abcdef"), "names= has to name each of the 5 entries once: 6 are named"),
    "text": ("mu", "names='mu': write a name for each entry, or a dict from names to indices and slices"),
    "beyond": ({"mu": 9}, "names={'mu': 9}: there are 5 entries; write an index, a slice or a list of indices"),
}


@pytest.mark.parametrize(("names", "message"), REFUSED.values(), ids=REFUSED)
def test_names_that_do_not_fit_are_refused(names, message):
    """With what to write."""
    with pytest.raises(InputError, match=re.escape(message)):
        check_gradients(nll, X, Y, grad=score, names=names)


def test_what_has_no_flat_vector_is_refused():
    """In the user's own call."""
    with pytest.raises(InputError, match=re.escape("write check_gradients(nll, x, ..., names={'mu': 0, ")):
        check_gradients(nll, np.eye(2), Y, grad=score, names=NAMES)
    with pytest.raises(InputError, match=re.escape("write check_gradients(nll, x, grad=g, names=...)")):
        check_gradients(nll, X, Y, names=NAMES)
    with pytest.raises(InputError, match=re.escape("grad= returned an array of shape (2,) where names= has 5 entries")):
        check_gradients(nll, X, Y, grad=lambda p, y: score(p, y)[:2], names=NAMES)


def curvature(params, y):
    """The derivative of the score, for mu and sigma by hand and for beta twice the identity."""
    mu, sigma = params[:2]
    r = (y - mu) / sigma
    H = 2 * np.eye(len(params))
    H[:2, :2] = [[len(y), 2 * r.sum()], [2 * r.sum(), 3 * (r @ r) - len(y)]]
    H[:2, :2] /= sigma**2
    return H


def off(H):
    H[1, 0] *= 1.01
    return H


HESSIANS = {
    "hess": lambda change: {"hess": lambda p, y: change(curvature(p, y))},
    "hessp": lambda change: {"hessp": lambda p, v, y: change(curvature(p, y)) @ v},
}


@pytest.mark.parametrize("ways", HESSIANS.values(), ids=HESSIANS)
@pytest.mark.parametrize("names", FORMS.values(), ids=FORMS)
def test_a_hessian_has_names_for_its_inputs(ways, names):
    """With data beside the vector, given as arguments or by args=; the gradient beside it keeps its own."""
    found = check_gradients(nll, X, Y, grad=score, **ways(off), names=names)
    assert [e.name for e in found.wrong] == ["H[1,0]"]
    assert "H[1, 0] is the derivative of score for sigma by params.mu" in {
        s.replace("[0]", "") for s in found.diagnosis
    }
    right = assert_gradients(nll, X, args=(Y,), grad=score, **ways(lambda H: H), names=names)
    assert {*right.tensors} == {"params.mu", "params.sigma", "params.beta", "H"}
    assert any(note.startswith("the inputs of H: mu [0") for note in right.notes)


def test_a_part_of_the_vector_may_be_asked_for_beside_its_hessian():
    """The gradient is checked there, and the Hessian as a whole."""
    found = assert_gradients(nll, X, Y, grad=score, hess=curvature, names=NAMES, wrt="params.sigma")
    assert {*found.tensors} == {"params.sigma", "H"}


def test_a_jacobian_has_names_for_its_inputs():
    """The worst entry is told by them."""

    def f(theta):
        return np.array([theta[0] * theta[1], theta[2:].sum() ** 2])

    def jac(theta, factor=1.0):
        return np.array([[theta[1], factor * theta[0], 0, 0, 0], [0, 0, *[2 * theta[2:].sum()] * 3]])

    found = check_gradients(f, X, jac=lambda theta: jac(theta, 1.01), names=NAMES)
    assert [e.name for e in found.wrong] == ["J[0,1]"]
    assert "J[0, 1] is the derivative of f[0] by theta.sigma" in found.diagnosis
    assert assert_gradients(f, X, jac=jac, names=NAMES).notes[-1] == "the inputs of J: mu [0], sigma [1], beta [2:5]"


def test_the_jacobian_of_one_number_is_its_gradient():
    """As in SciPy; alone, and beside a Hessian."""
    found = check_gradients(nll, X, Y, jac=lambda p, y: score(p, y) * [1, 2, 1, 1, 1], names=NAMES)
    assert [e.name for e in found.wrong] == ["params.sigma"]
    both = assert_gradients(nll, X, Y, jac=score, hess=curvature, names=NAMES)
    assert {*both.tensors} == {"params.mu", "params.sigma", "params.beta", "H"}


def test_a_second_order_without_a_hessian_is_refused_with_what_to_write():
    """The Hessian, beside the gradient."""
    message = r"write check_gradients\(nll, x, grad=g, hess=H\), or hessp=Hp with Hp\(x, p\) = H\(x\) @ p"
    with pytest.raises(InputError, match=message):
        check_gradients(nll, X, Y, grad=score, order=2)
