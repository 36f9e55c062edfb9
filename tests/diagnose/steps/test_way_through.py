"""Is the gradient of a record that of the function?"""

from __future__ import annotations

from contextlib import nullcontext

import numpy as np
import pytest
from recorded_runs import way

from gradcheck._diagnose.steps import way_through
from gradcheck._diagnose.steps.way_through import UncountableError, summed

RNG = np.random.default_rng(0)
A, B, V = RNG.normal(size=(3, 3)), RNG.normal(size=(3, 3)), RNG.normal(size=3)


@pytest.mark.parametrize(
    ("f", "right"),
    [
        (lambda a, b: np.sum(np.sin(a) * b), (np.cos(A) * B, np.sin(A))),
        (lambda a, b: np.sum(a @ b), (np.ones((3, 3)) @ B.T, A.T @ np.ones((3, 3)))),
        (lambda a, b: np.sum(a @ a) + 0 * b[0, 0], (np.ones((3, 3)) @ A.T + A.T @ np.ones((3, 3)), 0 * B)),
        (lambda a, b: np.sum((a + b[0]) ** 2), (2 * (A + B[0]), np.array([2 * (A + B[0]).sum(0), 0 * V, 0 * V]))),
        (lambda a, b: np.sum(a[[0, 0, 2]] * b), (np.array([B[0] + B[1], 0 * V, B[2]]), A[[0, 0, 2]])),
        (lambda a, b: np.linalg.slogdet(a)[1] + b.mean(), (np.linalg.inv(A).T, np.full((3, 3), 1 / 9))),
        (lambda a, b: V @ a @ V + np.sum(b.T.reshape(9)), (np.outer(V, V), np.ones((3, 3)))),
    ],
)
def test_the_gradient_is_right(f, right):
    """Of functions entry by entry, of products, of what is taken out and put together, and of others."""
    found = way(f, A, B).gradients({})
    np.testing.assert_allclose(found["a"], right[0], rtol=1e-7, atol=1e-9)
    np.testing.assert_allclose(found["b"], right[1], rtol=1e-7, atol=1e-9)


def test_a_cotangent_is_pulled_back():
    """Of several outputs."""
    found = way(np.tanh, A, u=B).gradients({})
    np.testing.assert_allclose(found["a"], B * (1 - np.tanh(A) ** 2), rtol=1e-8)


def test_a_step_may_be_followed_back_otherwise():
    """And everything before it as it is."""
    through = way(lambda a: np.sum(np.exp(2 * a)), A)
    twice = {1: lambda pull: [(through.record.steps[1].operands[0], 7 * pull)]}
    np.testing.assert_allclose(through.gradients(twice)["a"], np.full((3, 3), 14.0), rtol=1e-8)


def test_a_step_with_too_many_derivatives_is_not_followed(monkeypatch):
    """Of those that are no product, nor done entry by entry."""
    monkeypatch.setattr(way_through, "DERIVATIVES", 8)
    with pytest.raises(UncountableError):
        way(np.linalg.det, A).gradients({})
    way(lambda a: np.sum(np.sin(a)), A)
    monkeypatch.setattr(way_through, "DERIVATIVES", 9)
    for columns, followed in ((9, True), (8, False)):
        monkeypatch.setattr(way_through, "COLUMNS", columns)
        with nullcontext() if followed else pytest.raises(UncountableError):
            way(np.linalg.det, A).gradients({})


def test_what_was_repeated_is_summed():
    """Along axes that were added, and along those of one entry."""
    assert summed(np.ones((2, 3, 4)), (3, 1)).tolist() == [[8.0]] * 3
    assert summed(np.ones((2, 3)), (2, 3)).shape == (2, 3)


@pytest.mark.parametrize("scale", [1e-10, 1e10])
def test_what_is_moved_goes_as_far_as_it_is_large(scale):
    """Entry by entry, or as the entries are large on the whole."""
    a = scale * A
    found = way(lambda a: np.sum(a**3) / scale**2, a).gradients({})["a"]
    np.testing.assert_allclose(found, 3 * A**2, rtol=1e-6)
    found = way(lambda a: np.sum(np.linalg.inv(a)) * scale**2, a).gradients({})["a"]
    inverse = np.linalg.inv(A).T
    np.testing.assert_allclose(found, -inverse @ np.ones((3, 3)) @ inverse, rtol=1e-5)


def test_factors_are_matrices_of_as_many_axes():
    """A vector is a row or a column; a number is none, and a stack goes with a stack."""
    cube = np.ones((2, 3, 3))
    assert way_through._of_matrices([A, B])
    assert way_through._of_matrices([A, V])
    assert way_through._of_matrices([V, V])
    assert way_through._of_matrices([cube, cube])
    assert not way_through._of_matrices([cube, A])
    assert not way_through._of_matrices([A, np.array(2.0)])
