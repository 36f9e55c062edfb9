"""Does a tensor lie in a set that its neighbours should lie in too? Symmetric matrices, unit vectors, probabilities.

A gradient written for such a set need hold only in it. What could be chance, a matrix of one entry, a
tensor of equal numbers or of zeros, is no structure, nor is a set that the claim does not respect: the gradient of a
function of symmetric matrices is symmetric itself.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from gradcheck._model.oracle import Array
from gradcheck._results.floating import all_finite

Floats = NDArray[np.float64]
Holds = Callable[[Floats, Floats], bool]
Keep = Callable[[Floats, Floats], Floats]

CLOSE = 2.0**-20  # relative: six digits, as a unit vector is typed
MATRIX = 2  # axes that a matrix has
RISE = 4  # numbers that rise by chance once in 24 times
SEVERAL = 3  # numbers that hardly lie in [0, 1], at its edge or inside, without being probabilities
FURTHEST = 0.5  # of its size, by which a matrix is moved


@dataclass(frozen=True)
class Structure:
    """A set that a tensor lies in, and a way to stay in it."""

    name: str  # "symmetric matrices"
    holds: Holds  # (numbers, claim) -> whether they lie in it, and the claim knows of it
    keep: Keep  # (numbers, where they would be moved to) -> where to instead

    def stay(self, numbers: Floats, moved: Floats) -> Floats:
        """Return a point in the set instead of one outside; None if the numbers are too large or too small."""
        with np.errstate(all="ignore"):
            try:
                there = self.keep(numbers, moved)
            except np.linalg.LinAlgError:
                return numbers
        return there if np.isfinite(there).all() else numbers


def found(numbers: Floats, claim: Floats) -> Structure | None:
    """Return the set that a tensor lies in, if it is in one that is hardly chance."""
    if not numbers.size or numbers.max() == numbers.min() or not claim.any():
        return None
    if not all_finite(numbers):
        return None
    with np.errstate(all="ignore"):
        return next((structure for structure in STRUCTURES if structure.holds(numbers, claim)), None)


@dataclass(frozen=True)
class Domain:
    """Where numbers of one sign keep it, and those in [0, 1] stay there, since f may contain a logarithm."""

    signed: bool = False
    below_one: bool = False
    closed: bool = False  # whether some are 0 or 1, as probabilities may be: at neighbours they lie inside

    def keep(self, numbers: Floats, moved: Floats) -> Floats:
        """Return a point in it for some of the numbers; whatever stays by itself goes where it would be moved to."""
        if not self.signed:
            return moved
        if self.closed:
            moved = np.where(numbers == 0, np.abs(moved), np.where(numbers == 1, 1 - np.abs(moved - 1), moved))
        crosses = np.where(numbers < 0, -moved, moved) <= 0
        if crosses.any():
            moved = np.where(crosses, numbers * np.exp(-1.0), moved)
        if self.below_one:
            beyond = moved >= 1
            moved = np.where(beyond, 1 - (1 - numbers) * np.exp(-np.minimum(moved - numbers, 1)), moved)
        return moved


EVERYWHERE = Domain()


def domain_of(numbers: Array) -> Domain:
    """Return the domain that numbers lie in, except for those that are not finite, which stay where they are."""
    numbers = numbers if all_finite(numbers) else numbers[np.isfinite(numbers)]
    least, largest = np.min(numbers), np.max(numbers)
    signed, below_one = bool(least > 0 or largest < 0), bool(largest < 1)
    closed = numbers.size >= SEVERAL and bool(least >= 0 and largest <= 1)
    closed = closed and not ((signed and below_one) or _one_hot(numbers))
    return Domain(signed or closed, closed or (signed and below_one), closed)


def _near(a: Floats, b: Floats | float) -> bool:
    """Whether numbers are the same to six digits of the largest."""
    return bool(np.abs(a - b).max() <= CLOSE * np.abs(a).max(initial=0.0))


def _square(x: Floats) -> bool:
    return x.ndim >= MATRIX and x.shape[-1] == x.shape[-2] > 1


def _one_hot(x: Floats) -> bool:
    return bool(np.min(x) >= 0 and np.max(x) <= 1 and ((x == 0) | (x == 1)).all())


def _relative(x: Floats, moved: Floats) -> Floats:
    """Return a move as a part of the size of its matrix, and no more than half of that."""
    size = np.sqrt(np.mean(x * x, axis=(-1, -2), keepdims=True))
    part: Floats = FURTHEST * np.sin((moved - x) / np.where(size > 0, size, 1.0) / FURTHEST)
    return part


# ------------------------------------------------------------------------------------------------- matrices


def _symmetric(x: Floats, claim: Floats) -> bool:
    return _square(x) and _near(x, x.swapaxes(-1, -2)) and _near(claim, claim.swapaxes(-1, -2))


def _stay_symmetric(x: Floats, moved: Floats) -> Floats:
    """Move a symmetric matrix; one without negative eigenvalues keeps them, a correlation its ones, zeros stay."""
    least, most = np.linalg.eigvalsh(x)[..., 0], np.linalg.eigvalsh(x)[..., -1]
    if (least < -CLOSE * most).any():
        there = (moved + moved.swapaxes(-1, -2)) / 2
    else:
        turned = np.eye(x.shape[-1]) + _relative(x, moved) / np.sqrt(x.shape[-1])
        there = turned @ x @ turned.swapaxes(-1, -2)
        there = (there + there.swapaxes(-1, -2)) / 2
    diagonal = np.diagonal(x, axis1=-2, axis2=-1)
    if (diagonal == 1).all() and not _one_hot(x):
        root = np.sqrt(np.diagonal(there, axis1=-2, axis2=-1))
        there = there / root[..., :, None] / root[..., None, :]
    return there


def _definite(x: Floats, _: Floats) -> bool:
    """Whether a matrix is symmetric and positive definite, whatever is claimed: f may have a root or a logarithm."""
    if not _square(x) or not (x - x * np.eye(x.shape[-1])).any() or not _near(x, x.swapaxes(-1, -2)):
        return False  # a diagonal may be that of any matrix
    values = np.linalg.eigvalsh(x)
    return bool((values[..., 0] > CLOSE * values[..., -1]).all())


def _stay_definite(x: Floats, moved: Floats) -> Floats:
    """Move a matrix so that <v, A v> stays positive, though A need not stay symmetric."""
    root = np.linalg.cholesky(x)
    there: Floats = x + root @ (_relative(x, moved) / x.shape[-1]) @ root.swapaxes(-1, -2)
    return there


def _antisymmetric(x: Floats, claim: Floats) -> bool:
    return _square(x) and _near(x, -x.swapaxes(-1, -2)) and _near(claim, -claim.swapaxes(-1, -2))


def _triangle(which: Callable[[Floats], Floats]) -> Holds:
    def holds(x: Floats, claim: Floats) -> bool:
        if not _square(x):
            return False
        strictly = x - which(x)
        mine = which(x) - x * np.eye(x.shape[-1])
        return not strictly.any() and bool(mine.any()) and not (claim - which(claim)).any()

    return holds


def _orthonormal(x: Floats, _: Floats) -> bool:
    """Whether the columns of a matrix are orthonormal, or its rows."""
    if x.ndim < MATRIX or min(x.shape[-2:]) < MATRIX:
        return False
    tall = x if x.shape[-2] >= x.shape[-1] else x.swapaxes(-1, -2)
    if not _near(np.sum(tall * tall, axis=-2), 1.0):
        return False  # a quick look, before the product
    return _near(tall.swapaxes(-1, -2) @ tall, np.eye(tall.shape[-1]))


def _stay_orthonormal(x: Floats, moved: Floats) -> Floats:
    """Go to the nearest matrix with orthonormal columns: a rotation stays one, and becomes no reflection."""
    u, _, v = np.linalg.svd(x + _relative(x, moved) * np.sqrt(np.mean(x * x)), full_matrices=False)
    if _square(x):
        mirrored = np.sign(np.linalg.det(u @ v)) != np.sign(np.linalg.det(x))
        u[..., -1] *= np.where(mirrored, -1.0, 1.0)[..., None]
    there: Floats = u @ v
    return there


def _rigid(x: Floats, claim: Floats) -> bool:
    """Whether a matrix is a rotation beside a translation, over a row of zeros and a one."""
    if not _square(x) or x.shape[-1] <= MATRIX:
        return False
    row = np.eye(x.shape[-1])[-1]
    return bool((x[..., -1, :] == row).all()) and _orthonormal(x[..., :-1, :-1], claim)


def _stay_rigid(x: Floats, moved: Floats) -> Floats:
    there = moved.copy()
    there[..., :-1, :-1] = _stay_orthonormal(x[..., :-1, :-1], moved[..., :-1, :-1])
    there[..., -1, :] = x[..., -1, :]
    return there


# ------------------------------------------------------------------------------------------ rows and columns


def _unit(axis: int) -> Holds:
    def holds(x: Floats, claim: Floats) -> bool:
        if x.ndim < -axis or x.shape[axis] < MATRIX or not _near(_squares(x, axis), 1.0):
            return False
        return not _one_hot(x) or _near(np.abs(claim).sum(axis), np.abs(claim - claim * x).sum(axis))

    return holds


def _squares(x: Floats, axis: int) -> Floats:
    """Return the sums of squares along an axis, without an array of all squares."""
    last = x.swapaxes(axis, -1)
    return np.asarray(np.einsum("...i,...i->...", last, last))


def _stay_unit(axis: int) -> Keep:
    def keep(x: Floats, moved: Floats) -> Floats:
        size = np.sqrt(np.sum(moved * moved, axis=axis, keepdims=True))
        return np.where(size > 0, moved / np.where(size > 0, size, 1.0), x)

    return keep


def _shares(axis: int) -> Holds:
    def holds(x: Floats, _: Floats) -> bool:
        if x.ndim < -axis or x.shape[axis] < MATRIX or np.min(x) < 0 or _one_hot(x):
            return False
        return _near(np.sum(x, axis), 1.0)

    return holds


def _stay_shares(axis: int) -> Keep:
    def keep(x: Floats, moved: Floats) -> Floats:
        grown = x * np.exp(np.sin((moved - x) / np.maximum(x, np.mean(x))))  # bounded, and of no two alike
        there: Floats = grown / np.sum(grown, axis=axis, keepdims=True)
        return there

    return keep


def _rises(x: Floats, _: Floats) -> bool:
    first = x[..., :RISE]
    return x.shape[-1] >= RISE and bool((np.diff(first) > 0).all() and (x[..., 1:] > x[..., :-1]).all())


RISING = Structure("rising numbers", _rises, lambda _, moved: np.sort(moved))

STRUCTURES = (
    Structure("symmetric matrices", _symmetric, _stay_symmetric),
    Structure("positive definite matrices", _definite, _stay_definite),
    Structure("rigid motions", _rigid, _stay_rigid),
    Structure("antisymmetric matrices", _antisymmetric, lambda _, moved: (moved - moved.swapaxes(-1, -2)) / 2),
    Structure("matrices with orthonormal columns or rows", _orthonormal, _stay_orthonormal),
    Structure("lower triangular matrices", _triangle(np.tril), lambda _, moved: np.tril(moved)),
    Structure("upper triangular matrices", _triangle(np.triu), lambda _, moved: np.triu(moved)),
    Structure("rows of probabilities", _shares(-1), _stay_shares(-1)),
    Structure("columns of probabilities", _shares(-2), _stay_shares(-2)),
    Structure("vectors of unit length", _unit(-1), _stay_unit(-1)),
    Structure("columns of unit length", _unit(-2), _stay_unit(-2)),
    RISING,
)
