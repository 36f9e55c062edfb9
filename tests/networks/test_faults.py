"""Faults are wrong, in the way they say and in no other."""

from __future__ import annotations

import numpy as np
import pytest

import gradcheck.networks
from gradcheck.networks import (
    FAULTS,
    Chain,
    Cost,
    CrossEntropy,
    Dense,
    Tanh,
    forgotten_mean,
    mlp,
    parameters,
)

X = np.random.default_rng(5).normal(size=(6, 4))
LABELS = np.array([0, 2, 1, 1, 0, 2])

every = pytest.mark.parametrize("fault", FAULTS.values(), ids=FAULTS)


@pytest.fixture
def network(rng):
    return mlp((4, 5, 3), Tanh(), rng)


def gradients(network, rows=slice(None)):
    cost, backward = Cost(network, CrossEntropy(LABELS[rows])).forward(X[rows])
    return cost, parameters(backward()[1].network)


@every
def test_a_fault_is_seen(fault, network, disagreements):
    """Some gradient of the network is no longer the slope."""
    assert disagreements(network, X) == []
    assert disagreements(fault.apply(network), X) != []


@every
def test_a_fault_hides_in_the_way_back(fault, network):
    """What the network computes is the same, bit for bit; its parameters have the same paths."""
    faulty = fault.apply(network)
    assert gradients(faulty)[0] == gradients(network)[0]
    for before, after in zip(parameters(network).items(), parameters(faulty).items(), strict=True):
        assert before[0] == after[0]
        assert before[1] is after[1]


@every
def test_a_fault_leaves_the_network_it_was_given(fault, network):
    """It is planted in a copy."""
    before = gradients(network)[1]
    fault.apply(network)
    assert all(np.array_equal(before[path], g) for path, g in gradients(network)[1].items())


@every
def test_a_fault_is_a_sentence(fault):
    """Its name is that of the function, under which it is also registered."""
    assert FAULTS[fault.name] is fault
    assert getattr(gradcheck.networks, fault.name) is fault.apply
    assert len(fault.sentence.split()) > 5


@pytest.mark.parametrize(("index", "path"), [(0, "layers[0].b"), (1, "layers[2].b"), (-1, "layers[2].b")])
def test_the_forgotten_mean_is_n_times_too_large(index, path, network):
    """In the bias of one layer, and nowhere else."""
    right, wrong = gradients(network)[1], gradients(forgotten_mean(network, index=index))[1]
    factors = {p: np.unique(np.round(wrong[p] / right[p], 9)).tolist() for p in right}
    assert factors == {p: [6.0 if p == path else 1.0] for p in right}


def test_a_batch_of_one_hides_the_forgotten_mean(network):
    """A mean over one example is its sum."""
    right, wrong = (gradients(n, slice(0, 1))[1] for n in (network, forgotten_mean(network)))
    assert all(np.array_equal(right[path], wrong[path]) for path in right)


def test_the_gradient_of_a_faulty_layer_is_of_its_own_kind(network):
    """And it is a Dense, wherever one is asked for."""
    faulty = forgotten_mean(Chain((network,)))
    y, backward = faulty.forward(X)
    inner, grad = faulty.layers[0].layers[0], backward(y)[1].layers[0].layers[0]
    assert isinstance(inner, Dense)
    assert type(inner) is not Dense
    assert type(grad) is type(inner)


@pytest.mark.parametrize("index", [2, -3])
def test_where_there_is_no_such_layer(index, network):
    """The message counts those that there are."""
    with pytest.raises(ValueError, match=f"has 2 Dense layers, none of number {index}"):
        forgotten_mean(network, index=index)
