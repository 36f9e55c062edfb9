"""Can this output be compared with that truth?

NumPy would broadcast predictions of shape (N, 1) against targets of shape (N,) into N × N
differences, and training would go on, to nowhere. Here shapes must agree.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from .layer import Array


def matched(y: Array, target: Array, loss: str) -> Array:
    """Return the target in the dtype of the output y, which must have its shape and not be empty.

    Raises:
        ValueError: the shapes differ, or the batch is empty.
    """
    target = np.asarray(target)
    refuse_empty(y, loss)
    if target.shape != y.shape:
        remedy = (
            f"write {loss}(target.reshape{y.shape})"
            if target.size == y.size
            else "give one target for each number that the network puts out"
        )
        message = f"{loss}: the output has shape {y.shape}, the target {target.shape}; {remedy}"
        raise ValueError(message)
    return target.astype(y.dtype)


def distribution(logits: Array, labels: NDArray[Any], loss: str) -> Array:
    """Return the labels as rows of probabilities, in the shape and dtype of the logits.

    Labels are integers from 0 to C - 1, of the shape of the logits less the last axis; or rows of
    the logits' own shape that sum to one, one-hot or soft.

    Raises:
        ValueError: another shape, a label out of range, a row that is no distribution, no rows.
    """
    labels = np.asarray(labels)
    refuse_empty(logits, loss)
    if labels.shape == logits.shape:
        return _soft(labels.astype(logits.dtype), loss)
    if labels.shape == logits.shape[:-1] and np.issubdtype(labels.dtype, np.integer):
        return _one_hot(labels, logits, loss)
    message = (
        f"{loss}: logits of shape {logits.shape} take integers of shape {logits.shape[:-1]} as "
        f"labels, or rows of shape {logits.shape}, not {labels.dtype} of shape {labels.shape}"
    )
    if labels.size * logits.shape[-1] == logits.size:
        message += f"; write {loss}(labels.reshape{logits.shape[:-1]}.astype(int))"
    raise ValueError(message)


def _one_hot(labels: NDArray[Any], logits: Array, loss: str) -> Array:
    C = logits.shape[-1]
    wrong = np.argwhere((labels < 0) | (labels >= C))
    if len(wrong):
        place = tuple(wrong[0].tolist())
        where = place[0] if len(place) == 1 else place
        message = (
            f"{loss}: labels[{where}] is {labels[place]}, but logits with {C} columns take labels "
            f"from 0 to {C - 1}; shift yours, or give the last layer more outputs"
        )
        raise ValueError(message)
    p: Array = (labels[..., np.newaxis] == np.arange(C)).astype(logits.dtype)
    return p


def _soft(p: Array, loss: str) -> Array:
    legal = (p >= 0).all(axis=-1) & (np.abs(p.sum(axis=-1) - 1) < 1e-3)  # rounding, of float16 even
    if not legal.all():
        place = tuple(np.argwhere(~legal)[0].tolist())
        message = (
            f"{loss}: row {place[0] if len(place) == 1 else place} of the labels is {p[place]}, no "
            "distribution (none below 0, sum 1); for several labels at once, BinaryCrossEntropy"
        )
        raise ValueError(message)
    return p


def refuse_empty(y: Array, loss: str) -> None:
    """Raise where there is nothing to take the mean of."""
    if y.size == 0:
        message = f"{loss}: an output of shape {y.shape} is empty, and has no mean"
        raise ValueError(message)
