"""Are layers that are linear together one matrix, found out once, and no others?"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pytest

from gradcheck._adapters.affine import Affine
from gradcheck._adapters.chain import LayerCall
from gradcheck._adapters.linear_run import Links
from gradcheck.networks import AveragePool2d, Conv2d, Dense, Flatten, MaxPool2d, ReLU, Softmax, Tanh

RNG = np.random.default_rng(3)
X = RNG.standard_normal((4, 2, 6, 6))


def links(*layers, x=X):
    calls = []
    for n, layer in enumerate(layers):
        y = layer.forward(x)[0]
        calls.append(LayerCall(f"layers[{n}]", layer, x, y))
        x = y
    return Links(calls, [Affine.of(call) for call in calls])


def test_pools_convolutions_and_dense_layers_are_one_matrix():
    """Up to the first that bends; the constants of all of them are in it."""
    conv = Conv2d.random(2, 3, 3, RNG)
    shifted = Conv2d(conv.W, np.array([1.0, 2.0, 3.0]))
    every = links(AveragePool2d(2), shifted, Flatten(), Tanh(), Dense.random(3, 2, RNG))
    run = every.run(0)
    assert run.count == 3
    y, _ = run.forward(X)
    np.testing.assert_allclose(y, every.links[2].y, atol=1e-12)
    assert [getattr(part, "count", part) for part in every.shortened(0)] == [3, every.links[3], every.links[4]]


def test_a_dense_layer_is_its_own_matrix():
    """Which is not copied."""
    dense = Dense.random(5, 3, RNG)
    run = links(dense, x=RNG.standard_normal((4, 5))).run(0)
    assert run.matrix is dense.W


@dataclass(frozen=True)
class Centred:
    """Linear, but no row is made of its own numbers alone."""

    def forward(self, x):
        return x - x.mean(axis=0), None


@dataclass(frozen=True)
class Fixed:
    """Linear, of a batch of four alone."""

    def forward(self, x):
        if len(x) != 4:
            raise ValueError
        return 2 * x, None


@pytest.mark.parametrize("layer", [Tanh(), ReLU(), MaxPool2d(2), Centred(), Fixed()], ids=lambda a: type(a).__name__)
def test_what_bends_or_mixes_rows_is_no_matrix(layer):
    """It is asked as it stands."""
    every = links(layer)
    assert every.run(0) is None
    assert every.shortened(0) == every.links


def test_a_matrix_that_would_be_large_is_not_made(monkeypatch):
    """Fewer layers may do."""
    monkeypatch.setattr("gradcheck._adapters.linear_run.LINEAR", 72 * 20)
    assert links(AveragePool2d(2), Flatten()).run(0).count == 2
    monkeypatch.setattr("gradcheck._adapters.linear_run.LINEAR", 72 * 17)
    assert links(AveragePool2d(2), Flatten()).run(0) is None


def test_each_layer_is_asked_once():
    """However many sites look at what follows."""
    calls = []

    @dataclass(frozen=True)
    class Counted(Tanh):
        def forward(self, x):
            calls.append(1)
            return super().forward(x)

    every = links(Counted())
    calls.clear()
    for _ in range(3):
        assert every.by_columns(0)
        assert every.run(0) is None
    assert len(calls) <= 7


@pytest.mark.parametrize(("layer", "alike"), [(Tanh(), True), (ReLU(), True), (Softmax(), False), (Flatten(), False)])
def test_what_does_the_same_to_each_entry_is_known(layer, alike):
    """In rows of images as well."""
    assert links(layer).by_columns(0) is alike
