"""What is a tensor under test? Its lines, the noise along them, its claims, and their standard."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gradcheck._entries.table import Columns, Every
from gradcheck._judge.tolerance import ZERO_ROUNDINGS, Standard
from gradcheck._judge.verdict import judge
from gradcheck._measure.line import Line
from gradcheck._measure.noise import QUIET, noise_of
from gradcheck._measure.step import COARSEST, Ladder
from gradcheck._model.filed import BLOCK
from gradcheck._model.leaf import VAST, Leaf, signs
from gradcheck._model.oracle import Array
from gradcheck._model.subject import DIRECTION_FINEST, ENTRY_FINEST, Subject
from gradcheck._model.tally import NOISE, Tally, spending
from gradcheck._results.estimate import Estimate
from gradcheck._results.floating import BRAIN, DOUBLE, HALF, SINGLE
from gradcheck._results.verdict import Verdict

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

NUDGES = 6  # points that differ in their last digits, where the rounding of the claims is looked at
RESIDUE = 8.0  # times the median change of a claim between them
CHAOTIC = 1 / 4  # of a claim: it changes by so much with the last digits of half precision, or of any at a minimum
SHORT = 2.0**16  # a number with no more digits than that is so many units in the last place of a larger one
ALIKE = 2.0  # times, that measurements of the same noise may differ by
FAR = 100.0  # how many times smaller than its tensor's others an entry of another order is
LAST_DIGITS = 16.0  # roundings of f, that what is unknown of such an entry may move it by
AT_REST = 128.0  # likewise of one that is at rest, over its scale: a slope is known to twelve of them at best
LARGER = 64.0  # times the smallest scale: the steps of larger ones move f as much with a slope that is as much smaller
NOISE_OF_HALF = (
    HALF / 256
)  # of what an entry moves f by: most roundings are less than the largest, and single precision is finer
NOISE_OF_SINGLE = SINGLE / 256  # likewise, of what other tensors move f by
BEGIN = 2  # a step of 1/64 of the scale, wider than the stairs of bfloat16
ROUNDING = 2.0**-30  # of what the largest claim moves f by: noise of so little is rounding in double precision
OTHERS = 10.0  # how many times more than any by its own size an entry may be said to move f


@dataclass
class Experience:
    """What the entries of a tensor that were measured so far taught about the others."""

    reach: float = np.inf  # the uncertainty of the best estimates among those that calibrated it
    wide: float = 0.0  # the reach of fits that averaged the noise, of an entry's scale; 0 if none did
    learnt: float = 0.0  # of a slope, that two evaluations leave unknown beside the truncation, in small entries
    deeper: int = 0  # how far below the calibrated rung a second look last told enough
    noise: int = 0  # entries whose noise was looked at from where the claim would be seen, and was noise
    waves: float = np.inf  # the least noise that was found to be waves, on which f is smooth, from nearer
    stopped: float = 0.0  # what the jumps of an iteration that stops early leave unknown of f, over a tensor's scale
    unfinished: float | None = None  # what the steps of an iteration that are not taken leave, likewise
    sought: bool = False  # whether they were looked for along all entries at once
    unbroken: int = 0  # entries near which no jump was found
    excused: float = 0.0  # the most that their claims are off by, which a jump would excuse
    smooth: int = 0  # entries whose slope has two plateaus, though no stairs
    stairs: float = 0.0  # standard deviation of what a part of f is rounded by, that stands still at small steps
    rounded: bool = False  # whether these were seen beneath a slope, which is known no better than they leave it
    straight: bool = False  # whether a straight line was looked at from further away
    alone: float = 0.0  # that of the noise of f along this tensor alone, where it was measured after all; 0 if not
    begin: int = BEGIN  # the rung at which ladders begin, as far as those that were climbed needed none above
    accused: bool = False  # whether a whole ladder, and the second opinions, found one that is plainly wrong
    further: bool = False  # whether another tensor of the same f was measured before
    confirmed: int = 0  # entries of which a whole ladder said what its first rungs did, in the tensors before as well

    def follow(self, before: Experience, *, further: bool) -> None:
        """Begin with what the tensor before taught of f."""
        self.begin, self.confirmed, self.further = min(before.begin, BEGIN), before.confirmed, further

    def met(self, waves: float) -> None:
        """Remember that so much of what was taken for noise is waves."""
        self.waves = min(self.waves, waves)


@dataclass(frozen=True, eq=False)
class UnderTest:
    """One tensor under test."""

    subject: Subject
    path: str  # its key in the point
    columns: Columns
    standard: Standard
    rng: np.random.Generator
    noise: float  # standard deviation of that of f, along a random direction through the whole tensor
    shared: bool = False  # whether it is that along all tensors at once
    experience: Experience = field(default_factory=Experience)

    @classmethod
    def of(
        cls,
        subject: Subject,
        path: str,
        claims: Floats,
        standard: Standard,
        rng: np.random.Generator,
        *,
        sigma: float = 0.0,
        shared: bool = False,
    ) -> UnderTest:
        """Measure the noise of f along a random direction through the whole tensor, unless it is known."""
        sigma = sigma or noise_through(subject, [path], rng)
        leaf = subject.leaves[path]
        if leaf.given >= HALF and sigma >= NOISE_OF_HALF * standard.largest * leaf.typical > 0:
            standard = replace(standard, half=True)
        tested = cls(subject, path, Columns.of(claims), standard, rng, sigma, shared)
        if tested.hollow:
            return replace(tested, standard=replace(standard, hollow=True))
        if sigma >= NOISE_OF_SINGLE * standard.elsewhere * leaf.typical > 0:
            single = replace(tested, standard=replace(standard, single=True))
            if single.hollow:
                return replace(single, standard=replace(single.standard, hollow=True))
        return tested

    @property
    def sigma(self) -> float:
        """The standard deviation of the noise of f, with what its entries showed of it."""
        return max(self.experience.alone or self.noise, self.experience.stairs)

    def listen(self) -> bool:
        """Measure the noise along this tensor alone, if it is but known along all at once; return if it is another."""
        if not self.shared or self.experience.alone:
            return False
        self.experience.alone = noise_through(self.subject, [self.path], self.rng)
        return not 1 / ALIKE <= self.experience.alone / self.noise <= ALIKE

    @property
    def allowed(self) -> float:
        """What an iteration that stops early was found to leave unknown of f, over the tensor's scale."""
        return self.tally.allowed.get(self.path, 0.0)

    @property
    def tally(self) -> Tally:
        """What the calls of the check have cost."""
        return self.subject.tally

    @property
    def leaf(self) -> Leaf:
        """The tensor in the point."""
        return self.subject.leaves[self.path]

    def scale(self, flat: Any) -> Floats:  # noqa: ANN401  what NumPy takes entries by
        """The natural step of some entries."""
        return self.leaf.scale_of(flat)

    def spread(self, flat: Any) -> Floats:  # noqa: ANN401  likewise
        """How far some entries go where all of them move."""
        return self.leaf.spread_of(flat)

    def alike(self, flat: Any) -> Floats:  # noqa: ANN401  likewise
        """The slope, relative to those of small entries, with which each of some changes f as much as they do."""
        return np.asarray(np.minimum(1.0, LARGER * self.leaf.unit / self.scale(flat)))

    def stretch(self, flat: Any) -> Floats:  # noqa: ANN401  what NumPy takes entries by
        """How many times less than by the largest claim f is moved by an entry of its own size, in units of each.

        1 for all but entries of other orders of magnitude than those that the large claims are of.
        """
        return np.asarray(np.maximum(1.0, self._stretched * self.scale(flat)))

    @cached_property
    def _stretched(self) -> float:
        """The largest claim, in units of the most that any entry of its own size is claimed to move f by; or 0."""
        moves = 0.0
        with np.errstate(over="ignore", invalid="ignore"):
            for block in self.leaf.blocks():
                claims = self.columns.claims[block]
                size = self.leaf.sizes(block) * np.abs(claims)
                moves = max(moves, OTHERS * float(np.max(size, initial=0.0, where=np.isfinite(claims))))
        return self.standard.largest / moves if moves > 0 else 0.0

    def judge(self, k: int, estimate: Estimate) -> Verdict:
        """Judge the claim of entry k by an estimate."""
        stretch = float(self.stretch(self.columns.flat[k]))
        standard = self.standard if stretch == self.standard.stretch else replace(self.standard, stretch=stretch)
        verdict = judge(standard, float(self.columns.claims[k]), estimate)
        if verdict is not Verdict.UNDECIDED or estimate.kink or estimate.stairs:
            return verdict
        return Verdict.UNTESTED if self._beneath(k, estimate) or self._lost(k, estimate) else verdict

    def _beneath(self, k: int, estimate: Estimate) -> bool:
        """Return whether all that is unknown of an entry of another order is lost in f's last digits.

        As 1e-12 beside 1e4 in an entropy: it moves f by no more, as far as the entry is large.
        """
        flat = int(self.columns.flat[k])
        size = abs(float(self.leaf.original.flat[flat]))
        moves = size * estimate.uncertainty
        return 0 < size < float(self.scale(flat)) / FAR and moves <= LAST_DIGITS * self.subject.rounding()

    def _lost(self, k: int, estimate: Estimate) -> bool:
        """Return whether claim and slope move f by no more than its last digits, over all of the entry's scale.

        As at a minimum, where the claim is nothing but rounding either: it is another number where the last digits are
        others. The neighbours tell whether it is right. So they do where steps agree upon nothing, and f stands still
        at the finest of them.
        """
        if not math.isfinite(estimate.value):
            return not self.columns.claims[k] and any(rung.left == 0 == rung.right for rung in estimate.rungs[-1:])
        claim, scale = abs(float(self.columns.claims[k])), float(self.scale(int(self.columns.flat[k])))
        most = max(claim, abs(estimate.value) + estimate.uncertainty)
        return most * scale <= AT_REST * self.subject.rounding() and CHAOTIC * claim <= self.residue(k)

    @property
    def believed(self) -> float:
        """The most noise that is that of rounding."""
        return QUIET * self.subject.rounding()

    @property
    def quiet(self) -> bool:
        """Whether f is no noisier along all entries at once than its rounding, and so along each."""
        return self.sigma <= self.believed and not self.subject.coarse

    def ladder(self, k: int, sigma: float | None = None) -> Ladder:
        """Return a ladder along entry k; its noise is measured along that very line unless it is given."""
        flat = int(self.columns.flat[k])
        line = self.subject.entry(self.leaf, flat)
        scale = float(self.scale(flat))
        finest = ENTRY_FINEST * self.leaf.eps * abs(float(self.leaf.original.flat[flat]))
        sigma = self.noise_along(k) if sigma is None else sigma
        return Ladder(line, scale, sigma, relative=DOUBLE, finest=finest)

    def noise_along(self, k: int) -> float:
        """Measure the standard deviation of the noise of f along entry k."""
        flat = int(self.columns.flat[k])
        scale = float(self.scale(flat))
        finest = ENTRY_FINEST * self.leaf.eps * abs(float(self.leaf.original.flat[flat]))
        floor = self.subject.rounding()
        if self.subject.coarse:
            floor = self.subject.rounding_of(self.path, flat, scale * COARSEST)
        with self.tally.during(NOISE):
            noise = noise_of(self.subject.entry(self.leaf, flat), scale, floor, finest, self._known_noise)
        return max(noise, self.experience.stairs)

    @property
    def _known_noise(self) -> float:
        """The noise along the whole tensor, if that is mere rounding; more may be stairs, of other height elsewhere."""
        exact = self.subject.eps <= DOUBLE and self.sigma <= ROUNDING * self.standard.largest * self.leaf.typical
        return self.sigma if exact else 0.0

    def through(self, way: int) -> Line:
        """Return a line through the whole tensor: random signs, each entry as far as it is large."""
        return self.subject.through([self.path], way)

    def _changes(self, *, above: bool = False, inside: float = 0.0) -> list[Floats]:
        """Return how claims change between points, and if wanted cotangents, that differ in their last digits.

        Or, `inside` of a function that is computed in a coarser precision, in the last digits of that.
        """
        here: Floats = self.columns.claims
        changes: list[Floats] = []
        kept = np.float64 if len(here) <= VAST else np.float32  # half as much memory
        for n in range(1, NUDGES + 1):
            claims = self._beside(n, above, inside).astype(np.float64, copy=False).ravel()
            claims = claims if isinstance(self.columns.flat, Every) else claims[self.columns.flat]
            with np.errstate(invalid="ignore", over="ignore"):
                change: Floats = (claims - here).astype(kept, copy=False)
            np.nan_to_num(np.abs(change, out=change), copy=False, posinf=0.0)
            changes.append(change)
            here = claims
        return changes

    def _beside(self, n: int, above: bool, inside: float) -> Array:  # noqa: FBT001  as above
        """Return the claims at the n-th of these points."""
        if not above and not inside:
            return self.subject.claims_beside(n)[self.path]
        with self.subject.at(self.subject.nudge(n, inside)) as there:
            return (there.nudged_above(n) if above else there).claims()[self.path]

    @cached_property
    def residues(self) -> Floats:
        """What rounding may have made of each claim, from claims at points that differ in their last digits."""
        return _residues(self._changes())

    @cached_property
    def _residues_from_above(self) -> Floats:
        return _residues(self._changes(above=True))

    @cached_property
    def _single_residues(self) -> Floats:
        return _residues(self._changes(inside=SINGLE))

    @cached_property
    def _half_residues(self) -> Floats:
        return _residues(self._changes(inside=BRAIN))

    @property
    def hollow(self) -> bool:
        """Whether the tensor claims zero beside others that move f, and what stands there is but rounding.

        The small gradient of a tensor that moves f a billion times less than others is not: it stays what it is where
        the point differs in its last digits.
        """
        if not 0 < self.standard.largest <= self.standard.negligible:
            return False
        changes = self._changes(above=True, inside=SINGLE * self.standard.single)
        left, claims = RESIDUE * np.max(changes, axis=0), self.columns.claims
        # A compiled backward may round alike at all of them; then what is left is a few units in the last place.
        units = ZERO_ROUNDINGS * self.standard.rounding * self.standard.elsewhere
        few = not left.any() and float(np.max(np.abs(claims))) <= units
        short = np.frexp(claims)[0] * SHORT
        return float(np.sum(np.abs(claims))) <= float(np.sum(left)) or (few and bool((short == np.round(short)).all()))

    def residue(self, k: int) -> float:
        """Return what rounding may have made of claim k, from claims at points that differ in their last digits.

        Where a gradient is a sum that cancels, nothing is left of it but that. One neighbour beyond a kink does
        not count: the median of the changes does. What is the same at all of them may be the sum of a cotangent, as
        behind a mean that is taken off, or a softmax: then cotangents that differ so are looked at as well, in double
        precision, as in a coarser one they change any claim.
        """
        found = float(self.residues[k])
        fine = self.standard.rounding <= DOUBLE and self.subject.eps <= DOUBLE and self.subject.takes_cotangents
        return float(self._residues_from_above[k]) if fine and not found and self.columns.claims[k] else found

    def coarse_residue(self, k: int) -> float:
        """Return what rounding in less than double precision may have made of claim k, if that is all that it may be.

        A part of the function may be computed so, and of a gradient that cancels there nothing else is left. That
        is another number wherever the last digits of half precision are others; what is no rounding stays as it is.
        """
        claim = abs(self.columns.claims[k])
        single = float(self._single_residues[k]) if claim <= ZERO_ROUNDINGS * SINGLE * self.standard.elsewhere else 0.0
        noisy = self.experience.stairs > 0 or self.sigma >= NOISE_OF_HALF * self.standard.elsewhere * self.leaf.typical
        half = float(self._half_residues[k]) if noisy and claim <= BRAIN * self.standard.elsewhere else 0.0
        return max(single, half if half >= RESIDUE * CHAOTIC * claim else 0.0)


def _residues(changes: list[Floats]) -> Floats:
    """Return the median change of each claim, times what may be left of it; in blocks, as a median takes copies."""
    found = np.empty(len(changes[0]))
    for first in range(0, len(found), BLOCK):
        block = slice(first, first + BLOCK)
        found[block] = RESIDUE * np.median([change[block] for change in changes], axis=0)
    return found


@spending(NOISE)
def noise_through(subject: Subject, paths: Iterable[str], rng: np.random.Generator) -> float:
    """Return the standard deviation of the noise of f along a random direction through some tensors at once."""
    leaves = {path: subject.leaves[path] for path in paths}
    moves = {path: leaf.drawn(signs(rng), leaf.spread_of) for path, leaf in leaves.items()}
    finest = DIRECTION_FINEST * max(leaf.eps for leaf in leaves.values())
    return noise_of(subject.direction(moves), 1.0, subject.rounding(), finest)
