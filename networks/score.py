"""How good is the network by now?

Two numbers say it: the cost, which training brings down, and the accuracy, which is what was
wanted. Both are best measured on examples the network was not trained on: it may know the others
by heart.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, NamedTuple, TypeAlias

import numpy as np
from numpy.typing import NDArray

from .layer import Array, Layer, parameters
from .loss import Loss

Labels: TypeAlias = NDArray[Any]  # for each example a class, or whatever the loss takes
LossOf: TypeAlias = Callable[[Labels], Loss]


@dataclass(frozen=True)
class History:
    """What happened: the cost of every mini-batch, and what each epoch came to."""

    costs: tuple[float, ...] = ()  # of every mini-batch, before its step, decay included, in order
    train_costs: tuple[float, ...] = ()  # over all examples trained on, after each epoch, no decay
    train_accuracy: tuple[float, ...] = ()  # after each epoch; empty where labels are no classes
    validation_costs: tuple[float, ...] = ()  # the same two over the validation examples;
    validation_accuracy: tuple[float, ...] = ()  # empty where there are none


def accuracy(network: Layer, x: Array, labels: Labels) -> float:
    """Return the share of examples whose largest output is the one that the label names.

    Labels are integers (N,), or rows (N, C) whose largest entry counts.

    Raises:
        ValueError: the labels have another shape, or there are none.
    """
    y, _ = network.forward(x)
    return _share_right(y, np.asarray(labels))


def _share_right(y: Array, labels: Labels) -> float:
    truth = labels.argmax(axis=-1) if labels.shape == y.shape else labels
    if truth.shape != y.shape[:-1] or truth.size == 0:
        message = (
            f"accuracy: outputs of shape {y.shape} take labels of shape {y.shape[:-1]} or "
            f"{y.shape}, not {labels.shape}, and at least one"
        )
        raise ValueError(message)
    return float(np.mean(y.argmax(axis=-1) == truth))


class Score(NamedTuple):
    """Of one look at some examples: empty where there are none, or where labels are no classes."""

    cost: tuple[float, ...] = ()
    accuracy: tuple[float, ...] = ()


def score(network: Layer, examples: tuple[Array, Labels] | None, loss: LossOf, *, classes: bool) -> Score:
    """Look once at all the examples: their mean cost, and, of classes, the share that is right."""
    if examples is None:
        return Score()
    x, labels = in_dtype_of(network, examples[0]), np.asarray(examples[1])
    y, _ = network.forward(x)
    cost, _ = loss(labels).forward(y)
    return Score((float(cost),), (_share_right(y, labels),) if classes else ())


def append(history: History, costs: list[float], train: Score, validation: Score) -> History:
    """Return the history with one more epoch in it."""
    return History(
        costs=history.costs + tuple(costs),
        train_costs=history.train_costs + train.cost,
        train_accuracy=history.train_accuracy + train.accuracy,
        validation_costs=history.validation_costs + validation.cost,
        validation_accuracy=history.validation_accuracy + validation.accuracy,
    )


def latest_accuracy(history: History) -> float:
    """Return that of the validation examples where there are any, else of those trained on."""
    return (history.validation_accuracy or history.train_accuracy)[-1]


def in_dtype_of(network: Layer, x: Array) -> Array:
    """Return x in the dtype of the network, so that a float32 network stays one."""
    x, arrays = np.asarray(x), parameters(network).values()
    return x.astype(np.result_type(*arrays)) if arrays and x.dtype.kind == "f" else x
