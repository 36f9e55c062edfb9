"""How is a map tested that is linear over the reals only? As one of real vectors: real parts, then imaginary ones.

The real part of <u, A v> is the inner product of such vectors, so the adjoint is that of a map between them.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gradcheck._model.ending import ends
from gradcheck._model.oracle import calling
from gradcheck._model.questions import LinearMap
from gradcheck._results.errors import CallError

Vector = NDArray[Any]


def over_reals(linear: LinearMap) -> LinearMap:
    """Return a map as one between real vectors; if an operator uses real parts only, these are its columns."""
    both, whole = uses_imaginary(linear), np.iscomplexobj(linear.forward(linear.here))
    size = linear.here.size
    given = _as_given(linear, imaginary=both)
    return replace(
        linear,
        forward=lambda v: _parts(linear.forward(given(v)), imaginary=whole),
        adjoint=lambda u: _parts(linear.adjoint(_joined(u) if whole else u), imaginary=both),
        here=np.zeros(2 * size if both else size),
        halved=(whole, both),
        real=True,
    )


def uses_imaginary(linear: LinearMap) -> bool:
    """Whether a map takes complex vectors, and their imaginary part makes a difference."""
    if not np.iscomplexobj(linear.here):
        return False
    try:
        with calling("the operator"), np.errstate(all="ignore"):
            return bool(np.any(linear.forward(1j * np.random.default_rng(0).uniform(0.5, 1.5, linear.here.size))))
    except CallError as error:  # it takes no complex vectors, whatever its dtype says
        if ends(error):
            raise
        return False


def _as_given(linear: LinearMap, *, imaginary: bool) -> Callable[[Vector], Vector]:
    """Return how real parts, and imaginary ones if it uses these, are passed to a map."""
    return _joined if imaginary else lambda v: v.astype(np.result_type(linear.here, np.float64))


def _joined(parts: Vector) -> Vector:
    real, imaginary = np.split(parts, 2)
    return np.asarray(real + 1j * imaginary)


def _parts(vector: Vector, *, imaginary: bool = True) -> Vector:
    flat = np.ravel(vector)
    return np.concatenate([flat.real, flat.imag]) if imaginary else np.asarray(flat.real)
