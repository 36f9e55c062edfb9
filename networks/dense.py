"""The dense layer: every output listens to every input, with a weight, and adds a bias.

Read its three gradients as the answers to three questions. The weight W[i, j] carries input i to
output j, so the cost feels it as strongly as input i spoke and output j matters: x[i] dy[j],
added up over the examples of the batch. The bias b[j] speaks in every example with the strength
1: dy[j], added up. And input i is heard by every output, through the weight that leads there:
W[i, j] dy[j], added up over the outputs.

An input of zero gives its weights no gradient: a pixel that is always black teaches nothing. And
since x[i] dy[j] is a product, the weights that move most are those between a unit that spoke up
and a unit that was badly wrong.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal, Self

import numpy as np
from numpy.typing import DTypeLike

from .init import glorot, he
from .layer import Array, Backward

_INITIALISERS = {"glorot": glorot, "he": he}


@dataclass(frozen=True)
class Dense:
    """y = x W + b."""

    W: Array  # (I, O)
    b: Array  # (O,)

    def forward(self, x: Array) -> tuple[Array, Backward[Self]]:  # (N, I) -> (N, O)
        _refuse_misfits(x, self.W, self.b)
        y = x @ self.W + self.b

        def backward(dy: Array) -> tuple[Array, Self]:  # (N, O) -> (N, I), gradients
            return dy @ self.W.T, replace(self, W=x.T @ dy, b=dy.sum(axis=0))

        return y, backward

    @classmethod
    def random(
        cls,
        n_in: int,
        n_out: int,
        rng: np.random.Generator,
        *,
        init: Literal["glorot", "he"] = "glorot",
        dtype: DTypeLike = np.float64,
    ) -> Self:
        """Return a layer with random weights, by the rule named, and biases of zero."""
        if init not in _INITIALISERS:
            message = f"init={init!r} is not known; write init='glorot' (tanh) or init='he' (ReLU)"
            raise ValueError(message)
        return cls(W=_INITIALISERS[init](n_in, n_out, rng, dtype=dtype), b=np.zeros(n_out, dtype))


def _refuse_misfits(x: Array, W: Array, b: Array) -> None:
    """Raise where NumPy would broadcast in silence, or complain about a matmul."""
    if W.ndim != 2 or b.shape != W.shape[1:]:
        message = (
            f"Dense takes W of shape (I, O) and b of shape (O,), not {W.shape} and {b.shape}: "
            "one bias for each column of W"
        )
        raise ValueError(message)
    if x.ndim != 2 or x.shape[1] != W.shape[0]:
        message = (
            f"Dense with W of shape {W.shape} takes x of shape (N, {W.shape[0]}), not {x.shape}: "
            "one row for each example; a single example x is the batch x[np.newaxis]"
        )
        raise ValueError(message)
