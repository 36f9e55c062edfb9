"""How is a function of JAX called thousands of times? Compiled, where that is safe; else as it stands."""

from __future__ import annotations

import contextlib
import functools
import re
from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from gradcheck._adapters.jax.precision import Arrays, placed
from gradcheck._model.oracle import Array

Function = Callable[..., Any]  # of lists of arrays, to a list of arrays

SAME = 64.0  # roundings by which two equal calls may differ: threads add in any order


class Runner:
    """A function of lists of arrays that takes and gives arrays of NumPy, compiled where that changes nothing.

    Compiling freezes what a function reads besides its arguments. So one that returns something else when it is
    called again, or when compiled, is run as it stands; its faults must show.
    """

    def __init__(self, f: Function, coarsest: float, *, before: Runner | None = None, pure: bool = False) -> None:
        """Take a function of numbers rounded so coarsely; where `before` cannot be compiled, this cannot either.

        One that is `pure` by the rules of its library is taken at its word if it is traced twice to the same program:
        to run a large model as it stands takes longer than to compile it.
        """
        self.f = f
        self.coarsest = coarsest
        self.before = before
        self.pure = pure
        self.why = ""  # it is not compiled
        self.safe = False  # to compile it
        self.forget()

    def forget(self) -> None:
        """Drop what was compiled."""
        self.compiled = jax.jit(functools.partial(self.f))  # another function, or JAX would remember

    def __call__(self, *lists: Arrays) -> list[Array]:
        """Return copies of what the function returns: the arrays it was given may be changed afterwards."""
        self.why = self.why or (self.before.why if self.before else "")
        if self.why:
            return self.eagerly(*lists)
        if not self.safe and not self._steady(*lists):
            return self._tried(*lists)
        try:
            return _copied(self.compiled(*placed(lists)))
        except Exception as error:  # noqa: BLE001  the user's own shows in the next line
            result = self.eagerly(*lists)
            self.why = _untraceable(error)
            return result

    def _steady(self, *lists: Arrays) -> bool:
        if self.pure:
            with contextlib.suppress(Exception):  # what cannot be traced is tried
                one, other = (jax.make_jaxpr(functools.partial(self.f))(*lists) for _ in range(2))
                self.safe = _program(one) == _program(other) and _same(one.consts, other.consts)
        return self.safe

    def _tried(self, *lists: Arrays) -> list[Array]:
        """Call for the first time, and find out whether it can be compiled."""
        result = self.eagerly(*lists)  # first, so that what the user's own function raises is raised as its own
        if not alike(result, self.eagerly(*lists), lambda eps: SAME * eps):
            self.why = "it returns something else when it is called again"
            return result
        try:
            compiled = _copied(self.compiled(*placed(lists)))
        except Exception as error:  # noqa: BLE001  jit raises many things, none of them the user's
            self.why = _untraceable(error)
            return result
        if not alike(result, compiled, lambda eps: float(np.sqrt(max(eps, self.coarsest)))):
            self.why = "compiled by jax.jit it returns something else"
            return result
        self.safe = True
        return compiled

    def eagerly(self, *lists: Arrays) -> list[Array]:
        """Call the function as it stands."""
        own = [[jnp.array(a, dtype=a.dtype) if isinstance(a, np.ndarray) else a for a in arrays] for arrays in lists]
        return _copied(self.f(*own))


def _untraceable(error: Exception) -> str:
    return f"jax.jit cannot trace it ({type(error).__name__})"


def _program(traced: Any) -> str:  # noqa: ANN401
    return re.sub(r"0x[0-9a-f]+", "", str(traced.jaxpr))  # functions are shown by their addresses


def _same(one: Arrays, other: Arrays) -> bool:
    pairs = zip(one, other, strict=True)
    return len(one) == len(other) and all(a is b or np.array_equal(a, b, equal_nan=True) for a, b in pairs)


def _copied(arrays: Arrays) -> list[Array]:
    return [np.array(a) for a in arrays]


def alike(one: Arrays, other: Arrays, tolerance: Callable[[float], float]) -> bool:
    """Whether arrays are the same but for so much of the largest, which may depend on their rounding."""
    pairs = zip(one, other, strict=True)
    return len(one) == len(other) and all(a.shape == b.shape and _near(a, b, tolerance) for a, b in pairs)


def _near(a: Array, b: Array, tolerance: Callable[[float], float]) -> bool:
    slack = float(tolerance(float(np.finfo(a.dtype).eps)))
    with np.errstate(all="ignore"):
        size = float(np.max(np.abs(a), where=np.isfinite(a), initial=0.0))
        return bool(np.allclose(a, b, rtol=0, atol=slack * size, equal_nan=True))
