"""Activations: what makes a network more than one matrix.

Without them a chain of dense layers would be a single dense layer, however long. Each is applied
entry by entry (softmax: row by row), has nothing to learn, and so passes the pull on: the cost
feels the input as much as it feels the output, times the slope. Where the slope is nearly zero,
in the flat ends of tanh, the unit is deaf to what the output asks of it, and learns slowly.

All of them keep the dtype and stay finite for large inputs, of either sign. The GELUs are in
gelu.py.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

import numpy as np

from .layer import Array, Backward


def sigmoid(x: Array) -> Array:
    """1 / (1 + e⁻ˣ), written with e to the power of -|x|, which cannot overflow."""
    e = np.exp(-np.abs(x))
    s: Array = np.where(x >= 0, 1, e) / (1 + e)
    return s


@dataclass(frozen=True)
class Identity:
    """y = x."""

    def forward(self, x: Array) -> tuple[Array, Backward[Self]]:
        return x, lambda dy: (dy, self)


@dataclass(frozen=True)
class Sigmoid:
    """y = 1 / (1 + e⁻ˣ); dy/dx = y (1 - y)."""

    def forward(self, x: Array) -> tuple[Array, Backward[Self]]:
        y = sigmoid(x)
        return y, lambda dy: (dy * y * (1 - y), self)


@dataclass(frozen=True)
class Tanh:
    """y = tanh x; dy/dx = 1 - y²."""

    def forward(self, x: Array) -> tuple[Array, Backward[Self]]:
        y = np.tanh(x)
        return y, lambda dy: (dy * (1 - y**2), self)


@dataclass(frozen=True)
class ReLU:
    """y = max(x, 0); dy/dx = 1 above 0, else 0. At the kink, x = 0: 0."""

    def forward(self, x: Array) -> tuple[Array, Backward[Self]]:
        return np.maximum(x, 0), lambda dy: (dy * (x > 0), self)


@dataclass(frozen=True)
class LeakyReLU:
    """y = x above 0, else slope x; dy/dx = 1 above 0, else slope. At the kink, x = 0: slope."""

    slope: float = 0.01

    def forward(self, x: Array) -> tuple[Array, Backward[Self]]:
        y = np.where(x > 0, x, self.slope * x)
        return y, lambda dy: (np.where(x > 0, dy, self.slope * dy), self)


@dataclass(frozen=True)
class ELU:
    """y = x above 0, else α (eˣ - 1); dy/dx = 1 above 0, else α eˣ.

    A kink only if α is not 1; then, at x = 0: α.
    """

    alpha: float = 1.0

    def forward(self, x: Array) -> tuple[Array, Backward[Self]]:
        low = np.minimum(x, 0)  # so that the exponential of the branch not taken cannot overflow
        y = np.where(x > 0, x, self.alpha * np.expm1(low))
        return y, lambda dy: (np.where(x > 0, dy, self.alpha * np.exp(low) * dy), self)


@dataclass(frozen=True)
class Softplus:
    """y = log(1 + eˣ), a rounded ReLU; dy/dx = 1 / (1 + e⁻ˣ)."""

    def forward(self, x: Array) -> tuple[Array, Backward[Self]]:
        return np.logaddexp(0, x), lambda dy: (dy * sigmoid(x), self)


@dataclass(frozen=True)
class SiLU:
    """y = x s, s = 1 / (1 + e⁻ˣ); dy/dx = s + x s (1 - s)."""

    def forward(self, x: Array) -> tuple[Array, Backward[Self]]:
        s = sigmoid(x)
        return x * s, lambda dy: (dy * (s + x * s * (1 - s)), self)


@dataclass(frozen=True)
class Softmax:
    """yᵢ = e^xᵢ / Σⱼ e^xⱼ over the last axis; dyᵢ/dxⱼ = yᵢ (δᵢⱼ - yⱼ).

    So dx = y (dy - Σⱼ dyⱼ yⱼ): each output is pulled only as far as it is pulled harder than the
    average, since the outputs share a total of one.
    """

    def forward(self, x: Array) -> tuple[Array, Backward[Self]]:  # (..., C) -> (..., C)
        e = np.exp(x - x.max(axis=-1, keepdims=True))
        y = e / e.sum(axis=-1, keepdims=True)
        return y, lambda dy: (y * (dy - (dy * y).sum(axis=-1, keepdims=True)), self)
