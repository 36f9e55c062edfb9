"""Pooling and reshaping that are wrong on purpose: dy that goes to the wrong pixels.

planting.py says how a mistake is planted.
"""

from __future__ import annotations

from math import prod
from typing import Any

import numpy as np

from ..layer import Array
from ..pool import AveragePool1d, AveragePool2d, GlobalAveragePool, GlobalMaxPool, MaxPool1d, MaxPool2d
from ..reshape import Flatten, Transpose
from ..windows import Windows, each
from .planting import Met, fault

Back = tuple[Any, Any]


def _pool_windows(met: Met) -> Windows:
    layer, axes = met.layer, met.x.ndim - 2
    kernel = each("", kernel=layer.kernel, axes=axes)
    return Windows.fitting("", met.x.shape[2:], kernel, stride=layer.stride or kernel, padding=layer.padding)


def _to_taps(met: Met, taps: Any) -> Back:  # noqa: ANN401 (which taps of each window hear dy, and how much)
    windows = _pool_windows(met)
    K = prod(windows.kernel)
    dw = np.broadcast_to(met.dy[..., np.newaxis] * taps, (*met.dy.shape, K))
    return windows.back(dw.reshape(*met.dy.shape, *windows.kernel)), met.grad


def _seen(met: Met) -> Array:
    """Return what each window sees, its taps in a row."""
    windows = _pool_windows(met)
    return windows.of(met.x, blank=-np.inf).reshape(*met.dy.shape, prod(windows.kernel))


@fault(MaxPool2d)
def max_pool_ties_twice(met: Met) -> Back:
    """Where two pixels share the maximum, both get the whole gradient: it is counted twice."""
    w = _seen(met)
    return _to_taps(met, w == w.max(axis=-1, keepdims=True))


@fault(MaxPool2d)
def max_pool_to_the_last(met: Met) -> Back:
    """The gradient of a maximum goes to the last pixel of the window, not to the largest."""
    K = prod(_pool_windows(met).kernel)
    return _to_taps(met, np.arange(K) == K - 1)


@fault(MaxPool2d)
def max_pool_to_all(met: Met) -> Back:
    """The gradient of a maximum goes to every pixel of the window, not to the largest alone."""
    return _to_taps(met, 1)


@fault(MaxPool1d)
def max_pool_to_the_smallest(met: Met) -> Back:
    """The gradient of a maximum goes to the smallest number of the window."""
    w = _seen(met)
    return _to_taps(met, np.arange(w.shape[-1]) == w.argmin(axis=-1)[..., np.newaxis])


@fault(AveragePool2d)
def average_pool_not_divided(met: Met) -> Back:
    """The gradient of a mean is not divided by the number of pixels in the window."""
    return met.dx * prod(_pool_windows(met).kernel), met.grad


@fault(AveragePool2d)
def overlaps_overwritten(met: Met) -> Back:
    """Where windows overlap, the last to come overwrites the others, which should be added up."""
    windows, (N, C), S = _pool_windows(met), met.x.shape[:2], prod(met.x.shape[2:])
    pixel = np.arange(1.0, S + 1).reshape(1, 1, *met.x.shape[2:])
    of_tap = windows.of(pixel).astype(int).ravel()  # 0 for those beyond the edges
    K = prod(windows.kernel)
    dx = np.zeros((N, C, S + 1), met.dy.dtype)
    dx[:, :, of_tap] = np.repeat(met.dy.reshape(N, C, -1) / K, K, axis=2)
    return dx[:, :, 1:].reshape(met.x.shape), met.grad


@fault(AveragePool1d)
def average_pool_to_the_first(met: Met) -> Back:
    """The gradient of a mean goes to the first number of the window alone."""
    return _to_taps(met, np.arange(prod(_pool_windows(met).kernel)) == 0)


@fault(GlobalAveragePool)
def global_mean_not_divided(met: Met) -> Back:
    """The gradient of the mean over all pixels is not divided by their number."""
    return met.dx * prod(met.x.shape[2:]), met.grad


@fault(GlobalMaxPool)
def global_max_as_mean(met: Met) -> Back:
    """The gradient of the maximum over all pixels is shared among them, as if it were a mean."""
    share = met.dy / prod(met.x.shape[2:])
    return np.broadcast_to(np.expand_dims(share, tuple(range(2, met.x.ndim))), met.x.shape).copy(), met.grad


@fault(Flatten)
def flattened_in_another_order(met: Met) -> Back:
    """What was flattened row by row is unfolded column by column on the way back."""
    return met.dy.reshape(met.x.shape, order="F"), met.grad


@fault(Transpose)
def axes_not_put_back(met: Met) -> Back:
    """The axes are exchanged once more in the same way, not put back."""
    return met.dy.transpose(met.layer.axes).reshape(met.x.shape), met.grad
