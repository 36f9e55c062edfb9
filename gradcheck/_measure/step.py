"""Which steps are taken? A ladder of them, climbed as long as anything can be learnt."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from gradcheck._measure.extrapolate import RATIO
from gradcheck._measure.line import Line, phi_at, power_of_two
from gradcheck._measure.slopes import Slopes
from gradcheck._results.floating import DOUBLE

COARSEST = 0.25  # first step, relative to the scale of the entry
FINEST = 2.0**-46  # relative to the scale: a step of 64 roundings of an entry of that size
FIRST = 7  # the rung to which every ladder descends: a step of 1.5e-5
MORE = 4  # rungs by which it descends further, as long as that tells more
ABOVE = 1  # rungs that may be added above the coarsest while the noise is what limits us
MAX_RUNGS = 26  # of one ladder: the last has a step of 6e-17, below the last digit of the point


@dataclass
class Ladder:
    """Values of phi at +-h on a ladder of steps h, taken when first asked for."""

    line: Line
    scale: float
    sigma: float  # standard deviation of the noise of f
    relative: float = DOUBLE  # rounding of phi itself, relative to its size
    size: float = 0.0  # of the entry, if its scale is smaller: f's argument is rounded to that
    finest: float = 0.0  # no step below this: x + h would not be distinct
    evaluations: int = 0
    _seen: dict[float, tuple[float, float, float, float]] = field(default_factory=dict, init=False)

    def __post_init__(self) -> None:
        """Make all steps powers of two, so that x + h is mostly exact."""
        self.top = power_of_two(self.scale * COARSEST)
        self.bottomless = self.finest == 0
        self.finest = max(self.finest, self.scale * FINEST)

    def step(self, k: float) -> float:
        """Return the nominal step of rung k; k = 0 is the coarsest, negative rungs lie above it, others in between."""
        return float(self.top * RATIO**-k)

    def at_other_steps(self, by: float) -> Ladder:
        """Return a ladder on the same line, none of whose steps is one of these: all are times `by`."""
        other = replace(self, scale=self.scale * by, evaluations=0)
        other.top = self.top * by
        return other

    def with_noise(self, sigma: float) -> Ladder:
        """Return a ladder with the same steps and values, of a function that is noisier than was thought."""
        other = replace(self, sigma=sigma)
        other.top, other._seen = self.top, self._seen  # noqa: SLF001  its own kind
        return other

    def rung(self, k: float) -> tuple[float, float, float, float]:
        """Return (h+, phi(h+), h-, phi(-h-)) with the steps really taken."""
        if k not in self._seen:
            self._take([k])
        return self._seen[k]

    def _take(self, rungs: list[float]) -> None:
        """Take the values of several rungs, if there are any."""
        if not rungs:
            return
        taken = iter(phi_at(self.line, [side * self.step(k) for k in rungs for side in (1, -1)]))
        for k, (up, right), (down, left) in zip(rungs, taken, taken, strict=True):
            self.evaluations += 2
            self._seen[k] = (up, right, -down, left)

    def climb(self, first: int, last: int) -> Slopes:
        """Measure the rungs first..last and return their slopes, the coarsest first."""
        return self._slopes(first, last, max(self.scale, self.size))

    def at(self, rungs: Sequence[float]) -> Slopes:
        """Measure some rungs, and others in between, and return their slopes; they begin with the coarsest."""
        return self._of(rungs, max(self.scale, self.size))

    def near(self, first: int, last: int) -> Slopes:
        """Measure rungs below the usual ones, of a function that moves there: it adds such steps to nothing large."""
        return self._slopes(first, last, self.step(first) / COARSEST)

    def _slopes(self, first: int, last: int, scale: float) -> Slopes:
        return self._of(range(first, last + 1), scale)

    def _of(self, rungs: Sequence[float], scale: float) -> Slopes:
        self._take([k for k in rungs if k not in self._seen])
        taken = [self.rung(k) for k in rungs]
        return Slopes.of(taken, int(rungs[-1]), sigma=self.sigma, scale=scale, relative=self.relative)

    def whole(self) -> Slopes:
        """Descend until nothing more can be learnt, and rise while nothing but the noise limits us."""
        first, last = 0, FIRST
        slopes = self.climb(first, last)
        while last < MAX_RUNGS and self.step(last + 1) >= self.finest and not slopes.enough:
            last += MORE
            slopes = self.climb(first, last)
        while first > -ABOVE and slopes.wants_larger_steps:
            first -= 1
            slopes = self.climb(first, last)
        return slopes
