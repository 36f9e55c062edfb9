"""Which leaves of a point can be moved, which are held, and which must be refused, and in what words?"""

from __future__ import annotations

from numbers import Number as AnyNumber
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gradcheck._model import contents, tables
from gradcheck._model.forms import Number, form_of, is_magnitude
from gradcheck._model.trees import is_number

Array = NDArray[Any]

# What an array or a table says that it is, whoever made it.
ARRAYS = ("__array__", "__array_interface__", "__array_ufunc__", "__arrow_c_stream__", "__dask_graph__", "__dlpack__")
INSTEAD = {"polars": "{}.to_numpy()", "dask": "{}.compute()"}
INSTEAD |= dict.fromkeys(("decimal", "fractions", "mpmath"), "float({})")


def is_movable(value: Any) -> bool:  # noqa: ANN401
    """Return whether a leaf holds real floats, or is a number that is not whole."""
    form = form_of(value)
    if form is None or (isinstance(form, Number) and form.whole):
        return False
    return form.numbers.dtype.kind == "f"


def detached(value: Any) -> Any:  # noqa: ANN401
    """Return a tensor of PyTorch without its graph, and on the CPU; anything else as it is."""
    detach = getattr(type(value), "detach", None)
    return detach(value).cpu() if callable(detach) else value


def is_masked(value: Any) -> bool:  # noqa: ANN401
    """Return whether some numbers of an array are masked; NumPy loads its masked arrays when it is asked of them."""
    if type(value) is np.ndarray or not isinstance(value, np.ndarray):
        return False
    return isinstance(value, np.ma.MaskedArray) and bool(np.ma.is_masked(value))


def finite(value: Any) -> bool:  # noqa: ANN401
    """Return whether a leaf that holds floats holds one that is finite."""
    form = form_of(value)
    return form is not None and bool(np.isfinite(form.numbers).any())


def is_whole(value: Any) -> bool:  # noqa: ANN401
    """Return whether a leaf is a whole number by itself, which may be a parameter or a setting."""
    return is_number(value) and isinstance(value, (int, np.integer))


def integers(value: Any) -> Array | None:  # noqa: ANN401
    """Return the numbers of an array of whole numbers or truth values, or of such a series; None for anything else."""
    if isinstance(value, np.ndarray):
        return value if value.dtype.kind in "iub" else None
    if tables.is_series(value):
        return np.asarray(value) if tables.kind_of(value.dtype) == "i" else None
    if tables.is_table(value) and all(tables.kind_of(dtype) == "i" for dtype in value.dtypes):
        return np.asarray(value)
    if tables.is_labelled_array(value) and type(value.data) is np.ndarray:
        return integers(value.data)
    return None


def is_foreign(value: Any) -> bool:  # noqa: ANN401
    """Return whether an object is an array, a table or a number that cannot be rebuilt with other numbers."""
    if isinstance(value, (np.ndarray, np.generic, bool, int, float, complex, str, bytes, type)):
        return False
    if any(hasattr(type(value), said) for said in ARRAYS) or isinstance(value, AnyNumber):
        return form_of(value) is None and integers(value) is None
    return type(value).__module__ == "array"


def refusal(name: str, value: Any) -> str:  # noqa: ANN401
    """Say that a leaf cannot be moved, and what to write."""
    of, home = type(value).__name__, type(value).__module__.partition(".")[0]
    if isinstance(value, np.ndarray) or contents.container(value) is not None:
        return f"{name} is of {getattr(value, 'dtype', of)} ({of}), which cannot be moved; write {name}.astype(float)"
    instead = INSTEAD.get(home, "np.asarray({})").format(name)
    said = f"{name} is {'an' if of[:1] in 'AEIOUaeiou' else 'a'} {of}"
    if isinstance(value, AnyNumber):
        return f"{said}, which is not a float and cannot be moved; write {instead}"
    if is_magnitude(value):
        return f"{said} whose numbers are not floats; write 1.0 * {name}"
    if tables.is_labelled_array(value):
        return f"{said} around an array of {type(value.data).__module__.partition('.')[0]}; give {name}.compute()"
    return (
        f"{said} of {home}, which cannot be rebuilt around other numbers; give {instead}, and make the {of} inside "
        "of the function"
    )


def is_at_home(value: Any) -> bool:  # noqa: ANN401
    """Return whether a leaf is of Python or NumPy itself, so that nothing of its state is hidden."""
    return isinstance(value, (np.ndarray, np.generic)) or form_of(value) is None or is_number(value)


def whole_array(name: str, value: Any) -> str:  # noqa: ANN401
    """Say that an array of whole numbers cannot be moved, and what to write."""
    return (
        f"{name} is an integer array ({getattr(value, 'dtype', type(value).__name__)}), and integers cannot be moved "
        f"by a small step; write `{name}.astype(float)`, or None instead of its gradient to have it held fixed"
    )


def own(value: Any) -> Any:  # noqa: ANN401
    """Return a leaf with its own copy of its numbers; a leaf without movable numbers as it is."""
    if isinstance(value, np.ndarray):
        return value.copy(order="K")
    if is_number(value):
        return value
    form = form_of(value)
    return value if form is None else form.like(form.numbers)
