"""What did the user hand in as a linear operator and its adjoint? Functions, matrices, LinearOperators."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np

from gradcheck._adapters.claims import ways
from gradcheck._adapters.leading import call_of, further
from gradcheck._adapters.recognise import quoted
from gradcheck._model.questions import LinearMap
from gradcheck._options import Options
from gradcheck._results.errors import InputError

PAIR = 2
ADJOINTS = ("rmatvec", "_rmatvec", "adjoint", "adj")


def linear_map(model: Any, given: tuple[Any, ...], options: Options) -> LinearMap:  # noqa: ANN401
    """Return a linear map and its adjoint: `adjoint=True` is the operator's own."""
    if options.adjoint is True and given and (callable(given[0]) or hasattr(given[0], "matvec")):
        options, given = replace(options, adjoint=given[0]), given[1:]  # check_adjoint(A, At, x)
    forward, adjoint, shape, dtype = _pair(model, options.adjoint)
    name = call_of(model)
    if ways(options):
        msg = f"adjoint= and {ways(options)[0]}= mean the same; give one of them"
        raise InputError(msg)
    data = further(options.args)
    if not given and shape is None:
        msg = f"{quoted(model)} has no shape; write check_adjoint({name}, x), with a vector x that it takes"
        raise InputError(msg)
    here = np.asarray(given[0]) if given else np.zeros(int(shape[1]), dtype=dtype or float)
    if here.dtype.kind not in "fciu":
        msg = f"x is {type(given[0]).__name__} of {here.dtype}; write check_adjoint({name}, x) with an array of floats"
        raise InputError(msg)
    if len(given) > 1:
        msg = f"an operator takes one vector; write check_adjoint({name}, x, args=...) for what is given besides"
        raise InputError(msg)
    whole = here.dtype.kind == "c" or (dtype is not None and np.dtype(dtype).kind == "c")
    start = here.astype(np.complex128 if whole else np.float64)
    if callable(getattr(model, "matvec", None)):
        start = start.ravel()
    image = np.asarray(forward(start, *data))
    own = options.adjoint is True
    return LinearMap(
        title=quoted(model),
        forward=lambda v: np.asarray(forward(v.reshape(start.shape), *data)),
        adjoint=lambda u: np.asarray(adjoint(u.reshape(image.shape), *data)),
        here=start.ravel(),
        labels=(_label(model, "the operator"), _label(None if own else options.adjoint, "its adjoint")),
        notes=("the adjoint is that of <u, v> = sum(conj(u) * v)",) if whole else (),
        reach=(model, options.adjoint),
    )


def _label(thing: Any, what: str) -> str:  # noqa: ANN401
    """Return the name of a function, or what it is."""
    name = call_of(thing) if hasattr(thing, "__name__") else "f"
    return what if name == "f" else name


def _pair(model: Any, adjoint: Any) -> tuple[Callable[..., Any], Callable[..., Any], Any, Any]:  # noqa: ANN401
    """Return the functions of an operator and its adjoint, its shape and its dtype, as far as these are known."""
    if isinstance(model, (tuple, list)) and len(model) == PAIR and adjoint is True:
        model, adjoint = model
    shape, dtype = getattr(model, "shape", None), getattr(model, "dtype", None)
    forward = _applied(model, "matvec", "the operator")
    if adjoint is not True:
        return forward, _applied(adjoint, "matvec", "adjoint="), shape, dtype
    own = next((getattr(model, name) for name in ADJOINTS if callable(getattr(model, name, None))), None)
    if own is None or isinstance(model, np.ndarray):
        msg = f"{quoted(model)} has no rmatvec; write check_adjoint({call_of(model)}, x, adjoint=At)"
        raise InputError(msg)
    return forward, own, shape, dtype


def _applied(thing: Any, method: str, what: str) -> Callable[..., Any]:  # noqa: ANN401
    if callable(getattr(thing, method, None)):
        return getattr(thing, method)  # type: ignore[no-any-return]
    if callable(thing):
        return thing  # type: ignore[no-any-return]
    if hasattr(thing, "__matmul__"):
        return lambda v: thing @ v
    msg = f"{what} is a {type(thing).__name__}; give a function, a matrix, or an operator with matvec and rmatvec"
    raise InputError(msg)
