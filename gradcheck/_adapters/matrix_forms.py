"""Which entries does a matrix claim, whatever it is made of? Dense, sparse, an operator, or triplets."""

from __future__ import annotations

from typing import Any

import numpy as np

from gradcheck._model.questions import Entries, Floats
from gradcheck._results.errors import InputError

TRIPLETS = 3
Shape = tuple[int, ...]


def entries(claim: Any, size: tuple[int, int], name: str, shapes: tuple[Shape, Shape]) -> Entries:  # noqa: ANN401
    """Return what a Jacobian claims, whatever it is made of; raises InputError where it does not fit."""
    if is_triplets(claim):
        rows, columns, values = (np.asarray(part).ravel() for part in claim)
        return _listed(rows, columns, values, size, name)
    if hasattr(claim, "tocoo"):
        _check_shape(tuple(claim.shape), size, name, shapes)
        found = claim.tocoo()
        return _listed(found.row, found.col, found.data, size, name)
    if hasattr(claim, "matvec") and hasattr(claim, "shape"):
        _check_shape(tuple(claim.shape), size, name, shapes)
        units = [np.asarray(claim.matvec(unit)).ravel() for unit in np.eye(size[1])]
        return Entries.full(np.column_stack(units).astype(np.float64))
    dense = np.asarray(claim)
    way = "hess" if name.startswith("H") else "jac"
    if dense.dtype.kind == "c":
        msg = f"{name} is complex, and the outputs are real; return its real part"
        raise InputError(msg)
    if dense.dtype.kind not in "fiub":
        msg = f"{way}= returned a {type(claim).__name__}; return a matrix of shape {size} of floats, a sparse one, a "
        raise InputError(msg + "LinearOperator, or the tuple (rows, columns, values)")
    _check_shape(dense.shape, size, name, shapes)
    return Entries.full(dense.astype(np.float64).reshape(size))


def transposed_times(claim: Any, v: Floats, shape: Shape) -> Floats:  # noqa: ANN401
    """Return J^T v, whatever J is made of."""
    size = int(np.prod(shape))
    if is_triplets(claim):
        rows, columns, values = (np.asarray(part).ravel() for part in claim)
        return np.asarray(np.bincount(columns, values * v[rows], size).reshape(shape), dtype=np.float64)
    if hasattr(claim, "rmatvec"):
        return np.asarray(claim.rmatvec(v)).reshape(shape)
    if hasattr(claim, "tocoo"):
        return np.asarray(claim.T @ v).reshape(shape)
    return np.asarray(np.asarray(claim).reshape(len(v), size).T @ v).reshape(shape)


def _listed(rows: Any, columns: Any, values: Any, size: tuple[int, int], name: str) -> Entries:  # noqa: ANN401
    """Return entries of which each stands once: what is given several times is added up."""
    for what, index, most in (("row", rows, size[0]), ("column", columns, size[1])):
        if len(index) and not (int(np.min(index)) >= 0 and int(np.max(index)) < most):
            bad = int(np.max(index)) if int(np.max(index)) >= most else int(np.min(index))
            msg = f"{name} has an entry in {what} {bad}, and there are {most} {what}s, from 0 to {most - 1}"
            raise InputError(msg)
    flat, place = np.unique(np.asarray(rows, dtype=np.int64) * size[1] + columns, return_inverse=True)
    summed: Floats = np.bincount(place, np.asarray(values, dtype=np.float64), len(flat))  # type: ignore[assignment]
    return Entries(flat // size[1], flat % size[1], summed, size)


def is_triplets(claim: Any) -> bool:  # noqa: ANN401
    if not isinstance(claim, (tuple, list)) or len(claim) != TRIPLETS:
        return False
    try:
        rows, columns, values = (np.asarray(part) for part in claim)
    except ValueError:
        return False
    same = rows.shape == columns.shape == values.shape and rows.ndim == 1
    return same and rows.dtype.kind in "iu" and columns.dtype.kind in "iu" and isinstance(claim, tuple)


def _check_shape(shape: Shape, size: tuple[int, int], name: str, shapes: tuple[Shape, Shape]) -> None:
    outputs, inputs = shapes
    fitting = {size, (*outputs, *inputs)} | ({inputs, (size[1],)} if size[0] == 1 else set())
    fitting |= {(size[0],)} if size[1] == 1 else set()
    if tuple(shape) in fitting:
        return
    hint = " (it looks transposed)" if tuple(shape) == size[::-1] else ""
    msg = (
        f"{name} has shape {tuple(shape)} where {size} is needed{hint}: a row for each of the {size[0]} outputs, "
        f"a column for each of the {size[1]} inputs"
    )
    raise InputError(msg)


def only_row(claim: Any, x: Any) -> Any:  # noqa: ANN401
    """Return the one row of a Jacobian of one number in the shape of x; anything else as it is."""
    shape = claim.shape if hasattr(claim, "shape") else np.shape(claim)
    if np.ndim(x) != 1 or tuple(shape) != (1, np.size(x)):
        return claim
    if hasattr(claim, "matvec"):
        return np.asarray(claim @ np.eye(np.size(x)))[0]
    return (claim.toarray() if hasattr(claim, "toarray") else np.asarray(claim))[0]
