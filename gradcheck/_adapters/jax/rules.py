"""What does a rule promise beside its numbers? The value of its function, and to be linear in its tangents."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from gradcheck._adapters.jax.precision import Arrays
from gradcheck._adapters.jax.run import alike
from gradcheck._model.ending import forgiven
from gradcheck._model.oracle import Array
from gradcheck._results.digits import told_apart
from gradcheck._results.errors import RuleError

SAME = 1e-3  # relative: a solver that stops elsewhere, or single precision inside, differs by less; a mistake by more
FAR = -(2.0**10)  # times a tangent: it shows an absolute value, a half of the signs, a clip and a norm alike
LINEAR = 2.0**-10  # relative: what single precision leaves of a tangent that long
RULE = (
    "a rule (the fwd of a custom_vjp, the first result of a custom_jvp) does not compute the function that it is the "
    "rule of"
)
OTHER_VALUE = "where it is differentiated the function returns another value, {} for {}: " + RULE
OTHER_SHAPE = (
    "where it is differentiated the function returns an array of shape {} and {} for one of shape {} and {}: " + RULE
)
NOT_LINEAR = (
    "forward mode is not linear: along {:g} times a direction the derivative must be {:g} times as large, and is not, "
    "so that JAX cannot go back through it ({}); a custom_jvp rule may add its tangents up and multiply them by what "
    "does not depend on them, and nothing else"
)


def refuse_other_value(told: Sequence[Array], seen: Sequence[Array]) -> None:
    """Raise RuleError if what a function is `told` to return by its rules is not what it was `seen` to return."""
    if alike(told, seen, lambda _: SAME) or alike(seen, told, lambda _: SAME):
        return
    one, other = (np.concatenate([np.ravel(y) for y in ys]).astype(np.float64) for ys in (seen, told))
    at = int(np.argmax(np.nan_to_num(np.abs(one - other), nan=np.inf)))
    raise RuleError(told_apart(float(other[at]), float(one[at]), OTHER_VALUE), "")


def refuse_other_shape(told: Sequence[Any], seen: Sequence[Any]) -> None:
    """Raise RuleError if what a function is `told` to return by its rules is of another shape or dtype."""
    for one, other in zip(told, seen, strict=False):
        if (one.shape, one.dtype) != (other.shape, other.dtype):
            raise RuleError(OTHER_SHAPE.format(one.shape, one.dtype, other.shape, other.dtype), "")


def refused(error: Exception, push: Callable[[Arrays, Arrays], list[Array]], arrays: Arrays) -> RuleError | None:
    """Return what is to be said where JAX cannot go back, if that is since a rule is not linear; else None."""
    rng = np.random.default_rng(0)
    tangents = [rng.standard_normal(np.shape(a)).astype(getattr(a, "dtype", np.float64)) for a in arrays]
    with forgiven():  # there may be no forward mode
        once, more = push(arrays, tangents), push(arrays, [(FAR * t).astype(t.dtype) for t in tangents])
        if not alike([FAR * y for y in once], more, lambda _: LINEAR):
            said = f"{type(error).__name__}: {error}".removesuffix(": ")
            return RuleError(NOT_LINEAR.format(FAR, FAR, said), "")
    return None
