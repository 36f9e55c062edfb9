"""What can be removed from a model, to test whether its gradient is right without it?

An adapter knows what its framework has for leaving something out of a gradient. Each such thing is an experiment that
costs no slope: the gradient is computed once more, without it, and compared with what was measured.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Undone:
    """One thing undone: the gradient without it, or, where it cannot be undone, the tensors that it may speak for."""

    sentence: str  # why it is wrong, if the gradient is right without it, or no other tensor is wrong
    gradient: Callable[[], Any] | None = None  # in the structure of the point
    tensors: frozenset[str] = frozenset()
    flat: str = ""  # the same sentence, where the function itself stands still
    held: Callable[[], AbstractContextManager[None]] | None = (
        None  # what cannot be undone may be held constant instead:
    )
    # within it the function returns, of that part, what it did at its first call, and is what the gradient is of
    draws: bool = False  # whether it is about random numbers, so that other ones are no excuse
