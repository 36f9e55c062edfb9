"""The bilinear layer: how do two inputs speak to one another?

Every pair of an entry of the one and an entry of the other has a weight for each output. Hold one
input still, and the layer is dense in the other; so each gradient is a product of the other two
things that met: an input's of the weights and the other input, a weight's of both the inputs.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Self

import numpy as np
from numpy.typing import DTypeLike

from .layer import Array


@dataclass(frozen=True)
class Bilinear:
    """yₒ = x1ᵀ W[o] x2 + bₒ, that is Σᵢⱼ x1ᵢ W[o, i, j] x2ⱼ + bₒ; without b where it is None."""

    W: Array  # (O, I1, I2)
    b: Array | None = None  # (O,)

    def forward(self, x1: Array, x2: Array) -> tuple[Array, Callable[[Array], tuple[Array, Array, Self]]]:
        _refuse_misfits(x1, x2, self.W, self.b)  # (N, I1), (N, I2) -> (N, O)
        W_x2 = np.einsum("oij,nj->noi", self.W, x2, optimize=True)  # what each x1ᵢ is multiplied by
        y = (W_x2 @ x1[..., np.newaxis])[..., 0]

        def backward(dy: Array) -> tuple[Array, Array, Self]:
            dx1 = (dy[:, np.newaxis] @ W_x2)[:, 0]
            dy_x1 = dy[:, :, np.newaxis] * x1[:, np.newaxis]  # (N, O, I1)
            dx2 = np.tensordot(dy_x1, self.W, axes=2)
            dW = np.tensordot(dy_x1, x2, axes=(0, 0))
            return dx1, dx2, replace(self, W=dW, b=None if self.b is None else dy.sum(axis=0))

        return y if self.b is None else y + self.b, backward

    @classmethod
    def random(cls, n_1: int, n_2: int, n_out: int, rng: np.random.Generator, *, dtype: DTypeLike = np.float64) -> Self:
        """Return a layer with W ~ uniform(-a, a), a = √(3 / (n_1 n_2)), and biases of zero.

        For inputs of variance 1 the outputs have variance 1.
        """
        a = np.sqrt(3 / (n_1 * n_2))
        return cls(rng.uniform(-a, a, (n_out, n_1, n_2)).astype(dtype), np.zeros(n_out, dtype))


def _refuse_misfits(x1: Array, x2: Array, W: Array, b: Array | None) -> None:
    """Raise where NumPy would broadcast in silence."""
    if W.ndim != 3 or (b is not None and b.shape != W.shape[:1]):
        message = (
            f"Bilinear takes W of shape (O, I1, I2) and b of shape (O,) or None, not {W.shape} and "
            f"{None if b is None else b.shape}: one matrix and one bias for each output"
        )
        raise ValueError(message)
    if x1.ndim != 2 or x1.shape[1] != W.shape[1] or x2.shape != (len(x1), W.shape[2]):
        message = (
            f"Bilinear with W of shape {W.shape} takes x1 of shape (N, {W.shape[1]}) and x2 of shape "
            f"(N, {W.shape[2]}), not {x1.shape} and {x2.shape}: one row for each example"
        )
        raise ValueError(message)
