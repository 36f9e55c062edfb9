"""Does f jump often, by a large part of itself? Its slope is that between the jumps: rounding is not that coarse."""

from __future__ import annotations

from dataclasses import replace

from gradcheck._entries.look import SHARP, Look
from gradcheck._judge.tolerance import COARSE
from gradcheck._measure import derivative
from gradcheck._measure.noise import QUIET, noise_of
from gradcheck._model.subject import ENTRY_FINEST, ROUNDED
from gradcheck._model.tally import SECOND, spending
from gradcheck._results.estimate import Estimate
from gradcheck._results.floating import DOUBLE

TALL = 2.0**-6  # of f: jumps higher than the last place of a number of eight binary digits, several times over
DISTANCES = (2.0**-10, 2.0**-20, 2.0**-30)  # of the scale, from where f is looked at


@spending(SECOND)
def between_jumps(look: Look, estimate: Estimate) -> Estimate | None:
    """Measure where f is smooth, from much nearer, if its noise is a train of tall jumps: those of a remainder."""
    subject, ladder = look.tested.subject, look.ladder
    sharp = estimate.uncertainty <= SHARP * max(abs(estimate.value), estimate.scale)
    if sharp or estimate.flat or subject.coarse or ladder.sigma <= QUIET * subject.rounding():
        return None
    if look.tested.experience.rounded:
        return None  # its noise is that of a part which is rounded, and not of its own jumps
    moved = subject.rounding_of(look.tested.path, int(look.tested.columns.flat[look.k]), ladder.step(0))
    if ladder.sigma <= TALL * moved / (ROUNDED * DOUBLE):
        return None
    finest = ENTRY_FINEST * look.tested.leaf.eps * look.size
    for nearer in DISTANCES:
        near = replace(ladder, scale=nearer * ladder.scale, finest=finest, size=look.size, evaluations=0)
        sigma = noise_of(ladder.line, near.scale, subject.rounding(), finest)
        found = derivative.estimate(replace(near, sigma=sigma)) if sigma <= QUIET * subject.rounding() else None
        if found is not None and _smooth(found, look.claim):
            return None if _over_the_jumps(look, estimate, found) else found
    return None


def _over_the_jumps(look: Look, far: Estimate, near: Estimate) -> bool:
    """Whether the claim is the slope over the jumps, not that between them: a part of f may be rounded after all."""
    apart = far.uncertainty < abs(far.value - near.value)
    return apart and look.accuses(near) and not look.accuses(far)


def _smooth(near: Estimate, claim: float) -> bool:
    """Whether f is smooth nearby; where it does not move there, that is the slope of a stair, not of the staircase."""
    known = near.uncertainty <= COARSE * abs(near.value)
    return known and not (near.kink or near.jump) and (not near.flat or claim == 0)
