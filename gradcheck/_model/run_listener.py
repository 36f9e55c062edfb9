"""Who is told of the steps of a run? An adapter of a framework sees them, and tells them in arrays of NumPy."""

from __future__ import annotations

from typing import Protocol

from gradcheck._model.run_step import Array, Calls, RunStep


class RunListener(Protocol):
    """Keeps the steps of a run, and the values that are met."""

    def here(self, framework: str) -> tuple[Calls, bool]:
        """Return the user's calls that led here, and whether the last one writes a number before an array.

        Files that begin with `framework` are none of the user's.
        """

    def kept(self, value: Array, place: int = 0) -> int:
        """Return the number of a value that no step made: of a tensor, if it is that, or lies where one does."""

    def seen(self, step: RunStep, made: Array) -> int:
        """Note a step, and what it made; return the number of that."""
