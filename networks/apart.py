"""Which way would each example turn the dials, if it were asked alone?

A mini-batch speaks with one voice: its gradient is the mean of what its examples ask for. To hear
them one by one it is enough not to add them up. A dense layer's gradient is a sum over the
examples, dW = Σₙ xₙ ⊗ dyₙ, of what each of them spoke times what was asked of it; so the terms of
the sum are there already, and cost nothing but the room they take. Whoever listens at each layer,
to what it is given on the way there (x) and to what is asked of it on the way back (dy), has heard
every example.

Hence the trick: each layer that has parameters is put `Apart`, with a way back that leaves the
examples apart. All else, the chain rule included, is done by the network itself, and its gradient
is, as always, a network of the same kind: but each parameter has one axis more, the first, which
counts the examples. No example is run by itself, except in a layer for which there is no rule here.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from math import prod
from types import MappingProxyType
from typing import Any, TypeVar

import numpy as np

from .batch_norm import BatchNorm
from .combine import Chain, L
from .conv import Conv1d, Conv2d
from .conv_transpose import ConvTranspose1d, ConvTranspose2d
from .dense import Dense
from .join import Highway, MixtureOfExperts, Parallel, Residual
from .layer import Array, Backward, Layer, parameters, transform, walk
from .loss import CrossEntropy, Loss
from .norm import GroupNorm, InstanceNorm, LayerNorm, RMSNorm
from .pointwise import Pointwise
from .score import Labels

T = TypeVar("T")
G = TypeVar("G", LayerNorm, RMSNorm)
C = TypeVar("C", BatchNorm, GroupNorm, InstanceNorm)
Convolution = Conv1d | Conv2d | ConvTranspose1d | ConvTranspose2d


def per_example(network: L, x: Array, loss: Loss | Labels) -> L:
    """gₙ = ∂costₙ/∂θ for each example n and parameter θ, in θ's place: the gradient of costₙ alone.

    The cost is (1/N) Σₙ costₙ, hence the gradient of the mini-batch is the mean of the gₙ. And
    ∂costₙ/∂y is N times that of the mean, so that the walk back begins with N instead of 1.
    Labels in place of a loss stand for their cross-entropy.

    I. Goodfellow, Efficient per-example gradient computations, arXiv:1510.01799, 2015; for
    convolutions G. Rochette, A. Manoel and E. W. Tramel, arXiv:1912.06015, 2019.

    >>> from gradcheck.networks import Dense, MeanSquaredError, per_example
    >>> dense = Dense(W=np.array([[1.0], [1.0]]), b=np.zeros(1))
    >>> x, target = np.array([[1.0, 2.0], [1.0, 1.0]]), np.array([[2.0], [4.0]])
    >>> per_example(dense, x, MeanSquaredError(target)).W[..., 0]  # 2 (y - t) x: the two contradict each other
    array([[ 2.,  4.],
           [-4., -4.]])

    Raises:
        ValueError: a `BatchNorm` in training: there no example has a gradient of its own.
    """
    y, way_back = apart(network).forward(x)
    _, loss_back = as_loss(loss).forward(y)
    dy, _ = loss_back(float(len(x)))
    _, gradients = way_back(dy)
    return gradients


def as_loss(loss: Loss | Labels) -> Loss:
    """Return the loss; of labels, their cross-entropy."""
    return CrossEntropy(loss) if isinstance(loss, np.ndarray | list | tuple) else loss


def apart(network: L) -> L:
    """Return the same network, but its way back leaves the examples apart.

    Raises:
        ValueError: a `BatchNorm` in training.
    """
    for path, part in walk(network):
        if isinstance(part, BatchNorm) and part.running is None:
            message = (
                f"per_example: in {path or 'this'}, a BatchNorm in training, what comes out for one example depends on "
                "all, so none has a gradient of its own; give it what it has seen: replace(norm, running=running)"
            )
            raise ValueError(message)
    return transform(network, lambda _, part: Apart(part) if _speaks(part) else part)


def _speaks(part: Any) -> bool:  # noqa: ANN401 (a part of a network, of any kind)
    """Return whether this has parameters, and does more than hand on the batch to layers that have."""
    return hasattr(part, "forward") and type(part) not in _HAND_ON and bool(parameters(part))


@dataclass(frozen=True)
class Apart:
    """y = layer(x); backward, dx is the layer's own, and each gradient has the examples as its first axis."""

    layer: Any

    def forward(self, x: Array) -> tuple[Array, Backward[Any]]:
        y, way_back = self.layer.forward(x)
        of_each = _RULES.get(type(self.layer), _one_by_one)

        def backward(dy: Array) -> tuple[Array, Any]:
            dx, _ = way_back(dy)
            return dx, of_each(self.layer, x, dy)

        return y, backward


