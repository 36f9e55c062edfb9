"""Which entries of a tensor are right? Two evaluations each, and a ladder for those that seem not to be.

Most entries are right, and two evaluations at a step calibrated for their tensor show it. Whatever disagrees,
and whatever could be a kink, climbs the ladder: no accusation rests on two evaluations.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from gradcheck._entries.one_entry import HOPE, RELATIVE, SHARP, SMALLER, Bench, Ints
from gradcheck._measure import least_squares
from gradcheck._measure.extrapolate import RATIO
from gradcheck._measure.line import power_of_two
from gradcheck._measure.slopes import SAFE_NOISE
from gradcheck._measure.step import COARSEST
from gradcheck._results.estimate import Estimate
from gradcheck._results.verdict import Verdict

Tick = Callable[[int], object]
FEW = 4  # tensors up to this size are not worth a calibration
USUAL = 8  # the rung that serves where no entry could be calibrated: a step of 4e-6
LADDERS = 24  # whole ladders on suspicion, before shorter ones serve for entries that are clearly wrong
ALIKE = (Verdict.WRONG, Verdict.UNDECIDED, Verdict.UNTESTED)  # what may be true of a whole tensor


def measure(bench: Bench, chosen: Ints, tick: Tick = lambda _: None) -> None:
    """Measure the chosen entries of a tensor (positions in its columns)."""
    few = len(chosen) <= FEW
    known = chosen if few else _typical(bench, chosen)
    estimates = [bench.climb(int(k)) for k in known]
    tick(len(known))
    if not few:
        _calibrate(bench, estimates)
        rest = np.setdiff1d(chosen, known)
        suspects, straight = _sweep(bench, rest, tick)
        _suspect(bench, suspects, straight)
        bench.columns.uncertainties[np.setdiff1d(rest, suspects)] += bench.learnt
        _sharpen(bench, rest)


def _typical(bench: Bench, chosen: Ints) -> Ints:
    """Choose the entries that calibrate their tensor: that with the largest claim, and a middling one."""
    size = np.nan_to_num(np.abs(bench.columns.claims[chosen]), posinf=0.0)
    order = np.argsort(size, kind="stable")
    nonzero = order[size[order] > 0]
    middling = nonzero[len(nonzero) // 2] if len(nonzero) else order[len(order) // 2]
    return np.unique(chosen[[order[-1], middling]])


def _calibrate(bench: Bench, estimates: list[Estimate]) -> None:
    """Choose the rung at which two evaluations tell most, and learn what they leave unknown there."""
    usable = [e for e in estimates if np.isfinite(e.value) and e.scale > 0 and not e.kink]
    bench.rung = USUAL
    if not usable:
        return
    first, last = max(e.first for e in usable), min(e.last for e in usable)
    rungs = [e.rungs[first - e.first : last - e.first + 1] for e in usable]
    off = np.array([[abs(r.central - e.value) for r in rs] for e, rs in zip(usable, rungs, strict=True)])
    noise = np.array([[r.noise for r in rs] for rs in rungs]) / np.sqrt(2)
    error = np.nan_to_num(6 * off + noise, nan=np.inf).max(axis=0)  # other entries may bend more than these
    best = int(np.argmin(error))
    bench.rung = first + best
    bench.best = max(1, round(np.mean([e.best for e in usable])))
    bench.reach = max(e.uncertainty for e in usable)
    known = np.array([e.uncertainty for e in usable])
    bench.truncation = float((6 * np.maximum(off[:, best] - known, 0) + known).max())
    bench.bend = max(abs(rs[best].right - rs[best].left) for rs in rungs)


def _sweep(bench: Bench, rest: Ints, tick: Tick) -> tuple[Ints, Ints]:
    """Take two evaluations for each entry; write down what agrees.

    Returns what does not, and the part of it that is sharp, and as straight as the calibrated entries.
    """
    columns, scale = bench.columns, bench.scale[bench.columns.flat[rest]]
    steps = np.array([power_of_two(s * COARSEST) for s in scale]) * RATIO**-bench.rung
    source = bench.subject.crew or bench.subject
    up, plus, down, minus = source.both_ways(bench.path, columns.flat[rest], steps, tick)
    claims = columns.claims[rest]
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        right, left = plus / up, minus / down
        slope = (right * -down + left * up) / (up - down)
        rounding = RELATIVE * (np.fmax(np.abs(plus), np.abs(minus)) / 2 + scale * np.abs(slope) / 4)
        noise = SAFE_NOISE * np.maximum(bench.sigma, rounding) / up
        uncertainty = noise / np.sqrt(2) + bench.truncation
        size = np.fmax(np.abs(claims), np.abs(slope))
        bent = np.abs(right - left) > 2 * noise + 10 * bench.bend + 0.02 * size
        slack = bench.standard.tolerance(size) * (bench.standard.rounding > RELATIVE)
        agrees = np.abs(claims - slope) <= uncertainty + slack
    still = (claims == 0) & (plus == 0) & (minus == 0)
    sharp = bench.standard.sharp(uncertainty, size, bench.stretch[columns.flat[rest]]) | bench.standard.nothing(
        uncertainty
    )
    columns.estimates[rest], columns.uncertainties[rest] = slope, uncertainty
    columns.lefts[rest], columns.rights[rest] = left, right
    columns.codes[rest] = np.where(still, Verdict.UNTESTED, Verdict.CORRECT)
    settled = agrees & ~bent & sharp
    columns.codes[rest[~settled]] = Verdict.UNDECIDED
    if bench.reach < np.inf:
        for k in rest[agrees & ~bent & ~sharp & ~still]:
            bench.refine(int(k), bench.best - 2)
        settled |= columns.codes[rest] == Verdict.CORRECT
    return rest[~settled], rest[~settled & ~bent & sharp]


def _sharpen(bench: Bench, rest: Ints) -> None:
    """Look again at entries whose two evaluations leave more unknown than matters, where that can be helped.

    All of them if averaging helps, since then the noise is at fault; else a few, the largest, if they are few.
    """
    columns = bench.columns
    size = np.maximum(np.abs(columns.claims[rest]), SMALLER * bench.standard.largest)
    unknown = columns.uncertainties[rest]
    hope = np.minimum(bench.reach, least_squares.promise(bench.sigma, bench.scale[columns.flat[rest]]))
    blunt = (columns.codes[rest] == Verdict.CORRECT) & (unknown > SHARP * size)
    blunt &= hope < np.minimum(unknown / 3, HOPE * SHARP * size)
    found = rest[blunt][np.argsort(-size[blunt])]
    few = len(rest) // 50
    if len(found) > few and not bench.wide:
        k = int(found[len(found) // 2])
        best, reach = least_squares.widest(bench.ladder(k, bench.sigma))
        bench.wide = reach if best.error < columns.uncertainties[k] / 3 else 0.0
    for n, k in enumerate(found):
        if bench.wide:
            bench.average(int(k))
        elif (n < few or len(found) > len(rest) / 4) and bench.refine(int(k), bench.best - 2) is Verdict.WRONG:
            bench.settle(int(k), bench.best - 2)


def _suspect(bench: Bench, suspects: Ints, straight: Ints) -> None:
    """Climb the ladder for every suspect; shorter ones serve once the case against the tensor is plain."""
    row = 0  # entries found wrong, or beyond deciding, one after the other
    last = Verdict.CORRECT
    may_bend = set(straight.tolist())
    for k in suspects:
        if k in may_bend and bench.learnt and bench.agrees_by_now(int(k)):
            continue
        if row == 0 and bench.look_again(int(k), learn=k in may_bend):
            continue  # a kink was near, or the step too large: finer steps agree
        if row < LADDERS:
            bench.settle(int(k), bench.rung)
        elif last is Verdict.WRONG:
            bench.confirm(int(k))
        elif last is Verdict.UNTESTED and bench.columns.claims[k] == 0 == bench.columns.estimates[k]:
            bench.columns.codes[k] = Verdict.UNTESTED
        elif last is Verdict.UNDECIDED:
            continue  # the noise hides all of them alike
        else:
            bench.climb(int(k))
        verdict = Verdict(int(bench.columns.codes[k]))
        row = row + 1 if verdict is last and verdict in ALIKE else 0
        last = verdict
