"""Is a network seen as the calls of which each is given what the last returned, and no further back than that?"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pytest

from gradcheck._adapters.chain import chain
from gradcheck._adapters.recognise import is_layer
from gradcheck.networks import Chain, Cost, CrossEntropy, Dense, Repeat, Residual, Tanh, mlp

RNG = np.random.default_rng(0)
X = RNG.standard_normal((6, 5))
LOSS = CrossEntropy(RNG.integers(0, 4, 6))


def paths(model, loss=None):
    return [link.path for link in chain(model, (X,), loss, is_layer)]


def test_a_chain_is_its_layers_in_order():
    """With the loss at the end, wherever that is given."""
    net = mlp((5, 7, 4), Tanh(), RNG)
    layers = ["layers[0]", "layers[1]", "layers[2]"]
    assert paths(net) == layers
    assert paths(net, LOSS) == [*layers, "the loss"]
    assert paths(Cost(net, LOSS)) == [*(f"network.{name}" for name in layers), "loss"]


def test_what_is_added_to_the_cost_makes_it_no_chain():
    """Weight decay reads every weight a second time."""
    assert paths(Cost(mlp((5, 7, 4), Tanh(), RNG), LOSS, decay=0.1)) == []


def test_a_chain_begins_after_what_is_added_up():
    """What comes before a sum goes two ways."""
    net = Chain((Residual(Dense.random(5, 5, RNG)), Tanh(), Dense.random(5, 4, RNG)))
    assert paths(net) == ["layers[1]", "layers[2]"]


def test_a_layer_that_is_met_twice_ends_it():
    """A shift of one use says nothing of the other."""
    assert paths(Chain((Repeat(Dense.random(5, 5, RNG), 2), Tanh()))) == ["layers[1]"]


@dataclass(frozen=True)
class Doubled:
    """Twice what the layer within returns."""

    inner: Dense

    def forward(self, x):
        y, back = self.inner.forward(x)
        return 2 * y, lambda dy: back(2 * dy)


@dataclass(frozen=True)
class Raises:
    """A layer that cannot be run."""

    def forward(self, x):
        raise ValueError


@pytest.mark.parametrize("net", [Doubled(Dense.random(5, 4, RNG)), Raises()])
def test_what_is_no_chain_has_no_links(net):
    """The output is not that of the last layer, or there is none."""
    assert paths(net) == []
