"""A tensor that lies in a set is seen to, and kept there; what could be chance is no set."""

from __future__ import annotations

import numpy as np
import pytest

from gradcheck._entries import structure as sets
from gradcheck._entries.structure import STRUCTURES, Structure, domain_of, found

RNG = np.random.default_rng(0)
B = RNG.normal(size=(4, 4))
S = B @ B.T
Q = np.linalg.qr(B)[0]
POSE = np.eye(4)
POSE[:3, :3], POSE[:3, 3] = np.linalg.qr(B[:3, :3])[0], [1, -2, 0.5]
P = RNG.dirichlet(np.ones(4), size=3)
U = B / np.linalg.norm(B, axis=1, keepdims=True)

INSIDE = {
    "symmetric matrices": [S, B + B.T, np.stack([S, 2 * S]), np.eye(3), S[:2, :2]],
    "antisymmetric matrices": [B - B.T],
    "rigid motions": [POSE, np.stack([POSE, POSE]), np.array([[0.6, -0.8, 3], [0.8, 0.6, 2], [0, 0, 1]])],
    "matrices with orthonormal columns or rows": [Q, Q[:, :2], Q[:2], np.stack([Q, Q.T]), np.stack([Q[:2], Q[1:3]])],
    "lower triangular matrices": [np.tril(B)],
    "upper triangular matrices": [np.triu(B)],
    "rows of probabilities": [P, P[0], np.array([0.25, 0.75]), np.array([0, 0.25, 0.75])],
    "columns of probabilities": [P.T],
    "vectors of unit length": [U, U[0], np.round(U, 8), U.reshape(2, 2, 4)],
    "columns of unit length": [U.T],
    "rising numbers": [np.linspace(-1, 2, 5), np.array([1.0, 2.5, 3.0, 7.0]), np.cumsum(P, axis=1) + 3],
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
        np.array([1.0, 2.0, 2.0, 3.0]),
        np.array([[1.0], [-1.0]]),
        np.arange(3.0).reshape(3, 1, 1),
        np.array([[1.0, 0.25, 3.0], [2.0, -1.0, 0.5]]),
        np.zeros((0, 3)),
    ],
    ids=str,
)
def test_what_may_be_chance_is_no_set(x):
    """One number, equal numbers, and any that miss a set by a thousandth."""
    assert found(x, x) is None


@pytest.mark.parametrize(
    ("x", "claim"),
    [(B + B.T, B), (np.tril(B), B), (np.eye(3)[0], np.ones(3)), (np.eye(4)[:3], B[:3]), (S, np.zeros((4, 4)))],
    ids=["symmetric", "triangular", "an axis", "axes", "zero"],
)
def test_a_claim_must_know_of_its_set(x, claim):
    """One that tells the entries of a symmetric matrix apart is that of a matrix that happens to be symmetric."""
    structure = found(x, claim)
    assert structure is None or structure.name.startswith("matrices with")


def test_a_positive_definite_matrix_stays_so_whatever_is_claimed():
    """Its function may have a root or a logarithm; it need not stay symmetric, as its claim is not."""
    structure = found(np.stack([S, 2 * S]), np.stack([B, B]))
    assert structure.name == "positive definite matrices"
    for seed in range(20):
        there = structure.keep(S, close_to(S, 3.0, seed))
        assert np.linalg.eigvalsh(there + there.T)[0] > 0
        assert np.abs(there - there.T).max() > 0.01
    assert found(B[:, :2] @ B[:, :2].T, B) is None
    assert found(-S, B) is None
    assert found(np.diag([1.0, 2.0, 4.0]), B[:3, :3]) is None


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
    went = domain_of(x).keep(x, moved)
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


