"""Can the measured slope be trusted? Slope against step, from both sides and from each."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from gradcheck._render.figures import number, pair, power, short
from gradcheck._render.html.axis import BOTTOM, LEFT, RIGHT, TOP, Tick, decades, place, rounds
from gradcheck._render.rows import GUILTY, Table

if TYPE_CHECKING:
    from collections.abc import Iterator

    from gradcheck._results.estimate import Entry, Rung

FOOT = LEFT + 46  # pixels from the left at which the picture begins, beside the numbers of the vertical axis
HEADER = ("step", "left", "right", "both sides", "± noise")
ALIGNMENT = ("right",) * 5


@dataclass(frozen=True)
class Mark:
    """A slope at a step, from "both" sides with the bar of its error, or from the "left" or the "right"."""

    kind: str
    x: float
    y: float
    high: float = 0.0
    low: float = 0.0


@dataclass(frozen=True)
class Line:
    """A slope that is the same at all steps, and where its label stands."""

    kind: str  # "measured", "claim", or "doubtful" for a claim that is not accused
    y: float
    text: float
    label: str


@dataclass(frozen=True)
class Curve:
    """The picture of one entry."""

    name: str
    marks: tuple[Mark, ...]
    lines: tuple[Line, ...]
    ticks: tuple[Tick, ...]
    heights: tuple[Tick, ...]
    beyond: int  # slopes that lie outside the picture
    words: str
    table: Table


def curve(entry: Entry) -> Curve | None:
    """Return the picture of an entry, or None without two steps to compare."""
    rungs = [r for r in entry.rungs if math.isfinite(r.central) and r.step > 0]
    if len({r.step for r in rungs}) < 2:
        return None
    low, high = _range(entry, rungs)
    rungs = _seen(rungs, low, high) or rungs
    steps = [math.log10(r.step) for r in rungs]
    near, far = min(steps) - 0.3, max(steps) + 0.3
    marks = [m for r in rungs for m in _marks(r, place(math.log10(r.step), near, far, FOOT, RIGHT), low, high)]
    within = tuple(m for m in marks if TOP <= m.y <= BOTTOM)
    claimed, measured = pair(entry)
    return Curve(
        name=entry.name,
        marks=within,
        lines=tuple(_lines(entry, low, high)),
        ticks=_ticks(rungs, near, far),
        heights=rounds(low, high),
        beyond=3 * len(entry.rungs) - len(within),
        words=f"Slope of {entry.name} against step, from {power(rungs[0].step)} to {power(rungs[-1].step)}: "
        f"claimed {claimed}, measured {measured}.",
        table=Table(HEADER, ALIGNMENT, tuple(map(_row, entry.rungs))),
    )


def _ticks(rungs: list[Rung], near: float, far: float) -> tuple[Tick, ...]:
    """Return powers of ten; where there are not two of them, the largest and the smallest step."""
    ticks = decades(near, far, FOOT, RIGHT)
    ends = sorted((rungs[0].step, rungs[-1].step))
    return (
        ticks if len(ticks) > 1 else tuple(Tick(place(math.log10(s), near, far, FOOT, RIGHT), short(s)) for s in ends)
    )


def _range(entry: Entry, rungs: list[Rung]) -> tuple[float, float]:
    """Return the slopes at bottom and top: room for claim and estimate, and as much again around them."""
    told = [v for v in (entry.claim, entry.estimate, entry.left, entry.right) if math.isfinite(v)]
    low, high = min(told, default=0.0), max(told, default=0.0)
    unsure = 1.5 * entry.uncertainty
    if not (math.isfinite(entry.claim) and math.isfinite(unsure)):  # nothing is at stake but the slopes themselves
        unsure = max((abs(r.central - entry.estimate) for r in rungs if math.isfinite(entry.estimate)), default=0.0)
    # What is told apart by rounding alone is no picture.
    margin = max((high - low) / 2, unsure, 1e-12 * max(abs(low), abs(high))) or 1.0
    return low - margin, high + margin


def _seen(rungs: list[Rung], low: float, high: float) -> list[Rung]:
    """Return the rungs from the first to the last of those that are seen: what noise throws about has no room."""
    inside = [k for k, r in enumerate(rungs) if any(low <= slope <= high for slope in (r.left, r.central, r.right))]
    return rungs[inside[0] : inside[-1] + 1] if len(inside) > 1 else []


def _marks(rung: Rung, x: float, low: float, high: float) -> Iterator[Mark]:
    def y(slope: float) -> float:
        return place(slope, low, high, BOTTOM, TOP)

    for kind, slope in (("left", rung.left), ("right", rung.right)):
        if math.isfinite(slope):
            yield Mark(kind, x, y(slope))
    ends = (min(max(y(rung.central + sign * rung.noise), TOP), BOTTOM) for sign in (1, -1))
    yield Mark("both", x, y(rung.central), *ends)


def _lines(entry: Entry, low: float, high: float) -> Iterator[Line]:
    """Yield claim and estimate, each labelled on the side that is turned away from the other."""
    claimed, measured = pair(entry)
    above = entry.claim > entry.estimate
    for kind, slope, label, over in (
        ("claim" if entry.verdict in GUILTY else "doubtful", entry.claim, f"claimed {claimed}", above),
        ("measured", entry.estimate, f"measured {measured}", not above),
    ):
        if math.isfinite(slope):
            y = place(slope, low, high, BOTTOM, TOP)
            yield Line(kind, y, y - 7 if over else y + 15, label)


def _row(rung: Rung) -> tuple[str, ...]:
    slopes = (number(v, 6) for v in (rung.left, rung.right, rung.central))
    return short(rung.step), *slopes, short(rung.noise)
