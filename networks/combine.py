"""Layers made of layers: one after the other (`Chain`), and with a loss on top (`Cost`)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Generic, Literal, Self, TypeVar

import numpy as np
from numpy.typing import DTypeLike

from .dense import Dense
from .layer import Array, Backward, Layer, parameters, rebuild
from .loss import Loss, LossBackward, Scalar

L = TypeVar("L", bound=Layer)


@dataclass(frozen=True)
class Chain:
    """y = layers[-1](... layers[1](layers[0](x))): the output of each is the input of the next.

    Backward it is the other way round: the dx of each is the dy of the one before. That is the
    chain rule, and the whole of backpropagation.
    """

    layers: tuple[Layer, ...]

    def forward(self, x: Array) -> tuple[Array, Backward[Self]]:
        ways_back = []
        for layer in self.layers:
            x, way_back = layer.forward(x)
            ways_back.append(way_back)

        def backward(dy: Array) -> tuple[Array, Self]:
            grads = []
            for way_back in reversed(ways_back):
                dy, grad = way_back(dy)
                grads.append(grad)
            return dy, replace(self, layers=tuple(reversed(grads)))

        return x, backward


@dataclass(frozen=True)
class Cost(Generic[L]):
    """cost = loss(network(x)) + decay/2 · ΣW², over every weight in every matrix of the network.

    The second term is weight decay: each step also shrinks each weight a little, in proportion to
    it, so that only what the examples keep asking for stays large. Biases, having one axis, are
    spared.
    """

    network: L
    loss: Loss
    decay: float = 0.0

    def forward(self, x: Array) -> tuple[Scalar, LossBackward[Self]]:  # (N, ...) -> ()
        y, network_backward = self.network.forward(x)
        cost, loss_backward = self.loss.forward(y)

        def backward(dcost: float = 1.0) -> tuple[Array, Self]:
            dy, dloss = loss_backward(dcost)
            dx, dnetwork = network_backward(dy)
            dnetwork = self._add_decay(dnetwork, dcost)
            return dx, replace(self, network=dnetwork, loss=dloss)

        return cost + cost.dtype.type(self._penalty()), backward

    def _weights(self) -> dict[str, Array]:
        """Return the matrices, or none where there is no decay."""
        every = parameters(self.network) if self.decay else {}
        return {path: W for path, W in every.items() if W.ndim > 1}

    def _penalty(self) -> float:
        return self.decay / 2 * sum(float(np.sum(W**2)) for W in self._weights().values())

    def _add_decay(self, grad: L, dcost: float) -> L:
        rate, dW = float(dcost) * self.decay, parameters(grad)
        return rebuild(grad, {path: dW[path] + rate * W for path, W in self._weights().items()})


def mlp(
    widths: Sequence[int],
    activation: Layer,
    rng: np.random.Generator,
    *,
    init: Literal["glorot", "he"] = "glorot",
    dtype: DTypeLike = np.float64,
) -> Chain:
    """Return dense layers of the given widths, with the activation between every two.

    >>> from gradcheck.networks import Tanh, mlp, parameters
    >>> network = mlp((64, 32, 10), Tanh(), np.random.default_rng(0))
    >>> {path: array.shape for path, array in parameters(network).items()}
    {'layers[0].W': (64, 32), 'layers[0].b': (32,), 'layers[2].W': (32, 10), 'layers[2].b': (10,)}
    """
    if len(widths) < 2:
        message = f"mlp takes at least two widths, of the input and of the output, not {widths}"
        raise ValueError(message)
    layers: list[Layer] = []
    for n_in, n_out in pairwise(widths):
        layers += [Dense.random(n_in, n_out, rng, init=init, dtype=dtype), activation]
    return Chain(tuple(layers[:-1]))
