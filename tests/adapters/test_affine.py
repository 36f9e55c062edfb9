"""Is a layer known as y = x W + b by what it holds and does, and not by its name?"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import pytest

from gradcheck._adapters.affine import Affine
from gradcheck._adapters.chain import LayerCall
from gradcheck.networks import Conv1d, Conv2d, ConvTranspose1d, Dense, Embedding, LayerNorm

RNG = np.random.default_rng(2)


def met(layer, x):
    return Affine.of(LayerCall("layer", layer, x, layer.forward(x)[0]))


@pytest.mark.parametrize(
    ("layer", "x", "turned"),
    [
        (Dense.random(5, 3, RNG), RNG.standard_normal((4, 5)), False),
        (Conv1d.random(2, 3, 3, RNG, stride=2), RNG.standard_normal((4, 2, 9)), True),
        (Conv2d.random(2, 3, (2, 3), RNG, padding=1), RNG.standard_normal((4, 2, 5, 4)), True),
        (Conv2d.random(2, 3, 2, RNG, bias=False), RNG.standard_normal((4, 2, 5, 4)), True),
    ],
    ids=["dense", "signal", "image", "no bias"],
)
def test_rows_times_matrix_are_the_output(layer, x, turned):
    """Of a convolution the rows are patches, and its channels come last."""
    found = met(layer, x)
    y = layer.forward(x)[0]
    laid = y if not turned else np.moveaxis(y.reshape(*y.shape[:2], -1), 1, -1)
    np.testing.assert_allclose(found.rows @ found.matrix + found.b, laid, atol=1e-12)
    assert (found.weight, found.turned) == ("layer.W", turned)
    assert found.bias == (None if getattr(layer, "b", None) is None else "layer.b")


@dataclass(frozen=True)
class Bent:
    """Looks like a dense layer or a convolution, and bends what it gives."""

    W: np.ndarray
    b: np.ndarray

    def forward(self, x):
        inner = Dense(self.W, self.b) if self.W.ndim == 2 else Conv1d(self.W, self.b)
        return np.tanh(inner.forward(x)[0]), None


@pytest.mark.parametrize(
    ("layer", "x"),
    [
        (Bent(RNG.standard_normal((5, 3)), np.zeros(3)), RNG.standard_normal((4, 5))),
        (Bent(RNG.standard_normal((3, 2, 3)), np.zeros(3)), RNG.standard_normal((4, 2, 9))),
        (Conv2d.random(2, 4, 2, RNG, groups=2), RNG.standard_normal((4, 2, 5, 4))),
        (ConvTranspose1d.random(2, 3, 3, RNG), RNG.standard_normal((4, 2, 9))),
        (LayerNorm(np.ones(5), np.zeros(5)), RNG.standard_normal((4, 5))),
        (Embedding.random(7, 5, RNG), np.array([[1, 2], [3, 0]])),
    ],
    ids=["bent", "bent signal", "groups", "transposed", "norm", "embedding"],
)
def test_what_is_not_affine_in_patches_is_not_known(layer, x):
    """Whatever it holds."""
    assert met(layer, x) is None


def test_a_layer_that_remembers_its_batch_is_not_asked_twice():
    """What raises with another kernel is no convolution."""

    @dataclass(frozen=True)
    class Stubborn(Bent):
        def forward(self, x):
            if len(self.W) != 3:
                raise RuntimeError
            return Conv1d(self.W, self.b).forward(x)

    x = RNG.standard_normal((4, 2, 9))
    layer = Stubborn(RNG.standard_normal((3, 2, 3)), np.zeros(3))
    assert met(layer, x) is None
    assert met(Conv1d(layer.W, layer.b), x) is not None
    assert replace(layer).W is layer.W
