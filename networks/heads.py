"""Many heads: how can a place listen for several things at once?

One softmax has one mind: it cannot attend to the verb for its tense and to the subject for its
number. So queries, keys and values are each projected by a matrix and cut into heads, which attend
on their own, each in its part of the width; what they heard is laid side by side and mixed by a
last matrix. All four matrices are dense layers, and the way back is theirs, with `Attention`'s in
the middle.

One parameter is never pulled: b_k adds q · b_k to all agreements of a query alike, and the softmax
does not feel what is added to all. Its gradient is zero, but for rounding.

In self-attention a sequence asks itself, so x is query, key and value at once, and its three
gradients are added: x is pulled for having asked, for having been found, and for what it said.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Self, TypeAlias

import numpy as np
from numpy.typing import DTypeLike

from .attention import Attention, Mask, broadcasts
from .init import glorot
from .layer import Array, Backward

Projection: TypeAlias = Callable[[Array], tuple[Array, Array, Array]]  # dy -> dx, dW, db


@dataclass(frozen=True)
class MultiHeadAttention:
    """y = [head₁ ... head_h] W_o + b_o, headᵢ = Attention(qᵢ, kᵢ, vᵢ), of q = query W_q + b_q cut in h.

    And k and v likewise. The mask says which keys may be attended to: (N, S), for padding, or
    (N, L, S), for each query on its own; one mask (L, S) for all examples is `mask[np.newaxis]`.
    A query that may attend to nothing has y = b_o.

    A. Vaswani et al., Attention is all you need, NeurIPS 2017, section 3.2.2; there without biases.
    """

    W_q: Array  # (E, H), H being the width of all heads together
    W_k: Array  # (E_k, H)
    W_v: Array  # (E_v, H_v)
    W_o: Array  # (H_v, O)
    b_q: Array  # (H,)
    b_k: Array  # (H,)
    b_v: Array  # (H_v,)
    b_o: Array  # (O,)
    heads: int = 1
    causal: bool = False

    def forward(
        self, query: Array, key: Array, value: Array, mask: Mask | None = None
    ) -> tuple[Array, Callable[[Array], tuple[Array, Array, Array, Self]]]:
        _refuse_misfits(self, query, key, value, mask)  # (N, L, E), (N, S, E_k), (N, S, E_v) -> (N, L, O)
        q, back_q = _project(query, self.W_q, self.b_q)
        k, back_k = _project(key, self.W_k, self.b_k)
        v, back_v = _project(value, self.W_v, self.b_v)
        q, k, v = map(self._cut, (q, k, v))
        heads, back_heads = Attention(self.causal).forward(q, k, v, _over_heads(mask))
        y, back_o = _project(self._joined(heads), self.W_o, self.b_o)

        def backward(dy: Array) -> tuple[Array, Array, Array, Self]:
            djoined, dW_o, db_o = back_o(dy)
            *dcut, _ = back_heads(self._cut(djoined))
            dq, dk, dv = map(self._joined, dcut)
            dquery, dW_q, db_q = back_q(dq)
            dkey, dW_k, db_k = back_k(dk)
            dvalue, dW_v, db_v = back_v(dv)
            grad = replace(self, W_q=dW_q, W_k=dW_k, W_v=dW_v, W_o=dW_o, b_q=db_q, b_k=db_k, b_v=db_v, b_o=db_o)
            return dquery, dkey, dvalue, grad

        return y, backward

    def _cut(self, x: Array) -> Array:  # (N, L, H) -> (N, heads, L, H / heads)
        N, L, H = x.shape
        return x.reshape(N, L, self.heads, H // self.heads).swapaxes(1, 2)

    def _joined(self, x: Array) -> Array:  # (N, heads, L, H / heads) -> (N, L, H)
        N, heads, L, D = x.shape
        return x.swapaxes(1, 2).reshape(N, L, heads * D)

    @classmethod
    def random(
        cls,
        width: int,
        heads: int,
        rng: np.random.Generator,
        *,
        causal: bool = False,
        dtype: DTypeLike = np.float64,
    ) -> Self:
        """Return a layer of one width throughout, weights by Glorot's rule and biases of zero."""
        weights = {name: glorot(width, width, rng, dtype=dtype) for name in ("W_q", "W_k", "W_v", "W_o")}
        biases = {name: np.zeros(width, dtype) for name in ("b_q", "b_k", "b_v", "b_o")}
        return cls(**weights, **biases, heads=heads, causal=causal)


