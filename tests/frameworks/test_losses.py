"""Likelihoods, margins and CTC say what PyTorch and JAX say of the same formula, in float64, to ten digits."""

from __future__ import annotations

from functools import cache

import numpy as np
import pytest
from agreement import assert_equal, generators
from hypothesis import given, settings
from hypothesis import strategies as st

from gradcheck.networks import (
    CTC,
    Chain,
    CosineEmbedding,
    Hinge,
    KLDivergence,
    LogSoftmax,
    MultiHinge,
    NegativeLogLikelihood,
    Triplet,
    WeightedCrossEntropy,
)

torch = pytest.importorskip("torch")
jax = pytest.importorskip("jax")
jnp = jax.numpy
F = torch.nn.functional

sizes, scales = st.integers(1, 6), st.sampled_from([0.1, 1.0, 10.0])
shapes = st.sampled_from([(1, 2), (3, 4), (5, 3)])  # JAX compiles for each


def assert_as_torch(loss, theirs, *inputs):
    """Cost, and the gradient of every input."""
    tensors = [torch.tensor(x, requires_grad=True) for x in inputs]
    cost_theirs = theirs(*tensors)
    cost_theirs.backward()
    cost, backward = loss.forward(*inputs)
    assert_equal(cost, cost_theirs)
    for dx, x in zip(backward()[:-1], tensors, strict=True):
        assert_equal(dx, x.grad)


@cache
def compiled(f):
    return jax.jit(jax.value_and_grad(f, argnums=0))


def assert_as_jax(loss, theirs, x, *truth):
    """Cost, and the gradient of the output."""
    cost_theirs, dx_theirs = compiled(theirs)(x, *truth)
    cost, backward = loss.forward(x)
    assert_equal(cost, cost_theirs)
    assert_equal(backward()[0], dx_theirs)


def drawn(rng, n, c):
    """Return labels, some of them -1, at least one not, and a weight for each class."""
    labels = np.where(rng.random(n) < 0.3, -1, rng.integers(c, size=n))
    labels[0] = 0
    return labels, rng.uniform(0.1, 2, size=c)


@settings(max_examples=25)
@given(rng=generators, n=sizes, c=sizes, scale=scales, smoothing=st.sampled_from([0.0, 0.1, 1.0]))
def test_likelihoods_as_in_torch(rng, n, c, scale, smoothing):
    """With weights, ignored labels and smoothing."""
    x, (labels, weights) = rng.normal(scale=scale, size=(n, c)), drawn(rng, n, c)
    t, w = torch.tensor(labels), torch.tensor(weights)
    options = {"weight": w, "ignore_index": -1}
    assert_as_torch(NegativeLogLikelihood(labels, weights, -1), lambda y: F.nll_loss(y, t, **options), x)
    assert_as_torch(
        WeightedCrossEntropy(labels, weights, -1, smoothing),
        lambda y: F.cross_entropy(y, t, **options, label_smoothing=smoothing),
        x,
    )


@settings(max_examples=25)
@given(rng=generators, n=sizes, c=sizes, scale=scales)
def test_divergence_and_log_softmax_as_in_torch(rng, n, c, scale):
    """Some of the truth being zero; the gradient through the log-softmax as well."""
    x, p = rng.normal(scale=scale, size=(n, c)), rng.dirichlet(np.ones(c), size=n)
    p[0] = np.eye(c)[0]
    t = torch.tensor(p)
    assert_as_torch(KLDivergence(p), lambda y: F.kl_div(y, t, reduction="batchmean"), x)
    z = torch.tensor(x, requires_grad=True)
    y_theirs = F.log_softmax(z, dim=-1)
    y_theirs.backward(t)
    y, backward = LogSoftmax().forward(x)
    assert_equal(y, y_theirs)
    assert_equal(backward(p)[0], z.grad)


@settings(max_examples=25)
@given(rng=generators, n=sizes, c=sizes, margin=st.sampled_from([0.5, 2.0]), even=st.booleans())
def test_margins_as_in_torch(rng, n, c, margin, even):
    """Round numbers lie on the kinks, where the slopes agree too."""
    x, a, b = rng.integers(-2, 3, size=(3, n, c)) / 2 if even else rng.normal(size=(3, n, c))
    labels, signs = rng.integers(c, size=n), rng.choice([-1, 1], size=(n, c))
    t = torch.tensor(signs)
    assert_as_torch(Hinge(signs, margin), lambda y: F.relu(margin - t * y).mean(), x)
    assert_as_torch(
        MultiHinge(labels, margin), lambda y: F.multi_margin_loss(y, torch.tensor(labels), margin=margin), x
    )
    assert_as_torch(
        Triplet(margin), lambda *inputs: F.triplet_margin_loss(*inputs, margin=margin), x, a, b
    )  # one ε, lest a distance be 0
    x, a = (y + np.sign(y) + 0.1 for y in (x, a))  # a vector of zeros has no direction
    assert_as_torch(
        CosineEmbedding(signs[:, 0], margin / 4),
        lambda *pair: F.cosine_embedding_loss(*pair, t[:, 0], margin=margin / 4),
        x,
        a,
    )


def words(rng, n, steps, letters, longest):
    """Return labels with their lengths, and lengths of steps that have room for them."""
    labels = rng.integers(1, letters, size=(n, longest))
    label_lengths = rng.integers(0, longest + 1, size=n)
    return labels, rng.integers(2 * longest, steps + 1, size=n), label_lengths


