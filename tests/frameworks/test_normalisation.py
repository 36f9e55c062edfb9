"""Normalisation, dropout and embeddings say what PyTorch and JAX say, in float64: value and every gradient."""

from __future__ import annotations

import pytest
from agreement import assert_equal, compiled, generators, tensor
from hypothesis import given, settings
from hypothesis import strategies as st

from gradcheck.networks import (
    BatchNorm,
    Dropout,
    Embedding,
    GroupNorm,
    InstanceNorm,
    LayerNorm,
    RMSNorm,
    Running,
    parameters,
)

torch = pytest.importorskip("torch")
jax = pytest.importorskip("jax")
F, jnp = torch.nn.functional, jax.numpy

SHAPES = [(2, 4), (3, 4, 5), (1, 2, 3, 2), (4, 6, 2, 2), (5, 2)]
shapes, scales, learned = st.sampled_from(SHAPES), st.sampled_from([0.01, 1.0, 100.0]), st.booleans()
some, few = settings(max_examples=25), settings(max_examples=8)


def compared(layer, x, dy, y_theirs, gradients_theirs):
    y, backward = layer.forward(x)
    dx, grad = backward(dy)
    for one, other in zip((y, dx, *parameters(grad).values()), (y_theirs, *gradients_theirs), strict=True):
        assert_equal(one, other)


def assert_as_torch(rng, layer, x, theirs):
    """Compare with `theirs(x, *parameters)`."""
    inputs = [tensor(a) for a in (x, *parameters(layer).values())]
    y_theirs = theirs(*inputs)
    dy = rng.normal(size=x.shape)
    y_theirs.backward(torch.tensor(dy))
    compared(layer, x, dy, y_theirs, [a.grad for a in inputs])


def assert_as_jax(rng, layer, x, theirs, **keywords):
    dy = rng.normal(size=x.shape)
    compared(layer, x, dy, *compiled(theirs, **keywords)(dy, x, *parameters(layer).values()))


def two(rng, n, learned):
    """Draw a gamma and a beta, or neither."""
    return (rng.normal(size=n), rng.normal(size=n)) if learned else (None, None)


def drawn(rng, shape, scale):
    """Draw numbers far from 0; nobody is asked to normalise a single one, where PyTorch's rounding is all there is."""
    return rng.normal(loc=scale * rng.normal(), scale=scale, size=shape)


def by_channel(z, gamma=1.0, beta=0.0):
    gamma, beta = (jnp.reshape(p, (-1,) + (1,) * (z.ndim - 2)) for p in (gamma, beta))
    return gamma * z + beta


def standard(x, axes, eps=1e-5):
    return (x - x.mean(axes, keepdims=True)) / jnp.sqrt(x.var(axes, keepdims=True) + eps)


def batch_norm(x, *learned):
    return by_channel(standard(x, (0, *range(2, x.ndim))), *learned)


def group_norm(x, *learned, groups):
    grouped = x.reshape(x.shape[0], groups, -1)
    return by_channel(standard(grouped, 2).reshape(x.shape), *learned)


def layer_norm(x, gamma, beta=0.0):
    return gamma * standard(x, tuple(range(-gamma.ndim, 0))) + beta


def rms_norm(x, gamma):
    squares = (x**2).mean(tuple(range(-gamma.ndim, 0)), keepdims=True)
    return gamma * x / jnp.sqrt(squares + 1e-5)


@some
@given(rng=generators, shape=shapes, scale=scales, learned=learned)
def test_batch_norm_in_training_as_in_torch(rng, shape, scale, learned):
    """By the batch's own statistics; and the running ones are what they become there."""
    layer, x = BatchNorm(*two(rng, shape[1], learned), None), drawn(rng, (1 + shape[0], *shape[1:]), scale)
    before = Running(rng.normal(size=shape[1]), rng.uniform(1, 2, size=shape[1]))
    mean, var = torch.tensor(before.mean), torch.tensor(before.var)
    F.batch_norm(torch.tensor(x), mean, var, training=True, momentum=0.3)
    after = layer.observed(x, before, momentum=0.3)
    assert_equal(after.mean, mean)
    assert_equal(after.var, var)
    assert_as_torch(rng, layer, x, lambda x, *p: F.batch_norm(x, None, None, *p, training=True))


@some
@given(rng=generators, shape=shapes, scale=scales, learned=learned)
def test_batch_norm_in_use_as_in_torch(rng, shape, scale, learned):
    """By the statistics given, in which x has no part."""
    running = Running(rng.normal(size=shape[1]), rng.uniform(0.1, 2, size=shape[1]))
    layer = BatchNorm(*two(rng, shape[1], learned), running)
    seen = torch.tensor(running.mean), torch.tensor(running.var)
    assert_as_torch(rng, layer, drawn(rng, shape, scale), lambda x, *p: F.batch_norm(x, *seen, *p))


@few
@given(rng=generators, shape=shapes, learned=learned)
def test_batch_norm_as_in_jax(rng, shape, learned):
    """Written out there, and differentiated by it."""
    assert_as_jax(rng, BatchNorm(*two(rng, shape[1], learned), None), drawn(rng, shape, 1.0), batch_norm)