@dataclass(frozen=True)
class SelfAttention:
    """y = attention(x, x, x); so dx = dquery + dkey + dvalue."""

    attention: MultiHeadAttention

    def forward(self, x: Array, mask: Mask | None = None) -> tuple[Array, Backward[Self]]:
        y, way_back = self.attention.forward(x, x, x, mask)  # (N, L, E), (N, L) -> (N, L, O)

        def backward(dy: Array) -> tuple[Array, Self]:
            dquery, dkey, dvalue, grad = way_back(dy)
            return dquery + dkey + dvalue, replace(self, attention=grad)

        return y, backward

    @classmethod
    def random(
        cls,
        width: int,
        heads: int,
        rng: np.random.Generator,
        *,
        causal: bool = False,
        dtype: DTypeLike = np.float64,
    ) -> Self:
        """Return self-attention with random weights, as `MultiHeadAttention.random` has it."""
        return cls(MultiHeadAttention.random(width, heads, rng, causal=causal, dtype=dtype))


def _project(x: Array, W: Array, b: Array) -> tuple[Array, Projection]:  # (N, L, I) -> (N, L, O)
    """Y = x W + b at every place."""

    def backward(dy: Array) -> tuple[Array, Array, Array]:
        return dy @ W.T, np.tensordot(x, dy, axes=((0, 1), (0, 1))), dy.sum(axis=(0, 1))

    return x @ W + b, backward


def _over_heads(mask: Mask | None) -> Mask | None:
    """Let one mask serve every head: (N, S) or (N, L, S) -> (N, 1, 1, S) or (N, 1, L, S)."""
    if mask is None:
        return None
    return mask[:, np.newaxis] if mask.ndim == 3 else mask[:, np.newaxis, np.newaxis]


def _refuse_misfits(layer: MultiHeadAttention, query: Array, key: Array, value: Array, mask: Mask | None) -> None:
    """Raise where NumPy would broadcast in silence, or complain about a matmul."""
    _refuse_odd_weights(layer)
    given = {"query": (query, layer.W_q), "key": (key, layer.W_k), "value": (value, layer.W_v)}
    for name, (x, W) in given.items():
        if x.ndim != 3 or x.shape[2] != len(W) or len(x) != len(query):
            message = (
                f"MultiHeadAttention takes a {name} of shape ({len(query)}, length, {len(W)}), as many examples as "
                f"queries, not {x.shape}; one sequence x is the batch x[np.newaxis]"
            )
            raise ValueError(message)
    N, L, S = *query.shape[:2], key.shape[1]
    legal = {2: (N, S), 3: (N, L, S)}
    if mask is not None and not (mask.ndim in legal and broadcasts(mask.shape, legal[mask.ndim])):
        message = (
            f"MultiHeadAttention takes a mask of shape (N, S) = {(N, S)} or (N, L, S) = {(N, L, S)}, not {mask.shape}; "
            "one mask (L, S) for all examples is mask[np.newaxis]"
        )
        raise ValueError(message)


def _refuse_odd_weights(layer: MultiHeadAttention) -> None:
    H, H_v, O = layer.W_q.shape[1], layer.W_v.shape[1], layer.W_o.shape[1]  # noqa: E741 (as in the shapes)
    if layer.heads < 1 or H % layer.heads or H_v % layer.heads:
        message = f"MultiHeadAttention: {layer.heads} heads cannot share widths of {H} and {H_v} evenly"
        raise ValueError(message)
    biases = tuple(b.shape for b in (layer.b_q, layer.b_k, layer.b_v, layer.b_o))
    if layer.W_k.shape[1] != H or layer.W_o.shape[0] != H_v or biases != ((H,), (H,), (H_v,), (O,)):
        weights = tuple(W.shape for W in (layer.W_q, layer.W_k, layer.W_v, layer.W_o))
        message = (
            "MultiHeadAttention takes W_q (E, H), W_k (E_k, H), W_v (E_v, H_v) and W_o (H_v, O), with one bias for "
            f"each column, not {weights} and {biases}"
        )
        raise ValueError(message)
