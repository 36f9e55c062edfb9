"""Convolutions and pools say what PyTorch and JAX say, in float64, to ten digits: value and every gradient."""

from __future__ import annotations

import numpy as np
import pytest
from agreement import assert_equal, compiled, generators, tensor
from hypothesis import given, settings
from hypothesis import strategies as st

from gradcheck.networks import (
    AveragePool1d,
    AveragePool2d,
    Conv1d,
    Conv2d,
    ConvTranspose1d,
    ConvTranspose2d,
    GlobalAveragePool,
    GlobalMaxPool,
    MaxPool1d,
    MaxPool2d,
    parameters,
)

torch = pytest.importorskip("torch")
jax = pytest.importorskip("jax")
F, lax, jnp = torch.nn.functional, jax.lax, jax.numpy

CONV = {1: (Conv1d, F.conv1d), 2: (Conv2d, F.conv2d)}
TURNED = {1: (ConvTranspose1d, F.conv_transpose1d), 2: (ConvTranspose2d, F.conv_transpose2d)}
MAX = {1: (MaxPool1d, F.max_pool1d), 2: (MaxPool2d, F.max_pool2d)}
MEAN = {1: (AveragePool1d, F.avg_pool1d), 2: (AveragePool2d, F.avg_pool2d)}
GLOBAL = {"mean": (GlobalAveragePool(), torch.mean, jnp.mean), "max": (GlobalMaxPool(), torch.amax, jnp.max)}

few, both = settings(max_examples=8), st.sampled_from([1, 2])


