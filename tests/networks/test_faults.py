"""Faults are wrong, in the way they say and in no other."""

from __future__ import annotations

import numpy as np
import pytest

from gradcheck.networks import (
    FAULTS,
    L1,
    BinaryCrossEntropy,
    Chain,
    Cost,
    CrossEntropy,
    Dense,
    Huber,
    MeanSquaredError,
    Tanh,
    forgotten_mean,
    mlp,
    parameters,
)

X = np.random.default_rng(5).normal(size=(6, 4))
TARGET = np.random.default_rng(6).normal(size=(6, 3))
LABELS = np.array([0, 2, 1, 1, 0, 2])
LOSSES = {
    MeanSquaredError: MeanSquaredError(TARGET),
    L1: L1(TARGET),
    Huber: Huber(TARGET, delta=0.7),
    BinaryCrossEntropy: BinaryCrossEntropy((TARGET > 0).astype(float)),
    CrossEntropy: CrossEntropy(LABELS),
}

every = pytest.mark.parametrize("fault", FAULTS.values(), ids=FAULTS)


@pytest.fixture
def network(rng):
    return mlp((4, 5, 3), Tanh(), rng)


def suited(fault, rng):
    """Return a right network that has a layer of the kind that the fault concerns."""
    plain = fault.kind in {Dense, Chain, Cost, *LOSSES}
    chain = mlp((4, 5, 3), Tanh() if plain else fault.kind(), rng)
    if fault.kind in {Cost, *LOSSES}:
        return Cost(chain, LOSSES.get(fault.kind, LOSSES[CrossEntropy]), decay=0.02)
    return chain


def gradients(network, rows=slice(None)):
    cost, backward = Cost(network, CrossEntropy(LABELS[rows])).forward(X[rows])
    return cost, parameters(backward()[1].network)


@every
def test_a_fault_is_seen(fault, rng, disagreements):
    """Some gradient of the network is no longer the slope, at the second point at least."""
    network = suited(fault, rng)
    assert disagreements(network, X) == []
    faulty = fault.apply(network)
    y, backward = faulty.forward(X + 1)
    backward(np.ones_like(y))
    assert disagreements(faulty, X) != []


@every
def test_a_fault_hides_in_the_way_back(fault, rng):
    """What the network computes is the same, bit for bit; its parameters have the same paths."""
    network = suited(fault, rng)
    faulty = fault.apply(network)
    assert np.array_equal(faulty.forward(X)[0], network.forward(X)[0])
    for before, after in zip(parameters(network).items(), parameters(faulty).items(), strict=True):
        assert before[0] == after[0]
        assert before[1] is after[1]


@every
def test_a_fault_leaves_the_network_it_was_given(fault, rng):
    """It is planted in a copy."""
    network = suited(fault, rng)
    before = network.forward(X)[1](np.float64(1.0) if isinstance(network, Cost) else np.ones((6, 3)))
    fault.apply(network)
    after = network.forward(X)[1](np.float64(1.0) if isinstance(network, Cost) else np.ones((6, 3)))
    assert np.array_equal(before[0], after[0])
    assert all(np.array_equal(g, parameters(after[1])[path]) for path, g in parameters(before[1]).items())


@every
def test_a_fault_is_a_sentence(fault):
    """It is registered under its name, which is that of the function that plants it."""
    assert FAULTS[fault.name] is fault
    assert fault.apply.__name__ == fault.name
    assert fault.apply.__doc__[1:].startswith(fault.sentence[1:])
    assert len(fault.sentence.split()) > 5


def test_there_are_faults_of_every_kind():
    """Of layers with parameters, of activations, of losses, and of what joins them."""
    kinds = {fault.kind for fault in FAULTS.values()}
    assert kinds >= {Dense, Chain, Cost, Tanh, *LOSSES}
    assert len(FAULTS) >= 25


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
