"""Which weights does a network begin with?

Not with zeros: units that begin alike are pulled alike, and stay alike for ever. With random
numbers, then; and of such a size that a signal keeps its strength from layer to layer. If every
layer doubled it, ten layers would make it a thousand times stronger; if every layer halved it,
nothing would arrive.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import DTypeLike

from .layer import Array


def glorot(n_in: int, n_out: int, rng: np.random.Generator, *, dtype: DTypeLike = np.float64) -> Array:  # (n_in, n_out)
    """W ~ uniform(-a, a), a = √(6 / (n_in + n_out)): a variance of 2 / (n_in + n_out).

    A compromise between keeping the signal's variance on the way forward, which asks for 1 /
    n_in, and the gradient's on the way back, which asks for 1 / n_out. Meant for tanh and its
    kind.

    X. Glorot and Y. Bengio, Understanding the difficulty of training deep feedforward neural
    networks, AISTATS 2010, equation 16.
    """
    a = np.sqrt(6 / (n_in + n_out))
    W: Array = rng.uniform(-a, a, size=(n_in, n_out)).astype(dtype)
    return W


def he(n_in: int, n_out: int, rng: np.random.Generator, *, dtype: DTypeLike = np.float64) -> Array:  # (n_in, n_out)
    """W ~ normal(0, 2 / n_in), the second number being the variance.

    Twice what a linear layer would need, because ReLU lets only half of the signal through.

    K. He, X. Zhang, S. Ren and J. Sun, Delving deep into rectifiers, ICCV 2015, equation 10.
    """
    W: Array = rng.normal(0, np.sqrt(2 / n_in), size=(n_in, n_out)).astype(dtype)
    return W