def _dense(layer: Dense, x: Array, dy: Array) -> Dense:  # (N, I), (N, O)
    """∂costₙ/∂W[i, o] = x[n, i] dy[n, o], ∂costₙ/∂b[o] = dy[n, o]: the sums, before they are added up."""
    return replace(layer, W=np.einsum("ni,no->nio", x, dy), b=dy)


def _layer_norm(layer: LayerNorm, x: Array, dy: Array) -> LayerNorm:  # (N, ..., D)
    """∂costₙ/∂γ = Σ dy z, ∂costₙ/∂β = Σ dy, over the places between the example and γ's axes."""
    dbeta = None if layer.beta is None else dy.sum(axis=_places(layer.gamma, x))
    return replace(_gain(replace(layer, beta=None), x, dy), beta=dbeta)


def _gain(layer: G, x: Array, dy: Array) -> G:  # (N, ..., D)
    """∂costₙ/∂γ = Σ dy z, over the same places; z is what the layer puts out with γ = 1."""
    z, _ = replace(layer, gamma=np.ones_like(layer.gamma)).forward(x)
    return replace(layer, gamma=(dy * z).sum(axis=_places(layer.gamma, x)))


def _places(gamma: Array, x: Array) -> tuple[int, ...]:
    return tuple(range(1, x.ndim - gamma.ndim))


def _channel_norm(layer: C, x: Array, dy: Array) -> C:  # (N, C, *S)
    """∂costₙ/∂γ = Σ dy z, ∂costₙ/∂β = Σ dy, over the pixels."""
    pixels = tuple(range(2, x.ndim))
    z, _ = replace(layer, gamma=None, beta=None).forward(x)
    dgamma = None if layer.gamma is None else (dy * z).sum(axis=pixels)
    return replace(layer, gamma=dgamma, beta=None if layer.beta is None else dy.sum(axis=pixels))


def _convolution(layer: Convolution, x: Array, dy: Array) -> Convolution:  # (N, C, *S), (N, O, *T)
    """Each example becomes a group of channels of one single picture, with a kernel of its own."""
    N = len(x)
    copies: dict[str, Any] = {path: np.tile(p, (N,) + (1,) * (p.ndim - 1)) for path, p in parameters(layer).items()}
    _, way_back = replace(layer, **copies, groups=N * layer.groups).forward(x.reshape(1, -1, *x.shape[2:]))
    _, grad = way_back(dy.reshape(1, -1, *dy.shape[2:]))
    old = parameters(layer)
    return transform(layer, {path: g.reshape(N, *old[path].shape) for path, g in parameters(grad).items()}.get)


def _pointwise(layer: Pointwise[Layer], x: Array, dy: Array) -> Pointwise[Layer]:  # (N, ..., I), (N, ..., O)
    """At every place the same layer: the places are put apart as if they were examples, then added up."""
    N, places = len(x), prod(x.shape[1:-1])
    _, way_back = apart(layer.layer).forward(x.reshape(N * places, x.shape[-1]))
    _, rows = way_back(dy.reshape(N * places, dy.shape[-1]))
    own = {path: g.reshape(N, places, *g.shape[1:]).sum(axis=1) for path, g in parameters(rows).items()}
    return replace(layer, layer=transform(rows, own.get))


def _one_by_one(layer: T, x: Array, dy: Array) -> T:
    """Any other layer: each example goes through it alone. This is a loop, and the only one."""
    whole: Any = layer
    alone = [parameters(whole.forward(x[n : n + 1])[1](dy[n : n + 1])[1]) for n in range(len(x))]
    return transform(layer, {path: np.stack([grads[path] for grads in alone]) for path in parameters(layer)}.get)


# By the exact type: a subclass may have another formula.
_HAND_ON = frozenset({Chain, Residual, Parallel, Highway, MixtureOfExperts})
_RULES: MappingProxyType[type, Callable[[Any, Array, Array], Any]] = MappingProxyType(
    {
        Dense: _dense,
        LayerNorm: _layer_norm,
        RMSNorm: _gain,
        BatchNorm: _channel_norm,
        GroupNorm: _channel_norm,
        InstanceNorm: _channel_norm,
        Conv1d: _convolution,
        Conv2d: _convolution,
        ConvTranspose1d: _convolution,
        ConvTranspose2d: _convolution,
        Pointwise: _pointwise,
    }
)
