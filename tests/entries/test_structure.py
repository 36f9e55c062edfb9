"""A tensor that lies in a set is seen to, and kept there; what could be chance is no set."""

from __future__ import annotations

import numpy as np
import pytest

from gradcheck._entries.structure import STRUCTURES, Structure, found, in_domain

RNG = np.random.default_rng(0)
B = RNG.normal(size=(4, 4))
S = B @ B.T
Q = np.linalg.qr(B)[0]
POSE = np.eye(4)
POSE[:3, :3], POSE[:3, 3] = np.linalg.qr(B[:3, :3])[0], [1, -2, 0.5]
P = RNG.dirichlet(np.ones(4), size=3)
U = B / np.linalg.norm(B, axis=1, keepdims=True)

INSIDE = {
    "symmetric matrices": [S, B + B.T, np.stack([S, 2 * S]), np.eye(3)],
    "antisymmetric matrices": [B - B.T],
    "rigid motions": [POSE, np.stack([POSE, POSE])],
    "matrices with orthonormal columns or rows": [Q, Q[:, :2], Q[:2], np.stack([Q, Q.T])],
    "lower triangular matrices": [np.tril(B)],
    "upper triangular matrices": [np.triu(B)],
    "rows of probabilities": [P, P[0], np.array([0.25, 0.75]), np.array([0, 0.25, 0.75])],
    "columns of probabilities": [P.T],
    "vectors of unit length": [U, U[0], np.round(U, 8), U.reshape(2, 2, 4)],
    "columns of unit length": [U.T],
    "rising numbers": [np.linspace(-1, 2, 5), np.cumsum(P, axis=1) + 3],
}
CASES = [(name, x) for name, several in INSIDE.items() for x in several]


def close_to(x, scale=0.2, seed=1):
    """Return where a random move would go."""
    size = np.maximum(np.abs(x), np.median(np.abs(x)))
    return x + scale * size * np.random.default_rng(seed).standard_normal(x.shape)


@pytest.mark.parametrize(("name", "x"), CASES, ids=[f"{n}-{np.shape(x)}-{k}" for k, (n, x) in enumerate(CASES)])
@pytest.mark.parametrize("scale", [0.2, 3.0])
def test_a_set_is_recognised_and_kept(name, x, scale):
    """However far the move would go; and the move is one."""
    structure = found(x, x if name != "rising numbers" else np.sin(x))
    assert structure.name == name
    there = structure.keep(x, close_to(x, scale))
    assert structure.holds(there, there)
    assert there.shape == x.shape
    assert np.abs(there - x).max() > 0.01
    assert np.isfinite(there).all()


@pytest.mark.parametrize(
    "x",
    [
        np.float64(1.0),
        np.array([1.0]),
        np.array([[2.0]]),
        np.zeros((3, 3)),
        np.ones((3, 3)),
        np.full(4, 0.5),
        B,
        B[0],
        np.array([1.0, 2.0, 3.0]),
        1.001 * U,
        2 * P,
    ],
    ids=str,
)
def test_what_may_be_chance_is_no_set(x):
    """One number, equal numbers, and any that miss a set by a thousandth."""
    assert found(x, x) is None


@pytest.mark.parametrize(
    ("x", "claim"),
    [(S, B), (np.tril(B), B), (np.eye(3)[0], np.ones(3)), (np.eye(4)[:3], B[:3]), (S, np.zeros((4, 4)))],
    ids=["symmetric", "triangular", "an axis", "axes", "zero"],
)
def test_a_claim_must_know_of_its_set(x, claim):
    """One that tells the entries of a symmetric matrix apart is that of a matrix that happens to be symmetric."""
    structure = found(x, claim)
    assert structure is None or structure.name.startswith("matrices with")


def test_an_axis_is_a_unit_vector_where_the_claim_lies_across_it():
    """As that of a quaternion that turns nothing does; a row that marks a class has any gradient."""
    assert found(np.eye(4)[0], np.array([0.0, 1, 2, 3])).name == "vectors of unit length"
    assert found(np.eye(4)[0], np.array([1.0, 1, 2, 3])) is None


def keep(x, moved):
    return found(x, x).keep(x, moved)


def test_a_positive_matrix_stays_positive_and_of_its_rank():
    """However far the move goes; a correlation keeps its ones."""
    low = B[:, :2] @ B[:, :2].T
    for seed in range(20):
        assert np.linalg.eigvalsh(keep(S, close_to(S, 2.0, seed)))[0] > 0
        eigenvalues = np.linalg.eigvalsh(keep(low, close_to(low, 0.5, seed)))
        assert np.abs(eigenvalues[:2]).max() < 1e-12 < eigenvalues[2]
    d = np.sqrt(np.diag(S))
    correlation = S / np.outer(d, d)
    np.fill_diagonal(correlation, 1)
    assert np.diag(keep(correlation, close_to(correlation))) == pytest.approx(1)


def test_a_rotation_becomes_no_reflection():
    """Its determinant keeps its sign."""
    for seed in range(20):
        assert np.linalg.det(keep(Q, close_to(Q, 3.0, seed))) == pytest.approx(np.linalg.det(Q))


def test_probabilities_stay_positive():
    """And those that are zero stay zero: an edge is a set of its own."""
    for seed in range(20):
        assert (keep(P, close_to(P, 3.0, seed)) > 0).all()
    assert keep(np.array([0, 0.25, 0.75]), np.array([0.1, 0.3, 0.7]))[0] == 0


@pytest.mark.parametrize(
    ("x", "moved", "there"),
    [
        ([1.0, 2.0], [1.1, 0.5], "moved"),
        ([1e-3, 2.0], [-0.4, 2.1], "positive"),
        ([-1e-3, -2.0], [0.4, -2.1], "negative"),
        ([0.99, 0.5], [1.2, 0.6], "below one"),
        ([1e-3, 0.5], [-0.1, 0.6], "positive"),
        ([-1.0, 2.0], [1.0, -2.0], "moved"),
        ([0.0, 2.0], [-1.0, 3.0], "moved"),
    ],
)
def test_numbers_of_one_sign_keep_it(x, moved, there):
    """Where a move would change it; all others go where they are sent."""
    x, moved = np.array(x), np.array(moved)
    went = in_domain(x, moved)
    assert (went[1], there == "moved") == (moved[1], went[0] == moved[0])
    if there != "moved":
        assert went[0] * np.sign(x[0]) > 0
        assert went[0] != x[0]
    if there == "below one":
        assert went[0] < 1


def test_every_set_has_a_name_of_its_own():
    """It is what the note says."""
    assert len({structure.name for structure in STRUCTURES}) == len(STRUCTURES)


def test_what_is_not_finite_lies_in_no_set():
    """An infinite entry is as large as any: nothing is unlike anything beside it."""
    for odd in (np.inf, -np.inf, np.nan):
        x = np.array([[odd, 1.0], [0.5, 2.0], [1.0, 0.0]])
        assert found(x, np.ones_like(x)) is None


def test_where_no_decomposition_is_found_nothing_moves():
    """Numbers that overflow when they are squared, or a library that gives up, are no error of the user's."""

    def fails(_, moved):
        raise np.linalg.LinAlgError(moved)

    x = np.eye(2)
    assert Structure("set", lambda *_: True, fails).stay(x, 2 * x) is x
    assert Structure("set", lambda *_: True, lambda _, moved: moved * np.inf).stay(x, 2 * x) is x
    assert (Structure("set", lambda *_: True, lambda _, moved: moved).stay(x, 2 * x) == 2 * x).all()
