"""Faults are wrong, in the way they say and in no other."""

from __future__ import annotations

import numpy as np
import pytest

from gradcheck import Verdict, check_gradients
from gradcheck.networks import (
    FAULTS,
    SPECIMENS,
    Chain,
    Cost,
    CrossEntropy,
    Dense,
    LSTMCell,
    MultiHinge,
    Tanh,
    forgotten_mean,
    mlp,
    parameters,
    specimen,
)

X = np.random.default_rng(5).normal(size=(6, 4))
LABELS = np.array([0, 2, 1, 1, 0, 2])

every = pytest.mark.parametrize("fault", FAULTS.values(), ids=FAULTS)
every_kind = pytest.mark.parametrize("kind", SPECIMENS, ids=lambda kind: kind.__name__)


@pytest.fixture
def network(rng):
    return mlp((4, 5, 3), Tanh(), rng)


def gradients(network, rows=slice(None)):
    cost, backward = Cost(network, CrossEntropy(LABELS[rows])).forward(X[rows])
    return cost, parameters(backward()[1].network)


def outputs_and_gradients(network, *inputs):
    """Everything that a network computes, forward and, along a random cotangent, backward; every array by name."""
    *outputs, backward = network.forward(*inputs)
    rng = np.random.default_rng(7)
    *dx, grad = backward(*(np.float64(1.0) if np.ndim(y) == 0 else rng.normal(size=y.shape) for y in outputs))
    given = {f"x{i}": d for i, d in enumerate(dx) if d is not None}
    return outputs, given | parameters(grad)


def changed(network, faulty, *inputs):
    """Name the gradients that a fault changes, by more than rounding."""
    right, wrong = (outputs_and_gradients(n, *inputs)[1] for n in (network, faulty))
    assert right.keys() == wrong.keys()
    assert all(right[path].shape == wrong[path].shape for path in right)
    return [p for p in right if np.max(np.abs(right[p] - wrong[p])) > 1e-10 * np.max(np.abs(right[p]))]


@every
def test_a_fault_changes_a_gradient(fault):
    """At the specimen of its kind, or, where the first call is kept, at the next point."""
    network, *inputs = specimen(fault)
    faulty = fault.apply(network)
    elsewhere = [x + 1 if x.dtype.kind == "f" else x for x in inputs]
    assert changed(network, network, *inputs) == []
    assert changed(network, faulty, *inputs) + changed(network, faulty, *elsewhere)


@every_kind
def test_the_specimens_are_right(kind):
    """So the checker says, and hardly anything in them is left untested: a fault has nowhere to hide."""
    network, *inputs = SPECIMENS[kind]()
    report = check_gradients(network, *inputs)
    untested = [name for name, tensor in report.tensors.items() if tensor.verdict is Verdict.UNTESTED]
    assert untested == (["network.layers[2].b"] if kind is MultiHinge else []), report  # it sees no shift of all scores
    assert {tensor.verdict for tensor in report.tensors.values()} <= {Verdict.CORRECT, Verdict.UNTESTED}, report


def test_a_wrong_specimen_would_be_seen():
    """The check of the specimens is not an empty one."""
    network, *inputs = SPECIMENS[LSTMCell]()
    report = check_gradients(FAULTS["lstm_carry_dropped"].apply(network), *inputs)
    assert report.verdict is Verdict.WRONG


@every_kind
def test_a_specimen_is_the_same_every_time(kind):
    """And holds a layer of its kind."""
    one, two = (outputs_and_gradients(*SPECIMENS[kind]()) for _ in range(2))
    assert all(np.array_equal(a, b) for a, b in zip(one[0], two[0], strict=True))
    assert all(np.array_equal(g, two[1][path]) for path, g in one[1].items())
    assert kind in {fault.kind for fault in FAULTS.values()}


@every
def test_a_fault_hides_in_the_way_back(fault):
    """What the network computes is the same, bit for bit; its parameters have the same paths."""
    network, *inputs = specimen(fault)
    faulty = fault.apply(network)
    right, wrong = (outputs_and_gradients(n, *inputs)[0] for n in (network, faulty))
    assert all(np.array_equal(a, b) for a, b in zip(right, wrong, strict=True))
    for before, after in zip(parameters(network).items(), parameters(faulty).items(), strict=True):
        assert before[0] == after[0]
        assert before[1] is after[1]


@every
def test_a_fault_leaves_the_network_it_was_given(fault):
    """It is planted in a copy."""
    network, *inputs = specimen(fault)
    before = outputs_and_gradients(network, *inputs)[1]
    outputs_and_gradients(fault.apply(network), *inputs)
    after = outputs_and_gradients(network, *inputs)[1]
    assert all(np.array_equal(g, after[path]) for path, g in before.items())


@every
def test_a_fault_changes_nothing_that_it_is_given(fault):
    """The gradient that is right, and the cotangent, may be used by others too."""
    network, *inputs = specimen(fault)
    *outputs, backward = fault.apply(network).forward(*inputs)
    dy = [np.float64(1.0) if np.ndim(y) == 0 else np.ones(y.shape) for y in outputs]
    for array in [*inputs, *parameters(network).values(), *(d for d in dy if isinstance(d, np.ndarray))]:
        array.flags.writeable = False
    backward(*dy)


@every
def test_a_fault_is_a_sentence(fault):
    """It is registered under its name, which is that of the function that plants it."""
    assert FAULTS[fault.name] is fault
    assert fault.apply.__name__ == fault.name
    assert fault.apply.__doc__[1:].startswith(fault.sentence[1:])
    assert len(fault.sentence.split()) > 5


def test_there_are_faults_of_every_kind():
    """Each kind of layer that has a specimen has a fault, and the other way about."""
    assert {fault.kind for fault in FAULTS.values()} == set(SPECIMENS)
    assert len({fault.sentence for fault in FAULTS.values()}) == len(FAULTS) >= 170


def test_a_fault_in_a_layer_of_several_inputs_and_outputs(rng):
    """It is given them all, and changes what it says it changes."""
    cell = LSTMCell.random(2, 3, rng)
    x, *state = rng.normal(size=(4, 2)), *rng.normal(size=(2, 4, 3))
    faulty = FAULTS["lstm_carry_not_forgotten"].apply(cell)
    assert isinstance(faulty, LSTMCell)
    assert changed(cell, faulty, x, *state) == ["x2"]


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
