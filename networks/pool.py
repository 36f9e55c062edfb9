"""Pooling: a summary of what is in each window.

After a convolution has said how well an edge fits at every place, the exact place often matters
less than that there was one nearby. Pooling keeps one number for each window and channel: the
largest, or the mean. It has nothing to learn; the image becomes smaller, and a shift by a pixel
changes little.

The way back of a mean is plain: every pixel of the window had the same part in it, and gets that
part of dy. The way back of a maximum goes to the winner alone, for the others could have been a
little larger and nothing would have changed. Where windows overlap, a pixel adds up what it gets
from each.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from math import prod
from typing import Self

import numpy as np

from .layer import Array, Backward
from .windows import IMAGE, Size, Windows, each


@dataclass(frozen=True)
class MaxPool1d:
    """y[n, c, t] = max of x[n, c, t · stride + k - padding] over k; dx goes to the k that is largest.

    At a tie, the first of the window. Beyond the edges x is -∞. A stride of None is the size of the
    kernel: windows side by side.
    """

    kernel: Size
    stride: Size | None = None
    padding: Size = 0

    def forward(self, x: Array) -> tuple[Array, Backward[Self]]:  # (N, C, L) -> (N, C, T)
        y, way_back = _largest(x, _windows(self, x, axes=1))
        return y, lambda dy: (way_back(dy), self)


@dataclass(frozen=True)
class MaxPool2d:
    """y[n, c, t] = max of x[n, c, t · stride + k - padding] over k; dx goes to the k that is largest.

    Here t and k have two entries, for height and width. At a tie, the first of the window, row by
    row from the top. Beyond the edges x is -∞. A stride of None is the size of the kernel: windows
    side by side.
    """

    kernel: Size
    stride: Size | None = None
    padding: Size = 0

    def forward(self, x: Array) -> tuple[Array, Backward[Self]]:  # (N, C, H, W) -> (N, C, TH, TW)
        y, way_back = _largest(x, _windows(self, x, axes=2))
        return y, lambda dy: (way_back(dy), self)


@dataclass(frozen=True)
class AveragePool1d:
    """y[n, c, t] = 1/K Σ x[n, c, t · stride + k - padding] over the K taps k; dx is 1/K of each dy.

    Beyond the edges x is zero, and counts: a window that reaches over an edge divides by K as well.
    A stride of None is the size of the kernel: windows side by side.
    """

    kernel: Size
    stride: Size | None = None
    padding: Size = 0

    def forward(self, x: Array) -> tuple[Array, Backward[Self]]:  # (N, C, L) -> (N, C, T)
        y, way_back = _mean(x, _windows(self, x, axes=1))
        return y, lambda dy: (way_back(dy), self)


@dataclass(frozen=True)
class AveragePool2d:
    """y[n, c, t] = 1/K Σ x[n, c, t · stride + k - padding] over the K taps k; dx is 1/K of each dy.

    Here t and k have two entries, for height and width, and K is the product of both. Beyond the
    edges x is zero, and counts: a window that reaches over an edge divides by K as well. A stride of
    None is the size of the kernel: windows side by side.
    """

    kernel: Size
    stride: Size | None = None
    padding: Size = 0

    def forward(self, x: Array) -> tuple[Array, Backward[Self]]:  # (N, C, H, W) -> (N, C, TH, TW)
        y, way_back = _mean(x, _windows(self, x, axes=2))
        return y, lambda dy: (way_back(dy), self)


@dataclass(frozen=True)
class GlobalMaxPool:
    """y[n, c] = max of x[n, c, s] over every pixel s; dx goes to the largest. At a tie, the first."""

    def forward(self, x: Array) -> tuple[Array, Backward[Self]]:  # (N, C, *S) -> (N, C)
        y, way_back = _largest(x, _whole(self, x))
        return y.reshape(x.shape[:2]), lambda dy: (way_back(dy.reshape(y.shape)), self)


@dataclass(frozen=True)
class GlobalAveragePool:
    """y[n, c] = mean of x[n, c, s] over every pixel s, S in number; dx is 1/S of dy, for each."""

    def forward(self, x: Array) -> tuple[Array, Backward[Self]]:  # (N, C, *S) -> (N, C)
        y, way_back = _mean(x, _whole(self, x))
        return y.reshape(x.shape[:2]), lambda dy: (way_back(dy.reshape(y.shape)), self)


def _largest(x: Array, windows: Windows) -> tuple[Array, Callable[[Array], Array]]:
    """Return the largest number of each window, and the way back to it."""
    w = windows.of(x, blank=-np.inf)  # (N, C, *T, *K)
    w = w.reshape(*x.shape[:2], *windows.places, prod(windows.kernel))
    winner = w.argmax(axis=-1)[..., np.newaxis]  # the first of those alike

    def backward(dy: Array) -> Array:
        dw = np.where(np.arange(w.shape[-1]) == winner, dy[..., np.newaxis], dy.dtype.type(0))
        return windows.back(dw.reshape(*dy.shape, *windows.kernel))

    return np.take_along_axis(w, winner, axis=-1)[..., 0], backward


def _mean(x: Array, windows: Windows) -> tuple[Array, Callable[[Array], Array]]:
    """Return the mean of each window, and the way back to all of it."""
    axes = tuple(range(-len(windows.kernel), 0))
    K = prod(windows.kernel)

    def backward(dy: Array) -> Array:
        dw = np.expand_dims(dy / K, axes)
        return windows.back(np.broadcast_to(dw, (*dy.shape, *windows.kernel)))

    return windows.of(x).mean(axis=axes), backward


def _whole(pool: GlobalMaxPool | GlobalAveragePool, x: Array) -> Windows:
    """Return the one window that sees all of x."""
    if x.ndim < 3 or 0 in x.shape[2:]:
        message = f"{type(pool).__name__} takes x of shape (N, C, ...), with at least one pixel, not {x.shape}"
        raise ValueError(message)
    return Windows.fitting(type(pool).__name__, x.shape[2:], kernel=x.shape[2:], stride=1, padding=0)


def _windows(pool: MaxPool1d | MaxPool2d | AveragePool1d | AveragePool2d, x: Array, axes: int) -> Windows:
    """Return the windows that slide over x, each of which sees at least one pixel."""
    who = type(pool).__name__
    if x.ndim != 2 + axes:
        message = (
            f"{who} takes x of shape (N, C, {IMAGE[axes]}), not {x.shape}: one image with C channels for each "
            "example; a single image x is the batch x[np.newaxis]"
        )
        raise ValueError(message)
    kernel = each(who, kernel=pool.kernel, axes=axes)
    padding = each(who, padding=pool.padding, axes=axes, least=0)
    if any(2 * p > k for p, k in zip(padding, kernel, strict=True)):
        message = (
            f"{who}(kernel={pool.kernel}, padding={pool.padding}): the padding may be half of the kernel at most, "
            "or windows would see nothing"
        )
        raise ValueError(message)
    stride = kernel if pool.stride is None else pool.stride
    return Windows.fitting(who, x.shape[2:], kernel, stride=stride, padding=padding)
