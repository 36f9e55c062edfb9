"""What is a tensor under test? Its lines, the noise along them, its claims, and what they are held to."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from gradcheck._entries.table import Columns, Every
from gradcheck._judge.tolerance import Standard
from gradcheck._judge.verdict import judge
from gradcheck._measure.line import Line
from gradcheck._measure.noise import QUIET, noise_of
from gradcheck._measure.step import Ladder
from gradcheck._model.point import Leaf
from gradcheck._model.subject import DIRECTION_FINEST, ENTRY_FINEST, Subject
from gradcheck._results.estimate import Estimate
from gradcheck._results.floating import DOUBLE
from gradcheck._results.verdict import Verdict

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

NUDGES = 6  # points that differ in their last digits, where the rounding of the claims is looked at
RESIDUE = 8.0  # times the median change of a claim between them
OTHERS = 10.0  # how many times more than any by its own size an entry may be said to move f


@dataclass
class Experience:
    """What the entries of a tensor that were measured so far taught about the others."""

    reach: float = np.inf  # the uncertainty of the best estimates among those that calibrated it
    wide: float = 0.0  # the reach of fits that averaged the noise, of an entry's scale; 0 if none did
    learnt: float = 0.0  # what two evaluations were found to leave unknown, beside the truncation that was expected
    deeper: int = 0  # how far below the calibrated rung a second look last told enough
    stopped: float = 0.0  # what the jumps of an iteration that stops early leave unknown of f, over a tensor's scale
    sought: bool = False  # whether they were looked for along all entries at once
    unbroken: int = 0  # entries near which no jump was found


@dataclass(frozen=True, eq=False)
class UnderTest:
    """One tensor under test."""

    subject: Subject
    path: str  # its key in the point
    columns: Columns
    standard: Standard
    rng: np.random.Generator
    sigma: float  # standard deviation of the noise of f, along a random direction through the whole tensor
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
    ) -> UnderTest:
        """Measure the noise of f along a random direction through the whole tensor, unless it is known."""
        leaf = subject.leaves[path]
        signs = rng.choice([-1.0, 1.0], leaf.array.size) * leaf.scale
        line = subject.direction({path: signs.reshape(leaf.array.shape)})
        sigma = sigma or noise_of(line, 1.0, subject.rounding(), DIRECTION_FINEST * leaf.eps)
        tested = cls(subject, path, Columns.of(claims), standard, rng, sigma)
        return replace(tested, standard=replace(standard, hollow=True)) if tested.hollow else tested

    @property
    def leaf(self) -> Leaf:
        """The tensor in the point."""
        return self.subject.leaves[self.path]

    @cached_property
    def scale(self) -> Floats:
        """The natural step of each entry."""
        return self.leaf.scale

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

    def judge(self, k: int, estimate: Estimate) -> Verdict:
        """Hold the claim of entry k against an estimate."""
        standard = replace(self.standard, stretch=float(self.stretch[self.columns.flat[k]]))
        return judge(standard, float(self.columns.claims[k]), estimate)

    @property
    def quiet(self) -> bool:
        """Whether f is no noisier along all entries at once than its rounding, and so along each."""
        return self.sigma <= QUIET * self.subject.rounding()

    def ladder(self, k: int, sigma: float | None = None) -> Ladder:
        """Return a ladder along entry k; its noise is measured along that very line unless it is given."""
        flat = int(self.columns.flat[k])
        line = self.subject.entry(self.leaf, flat)
        scale = float(self.scale[flat])
        finest = ENTRY_FINEST * self.leaf.eps * abs(float(self.leaf.original.flat[flat]))
        if sigma is None:
            sigma = noise_of(line, scale, self.subject.rounding(), finest)
        return Ladder(line, scale, sigma, relative=DOUBLE, finest=finest)

    def through(self, way: int) -> Line:
        """Return a line through the whole tensor: random signs, each entry as far as it is large."""
        signs = np.random.default_rng(way).choice([-1.0, 1.0], self.leaf.array.shape)
        return self.subject.direction({self.path: signs * self.scale.reshape(self.leaf.array.shape)})

    def _changes(self, *, above: bool = False) -> list[Floats]:
        """Return how claims change between points, and if wanted cotangents, that differ in their last digits."""
        here, changes = self.columns.claims, []
        for n in range(1, NUDGES + 1):
            with self.subject.at(self.subject.nudge(n)) as there:
                asked = there.nudged_above(n) if above else there
                claims = asked.claims()[self.path].astype(np.float64).ravel()
            claims = claims if isinstance(self.columns.flat, Every) else claims[self.columns.flat]
            with np.errstate(invalid="ignore"):
                changes.append(np.nan_to_num(np.abs(claims - here), posinf=0.0))
            here = claims
        return changes

    @cached_property
    def _residues(self) -> Floats:
        return np.asarray(RESIDUE * np.median(self._changes(), axis=0))

    @property
    def hollow(self) -> bool:
        """Whether the tensor claims zero beside others that move f, and what stands there is but rounding.

        The small gradient of a tensor that moves f a billion times less than others is not: it stays what it is where
        the point differs in its last digits.
        """
        if not 0 < self.standard.largest <= self.standard.negligible:
            return False
        left = RESIDUE * np.median(self._changes(above=True), axis=0)
        return float(np.sum(np.abs(self.columns.claims))) <= float(np.sum(left))

    def residue(self, k: int) -> float:
        """Return what rounding may have made of claim k, from claims at points that differ in their last digits.

        Where a gradient is a sum that cancels, nothing is left of it but that. One neighbour beyond a kink does
        not count: the median of the changes does.
        """
        return float(self._residues[k])
