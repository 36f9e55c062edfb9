"""What is a step of a run? Which values it was made of, how, and where in the user's code it stands."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from gradcheck._model.run_listener import Calls, Place, StepFunction


@dataclass(frozen=True)
class RunStep:
    """One step: of which values which one was made, and how."""

    name: str
    made: int
    operands: tuple[int, ...]
    arguments: tuple[int, ...]  # the place of each operand among the arguments
    function: StepFunction
    calls: Calls  # that led to it, the innermost last: the place in the user's code
    by_entry: bool = False  # whether each entry of an operand goes into those that stand in its place alone
    numbers: Mapping[int, float] = field(default_factory=dict)  # plain ones, by their places among the arguments
    axis: tuple[Place, int] | None = None  # where it is given, and which it is, of a step along one
    otherwise: Callable[[Place, float], StepFunction] | None = (
        None  # the step with another number in one of these places
    )
