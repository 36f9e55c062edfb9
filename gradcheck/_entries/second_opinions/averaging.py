"""Where only noise limits a ladder, is a fit of many values more accurate?"""

from __future__ import annotations

from dataclasses import replace

from gradcheck._entries.look import SHARP, Look
from gradcheck._judge.tolerance import GROSS
from gradcheck._measure import derivative, least_squares
from gradcheck._measure.extrapolate import Limit
from gradcheck._model.tally import SECOND, spending
from gradcheck._results.estimate import Estimate
from gradcheck._results.verdict import Verdict

HOPE = 10.0  # how far from sharp an entry may stay for a closer look to be worth it
BETTER = 2.0  # how many times less a fit must leave unknown than a ladder


@spending(SECOND)
def averaged(look: Look, estimate: Estimate) -> Estimate | None:
    """Fit polynomials to many values where noise is all that limits the ladder, and averaging tells more."""
    ladder, experience = look.ladder, look.tested.experience
    coarse = look.tested.subject.coarse
    wanted = (GROSS if coarse else SHARP) * max(abs(look.claim), abs(estimate.value))
    hope = least_squares.promise(ladder.sigma, ladder.scale)
    limited = estimate.uncertainty > (wanted if coarse else max(wanted, hope)) and hope < HOPE * wanted
    limited |= _doubted(look, estimate)
    if not limited or estimate.kink or estimate.jump or estimate.flat:
        return None
    best, reach = least_squares.widest(ladder)
    fitted = None
    if BETTER * best.error <= estimate.uncertainty and meet(best, estimate):
        experience.reach, experience.wide = min(experience.reach, best.error), reach
        fitted = replace(estimate, value=best.value, uncertainty=best.error)
    return _closer(look, fitted or estimate, reach) or fitted


def _closer(look: Look, estimate: Estimate, reach: float) -> Estimate | None:
    """Fit many more values where a claim in half precision is doubted, if that tells more."""
    if not _doubted(look, estimate):
        return None
    best = least_squares.closer(look.ladder, reach)
    known = best.error < estimate.uncertainty and meet(best, estimate)
    return replace(estimate, value=best.value, uncertainty=best.error) if known else None


def _doubted(look: Look, estimate: Estimate) -> bool:
    """Return whether a claim in half precision is off by more than typical noise, but less than its bound."""
    return look.tested.standard.coarse and look.tested.judge(look.k, estimate) is Verdict.UNDECIDED


def averaged_or_not(look: Look) -> Estimate:
    """Return what a ladder says, averaged if that tells more."""
    estimate = derivative.estimate(look.ladder)
    return averaged(look, estimate) or estimate


def meet(best: Limit, estimate: Estimate) -> bool:
    """Return whether a fit and an estimate agree within their uncertainties."""
    return abs(best.value - estimate.value) <= best.error + estimate.uncertainty
