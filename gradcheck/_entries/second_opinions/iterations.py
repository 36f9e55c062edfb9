"""Is f an iteration that takes another number of steps elsewhere? Then it is known only to within one step of it.

Between two places where the number of steps changes such a function is as smooth as any, and its slope is that of the
steps that were taken. What one more step changes, in value and in slope, says how far it was from convergence.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace
from typing import NamedTuple

import numpy as np

from gradcheck._entries.look import SLIGHT, Look
from gradcheck._measure import derivative
from gradcheck._measure.jump import CLEAR
from gradcheck._measure.line import Line
from gradcheck._measure.noise import window_noise
from gradcheck._model.steps import Steps, counted
from gradcheck._model.tally import SECOND, spending
from gradcheck._results.estimate import SMALLEST, Estimate
from gradcheck._results.middle import median

FAR = (0.25, -0.25, 1.0, -1.0)  # of the scale: where steps are counted
FARTHER = (4.0, -4.0, 16.0, -16.0)  # likewise, if as many are taken there: of a linear iteration
WAYS = 4  # random directions through a tensor, along which they are
ENOUGH = 2  # of them, where they are the same along each
SETTLING = 3  # calls at the point: in the first ones things are prepared and kept
JITTER = 2.0**-10  # share of the steps by which their number may differ for other reasons
HALVINGS = 16  # of the distance to where they are others
NEAR = 2.0**-9  # of the scale: steps with which the slopes on either side are measured
STEPS = 32.0  # steps of an iteration: its remainder changes as fast as that of so many contractions
Count = Callable[[Callable[[], object]], Steps]  # makes a call, and says how many steps there were in it
PARTS = (2.0**-8, 2.0**-11, 2.0**-14)  # of the scale, between values among which the steps make f scatter
TOLERANCES = 8.0  # times what the largest claim moves f by, that the tolerance of a solver leaves
WORST = 1024.0  # likewise, that it leaves at most: beside one edge there may be others, and kinks that are none
KINKS = 8.0  # times the change of the slope, that the slope itself may be off by
MUCH = 1 / 8  # relative to the largest slope: more is not left by a solver that stops early
STOPS = "{name}: looks like an iteration stopped at about "
NEARBY = (
    "{size:.0e}: it takes another number of steps nearby, and its slope is judged within what that leaves; tighten the "
    "tolerance of the solver to know more"
)


@spending(SECOND)
def another_step(look: Look, estimate: Estimate) -> Estimate | None:
    """Allow for what one step more would change, if f takes more at some places than at others."""
    tested, experience, tally = look.tested, look.tested.experience, look.tally
    largest = max(tested.standard.largest, abs(estimate.value))
    if look.claim == 0 or tally.steady or not abs(look.claim - estimate.value) <= MUCH * largest:
        return None  # a solver never leaves exactly nothing
    if experience.unfinished is None:
        tally.unfinished[tested.path] = max(tally.unfinished.get(tested.path, 0.0), _unfinished(look))
        experience.unfinished = tally.unfinished[tested.path]
    unknown = experience.unfinished / look.ladder.scale
    if tally.iterates:  # and takes no other branch
        unknown = min(unknown, MUCH * largest)
    if not 0 < unknown <= (MUCH if tally.iterates else SLIGHT) * largest:
        return None
    second = replace(estimate, uncertainty=estimate.uncertainty + unknown)
    if look.accuses(second):
        over = _over_the_steps(look) if tally.iterates else None
        if over is None:
            return None
        second = over
    tally.allow(tested.path, unknown * look.ladder.scale)
    stops = STOPS.format(name=tested.leaf.name)
    if not any(note.startswith(stops) for note in tally.said):  # of another entry, and about the same
        tested.subject.say(stops + NEARBY.format(size=unknown * look.ladder.scale / STEPS))
    return second


def _over_the_steps(look: Look) -> Estimate | None:
    """Measure with what f scatters by where the steps are others from place to place; larger ones average over them."""
    ladder = look.careful
    sigma = max(window_noise(ladder.line, part * ladder.scale) for part in PARTS)
    rough = derivative.estimate(ladder.with_noise(sigma)) if sigma > ladder.sigma else None
    return None if rough is None or look.accuses(rough) else rough


def _unfinished(look: Look) -> float:
    """Return what the missing steps leave unknown of f, over the scale of an entry; 0 if none is missing.

    As is usual of several ways: beside one place two steps may be taken at once, and beside another next to none. Where
    the solver is told a tolerance, it leaves as much at least.
    """
    tested, sigma, scale = look.tested, look.careful.sigma, look.ladder.scale
    several = tested.leaf.array.size > 1
    lines = [(tested.through(way), 1.0) for way in range(WAYS)] if several else [(look.ladder.line, scale)]
    count = tested.subject.steps
    edges: list[Edge | None] = []
    while len(edges) < len(lines) and (len(edges) < ENOUGH or any(edges)):
        edges.append(_edge(*lines[len(edges)], count))
    told = _steps(look.ladder.line, 0.0).tolerance if any(edges) else 0.0
    look.tally.steady = not any(edges) and not look.tally.unfinished and not told
    left = [_left(*line, edge, sigma) for line, edge in zip(lines, edges, strict=False) if edge]
    usual = median(np.array([each for each in left if each])) if any(left) else 0.0
    look.tally.iterates |= told > 0 or any(edge.several for edge in edges if edge)
    tolerated = told * tested.standard.largest * scale
    return max(min(usual, WORST * tolerated), TOLERANCES * tolerated) if told else usual


class Edge(NamedTuple):
    """Two places side by side where the number of steps changes."""

    low: float
    high: float
    several: bool  # whether there are several other numbers: then it is no branch


def _edge(line: Line, scale: float, count: Count = counted) -> Edge | None:
    """Return where f takes another number of steps than at the point; None if it does not."""
    *_, before, here = (_steps(line, 0.0, count) for _ in range(SETTLING))
    if not _alike(before, here):
        return None
    for parts in (FAR, FARTHER):
        far = {part * scale: _steps(line, part * scale, count) for part in parts}
        others = [t for t, steps in far.items() if not _alike(steps, here)]
        if others:
            break
    else:
        return None
    low, high = 0.0, others[0]
    for _ in range(HALVINGS):
        middle = (low + high) / 2
        low, high = (middle, high) if _alike(_steps(line, middle, count), here) else (low, middle)
    again = [_alike(_steps(line, t, count), here) for t in (0.0, low, high, others[0])]
    if again != [True, True, False, False]:  # it is not the place that tells how many
        return None
    return Edge(low, high, len({far[t].number for t in others}) > 1)


def _alike(there: Steps, here: Steps) -> bool:
    """Whether two numbers of steps are one; so too where f is not finite, and stops for that."""
    pairs = ((there.number, here.number), (there.own, here.own))
    return not there.number or all(abs(a - b) <= JITTER * b for a, b in pairs)


def _steps(line: Line, t: float, count: Count = counted) -> Steps:
    """Return the steps that f takes at a place; none where it is not finite."""
    values: list[float] = []
    steps = count(lambda: values.append(line(t)[1]))
    return steps if math.isfinite(values[0]) else Steps()


def _left(line: Line, scale: float, edge: Edge, sigma: float) -> float:
    """Return what is left unknown of f over a scale, seen from what changes at an edge: its value and its slope."""
    low, high = edge.low, edge.high
    h = math.copysign(NEAR * scale, high - low)
    below, above = _one_sided(line, low, -h), _one_sided(line, high, h)
    jump = abs(line(high)[1] - line(low)[1] - below * (high - low))
    kink = abs(above - below)
    jump, kink = jump * (jump > CLEAR * sigma), kink * (kink > max(CLEAR * sigma / abs(h), SMALLEST * abs(below)))
    left = STEPS * jump + KINKS * kink * scale
    return left if math.isfinite(left) else 0.0


def _one_sided(line: Line, at: float, h: float) -> float:
    """Return the slope on one side of a place, from three values there."""
    here, near, far = (line(at + n * h)[1] for n in range(3))
    return (4 * near - far - 3 * here) / (2 * h)
