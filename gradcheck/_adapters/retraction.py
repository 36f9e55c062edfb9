"""What moves a point on its manifold? A function retract(x, v), or a manifold of pymanopt, with its inner product."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from gradcheck._adapters import signatures
from gradcheck._adapters.metric import applied
from gradcheck._options import Options
from gradcheck._results.errors import InputError

STAYS = 1e-6  # relative: a change of a tangent vector by its projection that is mere rounding


@dataclass(frozen=True)
class Moves:
    """How points move: a retraction, an inner product and a projection, and where tangent vectors come from."""

    retract: Callable[[Any, Any], Any]
    inner: Callable[[Any, Any, Any], float]
    project: Callable[[Any, Any], Any] | None = None
    draw: Callable[[Any], Any] | None = None
    dim: int = 0


def moves_of(options: Options) -> Moves:
    """Return what `retract=` and `inner=` say; raises InputError, with what to write, for what is neither."""
    retract = options.retract
    if isinstance(retract, type):
        msg = f"retract= is the class {retract.__name__}; give a manifold, such as {retract.__name__}(n)"
        raise InputError(msg)
    if callable(getattr(retract, "retraction", None)):  # a manifold of pymanopt
        draw = _seeded(retract.random_tangent_vector, options.seed)
        return Moves(
            retract.retraction, _real(retract.inner_product), _projection(retract, draw), draw, int(retract.dim)
        )
    if not callable(retract):
        msg = f"retract= is a {type(retract).__name__}; write retract=lambda x, v: ..., or give a manifold of pymanopt"
        raise InputError(msg)
    retract = signatures.fitted(retract, None, ["x", "v"], "retract")
    inner = options.inner
    if inner is None:
        return Moves(retract, lambda _, u, v: float(np.sum(u * v)))
    if callable(inner) and not hasattr(inner, "shape"):
        product = signatures.fitted(inner, None, ["x", "u", "v"], "inner")
        return Moves(retract, lambda x, u, v: float(product(x, u, v)))
    times = applied(inner)
    return Moves(retract, lambda _, u, v: float(np.ravel(u) @ np.ravel(times(np.asarray(v, dtype=np.float64)))))


def _projection(manifold: Any, draw: Callable[[Any], Any]) -> Callable[[Any, Any], Any] | None:  # noqa: ANN401
    """Return what makes any vector a tangent one, and leaves those as they are; None where a manifold has no such.

    The projection of a group does not leave them so: it takes matrices beside the point to the Lie algebra. Then
    to_tangent_space does, which elsewhere may leave any vector as it is.
    """
    names = ("projection", "to_tangent_space")
    ways = [way for way in (getattr(manifold, name, None) for name in names) if callable(way)]
    inner = _real(manifold.inner_product)

    def projected(x: Any, vector: Any) -> Any:  # noqa: ANN401
        tangent = draw(x)
        for way in ways[:-1]:
            off = way(x, tangent) - tangent
            if inner(x, off, off) <= STAYS**2 * inner(x, tangent, tangent):
                return way(x, vector)
        return ways[-1](x, vector)

    return projected if ways else None


def _real(inner: Callable[[Any, Any, Any], Any]) -> Callable[[Any, Any, Any], float]:
    """Return the real part of an inner product: a real function of complex points has a gradient in that."""
    return lambda x, u, v: float(np.real(inner(x, u, v)))


def _seeded(draw: Callable[[Any], Any], seed: int) -> Callable[[Any], Any]:
    """Return a draw that depends on the seed, and leaves the global generator of NumPy, which it uses, as it was."""
    numbers = itertools.count(seed)

    def drawn(x: Any) -> Any:  # noqa: ANN401
        before = np.random.get_state()  # noqa: NPY002  that of pymanopt
        np.random.seed(next(numbers) % 2**32)  # noqa: NPY002  likewise
        try:
            return draw(x)
        finally:
            np.random.set_state(before)  # noqa: NPY002  likewise

    return drawn
