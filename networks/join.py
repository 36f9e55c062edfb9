"""How can layers be joined, other than one after the other?

Side by side, and around. Whatever way is chosen, the way back follows from two rules. Where a
signal was copied on the way forward, its gradients are added on the way back: x goes into every
branch, so a dx comes out of every branch, and they are added. And where signals were added, each
gets the whole of dy; where they were multiplied, each gets dy times the other.

A residual does the least: y = x + layer(x) hands dy on as it is, beside what the layer says of it.
However deep the stack, there is a way from the cost to the first layer on which nothing shrinks.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import reduce
from itertools import accumulate
from typing import Any, Generic, Literal, Self, TypeVar

import numpy as np
from numpy.typing import DTypeLike

from .activation import Softmax, sigmoid
from .combine import Chain, L
from .dense import Dense
from .layer import Array, Backward, Layer

G = TypeVar("G", bound=Layer)


@dataclass(frozen=True)
class Residual(Generic[L]):
    """y = x + layer(x); dx = dy + what comes back through the layer.

    K. He, X. Zhang, S. Ren and J. Sun, Deep residual learning for image recognition, CVPR 2016,
    equation 1.
    """

    layer: L

    def forward(self, x: Array) -> tuple[Array, Backward[Self]]:
        f, way_back = self.layer.forward(x)
        _refuse_other_shape("Residual", f, x)

        def backward(dy: Array) -> tuple[Array, Self]:
            dx, grad = way_back(dy)
            return dy + dx, replace(self, layer=grad)

        return x + f, backward


@dataclass(frozen=True)
class Parallel:
    """y = [layers[0](x), layers[1](x), ...], side by side along an axis, or their sum.

    Backward each gets its own part of dy, or, of a sum, the whole; and their dx are added. On
    token ids, which have no derivative, dx is None.
    """

    layers: tuple[Layer, ...]
    how: Literal["concatenate", "sum"] = "concatenate"
    axis: int = -1  # along which they are laid side by side; not used for a sum

    def forward(self, x: Array) -> tuple[Array, Backward[Self]]:
        if not self.layers or self.how not in {"concatenate", "sum"}:
            message = (
                f"Parallel takes one layer or more and how='concatenate' or 'sum', not {self.how!r} of {self.layers}"
            )
            raise ValueError(message)
        ys, ways_back = zip(*(layer.forward(x) for layer in self.layers), strict=True)
        for y in ys:
            self._refuse_misfit(y, ys[0])

        def backward(dy: Array) -> tuple[Array, Self]:
            parts = self._parts(dy, ys)
            dxs, grads = zip(*(way_back(part) for way_back, part in zip(ways_back, parts, strict=True)), strict=True)
            dx: Any = None if any(d is None for d in dxs) else reduce(np.add, dxs)
            return dx, replace(self, layers=grads)

        return reduce(np.add, ys) if self.how == "sum" else np.concatenate(ys, axis=self.axis), backward

    def _parts(self, dy: Array, ys: tuple[Array, ...]) -> list[Array]:
        if self.how == "sum":
            return [dy] * len(ys)
        *ends, _ = accumulate(y.shape[self.axis] for y in ys)
        return np.split(dy, ends, axis=self.axis)

    def _refuse_misfit(self, y: Array, first: Array) -> None:
        if self.how == "sum":
            _refuse_other_shape("Parallel(how='sum')", y, first)
        elif y.ndim != first.ndim:
            message = f"Parallel: outputs of shapes {first.shape} and {y.shape} cannot be laid side by side"
            raise ValueError(message)


@dataclass(frozen=True)
class Highway(Generic[L, G]):
    """y = t layer(x) + (1 - t) x, t = σ(gate(x)): entry by entry, how much is changed, how much kept.

    R. K. Srivastava, K. Greff and J. Schmidhuber, Highway networks, 2015, equation 3.
    """

    layer: L
    gate: G  # of the same output shape; its sigmoid is taken here

    def forward(self, x: Array) -> tuple[Array, Backward[Self]]:
        h, back_layer = self.layer.forward(x)
        a, back_gate = self.gate.forward(x)
        _refuse_other_shape("Highway", h, x)
        _refuse_other_shape("Highway's gate", a, x)
        t = sigmoid(a)

        def backward(dy: Array) -> tuple[Array, Self]:
            dx_layer, dlayer = back_layer(dy * t)
            dx_gate, dgate = back_gate(dy * (h - x) * t * (1 - t))
            return dy * (1 - t) + dx_layer + dx_gate, replace(self, layer=dlayer, gate=dgate)

        return t * h + (1 - t) * x, backward

    @classmethod
    def random(
        cls, width: int, activation: Layer, rng: np.random.Generator, *, dtype: DTypeLike = np.float64
    ) -> Highway[Chain, Dense]:
        """Return a dense layer and a dense gate with a bias of -1, so that at first most of x is kept."""
        layer = Chain((Dense.random(width, width, rng, dtype=dtype), activation))
        gate = replace(Dense.random(width, width, rng, dtype=dtype), b=np.full(width, -1, dtype))
        return Highway(layer, gate)


@dataclass(frozen=True)
class MixtureOfExperts(Generic[G]):
    """y = Σₖ pₖ expertsₖ(x), p = softmax(gate(x)): every expert answers, the gate says whom to trust.

    Backward each expert is pulled in proportion to its share, so that it learns from the examples
    that it was trusted with; and each share by what its expert would have contributed.

    R. A. Jacobs, M. I. Jordan, S. J. Nowlan and G. E. Hinton, Adaptive mixtures of local experts,
    Neural Computation 3, 1991, equation 1.
    """

    experts: tuple[Layer, ...]
    gate: G  # one output for each expert

    def forward(self, x: Array) -> tuple[Array, Backward[Self]]:  # (..., I) -> (..., O)
        s, back_gate = self.gate.forward(x)
        es, ways_back = self._answers(x, s)
        p, back_softmax = Softmax().forward(s)
        e = np.stack(es, axis=-2)  # (..., K, O)

        def backward(dy: Array) -> tuple[Array, Self]:
            dp = (e @ dy[..., np.newaxis])[..., 0]
            de = p[..., np.newaxis] * dy[..., np.newaxis, :]
            dx, dgate = back_gate(back_softmax(dp)[0])
            dexperts = []
            for k, way_back in enumerate(ways_back):
                dx_k, dexpert = way_back(de[..., k, :])
                dx = dx + dx_k
                dexperts.append(dexpert)
            return dx, replace(self, experts=tuple(dexperts), gate=dgate)

        return (p[..., np.newaxis, :] @ e)[..., 0, :], backward

    def _answers(self, x: Array, s: Array) -> tuple[list[Array], list[Backward[Layer]]]:
        """Ask every expert, and refuse answers that cannot be mixed by the gate's outputs s."""
        if not self.experts or s.shape[-1] != len(self.experts):
            message = (
                f"MixtureOfExperts: a gate of {s.shape[-1]} outputs for {len(self.experts)} experts; give one each"
            )
            raise ValueError(message)
        answers = [expert.forward(x) for expert in self.experts]
        es = [e for e, _ in answers]
        for e in es:
            _refuse_other_shape("MixtureOfExperts", e, es[0])
        return es, [way_back for _, way_back in answers]


def _refuse_other_shape(joint: str, y: Array, x: Array) -> None:
    """Raise where NumPy would broadcast in silence."""
    if y.shape != x.shape:
        message = (
            f"{joint} adds what has one shape, not {y.shape} and {x.shape}; let every layer put out the same shape"
        )
        raise ValueError(message)
