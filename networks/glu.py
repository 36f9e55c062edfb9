"""Gated linear units: one half says something, the other half says how much of it is let through.

A product of two things that were both computed from x. So each is pulled as hard as the other is
large: what was said hears of the cost as far as it was let through, and the gate as far as there
was something to let through, times the slope of the gate. An activation such as ReLU gates a
number by itself; here another number does it, which can look at something else.

`GLU` has nothing to learn and stands behind a layer twice as wide; with another gate it is ReGLU,
GEGLU and so on. `SwiGLU` is the small network that most language models of today have at every
place, beside attention: SiLU for the gate, and three matrices.

Y. N. Dauphin, A. Fan, M. Auli and D. Grangier, Language modeling with gated convolutional
networks, ICML 2017, equation 1; N. Shazeer, GLU variants improve transformer, arXiv:2002.05202.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Self

import numpy as np
from numpy.typing import DTypeLike

from .activation import Sigmoid, SiLU
from .init import glorot
from .layer import Array, Backward, Layer

_SIGMOID = Sigmoid()


@dataclass(frozen=True)
class GLU:
    """y = a · gate(b), where [a b] = x, cut in half along an axis; da = dy gate(b), db = dy a gate'(b)."""

    gate: Layer = _SIGMOID  # an activation, entry by entry
    axis: int = -1  # of images, the channels are 1

    def forward(self, x: Array) -> tuple[Array, Backward[Self]]:  # (..., 2D) -> (..., D)
        _refuse_odd(x, self.axis)
        a, b = np.split(x, 2, axis=self.axis)
        g, back_gate = self.gate.forward(b)

        def backward(dy: Array) -> tuple[Array, Self]:
            db, dgate = back_gate(dy * a)
            grad = self if dgate is self.gate else replace(self, gate=dgate)
            return np.concatenate((dy * g, db), axis=self.axis), grad

        return a * g, backward


@dataclass(frozen=True)
class SwiGLU:
    """y = (SiLU(x W) · x V) W2, at every place; without biases, as in the paper, equation 6."""

    W: Array  # (I, H), of the gate
    V: Array  # (I, H), of what is let through
    W2: Array  # (H, O)

    def forward(self, x: Array) -> tuple[Array, Backward[Self]]:  # (..., I) -> (..., O)
        _refuse_misfits(self, x)
        g, back_silu = SiLU().forward(x @ self.W)
        v = x @ self.V
        u = g * v

        def backward(dy: Array) -> tuple[Array, Self]:
            du = dy @ self.W2.T
            da, _ = back_silu(du * v)
            dv = du * g
            dx = da @ self.W.T + dv @ self.V.T
            return dx, replace(self, W=_met(x, da), V=_met(x, dv), W2=_met(u, dy))

        return u @ self.W2, backward

    @classmethod
    def random(cls, width: int, hidden: int, rng: np.random.Generator, *, dtype: DTypeLike = np.float64) -> Self:
        """Return a layer from the width to the same, with weights by Glorot's rule.

        It has as many weights as two dense layers with 3/2 as many units between them.
        """
        W, V = (glorot(width, hidden, rng, dtype=dtype) for _ in range(2))
        return cls(W, V, glorot(hidden, width, rng, dtype=dtype))


def _met(x: Array, dy: Array) -> Array:  # (..., I), (..., O) -> (I, O)
    """Return Σ x[i] dy[o] over all places: how strongly a weight between the two is felt."""
    places = tuple(range(x.ndim - 1))
    product: Array = np.tensordot(x, dy, axes=(places, places))
    return product


def _refuse_odd(x: Array, axis: int) -> None:
    if not -x.ndim <= axis < x.ndim or x.shape[axis] % 2:
        message = (
            f"GLU(axis={axis}) takes x with an even number of entries along that axis, not {x.shape}: "
            "the first half is what is said, the second its gate"
        )
        raise ValueError(message)


def _refuse_misfits(layer: SwiGLU, x: Array) -> None:
    """Raise where NumPy would broadcast in silence, or complain about a matmul."""
    W, V, W2 = layer.W, layer.V, layer.W2
    if W.ndim != 2 or V.shape != W.shape or W2.ndim != 2 or len(W2) != W.shape[1]:
        message = f"SwiGLU takes W (I, H), V (I, H) and W2 (H, O), not {W.shape}, {V.shape} and {W2.shape}"
        raise ValueError(message)
    if x.ndim < 1 or x.shape[-1] != len(W):
        message = f"SwiGLU with W of shape {W.shape} takes x of shape (..., {len(W)}), not {x.shape}"
        raise ValueError(message)
