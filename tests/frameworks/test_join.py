"""What joins layers says what PyTorch and JAX say of the same formula, in float64, to ten digits."""

from __future__ import annotations

from functools import cache

import pytest
from agreement import assert_equal, generators, noisy, tensor
from hypothesis import given, settings
from hypothesis import strategies as st

from gradcheck.networks import (
    Bilinear,
    Chain,
    Dense,
    Highway,
    MixtureOfExperts,
    Parallel,
    Pointwise,
    Repeat,
    Residual,
    Tanh,
    TiedAutoencoder,
    parameters,
)

torch = pytest.importorskip("torch")
jax = pytest.importorskip("jax")
jnp = jax.numpy

sizes = st.integers(1, 5)


@given(rng=generators, n=sizes, n_1=sizes, n_2=sizes, n_out=sizes, bias=st.booleans())
@settings(max_examples=25)
def test_bilinear_is_that_of_pytorch(rng, n, n_1, n_2, n_out, bias):
    """Value, and the gradients of both inputs, of the weights and of the bias."""
    layer = Bilinear(rng.normal(size=(n_out, n_1, n_2)), rng.normal(size=n_out) if bias else None)
    x1, x2, dy = rng.normal(size=(n, n_1)), rng.normal(size=(n, n_2)), rng.normal(size=(n, n_out))
    theirs = [tensor(a) for a in (x1, x2, *parameters(layer).values())]
    y_theirs = torch.nn.functional.bilinear(*theirs)
    y_theirs.backward(torch.tensor(dy))
    y, backward = layer.forward(x1, x2)
    *gradients, grad = backward(dy)
    assert_equal(y, y_theirs)
    for one, other in zip([*gradients, *parameters(grad).values()], theirs, strict=True):
        assert_equal(one, other.grad)


def dense(p, path, x):
    return x @ p[f"{path}.W"] + p[f"{path}.b"]


def softmax_sum(xp, p, x, experts):
    s = dense(p, "gate", x)
    e = xp.exp(s)
    shares = e / e.sum(-1)[..., None]
    return sum(shares[..., k : k + 1] * expert for k, expert in enumerate(experts))


def highway(xp, p, x):
    t = 1 / (1 + xp.exp(-dense(p, "gate", x)))
    return t * xp.tanh(dense(p, "layer.layers[0]", x)) + (1 - t) * x


def repeat(xp, p, x):
    for _ in range(3):
        x = xp.tanh(dense(p, "layer.layers[0]", x))
    return x


JOINED = {  # ours, of a width; and the formula, for PyTorch and JAX alike
    "residual": (
        lambda d, rng: Residual(Chain((Dense.random(d, d, rng), Tanh()))),
        lambda xp, p, x: x + xp.tanh(dense(p, "layer.layers[0]", x)),
    ),
    "parallel": (
        lambda d, rng: Parallel((Dense.random(d, 2, rng), Tanh(), Dense.random(d, 3, rng))),
        lambda xp, p, x: xp.concatenate([dense(p, "layers[0]", x), xp.tanh(x), dense(p, "layers[2]", x)], -1),
    ),
    "parallel, summed": (
        lambda d, rng: Parallel((Dense.random(d, d, rng), Tanh()), "sum"),
        lambda xp, p, x: dense(p, "layers[0]", x) + xp.tanh(x),
    ),
    "highway": (lambda d, rng: Highway.random(d, Tanh(), rng), highway),
    "mixture of experts": (
        lambda d, rng: MixtureOfExperts((Dense.random(d, d, rng), Tanh()), Dense.random(d, 2, rng)),
        lambda xp, p, x: softmax_sum(xp, p, x, (dense(p, "experts[0]", x), xp.tanh(x))),
    ),
    "repeat": (lambda d, rng: Repeat(Chain((Dense.random(d, d, rng), Tanh())), 3), repeat),
    "tied autoencoder": (
        lambda d, rng: TiedAutoencoder.random(d, 2, Tanh(), rng),
        lambda xp, p, x: xp.tanh(x @ p["W"] + p["b"]) @ p["W"].T + p["c"],
    ),
    "pointwise": (lambda d, rng: Pointwise(Dense.random(d, 3, rng)), lambda _, p, x: dense(p, "layer", x)),
}


@pytest.mark.parametrize(("ours", "formula"), JOINED.values(), ids=JOINED)
@given(rng=generators, n=sizes, d=sizes)
@settings(max_examples=25)
def test_every_joint_is_its_formula_in_pytorch(ours, formula, rng, n, d):
    """Value, and the gradients of the input and of every parameter."""
    layer, x = noisy(ours(d, rng), rng), rng.normal(size=(n, d))
    p, x_theirs = {path: tensor(a) for path, a in parameters(layer).items()}, tensor(x)
    y_theirs = formula(torch, p, x_theirs)
    y, backward = layer.forward(x)
    dy = rng.normal(size=y.shape)
    y_theirs.backward(torch.tensor(dy))
    dx, grad = backward(dy)
    assert_equal(y, y_theirs)
    assert_equal(dx, x_theirs.grad)
    for path, one in parameters(grad).items():
        assert_equal(one, p[path].grad)


@cache
def compiled(formula):
    def both(dy, p, x):
        y, pullback = jax.vjp(lambda p, x: formula(jnp, p, x), p, x)
        return y, pullback(dy)

    return jax.jit(both)


@pytest.mark.parametrize(("ours", "formula"), JOINED.values(), ids=JOINED)
@given(rng=generators, shape=st.sampled_from([(1, 1), (4, 3)]))
@settings(max_examples=8)
def test_every_joint_is_its_formula_in_jax(ours, formula, rng, shape):
    """Value, and the gradients of the input and of every parameter."""
    layer, x = noisy(ours(shape[1], rng), rng), rng.normal(size=shape)
    y, backward = layer.forward(x)
    dy = rng.normal(size=y.shape)
    y_theirs, (dp, dx_theirs) = compiled(formula)(dy, parameters(layer), x)
    dx, grad = backward(dy)
    assert_equal(y, y_theirs)
    assert_equal(dx, dx_theirs)
    for path, one in parameters(grad).items():
        assert_equal(one, dp[path])
