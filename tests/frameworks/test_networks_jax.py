"""The reference networks say what JAX says, in float64, to ten digits and more."""

from __future__ import annotations

import numpy as np
import pytest
from agreement import compiled, generators
from hypothesis import given
from hypothesis import strategies as st

from gradcheck.networks import (
    ELU,
    GELU,
    L1,
    BinaryCrossEntropy,
    Cost,
    CrossEntropy,
    Dense,
    GELUTanh,
    Huber,
    Identity,
    LeakyReLU,
    MeanSquaredError,
    ReLU,
    Sigmoid,
    SiLU,
    Softmax,
    Softplus,
    Tanh,
    mlp,
    parameters,
    rebuild,
)

jax = pytest.importorskip("jax")
jnp = jax.numpy

ACTIVATIONS = {
    "identity": (Identity(), lambda x: x),
    "sigmoid": (Sigmoid(), jax.nn.sigmoid),
    "tanh": (Tanh(), jnp.tanh),
    "relu": (ReLU(), jax.nn.relu),
    "leaky relu": (LeakyReLU(0.2), lambda x: jax.nn.leaky_relu(x, 0.2)),
    "elu": (ELU(1.5), lambda x: jax.nn.elu(x, 1.5)),
    "softplus": (Softplus(), jax.nn.softplus),
    "gelu": (GELU(), lambda x: jax.nn.gelu(x, approximate=False)),
    "gelu by tanh": (GELUTanh(), lambda x: jax.nn.gelu(x, approximate=True)),
    "silu": (SiLU(), jax.nn.silu),
    "softmax": (Softmax(), jax.nn.softmax),
}


def huber(y, t, delta=0.7):
    r = jnp.abs(y - t)
    return jnp.mean(jnp.where(r <= delta, r**2 / 2, delta * (r - delta / 2)))


def cross_entropy(y, p):
    return -jnp.mean(jnp.sum(p * jax.nn.log_softmax(y), axis=-1))


def binary_cross_entropy(y, t):
    return -jnp.mean(t * jax.nn.log_sigmoid(y) + (1 - t) * jax.nn.log_sigmoid(-y))


LOSSES = {  # ours, theirs, the truth for logits of a shape
    "mean squared error": (
        MeanSquaredError,
        lambda y, t: jnp.mean((y - t) ** 2),
        lambda rng, n, c: rng.normal(size=(n, c)),
    ),
    "l1": (
        L1,
        lambda y, t: jnp.mean(jnp.abs(y - t)),
        lambda rng, n, c: rng.normal(size=(n, c)),
    ),
    "huber": (lambda t: Huber(t, 0.7), huber, lambda rng, n, c: rng.normal(size=(n, c))),
    "cross-entropy": (
        CrossEntropy,
        lambda y, t: cross_entropy(y, jax.nn.one_hot(t, y.shape[1])),
        lambda rng, n, c: rng.integers(c, size=n),
    ),
    "cross-entropy, soft": (
        CrossEntropy,
        cross_entropy,
        lambda rng, n, c: rng.dirichlet(np.ones(c), size=n),
    ),
    "binary cross-entropy": (
        BinaryCrossEntropy,
        binary_cross_entropy,
        lambda rng, n, c: rng.uniform(size=(n, c)),
    ),
}

shapes = st.sampled_from([(1, 1), (1, 4), (3, 1), (3, 4), (5, 2)])  # JAX compiles for each
scales = st.sampled_from([0.1, 1.0, 10.0])


def assert_equal(ours, theirs):
    assert theirs.dtype == np.float64
    np.testing.assert_allclose(ours, theirs, rtol=1e-10, atol=1e-12)


@pytest.mark.parametrize(("layer", "theirs"), ACTIVATIONS.values(), ids=ACTIVATIONS)
@given(rng=generators, shape=shapes, scale=scales)
def test_activations(layer, theirs, rng, shape, scale):
    """Value and gradient; at a tie JAX chooses otherwise (leaky ReLU: slope 1 at zero)."""
    x, dy = rng.normal(scale=scale, size=shape), rng.normal(size=shape)
    y_theirs, (dx_theirs,) = compiled(theirs)(dy, x)
    y, backward = layer.forward(x)
    assert_equal(y, y_theirs)
    assert_equal(backward(dy)[0], dx_theirs)


@pytest.mark.parametrize(("ours", "theirs", "truth"), LOSSES.values(), ids=LOSSES)
@given(rng=generators, shape=shapes, scale=scales)
def test_losses(ours, theirs, truth, rng, shape, scale):
    """Cost, its mean and its gradient."""
    y, t = rng.normal(scale=scale, size=shape), truth(rng, *shape)
    cost_theirs, (dy_theirs, _) = compiled(theirs)(1.0, y, t)
    cost, backward = ours(t).forward(y)
    assert_equal(cost, cost_theirs)
    assert_equal(backward()[0], dy_theirs)


def affine(x, W, b):
    return x @ W + b


@given(rng=generators, n=st.sampled_from([1, 4]), shape=shapes)
def test_dense(rng, n, shape):
    """Value, and the gradients of input, weights and biases."""
    layer = Dense(W=rng.normal(size=shape), b=rng.normal(size=shape[1]))
    x, dy = rng.normal(size=(n, shape[0])), rng.normal(size=(n, shape[1]))
    y_theirs, gradients_theirs = compiled(affine)(dy, x, layer.W, layer.b)
    y, backward = layer.forward(x)
    dx, grad = backward(dy)
    assert_equal(y, y_theirs)
    for one, other in zip((dx, grad.W, grad.b), gradients_theirs, strict=True):
        assert_equal(one, other)


def decayed_network(params, x, truth):
    W1, b1, W2, b2 = params
    logits = jnp.tanh(x @ W1 + b1) @ W2 + b2
    return cross_entropy(logits, truth) + 0.3 / 2 * (jnp.sum(W1**2) + jnp.sum(W2**2))


@given(rng=generators, n=st.sampled_from([1, 5]), width=st.sampled_from([1, 4]))
def test_a_whole_network_with_decay(rng, n, width):
    """Cost and gradient of every weight and bias: weights decay, biases do not."""
    x, labels, network = rng.normal(size=(n, 3)), np.arange(n) % 4, mlp((3, width, 4), Tanh(), rng)
    network = rebuild(network, {p: a + rng.normal(size=a.shape) for p, a in parameters(network).items()})
    params = list(parameters(network).values())
    cost_theirs, (grads_theirs, *_) = compiled(decayed_network)(1.0, params, x, np.eye(4)[labels])
    cost, backward = Cost(network, CrossEntropy(labels), decay=0.3).forward(x)
    assert_equal(cost, cost_theirs)
    for g, other in zip(parameters(backward()[1].network).values(), grads_theirs, strict=True):
        assert_equal(g, other)
