"""In which precision does JAX compute? In float64 within a call that is given float64, else in the user's own."""

from __future__ import annotations

import contextlib
import importlib
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

Arrays = Sequence[Any]

WIDE = np.dtype(np.float64)
EXPLICIT = "jax_explicit_x64_dtypes"  # the setting that lets float64 in without making it the default; of JAX 0.8


def is_wide(*lists: Arrays) -> bool:
    """Whether any of some arrays is of float64."""
    for arrays in lists:
        for a in arrays:
            if isinstance(a, np.ndarray) and a.dtype == WIDE:
                return True
    return False


def double(wanted: bool) -> AbstractContextManager[Any]:  # noqa: FBT001  that is all it takes
    """Let JAX compute in float64 for a while, if that is wanted; else in whatever the user has set."""
    if not wanted:
        return contextlib.nullcontext()
    enable = getattr(jax, "enable_x64", None)
    if enable is None:  # of old; importing it now raises
        enable = importlib.import_module("jax.experimental").enable_x64
    wide: AbstractContextManager[Any] = enable(True)  # noqa: FBT003  its only parameter
    return wide


@contextlib.contextmanager
def double_where_asked() -> Iterator[None]:
    """Let JAX take float64 where it is given, and yet draw the random numbers that it draws in float32."""
    before = getattr(jax.config, EXPLICIT)
    jax.config.update(EXPLICIT, "allow")
    try:
        yield
    finally:
        jax.config.update(EXPLICIT, before)


def placed(lists: Sequence[Arrays]) -> Sequence[Arrays]:
    """Return arrays as a compiled function takes them: those of NumPy as they are, unless it would narrow them."""
    if not is_wide(*lists) or jax.dtypes.canonicalize_dtype(WIDE) == WIDE:
        return lists
    return [[whole(np.asarray(a)) for a in arrays] for arrays in lists]


def owned(lists: Sequence[Arrays]) -> list[list[Any]]:
    """Return arrays as a function takes them that is run as it stands: those of JAX, which nobody else will change."""
    return [[whole(a) if isinstance(a, np.ndarray) else a for a in arrays] for arrays in lists]


def whole(array: np.ndarray[Any, Any]) -> Any:  # noqa: ANN401
    """Return an array as one of JAX, with all its digits: JAX 0.10 rounds those of float64 where it is no default."""
    if array.dtype != WIDE:
        return jnp.array(array)  # to ask for the dtype that it has takes as long again
    with double(jax.dtypes.canonicalize_dtype(WIDE) != WIDE):
        return jnp.array(array, dtype=WIDE)
