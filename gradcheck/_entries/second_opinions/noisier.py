"""Is there more noise along an entry than was measured for its tensor?"""

from __future__ import annotations

import math

import numpy as np

from gradcheck._entries.look import SHARP, Look
from gradcheck._measure import derivative
from gradcheck._model.tally import SECOND, spending
from gradcheck._results.estimate import Estimate
from gradcheck._results.middle import median

SCATTERED = 3  # rungs in each of the two groups of finest rungs whose scatter is examined
MEDIAN = 2.0  # noise, as a standard deviation, per median change of a central slope times the step
FALLS = 16.0  # what falls by more from each of the finest rungs to the next is curvature, which falls by 64
NOISIER = 2.0  # how many times more noise than was measured they must show


@spending(SECOND)
def noise_of_this_line(look: Look, estimate: Estimate) -> Estimate | None:
    """Measure with the noise along the entry itself, where that of the whole tensor was smaller."""
    if not look.tested.quiet or look.plain(estimate):
        return None
    own = look.careful
    if own.sigma <= look.tested.sigma:
        return None
    return look.remeasured(own)


@spending(SECOND)
def noise_where_no_step_tells(look: Look, estimate: Estimate) -> Estimate | None:
    """Measure with the noise along the entry itself, where steps agree upon nothing with that of the whole tensor."""
    lost = look.tested.quiet and math.isinf(estimate.uncertainty) and not estimate.jump
    return look.remeasured(look.careful) if lost and look.careful.sigma > look.ladder.sigma else None


@spending(SECOND)
def scatter_of_the_rungs(look: Look, estimate: Estimate) -> Estimate | None:
    """Measure with the noise that the finest rungs show, where they scatter by more than was measured before.

    Between rungs h and h / 4 the central slopes of a smooth function differ by less and less times h; where that
    stays the same it is the noise: 0.73 of its standard deviation, of which a median is two thirds. An estimate that is
    sharp all the same needs none of it.
    """
    finest = estimate.rungs[-1 - 2 * SCATTERED :]
    sharp = estimate.uncertainty <= SHARP * max(abs(look.claim), abs(estimate.value))
    if sharp or len(finest) <= 2 * SCATTERED:
        return None
    steps, central = np.array([(rung.step, rung.central) for rung in finest]).T
    moves = np.abs(np.diff(central)) * steps[1:]
    seen = MEDIAN * min(median(part) for part in np.split(moves, 2))  # nan where f is not finite
    bent = bool((FALLS * moves[1 - SCATTERED :] <= moves[-SCATTERED:-1]).all())
    return (
        derivative.estimate(look.careful.with_noise(seen)) if seen > NOISIER * look.careful.sigma and not bent else None
    )
