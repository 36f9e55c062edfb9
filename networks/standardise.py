"""How are numbers brought to mean 0 and size 1, and what does the cost then feel of them?

In two steps, each with its own way back. To *centre* is to take away the mean:

    c = x - mean x                  dx = dc - mean dc

An x[i] raised alone raises c[i] by as much, and lowers all the c by its part in the mean: so the
pull on it is the pull on c[i], less the average pull. To *divide by the size* is

    z = c / σ,  σ² = mean c² + ε    dc = (dz - z mean(z dz)) / σ

A c[i] raised alone raises z[i] by 1/σ as much; but it raises σ as well, by c[i] / (n σ) = z[i] / n
as much, n being how many they are, and a larger σ makes every z smaller, by z/σ as much: together
they feel Σ(z dz) / σ of it. So the pull on c[i] is dz[i] / σ, less z[i] mean(z dz) / σ.

Put together these are the three terms of every normalisation's gradient,

    dx = (dz - mean dz - z mean(z dz)) / σ,

since the z have the mean 0. It says: a pull on all x alike is in vain, and so is a pull to make
all of them larger, since both would be normalised away. To forget one of the means is a classic
mistake; what is left looks like a gradient, and even trains.

Which numbers are taken together, all of a channel or all of an example, the layers of norm.py say;
here it is `axes`. What comes after, y = γ z + β, gives the network back what it has lost.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import TypeAlias

import numpy as np

from .layer import Array

Axes: TypeAlias = tuple[int, ...]
WayBack: TypeAlias = Callable[[Array], Array]


def standardised(x: Array, axes: Axes, eps: float) -> tuple[Array, WayBack]:
    """Return z = (x - mean x) / σ, σ² = var x + ε; mean and variance over the axes."""
    c, centre_back = centred(x, axes)
    z, size_back = of_unit_size(c, axes, eps)
    return z, lambda dz: centre_back(size_back(dz))


def centred(x: Array, axes: Axes) -> tuple[Array, WayBack]:
    """Return c = x - mean x, centred twice, since once leaves the rounding of the mean, which may be large."""
    c = x - mean(x, axes)
    return c - mean(c, axes), lambda dc: dc - mean(dc, axes)


def of_unit_size(c: Array, axes: Axes, eps: float) -> tuple[Array, WayBack]:
    """Return z = c / σ, σ² = mean c² + ε."""
    sigma = _root_mean_square(c, axes, eps)
    z = c / sigma
    return z, lambda dz: (dz - z * mean(z * dz, axes)) / sigma


def scaled(
    z: Array, gamma: Array | None, beta: Array | None, axes: Axes
) -> tuple[Array, Callable[[Array], tuple[Array, Array | None, Array | None]]]:
    """Return y = γ z + β, γ and β having the axes not given, each entry its own; None: 1, and 0.

    dz = γ dy, dγ = Σ dy z and dβ = Σ dy over the axes.
    """
    y = z if gamma is None else np.expand_dims(gamma, axes) * z
    y = y if beta is None else y + np.expand_dims(beta, axes)

    def backward(dy: Array) -> tuple[Array, Array | None, Array | None]:
        dz = dy if gamma is None else np.expand_dims(gamma, axes) * dy
        dgamma = None if gamma is None else (dy * z).sum(axis=axes)
        return dz, dgamma, None if beta is None else dy.sum(axis=axes)

    return y, backward


def mean(x: Array, axes: Axes) -> Array:
    """Return the mean over the axes, which stay, with one entry each; of nothing: 0."""
    n = math.prod(x.shape[axis] for axis in axes)
    m: Array = x.sum(axis=axes, keepdims=True) / max(n, 1)
    return m


def _root_mean_square(c: Array, axes: Axes, eps: float) -> Array:
    """Return √(mean c² + ε), the largest c taken out of the mean, so that no square overflows."""
    largest = np.abs(c).max(axis=axes, keepdims=True, initial=0)
    unit = np.where(largest > 0, largest, 1).astype(c.dtype)
    size: Array = unit * np.sqrt(mean((c / unit) ** 2, axes))
    sigma: Array = np.hypot(size, math.sqrt(above_zero(eps)))
    return sigma


def above_zero(eps: float) -> float:
    """Return ε if it is above 0: it keeps numbers that are all alike from being divided by zero."""
    if not eps > 0:
        message = f"eps={eps}: write a number above 0, or numbers that are all alike would be divided by 0"
        raise ValueError(message)
    return float(eps)


def all_but(axis: int, x: Array) -> Axes:
    """Return every axis of x except the one given."""
    return tuple(i for i in range(x.ndim) if i != axis)


def refuse_channels(who: str, x: Array, gamma: Array | None, beta: Array | None, *, pixels: bool = False) -> None:
    """Raise unless x has channels, and gamma and beta one entry for each; and pixels, where they are needed."""
    if x.ndim < 2 + pixels:
        message = f"{who} takes x of shape (N, C, {'L), (N, C, H, W) or more' if pixels else '...)'}, not {x.shape}"
        raise ValueError(message)
    for name, part in (("gamma", gamma), ("beta", beta)):
        if part is not None and part.shape != x.shape[1:2]:
            message = (
                f"{who} takes {name} of shape ({x.shape[1]},), one entry for each channel of x, which has shape "
                f"{x.shape}, or None; not {part.shape}"
            )
            raise ValueError(message)
