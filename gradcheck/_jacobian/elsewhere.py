"""Is a matrix right nearby too? Along one direction through all columns, at a point where nothing is zero."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from gradcheck._entries.neighbours import NEAR, TRIES
from gradcheck._entries.structure import domain_of
from gradcheck._jacobian.columns import tolerance
from gradcheck._jacobian.probe import Probe, steps
from gradcheck._model.forms import Plain
from gradcheck._model.leaf import EVERY, Leaf
from gradcheck._model.questions import Entries, Floats
from gradcheck._model.subject import ROUNDED
from gradcheck._results.errors import CallError, InputError
from gradcheck._results.estimate import DEVIATIONS


@dataclass(frozen=True)
class Elsewhere:
    """A neighbour, what is claimed there, and whether a direction through it contradicts that."""

    x: Floats
    claimed: Entries
    agrees: bool


def nearby(probe: Probe, rng: np.random.Generator) -> Elsewhere | None:
    """Look along a direction at a random point near the given one; None where none is in the domain."""
    here, eps = probe.matrix.here, probe.eps
    leaf = Leaf(probe.matrix.labels[1], "input", here, here, here.dtype, Plain(here))
    reach = leaf.reach_of(EVERY).reshape(here.shape)  # of constants of many magnitudes each goes by its own size
    for attempt in range(TRIES):
        move = NEAR / 2**attempt * reach * rng.standard_normal(here.shape)
        x = domain_of(here).keep(here, here + move)
        along = steps(x, eps) * rng.choice([-1.0, 1.0], x.shape) * rng.uniform(0.5, 1.0, x.shape)
        up, down = probe.tried(x + along), probe.tried(x - along)
        if not (np.isfinite(up).all() and np.isfinite(down).all()):
            continue
        try:
            claimed = probe.claims(x)
        except (CallError, InputError):
            continue
        if not np.isfinite(claimed.values).all():
            continue
        taken = ((x + along) - (x - along)) / 2
        off = np.abs((up - down) / 2 - claimed.times(taken))
        rounding = np.fmax(ROUNDED * eps * np.fmax(np.abs(up), np.abs(down)), probe.sigma)
        room = DEVIATIONS * rounding + tolerance(eps, probe.rtol) * claimed.sizes(taken)
        return Elsewhere(x, claimed, bool((off <= room).all()))
    return None
