"""The embedding: each word has its own row of numbers, which is learned.

A word comes as its number in a list, and such a number means nothing: word 7 is not half of word
14. So each is given a row of W, a place in a space of D dimensions, and training moves the places
of words that are used alike towards one another. To look up row i is to multiply W by a vector
with a single 1 at place i, without the zeros.

So the way back is short. Row i spoke wherever word i stood, and hears the dy of all those places,
added up; a word that did not occur hears nothing. A word's number cannot change by a little, so
there is no sensitivity to it: dx is None.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, Self, TypeAlias

import numpy as np
from numpy.typing import DTypeLike, NDArray

from .layer import Array

Ids: TypeAlias = NDArray[np.integer[Any]]


@dataclass(frozen=True)
class Embedding:
    """y[..., :] = W[ids[...], :]; dW[i, :] = Σ dy[..., :] over all places with ids[...] = i.

    Sequences of different lengths are filled up with the id `padding`, if there is one: it stands
    for no word, so its y is zero whatever its row of W holds, and the row hears nothing.
    """

    W: Array  # (V, D), one row for each of V words
    padding: int | None = None

    def forward(self, ids: Ids) -> tuple[Array, Callable[[Array], tuple[None, Self]]]:  # (...) -> (..., D)
        ids = _legal(ids, self.W, self.padding)
        word = (ids != (-1 if self.padding is None else self.padding))[..., np.newaxis]
        y = self.W[ids] * word

        def backward(dy: Array) -> tuple[None, Self]:  # (..., D) -> gradients
            dW = np.zeros_like(self.W)
            np.add.at(dW, ids, dy * word)
            return None, replace(self, W=dW)

        return y, backward

    @classmethod
    def random(
        cls,
        n_words: int,
        n_out: int,
        rng: np.random.Generator,
        *,
        padding: int | None = None,
        dtype: DTypeLike = np.float64,
    ) -> Self:
        """Return a layer with W ~ normal(0, 1)."""
        return cls(rng.normal(size=(n_words, n_out)).astype(dtype), padding)


def _legal(ids: Ids, W: Array, padding: int | None) -> Ids:
    ids = np.asarray(ids)
    if W.ndim != 2 or (padding is not None and not 0 <= padding < len(W)):
        message = f"Embedding takes W of shape (V, D), and a padding from 0 to V - 1, not {W.shape} and {padding}"
        raise ValueError(message)
    if not np.issubdtype(ids.dtype, np.integer):
        message = f"Embedding takes whole numbers, the rows of W to look up, not {ids.dtype}; write ids.astype(int)"
        raise ValueError(message)
    wrong = np.argwhere((ids < 0) | (ids >= len(W)))
    if len(wrong):
        place = tuple(wrong[0].tolist())
        message = (
            f"Embedding: ids[{', '.join(map(str, place))}] is {ids[place]}, but W with {len(W)} rows takes ids from "
            f"0 to {len(W) - 1}; shift yours, or give W more rows"
        )
        raise ValueError(message)
    return ids
