"""Whether a matrix is right at a neighbour, along one direction."""

from __future__ import annotations

import numpy as np

from gradcheck._jacobian.elsewhere import nearby
from gradcheck._jacobian.probe import Probe
from gradcheck._model.questions import Entries, Matrix
from gradcheck._model.tally import Tally

X = np.array([0.5, 1.0, 2.0])


def look(f, J):
    claim = lambda x: Entries.full(np.asarray(J(x)))  # noqa: E731
    return nearby(Probe(Matrix("J", "f", f, claim, X, (3,), (3,), ("f", "x")), Tally()), np.random.default_rng(0))


def test_a_direction_shows_what_is_wrong_there():
    """Two evaluations."""
    assert look(np.sin, lambda x: np.diag(np.cos(x))).agrees
    assert not look(np.sin, lambda x: np.diag(np.cos(x) + 1e-4)).agrees


def test_a_neighbour_lies_in_the_domain():
    """Positive numbers stay positive; where there is none, nothing is said."""
    assert (look(np.log, lambda x: np.diag(1 / x)).x > 0).all()
    assert look(lambda x: np.where((x == X).all(), x, np.nan), np.diag) is None


def test_constants_of_many_magnitudes_are_moved_each_by_its_own_size():
    """By that of the others a small one would go where its function is another."""
    x, tiny = np.array([1e-6, 2e-6, 1.0, 2.0]), np.array([1e-6, 1e-6, 1.0, 1.0])
    matrix = Matrix(
        "J",
        "f",
        lambda z: np.sin(z / tiny),
        lambda z: Entries.full(np.diag(np.cos(z / tiny) / tiny)),
        x,
        (4,),
        (4,),
        ("f", "x"),
    )
    assert (np.abs(nearby(Probe(matrix, Tally()), np.random.default_rng(0)).x - x) < x).all()
