"""What did the user hand in as a linear operator and its adjoint? Functions, matrices, LinearOperators."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gradcheck._adapters.claims import refuse_unread, ways
from gradcheck._adapters.leading import call_of, further
from gradcheck._adapters.recognise import quoted
from gradcheck._model.questions import LinearMap
from gradcheck._options import Options
from gradcheck._results.errors import InputError

PAIR = 2
ADJOINTS = ("rmatvec", "_rmatvec", "adjoint", "adj")


def linear_map(model: Any, given: tuple[Any, ...], options: Options) -> LinearMap:  # noqa: ANN401
    """Return a linear map and its adjoint: `adjoint=True` is the operator's own."""
    if isinstance(model, (tuple, list)) and len(model) == PAIR and options.adjoint is True:
        model, options = model[0], replace(options, adjoint=model[1])
    if options.adjoint is True and given and _is_operator(given[0], model):
        options, given = replace(options, adjoint=given[0]), given[1:]  # check_adjoint(A, At, x)
    forward, adjoint, shape, dtype = _pair(model, options.adjoint)
    name = call_of(model)
    if ways(options):
        msg = f"adjoint= and {ways(options)[0]}= mean the same; give one of them"
        raise InputError(msg)
    refuse_unread(options, "adjoint= is of a linear operator, of which nothing else is looked at", ("adjoint",))
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
    if shape is not None and len(shape) == PAIR and np.shape(start)[:1] != (int(shape[1]),):
        msg = f"x has shape {np.shape(here)}, and {quoted(model)} of shape {tuple(shape)} takes {shape[1]} numbers"
        raise InputError(msg)
    start, image = _first(forward, start, data, may_be_real=not given or here.dtype.kind != "c")
    whole = start.dtype.kind == "c"
    own = options.adjoint is True
    return LinearMap(
        title=quoted(model),
        forward=lambda v: np.asarray(forward(v.reshape(start.shape), *data)),
        adjoint=lambda u: np.asarray(adjoint(u.reshape(image.shape), *data)),
        here=start.ravel(),
        labels=(_label(model, "the operator"), _label(None if own else options.adjoint, "its adjoint")),
        notes=("the adjoint is that of <u, v> = sum(conj(u) * v)",) if whole else (),
        reach=(model, options.adjoint),
        real=_over_reals(model, options.adjoint) or (not whole and image.dtype.kind == "c"),
    )


def _first(
    forward: Callable[..., Any],
    start: NDArray[Any],
    data: tuple[Any, ...],
    *,
    may_be_real: bool,
) -> tuple[NDArray[Any], NDArray[Any]]:
    """Return a vector that an operator takes, and what it makes of it: a complex one takes real ones at times."""
    try:
        return start, np.asarray(forward(start, *data))
    except TypeError:
        if start.dtype.kind != "c" or not may_be_real:
            raise
        return start.real, np.asarray(forward(start.real, *data))


def _over_reals(*operators: Any) -> bool:  # noqa: ANN401
    """Return whether an operator says that it is linear over the reals only: PyLops has a mark for that."""
    several = [part for op in operators for part in (op if isinstance(op, (tuple, list)) else (op,))]
    return any(getattr(operator, "clinear", True) is False for operator in several)


def _label(thing: Any, what: str) -> str:  # noqa: ANN401
    """Return the name of a function, or what it is."""
    name = call_of(thing) if hasattr(thing, "__name__") else "f"
    return what if name == "f" else name


def _is_matrix(thing: Any) -> bool:  # noqa: ANN401
    """Return whether a thing is a matrix of numbers, dense or sparse, and no operator with functions of its own."""
    own = callable(thing) or any(hasattr(thing, name) for name in ("matvec", *ADJOINTS))
    return hasattr(thing, "__matmul__") and len(getattr(thing, "shape", ())) == PAIR and not own


def _is_operator(thing: Any, model: Any) -> bool:  # noqa: ANN401
    """Return whether what stands after an operator is its adjoint, and no vector that it takes."""
    if callable(thing) or hasattr(thing, "matvec"):
        return True
    return _is_matrix(thing) and _is_matrix(model) and tuple(thing.shape) == tuple(model.shape)[::-1]


def _pair(model: Any, adjoint: Any) -> tuple[Callable[..., Any], Callable[..., Any], Any, Any]:  # noqa: ANN401
    """Return the functions of an operator and its adjoint, its shape and its dtype, as far as these are known."""
    shape, dtype = getattr(model, "shape", None), getattr(model, "dtype", None)
    forward = _applied(model, "matvec", "the operator")
    if adjoint is not True:
        return forward, _applied(adjoint, "matvec", "adjoint="), shape, dtype
    if _is_matrix(model):
        msg = (
            f"{quoted(model)} is a matrix, and its adjoint is its conjugate transpose: there is nothing written by "
            "hand to check; write check_adjoint((A, At)) for a matrix and what is meant to be its adjoint"
        )
        raise InputError(msg)
    own = next((getattr(model, name) for name in ADJOINTS if callable(getattr(model, name, None))), None)
    if own is None:
        msg = f"{quoted(model)} has no rmatvec; write check_adjoint({call_of(model)}, x, adjoint=At)"
        raise InputError(msg)
    return forward, own, shape, dtype


def _applied(thing: Any, method: str, what: str) -> Callable[..., Any]:  # noqa: ANN401
    if callable(getattr(thing, method, None)):
        return getattr(thing, method)  # type: ignore[no-any-return]
    if callable(thing):
        return thing  # type: ignore[no-any-return]
    if hasattr(thing, "__matmul__"):
        matrix = np.asarray(thing) if isinstance(thing, np.ndarray) else thing  # a np.matrix makes rows of vectors
        return lambda v: matrix @ v
    msg = f"{what} is a {type(thing).__name__}; give a function, a matrix, or an operator with matvec and rmatvec"
    raise InputError(msg)
