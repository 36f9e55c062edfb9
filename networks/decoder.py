"""The decoder: how does one sequence listen to another?

To translate is to write one sequence while reading another. Every place of what is written asks
its questions, and the keys and values come from what is read, the memory: cross-attention. All of
it may be attended to, the end before the beginning; what is written may look back at itself only.

So a decoder block has two inputs, and its way back two answers. The memory is pulled twice by each
block, as key and as value, and the two are added; where several blocks listen to one memory, their
pulls are added as well, and go on into the encoder that made it. That is how an error in the
last word translated reaches the first word read.

Three residuals, each normalised at its beginning, as in transformer.py: look back, listen to the
memory, think it over alone.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Self

import numpy as np
from numpy.typing import DTypeLike

from .attention import Mask
from .heads import MultiHeadAttention
from .layer import Array, Layer
from .norm import LayerNorm
from .transformer import transformer_block


@dataclass(frozen=True)
class CrossAttention:
    """y = attention(x, memory, memory); so dx = dquery and dmemory = dkey + dvalue."""

    attention: MultiHeadAttention

    def forward(
        self, x: Array, memory: Array, mask: Mask | None = None
    ) -> tuple[Array, Callable[[Array], tuple[Array, Array, Self]]]:
        y, way_back = self.attention.forward(x, memory, memory, mask)  # (N, L, E), (N, S, M), (N, S) -> (N, L, O)

        def backward(dy: Array) -> tuple[Array, Array, Self]:
            dx, dkey, dvalue, grad = way_back(dy)
            return dx, dkey + dvalue, replace(self, attention=grad)

        return y, backward

    @classmethod
    def random(cls, width: int, heads: int, rng: np.random.Generator, *, dtype: DTypeLike = np.float64) -> Self:
        """Return cross-attention with random weights, as `MultiHeadAttention.random` has it."""
        return cls(MultiHeadAttention.random(width, heads, rng, dtype=dtype))


@dataclass(frozen=True)
class DecoderBlock:
    """h = look_back(x); z = h + listen(norm(h), memory); y = think(z).

    `forward(x, memory) -> (y, backward)` and `backward(dy) -> (dx, dmemory, grad)`; the mask says
    which places of the memory may be attended to, True where, and is (N, S), or (N, T, S).

    A. Vaswani et al., Attention is all you need, NeurIPS 2017, section 3.1; the norm first, as in
    R. Xiong et al., On layer normalization in the transformer architecture, ICML 2020, figure 1b.
    """

    look_back: Layer  # x ← x + attention(norm(x)), causal
    norm: LayerNorm
    listen: CrossAttention
    think: Layer  # x ← x + W₂ GELU(W₁ norm(x))

    def forward(
        self, x: Array, memory: Array, mask: Mask | None = None
    ) -> tuple[Array, Callable[[Array], tuple[Array, Array, Self]]]:
        h, back_look = self.look_back.forward(x)  # (N, T, E), (N, S, E), (N, S) -> (N, T, E)
        query, back_norm = self.norm.forward(h)
        heard, back_listen = self.listen.forward(query, memory, mask)
        y, back_think = self.think.forward(h + heard)

        def backward(dy: Array) -> tuple[Array, Array, Self]:
            dz, think = back_think(dy)
            dquery, dmemory, listen = back_listen(dz)
            dh, norm = back_norm(dquery)
            dx, look_back = back_look(dz + dh)
            return dx, dmemory, replace(self, look_back=look_back, norm=norm, listen=listen, think=think)

        return y, backward

    @classmethod
    def random(
        cls, width: int, heads: int, hidden: int, rng: np.random.Generator, *, dtype: DTypeLike = np.float64
    ) -> Self:
        """Return a block of one width throughout, with weights by Glorot's rule and biases of zero.

        >>> from gradcheck.networks import DecoderBlock
        >>> rng = np.random.default_rng(0)
        >>> block = DecoderBlock.random(width=8, heads=2, hidden=32, rng=rng)
        >>> written, read = rng.normal(size=(1, 3, 8)), rng.normal(size=(1, 5, 8))
        >>> y, backward = block.forward(written, read)
        >>> dx, dmemory, grad = backward(y)
        >>> y.shape, dx.shape, dmemory.shape
        ((1, 3, 8), (1, 3, 8), (1, 5, 8))
        """
        look_back, think = transformer_block(width, heads, hidden, rng, causal=True, dtype=dtype).layers
        listen = CrossAttention.random(width, heads, rng, dtype=dtype)
        return cls(look_back, LayerNorm.plain(width, dtype=dtype), listen, think)
