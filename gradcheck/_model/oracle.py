"""What is being checked? Named arrays, a value, a claimed gradient; everything else is made into this.

Frameworks know only this file: an adapter makes an `Oracle` of what a user hands in.
"""

from __future__ import annotations

import contextlib
import functools
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from types import TracebackType
from typing import Any

from numpy.typing import NDArray

from gradcheck._model.ending import said
from gradcheck._model.rng import Pins, Source
from gradcheck._model.run_listener import RunListener
from gradcheck._model.site import WeightSite
from gradcheck._model.undone import Undone
from gradcheck._results.errors import CallError, InputError
from gradcheck._results.names import without_locals
from gradcheck._results.report import Problem

OURS = __file__.rpartition("_model")[0] + "_"  # prefix of our own files, which are left out of tracebacks

Array = NDArray[Any]
Tree = Any
WEIGHTS = ("w", "weight", "kernel", "filter", "embedding", "gamma", "scale")
BIASES = ("b", "bias", "beta", "shift", "offset")


@dataclass(frozen=True)
class Oracle:
    """Anything that can be checked, in three fields: a point, a value and the claimed gradient there.

    - `point`: an array, or a dict, list, tuple or dataclass of arrays, nested as you like
    - `value`: value(point) -> a number; with `cotangent`, an array of the shape of that
    - `gradient`: gradient(point) -> the gradient of the value, or of the sum of cotangent * value, in the structure and
      shapes of the point
    - `pullback`: pullback(point, cotangent) -> the gradient for that cotangent, to test that it is linear; optional

    The other fields are set by the adapters of frameworks; few users need them.
    """

    point: Tree  # where it is checked
    value: Callable[[Any], Any]  # value(point)
    gradient: Callable[[Any], Any]  # gradient(point)
    name: str = "function"  # as reports call it
    kinds: Mapping[str, str] = field(default_factory=dict)  # path -> kind, where the name does not tell
    cotangent: Array | None = None  # the weights of the outputs, where there are several
    pullback: Callable[[Any, Array], Any] | None = None  # pullback(point, cotangent)
    # The same, with a say in how each part of the cotangent lies in memory: laid(point, cotangent, layout)
    laid: Callable[[Any, Array, Callable[[Array], Array]], Any] | None = None
    sizes: Mapping[str, int] = field(default_factory=dict)  # numbers a wrong factor may be equal to
    notes: tuple[str, ...] = ()  # what the report has to say
    reach: tuple[object, ...] = ()  # where random generators may be found
    spent: int = 0  # calls of the function that were made to find out its outputs
    guard: Callable[[], AbstractContextManager[Any]] = contextlib.nullcontext  # saves and restores the model
    data: Mapping[str, Array] = field(default_factory=dict)  # what the function sees beside the point
    numbers: Mapping[str, float] = field(default_factory=dict)  # plain ones that it sees, by name
    output: Array | None = None  # at the point, if there is one array of them, in its shape
    parts: Callable[[Any], Mapping[str, Oracle]] | None = None  # parts(point): the layers within, to be taken alone
    turn: tuple[int, ...] = ()  # of a part: sorts the parts as they are called, where the last of them is not first
    push: Callable[[Any, Any], Array] | None = None  # push(point, tangents): the derivative along them, flat as value
    outputs: Mapping[str, slice] = field(default_factory=dict)  # name of an output -> where it lies in the value
    coarse: Mapping[str, str] = field(default_factory=dict)  # path -> dtype, where NumPy has none such
    sources: tuple[Source, ...] = ()  # further random generators
    pins: Callable[[], Pins] | None = None  # all random generators as they are now, where they were found already
    aside: bool = False  # whether the arrays of the point are left alone, and each gradient may be modified
    settings: bool = False  # whether numbers in records are mostly settings, of which nothing need be said
    unit: Any = None  # of the value, where the function says it and `value` does not
    versions: Mapping[str, str] = field(default_factory=dict)  # of the framework that the model lives in
    # What may be left out of the gradient, point by point: undone(point, cotangent)
    undone: Callable[[Any, Array], Iterator[Undone]] | None = None
    # Tests of what its framework promises of a backward: examine(point, cotangent, count of gradients asked for)
    examine: Callable[[Any, Array, Callable[[int], object]], list[Problem]] | None = None
    columns: Callable[[Any, Array], Any] | None = None  # like a pullback, made of pushes, and so linear by itself
    # values(point, path, stack): the value for each of a stack of arrays in one place, None where that does not work
    values: Callable[[Any, str, Array], Array | None] | None = None
    sites: Callable[[Any, Array], Iterable[WeightSite]] | None = (
        None  # sites(point, cotangent): where weights are met once
    )
    # rounds(point): how often the loops of the function go round there; None where that cannot be said
    rounds: Callable[[Any], int | None] | None = None
    # steps(point, listener): the value, each step of which is told to the listener
    steps: Callable[[Any, RunListener], Array] | None = None
    drawn: bool = True  # whether the cotangent is a random one, not one from a network above


@functools.lru_cache(1024)
def guess_kind(name: str) -> str:
    """Return weight, bias or parameter, from the last part of a name: `layers[0].W`, `enc.bias_2`, `b1`."""
    last = name.rsplit(".", 1)[-1].split("[", maxsplit=1)[0].lower().rstrip("0123456789_")
    for kind, words in (("weight", WEIGHTS), ("bias", BIASES)):
        if last in words or any(last.endswith("_" + w) or last.startswith(w + "_") for w in words):
            return kind
    return "weight" if last.endswith("weight") else "bias" if last.endswith("bias") else "parameter"


def kind_among(name: str, names: Iterable[str]) -> str:
    """Return the same, given the names beside it: b and beta are biases only where there are weights."""
    kind = guess_kind(name)
    above, _, last = name.rpartition(".")
    if kind != "bias" or last.lower().rstrip("0123456789_") not in {"b", "beta"}:
        return kind
    beside = (other for other in names if other.rpartition(".")[0] == above)
    return kind if any(guess_kind(other) == "weight" for other in beside) else "parameter"


class calling:  # noqa: N801  said as `with calling("the function")`, at every evaluation, and so no generator
    """Raises CallError, with the user's own exception as its cause, for whatever the user's code raises."""

    __slots__ = ("what",)

    def __init__(self, what: str) -> None:
        """Take what is called, in words."""
        self.what = what

    def __enter__(self) -> None:
        """Begin to call."""

    def __exit__(self, kind: object, error: BaseException | None, at: object) -> None:
        """Turn the user's exceptions into CallError, but not our own or an interrupt."""
        refused = called(self.what, error) if isinstance(error, Exception) else None
        if refused is not None and error is not None:
            raise refused from error.with_traceback(theirs(error.__traceback__))


def called(what: str, error: Exception) -> CallError | None:
    """Return what to raise for what the user's code raised; None where that is one of our own, which stays."""
    if isinstance(error, (InputError, CallError)):
        return None
    return CallError(without_locals(f"{what} raised {type(error).__name__}: {said(error)}").removesuffix(": "))


def theirs(trace: TracebackType | None) -> TracebackType | None:
    """Return a traceback without the frames that led from us to the user's; as it is where there are no others."""
    first = trace
    while first is not None and first.tb_frame.f_code.co_filename.startswith(OURS):
        first = first.tb_next
    return first or trace
