"""Likelihoods: how probable did the network think what then happened?

Not all examples weigh the same. Where one digit in a thousand is a seven, a network that never
says seven is nearly always right; a weight for each class lets the few be heard. Where sequences
of different lengths share a batch, the places beyond their ends carry a label that is to be
ignored. And where a label may be mistaken, smoothing takes a little of the certainty from it, and
gives every class its share. The way back follows the way there: an example pulls as hard as it
weighs, one that is ignored pulls at nothing, and the weights are divided by their sum, that of
those which count, so that the cost stays a mean.

If all examples are ignored there is nothing to be wrong about: the cost is 0, and so is its
gradient. (PyTorch says nan.)
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from .layer import Array, Backward, constant
from .loss import LossBackward, Scalar
from .target import distribution, refuse_empty

Labels = NDArray[np.integer[Any]]


@dataclass(frozen=True)
class LogSoftmax:
    """y = x - log Σ eˣ over the last axis; dx = dy - eʸ Σ dy.

    The largest x is subtracted first, which changes nothing, and keeps the exponentials from
    overflowing.
    """

    def forward(self, x: Array) -> tuple[Array, Backward[Self]]:
        z = x - x.max(axis=-1, keepdims=True)
        y = z - np.log(np.exp(z).sum(axis=-1, keepdims=True))
        return y, lambda dy: (dy - np.exp(y) * dy.sum(axis=-1, keepdims=True), self)


@dataclass(frozen=True)
class NegativeLogLikelihood:
    """cost = -Σ w[k] y[n, k] / Σ w[k], k = labels[n], over the examples n that are not ignored.

    The y are logarithms of probabilities, such as `LogSoftmax` puts out. Without weights each
    class has the weight 1.
    """

    labels: Labels = constant()  # (N,), from 0 to C - 1, or `ignored`
    weights: Array | None = field(default=None, metadata={"constant": True})  # (C,)
    ignored: int | None = None  # the label of examples that do not count

    def forward(self, y: Array) -> tuple[Scalar, LossBackward[Self]]:  # (N, C) -> ()
        m = _shares(self, y)

        def backward(dcost: float = 1.0) -> tuple[Array, Self]:
            return float(-dcost) * m, self

        return -_heard(m, y), backward


@dataclass(frozen=True)
class WeightedCrossEntropy:
    """cost = -Σ w[k] p[n, k] log q[n, k] / Σ w[labels[n]], q = softmax of the logits, p the smoothed truth.

    p = 1 - ε + ε/C for the label and ε/C for every other class, ε being the smoothing. Both sums run
    over the examples n that are not ignored, the first over all classes k as well. Without weights,
    smoothing and an ignored label it is `CrossEntropy`.

    C. Szegedy et al., Rethinking the inception architecture for computer vision, CVPR 2016,
    section 7; the weights as in PyTorch.
    """

    labels: Labels = constant()  # (N,), from 0 to C - 1, or `ignored`
    weights: Array | None = field(default=None, metadata={"constant": True})  # (C,)
    ignored: int | None = None  # the label of examples that do not count
    smoothing: float = 0.0  # ε, from 0 to 1

    def forward(self, logits: Array) -> tuple[Scalar, LossBackward[Self]]:  # (N, C) -> ()
        if not 0 <= self.smoothing <= 1:
            message = f"WeightedCrossEntropy(smoothing={self.smoothing}): write a share, from 0 to 1; 0 for none"
            raise ValueError(message)
        m = _shares(self, logits, self.smoothing)
        logq, way_back = LogSoftmax().forward(logits)

        def backward(dcost: float = 1.0) -> tuple[Array, Self]:
            return way_back(float(-dcost) * m)[0], self

        return -_heard(m, logq), backward


@dataclass(frozen=True)
class KLDivergence:
    """cost = mean over the N examples of Σₖ pₖ (log pₖ - yₖ), p the truth, y logarithms of probabilities.

    How much is lost by using eʸ in place of p, in nats; 0 log 0 is 0. The gradient is -p / N. It is
    PyTorch's `kl_div` with `reduction="batchmean"`.

    S. Kullback and R. A. Leibler, On information and sufficiency, Annals of Mathematical
    Statistics 22, 1951, equation 2.4.
    """

    target: Array = constant()  # (N, C) rows that sum to one, or (N,) integers for one-hot rows

    def forward(self, y: Array) -> tuple[Scalar, LossBackward[Self]]:  # (N, C) -> ()
        p = distribution(y, self.target, "KLDivergence")
        N = y.size // y.shape[-1]
        logp = np.log(np.where(p > 0, p, 1))

        def backward(dcost: float = 1.0) -> tuple[Array, Self]:
            return float(-dcost) / N * p, self

        return (np.sum(p * logp) - _heard(p, y)) / y.dtype.type(N), backward


def _heard(m: Array, y: Array) -> Scalar:
    """Return Σ m y, where 0 times a probability of 0, whose logarithm is -∞, is 0."""
    heard: Scalar = np.sum(m * np.where(m == 0, 0, y))
    return heard


def _shares(loss: NegativeLogLikelihood | WeightedCrossEntropy, y: Array, smoothing: float = 0.0) -> Array:
    """Return how much each entry of y counts, w[k] p[n, k] / Σ w[labels[n]]; zeros if none does."""
    who = type(loss).__name__
    refuse_empty(y, who)
    w = _class_weights(who, loss.weights, y)
    labels = np.asarray(loss.labels)
    if labels.shape != y.shape[:-1] or labels.dtype.kind not in "iu":
        message = (
            f"{who}: an output of shape {y.shape} takes integers of shape {y.shape[:-1]} as labels, one class for each "
            f"example, not {labels.dtype} of shape {labels.shape}; for rows of probabilities, CrossEntropy"
        )
        raise ValueError(message)
    there = np.ones(labels.shape, np.bool_) if loss.ignored is None else labels != loss.ignored
    hot = distribution(y, np.where(there, labels, 0), who) * there[..., np.newaxis]
    total = float(np.sum(hot * w))
    p = (1 - smoothing) * hot + smoothing / y.shape[-1] * there[..., np.newaxis]
    m: Array = (p * w / (total or 1)).astype(y.dtype)
    return m


def _class_weights(who: str, weights: Array | None, y: Array) -> Array:
    """Return the weight of each class, in the dtype of y."""
    w: Array = np.ones(y.shape[-1:], y.dtype) if weights is None else np.asarray(weights).astype(y.dtype)
    if w.shape != y.shape[-1:] or not (w >= 0).all():
        message = (
            f"{who}: an output of shape {y.shape} takes weights of shape {y.shape[-1:]}, one for each class, none "
            f"below 0, not {w.tolist()}"
        )
        raise ValueError(message)
    return w
