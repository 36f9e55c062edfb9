"""Where does a network meet its dense weights once, and are the shifts those of the whole network?"""

from __future__ import annotations

import numpy as np
import pytest

from gradcheck._adapters.recognise import is_layer
from gradcheck._adapters.sites import sites
from gradcheck.networks import (
    AveragePool2d,
    BatchNorm,
    Chain,
    Conv2d,
    Cost,
    CrossEntropy,
    Dense,
    Flatten,
    LayerNorm,
    ReLU,
    Softmax,
    Tanh,
    mlp,
)

RNG = np.random.default_rng(1)
X = RNG.standard_normal((6, 5))
LOSS = CrossEntropy(RNG.integers(0, 4, 6))


def found(model, x=X, loss=None, u=None):
    if u is None:
        u = np.ones(1) if loss is not None else RNG.standard_normal(model.forward(x)[0].size)
    return sites(model, {"x": x}, loss, is_layer, u)


@pytest.mark.parametrize("act", [Tanh(), ReLU(), Softmax()], ids=lambda a: type(a).__name__)
def test_shifting_a_unit_is_shifting_its_bias_in_every_row(act):
    """Softmax is no function of each entry: the next layer is given all of it anew."""
    net = mlp((5, 7, 6, 4), act, RNG)
    cost = Cost(net, LOSS)
    at = [cost.forward(X)[0]]
    for site in found(net, loss=LOSS):
        for unit in (0, 3):
            moved = {name: array.copy() for name, array in _parameters(net).items()}
            moved[site.bias][unit] += 0.1
            there = Cost(_rebuilt(net, moved), LOSS).forward(X)[0]
            change = site.shifted(np.array([unit]), np.full((1, 6), 0.1))
            assert change.sum() == pytest.approx(there - at[0], rel=1e-9)


def test_every_dense_layer_is_met_and_the_input_with_the_first():
    """Their names are those of the point."""
    assert [site.paths for site in found(mlp((5, 7, 4), Tanh(), RNG), loss=LOSS)] == [
        ["layers[0].W", "layers[0].b", "x"],
        ["layers[2].W", "layers[2].b"],
    ]


def test_an_input_before_other_layers_is_met_by_itself():
    """As that of a convolution: each number of a row is a unit."""
    net = Chain((Conv2d.random(1, 2, 3, RNG), Tanh(), Flatten(), Dense.random(8, 3, RNG)))
    first, middle, last = found(net, RNG.standard_normal((5, 1, 4, 4)))
    assert (first.paths, first.before.shape) == (["x"], (5, 16))
    assert (middle.paths, middle.before.shape) == (["layers[0].W", "layers[0].b"], (5, 8))
    assert last.paths == ["layers[3].W", "layers[3].b"]


IMAGES = RNG.standard_normal((5, 2, 6, 6))


def pictures(**moves):
    conv = Conv2d.random(2, 3, 3, RNG, **moves)
    size = AveragePool2d(2).forward(conv.forward(IMAGES)[0])[0][0].size
    return Chain((conv, Tanh(), AveragePool2d(2), Flatten(), Dense.random(size, 4, RNG)))


@pytest.mark.parametrize("moves", [{}, {"padding": 1}, {"stride": 2, "padding": 1}, {"bias": False}], ids=str)
def test_shifting_a_place_of_a_channel_is_what_its_weights_add_up_to(moves):
    """The slope in a weight is that of all places, each times what the tap saw there."""
    net, loss = pictures(**moves), CrossEntropy(RNG.integers(0, 4, 5))
    site = next(site for site in found(net, IMAGES, loss) if site.weight == "layers[0].W")
    rows, places, taps = site.rows.shape
    units, step = np.arange(site.before.shape[1]), 1e-5
    up, down = (site.shifted(units, np.full((len(units), rows), h)) for h in (step, -step))
    D = ((up - down) / (2 * step)).reshape(places, 3, rows)
    slopes = np.einsum("rpi,por->oi", site.rows, D)
    _, back = Cost(net, loss).forward(IMAGES)
    gradient = back(1.0)[1].network.layers[0].W
    np.testing.assert_allclose(slopes, gradient.reshape(3, taps), rtol=0, atol=1e-8)


def test_a_convolution_with_many_places_is_measured_otherwise():
    """To shift all of them takes longer than to move each of its few weights."""
    first, second = (Conv2d.random(1, 1, 3, RNG) for _ in range(2))
    net = Chain((first, Tanh(), second, Tanh(), Flatten(), Dense.random(3600, 2, RNG)))
    assert "layers[0].W" not in {site.weight for site in found(net, RNG.standard_normal((2, 1, 64, 64)))}


def test_channels_in_groups_are_measured_otherwise():
    """Of a kernel that hears a part of the channels, patches are no rows."""
    net = Chain((Conv2d.random(2, 4, 3, RNG, groups=2), Tanh(), Flatten(), Dense.random(64, 2, RNG)))
    assert [site.weight for site in found(net, IMAGES)] == [None, "layers[3].W"]


def test_rows_that_hear_of_one_another_are_met_nowhere():
    """What a batch norm makes of a row depends on all of them."""
    net = Chain((Dense.random(5, 4, RNG), BatchNorm(np.ones(4), np.zeros(4), None), Dense.random(4, 3, RNG)))
    assert [site.weight for site in found(net)] == ["layers[2].W"]
    assert (
        len(found(Chain((Dense.random(5, 4, RNG), LayerNorm(np.ones(4), np.zeros(4)), Dense.random(4, 3, RNG))))) == 2
    )


def test_tied_weights_are_met_nowhere():
    """One memory under two names."""
    dense = Dense.random(5, 5, RNG)
    assert found(Chain((dense, Tanh(), Dense(dense.W.T, dense.b.copy())))) == []


def test_single_precision_is_left_to_others():
    """Its differences tell too little."""
    assert found(mlp((5, 7, 4), Tanh(), RNG, dtype=np.float32), X.astype(np.float32)) == []


def _parameters(net):
    return {
        f"layers[{i}].{n}": getattr(layer, n) for i, layer in enumerate(net.layers) if hasattr(layer, "W") for n in "Wb"
    }


def _rebuilt(net, arrays):
    layers = [
        Dense(arrays[f"layers[{i}].W"], arrays[f"layers[{i}].b"]) if hasattr(layer, "W") else layer
        for i, layer in enumerate(net.layers)
    ]
    return Chain(tuple(layers))
