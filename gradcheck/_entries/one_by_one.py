"""Which entries of a tensor are right? Two evaluations each, and a ladder for those that seem not to be.

Most entries are right, and two evaluations at a step calibrated for their tensor show it. An entry that disagrees
or could be a kink climbs the ladder: nothing is called wrong on two evaluations.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from gradcheck._entries.at_once import at_once
from gradcheck._entries.calibrate import Calibration, calibrated, typical
from gradcheck._entries.look import CONVINCED
from gradcheck._entries.one_entry import climb, confirm, look_between, plain, plainly_wrong, settle, stands_still
from gradcheck._entries.refine import ABOVE, agrees_by_now, grows, left_open, look_again, refine, sharpen
from gradcheck._entries.under_test import FAR, Ints, UnderTest
from gradcheck._entries.vouched import Vouched
from gradcheck._judge.tolerance import COARSE, SMALL_ENTRY
from gradcheck._measure.extrapolate import RATIO, STANDS_OUT
from gradcheck._measure.line import power_of_two
from gradcheck._measure.slopes import OF_PHI, OF_SCALE
from gradcheck._measure.step import COARSEST
from gradcheck._model.subject import Evaluator
from gradcheck._model.tally import SWEEP, Spent, spending
from gradcheck._results.estimate import DEVIATIONS, Estimate
from gradcheck._results.floating import DOUBLE
from gradcheck._results.verdict import Verdict

FEW = 4  # tensors up to this size are not worth a calibration, unless others of the same f were plain
SMALL = 16  # entries of a tensor that one calibrates, where others of the same f were plain: in more are more kinds
ROW = 2  # whole ladders that find entries wrong, one after the other, before directions speak for others as well
LADDERS = 24  # whole ladders on suspicion, before shorter ones serve for entries that are clearly wrong
ALIKE = (Verdict.WRONG, Verdict.UNDECIDED, Verdict.UNTESTED)  # what may be true of a whole tensor
SWEPT = 3 / 4  # of the evaluations that may be made, where they are too few: the others are for what seems wrong
BENDIER = 10.0  # how many times more than the calibrated entries others may bend without being looked at
BENT = 0.02  # relative: a gap between the sides that may be mere curvature


def measure(tested: UnderTest, chosen: Ints, source: Evaluator) -> None:
    """Measure the chosen entries of a tensor (positions in its columns); raises Spent where no more may be made."""
    one = tested.experience.further and tested.experience.begin > 0 and 1 < len(chosen) <= SMALL
    few = len(chosen) <= FEW and not one
    known = chosen if few else typical(tested, chosen, one=one)
    estimates = [climb(tested, int(k)) for k in known]
    if one and not tested.experience.begin:  # it needed more than others did
        others = np.setdiff1d(chosen if len(chosen) <= FEW else typical(tested, chosen), known)
        known, estimates = np.append(known, others), [*estimates, *(climb(tested, int(k)) for k in others)]
    if tested.shared and _doubtful(tested, known, estimates) and tested.listen():
        estimates = [climb(tested, int(k)) for k in known]
    if tested.subject.coarse:  # each moves some outputs only, and is disturbed by the rounding of those alone
        tested = replace(tested, noise=max((e.rungs[0].sigma for e in estimates if e.rungs), default=tested.noise))
    if few:
        return
    calibration = calibrated([e for k, e in zip(known, estimates, strict=True) if _usual_steps(tested, int(k), e)])
    if np.isfinite(calibration.reach):
        tested.experience.reach = calibration.reach
    others = _without(chosen, known)
    rest = others[: _affordable(tested, len(others))]
    suspects, straight = _sweep(tested, rest, calibration, source)
    row = len(known) * bool((tested.columns.codes[known] == Verdict.WRONG).all())
    vouched = Vouched(tested, straight, calibration.rung)
    _suspect(tested, suspects, vouched, row)
    swept = _without(rest, suspects)
    swept = _without(swept, _looked_between(tested, _perhaps_on_waves(tested, swept)))
    tested.columns.uncertainties[swept] += tested.experience.learnt * tested.alike(tested.columns.flat[swept])
    sharpen(tested, rest, calibration)
    if len(rest) < len(others):
        raise Spent


def _without(entries: Ints, some: Ints) -> Ints:
    """Return entries in order, without some of them; a tenth of the price of `setdiff1d`."""
    ordered, left = np.sort(entries), np.ones(len(entries), dtype=np.bool_)
    left[np.searchsorted(ordered, some)] = False
    return ordered[left]


def _doubtful(tested: UnderTest, known: Ints, estimates: list[Estimate]) -> bool:
    """Return whether some of the calibrating entries are neither clearly right nor clearly wrong."""
    pairs = [(int(k), e) for k, e in zip(known, estimates, strict=True)]
    return not all(plain(tested, k, e) or plainly_wrong(tested, k, e) for k, e in pairs)


def _affordable(tested: UnderTest, number: int) -> int:
    """Return for how many entries two evaluations can be made, and some more for those of them that seem wrong."""
    left = tested.tally.left
    return number if 2 * number <= left else int(left * SWEPT / 2)


def _usual_steps(tested: UnderTest, k: int, estimate: Estimate) -> bool:
    """Return whether an estimate rests on the steps that the tensor's others are taken in."""
    top = estimate.rungs[0].step * RATIO**estimate.first
    return bool(top > tested.scale(tested.columns.flat[k]) * COARSEST / RATIO)


