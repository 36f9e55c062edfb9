"""How many times as long does the one take as the other? CPU time of both, in turn, in one process."""

from __future__ import annotations

import math
from collections.abc import Callable
from time import process_time
from typing import NamedTuple

from benchmarks.waiting.figure import spread

Call = Callable[[], object]

LEAST = 0.005  # seconds that a side of a turn takes, of as many calls as that needs
PATIENCE = 20.0  # seconds for all turns of a row
FEWEST, MOST = 5, 31  # turns
IN_A_HURRY = 3  # turns


class Turns(NamedTuple):
    """The ratios of all turns, and the CPU time of a call of either, in milliseconds."""

    ratios: list[float]
    ours_ms: float
    other_ms: float


def in_turn(ours: Call, other: Call, *, quick: bool) -> Turns:
    """Time both, again and again, the order changing; what is loaded and compiled once is so before."""
    other()
    ours()
    dearest, cheapest = sorted((seconds(ours, 1), seconds(other, 1)), reverse=True)
    calls = max(1, math.ceil(LEAST / max(cheapest, 1e-6)))
    wanted = PATIENCE / (calls * (cheapest + dearest))
    turns = IN_A_HURRY if quick else int(min(max(wanted, FEWEST), MOST))
    pairs = [_turn(ours, other, 1 if quick else calls, first=k % 2 == 0) for k in range(turns)]
    return Turns([a / b for a, b in pairs], *(spread(side)[0] * 1e3 for side in zip(*pairs, strict=True)))


def _turn(ours: Call, other: Call, calls: int, *, first: bool) -> tuple[float, float]:
    if first:
        return seconds(ours, calls), seconds(other, calls)
    theirs = seconds(other, calls)
    return seconds(ours, calls), theirs


def seconds(call: Call, calls: int) -> float:
    """Return the CPU time of a call, of so many."""
    begin = process_time()
    for _ in range(calls):
        call()
    return (process_time() - begin) / calls