@settings(max_examples=25)
@given(rng=generators, n=sizes, longest=st.integers(1, 3), letters=st.integers(2, 4), scale=scales)
def test_ctc_as_in_torch(rng, n, longest, letters, scale):
    """The mean of what it calls `reduction="none"`; to it the log-softmax belongs."""
    labels, lengths, label_lengths = words(rng, n, 8, letters, longest)
    x = rng.normal(scale=scale, size=(n, 8, letters))
    z = torch.tensor(x, requires_grad=True)
    truth = map(torch.tensor, (labels, lengths, label_lengths))
    cost_theirs = F.ctc_loss(F.log_softmax(z, dim=-1).transpose(0, 1), *truth, reduction="none").mean()
    cost_theirs.backward()
    y, back = Chain((LogSoftmax(),)).forward(x)
    cost, backward = CTC(labels, lengths, label_lengths).forward(y)
    assert_equal(cost, cost_theirs)
    assert_equal(back(backward()[0])[0], z.grad)


def weighted(x, labels, weights, smoothing):
    p = (1 - smoothing) * jax.nn.one_hot(labels, x.shape[1]) + smoothing / x.shape[1]
    there = (labels >= 0)[:, None]
    total = jnp.sum(there * jax.nn.one_hot(labels, x.shape[1]) * weights)
    return -jnp.sum(there * p * weights * jax.nn.log_softmax(x)) / total


def divergence(y, p):
    return jnp.sum(jax.scipy.special.xlogy(p, p) - p * y) / len(y)


def hinge(y, t):
    return jnp.mean(jax.nn.relu(1 - t * y))


def hinge_of_classes(y, labels):
    right = jax.nn.one_hot(labels, y.shape[1])
    short = jax.nn.relu(1 - jnp.sum(right * y, axis=1, keepdims=True) + y)
    return jnp.mean(short * (1 - right))


def ctc(x, labels):
    """A forward recursion over places, one example after the other, written anew."""

    def one(y, label):
        letters = jnp.zeros(2 * len(label) + 1, int).at[1::2].set(label)
        skip = jnp.concatenate([jnp.zeros(2, bool), (letters[2:] != 0) & (letters[2:] != letters[:-2])])
        p = jnp.zeros(len(letters)).at[0].set(1.0)
        for t in range(len(y)):
            one_on, two_on = jnp.roll(p, 1).at[0].set(0), jnp.roll(p, 2).at[:2].set(0)
            p = (p + one_on + skip * two_on) * jnp.exp(y[t, letters])
        return -jnp.log(p[-1] + p[-2])

    return jnp.mean(jax.vmap(one)(jax.nn.log_softmax(x), labels))


@settings(max_examples=8)
@given(rng=generators, shape=shapes)
def test_losses_as_in_jax(rng, shape):
    """The formulas, written down once more."""
    x, (labels, weights) = rng.normal(size=shape), drawn(rng, *shape)
    assert_as_jax(WeightedCrossEntropy(labels, weights, -1, 0.1), weighted, x, labels, weights, 0.1)
    p, signs = rng.dirichlet(np.ones(shape[1]), size=shape[0]), rng.choice([-1.0, 1.0], size=shape)
    assert_as_jax(KLDivergence(p), divergence, x, p)
    assert_as_jax(Hinge(signs), hinge, x, signs)
    assert_as_jax(MultiHinge(np.abs(labels)), hinge_of_classes, x, np.abs(labels))


def triplet(inputs, margin):
    a, p, n = inputs
    near, far = (jnp.sqrt(jnp.sum((a - b + 1e-6) ** 2, axis=1)) for b in (p, n))
    return jnp.mean(jax.nn.relu(margin + near - far))


def cosine(inputs, t):
    x1, x2 = inputs
    s1, s2 = (jnp.sqrt(jnp.sum(x**2, axis=1) + 1e-12) for x in inputs)
    c = jnp.sum(x1 * x2, axis=1) / (s1 * s2)
    return jnp.mean(jnp.where(t > 0, 1 - c, jax.nn.relu(c)))


@settings(max_examples=8)
@given(rng=generators, shape=shapes)
def test_distances_as_in_jax(rng, shape):
    """Cost, and the gradient of every input."""
    inputs, t = tuple(rng.normal(size=(3, *shape))), rng.choice([-1.0, 1.0], size=shape[0])
    for loss, theirs, given_, truth in ((Triplet(), triplet, inputs, 1.0), (CosineEmbedding(t), cosine, inputs[:2], t)):
        cost_theirs, gradients = compiled(theirs)(given_, truth)
        cost, backward = loss.forward(*given_)
        assert_equal(cost, cost_theirs)
        for ours, other in zip(backward()[:-1], gradients, strict=True):
            assert_equal(ours, other)


@settings(max_examples=8)
@given(rng=generators, longest=st.sampled_from([1, 3]))
def test_ctc_as_in_jax(rng, longest):
    """Whole sequences; through the log-softmax."""
    x, labels = rng.normal(size=(2, 7, 3)), rng.integers(1, 3, size=(2, longest))
    cost_theirs, dx_theirs = compiled(ctc)(x, labels)
    y, back = LogSoftmax().forward(x)
    cost, backward = CTC(labels).forward(y)
    assert_equal(cost, cost_theirs)
    assert_equal(back(backward()[0])[0], dx_theirs)