@spending(SWEEP)
def _sweep(tested: UnderTest, rest: Ints, calibration: Calibration, source: Evaluator) -> tuple[Ints, Ints]:
    """Take two evaluations for each entry; write down what agrees.

    Returns what does not, and the part of it that is sharp, and as straight as the calibrated entries.
    """
    columns, standard, scale = tested.columns, tested.standard, tested.scale(tested.columns.flat[rest])
    steps = np.array([power_of_two(s * COARSEST) for s in scale]) * RATIO**-calibration.rung
    taken = at_once(tested.subject, tested.path, columns.flat[rest], steps)
    if taken is None:
        taken = source.both_ways(tested.path, columns.flat[rest], steps)
    up, plus, down, minus = taken
    claims = columns.claims[rest]
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        right, left = plus / up, minus / down
        slope = (right * -down + left * up) / (up - down)
        rounding = DOUBLE * (OF_PHI * np.fmax(np.abs(plus), np.abs(minus)) + OF_SCALE * scale * np.abs(slope))
        noise = DEVIATIONS * np.maximum(tested.sigma, rounding) / up
        alike = tested.alike(columns.flat[rest])
        uncertainty = noise / np.sqrt(2) + calibration.truncation * alike
        size = np.fmax(np.abs(claims), np.abs(slope))
        bent = np.abs(right - left) > STANDS_OUT * noise + BENDIER * calibration.bend * alike + BENT * size
        slack = standard.tolerance(size) * (standard.rounding > DOUBLE)
        agrees = np.isfinite(claims) & (np.abs(claims - slope) <= standard.doubted(uncertainty) + slack)
    sharp = standard.sharp(uncertainty, size, tested.stretch(columns.flat[rest]))
    nothing = standard.nothing(uncertainty) & ~sharp
    still = ((claims == 0) & (plus == 0) & (minus == 0)) | (nothing & (not standard.hollow))
    columns.estimates[rest], columns.uncertainties[rest] = slope, uncertainty
    columns.with_sides()
    columns.lefts[rest], columns.rights[rest] = left, right
    columns.codes[rest] = np.where(still, Verdict.UNTESTED, Verdict.CORRECT)
    settled = agrees & ~bent & (sharp | nothing)
    columns.codes[rest[~settled]] = Verdict.UNDECIDED
    if tested.experience.reach < np.inf:
        for k in rest[agrees & ~bent & ~sharp & ~still]:
            refine(tested, int(k), calibration.best - ABOVE)
        settled |= columns.codes[rest] == Verdict.CORRECT
    for k in rest[_drowned(tested, rest)]:
        climb(tested, int(k))
    return rest[~settled], rest[~settled & ~bent & sharp]


