"""Batch normalisation: each channel at mean 0 and size 1, over all the examples of a batch.

norm.py says what normalisation is for; standardise.py derives its way back, with all its terms.

This one lets examples hear of one another: the output for one, and so its gradient, depends on
who else is in the batch. When the network is used, that must not be, and mean and variance of
what was seen in training stand in for the batch's. They are neither parameters nor hidden state:
`observed` takes the old ones and returns the new.

    running = norm.observed(x, running)       after each step of training
    replace(norm, running=running)            the layer as it is used
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Self

import numpy as np
from numpy.typing import DTypeLike

from .layer import Array, Backward, constant
from .standardise import WayBack, above_zero, all_but, mean, refuse_channels, scaled, standardised


@dataclass(frozen=True)
class Running:
    """Mean and variance of each channel, as seen so far."""

    mean: Array  # (C,)
    var: Array  # (C,)

    @classmethod
    def begin(cls, n: int, *, dtype: DTypeLike = np.float64) -> Self:
        """Return what is assumed before anything is seen: mean 0 and variance 1."""
        return cls(np.zeros(n, dtype), np.ones(n, dtype))


@dataclass(frozen=True)
class BatchNorm:
    """y = γ z + β, z = (x - μ) / √(σ² + ε), with μ and σ² of each channel over the batch and all pixels.

    With `running` they are given instead, and x has no part in them: then dx = γ dy / √(σ² + ε).

    S. Ioffe and C. Szegedy, Batch normalization, ICML 2015, algorithm 1.
    """

    gamma: Array | None  # (C,); None: 1
    beta: Array | None  # (C,); None: 0
    running: Running | None = constant()  # None: the batch's own mean and variance, as in training
    eps: float = 1e-5

    def forward(self, x: Array) -> tuple[Array, Backward[Self]]:  # (N, C, ...) -> the same
        refuse_channels("BatchNorm", x, self.gamma, self.beta)
        axes = all_but(1, x)
        z, way_back = standardised(x, axes, self.eps) if self.running is None else _by(self.running, x, self.eps)
        y, scale_back = scaled(z, self.gamma, self.beta, axes)

        def backward(dy: Array) -> tuple[Array, Self]:
            dz, dgamma, dbeta = scale_back(dy)
            return way_back(dz), replace(self, gamma=dgamma, beta=dbeta)

        return y, backward

    def observed(self, x: Array, running: Running, momentum: float = 0.1) -> Running:  # (N, C, ...)
        """Return the running mean and variance after x, in which x has the weight `momentum`.

        The variance is the unbiased one, over n - 1 for n numbers in a channel.

        Raises:
            ValueError: fewer than two numbers in a channel have no such variance.
        """
        refuse_channels("BatchNorm", x, self.gamma, self.beta)
        _refuse_running(running, x)
        axes = all_but(1, x)
        n = x.size // max(x.shape[1], 1)
        if n < 2:
            message = f"BatchNorm.observed: x of shape {x.shape} has {n} numbers in a channel; a variance needs two"
            raise ValueError(message)
        mu, var = mean(x, axes).reshape(-1), x.var(axis=axes, ddof=1)
        return Running(
            mean=((1 - momentum) * running.mean + momentum * mu).astype(running.mean.dtype),
            var=((1 - momentum) * running.var + momentum * var).astype(running.var.dtype),
        )

    @classmethod
    def plain(cls, n: int, *, dtype: DTypeLike = np.float64) -> Self:
        """Return a layer for n channels that begins with γ = 1 and β = 0, for training."""
        return cls(np.ones(n, dtype), np.zeros(n, dtype), None)


def _by(running: Running, x: Array, eps: float) -> tuple[Array, WayBack]:
    """Return x, standardised by what was seen; the way back hears nothing of mean and variance."""
    _refuse_running(running, x)
    mu, var = (np.expand_dims(part.astype(x.dtype), all_but(1, x)) for part in (running.mean, running.var))
    sigma = np.sqrt(var + above_zero(eps))
    return (x - mu) / sigma, lambda dz: dz / sigma


def _refuse_running(running: Running, x: Array) -> None:
    for part in (running.mean, running.var):
        if part.shape != x.shape[1:2]:
            message = (
                f"BatchNorm with x of shape {x.shape} takes running mean and variance of shape ({x.shape[1]},), "
                f"not {part.shape}; begin with Running.begin({x.shape[1]})"
            )
            raise ValueError(message)
