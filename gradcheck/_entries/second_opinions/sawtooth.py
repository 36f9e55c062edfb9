"""Does f jump often, by a large part of itself? Its slope is that between the jumps: rounding is not that coarse."""

from __future__ import annotations

from dataclasses import replace

from gradcheck._entries.look import SHARP, SLIGHT, Look
from gradcheck._judge.tolerance import COARSE
from gradcheck._measure import derivative
from gradcheck._measure.noise import COARSEST, noise_of, window_noise
from gradcheck._model.subject import ENTRY_FINEST, ROUNDED
from gradcheck._model.tally import SECOND, spending
from gradcheck._results.estimate import Estimate
from gradcheck._results.floating import DOUBLE

TALL = 2.0**-6  # of f: jumps higher than the last place of a number of eight binary digits, several times over
STILL = 1 / 4  # of the slope between jumps, that the one over them is at most: those of a remainder leave nothing
QUIETER = 2.0**-10  # of the jumps, that the noise between them is at most: a large argument is rounded more than f
NEAREST = 4  # rungs, the finest, that show whether f is steep there: over the last f may not move at all
DISTANCES = (2.0**-10, 2.0**-20, 2.0**-30)  # of the scale, from where f is looked at
AS_LOUD = 4.0  # times less than where the jumps should be, noise may be from nearest, and be that of f all the same


@spending(SECOND)
def between_jumps(look: Look, estimate: Estimate) -> Estimate | None:
    """Measure where f is smooth, from much nearer, if its noise is a train of jumps: those of a remainder.

    They are tall, or over them f stands still: it moves between them only.
    """
    subject, ladder, experience = look.tested.subject, look.ladder, look.tested.experience
    if ladder.sigma <= look.tested.believed or subject.coarse or _settled(look, estimate):
        return None
    if experience.rounded:
        return None  # its noise is that of a part which is rounded, and not of its own jumps
    moved = subject.rounding_of(look.tested.path, int(look.tested.columns.flat[look.k]), ladder.step(0))
    tall = ladder.sigma > TALL * moved / (ROUNDED * DOUBLE)
    known = ladder.sigma >= experience.waves
    if not (tall or known or _still(estimate, max(abs(look.claim), look.tested.standard.largest))):
        return None
    if window_noise(ladder.line, DISTANCES[-1] * COARSEST * ladder.scale) > ladder.sigma / AS_LOUD:
        return None  # between jumps f is quiet: it is no train of them, however near
    finest = ENTRY_FINEST * look.tested.leaf.eps * look.size
    for nearer in DISTANCES:
        near = replace(ladder, scale=nearer * ladder.scale, finest=finest, size=look.size, evaluations=0)
        sigma = noise_of(ladder.line, near.scale, subject.rounding(), finest)
        quiet = sigma <= max(look.tested.believed, QUIETER * ladder.sigma)
        found = derivative.estimate(replace(near, sigma=sigma)) if quiet else None
        if found is not None and _smooth(found, look.claim):
            return _chosen(look, estimate, found, tall=tall, known=known)
    return None


def _chosen(look: Look, far: Estimate, near: Estimate, *, tall: bool, known: bool) -> Estimate | None:
    """Return the slope between the jumps, if it is what is asked for; with low jumps, and none over them, neither is.

    A claim that is the slope over the jumps says that a part of f is rounded after all; zero says that of waves, too.
    """
    still, apart = _still(far, abs(near.value)), abs(near.value - far.value)
    if not (still or tall):
        return None
    if _over_the_jumps(look, far, near):
        if not still or abs(look.claim) > far.uncertainty:
            return None
        if not (tall or known):
            return replace(far, uncertainty=max(far.uncertainty, apart))
    if apart > near.uncertainty + far.uncertainty:
        look.tested.experience.met(look.ladder.sigma)
    return near


def _settled(look: Look, estimate: Estimate) -> bool:
    """Whether f does not move, or jumps at the point itself, or its slope is known, as no other shows from nearest."""
    if estimate.flat or estimate.jump:
        return True
    sharp = estimate.uncertainty <= SHARP * max(abs(estimate.value), estimate.scale)
    nearest = max((abs(rung.central) for rung in estimate.rungs[-NEAREST:]), default=0.0)
    return sharp and not look.accuses(estimate) and not nearest > SLIGHT * estimate.scale


def _still(estimate: Estimate, steep: float) -> bool:
    """Whether f does not move over many jumps, beside how steep it is between them."""
    return abs(estimate.value) + estimate.uncertainty <= STILL * steep


def _over_the_jumps(look: Look, far: Estimate, near: Estimate) -> bool:
    """Whether the claim is the slope over the jumps, not that between them: a part of f may be rounded after all."""
    apart = far.uncertainty < abs(far.value - near.value)
    return apart and look.accuses(near) and not look.accuses(far)


def _smooth(near: Estimate, claim: float) -> bool:
    """Whether f is smooth nearby; where it does not move there, that is the slope of a stair, not of the staircase."""
    known = near.uncertainty <= COARSE * abs(near.value)
    return known and not (near.kink or near.jump) and (not near.flat or claim == 0)
