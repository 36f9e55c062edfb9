"""What did the user hand in as a linear operator and its adjoint? Functions, matrices, LinearOperators."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gradcheck._adapters.blocks import Blocks
from gradcheck._adapters.claims import refuse_unread, ways
from gradcheck._adapters.leading import call_of, further
from gradcheck._adapters.recognise import quoted
from gradcheck._adapters.signatures import fitted, takes
from gradcheck._model.oracle import calling
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
    adjoint = fitted(adjoint, None, ["u", *(f"x{k}" for k in range(len(data)))], "adjoint")
    if len(given) > 1 and (hasattr(model, "matvec") or takes(forward, len(given) + len(data)) is False):
        msg = f"{quoted(model)} takes one vector; write check_adjoint({name}, x, args=...) for its further arguments"
        raise InputError(msg)
    vectors = Blocks(given[0] if len(given) == 1 else given) if given else Blocks(np.zeros(int(shape[1])))
    called = forward if len(given) <= 1 else _of_parts(forward)
    here = vectors.flat(given[0] if len(given) == 1 else given) if given else np.zeros(int(shape[1]), dtype or float)
    if here.dtype.kind not in "fciu":
        msg = f"x is {type(given[0]).__name__} of {here.dtype}; write check_adjoint({name}, x) with an array of floats"
        raise InputError(msg)
    whole = here.dtype.kind == "c" or (dtype is not None and np.dtype(dtype).kind == "c")
    start = here.astype(np.complex128 if whole else np.float64)
    if callable(getattr(model, "matvec", None)):
        vectors = Blocks(start)
    if shape is not None and len(shape) == PAIR and vectors.length != int(shape[1]):
        taken = np.shape(given[0]) if len(given) == 1 else here.shape
        msg = f"x has shape {taken}, and {quoted(model)} of shape {tuple(shape)} takes {shape[1]} numbers"
        raise InputError(msg)
    _refuse_shape(options.adjoint, shape)
    labels = (
        _label(model, "the operator"),
        _label(None if options.adjoint is True else options.adjoint, "its adjoint"),
    )
    with calling(labels[0]):
        start, output = _first(lambda v: called(vectors.of(v), *data), start, real=not given or here.dtype.kind != "c")
    images = Blocks(output)
    whole, image = start.dtype.kind == "c", images.flat(output)
    return LinearMap(
        title=quoted(model),
        forward=lambda v: images.flat(called(vectors.of(v), *data)),
        adjoint=lambda u: vectors.flat(adjoint(images.of(u), *data)),
        here=start,
        labels=labels,
        notes=(*(("the adjoint is that of <u, v> = sum(conj(u) * v)",) if whole else ()), *_named(vectors, images)),
        reach=(model, options.adjoint),
        real=_over_reals(model, options.adjoint) or (not whole and image.dtype.kind == "c"),
    )


def _of_parts(forward: Callable[..., Any]) -> Callable[..., Any]:
    def called(parts: tuple[Any, ...], *data: Any) -> Any:  # noqa: ANN401
        return forward(*parts, *data)

    return called


def _named(vectors: Blocks, images: Blocks) -> tuple[str, ...]:
    """Return which rows and columns belong to which parts, where there are several."""
    parts = (("columns", vectors), ("rows", images))
    return tuple(f"the {what} of A: {blocks.said}" for what, blocks in parts if len(blocks.shapes) > 1)


def _refuse_shape(adjoint: Any, shape: Any) -> None:  # noqa: ANN401
    """Raise InputError for a matrix that has not the transposed shape."""
    other = tuple(getattr(adjoint, "shape", None) or ())
    if shape is not None and len(other) == len(shape) == PAIR and other != tuple(shape)[::-1]:
        msg = f"adjoint= has shape {other}, and {tuple(shape)[::-1]} is needed, that of A.conj().T"
        raise InputError(msg)


def _first(forward: Callable[..., Any], start: NDArray[Any], *, real: bool) -> tuple[NDArray[Any], Any]:
    """Return a vector that an operator takes, and what it makes of it: a complex one may take `real` ones only."""
    try:
        return start, forward(start)
    except TypeError:
        if start.dtype.kind != "c" or not real:
            raise
        return start.real, forward(start.real)


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
