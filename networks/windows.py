"""Which pixels does a window see, and how does what it was told find its way back to them?

A window of K taps slides along an axis of S pixels. At its place t, the tap k lies on the pixel

    s(t, k) = t · stride + k · dilation - padding

The stride is how far it moves from one place to the next; the dilation how far its taps lie
apart; the padding how far it may reach over either edge, where the pixels are blank. Images
have two such axes, sounds one, and what follows holds for any number of them: read s, t, k, S, T
and K as lists, one entry for each axis.

To look through all the windows at once copies nothing: it is another view of the same pixels. Some
are seen by several windows, some by none. So on the way back each pixel adds up what
all the windows that saw it were told: `back` is the transpose of `of`, that is

    Σ w · of(x) = Σ back(w) · x    for every x and every w.

Convolution and pooling both stand on these two.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Self, TypeAlias

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from .layer import Array

Sizes: TypeAlias = tuple[int, ...]  # one for each axis of the image
Size: TypeAlias = int | Sizes  # one for all axes, or one for each

IMAGE = {1: "L", 2: "H, W"}  # what messages call the axes of an image, by their number


@dataclass(frozen=True)
class Windows:
    """s(t, k) = t · stride + k · dilation - padding, along every axis."""

    size: Sizes  # S, of the image
    kernel: Sizes  # K
    stride: Sizes
    padding: Sizes
    dilation: Sizes

    @classmethod
    def fitting(cls, who: str, size: Sizes, kernel: Sizes, *, stride: Size, padding: Size, dilation: Size = 1) -> Self:
        """Return the windows that slide over an image of that size, by hyperparameters as a user writes them.

        Raises:
            ValueError: a number too small, or too many of them; or no window fits into the image.
        """
        axes = len(kernel)
        every = each(who, stride=stride, axes=axes), each(who, padding=padding, axes=axes, least=0)
        windows = cls(size, kernel, *every, each(who, dilation=dilation, axes=axes))
        if min(windows.places) < 1:
            message = (
                f"{who}: an image of size {size} with padding {windows.padding} has no room for a window that "
                f"spans {windows.span}; give larger images, more padding or a smaller kernel"
            )
            raise ValueError(message)
        return windows

    @property
    def span(self) -> Sizes:
        """How many pixels lie between the first tap and the last, both included."""
        return tuple((k - 1) * d + 1 for k, d in zip(self.kernel, self.dilation, strict=True))

    @property
    def places(self) -> Sizes:
        """T, how many places there are for the window."""
        axes = zip(self.size, self.padding, self.span, self.stride, strict=True)
        return tuple((size + 2 * padding - span) // stride + 1 for size, padding, span, stride in axes)

    def of(self, x: Array, blank: float = 0.0) -> Array:  # (N, C, *S) -> (N, C, *T, *K)
        """Return w[n, c, t, k] = x[n, c, s(t, k)], and the number `blank` outside of the image."""
        padded = x
        if any(self.padding):
            padded = np.pad(x, [(0, 0), (0, 0), *((p, p) for p in self.padding)], constant_values=blank)
        at_every_pixel = sliding_window_view(padded, self.span, axis=tuple(range(2, x.ndim)))
        return at_every_pixel[_at(slice(None, None, step) for step in self.stride + self.dilation)]

    def back(self, w: Array) -> Array:  # (N, C, *T, *K) -> (N, C, *S)
        """Return x[n, c, s] = Σ w[n, c, t, k] over every place t and tap k with s(t, k) = s."""
        padded_size = tuple(s + 2 * p for s, p in zip(self.size, self.padding, strict=True))
        padded = np.zeros((*w.shape[:2], *padded_size), w.dtype)
        for k in np.ndindex(self.kernel):
            axes = zip(k, self.places, self.stride, self.dilation, strict=True)
            seen = _at(slice(k * d, k * d + (places - 1) * s + 1, s) for k, places, s, d in axes)
            padded[seen] += w[(..., *k)]
        return padded[_at(slice(p, p + s) for s, p in zip(self.size, self.padding, strict=True))]


def _at(slices: Iterable[slice]) -> tuple[slice, ...]:
    """Return the index of those pixels, in every channel of every example."""
    return (slice(None), slice(None), *slices)


def each(who: str, *, axes: int, least: int = 1, **named: Size) -> Sizes:
    """Return one number for each axis, from one for all or one for each.

    Raises:
        ValueError: another number of numbers, or one below the least.
    """
    ((name, value),) = named.items()
    numbers = value if isinstance(value, tuple) else (value,) * axes
    if len(numbers) != axes or not all(isinstance(n, int | np.integer) for n in numbers) or min(numbers) < least:
        example = (max(least, 1),) * axes
        message = (
            f"{who}({name}={value!r}): write one whole number of at least {least}, such as {name}={example[0]}, "
            f"or a tuple with one for each of {axes} axes, {name}={example}"
        )
        raise ValueError(message)
    return tuple(int(n) for n in numbers)
