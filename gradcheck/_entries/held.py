"""Is a gradient right for the function of which a part is held constant? Then nothing flows back through that part.

Code outside a framework, such as NumPy, cannot be differentiated to see what is missing. But what it returned at the
point can be returned at every other point: if the claim is the slope of that function, that part is what is missing.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager

import numpy as np

from gradcheck._entries.glance import CLAIM_NOISE, at_random, slope_along
from gradcheck._entries.look import SHARP
from gradcheck._model.oracle import Array
from gradcheck._model.subject import Subject

DIRECTIONS = 2  # through the tensors that are wrong, in each of which their claims must be right


def right(subject: Subject, held: Callable[[], AbstractContextManager[None]], names: frozenset[str]) -> bool:
    """Return whether the claims are the slopes of the function, while a part of it returns what it did at the point."""
    claims = subject.claims()
    with held():
        return all(_agrees(subject, claims, names, seed) for seed in range(DIRECTIONS))


def _agrees(subject: Subject, claims: dict[str, Array], names: frozenset[str], seed: int) -> bool:
    rng, claimed, length, moves = np.random.default_rng(seed), 0.0, 0.0, {}
    for path, leaf in subject.leaves.items():
        if leaf.name in names:
            move = leaf.whole(leaf.drawn(at_random(rng), leaf.spread_of))
            parts = claims[path].astype(np.float64) * move
            claimed, length = claimed + float(parts.sum()), length + float(np.linalg.norm(parts))
            moves[path] = move
    line = subject.direction(moves)
    line(0.0)  # the first call: what the part returns here, it returns from now on
    slope = slope_along(line, subject.rounding())
    if not length:
        return slope.value == slope.left == slope.right == 0
    room = slope.uncertainty + CLAIM_NOISE * subject.eps * length
    return not slope.kink and room <= SHARP * length and abs(claimed - slope.value) <= room
