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
from gradcheck._model.oracle import Array
from gradcheck._results.errors import InputError


def in_their_places(f: Callable[..., Any], args: tuple[Any, ...], inputs: Mapping[str, Any]) -> tuple[Any, ...]:
    """Put keyword arguments of the user's function in their places among the others."""
    if not inputs:
        return args
    try:
        bound = inspect.signature(f).bind(*args, **inputs)
    except (TypeError, ValueError) as error:  # the latter of what has no signature
        msg = f"{quoted(f)} cannot be called so: {error}"
        raise InputError(msg) from None
    if bound.kwargs:
        msg = (
            f"{quoted(f)} takes {', '.join(bound.kwargs)} by keyword alone; wrap it in a function that takes positions"
        )
        raise InputError(msg)
    return bound.args


def pair(result: Any, name: str) -> tuple[Any, Any]:  # noqa: ANN401
    if not isinstance(result, (tuple, list)) or len(result) != 2:
        msg = f"{name} returned {type(result).__name__} where (value, gradient) is promised"
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
