"""Who is told of the steps of a run? An adapter of a framework sees them, and tells them in arrays of NumPy."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from types import CodeType
from typing import Any, Protocol

from numpy.typing import NDArray

Array = NDArray[Any]
Call = tuple[CodeType, int]  # a function, and where in it something is called
Calls = tuple[Call, ...]  # the innermost last
Place = int | str  # of an argument: which one, or what it is called
StepFunction = Callable[[Sequence[Array]], Array]


class RunListener(Protocol):
    """Keeps the steps of a run, and the values that are met."""

    def here(self, framework: str) -> tuple[Calls, bool]:
        """Return the user's calls that led here, and whether the last one writes a number before an array.

        Files that begin with `framework` are none of the user's.
        """

    def kept(self, value: Array) -> int:
        """Return the number of a value that no step made: of a tensor, if it is that."""

    def seen(
        self,
        name: str,
        function: StepFunction,
        operands: Sequence[int],
        made: Array,
        *,
        arguments: Sequence[int],
        calls: Calls,
        by_entry: bool,
        numbers: Mapping[int, float],
        axis: tuple[Place, int] | None,
        otherwise: Callable[[Place, float], StepFunction],
    ) -> int:
        """Note a step, named as in NumPy; return the number of what it made."""
