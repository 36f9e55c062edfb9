"""Does f not move at the point, on a side at least, and jump slightly further away? Its slope is that over the jumps.

So does all that passes through a part which is rounded to few digits: half precision in the middle. At small steps it
shows nothing, and the noise of larger ones is that of its jumps.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from gradcheck._entries.look import SLIGHT, Look
from gradcheck._measure.line import Line
from gradcheck._measure.noise import window_noise
from gradcheck._measure.plateaus import WIDER, Fall, highest_jump, standing
from gradcheck._model.tally import SECOND, spending
from gradcheck._results.estimate import Estimate
from gradcheck._results.floating import DOUBLE

TALLEST = 0.1  # of what f rises by over the scale: an entry is a small part of a number that is rounded to eight digits
PARTS = (0.5, 0.25)  # of the coarsest step, between values among which the jumps are noise
WAYS = 3  # random directions through a tensor, along which jumps are sought where an entry does not move f at all
FURTHEST = (1.0, 0.25)  # of the scale: where they begin


@spending(SECOND)
def over_the_jumps(look: Look, estimate: Estimate) -> Estimate | None:
    """Measure with the noise of the jumps, where all that moves f beside a place at which it stands still is jumps."""
    standard, ladder = look.tested.standard, look.ladder
    well = estimate.uncertainty <= SLIGHT * abs(estimate.value) and not look.narrow(estimate)
    if look.claim == 0 or well or not (estimate.flat or any(standing(estimate.rungs))):
        return None
    steepest = max(standard.elsewhere, standard.largest, *(abs(rung.central) for rung in estimate.rungs))
    height = max(_along_the_tensor(look) if estimate.flat else _beside(look, estimate), default=0.0)
    if not 0 < height <= TALLEST * ladder.scale * steepest:
        return None  # it rises without a jump, or by steps on purpose
    if estimate.flat:
        return replace(estimate, uncertainty=max(estimate.uncertainty, height / ladder.scale))
    spread = max(window_noise(ladder.line, part * by * ladder.step(0)) for part in PARTS for by in WIDER)
    if max(height, spread) <= ladder.sigma:
        return None
    return look.remeasured(ladder.with_noise(max(height, spread)))


@spending(SECOND)
def lost_in_one(look: Look, estimate: Estimate) -> Estimate | None:
    """Leave open what moves f by less than the rounding of 1, where f is less than that and nothing moves it.

    The logarithm of 1 + x^2 is zero for every x below 1e-8.
    """
    subject, claim = look.tested.subject, abs(look.claim)
    slight = np.abs(subject.base).max() < DOUBLE and claim * look.ladder.step(0) < DOUBLE
    if not (estimate.flat and slight):
        return None
    everything = subject.direction({p: leaf.spread.reshape(leaf.array.shape) for p, leaf in subject.chosen.items()})
    if any(everything(side)[1] for side in (1.0, -1.0)):
        return None
    return replace(estimate, uncertainty=claim)


def _beside(look: Look, estimate: Estimate) -> Iterator[float]:
    """Yield how high f jumps within the finest step that moves it, to either side."""
    for side in (1, -1):
        moves = [rung.step for rung in estimate.rungs if np.nan_to_num(rung.right if side > 0 else rung.left)]
        if moves:
            yield _jump(look, look.ladder.line, side * moves[-1])


def _along_the_tensor(look: Look) -> Iterator[float]:
    """Yield how high f jumps along random directions through the tensor of an entry that does not move it."""
    for way in range(WAYS):
        line = look.tested.through(way)
        for t in FURTHEST:
            yield _jump(look, line, t)


def _jump(look: Look, line: Line, t: float) -> float:
    found = Fall(abs(t), 0.0, 0.0, 1 if t > 0 else -1)
    return highest_jump(line, found, look.tested.subject.rounding(), look.ladder.finest)
