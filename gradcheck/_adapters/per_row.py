"""What does each row of a batch add to the cost? Of the losses that are known, and of others that are means or sums."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from typing import Any

import numpy as np

from gradcheck._model.ending import ends
from gradcheck._model.oracle import Array

PerRow = Callable[[Array], Array]  # outputs (K, R, ...) -> what each row adds (K, R)
SAME = 1e-12  # relative: a cost, and the sum of what its rows add
HOLDS = {  # how each known loss is verified: its value for one row is a mean over the entries, or over the rows
    "CrossEntropy": lambda loss, y: _cross_entropy(loss.labels, y),
    "MeanSquaredError": lambda loss, y: _mean((y - loss.target) ** 2),
    "L1": lambda loss, y: _mean(np.abs(y - loss.target)),
    "Huber": lambda loss, y: _mean(_huber(y - loss.target, loss.delta)),
    "BinaryCrossEntropy": lambda loss, y: _mean(np.maximum(y, 0) - loss.target * y + np.log1p(np.exp(-np.abs(y)))),
}


def added(loss: Any, y: Array, cost: Any) -> PerRow | None:  # noqa: ANN401
    """Return what each row of the outputs adds to a cost; None where it is no sum over rows.

    Known losses are computed for all rows at once; of others each row is given to the loss by itself, with its part of
    the loss's own arrays.
    """
    known = HOLDS.get(type(loss).__name__)
    for way in (None if known is None else lambda z: known(loss, z), _alone(loss, y)):
        if way is None:
            continue
        for share in (1 / len(y), 1.0):
            per_row = _share(way, share)
            if _adds_up(per_row, y, float(cost)):
                return per_row
    return None


def _share(way: PerRow, share: float) -> PerRow:
    return lambda z: way(z) * share


def _adds_up(per_row: PerRow, y: Array, cost: float) -> bool:
    try:
        parts = per_row(y[np.newaxis])
    except Exception as error:  # a loss that does not compute what its name says
        if ends(error):
            raise
        return False
    return parts.shape == (1, len(y)) and bool(abs(parts.sum() - cost) <= SAME * np.abs(parts).sum())


def _mean(entries: Array) -> Array:
    return np.asarray(entries.reshape(*entries.shape[:2], -1).mean(axis=-1))


def _huber(r: Array, delta: float) -> Array:
    c = np.clip(r, -delta, delta)
    return np.asarray(c * (r - c / 2))


def _cross_entropy(labels: Array, y: Array) -> Array:
    z = y - y.max(axis=-1, keepdims=True)
    logs = np.log(np.exp(z).sum(axis=-1))
    if np.ndim(labels) == y.ndim - 1:  # a distribution for each row
        return np.asarray(logs * np.sum(labels, axis=-1) - (labels * z).sum(axis=-1))
    rows = np.arange(y.shape[1])
    return np.asarray(logs - z[:, rows, labels])


def _alone(loss: Any, y: Array) -> PerRow | None:  # noqa: ANN401
    """Return a way that gives each row to the loss by itself, with its part of whatever is as long as the batch."""
    if not dataclasses.is_dataclass(loss) or isinstance(loss, type):
        return None
    fields = {f.name: getattr(loss, f.name) for f in dataclasses.fields(loss)}
    long = {n: v for n, v in fields.items() if isinstance(v, np.ndarray) and v.ndim and len(v) == len(y)}
    losses: list[Any] = [
        dataclasses.replace(loss, **{name: v[r : r + 1] for name, v in long.items()}) for r in range(len(y))
    ]

    def way(z: Array) -> Array:
        return np.array(
            [[one.forward(row[np.newaxis])[0] for one, row in zip(losses, rows, strict=True)] for rows in z]
        )

    return way
