"""Is a part of f a staircase, and the rest a slope? Its slope then has two plateaus, and the finer one is misleading.

Where a part of f is rounded to a coarser precision than the rest, that part stands still over steps smaller than its
stairs, while the rest moves: coarse steps show the slope of the whole, fine ones the slope of the rest, without any
noise. A fast oscillation shows two plateaus as well, but is continuous: only stairs still jump between neighbours.
"""

from __future__ import annotations

import itertools
import math
from dataclasses import dataclass, replace

import numpy as np

from gradcheck._measure.jump import CLEAR
from gradcheck._measure.line import Floats, Line
from gradcheck._measure.noise import window_noise
from gradcheck._results.estimate import SMALLEST, Rung

ABRUPT = 1e3  # times by which the slope changes less from the next rung on; smooth ones fall 16 times from rung to rung
VISIBLE = 100.0  # bounds of the noise, that the change of the slope must exceed
HALVINGS = 44  # of the step, until it is a few roundings of the argument
OF_THE_RISE = 1 / 64  # of what f rises by in the step, that a jump is at least: a few stairs lie within it
STANDING = 2  # rungs, the finest, at which f stands still where it is on a stair
NEEDED = 3  # rungs: one before the fall, and two after it
PLATEAU = 1e-3  # of the bound of its noise, within which a slope that stays the same on three rungs has none of it
BOTH = 0.25  # of what the slope falls by, that either side is off by at least
NEARBY = 4  # rungs above the fall, at one of which both sides are off: the edge of a stair may be close by
KEEPS = 0.5  # of how far it is off at one rung, that a side of a kink still is at the next; curvature falls to 1/4
GROWS = 2.0  # times, from one rung to the next, that a side is off beside a stair's edge: 4, and beside a kink less
FURTHER = (1.0, 4.0)  # steps, to either side: several jumps may cancel out up to one place, and not up to another
CANCEL = 4.0  # times what f is seen to be off by, that a jump is high at most which others cancel
WIDER = (1.0, 0.67, 0.47)  # of the step, between values among which the stairs are noise


@dataclass(frozen=True)
class Fall:
    """Where the slope falls from one plateau to the next: the coarser step, and the slope at finer ones."""

    step: float
    slope: float
    scatter: float  # what f is seen to scatter by at the finer steps
    side: int = 1  # on which it does: 1 or -1
    rise: float = math.inf  # the most that f is seen to be off by at the coarser steps


def fall(rungs: tuple[Rung, ...], quietest: float = 1.0) -> Fall | None:
    """Return the finest step with both sides off the slope that they all at once take, and keep, at finer steps.

    Their noise may be less than its bound where they show so, down to the `quietest` part of it.
    """
    if len(rungs) < NEEDED:
        return None
    table = np.array([(r.step, r.left, r.right, r.noise) for r in rungs])
    if not np.isfinite(table).all():
        return None
    step, left, right, noise = table.T
    central = (left + right) / 2
    largest, change = float(np.abs(central).max()), np.abs(np.diff(central))
    seen = np.flatnonzero(change > np.fmax(SMALLEST / 2 * largest, VISIBLE * quietest * noise[:-1]))
    for j in map(int, seen[::-1]):
        if j > len(rungs) - NEEDED or central[j + 1] == 0:
            continue  # all of f is constant there, without a moving rest
        bound = _bound(central, noise, j, quietest)
        after = change[j + 1]
        least = max(VISIBLE * bound.sum(), SMALLEST / 2 * largest, ABRUPT * after * (after > noise[j + 2]))
        if change[j] <= least:
            continue
        away = np.abs([left, right] - central[j + 1])[:, : j + 2]
        if (away[:, -1] > np.maximum(least, KEEPS * away[:, -2])).all():
            return None  # a kink at the point: there is no one slope that both sides take
        off, at = np.abs(central - central[j + 1]), slice(max(j - NEARBY, 0), j + 1)
        both = np.flatnonzero(np.fmin(*away[:, at]) > BOTH * off[at])  # a kink nearby moves one of the sides alone
        rise = float((away[:, at] * step[at]).max())
        found = Fall(float(step[j]), float(central[j + 1]), float(bound[1] * step[j + 1]), rise=rise)
        if both.size:
            return replace(found, step=float(step[at][both[-1]]))
        for side, one in ((1, away[1]), (-1, away[0])):
            if j > 0 and one[j] > GROWS * one[j - 1] > GROWS * least:
                return replace(found, side=side)
    return None


def _bound(central: Floats, noise: Floats, j: int, quietest: float) -> Floats:
    """Return the noise of two rungs: less than its bound where three finer ones show that there is less of it."""
    bound = noise[j : j + 2]
    if len(central) <= j + NEEDED:
        return bound
    still = np.abs(central[j + 2 : j + 1 + NEEDED] - central[j + 1]).max()
    return np.fmax(still, quietest * bound) if still <= PLATEAU * bound[1] else bound


def standing(rungs: tuple[Rung, ...]) -> tuple[bool, bool]:
    """Return whether f stands still at the finest steps, though not at coarser ones: to the left, to the right."""
    return _stands([rung.left for rung in rungs]), _stands([rung.right for rung in rungs])


def _stands(slopes: list[float]) -> bool:
    return len(slopes) > STANDING and not any(slopes[-STANDING:]) and any(slopes)


def edge(rungs: tuple[Rung, ...]) -> float:
    """Return by how much f rises, all at once, at the finest step."""
    finest = rungs[-1]
    return max(abs(finest.left), abs(finest.right)) * finest.step


def stairs_beneath(line: Line, found: Fall, sigma: float, finest: float) -> float:
    """Return the standard deviation of what is rounded where the slope falls; 0.0 if f does not jump there."""
    jump = stair(line, found, sigma, finest)
    return flight(line, found, jump) if jump else 0.0


def flight(line: Line, found: Fall, jump: float) -> float:
    """Return the standard deviation of stairs of which one is so high: those of several numbers are as noisy as all."""
    return max(jump, *(window_noise(line, by * found.step) for by in WIDER))


def stair(line: Line, found: Fall, sigma: float, finest: float) -> float:
    """Return how high f jumps where the slope falls, to either side; 0.0 if it does not."""
    for further, side in itertools.product(FURTHER, (found.side, -found.side)):
        jump = highest_jump(line, replace(found, side=side, step=further * found.step), sigma, finest)
        if 0 < jump <= CANCEL * found.rise:  # a pole is higher
            return jump
    return 0.0


def highest_jump(line: Line, found: Fall, sigma: float, finest: float) -> float:
    """Return how high f jumps on one side, within the step; 0.0 if it does not, or not to where it is at the end."""

    def rest(t: float) -> float:
        return line(found.side * t)[1] - found.slope * found.side * t

    low, high = 0.0, found.step
    below, above = 0.0, rest(high)
    least = max(CLEAR * sigma, OF_THE_RISE * abs(above))  # a kink falls below it as one looks closer
    for _ in range(HALVINGS):
        middle = (low + high) / 2
        if high - low <= finest or not abs(above - below) > least:
            break
        value = rest(middle)
        if abs(value - below) >= abs(above - value):
            high, above = middle, value
        else:
            low, below = middle, value
    jump = abs(above - below)
    return jump if jump > least else 0.0
