"""What did a function return? One number or an array, with what rounding and how many digits."""

from __future__ import annotations

from typing import Any

import numpy as np

from gradcheck._model.point import as_array, described, more_digits
from gradcheck._results.errors import InputError, SeveralError
from gradcheck._results.floating import DOUBLE

DOUBLES = np.dtype(np.float64)
DIGITS = 53  # binary digits of a number in double precision


def precision(output: object) -> float:
    """Return the relative rounding of the numbers returned; 0.0 where that is not known."""
    dtype = getattr(output, "dtype", None)
    if dtype is DOUBLES:
        return DOUBLE
    return float(np.finfo(dtype).eps) if isinstance(dtype, np.dtype) and dtype.kind == "f" else 0.0


def digits_of(output: object) -> int:
    """Return how many binary digits the longest of some numbers has; 0 of zeros, the most of what is not finite."""
    numbers = np.abs(np.atleast_1d(np.asarray(output, dtype=np.float64)))
    numbers = numbers[numbers != 0]
    if not numbers.size:
        return 0
    if not np.isfinite(numbers).all():
        return DIGITS
    whole = np.ldexp(np.frexp(numbers)[0], DIGITS).astype(np.int64)
    lowest = whole & -whole
    return DIGITS - int(np.log2(lowest.min()))


def scalar(output: Any) -> float:  # noqa: ANN401
    """Return a loss as a float; raises InputError if it is not a single real number."""
    if isinstance(output, float):
        return float(output)
    if isinstance(output, tuple) and len(output) > 1:
        msg = (
            "the function returned 'tuple' where a scalar is promised (grad= is the gradient of one number): "
            f"({', '.join(map(_told, output))}); if its first member is the value, and the rest a cache, write "
            "`lambda *args: f(*args)[0]`; if it is (value, gradient), `value_and_grad=True` in the place of grad=; and "
            "for several outputs `vjp=pullback`, `jac=J`, or their sum or mean"
        )
        raise InputError(msg)
    array = as_array(output)
    if array.size == 1 and array.dtype.kind in "fiub":
        return float(array.reshape(()))
    number = more_digits(array)
    if number is not None and array.size == 1:
        return float(number.reshape(()))
    if array.dtype.kind == "c" and array.size == 1:
        msg = (
            "the function returned a complex number where a scalar is promised, and a gradient is that of a real one; "
            "return its real part or its square |f|^2, or write `vjp=pullback`"
        )
        raise InputError(msg)
    if array.dtype.kind == "O" and callable(getattr(output, "backward", None)):
        of = type(output).__name__
        msg = (
            f"the function returned a {of} where a number is promised; return what is in it, such as {of.lower()}.data"
        )
        raise InputError(msg)
    what = described(array) if array.dtype.kind in "fiubc" else repr(type(output).__name__)
    msg = (
        f"the function returned {what} where a scalar is promised (grad= is the gradient of one number); "
        "write `vjp=pullback` or `jac=J` for a function with several outputs, or return their sum or mean"
    )
    raise SeveralError(msg)


def _told(part: Any) -> str:  # noqa: ANN401
    """Return what a member of a tuple is, in a word or two."""
    if isinstance(part, np.ndarray):
        return described(part)
    return f"a {type(part).__name__}"