@some
@given(rng=generators, shape=shapes, scale=scales, learned=learned, data=st.data())
def test_group_norm_as_in_torch(rng, shape, scale, learned, data):
    """By any number of groups."""
    G = data.draw(st.sampled_from([g for g in range(1, shape[1]) if shape[1] % g == 0]))
    layer = GroupNorm(*two(rng, shape[1], learned), G)
    assert_as_torch(rng, layer, drawn(rng, shape, scale), lambda x, *p: F.group_norm(x, G, *p))


@few
@given(rng=generators, shape=st.sampled_from([(2, 4), (1, 2, 3, 2)]), groups=st.sampled_from([1, 2]))
def test_group_norm_as_in_jax(rng, shape, groups):
    """Written out there, and differentiated by it."""
    layer = GroupNorm(*two(rng, shape[1], learned=True), groups)
    assert_as_jax(rng, layer, drawn(rng, shape, 1.0), group_norm, groups=groups)


@some
@given(rng=generators, shape=st.sampled_from([(3, 4, 5), (1, 2, 3, 2), (2, 1, 2)]), scale=scales, learned=learned)
def test_instance_norm_as_in_torch(rng, shape, scale, learned):
    """With gamma and beta, and without."""
    layer, x = InstanceNorm(*two(rng, shape[1], learned)), drawn(rng, shape, scale)
    assert_as_torch(rng, layer, x, lambda x, *p: F.instance_norm(x, None, None, *p))


@few
@given(rng=generators, shape=st.sampled_from([(3, 4, 5), (1, 2, 3, 2)]))
def test_instance_norm_as_in_jax(rng, shape):
    """Written out there, and differentiated by it."""
    layer = InstanceNorm(*two(rng, shape[1], learned=True))
    assert_as_jax(rng, layer, drawn(rng, shape, 1.0), group_norm, groups=shape[1])


@some
@given(rng=generators, shape=shapes, scale=scales, k=st.sampled_from([1, 2]), shifted=st.booleans())
def test_layer_norm_as_in_torch(rng, shape, scale, k, shifted):
    """Over the last axis or the last two, with a beta and without."""
    layer = LayerNorm(rng.normal(size=shape[-k:]), rng.normal(size=shape[-k:]) if shifted else None)
    assert_as_torch(rng, layer, drawn(rng, shape, scale), lambda x, *p: F.layer_norm(x, shape[-k:], *p))


@some
@given(rng=generators, shape=shapes, scale=scales, k=st.sampled_from([1, 2]))
def test_rms_norm_as_in_torch(rng, shape, scale, k):
    """Over the last axis or the last two."""
    layer = RMSNorm(rng.normal(size=shape[-k:]))
    assert_as_torch(rng, layer, drawn(rng, shape, scale), lambda x, *p: F.rms_norm(x, shape[-k:], *p, eps=1e-5))


@few
@given(rng=generators, shape=shapes, shifted=st.booleans())
def test_layer_norm_and_rms_norm_as_in_jax(rng, shape, shifted):
    """Written out there, and differentiated by it."""
    gamma, beta, x = rng.normal(size=shape[-1]), rng.normal(size=shape[-1]), drawn(rng, shape, 1.0)
    assert_as_jax(rng, LayerNorm(gamma, beta if shifted else None), x, layer_norm)
    assert_as_jax(rng, RMSNorm(gamma), x, rms_norm)


@some
@given(rng=generators, shape=shapes, rate=st.sampled_from([0.0, 0.2, 0.5, 0.9]))
def test_dropout_as_in_torch(rng, shape, rate):
    """With the mask that PyTorch drew, read off a first use with the same seed."""

    def theirs(x):
        with torch.random.fork_rng():
            torch.manual_seed(7)
            return F.dropout(x, rate)

    mask = theirs(torch.ones(shape, dtype=torch.float64)).numpy() > 0
    assert_as_torch(rng, Dropout(rate, mask), rng.normal(size=shape), theirs)


@some
@given(rng=generators, shape=st.sampled_from([(1,), (4,), (3, 5), (2, 3, 2)]), padding=st.sampled_from([None, 0, 2]))
def test_embedding(rng, shape, padding):
    """The same word in several places; the padding's row of zeros, as they begin with it."""
    W, ids = rng.normal(size=(3, 4)), rng.integers(3, size=shape)
    if padding is not None:
        W[padding] = 0
    dy = rng.normal(size=(*shape, 4))
    W_theirs = tensor(W)
    y_theirs = F.embedding(torch.tensor(ids), W_theirs, padding_idx=padding)
    y_theirs.backward(torch.tensor(dy))
    y, backward = Embedding(W, padding).forward(ids)
    dids, grad = backward(dy)
    assert dids is None
    assert_equal(y, y_theirs)
    assert_equal(grad.W, W_theirs.grad)
    if padding is None:
        y_jax, pullback = jax.vjp(lambda W: W[ids], W)
        assert_equal(y, y_jax)
        assert_equal(grad.W, *pullback(dy))
