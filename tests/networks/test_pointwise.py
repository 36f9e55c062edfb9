"""One layer at every place."""

from __future__ import annotations

import numpy as np
import pytest

from gradcheck import Verdict, check_gradients
from gradcheck.networks import Chain, Dense, Pointwise, Tanh


class FirstPlace(Dense):
    """Wrong: only the first row of all teaches."""

    def forward(self, x):
        y, right = super().forward(x)
        return y, lambda dy: (right(dy)[0], Dense(self.W, self.b).forward(x[:1])[1](dy[:1])[1])


def test_a_place_that_is_forgotten_is_seen(disagreements, rng):
    """In the weights and biases of the layer within."""
    layer = Pointwise(FirstPlace.random(3, 2, rng))
    assert disagreements(layer, rng.normal(size=(2, 4, 3))) == ["layer.W", "layer.b"]


@pytest.mark.parametrize("lead", [(), (1,), (2,), (2, 3), (1, 2, 2)], ids=str)
def test_every_gradient_is_the_slope(lead, rng):
    """On any number of leading axes, or none."""
    layer = Pointwise(Chain((Dense.random(3, 2, rng), Tanh())))
    x = rng.normal(size=(*lead, 3))
    report = check_gradients(layer, x)
    assert report.verdict is Verdict.CORRECT
    assert layer.forward(x)[0].shape == (*lead, 2)


def test_every_place_is_served_alike(rng):
    """As if each had been given to the layer alone."""
    dense, x = Dense.random(3, 2, rng), rng.normal(size=(4, 5, 3))
    y, _ = Pointwise(dense).forward(x)
    for n, t in np.ndindex(4, 5):
        np.testing.assert_allclose(y[n, t], dense.forward(x[n, t][np.newaxis])[0][0], rtol=1e-12)


@pytest.mark.parametrize("shape", [(0, 3), (0, 5, 3), (5, 0, 3)], ids=str)
def test_no_places_are_no_trouble(shape, rng):
    """Empty in, empty out, and zeros for the parameters."""
    y, backward = Pointwise(Dense.random(3, 2, rng)).forward(np.zeros(shape))
    dx, grad = backward(y)
    assert (y.shape, dx.shape) == ((*shape[:-1], 2), shape)
    assert not np.any(grad.layer.W)


def test_a_single_number_is_refused(rng):
    """It has no last axis."""
    with pytest.raises(ValueError, match=r"Pointwise takes x of shape \(..., I\), not a single number"):
        Pointwise(Dense.random(3, 2, rng)).forward(np.array(1.0))
