"""Do slopes fall to their limit as slowly as those of a power do at 0? Then the power tells where they fall to."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from gradcheck._entries.look import SHARP, Look
from gradcheck._measure.extrapolate import SLOW, Limit
from gradcheck._measure.line import Floats
from gradcheck._model.tally import SECOND, spending
from gradcheck._results.estimate import Estimate

GAPS = 7  # between rungs, the finest that are seen, whose ratios must be alike
SEEN = 1e6  # bounds of the noise, above which a gap between rungs is seen well enough for its ratio to the next
ALIKE = 0.1  # of what they fall short of one: by how much their ratios may differ, which are the same for a power
LAST = 3  # limits, those of the finest rungs, that are held against one another
SAFE = 4.0  # times the largest difference between limits foretold from other rungs, that bounds their error


@spending(SECOND)
def slow_power(look: Look, estimate: Estimate) -> Estimate | None:
    """Foretell where the slopes of x^1.1 fall to, which are at the finest step a twentieth of those at the first.

    Those of x^p differ from their limit by h^(p - 1), and so by a constant ratio less from rung to rung: from three of
    them the limit is known (Aitken), and from several threes how well.
    """
    blunt = estimate.uncertainty > SHARP * max(abs(look.claim), abs(estimate.value))
    if not blunt or estimate.jump or len(estimate.rungs) <= GAPS:
        return None
    table = np.array([(rung.left, rung.right, rung.noise) for rung in estimate.rungs])
    sides = [found for side in (0, 1) if (found := _foretold(table[:, side], table[:, 2])) is not None]
    if not sides or len(sides) < np.isfinite(table[-1, :2]).sum():
        return None
    value, error = float(np.mean([s.value for s in sides])), max(s.error for s in sides)
    apart = float(np.ptp([s.value for s in sides]))
    if apart > 2 * error or error >= estimate.uncertainty:
        return None
    return replace(estimate, value=value, uncertainty=error + apart, left=value, right=value, kink=False)


def _foretold(slopes: Floats, noise: Floats) -> Limit | None:
    """Return the limit of slopes whose gaps fall by one ratio, as far as they are seen, or have none."""
    gaps = np.diff(slopes)
    if not gaps.any():
        return Limit(float(slopes[-1]), 0.0, len(gaps))
    clear = np.flatnonzero(np.abs(gaps) > SEEN * (noise[1:] + noise[:-1]))[-GAPS:]
    if len(clear) < GAPS or np.ptp(clear) >= GAPS:
        return None
    finest = gaps[clear]
    ratios = finest[1:] / finest[:-1]
    if not ((ratios > SLOW) & (ratios < 1)).all() or np.ptp(ratios) > ALIKE * (1 - ratios.max()):
        return None
    limits = slopes[clear[1:] + 1] + finest[1:] * ratios / (1 - ratios)
    jitter = noise[clear[-1] + 1] / (1 - ratios[-1]) ** 2
    return Limit(float(limits[-1]), float(SAFE * (np.ptp(limits[-LAST:]) + jitter)), int(clear[-1]))
