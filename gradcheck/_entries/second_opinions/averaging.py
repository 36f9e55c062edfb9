"""Where noise is all that limits a ladder, does a fit of many values tell more?"""

from __future__ import annotations

from dataclasses import replace

from gradcheck._entries.look import SHARP, Look
from gradcheck._judge.tolerance import GROSS
from gradcheck._measure import derivative, least_squares
from gradcheck._measure.extrapolate import Limit
from gradcheck._model.tally import SECOND, spending
from gradcheck._results.estimate import Estimate

SMALLER = 1e-4  # of their tensor's largest: smaller entries are not looked at more closely
HOPE = 10.0  # how far from sharp an entry may stay for a closer look to be worth it
BETTER = 2.0  # how many times less a fit must leave unknown than a ladder


@spending(SECOND)
def averaged(look: Look, estimate: Estimate) -> Estimate | None:
    """Fit polynomials to many values where noise is all that limits the ladder, and averaging tells more."""
    ladder, experience = look.ladder, look.tested.experience
    coarse = look.tested.subject.coarse
    wanted = (GROSS if coarse else SHARP) * max(
        abs(look.claim), abs(estimate.value), SMALLER * look.tested.standard.largest
    )
    hope = least_squares.promise(ladder.sigma, ladder.scale)
    limited = estimate.uncertainty > (wanted if coarse else max(wanted, hope)) and hope < HOPE * wanted
    if not limited or estimate.kink or estimate.jump or estimate.flat:
        return None
    best, reach = least_squares.widest(ladder)
    if BETTER * best.error > estimate.uncertainty or not meet(best, estimate):
        return None
    experience.reach, experience.wide = min(experience.reach, best.error), reach
    return replace(estimate, value=best.value, uncertainty=best.error)


def averaged_or_not(look: Look) -> Estimate:
    """Return what a ladder says, averaged if that tells more."""
    estimate = derivative.estimate(look.ladder)
    return averaged(look, estimate) or estimate


def meet(best: Limit, estimate: Estimate) -> bool:
    """Return whether a fit and an estimate agree within their uncertainties."""
    return abs(best.value - estimate.value) <= best.error + estimate.uncertainty
