"""How noisy is a function along a line? Difference tables of closely spaced values."""

from __future__ import annotations

import math
import operator
from dataclasses import dataclass

from gradcheck._measure.line import Line, phi_at, power_of_two
from gradcheck._results.floating import NORMAL

WINDOW = 11  # values in one window of the noise measurement
ROUND_ZERO = 6  # spacings below 0, at which a window around it begins: five of its values lie on either side
FEWER = 1.5  # times as much noise as one window, or a few units, show there may be: the larger of two shows that
UNEVEN = (0.787, -0.613)  # the sides: no powers of two, and not in step with one another, as a staircase may be
LEVELS = (4, 5, 6)  # orders of the differences that are compared
GAINS = [(math.factorial(k) ** 2, math.factorial(2 * k)) for k in LEVELS]  # of their squares, to those of the noise
COARSEST = 2.0**-6  # the coarsest spacing, relative to the scale of the line
FINEST = 2.0**-44  # the finest spacing, relative to the scale of the line
BALANCE = 1 / 7  # spacing^6 f^(6) is as large as the noise where spacing is the 7th root of the rounding, or so
FINER = 256.0  # and so many times finer to begin with: f may bend more
COARSER = 32.0  # from one spacing to the next
STILL = 4  # f counts as constant in a window in which at most one in so many values moves
SPIKE = 0.05  # of the largest second difference: if the median is below it, there is one spike, which is a kink
PARTS = (1.0, 0.59, 0.31, 0.17, 0.083, 0.047)  # of a spacing, none of them in step with even stairs
QUIET = 8.0  # noise up to this many times its floor is that of rounding, and believed
NEARER = 1024.0  # how much nearer to look at what seems to be more noise than that
HALVED_TWICE = 4.0  # times nearer, where the differences of waves are less by about as many powers as their order
FALLS = (HALVED_TWICE ** -(LEVELS[-1] + 2), HALVED_TWICE ** -(LEVELS[0] - 1))  # to which part, at least and at most
CLOSER = 8.0  # noise is at most this much smaller from there; what is smaller still was an oscillation
ASIDE = 2.0**-10  # of the scale: how far, and of that: how closely; the sixth difference of a root is 1e-18 of it
ALIKE = 6.0  # how far the levels of mere noise lie apart at most


def noise_of(line: Line, scale: float, floor: float, finest: float, known: float = 0.0) -> float:
    """Measure the standard deviation of the rounding noise of f along a line; at least `floor`.

    Difference tables of closely spaced values (J. Moré and S. Wild, Estimating computational noise,
    SIAM J. Sci. Comput. 33, 2011): in a window around 0, and unless that is quiet in one on either side, since a kink
    inside a window looks like noise. The spacing is as coarse as a smooth function allows, since closer values share
    roundings inside f, and look quieter than they are. It falls while f bends too much, and where what looked like
    noise is smooth from nearer: a fast oscillation. It grows while f does not move: a hidden cast to float32 makes f
    a staircase that stands still for small steps. What scatters by no more than the `known` noise of f is no
    oscillation, and is not looked at from nearer.
    """
    coarsest = power_of_two(scale * COARSEST)
    spacing = power_of_two(scale * (finest / scale) ** BALANCE / FINER) if finest else coarsest / FINER
    spacing = min(spacing, coarsest)
    lowest = max(finest, scale * FINEST)
    suspected = 0.0  # noise seen at a coarser spacing, to be confirmed from nearer
    quiet = rough = 0.0  # bounds of the noise on the quieter side, and on the rougher one at any spacing
    around = _Window.of(line, UNEVEN[0] * spacing, -ROUND_ZERO * UNEVEN[0] * spacing)
    if around.finite and not around.still and around.least <= QUIET * floor and not _stands(line, spacing, floor):
        return max(floor, FEWER * around.least)
    while spacing >= lowest:
        seen = [_Window.of(line, side * spacing) for side in UNEVEN]
        if all(w.still for w in seen):
            return max(floor, rough or _staircase(line, COARSER * spacing, coarsest))
        bounds = sorted(w.least for w in seen if w.finite)
        restless = max((w.least for w in seen if w.restless), default=0.0)
        measured = max((w.sigma for w in seen if w.sigma is not None), default=0.0)
        rough = rough if any(w.still for w in seen) else max(rough, restless)  # a kink may end where f stands still
        if 0 < measured <= known:
            return max(floor, FEWER * measured)
        if 0 < suspected <= CLOSER * restless and not (measured == 0 and _waves(line, spacing, seen)):
            return max(floor, suspected, restless)
        if bounds and bounds[-1] <= QUIET * floor:
            steps = _stands(line, spacing, floor)
            return max(floor, _staircase(line, spacing / 2, coarsest) if steps else bounds[-1])
        quiet = bounds[0] if bounds else quiet
        suspected = (measured or restless) if quiet > QUIET * floor else 0.0
        spacing /= NEARER if measured and suspected else COARSER
    if quiet > QUIET * floor and not suspected:  # f bends however near: its slope may have no end at 0
        quiet = _beside(line, scale, quiet)
    return max(floor, suspected, quiet)