def drawn(rng, axes, *, turned):
    """Draw a layer of random numbers, its hyperparameters, and an image that has room for its window."""
    stride, dilation, kernel = (rng.integers(1, 4, axes) for _ in range(3))
    span = (kernel - 1) * dilation + 1
    padding = rng.integers(0, 3, axes)
    G, C, O, N = rng.integers(1, 4, 4)  # noqa: E741
    size = np.maximum(1, span - 2 * padding) + rng.integers(0, 5, axes)
    moves = {"stride": stride, "padding": padding, "dilation": dilation}
    if turned:
        moves["output_padding"] = rng.integers(0, stride)
        size = size + -(-2 * padding // stride)  # so that something is left when the edges are cut off
    moves = {name: tuple(map(int, value)) for name, value in moves.items()} | {"groups": int(G)}
    W = rng.normal(size=(G * C, O, *kernel) if turned else (G * O, C, *kernel))
    b = rng.normal(size=G * O) if rng.random() < 0.7 else None
    return (TURNED if turned else CONV)[axes][0](W, b, **moves), moves, rng.normal(size=(N, G * C, *size))


def assert_as_torch(rng, layer, x, theirs):
    """Compare with `theirs(x, *parameters)`."""
    inputs = [tensor(a) for a in (x, *parameters(layer).values())]
    y_theirs = theirs(*inputs)
    dy = rng.normal(size=y_theirs.shape)
    y_theirs.backward(torch.tensor(dy))
    y, backward = layer.forward(x)
    dx, grad = backward(dy)
    for one, other in zip((y, dx, *parameters(grad).values()), (y_theirs, *(a.grad for a in inputs)), strict=True):
        assert_equal(one, other)


def assert_as_jax(rng, layer, x, theirs, **keywords):
    y, backward = layer.forward(x)
    dy = rng.normal(size=y.shape)
    dx, grad = backward(dy)
    y_theirs, gradients = compiled(theirs, **keywords)(dy, x, *parameters(layer).values())
    for one, other in zip((y, dx, *parameters(grad).values()), (y_theirs, *gradients), strict=True):
        assert_equal(one, other)


@pytest.mark.parametrize("turned", [False, True], ids=["conv", "transposed"])
@settings(max_examples=40)
@given(rng=generators, axes=both)
def test_convolution_as_in_torch(turned, rng, axes):
    """By any stride, padding, dilation and number of groups, with a bias and without."""
    layer, moves, x = drawn(rng, axes, turned=turned)
    theirs = (TURNED if turned else CONV)[axes][1]
    assert_as_torch(rng, layer, x, lambda x, W, b=None: theirs(x, W, b, **moves))


def conv(x, W, b=0.0, *, stride, padding, dilation, groups):
    y = lax.conv_general_dilated(
        x, W, stride, [(p, p) for p in padding], rhs_dilation=dilation, feature_group_count=groups
    )
    return y + jnp.reshape(b, (1, -1) + (1,) * len(stride))


def turned_conv(x, W, b=0.0, *, stride, padding, dilation, groups, output_padding):
    """Pull the input apart by the stride, and convolve it with the kernel turned round."""
    kernel, axes = W.shape[2:], tuple(range(2, W.ndim))
    W = jnp.reshape(W, (groups, -1, *W.shape[1:])).swapaxes(1, 2).reshape(-1, W.shape[0] // groups, *kernel)
    edges = [d * (k - 1) - p for d, k, p in zip(dilation, kernel, padding, strict=True)]
    y = lax.conv_general_dilated(
        x,
        jnp.flip(W, axes),
        (1,) * len(stride),
        [(e, e + o) for e, o in zip(edges, output_padding, strict=True)],
        lhs_dilation=stride,
        rhs_dilation=dilation,
        feature_group_count=groups,
    )
    return y + jnp.reshape(b, (1, -1) + (1,) * len(stride))


@pytest.mark.parametrize(("turned", "theirs"), [(False, conv), (True, turned_conv)], ids=["conv", "transposed"])
@few
@given(seed=st.integers(0, 15), rng=generators, axes=both)
def test_convolution_as_in_jax(turned, theirs, seed, rng, axes):
    """Sixteen shapes, since JAX compiles for each, with any numbers."""
    layer, moves, x = drawn(np.random.default_rng(seed), axes, turned=turned)
    assert_as_jax(rng, layer, rng.normal(size=x.shape), theirs, **moves)


def drawn_pool(rng, axes, kinds):
    kernel, stride = (tuple(map(int, rng.integers(1, 5, axes))) for _ in range(2))
    padding = tuple(int(rng.integers(0, k // 2 + 1)) for k in kernel)
    size = np.maximum(1, np.subtract(kernel, np.multiply(2, padding))) + rng.integers(0, 6, axes)
    x = rng.normal(size=(*rng.integers(1, 4, 2), *size))
    return kinds[axes][0](kernel, stride, padding), (kernel, stride, padding), x


@pytest.mark.parametrize("kinds", [MAX, MEAN], ids=["max", "mean"])
@settings(max_examples=30)
@given(rng=generators, axes=both, ties=st.booleans())
def test_pools_as_in_torch(kinds, rng, axes, ties):
    """Windows side by side, overlapping or apart; with many equal numbers, the same one is chosen."""
    layer, sizes, x = drawn_pool(rng, axes, kinds)
    assert_as_torch(rng, layer, np.round(x) if ties else x, lambda x: kinds[axes][1](x, *sizes))


def window(x, *, start, join, kernel, stride, padding):
    edges = [(0, 0), (0, 0), *((p, p) for p in padding)]
    return lax.reduce_window(x, start, join, (1, 1, *kernel), (1, 1, *stride), edges)


def largest(x, **sizes):
    return window(x, start=-jnp.inf, join=lax.max, **sizes)


def average(x, *, kernel, **sizes):
    return window(x, start=0.0, join=lax.add, kernel=kernel, **sizes) / np.prod(kernel)


@pytest.mark.parametrize(("kinds", "theirs"), [(MAX, largest), (MEAN, average)], ids=["max", "mean"])
@few
@given(seed=st.integers(0, 15), rng=generators, axes=both)
def test_pools_as_in_jax(kinds, theirs, seed, rng, axes):
    """Where no two numbers are equal."""
    layer, sizes, x = drawn_pool(np.random.default_rng(seed), axes, kinds)
    names = dict(zip(("kernel", "stride", "padding"), sizes, strict=True))
    assert_as_jax(rng, layer, rng.normal(size=x.shape), theirs, **names)


@pytest.mark.parametrize(("layer", "in_torch", "in_jax"), GLOBAL.values(), ids=GLOBAL)
@few
@given(rng=generators, shape=st.sampled_from([(1, 1, 1), (2, 3, 4), (2, 3, 2, 5)]))
def test_global_pools(layer, in_torch, in_jax, rng, shape):
    """One number for each example and channel."""
    x, pixels = rng.normal(size=shape), tuple(range(2, len(shape)))
    assert_as_torch(rng, layer, x, lambda x: in_torch(x, dim=pixels))
    assert_as_jax(rng, layer, x, in_jax, axis=pixels)


def test_a_global_maximum_at_a_tie():
    """PyTorch's pool over everything chooses the first as well."""
    x = np.zeros((1, 1, 2, 2))
    assert_as_torch(np.random.default_rng(0), GlobalMaxPool(), x, lambda x: F.max_pool2d(x, 2).flatten(1))
