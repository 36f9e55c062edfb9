"""How well can the slope of a line be known? Noise of f, ladder of steps, estimate with its uncertainty.

A line is phi(t) = f(x + t d) - f(x). Nothing here knows what x is, and nothing here ever sees a claim:
an estimate that had looked at the claim would be no evidence about it.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from gradcheck._report import Rung

Floats = NDArray[np.float64]
# t -> (the step really taken, phi there); nan where f is not defined or raises.
Line = Callable[[float], tuple[float, float]]

RATIO = 4.0  # from rung to rung
COARSEST = 0.25  # first step, relative to the scale of the entry
ABOVE = 1  # rungs that may be added above the coarsest while the noise is what limits us
MAX_RUNGS = 26
ORDERS = 4  # extrapolations: at most O(h^8) from central slopes
SAFE_NOISE = 3.0  # sigma/h that bound the rounding of a slope; 0.7 is one standard deviation
SLOWEST = 0.9  # gaps that do not even fall by this ratio are taken to do so
KNOWN = 1e-9  # relative uncertainty at which finer rungs are no longer asked
WINDOW = 11  # values in one window of the noise measurement
UNEVEN = (0.787, -0.613)  # the sides: no powers of two, and not in step with one another, as a staircase may be
LEVELS = (4, 5, 6)  # orders of the differences that are compared
QUIET = 8.0  # noise up to this many times its floor is that of rounding, and believed
NEARER = 1024.0  # how much nearer to look at what seems to be more noise than that
CLOSER = 8.0  # noise is at most this much smaller from there; what is smaller still was an oscillation
ALIKE = 6.0  # how far the levels of mere noise lie apart at most


def power_of_two(size: float) -> float:
    """Return the power of two nearest to a positive size: x + h is then exact for most x."""
    return 2.0 ** round(math.log2(size)) if size > 0 and math.isfinite(size) else 1.0


# ---------------------------------------------------------------------------------------- noise


def noise_of(line: Line, scale: float, floor: float, finest: float) -> float:
    """Measure the standard deviation of the rounding noise of f along a line; at least `floor`.

    Difference tables of closely spaced values (J. Moré and S. Wild, Estimating computational noise,
    SIAM J. Sci. Comput. 33, 2011), in one window on either side of 0, since a kink inside a window looks
    like noise. The spacing is as coarse as a smooth function allows, since closer values share roundings
    inside f, and look quieter than they are. It falls while f bends too much, and where what looked like noise
    is smooth from nearer: a fast oscillation. It grows while f does not move: a hidden cast to float32 makes f
    a staircase that stands still for small steps.
    """
    coarsest = power_of_two(scale * 2.0**-6)
    spacing = power_of_two(scale * (finest / scale) ** (1 / 7) / 256) if finest else coarsest / 256
    spacing = min(spacing, coarsest)
    lowest = max(finest, scale * 2.0**-44)
    suspected = 0.0  # noise seen at a coarser spacing, to be confirmed from nearer
    quiet = rough = 0.0  # bounds of the noise on the quieter side, and on the rougher one at any spacing
    while spacing >= lowest:
        seen = [_Window.of(line, side * spacing) for side in UNEVEN]
        if all(w.still for w in seen):
            return max(floor, rough or _staircase(line, 32 * spacing, coarsest))
        bounds = sorted(w.least for w in seen if w.finite)
        restless = max((w.least for w in seen if w.restless), default=0.0)
        measured = max((w.sigma for w in seen if w.sigma is not None), default=0.0)
        rough = rough if any(w.still for w in seen) else max(rough, restless)  # a kink may end where f stands still
        if 0 < suspected <= CLOSER * restless:
            return max(floor, suspected, restless)
        if bounds and bounds[-1] <= QUIET * floor:
            steps = _stands(line, spacing, floor)
            return max(floor, _staircase(line, spacing / 2, coarsest) if steps else bounds[-1])
        quiet = bounds[0] if bounds else quiet
        suspected = (measured or restless) if quiet > QUIET * floor else 0.0
        spacing /= NEARER if measured and suspected else 32
    return max(floor, suspected, quiet)


def _stands(line: Line, spacing: float, floor: float) -> bool:
    """Return whether f stands still nearby though it rises without any noise further away: even stairs."""
    near = (line(side * spacing / NEARER)[1] for side in (1, -1))
    return abs(line(spacing)[1]) / NEARER > 4 * QUIET * floor and any(value == 0 for value in near)


def _staircase(line: Line, spacing: float, coarsest: float) -> float:
    """Measure the noise of what stood still at a smaller spacing; 0.0 if it never moves."""
    while spacing <= coarsest:
        # Where 32 times was too far, or falls in with the steps of the staircase, the other parts do not.
        found = 0.0
        for part in (1.0, 0.59, 0.31, 0.17, 0.083, 0.047):
            windows = [_Window.of(line, side * part * spacing) for side in UNEVEN]
            found = max(found, *(w.sigma or 0.0 for w in windows))
            if all(w.still for w in windows):
                break
        if found:
            return found
        spacing = 32 * spacing if spacing == coarsest else min(32 * spacing, coarsest)
    return 0.0


@dataclass(frozen=True)
class _Window:
    """What one window of equally spaced values shows."""

    still: bool  # f stands still in most of it
    sigma: float | None = None  # None where nothing can be said: too still, too bent, or one spike, which is a kink
    least: float = 0.0  # the noise is no larger than that
    restless: bool = False  # whether its differences are of either sign: they may be noise, and are no mere bend
    finite: bool = True

    @classmethod
    def of(cls, line: Line, spacing: float) -> _Window:
        values = np.array([line(j * spacing)[1] for j in range(1, WINDOW + 1)])
        if not np.isfinite(values).all():
            return cls(still=False, finite=False)
        size = float(np.abs(values).max())
        values = values / size if size > 0 else values  # near the largest number a difference would overflow
        if np.count_nonzero(np.diff(values)) <= WINDOW // 4:
            return cls(still=True)
        differences = [np.diff(values, k) for k in LEVELS]
        levels = [
            size * math.sqrt(float(np.mean(d * d)) * math.factorial(k) ** 2 / math.factorial(2 * k))
            for k, d in zip(LEVELS, differences, strict=True)
        ]
        second = np.abs(np.diff(values, 2))
        spike = float(np.median(second)) < 0.05 * float(second.max())
        # Noise looks alike at all levels, and is of either sign; what bends falls, or has one sign.
        restless = all(d.min() < 0 < d.max() for d in differences)
        noisy = restless and not spike and max(levels) <= ALIKE * min(levels)
        return cls(still=False, sigma=max(levels) if noisy else None, least=min(levels), restless=restless)


# --------------------------------------------------------------------------------------- ladder


@dataclass
class Ladder:
    """Values of phi at +-h on a ladder of steps h, taken when first asked for."""

    line: Line
    scale: float
    sigma: float  # standard deviation of the noise of f
    relative: float = 2.0**-52  # rounding of phi itself, relative to its size
    finest: float = 0.0  # no step below this: x + h would not be distinct
    evaluations: int = 0
    _seen: dict[int, tuple[float, float, float, float]] = field(default_factory=dict, init=False)

    def __post_init__(self) -> None:
        """Make all steps powers of two, so that x + h is mostly exact."""
        self.top = power_of_two(self.scale * COARSEST)
        self.finest = max(self.finest, self.scale * 2.0**-46)

    def step(self, k: int) -> float:
        """Return the nominal step of rung k; k = 0 is the coarsest, negative rungs lie above it."""
        return float(self.top * RATIO**-k)

    def at_other_steps(self, by: float) -> Ladder:
        """Return a ladder on the same line, none of whose steps is one of these: all are times `by`."""
        other = replace(self, scale=self.scale * by, evaluations=0)
        other.top = self.top * by
        return other

    def rung(self, k: int) -> tuple[float, float, float, float]:
        """Return (h+, phi(h+), h-, phi(-h-)) with the steps really taken."""
        if k not in self._seen:
            up, right = self.line(self.step(k))
            down, left = self.line(-self.step(k))
            self.evaluations += 2
            self._seen[k] = (up, right, -down, left)
        return self._seen[k]

    def climb(self, first: int, last: int) -> Slopes:
        """Measure the rungs first..last and return their slopes, the coarsest first."""
        return Slopes.of([self.rung(k) for k in range(first, last + 1)], self, last)

    def whole(self) -> Slopes:
        """Descend until nothing more can be learnt, and rise while nothing but the noise limits us."""
        first, last = 0, 7
        slopes = self.climb(first, last)
        while last < MAX_RUNGS and self.step(last + 1) >= self.finest and not slopes.enough:
            last += 4
            slopes = self.climb(first, last)
        while first > -ABOVE and slopes.wants_larger_steps:
            first -= 1
            slopes = self.climb(first, last)
        return slopes


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
    def of(cls, rungs: list[tuple[float, float, float, float]], ladder: Ladder, last: int) -> Slopes:
        """Build the slopes from (h+, phi(h+), h-, phi(-h-))."""
        up, plus, down, minus = np.array(rungs).T
        usable = (up > 0) & (down > 0)
        with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
            right = np.where(usable & np.isfinite(plus), plus / up, np.nan)
            left = np.where(usable & np.isfinite(minus), -minus / down, np.nan)
            central = (right * down + left * up) / (up + down)
            size = np.nan_to_num(np.fmax(np.abs(plus), np.abs(minus)), posinf=0.0)
            steepest = np.nan_to_num(np.fmax(np.abs(right), np.abs(left)))
            # Inside f the step meets numbers of the size of the scale, and is rounded to their spacing.
            nearby = np.fmax.reduce([steepest[np.maximum(np.arange(len(up)) - n, 0)] for n in range(4)])
            rounding = ladder.relative * size / 2 + ladder.relative * ladder.scale * nearby / 4
            noise = SAFE_NOISE * np.maximum(ladder.sigma, rounding) / np.fmin(up, down)
        noise = np.where(usable, noise, np.inf)
        moved = (plus != 0) | (minus != 0)
        return cls(np.fmin(up, down), right, left, central, noise, moved, last)

    def scale(self, finest: int | None = None) -> float:
        """Return the largest slope that stands out of the noise, down to some rung; 0 if none does."""
        size = np.fmax(np.abs(self.right), np.abs(self.left))[:finest]
        clear = size[size > 2 * self.noise[:finest]]
        return float(clear.max()) if clear.size else 0.0

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
        """Whether the noise at the finest rung hides a tenth of the slope."""
        return bool(self.noise[-1] > 0.1 * self.scale() > 0)

    @property
    def enough(self) -> bool:
        """Whether finer rungs are idle: the noise drowns them, or the slope is known and the sides meet."""
        if self.drowned:
            return True
        gap = np.abs(self.right - self.left)[-3:]
        meets = (gap[1:] <= np.maximum(0.4 * gap[:-1], 2 * self.noise[-2:])).all()
        known = limit(self.central, self.noise, power=2, kinked=self.kinked)
        return bool(meets) and known.error <= KNOWN * self.scale()

    @property
    def wants_larger_steps(self) -> bool:
        """Whether the coarsest rung is still limited by the noise: larger steps would tell more."""
        gap = abs(self.central[0] - self.central[1])
        return bool(gap <= 2 * self.noise[1] and self.noise[0] > 1e-9 * abs(self.central[0]))

    def rungs(self) -> tuple[Rung, ...]:
        """Return the rungs as the report keeps them."""
        columns = zip(self.step, self.left, self.right, self.noise, strict=True)
        return tuple(Rung(*(float(c) for c in row)) for row in columns)


@dataclass(frozen=True)
class Limit:
    """The limit of a sequence of slopes as the step goes to zero: value +- error, taken at a rung."""

    value: float
    error: float
    rung: int


def limit(slopes: Floats, noise: Floats, power: int, kinked: Floats | float = 0.0) -> Limit:
    """Extrapolate slopes that differ from their limit by c1 h^p + c2 h^2p + ... (Richardson; Ridders 1982).

    Of all rungs and orders that with the smallest sum of truncation and noise wins, provided that every
    finer rung agrees with it: what coarse steps say together counts for nothing if finer ones deny it
    (aliasing, a kink nearby). The truncation is judged from the neighbouring rungs under the assumption
    that the sequence converges at least linearly, which holds near kinks too.
    """
    best = Limit(math.nan, math.inf, -1)
    table, gain = slopes, 1.0
    own = np.abs(np.diff(slopes, prepend=np.nan)) / (RATIO**power - 1)  # what a rung itself may still be off by
    for order in range(ORDERS):
        if order:
            factor = RATIO ** (power * order)
            shifted = np.concatenate([[np.nan], table[:-1]])
            table = table + (table - shifted) / (factor - 1)
            gain *= (factor + 1) / (factor - 1)
        gap = np.abs(np.diff(table, prepend=np.nan))
        before = np.concatenate([[np.nan], gap[:-1]])
        # With one gap only there is nothing to hold it against, so it counts in full.
        truncation = np.where(np.isnan(before), gap, np.fmax(gap * _tail(gap, before, noise * gain), before / RATIO**2))
        error = truncation + noise * gain + kinked
        for k in np.argsort(np.where(np.isnan(error), np.inf, error), kind="stable"):
            if not error[k] < best.error:
                break
            finer = np.abs(slopes[k + 1 :] - table[k])
            allowed = error[k] + noise[k + 1 :] + own[k + 1 :]
            if not (finer > allowed).any():
                best = Limit(float(table[k]), float(error[k]), int(k))
                break
    return best


def _tail(gap: Floats, before: Floats, noise: Floats) -> Floats:
    """Return what is still to come, in units of the last gap, of gaps that fall from `before` to `gap`.

    At least as if they fell linearly with the step; more if they are seen, above the noise, to fall more slowly.
    """
    with np.errstate(divide="ignore", invalid="ignore"):
        ratio = np.where(gap > 2 * noise, np.fmin(gap / before, SLOWEST), 0.0)
    tail: Floats = np.fmax(1 / (RATIO - 1), ratio / (1 - ratio))
    return tail
