"""Is apparent noise a wave, too short for usual steps? At finer steps it is smooth, and not a staircase."""

from __future__ import annotations

from gradcheck._entries.look import SLIGHT, Look
from gradcheck._entries.second_opinions.nearer import from_where_it_shows
from gradcheck._measure.plateaus import Fall, stairs_beneath
from gradcheck._measure.step import Ladder
from gradcheck._model.tally import SECOND, spending
from gradcheck._results.estimate import Estimate

CLEAR = 4.0  # times less than a claim is off by, what is measured nearby leaves unknown
WIDER = (1.0, 8.0, 64.0)  # times the largest step nearby, within which f is looked at for jumps


@spending(SECOND)
def on_a_wave(look: Look, estimate: Estimate) -> Estimate | None:
    """Measure on the wave itself, as that of sin(1e9 x) / 1e9 + x, whose mean slope is all that usual steps show."""
    away, size = abs(look.claim - estimate.value), max(abs(look.claim), abs(estimate.value))
    if look.tested.experience.stairs:
        return None
    # Where a wave is nearly as steep as its mean, it is followed from where its whole slope shows.
    near = from_where_it_shows(look, look.careful, estimate, away if away >= SLIGHT * size else size)
    if near is None or not near.denies or near.estimate.uncertainty > away / CLEAR:
        return None
    return near.estimate if _continuous(near.ladder, near.estimate.value) else None


def _continuous(ladder: Ladder, slope: float) -> bool:
    """Whether f goes on without a jump from where it was seen nearby, as what is rounded does not."""
    falls = [Fall(ladder.step(0) * wider, slope, 0.0, side) for wider in WIDER for side in (1, -1)]
    return not any(stairs_beneath(ladder.line, found, ladder.sigma, ladder.finest) for found in falls)
