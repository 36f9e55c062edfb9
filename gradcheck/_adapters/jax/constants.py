"""Does JAX take the arrays of NumPy that a function sees for numbers of another precision?

JAX 0.10 keeps such an array as it was when it was last traced, as long as it keeps any trace of it. Once a check has
traced a function in float64, its arrays are float64 in the middle of float32: whatever of the user's sees them, and is
compiled afterwards, would end in an exception of JAX; and the check itself where it returns to float32.
"""

from __future__ import annotations

import gc
import itertools
from functools import cached_property
from typing import Any

import jax
import numpy as np

from gradcheck._adapters.jax.programs import forget_all
from gradcheck._model import contents

LOOKED_AT = 10_000  # objects among which arrays are searched
WIDE = frozenset("fiuc")  # kinds of numbers of which JAX has narrower ones
TRIES = 2  # what was traced may hang in a circle, which is tidied up after the first


class SeenArrays:
    """The arrays of NumPy that some functions see."""

    def __init__(self, *functions: object) -> None:
        """Look at nothing yet."""
        self.functions = functions

    @cached_property
    def arrays(self) -> list[np.ndarray[Any, Any]]:
        """Those that JAX would narrow, each once."""
        things = itertools.islice(contents.reachable(self.functions), LOOKED_AT)
        arrays = {id(part): part for thing in things for part in contents.parts(thing) if type(part) is np.ndarray}
        return [a for a in arrays.values() if a.dtype.kind in WIDE and _narrowed(a)]

    def forget(self) -> None:
        """Make JAX take them for what they are in the present precision: where it does not, it drops what it traced."""
        for _ in range(TRIES):
            if not any(map(_is_of_another, self.arrays)):
                return
            forget_all()
            jax.clear_caches()
            gc.collect()


def _narrowed(array: np.ndarray[Any, Any]) -> bool:
    return bool(array.dtype.itemsize == (16 if array.dtype.kind == "c" else 8))


def _is_of_another(array: np.ndarray[Any, Any]) -> bool:
    """Return whether JAX takes an array for numbers of another precision than those that it has now."""
    traced = jax.make_jaxpr(lambda: jax.lax.eq(array, array))().jaxpr
    wanted = jax.dtypes.canonicalize_dtype(array.dtype)
    return any(getattr(constant.aval, "dtype", wanted) != wanted for constant in traced.constvars)
