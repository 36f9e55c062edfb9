"""Everywhere the same: how does a layer for rows serve sequences?

By not being told. A dense layer takes a matrix, one row for each example; in a sequence, or in a
batch of sequences, every place is such a row. So the leading axes are folded into one on the way
in, and unfolded on the way out. That the layer is used at every place needs no care on the way
back: to the layer they are examples, and it adds their pulls up anyway.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Generic, Self

import numpy as np

from .combine import L
from .layer import Array, Backward


@dataclass(frozen=True)
class Pointwise(Generic[L]):
    """y[..., :] = layer(x[..., :]), the same layer at every place of the leading axes."""

    layer: L  # (M, I) -> (M, O)

    def forward(self, x: Array) -> tuple[Array, Backward[Self]]:  # (..., I) -> (..., O)
        if x.ndim < 1:
            message = "Pointwise takes x of shape (..., I), not a single number"
            raise ValueError(message)
        y, way_back = self.layer.forward(_folded(x))

        def backward(dy: Array) -> tuple[Array, Self]:
            dx, grad = way_back(_folded(dy))
            return dx.reshape(x.shape), replace(self, layer=grad)

        return y.reshape(*x.shape[:-1], y.shape[-1]), backward


def _folded(x: Array) -> Array:  # (..., I) -> (M, I)
    return x.reshape(int(np.prod(x.shape[:-1])), x.shape[-1])
