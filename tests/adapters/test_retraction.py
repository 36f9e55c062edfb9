"""What moves a point: functions, and manifolds of pymanopt, whose tangent vectors are drawn from a seed."""

from __future__ import annotations

import numpy as np
import pytest

from gradcheck._adapters.retraction import moves_of
from gradcheck._options import Options


class Sphere:
    """A manifold as pymanopt has them: its tangent vectors are drawn by NumPy's global generator."""

    dim = 2

    def retraction(self, x, v):
        return (x + v) / np.linalg.norm(x + v)

    def inner_product(self, x, u, v):
        return complex(u @ v)

    def projection(self, x, v):
        return v - x * (x @ v)

    def random_tangent_vector(self, x):
        return self.projection(x, np.random.normal(size=3))  # noqa: NPY002  as theirs


X = np.array([1.0, 0.0, 0.0])


def test_tangent_vectors_come_from_the_seed_and_the_global_generator_stays():
    """The same seed draws the same; a user's own draws go on as if nothing had been drawn."""
    np.random.seed(3)  # noqa: NPY002  theirs
    before = np.random.get_state()[1].copy()  # noqa: NPY002
    first, again, other = (moves_of(Options(retract=Sphere(), seed=seed)).draw for seed in (1, 1, 5))
    drawn = [first(X), first(X)]
    assert not np.array_equal(*drawn)
    assert np.array_equal(drawn, [again(X), again(X)])
    assert not np.array_equal(drawn[0], other(X))
    assert np.array_equal(before, np.random.get_state()[1])  # noqa: NPY002


def test_an_inner_product_is_a_real_number():
    """A complex one, as of unitary matrices, by its real part."""
    assert moves_of(Options(retract=Sphere())).inner(X, X, 2 * X) == pytest.approx(2.0)


def test_a_projection_leaves_tangent_vectors_as_they_are():
    """That of a group takes what lies beside the point to the Lie algebra; one that leaves tangent vectors is taken."""

    class Group(Sphere):
        def projection(self, x, v):
            return 2 * super().projection(x, v)

        def to_tangent_space(self, x, v):
            return -v

    class Space(Sphere):
        def to_tangent_space(self, x, v):
            return v

    assert np.array_equal(moves_of(Options(retract=Sphere())).project(X, X), 0 * X)
    assert np.array_equal(moves_of(Options(retract=Group())).project(X, X), -X)
    assert np.array_equal(moves_of(Options(retract=Space())).project(X, X), 0 * X)
