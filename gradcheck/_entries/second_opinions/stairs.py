"""Is f a staircase? A claim of zero is the slope of each stair, not of the whole staircase."""

from __future__ import annotations

from dataclasses import replace

from gradcheck._entries.look import Look
from gradcheck._model.tally import SECOND, spending
from gradcheck._results.estimate import Estimate

STAIR = 2.0**-17  # how wide a stair may be, of the scale of an entry
STEEP = 1024.0  # how high it is at least, in roundings of f


@spending(SECOND)
def stairs(look: Look, estimate: Estimate) -> Estimate | None:
    """Report a staircase where zero is claimed: that is the slope of every stair, not of the whole staircase.

    It stands still as far as no rounding makes it, and then moves by more.
    """
    if look.claim != 0:
        return None
    ladder = look.ladder
    near, far = ([ladder.line(side * part * ladder.scale)[1] for side in (1, -1)] for part in (STAIR**2, STAIR))
    rises = [abs(slope) * r.step for r in estimate.rungs for slope in (r.left, r.right)]
    rise = min((rise for rise in rises if rise > 0), default=0.0)
    climbs = near == [0, 0] and 0 in far and rise > STEEP * look.tested.subject.rounding()
    return replace(estimate, stairs=True) if climbs else None
