"""Attention: which of the others should I listen to?

Every place in a sequence asks a question, the query q; every place holds up a sign, the key k, and
has something to say, the value v. Where question and sign agree, q · k is large; a softmax turns
the agreements into shares P that sum to one, and what is heard is the mean of the values, by
shares. The division by √E keeps the agreements, sums of E products, from growing with E until the
softmax hears one voice only and has no slope left.

The way back has three answers. A value is pulled as far as it was listened to: dv = Pᵀ dy. A share
is pulled by what its value would have contributed: dP = dy vᵀ. And as the shares are a softmax,
each agreement is pulled only as far as its share is pulled harder than the mean of them all,
ds = P (dP - Σ dP P); from there each query is pulled along the keys and each key along the queries.

A mask is boolean, and True says: this key may be attended to (as in PyTorch's
`scaled_dot_product_attention`; the `key_padding_mask` of its `MultiheadAttention` says the
opposite). A query that may attend to nothing hears nothing, zeros, and pulls at nothing.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Self, TypeAlias

import numpy as np
from numpy.typing import NDArray

from .layer import Array

Mask: TypeAlias = NDArray[np.bool_]


@dataclass(frozen=True)
class Attention:
    """y = softmax(q kᵀ / √E) v, the softmax over the keys that may be attended to.

    With `causal`, query number l may attend to the keys 0 ... l only: no place sees the future.
    Leading axes, of examples or of heads, are those of a batch, and q, k and v agree on them; the
    mask may be of any shape that broadcasts to (..., L, S), and padding (N, S) is written
    `padding[:, np.newaxis]`.

    A. Vaswani et al., Attention is all you need, NeurIPS 2017, equation 1.
    """

    causal: bool = False

    def forward(
        self, q: Array, k: Array, v: Array, mask: Mask | None = None
    ) -> tuple[Array, Callable[[Array], tuple[Array, Array, Array, Self]]]:
        _refuse_misfits(q, k, v)  # (..., L, E), (..., S, E), (..., S, D), (..., L, S) -> (..., L, D)
        scale = 1 / math.sqrt(q.shape[-1])
        P = _shares(q @ _T(k) * scale, self._allowed(q, k, mask))

        def backward(dy: Array) -> tuple[Array, Array, Array, Self]:
            dP = dy @ _T(v)
            ds = P * (dP - (dP * P).sum(axis=-1, keepdims=True)) * scale
            return ds @ k, _T(ds) @ q, _T(P) @ dy, self

        return P @ v, backward

    def _allowed(self, q: Array, k: Array, mask: Mask | None) -> Mask:
        """Return which key each query may attend to: (..., L, S), or what broadcasts to it."""
        shape = (*q.shape[:-1], k.shape[-2])
        allowed = np.ones(shape[-2:], np.bool_)
        if self.causal:
            allowed = np.tril(allowed)
        if mask is None:
            return allowed
        if mask.dtype != np.bool_ or not broadcasts(mask.shape, shape):
            message = (
                f"Attention takes a mask of booleans, True where a key may be attended to, that broadcasts to {shape}, "
                f"not {mask.dtype} of shape {mask.shape}; write padding (N, S) as padding[:, np.newaxis]"
            )
            raise ValueError(message)
        return allowed & mask


def _T(a: Array) -> Array:  # noqa: N802 (as NumPy writes it)
    """Transpose the matrices at the end, whatever leads."""
    return a.swapaxes(-1, -2)


def _shares(s: Array, allowed: Mask) -> Array:
    """Return the softmax over the allowed entries of each row; zeros where none is."""
    s = np.where(allowed, s, -np.inf)
    top = s.max(axis=-1, keepdims=True, initial=-np.inf)
    e = np.exp(s - np.where(np.isfinite(top), top, 0))  # without a top, exp(-inf) = 0 all along the row
    total = e.sum(axis=-1, keepdims=True)
    shares: Array = e / np.where(total > 0, total, 1)
    return shares


def broadcasts(shape: tuple[int, ...], to: tuple[int, ...]) -> bool:
    """Whether NumPy would stretch an array of the one shape to the other."""
    fits = zip(reversed(shape), reversed(to), strict=False)
    return len(shape) <= len(to) and all(n in {1, m} for n, m in fits)


def _refuse_misfits(q: Array, k: Array, v: Array) -> None:
    wrong = (
        min(q.ndim, k.ndim, v.ndim) < 2
        or not q.shape[:-2] == k.shape[:-2] == v.shape[:-2]
        or q.shape[-1] != k.shape[-1]
        or k.shape[-2] != v.shape[-2]
        or q.shape[-1] == 0
    )
    if wrong:
        message = (
            f"Attention takes q (..., L, E), k (..., S, E) and v (..., S, D) with the same leading axes, not "
            f"{q.shape}, {k.shape} and {v.shape}: as many values as keys, and keys as wide as queries"
        )
        raise ValueError(message)
