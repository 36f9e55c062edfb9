"""The transposed convolution: a convolution's way back, used as a way forward.

A convolution reads a large image through a small window and notes one number for each place. The
transposed one draws: for each number it is given, it puts its kernel, multiplied by that number,
where the window stood, and what overlaps adds up. With a stride of 2 the image it draws is about
twice as high and wide. So it stands where a network goes from the small to the large: in decoders
and generators.

There is nothing to derive. Forward it is what the convolution does backward, and backward it is
what the convolution does forward; see trilinear.py, where image and output have changed places.

With a stride of 2 a window of 3 finds 3 places on an axis of 7 pixels, and on one of 8 as well.
The output padding says which of the two is to be drawn; what it adds is drawn like all the rest.

As in conv.py, both kinds are one piece of code, written for any number of axes.

M. D. Zeiler, D. Krishnan, G. W. Taylor and R. Fergus, Deconvolutional networks, CVPR 2010; V.
Dumoulin and F. Visin, A guide to convolution arithmetic for deep learning, arXiv:1603.07285,
2016, chapter 4.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Self, TypeVar

import numpy as np
from numpy.typing import DTypeLike

from .kernel import Beginning, Rule, bias_gradient, kernel_size, plus_bias
from .layer import Array, Backward
from .trilinear import Trilinear
from .windows import Size, Sizes, Windows, each

C = TypeVar("C", bound="ConvTranspose1d | ConvTranspose2d")


@dataclass(frozen=True)
class ConvTranspose1d:
    """y[n, o, s] = b[o] + Σ W[c, o, k] x[n, c, t] over c, t, k with t · stride + k · dilation - padding = s.

    There are (L - 1) · stride - 2 · padding + (K - 1) · dilation + 1 + output_padding places s.
    With G groups, the channels c of group g are heard in the channels o of group g alone.
    """

    W: Array  # (C, O/G, K)
    b: Array | None = None  # (O,); None: no bias
    stride: Size = 1
    padding: Size = 0
    output_padding: Size = 0
    dilation: Size = 1
    groups: int = 1  # G

    def forward(self, x: Array) -> tuple[Array, Backward[Self]]:  # (N, C, L) -> (N, O, S)
        return _drawn(self, x, axes=1)

    @classmethod
    def random(
        cls,
        n_in: int,
        n_out: int,
        kernel: Size,
        rng: np.random.Generator,
        *,
        init: Rule = "glorot",
        stride: Size = 1,
        groups: int = 1,
        bias: bool = True,
        dtype: DTypeLike = np.float64,
        **moves: Size,
    ) -> Self:
        """Return a layer with random weights, by the rule named, and biases of zero.

        `moves` are `padding`, `output_padding` and `dilation`.
        """
        begin = Beginning(cls.__name__, (n_in, n_out), kernel, axes=1, groups=groups, stride=stride, turned=True)
        W, b = begin.drawn(rng, init, bias=bias, dtype=dtype)
        return cls(W, b, stride, groups=groups, **moves)


@dataclass(frozen=True)
class ConvTranspose2d:
    """y[n, o, s] = b[o] + Σ W[c, o, k] x[n, c, t] over c, t, k with t · stride + k · dilation - padding = s.

    Here s, t and k have two entries, for height and width; a tuple such as stride=(2, 1) gives
    each its own. Of s there are, along an axis of L pixels, (L - 1) · stride - 2 · padding +
    (K - 1) · dilation + 1 + output_padding. With G groups, the channels c of group g are heard in
    the channels o of group g alone.
    """

    W: Array  # (C, O/G, KH, KW)
    b: Array | None = None  # (O,); None: no bias
    stride: Size = 1  # one number, or one for each axis
    padding: Size = 0
    output_padding: Size = 0
    dilation: Size = 1
    groups: int = 1  # G

    def forward(self, x: Array) -> tuple[Array, Backward[Self]]:  # (N, C, H, W) -> (N, O, SH, SW)
        return _drawn(self, x, axes=2)

    @classmethod
    def random(
        cls,
        n_in: int,
        n_out: int,
        kernel: Size,
        rng: np.random.Generator,
        *,
        init: Rule = "glorot",
        stride: Size = 1,
        groups: int = 1,
        bias: bool = True,
        dtype: DTypeLike = np.float64,
        **moves: Size,
    ) -> Self:
        """Return a layer with random weights, by the rule named, and biases of zero.

        `moves` are `padding`, `output_padding` and `dilation`.
        """
        begin = Beginning(cls.__name__, (n_in, n_out), kernel, axes=2, groups=groups, stride=stride, turned=True)
        W, b = begin.drawn(rng, init, bias=bias, dtype=dtype)
        return cls(W, b, stride, groups=groups, **moves)


def _drawn(layer: C, x: Array, axes: int) -> tuple[Array, Backward[C]]:  # (N, C, *T) -> (N, O, *S)
    """Return the output and the way back, which are a convolution's way back and its output."""
    F = _form(layer, x, axes)
    y = plus_bias(F.by_x(layer.W, x), layer.b)

    def backward(dy: Array) -> tuple[Array, C]:  # (N, O, *S) -> (N, C, *T), gradients
        return F.by_y(dy, layer.W), replace(layer, W=F.by_W(dy, x), b=bias_gradient(dy, layer.b))

    return y, backward


def _form(layer: ConvTranspose1d | ConvTranspose2d, x: Array, axes: int) -> Trilinear:
    """Return the sum F of which the layer is a derivative, if all fits: x is its y, and the output its image."""
    who = type(layer).__name__
    kernel = kernel_size(who, x, layer.W, layer.b, groups=layer.groups, axes=axes, turned=True)
    size = _size_drawn(who, layer, x.shape[2:], kernel)
    moves = {"stride": layer.stride, "padding": layer.padding, "dilation": layer.dilation}
    windows = Windows.fitting(who, size, kernel, **moves)
    return Trilinear(windows, layer.groups)


def _size_drawn(who: str, layer: ConvTranspose1d | ConvTranspose2d, places: Sizes, kernel: Sizes) -> Sizes:
    """Return the size of the image in which the window has that many places."""
    axes = len(kernel)
    stride, dilation = each(who, stride=layer.stride, axes=axes), each(who, dilation=layer.dilation, axes=axes)
    padding = each(who, padding=layer.padding, axes=axes, least=0)
    extra = each(who, output_padding=layer.output_padding, axes=axes, least=0)
    if any(e >= s for e, s in zip(extra, stride, strict=True)):
        message = (
            f"{who}(output_padding={layer.output_padding}, stride={layer.stride}): the output padding must be below "
            "the stride; it chooses among the sizes of image in which a window of that stride has as many places"
        )
        raise ValueError(message)
    every = zip(places, kernel, stride, padding, dilation, extra, strict=True)
    size = tuple((t - 1) * s - 2 * p + (k - 1) * d + 1 + e for t, k, s, p, d, e in every)
    if min(size) < 1:
        message = (
            f"{who}(padding={layer.padding}): nothing is left of an image of size {places}: the output would be of "
            f"size {size}; give less padding, or larger images"
        )
        raise ValueError(message)
    return size
