"""Which entries does a matrix claim, whatever it is made of? Dense, sparse, an operator, or triplets."""

from __future__ import annotations

from typing import Any

import numpy as np

from gradcheck._model.point import as_array, more_digits
from gradcheck._model.questions import Entries, Floats
from gradcheck._results.errors import InputError

TRIPLETS = 3
Shape = tuple[int, ...]


def entries(claim: Any, size: tuple[int, int], name: str, shapes: tuple[Shape, Shape]) -> Entries:  # noqa: ANN401
    """Return what a Jacobian claims, whatever it is made of; raises InputError where it does not fit."""
    listed = None if _is_of_rows(claim, size) else triplets(tuple(claim) if isinstance(claim, list) else claim)
    if listed is not None:
        return _listed(*_checked(listed, name), size, name)
    if hasattr(claim, "tocoo"):
        _check_shape(tuple(claim.shape), size, name, shapes)
        found = claim.tocoo()
        return _listed(found.row, found.col, found.data, size, name)
    if hasattr(claim, "matvec") and hasattr(claim, "shape"):
        _check_shape(tuple(claim.shape), size, name, shapes)
        units = [np.asarray(claim.matvec(unit)).ravel() for unit in np.eye(size[1])]
        return Entries.full(np.column_stack(units).astype(np.float64))
    dense = as_array(claim)
    exact = more_digits(dense)
    dense = dense if exact is None else exact
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
    listed = triplets(claim)
    if listed is not None:
        rows, columns, values = listed
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


def triplets(claim: Any) -> tuple[Any, Any, Any] | None:  # noqa: ANN401
    """Return rows, columns and values, where a claim is a tuple of these, or (values, (rows, columns)) as in SciPy."""
    if not isinstance(claim, tuple):
        return None
    if len(claim) == len(("values", "places")) and isinstance(claim[1], (tuple, list)):
        claim = (*claim[1], claim[0])
    try:
        parts = [np.asarray(part) for part in claim]
    except ValueError:  # lists of different lengths
        return None
    if len(parts) != TRIPLETS or any(part.ndim != 1 for part in parts):
        return None
    rows, columns, values = parts
    return (rows, columns, values) if all(_is_index(part) for part in (rows, columns)) else None


def _is_index(part: Any) -> bool:  # noqa: ANN401
    """Return whether an array holds whole numbers, or nothing."""
    return part.dtype.kind in "iu" or not part.size


def _checked(listed: tuple[Any, Any, Any], name: str) -> tuple[Any, Any, Any]:
    """Return triplets; raises InputError where there is not one value for each place."""
    rows, columns, values = listed
    if not len(rows) == len(columns) == len(values):
        msg = f"{name} has {len(rows)} rows, {len(columns)} columns and {len(values)} values; give one of each for each"
        raise InputError(msg + " entry, (rows, columns, values)")
    return rows, columns, values


def _is_of_rows(claim: Any, size: tuple[int, int]) -> bool:  # noqa: ANN401
    """Return whether a claim is a list of lists that are the rows of a matrix."""
    if not isinstance(claim, (tuple, list)) or any(isinstance(part, np.ndarray) for part in claim):
        return False
    try:
        return tuple(np.shape(claim)) == size
    except ValueError:  # of different lengths
        return False


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
