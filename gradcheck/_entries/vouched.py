"""Are the slopes of many entries, of which two evaluations were taken each, right all the same? Directions tell.

The slopes are tested as if they were claims: along a few random directions through all of these entries the slopes must
add up to what a ladder shows. A wrong one among them shows in full, as each moves by its own step or by up to twice
that, and several do not cancel in every direction. So no accusation rests on two evaluations.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from gradcheck._entries.glance import coefficients
from gradcheck._entries.look import NARROW, SHARP
from gradcheck._entries.one_entry import ABOVE, BELOW, PLAIN
from gradcheck._entries.second_opinions.jumps import excuses_from
from gradcheck._entries.under_test import Floats, Ints, UnderTest
from gradcheck._measure import derivative
from gradcheck._measure.step import Ladder
from gradcheck._model.subject import DIRECTION_FINEST
from gradcheck._model.tally import ALONG
from gradcheck._results.floating import DOUBLE
from gradcheck._results.verdict import Verdict

WAYS = 3  # directions: where errors of two entries cancel to a hundredth of them in one, in all of them once in 1e6
FEWEST = 6  # entries: fewer are cheaper measured one by one, as a direction takes eight evaluations


@dataclass
class Vouched:
    """Entries that two evaluations contradict, sharp and straight, and what directions say of their slopes."""

    tested: UnderTest
    suspects: Ints  # positions in the columns
    rung: int  # at which two evaluations were taken
    asked: float = field(init=False, default=math.nan)  # from which error on jumps had been looked for, the last time
    members: Ints = field(init=False)  # that are off by little
    unknown: float = field(init=False, default=math.nan)  # of f, beside their slopes; nan where nobody asked

    def accuse(self) -> None:
        """Write down which are wrong: large errors first, small ones once jumps that explain them were searched for.

        To be asked again when another entry was looked at, and jumps from nearer.
        """
        least, first = excuses_from(self.tested), math.isnan(self.asked)
        if least == self.asked:
            return
        self.asked = least
        with self.tested.tally.during(ALONG):
            if first:
                self._gross()
            if math.isfinite(least):
                self._slight(least)

    def _gross(self) -> None:
        """Call wrong what is off by far more than a solver or a tolerance could explain."""
        left = self._left()
        sure = left[self._far(left, 0.0)]
        unknown = self._unknown(sure)
        self._accuse(sure[self._far(sure, unknown)], unknown)

    def _slight(self, least: float) -> None:
        """Call wrong what is off by more than the uncertainty, and by `least`."""
        left = self._left()
        if math.isnan(self.unknown):
            self.members = left[self._off(left, 0.0, 0.0)]
            self.unknown = self._unknown(self.members)
        left = np.intersect1d(left, self.members)
        self._accuse(left[self._off(left, self.unknown, least)], self.unknown)

    def _left(self) -> Ints:
        """Return the sharp ones that are not judged yet."""
        columns, which = self.tested.columns, self.suspects
        with np.errstate(invalid="ignore"):
            sharp = columns.uncertainties[which] <= SHARP * np.abs(columns.estimates[which])
        left: Ints = which[sharp & (columns.codes[which] == Verdict.UNDECIDED)]
        return left

    def _accuse(self, found: Ints, unknown: float) -> None:
        """Write down that some are wrong; what is unknown along directions may all be in one of them."""
        columns = self.tested.columns
        columns.codes[found] = Verdict.WRONG
        columns.uncertainties[found] += unknown / self.tested.spread(columns.flat[found])

    def _far(self, which: Ints, unknown: float) -> NDArray[np.bool_]:
        """Return which claims are off by far more than is unknown of their slopes, and than matters.

        `unknown` is in units of f, where each entry goes as far as it is large.
        """
        away, known, matters = self._away(which, unknown)
        return away > PLAIN * (known + matters)

    def _off(self, which: Ints, unknown: float, least: float) -> NDArray[np.bool_]:
        """Return which claims are off by more than is unknown of their slopes, several times, and by `least`."""
        away, known, matters = self._away(which, unknown)
        return away > np.maximum(NARROW * known + matters, least)

    def _away(self, which: Ints, unknown: float) -> tuple[Floats, Floats, Floats]:
        """Return what claims are off by beside their rounding, what is unknown of their slopes, and what matters."""
        columns, standard = self.tested.columns, self.tested.standard
        claims, slopes = columns.claims[which], columns.estimates[which]
        known = columns.uncertainties[which] + unknown / self.tested.spread(columns.flat[which])
        size = np.fmax(np.abs(claims), np.abs(slopes))
        excused = standard.slack.atol + standard.slack.rtol * np.abs(slopes) + self.tested.residues[which]
        excused += self.tested.allowed / self.tested.scale(columns.flat[which])
        away = np.where(np.isfinite(claims), np.abs(claims - slopes) - excused, -math.inf)
        return away, known, np.asarray(standard.tolerance(size))

    def _unknown(self, members: Ints) -> float:
        """Return the uncertainty of the slopes of some entries along directions; inf for too few, or if not known."""
        return max(self._along(members) for _ in range(WAYS)) if len(members) >= FEWEST else math.inf

    def _along(self, members: Ints) -> float:
        """Return what swept slopes are off by along a direction through their entries, and may be."""
        tested, leaf, flat = self.tested, self.tested.leaf, self.tested.columns.flat[members]
        steps = coefficients(tested.rng, len(members)) * tested.spread(flat)
        move = np.zeros(leaf.array.size)
        move[flat] = steps
        line = tested.subject.direction({tested.path: move.reshape(leaf.array.shape)})
        ladder = Ladder(line, 1.0, tested.sigma, relative=DOUBLE, finest=DIRECTION_FINEST * leaf.eps)
        there = derivative.summarise(ladder.climb(max(self.rung - ABOVE, 0), self.rung + BELOW), tested.sigma)
        off = abs(float(np.sum(steps * tested.columns.estimates[members])) - there.value) + there.uncertainty
        return off if math.isfinite(off) and not there.kink else math.inf
