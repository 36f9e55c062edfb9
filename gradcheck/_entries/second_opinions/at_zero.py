"""Do slopes converge as slowly as those of a power at 0? Then the power tells their limit."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from gradcheck._entries.look import SHARP, Look
from gradcheck._measure.extrapolate import SLOW, Limit
from gradcheck._measure.line import Floats
from gradcheck._measure.slopes import LAST
from gradcheck._model.tally import SECOND, spending
from gradcheck._results.estimate import Estimate

GAPS = 7  # the finest visible gaps between rungs, whose ratios must be alike
SEEN = 1e6  # bounds of the noise, above which a gap between rungs is seen well enough for its ratio to the next
ALIKE = 0.1  # relative to one minus the ratio: how far the ratios may differ, which are equal for a power
LOGARITHMS = (1, 2)  # powers of 1 / log h that slopes at 0 may follow
EVEN = 1e-4  # relative: by how much the growths of their reciprocals may differ, which are the same
EVEN_AT_BEST = 1e-9  # likewise, as far as slopes are known that are seen clearly
ENDLESS = 0.8  # ratio of successive gaps above which convergence is too slow for a power, and the limit is unknown
SAFE = 4.0  # times the largest difference between limits predicted from other rungs, as a bound of their error


@spending(SECOND)
def slow_power(look: Look, estimate: Estimate) -> Estimate | None:
    """Extrapolate the slopes of such a function as x^1.1, which at the finest step are still a twentieth of the first.

    Those of x^p differ from their limit by h^(p - 1), and so by a constant ratio less from rung to rung: from three of
    them the limit is known (Aitken), and from several threes how well.
    """
    blunt = estimate.uncertainty > SHARP * max(abs(look.claim), abs(estimate.value))
    if not blunt or estimate.jump or estimate.flat or len(estimate.rungs) <= GAPS:
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


def _slower(slopes: Floats, rung: int) -> Limit | None:
    """Return the limit of slopes that converge more slowly than those of any power: 0, as 1 / log h, or unknown.

    Their reciprocals, or the roots of those, then grow by the same from rung to rung.
    """
    size = np.abs(slopes)
    if (slopes[1:] * slopes[0] <= 0).any() or (np.diff(size) >= 0).any():
        return None
    for power in LOGARITHMS:
        growths = np.diff(size ** (-1 / power))
        off = float(np.ptp(growths) / growths.min())
        if off <= EVEN:
            return Limit(0.0, SAFE * GAPS * (off + EVEN_AT_BEST) * float(size[-1]), rung)
    return (
        Limit(float(slopes[-1]), float(size[-1]), rung) if np.diff(slopes)[-1] / np.diff(slopes)[-2] > ENDLESS else None
    )


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
    if not ((ratios > SLOW) & (ratios < 1)).all():
        return None
    if np.ptp(ratios) > ALIKE * (1 - ratios.max()):
        return _slower(slopes[clear[0] : clear[-1] + 2], int(clear[-1]))
    limits = slopes[clear[1:] + 1] + finest[1:] * ratios / (1 - ratios)
    jitter = noise[clear[-1] + 1] / (1 - ratios[-1]) ** 2
    return Limit(float(limits[-1]), float(SAFE * (np.ptp(limits[-LAST:]) + jitter)), int(clear[-1]))
