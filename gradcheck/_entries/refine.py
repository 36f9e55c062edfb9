"""How is an entry measured again whose two evaluations do not suffice? With a few rungs or a fit, not a ladder."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from gradcheck._entries.calibrate import Calibration
from gradcheck._entries.look import SHARP, SLIGHT
from gradcheck._entries.one_entry import climb, settle
from gradcheck._entries.second_opinions.averaging import BETTER, HOPE, meet
from gradcheck._entries.second_opinions.other_steps import SHORT
from gradcheck._entries.under_test import Ints, UnderTest
from gradcheck._judge.tolerance import SMALL_ENTRY
from gradcheck._measure import derivative, least_squares
from gradcheck._measure.extrapolate import RATIO
from gradcheck._measure.infinite import GROWTHS
from gradcheck._model.tally import CLOSER, spending
from gradcheck._results.estimate import Estimate
from gradcheck._results.verdict import Verdict

DEEPER = SHORT  # rungs that a second look goes deeper if the first does not suffice: it begins where that ended
COARSER = RATIO**DEEPER  # how many times less an entry may be known after a second look: so much more noise is there
HARMLESS = 1 / 5  # of the tolerance: what two evaluations leave unknown may be learnt up to that
ABOVE = 2  # rungs that a second look begins above the best one
UNKNOWN = 3.0  # how many times more than a fit would leave, two evaluations must leave unknown
FEW = 50  # one entry in so many is looked at again where averaging does not help
MANY = 4  # one in so many: with more, all of them are too uncertain, and all are looked at


@spending(CLOSER)
def refine(tested: UnderTest, k: int, first: int, *, learn: bool = False) -> Verdict:
    """Measure entry k once more, on four rungs; return what that shows: UNDECIDED if it tells too little.

    With `learn`, what two evaluations were off by is a measure of what they leave unknown in others.
    """
    columns, experience = tested.columns, tested.experience
    ladder = tested.ladder(k, tested.sigma)
    estimate = derivative.summarise(ladder.climb(first, first + SHORT), tested.sigma)
    verdict = tested.judge(k, estimate)
    swept, known = columns.estimates[k], columns.uncertainties[k]
    # It must tell enough to explain why the two evaluations disagreed, if they did.
    enough = max(known, abs(columns.claims[k] - swept) / 2, SHARP * abs(estimate.value))
    if verdict is not Verdict.CORRECT:
        return verdict
    if estimate.uncertainty <= min(COARSER * known, enough):
        off = 2 * abs(swept - estimate.value) + estimate.uncertainty
        if learn and known < off < HARMLESS * tested.standard.tolerance(abs(estimate.value)):
            experience.learnt = max(experience.learnt, float((off - known) / tested.alike(columns.flat[k])))
        columns.put(k, estimate, verdict)
        return verdict
    return Verdict.UNDECIDED


@spending(CLOSER)
def look_again(tested: UnderTest, k: int, rung: int, *, learn: bool) -> bool:
    """Refine entry k at finer steps, and still finer ones; begin where the last one succeeded."""
    for finer in (tested.experience.deeper, DEEPER - tested.experience.deeper):
        if refine(tested, k, rung + finer, learn=learn and not finer) is Verdict.CORRECT:
            tested.experience.deeper = finer
            return True
    return False


@spending(CLOSER)
def grows(tested: UnderTest, k: int) -> bool:
    """Settle entry k, which claims an infinite slope as others rightly did, if a few rungs confirm it."""
    ladder = tested.ladder(k, tested.sigma)
    estimate = derivative.summarise(ladder.climb(ABOVE, ABOVE + GROWTHS + 1), tested.sigma)
    verdict = tested.judge(k, estimate)
    if verdict is Verdict.CORRECT:
        tested.columns.put(k, estimate, verdict)
    return verdict is Verdict.CORRECT


def left_open(tested: UnderTest, k: int) -> bool:
    """Settle entry k by its two evaluations, if it is off by no more than an iteration was found to leave unknown."""
    columns, unknown = tested.columns, tested.allowed / float(tested.scale(tested.columns.flat[k]))
    if not 0 < unknown <= SLIGHT * tested.standard.largest:
        return False
    known = float(columns.uncertainties[k]) + unknown
    estimate = Estimate(float(columns.estimates[k]), known, float(columns.lefts[k]), float(columns.rights[k]))
    agrees = abs(float(columns.claims[k]) - estimate.value) <= known
    if agrees:
        columns.put(k, estimate, tested.judge(k, estimate))
    return agrees


def agrees_by_now(tested: UnderTest, k: int) -> bool:
    """Settle entry k if its two evaluations leave as much unknown as others were found to."""
    columns = tested.columns
    unknown = columns.uncertainties[k] + tested.experience.learnt * tested.alike(columns.flat[k])
    agrees = abs(columns.claims[k] - columns.estimates[k]) <= unknown
    if agrees:
        columns.uncertainties[k], columns.codes[k] = unknown, Verdict.CORRECT
    return bool(agrees)


@spending(CLOSER)
def average(tested: UnderTest, k: int) -> None:
    """Measure entry k by a fit as wide as served the calibrated entries, if that tells more."""
    columns, ladder = tested.columns, tested.ladder(k, tested.sigma)
    best = least_squares.fit(ladder, tested.experience.wide)
    if BETTER * best.error > columns.uncertainties[k]:
        return
    swept = Estimate(columns.estimates[k], columns.uncertainties[k], columns.lefts[k], columns.rights[k])
    estimate = replace(swept, value=best.value, uncertainty=best.error)
    verdict = tested.judge(k, estimate)
    if verdict is Verdict.CORRECT and meet(best, swept):
        columns.put(k, estimate, verdict)
    else:
        climb(tested, k)


@spending(CLOSER)
def sharpen(tested: UnderTest, rest: Ints, calibration: Calibration) -> None:
    """Look again at entries whose two evaluations leave more unknown than matters, where that can be helped.

    All of them if averaging helps, since then the noise is at fault; else a few, the largest, if they are few.
    """
    columns, experience, first = tested.columns, tested.experience, calibration.best - ABOVE
    size = np.maximum(np.abs(columns.claims[rest]), SMALL_ENTRY * tested.standard.largest)
    unknown = columns.uncertainties[rest]
    hope = np.minimum(experience.reach, least_squares.promise(tested.sigma, tested.scale(columns.flat[rest])))
    blunt = (columns.codes[rest] == Verdict.CORRECT) & (unknown > SHARP * size)
    blunt &= hope < np.minimum(unknown / UNKNOWN, HOPE * SHARP * size)
    found = rest[blunt][np.argsort(-size[blunt])]
    few = len(rest) // FEW
    if len(found) > few and not experience.wide:
        k = int(found[len(found) // 2])
        best, reach = least_squares.widest(tested.ladder(k, tested.sigma))
        experience.wide = reach if best.error < columns.uncertainties[k] / UNKNOWN else 0.0
    for n, k in enumerate(found):
        if experience.wide:
            average(tested, int(k))
        elif (n < few or len(found) > len(rest) / MANY) and refine(tested, int(k), first) is Verdict.WRONG:
            settle(tested, int(k), first)
