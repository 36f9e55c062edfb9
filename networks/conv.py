"""Convolution: one small set of weights that asks the same question everywhere.

A dense layer that looks at pictures has a weight for every pixel, and must learn again in every
corner what an edge is. A convolution learns it once. Its kernel W is a small window; the window
slides over the image, and at each place the output says how well what is seen there fits W.

The way back is the dense layer's, added up over the places. A weight W[o, c, k] was used at every
place t, so the cost feels it through all of them: what the tap saw there, times dy there, summed.
A pixel was seen by all the windows that lie over it and hears from each, through the tap by which
it was seen: every place puts its copy of W, dy times as strong, back where it stood.

That last motion has a name of its own as soon as it is used forward: the transposed convolution,
which draws a large image with a small brush, where the convolution reads it. Its way back is a
convolution: conv_transpose.py has both. All of them are derivatives of one sum, and trilinear.py
shows it.

(Strictly this is a cross-correlation; a convolution would flip the kernel. Since W is learned, it
makes no difference.)

In one dimension and in two it is the same: windows.py counts the places t and the taps k along any
number of axes. So `Conv1d` and `Conv2d` say only which shapes they take, and what they do is
written once, in `_convolved`.

V. Dumoulin and F. Visin, A guide to convolution arithmetic for deep learning, arXiv:1603.07285,
2016, draws every case of stride, padding and transposition.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Self, TypeVar

import numpy as np
from numpy.typing import DTypeLike

from .kernel import Beginning, Rule, bias_gradient, kernel_size, plus_bias
from .layer import Array, Backward
from .trilinear import Trilinear
from .windows import Size, Windows

C = TypeVar("C", bound="Conv1d | Conv2d")


@dataclass(frozen=True)
class Conv1d:
    """y[n, o, t] = b[o] + Σ W[o, c, k] x[n, c, t · stride + k · dilation - padding] over c, k.

    Beyond the edges x is zero. With G groups, the channels o of group g listen to the channels c
    of group g alone.
    """

    W: Array  # (O, C/G, K)
    b: Array | None = None  # (O,); None: no bias
    stride: Size = 1
    padding: Size = 0
    dilation: Size = 1
    groups: int = 1  # G

    def forward(self, x: Array) -> tuple[Array, Backward[Self]]:  # (N, C, L) -> (N, O, T)
        return _convolved(self, x, axes=1)

    @classmethod
    def random(
        cls,
        n_in: int,
        n_out: int,
        kernel: Size,
        rng: np.random.Generator,
        *,
        init: Rule = "glorot",
        groups: int = 1,
        bias: bool = True,
        dtype: DTypeLike = np.float64,
        **moves: Size,
    ) -> Self:
        """Return a layer with random weights, by the rule named, and biases of zero.

        `moves` are `stride`, `padding` and `dilation`.
        """
        begin = Beginning(cls.__name__, (n_in, n_out), kernel, axes=1, groups=groups)
        W, b = begin.drawn(rng, init, bias=bias, dtype=dtype)
        return cls(W, b, groups=groups, **moves)


@dataclass(frozen=True)
class Conv2d:
    """y[n, o, t] = b[o] + Σ W[o, c, k] x[n, c, t · stride + k · dilation - padding] over c, k.

    Here t and k have two entries, for height and width; a tuple such as stride=(2, 1) gives each
    its own. Beyond the edges x is zero. With G groups, the channels o of group g listen to the
    channels c of group g alone; G = C is a depthwise convolution.
    """

    W: Array  # (O, C/G, KH, KW)
    b: Array | None = None  # (O,); None: no bias
    stride: Size = 1  # one number, or one for each axis
    padding: Size = 0
    dilation: Size = 1
    groups: int = 1  # G

    def forward(self, x: Array) -> tuple[Array, Backward[Self]]:  # (N, C, H, W) -> (N, O, TH, TW)
        return _convolved(self, x, axes=2)

    @classmethod
    def random(
        cls,
        n_in: int,
        n_out: int,
        kernel: Size,
        rng: np.random.Generator,
        *,
        init: Rule = "glorot",
        groups: int = 1,
        bias: bool = True,
        dtype: DTypeLike = np.float64,
        **moves: Size,
    ) -> Self:
        """Return a layer with random weights, by the rule named, and biases of zero.

        `moves` are `stride`, `padding` and `dilation`.
        """
        begin = Beginning(cls.__name__, (n_in, n_out), kernel, axes=2, groups=groups)
        W, b = begin.drawn(rng, init, bias=bias, dtype=dtype)
        return cls(W, b, groups=groups, **moves)


def _convolved(layer: C, x: Array, axes: int) -> tuple[Array, Backward[C]]:  # (N, C, *S) -> (N, O, *T)
    """Return the output and the way back, along any number of axes."""
    F = _form(layer, x, axes)
    y = plus_bias(F.by_y(x, layer.W), layer.b)

    def backward(dy: Array) -> tuple[Array, C]:  # (N, O, *T) -> (N, C, *S), gradients
        return F.by_x(layer.W, dy), replace(layer, W=F.by_W(x, dy), b=bias_gradient(dy, layer.b))

    return y, backward


def _form(layer: Conv1d | Conv2d, x: Array, axes: int) -> Trilinear:
    """Return the sum F of which the layer is a derivative, if all fits."""
    who = type(layer).__name__
    kernel = kernel_size(who, x, layer.W, layer.b, groups=layer.groups, axes=axes, turned=False)
    moves = {"stride": layer.stride, "padding": layer.padding, "dilation": layer.dilation}
    windows = Windows.fitting(who, x.shape[2:], kernel, **moves)
    return Trilinear(windows, layer.groups)
