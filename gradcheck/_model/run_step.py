"""What is a step of a run? Which values it was made of, how, and where in the user's code it stands."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from types import CodeType
from typing import Any

from numpy.typing import NDArray

Array = NDArray[Any]
Call = tuple[CodeType, int]  # a function, and where in it something is called
Calls = tuple[Call, ...]  # the innermost last
Place = int | str  # of an argument: which one, or what it is called
StepFunction = Callable[[Sequence[Array]], Array]

STEPS = 2_000  # of a run that are kept: of a longer one the rest goes unseen
ALONG = ("sum", "mean", "var", "std", "max", "min", "amax", "amin", "prod", "cumsum", "cumprod")  # steps along an axis


@dataclass(frozen=True)
class RunStep:
    """One step: of which values one was made, and how; named as NumPy names it."""

    name: str
    operands: tuple[int, ...]
    arguments: tuple[int, ...]  # the place of each operand among the arguments
    function: StepFunction
    calls: Calls  # that led to it, the innermost last: the place in the user's code
    by_entry: bool = False  # whether each entry of an operand goes into those that stand in its place alone
    numbers: Mapping[int, float] = field(default_factory=dict)  # plain ones, by their places among the arguments
    axis: tuple[Place, int] | None = None  # where it is given, and which it is, of a step along one
    otherwise: Callable[[Place, float], StepFunction] | None = None  # with another number in one of these places
    made: int = -1  # the number of what it makes, once it is kept
