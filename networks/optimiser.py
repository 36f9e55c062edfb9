"""The gradient is known: how far does each weight move?

Always against its gradient. Plain stochastic gradient descent goes a fixed multiple of it.
Momentum remembers where it was going: steps that keep agreeing grow, steps that keep
contradicting one another die out. Adam gives each weight a rate of its own, larger where its
gradients are small. AdamW also lets every weight shrink a little, outside of what Adam computes.

schedule.py says how the rate changes while the network learns, and clip.py what to do about a
gradient that is far too long.

What an optimiser remembers between two steps is an argument and a result, never kept on it:
`None` before the first step.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, NamedTuple, Protocol, TypeAlias

import numpy as np

from .layer import Array

Arrays: TypeAlias = dict[str, Array]  # under the paths of the parameters


class Optimiser(Protocol):
    """Anything with `step(params, grads, state) -> (params, state)`; the first state is None."""

    def step(self, params: Arrays, grads: Arrays, state: Any = None, /) -> tuple[Arrays, Any]:  # noqa: ANN401
        """Return the parameters one step further on, and what to remember for the next."""


@dataclass(frozen=True)
class SGD:
    """v ← momentum · v + g; p ← p - rate · v. Without momentum: p ← p - rate · g."""

    rate: float
    momentum: float = 0.0

    def step(self, params: Arrays, grads: Arrays, state: Arrays | None = None) -> tuple[Arrays, Arrays]:
        """Move by the velocity v, which is the state; at rest in the beginning."""
        v = grads
        if state is not None:
            v = {path: self.momentum * state[path] + g for path, g in grads.items()}
        return {path: p - self.rate * v[path] for path, p in params.items()}, v


class AdamState(NamedTuple):
    """What Adam remembers: how many steps it took, and running means of g and of g²."""

    t: int
    m: Arrays
    v: Arrays


@dataclass(frozen=True)
class Adam:
    """p ← p - rate · m̂ / (√v̂ + eps), where m and v are running means of g and of g².

    m ← beta1 m + (1 - beta1) g; and m̂ = m / (1 - beta1ᵗ) after t steps makes up for m having
    begun at zero. v and v̂ likewise, with g² and beta2.

    D. P. Kingma and J. Ba, Adam: a method for stochastic optimization, ICLR 2015, algorithm 1.
    """

    rate: float = 1e-3
    beta1: float = 0.9
    beta2: float = 0.999
    eps: float = 1e-8

    def step(self, params: Arrays, grads: Arrays, state: AdamState | None = None) -> tuple[Arrays, AdamState]:
        """Move each parameter by about `rate`, whatever the size of its gradient."""
        zeros = {path: np.zeros_like(p) for path, p in params.items()}
        t, m, v = state or AdamState(0, zeros, zeros)
        t = t + 1
        m = {path: self.beta1 * m[path] + (1 - self.beta1) * g for path, g in grads.items()}
        v = {path: self.beta2 * v[path] + (1 - self.beta2) * g**2 for path, g in grads.items()}
        moved = {}
        for path, p in params.items():
            mhat = m[path] / (1 - self.beta1**t)
            vhat = v[path] / (1 - self.beta2**t)
            moved[path] = p - self.rate * mhat / (np.sqrt(vhat) + self.eps)
        return moved, AdamState(t, m, v)


@dataclass(frozen=True)
class AdamW:
    """p ← p - rate · decay · p - rate · m̂ / (√v̂ + eps), with m̂ and v̂ as in `Adam`.

    The decay stands beside the gradient, not in it. In it, as in `Cost(decay=...)`, Adam would
    divide it by √v̂, and the weights with the largest gradients would shrink the least. Here all
    shrink by the same share; biases too, as in the paper and in PyTorch, though `Cost` spares them.

    I. Loshchilov and F. Hutter, Decoupled weight decay regularization, ICLR 2019, arXiv:1711.05101,
    algorithm 2; there λ is what here is rate · decay, as in PyTorch.
    """

    rate: float = 1e-3
    beta1: float = 0.9
    beta2: float = 0.999
    eps: float = 1e-8
    decay: float = 1e-2

    def step(self, params: Arrays, grads: Arrays, state: AdamState | None = None) -> tuple[Arrays, AdamState]:
        """Move each parameter as Adam would, and a little towards zero."""
        moved, after = Adam(self.rate, self.beta1, self.beta2, self.eps).step(params, grads, state)
        return {path: moved[path] - self.rate * self.decay * p for path, p in params.items()}, after
