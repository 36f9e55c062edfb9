"""What is a step of a run? Which values it was made of, how, and where in the user's code it stands."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from types import CodeType

from gradcheck._diagnose.evidence import Array

Call = tuple[CodeType, int]  # a function, and where in it something is called


@dataclass(frozen=True)
class RunStep:
    """One step: of which values which one was made, and how."""

    name: str
    made: int
    operands: tuple[int, ...]
    arguments: tuple[int, ...]  # the place of each operand among the arguments
    function: Callable[[Sequence[Array]], Array]
    calls: tuple[Call, ...]  # that led to it, the innermost last: the place in the user's code
    by_entry: bool = False  # whether each entry of an operand goes into those that stand in its place alone