@pytest.mark.parametrize(
    ("x", "moved", "went"),
    [
        ([1.0, 2.0], [0.0, 2.5], [np.exp(-1), 2.5]),
        ([1.0, 2.0], [-0.5, -9.0], [np.exp(-1), 2 * np.exp(-1)]),
        ([-3.0, -2.0], [0.0, 2.0], [-3 * np.exp(-1), -2 * np.exp(-1)]),
        ([0.5, 0.25], [1.0, 0.75], [1 - 0.5 * np.exp(-0.5), 0.75]),
        ([0.5, 0.25], [1.5, 0.9], [1 - 0.5 * np.exp(-1), 0.9]),
        ([0.5, 0.25], [9.0, -1.0], [1 - 0.5 * np.exp(-1), 0.25 * np.exp(-1)]),
        ([1.0, 0.5], [1.2, 1.1], [1.2, 1.1]),
        ([-0.5, -0.2], [-1.5, -0.1], [-1.5, -0.1]),
        ([0.0, 0.5], [0.1, 1.2], [0.1, 1.2]),
        ([0.0, 0.5, 1.0], [-0.1, 0.6, 1.2], [0.1, 0.6, 0.8]),
        ([0.0, 0.5, 1.0], [0.1, -0.6, 0.9], [0.1, 0.5 * np.exp(-1), 0.9]),
        ([0.0, 0.25, 1.0], [-3.0, 1.25, 5.0], [1 - np.exp(-1), 1 - 0.75 * np.exp(-1), np.exp(-1)]),
        ([0.0, 1.0, 1.0], [-0.1, 1.2, 0.9], [-0.1, 1.2, 0.9]),
        ([0.5, 1.0, 1.5], [-0.1, 1.2, 0.9], [0.5 * np.exp(-1), 1.2, 0.9]),
        ([0.0, 0.5, -1.0], [-0.1, 1.2, 0.9], [-0.1, 1.2, 0.9]),
    ],
)
def test_numbers_go_at_most_so_far_towards_where_they_may_not_be(x, moved, went):
    """To 1/e of what is left, so that they stay of the same order; inwards from 0 and 1 beside others between them."""
    assert domain_of(np.array(x)).keep(np.array(x), np.array(moved)) == pytest.approx(np.array(went), rel=1e-12)


def test_what_is_not_finite_has_no_say_in_the_sign_of_others():
    """It stays where it is, and they are kept positive."""
    assert domain_of(np.array([0.5, np.nan, 2.0])).signed
    assert not domain_of(np.array([0.5, np.nan, -2.0])).signed
    assert domain_of(np.array([0.5, np.inf, 0.2])).below_one


@pytest.mark.parametrize(("off", "inside"), [(0.7e-6, True), (1.3e-6, False)])
def test_six_digits_of_the_largest_make_a_set(off, inside):
    """As a unit vector is typed: to a millionth or so."""
    x = np.array([[100.0, 3.0], [3.0, 20.0]])
    x[0, 1] += 100 * off
    assert (found(x, np.ones((2, 2))) is not None) is inside
    unit = np.array([0.48, 0.6, 0.64]) * (1 + off / 2)
    assert (found(unit, unit) is not None) is inside


@pytest.mark.parametrize("scale", [1e-3, 10.0])
def test_a_matrix_is_moved_by_no_more_than_half_of_its_size(scale):
    """Little by little, all of the move is kept; of a stack each by its own size."""
    x = np.stack([B, 1e6 * B, 0 * B])
    size = np.sqrt(np.mean(x * x, axis=(-1, -2), keepdims=True))
    part = sets._relative(x, x + scale * np.sign(B) * size)
    assert np.abs(part).max() <= 0.5
    assert scale < 1 or np.abs(part).max() > 0.25
    assert not part[2].any()
    if scale < 1:
        assert part[:2] == pytest.approx(scale * np.stack([np.sign(B)] * 2), rel=1e-3)


LARGE = np.random.default_rng(6).normal(size=(16, 16))
FAR_AND_NEAR = {
    "positive": LARGE @ LARGE.T,
    "symmetric": LARGE + LARGE.T,
    "antisymmetric": LARGE - LARGE.T,
    "orthonormal": np.linalg.qr(LARGE)[0],
    "tall": np.linalg.qr(LARGE)[0][:, :3],
    "probabilities": np.random.default_rng(7).dirichlet(np.full(16, 5.0), size=2),
    "unit": LARGE[0] / np.linalg.norm(LARGE[0]),
}


@pytest.mark.parametrize("name", FAR_AND_NEAR)
def test_a_point_in_a_set_lies_as_far_as_the_move_would_go_and_in_its_direction(name):
    """Of a little move half or so is left in the set, and none of it turns round."""
    x = FAR_AND_NEAR[name]
    move = 1e-3 * np.sqrt(np.mean(x * x)) * np.random.default_rng(8).standard_normal(x.shape)
    went = keep(x, x + move) - x
    share = float(np.sum(went * move) / np.sum(move * move))
    length = float(np.linalg.norm(went) / np.linalg.norm(move))
    assert 0.2 < share <= length + 1e-9
    assert length < 3


def test_a_symmetric_matrix_of_either_sign_goes_half_way_to_what_it_would_be_mirrored():
    """Its eigenvalues have both signs, and need not keep them; an antisymmetric one likewise."""
    for x, sign in ((B + B.T, 1), (B - B.T, -1)):
        moved = close_to(x)
        assert keep(x, moved) == pytest.approx((moved + sign * moved.T) / 2, rel=1e-12)


