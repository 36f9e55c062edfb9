"""Margins: right is not enough, it must be right by a distance.

A likelihood is never content: however sure the network is, it could be surer. These losses are
content as soon as right and wrong lie a margin apart, and an example that is content pulls at
nothing. So what is learned comes from the few that are still too near the border. Where one is not
content, the slope is plain: it pulls the right one closer and pushes the wrong one away, as hard
from near as from far.

`Hinge` and `MultiHinge` ask it of outputs, `Triplet` and `CosineEmbedding` of places: two pictures
of one face should lie together, pictures of two faces apart, and what matters is not where, only
how far from one another. Every margin has a kink, where the example is just content; each docstring
says which slope is taken there.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol, Self

import numpy as np
from numpy.typing import ArrayLike, NDArray

from .layer import Array, constant
from .loss import LossBackward, Scalar
from .target import distribution, matched, refuse_empty


class _ToTwo(Protocol):
    def __call__(self, dcost: float = 1.0, /) -> tuple[Array, Array, CosineEmbedding]: ...


class _ToThree(Protocol):
    def __call__(self, dcost: float = 1.0, /) -> tuple[Array, Array, Array, Triplet]: ...


@dataclass(frozen=True)
class Hinge:
    """cost = mean of max(0, margin - t y), t = +1 or -1, over every entry. At the kink: slope 0.

    C. Cortes and V. Vapnik, Support-vector networks, Machine Learning 20, 1995.
    """

    target: Array = constant()  # (N, D), or whatever shape the output has; +1 for yes, -1 for no
    margin: float = 1.0

    def forward(self, y: Array) -> tuple[Scalar, LossBackward[Self]]:  # (N, D) -> ()
        t = matched(y, self.target, "Hinge")
        _refuse_signs("Hinge", t)
        short = self.margin - t * y

        def backward(dcost: float = 1.0) -> tuple[Array, Self]:
            return float(-dcost) / y.size * t * (short > 0), self

        return np.mean(np.maximum(short, 0)), backward


@dataclass(frozen=True)
class MultiHinge:
    """cost = mean over the N examples of 1/C Σ max(0, margin - y[n, l] + y[n, k]) over k ≠ l = labels[n].

    The output of the right class should exceed every other by the margin. At a kink: slope 0.

    J. Weston and C. Watkins, Support vector machines for multi-class pattern recognition, ESANN
    1999; the mean over the classes as in PyTorch's `multi_margin_loss`.
    """

    labels: NDArray[np.integer[Any]] = constant()  # (N,), from 0 to C - 1
    margin: float = 1.0

    def forward(self, y: Array) -> tuple[Scalar, LossBackward[Self]]:  # (N, C) -> ()
        right = distribution(y, self.labels, "MultiHinge")
        if not ((right == 0) | (right == 1)).all():
            message = "MultiHinge takes one class for each example, not rows of probabilities; write CrossEntropy"
            raise ValueError(message)
        short = (self.margin - (right * y).sum(axis=-1, keepdims=True) + y) * (1 - right)

        def backward(dcost: float = 1.0) -> tuple[Array, Self]:
            over = (short > 0).astype(y.dtype)
            return float(dcost) / y.size * (over - right * over.sum(axis=-1, keepdims=True)), self

        return np.mean(np.maximum(short, 0)), backward


@dataclass(frozen=True)
class Triplet:
    """cost = mean over the N rows of max(0, margin + d(a, p) - d(a, n)), d(a, b) = ‖a - b + ε‖.

    The anchor a should lie closer to the positive p than to the negative n, by the margin. ε is
    added to every entry, so that no distance is 0, where it has no slope; if one is 0 all the same,
    its slope is taken as 0. At the kink of the maximum: slope 1. Both are as in PyTorch.

    F. Schroff, D. Kalenichenko and J. Philbin, FaceNet, CVPR 2015, equation 3; there the distances
    are squared.
    """

    margin: float = 1.0
    eps: float = 1e-6

    def forward(self, anchor: Array, positive: Array, negative: Array) -> tuple[Scalar, _ToThree]:  # (N, D) x 3 -> ()
        _refuse_misfits("Triplet", anchor, positive=positive, negative=negative)
        near, back_near = _distance(anchor, positive, self.eps)
        far, back_far = _distance(anchor, negative, self.eps)
        short = self.margin + near - far

        def backward(dcost: float = 1.0) -> tuple[Array, Array, Array, Triplet]:
            d = float(dcost) / len(anchor) * (short >= 0).astype(anchor.dtype)
            towards, away = back_near(d), back_far(d)
            return towards - away, -towards, away, self

        return np.mean(np.maximum(short, 0)), backward


@dataclass(frozen=True)
class CosineEmbedding:
    """cost = mean over the N pairs of 1 - c where alike, max(0, c - margin) where not; c the cosine.

    c = x1 · x2 / (s1 s2), s = √(x · x + 1e-12). At the kink, c = margin: slope 1, as in PyTorch.
    """

    target: NDArray[Any] = constant()  # (N,), +1 for pairs that are alike, -1 for others
    margin: float = 0.0

    def forward(self, x1: Array, x2: Array) -> tuple[Scalar, _ToTwo]:  # (N, D), (N, D) -> ()
        _refuse_misfits("CosineEmbedding", x1, x2=x2)
        t = matched(x1[:, 0], self.target, "CosineEmbedding")
        _refuse_signs("CosineEmbedding", t)
        u1, u2 = x1 / _length(x1, 1e-12), x2 / _length(x2, 1e-12)
        c = (u1 * u2).sum(axis=-1)

        def backward(dcost: float = 1.0) -> tuple[Array, Array, CosineEmbedding]:
            dc = float(dcost) / len(t) * np.where(t > 0, -1, c >= self.margin).astype(c.dtype)[:, np.newaxis]
            dx1 = (u2 - u1 * c[:, np.newaxis]) / _length(x1, 1e-12)
            dx2 = (u1 - u2 * c[:, np.newaxis]) / _length(x2, 1e-12)
            return dc * dx1, dc * dx2, self

        return np.mean(np.where(t > 0, 1 - c, np.maximum(c - self.margin, 0))), backward


def _distance(a: Array, b: Array, eps: float) -> tuple[Array, Callable[[Array], Array]]:
    """Return ‖a - b + ε‖ of every row, and the way back to a; that to b is its opposite."""
    r = a - b + eps
    d = _length(r)

    def backward(dd: Array) -> Array:
        da: Array = dd[:, np.newaxis] * r / np.where(d > 0, d, 1)
        return da

    return d[:, 0], backward


def _length(x: Array, floor: float = 0.0) -> Array:  # (N, D) -> (N, 1)
    """Return √(x · x + floor), the largest entry taken out, so that no square overflows."""
    largest = np.abs(x).max(axis=-1, keepdims=True)
    unit = np.where(largest > 0, largest, 1)
    length: Array = np.hypot(unit * np.sqrt(((x / unit) ** 2).sum(axis=-1, keepdims=True)), math.sqrt(floor))
    return length


def _refuse_signs(loss: str, t: ArrayLike) -> None:
    if not np.isin(t, (-1, 1)).all():
        message = f"{loss}: targets are +1 or -1, not {np.unique(t).tolist()}; for 0 and 1 write 2 * target - 1"
        raise ValueError(message)


def _refuse_misfits(loss: str, x: Array, **others: Array) -> None:
    """Raise where NumPy would broadcast in silence."""
    refuse_empty(x, loss)
    if x.ndim != 2 or any(other.shape != x.shape for other in others.values()):
        shapes = ", ".join(str(array.shape) for array in (x, *others.values()))
        message = f"{loss} takes matrices (N, D) of one shape, one row for each example, not {shapes}"
        raise ValueError(message)
