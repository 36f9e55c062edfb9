"""The reference networks say what PyTorch says, in float64, to ten digits and more."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gradcheck.networks import (
    ELU,
    GELU,
    L1,
    SGD,
    Adam,
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

torch = pytest.importorskip("torch")
F = torch.nn.functional

ACTIVATIONS = {
    "identity": (Identity(), torch.clone),
    "sigmoid": (Sigmoid(), torch.sigmoid),
    "tanh": (Tanh(), torch.tanh),
    "relu": (ReLU(), F.relu),
    "leaky relu": (LeakyReLU(0.2), lambda x: F.leaky_relu(x, 0.2)),
    "elu": (ELU(1.5), lambda x: F.elu(x, 1.5)),
    "softplus": (Softplus(), lambda x: F.softplus(x, threshold=1e4)),  # 20, else: off by 2e-9
    "gelu": (GELU(), F.gelu),
    "gelu by tanh": (GELUTanh(), lambda x: F.gelu(x, approximate="tanh")),
    "silu": (SiLU(), F.silu),
    "softmax": (Softmax(), lambda x: F.softmax(x, dim=-1)),
}
LOSSES = {  # ours, theirs, the truth for logits of a shape
    "mean squared error": (MeanSquaredError, F.mse_loss, lambda rng, n, c: rng.normal(size=(n, c))),
    "l1": (L1, F.l1_loss, lambda rng, n, c: rng.normal(size=(n, c))),
    "huber": (
        lambda t: Huber(t, 0.7),
        lambda y, t: F.huber_loss(y, t, delta=0.7),
        lambda rng, n, c: rng.normal(size=(n, c)),
    ),
    "cross-entropy": (CrossEntropy, F.cross_entropy, lambda rng, n, c: rng.integers(c, size=n)),
    "cross-entropy, soft": (
        CrossEntropy,
        F.cross_entropy,
        lambda rng, n, c: rng.dirichlet(np.ones(c), size=n),
    ),
    "binary cross-entropy": (
        BinaryCrossEntropy,
        F.binary_cross_entropy_with_logits,
        lambda rng, n, c: rng.uniform(size=(n, c)),
    ),
}

sizes, scales = st.integers(1, 6), st.sampled_from([0.1, 1.0, 10.0])
generators = st.integers(0, 2**32 - 1).map(np.random.default_rng)


def tensor(array):
    return torch.tensor(array, requires_grad=np.issubdtype(array.dtype, np.floating))


def assert_equal(ours, theirs):
    np.testing.assert_allclose(ours, theirs.detach().numpy(), rtol=1e-10, atol=1e-12)


@pytest.mark.parametrize(("layer", "theirs"), ACTIVATIONS.values(), ids=ACTIVATIONS)
@given(rng=generators, n=sizes, c=sizes, scale=scales)
def test_activations(layer, theirs, rng, n, c, scale):
    """Value and gradient."""
    x, dy = rng.normal(scale=scale, size=(n, c)), rng.normal(size=(n, c))
    x_theirs = tensor(x)
    y_theirs = theirs(x_theirs)
    y_theirs.backward(torch.tensor(dy))
    y, backward = layer.forward(x)
    assert_equal(y, y_theirs)
    assert_equal(backward(dy)[0], x_theirs.grad)


@pytest.mark.parametrize(("layer", "theirs"), ACTIVATIONS.values(), ids=ACTIVATIONS)
def test_activations_at_a_tie(layer, theirs):
    """At zero, where some have a kink, we choose the slope that PyTorch chooses."""
    x = tensor(np.zeros((1, 2)))
    theirs(x).backward(torch.tensor([[1.0, 2.0]], dtype=torch.float64))
    assert_equal(layer.forward(np.zeros((1, 2)))[1](np.array([[1.0, 2.0]]))[0], x.grad)


@pytest.mark.parametrize(("ours", "theirs", "truth"), LOSSES.values(), ids=LOSSES)
@given(rng=generators, n=sizes, c=sizes, scale=scales)
def test_losses(ours, theirs, truth, rng, n, c, scale):
    """Cost, its mean and its gradient."""
    y, t = rng.normal(scale=scale, size=(n, c)), truth(rng, n, c)
    y_theirs = tensor(y)
    cost_theirs = theirs(y_theirs, torch.tensor(t))
    cost_theirs.backward()
    cost, backward = ours(t).forward(y)
    assert_equal(cost, cost_theirs)
    assert_equal(backward()[0], y_theirs.grad)


def test_l1_at_a_tie():
    """A prediction that is right pulls at nothing."""
    y = tensor(np.ones((2, 2)))
    F.l1_loss(y, torch.ones(2, 2, dtype=torch.float64)).backward()
    assert_equal(L1(np.ones((2, 2))).forward(np.ones((2, 2)))[1]()[0], y.grad)


@given(rng=generators, n=sizes, n_in=sizes, n_out=sizes)
def test_dense(rng, n, n_in, n_out):
    """Value, and the gradients of input, weights and biases."""
    layer = Dense(W=rng.normal(size=(n_in, n_out)), b=rng.normal(size=n_out))
    x, dy = rng.normal(size=(n, n_in)), rng.normal(size=(n, n_out))
    x_theirs, W, b = map(tensor, (x, layer.W, layer.b))
    y_theirs = F.linear(x_theirs, W.T, b)
    y_theirs.backward(torch.tensor(dy))
    y, backward = layer.forward(x)
    dx, grad = backward(dy)
    for one, other in ((y, y_theirs), (dx, x_theirs.grad), (grad.W, W.grad), (grad.b, b.grad)):
        assert_equal(one, other)


OPTIMISERS = {
    "sgd": (SGD(0.1), lambda p: torch.optim.SGD(p, 0.1)),
    "momentum": (SGD(0.1, momentum=0.9), lambda p: torch.optim.SGD(p, 0.1, momentum=0.9)),
    "adam": (Adam(0.01), lambda p: torch.optim.Adam(p, 0.01)),
}


@pytest.mark.parametrize(("ours", "theirs"), OPTIMISERS.values(), ids=OPTIMISERS)
@given(rng=generators, n=sizes, c=sizes)
def test_optimisers(ours, theirs, rng, n, c):
    """Five steps from the same place with the same gradients lead to the same place."""
    params, state = {"w": rng.normal(size=(n, c))}, None
    w = tensor(params["w"])
    optimiser = theirs([w])
    for _ in range(5):
        grads = {"w": rng.normal(size=(n, c))}
        params, state = ours.step(params, grads, state)
        w.grad = torch.tensor(grads["w"])
        optimiser.step()
    assert_equal(params["w"], w)


@given(rng=generators, n=sizes, width=sizes)
def test_a_whole_network_with_decay(rng, n, width):
    """Cost and gradient of every weight and bias: weights decay, biases do not."""
    x, labels, network = rng.normal(size=(n, 3)), np.arange(n) % 4, mlp((3, width, 4), Tanh(), rng)
    network = rebuild(network, {p: a + rng.normal(size=a.shape) for p, a in parameters(network).items()})
    theirs = {path: tensor(array) for path, array in parameters(network).items()}
    W1, b1, W2, b2 = theirs.values()
    logits = torch.tanh(torch.tensor(x) @ W1 + b1) @ W2 + b2
    decay = 0.3 / 2 * ((W1**2).sum() + (W2**2).sum())
    cost_theirs = F.cross_entropy(logits, torch.tensor(labels)) + decay
    cost_theirs.backward()
    cost, backward = Cost(network, CrossEntropy(labels), decay=0.3).forward(x)
    assert_equal(cost, cost_theirs)
    for path, g in parameters(backward()[1].network).items():
        assert_equal(g, theirs[path].grad)
