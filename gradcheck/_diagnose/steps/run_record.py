"""What does a function in NumPy do, step by step? One run of it is recorded, and can be followed with a step changed.

The arrays that it is given say to NumPy that they want to be asked, and so each step on them is seen, with the place in
the user's code where it stands. What leaves NumPy on the way, into a list or into an array that was there before, is
known again by its numbers. A record is worth what it reproduces: whoever uses one compares it with what was measured.
"""

from __future__ import annotations

import functools
import sys
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from types import FrameType
from typing import Any

import numpy as np
from numpy import array as copy_of
from numpy import asarray  # as they are when nothing is recorded

from gradcheck._diagnose.evidence import Array, Floats
from gradcheck._diagnose.steps.arguments import CallArguments
from gradcheck._diagnose.steps.recorded_array import Recorded
from gradcheck._diagnose.steps.source_text import number_comes_first
from gradcheck._model.oracle import OURS
from gradcheck._model.run_step import ALONG, STEPS, Calls, Place, RunStep, StepFunction

ENTRIES = 2_000_000  # of all values together: 16 megabytes
TELLING = 2  # entries of an array that is known again by its numbers
COPIES, NEW = ("array", "asarray"), ("zeros", "empty")  # functions of NumPy that ask no array
NUMPY = np.__file__.rpartition("numpy")[0] + "numpy"


@dataclass
class RunRecord:
    """The steps of a run, and the values that were met."""

    values: list[Floats] = field(default_factory=list)
    steps: list[RunStep] = field(default_factory=list)
    tensors: dict[str, int] = field(default_factory=dict)  # name of a tensor -> its value
    result: tuple[int, ...] = ()  # the values that are returned, flat, one after another
    closed: bool = False  # whether the run is over: arrays that somebody kept are arrays like others then
    _known: dict[tuple[tuple[int, ...], bytes], int] = field(default_factory=dict)  # what was made, by its numbers
    _lying: dict[int, tuple[Array, int]] = field(default_factory=dict)  # tensors, by where in memory they lie
    _size: int = 0

    def replayed(self, steps: Mapping[int, StepFunction]) -> RunRecord:
        """Return the record of the run with other functions in the places of some steps, by their numbers."""
        values, other = list(self.values), set[int]()
        for k, step in enumerate(self.steps):
            if k in steps or other.intersection(step.operands):
                values[step.made] = asarray(steps.get(k, step.function)([values[node] for node in step.operands]))
                other.add(step.made)
        changed = [replace(step, function=steps.get(k, step.function)) for k, step in enumerate(self.steps)]
        return replace(self, values=values, steps=changed)

    def given(self, name: str, value: Array) -> Recorded:
        """Return a tensor as the function is to be given it."""
        self.tensors[name] = self._keep(value)
        return self._handed(copy_of(value, dtype=np.float64), self.tensors[name])

    def returned(self, y: object, places: Iterable[slice]) -> bool:
        """Note what was returned; whether all parts of it are known."""
        node = y.node if isinstance(y, Recorded) else None
        flat = np.ravel(asarray(y, dtype=np.float64))
        parts = [flat[place] for place in places] or [flat]
        found = [node] if node is not None else [self._last(part) for part in parts]
        self.result = tuple(k for k in found if k is not None)
        return len(self.result) == len(found)

    def apply(
        self, name: str, function: Callable[..., Any], arguments: CallArguments, *, by_entry: bool = False
    ) -> Any:  # noqa: ANN401
        """Do a step, and note it if it makes floating-point numbers."""
        run = partial(arguments.called, function)
        y = run([asarray(a) for a in arguments.arrays])
        if self.closed or len(self.steps) >= STEPS or self._size > ENTRIES:
            return y
        operands = tuple(map(self._node, arguments.arrays))
        step = partial(RunStep, name, operands=operands, arguments=arguments.places, calls=_calls(), by_entry=by_entry)
        numbers, axis = arguments.numbers if by_entry else {}, arguments.axis if name in ALONG else None
        if numbers or axis:

            def otherwise(place: Place, number: float) -> StepFunction:
                return partial(arguments.with_number(place, number).called, function)

            step = partial(step, numbers=numbers, axis=axis, otherwise=otherwise)
        if isinstance(y, (tuple, list)):
            made = [self._noted(part, partial(step, function=partial(_part, run, k))) for k, part in enumerate(y)]
            return y._make(made) if hasattr(y, "_make") else type(y)(made)
        return self._noted(y, partial(step, function=run))

    def changed(self, array: Recorded, name: str, function: Callable[..., Any], *args: Any) -> None:  # noqa: ANN401
        """Note that an array was changed in place into what a function makes of it."""
        made = self.apply(name, function, CallArguments.of((array, *args), {}))
        asarray(array)[...] = made
        array.node = made.node if isinstance(made, Recorded) else None

    def copied(self, make: Callable[..., Array], *args: Any, **keywords: Any) -> Any:  # noqa: ANN401
        """Return an array that is made of others, as they are, in their record."""
        arguments = CallArguments.of(args, keywords)
        seen = any(isinstance(a, Recorded) for a in arguments.arrays)
        return self.apply(make.__name__, make, arguments) if seen else make(*args, **keywords)

    def new(self, make: Callable[..., Array], *args: Any, **keywords: Any) -> Any:  # noqa: ANN401
        """Return an array that is filled later on, in the record."""
        array = make(*args, **keywords)
        return self._handed(array, self._keep(array)) if array.dtype == np.float64 else array

    def taken(self, name: str, value: Array) -> Array:
        """Return a tensor in double precision; what a framework makes of it is known again by its place or numbers."""
        given = copy_of(value, dtype=np.float64)
        self.tensors[name] = self._keep(given)
        self._lying[given.ctypes.data] = given, self.tensors[name]
        self._recognise(given, self.tensors[name])
        return given

    def here(self, framework: str) -> tuple[Calls, bool]:
        """Return the user's calls that led here, and whether the last one writes a number before an array."""
        frames = list(_frames(framework))
        calls = tuple((frame.f_code, frame.f_lasti) for frame in reversed(frames))
        return calls, bool(frames) and number_comes_first(frames[0])

    def kept(self, value: Array, place: int = 0) -> int:
        """Return the number of a value that no step made: of a tensor, if it is that, or lies where one does."""
        given, number = self._lying.get(place or value.ctypes.data, (None, 0))
        found = number if given is not None and np.array_equal(given, value) else self._again(value)
        return self._keep(value) if found is None else found

    def seen(self, step: RunStep, made: Array) -> int:
        """Note a step, if there are not too many, and what it made; return the number of that."""
        number = self._keep(made)
        if len(self.steps) < STEPS and self._size <= ENTRIES:
            self.steps.append(replace(step, made=number))
        return number

    def _noted(self, y: Any, step: Callable[..., RunStep]) -> Any:  # noqa: ANN401
        if not isinstance(y, (np.ndarray, np.floating)) or y.dtype != np.float64:
            return y
        array = copy_of(y)
        made = self._keep(array)
        self._recognise(array, made)
        self.steps.append(step(made=made))
        return self._handed(array, made)

    def _recognise(self, array: Array, number: int) -> None:
        """Know an array again by its numbers, if there are enough of them."""
        if array.size >= TELLING and array.min() != array.max():
            self._known[array.shape, array.tobytes()] = number

    def _handed(self, array: Array, node: int) -> Recorded:
        handed = array.view(Recorded)
        handed.run, handed.node = self, node
        return handed

    def _keep(self, value: Array) -> int:
        kept = copy_of(value)
        self.values.append(kept)
        self._size += kept.size
        return len(self.values) - 1

    def _node(self, operand: Any) -> int:  # noqa: ANN401
        """Return which value an operand is; a new one if it is none of those that are known."""
        if isinstance(operand, Recorded) and operand.node is not None and operand.run is self:
            return operand.node
        array = asarray(operand)
        if isinstance(operand, Recorded) and operand.product is not None:
            return self._seen_late(array, *operand.product)
        found = self._again(array)
        if found is not None:
            return found
        rows = [self._again(row) for row in array] if array.ndim > 1 and array.dtype == np.float64 else []
        if any(row is not None for row in rows):
            parts = tuple(self._keep(row) if k is None else k for k, row in zip(rows, array, strict=True))
            made = self._keep(array)
            self.steps.append(RunStep("stack", parts, (0,) * len(parts), np.stack, _calls(), made=made))
            return made
        return self._keep(array)

    def _seen_late(self, array: Array, factor: Array, other: int) -> int:
        """Note the product of an array that asks nobody, X.dot(W), if that is what it is."""
        made, by = self._keep(array), self._node(factor)
        if np.array_equal(factor.dot(self.values[other]), array):
            self.steps.append(RunStep("dot", (by, other), (0, 1), _dot, _calls(), made=made))
        return made

    def _again(self, array: Array) -> int | None:
        return self._known.get((array.shape, array.tobytes())) if array.dtype == np.float64 else None

    def _last(self, part: Floats) -> int | None:
        """Return the last value that has these numbers."""
        alike = (k for k in reversed(range(len(self.values))) if np.array_equal(self.values[k].ravel(), part))
        return next(alike, None)


