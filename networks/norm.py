"""Normalisation: whatever the layers before have done, this one hands on numbers of mean 0 and size 1.

Where every layer makes its numbers a little larger, or shifts them, the next must learn again at
every step what is large. So they are taken together, centred and divided by their size; then a γ
and a β for each channel, which are learned, give each the size and the place that serve it. The
layers differ only in what is taken together. For pictures (N, C, H, W):

    BatchNorm     each channel, over all examples and pixels; in batch_norm.py
    LayerNorm     each example, over its last axes
    GroupNorm     each example and group of channels, over the group's channels and all pixels
    InstanceNorm  each example and channel, over all pixels
    RMSNorm       like LayerNorm, but only divided by the size, not centred

The way back, the same for all, is derived in standardise.py.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Self

import numpy as np
from numpy.typing import DTypeLike

from .layer import Array, Backward
from .standardise import Axes, all_but, of_unit_size, refuse_channels, scaled, standardised


@dataclass(frozen=True)
class LayerNorm:
    """y = γ z + β, z = (x - μ) / √(σ² + ε), with μ and σ² of each example over its last axes: those of γ.

    J. L. Ba, J. R. Kiros and G. E. Hinton, Layer normalization, arXiv:1607.06450, 2016, equation 3.
    """

    gamma: Array  # (D,), or the last axes of x, as many as are to be taken together
    beta: Array | None = None  # the same; None: 0
    eps: float = 1e-5

    def forward(self, x: Array) -> tuple[Array, Backward[Self]]:  # (..., D) -> (..., D)
        within, others = _last_axes("LayerNorm", x, self.gamma, self.beta)
        z, way_back = standardised(x, within, self.eps)
        y = self.gamma * z if self.beta is None else self.gamma * z + self.beta

        def backward(dy: Array) -> tuple[Array, Self]:
            dbeta = None if self.beta is None else dy.sum(axis=others)
            return way_back(self.gamma * dy), replace(self, gamma=(dy * z).sum(axis=others), beta=dbeta)

        return y, backward

    @classmethod
    def plain(cls, shape: int | tuple[int, ...], *, dtype: DTypeLike = np.float64) -> Self:
        """Return a layer for last axes of that shape that begins with γ = 1 and β = 0."""
        return cls(np.ones(shape, dtype), np.zeros(shape, dtype))


@dataclass(frozen=True)
class RMSNorm:
    """y = γ z, z = x / √(mean x² + ε), the mean of each example over its last axes: those of γ.

    B. Zhang and R. Sennrich, Root mean square layer normalization, NeurIPS 2019, equation 4.
    """

    gamma: Array  # (D,), or the last axes of x, as many as are to be taken together
    eps: float = 1e-5

    def forward(self, x: Array) -> tuple[Array, Backward[Self]]:  # (..., D) -> (..., D)
        within, others = _last_axes("RMSNorm", x, self.gamma, None)
        z, way_back = of_unit_size(x, within, self.eps)

        def backward(dy: Array) -> tuple[Array, Self]:
            return way_back(self.gamma * dy), replace(self, gamma=(dy * z).sum(axis=others))

        return self.gamma * z, backward

    @classmethod
    def plain(cls, shape: int | tuple[int, ...], *, dtype: DTypeLike = np.float64) -> Self:
        """Return a layer for last axes of that shape that begins with γ = 1."""
        return cls(np.ones(shape, dtype))


@dataclass(frozen=True)
class GroupNorm:
    """y = γ z + β, z = (x - μ) / √(σ² + ε), with μ and σ² of each example and group of channels.

    Y. Wu and K. He, Group normalization, ECCV 2018, equation 7.
    """

    gamma: Array | None  # (C,); None: 1
    beta: Array | None  # (C,); None: 0
    groups: int
    eps: float = 1e-5

    def forward(self, x: Array) -> tuple[Array, Backward[Self]]:  # (N, C, ...) -> the same
        refuse_channels("GroupNorm", x, self.gamma, self.beta)
        if self.groups < 1 or x.shape[1] % self.groups:
            message = f"GroupNorm(groups={self.groups}) takes x (N, C, ...) with C a multiple of groups, not {x.shape}"
            raise ValueError(message)
        grouped = (len(x), self.groups, x.shape[1] // self.groups, *x.shape[2:])
        z, way_back = standardised(x.reshape(grouped), tuple(range(2, len(grouped))), self.eps)
        y, scale_back = scaled(z.reshape(x.shape), self.gamma, self.beta, all_but(1, x))

        def backward(dy: Array) -> tuple[Array, Self]:
            dz, dgamma, dbeta = scale_back(dy)
            return way_back(dz.reshape(grouped)).reshape(x.shape), replace(self, gamma=dgamma, beta=dbeta)

        return y, backward

    @classmethod
    def plain(cls, n: int, groups: int, *, dtype: DTypeLike = np.float64) -> Self:
        """Return a layer for n channels in `groups` groups that begins with γ = 1 and β = 0."""
        return cls(np.ones(n, dtype), np.zeros(n, dtype), groups)


@dataclass(frozen=True)
class InstanceNorm:
    """y = γ z + β, z = (x - μ) / √(σ² + ε), with μ and σ² of each example and channel over all pixels.

    D. Ulyanov, A. Vedaldi and V. Lempitsky, Instance normalization, arXiv:1607.08022, 2016.
    """

    gamma: Array | None  # (C,); None: 1
    beta: Array | None  # (C,); None: 0
    eps: float = 1e-5

    def forward(self, x: Array) -> tuple[Array, Backward[Self]]:  # (N, C, ...) -> the same
        refuse_channels("InstanceNorm", x, self.gamma, self.beta, pixels=True)
        z, way_back = standardised(x, tuple(range(2, x.ndim)), self.eps)
        y, scale_back = scaled(z, self.gamma, self.beta, all_but(1, x))

        def backward(dy: Array) -> tuple[Array, Self]:
            dz, dgamma, dbeta = scale_back(dy)
            return way_back(dz), replace(self, gamma=dgamma, beta=dbeta)

        return y, backward

    @classmethod
    def plain(cls, n: int, *, dtype: DTypeLike = np.float64) -> Self:
        """Return a layer for n channels that begins with γ = 1 and β = 0."""
        return cls(np.ones(n, dtype), np.zeros(n, dtype))


def _last_axes(who: str, x: Array, gamma: Array, beta: Array | None) -> tuple[Axes, Axes]:
    """Return the last axes of x, as many as gamma has, and the others, if all fits.

    Raises:
        ValueError: it does not.
    """
    k = gamma.ndim
    if k < 1 or x.shape[-k:] != gamma.shape:
        message = (
            f"{who} with gamma of shape {gamma.shape} takes x whose last axes have that shape, not {x.shape}; "
            f"begin with {who}.plain(x.shape[-1])"
        )
        raise ValueError(message)
    if beta is not None and beta.shape != gamma.shape:
        message = f"{who} takes beta in the shape of gamma, {gamma.shape}, or None, not {beta.shape}"
        raise ValueError(message)
    return tuple(range(x.ndim - k, x.ndim)), tuple(range(x.ndim - k))
