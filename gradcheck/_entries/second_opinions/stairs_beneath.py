"""Is a slope that of a function on top of stairs? Then it is measured with the noise of one of them, or of several."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np

from gradcheck._entries.look import CONVINCED, SHARP, SLIGHT, Look
from gradcheck._entries.second_opinions.averaging import BETTER
from gradcheck._judge.tolerance import COARSE
from gradcheck._measure import derivative
from gradcheck._measure.plateaus import STANDING, edge, fall, flight, stair, standing
from gradcheck._model.tally import SECOND, spending
from gradcheck._results.estimate import Estimate

WIDEST = 2.0**-4  # of the scale: steps at which stairs of half precision show where f stands still at finer ones
HIGHEST = 5 / 4 * 2.0**-7  # of what f rises by over the scale: the last of eight binary digits, and what adds to it
ONE_OF_TWO = 1.4  # standard deviations of the noise, by which a central slope moves from rung to rung, times the step
SEVERAL = (4.0, 16.0, 64.0, 256.0)  # times one stair, that the noise of those of many numbers, large and small, may be


@spending(SECOND)
def stairs_beneath_a_slope(look: Look, estimate: Estimate) -> Estimate | None:
    """Measure with the noise of what is rounded inside of f, where fine steps show the slope of the rest alone."""
    ladder, experience = look.ladder, look.tested.experience
    far = bool(estimate.rungs) and 0 < look.size < estimate.rungs[-1].step  # no step was as small as the entry
    if far or ladder.sigma >= experience.waves:  # or its noise is that of jumps between which f moves, or of waves
        return None
    quietest = min(look.tested.believed / ladder.sigma, 1.0)
    settled = experience.smooth >= CONVINCED or (experience.rounded and not look.accuses(estimate))
    found = None if settled else fall(estimate.rungs, quietest)
    on_a_stair = all(standing(estimate.rungs))
    widest = WIDEST * ladder.scale if on_a_stair else ladder.step(0)
    if not estimate.jump and (found is None or found.step > widest):
        if quietest < 1 and on_a_stair:
            return _over_the_flight(look, estimate)
        lost = quietest < 1 and math.isinf(estimate.uncertainty)
        return _noisier(look, estimate) if experience.stairs or lost else None
    quiet = ladder.sigma if found is None else min(ladder.sigma, found.scatter)
    sigma = edge(estimate.rungs) if found is None else stair(ladder.line, found, quiet, ladder.finest)
    standard = look.tested.standard
    # What is rounded may be steeper than what is left of it and the rest: it is the difference of the plateaus.
    rounded = 0.0 if found is None else abs(estimate.rungs[0].central - found.slope)
    slopes = (abs(rung.central) for rung in estimate.rungs)
    steepest = max(standard.elsewhere, standard.largest, rounded, *slopes)
    if found is not None and sigma > HIGHEST * ladder.scale * steepest:
        return None  # intended steps, higher than any from rounding
    sigma = flight(ladder.line, found, sigma) if found is not None and sigma else sigma
    known = experience.stairs
    experience.stairs = max(known, sigma)  # later opinions with finer steps use it
    second = _on_stairs(look, estimate, sigma) if sigma else None
    # At an edge of a stair f jumps, but by little; where it jumps by much it is no stair.
    if second is None or (estimate.jump and not second.uncertainty <= COARSE * abs(second.value)):
        experience.smooth, experience.stairs = experience.smooth + 1, known
        return None
    experience.rounded |= found is not None and second.uncertainty > SHARP * abs(second.value)
    return second


def _over_the_flight(look: Look, estimate: Estimate) -> Estimate | None:
    """Measure with the noise that the stairs of all of f make of slopes from rung to rung, where it is more."""
    moving = [(rung.step, rung.central) for rung in estimate.rungs if rung.central]
    if len(moving) <= STANDING:
        return None
    steps, central = np.array(moving).T
    scatter = float(np.median(np.abs(np.diff(central)) * steps[1:]))
    noisy = look.ladder.with_noise(ONE_OF_TWO * scatter)
    return derivative.estimate(noisy) if noisy.sigma > look.ladder.sigma else None


def _on_stairs(look: Look, estimate: Estimate, sigma: float) -> Estimate:
    """Measure with the noise of one stair, or with that of several."""
    if sigma > look.ladder.sigma:
        look = replace(look, ladder=look.ladder.with_noise(sigma))
        estimate = look.sharpened(derivative.estimate(look.ladder))
    return _noisier(look, estimate) or estimate


def _noisier(look: Look, estimate: Estimate) -> Estimate | None:
    """Measure with more noise, that of several stairs, if that tells more: less is denied by what is but noise."""
    if estimate.uncertainty <= SHARP * max(abs(look.claim), abs(estimate.value)):
        return None
    ladders = [look.ladder.with_noise(more * look.ladder.sigma) for more in SEVERAL]
    second = min((derivative.estimate(ladder) for ladder in ladders), key=lambda e: e.uncertainty)
    # With such an uncertainty the slope may be a mean over jumps.
    known = second.uncertainty <= SLIGHT * abs(second.value)
    return second if known and BETTER * second.uncertainty < estimate.uncertainty else None
