"""Convolutions that are wrong on purpose: windows that do not find their way back.

planting.py says how a mistake is planted.
"""

from __future__ import annotations

from dataclasses import replace
from math import prod
from typing import Any

import numpy as np

from ..conv import Conv1d, Conv2d
from ..conv_transpose import ConvTranspose2d
from ..layer import Array, rebuild
from ..trilinear import Trilinear
from ..windows import Windows, each
from .planting import Met, fault

Back = tuple[Any, Any]


def _with(met: Met, **gradients: Array) -> Back:
    return met.dx, rebuild(met.grad, gradients)


def _moves(met: Met) -> dict[str, tuple[int, ...]]:
    """Return stride, padding and dilation, one number for each axis."""
    layer, axes = met.layer, met.x.ndim - 2
    padding = each("", padding=layer.padding, axes=axes, least=0)
    return {
        "stride": each("", stride=layer.stride, axes=axes),
        "padding": padding,
        "dilation": each("", dilation=layer.dilation, axes=axes),
    }


def _form(met: Met) -> Trilinear:
    """Return the sum that a convolution is a derivative of."""
    kernel = met.layer.W.shape[2:]
    return Trilinear(Windows.fitting("", met.x.shape[2:], kernel, **_moves(met)), met.layer.groups)


def _weights_as_if(met: Met, **other: tuple[int, ...]) -> Back:
    """Return the gradient of W that another stride or dilation, smaller than the right one, would give."""
    moves, kernel = _moves(met), met.layer.W.shape[2:]
    padded = np.pad(met.x, [(0, 0), (0, 0), *((p, p) for p in moves["padding"])])
    moves = moves | other | {"padding": (0,) * len(kernel)}
    axes = zip(met.dy.shape[2:], moves["stride"], kernel, moves["dilation"], strict=True)
    size = tuple((places - 1) * s + (k - 1) * d + 1 for places, s, k, d in axes)
    seen = padded[(slice(None), slice(None), *map(slice, size))]
    return _with(met, W=Trilinear(Windows(size, kernel, **moves), met.layer.groups).by_W(seen, met.dy))


def _shifted(x: Array) -> Array:
    """Return the image moved by one pixel, up and to the left; zeros come in."""
    shifted = np.zeros_like(x)
    shifted[..., :-1, :-1] = x[..., 1:, 1:]
    return shifted


@fault(Conv2d)
def conv_kernel_flipped(met: Met) -> Back:
    """The kernel is flipped on the way back, where it should be put back as it stood."""
    return _form(met).by_x(met.layer.W[:, :, ::-1, ::-1], met.dy), met.grad


@fault(Conv2d)
def conv_padding_off_by_one(met: Met) -> Back:
    """The padding is cut off one pixel too late: the input gradient is shifted by one."""
    return _shifted(met.dx), met.grad


@fault(Conv2d)
def conv_stride_forgotten(met: Met) -> Back:
    """The stride is forgotten in the gradient of the kernel: the places lie one pixel apart."""
    return _weights_as_if(met, stride=(1, 1))


@fault(Conv2d)
def conv_dilation_ignored(met: Met) -> Back:
    """The dilation is ignored in the gradient of the kernel: its taps lie side by side."""
    return _weights_as_if(met, dilation=(1, 1))


@fault(Conv2d)
def conv_groups_mixed_up(met: Met) -> Back:
    """The gradient of the kernel is given to the groups in the wrong order."""
    W = met.grad.W
    groups = W.reshape(met.layer.groups, -1, *W.shape[1:])[::-1]
    return _with(met, W=groups.reshape(W.shape).copy())


@fault(Conv2d)
def conv_channels_exchanged(met: Met) -> Back:
    """The gradient of the kernel has its input and output channels exchanged."""
    return _with(met, W=met.grad.W.swapaxes(0, 1).reshape(met.grad.W.shape))


@fault(Conv2d)
def conv_weights_averaged(met: Met) -> Back:
    """The gradient of the kernel is averaged over the places of the window, not summed."""
    return _with(met, W=met.grad.W / prod(met.dy.shape[2:]))


def _with_bias(met: Met, b: Array) -> Back:
    return (met.dx, met.grad) if met.grad.b is None else _with(met, b=b)


@fault(Conv2d)
def conv_bias_of_one_pixel(met: Met) -> Back:
    """The bias of a convolution gets the gradient of the first pixel alone, not the sum over all pixels."""
    return _with_bias(met, met.dy[:, :, 0, 0].sum(axis=0))


@fault(Conv2d)
def conv_bias_over_channels(met: Met) -> Back:
    """The gradient of the bias is summed over the channels, where the sum over pixels is meant."""
    return _with_bias(met, np.resize(met.dy.sum(axis=(0, 1)).ravel(), met.dy.shape[1]))


@fault(Conv2d)
def conv_one_entry(met: Met) -> Back:
    """A single tap of a single kernel has a wrong gradient."""
    W = met.grad.W.copy()
    W[-1, 0, 0, -1] *= 1.5
    return _with(met, W=W)


@fault(Conv2d)
def conv_float32_in_the_middle(met: Met) -> Back:
    """The gradient of the kernel is rounded to single precision before the sum over the places."""
    x, dy = (a.astype(np.float32) for a in (met.x, met.dy))
    return _with(met, W=_form(met).by_W(x, dy).astype(met.grad.W.dtype))


@fault(Conv1d)
def conv1d_kernel_flipped(met: Met) -> Back:
    """The gradient of the kernel of a convolution in time is flipped."""
    return _with(met, W=met.grad.W[:, :, ::-1].copy())


@fault(ConvTranspose2d)
def drawn_kernel_flipped(met: Met) -> Back:
    """The kernel of a transposed convolution is flipped on the way back."""
    turned = replace(met.layer, W=met.layer.W[:, :, ::-1, ::-1])
    return ConvTranspose2d.forward(turned, met.x)[1](met.dy)[0], met.grad
