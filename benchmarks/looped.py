"""What does the textbook loop take for an entry? It is timed over some of them; the others cost as much."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from benchmarks.peers import TEXTBOOK_STEP
from benchmarks.waiting.clock import seconds


def an_entry(value: Callable[[], Any], tensor: Any, count: int) -> float:  # noqa: ANN401  an array, as it is moved
    """Return the CPU time of a central difference of one entry, of so many of a tensor, which is put back."""
    entries = tensor.reshape(-1)  # a view

    def differences() -> None:
        for k in range(count):
            here = entries[k]
            entries[k] = here + TEXTBOOK_STEP
            up = value()
            entries[k] = here - TEXTBOOK_STEP
            _ = (up - value()) / (2 * TEXTBOOK_STEP)
            entries[k] = here

    value()
    return seconds(differences, 1) / count
