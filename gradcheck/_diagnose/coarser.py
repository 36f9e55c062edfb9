"""Is the claim the slope over coarser steps? It is then that of what f approximates, which f itself does not have.

A table between whose nodes lines are drawn, or an integral over fixed pieces, bends at every node: from nearer than
they lie its slope is that of one piece. Derived by hand is what they stand for.
"""

from __future__ import annotations

from itertools import pairwise

import numpy as np

from gradcheck._diagnose.cause import Cause, Slip
from gradcheck._diagnose.evidence import ENOUGH, Evidence
from gradcheck._results.estimate import Rung

RATIO = 16.0  # times that the error of a central slope falls by from rung to rung
ALIKE = 1 / 16  # of what the claim is off by, that it may be apart from what coarse slopes tend to
TWICE = 2  # rungs, one after the other, from which it is the same


def smoothed(evidence: Evidence) -> Cause | None:
    """Each wrong claim of which the ladder was kept is what slopes over coarse steps tend to, twice over."""
    ladders = {k: rungs for k, rungs in evidence.rungs.items() if evidence.wrong.flat[k]}
    if len(ladders) < min(ENOUGH, int(np.count_nonzero(evidence.wrong))):
        return None
    steps = [_coarse(float(evidence.claim.flat[k]), float(evidence.estimate.flat[k]), r) for k, r in ladders.items()]
    if not all(steps):
        return None
    step = max(steps)
    return Cause(
        Slip.COARSER,
        evidence.name,
        f"the slope over steps of {step:.0e} and more, where f has another over smaller ones: the derivative of what f "
        "approximates, such as by a table or a sum over pieces; take that of the approximation, or make it finer",
    )


def _coarse(claim: float, estimate: float, rungs: tuple[Rung, ...]) -> float:
    """Return the finest step from which coarse slopes tend to a claim; 0.0 if there is none."""
    near, found = ALIKE * abs(claim - estimate), 0
    if abs(rungs[-1].central - claim) <= near:
        return 0.0  # it is that from nearer, as where f stands still
    for before, rung in pairwise(rungs):
        there = rung.central + (rung.central - before.central) / (RATIO - 1)
        found = found + 1 if abs(there - claim) <= near else 0
        if found == TWICE:
            return rung.step
    return 0.0
