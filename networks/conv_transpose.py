"""The transposed convolution: a convolution's way back, used as a way forward.

A convolution reads a large image through a small window and notes one number for each place. The
transposed one draws: for each number it is given, it puts its kernel, so many times as strong,
where the window stood, and what overlaps adds up. With a stride of 2 the image it draws is twice
as high and wide. So it stands where a network goes from the small to the large: in decoders and
generators.

There is nothing to derive. Forward it is what the convolution does backward, and backward it is
what the convolution does forward; see trilinear.py, where image and output have changed places.

With a stride of 2 a window of 3 finds 3 places on an axis of 7 pixels, and on one of 8 as well.
Which of the two is to be drawn, the output padding says; what it adds is drawn like all the rest.

M. D. Zeiler, D. Krishnan, G. W. Taylor and R. Fergus, Deconvolutional networks, CVPR 2010; V.
Dumoulin and F. Visin, A guide to convolution arithmetic for deep learning, arXiv:1603.07285,
2016, chapter 4.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from math import prod
from typing import Self

import numpy as np
from numpy.typing import DTypeLike

from .kernel import Rule, bias_gradient, kernel_size, per_group, plus_bias, random_kernel
from .layer import Array, Backward
from .trilinear import Trilinear
from .windows import Size, Sizes, Windows, each


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
        F = _form(self, x, axes=1)
        y = plus_bias(F.by_x(self.W, x), self.b)

        def backward(dy: Array) -> tuple[Array, Self]:  # (N, O, S) -> (N, C, L), gradients
            return F.by_y(dy, self.W), replace(self, W=F.by_W(dy, x), b=bias_gradient(dy, self.b))

        return y, backward

    @classmethod
    def random(
        cls,
        n_in: int,
        n_out: int,
        kernel: Size,
        rng: np.random.Generator,
        init: Rule = "glorot",
        *,
        dtype: DTypeLike = np.float64,
        stride: Size = 1,
        groups: int = 1,
        bias: bool = True,
        **moves: Size,
    ) -> Self:
        """Return a layer with random weights, by the rule named, and biases of zero.

        The moves are the padding, the output padding and the dilation.
        """
        of_group = per_group("ConvTranspose1d", n_in, n_out, groups)
        sizes = each("ConvTranspose1d", kernel=kernel, axes=1)
        heard = of_group[0] / prod(each("ConvTranspose1d", stride=stride, axes=1)), of_group[1]
        W = random_kernel((n_in, of_group[1]), sizes, rng, heard=heard, init=init).astype(dtype)
        return cls(W, np.zeros(n_out, dtype) if bias else None, stride, groups=groups, **moves)


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
        F = _form(self, x, axes=2)
        y = plus_bias(F.by_x(self.W, x), self.b)

        def backward(dy: Array) -> tuple[Array, Self]:  # (N, O, SH, SW) -> (N, C, H, W), gradients
            return F.by_y(dy, self.W), replace(self, W=F.by_W(dy, x), b=bias_gradient(dy, self.b))

        return y, backward

    @classmethod
    def random(
        cls,
        n_in: int,
        n_out: int,
        kernel: Size,
        rng: np.random.Generator,
        init: Rule = "glorot",
        *,
        dtype: DTypeLike = np.float64,
        stride: Size = 1,
        groups: int = 1,
        bias: bool = True,
        **moves: Size,
    ) -> Self:
        """Return a layer with random weights, by the rule named, and biases of zero.

        The moves are the padding, the output padding and the dilation.
        """
        of_group = per_group("ConvTranspose2d", n_in, n_out, groups)
        sizes = each("ConvTranspose2d", kernel=kernel, axes=2)
        heard = of_group[0] / prod(each("ConvTranspose2d", stride=stride, axes=2)), of_group[1]
        W = random_kernel((n_in, of_group[1]), sizes, rng, heard=heard, init=init).astype(dtype)
        return cls(W, np.zeros(n_out, dtype) if bias else None, stride, groups=groups, **moves)


def _form(layer: ConvTranspose1d | ConvTranspose2d, x: Array, axes: int) -> Trilinear:
    """Return the sum F of which the layer is a derivative, if all fits: x is its y, and the output its image."""
    who = type(layer).__name__
    kernel = kernel_size(who, x, layer.W, layer.b, groups=layer.groups, axes=axes, turned=True)
    size = _size_drawn(who, layer, x.shape[2:], kernel)
    moves = {"stride": layer.stride, "padding": layer.padding, "dilation": layer.dilation}
    windows = Windows.fitting(who, size, kernel, **moves)
    return Trilinear(windows, layer.groups)


def _size_drawn(who: str, layer: ConvTranspose1d | ConvTranspose2d, places: Sizes, kernel: Sizes) -> Sizes:
    """Return the size of the image that has so many places for the window."""
    axes = len(kernel)
    stride, dilation = each(who, stride=layer.stride, axes=axes), each(who, dilation=layer.dilation, axes=axes)
    padding = each(who, padding=layer.padding, axes=axes, least=0)
    extra = each(who, output_padding=layer.output_padding, axes=axes, least=0)
    if any(e >= s for e, s in zip(extra, stride, strict=True)):
        message = (
            f"{who}(output_padding={layer.output_padding}, stride={layer.stride}): the output padding must be below "
            "the stride; it tells apart the sizes that a convolution of that stride reads into as many places"
        )
        raise ValueError(message)
    every = zip(places, kernel, stride, padding, dilation, extra, strict=True)
    size = tuple((t - 1) * s - 2 * p + (k - 1) * d + 1 + e for t, k, s, p, d, e in every)
    if min(size) < 1:
        message = (
            f"{who}(padding={layer.padding}): of an image of size {places} nothing is left: the output would be of "
            f"size {size}; give less padding, or larger images"
        )
        raise ValueError(message)
    return size
