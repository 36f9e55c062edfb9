"""At which step are two evaluations most accurate for a tensor's entries, and what uncertainty is left there?"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from gradcheck._entries.under_test import Ints, UnderTest
from gradcheck._results.estimate import Estimate

USUAL = 8  # the rung that serves where no entry could be calibrated: a step of 4e-6
BEST = 4  # the rung that an estimate usually rests on
BENDIER = 6.0  # how much more than the calibrated entries others may bend


@dataclass(frozen=True)
class Calibration:
    """What the entries that were measured in full say of the step for the others."""

    rung: int = USUAL  # at which two evaluations tell most
    truncation: float = 0.0  # of the slope, that the step of that rung leaves in the calibrated entries
    best: int = BEST  # the rung that their estimates rest on
    bend: float = 0.0  # of the slopes: the gap between left and right that mere curvature explains there
    reach: float = np.inf  # the uncertainty of their estimates


def typical(tested: UnderTest, chosen: Ints, *, one: bool = False) -> Ints:
    """Choose the entries that calibrate their tensor: that with the largest claim, and a middling one.

    With `one`, an entry with a large claim and a large step, where f has most curvature.
    """
    size = np.abs(tested.columns.claims[chosen])
    size[~np.isfinite(size)] = 0.0
    flat = tested.columns.flat[chosen]
    size[tested.spread(flat) < tested.scale(flat)] = 0.0  # those of another order have steps of their own
    if one:
        return chosen[[int(np.argmax(size * tested.scale(flat) ** 2))]]
    order = np.argsort(size, kind="stable")
    nonzero = order[size[order] > 0]
    middling = nonzero[len(nonzero) // 2] if len(nonzero) else order[len(order) // 2]
    return np.unique(chosen[[order[-1], middling]])


def calibrated(estimates: list[Estimate]) -> Calibration:
    """Choose the rung at which two evaluations are most accurate, and estimate what they leave unknown there."""
    usable = [e for e in estimates if np.isfinite(e.value) and e.scale > 0 and not e.kink]
    if not usable:
        return Calibration()
    first = max(e.first for e in usable)
    usable = [e for e in usable if e.last >= first]  # others end above where those begin
    last = min(e.last for e in usable)
    rungs = [e.rungs[first - e.first : last - e.first + 1] for e in usable]
    off = np.array([[abs(r.central - e.value) for r in rs] for e, rs in zip(usable, rungs, strict=True)])
    noise = np.array([[r.noise for r in rs] for rs in rungs])
    error = np.nan_to_num(BENDIER * off + noise, nan=np.inf).max(axis=0)
    best = int(np.argmin(error))
    known = np.array([e.uncertainty for e in usable])
    return Calibration(
        rung=first + best,
        truncation=float((BENDIER * np.maximum(off[:, best] - known, 0) + known).max()),
        best=max(1, round(sum(e.best for e in usable) / len(usable))),
        bend=max(abs(rs[best].right - rs[best].left) for rs in rungs),
        reach=max(e.uncertainty for e in usable),
    )
