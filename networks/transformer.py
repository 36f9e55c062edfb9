"""The transformer block: listen to the others, then think it over alone.

Two residuals. In the first every place listens to the others, by self-attention; in the second
every place goes by itself through a small network of two dense layers. Each is normalised at its
beginning, so that the way along the residuals, from the cost down to the first block, has nothing
on it: dy arrives there as it set out, and every block adds what it has to say.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import DTypeLike

from .combine import Chain
from .dense import Dense
from .gelu import GELU
from .heads import SelfAttention
from .join import Residual
from .norm import LayerNorm
from .pointwise import Pointwise


def transformer_block(
    width: int,
    heads: int,
    hidden: int,
    rng: np.random.Generator,
    *,
    causal: bool = False,
    dtype: DTypeLike = np.float64,
) -> Chain:
    """Return x ← x + attention(norm(x)); x ← x + W₂ GELU(W₁ norm(x)): (N, T, width) to the same.

    A. Vaswani et al., Attention is all you need, NeurIPS 2017, section 3.1; the norm first, as in
    R. Xiong et al., On layer normalization in the transformer architecture, ICML 2020, figure 1b.

    >>> from gradcheck.networks import parameters, transformer_block
    >>> block = transformer_block(width=8, heads=2, hidden=32, rng=np.random.default_rng(0))
    >>> sum(array.size for array in parameters(block).values())
    872
    """
    listen = Chain(
        (LayerNorm.plain(width, dtype=dtype), SelfAttention.random(width, heads, rng, causal=causal, dtype=dtype))
    )
    inner, outer = Dense.random(width, hidden, rng, dtype=dtype), Dense.random(hidden, width, rng, dtype=dtype)
    think = Pointwise(Chain((LayerNorm.plain(width, dtype=dtype), inner, GELU(), outer)))
    first, second = Residual(listen), Residual(think)
    return Chain((first, second))
