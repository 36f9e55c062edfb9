"""What may rounding make of a gradient? Measured from its changes between points that differ in their last digits."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from gradcheck._model.oracle import Array
from gradcheck._model.subject import Subject
from gradcheck._results.floating import REORDERED

Claims = Mapping[str, Array]
RESIDUE = 256.0  # roundings of other tensors' gradients that may be left of one that is zero as sums cancel
COARSEST = 0.01  # of the largest claim, that may be left in whatever precision
NUDGES = 6  # points that differ in their last digits
ROUNDINGS = 16.0  # times the largest change of a gradient between them


def residue(subject: Subject, claims: Claims, path: str, eps: float) -> float:
    """Return what may be left, by rounding, of a gradient that is zero: of the largest claim, in units of this one."""
    step = {p: subject.leaves[p].typical for p in claims}
    moves = (float(np.max(np.abs(c), where=np.isfinite(c), initial=0.0)) * step[p] for p, c in claims.items())
    return min(RESIDUE * eps, COARSEST) * max(moves) / step[path]


def measured_rounding(subject: Subject, path: str, ask: Callable[[int], tuple[Claims, ...]]) -> float:
    """Return what rounding makes of gradients, from their changes between points that differ in their last digits."""
    seen = []
    for n in range(NUDGES + 1):
        with subject.at(subject.nudge(n)):
            seen.append(np.array([claims[path] for claims in ask(n)], dtype=np.float64))
    with np.errstate(invalid="ignore"):
        changes = [np.abs(b - a) for a, b in pairwise(seen)]
    return ROUNDINGS * max(float(np.max(c, where=np.isfinite(c), initial=0.0)) for c in changes)


def alike(a: NDArray[np.floating], b: NDArray[np.floating], eps: float) -> bool:
    size = max(float(np.max(np.abs(each), initial=0.0)) for each in (a, b))
    return a.shape == b.shape and bool(np.max(np.abs(a - b), initial=0.0) <= REORDERED * eps * size)


def eps_of(array: NDArray[np.floating]) -> float:
    return float(np.finfo(array.dtype).eps)
