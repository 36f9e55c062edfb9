"""How is one entry measured? With a ladder of steps, and with second opinions where that leaves a doubt."""

from __future__ import annotations

from gradcheck._entries.look import Look
from gradcheck._entries.second_opinions import Moment, asked, sharpened
from gradcheck._entries.under_test import UnderTest
from gradcheck._measure import derivative
from gradcheck._model.tally import LADDERS, spending
from gradcheck._results.estimate import Estimate
from gradcheck._results.verdict import Verdict

ABOVE, BELOW = 2, 1  # rungs around the calibrated one that show a gross error
PLAIN = 100.0  # uncertainties and tolerances: an error beyond is gross


@spending(LADDERS)
def climb(tested: UnderTest, k: int) -> Estimate:
    """Measure entry k with a whole ladder, judge it, and write it down."""
    look = Look(tested, k, tested.ladder(k, tested.sigma if tested.quiet else None))
    estimate = sharpened(look, derivative.estimate(look.ladder))
    verdict = tested.judge(k, estimate)
    for ask in asked(Moment.ACCUSED):
        if verdict is not Verdict.WRONG:
            break
        second = ask(look, estimate)
        if second is not None:
            estimate, verdict = second, tested.judge(k, second)
    tested.columns.put(k, estimate, verdict)
    return estimate


@spending(LADDERS)
def confirm(tested: UnderTest, k: int, rung: int) -> None:
    """Measure entry k with a few rungs around the calibrated one, which suffices where the error is gross."""
    ladder = tested.ladder(k, tested.sigma)
    estimate = derivative.summarise(ladder.climb(max(rung - ABOVE, 0), rung + BELOW), tested.sigma)
    claim = float(tested.columns.claims[k])
    gross = abs(claim - estimate.value) > PLAIN * (estimate.uncertainty + tested.standard.tolerance(abs(claim)))
    if gross and not estimate.kink and not estimate.jump:
        tested.columns.put(k, estimate, tested.judge(k, estimate))
    else:
        climb(tested, k)


@spending(LADDERS)
def settle(tested: UnderTest, k: int, first: int) -> None:
    """Measure entry k, which seems wrong, with a whole ladder; hear who may know more before it is acquitted.

    Short ladders begin at the rung `first`.
    """
    estimate = climb(tested, k)
    if tested.columns.codes[k] != Verdict.CORRECT:
        return
    look = Look(tested, k, tested.ladder(k, tested.sigma), first)
    for ask in asked(Moment.ACQUITTED):
        second = ask(look, estimate)
        if second is not None:
            tested.columns.put(k, second, tested.judge(k, second))
            return
