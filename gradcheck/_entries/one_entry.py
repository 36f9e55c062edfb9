"""How is one entry of a tensor measured? With a ladder of steps; with others, where that leaves a doubt."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from gradcheck._entries.table import Columns, Every
from gradcheck._judge.verdict import Standard
from gradcheck._measure import derivative, least_squares
from gradcheck._measure.extrapolate import Limit
from gradcheck._measure.jump import jump_nearby
from gradcheck._measure.noise import QUIET, noise_of
from gradcheck._measure.step import Ladder
from gradcheck._model.point import Leaf
from gradcheck._model.subject import Subject
from gradcheck._results.estimate import Estimate
from gradcheck._results.verdict import Verdict

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
DEEPER = 3  # rungs that a second look goes deeper if the first does not suffice
HOPE = 10.0  # how far from sharp an entry may stay for a closer look to be worth it
COARSER = 64.0  # how much less an entry may be known after a second look at finer steps
NUDGES = 6  # points that differ in their last digits, where the rounding of the claims is looked at
RESIDUE = 8.0  # times the median change of a claim between them
LAST_DIGITS = 16.0  # units in the last place of f, which what it claims over its whole scale may be lost in
OTHERS = 10.0  # how many times more than any by its own size an entry may be said to move f
FAR = 100.0  # how many times smaller than its tensor's others an entry with a scale of its own is
NARROW = 4.0  # uncertainties: an error no larger than that is measured twice
OTHER_STEPS = (0.5, 0.7, 0.85)  # at which that is done: the steps of the ladder times one of these
BLUNTER = 4.0  # how much less a second opinion on a slight error may know, to count
NEARLY = (1.0, 0.92, 0.85)  # the same for ladders that a kink keeps short
CONVINCED = 4  # entries without a jump nearby, after which none is looked for in the others
SLIGHT = 0.05  # relative errors below this may be the solver's, not the gradient's, or hide beside a kink
SHARP = 4e-6  # relative uncertainty that shows an error of one part in 1e5
STAIR, STEEP = 2.0**-17, 1024.0  # a stair is as wide, of the scale of an entry, and as high, in roundings of f
SMALLER = 1e-4  # entries below this part of their tensor's largest are not looked at more closely
RELATIVE = 2.0**-52


@dataclass
class Bench:
    """One tensor under measurement: its lines, its noise, its standard."""

    subject: Subject
    leaf: Leaf
    columns: Columns
    standard: Standard
    rng: np.random.Generator
    sigma: float = 0.0
    rung: int = 0  # the rung at which two evaluations tell most
    truncation: float = 0.0  # what the step of that rung leaves in the calibrated entries
    best: int = 4  # the rung that the calibrated estimates rest on
    reach: float = np.inf  # their uncertainty
    learnt: float = 0.0  # what it was found to leave besides, in others
    wide: float = 0.0  # the reach of fits that averaged the noise in the calibrated entries, 0 if none did
    deeper: int = 0  # how far below that rung a second look last told enough
    unbroken: int = 0  # entries near which no jump was found
    _residues: Floats | None = None
    bend: float = 0.0  # the gap between left and right slope that mere curvature explains there

    def __post_init__(self) -> None:
        """Measure the noise of f along a random direction through the whole tensor, unless it is known."""
        self.scale = self.leaf.scale
        self.eps = self.leaf.eps
        signs = self.rng.choice([-1.0, 1.0], self.leaf.array.size) * self.scale
        line = self.subject.direction({self.path: signs.reshape(self.leaf.array.shape)})
        if not self.sigma:
            self.sigma = noise_of(line, 1.0, self.subject.rounding(), 8 * self.eps)

    def forget(self) -> None:
        """Keep what is known of the tensor as a whole, and none of its long columns."""
        self.columns = Columns.of(np.zeros(0))
        self.scale = np.zeros(0)
        self._residues = None
        self.__dict__.pop("stretch", None)

    @cached_property
    def stretch(self) -> Floats:
        """How many times less than by the largest claim f is moved by any entry of its own size, in units of each.

        1 for all but entries of other orders of magnitude than those that the large claims are of.
        """
        size = np.abs(self.leaf.original.astype(np.float64)).ravel()
        claims = np.nan_to_num(np.abs(self.columns.claims), posinf=0.0)
        with np.errstate(over="ignore"):
            moves = OTHERS * float(np.max(claims * size, initial=0.0))
        return np.maximum(1.0, self.standard.largest / moves * self.scale if moves > 0 else 0.0 * self.scale)

    def judge(self, k: int, estimate: Estimate, residue: float = 0.0) -> Verdict:
        """Hold the claim of entry k against an estimate."""
        standard = replace(self.standard, stretch=float(self.stretch[self.columns.flat[k]]))
        return standard.judge(float(self.columns.claims[k]), estimate, residue)

    @property
    def path(self) -> str:
        """The key of the tensor in the point."""
        return next(path for path, leaf in self.subject.leaves.items() if leaf is self.leaf)

    def ladder(self, k: int, sigma: float | None = None) -> Ladder:
        """Return a ladder along entry k; its noise is measured along that very line unless it is given."""
        flat = int(self.columns.flat[k])
        line = self.subject.entry(self.leaf, flat)
        scale = float(self.scale[flat])
        finest = 4 * self.eps * abs(float(self.leaf.original.flat[flat]))
        if sigma is None:
            sigma = noise_of(line, scale, self.subject.rounding(), finest)
        return Ladder(line, scale, sigma, relative=RELATIVE, finest=finest)

    def climb(self, k: int) -> Estimate:
        """Measure entry k with a whole ladder, and judge it."""
        claim = float(self.columns.claims[k])
        quiet = self.sigma <= QUIET * self.subject.rounding()  # along all entries at once, and so along each
        ladder = self.ladder(k, self.sigma if quiet else None)
        estimate, verdict = self._judged(k, ladder, claim)
        if verdict is Verdict.WRONG and quiet:  # unless that was an accident
            ladder = self.ladder(k)
            if ladder.sigma > self.sigma:
                estimate, verdict = self._judged(k, ladder, claim)
        if verdict is Verdict.WRONG:
            estimate, verdict = self._second(k, ladder, estimate)
        slight = abs(claim - estimate.value) < SLIGHT * max(abs(claim), abs(estimate.value))
        if verdict is Verdict.WRONG and slight and self.unbroken < CONVINCED:
            jump = jump_nearby(ladder.line, ladder.scale, ladder.sigma)
            self.unbroken += not jump
            if jump:  # f is known no better than that, and so is its slope
                ladder.sigma = jump
                rough = derivative.estimate(ladder)
                second = self.judge(k, rough)
                estimate, verdict = (estimate, verdict) if second is Verdict.WRONG else (rough, second)
        if verdict is Verdict.WRONG and claim == 0 and self._stairs(ladder, estimate):
            verdict = Verdict.UNDECIDED  # zero is the slope of every stair, and not that of the flight
        self.columns.put(k, estimate, verdict)
        return estimate

    def _stairs(self, ladder: Ladder, estimate: Estimate) -> bool:
        """Return whether f climbs stairs: it stands still as far as no rounding makes it, and then moves by more."""
        near, far = ([ladder.line(side * part * ladder.scale)[1] for side in (1, -1)] for part in (STAIR**2, STAIR))
        rises = [abs(slope) * r.step for r in estimate.rungs for slope in (r.left, r.right)]
        rise = min((rise for rise in rises if rise > 0), default=0.0)
        return near == [0, 0] and 0 in far and rise > STEEP * self.subject.rounding()

    def _judged(self, k: int, ladder: Ladder, claim: float) -> tuple[Estimate, Verdict]:
        estimate = self.averaged(ladder, self._own(k, ladder, derivative.estimate(ladder)), claim)
        return estimate, self.judge(k, estimate)

    def _own(self, k: int, ladder: Ladder, estimate: Estimate) -> Estimate:
        """Measure an entry far below its tensor's others at its own scale, if it is little known at theirs."""
        size = abs(float(self.leaf.original.flat[self.columns.flat[k]]))
        if not 0 < size < ladder.scale / FAR or estimate.uncertainty <= SHARP * abs(estimate.value):
            return estimate
        sigma = noise_of(ladder.line, size, self.subject.rounding(), 4 * self.eps * size)
        own = derivative.estimate(replace(ladder, scale=size, sigma=sigma, finest=4 * self.eps * size, evaluations=0))
        return own if own.uncertainty < estimate.uncertainty or not math.isfinite(estimate.value) else estimate

    def _second(self, k: int, ladder: Ladder, estimate: Estimate) -> tuple[Estimate, Verdict]:
        """Take a second opinion, at other steps, before an accusation by a narrow margin."""
        claim = float(self.columns.claims[k])
        digits = self._invisible(ladder, claim, estimate)
        estimate = replace(estimate, uncertainty=max(estimate.uncertainty, digits))
        residue = self.residue(k)
        verdict = self.judge(k, estimate, residue)
        wider = replace(estimate, uncertainty=NARROW * estimate.uncertainty)
        if verdict is not Verdict.WRONG or self.judge(k, wider, residue) is Verdict.WRONG:
            return estimate, verdict
        others = [ladder.at_other_steps(by) for by in OTHER_STEPS]
        opinions = [self.averaged(other, derivative.estimate(other), claim) for other in others]
        slight = abs(claim - estimate.value) < SLIGHT * max(abs(claim), abs(estimate.value))
        most = BLUNTER * min(e.uncertainty for e in (estimate, *opinions)) if slight else math.inf
        for opinion in opinions:
            second = self.judge(k, opinion, residue)
            if second is not Verdict.WRONG and opinion.uncertainty <= most:
                return opinion, second
        return estimate, verdict

    def _invisible(self, ladder: Ladder, claim: float, estimate: Estimate) -> float:
        """Return the slope of f's last digits over the whole scale of an entry, if claim and slope are within it.

        Where f stands still, because it has died away to nothing or its terms cancel, its last digits are those of
        the terms, and show as far away as the entry is large.
        """
        size = self.subject.rounding() / RELATIVE
        if estimate.value == 0:
            far = [abs(ladder.line(side * ladder.scale)[1]) for side in (1, -1)]
            size = max([size, *(value for value in far if math.isfinite(value))])
        digits = LAST_DIGITS * RELATIVE * size / ladder.scale
        return digits if max(abs(claim), abs(estimate.value)) <= digits else 0.0

    def residue(self, k: int) -> float:
        """Return what rounding may have made of claim k, from claims at points that differ in their last digits.

        Where a gradient is a sum that cancels, nothing is left of it but that. One neighbour beyond a kink does
        not count: the median of the changes does.
        """
        if self._residues is None:
            here = self.columns.claims
            changes = []
            for n in range(1, NUDGES + 1):
                with self.subject.at(self.subject.nudge(n)):
                    there = self.subject.claims()[self.path].astype(np.float64).ravel()
                there = there if isinstance(self.columns.flat, Every) else there[self.columns.flat]
                with np.errstate(invalid="ignore"):
                    changes.append(np.nan_to_num(np.abs(there - here), posinf=0.0))
                here = there
            self._residues = RESIDUE * np.median(changes, axis=0)
        return float(self._residues[k])

    def averaged(self, ladder: Ladder, estimate: Estimate, claim: float) -> Estimate:
        """Return a better estimate where noise is all that limits the ladder, and averaging tells more."""
        wanted = SHARP * max(abs(claim), abs(estimate.value), SMALLER * self.standard.largest)
        hope = least_squares.promise(ladder.sigma, ladder.scale)
        limited = estimate.uncertainty > max(wanted, hope) and hope < HOPE * wanted
        if not limited or estimate.kink or estimate.jump or estimate.flat:
            return estimate
        best, reach = least_squares.widest(ladder)
        if 2 * best.error > estimate.uncertainty or not _meet(best, estimate):
            return estimate
        self.reach, self.wide = min(self.reach, best.error), reach
        return replace(estimate, value=best.value, uncertainty=best.error)

    def average(self, k: int) -> None:
        """Measure entry k by a fit as wide as served the calibrated entries, if that tells more."""
        columns, ladder = self.columns, self.ladder(k, self.sigma)
        best = least_squares.fit(ladder, self.wide)
        if 2 * best.error > columns.uncertainties[k]:
            return
        swept = Estimate(columns.estimates[k], columns.uncertainties[k], columns.lefts[k], columns.rights[k])
        estimate = replace(swept, value=best.value, uncertainty=best.error)
        verdict = self.judge(k, estimate)
        if verdict is Verdict.CORRECT and _meet(best, swept):
            columns.put(k, estimate, verdict)
        else:
            self.climb(k)

    def confirm(self, k: int) -> None:
        """Measure entry k with a few rungs around the calibrated one, which suffices where the error is gross."""
        ladder = self.ladder(k, self.sigma)
        estimate = derivative.summarise(ladder.climb(max(self.rung - 2, 0), self.rung + 1), self.sigma)
        claim = float(self.columns.claims[k])
        gross = abs(claim - estimate.value) > 100 * (estimate.uncertainty + self.standard.tolerance(abs(claim)))
        if gross and not estimate.kink and not estimate.jump:
            self.columns.put(k, estimate, self.judge(k, estimate))
        else:
            self.climb(k)

    def refine(self, k: int, first: int, *, learn: bool = False) -> Verdict:
        """Measure entry k once more, on four rungs; return what that shows: UNDECIDED if it tells too little.

        With `learn`, what two evaluations were off by is a measure of what they leave unknown in others.
        """
        ladder = self.ladder(k, self.sigma)
        estimate = derivative.summarise(ladder.climb(first, first + 3), self.sigma)
        verdict = self.judge(k, estimate)
        swept, known = self.columns.estimates[k], self.columns.uncertainties[k]
        # It must tell enough to explain why the two evaluations disagreed, if they did.
        enough = max(known, abs(self.columns.claims[k] - swept) / 2, SHARP * abs(estimate.value))
        if verdict is not Verdict.CORRECT:
            return verdict
        if estimate.uncertainty <= min(COARSER * known, enough):
            off = 2 * abs(swept - estimate.value) + estimate.uncertainty
            if learn and known < off < self.standard.tolerance(abs(estimate.value)) / 5:
                self.learnt = max(self.learnt, float(off - known))
            self.columns.put(k, estimate, verdict)
            return verdict
        return Verdict.UNDECIDED

    def settle(self, k: int, first: int) -> None:
        """Measure entry k, which seems wrong, with a whole ladder; with short ones from `first` if they know more.

        Where a kink is near, a whole ladder cannot tell its finer rungs from kinked ones by its own steps. Short
        ones below the kink, at three sets of steps that agree with one another, can.
        """
        estimate, claim = self.climb(k), float(self.columns.claims[k])
        away, size = abs(claim - estimate.value), max(abs(claim), abs(estimate.value))
        narrow = self.standard.tolerance(size) < away < SLIGHT * size
        if self.columns.codes[k] != Verdict.CORRECT or not narrow:
            return
        ladder = self.ladder(k, self.sigma)
        short = [derivative.summarise(ladder.at_other_steps(by).climb(first, first + 3), ladder.sigma) for by in NEARLY]
        values, known = np.array([e.value for e in short]), max(e.uncertainty for e in short)
        spread = float(np.ptp(values))
        middle = replace(short[0], value=float(np.median(values)), uncertainty=known + spread)
        agree = spread <= known and not any(e.kink or e.jump for e in short)
        if agree and self.judge(k, middle, self.residue(k)) is Verdict.WRONG:
            self.columns.put(k, middle, Verdict.WRONG)

    def look_again(self, k: int, *, learn: bool) -> bool:
        """Refine entry k at finer steps, and still finer ones; begin where the last one succeeded."""
        for finer in (self.deeper, DEEPER - self.deeper):
            if self.refine(k, self.rung + finer, learn=learn and not finer) is Verdict.CORRECT:
                self.deeper = finer
                return True
        return False

    def agrees_by_now(self, k: int) -> bool:
        """Settle entry k if its two evaluations leave as much unknown as others were found to."""
        columns = self.columns
        unknown = columns.uncertainties[k] + self.learnt
        agrees = abs(columns.claims[k] - columns.estimates[k]) <= unknown
        if agrees:
            columns.uncertainties[k], columns.codes[k] = unknown, Verdict.CORRECT
        return bool(agrees)


def _meet(best: Limit, estimate: Estimate) -> bool:
    return abs(best.value - estimate.value) <= best.error + estimate.uncertainty
