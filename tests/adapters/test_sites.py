"""Where does a network meet its dense weights once, and are the shifts those of the whole network?"""

from __future__ import annotations

import numpy as np
import pytest

from gradcheck._adapters.recognise import is_layer
from gradcheck._adapters.sites import sites
from gradcheck.networks import (
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
    first, last = found(net, RNG.standard_normal((5, 1, 4, 4)))
    assert (first.paths, first.before.shape) == (["x"], (5, 16))
    assert last.paths == ["layers[3].W", "layers[3].b"]


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
