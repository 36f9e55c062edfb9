"""Position: how does attention know what came first?

It does not: shuffle the words and each hears the same voices. So every place is told where it is.
The sinusoids do it like the hands of many clocks, fast ones for the neighbour, slow ones for the
paragraph; what is added is constant, and the way back does not notice it. A learned embedding is a
table with one row for each place, pulled by all the examples. The rotary encoding turns each pair
of features by an angle that grows with the place, so that the product of a query and a key
depends on how far apart they are and on nothing else; the way back turns back.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Self

import numpy as np
from numpy.typing import DTypeLike

from .layer import Array, Backward


@dataclass(frozen=True)
class PositionalEncoding:
    """y = x + P, P[t, 2i] = sin(t / base^(2i / D)), P[t, 2i + 1] = cos(t / base^(2i / D)).

    A. Vaswani et al., Attention is all you need, NeurIPS 2017, section 3.5.
    """

    base: float = 10000.0

    def forward(self, x: Array) -> tuple[Array, Backward[Self]]:  # (..., T, D) -> (..., T, D)
        angles = _angles(x, self.base, "PositionalEncoding")
        P = np.stack([np.sin(angles), np.cos(angles)], axis=-1).reshape(len(angles), -1)[:, : x.shape[-1]]
        return x + P.astype(x.dtype), lambda dy: (dy, self)


@dataclass(frozen=True)
class PositionEmbedding:
    """y = x + P[:T], the rows of a table that is learned; dP[t] = Σ dy[t] over the examples.

    A place beyond the table is refused; a place that no sequence reached is not pulled.
    """

    P: Array  # (longest, D)

    def forward(self, x: Array) -> tuple[Array, Backward[Self]]:  # (..., T, D) -> (..., T, D)
        if self.P.ndim != 2 or x.ndim < 2 or x.shape[-1] != self.P.shape[1] or x.shape[-2] > len(self.P):
            message = (
                f"PositionEmbedding with P of shape {self.P.shape}, (longest, D), takes x of shape (..., T, D) with T "
                f"not above longest, not {x.shape}"
            )
            raise ValueError(message)
        T = x.shape[-2]

        def backward(dy: Array) -> tuple[Array, Self]:
            dP = np.zeros_like(self.P)
            dP[:T] = dy.sum(axis=tuple(range(dy.ndim - 2)))
            return dy, replace(self, P=dP)

        return x + self.P[:T], backward

    @classmethod
    def random(cls, longest: int, width: int, rng: np.random.Generator, *, dtype: DTypeLike = np.float64) -> Self:
        """Return a table of P ~ normal(0, 0.02²): at first the place is a whisper."""
        return cls(rng.normal(0, 0.02, (longest, width)).astype(dtype))


@dataclass(frozen=True)
class RotaryEncoding:
    """y[t, 2i:2i+2] = x[t, 2i:2i+2] turned by t / base^(2i / D), each pair of features on its own.

    (a, b) becomes (a cos θ - b sin θ, b cos θ + a sin θ); backward, the turn by -θ. For queries and
    keys, before `Attention`, not for values.

    J. Su et al., RoFormer: enhanced transformer with rotary position embedding, 2021, equation 34.
    """

    base: float = 10000.0

    def forward(self, x: Array) -> tuple[Array, Backward[Self]]:  # (..., T, D) -> (..., T, D)
        if x.shape[-1] % 2:
            message = f"RotaryEncoding turns pairs of features, so D must be even; x has shape {x.shape}"
            raise ValueError(message)
        theta = _angles(x, self.base, "RotaryEncoding")
        return _turned(x, theta), lambda dy: (_turned(dy, -theta), self)


def _angles(x: Array, base: float, layer: str) -> Array:  # (T, D / 2, rounded up)
    if x.ndim < 2:
        message = f"{layer} takes x of shape (..., T, D), not {x.shape}; one sequence is (T, D)"
        raise ValueError(message)
    T, D = x.shape[-2:]
    angles: Array = np.arange(T)[:, np.newaxis] / base ** (np.arange(0, D, 2) / D)
    return angles


def _turned(x: Array, theta: Array) -> Array:
    cos, sin = np.cos(theta).astype(x.dtype), np.sin(theta).astype(x.dtype)
    a, b = x[..., 0::2], x[..., 1::2]
    return np.stack([a * cos - b * sin, b * cos + a * sin], axis=-1).reshape(x.shape)
