"""What does backpropagation say? It tells the network how to change; here it tells us.

Backpropagation returns one number for each weight and bias, and a training loop uses them up at
once. But each is a sentence that can be read. "The cost feels this weight three times as strongly
as that one" (`sensitivity`). "This example would raise these weights and lower those; that one
would do the opposite, and on average this remains" (`pull`). "To be read as a two, this picture
wants hidden unit 5 to rise and unit 9 to fall" (`wishes`). "If you go so far, the cost will fall
by so much" (`promise`): and whether that was true can be tried.

To raise an output, there are three ways. Raise its bias. Raise its weights, each in proportion to
the activation that it carries: those that lead from the most active units do the most. Or change
the activations themselves, each in proportion to its weight: up where the weight is positive, down
where it is negative. The first two can be done at once. The third is but a wish, since an activation
cannot be turned: it is handed back to the layer before, which has weights and biases of its own to
grant it with. Backpropagation has its name from that handing back.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Generic, NamedTuple, TypeVar

import numpy as np

from .apart import apart, as_loss, per_example
from .combine import Chain, Cost, L
from .layer import Array, Layer, parameters, rebuild, transform
from .loss import Loss
from .optimiser import SGD
from .score import Labels

T = TypeVar("T")


@dataclass(frozen=True)
class Sensitivity:
    """How the cost feels one weight or bias: if that rose by a small δ, the cost would rise by gradient · δ."""

    path: str  # of the parameter: "layers[0].W"
    index: tuple[int, ...]  # in it
    value: float  # what it is now
    gradient: float


def sensitivity(network: Layer, x: Array, loss: Loss | Labels, *, most: int | None = None) -> tuple[Sensitivity, ...]:
    """|∂cost/∂w| for every weight and bias w, the largest first; at a tie, in the order of the network.

    Where it is large, a small change does much: that dial matters now, for these examples. Where it
    is zero, these examples have nothing to say about it. With `most`, only that many are returned.

    >>> from gradcheck.networks import Dense, MeanSquaredError, sensitivity
    >>> dense = Dense(W=np.array([[2.0], [5.0]]), b=np.array([1.0]))
    >>> for felt in sensitivity(dense, np.array([[3.0, 0.0]]), MeanSquaredError(np.array([[6.0]]))):
    ...     print(f"{felt.path}{felt.index}: it is {felt.value}, the cost feels it by {felt.gradient}")
    W(0, 0): it is 2.0, the cost feels it by 6.0
    b(0,): it is 1.0, the cost feels it by 2.0
    W(1, 0): it is 5.0, the cost feels it by 0.0
    """
    _, grads = _gradient(network, x, loss)
    values, paths = parameters(network), list(grads)
    size = np.concatenate([np.abs(g).ravel() for g in grads.values()] or [np.zeros(0)])
    ends = np.cumsum([g.size for g in grads.values()])
    ranked = np.argsort(-size, kind="stable")[:most]
    found = []
    for place, tensor in zip(ranked, np.searchsorted(ends, ranked, side="right"), strict=True):
        path = paths[tensor]
        g = grads[path]
        index = tuple(map(int, np.unravel_index(place - ends[tensor] + g.size, g.shape)))
        found.append(Sensitivity(path, index, float(values[path][index]), float(g[index])))
    return tuple(found)


@dataclass(frozen=True)
class Pull(Generic[L]):
    """pₙ = -gₙ, the way in which example n would move each parameter, were it asked alone.

    A step of gradient descent goes along their mean, p = (1/N) Σₙ pₙ. The more the pulls contradict
    one another, the shorter it is: |p| = (1/N) Σₙ |pₙ| cos(pₙ, p).
    """

    on: L  # pₙ, in the place of each parameter, which has one axis more: the first, of N
    norm: Array  # |pₙ|, over all parameters together, (N,)
    agreement: Array  # cos(pₙ, p), (N,): 1 if it pulls as all do together, below 0 if against them; 0 if not at all


def pull(network: L, x: Array, loss: Loss | Labels) -> Pull[L]:
    """Return the pull of each example on every weight and bias.

    Raises:
        ValueError: a `BatchNorm` in training: there no example has a pull of its own.
    """
    on = _against(per_example(network, x, loss))
    rows = [p.reshape(len(x), -1) for p in parameters(on).values()]
    pulls = np.concatenate([*rows, np.zeros((len(x), 1), x.dtype)], axis=1)  # (N, P + 1): none of them empty
    norm, directions = _length_and_direction(pulls)
    _, step = _length_and_direction(pulls.mean(axis=0))
    return Pull(on, norm, directions @ step)


def _length_and_direction(p: Array) -> tuple[Array, Array]:  # (..., P) -> (...), (..., P)
    """Return |p| and p / |p| over the last axis (0 where p is 0); no square overflows or vanishes."""
    largest = np.abs(p).max(axis=-1, keepdims=True)
    scaled = p / np.where(largest > 0, largest, 1)
    length = np.sqrt((scaled**2).sum(axis=-1, keepdims=True))
    return (largest * length)[..., 0], scaled / np.where(length > 0, length, 1)


class Wish(NamedTuple):
    """What each example asks of one layer of a chain: the sign says which way, the size how urgently."""

    layer: Layer
    output: Array  # y, what the layer put out, (N, ...)
    of_output: Array  # -∂costₙ/∂y[n, ...]: above 0 where it should rise, below where it should fall
    of_parameters: Layer  # -gₙ, a layer of the same kind, each parameter with the examples as its first axis


def wishes(network: Chain, x: Array, loss: Loss | Labels) -> tuple[Wish, ...]:
    """Return what each example asks of each layer, in the order of the chain.

    Of a dense layer that is given x and asked for p (p = -∂costₙ/∂y), it is p of the bias, x ⊗ p
    of the weights, and W p of x, which is the wish that the layer before hears.

    >>> from gradcheck.networks import Chain, Dense, MeanSquaredError, wishes
    >>> first, second = (Dense(W=np.array([[w]]), b=np.zeros(1)) for w in (1.0, -3.0))
    >>> one, two = wishes(Chain((first, second)), np.array([[2.0]]), MeanSquaredError(np.array([[-5.0]])))
    >>> float(two.output[0, 0]), float(two.of_output[0, 0])  # -6, and should be -5: it should rise
    (-6.0, 2.0)
    >>> float(one.output[0, 0]), float(one.of_output[0, 0])  # it is heard with a weight of -3: it should fall
    (2.0, -6.0)
    """
    N, outputs, ways_back = float(len(x)), [], []
    for layer in apart(network).layers:
        x, way_back = layer.forward(x)
        outputs.append(x)
        ways_back.append(way_back)
    dy, _ = as_loss(loss).forward(x)[1](N)
    found = []
    for layer, y, way_back in reversed(list(zip(network.layers, outputs, ways_back, strict=True))):
        of_output = -dy
        dy, gradients = way_back(dy)
        found.append(Wish(layer, y, of_output, _against(gradients)))
    return tuple(reversed(found))


class Promise(NamedTuple):
    """What the gradient promised of a step, and what came of it."""

    rate: float
    promised: float  # the change of the cost if it were as straight as its gradient: -rate |g|²
    kept: float  # the change of the cost

    @property
    def bend(self) -> float:
        """2 (kept - promised) / rate², which tends to gᵀH g, the curvature along the gradient, as the rate goes to 0.

        At a rate of 0 it is nan.
        """
        return 2 * (self.kept - self.promised) / self.rate**2 if self.rate else float("nan")


def promise(network: Layer, x: Array, loss: Loss | Labels, rates: Iterable[float]) -> tuple[Promise, ...]:
    """cost(w - rate g) - cost(w) = -rate |g|² + rate²/2 gᵀH g - ..., for one step with each of the rates.

    The first term is the promise: each weight moves by rate times its sensitivity, and each such
    move is worth its sensitivity again. It holds for small steps. The slope was measured here,
    though, and over there it is another: the second term says by how much, H being the matrix of
    second derivatives. It grows with the square of the rate, and beyond rate = 2 |g|² / gᵀH g it
    is the larger, and the cost rises.
    """
    before, grads = _gradient(network, x, loss)
    squared = sum(float(np.sum(g.astype(np.float64) ** 2)) for g in grads.values())
    found = []
    for rate in rates:
        moved, _ = SGD(rate).step(parameters(network), grads)
        after, _ = Cost(rebuild(network, moved), as_loss(loss)).forward(x)
        found.append(Promise(rate, -rate * squared, float(after) - before))
    return tuple(found)


def _gradient(network: Layer, x: Array, loss: Loss | Labels) -> tuple[float, dict[str, Array]]:
    """Return the cost and its gradient, by path."""
    cost, backward = Cost(network, as_loss(loss)).forward(x)
    return float(cost), parameters(backward()[1].network)


def _against(gradients: T) -> T:
    """Return -g in the place of every g."""
    return transform(gradients, {path: -g for path, g in parameters(gradients).items()}.get)