def _perhaps_on_waves(tested: UnderTest, settled: Ints) -> Ints:
    """Return entries that seem not to move f, though that has noise, large ones first: short waves seem not to, too."""
    columns, experience = tested.columns, tested.experience
    if tested.sigma <= tested.believed or experience.noise >= CONVINCED:
        return settled[:0]
    moves = np.fmax(np.abs(columns.claims[settled]), np.abs(columns.estimates[settled]))
    small = settled[moves < SMALL_ENTRY * tested.standard.largest]
    small = small[np.argsort(-np.abs(tested.leaf.original.flat[columns.flat[small]]), kind="stable")]
    return np.array([k for k in small.tolist() if not stands_still(tested, k)], dtype=np.int64)


def _looked_between(tested: UnderTest, small: Ints) -> Ints:
    """Measure some of these entries nearer to 0, and all of them if that calls one wrong; return which."""
    looked = 0
    for some in (small[:CONVINCED], small[CONVINCED:]):
        for k in some.tolist():
            look_between(tested, k)
        looked += len(some)
        if not (tested.columns.codes[some] == Verdict.WRONG).any():
            break
    return small[:looked]


def _drowned(tested: UnderTest, rest: Ints) -> NDArray[np.bool_]:
    """Return which entries passed far below their tensor's others, and drown in noise: maybe waves of their own."""
    columns, flat = tested.columns, tested.columns.flat[rest]
    if tested.quiet:
        return np.zeros(len(rest), dtype=bool)
    own, blunt = tested.leaf.sizes(flat), columns.uncertainties[rest] > COARSE * np.abs(columns.estimates[rest])
    passed = columns.codes[rest] == Verdict.CORRECT
    return np.asarray(passed & blunt & (own > 0) & (own < tested.scale(flat) / FAR))


def _suspect(tested: UnderTest, suspects: Ints, vouched: Vouched, row: int) -> None:
    """Climb the ladder for every suspect, until directions, or shorter ladders, serve where the case is plain.

    `row` counts the entries in succession found wrong or undecidable, beginning with those that calibrate.
    """
    endless = 0  # entries found to have an infinite slope, by whole ladders
    last = Verdict.WRONG if row else Verdict.CORRECT
    columns, may_bend, rung = tested.columns, set(vouched.suspects.tolist()), vouched.rung
    for k in suspects.tolist():
        if row >= ROW and last is Verdict.WRONG:
            vouched.accuse()
        if columns.codes[k] == Verdict.WRONG:
            continue
        if k in may_bend and tested.experience.learnt and agrees_by_now(tested, k):
            continue
        if k in may_bend and tested.allowed and left_open(tested, k):
            continue
        finite = np.isfinite(columns.claims[k])
        if not finite and endless >= FEW and grows(tested, k):
            continue
        if finite and row == 0 and look_again(tested, k, rung, learn=k in may_bend):
            continue  # a kink was near, or the step too large: finer steps agree
        if last is Verdict.UNDECIDED and row >= LADDERS:
            continue  # the noise hides all of them alike
        tested.listen()
        _measure_again(tested, k, rung, last if row >= LADDERS else None)
        verdict = Verdict(int(columns.codes[k]))
        endless += verdict is Verdict.CORRECT and not finite
        row = row + 1 if verdict is last and verdict in ALIKE else 0
        last = verdict


def _measure_again(tested: UnderTest, k: int, rung: int, alike: Verdict | None) -> None:
    """Measure a suspect: with a whole ladder, unless enough before it were alike that less suffices."""
    columns = tested.columns
    if alike is None:
        settle(tested, k, rung)
    elif alike is Verdict.WRONG:
        confirm(tested, k, rung)
    elif alike is Verdict.UNTESTED and columns.claims[k] == 0 == columns.estimates[k]:
        columns.codes[k] = Verdict.UNTESTED
    else:
        climb(tested, k)
