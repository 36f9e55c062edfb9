"""Which slopes do some steps show, from the left, from the right, and from both?"""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from gradcheck._measure.extrapolate import RATIO, SLOW, STANDS_OUT, limit
from gradcheck._measure.line import Floats
from gradcheck._results.estimate import DEVIATIONS, Rung

KNOWN = 1e-9  # relative uncertainty at which neither finer rungs nor larger steps are tried
NEARBY = 4  # rungs, this one and coarser ones, of which the steepest slope tells what f's own argument is rounded to
OF_PHI, OF_SCALE = 1 / 2, 1 / 4  # roundings, of phi and of the argument, that a slope is off by at most
HIDDEN = 0.1  # relative to the slope: noise above this hides it
CALMER = 2.0**-20  # of what the noise may be, from rung to rung: that of x^10 falls to 2^-16
LARGEST = float(np.finfo(np.float64).max)  # number: a slope beyond it counts as that
LAST = 3  # the finest rungs, at which something must be so


@dataclass(frozen=True)
class Slopes:
    """Slopes on consecutive rungs, the coarsest first; nan where f is not finite."""

    step: Floats
    right: Floats
    left: Floats
    central: Floats
    noise: Floats  # bound of what the noise of f does to a one-sided slope
    moved: NDArray[np.bool_]  # whether f moved at all
    last: int  # the number of the finest rung

    @classmethod
    def of(
        cls, rungs: list[tuple[float, float, float, float]], last: int, *, sigma: float, scale: float, relative: float
    ) -> Slopes:
        """Build the slopes from (h+, phi(h+), h-, phi(-h-)), from the noise of f, and the scale and rounding of phi.

        In numbers of Python, which for the few rungs of a ladder cost a third of what arrays do.
        """
        steps, sides, noise, steepest = [], [], [], [0.0] * (NEARBY - 1)
        for up, plus, down, minus in rungs:
            step, usable = _smaller(up, down), up > 0 and down > 0
            right = plus / up if usable and math.isfinite(plus) else math.nan
            left = -minus / down if usable and math.isfinite(minus) else math.nan
            size, steep = _larger(abs(plus), abs(minus)), _larger(abs(right), abs(left))
            steepest.append(min(steep, LARGEST) if steep == steep else 0.0)  # noqa: PLR0124  nan, asked often
            # Inside f the step meets numbers of the size of the scale, and is rounded to their spacing. In this order
            # the factors do not overflow where f is very large.
            rounding = relative * (size if size < math.inf else 0.0) * OF_PHI
            rounding += relative * scale * max(steepest[-NEARBY:]) * OF_SCALE
            steps.append(step)
            central = (right * down + left * up) / (up + down) if usable else math.nan
            sides.append((right, left, central))
            noise.append(DEVIATIONS * max(sigma, rounding) / step if usable else math.inf)
        moved = [plus != 0 or minus != 0 for _, plus, _, minus in rungs]
        columns = np.array(sides).T
        return cls(np.array(steps), columns[0], columns[1], columns[2], np.array(noise), np.array(moved), last)

    @property
    def first(self) -> int:
        """The number of the coarsest rung."""
        return self.last - len(self.step) + 1

    def scale(self, finest: int | None = None) -> float:
        """Return the largest slope that stands out of the noise, down to some rung; 0 if none does."""
        sides = zip(self.right[:finest].tolist(), self.left[:finest].tolist(), self.noise.tolist(), strict=False)
        sizes = [(_larger(abs(right), abs(left)), noise) for right, left, noise in sides]
        return max([size for size, noise in sizes if size > STANDS_OUT * noise], default=0.0)

    def steepest(self, side: Floats) -> float:
        """Return the slope of one side at the finest step at which it stands out of the noise; 0 if it never does."""
        clear = side[np.abs(side) > STANDS_OUT * self.noise]
        return float(clear[-1]) if clear.size else 0.0

    @property
    def kinked(self) -> Floats:
        """Return by how much a kink within the step puts the central slope off, as far as it stands out of the noise.

        The gap between the sides falls in proportion to the step where f is smooth; a kink adds to the gap twice
        what it adds to the central slope, but not the same at every step, so that the whole of it counts.
        """
        gaps = (self.right - self.left).tolist()
        pairs = zip([math.nan, *gaps[:-1]], gaps, self.noise.tolist(), strict=True)
        excess = [abs(gap - before / RATIO) - noise for before, gap, noise in pairs]
        return np.array([min(e, LARGEST) if e > 0 else 0.0 for e in excess])

    @property
    def drowned(self) -> bool:
        """Whether the noise at the finest rung hides too much of the slope."""
        return bool(self.noise[-1] > HIDDEN * self.scale() > 0)

    @property
    def calms(self) -> bool:
        """Whether f was far steeper at the steps just before, as an exponential is: then no rung tells enough yet."""
        return len(self.noise) > 1 and bool(self.noise[-1] < CALMER * self.noise[-2] < math.inf)

    @property
    def meets(self) -> bool:
        """Whether the sides meet: the gap between them falls with the step, as far as it is seen above the noise."""
        gaps = np.abs(self.right[-LAST:] - self.left[-LAST:]).tolist()
        noise = self.noise[1 - LAST :].tolist()
        return all(b <= max(SLOW * a, STANDS_OUT * n) for (a, b), n in zip(pairwise(gaps), noise, strict=False))

    @property
    def enough(self) -> bool:
        """Whether finer rungs are idle: the noise drowns them, or the slope is known and the sides meet."""
        if self.calms:
            return False
        if self.drowned:
            return True
        return self.meets and limit(self.central, self.noise, power=2, kinked=self.kinked).error <= KNOWN * self.scale()

    @property
    def wants_larger_steps(self) -> bool:
        """Whether the coarsest rung is still limited by the noise: larger steps would tell more."""
        gap = abs(self.central[0] - self.central[1])
        return bool(gap <= STANDS_OUT * self.noise[1] and self.noise[0] > KNOWN * abs(self.central[0]))

    def rungs(self) -> tuple[Rung, ...]:
        """Return the rungs as the report keeps them."""
        columns = (self.step, self.left, self.right, self.noise / math.sqrt(2))
        return tuple(map(Rung.of, *(column.tolist() for column in columns)))


def _larger(a: float, b: float) -> float:
    """Return the larger of two numbers, ignoring nan."""
    return a if a >= b or b != b else b  # noqa: PLR0124  nan, asked often


def _smaller(a: float, b: float) -> float:
    return a if a <= b or b != b else b  # noqa: PLR0124  as above
