"""Is a tensor believed whose slopes are those of the whole function, and no other?"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pytest

from gradcheck import check_gradients
from gradcheck.networks import Dense, Tanh, mlp

RNG = np.random.default_rng(4)
X = RNG.standard_normal((8, 24))


@dataclass(frozen=True)
class Hidden:
    """A layer whose weight goes into its own input, unseen by whoever looks at calls."""

    inner: object
    rate: float

    def forward(self, x):
        W = self.inner.W
        mixed = x + self.rate * (x @ W) @ W.T
        y, back = self.inner.forward(mixed)

        def backward(dy):
            dmixed, grad = back(dy)
            both = x.T @ (dmixed @ W) + dmixed.T @ (x @ W)
            dx = dmixed + self.rate * (dmixed @ W) @ W.T
            return dx, Hidden(Dense(grad.W + self.rate * both, grad.b), self.rate)

        return y, backward


@pytest.mark.parametrize("rate", [0.0, 1e-3])
def test_a_weight_that_is_read_elsewhere_is_measured_otherwise(rate):
    """And is right, as it is found to be."""
    report = check_gradients(Hidden(Dense.random(24, 16, RNG), rate), X)
    means = report.tensors["inner.W"].means
    assert report.verdict.name == "CORRECT"
    assert (means == "one by one") == (rate > 0)


def test_a_claim_that_leaves_that_out_is_wrong():
    """The shifts have it right, and the whole function has not."""

    @dataclass(frozen=True)
    class Forgetful(Hidden):
        def forward(self, x):
            y, back = super().forward(x)
            mixed = x + self.rate * (x @ self.inner.W) @ self.inner.W.T
            inner = self.inner.forward(mixed)[1]
            return y, lambda dy: (back(dy)[0], Forgetful(inner(dy)[1], self.rate))

    report = check_gradients(Forgetful(Dense.random(24, 16, RNG), 1e-3), X)
    assert {t.name for t in report.tensors.values() if t.wrong} == {"inner.W"}


def test_tensors_of_quite_other_sizes_are_each_believed():
    """None hides in the slope of another."""
    net = mlp((24, 16, 4), Tanh(), RNG)
    net.layers[2].W[...] *= 1e-6
    report = check_gradients(net, X)
    assert {t.means for t in report.tensors.values()} == {"shifts of pre-activations"}
