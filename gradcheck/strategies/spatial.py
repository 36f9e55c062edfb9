"""Layers for sounds and images: convolutions, there and back, and pooling."""

from __future__ import annotations

from math import prod
from typing import Any

from hypothesis import strategies as st

from gradcheck import networks
from gradcheck.strategies.kinds import Form, Layer, Numbers, Site, kind

PIXELS = ("sound", "image")
LARGE = 40  # pixels that no transposed convolution makes more of
Sizes = tuple[int, ...]
Move = Any  # a number, or one for each axis


@st.composite
def _conv_numbers(draw: st.DrawFn, form: Form) -> Numbers:
    """Draw channels, kernel, stride, padding, dilation and groups, such that the window finds a place."""
    padding = draw(st.integers(0, 1))
    seen = [n + 2 * padding for n in form[2:]]
    kernel = tuple(draw(st.integers(1, min(3, n))) for n in seen)
    stride = tuple(draw(st.integers(1, 2)) for _ in kernel)
    room = [(n - 1) // (k - 1) for n, k in zip(seen, kernel, strict=True) if k > 1]
    dilation = draw(st.integers(1, min([2, *room])))
    groups, width = draw(_groups(form[1]))
    return width, kernel, stride, padding, dilation, groups


@st.composite
def _conv_same(draw: st.DrawFn, form: Form) -> Numbers:
    """Draw a kernel of one or three taps, padded so that the image keeps its size."""
    padding = draw(st.integers(0, 1))
    ones = (1,) * (len(form) - 2)
    groups = draw(st.sampled_from([g for g in (1, form[1]) if g > 0]))
    return form[1], tuple((1 + 2 * padding) * k for k in ones), ones, padding, 1, groups


@st.composite
def _groups(draw: st.DrawFn, channels: int) -> tuple[int, int]:
    """Draw groups, and as many output channels as they can share."""
    groups = draw(st.sampled_from([g for g in range(1, channels + 1) if channels % g == 0]))
    return groups, groups * draw(st.integers(1, 2 if groups == 1 else 1))


def _conv_after(form: Form, width: int, *moves: Move) -> Form:
    kernel, stride, padding, dilation, *_ = moves
    every = zip(form[2:], kernel, stride, strict=True)
    return (form[0], width, *((n + 2 * padding - dilation * (k - 1) - 1) // s + 1 for n, k, s in every))


@kind("conv", "convolutional", PIXELS, _conv_numbers, after=_conv_after, same=_conv_same)
def conv(site: Site, width: int, kernel: Sizes, *moves: Move) -> Layer:
    """A convolution."""
    layer = _of(site, networks.Conv1d, networks.Conv2d)
    named = dict(zip(("stride", "padding", "dilation", "groups"), moves, strict=True))
    return layer.random(site.form[1], width, kernel, site.rng, dtype=site.dtype, **named)


@st.composite
def _transposed_numbers(draw: st.DrawFn, form: Form) -> Numbers:
    """Draw channels, kernel, stride, padding, output padding, dilation and groups, such that something is left."""
    kernel = tuple(draw(st.integers(1, 3)) for _ in form[2:])
    stride = tuple(draw(st.integers(1, 2)) for _ in kernel)
    dilation = draw(st.integers(1, 2))
    drawn = [(n - 1) * s + (k - 1) * dilation + 1 for n, k, s in zip(form[2:], kernel, stride, strict=True)]
    padding = draw(st.integers(0, min(1, (min(drawn) - 1) // 2)))
    extra = tuple(draw(st.integers(0, s - 1)) for s in stride)
    groups, width = draw(_groups(form[1]))
    return width, kernel, stride, padding, extra, dilation, groups


def _transposed_after(form: Form, width: int, *moves: Move) -> Form:
    kernel, stride, padding, extra, dilation, _ = moves
    every = zip(form[2:], kernel, stride, extra, strict=True)
    return (form[0], width, *((n - 1) * s - 2 * padding + (k - 1) * dilation + 1 + e for n, k, s, e in every))


@kind(
    "conv-transpose", "convolutional", PIXELS, _transposed_numbers,
    after=_transposed_after, fits=lambda form: prod(form[2:]) <= LARGE,
)  # fmt: skip
def conv_transpose(site: Site, width: int, kernel: Sizes, *moves: Move) -> Layer:
    """A transposed convolution."""
    layer = _of(site, networks.ConvTranspose1d, networks.ConvTranspose2d)
    named = dict(zip(("stride", "padding", "output_padding", "dilation", "groups"), moves, strict=True))
    return layer.random(site.form[1], width, kernel, site.rng, dtype=site.dtype, **named)


@st.composite
def _pool_numbers(draw: st.DrawFn, form: Form) -> Numbers:
    """Draw kernel, stride and padding."""
    kernel = tuple(draw(st.integers(1, min(3, n))) for n in form[2:])
    stride = tuple(draw(st.integers(1, 2)) for _ in kernel)
    return kernel, stride, draw(st.integers(0, min(1, min(kernel) // 2)))


def _pool_after(form: Form, kernel: Sizes, stride: Sizes, padding: int) -> Form:
    return _conv_after(form, form[1], kernel, stride, padding, 1, 1)


@kind("average-pool", "pooling", PIXELS, _pool_numbers, after=_pool_after)
def average_pool(site: Site, kernel: Sizes, stride: Sizes, padding: int) -> Layer:
    """The mean of each window."""
    return _of(site, networks.AveragePool1d, networks.AveragePool2d)(kernel, stride, padding)


@kind("max-pool", "pooling", PIXELS, _pool_numbers, after=_pool_after)
def max_pool(site: Site, kernel: Sizes, stride: Sizes, padding: int) -> Layer:
    """The largest of each window."""
    return _of(site, networks.MaxPool1d, networks.MaxPool2d)(kernel, stride, padding)


def _of_channels(form: Form) -> Form:
    return ("row", form[1])


@kind("global-average-pool", "pooling", PIXELS, after=_of_channels)
def global_average_pool(_: Site) -> Layer:
    """The mean of each channel."""
    return networks.GlobalAveragePool()


@kind("global-max-pool", "pooling", PIXELS, after=_of_channels)
def global_max_pool(_: Site) -> Layer:
    """The largest of each channel."""
    return networks.GlobalMaxPool()


def _of(site: Site, sound: Layer, image: Layer) -> Layer:
    return sound if site.form[0] == "sound" else image
