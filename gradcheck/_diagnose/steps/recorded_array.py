"""How are the steps on an array seen? It is of a class that NumPy asks before it does anything."""

from __future__ import annotations

import operator
import sys
from collections.abc import Callable, Iterable, Mapping
from functools import partial
from typing import Any, Protocol

import numpy as np
from numpy import array as copy_of
from numpy import asarray  # as they are when nothing is recorded

from gradcheck._diagnose.evidence import Array
from gradcheck._diagnose.steps.arguments import CallArguments
from gradcheck._diagnose.steps.source_text import multiplied

METHODS = """
    astype clip copy cumprod cumsum diagonal dot flatten max mean min prod ravel repeat reshape squeeze std sum swapaxes
    take trace transpose var
"""


class StepTaker(Protocol):
    """What a step is told to."""

    def apply(
        self, name: str, function: Callable[..., Any], arguments: CallArguments, *, by_entry: bool = False
    ) -> Any:  # noqa: ANN401
        """Do a step, and note it."""

    def changed(self, array: Recorded, name: str, function: Callable[..., Any], *args: Any) -> None:  # noqa: ANN401
        """Note that an array was changed in place."""


class Recorded(np.ndarray):
    """An array whose steps are recorded."""

    __array_priority__ = 1.0  # so that a product with an array of NumPy is one of these as well
    run: StepTaker | None  # None if it is in no record
    node: int | None
    product: tuple[Array, int] | None  # X and W, of what may be X.dot(W)

    def __array_finalize__(self, made_of: object) -> None:
        """Start without a place in the record; of what is made of another one, unseen, know what it may be."""
        self.run = self.node = self.product = None
        if isinstance(made_of, Recorded) and made_of.node is not None:
            self.run, factor = made_of.run, multiplied(sys._getframe(1))  # noqa: SLF001  that of the user
            self.product = None if factor is None else (factor, made_of.node)

    def __array_ufunc__(self, ufunc: np.ufunc, method: str, *inputs: Any, **keywords: Any) -> Any:  # noqa: ANN401
        """Record a function that works entry by entry, or a sum along an axis."""
        function, (out,) = getattr(ufunc, method), keywords.pop("out", (None,))[:1]
        if method == "at":
            return _in_place(inputs[0], ufunc.__name__, partial(_at, function), *inputs[1:])
        if out is not None:
            _in_place(out, ufunc.__name__, lambda _, *args: function(*args, **keywords), *inputs)
            return out
        by_entry = method == "__call__" and ufunc.signature is None
        return _applied(ufunc.__name__, function, inputs, keywords, by_entry=by_entry)

    def __array_function__(
        self,
        func: Callable[..., Any],
        types: Iterable[type],
        args: Iterable[Any],
        kwargs: Mapping[str, Any],
    ) -> Any:  # noqa: ANN401
        """Record any other function of NumPy."""
        del types
        return _applied(func.__name__, func, tuple(args), kwargs)

    def __getitem__(self, key: Any) -> Any:  # noqa: ANN401
        """Record what is taken out."""
        return _applied("getitem", operator.getitem, (self, key), {})

    def __setitem__(self, key: Any, value: Any) -> None:  # noqa: ANN401
        """Record what is put in."""
        _in_place(self, "setitem", partial(_put, key), value)

    @property
    def T(self) -> Any:  # noqa: ANN401, N802  as NumPy calls it
        """The transpose."""
        return self.transpose()


def _method(name: str) -> Callable[..., Any]:
    def called(array: Array, *args: Any, **keywords: Any) -> Any:  # noqa: ANN401
        return getattr(array, name)(*args, **keywords)

    def method(self: Recorded, *args: Any, **keywords: Any) -> Any:  # noqa: ANN401
        return _applied(name, called, (self, *args), keywords)

    return method


for _name in METHODS.split():
    setattr(Recorded, _name, _method(_name))


def _at(function: Callable[..., Any], array: Array, *args: Any) -> Array:  # noqa: ANN401
    copy = copy_of(array)
    function(copy, *args)
    return copy


def _put(key: Any, array: Array, value: Any) -> Array:  # noqa: ANN401
    copy = copy_of(array)
    copy[key] = value
    return copy


def _in_place(array: Any, name: str, function: Callable[..., Any], *args: Any) -> None:  # noqa: ANN401
    """Change an array; one whose steps are not recorded is known again by its numbers."""
    if isinstance(array, Recorded) and array.run is not None:
        array.run.changed(array, name, function, *args)
    else:
        array[...] = function(asarray(array), *(asarray(a) if isinstance(a, Recorded) else a for a in args))


def _applied(
    name: str,
    function: Callable[..., Any],
    args: tuple[Any, ...],
    keywords: Mapping[str, Any],
    *,
    by_entry: bool = False,
) -> Any:  # noqa: ANN401
    """Do a step, and tell the run that its arrays are in, if they are in one."""
    arguments = CallArguments.of(args, keywords)
    run = next((a.run for a in arguments.arrays if isinstance(a, Recorded) and a.run is not None), None)
    if run is None:
        return arguments.called(function, [asarray(a) for a in arguments.arrays])
    return run.apply(name, function, arguments, by_entry=by_entry)
