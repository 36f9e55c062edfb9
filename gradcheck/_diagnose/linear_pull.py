"""Which pulls from above make gradients that were measured? All that a linear map leaves possible.

The gradients of several tensors are linear in the same unknown pull. There are more equations than unknowns, so that a
pull that satisfies all of them reveals the map; a mistake is another map, which makes a claim of the same pull.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from gradcheck._diagnose.evidence import SINGULAR, Floats

EQUATIONS = 5  # equations beyond the number of unknowns that make a fit no coincidence
RESIDUAL = 1e-6  # residual, relative to the gradients, of a fit that counts


@dataclass(frozen=True)
class Solved:
    """All pulls dY that the measured gradients leave possible: one of them, and what may be added to it."""

    one: Floats
    free: Floats  # an orthonormal basis, in columns
    equations: int  # that are not 0 = 0

    def agrees(self, A: Floats, claim: Floats) -> bool:
        """Whether one of them makes a claim, and that is no coincidence."""
        size = float(np.linalg.norm(claim))
        if size == 0 or not np.isfinite(A).all():
            return False
        left, within = claim - A @ self.one, A @ self.free
        solution, _, rank, _ = np.linalg.lstsq(within, left, rcond=SINGULAR)
        unknowns = len(self.one) - self.free.shape[1] + rank
        if self.equations + np.count_nonzero(claim) < unknowns + EQUATIONS:
            return False
        return float(np.linalg.norm(within @ solution - left)) <= RESIDUAL * size


def solve(blocks: list[tuple[Floats, Floats]]) -> Solved | None:
    """Solve the equations A p = g of several blocks; None where they contradict, or are 0 = 0."""
    A, rhs = _stacked(blocks)
    if _contradicts(A, rhs):
        return None
    left, sizes, right = np.linalg.svd(A, full_matrices=A.shape[0] < A.shape[1])
    rank = int(np.count_nonzero(sizes > SINGULAR * sizes[:1]))
    one = right[:rank].T @ ((left.T @ rhs)[:rank] / sizes[:rank])
    fits = float(np.linalg.norm(A @ one - rhs)) <= RESIDUAL * float(np.linalg.norm(rhs))
    return Solved(one, right[rank:].T, int(np.count_nonzero(rhs))) if fits and rhs.any() else None


def _contradicts(A: Floats, rhs: Floats) -> bool:
    """Whether no solution comes near: tested with a basis of a larger space, which is cheaper to compute."""
    basis, _ = np.linalg.qr(A)
    return float(np.linalg.norm(rhs - basis @ (basis.T @ rhs))) > RESIDUAL * float(np.linalg.norm(rhs))


def _stacked(blocks: list[tuple[Floats, Floats]]) -> tuple[Floats, Floats]:
    """Stack blocks of equations, each scaled to its own size, so that none is negligible beside another."""
    sizes = [float(np.linalg.norm(rhs)) or 1.0 for _, rhs in blocks]
    A = np.vstack([rows / size for (rows, _), size in zip(blocks, sizes, strict=True)])
    return A, np.concatenate([rhs / size for (_, rhs), size in zip(blocks, sizes, strict=True)])
