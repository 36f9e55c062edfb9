"""Which arguments does a call give, and what is returned for each?"""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable, Mapping
from types import MethodType
from typing import Any

import numpy as np

from gradcheck._adapters.cotangent import is_float
from gradcheck._adapters.recognise import quoted
from gradcheck._model import trees
from gradcheck._model.claims import under_names
from gradcheck._model.movable import finite, is_movable, is_whole
from gradcheck._model.oracle import Array
from gradcheck._model.trees import is_number
from gradcheck._results.errors import InputError


def in_their_places(f: Callable[..., Any], args: tuple[Any, ...], inputs: Mapping[str, Any]) -> tuple[Any, ...]:
    """Put keyword arguments of the user's function in their places among the others."""
    if not inputs:
        return args
    try:
        bound = inspect.signature(f).bind(*args, **inputs)
    except (TypeError, ValueError) as error:  # ValueError: it has no signature
        msg = f"{quoted(f)} cannot be called like this: {error}"
        raise InputError(msg) from None
    if bound.kwargs:
        msg = (
            f"{quoted(f)} takes {', '.join(bound.kwargs)} by keyword alone; wrap it in a function that takes positions"
        )
        raise InputError(msg)
    return bound.args


def pair(result: Any, name: str) -> tuple[Any, Any]:  # noqa: ANN401
    if not isinstance(result, (tuple, list)) or len(result) != 2:
        msg = f"{name} returned {type(result).__name__} where (value, gradient) is promised; return the pair, or write "
        msg += "grad=g or jac=J for a function that returns the derivative alone"
        raise InputError(msg)
    return result[0], result[1]


def owners(*functions: object) -> list[object]:
    """Return the objects whose methods are called: their attributes are put back afterwards."""
    found: list[object] = []
    for f in functions:
        if isinstance(f, functools.partial):
            found += [*owners(f.func), [*f.args, *f.keywords.values()]]
        elif not inspect.isfunction(f) and not isinstance(f, (type, bool)):
            found.append(f.__self__ if isinstance(f, MethodType) else f)
    return found


def arrays_beside(names: list[str], args: tuple[Any, ...], *, every: bool = False) -> dict[str, Array]:
    """Return the arguments that are arrays but no part of the point: integers; or all of them."""
    return {n: a for n, a in zip(names, args, strict=True) if isinstance(a, np.ndarray) and (every or not is_float(a))}


def as_floats(args: tuple[Any, ...]) -> tuple[Any, ...]:
    """Return the arguments, with a lone list of whole numbers as an array of floats, as SciPy does."""
    if len(args) != 1 or type(args[0]) not in (list, tuple):
        return args
    numbers = [value for _, value in trees.leaves(args[0])]
    if not numbers or not all(map(is_whole, numbers)):
        return args
    try:
        return (np.array(args[0], dtype=np.float64),)
    except ValueError:  # rows of different lengths
        return args


def per_argument(gradient: Any, args: tuple[Any, ...], names: list[str], way: str) -> list[Any]:  # noqa: ANN401
    """Return one gradient for each argument; for arguments that are not floats it may be left out or None."""
    if len(args) == 1:
        return [_of_one(gradient, args[0], names[0], way)]
    leaves = [[value for _, value in trees.leaves(arg, numbers=True)] for arg in args]
    counted = [k for k, inside in enumerate(leaves) if any(is_movable(v) or is_whole(v) for v in inside)]
    sure = [[value for _, value in trees.leaves(arg)] for arg in args]  # without the numbers in records
    movable = [k for k in counted if any(is_movable(v) and finite(v) for v in sure[k])]
    if all(is_number(arg) for arg in args) and isinstance(gradient, np.ndarray) and gradient.ndim == 1:
        gradient = tuple(gradient)
    if len(movable) == 1 and not isinstance(gradient, (tuple, list, Mapping)):
        gradient = (gradient,)
    if isinstance(gradient, Mapping):
        return _by_name(gradient, names, way)
    if isinstance(gradient, (tuple, list)):
        for wanted in (range(len(args)), movable, counted):
            if len(gradient) == len(wanted):
                return [gradient[[*wanted].index(k)] if k in wanted else None for k in range(len(args))]
    count = len(gradient) if isinstance(gradient, (tuple, list)) else 1
    said = ", ".join(f"d{names[k]}" for k in movable or counted)
    msg = f"{way}= returned {count} gradient(s) for {len(movable)} float arguments; return the tuple ({said})"
    if len(args) > count:
        kept = ", ".join(repr(name) for name in names[:count])
        msg += f", or say what it is for, wrt={kept if count == 1 else f'[{kept}]'}, and the others are data"
    raise InputError(msg)


def _of_one(gradient: Any, arg: Any, name: str, way: str) -> Any:  # noqa: ANN401
    """Return the gradient for the only argument, which may come in a dict under its name, or in a tuple."""
    if isinstance(gradient, Mapping) and [*gradient] == [name] and not isinstance(arg, Mapping):
        return gradient[name]
    if not isinstance(gradient, tuple) or isinstance(arg, (tuple, list)):
        return gradient
    each = isinstance(arg, np.ndarray) and arg.ndim and all(np.shape(part) == arg.shape for part in gradient)
    if len(gradient) > 1 and isinstance(arg, np.ndarray) and (each or _of_arrays(gradient)):
        msg = f"{way}= returned {len(gradient)} gradients for the one argument {name}; return d{name} alone"
        raise InputError(msg)
    return gradient[0] if len(gradient) == 1 else gradient


def _of_arrays(gradient: tuple[Any, ...]) -> bool:
    """Return whether a tuple is of arrays that are no rows of one."""
    return any(np.ndim(part) for part in gradient) and len({np.shape(part) for part in gradient}) > 1


def _by_name(gradient: Mapping[str, Any], names: list[str], way: str) -> list[Any]:
    gradient = under_names(gradient, names)
    surplus = [name for name in gradient if name not in names]
    if surplus:
        msg = f"{way}= returned a gradient for {surplus[0]!r}, which is not an argument; there are {', '.join(names)}"
        raise InputError(msg)
    return [gradient.get(name) for name in names]
