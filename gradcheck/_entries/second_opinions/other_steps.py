"""What do other steps say: those between the rungs of a ladder, and those of short ladders below a kink?"""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np

from gradcheck._entries.look import NARROW, SLIGHT, Look
from gradcheck._entries.second_opinions.averaging import averaged_or_not
from gradcheck._entries.second_opinions.iterations import another_step
from gradcheck._entries.second_opinions.jumps import found_before
from gradcheck._entries.second_opinions.one_side import alone
from gradcheck._measure import derivative
from gradcheck._model.tally import SECOND, spending
from gradcheck._results.estimate import Estimate
from gradcheck._results.middle import median

OTHER_STEPS = (0.5, 0.7, 0.85)  # at which that is done: the steps of the ladder times one of these
NEARLY = (1.0, 0.92, 0.85)  # steps, as above, of the ladders that a kink keeps short
SHORT = 3  # rungs of those below their first


@spending(SECOND)
def other_steps(look: Look, estimate: Estimate) -> Estimate | None:
    """Measure at other steps before a claim is called wrong by a narrow margin; an estimate as sharp may overrule."""
    if not look.narrow(estimate):
        return None
    ladders = [look.careful.at_other_steps(by) for by in OTHER_STEPS]
    opinions = [averaged_or_not(replace(look, ladder=ladder)) for ladder in ladders]
    most = NARROW * min(e.uncertainty for e in (estimate, *opinions)) if look.slight(estimate) else math.inf
    held = [replace(opinion, residue=estimate.residue) for opinion in opinions if opinion.uncertainty <= most]
    return next((opinion for opinion in held if not look.accuses(opinion)), None)


@spending(SECOND)
def below_the_kink(look: Look, estimate: Estimate) -> Estimate | None:
    """Call a claim wrong by short ladders, at three sets of steps that agree, where a kink limits the whole one.

    A whole ladder cannot tell its finer rungs from kinked ones by its own steps; short ones below the kink can.
    """
    tested, ladder = look.tested, look.tested.ladder(look.k, look.tested.sigma)
    away, size = abs(look.claim - estimate.value), max(abs(look.claim), abs(estimate.value))
    if not tested.standard.tolerance(size) < away < SLIGHT * size:
        return None
    climbs = [ladder.at_other_steps(by).climb(look.first, look.first + SHORT) for by in NEARLY]
    short = [derivative.summarise(climb, ladder.sigma) for climb in climbs]
    values, known = np.array([e.value for e in short]), max(e.uncertainty for e in short)
    spread = float(np.ptp(values))
    middle = replace(short[0], value=median(values), uncertainty=known + spread)
    agree = spread <= known and not any(e.kink or e.jump or alone(e) for e in short)  # alone: a kink is nearer
    agree = agree and abs(middle.value - estimate.value) <= SLIGHT * size  # of other steps that is another slope
    if not agree or middle.uncertainty >= estimate.uncertainty:
        return None
    middle = replace(middle, residue=tested.residue(look.k))
    middle = found_before(look, middle) or middle
    return middle if look.accuses(middle) and another_step(look, middle) is None else None
