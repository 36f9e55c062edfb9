"""The gradient of each example is what PyTorch and JAX make of it, mapping over the examples."""

from __future__ import annotations

import numpy as np
import pytest
from agreement import generators
from hypothesis import given, settings
from hypothesis import strategies as st

from gradcheck.networks import (
    Chain,
    Conv2d,
    Dense,
    Flatten,
    LayerNorm,
    ReLU,
    Tanh,
    mlp,
    parameters,
    per_example,
    pull,
    rebuild,
)

torch = pytest.importorskip("torch")
jax = pytest.importorskip("jax")
F = torch.nn.functional

sizes = st.integers(1, 5)


def stirred(network, rng):
    return rebuild(network, {p: a + rng.normal(size=a.shape) for p, a in parameters(network).items()})


def assert_equal(ours, theirs):
    for path, g in parameters(ours).items():
        scale = 1 + np.max(np.abs(theirs[path]))
        np.testing.assert_allclose(g, theirs[path], rtol=1e-10, atol=1e-12 * scale)


def of_each(cost, network, x, labels):
    tensors = {path: torch.tensor(a) for path, a in parameters(network).items()}
    gradients = torch.func.vmap(torch.func.grad(cost), in_dims=(None, 0, 0))
    return {path: g.numpy() for path, g in gradients(tensors, torch.tensor(x), torch.tensor(labels)).items()}


@settings(max_examples=25)
@given(rng=generators, n=sizes, n_in=sizes, width=sizes, n_out=sizes)
def test_dense_networks_and_torch(rng, n, n_in, width, n_out):
    """By torch.func.vmap over torch.func.grad; the lengths of the pulls too."""
    hidden = Chain((Dense.random(n_in, width, rng), LayerNorm.plain(width), Tanh(), Dense.random(width, n_out, rng)))
    network, x, labels = stirred(hidden, rng), rng.normal(size=(n, n_in)), rng.integers(n_out, size=n)

    def cost(p, x, label):
        z = F.layer_norm(x @ p["layers[0].W"] + p["layers[0].b"], (width,), p["layers[1].gamma"], p["layers[1].beta"])
        return F.cross_entropy(torch.tanh(z) @ p["layers[3].W"] + p["layers[3].b"], label)

    theirs = of_each(cost, network, x, labels)
    assert_equal(per_example(network, x, labels), theirs)
    squared = sum((g.reshape(n, -1) ** 2).sum(axis=1) for g in theirs.values())
    np.testing.assert_allclose(pull(network, x, labels).norm, np.sqrt(squared), rtol=1e-10, atol=1e-12)


@settings(max_examples=25)
@given(rng=generators, n=sizes, c=st.integers(1, 3), size=st.integers(3, 5), stride=st.integers(1, 2))
def test_convolutional_networks_and_torch(rng, n, c, size, stride):
    """Each example a group of channels, or mapped over: the same."""
    conv = Conv2d.random(c, 2, 3, rng, stride=stride, padding=1)
    width = conv.forward(np.zeros((1, c, size, size)))[0].size
    network = stirred(Chain((conv, ReLU(), Flatten(), Dense.random(width, 3, rng))), rng)
    x, labels = rng.normal(size=(n, c, size, size)), rng.integers(3, size=n)

    def cost(p, x, label):
        z = F.relu(F.conv2d(x[None], p["layers[0].W"], p["layers[0].b"], stride=stride, padding=1))
        return F.cross_entropy(z.flatten() @ p["layers[3].W"] + p["layers[3].b"], label)

    assert_equal(per_example(network, x, labels), of_each(cost, network, x, labels))


@settings(max_examples=8)
@given(rng=generators, n=sizes, n_in=sizes, width=sizes)
def test_dense_networks_and_jax(rng, n, n_in, width):
    """By jax.vmap over jax.grad."""
    network = stirred(mlp((n_in, width, 3), Tanh(), rng), rng)
    x, labels = rng.normal(size=(n, n_in)), rng.integers(3, size=n)

    def cost(p, x, label):
        logits = jax.numpy.tanh(x @ p["layers[0].W"] + p["layers[0].b"]) @ p["layers[2].W"] + p["layers[2].b"]
        return -jax.nn.log_softmax(logits)[label]

    theirs = jax.jit(jax.vmap(jax.grad(cost), in_axes=(None, 0, 0)))(parameters(network), x, labels)
    assert_equal(per_example(network, x, labels), {path: np.asarray(g) for path, g in theirs.items()})
