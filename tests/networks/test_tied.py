"""One layer, used several times."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from gradcheck import Verdict, check_gradients
from gradcheck.networks import Chain, Dense, Identity, Repeat, Tanh, parameters, summed


class LastUse(Repeat):
    """Wrong: the gradient of the first use alone, which is the last to go back."""

    def forward(self, x):
        y, _ = super().forward(x)
        ways_back = []
        for _ in range(self.times):
            x, way_back = self.layer.forward(x)
            ways_back.append(way_back)

        def backward(dy):
            for way_back in reversed(ways_back):
                dy, grad = way_back(dy)
            return dy, replace(self, layer=grad)

        return y, backward


def unit(rng):
    return Chain((Dense.random(3, 3, rng), Tanh()))


def test_a_forgotten_sum_is_seen(disagreements, rng):
    """In every parameter, while dx is right."""
    x = rng.normal(size=(2, 3))
    assert disagreements(LastUse(unit(rng), 3), x) == ["layer.layers[0].W", "layer.layers[0].b"]
    assert disagreements(LastUse(unit(rng), 1), x) == []


@pytest.mark.parametrize("times", [0, 1, 2, 5])
@pytest.mark.parametrize("n", [1, 3])
def test_every_gradient_is_the_slope(times, n, disagreements, rng):
    """However often it is used."""
    assert disagreements(Repeat(unit(rng), times), rng.normal(size=(n, 3))) == []


def test_the_checker_agrees(rng):
    """And within a chain, with another use of the same layer beside it."""
    layer = unit(rng)
    network = Chain((layer, Repeat(layer, 3), Dense.random(3, 2, rng)))
    assert check_gradients(network, rng.normal(size=(2, 3))).verdict is Verdict.CORRECT


def test_by_hand():
    """W³ x, and 3 W² x for the slope in W."""
    layer = Repeat(Dense(np.array([[2.0]]), np.zeros(1)), 3)
    y, backward = layer.forward(np.array([[5.0]]))
    dx, grad = backward(np.array([[1.0]]))
    assert (y.item(), dx.item(), grad.layer.W.item(), grad.layer.b.item()) == (40, 8, 3 * 4 * 5, 1 + 2 + 4)


def test_it_is_the_chain_with_its_gradients_added(rng):
    """A chain of the same layer has as many gradients as uses."""
    layer, x, dy = unit(rng), *rng.normal(size=(2, 4, 3))
    y, backward = Repeat(layer, 3).forward(x)
    y_chain, backward_chain = Chain((layer,) * 3).forward(x)
    (dx, grad), (dx_chain, grad_chain) = backward(dy), backward_chain(dy)
    np.testing.assert_array_equal(y, y_chain)
    np.testing.assert_array_equal(dx, dx_chain)
    added = sum(g.layers[0].W for g in grad_chain.layers)
    np.testing.assert_allclose(grad.layer.layers[0].W, added, rtol=1e-13)


def test_the_sum_of_no_gradients_is_zero(rng):
    """Of the same kind, and the layer is left alone."""
    layer = unit(rng)
    before = {path: array.tobytes() for path, array in parameters(layer).items()}
    zero = summed(layer, [])
    assert type(zero) is Chain
    assert not any(map(np.any, parameters(zero).values()))
    twice = summed(layer, iter([layer, layer]))
    np.testing.assert_array_equal(twice.layers[0].W, 2 * layer.layers[0].W)
    assert {path: array.tobytes() for path, array in parameters(layer).items()} == before


def test_a_layer_without_parameters_has_nothing_to_add():
    """It comes back as it is."""
    layer = Identity()
    assert summed(layer, [layer, layer]) is layer


def test_fewer_than_no_uses_are_refused():
    """The message says how many there may be."""
    with pytest.raises(ValueError, match=r"Repeat\(times=-1\): write how often the layer is used, 0 or more"):
        Repeat(Identity(), -1).forward(np.ones((1, 1)))
