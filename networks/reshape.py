"""The same numbers, arranged differently: as a row, as a picture, with other axes first.

Nothing is computed, so nothing is felt more or less: on the way back every dy returns to where its
number came from. Between a convolution, which takes pictures, and a dense layer, which takes rows,
there must be one of these.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import prod
from typing import Self

import numpy as np

from .layer import Array, Backward


@dataclass(frozen=True)
class Flatten:
    """y = x with all axes from `start` on made one, the last of them running fastest."""

    start: int = 1

    def forward(self, x: Array) -> tuple[Array, Backward[Self]]:  # (N, A, B, ...) -> (N, A · B · ...)
        if not 0 <= self.start < x.ndim:
            message = f"Flatten(start={self.start}) takes x with more than {self.start} axes, not {x.shape}"
            raise ValueError(message)
        y = x.reshape(*x.shape[: self.start], prod(x.shape[self.start :]))
        return y, lambda dy: (dy.reshape(x.shape), self)


@dataclass(frozen=True)
class Reshape:
    """y = x with each example in the shape given, the last axis running fastest; N stays."""

    shape: tuple[int, ...]  # of one example

    def forward(self, x: Array) -> tuple[Array, Backward[Self]]:  # (N, ...) -> (N, *shape)
        if x.ndim < 1 or min(self.shape, default=1) < 0 or prod(x.shape[1:]) != prod(self.shape):
            message = (
                f"Reshape({self.shape}) takes examples of {prod(self.shape)} numbers, not x of shape {x.shape}; "
                "give the shape of one example, without N and without -1"
            )
            raise ValueError(message)
        return x.reshape(len(x), *self.shape), lambda dy: (dy.reshape(x.shape), self)


@dataclass(frozen=True)
class Transpose:
    """y = x with its axes in another order: axis i of y is axis axes[i] of x."""

    axes: tuple[int, ...]  # of all, the batch's 0 included: (0, 2, 1) exchanges the last two

    def forward(self, x: Array) -> tuple[Array, Backward[Self]]:
        if sorted(self.axes) != list(range(x.ndim)):
            last = x.ndim - 1
            message = f"Transpose({self.axes}): name each axis of x once, from 0 to {last}; x has shape {x.shape}"
            raise ValueError(message)
        return x.transpose(self.axes), lambda dy: (dy.transpose(np.argsort(self.axes)), self)
