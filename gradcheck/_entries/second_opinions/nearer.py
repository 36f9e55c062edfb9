"""Which entries need steps of another order than their tensor's, and what do they show from there?"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

from gradcheck._entries.look import CONVINCED, SHARP, SLIGHT, Look
from gradcheck._entries.under_test import FAR
from gradcheck._judge.tolerance import COARSE
from gradcheck._measure import derivative
from gradcheck._measure.noise import noise_of
from gradcheck._measure.plateaus import fall, stairs_beneath, standing
from gradcheck._measure.step import Ladder
from gradcheck._model.subject import ENTRY_FINEST
from gradcheck._model.tally import SECOND, spending
from gradcheck._results.estimate import Estimate

STEEPER = 4.0  # how many times steeper than what was measured a claim is that may be that of an oscillation
HIDES = 16.0  # noises, that a claim may move f by with the finest step without being seen there
RUNGS = 256.0  # finest steps, between which there are rungs enough to see a claim that moves f by its noise


@spending(SECOND)
def own_scale(look: Look, estimate: Estimate) -> Estimate | None:
    """Measure an entry far below its tensor's others at its own scale, if it is little known at theirs, or accused."""
    tested, ladder = look.tested, look.ladder
    size = look.size
    well = _blur(estimate) <= SHARP
    if not 0 < size < ladder.scale / FAR or (well and not look.accuses(estimate)):
        return None
    finest = ENTRY_FINEST * tested.leaf.eps * size
    sigma = max(noise_of(ladder.line, size, tested.subject.rounding(), finest), tested.experience.stairs)
    near = replace(ladder, scale=size, sigma=sigma, finest=finest, evaluations=0)
    own = derivative.estimate(near)
    noisy = tested.sigma > tested.believed
    if _on_stairs(near, own) or (noisy and (own.value == 0 or all(standing(own.rungs)))):
        return None  # of what is rounded inside of f, so small steps see nothing
    if well:
        told = abs(own.value - estimate.value) > own.uncertainty + estimate.uncertainty
        return own if told and _blur(own) <= COARSE else None
    beyond = size < estimate.rungs[-1].step  # no step was as small as the entry, so f may behave differently there
    better = own.uncertainty < estimate.uncertainty or _blur(own) < _blur(estimate)
    return own if better or beyond else None


def _on_stairs(ladder: Ladder, estimate: Estimate) -> bool:
    """Whether a slope is that of a single stair, as for rounded functions, and not of the whole staircase."""
    found = fall(estimate.rungs)
    return found is not None and stairs_beneath(ladder.line, found, ladder.sigma, ladder.finest) > ladder.sigma


def _blur(estimate: Estimate) -> float:
    """Return the uncertainty of an estimate relative to itself; inf where that says nothing."""
    size = _steepness(estimate)
    return estimate.uncertainty / size if 0 < size < math.inf else math.inf


def _steepness(estimate: Estimate) -> float:
    """Return how steep f was found to be, at a kink on its steeper side: between the sides 0 may be in the middle."""
    sides = (estimate.left, estimate.right) if estimate.kink else ()
    return max([abs(estimate.value), *(abs(side) for side in sides)])


@spending(SECOND)
def where_the_claim_shows(look: Look, estimate: Estimate) -> Estimate | None:
    """Measure where a steep claim would move f by what was taken for noise: a fast oscillation is smooth from there.

    The new measurement is nearer to 0, and trusted where it contradicts the earlier one, whether the claim
    agrees or not. Where no step is fine enough, nothing is known.
    """
    steep = STEEPER * _steepness(estimate) < abs(look.claim) < math.inf and _blur(estimate) > SLIGHT
    away = abs(look.claim - estimate.value)
    near = from_where_it_shows(look, look.careful, estimate, away) if steep else None
    if near is None:
        return None
    if not near.denies and near.ladder.scale <= near.ladder.finest * RUNGS:
        return replace(estimate, uncertainty=max(estimate.uncertainty, away))
    return near.estimate if near.denies else None


@dataclass(frozen=True)
class Nearer:
    """What is measured nearer to 0 than before, and whether it denies that."""

    ladder: Ladder
    estimate: Estimate
    denies: bool


def from_where_it_shows(look: Look, ladder: Ladder, estimate: Estimate, away: float) -> Nearer | None:
    """Measure where a slope so far away would move f by no more than its noise, with as much noise as is seen there.

    None where the noise is that of rounding, or was noise from there as well for several entries, or no step is so
    fine.
    """
    tested, experience, size = look.tested, look.tested.experience, look.size
    finest = ENTRY_FINEST * look.tested.leaf.eps * look.size
    floor = tested.subject.rounding()
    if ladder.sigma <= tested.believed or experience.noise >= CONVINCED or not math.isfinite(away):
        return None
    scale = ladder.sigma / away
    if scale >= ladder.scale or scale <= finest / HIDES:
        return None
    sigma = max(noise_of(ladder.line, scale, floor, finest), experience.stairs)
    ladder = replace(ladder, scale=scale, sigma=sigma, finest=finest, size=size, evaluations=0)
    near = derivative.estimate(ladder)
    denies = abs(near.value - estimate.value) > near.uncertainty + estimate.uncertainty and not (near.kink or near.flat)
    experience.noise += not denies
    return Nearer(ladder, near, denies)
