"""Which experiments can be made with a function that is wrong somewhere? Each changes one thing."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Array = NDArray[Any]


def _as_it_is(point: Any) -> list[Any]:  # noqa: ANN401
    return [point]


def _the_first(outputs: list[Array]) -> Array:
    return outputs[0]


@dataclass(frozen=True)
class Variant:
    """A function with one thing changed: it is called at other points, and its outputs are put together."""

    words: str
    points: Callable[[Any], list[Any]] = _as_it_is
    join: Callable[[list[Array]], Array] = _the_first
    sign: float = 1.0
    calls: int = 1  # as many as there are points


class Laboratory(Protocol):
    """What can be measured besides, where something is wrong; None is what cannot be."""

    @property
    def point(self) -> Any:  # noqa: ANN401  a tree
        """The point, as the function is given it."""

    @property
    def model(self) -> Any:  # noqa: ANN401  any layer
        """The layer that is checked, if it is one."""

    @property
    def inputs(self) -> dict[str, Any]:
        """The inputs of that layer."""

    @property
    def outputs(self) -> list[Floats]:
        """The outputs."""

    @property
    def cotangent(self) -> list[Floats]:
        """What came from above, in the shapes of the outputs."""

    @property
    def uses(self) -> list[Any]:
        """The uses of the layers in it, each with what it was given and what it gave back."""

    @property
    def alternatives(self) -> Any:  # noqa: ANN401  none, or what one_step makes of a run
        """The gradients with one step of the function changed, if every step of a run is seen."""

    def split(self, flat: Array) -> list[Floats]:
        """Cut something flat into the shapes of the outputs."""

    def read_itself(self, name: str) -> str:
        """Return under which name the function reads the very array that was given for a tensor; nothing mostly."""

    def movable(self, name: str) -> bool:
        """Whether there are so few entries in a tensor that each is moved by itself."""

    def jacobian(self, name: str) -> Floats | None:
        """Measure the derivative of every output by every entry of a tensor."""

    def pushed(self, name: str, move: Floats) -> Floats | None:
        """Measure the derivative of every output along a move of a tensor, roughly."""

    def slopes(self, name: str, variant: Variant) -> Floats | None:
        """Measure the gradient by a tensor, of a changed function."""

    def along(self, name: str, move: Floats, variant: Variant) -> float | None:
        """Measure the slope of a changed function in one direction."""
