"""What does a second opinion get? The entry, its claim, and its ladder."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cached_property

from gradcheck._entries.under_test import UnderTest
from gradcheck._measure import derivative
from gradcheck._measure.step import Ladder
from gradcheck._model.tally import Tally
from gradcheck._results.estimate import Estimate
from gradcheck._results.verdict import Verdict

SHARP = 4e-6  # relative uncertainty that shows an error of one part in 1e5
NARROW = 4.0  # uncertainties: an error no larger than that is measured twice, and by no less sharp an opinion
SLIGHT = 0.05  # relative: smaller errors may be the solver's, not the gradient's, or hide beside a kink
CONVINCED = 4  # entries without a jump nearby, after which none is looked for in the others


@dataclass(frozen=True)
class Look:
    """What an opinion is given: the entry, its ladder, and where short ladders begin."""

    tested: UnderTest
    k: int  # the position of the entry in the columns of its tensor
    ladder: Ladder
    sharpen: Callable[[Look, Estimate], Estimate]  # asks the second opinions about an estimate that could be sharper
    first: int = 0  # rung

    @property
    def tally(self) -> Tally:
        """What the calls of the check have cost."""
        return self.tested.tally

    @cached_property
    def careful(self) -> Ladder:
        """The ladder with noise that was measured along the entry itself, not taken from the whole tensor."""
        return self.tested.ladder(self.k) if self.tested.quiet else self.ladder

    def sharpened(self, estimate: Estimate) -> Estimate:
        """Return an estimate, or the better one of a second opinion."""
        return self.sharpen(self, estimate)

    def remeasured(self, ladder: Ladder) -> Estimate:
        """Measure with another ladder, and ask the second opinions."""
        return replace(self, ladder=ladder).sharpened(derivative.estimate(ladder))

    @property
    def claim(self) -> float:
        """What the entry claims."""
        return float(self.tested.columns.claims[self.k])

    @property
    def size(self) -> float:
        """How large the entry is."""
        return abs(float(self.tested.leaf.original.flat[self.tested.columns.flat[self.k]]))

    def slight(self, estimate: Estimate) -> bool:
        """Return whether the claim is off by a small part of itself only."""
        return abs(self.claim - estimate.value) < SLIGHT * max(abs(self.claim), abs(estimate.value))

    def plain(self, estimate: Estimate) -> bool:
        """Return whether the claim is off by so much that noise, at this uncertainty of the slope, cannot explain it.

        Noise that was not measured scatters the finest rungs, and what they do not agree upon is not sharp.
        """
        sharp = estimate.uncertainty <= SHARP * abs(estimate.value)
        return sharp and abs(self.claim - estimate.value) >= SLIGHT * max(abs(self.claim), abs(estimate.value))

    def narrow(self, estimate: Estimate) -> bool:
        """Return whether a little more uncertainty would make the claim right."""
        return not self.accuses(replace(estimate, uncertainty=NARROW * estimate.uncertainty))

    def accuses(self, estimate: Estimate) -> bool:
        """Return whether the claim is wrong by an estimate."""
        return self.tested.judge(self.k, estimate) is Verdict.WRONG