def _dot(arrays: Sequence[Array]) -> Array:
    product: Array = np.dot(arrays[0], arrays[1])
    return product


def _part(run: Callable[[Sequence[Array]], Any], k: int, arrays: Sequence[Array]) -> Any:  # noqa: ANN401
    return run(arrays)[k]


def _calls() -> Calls:
    """Return the user's calls that led here."""
    return tuple(reversed([(frame.f_code, frame.f_lasti) for frame in _frames(NUMPY)]))


def _frames(framework: str) -> Iterator[FrameType]:
    """Yield the frames of the user's code, the innermost first."""
    frame: FrameType | None = sys._getframe(1)  # noqa: SLF001  there is no other way to know where a step stands
    while frame is not None and frame.f_code not in {recorded.__code__, listened.__code__}:
        if not frame.f_code.co_filename.startswith((OURS, framework)):
            yield frame
        frame = frame.f_back


def _in_this_thread(mine: Callable[..., Any], others: Callable[..., Any]) -> Callable[..., Any]:
    """Return a function that is one thing in this thread, and another in all others."""
    here = threading.get_ident()

    @functools.wraps(others)
    def either(*args: Any, **keywords: Any) -> Any:  # noqa: ANN401
        return (mine if threading.get_ident() == here else others)(*args, **keywords)

    return either


def recorded(function: Callable[[Any], Any], point: Any, record: RunRecord) -> Any:  # noqa: ANN401
    """Call a function with arrays that are recorded, and so with those that NumPy makes for it meanwhile.

    What other threads ask of NumPy is done as always.
    """
    before = {name: getattr(np, name) for name in (*COPIES, *NEW)}
    try:
        for name, make in before.items():
            setattr(np, name, _in_this_thread(partial(record.copied if name in COPIES else record.new, make), make))
        return function(point)
    finally:
        record.closed = True
        for name, make in before.items():
            setattr(np, name, make)


def listened(run: Callable[[Any, RunRecord], Any], point: Any, record: RunRecord) -> Any:  # noqa: ANN401
    """Run what tells its steps itself."""
    try:
        return run(point, record)
    finally:
        record.closed = True
