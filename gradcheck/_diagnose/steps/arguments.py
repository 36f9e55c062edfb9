"""Which arrays are among the arguments of a call? They are taken out, and others may be put in their places."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from gradcheck._diagnose.evidence import Array
from gradcheck._model.run_step import Place

AXIS = "axis"  # what it is called


@dataclass(frozen=True)
class CallArguments:
    """The arguments of a call, without the arrays among them."""

    args: tuple[Any, ...]
    keywords: Mapping[str, Any]
    arrays: tuple[Array, ...]  # which were taken out
    places: tuple[int, ...]  # of each of these among the arguments

    @classmethod
    def of(cls, args: Sequence[Any], keywords: Mapping[str, Any]) -> CallArguments:
        """Take the arrays out."""
        found: list[tuple[int, Array]] = []
        without = tuple(_taken_out(a, k, found) for k, a in enumerate(args))
        named = {key: _taken_out(a, len(args), found) for key, a in keywords.items()}
        return cls(without, named, tuple(a for _, a in found), tuple(k for k, _ in found))

    @property
    def numbers(self) -> dict[int, float]:
        """The plain numbers among the arguments, by their places."""
        return {k: a for k, a in enumerate(self.args) if isinstance(a, (int, float)) and not isinstance(a, bool)}

    @property
    def axis(self) -> tuple[Place, int] | None:
        """The axis along which an array is worked on, the first after it or by its name, and where it is given."""
        given: tuple[tuple[Place, Any], ...] = ((AXIS, self.keywords.get(AXIS)), *enumerate(self.args[:2]))
        return next(((place, a) for place, a in reversed(given) if type(a) is int), None)

    def with_number(self, place: Place, number: float) -> CallArguments:
        """Return the arguments with another number in a place."""
        if isinstance(place, str):
            return replace(self, keywords={**self.keywords, place: number})
        return replace(self, args=(*self.args[:place], number, *self.args[place + 1 :]))

    def called(self, function: Callable[..., Any], arrays: Sequence[Array]) -> Any:  # noqa: ANN401
        """Call a function with arrays in the places of those that were taken out."""
        args = [_put_back(a, arrays) for a in self.args]
        return function(*args, **{key: _put_back(a, arrays) for key, a in self.keywords.items()})


@dataclass(frozen=True)
class _Hole:
    """The place of an array among arguments."""

    number: int


def _taken_out(argument: Any, place: int, arrays: list[tuple[int, Any]]) -> Any:  # noqa: ANN401
    """Return an argument with holes in the places of its arrays, which are added to a list."""
    if isinstance(argument, np.ndarray):
        arrays.append((place, argument))
        return _Hole(len(arrays) - 1)
    if type(argument) in (list, tuple):
        return type(argument)(_taken_out(a, place, arrays) for a in argument)
    return argument


def _put_back(argument: Any, arrays: Sequence[Array]) -> Any:  # noqa: ANN401
    if isinstance(argument, _Hole):
        return arrays[argument.number]
    if type(argument) in (list, tuple):
        return type(argument)(_put_back(a, arrays) for a in argument)
    return argument
