"""Gated linear units say what PyTorch and JAX say, in float64, to ten digits."""

from __future__ import annotations

import numpy as np
import pytest
from agreement import assert_equal, compiled, generators, tensor
from hypothesis import given, settings
from hypothesis import strategies as st

from gradcheck.networks import GELU, GLU, ReLU, Sigmoid, SiLU, SwiGLU, parameters

torch = pytest.importorskip("torch")
jax = pytest.importorskip("jax")
F = torch.nn.functional

GATES = {
    "glu": (Sigmoid(), torch.sigmoid),
    "reglu": (ReLU(), F.relu),
    "geglu": (GELU(), F.gelu),
    "swiglu": (SiLU(), F.silu),
}
sizes = st.integers(1, 5)


@given(rng=generators, n=sizes, half=sizes, t=sizes, axis=st.sampled_from([1, 2, -1]))
@settings(max_examples=25)
def test_glu_is_that_of_pytorch(rng, n, half, t, axis):
    """Value and gradient, along any axis."""
    x = rng.normal(scale=3, size=(n, 2 * half, t) if axis == 1 else (n, t, 2 * half))
    x_theirs = tensor(x)
    y_theirs = F.glu(x_theirs, axis)
    y, backward = GLU(axis=axis).forward(x)
    dy = rng.normal(size=y.shape)
    y_theirs.backward(torch.tensor(dy))
    assert_equal(y, y_theirs)
    assert_equal(backward(dy)[0], x_theirs.grad)


@given(rng=generators, axis=st.sampled_from([0, 1, -1]))
@settings(max_examples=10)
def test_glu_is_that_of_jax(rng, axis):
    """Value and gradient, along any axis."""
    x = rng.normal(scale=3, size=(2, 4, 6))
    y, backward = GLU(axis=axis).forward(x)
    dy = rng.normal(size=y.shape)
    y_theirs, (dx_theirs,) = compiled(jax.nn.glu, axis=axis)(dy, x)
    assert_equal(y, y_theirs)
    assert_equal(backward(dy)[0], dx_theirs)


@pytest.mark.parametrize(("gate", "theirs"), GATES.values(), ids=GATES)
@given(rng=generators, n=sizes, half=sizes)
@settings(max_examples=10)
def test_other_gates(gate, theirs, rng, n, half):
    """As PyTorch differentiates the formula."""
    x, dy = rng.normal(size=(n, 2 * half)), rng.normal(size=(n, half))
    x_theirs = tensor(x)
    a, b = x_theirs.chunk(2, dim=-1)
    (a * theirs(b)).backward(torch.tensor(dy))
    assert_equal(GLU(gate).forward(x)[1](dy)[0], x_theirs.grad)


@given(rng=generators, n=sizes, t=sizes, width=sizes, hidden=sizes)
@settings(max_examples=25)
def test_swiglu_is_its_formula(rng, n, t, width, hidden):
    """Value, and the gradients of the input and of the three matrices, as PyTorch differentiates it."""
    layer, x, dy = SwiGLU.random(width, hidden, rng), *rng.normal(size=(2, n, t, width))
    x_theirs, W, V, W2 = theirs = [tensor(a) for a in (x, *parameters(layer).values())]
    y_theirs = (F.silu(x_theirs @ W) * (x_theirs @ V)) @ W2
    y_theirs.backward(torch.tensor(dy))
    y, backward = layer.forward(x)
    dx, grad = backward(dy)
    assert_equal(y, y_theirs)
    for one, other in zip((dx, *parameters(grad).values()), theirs, strict=True):
        assert_equal(one, other.grad)


def test_the_agreement_is_not_an_empty_one():
    """The halves exchanged are not PyTorch's."""
    x = np.random.default_rng(0).normal(size=(2, 6))
    with pytest.raises(AssertionError):
        assert_equal(GLU().forward(np.roll(x, 3, axis=1))[0], F.glu(torch.tensor(x)))
