"""Dropout: in every step of training some units are silent, so that none relies on another.

A network may learn by heart what a few units together happen to say. If any of them may be
missing, each must be of use by itself. Those that speak do so more loudly, 1 / (1 - rate) times,
so that the sum of all is what it will be, on average, when the network is used and all speak.

Which units are silent is drawn beforehand and held in the layer: with its mask given it is a
function like any other, and its way back is the same multiplication. A unit that said nothing
hears nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray

from .layer import Array, Backward, constant


@dataclass(frozen=True)
class Dropout:
    """y = m x / (1 - rate), m[i] = 1 for those that speak, else 0; dx = m dy / (1 - rate).

    Without a mask, y = x: this is for a network that is used, not trained.

    N. Srivastava, G. Hinton, A. Krizhevsky, I. Sutskever and R. Salakhutdinov, Dropout, JMLR 15,
    2014, section 4; there the network is scaled when it is used, here in training (section 10).
    """

    rate: float  # the share that is silent: from 0 to below 1
    mask: NDArray[np.bool_] | None = constant()  # in the shape of x, true for those that speak; None: all do

    def forward(self, x: Array) -> tuple[Array, Backward[Self]]:
        _refuse_rate(self.rate)
        if self.mask is None:
            return x, lambda dy: (dy, self)
        if self.mask.shape != x.shape:
            message = (
                f"Dropout with a mask of shape {self.mask.shape} takes x of that shape, not {x.shape}; "
                "draw one for each use: Dropout.random(x.shape, rate, rng)"
            )
            raise ValueError(message)
        m = self.mask
        louder = float(1 / (1 - self.rate))
        return x * m * louder, lambda dy: (dy * m * louder, self)

    @classmethod
    def random(cls, shape: tuple[int, ...], rate: float, rng: np.random.Generator) -> Self:
        """Return a layer in which each number is silent with the probability given."""
        _refuse_rate(rate)
        return cls(rate, rng.random(shape) >= rate)


def _refuse_rate(rate: float) -> None:
    if not 0 <= rate < 1:
        message = f"Dropout(rate={rate}): write the share that is silent, from 0 to below 1"
        raise ValueError(message)
