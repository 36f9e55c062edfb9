"""How far off are the entries of a tensor, in units of their uncertainty? A histogram over powers of ten."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from gradcheck._render.figures import count, plural, short
from gradcheck._render.html.axis import BOTTOM, LEFT, RIGHT, TOP, Tick, decades, place
from gradcheck._render.rows import GUILTY

if TYPE_CHECKING:
    from gradcheck._results.report import Floats, Ints, TensorResult

LOWEST, HIGHEST = -4, 16  # powers of ten shown; values beyond are put into the last bars
PER_DECADE = 2
INDENT = 34  # pixels for the numbers of the vertical axis
END, CLEAR = 18, 12  # pixels for 0, and for infinity, where there are such; and for the ticks to keep away from them


@dataclass(frozen=True)
class Bar:
    """The entries between two multiples of the uncertainty."""

    x: float
    width: float
    y: float  # the upper end
    guilty: float  # the upper end of the part that is wrong or broken; the foot where none is
    words: str


@dataclass(frozen=True)
class Histogram:
    """The picture of one tensor."""

    bars: tuple[Bar, ...]
    ticks: tuple[Tick, ...]
    heights: tuple[Tick, ...]
    limit: float  # where the error is as large as the uncertainty
    zero: bool  # whether some have no error
    infinite: bool  # whether some are infinitely far off
    filled: str  # what the filled part of bars stands for; empty where nothing is
    words: str


def histogram(*tensors: TensorResult) -> Histogram | None:
    """Return the picture of a tensor, or of several together; None where there are too few entries for one."""
    if sum(tensor.checked for tensor in tensors) < 2:
        return None
    multiple = np.concatenate([tensor.multiples for tensor in tensors])
    edges = _edges(multiple)
    guilty = np.concatenate([np.isin(tensor.codes, GUILTY) for tensor in tensors])
    every, wrong = _counted(multiple, edges), _counted(multiple[guilty], edges)
    low, high = edges[0], edges[-1]
    top = math.log10(1 + max(every))
    zero, infinite = every[0] > 0, every[-1] > 0
    begin, end = LEFT + INDENT + END * zero, RIGHT - END * infinite
    first, last = begin + CLEAR * zero, end - CLEAR * infinite

    def x(exponent: float) -> float:
        return place(exponent, low, high, begin, end)

    places = [LEFT + INDENT, *map(x, edges), RIGHT]
    bars = [
        Bar(places[k], round(places[k + 1] - places[k], 1), _height(n, top), _height(bad, top), _said(k, n, bad, edges))
        for k, (n, bad) in enumerate(zip(every, wrong, strict=True))
    ]
    return Histogram(
        bars=tuple(b for b, n in zip(bars, every, strict=True) if n),
        ticks=tuple(t for t in decades(low, high, begin, end) if first <= t.at <= last),
        heights=tuple(Tick(_height(10**k, top), count(10**k)) for k in range(1 + int(math.log10(max(every))))),
        limit=x(0.0),
        zero=zero,
        infinite=infinite,
        filled="wrong entries" if guilty.any() else "",
        words=_words(multiple),
    )


def _edges(multiple: Floats) -> list[float]:
    """Return the logarithms at which the bars end, zero among them."""
    seen = np.log10(multiple[(multiple > 0) & np.isfinite(multiple)]).clip(LOWEST, HIGHEST)
    low = math.floor(min(seen.min(initial=0.0), -2))
    high = math.ceil(max(seen.max(initial=0.0) + 1e-9, 2))
    return [low + k / PER_DECADE for k in range(PER_DECADE * (high - low) + 1)]


def _counted(multiple: Floats, edges: list[float]) -> list[int]:
    """Return how many lie between the edges, after those that are nothing, and before those that are infinite."""
    some = multiple[(multiple > 0) & np.isfinite(multiple)]
    # Clipped a hair inside, so that what is beyond the last edge is not lost.
    logarithms = np.log10(some).clip(edges[0], edges[-1] - 1e-9)
    found: Ints = np.histogram(logarithms, edges)[0]
    return [int(np.sum(multiple == 0)), *map(int, found), int(np.sum(np.isinf(multiple)))]


def _height(n: int, top: float) -> float:
    """Return how high up a number lies: logarithmically, so that one among a million is seen."""
    return place(math.log10(1 + n), 0.0, top, BOTTOM, TOP)


def _said(k: int, n: int, bad: int, edges: list[float]) -> str:
    of = f", {count(bad)} of them wrong" if bad else ""
    if k == 0:
        return f"{count(n)} with no error{of}"
    if k == len(edges):
        return f"{count(n)} infinitely far off{of}"
    low, high = (short(10.0**e) for e in edges[k - 1 : k + 1])
    return f"{count(n)} from {low} to {high} times the uncertainty{of}"


def _words(multiple: Floats) -> str:
    inside = int(np.sum(multiple <= 1))
    return (
        f"Histogram of error over uncertainty: of {plural(len(multiple), 'entry')} "
        f"{count(inside)} lie within their uncertainty, the worst is off by {short(float(multiple.max()))} times it."
    )