def test_a_matrix_whose_eigenvalues_are_negative_by_rounding_keeps_its_rank():
    """By a millionth of the largest; by more they are negative, and may become so."""
    wide = np.diag([1.0, 2.0, 4.0])
    for least, kept in ((-2e-6, True), (-6e-6, False)):
        x = wide + np.diag([least - 1.0, 0, 0])
        there = keep(x, close_to(x))
        mirrored = (close_to(x) + close_to(x).T) / 2
        assert bool(np.allclose(there, mirrored, rtol=1e-12)) is not kept


def test_the_identity_is_no_correlation():
    """As it marks a start more often than a matrix of variables that have nothing to do with one another."""
    assert np.abs(np.diag(keep(np.eye(3), close_to(np.eye(3)))) - 1).max() > 0.01


def test_a_diagonal_matrix_is_no_triangle():
    """The claim may know of both sides of it, of one, or of the diagonal alone."""
    d = np.diag([1.0, 2.0, 4.0])
    assert found(d, np.tril(B[:3, :3])) is None
    assert found(np.tril(B), np.tril(B)).name == "lower triangular matrices"
    assert found(B - B.T, B + B.T) is None


def test_a_motion_keeps_its_last_row_and_moves_by_what_it_would():
    """It is turned as a rotation is, and shifted freely."""
    moved = close_to(POSE)
    there = keep(POSE, moved)
    assert (there[:3, 3] == moved[:3, 3]).all()
    assert (there[3] == [0, 0, 0, 1]).all()
    assert there[:3, :3] == pytest.approx(sets._stay_orthonormal(POSE[:3, :3], moved[:3, :3]))
    assert found(np.vstack([POSE[:3], [0, 0, 1, 1]]), np.ones((4, 4))) is None
    assert found(np.array([[1.0, 5.0], [0.0, 1.0]]), np.ones((2, 2))) is None
    scaled = POSE * np.where(np.arange(4) < 3, 2.0, 1.0)
    assert found(scaled, np.ones((4, 4))) is None


def test_what_turns_the_other_way_round_goes_on_doing_so():
    """Of either sign of the determinant, in two dimensions, where a far move would turn it over."""
    for x in (np.eye(2)[::-1], np.array([[0.6, -0.8], [0.8, 0.6]])):
        for seed in range(30):
            there = sets._stay_orthonormal(x, close_to(x + 0.1, 9.0, seed))
            assert np.linalg.det(there) == pytest.approx(np.linalg.det(x))


def test_columns_of_one_length_that_lean_are_not_orthonormal():
    """A quick look at their length is not all."""
    lean = np.array([[1.0, 0.6], [0.0, 0.8], [0.0, 0.0]])
    assert found(lean, np.ones((3, 2))).name == "columns of unit length"
    assert found(lean.T, np.ones((2, 3))).name == "vectors of unit length"


def test_where_a_vector_would_be_nothing_it_stays():
    """It has no direction then."""
    x = np.array([[0.6, 0.8], [0.8, -0.6], [0.28, 0.96]])
    moved = np.array([[0.0, 0.0], [3.0, 4.0], [0.3, -0.4]])
    assert found(x, np.ones((3, 2))).keep(x, moved) == pytest.approx(np.array([[0.6, 0.8], [0.6, 0.8], [0.6, -0.8]]))


def test_a_row_that_marks_a_class_is_no_share():
    """Nor are numbers that add up to one and have both signs, or shares in a single column."""
    marks = np.eye(3)[[0, 1, 1, 2, 0]]
    assert found(marks, np.ones((5, 3))) is None
    assert found(np.array([[1.5, -0.5], [0.25, 0.75]]), np.ones((2, 2))) is None
    assert found(np.array([[0.25, 0.75], [0.5, 0.6]]), np.ones((2, 2))) is None


def test_shares_grow_by_a_part_of_themselves():
    """By what the move is of each, or of the mean where that is more; an entry far below the mean hardly moves."""
    x = np.array([[0.7, 0.2999, 0.0001], [0.2, 0.3, 0.5]])
    move = np.array([[0.02, -0.01, 0.01], [0.01, 0.01, 0.0]])
    grown = x * np.exp(np.sin(move / np.maximum(x, 1 / 3)))
    assert keep(x, x + move) == pytest.approx(grown / grown.sum(axis=1, keepdims=True), rel=1e-9)
    assert keep(x.T, x.T + move.T) == pytest.approx((grown / grown.sum(axis=1, keepdims=True)).T, rel=1e-9)


def test_a_diagonal_is_no_triangle():
    """Something lies below it, or above."""
    for which in (np.tril, np.triu):
        holds = sets._triangle(which)
        assert not holds(np.diag([1.0, 2.0, 3.0]), which(np.ones((3, 3))))
        assert holds(which(np.arange(1.0, 10).reshape(3, 3)), which(np.ones((3, 3))))
        assert holds(which(np.arange(1.0, 91).reshape(5, 2, 3, 3)), which(np.ones((5, 2, 3, 3))))
