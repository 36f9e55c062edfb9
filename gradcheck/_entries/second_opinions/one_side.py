"""Does an estimate rest on one side alone? A kink between 0 and the steps that noise allows may lie on either side."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np

from gradcheck._entries.look import Look
from gradcheck._measure.extrapolate import RATIO, limit
from gradcheck._measure.line import Floats
from gradcheck._model.tally import SECOND, spending
from gradcheck._results.estimate import Estimate

SMOOTH = 2.0**-6  # of a gap between the sides: no more of it than that is left by the fourth derivative


@spending(SECOND)
def both_sides(look: Look, estimate: Estimate) -> Estimate | None:
    """Take the slope of both sides, with all that a kink within the steps may hide, where the claim is then not wrong.

    One side is believed where the other shows a kink, and the middle of both with what stands out of the noise of it;
    how near it is, and on which side of 0, is not seen through the noise. Outside of its domain f has no other side.
    """
    if estimate.kink or not (alone(estimate) or look.narrow(estimate)):
        return None
    table = np.array([(rung.central, rung.noise, rung.right - rung.left) for rung in estimate.rungs])
    hidden = _hidden(table[:, 2], table[:, 1] * math.sqrt(2))
    if not (alone(estimate) or hidden.any()):
        return None  # a less precise measurement of the same
    both = limit(table[:, 0], table[:, 1], power=2, kinked=hidden)
    second = replace(estimate, value=both.value, uncertainty=both.error)
    return second if math.isfinite(both.value) and not look.accuses(second) else None


def alone(estimate: Estimate) -> bool:
    """Whether an estimate is that of one of the sides, which differ."""
    return estimate.left != estimate.right and estimate.value in (estimate.left, estimate.right)


def _hidden(gap: Floats, noise: Floats) -> Floats:
    """Return what a kink within each step may put the slope off by: all of it, where any stands out of the noise.

    What a smooth function leaves of a gap beside what closes with the steps is a small part of it.
    """
    before = np.concatenate([gap[1:2] * RATIO**2, gap[:-1]])  # the first is held against the second
    excess = np.abs(gap - before / RATIO)
    return np.where(excess > np.maximum(noise, SMOOTH * np.abs(gap)), excess, 0.0)
