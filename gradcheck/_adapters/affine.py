"""Which layers of a reference network are y = x W + b? Dense ones, and convolutions, of which x are the patches."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass

import numpy as np

from gradcheck._adapters.chain import LayerCall
from gradcheck._model import trees
from gradcheck._model.ending import ends
from gradcheck._model.oracle import Array
from gradcheck._model.site import PATCHES
from gradcheck._results.floating import DOUBLE

ROWS = 2  # axes of a batch of rows
ROUNDINGS = 64.0  # relative to the terms: how far a sum may differ when it is added in another order


@dataclass(frozen=True, eq=False)
class Affine:
    """A layer that is y = x W + b, by its fields and by its values; of a convolution, x are the patches."""

    weight: str
    bias: str | None
    W: Array  # as it is held
    b: Array | float
    matrix: Array  # (I, O)
    rows: Array  # (R, I), or (R, P, I): the patches of each image
    turned: bool  # whether W is held as (O, I)

    @classmethod
    def of(cls, link: LayerCall) -> Affine | None:
        """Return a layer as a dense one, or a convolution; None if it is neither."""
        held = {path: v for path, v in trees.leaves(link.layer, link.path) if isinstance(v, np.ndarray)}
        weights, vectors = ({p: v for p, v in held.items() if (v.ndim > 1) is several} for several in (True, False))
        if len(weights) != 1 or len(vectors) > 1:
            return None
        ((weight, W),), b = weights.items(), next(iter(vectors.values()), 0.0)
        rows = link.x if W.ndim == ROWS else _patches(link, weight, next(iter(vectors), ""), W)
        if rows is None or link.x.ndim != W.ndim:
            return None
        matrix = W if W.ndim == ROWS else W.reshape(len(W), -1).T
        y = channels_last(link.y)
        if rows.shape[-1] != len(matrix) or y.shape != (*rows.shape[:-1], matrix.shape[1]):
            return None
        sums = np.abs(rows) @ np.abs(matrix) + np.abs(b)
        if not (np.abs(rows @ matrix + b - y) <= ROUNDINGS * DOUBLE * sums).all():
            return None
        return cls(weight, next(iter(vectors), None), W, b, matrix, rows, turned=W.ndim > ROWS)


def channels_last(y: Array) -> Array:
    """Return what a convolution gives, (R, O, *T), as (R, P, O), with P places; rows of a batch as they are."""
    return y if y.ndim == ROWS else np.moveaxis(y.reshape(*y.shape[:2], -1), 1, -1)


def _patches(link: LayerCall, weight: str, bias: str, W: Array) -> Array | None:
    """Return the input patch of each output place, (R, P, I), from the layer itself: one kernel for each tap."""
    size = W[0].size
    if link.y.ndim != link.x.ndim or size * link.y.size > PATCHES * len(W):
        return None
    fields = {path.rpartition(".")[2]: array for path, array in ((bias, None), (weight, np.eye(size))) if path}
    try:
        taps = {name: array if array is None else array.reshape(size, *W.shape[1:]) for name, array in fields.items()}
        seen = dataclasses.replace(link.layer, **taps).forward(link.x)[0]
    except Exception as error:  # another kind of layer, or one that takes no kernel of that shape
        if ends(error):
            raise
        return None
    return channels_last(seen) if np.ndim(seen) == link.x.ndim else None
