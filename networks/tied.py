"""What is the gradient of a layer that is used several times?

The sum. A weight that speaks in three places moves the cost by way of each of them, and what it is
asked to change is what all three ask for together: to keep the gradient of the last use alone is
among the commonest mistakes there are. A recurrent network is such a layer, used once for each
moment; so is a convolution, used once for each place; and `Repeat`, which is the bare idea.

Because every call of `forward` makes its own way back, and nothing is kept on the layer, the uses
do not disturb one another: each returns its own gradient, and `summed` adds them up.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Generic, Self, TypeVar

import numpy as np

from .combine import L
from .layer import Array, Backward, parameters, rebuild

T = TypeVar("T")


def summed(layer: T, grads: Iterable[T]) -> T:
    """Return the gradient of a layer of which each use had its own: their sum, zeros if unused.

    >>> from gradcheck.networks import Dense, summed
    >>> dense = Dense(W=np.ones((1, 1)), b=np.ones(1))
    >>> summed(dense, [dense, dense, dense]).W
    array([[3.]])
    """
    total = {path: np.zeros_like(p) for path, p in parameters(layer).items()}
    for grad in grads:
        total = {path: total[path] + g for path, g in parameters(grad).items()}
    return rebuild(layer, total)


@dataclass(frozen=True)
class Repeat(Generic[L]):
    """y = layer(layer(... layer(x))), `times` times, with the same parameters each time.

    Backward the dx of each use is the dy of the one before, as in a `Chain`; and the gradients of
    the uses are added, as they are gradients of the same parameters.
    """

    layer: L
    times: int

    def forward(self, x: Array) -> tuple[Array, Backward[Self]]:
        if self.times < 0:
            message = f"Repeat(times={self.times}): write how often the layer is used, 0 or more"
            raise ValueError(message)
        ways_back = []
        for _ in range(self.times):
            x, way_back = self.layer.forward(x)
            ways_back.append(way_back)

        def backward(dy: Array) -> tuple[Array, Self]:
            grads = []
            for way_back in reversed(ways_back):
                dy, grad = way_back(dy)
                grads.append(grad)
            return dy, replace(self, layer=summed(self.layer, grads))

        return x, backward
