"""Likelihoods and margins that are wrong on purpose: weights, blanks and sides that are mistaken.

planting.py says how a mistake is planted; other losses are spoiled in slopes.py.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from ..ctc import CTC
from ..layer import Array
from ..likelihood import KLDivergence, LogSoftmax, NegativeLogLikelihood, WeightedCrossEntropy
from ..margin import CosineEmbedding, Hinge, MultiHinge, Triplet
from .planting import Met, fault

Back = tuple[Any, ...]


def _otherwise(met: Met, kind: type, **fields: Any) -> Back:  # noqa: ANN401
    """Return what the way back of the same loss with other fields returns."""
    loss = kind(**vars(met.layer) | fields)
    *gradients, _ = loss.forward(*met.inputs)[-1](float(met.dy))
    return *gradients, met.grad


@fault(NegativeLogLikelihood)
def ignored_counted_in_the_mean(met: Met) -> Back:
    """The ignored examples count in the mean that the gradient is divided by, though not in the cost's."""
    labels = np.asarray(met.layer.labels)
    w = np.ones(met.x.shape[-1]) if met.layer.weights is None else np.asarray(met.layer.weights)
    there = labels != met.layer.ignored if met.layer.ignored is not None else np.ones(labels.shape, np.bool_)
    counted = float(w[labels[there]].sum())
    return met.dx * (counted / (counted + np.sum(~there))), met.grad


@fault(NegativeLogLikelihood)
def ignored_label_pulled(met: Met) -> Back:
    """Ignored examples count as examples of the first class in the gradient."""
    label = met.layer.ignored
    labels = np.where(met.layer.labels == (-1 if label is None else label), 0, met.layer.labels)
    return _otherwise(met, NegativeLogLikelihood, labels=labels)


@fault(NegativeLogLikelihood)
def class_weights_forgotten(met: Met) -> Back:
    """The class weights are in the cost but not in its gradient."""
    return _otherwise(met, NegativeLogLikelihood, weights=None)


@fault(WeightedCrossEntropy)
def smoothing_forgotten(met: Met) -> Back:
    """The labels are smoothed in the cost but not in its gradient."""
    return _otherwise(met, WeightedCrossEntropy, smoothing=0.0)


@fault(WeightedCrossEntropy)
def weights_of_the_wrong_class(met: Met) -> Back:
    """Every class is given the weight of the one before."""
    weights = met.layer.weights
    return _otherwise(met, WeightedCrossEntropy, weights=None if weights is None else np.roll(weights, 1))


@fault(KLDivergence)
def divergence_wrong_sign(met: Met) -> Back:
    """The gradient of the divergence has the wrong sign."""
    return -met.dx, met.grad


@fault(KLDivergence)
def divergence_mean_of_entries(met: Met) -> Back:
    """The gradient of the divergence is divided by the number of entries, where that of rows is meant."""
    return met.dx / met.x.shape[-1], met.grad


@fault(LogSoftmax)
def log_softmax_without_sum(met: Met) -> Back:
    """The sum over the outputs in the derivative of the log-softmax is missing."""
    return met.dy, met.grad


@fault(LogSoftmax)
def log_softmax_as_softmax(met: Met) -> Back:
    """The derivative of softmax is used for its logarithm."""
    q = np.exp(met.y)
    return q * (met.dy - (q * met.dy).sum(axis=-1, keepdims=True)), met.grad


@fault(Hinge)
def hinge_wrong_side(met: Met) -> Back:
    """Entries beyond the margin get a gradient, and those within it get none."""
    t = met.layer.target.astype(met.x.dtype)
    return float(-met.dy) / met.x.size * t * (t * met.x >= met.layer.margin), met.grad


@fault(Hinge)
def hinge_margin_forgotten(met: Met) -> Back:
    """Only entries on the wrong side of zero get a gradient: the margin is forgotten."""
    return _otherwise(met, Hinge, margin=0.0)


@fault(MultiHinge)
def right_class_unheard(met: Met) -> Back:
    """The outputs of the wrong classes get a gradient, but that of the right one gets none."""
    right = np.asarray(met.layer.labels)[..., np.newaxis] == np.arange(met.x.shape[-1])
    return met.dx * ~right, met.grad


@fault(Triplet)
def negative_drawn_closer(met: Met) -> Back:
    """The negative is drawn closer to the anchor, where it should be pushed away."""
    da, dp, dn = met.gradients
    return da, dp, -dn, met.grad


@fault(Triplet)
def anchor_unheard_by_the_negative(met: Met) -> Back:
    """The anchor is drawn to the positive, but not pushed away from the negative."""
    _, dp, dn = met.gradients
    return -dp, dp, dn, met.grad


@fault(CosineEmbedding)
def cosine_of_unit_vectors(met: Met) -> Back:
    """The lengths of the vectors are taken for constants in the derivative of the cosine."""
    x1, x2 = met.inputs
    s1, s2 = (np.linalg.norm(x, axis=1, keepdims=True) for x in (x1, x2))
    c = (x1 * x2).sum(axis=1, keepdims=True) / (s1 * s2)
    alike = np.asarray(met.layer.target)[:, np.newaxis] > 0
    dc = float(met.dy) / len(c) * np.where(alike, -1, c >= met.layer.margin)
    return dc * x2 / (s1 * s2), dc * x1 / (s1 * s2), met.grad


@fault(CTC)
def ctc_blank_unheard(met: Met) -> Back:
    """The blanks between the letters get no gradient."""
    letters = np.arange(met.x.shape[2]) != met.layer.blank
    return met.dx * letters, met.grad


@fault(CTC)
def ctc_beginnings_alone(met: Met) -> Back:
    """The shares are those of the beginnings of all walks, α, without their ends, β."""
    dx = np.empty_like(met.dx)
    for t in range(met.x.shape[1]):
        dx[:, t] = _share_of_beginnings(met, t)
    return dx, met.grad


def _share_of_beginnings(met: Met, t: int) -> Array:
    """Return what step t hears, if whatever is said after it has the same probability."""
    y = np.concatenate([met.x[:, : t + 1], np.zeros_like(met.x[:, t + 1 :])], axis=1)
    heard: Array = CTC(**vars(met.layer)).forward(y)[1](float(met.dy))[0][:, t]
    return heard


@fault(CTC)
def ctc_lengths_ignored(met: Met) -> Back:
    """Steps beyond the end of a sequence get a gradient as well: the lengths are ignored on the way back."""
    return _otherwise(met, CTC, lengths=None)
