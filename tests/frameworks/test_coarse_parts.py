"""A part in bfloat16 or float32, in the middle of what else is computed in float64: no false verdict by its stairs."""

from __future__ import annotations

import numpy as np
import pytest

torch = pytest.importorskip("torch")
jax = pytest.importorskip("jax")
jnp = jax.numpy

from gradcheck import Verdict, check_gradients  # noqa: E402

FALSE = {Verdict.WRONG, Verdict.BROKEN}
SEEDS = range(4)


class Gated(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.q = torch.nn.Linear(6, 6).double()

    def forward(self, x):
        h = self.q(x)
        return h * torch.sigmoid(h.bfloat16()).to(x.dtype)


class Attention(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.q, self.k, self.v = (torch.nn.Linear(6, 6).double() for _ in range(3))

    def forward(self, x):
        scores = self.q(x) @ self.k(x).T / 6**0.5
        return torch.softmax(scores.float(), -1).to(x.dtype) @ self.v(x)


def given(seed, *shape):
    torch.manual_seed(seed)
    return torch.tensor(np.random.default_rng(seed).standard_normal(shape), requires_grad=True)


@pytest.mark.parametrize("seed", SEEDS)
def test_a_gate_in_bfloat16_is_not_accused(seed):
    """It is known no better than the gate is rounded, and does not cost what nothing can tell."""
    x = given(seed, 4, 6)
    report = check_gradients(Gated(), x, seed=seed)
    assert report.verdict not in FALSE, f"\n{report}"
    assert report.evaluations < 100 * 66


@pytest.mark.parametrize("seed", SEEDS)
def test_a_gate_of_jax_in_bfloat16_is_not_accused(seed):
    """Its own rounding of the sigmoid is coarser than one place."""
    x = jnp.asarray(np.random.default_rng(seed).standard_normal(6))
    report = check_gradients(lambda x: x * jax.nn.sigmoid(x.astype(jnp.bfloat16)).astype(x.dtype), x, seed=seed)
    assert report.verdict not in FALSE, f"\n{report}"


def test_a_bias_that_a_float32_softmax_cancels_claims_zero():
    """What stands there is what float32 leaves of a sum that cancels, a ten-millionth of what else moves f."""
    x = given(0, 4, 6)
    report = check_gradients(Attention(), x)
    assert report.tensors["k.bias"].verdict is Verdict.CORRECT, f"\n{report}"
    assert 0 < np.abs(report.tensors["k.bias"].claims).max() < 1e-6


def test_a_small_gradient_beside_a_float32_softmax_stays_one():
    """It does not change in the last digits of float32, and is wrong if it is."""

    def f(x, b):
        return (torch.softmax(x.float(), -1).double() * x).sum() * 3 + 1e-7 * torch.sin(b).sum()

    class Off(torch.autograd.Function):
        @staticmethod
        def forward(ctx, b):
            return b.clone()

        @staticmethod
        def backward(ctx, cotangent):
            return -cotangent

    x, b = given(1, 5), given(2, 3)
    assert check_gradients(f, x, b).tensors["b"].verdict in {Verdict.UNTESTED, Verdict.UNDECIDED, Verdict.CORRECT}
    wrong = check_gradients(lambda x, b: f(x, Off.apply(b)), x, b).tensors["b"].verdict
    assert wrong in {Verdict.UNTESTED, Verdict.UNDECIDED, Verdict.WRONG}
