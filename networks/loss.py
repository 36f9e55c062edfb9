"""Losses: how wrong was that, in one number?

A loss is a layer that ends a network. It holds the truth, is given the prediction, and returns
the cost. On the way back it speaks first, and what it says is plain. With a cross-entropy, of
softmax or of sigmoid, the cost is as sensitive to an output as *what was predicted less what is
true*: one that is right pulls at nothing, one that is badly wrong pulls hard. The squared error
says twice that; L1 says only "too high" or "too low"; Huber's says how far, up to a limit. All
that the layers below will ever learn of the truth is this.

The cost is a mean over the mini-batch, so its gradient is the mean of what each example asks for,
and a batch of twice the size does not pull twice as hard.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Protocol, Self, TypeAlias, TypeVar

import numpy as np
from numpy.typing import NDArray

from .activation import sigmoid
from .layer import Array, constant
from .target import distribution, matched

Scalar: TypeAlias = np.floating[Any]
T_co = TypeVar("T_co", covariant=True)


class LossBackward(Protocol[T_co]):
    """The way back from a cost; it begins with the cost's sensitivity to itself, which is 1."""

    def __call__(self, dcost: float = 1.0, /) -> tuple[Array, T_co]:
        """Return the sensitivity to the prediction, and the loss."""


class Loss(Protocol):
    """A layer whose output is one number: `forward(y) -> (cost, backward)`."""

    def forward(self, y: Array, /) -> tuple[Scalar, LossBackward[Loss]]:
        """Return the cost, and the way back."""


@dataclass(frozen=True)
class MeanSquaredError:
    """cost = mean (y - t)², over every entry: N examples times D numbers each."""

    target: Array = constant()  # (N, D), or whatever shape the output has

    def forward(self, y: Array) -> tuple[Scalar, LossBackward[Self]]:  # (N, D) -> ()
        r = y - matched(y, self.target, "MeanSquaredError")

        def backward(dcost: float = 1.0) -> tuple[Array, Self]:
            return float(dcost) / r.size * 2 * r, self

        return np.mean(r**2), backward


@dataclass(frozen=True)
class L1:
    """cost = mean |y - t|, over every entry. At the kink, y = t, the slope is taken as 0."""

    target: Array = constant()  # (N, D), or whatever shape the output has

    def forward(self, y: Array) -> tuple[Scalar, LossBackward[Self]]:  # (N, D) -> ()
        r = y - matched(y, self.target, "L1")

        def backward(dcost: float = 1.0) -> tuple[Array, Self]:
            return float(dcost) / r.size * np.sign(r), self

        return np.mean(np.abs(r)), backward


@dataclass(frozen=True)
class Huber:
    """cost = mean of r²/2 where |r| ≤ δ, of δ (|r| - δ/2) beyond, r = y - t; over every entry.

    With c = r, held between -δ and δ, both are c (r - c/2), and the slope is c. At the corner,
    |r| = δ, both sides give δ sign r: there the slope has a kink, the cost has none.
    """

    target: Array = constant()  # (N, D), or whatever shape the output has
    delta: float = 1.0

    def forward(self, y: Array) -> tuple[Scalar, LossBackward[Self]]:  # (N, D) -> ()
        if not self.delta > 0:
            message = f"Huber(delta={self.delta}): delta must be above 0; for delta = 0 write L1"
            raise ValueError(message)
        r = y - matched(y, self.target, "Huber")
        c = np.clip(r, -self.delta, self.delta)

        def backward(dcost: float = 1.0) -> tuple[Array, Self]:
            return float(dcost) / r.size * c, self

        return np.mean(c * (r - c / 2)), backward


@dataclass(frozen=True)
class CrossEntropy:
    """cost = mean over the N examples of -Σₖ pₖ log qₖ, q = softmax of the logits, p the truth.

    The truth is either the class, an integer from 0 to C - 1, or a row of probabilities, one-hot
    or soft. The gradient is (q - p) / N. The largest logit is subtracted first, which changes
    nothing in q and keeps the exponentials from overflowing.
    """

    labels: NDArray[Any] = constant()  # (N,) integers, or (N, C) rows that sum to one

    def forward(self, logits: Array) -> tuple[Scalar, LossBackward[Self]]:  # (N, C) -> ()
        p = distribution(logits, self.labels, "CrossEntropy")
        z = logits - logits.max(axis=-1, keepdims=True)
        logq = z - np.log(np.exp(z).sum(axis=-1, keepdims=True))
        N = logits.size // logits.shape[-1]

        def backward(dcost: float = 1.0) -> tuple[Array, Self]:
            total = p.sum(axis=-1, keepdims=True)  # 1, but for the rounding of soft labels
            return float(dcost) / N * (total * np.exp(logq) - p), self

        return -np.mean((p * logq).sum(axis=-1)), backward


@dataclass(frozen=True)
class BinaryCrossEntropy:
    """cost = mean of -t log s - (1 - t) log(1 - s), s = 1 / (1 + e⁻ˣ), over every entry.

    The x are logits, the t lie between 0 and 1: for each entry a question of its own, yes or no.
    Computed as max(x, 0) - t x + log(1 + e^-|x|), which is the same and cannot overflow. The
    gradient is (s - t) over the number of entries.
    """

    target: Array = constant()  # (N, D), or whatever shape the logits have

    def forward(self, x: Array) -> tuple[Scalar, LossBackward[Self]]:  # (N, D) -> ()
        t = matched(x, self.target, "BinaryCrossEntropy")
        if not ((t >= 0) & (t <= 1)).all():
            message = (
                f"BinaryCrossEntropy: targets run from {t.min()} to {t.max()}, but must lie in "
                "[0, 1]: 0 for no, 1 for yes; for classes 0, 1, 2, ... write CrossEntropy"
            )
            raise ValueError(message)

        def backward(dcost: float = 1.0) -> tuple[Array, Self]:
            return float(dcost) / x.size * (sigmoid(x) - t), self

        return np.mean(np.maximum(x, 0) - t * x + np.log1p(np.exp(-np.abs(x)))), backward
