"""How is one entry measured? With a ladder of steps, and with second opinions where that leaves a doubt."""

from __future__ import annotations

from itertools import pairwise

from gradcheck._entries import still
from gradcheck._entries.look import CONVINCED, SLIGHT, Look
from gradcheck._entries.second_opinions.opinions import Moment, asked, sharpened
from gradcheck._entries.second_opinions.sawtooth import between_jumps
from gradcheck._entries.second_opinions.stairs_beneath import stairs_beneath_a_slope
from gradcheck._entries.under_test import UnderTest
from gradcheck._measure import derivative
from gradcheck._measure.slopes import LAST
from gradcheck._measure.step import FIRST, Ladder
from gradcheck._model.tally import LADDERS, spending
from gradcheck._results.estimate import SMALLEST, Estimate
from gradcheck._results.verdict import Verdict

ABOVE, BELOW = 2, 1  # rungs around the calibrated one that show a gross error
FALLS = 8.0  # times, from rung to rung, the error of a smooth function's slope falls by at least: 16, or a little less
SHORT = 4  # rungs of a short ladder below its first
BEYOND_DOUBT = SMALLEST / 100  # relative uncertainty at which no further rung is needed
BLUNTER = 100.0  # times that, once whole ladders confirmed of some entries what the first rungs said
START = FIRST - SHORT  # the rung at which a ladder begins that is as short as it may be
FAINTER = 256.0  # times less than that the largest slope of a tensor may be known there, as others are smaller
BEYOND_JUMPS = 5.0  # uncertainties: a mean of jumps is not that far off, such as one of the other sign
OUT_OF_STEP = 0.7  # of a step that is a power of two, so that it is a multiple of no period that divides those
WAVES = 16.0  # times less than the noise that was found to be waves may be that of others, and be waves as well
PLAIN = 100.0  # uncertainties and tolerances: an error beyond is gross


@spending(LADDERS)
def climb(tested: UnderTest, k: int) -> Estimate:
    """Measure entry k with a ladder, judge it, and write it down.

    The rungs from where others of its tensor were decided suffice where they leave no doubt; else it is a whole one,
    with the noise measured along the entry, and the second opinions are asked.
    """
    ladder, experience = tested.ladder(k, tested.sigma), tested.experience
    first = _first_rungs(tested, k, ladder)
    if first is not None and _suffices(tested, k, ladder, first):
        return first
    if not tested.quiet:
        ladder = ladder.with_noise(tested.noise_along(k))
    look = Look(tested, k, ladder, sharpened)
    estimate = look.sharpened(derivative.estimate(ladder))
    verdict = tested.judge(k, estimate)
    for ask in asked(Moment.ACCUSED):
        if verdict is not Verdict.WRONG:
            break
        second = ask(look, estimate)
        if second is not None:
            estimate, verdict = second, tested.judge(k, second)
    if verdict is Verdict.WRONG and (_mean_of_jumps(tested, k, estimate) or _mean_of_waves(tested, estimate)):
        verdict = Verdict.UNDECIDED
    still.learn(tested, k, estimate)
    tested.columns.put(k, estimate, verdict)
    if plainly_wrong(tested, k, estimate):
        experience.accused = True
    else:
        experience.begin = 0
    experience.confirmed += first is not None and verdict is Verdict.CORRECT and _confirmed(first, estimate)
    return estimate


def _confirmed(first: Estimate, whole: Estimate) -> bool:
    """Return whether a whole ladder finds what its first rungs did: a smooth function of that slope."""
    return not whole.kink and abs(first.value - whole.value) <= first.uncertainty + whole.uncertainty


def _mean_of_jumps(tested: UnderTest, k: int, estimate: Estimate) -> bool:
    """Return whether a slope over apparent stairs is so uncertain that it may be a mean over jumps."""
    claim = float(tested.columns.claims[k])
    blunt = estimate.uncertainty > SLIGHT * abs(estimate.value)
    near = abs(claim - estimate.value) <= BEYOND_JUMPS * estimate.uncertainty
    return tested.experience.stairs > 0 and blunt and near


def _mean_of_waves(tested: UnderTest, estimate: Estimate) -> bool:
    """Return whether a slope beneath noise is a mean over waves, as the noise of other entries was found to be."""
    return bool(estimate.rungs) and estimate.rungs[-1].sigma >= tested.experience.waves / WAVES


def _first_rungs(tested: UnderTest, k: int, ladder: Ladder) -> Estimate | None:
    """Return what the first rungs, or those from where others were decided, say of entry k; None where it is kinked."""
    begin = tested.experience.begin
    last = max(begin + SHORT, FIRST)
    if ladder.step(last) < ladder.finest:
        return None
    estimate = derivative.smooth_at_once(ladder.climb(begin, last))
    still = estimate is not None and estimate.flat and ladder.step(last) >= 1
    return None if still and not stands_still(tested, k) else estimate


