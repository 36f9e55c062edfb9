"""Attention and positions that are wrong on purpose: shares, masks and heads on the way back.

planting.py says how a mistake is planted.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np

from ..attention import Attention
from ..decoder import CrossAttention, DecoderBlock
from ..heads import MultiHeadAttention, SelfAttention
from ..layer import Array, rebuild
from ..position import PositionEmbedding, RotaryEncoding
from .planting import Met, fault

Back = tuple[Any, ...]


def _mask(met: Met) -> Any:  # noqa: ANN401
    return met.inputs[3] if len(met.inputs) > 3 else met.keywords.get("mask")


def _shares(met: Met) -> Array:
    """Return P of the forward pass: the output, if the values are the rows of the identity."""
    q, k = met.inputs[:2]
    S = k.shape[-2]
    each = np.broadcast_to(np.eye(S, dtype=k.dtype), (*k.shape[:-1], S))
    P: Array = Attention(met.layer.causal).forward(q, k, each, _mask(met))[0]
    return P


def _from_scores(met: Met, jacobian: Callable[[Array, Array], Array]) -> Back:
    """Go back with another derivative of the softmax: of P and dP."""
    q, k, v = met.inputs[:3]
    ds = jacobian(_shares(met), met.dy @ v.swapaxes(-1, -2)) / math.sqrt(q.shape[-1])
    return ds @ k, ds.swapaxes(-1, -2) @ q, met.gradients[2], met.grad


@fault(Attention)
def attention_scale_forgotten(met: Met) -> Back:
    """The division by √E is forgotten on the way back to queries and keys."""
    dq, dk, dv = met.gradients
    scale = math.sqrt(met.x.shape[-1])
    return dq * scale, dk * scale, dv, met.grad


@fault(Attention)
def attention_diagonal(met: Met) -> Back:
    """Only the diagonal of the derivative of the softmax over the keys is used, P (1 - P)."""
    return _from_scores(met, lambda P, dP: P * (1 - P) * dP)


@fault(Attention)
def attention_mean_forgotten(met: Met) -> Back:
    """The mean is not subtracted in the derivative of the softmax: ds = P dP is all."""
    return _from_scores(met, lambda P, dP: P * dP)


@fault(Attention)
def attention_future_pulled(met: Met) -> Back:
    """The causal mask is ignored on the way back, so that future places get a gradient."""
    q, k, v = met.inputs[:3]
    anew = Attention().forward(q, k, v, _mask(met))[1](met.dy)
    return *anew[:3], met.grad


@fault(Attention)
def attention_padding_pulled(met: Met) -> Back:
    """The mask of the padding is ignored on the way back, so that padding gets a gradient."""
    anew = Attention(met.layer.causal).forward(*met.inputs[:3])[1](met.dy)
    return *anew[:3], met.grad


@fault(Attention)
def attention_keys_for_values(met: Met) -> Back:
    """The gradients of keys and values are exchanged."""
    dq, dk, dv = met.gradients
    return dq, np.resize(dv, dk.shape), np.resize(dk, dv.shape), met.grad


@fault(Attention)
def attention_shares_untransposed(met: Met) -> Back:
    """The gradient of the values is P dy, where Pᵀ dy is meant."""
    P = _shares(met)
    upright = P.reshape(*P.shape[:-2], P.shape[-1], P.shape[-2])
    return *met.gradients[:2], upright @ met.dy, met.grad


@fault(Attention)
def attention_query_sign(met: Met) -> Back:
    """The gradient of the queries has the wrong sign."""
    return -met.dx, *met.gradients[1:], met.grad


def _joined(x: Array) -> Array:  # (N, heads, L, D) -> (N, L, heads * D)
    N, heads, L, D = x.shape
    return x.swapaxes(1, 2).reshape(N, L, heads * D)


def _through_heads(met: Met, djoined: Array, joined: Callable[[Array], Array] = _joined) -> Back:
    """Go back from the heads, side by side, through attention and the three projections, with mistakes."""
    layer, inputs, weights = met.layer, met.inputs[:3], ("q", "k", "v")
    W, b = ({w: getattr(layer, f"{p}_{w}") for w in weights} for p in ("W", "b"))
    cut = [
        (x @ W[w] + b[w]).reshape(*x.shape[:2], layer.heads, -1).swapaxes(1, 2)
        for w, x in zip(weights, inputs, strict=True)
    ]
    mask = _mask(met)
    over_heads = None if mask is None else mask.reshape(len(mask), 1, -1, mask.shape[-1])
    dheads = djoined.reshape(*met.x.shape[:2], layer.heads, -1).swapaxes(1, 2)
    q, k, v = cut
    *dcut, _ = Attention(layer.causal).forward(q, k, v, over_heads)[1](dheads)
    d = dict(zip(weights, map(joined, dcut), strict=True))
    grad = {f"W_{w}": np.tensordot(x, d[w], ((0, 1), (0, 1))) for w, x in zip(weights, inputs, strict=True)}
    grad |= {f"b_{w}": d[w].sum(axis=(0, 1)) for w in weights}
    return *(d[w] @ W[w].T for w in weights), rebuild(met.grad, grad)


@fault(MultiHeadAttention)
def heads_output_untransposed(met: Met) -> Back:
    """W_o is reshaped on the way back to the heads, where its transpose is meant."""
    W_o = met.layer.W_o
    return _through_heads(met, met.dy @ W_o.reshape(W_o.shape[::-1]))


@fault(MultiHeadAttention)
def heads_not_exchanged(met: Met) -> Back:
    """The heads are laid side by side by a reshape alone, without exchanging the axes of heads and places."""
    return _through_heads(met, met.dy @ met.layer.W_o.T, lambda x: x.reshape(len(x), x.shape[2], -1))


@fault(MultiHeadAttention)
def first_head_alone(met: Met) -> Back:
    """Only the first head counts on the way back, the gradients of the others stay zero."""
    djoined = met.dy @ met.layer.W_o.T
    first = djoined.shape[-1] // met.layer.heads
    return _through_heads(met, djoined * (np.arange(djoined.shape[-1]) < first))


@fault(MultiHeadAttention)
def heads_input_for_output(met: Met) -> Back:
    """The gradient of W_o is made with the values, where the outputs of the heads are meant."""
    values = met.inputs[2] @ met.layer.W_v + met.layer.b_v
    dW = np.tensordot(np.resize(values, (*met.dy.shape[:2], values.shape[2])), met.dy, ((0, 1), (0, 1)))
    return *met.gradients, rebuild(met.grad, {"W_o": dW})


@fault(SelfAttention)
def self_attention_query_unheard(met: Met) -> Back:
    """The input gets its gradients as key and as value, but not as query."""
    *_, way_back = met.layer.attention.forward(met.x, met.x, met.x, *met.inputs[1:], **met.keywords)
    _, dkey, dvalue, _ = way_back(met.dy)
    return dkey + dvalue, met.grad


def _listened(met: Met, dy: Array) -> Back:
    """Return (dquery, dkey, dvalue), of cross-attention."""
    x, memory = met.inputs[:2]
    *_, way_back = met.layer.attention.forward(x, memory, memory, _mask_of_memory(met))
    return tuple(way_back(dy)[:3])


def _mask_of_memory(met: Met) -> Any:  # noqa: ANN401
    return met.inputs[2] if len(met.inputs) > 2 else met.keywords.get("mask")


@fault(CrossAttention)
def memory_value_unheard(met: Met) -> Back:
    """The memory gets its gradient as key, but not as value."""
    dx, dkey, _ = _listened(met, met.dy)
    return dx, dkey, met.grad


@fault(CrossAttention)
def memory_key_unheard(met: Met) -> Back:
    """The memory gets its gradient as value, but not as key."""
    dx, _, dvalue = _listened(met, met.dy)
    return dx, dvalue, met.grad


@fault(CrossAttention)
def memory_and_query_exchanged(met: Met) -> Back:
    """The gradients of the query and of the memory are exchanged."""
    dx, dmemory = met.gradients
    return np.resize(dmemory, dx.shape), np.resize(dx, dmemory.shape), met.grad


@fault(DecoderBlock)
def decoder_skip_forgotten(met: Met) -> Back:
    """The residual connection around the cross-attention is forgotten: only the gradient of its query counts."""
    _, dquery = _into_listening(met)
    h, back_look = met.layer.look_back.forward(met.x)
    dx, look_back = back_look(met.layer.norm.forward(h)[1](dquery)[0])
    return dx, met.gradients[1], replace(met.grad, look_back=look_back)


@fault(DecoderBlock)
def decoder_norm_bypassed(met: Met) -> Back:
    """The gradient of the query bypasses the norm that stands before the cross-attention."""
    dz, dquery = _into_listening(met)
    dx, look_back = met.layer.look_back.forward(met.x)[1](dz + dquery)
    return dx, met.gradients[1], replace(met.grad, look_back=look_back)


@fault(DecoderBlock)
def decoder_memory_unheard(met: Met) -> Back:
    """The memory gets no gradient, as if it were data: the encoder that made it would never learn."""
    return met.dx, np.zeros_like(met.gradients[1]), met.grad


def _into_listening(met: Met) -> tuple[Array, Array]:
    """Return the pull on z = h + listen(norm(h), memory), and on the query."""
    layer, memory, mask = met.layer, met.inputs[1], _mask_of_memory(met)
    h, _ = layer.look_back.forward(met.x)
    heard, back_listen = layer.listen.forward(layer.norm.forward(h)[0], memory, mask)
    dz, _ = layer.think.forward(h + heard)[1](met.dy)
    return dz, back_listen(dz)[0]


@fault(PositionEmbedding)
def position_of_one_example(met: Met) -> Back:
    """The table of positions gets the gradient of the first example alone, not the sum over the batch."""
    first = met.dy.reshape(-1, *met.dy.shape[-2:])[0]
    rows = met.layer.P.shape[0] - first.shape[0]
    return met.dx, replace(met.grad, P=np.pad(first, ((0, rows), (0, 0))))


@fault(PositionEmbedding)
def position_row_late(met: Met) -> Back:
    """The rows of the gradient of the table of positions are shifted by one place."""
    return met.dx, replace(met.grad, P=np.roll(met.grad.P, 1, axis=0))


@fault(RotaryEncoding)
def rotary_turned_on(met: Met) -> Back:
    """The cotangent is turned by the angle once more, where it should be turned back."""
    return RotaryEncoding(met.layer.base).forward(met.dy)[0], met.grad
