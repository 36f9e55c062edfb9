"""What was measured of one entry? A slope with its uncertainty, and the steps that it rests on."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from gradcheck._results.verdict import Verdict

DEVIATIONS = 3.0  # standard deviations that bound what noise makes of a slope
SMALLEST = 1e-6  # relative: the smallest error that matters, where dtype and noise allow to see it


@dataclass(frozen=True)
class Rung:
    """One step of the ladder: the slopes measured with it, and what rounding does to them."""

    step: float
    left: float  # (f(0) - f(-h)) / h
    right: float  # (f(h) - f(0)) / h
    noise: float  # bound, three standard deviations, of what the noise of f makes of the central slope

    @classmethod
    def of(cls, step: float, left: float, right: float, noise: float) -> Rung:
        """Return a Rung, in a third of the time that the constructor takes: every slope has several."""
        made = object.__new__(cls)
        made.__dict__.update(step=step, left=left, right=right, noise=noise)
        return made

    @property
    def central(self) -> float:
        """(f(h) - f(-h)) / 2h, the mean of the two one-sided slopes."""
        return (self.left + self.right) / 2

    @property
    def sigma(self) -> float:
        """The standard deviation of the noise of f that the bound was made of: noise = DEVIATIONS sigma / sqrt(2) h."""
        return self.noise * math.sqrt(2) * self.step / DEVIATIONS


@dataclass(frozen=True)
class Estimate:
    """A measured derivative: value ± uncertainty, the slopes from either side, and the steps behind them."""

    value: float  # the measured slope
    uncertainty: float  # a bound on its error
    left: float  # the slope from the left; equal to the other within `uncertainty` unless there is a kink
    right: float  # the slope from the right
    kink: bool = False  # the two differ, however small the step
    jump: bool = False  # both slopes diverge as the step shrinks: f is not continuous here
    flat: bool = False  # f did not move at all, at any step
    stairs: bool = False  # f is a staircase: it does not move nearby, and jumps further away
    reached: float = 0.0  # the slope at the finest step that shows it, where it grows without end
    furthest: float = 0.0  # what it would be at the smallest step there is
    residue: float = 0.0  # what rounding may have made of the claim
    scale: float = 0.0  # the largest slope seen above the noise at any step
    rungs: tuple[Rung, ...] = ()  # the steps that were tried, the coarsest first
    best: int = 0  # the number of the rung that the value rests on, 0 being the coarsest
    last: int = -1  # the number of the finest rung
    evaluations: int = 0  # calls of the function

    @property
    def first(self) -> int:
        """The number of the coarsest rung."""
        return self.last - len(self.rungs) + 1

    def nearest(self, claim: float) -> float:
        """Return the slope nearest to a claim, from the left one to the right one; `value` if one is not finite."""
        low, high = sorted((self.left, self.right))
        return min(max(claim, low), high) if math.isfinite(claim + low + high) else self.value


@dataclass(frozen=True)
class Entry:
    """One entry of one tensor: what was claimed, what was measured, and the verdict."""

    tensor: str  # the name of its tensor
    index: tuple[int, ...]  # its place in the tensor; () of a scalar
    claim: float  # what the gradient says
    estimate: float  # the measured slope
    uncertainty: float  # a bound on the error of the estimate
    left: float  # the slope from the left
    right: float  # the slope from the right
    verdict: Verdict  # on this entry
    rungs: tuple[Rung, ...] = ()  # the steps that were tried, the coarsest first
    where: str = "the given point"  # the point at which it was measured

    @property
    def name(self) -> str:
        """The entry as a user writes it: `W2[3,7]`, or `W2` where the tensor is a scalar."""
        return entry_name(self.tensor, self.index)

    @property
    def discrepancy(self) -> float:
        """|claim - estimate|, 0 between equal infinities; inf where one of them is not finite."""
        distance = 0.0 if self.claim == self.estimate else abs(self.claim - self.estimate)
        return distance if math.isfinite(distance) else math.inf

    @property
    def multiple(self) -> float:
        """The discrepancy in units of the uncertainty (0/0 = 0)."""
        return _ratio(self.discrepancy, self.uncertainty)

    @property
    def relative(self) -> float:
        """The discrepancy relative to the larger of claim and estimate (0/0 = 0)."""
        return _ratio(self.discrepancy, max(abs(self.claim), abs(self.estimate)))


def index_of(flat: int, shape: tuple[int, ...]) -> tuple[int, ...]:
    """Return where an entry stands that has a number in the flat tensor."""
    return tuple(int(i) for i in np.unravel_index(flat, shape))


def entry_name(tensor: str, index: tuple[int, ...]) -> str:
    """`W2[3,7]`, or the bare name where the tensor is a scalar."""
    return f"{tensor}[{','.join(map(str, index))}]" if index else tensor


def _ratio(part: float, whole: float) -> float:
    if part == 0:
        return 0.0
    return part / whole if 0 < whole < math.inf else math.inf