def _suffices(tested: UnderTest, k: int, ladder: Ladder, estimate: Estimate) -> bool:
    """Judge entry k by its first rungs, and write that down; return whether they leave no doubt."""
    experience = tested.experience
    tested.columns.put(k, estimate, tested.judge(k, estimate))
    if (tested.tally.part or experience.accused) and plainly_wrong(tested, k, estimate):
        return True
    if not plain(tested, k, estimate) or _on_stairs(Look(tested, k, ladder, sharpened), estimate):
        return False
    if not experience.straight and _straight(estimate):
        experience.straight = True
        if _stairs_further_away(tested, k, ladder, estimate):
            return False
    experience.begin = max(estimate.best - 1, START if _quiet(estimate) else 0)
    return True


def stands_still(tested: UnderTest, k: int) -> bool:
    """Return whether f, which steps that are whole numbers do not move, does not move between, as a remainder does.

    Steps are powers of two. Of smaller ones nothing is said.
    """
    ladder = tested.ladder(k, tested.sigma)
    far = ladder.step(0)
    return far >= 1 and abs(ladder.line(OUT_OF_STEP * far)[1]) <= tested.believed


@spending(LADDERS)
def look_between(tested: UnderTest, k: int) -> None:
    """Measure entry k between the jumps of f, or within its waves; write that down if it is not what was measured."""
    ladder, columns = tested.ladder(k, tested.sigma), tested.columns
    near = between_jumps(Look(tested, k, ladder, sharpened), derivative.estimate(ladder))
    if near is not None and abs(near.value - columns.estimates[k]) > near.uncertainty + columns.uncertainties[k]:
        columns.put(k, near, tested.judge(k, near))


def _on_stairs(look: Look, estimate: Estimate) -> bool:
    """Return whether the errors of the rungs do not fall as those of a smooth function, as there are stairs beneath."""
    return not _falls(estimate, len(estimate.rungs)) and stairs_beneath_a_slope(look, estimate) is not None


def _straight(estimate: Estimate) -> bool:
    """Return whether f shows no bend at any step: it may be a straight line, or the part of one that is not rounded."""
    value = estimate.value
    return not estimate.flat and all(max(abs(r.left - value), abs(r.right - value)) <= r.noise for r in estimate.rungs)


def _stairs_further_away(tested: UnderTest, k: int, ladder: Ladder, estimate: Estimate) -> bool:
    """Return whether what is a straight line nearby stands on stairs that only the coarsest steps cross."""
    far = ladder.climb(0, 0)
    if max(abs(far.left[0] - estimate.value), abs(far.right[0] - estimate.value)) <= far.noise[0]:
        return False
    whole = derivative.summarise(ladder.climb(0, estimate.last), tested.sigma)
    return stairs_beneath_a_slope(Look(tested, k, ladder, sharpened), whole) is not None


def _quiet(estimate: Estimate) -> bool:
    """Return whether the noise at a finer rung is so small that the coarser rungs are not needed."""
    at = START - estimate.first
    return at < 0 or estimate.rungs[at].noise <= BEYOND_DOUBT / FAINTER * abs(estimate.value)


def plain(tested: UnderTest, k: int, estimate: Estimate) -> bool:
    """Return whether an estimate of entry k leaves no doubt: right, sharp, and no noisier than was thought.

    The same holds where f does not move at any step, or negligibly compared with the others, as claimed.
    """
    if estimate.flat:
        return bool(tested.columns.codes[k] == Verdict.UNTESTED)
    code, smooth = tested.columns.codes[k], not estimate.kink
    if tested.standard.nothing(estimate.uncertainty):
        return smooth and code in (Verdict.CORRECT, Verdict.UNTESTED)
    right = bool(code == Verdict.CORRECT) and smooth
    doubt = BEYOND_DOUBT * (BLUNTER if tested.experience.confirmed >= CONVINCED else 1.0)
    return right and estimate.uncertainty <= doubt * abs(estimate.value) and _falls(estimate, LAST)


def plainly_wrong(tested: UnderTest, k: int, estimate: Estimate) -> bool:
    """Return whether an estimate of entry k leaves no doubt that its claim is wrong, however noisy f is."""
    wrong = bool(tested.columns.codes[k] == Verdict.WRONG) and not estimate.kink
    return (
        wrong and Look(tested, k, tested.ladder(k, tested.sigma), sharpened).plain(estimate) and _falls(estimate, LAST)
    )


def _falls(estimate: Estimate, last: int) -> bool:
    """Return whether the errors of the last rungs fall as those of a smooth function do, down to the noise."""
    off = [abs(rung.central - estimate.value) - estimate.uncertainty for rung in estimate.rungs[-last:]]
    noise = [rung.noise for rung in estimate.rungs[-last:]]
    return all(b <= n + a / FALLS for (a, b), n in zip(pairwise(off), noise[1:], strict=True))


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
    """Measure entry k, which seems wrong, with a whole ladder; ask the second opinions before it is called right.

    Short ladders begin at the rung `first`.
    """
    estimate = climb(tested, k)
    if tested.columns.codes[k] != Verdict.CORRECT:
        return
    look = Look(tested, k, tested.ladder(k, tested.sigma), sharpened, first)
    for ask in asked(Moment.ACQUITTED):
        second = ask(look, estimate)
        if second is not None:
            tested.columns.put(k, second, tested.judge(k, second))
            return