def window_noise(line: Line, spacing: float) -> float:
    """Return the noise among values so far apart, on the rougher side; 0.0 where they show none."""
    return max(_Window.of(line, side * spacing).sigma or 0.0 for side in UNEVEN)


def _waves(line: Line, spacing: float, seen: list[_Window]) -> bool:
    """Return whether what scatters, but not evenly, falls like a power of the spacing: waves, which noise is not.

    They may be in step with one spacing, and scatter at the next. Stairs are as high from nearer, or not met at all.
    """
    near = (_Window.of(line, side * spacing / HALVED_TWICE) for side in UNEVEN)  # the second, if the first one falls
    return all(
        w.finite and far.least * FALLS[0] <= w.least <= far.least * FALLS[1] for far, w in zip(seen, near, strict=True)
    )


def _beside(line: Line, scale: float, bound: float) -> float:
    """Return the noise at a distance, where what has no slope at 0 is smooth, or a bound of it that is no larger."""
    seen = [_Window.of(line, side * ASIDE**2 * scale, side * ASIDE * scale) for side in (1, -1)]
    seen = [w for w in seen if w.finite and not w.still]
    noisy = max((w.sigma for w in seen if w.sigma is not None), default=0.0)
    return noisy or min(bound, max((w.least for w in seen), default=bound))


def _stands(line: Line, spacing: float, floor: float) -> bool:
    """Return whether f is constant nearby although it rises without noise further away: even stairs.

    As near as what f rises by at the next spacing would be seen: at a thousandth a stair may end on either side.
    """
    rise = abs(line(spacing)[1]) / COARSER
    nearer = next((by for by in (NEARER**2, NEARER) if rise / by > floor), 0.0)
    return bool(nearer) and any(line(side * spacing / nearer)[1] == 0 for side in (1, -1))


def _staircase(line: Line, spacing: float, coarsest: float) -> float:
    """Measure the noise of what stood still at a smaller spacing; 0.0 if it never moves."""
    while spacing <= coarsest:
        # If 32 times is too far, or in step with the staircase, the other spacings are not.
        found = 0.0
        for part in PARTS:
            windows = [_Window.of(line, side * part * spacing) for side in UNEVEN]
            found = max(found, *(w.sigma or 0.0 for w in windows))
            if all(w.still for w in windows):
                break
        if found:
            return found
        spacing = COARSER * spacing if spacing == coarsest else min(COARSER * spacing, coarsest)
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
    def of(cls, line: Line, spacing: float, away: float = 0.0) -> _Window:
        places = [away + j * spacing for j in range(1, WINDOW + 1)]
        taken = iter(phi_at(line, filter(None, places)))
        values = [float(next(taken)[1]) if t else 0.0 for t in places]
        if not all(map(math.isfinite, values)):
            return cls(still=False, finite=False)
        size = max(map(abs, values))
        if size < NORMAL:  # what is so small has few digits, and jitters by its last one: f stands still
            return cls(still=True)
        values = [value / size for value in values]  # near the largest number a difference would overflow
        table = [_differences(values)]
        if sum(map(bool, table[0])) <= WINDOW // STILL:
            return cls(still=True)
        while len(table) < LEVELS[-1]:
            table.append(_differences(table[-1]))
        differences = [table[k - 1] for k in LEVELS]
        levels = [
            size * math.sqrt(sum(map(operator.mul, d, d)) / len(d) * up / down)
            for d, (up, down) in zip(differences, GAINS, strict=True)
        ]
        second = sorted(map(abs, table[1]))
        spike = second[len(second) // 2] < SPIKE * second[-1]
        restless = all(min(d) < 0 < max(d) for d in differences)
        noisy = restless and not spike and max(levels) <= ALIKE * min(levels)
        return cls(still=False, sigma=max(levels) if noisy else None, least=min(levels), restless=restless)


def _differences(values: list[float]) -> list[float]:
    """Return by how much each value differs from the one before; in numbers of Python, which cost less for so few."""
    return list(map(operator.sub, values[1:], values))
