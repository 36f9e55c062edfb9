"""Which slopes do some steps show, from the left, from the right, and from both?"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from gradcheck._measure.extrapolate import RATIO, limit
from gradcheck._measure.line import Floats
from gradcheck._results.estimate import DEVIATIONS, Rung

KNOWN = 1e-9  # relative uncertainty at which neither finer rungs nor larger steps are asked
NEARBY = 4  # rungs, this one and coarser ones, of which the steepest slope tells what f's own argument is rounded to
OF_PHI, OF_SCALE = 1 / 2, 1 / 4  # roundings, of phi and of the argument, that a slope is off by at most
STANDS_OUT = 2.0  # bounds of the noise, above which a slope or a gap is seen
HIDDEN = 0.1  # of the slope: noise above this part of it drowns it
MEETS = 0.4  # from rung to rung the gap between sides that meet falls to 1/4, and a little more is allowed
LAST = 3  # the finest rungs, at which that must be so


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
        """Build the slopes from (h+, phi(h+), h-, phi(-h-)), from the noise of f, and the scale and rounding of phi."""
        up, plus, down, minus = np.array(rungs).T
        usable = (up > 0) & (down > 0)
        with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
            right = np.where(usable & np.isfinite(plus), plus / up, np.nan)
            left = np.where(usable & np.isfinite(minus), -minus / down, np.nan)
            central = (right * down + left * up) / (up + down)
            size = np.nan_to_num(np.fmax(np.abs(plus), np.abs(minus)), posinf=0.0)
            steepest = np.nan_to_num(np.fmax(np.abs(right), np.abs(left)))
            # Inside f the step meets numbers of the size of the scale, and is rounded to their spacing. In this order
            # the factors do not overflow where f is very large.
            nearby = np.fmax.reduce([steepest[np.maximum(np.arange(len(up)) - n, 0)] for n in range(NEARBY)])
            rounding = relative * size * OF_PHI + relative * scale * nearby * OF_SCALE
            noise = DEVIATIONS * np.maximum(sigma, rounding) / np.fmin(up, down)
        noise = np.where(usable, noise, np.inf)
        moved = (plus != 0) | (minus != 0)
        return cls(np.fmin(up, down), right, left, central, noise, moved, last)

    @property
    def first(self) -> int:
        """The number of the coarsest rung."""
        return self.last - len(self.step) + 1

    def scale(self, finest: int | None = None) -> float:
        """Return the largest slope that stands out of the noise, down to some rung; 0 if none does."""
        size = np.fmax(np.abs(self.right), np.abs(self.left))[:finest]
        clear = size[size > STANDS_OUT * self.noise[:finest]]
        return float(clear.max()) if clear.size else 0.0

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
        gap = self.right - self.left
        before = np.concatenate([[np.nan], gap[:-1]])
        excess = np.abs(gap - before / RATIO) - self.noise
        return np.nan_to_num(np.fmax(excess, 0.0))

    @property
    def drowned(self) -> bool:
        """Whether the noise at the finest rung hides too much of the slope."""
        return bool(self.noise[-1] > HIDDEN * self.scale() > 0)

    @property
    def meets(self) -> bool:
        """Whether the sides meet: the gap between them falls with the step, as far as it is seen above the noise."""
        gap = np.abs(self.right - self.left)[-LAST:]
        return bool((gap[1:] <= np.maximum(MEETS * gap[:-1], STANDS_OUT * self.noise[1 - LAST :])).all())

    @property
    def enough(self) -> bool:
        """Whether finer rungs are idle: the noise drowns them, or the slope is known and the sides meet."""
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
        columns = zip(self.step, self.left, self.right, self.noise / math.sqrt(2), strict=True)
        return tuple(Rung(*(float(c) for c in row)) for row in columns)
