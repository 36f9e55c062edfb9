"""Which losses can be put on top of a network, and what targets do they have?"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from gradcheck import networks
from gradcheck.strategies.kinds import NUMERIC, Form, Layer, Site

WITH_CLASSES = ("row", "sequence")  # whose last axis may hold a logit for each class


def _several(form: Form) -> bool:
    """Whether there are classes to choose from: of one alone there is nothing to learn."""
    return bool(form[-1] > 1)


@dataclass(frozen=True)
class LossKind:
    """A kind of loss: what it can be put on, and how it is built there."""

    takes: tuple[str, ...]
    build: Callable[[Site], Layer]
    fits: Callable[[Form], bool] = lambda _: True


def _labels(site: Site) -> NDArray[np.int64]:
    return site.rng.integers(0, site.form[-1], site.shape[:-1])


def _rows(site: Site) -> NDArray[np.floating]:
    rows = site.rng.uniform(0.1, 1, site.shape)
    shares: NDArray[np.floating] = (rows / rows.sum(axis=-1, keepdims=True)).astype(site.dtype)
    return shares


def _signs(site: Site) -> NDArray[np.floating]:
    signs: NDArray[np.floating] = site.rng.choice([-1.0, 1.0], site.shape).astype(site.dtype)
    return signs


def _weighted(site: Site) -> Layer:
    """The classes have weights, the labels are smoothed, and all but one example may be ignored."""
    weights = site.rng.uniform(0.5, 2, site.form[-1:]).astype(site.dtype)
    labels = np.where(site.rng.random(site.shape[:-1]) < 0.3, -1, _labels(site))
    labels.flat[0] = 0
    return networks.WeightedCrossEntropy(labels, weights, ignored=-1, smoothing=0.1)


def _ctc(site: Site) -> Layer:
    """Sequences with one label besides the blank."""
    return networks.CTC(site.rng.integers(1, site.form[-1], (site.batch, 1)))


LOSSES = {
    "squares": LossKind(NUMERIC, lambda site: networks.MeanSquaredError(site.floats(site.shape))),
    "cross-entropy": LossKind(WITH_CLASSES, lambda site: networks.CrossEntropy(_labels(site)), _several),
    "soft-cross-entropy": LossKind(WITH_CLASSES, lambda site: networks.CrossEntropy(_rows(site)), _several),
    "binary": LossKind(NUMERIC, lambda site: networks.BinaryCrossEntropy(site.rng.uniform(0, 1, site.shape))),
    "huber": LossKind(NUMERIC, lambda site: networks.Huber(site.floats(site.shape))),
    "l1": LossKind(NUMERIC, lambda site: networks.L1(site.floats(site.shape))),
    "likelihood": LossKind(WITH_CLASSES, lambda site: networks.NegativeLogLikelihood(_labels(site))),
    "weighted-cross-entropy": LossKind(WITH_CLASSES, _weighted, _several),
    "divergence": LossKind(WITH_CLASSES, lambda site: networks.KLDivergence(_rows(site))),
    "hinge": LossKind(NUMERIC, lambda site: networks.Hinge(_signs(site))),
    "multi-hinge": LossKind(WITH_CLASSES, lambda site: networks.MultiHinge(_labels(site)), _several),
    "ctc": LossKind(("sequence",), _ctc, _several),
}  # the simplest first
