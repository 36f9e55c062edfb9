"""What does a small check cost beside that of a peer, on the same function? Asked only where both are the same."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from benchmarks.questions import Array
from benchmarks.waiting.clock import in_turn
from benchmarks.waiting.figure import Figure, NotAsExpected, WaitingRow, right, spread
from gradcheck import Report

AGREE = 1e-6  # relative: two ways to call one function, in the precision of its numbers (float32 for JAX)
GROUP = "a right one, beside a peer"

Numbers = Sequence[Array]  # the value, and a gradient for each tensor


@dataclass(frozen=True)
class Contest:
    """One function, its check by ours and by a peer, and what either makes of it."""

    ours: Callable[[], Report]
    peer: Callable[[], object]  # raises, or returns False, where it is not content
    entries: int  # that the peer looks at
    numbers: Callable[[], tuple[Numbers, Numbers]]  # value and gradients, as ours and as the peer are given them


def contest(name: str, peer: str, reach: float, make: Callable[[], Contest], *, needs: str) -> WaitingRow:
    """Return the row of a contest."""
    return WaitingRow(GROUP, name, peer, reach, lambda quick: raced(make(), quick=quick), needs)


def raced(made: Contest, *, quick: bool) -> Figure:
    """Time both; raises NotAsExpected where they are not asked the same, or one of them is not content."""
    agreed(made)
    report = right(made.ours())
    if report.checked != made.entries:
        message = f"{report.name}: {report.checked} entries are checked, {made.entries} by the peer"
        raise NotAsExpected(message)
    if made.peer() is False:
        message = f"{report.name}: the peer is not content"
        raise NotAsExpected(message)
    turns = in_turn(made.ours, made.peer, quick=quick)
    remark = f"{made.entries} entries"
    return Figure(
        *spread(turns.ratios), turns.ours_ms, turns.other_ms, report.evaluations, report.gradients, remark=remark
    )


def agreed(made: Contest) -> None:
    """Raise NotAsExpected if the value or a gradient is one for ours and another for the peer."""
    for here, there in zip(*made.numbers(), strict=True):
        if np.shape(here) != np.shape(there) or not np.allclose(here, there, rtol=AGREE, atol=AGREE):
            message = f"{here} for ours is {there} for the peer"
            raise NotAsExpected(message)
